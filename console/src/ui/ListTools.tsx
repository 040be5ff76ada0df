// Search field, choice chips and exports that stand above every list; what they say is in the address.
import { DownloadOutlined, SearchOutlined } from '@ant-design/icons';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { download, type Params } from '~/api/client';
import { useTranslation } from '~/i18n';
import { useChangeQuery, useQueryState } from '~/state/url';
import { toast } from './toast';

/** Typing waits a moment before the address follows. */
export function SearchField({ name = 'search', label, testid, resets }: { name?: string; label: string; testid?: string; resets?: string }) {
  const [value] = useQueryState(name);
  const change = useChangeQuery();
  const [typed, setTyped] = useState(value);
  const sent = useRef(value);
  useEffect(() => {
    if (value !== sent.current) {
      sent.current = value;
      setTyped(value);
    }
  }, [value]);
  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed;
      change({ [name]: typed || null, ...(resets ? { [resets]: null } : {}) });
    }, 250);
    return () => clearTimeout(timer);
  }, [typed, change, name, resets]);
  return (
    <label className="search-field">
      <SearchOutlined aria-hidden="true" /><span className="sr">{label}</span>
      <input className="input" type="search" value={typed} placeholder={label} onChange={(e) => setTyped(e.target.value)} data-testid={testid ?? 'search'} />
    </label>
  );
}

/** A filter in the address; `first` is what stands when nothing is chosen, "all" unless told. */
export function Choice({ name, label, options, testid, first }: { name: string; label: string; options: { value: string; label: string }[]; testid?: string; first?: string }) {
  const { t } = useTranslation();
  const [value, set] = useQueryState(name);
  return (
    <label className="choice"><span>{label}</span>
      <select className="input" value={value} onChange={(e) => set(e.target.value)} data-testid={testid ?? `choice-${name}`}>
        <option value="">{first ?? t('common.all')}</option>
        {options.map((o) => <option key={o.value} value={o.value}>{o.label}</option>)}
      </select>
    </label>
  );
}

export function Exports({ path, params = {}, name }: { path: string; params?: Params; name: string }) {
  const { t } = useTranslation();
  const save = (format: 'csv' | 'xlsx') => void download(path, { ...params, format }, `${name}.${format}`).catch(toast.error);
  return (
    <>
      <button type="button" className="btn" onClick={() => save('xlsx')} data-testid="export-xlsx"><DownloadOutlined /> {t('common.exportXlsx')}</button>
      <button type="button" className="btn" onClick={() => save('csv')} data-testid="export-csv">{t('common.exportCsv')}</button>
    </>
  );
}
export const Tools = ({ children }: { children: ReactNode }) => <div className="list-tools" role="search">{children}</div>;
