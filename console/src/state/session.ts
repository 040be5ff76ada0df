import { useApi } from '~/api/client';
import type { Session } from '~/api/types';
import i18next from 'i18next';
import { useLang, usePost } from './prefs';

export const useSession = () => useApi<Session>('/api/session', undefined, { asOf: false, staleTime: 300_000 });

export type MyPost = { id: string; role: string; organisation: string; title: { zh: string; en: string }; organisationName: string; level: string; verbs: string[] };

/** The post chosen at the top right; null is a reader. */
export function useMyPost(): MyPost | null {
  const id = usePost();
  const { data } = useSession();
  if (!id || !data) return null;
  const [role = '', organisation = ''] = id.split('@');
  const known = data.posts.find((p) => p.role === role && p.organisations.some((o) => o.id === organisation)) ?? data.posts.find((p) => p.role === role);
  if (!known) return null;
  const name = known.organisations.find((o) => o.id === organisation)?.name ?? organisation;
  return { id, role, organisation, title: known.title, organisationName: name, level: known.level, verbs: known.verbs };
}

/** `clerk@bureau-kgsx` as people say it: title and organisation, and the person of `clerk@bureau-kgsx/0172`. What is not known stays as it is. */
export function useActorName(): (actor: string) => string {
  const { data } = useSession();
  const lang = useLang();
  return (actor) => {
    const [role = '', place] = actor.split('@');
    const key = `common.actor.${actor.replace(':', '-')}`;
    if (i18next.exists(key)) return i18next.t(key, { lng: lang });
    if (actor.startsWith('system:')) return i18next.t('common.actor.system', { lng: lang });
    if (place === undefined) return data?.posts.find((p) => p.role === role)?.title[lang] ?? actor;
    const [organisation = '', person] = place.split('/');
    const post = data?.posts.find((p) => p.role === role);
    if (!post) return actor;
    const name = data?.posts.flatMap((p) => p.organisations).find((o) => o.id === organisation)?.name ?? organisation;
    return [post.title[lang], name, person].filter(Boolean).join(' · ');
  };
}
