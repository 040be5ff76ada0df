// From attribute to form and back: what a field holds as text, whether it is right, and the NGSI-LD it becomes.
import type { AttributeInfo } from '~/api/types';
import { content, type Entity, type Instance, instances } from './model';

/** What a field holds while it is edited: a text, or several. */
export type Held = string | string[];
export type Fault = { key: string; values?: Record<string, unknown> };

const GEO = ['point', 'line', 'polygon', 'geometry'];
export const isGeo = (a: AttributeInfo) => GEO.includes(a.kind);
export const listed = (a: AttributeInfo) => a.many && !isGeo(a) && a.kind !== 'json' && a.kind !== 'language';

const asText = (a: AttributeInfo, v: unknown): string => {
  if (v === null || v === undefined) return '';
  if (a.kind === 'point' && typeof v === 'object') return ((v as { coordinates?: unknown[] }).coordinates ?? []).slice(0, 2).join(', ');
  if (a.kind === 'datetime' && typeof v === 'object' && v && '@value' in v) return String((v as { '@value': unknown })['@value']);
  if (a.kind === 'date' && typeof v === 'object' && v && '@value' in v) return String((v as { '@value': unknown })['@value']);
  return typeof v === 'object' ? JSON.stringify(v, null, 2) : String(v);
};
export function hold(a: AttributeInfo, entity: Entity | null): Held {
  const found = entity ? instances(entity[a.name]) : [];
  const values = found.map(content);
  if (listed(a)) return values.flat().map((v) => asText(a, v));
  return values.length ? asText(a, values.length > 1 ? values : values[0]) : '';
}

export const blank = (held: Held | undefined) => held === undefined || (Array.isArray(held) ? held.every((x) => !x.trim()) : !held.trim());

function one(a: AttributeInfo, text: string): Fault | null {
  const v = text.trim();
  if (a.kind === 'number' || a.kind === 'integer') {
    const n = Number(v);
    if (v === '' || Number.isNaN(n)) return { key: 'number' };
    if (a.kind === 'integer' && !Number.isInteger(n)) return { key: 'integer' };
    if (a.min !== null && n < a.min) return { key: 'min', values: { n: a.min } };
    if (a.max !== null && n > a.max) return { key: 'max', values: { n: a.max } };
    return null;
  }
  if (a.kind === 'point') {
    const [lon, lat] = v.split(',').map((x) => (x.trim() === '' ? Number.NaN : Number(x)));
    return lon !== undefined && lat !== undefined && Math.abs(lon) <= 180 && Math.abs(lat) <= 90 ? null : { key: 'lonlat' };
  }
  if (a.kind === 'date' && Number.isNaN(new Date(v).getTime())) return { key: 'date' };
  if (a.kind === 'datetime' && Number.isNaN(new Date(v).getTime())) return { key: 'date' };
  if (a.kind === 'uri' && !/^[a-z][a-z0-9+.-]*:\S+$/i.test(v)) return { key: 'uri' };
  if (['json', 'line', 'polygon', 'geometry', 'language'].includes(a.kind)) {
    try {
      JSON.parse(v);
    } catch {
      return { key: 'json' };
    }
  }
  if (a.pattern && a.kind !== 'relationship') {
    try {
      if (!new RegExp(`^(?:${a.pattern})$`, 'u').test(v)) return { key: 'pattern', values: { p: a.pattern } };
    } catch {
      /* a form the browser does not know is left to the server */
    }
  }
  if (a.check === 'uscc' && !uscc(v)) return { key: 'uscc' };
  if (a.check === 'citizen-id' && !citizenId(v)) return { key: 'citizenId' };
  return null;
}

export function fault(a: AttributeInfo, held: Held | undefined): Fault | null {
  if (blank(held)) return a.required ? { key: 'required' } : null;
  for (const text of (Array.isArray(held) ? held : [held as string]).filter((x) => x.trim())) {
    const found = one(a, text);
    if (found) return found;
  }
  return null;
}

/** GB 32100: the eighteenth character is a check modulo 31. */
export function uscc(text: string): boolean {
  const set = '0123456789ABCDEFGHJKLMNPQRTUWXY';
  if (text.length !== 18) return false;
  let [sum, weight] = [0, 1];
  for (const c of text.slice(0, 17)) {
    const at = set.indexOf(c);
    if (at < 0) return false;
    sum += at * weight;
    weight = (weight * 3) % 31;
  }
  return set[(31 - (sum % 31)) % 31] === text[17];
}
/** GB 11643: the eighteenth character is a check modulo 11. */
export function citizenId(text: string): boolean {
  if (!/^\d{17}[\dX]$/.test(text)) return false;
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  return '10X98765432'[weights.reduce((sum, w, i) => sum + w * Number(text[i]), 0) % 11] === text[17];
}

function parse(a: AttributeInfo, text: string): unknown {
  const v = text.trim();
  if (a.kind === 'number' || a.kind === 'integer') return Number(v);
  if (a.kind === 'boolean') return v === 'true';
  if (a.kind === 'point') return { type: 'Point', coordinates: v.split(',').map((x) => Number(x)) };
  if (a.kind === 'datetime') return { '@type': 'DateTime', '@value': new Date(v).toISOString() };
  if (['json', 'line', 'polygon', 'geometry', 'language'].includes(a.kind)) return JSON.parse(v);
  return v;
}

/** The attribute as NGSI-LD; null when the field is empty. */
export function write(a: AttributeInfo, held: Held, before?: Instance): Record<string, unknown> | null {
  if (blank(held)) return null;
  const values = (Array.isArray(held) ? held : [held]).filter((x) => x.trim()).map((x) => parse(a, x));
  const value = listed(a) ? values : values[0];
  const unit = a.unit ? { unitCode: before?.unitCode ?? a.unit.code } : {};
  if (a.kind === 'relationship') return { type: 'Relationship', object: value };
  if (isGeo(a)) return { type: 'GeoProperty', value };
  if (a.kind === 'json') return { type: 'JsonProperty', json: value };
  if (a.kind === 'language') return { type: 'LanguageProperty', languageMap: value };
  // A datetime that stood as plain text stays plain text: the pack decided so.
  if (a.kind === 'datetime' && typeof before?.value === 'string') return { type: 'Property', value: (value as { '@value': string })['@value'] };
  return { type: 'Property', value, ...unit };
}
