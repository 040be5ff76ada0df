// What there is to choose from: streets, workflows, organisations, posts. Asked once, kept for minutes.
import { useApi } from '~/api/client';
import type { Party, Words, Workflow } from '~/api/cases';
import { say } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useSession } from '~/state/session';
import { localId } from '~/ui/format';

export type Flow = Omit<Workflow, 'states'> & { states: (Workflow['states'][number] & { holder: string[] })[]; commands: { name: string; title: Words; from: string[]; to: string }[] };

const seldom = { asOf: false, staleTime: 300_000 } as const;

export const useFlows = () => useApi<{ workflows: Flow[] }>('/api/workflows', undefined, seldom);

/** The streets of the district by name; cases know them by their short id. */
export function useStreets(): Party[] {
  const found = useApi<{ id: string; name: string }[]>('/ngsi-ld/v1/entities', { type: 'Street', limit: 100, options: 'keyValues' }, seldom);
  return (found.data ?? []).map((s) => ({ id: localId(s.id), name: s.name }));
}

/** Organisations that have posts: to any other a case would lie with nobody. */
export function useParties(): Party[] {
  const { data } = useSession();
  return [...new Map((data?.posts ?? []).flatMap((p) => p.organisations).map((o) => [o.id, o])).values()];
}

export type PostChoice = { value: string; role: string; organisation: string; label: string };

/** Every post, in words: role and organisation. */
export function usePosts(): PostChoice[] {
  const { data } = useSession();
  const lang = useLang();
  return (data?.posts ?? []).filter((p) => p.level !== 'public')
    .flatMap((p) => p.organisations.map((o) => ({ value: `${p.role}@${o.id}`, role: p.role, organisation: o.id, label: `${say(p.title, lang)} · ${o.name}` })));
}

/** Roles of cases with their titles. */
export function useRoles(): { value: string; label: string; organisations: Party[] }[] {
  const { data } = useSession();
  const lang = useLang();
  return (data?.posts ?? []).filter((p) => p.verbs.includes('case.act')).map((p) => ({ value: p.role, label: say(p.title, lang), organisations: p.organisations }));
}

/** Words of the server in which posts and roles stand by their machine names, said with their titles. */
export function useSpoken(): (text: string) => string {
  const { data } = useSession();
  const posts = data?.posts ?? [];
  const names = new Map(posts.flatMap((p) => p.organisations).map((o) => [o.id, o.name]));
  // The server says everything twice: 中文。 / English.
  const half = (text: string, lang: 'zh' | 'en') => {
    const title = new Map(posts.map((p) => [p.role, p.title[lang]]));
    const post = text.replace(/([a-z][a-z-]*)@([\w-]+)(?:\/([\w-]+))?/g, (all, role: string, organisation: string, person?: string) => (title.has(role) ? [title.get(role), names.get(organisation) ?? organisation, person].filter(Boolean).join(' · ') : all));
    return post.replace(/(?<![\w-])[a-z]+(?:-[a-z]+)*(?![\w-])/g, (word) => (lang === 'en' && !word.includes('-') ? word : (title.get(word) ?? word)));
  };
  return (text) => text.split(' / ').map((part) => half(part, /[\u4e00-\u9fff]/.test(part) ? 'zh' : 'en')).join(' / ');
}
