// The verbs the server offers for an alert. What needs nothing is one tap; the rest asks in the form the server describes.
import { useState } from 'react';
import type { Alert, Field, Verb } from '~/api/alerts';
import { post, useApi, useVerb } from '~/api/client';
import type { EntityPage } from '~/api/types';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { localId } from '~/ui/format';
import { ErrorBox } from '~/ui/State';
import { toast } from '~/ui/toast';
import { Ask, fromLocal, paren, toLocal } from './bits';

const direct = (v: Verb) => v.primary && !v.form.some((f) => f.required);
const act = (id: string, verb: string, body: Record<string, string>) => post<Alert>(`/api/alerts/${encodeURIComponent(id)}/${verb}`, body);

export function Verbs({ of, small }: { of: Alert; small?: boolean }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [asked, setAsked] = useState<Verb | null>(null);
  const send = useVerb((v: Verb) => act(of.id, v.name, {}), (_, v) => toast.ok(t('alerts.done', { what: say(v.title, lang) })));
  const verbs = of.verbs.filter((v) => v.name !== 'open-case' || !of.case);
  const look = (v: Verb) => (small ? (v.primary ? 'btn small primary' : 'link') : v.primary ? 'btn primary' : v.danger ? 'btn danger' : 'btn');
  return (
    <>
      {verbs.map((v) => <button key={v.name} type="button" className={look(v)} disabled={send.isPending} aria-label={small ? `${say(v.title, lang)} ${of.title}` : undefined}
        onClick={() => (direct(v) ? send.mutate(v, { onError: toast.error }) : setAsked(v))} data-testid={`alert-${v.name}`}>{say(v.title, lang)}</button>)}
      {asked && <VerbForm of={of} verb={asked} close={() => setAsked(null)} />}
    </>
  );
}

function VerbForm({ of, verb, close }: { of: Alert; verb: Verb; close: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const only = (f: Field) => (f.choices?.length === 1 ? (f.choices[0]?.value ?? '') : '');
  const [values, setValues] = useState<Record<string, string>>(() => Object.fromEntries(verb.form.map((f) => [f.name, f.kind === 'instant' ? toLocal(new Date(Date.now() + 3_600_000)) : only(f)])));
  const [tried, setTried] = useState(false);
  const bad = (f: Field) => tried && f.required && !values[f.name]?.trim();
  const send = useVerb((body: Record<string, string>) => act(of.id, verb.name, body), () => {
    toast.ok(t('alerts.done', { what: say(verb.title, lang) }));
    close();
  });
  const submit = () => {
    setTried(true);
    if (verb.form.some((f) => f.required && !values[f.name]?.trim())) return;
    const entries = verb.form.map((f): [string, string] => [f.name, f.kind === 'instant' ? fromLocal(values[f.name] ?? '') : (values[f.name] ?? '').trim()]);
    send.mutate(Object.fromEntries(entries.filter(([, v]) => v)));
  };
  return (
    <Ask title={say(verb.title, lang)} close={close}>
      <form className="form" noValidate onSubmit={(e) => { e.preventDefault(); submit(); }}>
        <p>{of.title}</p>
        {verb.consequence && <p className="note">{say(verb.consequence, lang)}</p>}
        {verb.form.map((f) => (
          <div className="field" key={f.name}>
            <label><span>{say(f.title, lang)}{!f.required && paren(t('alerts.noteOptional'), lang)}</span>
              <Entry field={f} value={values[f.name] ?? ''} set={(v) => setValues({ ...values, [f.name]: v })} bad={bad(f)} />
            </label>
            {f.kind === 'instant' && <Untils set={(v) => setValues({ ...values, [f.name]: v })} />}
            {f.hint && <small className="note">{say(f.hint, lang)}</small>}
            {bad(f) && <span className="field-error" role="alert">{t('alerts.need')}</span>}
          </div>
        ))}
        {send.error && <ErrorBox error={send.error} />}
        <div className="row"><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="submit" className={verb.danger ? 'btn danger' : 'btn primary'} disabled={send.isPending} data-testid="ask-ok">{say(verb.title, lang)}</button></div>
      </form>
    </Ask>
  );
}

function Untils({ set }: { set: (v: string) => void }) {
  const { t } = useTranslation();
  const morning = () => {
    const d = new Date();
    d.setDate(d.getDate() + 1);
    d.setHours(9, 0, 0, 0);
    return d;
  };
  const later = (hours: number) => new Date(Date.now() + hours * 3_600_000);
  return (
    <div className="row-verbs">
      <button type="button" className="btn small" onClick={() => set(toLocal(later(1)))} data-testid="until-1h">{t('alerts.until.h1')}</button>
      <button type="button" className="btn small" onClick={() => set(toLocal(later(4)))}>{t('alerts.until.h4')}</button>
      <button type="button" className="btn small" onClick={() => set(toLocal(morning()))}>{t('alerts.until.morning')}</button>
    </div>
  );
}

function Entry({ field: f, value, set, bad }: { field: Field; value: string; set: (v: string) => void; bad: boolean }) {
  const { t } = useTranslation();
  const lang = useLang();
  const common = { className: 'input', value, 'aria-invalid': bad, 'data-testid': `ask-${f.name}` };
  if (f.kind === 'organisation') return <Organisations value={value} set={set} bad={bad} testid={`ask-${f.name}`} />;
  if (f.kind === 'choice') return <select {...common} onChange={(e) => set(e.target.value)}><option value="">{t('alerts.choose')}</option>{(f.choices ?? []).map((c) => <option key={c.value} value={c.value}>{say(c.title, lang)}</option>)}</select>;
  if (f.kind === 'instant') return <input {...common} type="datetime-local" onChange={(e) => set(e.target.value)} />;
  if (f.kind === 'text') return <textarea {...common} rows={3} maxLength={2000} onChange={(e) => set(e.target.value)} />;
  return <input {...common} onChange={(e) => set(e.target.value)} />;
}

function Organisations({ value, set, bad, testid }: { value: string; set: (v: string) => void; bad: boolean; testid: string }) {
  const { t } = useTranslation();
  const { data } = useApi<EntityPage>('/api/entities', { type: 'Organization', limit: 500, sort: 'name' }, { staleTime: 300_000 });
  const known = (data?.rows ?? []).filter((r) => !['company', 'alliance', 'university'].includes(String(r.values.orgKind)));
  return <select className="input" value={value} onChange={(e) => set(e.target.value)} aria-invalid={bad} data-testid={testid}><option value="">{t('alerts.choose')}</option>{known.map((r) => <option key={r.id} value={localId(r.id)}>{r.name}</option>)}</select>;
}
