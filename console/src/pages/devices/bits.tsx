// How a device is, in sign and word; the tabs of devices; the ingest in one strip.
import { CheckCircleOutlined, ClockCircleOutlined, CloseCircleOutlined, MinusCircleOutlined, StopOutlined, WarningOutlined } from '@ant-design/icons';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { DeviceState, Ingest, MessageList } from '~/api/devices';
import { useApi } from '~/api/client';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/devices';
import { useLang } from '~/state/prefs';
import { Code, Mark, type Tone } from '~/ui/Bits';
import { moment, number } from '~/ui/format';
import { Tabs } from '../alerts/bits';
import './devices.css';

texts('devices', words);

export const deviceStates: DeviceState[] = ['online', 'late', 'silent', 'never', 'revoked'];
const tones: Record<DeviceState, [Tone, ReactNode]> = {
  online: ['good', <CheckCircleOutlined key="i" />], late: ['near', <ClockCircleOutlined key="i" />], silent: ['bad', <CloseCircleOutlined key="i" />],
  never: ['none', <MinusCircleOutlined key="i" />], revoked: ['none', <StopOutlined key="i" />],
};
export function DeviceMark({ state }: { state: DeviceState }) {
  const { t } = useTranslation();
  const [tone, icon] = tones[state] ?? ['none', null];
  return <Mark tone={tone} icon={icon} title={t(`devices.stateHow.${state}`)}>{t(`devices.states.${state}`)}</Mark>;
}
export function Battery({ of }: { of: number | null }) {
  const { t } = useTranslation();
  if (of === null) return <span className="note">—</span>;
  const percent = Math.round(of * 100);
  return percent < 20 ? <Mark tone={percent < 10 ? 'bad' : 'near'} icon={<WarningOutlined />}>{t('devices.low', { n: percent })}</Mark> : <>{percent}%</>;
}
export function Skew({ of }: { of: number | null }) {
  const { t } = useTranslation();
  if (of === null || Math.abs(of) < 1) return null;
  const n = Math.abs(of) >= 120 ? `${number(Math.round(Math.abs(of) / 60))} min` : `${number(Math.round(Math.abs(of)))} s`;
  return <Mark tone={Math.abs(of) > 60 ? 'bad' : 'near'} icon={<ClockCircleOutlined />} title={t('devices.skewHow')}>{t(of > 0 ? 'devices.skewFast' : 'devices.skewSlow', { n })}</Mark>;
}

export function DeviceTabs({ at }: { at: 'devices' | 'quarantine' }) {
  const { t } = useTranslation();
  const held = useApi<MessageList>('/api/quarantine', { state: 'held', limit: 1 });
  const n = held.data?.counts.state.held ?? 0;
  return <Tabs label={t('devices.title')} at={at} tabs={[{ key: 'devices', href: '/devices', name: t('devices.title') }, { key: 'quarantine', href: '/devices/quarantine', name: <>{t('devices.q.title')}{n > 0 && <b className="tab-n" data-testid="held-count"> {number(n)}</b>}</> }]} />;
}

/** Where readings come in and how it goes; the rate is taken between two looks where the server does not tell it. */
export function IngestStrip() {
  const { t } = useTranslation();
  const lang = useLang();
  const query = useApi<Ingest>('/api/ingest', undefined, { asOf: false, staleTime: 5000 });
  const d = query.data;
  const received = d ? (d.received ?? d.broker?.received) : undefined;
  const before = useRef<{ n: number; at: number } | null>(null);
  const [rate, setRate] = useState<number | null>(null);
  const { dataUpdatedAt, refetch } = query;
  useEffect(() => {
    if (received === undefined) return;
    const last = before.current;
    if (last && dataUpdatedAt - last.at > 2000) setRate(Math.max(0, ((received - last.n) * 1000) / (dataUpdatedAt - last.at)));
    if (!last || dataUpdatedAt - last.at > 2000) before.current = { n: received, at: dataUpdatedAt };
  }, [received, dataUpdatedAt]);
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && void refetch(), 15_000);
    return () => clearInterval(timer);
  }, [refetch]);
  if (!d) return <div className="ingest panel" aria-busy={!query.error} data-testid="ingest">{query.error ? <span className="note">{t('devices.ingest.unknown')}</span> : <span className="note">{t('common.loading')}</span>}</div>;
  const speed = d.broker?.perSecond ?? rate;
  const n = (word: string, value: number | undefined) => value !== undefined && <div><dt>{t(`devices.ingest.${word}`)}</dt><dd>{number(value)}</dd></div>;
  return (
    <div className="ingest panel" data-testid="ingest">
      <dl>
        <div><dt>{t('devices.ingest.broker')}</dt><dd>{d.broker ? <Code>{d.broker.address}</Code> : <Mark tone={d.failure ? 'bad' : 'none'} icon={d.failure ? <WarningOutlined /> : <MinusCircleOutlined />}>{t('devices.ingest.noBroker')}</Mark>}</dd></div>
        {d.broker && n('connections', d.broker.connections)}
        <div><dt>{t('devices.ingest.rate')}</dt><dd>{speed === null || speed === undefined ? '—' : t('devices.ingest.perSecond', { n: number(Math.round(speed * 10) / 10) })}</dd></div>
        {n('received', received)}
        {n('accepted', d.accepted ?? d.broker?.accepted)}
        {n('refused', d.refused ?? d.broker?.refused)}
        {n('http', d.http?.received)}
      </dl>
      {d.failure && <p className="note">{d.failure}</p>}
      {d.outside.length > 0 && (
        <ul className="outside">{d.outside.map((o) => (
          <li key={o.url}><Code>{o.url}</Code> {o.connectedSince ? <Mark tone="good" icon={<CheckCircleOutlined />}>{t('devices.ingest.since', { at: moment(o.connectedSince, lang) })}</Mark> : <Mark tone="bad" icon={<CloseCircleOutlined />}>{t('devices.ingest.down')}</Mark>} <span className="note">{t('devices.ingest.got', { n: number(o.received) })}{o.lastError && ` · ${o.lastError}`}</span></li>
        ))}</ul>
      )}
    </div>
  );
}
