import { useEffect } from 'react';
import { ApiError } from '~/api/client';
import i18next from 'i18next';
import { store, useStore } from '~/state/store';
import { errorWords } from './State';

type Toast = { id: number; kind: 'ok' | 'error'; text: string; code?: string };
const toasts = store<Toast[]>([]);
let next = 1;
const add = (toast: Omit<Toast, 'id'>) => toasts.set([...toasts.get().slice(-3), { ...toast, id: next++ }]);
const drop = (id: number) => toasts.set(toasts.get().filter((x) => x.id !== id));

export const toast = {
  ok: (text: string) => add({ kind: 'ok', text }),
  error: (error: unknown) => {
    const { title, todo } = errorWords(error, (k) => i18next.t(k));
    const known = error instanceof ApiError ? error : null;
    add({ kind: 'error', text: known?.detail ? `${title}：${known.detail}` : `${title}。${todo}`, code: known?.code ?? String(error) });
  },
};

export function Toasts() {
  const list = useStore(toasts);
  return <div className="toasts" role="status" aria-live="polite">{list.map((x) => <One key={x.id} toast={x} />)}</div>;
}
function One({ toast: x }: { toast: Toast }) {
  useEffect(() => {
    const timer = setTimeout(() => drop(x.id), x.kind === 'ok' ? 4000 : 12_000);
    return () => clearTimeout(timer);
  }, [x]);
  return (
    <div className={`toast ${x.kind}`} data-testid={`toast-${x.kind}`}>
      <span>{x.text}{x.code && <code> {x.code}</code>}</span>
      <button type="button" className="icon-btn" onClick={() => drop(x.id)} aria-label={i18next.t('common.close')}>×</button>
    </div>
  );
}
