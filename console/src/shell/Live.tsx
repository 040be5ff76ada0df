// Follows /api/events. What changes invalidates what is on the page, at most once in three seconds, and never while looking at the past.
import { useEffect } from 'react';
import { client } from '~/api/client';
import { useTranslation } from '~/i18n';
import { live, useLive } from '~/state/prefs';
import { useAsOf } from '~/state/url';

const EVERY_MS = 3000;

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
    const source = new EventSource('/api/events');
    source.onopen = () => live.set({ ...live.get(), up: true });
    source.onerror = () => live.set({ ...live.get(), up: false });
    source.addEventListener('change', (event) => {
      try {
        const { seq, at } = JSON.parse((event as MessageEvent<string>).data) as { seq: number; at: string };
        live.set({ seq: Math.max(seq, live.get().seq), at, up: true });
      } catch {
        return;
      }
      timer ??= setTimeout(refresh, Math.max(250, last + EVERY_MS - Date.now()));
    });
    return () => {
      source.close();
      if (timer) clearTimeout(timer);
    };
  }, [asOf]);
}

export function LiveMark() {
  const { t } = useTranslation();
  const { up, seq } = useLive();
  const asOf = useAsOf();
  const word = asOf ? t('shell.live.past') : up ? t('shell.live.up') : up === null ? t('shell.live.opening') : t('shell.live.down');
  return (
    <span className={`live ${asOf ? 'past' : up ? 'up' : up === null ? 'opening' : 'down'}`} role="status" data-testid="live" title={up ? t('shell.live.upMore', { n: seq || '…' }) : up === false ? t('shell.live.downMore') : undefined}>
      <i aria-hidden="true" />{word}
    </span>
  );
}
