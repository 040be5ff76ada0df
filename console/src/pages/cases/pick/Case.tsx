// Another case of the same workflow that is still open: those that look like duplicates first, any other by number, title or place.
import { useEffect, useState } from 'react';
import { useApi } from '~/api/client';
import type { CaseInfo, CaseList, CaseRow } from '~/api/cases';
import { useTranslation } from '~/i18n';
import { CaseMarks } from '../shared';
import type { Control } from './Organisation';

const SHOWN = 6;

export function CasePick({ id, name, value, set, bad, of }: Control & { of: CaseInfo }) {
  const { t } = useTranslation();
  const [find, setFind] = useState('');
  const [sent, setSent] = useState('');
  const [chosen, setChosen] = useState<CaseRow | null>(null);
  useEffect(() => {
    const timer = setTimeout(() => setSent(find.trim()), 250);
    return () => clearTimeout(timer);
  }, [find]);
  const found = useApi<CaseList>(sent ? '/api/cases' : null, { q: sent, workflow: of.workflow, kind: 'open', limit: SHOWN + 1 }, { asOf: false });
  const hits = (sent ? (found.data?.cases ?? []) : of.duplicates).filter((c) => c.id !== of.id).slice(0, SHOWN);
  if (chosen && value === chosen.id) {
    return <p className="pick-one" data-testid={`chosen-${name}`}><strong>{chosen.number}</strong> {chosen.title} <button type="button" className="link" onClick={() => { set(''); setChosen(null); }}>{t('desk.pick.another')}</button></p>;
  }
  return (
    <>
      <input id={id} className="input" type="search" value={find} placeholder={t('desk.pick.case')} aria-invalid={bad} autoComplete="off" data-testid={`field-${name}`} onChange={(e) => setFind(e.target.value)} onKeyDown={(e) => { if (e.key === 'Enter') e.preventDefault(); }} />
      {!sent && of.duplicates.length > 0 && <small className="note">{t('desk.duplicates')}</small>}
      <ul className="pick-list wide" aria-label={t('desk.pick.list')}>{hits.map((c) => <li key={c.id}><button type="button" className="btn" onClick={() => { set(c.id); setChosen(c); }} data-testid={`pick-${c.number}`}><span><strong>{c.number}</strong> {c.title}</span> <CaseMarks of={c} /></button></li>)}</ul>
      <small className="note" role="status">{sent && found.data && hits.length === 0 ? t('desk.pick.none') : ''}</small>
    </>
  );
}
