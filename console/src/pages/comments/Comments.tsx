import { ClockCircleOutlined, WarningOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { post, useApi, useVerb } from '~/api/client';
import type { Comment } from '~/api/types';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/comments';
import { useActor, WhoCan } from '~/pages/returns/shared';
import { useLang } from '~/state/prefs';
import { useMyPost } from '~/state/session';
import { useAsOf, useChangeQuery, useQueryState } from '~/state/url';
import { Code, Mark, type Tone } from '~/ui/Bits';
import { date, moment } from '~/ui/format';
import { SearchField, Tools } from '~/ui/ListTools';
import { Page } from '~/ui/Page';
import { Empty, ErrorBox, Read, Skeleton } from '~/ui/State';
import { indicatorHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import './comments.css';
import '../returns/shared.css';

texts('comments', words);

const tone: Record<Comment['state'], Tone> = { received: 'near', replied: 'accent', published: 'good' };
const days = (due: string) => Math.round((new Date(due).getTime() - new Date(new Date().toISOString().slice(0, 10)).getTime()) / 86_400_000);

export default function Comments() {
  const { t } = useTranslation();
  const mine = useMyPost();
  const asOf = useAsOf();
  const may = mine?.verbs.includes('comment.reply') ?? false;
  const query = useApi<{ comments: Comment[] }>(may ? '/api/comments' : null);
  const [search] = useQueryState('search');
  const [state, setState] = useQueryState('state');
  const change = useChangeQuery();
  const frame = { title: t('comments.title'), sub: t('comments.sub'), testid: 'comments', verbs: <To className="btn" href="/public#comments">{t('comments.openPublic')}</To> };
  if (!may) return <Page {...frame}><WhoCan verb="comment.reply" what={t('comments.who')} /></Page>;
  const needle = search.trim().toLowerCase();
  const all = query.data?.comments ?? [];
  const rest = all.filter((c) => !needle || [c.text, c.aboutTitle, c.name, c.code].some((x) => x?.toLowerCase().includes(needle)));
  const is = (c: Comment, s: string) => (s === 'overdue' ? c.overdue : c.state === s);
  // What is overdue stands first, then what is due soonest; what is done last.
  const rank = (c: Comment) => ({ received: 0, replied: 1, published: 2 })[c.state];
  const shown = rest.filter((c) => !state || is(c, state)).sort((a, b) => rank(a) - rank(b) || (a.state === 'received' ? a.due.localeCompare(b.due) : b.at.localeCompare(a.at)));
  return (
    <Page {...frame}>
      <Tools>
        <SearchField label={t('comments.search')} testid="comments-search" />
        <div className="chip-row" role="group" aria-label={t('comments.state')}>
          {(['overdue', 'received', 'replied', 'published'] as const).map((s) => <button key={s} type="button" className="chip-btn" aria-pressed={state === s} onClick={() => setState(state === s ? null : s)} data-testid={`state-${s}`}><Mark tone={s === 'overdue' ? 'bad' : tone[s]}>{s === 'overdue' ? t('comments.overdue') : t(`comments.states.${s}`)}</Mark> <b>{rest.filter((c) => is(c, s)).length}</b></button>)}
        </div>
        {query.data && <span className="tools-end" data-testid="total">{t('common.total', { n: shown.length })}</span>}
      </Tools>
      <Read query={query} skeleton={<Skeleton rows={4} height={110} />}>
        {() => all.length === 0 ? <Empty title={t('comments.none')}>{t('comments.noneDo')}</Empty>
          : shown.length === 0 ? <Empty title={t('common.empty.noMatch')} action={<button type="button" className="btn" onClick={() => change({ search: null, state: null })}>{t('common.clear')}</button>}>{t('common.empty.noMatchDo')}</Empty>
            : <ul className="comment-list">{shown.map((c) => <Item key={c.id} of={c} past={asOf !== null} />)}</ul>}
      </Read>
    </Page>
  );
}

function Item({ of, past }: { of: Comment; past: boolean }) {
  const { t } = useTranslation();
  const lang = useLang();
  const actor = useActor();
  const mine = useMyPost();
  const [open, setOpen] = useState(false);
  const [asking, setAsking] = useState(false);
  const publish = useVerb(() => post<Comment>(`/api/comments/${encodeURIComponent(of.id)}/publish`, {}), () => toast.ok(t('comments.published')));
  const left = days(of.due);
  return (
    <li className={`panel comment${of.overdue ? ' overdue' : ''}`} data-testid="comment" data-state={of.state} data-overdue={of.overdue}>
      <div className="comment-head">
        <Mark tone={tone[of.state]}>{t(`comments.states.${of.state}`)}</Mark>
        {of.overdue && <span data-testid="overdue"><Mark tone="bad" icon={<WarningOutlined />}>{Number.isNaN(left) ? t('comments.overdue') : t('comments.overdueBy', { n: Math.max(1, -left) })}</Mark></span>}
        {of.state === 'received' && !of.overdue && !Number.isNaN(left) && <Mark icon={<ClockCircleOutlined />}>{t('comments.dueIn', { n: left })}</Mark>}
        <strong>{of.about && !of.about.startsWith('e-') ? <To href={indicatorHref(of.about)}>{of.aboutTitle}</To> : of.about ? <To href={`/reports/${of.about}`}>{of.aboutTitle}</To> : of.aboutTitle}</strong>
      </div>
      <p className="comment-text">{of.text}</p>
      <p className="note">{of.name}{of.at && <> · {t('comments.at', { at: moment(of.at, lang) })}</>}{of.due && <> · {t('comments.due', { at: date(of.due, lang) })}</>}{of.code && <> · {t('comments.code')} <Code>{of.code}</Code></>}</p>
      {of.reply && !open && (
        <blockquote className="comment-reply"><Mark tone={of.reply.decision === 'adopted' ? 'good' : 'none'}>{t(`comments.decisions.${of.reply.decision}`)}</Mark> {of.reply.text}<footer>{t('comments.reason')}：{of.reply.reason}　<span className="note">{t('comments.replied', { by: actor(of.reply.by), at: moment(of.reply.at, lang) })}</span></footer></blockquote>
      )}
      {open ? <ReplyForm of={of} close={() => setOpen(false)} /> : of.state !== 'published' && (past ? <p className="note">{t('comments.past')}</p> : (
        <div className="row">
          <button type="button" className={of.state === 'received' ? 'btn primary' : 'btn'} onClick={() => { setOpen(true); setAsking(false); }} data-testid="reply">{of.reply ? t('comments.editReply') : t('comments.reply')}</button>
          {of.state === 'replied' && mine?.verbs.includes('comment.publish') && !asking && <button type="button" className="btn primary" onClick={() => setAsking(true)} data-testid="publish">{t('comments.publish')}</button>}
          {asking && <span className="row" role="alert"><span>{t('comments.publishAsk')}</span><button type="button" className="btn primary" disabled={publish.isPending} onClick={() => publish.mutate(undefined as never)} data-testid="publish-ok">{t('comments.publishDo')}</button><button type="button" className="btn" onClick={() => setAsking(false)}>{t('comments.cancel')}</button></span>}
        </div>
      ))}
      {publish.error && <ErrorBox error={publish.error} />}
    </li>
  );
}

function ReplyForm({ of, close }: { of: Comment; close: () => void }) {
  const { t } = useTranslation();
  const [decision, setDecision] = useState<string>(of.reply?.decision ?? '');
  const [text, setText] = useState(of.reply?.text ?? '');
  const [reason, setReason] = useState(of.reply?.reason ?? '');
  const [tried, setTried] = useState(false);
  const short = (s: string) => s.trim().length < 2;
  const send = useVerb(() => post<Comment>(`/api/comments/${encodeURIComponent(of.id)}/reply`, { decision, text: text.trim(), reason: reason.trim() }), () => {
    toast.ok(t('comments.saved'));
    close();
  });
  return (
    <form className="form reply-form" data-testid="reply-form" onSubmit={(e) => { e.preventDefault(); setTried(true); if (decision && !short(text) && !short(reason)) send.mutate(undefined as never); }}>
      <fieldset><legend>{t('comments.decision')}</legend>
        <div className="row">{(['adopted', 'not-adopted'] as const).map((d) => <label key={d} className="check reply-choice"><input type="radio" name={`decision-${of.id}`} checked={decision === d} onChange={() => setDecision(d)} data-testid={`decision-${d}`} />{t(`comments.decisions.${d}`)}</label>)}</div>
        {tried && !decision && <span className="field-error" role="alert">{t('comments.choose')}</span>}
      </fieldset>
      <label><span>{t('comments.text')}</span><textarea className="input" rows={3} maxLength={2000} value={text} onChange={(e) => setText(e.target.value)} placeholder={t('comments.textHint')} aria-invalid={tried && short(text)} data-testid="reply-text" />{tried && short(text) && <span className="field-error" role="alert">{t('comments.short')}</span>}</label>
      <label><span>{t('comments.reason')}</span><textarea className="input" rows={2} maxLength={2000} value={reason} onChange={(e) => setReason(e.target.value)} placeholder={t('comments.reasonHint')} aria-invalid={tried && short(reason)} data-testid="reply-reason" />{tried && short(reason) && <span className="field-error" role="alert">{t('comments.short')}</span>}</label>
      {send.error && <ErrorBox error={send.error} />}
      <div className="row"><button type="submit" className="btn primary" disabled={send.isPending} data-testid="reply-save">{t('comments.save')}</button><button type="button" className="btn" onClick={close}>{t('comments.cancel')}</button></div>
    </form>
  );
}
