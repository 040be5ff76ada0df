// What could not be read: why, the payload to mend, replay or discard. Nothing is lost and nothing is counted.
import { InboxOutlined, WarningOutlined } from '@ant-design/icons';
import { useState } from 'react';
import type { Message, MessageList } from '~/api/devices';
import { ApiError, post, useApi, useVerb } from '~/api/client';
import { useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useActorName, useMyPost } from '~/state/session';
import { useAsOf, useChangeQuery, useQueryState } from '~/state/url';
import { Mark, type Tone } from '~/ui/Bits';
import { moment, number } from '~/ui/format';
import { SearchField, Tools } from '~/ui/ListTools';
import { Page } from '~/ui/Page';
import { Empty, ErrorBox, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { WhoCan } from '../returns/shared';
import { Ask, Chips, PAGE, Pager, paren } from '../alerts/bits';
import { DeviceTabs, IngestStrip } from './bits';

const states: Message['state'][] = ['held', 'replayed', 'discarded'];
const tone: Record<Message['state'], Tone> = { held: 'near', replayed: 'good', discarded: 'none' };

export default function Quarantine() {
  const { t } = useTranslation();
  const lang = useLang();
  const mine = useMyPost();
  const asOf = useAsOf();
  const change = useChangeQuery();
  const [search] = useQueryState('search');
  const [state] = useQueryState('state', 'held');
  const [reason] = useQueryState('reason');
  const [device] = useQueryState('device');
  const [feed] = useQueryState('feed');
  const [pageText] = useQueryState('page', '1');
  const page = Math.max(1, Number(pageText) || 1);
  const query = useApi<MessageList>('/api/quarantine', { device, feed, reason, state: state === 'all' ? '' : state, q: search, offset: (page - 1) * PAGE, limit: PAGE });
  const may = !asOf && (mine?.verbs.includes('device.replay') ?? false);
  const counts = query.data?.counts;
  const filtered = Boolean(search || reason || device || feed);
  return (
    <Page title={t('devices.q.title')} sub={t('devices.q.sub')} testid="quarantine">
      <DeviceTabs at="quarantine" />
      <IngestStrip />
      <Tools>
        <SearchField label={t('devices.q.search')} testid="quarantine-search" resets="page" />
        <Chips label={t('devices.state')} value={state} set={(v) => change({ state: v === null ? 'all' : v === 'held' ? null : v, page: null })} testid="state" options={states.map((s) => ({ value: s, name: <Mark tone={tone[s]}>{t(`devices.q.states.${s}`)}</Mark>, n: counts ? (counts.state[s] ?? 0) : undefined }))} />
        <label className="choice"><span>{t('devices.q.reason')}</span>
          <select className="input" value={reason} onChange={(e) => change({ reason: e.target.value || null, page: null })} data-testid="choice-reason"><option value="">{t('common.all')}</option>{[...new Set([...Object.keys(counts?.reason ?? {}), ...(reason ? [reason] : [])])].sort().map((r) => <option key={r} value={r}>{r}{counts && paren(counts.reason[r] ?? 0, lang)}</option>)}</select>
        </label>
        {device && <button type="button" className="btn small" onClick={() => change({ device: null, page: null })}>{t('devices.one')} {device} ×</button>}
        {query.data && <span className="tools-end" data-testid="total">{t('common.total', { n: query.data.total })}</span>}
      </Tools>
      {!asOf && !may && <WhoCan verb="device.replay" what={t('devices.q.what')} />}
      <Read query={query} skeleton={<Skeleton rows={5} height={120} />}>
        {(d) => d.total === 0 ? (filtered
          ? <Empty title={t('common.empty.noMatch')} action={<button type="button" className="btn" onClick={() => change({ search: null, reason: null, device: null, feed: null, state: null, page: null })}>{t('common.clear')}</button>}>{t('common.empty.noMatchDo')}</Empty>
          : <Empty title={<><InboxOutlined /> {t('devices.q.none')}</>}>{t('devices.q.noneDo')}</Empty>) : (
          <><ul className="message-list">{d.messages.map((m) => <Item key={m.id} of={m} may={may} />)}</ul><Pager page={page} total={d.total} /></>
        )}
      </Read>
    </Page>
  );
}

function Item({ of, may }: { of: Message; may: boolean }) {
  const { t } = useTranslation();
  const lang = useLang();
  const actor = useActorName();
  const [text, setText] = useState<string | null>(null);
  const [discarding, setDiscarding] = useState(false);
  const binary = of.encoding !== '' && of.encoding !== 'text';
  const why = (lang === 'zh' ? of.reason.zh : of.reason.en) || of.reason.words || of.reason.zh || '';
  const replay = useVerb(() => post<{ ok: boolean; seq?: number }>(`/api/quarantine/${encodeURIComponent(of.id)}/replay`, text === null || text === of.payload ? {} : { payload: text }), () => toast.ok(t('devices.q.replayed')));
  const refused = replay.error instanceof ApiError && replay.error.status === 422 ? replay.error : null;
  return (
    <li className="panel message" data-testid="message" data-id={of.id} data-state={of.state} data-reason={of.reason.code}>
      <div className="message-head">
        <Mark tone={tone[of.state]}>{t(`devices.q.states.${of.state}`)}</Mark>
        <strong className="grow"><code>{of.reason.code}</code> {why}</strong>
        {of.count > 1 && <Mark>{t('devices.q.times', { n: number(of.count) })}</Mark>}
        <span className="note">{moment(of.at, lang)}</span>
      </div>
      <p className="note">{of.device ? <To href={`/devices/${encodeURIComponent(of.device)}`} data-testid="message-device">{of.device}</To> : t('devices.q.unknownDevice')}{of.feed && <> · {of.feed}</>} · <code>{of.topic}</code> · {t('devices.q.bytes', { n: number(of.bytes) })}</p>
      {binary && text === null && <p className="note">{t('devices.q.hex', { how: of.encoding })}</p>}
      {text === null ? <pre className="payload" tabIndex={0} data-testid="payload">{of.payload}</pre>
        : <label><span className="sr">{t('devices.q.payload')}</span><textarea className="input" rows={Math.min(14, Math.max(4, text.split('\n').length + 1))} value={text} spellCheck={false} onChange={(e) => setText(e.target.value)} data-testid="payload-edit" /></label>}
      {refused && <div className="error-box" role="alert" data-testid="replay-reason"><strong><WarningOutlined /> {t('devices.q.failed')}</strong><p><code>{refused.code}</code> {refused.message}</p></div>}
      {replay.error && !refused && <ErrorBox error={replay.error} />}
      {of.state !== 'held' && <p className="note">{of.decidedBy && t('devices.q.decided', { by: actor(of.decidedBy), at: moment(of.decidedAt, lang) })}{of.note && ` · ${of.note}`}</p>}
      {of.state === 'held' && may && (
        <div className="row-verbs">
          <button type="button" className="btn small primary" disabled={replay.isPending} onClick={() => replay.mutate(undefined as never)} data-testid="replay">{t(text === null || text === of.payload ? 'devices.q.replay' : 'devices.q.replayEdited')}</button>
          <button type="button" className="btn small" onClick={() => { setText(text === null ? (binary ? '' : of.payload) : null); replay.reset(); }} data-testid="payload-mend">{t(text === null ? 'devices.q.edit' : 'devices.q.undo')}</button>
          <button type="button" className="btn small danger" onClick={() => setDiscarding(true)} data-testid="discard">{t('devices.q.discard')}</button>
        </div>
      )}
      {discarding && <Discard of={of} close={() => setDiscarding(false)} />}
    </li>
  );
}

function Discard({ of, close }: { of: Message; close: () => void }) {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const bad = tried && !note.trim();
  const send = useVerb(() => post<void>(`/api/quarantine/${encodeURIComponent(of.id)}/discard`, { note: note.trim() }), () => {
    toast.ok(t('devices.q.discarded'));
    close();
  });
  return (
    <Ask title={t('devices.q.discard')} close={close}>
      <form className="form" onSubmit={(e) => { e.preventDefault(); setTried(true); if (note.trim()) send.mutate(undefined as never); }}>
        <p>{t('devices.q.discardAsk')}</p>
        <label><span>{t('devices.q.note')}</span><textarea className="input" rows={3} maxLength={500} value={note} onChange={(e) => setNote(e.target.value)} aria-invalid={bad} data-testid="ask-note" />{bad && <span className="field-error" role="alert">{t('devices.need')}</span>}</label>
        {send.error && <ErrorBox error={send.error} />}
        <div className="row"><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="submit" className="btn danger" disabled={send.isPending} data-testid="ask-ok">{t('devices.q.discard')}</button></div>
      </form>
    </Ask>
  );
}
