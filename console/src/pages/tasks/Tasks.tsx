import { DownloadOutlined } from '@ant-design/icons';
import { Fragment } from 'react';
import { saveCsv, useApi } from '~/api/client';
import type { AsOfInfo, Task } from '~/api/types';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/tasks';
import { useLang } from '~/state/prefs';
import { useChangeQuery, useQueryState } from '~/state/url';
import { AsOf } from '~/ui/AsOf';
import { LightMark } from '~/ui/Bits';
import { date, number } from '~/ui/format';
import { Choice, SearchField, Tools } from '~/ui/ListTools';
import { Page } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { say } from '~/i18n';
import './tasks.css';
import '../returns/shared.css';

texts('tasks', words);

const lights = ['red', 'yellow', 'green'] as const;
const chapters = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十'];
/** 四(四)1 comes after 四(三)2. */
export function planOrder(number: string): number {
  const [, chapter = '', part = '', rest = ''] = /^(.)(?:\((.)\))?(\d*)/.exec(number) ?? [];
  const at = (c: string) => chapters.indexOf(c) + 1;
  return at(chapter) * 10_000 + at(part) * 100 + Number(rest || 0);
}
export const Meter = ({ value, label }: { value: number; label: string }) => (
  <span className="meter"><i role="img" aria-label={`${label} ${value}%`}><b style={{ width: `${Math.min(100, value)}%` }} /></i>{number(value)}%</span>
);

export default function Tasks() {
  const { t } = useTranslation();
  const lang = useLang();
  const query = useApi<{ asOf: AsOfInfo; tasks: Task[] }>('/api/tasks');
  const [search] = useQueryState('search');
  const [light, setLight] = useQueryState('light');
  const [section] = useQueryState('section');
  const [lead] = useQueryState('lead');
  const [sort] = useQueryState('sort', 'plan');
  const change = useChangeQuery();
  const all = query.data?.tasks ?? [];
  const words = search.trim().toLowerCase();
  const rest = all.filter((x) => (!words || [x.title, x.text, x.section?.name, x.section?.number, x.lead?.name].some((s) => s?.toLowerCase().includes(words)))
    && (!section || x.section?.id === section) && (!lead || (lead === '-' ? !x.lead : x.lead?.id === lead)));
  const shown = rest.filter((x) => !light || x.light === light);
  const urgency = { red: 0, yellow: 1, green: 2 };
  shown.sort((a, b) => planOrder(a.section?.number ?? '') - planOrder(b.section?.number ?? '') || a.id.localeCompare(b.id));
  if (sort === 'due') shown.sort((a, b) => (a.due ?? '9').localeCompare(b.due ?? '9'));
  if (sort === 'light') shown.sort((a, b) => urgency[a.light] - urgency[b.light]);
  if (sort === 'progress') shown.sort((a, b) => (a.progress ?? -1) - (b.progress ?? -1));
  const grouped = sort === 'plan';
  const unique = <T extends { id: string }>(list: (T | null)[]) => [...new Map(list.flatMap((x) => (x ? [[x.id, x] as const] : []))).values()];
  const sections = unique(all.map((x) => x.section)).sort((a, b) => planOrder(a.number) - planOrder(b.number));
  const save = () => saveCsv(t('tasks.exportName'), [
    [t('tasks.section'), t('tasks.col.task'), t('tasks.plan'), t('tasks.lead'), t('tasks.support'), t('tasks.due'), t('tasks.col.progress'), t('tasks.col.light'), t('tasks.rule')],
    ...shown.map((x) => [x.section ? `${x.section.number} ${x.section.name}` : '', x.title, x.text, x.lead?.name ?? '', x.support.map((s) => s.name).join('、'), x.due, x.progress, t(`common.light.${x.light}`), say(x.lightRule.title, lang)]),
  ]);
  return (
    <Page title={t('tasks.title')} testid="tasks" sub={<>{t('tasks.sub')} {query.data && <AsOf info={query.data.asOf} />}</>}
      verbs={<button type="button" className="btn" onClick={save} disabled={shown.length === 0} data-testid="tasks-export"><DownloadOutlined /> {t('common.exportCsv')}</button>}>
      <Tools>
        <SearchField label={t('tasks.search')} testid="tasks-search" />
        <div className="light-chips" role="group" aria-label={t('tasks.light')}>
          {lights.map((l) => (
            <button key={l} type="button" aria-pressed={light === l} onClick={() => setLight(light === l ? null : l)} data-testid={`light-${l}`}><LightMark light={l} /> <b>{rest.filter((x) => x.light === l).length}</b></button>
          ))}
        </div>
        <Choice name="section" label={t('tasks.section')} options={sections.map((s) => ({ value: s.id, label: `${s.number} ${s.name}` }))} testid="tasks-section" />
        <Choice name="lead" label={t('tasks.lead')} options={[{ value: '-', label: t('tasks.noLead') }, ...unique(all.map((x) => x.lead)).map((l) => ({ value: l.id, label: l.name }))]} testid="tasks-lead" />
        <label className="choice"><span>{t('tasks.sort')}</span>
          <select className="input" value={sort} onChange={(e) => change({ sort: e.target.value === 'plan' ? null : e.target.value })} data-testid="tasks-sort">{(['plan', 'light', 'due', 'progress'] as const).map((s) => <option key={s} value={s}>{t(`tasks.by.${s}`)}</option>)}</select>
        </label>
        {query.data && <span className="tools-end" data-testid="total">{t('common.total', { n: shown.length })}</span>}
      </Tools>
      <Read query={query} skeleton={<Skeleton rows={14} height={36} />}>
        {() => all.length === 0 ? <Empty title={t('tasks.none')}>{t('tasks.noneDo')}</Empty>
          : shown.length === 0 ? <Empty title={t('common.empty.noMatch')} action={<button type="button" className="btn" onClick={() => change({ search: null, light: null, section: null, lead: null })}>{t('common.clear')}</button>}>{t('common.empty.noMatchDo')}</Empty>
            : (
              <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('tasks.title')}>
                <table className="list tasks-table" data-testid="tasks-table">
                  <thead><tr><th scope="col">{t('tasks.col.light')}</th><th scope="col">{t('tasks.col.task')}</th><th scope="col">{t('tasks.col.lead')}</th><th scope="col">{t('tasks.col.due')}</th><th scope="col">{t('tasks.col.progress')}</th></tr></thead>
                  <tbody>
                    {shown.map((x, i) => (
                      <Fragment key={x.id}>
                        {grouped && x.section?.id !== shown[i - 1]?.section?.id && <tr className="group-row"><th colSpan={5} scope="colgroup">{x.section ? <>{x.section.number}　{x.section.name}</> : '—'}</th></tr>}
                        <tr data-testid="task-row" data-light={x.light}>
                          <td className="nowrap"><LightMark light={x.light} title={say(x.lightRule.title, lang)} /></td>
                          <th scope="row"><To href={`/tasks/${encodeURIComponent(x.id)}`} data-testid="task-link">{x.title}</To>{!grouped && x.section && <small className="note"> {x.section.number}</small>}</th>
                          <td data-label={t('tasks.col.lead')}>{x.lead?.name ?? <span className="note">{t('tasks.noLead')}</span>}</td>
                          <td className="nowrap" data-label={t('tasks.col.due')}>{x.due ? date(x.due, lang) : '—'}</td>
                          <td className="nowrap" data-label={t('tasks.col.progress')}>{x.progress === null ? <span className="note">{t('tasks.noReport')}</span> : <Meter value={x.progress} label={t('tasks.col.progress')} />}</td>
                        </tr>
                      </Fragment>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
      </Read>
    </Page>
  );
}
