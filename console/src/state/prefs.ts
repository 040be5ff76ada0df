import type { Mode } from '~/theme';
import { kept, store, useStore } from './store';

const system: Mode = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
export const theme = kept<Mode>('nacre.theme', system, ['light', 'dark']);
export const lang = kept<'zh' | 'en'>('nacre.lang', navigator.language.startsWith('en') ? 'en' : 'zh', ['zh', 'en']);
/** Who is acting: `<role>@<organisation>`; empty is a reader. */
export const post = kept<string>('nacre.post', '');
/** Newest record the live stream has told of, and whether the stream stands (null: it is being opened), and since when it does not. */
export const live = store<{ seq: number; at: string | null; up: boolean | null; lost: number | null }>({ seq: 0, at: null, up: null, lost: null });

export const useLang = () => useStore(lang);
export const useTheme = () => useStore(theme);
export const usePost = () => useStore(post);
export const useLive = () => useStore(live);
