// Pieces that returns, tasks, reports and comments have in common: who acted, what was done in order, who may do what this post may not.
import { SwapOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/returns';
import { post as postStore, useLang } from '~/state/prefs';
import { useSession } from '~/state/session';
import { RecordTag } from '~/ui/Bits';
import { moment } from '~/ui/format';
import './shared.css';
import '~/proof/proof.css';

texts('returns', words);

/** `clerk@bureau-kgsx` as people say it. */
export function useActor(): (actor: string) => string {
  const lang = useLang();
  const { data } = useSession();
  return (actor) => {
    const [role = '', organisation = ''] = actor.split('@');
    const known = data?.posts.find((p) => p.role === role);
    if (!known) return actor;
    const name = data?.posts.flatMap((p) => p.organisations).find((o) => o.id === organisation)?.name ?? organisation;
    return name ? `${say(known.title, lang)} · ${name}` : say(known.title, lang);
  };
}

export type StepView = { at: string; by: string; verb: string; note?: string | null; seq: number | null };

/** What was done, in order, each with its record. */
export function Steps({ steps, word, waiting }: { steps: StepView[]; word: (verb: string) => string; waiting?: ReactNode }) {
  const lang = useLang();
  const actor = useActor();
  return (
    <ol className="steps" data-testid="steps">
      {steps.map((s, i) => (
        <li key={i} data-testid="step" data-verb={s.verb}>
          <strong>{word(s.verb)}</strong> {s.seq !== null && <RecordTag seq={s.seq} />}
          <div className="note">{actor(s.by)}<br />{moment(s.at, lang)}</div>
          {s.note && <blockquote>{s.note}</blockquote>}
        </li>
      ))}
      {waiting && <li className="wait">{waiting}</li>}
    </ol>
  );
}

/** Who can do what this post cannot; while posts are declared, one click takes such a post. */
export function WhoCan({ verb, what, organisation, role, switching = true }: { verb: string; what: string; organisation?: string; role?: string; switching?: boolean }) {
  const { t } = useTranslation();
  const lang = useLang();
  const { data } = useSession();
  const able = (data?.posts ?? []).filter((p) => p.verbs.includes(verb) && (!role || p.role === role));
  if (!data || able.length === 0) return null;
  const place = (p: (typeof able)[number]) => p.organisations.find((o) => o.id === organisation) ?? (p.level === 'fill' || p.level === 'street' ? (organisation ? undefined : p.organisations[0]) : p.organisations[0]);
  return (
    <p className="who-can" data-testid="who-can">
      <span>{t('returns.whoCan', { what })} <strong>{able.map((p) => say(p.title, lang) + (organisation && place(p)?.id === organisation ? `（${place(p)?.name}）` : '')).join(lang === 'zh' ? '、' : ', ')}</strong></span>
      {switching && data.open && able.map((p) => {
        const at = place(p);
        return at && <button key={p.role} type="button" className="btn small" onClick={() => postStore.set(`${p.role}@${at.id}`)} data-testid={`become-${p.role}`}><SwapOutlined /> {t('returns.become', { post: say(p.title, lang) })}</button>;
      })}
    </p>
  );
}
