// The form of a type: one column, grouped as its pack groups it, checked where the person is and all at once on submit, drafts kept.
import { Select } from 'antd';
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useApi } from '~/api/client';
import type { AttributeInfo, EntityPage, TypeInfo } from '~/api/types';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { localId } from '~/ui/format';
import { Mark } from '~/ui/Bits';
import { blank, type Fault, fault, type Held, hold, isGeo, listed } from './fields';
import { type Entity, isRef, useNames } from './model';
import { unitWord } from './Value';

export type Values = Record<string, Held>;

export function EntityForm({ type, entity, draftKey, before, submit, busy, failed, cancel }: {
  type: TypeInfo; entity: Entity | null; draftKey: string; before?: ReactNode; submit: (values: Values, changed: string[]) => void; busy: boolean; failed?: ReactNode; cancel: () => void;
}) {
  const { t } = useTranslation();
  const lang = useLang();
  const initial: Values = Object.fromEntries(type.attributes.map((a) => [a.name, hold(a, entity)]));
  const [start] = useState(initial);
  const [draft] = useState<Values | null>(() => readDraft(draftKey));
  const [values, setValues] = useState<Values>({ ...start, ...draft });
  const [tried, setTried] = useState(false);
  const [touched, setTouched] = useState<Set<string>>(new Set());
  const faultsBox = useRef<HTMLDivElement>(null);
  const changed = type.attributes.map((a) => a.name).filter((n) => JSON.stringify(values[n]) !== JSON.stringify(start[n]));
  useEffect(() => {
    try {
      if (changed.length) sessionStorage.setItem(draftKey, JSON.stringify(Object.fromEntries(changed.map((n) => [n, values[n]]))));
      else sessionStorage.removeItem(draftKey);
    } catch {
      /* no room for drafts: the form still works */
    }
  }, [values]);
  const faults = type.attributes.map((a) => [a, fault(a, values[a.name])] as const).filter((x): x is readonly [AttributeInfo, Fault] => x[1] !== null);
  const grouped = new Set(type.form.flatMap((g) => g.fields));
  const rest = type.attributes.map((a) => a.name).filter((n) => !grouped.has(n));
  const groups = [...type.form.map((g) => ({ title: say(g.title, lang), fields: g.fields })), ...(rest.length ? [{ title: type.form.length ? t('data.other') : '', fields: rest }] : [])];
  const set = (name: string, held: Held) => setValues((v) => ({ ...v, [name]: held }));
  const send = (e: FormEvent) => {
    e.preventDefault();
    setTried(true);
    if (faults.length) {
      requestAnimationFrame(() => faultsBox.current?.focus());
      return;
    }
    submit(values, changed);
  };
  return (
    <form className="form" onSubmit={send} noValidate data-testid="entity-form">
      {draft && <p className="draft-note">{t('data.draft')} <button type="button" className="link" onClick={() => { setValues(start); }}>{t('data.dropDraft')}</button></p>}
      {tried && faults.length > 0 && (
        <div className="fix-list" role="alert" tabIndex={-1} ref={faultsBox} data-testid="form-faults">
          <strong>{t('data.fix', { n: faults.length })}</strong>
          <ul>{faults.map(([a, f]) => <li key={a.name}><a href={`#f-${a.name}`} onClick={(e) => { e.preventDefault(); document.getElementById(`f-${a.name}`)?.focus(); }}>{say(a.title, lang)}</a>：{t(`data.bad.${f.key}`, f.values ?? {})}</li>)}</ul>
        </div>
      )}
      {before}
      {groups.map((g) => (
        <fieldset key={g.title} className="plain-set">
          {g.title && <legend>{g.title}</legend>}
          {g.fields.map((n) => {
            const a = type.attributes.find((x) => x.name === n);
            if (!a) return null;
            const found = fault(a, values[n]);
            const shown = found && (tried || (touched.has(n) && !blank(values[n]))) ? t(`data.bad.${found.key}`, found.values ?? {}) : '';
            return <Field key={n} of={a} held={values[n] ?? ''} set={(h) => set(n, h)} bad={shown} left={() => setTouched((s) => new Set(s).add(n))} />;
          })}
        </fieldset>
      ))}
      {failed}
      <div className="form-end">
        <button type="submit" className="btn primary" disabled={busy} data-testid="form-save">{t('data.save')}</button>
        <button type="button" className="btn" onClick={cancel} data-testid="form-cancel">{t('data.cancel')}</button>
      </div>
    </form>
  );
}
function readDraft(key: string): Values | null {
  try {
    const text = sessionStorage.getItem(key);
    return text ? (JSON.parse(text) as Values) : null;
  } catch {
    return null;
  }
}

