// A shift of the on-call table: which post of whom, from when to when, and where it is reached meanwhile.
import { useState } from 'react';
import { request, useApi, useVerb } from '~/api/client';
import type { Channels } from '~/api/alerts';
import { useTranslation } from '~/i18n';
import { useMyPost, useSession } from '~/state/session';
import { ErrorBox } from '~/ui/State';
import { toast } from '~/ui/toast';
import { Addresses } from './Addresses';
import { Ask, fromLocal, toLocal } from './bits';
import { PlaceField, placed, PostField, usePlaces } from './Posts';
import { filled, type Line, right, uri } from './ways';
import './channels.css';

const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(5)), (x) => x.toString(16).padStart(2, '0')).join('');
const property = (value: unknown) => ({ type: 'Property', value });
/** An hour of a day from today on. */
const hour = (h: number, days = 0) => {
  const d = new Date();
  d.setDate(d.getDate() + days);
  d.setHours(h, 0, 0, 0);
  return toLocal(d);
};
const spans = { day: () => [hour(8), hour(20)], night: () => [hour(20), hour(8, 1)], week: () => [hour(8), hour(8, 7)] } as const;

export function ShiftForm({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const mine = useMyPost();
  const { data: session } = useSession();
  const { data: ways } = useApi<Channels>('/api/channels', undefined, { asOf: false, staleTime: 60_000 });
  const duty = session?.posts.some((p) => p.role === 'duty-officer') ? 'duty-officer' : '';
  const [v, setV] = useState({ role: duty, organisation: mine?.organisationName ?? '', person: '', from: hour(8), to: hour(20) });
  const [lines, setLines] = useState<Line[]>([{ way: 'mail', text: '' }]);
  const [tried, setTried] = useState(false);
  const set = (next: Partial<typeof v>) => setV({ ...v, ...next });
  const places = usePlaces(v.role);
  const organisation = placed(v.organisation, places);
  const [from, to] = [fromLocal(v.from), fromLocal(v.to)];
  const addresses = filled(lines);
  const badSpan = !from || !to || from >= to;
  const send = useVerb(() => {
    const title = session?.posts.find((p) => p.role === v.role)?.title.zh ?? v.role;
    const body = {
      id: `urn:ngsi-ld:OnCallShift:${fresh()}`, type: 'OnCallShift', name: property(title), shiftRole: property(v.role),
      organisation: { type: 'Relationship', object: `urn:ngsi-ld:Organization:${organisation}` },
      ...(v.person.trim() ? { shiftPerson: property(v.person.trim()) } : {}),
      shiftFrom: property(from), shiftTo: property(to), ...(addresses.length ? { channels: property(addresses.map(uri)) } : {}),
    };
    return request<void>('/ngsi-ld/v1/entities', { method: 'POST', body });
  }, () => {
    toast.ok(t('channels.duty.saved'));
    close();
  });
  const submit = () => {
    setTried(true);
    if (v.role && organisation && !badSpan && addresses.every(right)) send.mutate(undefined as never);
  };
  return (
    <Ask title={t('channels.duty.title')} close={close} wide testid="shift-form">
      <form className="form" noValidate onSubmit={(e) => { e.preventDefault(); submit(); }}>
        <div className="fields pair">
          <PostField value={v.role} set={(role) => set({ role })} bad={tried && !v.role} testid="shift-role" />
          <PlaceField value={v.organisation} set={(o) => set({ organisation: o })} places={places} how={t('channels.duty.organisationHow')} fault={tried && !organisation ? t('channels.form.organisationBad') : null} testid="shift-organisation" />
          <label><span>{t('channels.duty.from')}</span><input className="input" type="datetime-local" value={v.from} onChange={(e) => set({ from: e.target.value })} aria-invalid={tried && badSpan} data-testid="shift-from" /></label>
          <label><span>{t('channels.duty.to')}</span><input className="input" type="datetime-local" value={v.to} onChange={(e) => set({ to: e.target.value })} aria-invalid={tried && badSpan} data-testid="shift-to" />{tried && badSpan && <span className="field-error" role="alert">{t('channels.duty.badSpan')}</span>}</label>
        </div>
        <div className="row-verbs">{(Object.keys(spans) as (keyof typeof spans)[]).map((s) => <button key={s} type="button" className="btn small" onClick={() => { const [a = '', b = ''] = spans[s](); set({ from: a, to: b }); }} data-testid={`span-${s}`}>{t(`channels.duty.spans.${s}`)}</button>)}</div>
        <label><span>{t('channels.duty.person')}</span><input className="input" value={v.person} maxLength={64} onChange={(e) => set({ person: e.target.value })} autoComplete="off" data-testid="shift-person" /><small className="note">{t('channels.duty.personHow')}</small></label>
        <fieldset>
          <legend>{t('channels.duty.channels')}</legend>
          <p className="note">{t('channels.duty.channelsHow')}</p>
          <Addresses lines={lines} set={setLines} tried={tried} channels={ways?.channels ?? []} test={mine?.verbs.includes('channel.manage') ?? false} />
        </fieldset>
        {send.error && <ErrorBox error={send.error} />}
        <div className="row"><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="submit" className="btn primary" disabled={send.isPending} data-testid="ask-ok">{t('channels.duty.add')}</button></div>
      </form>
    </Ask>
  );
}
