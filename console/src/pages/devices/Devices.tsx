// Every device: how it is, when it was last heard, and whether it is simulated.
import { PlusOutlined } from '@ant-design/icons';
import { useState } from 'react';
import type { Device, DeviceList, Feed } from '~/api/devices';
import { useApi } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useMyPost } from '~/state/session';
import { useAsOf, useChangeQuery, useQueryState } from '~/state/url';
import { ago, moment } from '~/ui/format';
import { Choice, SearchField, Tools } from '~/ui/ListTools';
import { Page } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { WhoCan } from '../returns/shared';
import { Chips, PAGE, Pager, paren, Simulated } from '../alerts/bits';
import { Battery, DeviceMark, deviceStates, DeviceTabs, IngestStrip, Skew } from './bits';
import { Register } from './Register';

const sorts = ['name', 'lastSeen', 'battery'] as const;

export default function Devices() {
  const { t } = useTranslation();
  const lang = useLang();
  const mine = useMyPost();
  const asOf = useAsOf();
  const change = useChangeQuery();
  const [search] = useQueryState('search');
  const [state] = useQueryState('state');
  const [feed] = useQueryState('feed');
  const [asset] = useQueryState('asset');
  const [simulated] = useQueryState('simulated');
  const [sort] = useQueryState('sort', 'name');
  const [pageText] = useQueryState('page', '1');
  const page = Math.max(1, Number(pageText) || 1);
  const [adding, setAdding] = useState(false);
  const query = useApi<DeviceList>('/api/devices', { state, feed, asset, simulated, q: search, sort, offset: (page - 1) * PAGE, limit: PAGE });
  const feeds = useApi<{ feeds: Feed[] }>('/api/feeds', undefined, { asOf: false, staleTime: 300_000 });
  const may = (mine?.verbs.includes('device.register') ?? false) && !asOf;
  const counts = query.data?.counts;
  const title = (id: string) => say(feeds.data?.feeds.find((f) => f.id === id)?.title, lang) || id;
  const filtered = Boolean(search || state || feed || asset || simulated);
  return (
    <Page title={t('devices.title')} sub={t('devices.sub')} testid="devices"
      verbs={may && <button type="button" className="btn primary" onClick={() => setAdding(true)} data-testid="device-register"><PlusOutlined /> {t('devices.register')}</button>}>
      <DeviceTabs at="devices" />
      <IngestStrip />
      <div className="device-chips"><Chips label={t('devices.state')} value={state} set={(v) => change({ state: v, page: null })} testid="state" options={deviceStates.filter((s) => s !== 'revoked' || counts?.state.revoked || state === s).map((s) => ({ value: s, name: <DeviceMark state={s} />, n: counts ? (counts.state[s] ?? 0) : undefined }))} /></div>
      <Tools>
        <SearchField label={t('devices.search')} testid="devices-search" resets="page" />
        <Choice name="feed" label={t('devices.feed')} options={[...new Set([...Object.keys(counts?.feed ?? {}), ...(feed ? [feed] : [])])].sort().map((f) => ({ value: f, label: title(f) + (counts ? paren(counts.feed[f] ?? 0, lang) : '') }))} />
        <Choice name="simulated" label={t('devices.real')} options={[{ value: 'false', label: t('devices.onlyReal') }, { value: 'true', label: t('devices.onlySimulated') }]} />
        <label className="choice"><span>{t('devices.sort')}</span><select className="input" value={sort} onChange={(e) => change({ sort: e.target.value === 'name' ? null : e.target.value, page: null })} data-testid="devices-sort">{sorts.map((s) => <option key={s} value={s}>{t(`devices.by.${s}`)}</option>)}</select></label>
        {query.data && <span className="tools-end" data-testid="total">{t('common.total', { n: query.data.total })}</span>}
      </Tools>
      {!asOf && !may && <WhoCan verb="device.register" what={t('devices.registerWhat')} />}
      <Read query={query} skeleton={<Skeleton rows={12} height={36} />}>
        {(d) => d.total === 0 ? (filtered
          ? <Empty title={t('common.empty.noMatch')} action={<button type="button" className="btn" onClick={() => change({ search: null, state: null, feed: null, asset: null, simulated: null, page: null })}>{t('common.clear')}</button>}>{t('common.empty.noMatchDo')}</Empty>
          : <Empty title={t('devices.none')} action={may && <button type="button" className="btn primary" onClick={() => setAdding(true)}>{t('devices.register')}</button>}>{t('devices.noneDo')}</Empty>) : (
          <>
            <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('devices.title')}>
              <table className="list devices-table" data-testid="devices-table">
                <thead><tr>{(['state', 'name', 'asset', 'seen', 'battery', 'feed'] as const).map((c) => <th key={c} scope="col">{t(`devices.${c}`)}</th>)}</tr></thead>
                <tbody>{d.devices.map((x) => <Row key={x.id} of={x} feed={title(x.feed)} lang={lang} words={{ asset: t('devices.asset'), seen: t('devices.seen'), battery: t('devices.battery'), never: t('devices.states.never') }} />)}</tbody>
              </table>
            </div>
            <Pager page={page} total={d.total} />
          </>
        )}
      </Read>
      {adding && <Register close={() => setAdding(false)} feeds={feeds.data?.feeds ?? []} />}
    </Page>
  );
}

function Row({ of, feed, lang, words }: { of: Device; feed: string; lang: 'zh' | 'en'; words: { asset: string; seen: string; battery: string; never: string } }) {
  return (
    <tr data-testid="device-row" data-id={of.id} data-state={of.state}>
      <td><DeviceMark state={of.state} /></td>
      <th scope="row"><To href={`/devices/${encodeURIComponent(of.id)}`} data-testid="device-link">{of.name}</To> {of.simulated && <Simulated />} <Skew of={of.clockSkewSeconds} /><div className="note"><code>{of.id}</code></div></th>
      <td data-label={words.asset}>{of.asset ? <To href={entityHref(of.asset.id)}>{of.asset.name}</To> : '—'}</td>
      <td data-label={words.seen} className="nowrap">{of.lastSeen ? <time dateTime={of.lastSeen} title={moment(of.lastSeen, lang)}>{ago(of.lastSeen, lang)}</time> : <span className="note">{words.never}</span>}</td>
      <td data-label={words.battery}><Battery of={of.battery} /></td>
      <td className="note">{feed}</td>
    </tr>
  );
}
