// Texts by area. The shell's texts are loaded with the shell; a page calls `texts('area', {zh, en})` at the top of its module, so that
// its words travel with its own chunk and two people never edit one file.
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { lang } from '~/state/prefs';
import * as common from './common';
import * as shell from './shell';

export type Lang = 'zh' | 'en';
type Tree = { [key: string]: string | Tree };

void i18next.use(initReactI18next).init({
  lng: lang.get(),
  fallbackLng: 'zh',
  resources: { zh: { translation: { common: common.zh, shell: shell.zh } }, en: { translation: { common: common.en, shell: shell.en } } },
  interpolation: { escapeValue: false },
  react: { useSuspense: false },
});
lang.subscribe(() => void i18next.changeLanguage(lang.get()));

export function texts(area: string, content: { zh: Tree; en: Tree }) {
  i18next.addResourceBundle('zh', 'translation', { [area]: content.zh }, true, true);
  i18next.addResourceBundle('en', 'translation', { [area]: content.en }, true, true);
}

/** The words of a text that comes from the server, in the language now shown. */
export const say = (text: { zh: string; en: string } | null | undefined, now: Lang = lang.get()): string =>
  text ? text[now] || text.zh || text.en : '';

export { useTranslation } from 'react-i18next';
