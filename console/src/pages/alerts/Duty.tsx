// Who is on call, and when nobody is.
import { PlusOutlined, WarningOutlined } from '@ant-design/icons';
import { useState } from 'react';
import type { Channels, OnCall, Shift } from '~/api/alerts';
import { useApi } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useMyPost, useSession } from '~/state/session';
import { useAsOf } from '~/state/url';
import { Mark } from '~/ui/Bits';
import { localId, moment } from '~/ui/format';
import { Section } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { WhoCan } from '../returns/shared';
import { At } from './bits';
import { ShiftForm } from './ShiftForm';
import './ways';

/** The post that the pack of alerts lets write the on-call table. */
const KEEPER = 'roster-keeper';

export function Duty() {
  const { t } = useTranslation();
  const lang = useLang();
  const { data: session } = useSession();
  const mine = useMyPost();
  const asOf = useAsOf();
  const [adding, setAdding] = useState(false);
  const query = useApi<OnCall>('/api/on-call');
  // Where a shift is reached, masked; the table itself does not say it.
  const { data: ways } = useApi<Channels>('/api/channels', undefined, { asOf: false, staleTime: 60_000 });
  const reached = (s: Shift) => ways?.contacts.find((c) => c.shift && c.id === localId(s.id))?.addresses ?? [];
  const may = mine?.role === KEEPER && !asOf;
  const role = (id: string, shifts: Shift[]) => say(shifts.find((s) => s.role === id)?.roleTitle ?? session?.posts.find((p) => p.role === id)?.title, lang) || id;
  const now = (d: OnCall) => {
    const ids = new Set((d.now ?? []).map((n) => (typeof n === 'string' ? n : n.id)));
    const at = Date.now();
    return d.shifts.filter((s) => s.now ?? (ids.size ? ids.has(s.id) : new Date(s.from).getTime() <= at && at < new Date(s.to).getTime()));
  };
  const enter = may ? <button type="button" className="btn primary" onClick={() => setAdding(true)} data-testid="enter-shifts"><PlusOutlined /> {t('alerts.duty.enter')}</button> : undefined;
  return (
    <>
      {!asOf && !may && <WhoCan verb="channel.manage" role={KEEPER} what={t('alerts.duty.enterWhat')} />}
      <Read query={query} skeleton={<Skeleton rows={6} height={40} />}>
        {(d) => d.shifts.length === 0 ? <Empty title={t('alerts.duty.none')} action={enter}>{t('alerts.duty.noneDo')}</Empty> : (
          <div data-testid="duty">
            <div className="duty-top">
              <div className="panel"><h2>{t('alerts.duty.now')}</h2>
                {now(d).length === 0 ? <p className="note">{t('alerts.duty.none')}</p> : <ul className="duty-now">{now(d).map((s) => <li key={s.id} data-testid="on-call-now"><strong>{s.person ?? say(s.roleTitle, lang)}</strong>{s.person && <> {say(s.roleTitle, lang)}</>}{s.organisation && <> · {s.organisation.name}</>}<div className="note">{t('alerts.duty.to')} {moment(s.to, lang)}{reached(s).length > 0 && <> · {reached(s).map((a) => a.to).join(' ')}</>}</div></li>)}</ul>}
              </div>
              <div className="panel"><h2>{t('alerts.duty.gaps')}</h2>
                {d.gaps.length === 0 ? <p className="note">{t('alerts.duty.noGaps')}</p> : <ul className="duty-now">{d.gaps.map((g, i) => <li key={i} data-testid="gap"><Mark tone="near" icon={<WarningOutlined />}>{role(g.role, d.shifts)}</Mark> {t('alerts.duty.gap', { from: moment(g.from, lang), to: moment(g.to, lang) })}</li>)}</ul>}
              </div>
            </div>
            <Section title={t('alerts.duty.shifts')} extra={enter}>
              <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('alerts.duty.shifts')}>
                <table className="list shifts-table" data-testid="shifts">
                  <thead><tr>{(['role', 'organisation', 'person', 'from', 'to', 'channels'] as const).map((c) => <th key={c} scope="col">{t(`alerts.duty.${c}`)}</th>)}</tr></thead>
                  <tbody>{d.shifts.map((s) => (
                    <tr key={s.id} data-testid="shift"><th scope="row"><To href={entityHref(s.id)}>{say(s.roleTitle, lang) || s.role}</To></th><td>{s.organisation?.name ?? '—'}</td><td data-label={t('alerts.duty.person')}>{s.person ?? '—'}</td><td data-label={t('alerts.duty.from')}><At of={s.from} /></td><td data-label={t('alerts.duty.to')}><At of={s.to} /></td><td>{reached(s).length === 0 ? <span className="note">—</span> : <ul className="masked">{reached(s).map((a, i) => <li key={i}><span className="note">{t(`channels.way.${a.channel}`)}</span> <code>{a.to}</code></li>)}</ul>}</td></tr>
                  ))}</tbody>
                </table>
              </div>
            </Section>
          </div>
        )}
      </Read>
      {adding && <ShiftForm close={() => setAdding(false)} />}
    </>
  );
}
