// Follows /api/pulse. What changes invalidates what is on the page: alerts and notices at once, the rest at most once in three seconds,
// and nothing while looking at the past.
import { useEffect, useState } from 'react';
import { client } from '~/api/client';
import { useTranslation } from '~/i18n';
import { live, useLang, useLive } from '~/state/prefs';
import { useAsOf } from '~/state/url';
import { ago } from '~/ui/format';

const EVERY_MS = 3000;
// Somebody waits for these: shown as soon as they are there.
const URGENT: Record<string, string[]> = { Alert: ['/api/alerts'], Notice: ['/api/notices', '/api/work'] };

export function useLiveStream() {
  const asOf = useAsOf();
  useEffect(() => {
    if (asOf) {
      live.set({ ...live.get(), up: null });
      return;
    }
    let timer: ReturnType<typeof setTimeout> | null = null;
    let last = 0;
    const refresh = () => {
      timer = null;
      last = Date.now();
      void client.invalidateQueries({ queryKey: ['api'] });
    };
    const urgent = (types: string[]) => {
      const paths = types.flatMap((type) => URGENT[type] ?? []);
      if (paths.length === 0) return;
      void client.invalidateQueries({
        predicate: ({ queryKey }) => queryKey[0] === 'api' && paths.some((path) => String(queryKey[1]).startsWith(path)),
      });
    };
    let source: EventSource | null = null;
    let again: ReturnType<typeof setTimeout> | null = null;
    const open = () => {
      source = new EventSource('/api/pulse');
      source.onopen = () => {
        // What happened while the line was down was missed.
        if (live.get().lost !== null) timer ??= setTimeout(refresh, 250);
        live.set({ ...live.get(), up: true, lost: null });
      };
      source.onerror = () => {
        live.set({ ...live.get(), up: false, lost: live.get().lost ?? Date.now() });
        // The browser tries again by itself unless the answer was an error.
        if (source?.readyState === EventSource.CLOSED) again = setTimeout(open, 5000);
      };
      source.addEventListener('pulse', (event) => {
        try {
          const { seq, at, types } = JSON.parse((event as MessageEvent<string>).data) as { seq: number; at: string; types: string[] };
          live.set({ seq: Math.max(seq, live.get().seq), at, up: true, lost: null });
          urgent(types);
        } catch {
          return;
        }
        timer ??= setTimeout(refresh, Math.max(250, last + EVERY_MS - Date.now()));
      });
    };
    open();
    return () => {
      source?.close();
      if (again) clearTimeout(again);
      if (timer) clearTimeout(timer);
    };
  }, [asOf]);
}

export function LiveMark() {
  const { t } = useTranslation();
  const { up, seq, lost } = useLive();
  const lang = useLang();
  const [, tick] = useState(0);
  useEffect(() => {
    if (lost === null) return;
    const timer = setInterval(() => tick((n) => n + 1), 30_000);
    return () => clearInterval(timer);
  }, [lost]);
  const asOf = useAsOf();
  const word = asOf ? t('shell.live.past') : up ? t('shell.live.up') : up === null ? t('shell.live.opening') : t('shell.live.down');
  return (
    <span className={`live ${asOf ? 'past' : up ? 'up' : up === null ? 'opening' : 'down'}`} role="status" data-testid="live" title={up ? t('shell.live.upMore', { n: seq || '…' }) : up === false ? t('shell.live.downMore') : undefined}>
      <i aria-hidden="true" />{word}{!asOf && lost !== null && Date.now() - lost > 60_000 && <span>{t('shell.live.stale', { ago: ago(new Date(lost).toISOString(), lang) })}</span>}
    </span>
  );
}
