// The way from baseline to target in a thumb's width: the target's path a thin line, actuals solid, estimates dashed, and where nothing is
// known a hatched gap with the word. Drawn as SVG so that a page of forty costs nothing and prints sharp.
import type { Figure, Indicator } from '~/api/types';
import { useTranslation } from '~/i18n';
import { useId } from 'react';
import { number, year } from './format';
import './path.css';

export function PathChart({ of, name, width = 168, height = 52 }: { of: Indicator; name?: string; width?: number; height?: number }) {
  const { t } = useTranslation();
  const hatch = useId();
  const seen = (f: Figure) => f.value !== null && year(f) !== null && f.kind !== 'target';
  const own = [...of.series.filter(seen), ...(of.actual && seen(of.actual) ? [of.actual] : []), ...(of.baseline && seen(of.baseline) ? [of.baseline] : [])];
  const byYear = new Map<number, Figure>();
  for (const f of own) {
    const y = year(f) as number;
    const before = byYear.get(y);
    if (!before || f.kind === 'actual' || (before.kind === 'derived' && f.kind !== 'derived')) byYear.set(y, f);
  }
  const points = [...byYear.entries()].sort((a, b) => a[0] - b[0]).map(([y, f]) => ({ y, v: f.value as number, estimate: f.kind === 'estimate' || f.simulated }));
  const path = of.path;
  const targetYear = path.at(-1)?.year ?? (of.target ? year(of.target) : null);
  // One point and no goal is no path.
  const alone = points.length < 2 && path.length === 0 && of.target?.value == null;
  const years = [...points.map((p) => p.y), ...path.map((p) => p.year), ...(targetYear ? [targetYear] : [])];
  if (years.length === 0 || alone) return <span className="path-none">{name && <span className="sr">{name}</span>}</span>;
  // A goal of which little is known still shows how long the silence is: the five years of its plan.
  const last = Math.max(...years);
  const first = Math.min(Math.min(...years), targetYear !== null ? targetYear - 5 : last - 1);
  const values = [0, ...points.map((p) => p.v), ...path.map((p) => p.value), ...(of.target?.value != null ? [of.target.value] : [])];
  const [low, high] = [Math.min(...values), Math.max(...values) || 1];
  const [left, right, top, bottom] = [6, 6, 6, 13];
  const x = (y: number) => left + ((y - first) / (last - first)) * (width - left - right);
  const yy = (v: number) => height - bottom - ((v - low) / (high - low || 1)) * (height - top - bottom);
  const known = points.map((p) => p.y);
  const stops = targetYear === null ? known : [...(known[0] === first ? [] : [first]), ...known, ...(known.at(-1) !== undefined && (known.at(-1) as number) >= targetYear ? [] : [targetYear])];
  // From one known year to the next but one, and from the last to the goal, nothing is drawn but the silence.
  const gaps = stops.slice(1).map((to, i) => [stops[i] as number, to] as const).filter(([from, to]) => to - from > 1 || (to === targetYear && !known.includes(to)));
  const widest = gaps.reduce<readonly [number, number] | null>((w, g) => (!w || g[1] - g[0] > w[1] - w[0] ? g : w), null);
  const line = (list: { y: number; v: number }[]) => list.map((p, i) => `${i ? 'L' : 'M'}${x(p.y).toFixed(1)} ${yy(p.v).toFixed(1)}`).join('');
  const words = [
    ...(name ? [name] : []),
    ...points.map((p) => `${p.y}: ${number(p.v)}${p.estimate ? ` (${t('common.estimate')})` : ''}`),
    ...(of.target?.value != null && targetYear ? [`${t('common.kind.target')} ${targetYear}: ${number(of.target.value)}`] : []),
  ].join('; ');
  return (
    <svg className="path-chart" width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words}>
      <defs><pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="5" className="hatch" /></pattern></defs>
      <line x1={left} x2={width - right} y1={height - bottom} y2={height - bottom} className="base" />
      {gaps.map(([from, to]) => <rect key={from} x={x(from) + 3} y={top} width={Math.max(0, x(to) - x(from) - 6)} height={height - top - bottom} fill={`url(#${hatch})`} />)}
      {path.length > 1 && <path d={line(path.map((p) => ({ y: p.year, v: p.value })))} className="way" />}
      {of.target?.value != null && targetYear && <line x1={x(targetYear) - 7} x2={x(targetYear) + 5} y1={yy(of.target.value)} y2={yy(of.target.value)} className="goal" />}
      {points.slice(1).map((p, i) => p.y - (points[i]?.y ?? 0) === 1 && <path key={p.y} d={line([points[i] as { y: number; v: number }, p])} className={p.estimate ? 'known estimate' : 'known'} />)}
      {points.map((p) => <circle key={p.y} cx={x(p.y)} cy={yy(p.v)} r="2.8" className={p.estimate ? 'dot estimate' : 'dot'} />)}
      <text x={left - 4} y={height - 2}>{first}</text>
      {widest && x(widest[1]) - x(widest[0]) > 24 && (x(widest[0]) + x(widest[1])) / 2 > left + 28 && (x(widest[0]) + x(widest[1])) / 2 < width - right - 28 && <text x={(x(widest[0]) + x(widest[1])) / 2} y={height - 2} textAnchor="middle">{t('common.missing')}</text>}
      <text x={width - right + 4} y={height - 2} textAnchor="end">{last}</text>
    </svg>
  );
}
