// How a citizen's report stands, by the code that only the reporter has; when it is done, what the reporter thinks of it.
import { StarFilled } from '@ant-design/icons';
import { useState } from 'react';
import { ApiError, post, useApi, useVerb } from '~/api/client';
import type { Followed } from '~/api/cases';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useParam } from '~/state/url';
import { Code, Mark } from '~/ui/Bits';
import { moment } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { ErrorBox, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { STARS, Stars } from './pick/Stars';
import { TrackForm } from './TrackForm';
import './intake.css';
import './shared';

type Rated = { stars: number; note?: string | null };

export default function Track() {
  const { t } = useTranslation();
  const track = useParam('track');
  const path = `/api/public/reports/${encodeURIComponent(track)}`;
  const query = useApi<Followed>(path, undefined, { asOf: false });
  if (query.error instanceof ApiError && query.error.status === 404 && !query.data) {
    return <Page title={t('desk.find')} narrow testid="track-missing"><p className="open-note" role="alert">{t('desk.trackNone', { code: track })}</p><TrackForm first /></Page>;
  }
  return (
    <Read query={query} skeleton={<Page title={t('desk.find')} narrow><Skeleton rows={6} height={30} /></Page>}>
      {(f) => <Found of={f} path={path} />}
    </Read>
  );
}

function Found({ of: f, path }: { of: Followed; path: string }) {
  const { t } = useTranslation();
  const lang = useLang();
  const rating: Rated | null = f.rating;
  return (
    <Page title={f.title} state={<Mark tone={f.kind === 'done' ? 'good' : f.kind === 'void' ? 'none' : 'accent'}>{say(f.stateTitle, lang)}</Mark>} sub={<Code>{f.number}</Code>} crumb={<To href="/track">{t('desk.find')}</To>} narrow testid="tracked">
      <ol className="case-steps">{f.steps.map((s, i) => <li key={i} data-testid="public-step"><strong>{say(s.title, lang)}</strong><div className="note">{moment(s.at, lang)}</div>{s.note && <p>{s.note}</p>}</li>)}</ol>
      {f.dueAt && f.kind === 'open' && <p className="note">{t('desk.due')} {moment(f.dueAt, lang)}{f.provisional && `（${t('desk.provisional')}）`}</p>}
      {f.files.length > 0 && <ul className="case-photos">{f.files.map((s) => <li key={s}><img src={`/api/files/${s}/thumbnail`} alt={t('desk.photos')} /></li>)}</ul>}
      {f.canRate && <Rate path={path} />}
      {rating && <Section title={t('desk.yourRating')}><p data-testid="rated"><Stars n={rating.stars} /> {t(`desk.stars.${rating.stars}`)}</p>{rating.note && <p>{rating.note}</p>}</Section>}
    </Page>
  );
}

/** Words first, if any; a press on the stars sends both. A rating is given once. */
function Rate({ path }: { path: string }) {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const rate = useVerb((stars: number) => post<Followed>(`${path}/rating`, { stars, ...(note.trim() ? { note: note.trim() } : {}) }), () => toast.ok(t('desk.rated')));
  return (
    <Section title={t('desk.rate')}>
      <div className="rate panel">
        <label className="field"><span>{t('desk.rateNote')} <small className="note">{t('desk.optional')}</small></span><textarea className="input" rows={3} maxLength={2000} value={note} onChange={(e) => setNote(e.target.value)} data-testid="rate-note" /></label>
        <p>{t('desk.rateHow')}</p>
        <div className="rate-stars">{[...STARS].reverse().map((n) => (
          <button key={n} type="button" className="btn" disabled={rate.isPending} onClick={() => rate.mutate(n)} aria-label={t('desk.stars.give', { n, word: t(`desk.stars.${n}`) })} data-testid={`stars-${n}`}><span className="stars" aria-hidden="true">{Array.from({ length: n }, (_, i) => <StarFilled key={i} />)}</span> {t(`desk.stars.${n}`)}</button>
        ))}</div>
        {rate.error && <ErrorBox error={rate.error} />}
      </div>
    </Section>
  );
}
