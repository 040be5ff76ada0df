// One alert: why it fired, about what, what was done, and what may be done now.
import { ClockCircleOutlined } from '@ant-design/icons';
import type { Alert as Data, Scheme } from '~/api/alerts';
import { useApi } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useActorName, useMyPost } from '~/state/session';
import { useAsOf, useParam } from '~/state/url';
import { Code, Mark, RecordTag } from '~/ui/Bits';
import { moment, number } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { WhoCan } from '../returns/shared';
import { Inputs, SeverityMark, Simulated, stateTone, useCategory } from './bits';
import { Verbs } from './Verbs';
import './alerts.css';

export default function Alert() {
  const { t } = useTranslation();
  const id = useParam('id');
  const query = useApi<Data>(`/api/alerts/${encodeURIComponent(id)}`);
  const crumb = <To href="/alerts">{t('alerts.title')}</To>;
  if (query.data === undefined) return <Page title={t('alerts.one')} crumb={crumb}><Read query={query} skeleton={<Skeleton rows={10} height={32} />}>{() => null}</Read></Page>;
  return <Loaded of={query.data} crumb={crumb} />;
}

function Loaded({ of, crumb }: { of: Data; crumb: React.ReactNode }) {
  const { t } = useTranslation();
  const lang = useLang();
  const mine = useMyPost();
  const asOf = useAsOf();
  const actor = useActorName();
  const category = useCategory();
  const { data: schemes } = useApi<{ schemes: Scheme[] }>('/api/severity', undefined, { staleTime: 300_000 });
  const scheme = schemes?.schemes.find((s) => s.id === of.scheme);
  const may = (mine?.verbs.includes('alert.act') ?? false) && !asOf;
  const steps = [...of.steps].reverse();
  return (
    <Page title={of.title} testid="alert" crumb={crumb} state={<span className="in-line"><SeverityMark of={of.severity} pulse={of.state === 'raised'} /> <span data-testid="alert-state" data-state={of.state}><Mark tone={stateTone[of.state]}>{say(of.stateTitle, lang)}</Mark></span> {of.simulated && <Simulated />}</span>}
      verbs={may ? <Verbs of={of} /> : undefined} sub={of.description || undefined}>
      {asOf ? <p className="note">{t('alerts.past')}</p> : !may && <WhoCan verb="alert.act" what={t('alerts.actWhat')} />}
      {of.state === 'shelved' && <p className="who-can"><ClockCircleOutlined /> {of.shelvedUntil ? t('alerts.shelvedUntil', { at: moment(of.shelvedUntil, lang) }) : t('alerts.states.shelved')} {of.shelvedReason}</p>}
      <div className="with-side">
        <div>
          <Section title={t('alerts.why')} testid="why">
            <div className="panel">
              {of.rule && <p className="why-rule"><To href={`/rules/${encodeURIComponent(of.rule.id)}`} data-testid="alert-rule">{say(of.rule.title, lang)}</To></p>}
              <Inputs of={of.inputs} />
            </div>
          </Section>
          <Section title={t('alerts.steps')}>
            {steps.length === 0 ? <p className="note">{t('alerts.noSteps')}</p> : (
              <ol className="steps" data-testid="steps">{steps.map((s, i) => (
                <li key={i} data-testid="step" data-verb={s.verb}><strong>{say(s.title, lang)}</strong> {s.seq !== null && <RecordTag seq={s.seq} />}<div className="note">{actor(s.by)} · {moment(s.at, lang)}</div>{s.note && <blockquote>{s.note}</blockquote>}</li>
              ))}</ol>
            )}
          </Section>
        </div>
        <aside>
          <div className="panel"><h2>{t('alerts.facts')}</h2>
            <dl className="facts">
              {of.about && <div><dt>{t('alerts.about')}</dt><dd><To href={entityHref(of.about.id)} data-testid="alert-about">{of.about.name}</To></dd></div>}
              <div><dt>{t('alerts.count')}</dt><dd data-testid="alert-count">{t('alerts.times', { n: number(of.count) })}</dd></div>
              <div><dt>{t('alerts.first')}</dt><dd>{moment(of.firstAt, lang)}</dd></div>
              <div><dt>{t('alerts.last')}</dt><dd>{moment(of.lastAt, lang)}</dd></div>
              {of.acknowledgedBy && <div><dt>{t('alerts.acknowledged')}</dt><dd>{actor(of.acknowledgedBy)}<br /><span className="note">{moment(of.acknowledgedAt, lang)}</span></dd></div>}
              {of.escalation > 0 && <div><dt>{t('alerts.escalation')}</dt><dd>{of.escalation}</dd></div>}
              {of.case && <div><dt>{t('alerts.case')}</dt><dd><To href={`/cases/${encodeURIComponent(of.case.id)}`} data-testid="alert-case">{of.case.number}</To></dd></div>}
              <div><dt>{t('alerts.scheme')}</dt><dd title={scheme?.source ?? of.scheme}>{say(scheme?.title, lang) || of.scheme}</dd></div>
              {of.category && <div><dt>{t('alerts.category')}</dt><dd title={of.category} data-testid="alert-category">{category(of.category)}</dd></div>}
              {of.group && <div><dt>{t('alerts.group')}</dt><dd><code>{of.group}</code></dd></div>}
              {of.location && <div><dt>{t('alerts.location')}</dt><dd><Code>{`${of.location[0].toFixed(5)}, ${of.location[1].toFixed(5)}`}</Code></dd></div>}
              <div><dt>CAP</dt><dd><a href={of.capUrl} target="_blank" rel="noreferrer" title={t('alerts.cap')} data-testid="alert-cap">{t('alerts.capOpen')}</a></dd></div>
            </dl>
          </div>
        </aside>
      </div>
    </Page>
  );
}
