import { useEffect, useId, useRef, useState } from 'react';
import { ApiError, upload } from '~/api/client';
import type { CaseInfo, FormField, Kept, VerbInfo } from '~/api/cases';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { ErrorBox } from '~/ui/State';
import { toast } from '~/ui/toast';
import { type Flow, useFlows, useRoles, useSpoken } from './lookups';
import { CasePick } from './pick/Case';
import { type Control, OrganisationPick } from './pick/Organisation';
import { PostsPick } from './pick/Posts';
import { StarsPick } from './pick/Stars';

/** Whose turn it will be after a verb: organisations and posts that hold these roles are offered first. */
function takers(verb: string, of: CaseInfo, flow: Flow | undefined, asked: string): string[] {
  if (asked) return [asked];
  const to = flow?.commands.find((c) => c.name === verb)?.to;
  const next = flow?.states.find((s) => s.name === to)?.holder ?? [];
  if (next.length > 0) return next;
  if (verb === 'transfer' || verb === 'delegate') return of.role ? [of.role] : [];
  return [...new Set((flow?.states ?? []).flatMap((s) => s.holder))];
}

/** The form of a verb, as the server describes it. What was typed stays when the verb is refused. */
export function VerbForm({ of, verb, busy, error, send, close }: { of: CaseInfo; verb: VerbInfo; busy: boolean; error: ApiError | null; send: (body: Record<string, unknown>) => void; close: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const id = useId();
  const spoken = useSpoken();
  const flow = useFlows().data?.workflows.find((w) => w.id === of.workflow);
  const box = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState<Record<string, string>>({});
  const [files, setFiles] = useState<Kept[]>([]);
  const [tried, setTried] = useState(false);
  const set = (name: string, value: string) => setValues((v) => ({ ...v, [name]: value }));
  const lacks = verb.form.filter((f) => f.required && (f.kind === 'files' ? files.length === 0 : !(values[f.name] ?? '').trim()));
  const roles = takers(verb.name, of, flow, values.role ?? '');
  // The form opens above what was being read: the keyboard and the eye go there.
  useEffect(() => {
    box.current?.querySelector<HTMLElement>('input, select, textarea')?.focus({ preventScroll: true });
    const top = box.current?.getBoundingClientRect().top ?? 0;
    if (top < 60 || top > window.innerHeight - 240) box.current?.scrollIntoView({ block: 'start' });
  }, []);
  const submit = () => {
    setTried(true);
    if (lacks.length > 0) return;
    const body: Record<string, unknown> = {};
    for (const f of verb.form) {
      const value = (values[f.name] ?? '').trim();
      if (f.kind === 'files') { if (files.length > 0) body.files = files.map(({ sha256, name }) => ({ sha256, name })); } else if (!value) continue;
      else if (f.kind === 'number' || f.kind === 'stars') body[f.name] = Number(value);
      else if (f.kind === 'posts') body[f.name] = value.split(/\s+/);
      else if (f.kind === 'instant') body[f.name] = new Date(value).toISOString();
      else body[f.name] = value;
    }
    send(body);
  };
  const take = async (list: FileList | null) => {
    for (const file of list ?? []) {
      try {
        const kept = await upload<Kept>('/api/files', file, { name: file.name });
        setFiles((f) => [...f, { ...kept, name: kept.name || file.name }]);
      } catch (problem) { toast.error(problem); }
    }
  };
  return (
    <form ref={box} className="verb-form panel" noValidate data-testid={`form-${verb.name}`} onSubmit={(e) => { e.preventDefault(); submit(); }}>
      <h2>{say(verb.title, lang)}</h2>
      {verb.consequence && <p className="note">{say(verb.consequence, lang)}</p>}
      {verb.form.map((f) => {
        const bad = tried && lacks.includes(f);
        const own = `${id}-${f.name}`;
        const control: Control = { id: own, name: f.name, value: values[f.name] ?? '', bad, set: (v) => set(f.name, v) };
        return (
          <div key={f.name} className="verb-field">
            <label htmlFor={own}>{f.kind === 'person' ? t('desk.pick.personTitle') : say(f.title, lang)}{f.required ? <b aria-hidden="true"> *</b> : <small className="note"> {t('desk.optional')}</small>}</label>
            <Control field={f} control={control} of={of} verb={verb.name} roles={roles} files={files} take={take} />
            {bad && <span className="field-error" role="alert">{t('desk.needed')}</span>}
          </div>
        );
      })}
      {error && <ErrorBox error={new ApiError(error.status, error.code, error.title, spoken(error.detail), error.findings)} />}
      <div className="verb-end"><button type="submit" className="btn primary" disabled={busy} data-testid="verb-ok">{t('desk.submit')}</button><button type="button" className="btn" onClick={close}>{t('desk.cancel')}</button></div>
    </form>
  );
}

/** What a field is filled with. */
function Control({ field: f, control, of, verb, roles, files, take }: { field: FormField; control: Control; of: CaseInfo; verb: string; roles: string[]; files: Kept[]; take: (list: FileList | null) => Promise<void> }) {
  const { t } = useTranslation();
  const lang = useLang();
  const all = useRoles();
  const { id, value, set, bad } = control;
  const common = { id, className: 'input', value, 'aria-invalid': bad, 'data-testid': `field-${f.name}` };
  const list = (options: { value: string; label: string }[]) => <select {...common} onChange={(e) => set(e.target.value)}><option value="">{t('desk.choose')}</option>{options.map((o) => <option key={o.value} value={o.value}>{o.label}</option>)}</select>;
  switch (f.kind) {
    case 'organisation': return <OrganisationPick {...control} roles={roles} />;
    case 'posts': return <PostsPick {...control} roles={roles} single={verb === 'delegate'} />;
    case 'role': return list(all);
    case 'case': return <CasePick {...control} of={of} />;
    case 'stars': return <StarsPick name={f.name} value={value} set={set} />;
    case 'state': case 'choice': return list(f.choices.map((c) => ({ value: c.value, label: say(c.title, lang) })));
    case 'person': return <><input {...common} maxLength={60} autoComplete="off" placeholder={t('desk.pick.person')} onChange={(e) => set(e.target.value.replace(/[\s/@]/g, ''))} /><small className="note">{t('desk.pick.personHint')}</small></>;
    case 'files': return <><input id={id} type="file" accept="image/*,application/pdf" capture="environment" multiple aria-invalid={bad} onChange={(e) => void take(e.target.files)} data-testid="field-files" /><small className="note">{files.length > 0 ? files.map((x) => x.name).join('、') : t('desk.filesHint')}</small></>;
    case 'instant': return <input {...common} type="datetime-local" onChange={(e) => set(e.target.value)} />;
    case 'number': return <span className="row"><input {...common} type="number" inputMode="numeric" min={1} onChange={(e) => set(e.target.value)} />{f.hint && <small className="note">{t('desk.termNow', { t: say(f.hint, lang) })}</small>}</span>;
    default: return f.name === 'note' ? <textarea {...common} rows={3} maxLength={2000} onChange={(e) => set(e.target.value)} /> : <input {...common} type="text" maxLength={200} onChange={(e) => set(e.target.value)} />;
  }
}
