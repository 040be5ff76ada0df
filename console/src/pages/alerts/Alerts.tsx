// The alert centre: what stands, the most serious first; who is on call and how they are told are tabs of it.
import { ClockCircleOutlined, FolderOpenOutlined } from '@ant-design/icons';
import type { Alert, AlertList, AlertState, Scheme } from '~/api/alerts';
import type { RuleList } from '~/api/rules';
import { useApi } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useMyPost } from '~/state/session';
import { useAsOf, useChangeQuery, useQueryState } from '~/state/url';
import { Mark } from '~/ui/Bits';
import { moment } from '~/ui/format';
import { Choice, SearchField, Tools } from '~/ui/ListTools';
import { Page } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { WhoCan } from '../returns/shared';
import { AlertTabs } from './AlertTabs';
import { At, Chips, PAGE, Pager, SeverityMark, Simulated, stateTone, useCategory } from './bits';
import { Duty } from './Duty';
import { Verbs } from './Verbs';
import './alerts.css';

const states: AlertState[] = ['raised', 'acknowledged', 'shelved', 'cleared'];

export default function Alerts() {
  const { t } = useTranslation();
  const [tab] = useQueryState('tab', 'alerts');
  return (
    <Page title={t('alerts.title')} sub={t('alerts.sub')} testid="alerts" verbs={<To className="btn" href="/rules" data-testid="to-rules">{t('alerts.toRules')}</To>}>
      <AlertTabs at={tab} />
      {tab === 'duty' ? <Duty /> : <List />}
    </Page>
  );
}

function List() {
  const { t } = useTranslation();
  const lang = useLang();
  const mine = useMyPost();
  const asOf = useAsOf();
  const change = useChangeQuery();
  const word = useCategory();
  const [search] = useQueryState('search');
  const [state] = useQueryState('state');
  const [severity] = useQueryState('severity');
  const [category] = useQueryState('category');
  const [rule] = useQueryState('rule');
  const [about] = useQueryState('about');
  const [real] = useQueryState('simulated');
  const [pageText] = useQueryState('page', '1');
  const page = Math.max(1, Number(pageText) || 1);
  const query = useApi<AlertList>('/api/alerts', { state: state || 'raised,acknowledged,shelved', severity, category, rule, about, simulated: real, q: search, sort: 'severity', offset: (page - 1) * PAGE, limit: PAGE });
  const schemes = useApi<{ schemes: Scheme[] }>('/api/severity', undefined, { staleTime: 300_000 });
  const rules = useApi<RuleList>('/api/rules', undefined, { staleTime: 300_000 });
  const may = mine?.verbs.includes('alert.act') ?? false;
  const counts = query.data?.counts;
  // Levels of the schemes that are in use, by rank; one word for a level that several schemes share.
  const levels = [...new Map((schemes.data?.schemes ?? []).flatMap((s) => s.levels).reverse().map((l) => [l.id, l])).values()].filter((l) => counts?.severity[l.id] || severity === l.id).sort((a, b) => a.rank - b.rank);
  const categories = [...new Set([...(query.data?.alerts ?? []).map((a) => a.category), category].filter(Boolean))].sort();
  const filtered = Boolean(search || severity || category || rule || about || real || state);
  const set = (key: string) => (value: string | null) => change({ [key]: value, page: null });
  const open = counts ? states.filter((s) => s !== 'cleared').reduce((n, s) => n + (counts.state[s] ?? 0), 0) : undefined;
  return (
    <>
      <div className="alert-counts">
        <Chips label={t('alerts.state')} value={state} set={set('state')} testid="state" options={[{ value: '', name: t('alerts.open'), n: open }, ...states.map((s) => ({ value: s, name: <Mark tone={stateTone[s]}>{t(`alerts.states.${s}`)}</Mark>, n: counts ? (counts.state[s] ?? 0) : undefined }))]} />
        {levels.length > 0 && <Chips label={t('alerts.severity')} value={severity} set={set('severity')} testid="severity" options={levels.map((l) => ({ value: l.id, name: <SeverityMark of={l} />, n: counts?.severity[l.id] ?? 0 }))} />}
      </div>
      <Tools>
        <SearchField label={t('alerts.search')} testid="alerts-search" resets="page" />
        {categories.length > 1 && <Choice name="category" label={t('alerts.category')} options={categories.map((c) => ({ value: c, label: word(c) }))} />}
        {rules.data && <Choice name="rule" label={t('alerts.rule')} options={rules.data.rules.filter((r) => r.effects.includes('alert') || r.id === rule).map((r) => ({ value: r.id, label: say(r.title, lang) }))} />}
        <Choice name="simulated" label={t('alerts.real')} options={[{ value: 'false', label: t('alerts.onlyReal') }, { value: 'true', label: t('alerts.onlySimulated') }]} />
        {query.data && <span className="tools-end" data-testid="total">{t('common.total', { n: query.data.total })}</span>}
      </Tools>
      {asOf ? <p className="note">{t('alerts.past')}</p> : !may && <WhoCan verb="alert.act" what={t('alerts.actWhat')} />}
      <Read query={query} skeleton={<Skeleton rows={10} height={44} />}>
        {(d) => d.total === 0 ? (filtered
          ? <Empty title={t('common.empty.noMatch')} action={<button type="button" className="btn" onClick={() => change({ search: null, state: null, severity: null, category: null, rule: null, about: null, simulated: null, page: null })} data-testid="clear-filters">{t('common.clear')}</button>}>{t('common.empty.noMatchDo')}</Empty>
          : <Empty title={t('alerts.none')} action={<To className="btn" href="/rules">{t('alerts.toRules')}</To>}>{t('alerts.noneDo')}</Empty>) : (
          <>
            <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('alerts.title')}>
              <table className="list alerts-table" data-testid="alerts-table">
                <thead><tr>{(['severity', 'title', 'state', 'count', 'last'] as const).map((c) => <th key={c} scope="col" className={c === 'count' ? 'right' : ''}>{t(`alerts.col.${c}`)}</th>)}{may && !asOf && <th scope="col">{t('alerts.col.verbs')}</th>}</tr></thead>
                <tbody>{d.alerts.map((a) => <Row key={a.id} of={a} may={may && !asOf} />)}</tbody>
              </table>
            </div>
            <Pager page={page} total={d.total} />
          </>
        )}
      </Read>
    </>
  );
}

