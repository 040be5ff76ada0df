// A rule over the past: how often it would have fired, and when. Nothing is recorded.
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { DryRun } from '~/api/rules';
import { type ApiError, post } from '~/api/client';
import { useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { moment, number } from '~/ui/format';
import { ErrorBox } from '~/ui/State';
import { fromLocal, toLocal } from '../alerts/bits';
import { Firings } from './Rule';

const presets = { day: 1, week: 7, month: 30 } as const;
const before = (days: number) => toLocal(new Date(Date.now() - days * 86_400_000));

export function Trial({ id }: { id: string }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [from, setFrom] = useState(() => before(7));
  const [to, setTo] = useState(() => toLocal(new Date()));
  // A trial changes nothing, so nothing is asked again afterwards.
  const run = useMutation<DryRun, ApiError, { from: string; to: string }>({ mutationFn: (input) => post<DryRun>(`/api/rules/${encodeURIComponent(id)}/dry-run`, input) });
  const wrong = !fromLocal(from) || !fromLocal(to) || from >= to;
  const d = run.data;
  const start = (a: string, b: string) => run.mutate({ from: fromLocal(a), to: fromLocal(b) });
  const pick = (days: number) => {
    const [a, b] = [before(days), toLocal(new Date())];
    setFrom(a);
    setTo(b);
    start(a, b);
  };
  return (
    <div className="panel trial">
      <form className="trial-form" onSubmit={(e) => { e.preventDefault(); if (!wrong) start(from, to); }}>
        <div className="row-verbs">{(Object.keys(presets) as (keyof typeof presets)[]).map((p) => <button key={p} type="button" className="btn" disabled={run.isPending} onClick={() => pick(presets[p])} data-testid={`trial-${p}`}>{t(`alerts.rules.preset.${p}`)}</button>)}</div>
        <label className="choice"><span>{t('alerts.rules.from')}</span><input className="input" type="datetime-local" value={from} onChange={(e) => setFrom(e.target.value)} data-testid="trial-from" /></label>
        <label className="choice"><span>{t('alerts.rules.to')}</span><input className="input" type="datetime-local" value={to} onChange={(e) => setTo(e.target.value)} data-testid="trial-to" /></label>
        <button type="submit" className="btn primary" disabled={run.isPending || wrong} data-testid="trial-run">{run.isPending ? t('alerts.rules.running') : t('alerts.rules.run')}</button>
      </form>
      {wrong && <p className="field-error" role="alert">{t('alerts.rules.badSpan')}</p>}
      {run.error && <ErrorBox error={run.error} />}
      {d && (
        <div role="status" data-testid="trial-result" data-count={d.count}>
          <p className="trial-count">{t('alerts.rules.would', { n: number(d.count) })}</p>
          <p className="note">{t('alerts.rules.ran', { from: moment(d.from, lang), to: moment(d.to, lang), observations: number(d.observations), evaluations: number(d.evaluations), clears: number(d.clears), ms: number(d.ms) })}{d.truncated && ` ${t('alerts.rules.truncated', { n: d.firings.length })}`}</p>
          {d.firings.length > 0 && <Firings of={d.firings} />}
        </div>
      )}
    </div>
  );
}
