// The working calendar: hours and days off that terms are reckoned by; a later year is entered here.
import { InfoCircleOutlined } from '@ant-design/icons';
import { useState } from 'react';
import type { Calendar as Data, CalendarYear } from '~/api/calendar';
import { useApi } from '~/api/client';
import { useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useMyPost } from '~/state/session';
import { useAsOf, useQueryState } from '~/state/url';
import { Mark } from '~/ui/Bits';
import { date } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { WhoCan } from '../returns/shared';
import { Chips } from '../alerts/bits';
import '../water/bits';
import { ranges } from './days';
import { End } from './End';
import { Enter } from './Enter';
import './calendar.css';

export default function Calendar() {
  const { t } = useTranslation();
  const query = useApi<Data>('/api/calendar');
  return (
    <Page title={t('water.cal.title')} sub={t('water.cal.sub')} testid="calendar" crumb={<To href="/settings">{t('shell.place.settings')}</To>}>
      <Read query={query} skeleton={<Skeleton rows={10} height={32} />}>{(d) => <Loaded of={d} />}</Read>
    </Page>
  );
}

function Loaded({ of }: { of: Data }) {
  const { t } = useTranslation();
  const lang = useLang();
  const mine = useMyPost();
  const asOf = useAsOf();
  const may = !asOf && (mine?.verbs.includes('calendar.enter') ?? false);
  const years = [...of.years].sort((a, b) => b.year - a.year);
  const here = new Date().getFullYear();
  const [picked, pick] = useQueryState('year');
  const [correcting, setCorrecting] = useState<CalendarYear | null>(null);
  const year = years.find((y) => String(y.year) === picked) ?? years.find((y) => y.year === here) ?? years[0];
  return (
    <>
      {asOf ? <p className="note">{t('water.cal.past')}</p> : !may && <WhoCan verb="calendar.enter" what={t('water.cal.what')} />}
      <div className="with-side">
        <div>
          <p className="who-can" data-testid="provisional"><span><Mark tone="near" icon={<InfoCircleOutlined />}>{t('common.provisional')}</Mark> {t('water.cal.provisional', { at: date(of.provisionalFrom, lang) })}</span></p>
          <Section title={t('water.cal.years')} note={`${t('water.cal.hours')} ${of.hours.map(([a, b]) => `${a}–${b}`).join(lang === 'zh' ? '、' : ', ')}`}
            extra={years.length > 1 && <Chips label={t('water.cal.year')} value={String(year?.year ?? '')} set={(v) => v && pick(v)} testid="year" options={years.map((y) => ({ value: String(y.year), name: String(y.year) }))} />}>
            {year && <Year of={year} correct={may ? () => setCorrecting(year) : undefined} />}
          </Section>
        </div>
        <aside className="side-long">
          <End />
          {may && <Enter key={correcting?.year ?? 'new'} next={(years[0]?.year ?? here) + 1} from={correcting} />}
        </aside>
      </div>
    </>
  );
}

function Year({ of, correct }: { of: CalendarYear; correct: (() => void) | undefined }) {
  const { t } = useTranslation();
  const lang = useLang();
  const off = new Set(of.holidays);
  const work = new Set(of.workdays);
  const list = (days: string[]) => (days.length === 0 ? t('water.cal.noDays') : ranges(days, lang).join(lang === 'zh' ? '、' : ', '));
  return (
    <div className="panel" data-testid="year" data-year={of.year}>
      <div className="year-head"><h3>{of.year}</h3> <Mark tone={of.entered ? 'accent' : 'none'}>{t(of.entered ? 'water.cal.entered' : 'water.cal.packed')}</Mark>{correct && <button type="button" className="btn small" onClick={correct} data-testid="year-correct">{t('water.cal.correct')}</button>}</div>
      <dl className="facts">
        <div><dt>{t('water.cal.holidays', { n: of.holidays.length })}</dt><dd data-testid="holidays">{list(of.holidays)}</dd></div>
        <div><dt>{t('water.cal.workdays', { n: of.workdays.length })}</dt><dd data-testid="workdays">{list(of.workdays)}</dd></div>
        <div><dt>{t('water.cal.source')}</dt><dd>{of.source || '—'}</dd></div>
      </dl>
      <p className="legend">{(['off', 'work', 'weekend'] as const).map((k) => <span key={k}><i className={`day ${k}`} />{t(`water.cal.legend.${k}`)}</span>)}</p>
      <div className="year-grid" aria-hidden="true">{Array.from({ length: 12 }, (_, m) => <Month key={m} year={of.year} month={m} off={off} work={work} lang={lang} />)}</div>
    </div>
  );
}

function Month({ year, month, off, work, lang }: { year: number; month: number; off: Set<string>; work: Set<string>; lang: 'zh' | 'en' }) {
  const first = (new Date(Date.UTC(year, month, 1)).getUTCDay() + 6) % 7;
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const two = (n: number) => String(n).padStart(2, '0');
  return (
    <div className="month">
      <b>{lang === 'zh' ? `${month + 1}月` : two(month + 1)}</b>
      <div>{Array.from({ length: first }, (_, i) => <span key={`e${i}`} />)}{Array.from({ length: days }, (_, i) => {
        const iso = `${year}-${two(month + 1)}-${two(i + 1)}`;
        const weekend = (first + i) % 7 > 4;
        return <span key={iso} className={`day ${off.has(iso) ? 'off' : work.has(iso) ? 'work' : weekend ? 'weekend' : ''}`}>{i + 1}</span>;
      })}</div>
    </div>
  );
}
