import { useApi } from '~/api/client';
import type { Session } from '~/api/types';
import { usePost } from './prefs';

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
