// Who is told outside the console: standing contacts, and shifts from the on-call table beside them.
import { ExperimentOutlined, PlusOutlined, WarningOutlined } from '@ant-design/icons';
import { useState } from 'react';
import type { Channels, Contact } from '~/api/alerts';
import { del, useVerb } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { Mark } from '~/ui/Bits';
import { moment } from '~/ui/format';
import { Section } from '~/ui/Page';
import { Empty, ErrorBox } from '~/ui/State';
import { To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { Ask, paren } from './bits';
import { ContactForm } from './ContactForm';

export function Contacts({ of, may }: { of: Channels; may: boolean }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<{ what: 'add' } | { what: 'change' | 'remove'; of: Contact } | null>(null);
  const add = may ? <button type="button" className="btn primary" onClick={() => setAsked({ what: 'add' })} data-testid="contact-add"><PlusOutlined /> {t('channels.add')}</button> : undefined;
  const close = () => setAsked(null);
  return (
    <Section title={t('channels.contacts')} note={t('channels.contactsNote')} extra={of.contacts.length > 0 ? add : undefined} testid="contacts">
      {of.contacts.length === 0 ? <Empty title={t('channels.none')} action={add}>{t('channels.noneDo')}</Empty> : (
        <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('channels.contacts')}>
          <table className="list contacts-table">
            <thead><tr>{(['role', 'from', 'addresses', 'until'] as const).map((c) => <th key={c} scope="col">{t(`channels.col.${c}`)}</th>)}{may && <th scope="col">{t('channels.col.verbs')}</th>}</tr></thead>
            <tbody>{of.contacts.map((c) => <Row key={`${c.shift}${c.id}`} of={c} may={may} ask={(what) => setAsked({ what, of: c })} />)}</tbody>
          </table>
        </div>
      )}
      {asked?.what === 'add' && <ContactForm of={null} channels={of.channels} close={close} />}
      {asked?.what === 'change' && <ContactForm of={asked.of} channels={of.channels} close={close} />}
      {asked?.what === 'remove' && <Remove of={asked.of} close={close} />}
    </Section>
  );
}

/** The post, of whom. */
function useWho() {
  const { t } = useTranslation();
  const lang = useLang();
  return (c: Contact) => `${say(c.roleTitle, lang) || c.role} · ${c.organisation?.name ?? t('channels.everyOrganisation')}`;
}

function Row({ of, may, ask }: { of: Contact; may: boolean; ask: (what: 'change' | 'remove') => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const who = useWho();
  return (
    <tr data-testid="contact" data-id={of.id} data-shift={of.shift}>
      <th scope="row">{say(of.roleTitle, lang) || of.role} {of.shift && <Mark tone="accent" title={t('channels.shiftHow')}>{t('channels.shift')}</Mark>}
        <div className="note">{of.organisation?.name ?? t('channels.everyOrganisation')}{of.person && ` · ${of.person}`}</div></th>
      <td data-label={t('channels.col.from')}>{t(`channels.gravityUp.${of.from}`)}{of.simulated && <div><Mark tone="clash" icon={<ExperimentOutlined />}>{t('channels.alsoSimulated')}</Mark></div>}</td>
      <td>{of.addresses.length === 0 && of.wrong.length === 0 && <span className="note">{t('channels.noAddress')}</span>}
        <ul className="masked">{of.addresses.map((a, i) => <li key={i} data-testid="masked"><span className="note">{t(`channels.way.${a.channel}`)}</span> <code>{a.to}</code></li>)}</ul>
        {of.wrong.length > 0 && <Mark tone="bad" icon={<WarningOutlined />} title={of.wrong.join('\n')}>{t('channels.wrong', { n: of.wrong.length })}</Mark>}</td>
      <td data-label={t('channels.col.until')}>{of.beginsAt ? t('channels.shiftSpan', { from: moment(of.beginsAt, lang), to: moment(of.endsAt, lang) }) : t('channels.standing')}</td>
      {may && <td>{of.shift ? <To href="/alerts?tab=duty" title={t('channels.shiftHow')} data-testid="to-duty">{t('channels.toDuty')}</To> : (
        <div className="row-verbs">
          <button type="button" className="btn small" aria-label={t('channels.change') + paren(who(of), lang)} onClick={() => ask('change')} data-testid="contact-change">{t('channels.change')}</button>
          <button type="button" className="btn small danger" aria-label={t('channels.remove') + paren(who(of), lang)} onClick={() => ask('remove')} data-testid="contact-remove">{t('channels.remove')}</button>
        </div>
      )}</td>}
    </tr>
  );
}

function Remove({ of, close }: { of: Contact; close: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const who = useWho();
  const send = useVerb(() => del<void>(`/api/contacts/${encodeURIComponent(of.id)}`), () => {
    toast.ok(t('channels.removed'));
    close();
  });
  return (
    <Ask title={t('channels.removeTitle')} close={close}>
      <p>{t('channels.removeAsk', { who: who(of), list: of.addresses.map((a) => a.to).join(lang === 'zh' ? '、' : ', ') || t('channels.noAddress') })}</p>
      {send.error && <ErrorBox error={send.error} />}
      <div className="row"><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="button" className="btn danger" disabled={send.isPending} onClick={() => send.mutate(undefined as never)} data-testid="ask-ok">{t('channels.remove')}</button></div>
    </Ask>
  );
}
