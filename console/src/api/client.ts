// One door to the server. Reads carry the moment looked back at, all requests carry the chosen post, and every failure becomes an `ApiError`
// with the server's own code and words.
import { QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { post as postStore, usePost } from '~/state/prefs';
import { asOfNow, useAsOf } from '~/state/url';
import type { Finding } from './types';

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly findings: Finding[] = [],
  ) {
    super(detail || title);
  }
}

export type Params = Record<string, string | number | boolean | string[] | null | undefined>;
export type Options = {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  params?: Params;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, with `type`. */
  raw?: Blob | ArrayBuffer | string;
  type?: string;
  /** `false`: not a matter of time (session, status, proofs). */
  asOf?: string | null | false;
  signal?: AbortSignal;
};

export function address(path: string, params: Params = {}, asOf?: string | null | false): string {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    if (value === undefined || value === null || value === '') continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(key, String(one));
  }
  if (asOf) query.set('asOf', asOf);
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export async function request<T>(path: string, options: Options = {}): Promise<T> {
  const { method = 'GET', params, body, raw, type, signal } = options;
  const asOf = options.asOf === undefined && method === 'GET' ? asOfNow() : options.asOf;
  const headers: Record<string, string> = { Accept: 'application/json' };
  if (postStore.get()) headers['Nacre-Post'] = postStore.get();
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (raw !== undefined) headers['Content-Type'] = type ?? 'application/octet-stream';
  let answer: Response;
  try {
    answer = await fetch(address(path, params, asOf), {
      method, headers, signal: signal ?? null, body: raw ?? (body === undefined ? null : JSON.stringify(body)),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'offline', 'offline', '');
  }
  if (!answer.ok) throw await failure(answer);
  if (answer.status === 204 || answer.headers.get('content-length') === '0') return undefined as T;
  const text = await answer.text();
  if (!text) return undefined as T;
  if (!(answer.headers.get('content-type') ?? '').includes('json')) {
    // A server that does not know the path may answer with the console's own page.
    if (text.startsWith('<!')) throw new ApiError(404, 'not_found', 'not found', path);
    return text as T;
  }
  return JSON.parse(text) as T;
}

async function failure(answer: Response): Promise<ApiError> {
  const text = await answer.text().catch(() => '');
  try {
    const problem = JSON.parse(text) as { code?: string; type?: string; title?: string; detail?: string; findings?: Finding[] };
    const code = problem.code ?? problem.type?.split('/').pop() ?? `http_${answer.status}`;
    return new ApiError(answer.status, code, problem.title ?? '', problem.detail ?? '', problem.findings ?? []);
  } catch {
    return new ApiError(answer.status, `http_${answer.status}`, answer.statusText, text.startsWith('<') ? '' : text.slice(0, 400));
  }
}

export const get = <T,>(path: string, params?: Params, asOf?: string | null | false) =>
  request<T>(path, { ...(params ? { params } : {}), ...(asOf === undefined ? {} : { asOf }) });
export const post = <T,>(path: string, body?: unknown, params?: Params) => request<T>(path, { method: 'POST', body: body ?? {}, ...(params ? { params } : {}) });
export const put = <T,>(path: string, body: unknown) => request<T>(path, { method: 'PUT', body });
export const patch = <T,>(path: string, body: unknown) => request<T>(path, { method: 'PATCH', body });
export const del = <T,>(path: string) => request<T>(path, { method: 'DELETE' });
/** Sends a file as it is; the query carries its name and what else the path wants. */
export const upload = <T,>(path: string, file: Blob, params?: Params) =>
  request<T>(path, { method: 'POST', raw: file, type: file.type || 'application/octet-stream', ...(params ? { params } : {}) });

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      refetchOnWindowFocus: false,
      retry: (count, error) => count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 502),
    },
  },
});

/** A read, fresh for the moment looked back at and the post chosen; while a new one is under way the last answer stays. */
export function useApi<T>(path: string | null, params?: Params, options: { asOf?: false; keep?: boolean; staleTime?: number } = {}) {
  const moment = useAsOf();
  const post = usePost();
  const asOf = options.asOf === false ? false : moment;
  return useQuery<T, ApiError>({
    queryKey: ['api', path, params ?? null, asOf, post],
    enabled: path !== null,
    queryFn: ({ signal }) => request<T>(path ?? '', { ...(params ? { params } : {}), asOf, signal }),
    // A filter that changes keeps the rows until the new ones are there; another entity's facts are never shown in between.
    placeholderData: (before, query) => (options.keep !== false && query?.queryKey[1] === path ? before : undefined),
    ...(options.staleTime === undefined ? {} : { staleTime: options.staleTime }),
  });
}

/** A verb: after it succeeds everything on the page is asked again. */
export function useVerb<Input, Output>(act: (input: Input) => Promise<Output>, done?: (output: Output, input: Input) => void) {
  const queries = useQueryClient();
  return useMutation<Output, ApiError, Input>({
    mutationFn: act,
    onSuccess: (output, input) => {
      void queries.invalidateQueries({ queryKey: ['api'] });
      done?.(output, input);
    },
  });
}

/** Saves what a path answers as a file, with the post and the moment looked back at. */
export async function download(path: string, params: Params, name: string) {
  const headers: Record<string, string> = {};
  if (postStore.get()) headers['Nacre-Post'] = postStore.get();
  const answer = await fetch(address(path, params, asOfNow()), { headers });
  if (!answer.ok) throw await failure(answer);
  const given = /filename\*?=(?:UTF-8'')?"?([^";]+)"?/i.exec(answer.headers.get('content-disposition') ?? '')?.[1];
  save(await answer.blob(), given ? decodeURIComponent(given) : name);
}
export function save(blob: Blob, name: string) {
  const a = document.createElement('a');
  a.href = URL.createObjectURL(blob);
  a.download = name;
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
}
/** Rows as CSV that Excel opens in Chinese (BOM). */
export function saveCsv(name: string, rows: (string | number | null | undefined)[][]) {
  const cell = (v: string | number | null | undefined) => {
    const text = v === null || v === undefined ? '' : String(v);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  save(new Blob(['\ufeff' + rows.map((r) => r.map(cell).join(',')).join('\r\n')], { type: 'text/csv;charset=utf-8' }), `${name}.csv`);
}
