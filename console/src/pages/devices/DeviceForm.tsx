// What is known of a device, as a form: for one that is new, and for one that is changed.
import { useState } from 'react';
import type { Device, Feed } from '~/api/devices';
import { type ApiError, useApi } from '~/api/client';
import type { EntityPage } from '~/api/types';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { ErrorBox } from '~/ui/State';
import { paren, titled } from '../alerts/bits';
import { useTypes } from '../data/model';

const idRule = /^[A-Za-z0-9_-]{1,64}$/;
const coordinate = (text: string, most: number) => text !== '' && Number.isFinite(Number(text)) && Math.abs(Number(text)) <= most;
export type DeviceInput = { id: string; name: string; feed: string; simulated: boolean; asset?: string; location?: [number, number]; coverageRadius?: number; address?: string };

/** `of`: the device that is changed. What it has can be replaced, not emptied: the server keeps what is left out. */
export function DeviceForm({ of, feeds, send, busy, error, close, word }: { of?: Device; feeds: Feed[]; send: (input: DeviceInput) => void; busy: boolean; error: ApiError | null; close: () => void; word: string }) {
  const { t } = useTranslation();
  const lang = useLang();
  const text = (n: number | null | undefined) => (n === null || n === undefined ? '' : String(n));
  const [v, setV] = useState({
    id: of?.id ?? '', name: of?.name ?? '', feed: of?.feed ?? (feeds.length === 1 ? (feeds[0]?.id ?? '') : ''), asset: of?.asset?.id ?? '',
    lng: text(of?.location?.[0]), lat: text(of?.location?.[1]), radius: text(of?.coverageRadius), address: of?.address ?? '', simulated: of?.simulated ?? false,
  });
  const [tried, setTried] = useState(false);
  const set = (next: Partial<typeof v>) => setV({ ...v, ...next });
  const feed = feeds.find((f) => f.id === v.feed);
  const observed = feed && feed.type !== 'Device' ? feed.type : null;
  const types = useTypes().data ?? [];
  const { data: assets } = useApi<EntityPage>(observed ? '/api/entities' : null, { type: observed ?? '', limit: 500, sort: 'name' }, { staleTime: 60_000 });
  const rows = (assets?.rows ?? []).map((r) => ({ id: r.id, name: r.name }));
  // The one it observes stands there before the list has come.
  if (of?.asset && of.feed === v.feed && !rows.some((r) => r.id === of.asset?.id)) rows.unshift({ id: of.asset.id, name: of.asset.name });
  const faults: Record<string, string> = {};
  if (!of && !idRule.test(v.id)) faults.id = t('devices.badId');
  if (!v.name.trim()) faults.name = t('devices.need');
  if (!v.feed) faults.feed = t('devices.need');
  if (observed && !v.asset) faults.asset = t('devices.need');
  if ((v.lng || v.lat) && !(coordinate(v.lng, 180) && coordinate(v.lat, 90))) faults.place = t('devices.badPlace');
  else if (of?.location && !v.lng) faults.place = titled(t('devices.place'), t('devices.noEmpty'), lang);
  if (v.radius && !(Number(v.radius) >= 0 && Number(v.radius) <= 20_000)) faults.radius = t('devices.badRadius');
  else if (typeof of?.coverageRadius === 'number' && !v.radius) faults.radius = titled(t('devices.radius'), t('devices.noEmpty'), lang);
  if (of?.address && !v.address.trim()) faults.address = t('devices.noEmpty');
  const submit = () => {
    setTried(true);
    if (Object.keys(faults).length > 0) return;
    send({
      id: v.id, name: v.name.trim(), feed: v.feed, simulated: v.simulated, ...(observed && v.asset ? { asset: v.asset } : {}),
      ...(v.lng ? { location: [Number(v.lng), Number(v.lat)] } : {}), ...(v.radius ? { coverageRadius: Number(v.radius) } : {}), ...(v.address.trim() ? { address: v.address.trim() } : {}),
    });
  };
  const fault = (name: string) => tried && faults[name] && <span className="field-error" role="alert">{faults[name]}</span>;
  const bad = (name: string) => tried && Boolean(faults[name]);
  return (
    <form className="form" noValidate onSubmit={(e) => { e.preventDefault(); submit(); }}>
      <label><span>{t('devices.name')}</span><input className="input" value={v.name} maxLength={100} onChange={(e) => set({ name: e.target.value })} aria-invalid={bad('name')} data-testid="register-name" />{fault('name')}</label>
      {of ? <p className="note">{t('devices.id')} <code>{of.id}</code></p> : <label><span>{t('devices.id')}</span><input className="input mono" value={v.id} maxLength={64} onChange={(e) => set({ id: e.target.value.trim() })} aria-invalid={bad('id')} data-testid="register-id" /><small className="note">{t('devices.idHow')}</small>{fault('id')}</label>}
      <label><span>{t('devices.feed')}</span><select className="input" value={v.feed} onChange={(e) => set({ feed: e.target.value, asset: '' })} aria-invalid={bad('feed')} data-testid="register-feed"><option value="">{t('devices.choose')}</option>{feeds.map((f) => <option key={f.id} value={f.id}>{say(f.title, lang)}{paren(f.id, lang)}</option>)}</select>{of && v.feed !== of.feed && <small className="note">{t('devices.feedChange')}</small>}{fault('feed')}</label>
      {observed && <label><span>{t('devices.asset')}{paren(say(types.find((x) => x.name === observed)?.title, lang) || observed, lang)}</span><select className="input" value={v.asset} onChange={(e) => set({ asset: e.target.value })} aria-invalid={bad('asset')} data-testid="register-asset"><option value="">{t('devices.choose')}</option>{rows.map((r) => <option key={r.id} value={r.id}>{r.name}</option>)}</select>{fault('asset')}</label>}
      <div className="fields">
        <label><span>{t('devices.lng')}</span><input className="input" inputMode="decimal" value={v.lng} onChange={(e) => set({ lng: e.target.value.trim() })} aria-invalid={bad('place')} data-testid="register-lng" /></label>
        <label><span>{t('devices.lat')}</span><input className="input" inputMode="decimal" value={v.lat} onChange={(e) => set({ lat: e.target.value.trim() })} aria-invalid={bad('place')} data-testid="register-lat" /></label>
        <label><span>{t('devices.radius')}</span><input className="input" inputMode="numeric" value={v.radius} onChange={(e) => set({ radius: e.target.value.trim() })} aria-invalid={bad('radius')} data-testid="register-radius" /></label>
      </div>
      {fault('place')}{fault('radius')}
      <label><span>{t('devices.address')}</span><input className="input" value={v.address} maxLength={200} onChange={(e) => set({ address: e.target.value })} aria-invalid={bad('address')} data-testid="register-address" />{fault('address')}</label>
      <label className="check check-row"><input type="checkbox" checked={v.simulated} disabled={of?.simulated ?? false} onChange={(e) => set({ simulated: e.target.checked })} data-testid="register-simulated" />{t('devices.isSimulated')}</label>
      {of?.simulated && <p className="note">{t('devices.staysSimulated')}</p>}
      {error && <ErrorBox error={error} />}
      <div className="row"><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="submit" className="btn primary" disabled={busy} data-testid="ask-ok">{word}</button></div>
    </form>
  );
}
