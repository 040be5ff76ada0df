// Who is told, from how grave a notice on, and where. Addresses that stand are never shown whole: they stay, or all are replaced.
import { useState } from 'react';
import type { Channel, Contact, ContactInput, Gravity } from '~/api/alerts';
import { post, put, useVerb } from '~/api/client';
import { useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { ErrorBox } from '~/ui/State';
import { toast } from '~/ui/toast';
import { Addresses } from './Addresses';
import { Ask, paren } from './bits';
import { filled, type Line, right, uri } from './ways';
import { PlaceField, placed, PostField, usePlaces } from './Posts';

export const gravities: Gravity[] = ['info', 'warning', 'urgent'];

export function ContactForm({ of, channels, close }: { of: Contact | null; channels: Channel[]; close: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [v, setV] = useState({ role: of?.role ?? '', organisation: of?.organisation?.name ?? '', person: of?.person ?? '', from: of?.from ?? ('warning' as Gravity), simulated: of?.simulated ?? false });
  const [lines, setLines] = useState<Line[]>([{ way: of?.addresses[0]?.channel ?? 'mail', text: '' }]);
  const [tried, setTried] = useState(false);
  const set = (next: Partial<typeof v>) => setV({ ...v, ...next });
  const places = usePlaces(v.role, of?.organisation);
  const organisation = placed(v.organisation, places);
  const addresses = filled(lines);
  const keeps = of !== null && of.addresses.length > 0;
  const faults = [!v.role, organisation === null, addresses.length === 0 && !keeps, addresses.some((l) => !right(l))];
  const send = useVerb((body: ContactInput) => (of ? put<Contact>(`/api/contacts/${encodeURIComponent(of.id)}`, body) : post<Contact>('/api/contacts', body)), () => {
    toast.ok(t(of ? 'channels.form.saved' : 'channels.form.added'));
    close();
  });
  const submit = () => {
    setTried(true);
    if (faults.some(Boolean)) return;
    send.mutate({ role: v.role, ...(organisation ? { organisation } : {}), ...(v.person.trim() ? { person: v.person.trim() } : {}), from: v.from, simulated: v.simulated, addresses: addresses.map(uri) });
  };
  const said = send.error?.code === 'contact_address' ? /^\/addresses\/(\d+): (.*)$/s.exec(send.error.detail) : null;
  return (
    <Ask title={t(of ? 'channels.form.change' : 'channels.form.add')} close={close} wide testid="contact-form">
      <form className="form" noValidate onSubmit={(e) => { e.preventDefault(); submit(); }}>
        <div className="fields pair">
          <PostField value={v.role} set={(role) => set({ role })} bad={tried && !v.role} testid="contact-role" />
          <PlaceField value={v.organisation} set={(o) => set({ organisation: o })} places={places} optional how={t('channels.form.organisationHow')} fault={organisation === null && tried ? t('channels.form.organisationBad') : null} testid="contact-organisation" />
          <label><span>{t('channels.form.from')}</span><select className="input" value={v.from} onChange={(e) => set({ from: e.target.value as Gravity })} data-testid="contact-from">{gravities.map((g) => <option key={g} value={g}>{t(`channels.gravityUp.${g}`)}</option>)}</select><small className="note">{t(`channels.form.fromHow.${v.from}`)}</small></label>
          <label><span>{t('channels.form.person')}</span><input className="input" value={v.person} maxLength={64} onChange={(e) => set({ person: e.target.value })} autoComplete="off" data-testid="contact-person" /><small className="note">{t('channels.form.personHow')}</small></label>
        </div>
        <div><label className="check check-row"><input type="checkbox" checked={v.simulated} onChange={(e) => set({ simulated: e.target.checked })} data-testid="contact-simulated" />{t('channels.alsoSimulated')}<small className="note">{paren(t('channels.form.simulatedHow'), lang)}</small></label></div>
        <fieldset>
          <legend>{t('channels.form.addresses')}</legend>
          <p className="note">{keeps ? t('channels.form.kept', { list: of.addresses.map((a) => a.to).join(lang === 'zh' ? '、' : ', ') }) : t('channels.form.addressesHow')}</p>
          <Addresses lines={lines} set={setLines} tried={tried} channels={channels} faultAt={said ? { at: Number(said[1]), why: said[2] ?? '' } : null} test />
          {tried && addresses.length === 0 && !keeps && <span className="field-error" role="alert">{t('channels.form.needAddress')}</span>}
        </fieldset>
        {send.error && !said && <ErrorBox error={send.error} />}
        <div className="row"><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="submit" className="btn primary" disabled={send.isPending} data-testid="ask-ok">{t('common.save')}</button></div>
      </form>
    </Ask>
  );
}
