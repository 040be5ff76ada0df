// Data as others write it. Tried first: what would be changed and what cannot be read, before anything is recorded.
import { useMutation } from '@tanstack/react-query';
import { UploadOutlined } from '@ant-design/icons';
import { useState } from 'react';
import type { ImportResult } from '~/api/water';
import { type ApiError, request, useVerb } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { Mark } from '~/ui/Bits';
import { number } from '~/ui/format';
import { ErrorBox } from '~/ui/State';
import { toast } from '~/ui/toast';
import { Ask } from '../alerts/bits';

const SHOWN = 50;
const words = (v: unknown) => (v === null || v === undefined ? '—' : typeof v === 'string' ? v : JSON.stringify(v));
// A list of entities, or `{ entities, sections }` where it says which section each one is.
const asked = (text: string) => { const it: unknown = JSON.parse(text); return JSON.stringify(Array.isArray(it) ? { entities: it } : it); };
const send = (text: string, dry: boolean) => request<ImportResult>('/api/water/import', { method: 'POST', raw: asked(text), type: 'application/json', ...(dry ? { params: { dry: true } } : {}) });

export function Import({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [tried, setTried] = useState('');
  const [fault, setFault] = useState('');
  const dry = useMutation<ImportResult, ApiError, string>({ mutationFn: (body) => send(body, true) });
  const real = useVerb((body: string) => send(body, false), (d) => {
    toast.ok(t('water.imported', { n: d.readings.length }));
    close();
  });
  const change = (next: string) => {
    setText(next);
    setFault('');
  };
  const check = () => {
    try {
      const parsed: unknown = JSON.parse(text);
      if (!Array.isArray(parsed) && !Array.isArray((parsed as { entities?: unknown } | null)?.entities)) return setFault(t('water.notList'));
    } catch (error) {
      return setFault(t('water.badJson', { why: (error as Error).message }));
    }
    setTried(text);
    dry.mutate(text);
  };
  const d = dry.data;
  const current = d !== undefined && tried === text;
  return (
    <Ask title={t('water.import')} close={close} keep={text !== ''} wide testid="import">
      <div className="form">
        <p className="note">{t('water.importHow')}</p>
        <label className="btn import-file"><UploadOutlined /> {t('water.file')}<input className="sr" type="file" accept=".json,.jsonld,application/json" onChange={(e) => void e.target.files?.[0]?.text().then(change)} data-testid="import-file" /></label>
        <label><span>{t('water.paste')}</span><textarea className="input mono" rows={7} value={text} spellCheck={false} onChange={(e) => change(e.target.value)} aria-invalid={fault !== ''} data-testid="import-text" />{fault && <span className="field-error" role="alert">{fault}</span>}</label>
        {dry.error && tried === text && <ErrorBox error={dry.error} />}
        {real.error && <ErrorBox error={real.error} />}
        {current && <Outcome of={d} />}
        {d && !current && <p className="note">{t('water.again')}</p>}
        <div className="row">
          <button type="button" className="btn" onClick={close}>{t('common.cancel')}</button>
          <button type="button" className={current ? 'btn' : 'btn primary'} disabled={!text.trim() || dry.isPending} onClick={check} data-testid="import-dry">{t('water.dry')}</button>
          {current && d.readings.length > 0 && <button type="button" className="btn primary" disabled={real.isPending} onClick={() => real.mutate(text)} data-testid="import-ok">{t('water.doImport', { n: d.readings.length })}</button>}
        </div>
      </div>
    </Ask>
  );
}

function Outcome({ of: d }: { of: ImportResult }) {
  const { t } = useTranslation();
  const lang = useLang();
  return (
    <div className="import-out" role="status" data-testid="import-out">
      <p className="share-words"><Mark tone="good">{t('water.readings')} {number(d.readings.length)}</Mark><Mark tone="near">{t('water.corrections')} {number(d.corrections.length)}</Mark><Mark tone={d.refused.length ? 'bad' : 'none'}>{t('water.refused')} {number(d.refused.length)}</Mark></p>
      {d.readings.length === 0 && <p>{t('water.nothing')}</p>}
      {d.refused.length > 0 && (
        <div className="chart-table" tabIndex={0} role="region" aria-label={t('water.refused')}><table className="plain" data-testid="import-refused"><thead><tr><th scope="col">{t('water.entity')}</th><th scope="col">{t('water.refused')}</th></tr></thead>
          <tbody>{d.refused.slice(0, SHOWN).map((r, i) => <tr key={i}><td>{r.entity}</td><td>{typeof r.reason === 'string' ? r.reason : say(r.reason, lang)}</td></tr>)}</tbody></table></div>
      )}
      {d.corrections.length === 0 ? <p className="note">{t('water.noCorrections')}</p> : (
        <div className="chart-table" tabIndex={0} role="region" aria-label={t('water.corrections')}><table className="plain" data-testid="import-corrections"><thead><tr><th scope="col">{t('water.entity')}</th><th scope="col">{t('water.was')}</th><th scope="col">{t('water.became')}</th><th scope="col">{t('water.whyCol')}</th></tr></thead>
          <tbody>{d.corrections.slice(0, SHOWN).map((c, i) => <tr key={i}><td>{c.entity}</td><td><code>{words(c.was)}</code></td><td><code>{words(c.became)}</code></td><td title={c.code}>{say(c, lang)}</td></tr>)}</tbody></table></div>
      )}
      {Math.max(d.corrections.length, d.refused.length) > SHOWN && <p className="note">{t('water.showing', { n: SHOWN })}</p>}
    </div>
  );
}
