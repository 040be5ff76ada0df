// Figures and times as people here read them.
import type { Figure } from '~/api/types';
import type { Lang } from '~/i18n';

/** Decimals a number is written with, four at most. */
export const decimals = (n: number) => (Number.isInteger(n) ? 0 : Math.min(4, (String(n).split('.')[1] ?? '').length));
export const number = (n: number, digits?: number) =>
  n.toLocaleString('en-US', digits === undefined ? { maximumFractionDigits: decimals(n) } : { minimumFractionDigits: digits, maximumFractionDigits: digits });

export const unitWords: Record<string, { zh: string; en: string }> = {
  亿元: { zh: '亿元', en: '×10⁸ yuan' }, '%': { zh: '%', en: '%' }, 家: { zh: '家', en: 'firms' }, 项: { zh: '项', en: 'items' }, 篇: { zh: '篇', en: 'papers' },
  万平方米: { zh: '万平方米', en: '×10⁴ m²' }, 万台: { zh: '万台', en: '×10⁴ machines' }, 个: { zh: '个', en: 'items' }, 座: { zh: '座', en: 'stations' }, 亿条: { zh: '亿条', en: '×10⁸ records' },
  万条: { zh: '万条', en: '×10⁴ records' }, 宗: { zh: '宗', en: 'cases' }, 名: { zh: '名', en: 'persons' }, 万人: { zh: '万人', en: '×10⁴ persons' }, '家(个)': { zh: '家(个)', en: 'organisations' },
  倍: { zh: '倍', en: 'times' }, '个/平方公里': { zh: '个/平方公里', en: 'per km²' }, 年: { zh: '年', en: '' },
};
export const unit = (code: string | null | undefined, lang: Lang) => (code ? (unitWords[code]?.[lang] ?? code) : '');

const scale: Record<string, [number, string]> = { 亿元: [1e8, '元'], 万元: [1e4, '元'], 万平方米: [1e4, '平方米'], 万台: [1e4, '台'], 亿条: [1e8, '条'], 万条: [1e4, '条'], 万人: [1e4, '人'] };
/** The exact amount behind a short one, for the hint: 793.24 亿元 is 79,324,000,000 元. */
export function exact(value: number, code: string): string {
  const found = scale[code];
  return found ? `${number(Math.round(value * found[0]))} ${found[1]}` : `${number(value)} ${code}`;
}
/** Large plain yuan as 亿元/万元. */
export function yuan(value: number): { text: string; unit: string } {
  if (Math.abs(value) >= 1e8) return { text: number(Math.round(value / 1e6) / 100), unit: '亿元' };
  if (Math.abs(value) >= 1e4) return { text: number(Math.round(value / 100) / 100), unit: '万元' };
  return { text: number(value), unit: '元' };
}

const parts = (at: string) => {
  // A day is a day everywhere; only instants are shown in the reader's own time.
  const d = /^\d{4}-\d{2}-\d{2}$/.test(at) ? new Date(`${at}T00:00:00`) : new Date(at);
  if (Number.isNaN(d.getTime())) return null;
  const two = (n: number) => String(n).padStart(2, '0');
  return { y: d.getFullYear(), m: d.getMonth() + 1, d: d.getDate(), mm: two(d.getMonth() + 1), dd: two(d.getDate()), h: two(d.getHours()), i: two(d.getMinutes()), s: two(d.getSeconds()) };
};
export function date(at: string | null | undefined, lang: Lang): string {
  const p = at ? parts(at) : null;
  return p ? (lang === 'zh' ? `${p.y}年${p.m}月${p.d}日` : `${p.y}-${p.mm}-${p.dd}`) : (at ?? '');
}
export function moment(at: string | null | undefined, lang: Lang): string {
  const p = at ? parts(at) : null;
  return p ? `${date(at, lang)} ${p.h}:${p.i}` : (at ?? '');
}
/** 11-23 09:30; of another year 2025-11-23. */
export function short(at: string | null | undefined): string {
  const p = at ? parts(at) : null;
  if (!p) return at ?? '';
  return p.y === new Date().getFullYear() ? `${p.mm}-${p.dd} ${p.h}:${p.i}` : `${p.y}-${p.mm}-${p.dd}`;
}
export function ago(at: string | null | undefined, lang: Lang): string {
  const p = at ? Date.now() - new Date(at).getTime() : Number.NaN;
  if (Number.isNaN(p)) return '';
  const minutes = Math.max(0, Math.round(p / 60_000));
  const say = (n: number, zh: string, en: string) => (lang === 'zh' ? `${n} ${zh}前` : `${n} ${en} ago`);
  if (minutes < 1) return lang === 'zh' ? '刚刚' : 'just now';
  if (minutes < 60) return say(minutes, '分钟', 'min');
  if (minutes < 1440) return say(Math.round(minutes / 60), '小时', 'h');
  return say(Math.round(minutes / 1440), '天', 'd');
}
export const year = (f: Figure): number | null => {
  const at = f.period.end ?? f.period.start;
  const y = Number((at ?? f.period.text).slice(0, 4));
  return Number.isInteger(y) && y > 1900 ? y : null;
};
/** `urn:ngsi-ld:Street:440105001` is `440105001`. */
export const localId = (id: string) => id.split(':').slice(3).join(':') || id;