function Row({ of, may }: { of: Alert; may: boolean }) {
  const { t } = useTranslation();
  const lang = useLang();
  return (
    <tr data-testid="alert-row" data-id={of.id} data-state={of.state} data-severity={of.severity.id}>
      <td><SeverityMark of={of.severity} pulse={of.state === 'raised'} /></td>
      <th scope="row"><To href={`/alerts/${encodeURIComponent(of.id)}`} data-testid="alert-link">{of.title}</To> {of.simulated && <Simulated />}
        <div className="note alert-about">{of.about && <To href={entityHref(of.about.id)}>{of.about.name}</To>}{of.rule && <To href={`/rules/${encodeURIComponent(of.rule.id)}`}>{say(of.rule.title, lang)}</To>}{of.case && <To href={`/cases/${encodeURIComponent(of.case.id)}`} data-testid="alert-case"><FolderOpenOutlined /> {of.case.number}</To>}</div></th>
      <td><Mark tone={stateTone[of.state]} {...(of.acknowledgedBy ? { title: t('alerts.by', { by: of.acknowledgedBy, at: moment(of.acknowledgedAt, lang) }) } : {})}>{say(of.stateTitle, lang) || t(`alerts.states.${of.state}`)}</Mark>
        {of.state === 'shelved' && of.shelvedUntil && <div className="note"><ClockCircleOutlined /> {t('alerts.shelvedUntil', { at: moment(of.shelvedUntil, lang) })}</div>}
        {of.escalation > 0 && <div className="note">{t('alerts.escalated', { n: of.escalation })}</div>}</td>
      <td className="right" data-label={t('alerts.col.count')}>{t('alerts.times', { n: of.count })}</td>
      <td data-label={t('alerts.col.last')}><At of={of.lastAt} /></td>
      {may && <td><div className="row-verbs"><Verbs of={of} small /></div></td>}
    </tr>
  );
}
