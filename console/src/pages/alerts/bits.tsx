// Pieces that alerts, rules, devices and water have in common: a level with colour, sign and word, values a rule saw, a question with a form, pages, tabs.
import { AlertFilled, BellOutlined, ExclamationCircleOutlined, ExperimentOutlined, InfoCircleOutlined, WarningOutlined } from '@ant-design/icons';
import { type CSSProperties, type ReactNode, useEffect, useRef } from 'react';
import type { AlertState, Input, Severity } from '~/api/alerts';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/alerts';
import { useLang } from '~/state/prefs';
import { useChangeQuery } from '~/state/url';
import { Mark, type Tone } from '~/ui/Bits';
import { moment, number, short } from '~/ui/format';
import { To } from '~/ui/To';
import { useSaw } from './saw';
import '~/ui/chart.css';
import './bits.css';
import '../returns/shared.css';
import '~/proof/proof.css';

texts('alerts', words);

const signs = [<AlertFilled key="1" />, <WarningOutlined key="2" />, <ExclamationCircleOutlined key="3" />, <BellOutlined key="4" />];
/** Colour, sign and word together; the highest level pulses while nobody has seen it. */
export function SeverityMark({ of, pulse }: { of: Severity; pulse?: boolean }) {
  const lang = useLang();
  return <span className={pulse && of.rank === 1 ? 'sev pulse' : 'sev'} style={{ '--sev': of.colour } as CSSProperties} data-testid="severity" data-severity={of.id}>{signs[of.rank - 1] ?? <InfoCircleOutlined />}{say(of.title, lang)}</span>;
}
export const stateTone: Record<AlertState, Tone> = { raised: 'bad', acknowledged: 'accent', shelved: 'near', cleared: 'good' };

export const Simulated = () => {
  const { t } = useTranslation();
  return <span data-testid="simulated"><Mark tone="clash" icon={<ExperimentOutlined />} title={t('alerts.simulatedHow')}>{t('common.simulated')}</Mark></span>;
};

/** UN/ECE codes as people write them. */
const symbols: Record<string, string> = { M1: 'mg/L', CEL: '°C', C62: '', MTR: 'm', MMT: 'mm', CMT: 'cm', P1: '%', GQ: 'µg/m³', '2N': 'dB', MTS: 'm/s', KMH: 'km/h', DD: '°', VLT: 'V', HPA: 'hPa', A97: 'hPa', MIN: 'min', SEC: 's', KGM: 'kg', KWH: 'kWh', KMT: 'km', MTQ: 'm³', MQS: 'm³/s' };
export const symbol = (unit: string | null | undefined) => (unit ? (symbols[unit] ?? unit) : '');
export function Value({ value, unit }: { value: unknown; unit?: string | null }) {
  const { t } = useTranslation();
  if (value === null || value === undefined || value === '') return <span className="note">{t('common.missing')}</span>;
  if (typeof value === 'number') return <span className="num">{number(value)}{symbol(unit) && <small>{symbol(unit)}</small>}</span>;
  if (typeof value === 'boolean') return <>{t(value ? 'common.yes' : 'common.no')}</>;
  return <span className="any-value">{typeof value === 'string' ? value : JSON.stringify(value)}</span>;
}
/** A category of CAP or of a pack, in words; one nobody translated stays as it is written. */
export function useCategory() {
  const { t } = useTranslation();
  return (category: string) => t(`alerts.categories.${category}`, { defaultValue: category });
}
/** A moment in short, in full on hover. */
export function At({ of }: { of: string | null | undefined }) {
  const lang = useLang();
  return of ? <time dateTime={of} title={moment(of, lang)} className="nowrap">{short(of)}</time> : <>—</>;
}
/** What a rule saw: name, value, when. */
export function Inputs({ of }: { of: Input[] }) {
  const { t } = useTranslation();
  const lang = useLang();
  const saw = useSaw(of);
  if (saw.length === 0) return <p className="note">{t('alerts.noInputs')}</p>;
  return (
    <table className="plain inputs" data-testid="inputs">
      <thead><tr><th scope="col">{t('alerts.input')}</th><th scope="col">{t('alerts.value')}</th><th scope="col">{t('alerts.observedAt')}</th></tr></thead>
      <tbody>{saw.map((i, n) => <tr key={n}><td title={i.name}>{say(i.title, lang) || i.name}</td><td><Value value={i.value} unit={i.unit} /></td><td><At of={i.observedAt} /></td></tr>)}</tbody>
    </table>
  );
}
export const InputsLine = ({ of }: { of: Input[] }) => {
  const lang = useLang();
  const saw = useSaw(of);
  return <span className="inputs-line">{saw.map((i, n) => <span key={n}>{say(i.title, lang) || i.name} <b><Value value={i.value} unit={i.unit} /></b></span>)}</span>;
};

