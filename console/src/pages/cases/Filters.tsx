// What stands above the cases: search, filters, order. The rarer filters open on demand, and by themselves when one of them is in force.
import { FilterOutlined } from '@ant-design/icons';
import { useState, useSyncExternalStore } from 'react';
import { useApi } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useChangeQuery, useQueryState } from '~/state/url';
import { moment } from '~/ui/format';
import { SearchField, Tools } from '~/ui/ListTools';
import { type FilterName, FILTERS, SORTS, SOURCES, useCaseFilter } from './filter';
import { type Flow, useFlows, useParties, useStreets } from './lookups';
import './filters.css';

type Option = { value: string; label: string };
type Options = Option[] | { title: string; options: Option[] }[];

/** A filter chosen from a list; the page of the list begins anew, and what depends on it is let go. */
export function Pick({ name, label, options, first, drops = [] }: { name: string; label: string; options: Options; first?: string; drops?: FilterName[] }) {
  const { t } = useTranslation();
  const [value] = useQueryState(name);
  const change = useChangeQuery();
  const set = (next: string) => change({ ...Object.fromEntries(drops.map((d) => [d, null])), [name]: next || null, offset: null });
  const draw = (o: Option) => <option key={o.value} value={o.value}>{o.label}</option>;
  const flat = options.flatMap((o) => ('options' in o ? o.options : [o]));
  return (
    <label className="choice"><span>{label}</span>
      <select className="input" value={value} onChange={(e) => set(e.target.value)} data-testid={`choice-${name}`} data-on={value !== ''}>
        <option value="">{first ?? t('common.all')}</option>
        {options.map((o) => ('options' in o ? <optgroup key={o.title} label={o.title}>{o.options.map(draw)}</optgroup> : draw(o)))}
        {/* A link may name what the list does not. */}
        {value && !flat.some((o) => o.value === value) && <option value={value}>{value}</option>}
      </select>
    </label>
  );
}

/** First and last day; an hour that came with a link stands in their place. */
export function Days() {
  const { t } = useTranslation();
  const lang = useLang();
  const change = useChangeQuery();
  const { from, to } = useCaseFilter();
  if (from?.includes('T') && to?.includes('T')) {
    return <Chip testid="only-hour" drop={() => change({ from: from.slice(0, 10), to: from.slice(0, 10), offset: null })}>{t('desk.only.hour', { at: `${moment(from, lang)}–${moment(to, lang).slice(-5)}` })}</Chip>;
  }
  return <><Day name="from" label={t('desk.fromDay')} /><Day name="to" label={t('desk.toDay')} /></>;
}

function Day({ name, label }: { name: 'from' | 'to'; label: string }) {
  const [value] = useQueryState(name);
  const change = useChangeQuery();
  return <label className="choice"><span>{label}</span><input type="date" className="input" value={value.slice(0, 10)} onChange={(e) => change({ [name]: e.target.value || null, offset: null })} data-testid={`choice-${name}`} data-on={value !== ''} /></label>;
}

/** Kinds of case by their groups, of one workflow or of all. */
export function useCodes(workflow: string | undefined): Options {
  const lang = useLang();
  const flows = useFlows().data?.workflows ?? [];
  const groups = new Map<string, Option[]>();
  for (const flow of flows.filter((w) => !workflow || w.id === workflow)) {
    for (const c of flow.codes) {
      const title = say(c.group, lang) || say(flow.title, lang);
      groups.set(title, [...(groups.get(title) ?? []), { value: c.code, label: say(c.title, lang) }]);
    }
  }
  return [...groups].map(([title, options]) => ({ title, options }));
}

export const statesOf = (flows: Flow[], workflow: string | undefined): Flow['states'] => {
  const all = flows.filter((w) => !workflow || w.id === workflow).flatMap((w) => w.states);
  return all.filter((s, i) => all.findIndex((o) => o.name === s.name) === i);
};

const room = window.matchMedia('(min-width: 801px)');
const useWide = () => useSyncExternalStore((tell) => { room.addEventListener('change', tell); return () => room.removeEventListener('change', tell); }, () => room.matches);

const RARE: FilterName[] = ['organisation', 'code', 'source', 'kind', 'from', 'to', 'supervised', 'about', 'parent'];

