// What waits for this post in cases: whose turn it is, what is to be countersigned, decided and read, and what was told to it.
import { BellOutlined } from '@ant-design/icons';
import { type ReactNode, useState } from 'react';
import type { CaseRow } from '~/api/cases';
import { post, useApi, useVerb } from '~/api/client';
import { useTranslation } from '~/i18n';
import { CaseMarks } from '~/pages/cases/shared';
import { useLang } from '~/state/prefs';
import { useActorName } from '~/state/session';
import { useAsOf } from '~/state/url';
import { Mark, type Tone } from '~/ui/Bits';
import { ago, moment } from '~/ui/format';
import { Section } from '~/ui/Page';
import { ErrorBox, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { toast } from '~/ui/toast';

type Notice = { id: string; subject: string; text: string; about: string | null; link: string | null; at: string; by: string; severity: string; readAt: string | null; simulated: boolean };
type WorkAnswer = {
  mine: CaseRow[]; approvals: CaseRow[]; asks: CaseRow[]; delegated: CaseRow[]; unread: { case: CaseRow; by: string; at: string }[]; notices: Notice[];
  counts: { mine: number; overdue: number; approvals: number; asks: number; unread: number; notices: number };
};
const SHOWN = 20;
const rank = { red: 0, yellow: 1, green: 2, none: 3, paused: 4, done: 5 } as const;
/** The most urgent first: late ones, then those whose term ends next. */
const urgent = (a: CaseRow, b: CaseRow) => rank[a.light] - rank[b.light] || (a.dueAt ?? '9').localeCompare(b.dueAt ?? '9') || a.since.localeCompare(b.since);

export function Cases() {
  const { t } = useTranslation();
  const lang = useLang();
  const who = useActorName();
  const past = useAsOf() !== null;
  const query = useApi<WorkAnswer>('/api/work', undefined, { asOf: false });
  return (
    <Read query={query} skeleton={<Skeleton rows={5} height={56} testid="work-loading" />}>
      {(w) => (
        <>
          {past && <p className="open-note">{t('work.past')}</p>}
          <ul className="work-counts" data-testid="work-counts">
            {(['mine', 'overdue', 'approvals', 'asks', 'unread', 'notices'] as const).map((k) => <li key={k} className={w.counts[k] === 0 ? 'zero' : k === 'overdue' ? 'late' : ''} data-testid={`count-${k}`}><a href={`#work-${k === 'overdue' ? 'mine' : k}`}><b>{w.counts[k]}</b><span>{t(`work.${k}`)}</span></a></li>)}
          </ul>
          <Group name="mine" total={w.counts.mine} rows={w.mine} none={t('work.mineNone')} extra={<To href="/cases?mine=1" data-testid="work-mine-all">{t('work.mineAll')}</To>} />
          <Group name="approvals" total={w.counts.approvals} rows={w.approvals} />
          <Group name="asks" total={w.counts.asks} rows={w.asks} />
          <Group name="unread" total={w.counts.unread} rows={w.unread.map((u) => u.case)} note={(i) => { const u = w.unread[i]; return u && `${t('work.from', { who: who(u.by) })} · ${ago(u.at, lang)}`; }} />
          <Group name="delegated" total={w.delegated.length} rows={w.delegated} />
          <Notices unread={w.notices} count={w.counts.notices} past={past} />
        </>
      )}
    </Read>
  );
}

function Group({ name, total, rows, none, note, extra }: { name: string; total: number; rows: CaseRow[]; none?: string; note?: (at: number) => ReactNode; extra?: ReactNode }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [all, setAll] = useState(false);
  if (rows.length === 0 && !none) return <span id={`work-${name}`} />;
  const ordered = rows.map((row, at) => ({ row, at }));
  if (!note) ordered.sort((a, b) => urgent(a.row, b.row));
  return (
    <Section id={`work-${name}`} title={t(`work.${name}`)} note={total > 0 ? total : undefined} extra={total > 0 && extra} testid={`work-${name}`}>
      {rows.length === 0 ? <p className="note">{none}</p> : (
        <ul className="work-cases panel">
          {ordered.slice(0, all ? undefined : SHOWN).map(({ row: c, at }) => (
            <li key={c.id}>
              <To href={`/cases/${c.id}`} data-testid="work-case" data-id={c.id}>
                {c.thumbnail && <img src={`/api/files/${c.thumbnail}/thumbnail`} alt="" loading="lazy" width={56} height={42} />}
                <span className="work-case-words"><strong>{c.title}</strong><small>{[c.number, c.streetName ?? c.address, c.organisation?.name].filter(Boolean).join(' · ')}</small><small>{note?.(at) ?? t('work.since', { t: ago(c.since, lang) })}</small></span>
                <CaseMarks of={c} />
              </To>
            </li>
          ))}
        </ul>
      )}
      {!all && rows.length > SHOWN && <button type="button" className="link work-more" onClick={() => setAll(true)} data-testid={`work-${name}-more`}>{t('work.more', { n: rows.length - SHOWN })}</button>}
    </Section>
  );
}

const tones: Record<string, Tone> = { urgent: 'bad', warning: 'near' };

function Notices({ unread, count, past }: { unread: Notice[]; count: number; past: boolean }) {
  const { t } = useTranslation();
  const [older, setOlder] = useState(false);
  const history = useApi<{ notices: Notice[]; total: number }>(older ? '/api/notices' : null, { limit: 100 }, { asOf: false });
  const one = useVerb((id: string) => post<unknown>(`/api/notices/${encodeURIComponent(id)}/read`), undefined);
  const every = useVerb(() => post<unknown>('/api/notices/read-all'));
  const rows = older ? (history.data?.notices ?? unread) : unread;
  const read = (id: string) => one.mutate(id, { onError: toast.error });
  return (
    <Section id="work-notices" title={t('work.notices')} note={count > 0 ? count : undefined} testid="work-notices" extra={
      <span className="work-notice-verbs">
        {count > 0 && !past && <button type="button" className="btn small" disabled={every.isPending} onClick={() => every.mutate(undefined, { onError: toast.error })} data-testid="notices-read-all">{t('work.readAll')}</button>}
        <button type="button" className="btn small" aria-pressed={older} onClick={() => setOlder(!older)} data-testid="notices-older">{older ? t('work.hideOlder') : t('work.older')}</button>
      </span>
    }>
      {older && history.error && <ErrorBox error={history.error} retry={() => void history.refetch()} />}
      {rows.length === 0 ? <p className="note">{older ? t('work.noticesNone') : t('work.unreadNone')}</p> : (
        <ul className="work-notices panel">{rows.map((n) => <One key={n.id} of={n} busy={one.isPending} past={past} read={() => read(n.id)} />)}</ul>
      )}
    </Section>
  );
}

function One({ of, busy, past, read }: { of: Notice; busy: boolean; past: boolean; read: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const word = ['info', 'notice', 'warning', 'urgent'].includes(of.severity) ? t(`work.severity.${of.severity}`) : of.severity;
  // Whoever opens what a notice is about has read it.
  const opened = () => { if (!of.readAt && !past) read(); };
  return (
    <li className={of.readAt ? 'read' : ''} data-testid="notice" data-id={of.id}>
      <BellOutlined aria-hidden="true" />
      <div>
        <p className="work-notice-head">{of.link?.startsWith('/') ? <To href={of.link} onClick={opened} data-testid="notice-open">{of.subject}</To> : <strong>{of.subject}</strong>} <Mark tone={tones[of.severity] ?? 'none'}>{word}</Mark>{of.simulated && <Mark tone="clash">{t('work.simulated')}</Mark>}</p>
        {of.text && <p className="work-notice-text">{of.text}</p>}
        <small>{of.by} · <span title={moment(of.at, lang)}>{ago(of.at, lang)}</span>{of.readAt && ` · ${t('work.readAt', { at: moment(of.readAt, lang) })}`}</small>
      </div>
      {!of.readAt && !past && <button type="button" className="btn small" disabled={busy} onClick={read} data-testid="notice-read">{t('work.read')}</button>}
    </li>
  );
}
