// Rows while they are edited are texts, as typed; a table in and out of them, and what the server says about each cell.
import { upload } from '~/api/client';
import type { Figure, Finding, Indicator, ReturnRow } from '~/api/types';

export const fields = ['indicator', 'subject', 'period', 'definition', 'value', 'unit', 'kind', 'sourceDocument', 'sourceSentence', 'note'] as const;
export type Field = (typeof fields)[number];
export type Draft = Record<Field, string>;
export type Total = { indicator: string; unit: string; accepted: number; rows: number };
export type Checked = { cells: Finding[][]; conflicts: Figure[][]; table: Finding[]; titles: Record<string, string> };
export type Preview = { rows: ReturnRow[]; findings: Finding[]; totals: Total[] };

const template = ['指标代码', '指标名称', '对象', '时期', '口径', '数值', '单位', '性质', '来源文件', '来源原句', '说明'];
const templateFields: (Field | null)[] = ['indicator', null, 'subject', 'period', 'definition', 'value', 'unit', 'kind', 'sourceDocument', 'sourceSentence', 'note'];
const english = ['indicator', 'name', 'subject', 'period', 'definition', 'value', 'unit', 'kind', 'source document', 'source sentence', 'note'];

export const blankRow = (period: string): Draft => ({ indicator: '', subject: '', period, definition: '', value: '', unit: '', kind: 'actual', sourceDocument: '', sourceSentence: '', note: '' });
export const toDraft = (r: ReturnRow): Draft => ({
  indicator: r.indicator, subject: r.subject, period: r.period, definition: r.definition ?? '', value: r.value === null ? '' : String(r.value), unit: r.unit, kind: r.kind,
  sourceDocument: r.sourceDocument, sourceSentence: r.sourceSentence, note: r.note,
});
/** Says the row anything? Lines of the template that nobody filled in are left out, as the server does with a file. */
export const told = (d: Draft) => [d.value, d.note, d.sourceDocument, d.sourceSentence].some((x) => x.trim());
/** Blanks, thousands separators and full-width digits are understood; null is no number. */
export function parseValue(text: string): number | null {
  const plain = text.replace(/[\s,，]/g, '').replace(/[０-９]/g, (c) => String(c.charCodeAt(0) - 0xff10)).replace(/[．。]/g, '.').replace(/[－−]/g, '-');
  return plain !== '' && /^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : null;
}
export const badValue = (d: Draft) => d.value.trim() !== '' && parseValue(d.value) === null;
export const toRow = (d: Draft, i: number) => ({ ...d, row: i + 2, definition: d.definition || null, value: parseValue(d.value) });

/** Cells of what Excel puts on the clipboard, or of comma-separated text. */
export function cellsOf(text: string): string[][] {
  const sep = text.includes('\t') ? '\t' : ',';
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] as string;
    if (quoted) {
      if (c === '"' && text[i + 1] === '"') { cell += '"'; i++; } else if (c === '"') quoted = false;
      else cell += c;
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === sep || c === '\n') {
      rows.at(-1)?.push(cell.replace(/\r$/, ''));
      cell = '';
      if (c === '\n') rows.push([]);
    } else cell += c;
  }
  rows.at(-1)?.push(cell.replace(/\r$/, ''));
  return rows.filter((r) => r.some((x) => x.trim()));
}
const kindOf = (text: string) => (/^(估计|estimate)/i.test(text.trim()) ? 'estimate' : 'actual');
/** Rows of a table with or without a header; columns are found by their titles, else they are those of the template. */
export function fromTable(cells: string[][], period: string): Draft[] {
  const plain = (c: string) => (c.trim().replace(/^\ufeff/, '').split(/[（(\n/]/)[0] ?? '').trim();
  const named = (c: string) => { const at = template.indexOf(plain(c)); return at >= 0 ? at : english.indexOf(plain(c).toLowerCase()); };
  const head = cells.findIndex((r) => r.filter((c) => named(c) >= 0).length >= 2);
  const order = head >= 0 ? (cells[head] as string[]).map((c) => templateFields[named(c)] ?? null) : templateFields;
  return cells.slice(head + 1).map((r) => {
    const row = blankRow(period);
    order.forEach((f, i) => {
      const v = (r[i] ?? '').trim();
      if (f === 'kind') row.kind = kindOf(v);
      else if (f && (v || f !== 'period')) row[f] = v;
    });
    return row;
  }).filter(told);
}
/** A block pasted at a cell: from there to the right and down. */
export function pasteAt(rows: Draft[], cells: string[][], row: number, column: number, period: string): Draft[] {
  if (column === 0 && (cells[0]?.length ?? 0) >= template.length) {
    const made = fromTable(cells, period);
    return [...rows.slice(0, row), ...made, ...rows.slice(row + made.length)];
  }
  const next = [...rows];
  cells.forEach((line, i) => {
    const target = { ...(next[row + i] ?? blankRow(period)) };
    line.forEach((v, j) => { const f = fields[column + j]; if (f) target[f] = f === 'kind' ? kindOf(v) : v.trim(); });
    next[row + i] = target;
  });
  return next;
}

const quote = (v: string) => (/[",\n\r]/.test(v) ? `"${v.replaceAll('"', '""')}"` : v);
export const toCsv = (rows: Draft[]) => '\ufeff' + [template, ...rows.map((d) => templateFields.map((f) => (f ? d[f] : '')))].map((r) => r.map(quote).join(',')).join('\n');

export function readPreview(answer: Preview, count: number): Checked {
  const cells: Finding[][] = Array.from({ length: count }, () => []);
  const conflicts: Figure[][] = Array.from({ length: count }, () => []);
  const titles: Record<string, string> = {};
  for (const r of answer.rows) {
    cells[r.row - 2]?.push(...r.findings);
    conflicts[r.row - 2]?.push(...r.conflictsWith);
    if (r.indicatorTitle) titles[r.indicator] = r.indicatorTitle;
  }
  // A value that is no number is also missing; once is enough.
  for (const f of answer.findings) if (f.row !== null && cells[f.row - 2]) cells[f.row - 2] = [f, ...(cells[f.row - 2] as Finding[]).filter((x) => !(f.code === 'bad_number' && x.code === 'missing_value'))];
  return { cells, conflicts, titles, table: answer.findings.filter((f) => f.row === null || !cells[f.row - 2]) };
}
export const check = (rows: Draft[], organisation: string, period: string) =>
  upload<Preview>('/api/returns/preview', new Blob([toCsv(rows)], { type: 'text/csv' }), { organisation, period, fileName: 'edited.csv' }).then((a) => readPreview(a, rows.length));
export const countOf = (c: Checked | null, severity: 'error' | 'warning') => (c ? [...c.cells.flat(), ...c.table].filter((f) => f.severity === severity).length : 0);

/** Sums without the dust of binary fractions. */
export const tidy = (n: number) => Math.round(n * 1e6) / 1e6;
export function sums(rows: { indicator: string; unit: string; value: number | null; counts: boolean }[]): Total[] {
  const found = new Map<string, Total>();
  for (const r of rows) {
    const key = `${r.indicator} ${r.unit}`;
    const total = found.get(key) ?? { indicator: r.indicator, unit: r.unit, accepted: 0, rows: 0 };
    found.set(key, { ...total, accepted: tidy(total.accepted + (r.counts ? (r.value ?? 0) : 0)), rows: total.rows + (r.counts ? 1 : 0) });
  }
  return [...found.values()].filter((x) => x.rows > 0);
}
export const fillable = (all: Indicator[]) => all.filter((i) => !i.derived).sort((a, b) => Number(b.goal) - Number(a.goal) || a.order - b.order);
