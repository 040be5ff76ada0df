// A later year, as it was announced.
import { useState } from 'react';
import type { Calendar, CalendarYear } from '~/api/calendar';
import { put, useVerb } from '~/api/client';
import { useTranslation } from '~/i18n';
import { ErrorBox } from '~/ui/State';
import { entries, faultOf, lines } from './days';

export function Enter({ next, from }: { next: number; from: CalendarYear | null }) {
  const { t } = useTranslation();
  const [year, setYear] = useState(String(from?.year ?? next));
  const [holidays, setHolidays] = useState(from ? lines(from.holidays) : '');
  const [workdays, setWorkdays] = useState(from ? lines(from.workdays) : '');
  const [source, setSource] = useState(from?.source ?? '');
  const [tried, setTried] = useState(false);
  const n = Number(year);
  const badYear = !Number.isInteger(n) || n < 2000 || n > 2100;
  const off = faultOf(holidays, n);
  const work = faultOf(workdays, n);
  const empty = entries(holidays).length === 0;
  const fine = !badYear && !off && !work && !empty && source.trim();
  const send = useVerb(() => put<Calendar>(`/api/calendar/${n}`, { holidays: entries(holidays), workdays: entries(workdays), source: source.trim() }));
  const fault = (f: typeof off) => tried && f && <span className="field-error" role="alert">{t(f.other ? 'water.cal.otherYear' : 'water.cal.badLine', { n: f.n, line: f.line, year })}</span>;
  const need = (missing: boolean) => tried && missing && <span className="field-error" role="alert">{t('water.cal.need')}</span>;
  return (
    <div className="panel">
      <h2>{t('water.cal.enter')}</h2>
      <p className="note">{t('water.cal.enterHow')}</p>
      <form className="form enter-form" noValidate data-testid="calendar-form" onSubmit={(e) => { e.preventDefault(); setTried(true); if (fine) send.mutate(undefined as never, { onSuccess: () => setTried(false) }); }}>
        <label><span>{t('water.cal.year')}</span><input className="input" inputMode="numeric" value={year} onChange={(e) => setYear(e.target.value.trim())} aria-invalid={tried && badYear} data-testid="calendar-year" />{tried && badYear && <span className="field-error" role="alert">{t('water.cal.badYear')}</span>}</label>
        <label><span>{t('water.cal.holidaysIn')}</span><textarea className="input mono" rows={6} spellCheck={false} value={holidays} onChange={(e) => setHolidays(e.target.value)} placeholder={`${year}-01-01..${year}-01-03`} aria-invalid={tried && (Boolean(off) || empty)} data-testid="calendar-holidays" /><small className="note">{t('water.cal.range')}</small>{fault(off)}{need(empty)}</label>
        <label><span>{t('water.cal.workdaysIn')}</span><textarea className="input mono" rows={4} spellCheck={false} value={workdays} onChange={(e) => setWorkdays(e.target.value)} aria-invalid={tried && Boolean(work)} data-testid="calendar-workdays" />{fault(work)}</label>
        <label><span>{t('water.cal.sourceIn')}</span><input className="input" value={source} maxLength={300} onChange={(e) => setSource(e.target.value)} aria-invalid={tried && !source.trim()} data-testid="calendar-source" />{need(!source.trim())}</label>
        {send.error && <ErrorBox error={send.error} />}
        {send.data && <p className="saved" role="status" data-testid="calendar-saved" data-n={send.data.recomputed ?? 0}><strong>{t('water.cal.savedTitle', { year })}</strong> {t('water.cal.saved', { n: send.data.recomputed ?? 0 })}</p>}
        <div><button type="submit" className="btn primary" disabled={send.isPending} data-testid="calendar-save">{t('water.cal.save')}</button></div>
      </form>
    </div>
  );
}
