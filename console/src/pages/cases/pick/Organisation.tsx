// An organisation from a list that can be searched: first those where somebody can take the case, then the rest.
import { useState } from 'react';
import { useTranslation } from '~/i18n';
import { useParties, useRoles } from '../lookups';

const SHOWN = 6;

export type Control = { id: string; name: string; value: string; set: (value: string) => void; bad: boolean };

export function OrganisationPick({ id, name, value, set, bad, roles }: Control & { roles: string[] }) {
  const { t } = useTranslation();
  const [find, setFind] = useState('');
  const parties = useParties();
  const able = new Set(useRoles().filter((r) => roles.includes(r.value)).flatMap((r) => r.organisations).map((o) => o.id));
  const q = find.trim().toLowerCase();
  const hits = parties.filter((o) => !q || o.name.toLowerCase().includes(q));
  const draw = (o: { id: string; name: string }) => <option key={o.id} value={o.id}>{o.name}</option>;
  const listed = q ? [...hits.filter((o) => able.has(o.id)), ...hits.filter((o) => !able.has(o.id))].slice(0, SHOWN) : [];
  const take = (o: { id: string }) => { set(o.id); setFind(''); };
  return (
    <>
      <input className="input" type="search" value={find} placeholder={t('desk.pick.organisation')} aria-label={t('desk.pick.organisation')} aria-controls={id} data-testid={`find-${name}`}
        onChange={(e) => setFind(e.target.value)} onKeyDown={(e) => { if (e.key === 'Enter') { e.preventDefault(); if (listed[0]) take(listed[0]); } }} />
      {listed.length > 0 && <ul className="pick-list" aria-label={t('desk.pick.list')}>{listed.map((o) => <li key={o.id}><button type="button" className="btn" onClick={() => take(o)} data-testid={`pick-${o.id}`}>{o.name}</button></li>)}</ul>}
      <small className="note" role="status">{!q ? '' : hits.length === 0 ? t('desk.pick.none') : hits.length > SHOWN ? t('desk.pick.more', { n: hits.length - SHOWN }) : t('desk.pick.found', { n: listed.length })}</small>
      <select id={id} className="input" value={value} aria-invalid={bad} onChange={(e) => set(e.target.value)} data-testid={`field-${name}`}>
        <option value="">{t('desk.choose')}</option>
        {able.size > 0 ? <><optgroup label={t('desk.pick.able')}>{parties.filter((o) => able.has(o.id)).map(draw)}</optgroup><optgroup label={t('desk.pick.others')}>{parties.filter((o) => !able.has(o.id)).map(draw)}</optgroup></> : parties.map(draw)}
      </select>
    </>
  );
}
