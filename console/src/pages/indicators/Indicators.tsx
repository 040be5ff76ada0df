import { QuestionCircleOutlined } from '@ant-design/icons';
import { Fragment } from 'react';
import { useApi } from '~/api/client';
import type { AsOfInfo, Indicator, Status } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/indicators';
import { useLang } from '~/state/prefs';
import { useChangeQuery, useQueryState } from '~/state/url';
import { AsOf } from '~/ui/AsOf';
import { FigureNum, Mark, StatusMark } from '~/ui/Bits';
import { number } from '~/ui/format';
import { Choice, Exports, SearchField, Tools } from '~/ui/ListTools';
import { Page } from '~/ui/Page';
import { PathChart } from '~/ui/PathChart';
import { Empty, Read, Skeleton } from '~/ui/State';
import { indicatorHref, To } from '~/ui/To';
import './indicators.css';

texts('indicators', words);

const statuses: Status[] = ['behind', 'near', 'achieved', 'conflict', 'no-data'];

export default function Indicators() {
  const { t } = useTranslation();
  const query = useApi<{ asOf: AsOfInfo; indicators: Indicator[] }>('/api/indicators');
  return (
    <Page title={t('indicators.title')} sub={query.data ? <>{t('indicators.sub')} <AsOf info={query.data.asOf} /></> : t('indicators.sub')} testid="indicators"
      verbs={<Exports path="/api/indicators/export" name={t('indicators.title')} />}>
      <Read query={query} skeleton={<Skeleton rows={14} height={36} />}>{(data) => <List all={data.indicators} />}</Read>
    </Page>
  );
}

function List({ all }: { all: Indicator[] }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [text] = useQueryState('search');
  const [status] = useQueryState('status');
  const [group] = useQueryState('group');
  const [goal, setGoal] = useQueryState('goal');
  const [sort, setSort] = useQueryState('sort', 'order');
  const change = useChangeQuery();
  const groups = [...new Map(all.map((i) => [i.group, say(i.groupTitle, lang)])).entries()];
  const words = text.trim().toLowerCase();
  const found = all.filter((i) =>
    (!status || i.status === status) && (!group || i.group === group) && (!goal || i.goal)
    && (!words || [i.id, i.title.zh, i.title.en, i.question.zh, i.question.en, i.lead?.name ?? ''].some((x) => x.toLowerCase().includes(words))));
  const down = sort.startsWith('-') ? -1 : 1;
  const by = sort.replace('-', '');
  const position = new Map(groups.map(([g], n) => [g, n]));
  const sorted = [...found].sort((a, b) => {
    if (by === 'name') return down * say(a.title, lang).localeCompare(say(b.title, lang), lang === 'zh' ? 'zh-CN' : 'en');
    if (by === 'progress') return down * ((a.progress ?? -Infinity) - (b.progress ?? -Infinity)) || a.order - b.order;
    if (by === 'status') return down * (statuses.indexOf(a.status) - statuses.indexOf(b.status)) || a.order - b.order;
    return (position.get(a.group) ?? 0) - (position.get(b.group) ?? 0) || a.order - b.order;
  });
  const grouped = by === 'order';
  const head = (key: string, label: string) => (
    <button type="button" className="sort-btn" onClick={() => setSort(sort === key ? `-${key}` : sort === `-${key}` ? null : key)}>{label} {by === key ? (down > 0 ? '↑' : '↓') : <span aria-hidden="true">↕</span>}</button>
  );
  const aria = (key: string) => (by === key ? (down > 0 ? 'ascending' as const : 'descending' as const) : undefined);
  return (
    <>
      <Tools>
        <SearchField label={t('indicators.search')} testid="indicator-search" />
        <Choice name="status" label={t('indicators.status')} options={statuses.map((s) => ({ value: s, label: t(`common.status.${s}`) }))} />
        <Choice name="group" label={t('indicators.group')} options={groups.map(([value, label]) => ({ value, label }))} />
        <label className="check"><input type="checkbox" checked={goal === '1'} onChange={(e) => setGoal(e.target.checked ? '1' : null)} data-testid="only-goals" />{t('indicators.onlyGoals')}</label>
        <span className="tools-end" data-testid="indicator-count">{t('indicators.n', { n: found.length })}{found.length !== all.length && ` ${t('indicators.of', { n: all.length })}`}</span>
      </Tools>
      {found.length === 0
        ? <Empty title={t('indicators.noMatch')} action={<button type="button" className="btn" onClick={() => change({ search: null, status: null, group: null, goal: null })}>{t('common.clear')}</button>}>{t('common.empty.noMatchDo')}</Empty>
        : (
          <div className="scroll" tabIndex={0} role="region" aria-label={t('indicators.title')}>
            <table className="list indicators" data-testid="indicator-table">
              <thead><tr>
                <th scope="col" aria-sort={aria('name')}>{head('name', t('indicators.col.name'))}</th>
                <th scope="col" aria-sort={aria('status')}>{head('status', t('indicators.col.status'))}</th>
                <th scope="col" className="right">{t('indicators.col.baseline')}</th>
                <th scope="col" className="right">{t('indicators.col.actual')}</th>
                <th scope="col" className="right">{t('indicators.col.target')}</th>
                <th scope="col" className="right" aria-sort={aria('progress')}>{head('progress', t('indicators.col.progress'))}</th>
                <th scope="col">{t('indicators.col.path')}</th>
                <th scope="col">{t('indicators.col.lead')}</th>
              </tr></thead>
              <tbody>
                {sorted.map((i, n) => (
                  <Fragment key={i.id}>
                    {grouped && (n === 0 || sorted[n - 1]?.group !== i.group) && <tr className="group-row"><th colSpan={8} scope="colgroup">{say(i.groupTitle, lang)}</th></tr>}
                    <Row of={i} />
                  </Fragment>
                ))}
              </tbody>
            </table>
          </div>
        )}
    </>
  );
}

function Row({ of }: { of: Indicator }) {
  const { t } = useTranslation();
  const lang = useLang();
  const href = indicatorHref(of.id);
  const figure = (f: Indicator['actual']) => (f ? <To href={`${href}?figure=${encodeURIComponent(f.ref)}#lineage`}><FigureNum figure={f} /></To> : <span className="note">—</span>);
  return (
    <tr data-testid={`indicator-${of.id}`}>
      <th scope="row" className="indicator-name"><To href={href} data-testid="indicator-link">{say(of.title, lang)}</To>
        {of.conflicts.length > 0 && of.status !== 'conflict' && <To href={`${href}#conflicts`}><Mark tone="clash" icon={<QuestionCircleOutlined />}>{t('indicators.conflicts')}</Mark></To>}</th>
      <td>{of.goal ? <StatusMark status={of.status} title={say(of.statusRule.title, lang)} /> : <span className="note">—</span>}</td>
      <td className="right" data-label={t('indicators.col.baseline')}>{figure(of.baseline)}</td>
      <td className="right strong" data-label={t('indicators.col.actual')}>{of.actual ? figure(of.actual) : of.goal ? <span className="note">{t('common.status.no-data')}</span> : '—'}</td>
      <td className="right" data-label={t('indicators.col.target')}>{figure(of.target)}</td>
      <td className="right" data-label={t('indicators.col.progress')}>{of.progress === null ? <span className="note">—</span> : `${number(Math.round(of.progress * 100))}%`}</td>
      <td><PathChart of={of} width={128} height={38} name={say(of.title, lang)} /></td>
      <td className="lead">{of.lead?.name ?? say(of.askWhom, lang)}</td>
    </tr>
  );
}