function Field({ of: a, held, set, bad, left }: { of: AttributeInfo; held: Held; set: (held: Held) => void; bad: string; left: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const id = `f-${a.name}`;
  const common = { id, 'aria-invalid': bad ? true : undefined, 'aria-describedby': `${id}-note`, onBlur: left, 'data-testid': `field-${a.name}` } as const;
  const text = Array.isArray(held) ? held.join('\n') : held;
  const choices = a.codes?.map((c) => ({ value: c.code, label: say(c.title, lang) })) ?? null;
  let input: ReactNode;
  if (a.kind === 'relationship') input = <RelationField of={a} held={held} set={set} id={id} />;
  else if (choices && a.many) input = <Select id={id} mode="multiple" value={Array.isArray(held) ? held : []} onChange={(v: string[]) => set(v)} options={choices} placeholder={t('data.choose')} aria-label={say(a.title, lang)} style={{ width: '100%' }} />;
  else if (choices) input = <select {...common} className="input" value={text} onChange={(e) => set(e.target.value)}><option value="">{t('data.choose')}</option>{choices.map((c) => <option key={c.value} value={c.value}>{c.label}</option>)}</select>;
  else if (a.kind === 'boolean') input = <select {...common} className="input" value={text} onChange={(e) => set(e.target.value)}><option value="">{t('data.choose')}</option><option value="true">{t('common.yes')}</option><option value="false">{t('common.no')}</option></select>;
  else if (a.kind === 'point') input = <PointField id={id} held={text} set={set} left={left} common={common} />;
  else if (a.kind === 'json' || a.kind === 'language' || isGeo(a)) input = <textarea {...common} className="input mono" rows={5} value={text} onChange={(e) => set(e.target.value)} spellCheck={false} />;
  else if (listed(a)) input = <textarea {...common} className="input" rows={3} value={text} placeholder={t('data.onePerLine')} onChange={(e) => set(e.target.value.split('\n'))} />;
  else if (a.kind === 'date') input = <input {...common} className="input" type="date" value={text.slice(0, 10)} onChange={(e) => set(e.target.value)} />;
  else if (a.kind === 'datetime') input = <input {...common} className="input" type="datetime-local" step={1} value={localTime(text)} onChange={(e) => set(e.target.value ? new Date(e.target.value).toISOString() : '')} />;
  else if (a.kind === 'number' || a.kind === 'integer') input = <input {...common} className="input" inputMode="decimal" value={text} onChange={(e) => set(e.target.value)} />;
  else if (text.length > 60 || text.includes('\n')) input = <textarea {...common} className="input" rows={3} value={text} onChange={(e) => set(e.target.value)} />;
  else input = <input {...common} className="input" value={text} onChange={(e) => set(e.target.value)} />;
  return (
    <div className="field">
      <label className="label" htmlFor={a.kind === 'point' ? `${id}-lon` : id}>{say(a.title, lang)}{a.required && <span className="need">{t('data.required')}</span>}{a.classification !== 'public' && <Mark tone="near">{t(`data.sensitive.${a.classification}`)}</Mark>}</label>
      <div className="with-unit">{input}{unitWord(a, lang) && <span>{unitWord(a, lang)}</span>}</div>
      <div id={`${id}-note`} className="note">{a.description ? say(a.description, lang) : ''}{a.example !== null && a.example !== undefined && ` ${t('data.example', { x: typeof a.example === 'object' ? JSON.stringify(a.example) : String(a.example) })}`}{bad && <div className="bad" role="alert">{bad}</div>}</div>
    </div>
  );
}
const localTime = (text: string) => {
  const d = new Date(text);
  return text && !Number.isNaN(d.getTime()) ? new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 19) : '';
};

function PointField({ id, held, set, left, common }: { id: string; held: string; set: (held: string) => void; left: () => void; common: object }) {
  const { t } = useTranslation();
  const [lon = '', lat = ''] = held.split(',').map((x) => x.trim());
  const put = (a: string, b: string) => set(a || b ? `${a}, ${b}` : '');
  return (
    <div className="row">
      <input {...common} id={`${id}-lon`} className="input" inputMode="decimal" style={{ flex: 1 }} aria-label={t('data.lon')} placeholder={t('data.lon')} value={lon} onChange={(e) => put(e.target.value, lat)} onBlur={left} />
      <input className="input" inputMode="decimal" style={{ flex: 1 }} aria-label={t('data.lat')} placeholder={t('data.lat')} value={lat} onChange={(e) => put(lon, e.target.value)} onBlur={left} />
    </div>
  );
}

function RelationField({ of: a, held, set, id }: { of: AttributeInfo; held: Held; set: (held: Held) => void; id: string }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text), 200);
    return () => clearTimeout(timer);
  }, [text]);
  const query = useApi<EntityPage>(a.to[0] ? '/api/entities' : null, { type: a.to[0] ?? '', search: asked, limit: 30 });
  const chosen = (Array.isArray(held) ? held : [held]).filter(Boolean);
  const names = useNames(chosen.filter(isRef));
  const found = query.data?.rows.map((r) => ({ value: r.id, label: r.name || localId(r.id) })) ?? [];
  const options = [...found, ...chosen.filter((c) => !found.some((f) => f.value === c)).map((c) => ({ value: c, label: names[c] ?? localId(c) }))];
  if (!a.to[0]) return <input id={id} className="input" value={chosen.join(' ')} onChange={(e) => set(listed(a) ? e.target.value.split(' ') : e.target.value)} data-testid={`field-${a.name}`} />;
  const common = { id, showSearch: { filterOption: false, onSearch: setText }, options, placeholder: t('data.searchEntity'), style: { width: '100%' }, 'aria-label': say(a.title, lang), 'data-testid': `field-${a.name}`, allowClear: true, loading: query.isFetching } as const;
  return listed(a)
    ? <Select {...common} mode="multiple" value={chosen} onChange={(v: string[]) => set(v)} />
    : <Select {...common} value={chosen[0] ?? null} onChange={(v: string | null) => set(v ?? '')} />;
}
