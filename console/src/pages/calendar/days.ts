// Days as people write them in a table of days off.
const dayMs = 86_400_000;
const one = /^\d{4}-\d{2}-\d{2}$/;
const real = (d: string) => one.test(d) && !Number.isNaN(Date.parse(d)) && new Date(Date.parse(d)).toISOString().slice(0, 10) === d;

/** Days in a row as one range, short: 1月1日–3日 or 01-01..01-03. */
export function ranges(days: string[], lang: 'zh' | 'en'): string[] {
  const sorted = [...days].sort();
  const found: [string, string][] = [];
  for (const d of sorted) {
    const last = found.at(-1);
    if (last && Date.parse(d) - Date.parse(last[1]) === dayMs) last[1] = d;
    else found.push([d, d]);
  }
  const say = (d: string, short = false) => (lang === 'zh' ? `${short ? '' : `${Number(d.slice(5, 7))}月`}${Number(d.slice(8))}日` : d.slice(5));
  return found.map(([a, b]) => (a === b ? say(a) : `${say(a)}–${say(b, a.slice(0, 7) === b.slice(0, 7))}`));
}
/** The same, as the server reads them: one line each. */
export function lines(days: string[]): string {
  const found: [string, string][] = [];
  for (const d of [...days].sort()) {
    const last = found.at(-1);
    if (last && Date.parse(d) - Date.parse(last[1]) === dayMs) last[1] = d;
    else found.push([d, d]);
  }
  return found.map(([a, b]) => (a === b ? a : `${a}..${b}`)).join('\n');
}
/** The first line that is no day or range, or not in the year. */
export function faultOf(text: string, year: number): { n: number; line: string; other: boolean } | null {
  for (const [i, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (!line) continue;
    const [a = '', b = a, more] = line.split('..');
    if (more !== undefined || !real(a) || !real(b) || a > b) return { n: i + 1, line, other: false };
    if (a.slice(0, 4) !== String(year) || b.slice(0, 4) !== String(year)) return { n: i + 1, line, other: true };
  }
  return null;
}
export const entries = (text: string) => text.split('\n').map((l) => l.trim()).filter(Boolean);
