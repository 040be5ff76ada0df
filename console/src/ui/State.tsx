// The states every page passes through: loading in its real shape, empty with a first step, an error with its code and what to do.
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ApiError } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';

export function Skeleton({ rows = 6, height = 20, testid }: { rows?: number; height?: number; testid?: string }) {
  const { t } = useTranslation();
  return (
    <div className="skeleton" role="status" aria-busy="true" aria-label={t('common.loading')} data-testid={testid ?? 'loading'}>
      {Array.from({ length: rows }, (_, i) => <div key={i} style={{ height, width: `${100 - ((i * 17) % 30)}%` }} />)}
    </div>
  );
}

export function Empty({ title, children, action }: { title?: ReactNode; children?: ReactNode; action?: ReactNode }) {
  const { t } = useTranslation();
  return (
    <div className="empty" data-testid="empty">
      <strong>{title ?? t('common.empty.title')}</strong>
      {children && <p>{children}</p>}
      {action}
    </div>
  );
}

export function errorWords(error: unknown, t: (key: string) => string): { title: string; todo: string } {
  const status = error instanceof ApiError ? error.status : -1;
  const e = (title: string, todo: string) => ({ title: t(`common.error.${title}`), todo: t(`common.error.${todo}`) });
  if (status === 0) return e('offline', 'offlineDo');
  if (status === 401 || status === 403) return e('forbidden', 'forbiddenDo');
  if (status === 404) return e('notFound', 'notFoundDo');
  if (status === 409 || status === 412) return e('conflict', 'conflictDo');
  if (status === 400 || status === 422) return e('invalid', 'invalidDo');
  if (status === 429 || status === 503) return e('busy', 'busyDo');
  return e('server', 'serverDo');
}

export function ErrorBox({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const { title, todo } = errorWords(error, t);
  const known = error instanceof ApiError ? error : null;
  return (
    <div className="error-box" role="alert" data-testid="error">
      <strong>{title}</strong>
      <p>{todo}</p>
      {known?.detail && known.detail !== title && <p className="detail">{known.detail}</p>}
      {known && known.findings.length > 0 && (
        <ul>{known.findings.map((f, i) => <li key={i}>{f.row ? `#${f.row} ` : ''}{say(f.message, lang)} <code>{f.code}</code></li>)}</ul>
      )}
      <p className="code">{t('common.error.code')} <code>{known?.code ?? String((error as Error)?.message ?? error)}</code></p>
      {retry && <button type="button" className="btn" onClick={retry}>{t('common.retry')}</button>}
    </div>
  );
}

/** Draws a read: skeleton, error, or the content. An error after data was there leaves the data and says so. */
export function Read<T>({ query, skeleton, children }: { query: UseQueryResult<T, ApiError>; skeleton?: ReactNode; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{query.error && <ErrorBox error={query.error} retry={() => void query.refetch()} />}{children(query.data)}</>;
  if (query.error) return <ErrorBox error={query.error} retry={() => void query.refetch()} />;
  return <>{skeleton ?? <Skeleton />}</>;
}
