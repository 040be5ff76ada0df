// Which post, of which organisation: both by their titles; an organisation is found by typing.
import { useId } from 'react';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useSession } from '~/state/session';
import { paren } from './bits';

type Place = { id: string; name: string };

/** Organisations that have the post; one that is already written stays. */
export function usePlaces(role: string, kept?: Place | null): Place[] {
  const { data } = useSession();
  const posts = data?.posts ?? [];
  const known = posts.filter((p) => !role || p.role === role).flatMap((p) => p.organisations);
  return [...new Map([...(kept ? [kept] : []), ...known].map((o) => [o.id, o])).values()].sort((a, b) => a.name.localeCompare(b.name, 'zh'));
}
/** What was typed, as a local id; null: no such organisation. */
export const placed = (text: string, places: Place[]): string | null => (text.trim() === '' ? '' : (places.find((o) => o.name === text.trim() || o.id === text.trim())?.id ?? null));

export function PostField({ value, set, bad, testid }: { value: string; set: (role: string) => void; bad: boolean; testid: string }) {
  const { t } = useTranslation();
  const lang = useLang();
  const { data } = useSession();
  const known = data?.posts.filter((p) => p.level !== 'public') ?? [];
  return (
    <label><span>{t('channels.form.role')}</span>
      <select className="input" value={value} onChange={(e) => set(e.target.value)} aria-invalid={bad} data-testid={testid}>
        <option value="">{t('channels.form.roleChoose')}</option>
        {known.map((p) => <option key={p.role} value={p.role}>{say(p.title, lang)}{paren(p.role, lang)}</option>)}
        {value && data && !known.some((p) => p.role === value) && <option value={value}>{value}</option>}
      </select>
      {bad && <span className="field-error" role="alert">{t('channels.form.need')}</span>}
    </label>
  );
}

export function PlaceField({ value, set, places, fault, how, testid, optional }: { value: string; set: (text: string) => void; places: Place[]; fault: string | null; how: string; testid: string; optional?: boolean }) {
  const { t } = useTranslation();
  const list = useId();
  return (
    <label><span>{t('channels.form.organisation')}</span>
      <input className="input" list={list} value={value} onChange={(e) => set(e.target.value)} placeholder={optional ? t('channels.everyOrganisation') : ''} aria-invalid={Boolean(fault)} autoComplete="off" data-testid={testid} />
      <datalist id={list}>{places.map((o) => <option key={o.id} value={o.name} />)}</datalist>
      <small className="note">{how}</small>
      {fault && <span className="field-error" role="alert">{fault}</span>}
    </label>
  );
}
