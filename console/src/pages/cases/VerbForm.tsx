import { useId, useState } from 'react';
import { type ApiError, upload } from '~/api/client';
import type { Kept, VerbInfo } from '~/api/cases';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useSession } from '~/state/session';
import { ErrorBox } from '~/ui/State';
import { toast } from '~/ui/toast';

/** The form of a verb, as the server describes it. What was typed stays when the verb is refused. */
export function VerbForm({ verb, busy, error, send, close }: { verb: VerbInfo; busy: boolean; error: ApiError | null; send: (body: Record<string, unknown>) => void; close: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const session = useSession();
  const id = useId();
  const [values, setValues] = useState<Record<string, string>>({});
  const [files, setFiles] = useState<Kept[]>([]);
  const [tried, setTried] = useState(false);
  const set = (name: string, value: string) => setValues((v) => ({ ...v, [name]: value }));
  const parties = (session.data?.posts ?? []).flatMap((p) => p.organisations);
  const organisations = parties.filter((o, i) => parties.findIndex((x) => x.id === o.id) === i);
  const lacks = verb.form.filter((f) => f.required && (f.kind === 'files' ? files.length === 0 : !(values[f.name] ?? '').trim()));
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
        setFiles((f) => [...f, kept]);
      } catch (problem) { toast.error(problem); }
    }
  };
  return (
    <form className="verb-form panel" data-testid={`form-${verb.name}`} onSubmit={(e) => { e.preventDefault(); submit(); }}>
      <strong>{say(verb.title, lang)}</strong>
      {verb.consequence && <p className="note">{say(verb.consequence, lang)}</p>}
      {verb.form.map((f) => {
        const bad = tried && lacks.includes(f);
        const common = { 'data-testid': `field-${f.name}`, 'aria-invalid': bad, value: values[f.name] ?? '' };
        return (
          <label key={f.name} htmlFor={`${id}-${f.name}`}>
            <span>{say(f.title, lang)}{f.required && <b aria-hidden="true"> *</b>}{f.hint && <small className="note"> {say(f.hint, lang)}</small>}</span>
            {f.kind === 'text' && f.name === 'note' ? <textarea id={`${id}-${f.name}`} className="input" rows={3} maxLength={2000} {...common} onChange={(e) => set(f.name, e.target.value)} />
              : f.kind === 'organisation' ? <select id={`${id}-${f.name}`} className="input" {...common} onChange={(e) => set(f.name, e.target.value)}><option value="">{t('desk.choose')}</option>{organisations.map((o) => <option key={o.id} value={o.id}>{o.name}</option>)}</select>
                : f.kind === 'state' || f.kind === 'choice' ? <select id={`${id}-${f.name}`} className="input" {...common} onChange={(e) => set(f.name, e.target.value)}><option value="">{t('desk.choose')}</option>{f.choices.map((c) => <option key={c.value} value={c.value}>{say(c.title, lang)}</option>)}</select>
                  : f.kind === 'files' ? <><input id={`${id}-${f.name}`} type="file" accept="image/*,application/pdf" capture="environment" multiple onChange={(e) => void take(e.target.files)} data-testid="field-files" /><small className="note">{files.length > 0 ? files.map((x) => x.name).join('、') : t('desk.filesHint')}</small></>
                    : f.kind === 'instant' ? <input id={`${id}-${f.name}`} className="input" type="datetime-local" {...common} onChange={(e) => set(f.name, e.target.value)} />
                      : <input id={`${id}-${f.name}`} className="input" type={f.kind === 'number' || f.kind === 'stars' ? 'number' : 'text'} min={1} max={f.kind === 'stars' ? 5 : undefined} placeholder={f.kind === 'posts' ? t('desk.postsHint') : undefined} {...common} onChange={(e) => set(f.name, e.target.value)} />}
            {bad && <span className="field-error" role="alert">{t('desk.needed')}</span>}
          </label>
        );
      })}
      {error && <ErrorBox error={error} />}
      <div className="row"><button type="submit" className="btn primary" disabled={busy} data-testid="verb-ok">{t('desk.submit')}</button><button type="button" className="btn" onClick={close}>{t('desk.cancel')}</button></div>
    </form>
  );
}
