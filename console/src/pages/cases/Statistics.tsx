// Figures of cases. A figure whose cases the list can show is a link to exactly those; a row can be split further.
import { FilterOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { useApi } from '~/api/client';
import type { Figures } from '~/api/cases';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useChangeQuery, useQueryState } from '~/state/url';
import { Mark } from '~/ui/Bits';
import { number } from '~/ui/format';
import { Tools } from '~/ui/ListTools';
import { Page, Section } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { asked, type CaseFilter, casesHref, hourOf, SOURCES, useCaseFilter } from './filter';
import { Days, Pick, statesOf, useCodes } from './Filters';
import { useFlows, useParties, useStreets } from './lookups';
import './shared';

const percent = (rate: number | null) => (rate === null ? '—' : `${number(rate * 100, 1)} %`);
const GROUPS = ['street', 'code', 'organisation', 'source', 'state', 'hour', 'day'] as const;
type Group = (typeof GROUPS)[number];
type Row = Figures['rows'][number];
type Counted = Figures | Row;

/** The filter of a row. What is not given is no filter, nor is an hour of many days. */
function within(by: Group, key: string, { from, to }: CaseFilter): CaseFilter | null {
  if (!key) return null;
  if (by === 'hour') return from && from === to ? hourOf(from, key) : null;
  return by === 'day' ? { from: key, to: key } : { [by]: key };
}
/** What a row is split by when one looks further into it. */
const further: Partial<Record<Group, Group>> = { street: 'code', code: 'street', source: 'code', state: 'street', organisation: 'code', day: 'hour' };

export default function Statistics() {
  const { t } = useTranslation();
  const lang = useLang();
  const change = useChangeQuery();
  const [chosen] = useQueryState('by');
  const by = GROUPS.find((g) => g === chosen) ?? 'street';
  // Simulated cases never stand in a figure unless they are asked for.
  const [data] = useQueryState('data');
  const { simulated: _, search: __, mine: ___, ...filter } = useCaseFilter();
  const flows = useFlows().data?.workflows ?? [];
  const streets = useStreets();
  const parties = useParties();
  const codes = useCodes(filter.workflow);
  const params = asked(filter);
  const query = useApi<Figures>('/api/cases/statistics', { ...params, by, ...(data === 'all' ? {} : { simulated: data === 'only' }) });
  const played = useApi<Figures>('/api/cases/statistics', { ...params, by, simulated: true }).data?.filed ?? 0;
  const base: CaseFilter = { ...filter, ...(data === 'all' ? {} : { simulated: data === 'only' ? 'true' : 'false' }) };
  const n = Object.keys(filter).length;
  const [open, setOpen] = useState(false);
  return (
    <Page title={t('desk.statistics')} crumb={<To href="/cases">{t('desk.title')}</To>} testid="case-statistics">
      <Tools>
        <div className="case-filters" data-asked="true">
          <Pick name="by" label={t('desk.by')} first={t('desk.groups.street')} options={GROUPS.slice(1).map((g) => ({ value: g, label: t(`desk.groups.${g}`) }))} />
          <Pick name="data" label={t('desk.data')} first={t('desk.dataReal')} options={[{ value: 'all', label: t('desk.dataAll') }, { value: 'only', label: t('desk.dataOnly') }]} />
          <button type="button" className="btn more on-phone" aria-expanded={open} aria-controls="case-narrow" onClick={() => setOpen(!open)} data-testid="filters-more"><FilterOutlined /> {n > 0 ? t('desk.moreFiltersN', { n }) : t('desk.moreFilters')}</button>
          <div className="case-narrow" id="case-narrow" data-asked={open}>
            <Pick name="workflow" label={t('desk.workflow')} drops={['state', 'code']} options={flows.map((w) => ({ value: w.id, label: say(w.title, lang) }))} />
            <Pick name="street" label={t('desk.street')} options={streets.map((s) => ({ value: s.id, label: s.name }))} />
            <Pick name="code" label={t('desk.code')} options={codes} />
            {/* What a row was split by stays in sight, and can be let go. */}
            {filter.organisation && <Pick name="organisation" label={t('desk.organisation')} options={parties.map((o) => ({ value: o.id, label: o.name }))} />}
            {filter.source && <Pick name="source" label={t('desk.source')} options={SOURCES.map((s) => ({ value: s, label: t(`desk.sources.${s}`) }))} />}
            {filter.state && <Pick name="state" label={t('desk.state')} options={statesOf(flows, filter.workflow).map((s) => ({ value: s.name, label: say(s.title, lang) }))} />}
            <Days />
          </div>
          {n > 0 && <button type="button" className="link clear" onClick={() => change(Object.fromEntries(Object.keys(filter).map((k) => [k, null])))} data-testid="filters-clear">{t('common.clear')}</button>}
          {played > 0 && (data === '' ? <span className="note" data-testid="left-out">{t('desk.leftOut', { n: played })}</span> : <Mark tone="clash">{t('desk.within', { n: played })}</Mark>)}
        </div>
      </Tools>
      <Read query={query} skeleton={<Skeleton rows={6} height={60} />}>
        {(f) => (
          <>
            <div className="case-figures" data-testid="figures">
              {([['closureRate', percent(f.closureRate), null], ['onTimeRate', percent(f.onTimeRate), null], ['filed', number(f.filed), null]] as const).map(([k, v]) => <div key={k} className="panel"><span className="note">{t(`desk.${k}`)}</span><b>{v}</b></div>)}
              {(['closed', 'open', 'overdue'] as const).map((k) => <div key={k} className="panel"><span className="note">{t(`desk.${k}`)}</span><b><Followed of={f} what={k} base={base} /></b></div>)}
            </div>
            <p className="note case-definition">{say(f.definition, lang)}</p>
            <Section title={t('desk.byGroup', { by: t(`desk.groups.${by}`) })} note={by === 'organisation' ? t('desk.byOrganisation') : by === 'hour' && !(filter.from && filter.from === filter.to) ? <>{t('desk.byHour')} <button type="button" className="link" onClick={() => change({ by: 'day' })} data-testid="hour-days">{t('desk.byHourDays')}</button></> : ''}>
              {f.rows.length === 0 ? <Empty title={t('common.empty.noMatch')}>{t('common.empty.noMatchDo')}</Empty> : <Table rows={f.rows} by={by} base={base} />}
            </Section>
          </>
        )}
      </Read>
    </Page>
  );
}

