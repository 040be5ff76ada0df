import { post, useApi, useVerb } from '~/api/client';
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
import './shared';

export default function Track() {
  const { t } = useTranslation();
  const lang = useLang();
  const track = useParam('track');
  const path = `/api/public/reports/${encodeURIComponent(track)}`;
  const query = useApi<Followed>(path, undefined, { asOf: false });
  const rate = useVerb((stars: number) => post<Followed>(`${path}/rating`, { stars }), () => toast.ok(t('desk.rated')));
  return (
    <Read query={query} skeleton={<Page title="…" narrow><Skeleton rows={6} height={30} /></Page>}>
      {(f) => (
        <Page title={f.title} state={<Mark tone={f.kind === 'done' ? 'good' : f.kind === 'void' ? 'none' : 'accent'}>{say(f.stateTitle, lang)}</Mark>} sub={<Code>{f.number}</Code>} crumb={<To href="/report">{t('desk.report')}</To>} narrow testid="tracked">
          <ol className="case-steps">{f.steps.map((s, i) => <li key={i} data-testid="public-step"><strong>{say(s.title, lang)}</strong><div className="note">{moment(s.at, lang)}</div>{s.note && <p>{s.note}</p>}</li>)}</ol>
          {f.dueAt && f.kind === 'open' && <p className="note">{t('desk.due')} {moment(f.dueAt, lang)}{f.provisional && `（${t('desk.provisional')}）`}</p>}
          {f.files.length > 0 && <ul className="case-photos">{f.files.map((s) => <li key={s}><img src={`/api/files/${s}/thumbnail`} alt={t('desk.photos')} /></li>)}</ul>}
          {f.canRate && <Section title={t('desk.rate')}><div className="row">{[1, 2, 3, 4, 5].map((n) => <button key={n} type="button" className="btn" disabled={rate.isPending} aria-label={`${n}`} onClick={() => rate.mutate(n)} data-testid={`stars-${n}`}>{'★'.repeat(n)}</button>)}</div></Section>}
          {f.rating && <p>{t('desk.rating')} {'★'.repeat(f.rating.stars)}</p>}
          {rate.error && <ErrorBox error={rate.error} />}
        </Page>
      )}
    </Read>
  );
}
