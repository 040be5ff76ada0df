// What a page shows is in its address, so that a link shows the same thing to somebody else.
import { useParams, useRouter, useSearch } from '@tanstack/react-router';
import { useCallback } from 'react';

export type Query = Record<string, string | string[]>;

export function parseQuery(search: string): Query {
  const found: Query = {};
  for (const [key, value] of new URLSearchParams(search)) {
    const before = found[key];
    found[key] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return found;
}
export function writeQuery(query: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(key, String(one));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

export const useQueryParams = (): Query => useSearch({ strict: false }) as Query;
export const useParam = (name: string): string => (useParams({ strict: false }) as Record<string, string>)[name] ?? '';

/** One value of the address's query. Setting it replaces the entry in the browser's history unless `push` is given. */
export function useQueryState(name: string, fallback = ''): [string, (value: string | null, push?: boolean) => void] {
  const query = useQueryParams();
  const change = useChangeQuery();
  const value = query[name];
  const set = useCallback((next: string | null, push = false) => change({ [name]: next || null }, push), [change, name]);
  return [Array.isArray(value) ? (value[0] ?? fallback) : (value ?? fallback), set];
}
/** All values of a repeatable query parameter. */
export function useQueryList(name: string): [string[], (value: string[]) => void] {
  const value = useQueryParams()[name];
  const change = useChangeQuery();
  const set = useCallback((next: string[]) => change({ [name]: next }), [change, name]);
  return [value === undefined ? [] : Array.isArray(value) ? value : [value], set];
}
/** Changes several at once; `null` removes. */
export function useChangeQuery() {
  const router = useRouter();
  return useCallback(
    (next: Record<string, string | string[] | null>, push = false) => {
      const { pathname, search, hash } = router.history.location;
      const merged: Record<string, unknown> = { ...parseQuery(search), ...next };
      router.history[push ? 'push' : 'replace'](pathname + writeQuery(merged) + hash);
    },
    [router],
  );
}

/** The moment looked back at: a record number or an instant; absent is now. It stays in the address while one walks through the console. */
export const useAsOf = (): string | null => {
  const value = useQueryParams().asOf;
  return (Array.isArray(value) ? value[0] : value) || null;
};
export const asOfNow = (): string | null => new URLSearchParams(location.search).get('asOf');

/** An address inside the console, with the moment looked back at. */
export function withAsOf(href: string, asOf: string | null): string {
  if (!asOf || !href.startsWith('/') || /[?&]asOf=/.test(href)) return href;
  const [path, hash] = href.split('#') as [string, string | undefined];
  return `${path}${path.includes('?') ? '&' : '?'}asOf=${encodeURIComponent(asOf)}${hash === undefined ? '' : `#${hash}`}`;
}
export function useGo() {
  const router = useRouter();
  return useCallback((href: string) => router.history.push(withAsOf(href, asOfNow())), [router]);
}
