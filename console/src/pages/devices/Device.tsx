// One device: what it says, over time, how it reports, and its credential.
import { EditOutlined, KeyOutlined, StopOutlined } from '@ant-design/icons';
import { useState } from 'react';
import type { Credential, DevicePage, Feed } from '~/api/devices';
import { post, put, useApi, useVerb } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useMyPost } from '~/state/session';
import { useAsOf, useParam, useQueryState } from '~/state/url';
import { Code, Mark } from '~/ui/Bits';
import { ago, moment, number } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { ErrorBox, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { WhoCan } from '../returns/shared';
import { Ask, Simulated, titled, Value } from '../alerts/bits';
import { Battery, DeviceMark, Skew } from './bits';
import { Course } from './Course';
import { DeviceForm, type DeviceInput } from './DeviceForm';
import { Secret } from './Register';

export default function Device() {
  const { t } = useTranslation();
  const id = useParam('id');
  const query = useApi<DevicePage>(`/api/devices/${encodeURIComponent(id)}`);
  const crumb = <To href="/devices">{t('devices.title')}</To>;
  if (query.data === undefined) return <Page title={t('devices.one')} crumb={crumb}><Read query={query} skeleton={<Skeleton rows={10} height={32} />}>{() => null}</Read></Page>;
  return <Loaded key={id} of={query.data} crumb={crumb} />;
}

function Loaded({ of, crumb }: { of: DevicePage; crumb: React.ReactNode }) {
  const { t } = useTranslation();
  const lang = useLang();
  const mine = useMyPost();
  const asOf = useAsOf();
  const [asked, setAsked] = useState<'change' | 'rotate' | 'revoke' | null>(null);
  const [picked, pick] = useQueryState('attribute');
  const feeds = useApi<{ feeds: Feed[] }>('/api/feeds', undefined, { asOf: false, staleTime: 300_000 }).data?.feeds ?? [];
  const can = (verb: string) => !asOf && (mine?.verbs.includes(verb) ?? false);
  const drawable = of.attributes.filter((a) => typeof a.value === 'number');
  const attribute = drawable.find((a) => a.name === picked) ?? drawable[0];
  return (
    <Page title={of.name} testid="device" crumb={crumb} state={<span className="in-line"><span data-testid="device-state" data-state={of.state}><DeviceMark state={of.state} /></span>{of.simulated && <Simulated />}<Skew of={of.clockSkewSeconds} /></span>} sub={<code>{of.urn}</code>}
      verbs={<>
        {of.quarantined > 0 && <To className="btn" href={`/devices/quarantine?device=${encodeURIComponent(of.id)}`} data-testid="device-quarantined">{t('devices.toQuarantine', { n: number(of.quarantined) })}</To>}
        {can('device.register') && <button type="button" className="btn" onClick={() => setAsked('change')} data-testid="device-change"><EditOutlined /> {t('devices.change')}</button>}
        {can('device.register') && <button type="button" className="btn" onClick={() => setAsked('rotate')} data-testid="device-rotate"><KeyOutlined /> {t('devices.rotate')}</button>}
        {can('device.revoke') && of.state !== 'revoked' && <button type="button" className="btn danger" onClick={() => setAsked('revoke')} data-testid="device-revoke"><StopOutlined /> {t('devices.revoke')}</button>}
      </>}>
      {asOf ? <p className="note">{t('devices.past')}</p> : !can('device.revoke') && <WhoCan verb="device.revoke" what={t('devices.revokeWhat')} />}
      <div className="with-side">
        <div>
          <Section title={t('devices.latest')} testid="latest">
            {of.attributes.length === 0 ? <p className="note">{t('devices.noLatest')}</p> : (
              <div className="latest">{of.attributes.map((a) => (
                <button key={a.name} type="button" aria-pressed={a === attribute} disabled={typeof a.value !== 'number'} onClick={() => pick(a.name)} data-testid="latest-value" data-attribute={a.name}>
                  <span>{say(a.title, lang) || a.name}</span><b><Value value={a.value} unit={a.unit} /></b><small className="note">{a.observedAt ? ago(a.observedAt, lang) : '—'}{a.simulated && !of.simulated && <> <Simulated /></>}</small>
                </button>
              ))}</div>
            )}
          </Section>
          {attribute && <Section><Course device={of.id} attribute={attribute} feed={of.feed} /></Section>}
        </div>
        <aside className="side-long">
          <div className="panel"><h2>{t('devices.facts')}</h2>
            <dl className="facts">
              {of.asset && <div><dt>{t('devices.asset')}</dt><dd><To href={entityHref(of.asset.id)}>{of.asset.name}</To></dd></div>}
              <div><dt>{t('devices.feed')}</dt><dd>{say(feeds.find((f) => f.id === of.feed)?.title, lang)} <code>{of.feed}</code></dd></div>
              <div><dt>{t('devices.seen')}</dt><dd>{of.lastSeen ? moment(of.lastSeen, lang) : t('devices.states.never')}</dd></div>
              <div><dt>{t('devices.battery')}</dt><dd><Battery of={of.battery} /></dd></div>
              <div><dt>{t('devices.skew')}</dt><dd>{of.clockSkewSeconds ? <Skew of={of.clockSkewSeconds} /> : t('devices.noSkew')}</dd></div>
              {of.firmware && <div><dt>{t('devices.firmware')}</dt><dd>{of.firmware}</dd></div>}
              {of.location && <div><dt>{t('devices.place')}</dt><dd className="num">{of.location[0].toFixed(5)}, {of.location[1].toFixed(5)}</dd></div>}
              {of.address && <div><dt>{t('devices.address')}</dt><dd>{of.address}</dd></div>}
              {of.coverageRadius !== null && <div><dt>{t('devices.radius')}</dt><dd>{number(of.coverageRadius)}</dd></div>}
              {of.controlledProperty.length > 0 && <div><dt>{t('devices.properties')}</dt><dd>{of.controlledProperty.join(lang === 'zh' ? '、' : ', ')}</dd></div>}
            </dl>
          </div>
          <div className="panel"><h2>{t('devices.counters')}</h2>
            <dl className="facts">
              {(['accepted', 'refused', 'late', 'duplicates', 'quarantined'] as const).map((k) => <div key={k}><dt>{t(`devices.${k}`)}</dt><dd>{number(of[k])}</dd></div>)}
            </dl>
          </div>
          <div className="panel"><h2>{t('devices.credential')}</h2>
            {of.credential ? (
              <dl className="facts">
                <div><dt>{t('devices.username')}</dt><dd><Code>{of.credential.username}</Code></dd></div>
                {of.credential.createdAt && <div><dt>{t('devices.created')}</dt><dd>{moment(of.credential.createdAt, lang)}</dd></div>}
                {of.credential.revokedAt && <div><dt>{t('devices.revokedAt')}</dt><dd><Mark tone="bad">{moment(of.credential.revokedAt, lang)}</Mark></dd></div>}
                {of.topic && <div><dt>{t('devices.topic')}</dt><dd><Code>{of.topic}</Code></dd></div>}
              </dl>
            ) : <p className="note">{t('devices.noCredential')}</p>}
          </div>
        </aside>
      </div>
      {asked === 'change' && <Change of={of} feeds={feeds} close={() => setAsked(null)} />}
      {asked === 'rotate' && <Rotate of={of} close={() => setAsked(null)} />}
      {asked === 'revoke' && <Revoke of={of} close={() => setAsked(null)} />}
    </Page>
  );
}

function Change({ of, feeds, close }: { of: DevicePage; feeds: Feed[]; close: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const send = useVerb((input: DeviceInput) => put<DevicePage>(`/api/devices/${encodeURIComponent(of.id)}`, input), () => {
    toast.ok(t('devices.changed'));
    close();
  });
  return <Ask title={titled(t('devices.change'), of.name, lang)} close={close} testid="change"><DeviceForm of={of} feeds={feeds} send={send.mutate} busy={send.isPending} error={send.error} close={close} word={t('common.save')} /></Ask>;
}

function Rotate({ of, close }: { of: DevicePage; close: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const send = useVerb(() => post<Credential>(`/api/devices/${encodeURIComponent(of.id)}/credential`));
  if (send.data) return <Ask title={t('devices.rotated')} close={close} keep><Secret of={send.data} topic={of.topic ?? null} done={close} /></Ask>;
  return (
    <Ask title={titled(t('devices.rotate'), of.name, lang)} close={close}>
      <p>{t('devices.rotateAsk')}</p>
      {send.error && <ErrorBox error={send.error} />}
      <div className="row"><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="button" className="btn danger" disabled={send.isPending} onClick={() => send.mutate(undefined as never)} data-testid="ask-ok">{t('devices.rotate')}</button></div>
    </Ask>
  );
}

function Revoke({ of, close }: { of: DevicePage; close: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const send = useVerb(() => post<DevicePage>(`/api/devices/${encodeURIComponent(of.id)}/revoke`, { note: note.trim() }), () => {
    toast.ok(t('devices.revoked'));
    close();
  });
  const bad = tried && !note.trim();
  return (
    <Ask title={titled(t('devices.revoke'), of.name, lang)} close={close}>
      <form className="form" onSubmit={(e) => { e.preventDefault(); setTried(true); if (note.trim()) send.mutate(undefined as never); }}>
        <p>{t('devices.revokeAsk')}</p>
        <label><span>{t('devices.reason')}</span><textarea className="input" rows={3} maxLength={500} value={note} onChange={(e) => setNote(e.target.value)} aria-invalid={bad} data-testid="ask-note" />{bad && <span className="field-error" role="alert">{t('devices.need')}</span>}</label>
        {send.error && <ErrorBox error={send.error} />}
        <div className="row"><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="submit" className="btn danger" disabled={send.isPending} data-testid="ask-ok">{t('devices.revoke')}</button></div>
      </form>
    </Ask>
  );
}
