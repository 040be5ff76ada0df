// What the pages of channels share: their words, what a person types as an address of a way and the URI it becomes.
import type { Way } from '~/api/alerts';
import i18next from 'i18next';
import { texts } from '~/i18n';
import * as words from '~/i18n/channels';

texts('channels', words);

export const ways: Way[] = ['mail', 'wecom', 'wecom-robot', 'webhook'];
export type Line = { way: Way; text: string };
const robots = /^https:\/\/qyapi\.weixin\.qq\.com\//;

/** Somebody pastes a whole URI: it says its way itself. */
export function typed(text: string, way: Way): Line {
  const plain = text.trim();
  if (plain.startsWith('mailto:')) return { way: 'mail', text: plain.slice(7) };
  if (plain.startsWith('wecom+')) return { way: 'wecom-robot', text: plain.slice(6) };
  if (plain.startsWith('wecom:')) return { way: 'wecom', text: plain.slice(6) };
  if (robots.test(plain)) return { way: 'wecom-robot', text: plain };
  if (/^https?:\/\//.test(plain) && way !== 'wecom-robot') return { way: 'webhook', text: plain };
  return { way, text: plain };
}

const web = (text: string) => {
  try {
    const url = new URL(text);
    return ['http:', 'https:'].includes(url.protocol) && url.hostname !== '' && url.username === '' && url.password === '';
  } catch {
    return false;
  }
};
/** Whether it looks like an address of its way; the server judges in the end. */
export function right({ way, text }: Line): boolean {
  if (/\s/.test(text)) return false;
  if (way === 'mail') return /^[^@]+@[^@]+$/.test(text);
  if (way === 'wecom') return /^[A-Za-z0-9_.-][A-Za-z0-9_.@-]{0,63}$/.test(text);
  return web(text);
}
export function uri({ way, text }: Line): string {
  if (way === 'mail') return `mailto:${text}`;
  if (way === 'wecom') return `wecom:${text}`;
  return way === 'wecom-robot' && !robots.test(text) ? `wecom+${text}` : text;
}
export const filled = (lines: Line[]) => lines.filter((l) => l.text !== '');

/** Why it was not delivered: a word for the code, and what the other side said. */
export function why(code: string, detail: string, t: (key: string) => string): { word: string | null; said: string } {
  const key = `channels.why.${code}`;
  // The problem of a test begins with the same sentence in two languages; what follows is from the other side.
  const said = detail.replace(/^.*not delivered\. ?/s, '');
  return { word: i18next.exists(key) ? t(key) : null, said: code === 'channel_missing' ? '' : said };
}
/** An account of a delivery holds `code: detail`. */
export const split = (error: string): [string, string] => {
  const at = error.indexOf(': ');
  return at > 0 && /^[a-z_]+$/.test(error.slice(0, at)) ? [error.slice(0, at), error.slice(at + 2)] : ['', error];
};
