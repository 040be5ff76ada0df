import { lazy, Suspense } from 'react';
import { useApi } from '~/api/client';
import type { CaseList, CaseRow, Workflow } from '~/api/cases';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useMyPost } from '~/state/session';
import { useChangeQuery, useQueryState } from '~/state/url';
import { moment } from '~/ui/format';
import { Exports } from '~/ui/ListTools';
import { Page } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { asked, useCaseFilter } from './filter';
import { Filters, Order, statesOf } from './Filters';
import { useFlows } from './lookups';
import { CaseMarks } from './shared';

// The map library comes only when a map is asked for.
const CasesMap = lazy(() => import('./CasesMap'));

const PAGE = 50;
const BOARD = 200;

export default function Cases() {
  const { t } = useTranslation();
  const lang = useLang();
  const mine = useMyPost();
  const [view] = useQueryState('view', 'list');
  const [sort] = useQueryState('sort');
  const [offset] = useQueryState('offset', '0');
  const change = useChangeQuery();
  const flows = useFlows();
  const chosen = useCaseFilter();
  const filter = { ...asked(chosen), sort };
  const query = useApi<CaseList>('/api/cases', { ...filter, sort: sort || '-createdAt', limit: view === 'board' ? BOARD : PAGE, offset: view === 'board' ? 0 : Number(offset) || 0 });
  const states = statesOf(flows.data?.workflows ?? [], chosen.workflow);
  const from = Number(offset) || 0;
  return (
    <Page title={t('desk.title')} sub={t('desk.sub')} testid="cases" verbs={<><To className="btn primary" href={mine?.verbs.includes('case.report') ? '/cases/new' : '/report'} data-testid="to-report">{mine?.verbs.includes('case.report') ? t('desk.intake.title') : t('desk.enter')}</To><To className="btn" href="/cases/statistics" data-testid="to-figures">{t('desk.figures')}</To><Exports path="/api/cases/export" params={filter} name={t('desk.title')} /></>}>
      <Filters />
      <div className="case-order">
        <button type="button" className="btn" aria-pressed={chosen.mine === '1'} disabled={!mine} title={mine ? undefined : t('desk.mineHow')} onClick={() => change({ mine: chosen.mine ? null : '1', offset: null })} data-testid="cases-mine">{t('desk.mine')}</button>
        <div className="row" role="group" aria-label={t('desk.views')}>
          {(['list', 'board', 'map'] as const).map((v) => <button key={v} type="button" className={view === v ? 'btn primary' : 'btn'} aria-pressed={view === v} onClick={() => change({ view: v === 'list' ? null : v, offset: null })} data-testid={`view-${v}`}>{t(`desk.${v}`)}</button>)}
        </div>
        {query.data && <span className="note" data-testid="total">{t('common.total', { n: query.data.total })}</span>}
        {view !== 'map' && <Order />}
      </div>
      <Read query={query} skeleton={<Skeleton rows={8} height={40} />}>
        {(found) => found.total === 0 ? (Object.keys(chosen).length > 0 ? <Empty title={t('common.empty.noMatch')}>{t('common.empty.noMatchDo')}</Empty> : <Empty title={t('desk.none')}>{t('desk.noneDo')}</Empty>) : view === 'board' ? <Board found={found} states={states} /> : view === 'map' ? <Suspense fallback={<Skeleton rows={1} height={400} />}><CasesMap filter={asked(chosen)} /></Suspense> : (
          <>
            <div className="case-scroll panel"><table className="case-table">
              <thead><tr><th>{t('desk.number')}</th><th>{t('desk.name')}</th><th>{t('desk.state')}</th><th>{t('desk.code')}</th><th>{t('desk.street')}</th><th>{t('desk.organisation')}</th><th>{t('desk.since')}</th></tr></thead>
              <tbody>{found.cases.map((c) => (
                <tr key={c.id} data-testid="case-row">
                  <td><To href={`/cases/${c.id}`}>{c.number}</To></td>
                  <td>{c.title}</td>
                  <td><CaseMarks of={c} /></td>
                  <td className={c.codeTitle?.zh === c.title ? 'same' : undefined}>{say(c.codeTitle, lang)}</td>
                  <td>{c.streetName}</td>
                  <td>{c.organisation?.name ?? say(c.roleTitle, lang)}</td>
                  <td>{moment(c.since, lang)}</td>
                </tr>
              ))}</tbody>
            </table></div>
            {found.total > PAGE && <div className="pager"><button type="button" className="btn" disabled={from === 0} onClick={() => change({ offset: String(Math.max(0, from - PAGE)) })} data-testid="prev">{t('desk.prev')}</button><span>{from + 1}–{Math.min(found.total, from + PAGE)} / {found.total}</span><button type="button" className="btn" disabled={from + PAGE >= found.total} onClick={() => change({ offset: String(from + PAGE) })} data-testid="next">{t('desk.next')}</button></div>}
          </>
        )}
      </Read>
    </Page>
  );
}

function Board({ found, states }: { found: CaseList; states: Workflow['states'] }) {
  const { t } = useTranslation();
  const lang = useLang();
  const used = states.filter((s) => s.kind === 'open' || (found.counts.state[s.name] ?? 0) > 0);
  return (
    <>
    {found.total > BOARD && <p className="note">{t('desk.boardFirst', { n: BOARD })}</p>}
    <div className="case-board" tabIndex={0} role="region" aria-label={t('desk.board')} data-testid="board">
      {used.map((s) => (
        <section key={s.name} className="case-column" data-testid={`column-${s.name}`}>
          <h2><span>{say(s.title, lang)}</span><b>{found.counts.state[s.name] ?? 0}</b></h2>
          {found.cases.filter((c) => c.state === s.name).map((c) => <Card key={c.id} of={c} />)}
        </section>
      ))}
    </div>
    </>
  );
}

function Card({ of }: { of: CaseRow }) {
  const lang = useLang();
  return (
    <To href={`/cases/${of.id}`} className="case-card">
      <strong>{of.title}</strong>
      <CaseMarks of={of} state={false} />
      <small className="note">{of.number} · {of.streetName ?? of.address ?? say(of.codeTitle, lang)}{of.organisation ? ` · ${of.organisation.name}` : ''}</small>
    </To>
  );
}