export function Filters() {
  const { t } = useTranslation();
  const lang = useLang();
  const change = useChangeQuery();
  const filter = useCaseFilter();
  const flows = useFlows().data?.workflows ?? [];
  const streets = useStreets();
  const parties = useParties();
  const codes = useCodes(filter.workflow);
  const rare = RARE.some((name) => filter[name]);
  const [opened, setOpened] = useState<boolean | null>(null);
  // A phone has no room for filters that nobody asked for; their number stands on the button.
  const wide = useWide();
  const open = opened ?? (rare && wide);
  const n = FILTERS.filter((name) => filter[name] && name !== 'search' && name !== 'mine').length;
  const clear = () => change({ ...Object.fromEntries(FILTERS.map((name) => [name, null])), offset: null });
  const named = (list: { id: string; name: string }[]) => list.map((o) => ({ value: o.id, label: o.name }));
  return (
    <Tools>
      <div className="case-filters" data-asked={open}>
        <SearchField label={t('desk.search')} testid="cases-search" resets="offset" />
        <Pick name="workflow" label={t('desk.workflow')} drops={['state', 'code']} options={flows.map((w) => ({ value: w.id, label: say(w.title, lang) }))} />
        <Pick name="state" label={t('desk.state')} options={statesOf(flows, filter.workflow).map((s) => ({ value: s.name, label: say(s.title, lang) }))} />
        <Pick name="light" label={t('desk.light')} options={(['red', 'yellow', 'green', 'paused', 'none'] as const).map((l) => ({ value: l, label: t(`desk.lights.${l}`) }))} />
        <Pick name="street" label={t('desk.street')} options={named(streets)} />
        <Pick name="simulated" label={t('desk.data')} options={[{ value: 'false', label: t('desk.dataReal') }, { value: 'true', label: t('desk.dataOnly') }]} />
        <button type="button" className="btn more" aria-expanded={open} aria-controls="case-rare" onClick={() => setOpened(!open)} data-testid="filters-more"><FilterOutlined /> {n > 0 ? t('desk.moreFiltersN', { n }) : t('desk.moreFilters')}</button>
        {(n > 0 || filter.search) && <button type="button" className="link clear" onClick={clear} data-testid="filters-clear">{t('common.clear')}</button>}
      </div>
      <div className="case-filters rare" id="case-rare" hidden={!open} data-asked={open}>
        <Pick name="kind" label={t('desk.ends')} options={(['open', 'done', 'void'] as const).map((k) => ({ value: k, label: t(`desk.kinds.${k}`) }))} />
        <Pick name="code" label={t('desk.code')} options={codes} />
        <Pick name="organisation" label={t('desk.organisation')} options={named(parties)} />
        <Pick name="source" label={t('desk.source')} options={SOURCES.map((s) => ({ value: s, label: t(`desk.sources.${s}`) }))} />
        <Days />
        <label className="check"><input type="checkbox" checked={filter.supervised === 'true'} onChange={(e) => change({ supervised: e.target.checked ? 'true' : null, offset: null })} data-testid="choice-supervised" />{t('desk.onlySupervised')}</label>
        {filter.about && <Only name="about" of={filter.about} />}
        {filter.parent && <Only name="parent" of={filter.parent} />}
      </div>
    </Tools>
  );
}

/** A filter that came with a link: what it is about, and a way to let it go. */
function Only({ name, of }: { name: 'about' | 'parent'; of: string }) {
  const { t } = useTranslation();
  const change = useChangeQuery();
  const path = name === 'about' ? `/ngsi-ld/v1/entities/${encodeURIComponent(of)}` : `/api/cases/${encodeURIComponent(of)}`;
  const found = useApi<{ name?: string; title?: string }>(path, name === 'about' ? { options: 'keyValues' } : undefined, { asOf: false, staleTime: 300_000 });
  return <Chip testid={`only-${name}`} drop={() => change({ [name]: null, offset: null })}>{t(`desk.only.${name}`, { name: found.data?.name ?? found.data?.title ?? of })}</Chip>;
}

function Chip({ children, drop, testid }: { children: string; drop: () => void; testid: string }) {
  const { t } = useTranslation();
  return <span className="case-only" data-testid={testid}>{children}<button type="button" className="icon-btn" aria-label={t('desk.drop')} onClick={drop}>×</button></span>;
}

/** The order of the list. */
export function Order() {
  const { t } = useTranslation();
  const [first, ...rest] = SORTS;
  return <Pick name="sort" label={t('desk.sort')} first={t(`desk.sorts.${first}`)} options={rest.map((s) => ({ value: s, label: t(`desk.sorts.${s}`) }))} />;
}
