// Which cases: one set of filters for list, board, map, figures and exports, kept in the address so that a link shows the same cases.
import type { Params } from '~/api/client';
import { useQueryParams } from '~/state/url';

/** Filters that a case either fits or not; `sort`, `view` and `offset` are no filters. */
export const FILTERS = ['search', 'workflow', 'state', 'light', 'street', 'simulated', 'organisation', 'code', 'source', 'kind', 'from', 'to', 'supervised', 'about', 'parent', 'mine'] as const;
export type FilterName = (typeof FILTERS)[number];
export type CaseFilter = Partial<Record<FilterName, string>>;

/** Orders the server knows, the usual one first. */
export const SORTS = ['-createdAt', 'createdAt', '-since', 'dueAt', '-dueAt', 'number'] as const;
/** Where cases come from. */
export const SOURCES = ['staff', 'citizen', 'open311', 'rule', 'case'] as const;

export function useCaseFilter(): CaseFilter {
  const query = useQueryParams();
  const found: CaseFilter = {};
  for (const name of FILTERS) {
    const value = query[name];
    const one = Array.isArray(value) ? value[0] : value;
    if (one) found[name] = one;
  }
  return found;
}

/** The day after: people mean a last day with all its hours, the server asks for the first moment that is left out. */
export function dayAfter(day: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return day;
  const next = new Date(`${day}T00:00:00Z`);
  next.setUTCDate(next.getUTCDate() + 1);
  return Number.isNaN(next.getTime()) ? day : next.toISOString().slice(0, 10);
}

/** One hour of a day in the district. */
export function hourOf(day: string, hour: string): CaseFilter {
  const end = hour === '23' ? `${dayAfter(day)}T00` : `${day}T${String(Number(hour) + 1).padStart(2, '0')}`;
  return { from: `${day}T${hour}:00:00+08:00`, to: `${end}:00:00+08:00` };
}

/** As the server takes it. */
export function asked({ search, mine, to, ...rest }: CaseFilter): Params {
  return { ...rest, q: search, ...(to ? { to: dayAfter(to) } : {}), ...(mine ? { mine: true } : {}) };
}

/** The list of the cases that fit. */
export function casesHref(filter: CaseFilter & { sort?: string }): string {
  const query = new URLSearchParams(Object.entries(filter).filter((e): e is [string, string] => Boolean(e[1]))).toString();
  return query ? `/cases?${query}` : '/cases';
}