/** A count that leads to its cases. Filed cases are the closed and most of the open ones: no filter of the list is that. */
function Followed({ of, what, base, testid }: { of: Counted; what: 'closed' | 'open' | 'overdue'; base: CaseFilter | null; testid?: string }) {
  const { t } = useTranslation();
  const n = of[what];
  if (!base || n === 0) return <>{number(n)}</>;
  const more: CaseFilter & { sort?: string } = what === 'closed' ? { kind: 'done' } : what === 'open' ? { kind: 'open' } : { kind: 'open', light: 'red', sort: 'dueAt' };
  return <To href={casesHref({ ...base, ...more })} title={t('desk.seeThem')} data-testid={testid ?? `see-${what}`}>{number(n)}</To>;
}

function Table({ rows, by, base }: { rows: Row[]; by: Group; base: CaseFilter }) {
  const { t } = useTranslation();
  const lang = useLang();
  const most = Math.max(1, ...rows.map((r) => r.filed));
  const next = further[by];
  const head = (['filed', 'closed', 'open', 'overdue', 'closureRate', 'onTimeRate'] as const);
  return (
    <div className="case-scroll panel"><table className="case-table case-counted">
      <thead><tr><th>{t(`desk.groups.${by}`)}</th>{head.map((h) => <th key={h} className="num">{t(`desk.${h}`)}</th>)}<th><span className="sr">{t('desk.filed')}</span></th></tr></thead>
      <tbody>{rows.map((r) => {
        const own = within(by, r.key, base);
        const all = own && { ...base, ...own };
        const split = own && next ? `/cases/statistics?${new URLSearchParams(Object.entries({ ...base, ...own, simulated: '', by: next }).filter((e): e is [string, string] => Boolean(e[1])))}${base.simulated === 'true' ? '&data=only' : base.simulated ? '' : '&data=all'}` : null;
        const title = say(r.title, lang);
        const cells = { filed: number(r.filed), closed: <Followed of={r} what="closed" base={all} testid="row-closed" />, open: <Followed of={r} what="open" base={all} testid="row-open" />, overdue: <Followed of={r} what="overdue" base={all} testid="row-overdue" />, closureRate: percent(r.closureRate), onTimeRate: percent(r.onTimeRate) };
        return (
          <tr key={r.key} data-testid="figure-row" data-key={r.key}>
            <td className="name">{all ? <To href={casesHref(all)} title={t('desk.seeThem')}>{title}</To> : title}
              {split && <To href={split} className="case-split" data-testid="row-split" aria-label={t('desk.splitOf', { name: title, by: t(`desk.groups.${next}`) })}>{t('desk.split', { by: t(`desk.groups.${next}`) })}</To>}</td>
            {head.map((h) => <td key={h} className="num" data-label={t(`desk.${h}`)}>{cells[h]}</td>)}
            <td className="share"><div className="case-bar" style={{ width: `${(100 * r.filed) / most}%` }} /></td>
          </tr>
        );
      })}</tbody>
    </table></div>
  );
}
