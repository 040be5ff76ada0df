// A value as a reader wants it: codes by their names, related entities by theirs, numbers with their unit, places as words.
import type { AttributeInfo } from '~/api/types';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { date, localId, moment, number } from '~/ui/format';
import { entityHref, To } from '~/ui/To';
import { isRef } from './model';

export function Value({ of, value, names, clip }: { of: AttributeInfo; value: unknown; names: Record<string, string>; clip?: boolean }) {
  const { t } = useTranslation();
  const lang = useLang();
  if (value === null || value === undefined || value === '') return <span className="note">—</span>;
  if (Array.isArray(value) && of.kind !== 'json') {
    const shown = clip ? value.slice(0, 3) : value;
    return <span className="many">{shown.map((v, i) => <span key={i}><Value of={of} value={v} names={names} {...(clip ? { clip } : {})} /></span>)}{shown.length < value.length && <span className="note">+{value.length - shown.length}</span>}</span>;
  }
  if (isRef(value)) return <To href={entityHref(value)}>{names[value] ?? localId(value)}</To>;
  const code = of.codes?.find((c) => c.code === String(value));
  if (code) return <span title={code.code}>{say(code.title, lang)}</span>;
  if (typeof value === 'boolean') return <>{value ? t('common.yes') : t('common.no')}</>;
  if (typeof value === 'number') return <span className="num">{number(value)}{unitWord(of, lang) && <small>{unitWord(of, lang)}</small>}</span>;
  if (typeof value === 'object') {
    const o = value as Record<string, unknown>;
    if ('@value' in o) return <Value of={of} value={o['@value']} names={names} />;
    if (typeof o.type === 'string' && 'coordinates' in o) return <Geometry type={o.type} coordinates={o.coordinates} />;
    if (of.kind === 'language' || (o.zh !== undefined || o.en !== undefined)) return <>{String(o[lang] ?? o.zh ?? o.en ?? '')}</>;
    const text = JSON.stringify(value, null, clip ? 0 : 2);
    return clip ? <code>{text.length > 60 ? `${text.slice(0, 60)}…` : text}</code> : <pre className="json">{text}</pre>;
  }
  const text = String(value);
  if (of.kind === 'date' || /^\d{4}-\d{2}-\d{2}$/.test(text)) return <span className="nowrap">{date(text, lang)}</span>;
  if (of.kind === 'datetime' || /^\d{4}-\d{2}-\d{2}T/.test(text)) return <span className="nowrap">{moment(text, lang)}</span>;
  if (/^https?:\/\//.test(text)) return <a href={text} rel="noreferrer noopener" target="_blank">{text}</a>;
  return clip && text.length > 60 ? <span title={text}>{text.slice(0, 60)}…</span> : <>{text}</>;
}

/** A count's unit is one, and nobody writes that. */
export const unitWord = (of: AttributeInfo, lang: 'zh' | 'en'): string => (!of.unit || of.unit.symbol === '1' || of.unit.code === 'C62' ? '' : of.unit.symbol || say(of.unit.title, lang));

function Geometry({ type, coordinates }: { type: string; coordinates: unknown }) {
  const { t } = useTranslation();
  if (type === 'Point' && Array.isArray(coordinates)) return <span className="nowrap">{t('data.point', { lon: Number(coordinates[0]).toFixed(5), lat: Number(coordinates[1]).toFixed(5) })}</span>;
  const count = (c: unknown): number => (Array.isArray(c) ? (typeof c[0] === 'number' ? 1 : c.reduce((n: number, x) => n + count(x), 0)) : 0);
  return <span>{t(`data.shape.${type}`)} <span className="note">{t('data.vertices', { n: count(coordinates) })}</span></span>;
}
