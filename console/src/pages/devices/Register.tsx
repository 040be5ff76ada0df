// A new device. Its password is shown once; the question stays open until somebody says it is kept.
import { CopyOutlined, KeyOutlined } from '@ant-design/icons';
import { useState } from 'react';
import type { Credential, Feed, Registered } from '~/api/devices';
import { post, useApi, useVerb } from '~/api/client';
import type { EntityPage } from '~/api/types';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { ErrorBox } from '~/ui/State';
import { To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { Ask, paren } from '../alerts/bits';

const idRule = /^[A-Za-z0-9_-]{1,64}$/;
const coordinate = (text: string, most: number) => text !== '' && Number.isFinite(Number(text)) && Math.abs(Number(text)) <= most;

export function Register({ feeds, close }: { feeds: Feed[]; close: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [v, setV] = useState({ id: '', name: '', feed: feeds.length === 1 ? (feeds[0]?.id ?? '') : '', asset: '', lng: '', lat: '', radius: '', simulated: false });
  const [tried, setTried] = useState(false);
  const set = (next: Partial<typeof v>) => setV({ ...v, ...next });
  const feed = feeds.find((f) => f.id === v.feed);
  const observed = feed && feed.type !== 'Device' ? feed.type : null;
  const { data: assets } = useApi<EntityPage>(observed ? '/api/entities' : null, { type: observed ?? '', limit: 500, sort: 'name' }, { staleTime: 60_000 });
  const faults: Record<string, string> = {};
  if (!idRule.test(v.id)) faults.id = t('devices.badId');
  if (!v.name.trim()) faults.name = t('devices.need');
  if (!v.feed) faults.feed = t('devices.need');
  if (observed && !v.asset) faults.asset = t('devices.need');
  if ((v.lng || v.lat) && !(coordinate(v.lng, 180) && coordinate(v.lat, 90))) faults.place = t('devices.badPlace');
  if (v.radius && !(Number(v.radius) >= 0 && Number(v.radius) <= 20_000)) faults.radius = t('devices.badRadius');
  const send = useVerb(() => post<Registered>('/api/devices', {
    id: v.id, name: v.name.trim(), feed: v.feed, simulated: v.simulated, ...(v.asset ? { asset: v.asset } : {}),
    ...(v.lng ? { location: [Number(v.lng), Number(v.lat)] } : {}), ...(v.radius ? { coverageRadius: Number(v.radius) } : {}),
  }));
  const fault = (name: string) => tried && faults[name] && <span className="field-error" role="alert">{faults[name]}</span>;
  const bad = (name: string) => tried && Boolean(faults[name]);
  if (send.data) return <Ask title={t('devices.registered')} close={close} keep><Secret of={send.data.credential} topic={send.data.device.topic ?? feed?.topic ?? null} done={close} link={`/devices/${encodeURIComponent(send.data.device.id)}`} /></Ask>;
  return (
    <Ask title={t('devices.register')} close={close} testid="register">
      <form className="form" noValidate onSubmit={(e) => { e.preventDefault(); setTried(true); if (Object.keys(faults).length === 0) send.mutate(undefined as never); }}>
        <label><span>{t('devices.name')}</span><input className="input" value={v.name} maxLength={100} onChange={(e) => set({ name: e.target.value })} aria-invalid={bad('name')} data-testid="register-name" />{fault('name')}</label>
        <label><span>{t('devices.id')}</span><input className="input mono" value={v.id} maxLength={64} onChange={(e) => set({ id: e.target.value.trim() })} aria-invalid={bad('id')} data-testid="register-id" /><small className="note">{t('devices.idHow')}</small>{fault('id')}</label>
        <label><span>{t('devices.feed')}</span><select className="input" value={v.feed} onChange={(e) => set({ feed: e.target.value, asset: '' })} aria-invalid={bad('feed')} data-testid="register-feed"><option value="">{t('devices.choose')}</option>{feeds.map((f) => <option key={f.id} value={f.id}>{say(f.title, lang)}{paren(f.id, lang)}</option>)}</select>{fault('feed')}</label>
        {observed && <label><span>{t('devices.asset')}{paren(observed, lang)}</span><select className="input" value={v.asset} onChange={(e) => set({ asset: e.target.value })} aria-invalid={bad('asset')} data-testid="register-asset"><option value="">{t('devices.choose')}</option>{(assets?.rows ?? []).map((r) => <option key={r.id} value={r.id}>{r.name}</option>)}</select>{fault('asset')}</label>}
        <div className="fields">
          <label><span>{t('devices.lng')}</span><input className="input" inputMode="decimal" value={v.lng} onChange={(e) => set({ lng: e.target.value.trim() })} aria-invalid={bad('place')} data-testid="register-lng" /></label>
          <label><span>{t('devices.lat')}</span><input className="input" inputMode="decimal" value={v.lat} onChange={(e) => set({ lat: e.target.value.trim() })} aria-invalid={bad('place')} data-testid="register-lat" /></label>
          <label><span>{t('devices.radius')}</span><input className="input" inputMode="numeric" value={v.radius} onChange={(e) => set({ radius: e.target.value.trim() })} aria-invalid={bad('radius')} data-testid="register-radius" /></label>
        </div>
        {fault('place')}{fault('radius')}
        <label className="check check-row"><input type="checkbox" checked={v.simulated} onChange={(e) => set({ simulated: e.target.checked })} data-testid="register-simulated" />{t('devices.isSimulated')}</label>
        {send.error && <ErrorBox error={send.error} />}
        <div className="row"><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="submit" className="btn primary" disabled={send.isPending} data-testid="ask-ok">{t('devices.register')}</button></div>
      </form>
    </Ask>
  );
}

export function Secret({ of, topic, done, link }: { of: Credential; topic: string | null; done: () => void; link?: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = () => {
    navigator.clipboard?.writeText(of.password).then(() => setCopied(true), toast.error) ?? undefined;
  };
  return (
    <div className="form secret" data-testid="secret">
      <p><KeyOutlined /> <strong>{t('devices.once')}</strong> {t('devices.onceHow')}</p>
      <dl className="facts">
        <div><dt>{t('devices.username')}</dt><dd><code>{of.username}</code></dd></div>
        <div><dt>{t('devices.password')}</dt><dd className="secret-row"><code data-testid="password">{of.password}</code><button type="button" className="btn small" onClick={copy} data-testid="password-copy"><CopyOutlined /> {t(copied ? 'common.copied' : 'common.copy')}</button></dd></div>
        {topic && <div><dt>{t('devices.topic')}</dt><dd><code>{topic}</code></dd></div>}
      </dl>
      <div className="row">{link && <To className="btn" href={link}>{t('devices.toDevice')}</To>}<button type="button" className="btn primary" onClick={done} data-testid="secret-kept">{t('devices.kept')}</button></div>
    </div>
  );
}
