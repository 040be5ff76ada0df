// An attribute over time. Where nothing came the line is open, simulated data is dashed and says so.
import { useMemo } from 'react';
import type { Feed, Latest, Series } from '~/api/devices';
import { useApi } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang, useTheme } from '~/state/prefs';
import { useQueryState } from '~/state/url';
import { tokens } from '~/theme';
import { Chart } from '~/ui/Chart';
import { moment, number } from '~/ui/format';
import { Read, Skeleton } from '~/ui/State';
import { Chips, paren, Simulated, symbol } from '../alerts/bits';

const days: Record<string, number> = { d1: 1, d7: 7, d30: 30 };

/** Points with an empty one wherever the silence is three times as long as usual, and as three reporting intervals. */
export function withGaps(points: [number, number][], freshMs: number): { line: [number, number | null][]; gaps: [number, number][] } {
  const steps = points.slice(1).map((p, i) => p[0] - (points[i]?.[0] ?? p[0])).sort((a, b) => a - b);
  const usual = steps[Math.floor(steps.length / 2)] ?? 0;
  const most = Math.max(3 * usual, 3 * freshMs, 60_000);
  const line: [number, number | null][] = [];
  const gaps: [number, number][] = [];
  points.forEach((p, i) => {
    const before = points[i - 1];
    if (before && p[0] - before[0] > most) {
      line.push([before[0] + 1, null]);
      gaps.push([(before[0] + p[0]) / 2, (before[1] + p[1]) / 2]);
    }
    line.push(p);
  });
  return { line, gaps };
}

export function Course({ device, attribute, feed }: { device: string; attribute: Latest; feed: string }) {
  const { t } = useTranslation();
  const lang = useLang();
  const mode = useTheme();
  const [span, setSpan] = useQueryState('span', 'd7');
  // The start stands still while the page is open, so that a refresh asks the same question.
  const from = useMemo(() => new Date(Math.floor(Date.now() / 60_000) * 60_000 - (days[span] ?? 7) * 86_400_000).toISOString(), [span, attribute.name]);
  const query = useApi<Series>(`/api/devices/${encodeURIComponent(device)}/series`, { attribute: attribute.name, from, points: 500 });
  const { data: feeds } = useApi<{ feeds: Feed[] }>('/api/feeds', undefined, { asOf: false, staleTime: 300_000 });
  const fresh = (feeds?.feeds.find((f) => f.id === feed)?.freshMinutes ?? 0) * 60_000;
  const d = query.data;
  const { line, gaps } = useMemo(() => withGaps(d?.points ?? [], fresh), [d, fresh]);
  const unit = symbol(d?.unit ?? attribute.unit);
  const title = say(d?.title ?? attribute.title, lang) || attribute.name;
  const option = useMemo(() => {
    const c = tokens(mode);
    const at = (ms: number) => moment(new Date(ms).toISOString(), lang);
    return {
      grid: { left: 12, right: 24, top: 32, bottom: 8, containLabel: true },
      tooltip: { trigger: 'axis', formatter: (p: { value: [number, number | null] }[]) => (p[0] ? `${at(p[0].value[0])}<br/><b>${p[0].value[1] === null ? t('devices.missing') : `${number(p[0].value[1])} ${unit}`}</b>` : '') },
      xAxis: { type: 'time', ...(d ? { min: new Date(d.from).getTime(), max: new Date(d.to).getTime() } : {}), axisLabel: { hideOverlap: true } },
      yAxis: { type: 'value', scale: true, name: unit, nameTextStyle: { align: 'left' } },
      series: [{ name: title, type: 'line', data: line, connectNulls: false, showSymbol: line.length < 60, symbolSize: 5, color: d?.simulated ? c.series3 : c.series1, lineStyle: { width: 1.8, type: d?.simulated ? 'dashed' : 'solid' } },
        { type: 'scatter', data: gaps, symbolSize: 1, color: c.none, silent: true, tooltip: { show: false }, label: { show: true, formatter: t('devices.missing'), color: c.ink3 } }],
    };
  }, [line, gaps, d, mode, lang, unit, title, t]);
  const span0 = <Chips label={t('devices.span')} value={span} set={(v) => setSpan(v ?? 'd7')} testid="span" options={Object.keys(days).map((k) => ({ value: k, name: t(`devices.spans.${k}`) }))} />;
  return (
    <Read query={query} skeleton={<Skeleton rows={1} height={320} />}>
      {(s) => s.points.length === 0 ? <div className="panel"><div className="chart-head"><h2>{title}</h2>{span0}</div><p className="note">{t('devices.noPoints')}</p></div> : (
        <Chart title={<>{t('devices.chart')} · {title} {s.simulated && <Simulated />}</>} label={`${title} ${device}`} option={option} height={300} testid="device-chart" extra={span0}
          note={[s.simulated && t('devices.simulatedLine'), gaps.length > 0 && t('devices.gaps', { n: gaps.length }), s.thinned && t('devices.thinned')].filter(Boolean).join(' ') || undefined}
          rows={{ head: [t('devices.time'), title + (unit && paren(unit, lang)), t('devices.real')], body: line.map(([ms, v]) => [v === null ? '' : moment(new Date(ms).toISOString(), lang), v ?? t('devices.missing'), s.simulated ? t('common.simulated') : '']) }} />
      )}
    </Read>
  );
}