/** A question over the page; Esc closes it unless something would be lost. */
export function Ask({ title, close, children, keep, wide, testid }: { title: ReactNode; close: () => void; children: ReactNode; keep?: boolean; wide?: boolean; testid?: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} className={wide ? 'ask ask-wide' : 'ask'} aria-labelledby="ask-title" onClose={close} onCancel={(e) => keep && e.preventDefault()} data-testid={testid ?? 'ask'}>
      <div className="ask-body"><h2 id="ask-title">{title}</h2>{children}</div>
    </dialog>
  );
}

/** A remark in brackets, as each language writes them; a title and what it is of. */
export const paren = (text: string | number, lang: 'zh' | 'en') => (lang === 'zh' ? `（${text}）` : ` (${text})`);
export const titled = (what: string, of: string, lang: 'zh' | 'en') => `${what}${lang === 'zh' ? '：' : ': '}${of}`;

export const PAGE = 50;
export function Pager({ page, total, size = PAGE }: { page: number; total: number; size?: number }) {
  const { t } = useTranslation();
  const change = useChangeQuery();
  const pages = Math.max(1, Math.ceil(total / size));
  if (pages <= 1) return null;
  const go = (n: number) => change({ page: n <= 1 ? null : String(n) }, true);
  return (
    <nav className="pages" aria-label={t('common.page', { page, pages })}>
      <button type="button" className="btn small" disabled={page <= 1} onClick={() => go(page - 1)} data-testid="page-prev">{t('common.prev')}</button>
      <span>{t('common.page', { page, pages })}</span>
      <button type="button" className="btn small" disabled={page >= pages} onClick={() => go(page + 1)} data-testid="page-next">{t('common.next')}</button>
    </nav>
  );
}

export function Tabs({ label, at, tabs }: { label: string; at: string; tabs: { key: string; href: string; name: ReactNode }[] }) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((x) => <To key={x.key} href={x.href} aria-current={at === x.key ? 'page' : undefined} data-testid={`tab-${x.key}`}>{x.name}</To>)}
    </nav>
  );
}

/** Chips with how many; one at a time, kept in the address. */
export function Chips({ label, options, value, set, testid }: { label: string; options: { value: string; name: ReactNode; n?: number | undefined }[]; value: string; set: (value: string | null) => void; testid: string }) {
  return (
    <div className="chips" role="group" aria-label={label}>
      {options.map((o) => <button key={o.value} type="button" aria-pressed={value === o.value} onClick={() => set(value === o.value ? null : o.value)} data-testid={`${testid}-${o.value || 'open'}`}>{o.name}{o.n !== undefined && <b>{number(o.n)}</b>}</button>)}
    </div>
  );
}

/** `datetime-local` speaks the reader's own time, the server UTC. */
export const toLocal = (d: Date) => new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
export const fromLocal = (text: string) => (text && !Number.isNaN(new Date(text).getTime()) ? new Date(text).toISOString() : '');
