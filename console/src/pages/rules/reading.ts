// A rule's sentence in the words people use: what the server wrote with machine names is read again, and each name gets its title.
import type { Scheme, Words } from '~/api/alerts';
import type { Rule } from '~/api/rules';
import { useApi } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useSession } from '~/state/session';
import { useCategory } from '../alerts/bits';
import { useTypes } from '../data/model';

/** A piece of a sentence: words, a name with its title, a condition or a text in words, or code nobody has words for. */
export type Piece = { text: string; code?: string; kind: 'words' | 'term' | 'condition' | 'text' | 'code' };
export type Reader = { pieces: (rule: Rule) => Piece[]; type: (name: string) => string; pack: (name: string) => string };

const NAME = /[A-Za-z][A-Za-z0-9_]*(?:[.-][A-Za-z0-9_]+)*/g;
const TOKEN = /'[^']*'|"[^"]*"|!?has\(self\.\w+\)|[A-Za-z_]\w*\([^()]*\)(?:\.\w+)*|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|>=|<=|==|!=|&&|\|\||[\s\S]/g;
const signs: Record<string, string> = { '>=': '≥', '<=': '≤', '==': '=', '!=': '≠' };
// After these words the English sentence names something; elsewhere a word is only a word.
const before = /(?:\b(?:each|any|when|when its|or|of|set|case|for|notify) |\()$/;
const han = /[\u3400-\u9fff”）]/;

export function useReader(): Reader {
  const { t } = useTranslation();
  const lang = useLang();
  const category = useCategory();
  const { data: session } = useSession();
  const types = useTypes().data ?? [];
  const schemes = useApi<{ schemes: Scheme[] }>('/api/severity', undefined, { staleTime: 300_000 }).data?.schemes ?? [];
  const flows = useApi<{ workflows: { id: string; title: Words }[] }>('/api/workflows', undefined, { asOf: false, staleTime: 300_000 }).data?.workflows ?? [];
  const type = (name: string) => say(types.find((x) => x.name === name)?.title, lang);
  const attribute = (name: string, of?: string) => {
    const own = of ? types.find((x) => x.name === of)?.attributes.find((a) => a.name === name) : types.flatMap((x) => x.attributes).find((a) => a.name === name);
    return say(own?.title, lang);
  };
  const named = (name: string, of: string) => {
    const words = type(name) || attribute(name, of) || say(session?.posts.find((p) => p.role === name)?.title, lang) || say(flows.find((f) => f.id === name)?.title, lang);
    return words || (category(name) === name ? '' : category(name));
  };
  const path = (text: string, of: string): string => {
    const [head = '', ...rest] = text.split('.');
    const last = rest[rest.length - 1] ?? '';
    if (rest.length === 0) return head === 'now' ? t('alerts.rules.expr.now') : attribute(head, of);
    if (head === 'self') return attribute(last, of);
    if (head === 'window') return t(`alerts.rules.expr.window.${last}`, { defaultValue: '' });
    if (head === 'previous' || head === 'observedAt') {
      const found = attribute(last, of);
      return found && t(`alerts.rules.expr.${head}`, { x: found });
    }
    if (head === 'rel') {
      const found = rest.map((r, i) => attribute(r, i === 0 ? of : undefined));
      return found.every(Boolean) ? found.join(t('alerts.rules.expr.of')) : '';
    }
    return '';
  };
  const condition = (expr: string, of: string): Piece => {
    const tokens = expr.match(TOKEN) ?? [];
    const solid = tokens.filter((x) => x.trim());
    const quoted = (x: string) => /^['"]/.test(x);
    const level = solid.length === 1 && quoted(expr) ? schemes.flatMap((s) => s.levels).find((l) => l.id === expr.slice(1, -1)) : undefined;
    if (level) return { kind: 'text', text: say(level.title, lang), code: expr };
    // Texts put together are a text with places to fill.
    if (solid.some(quoted) && solid.every((x) => quoted(x) || x === '+' || /^[A-Za-z_][\w.]*$/.test(x))) {
      const text = solid.filter((x) => x !== '+').map((x) => (quoted(x) ? x.slice(1, -1) : `〔${path(x, of) || x}〕`)).join('');
      return { kind: 'text', text: t('alerts.rules.expr.text', { x: text }), code: expr };
    }
    let known = true;
    const text = tokens.map((x) => {
      const has = /^(!?)has\(self\.(\w+)\)$/.exec(x);
      if (has) return t(has[1] ? 'alerts.rules.expr.hasNot' : 'alerts.rules.expr.has', { x: attribute(has[2] ?? '', of) || (has[2] ?? '') });
      if (x === '&&' || x === '||') return t(x === '&&' ? 'alerts.rules.expr.and' : 'alerts.rules.expr.or');
      if (signs[x]) return signs[x];
      if (quoted(x)) return t('alerts.rules.expr.text', { x: x.slice(1, -1) });
      // A function keeps its name; what is compared with it has words.
      if (!/^[A-Za-z_]/.test(x) || x.includes('(') || x === 'true' || x === 'false') return x;
      const words = path(x, of);
      if (!words) known = false;
      return words || x;
    }).join('');
    const called = solid.length === 1 && expr.includes('(') && !/^!?has\(/.test(expr);
    return { kind: known && !called ? 'condition' : 'code', text: known ? text : expr, code: expr };
  };
  const names = (text: string, of: string, wanted: Set<string> | null): Piece[] => {
    const pieces: Piece[] = [];
    let from = 0;
    for (const found of text.matchAll(NAME)) {
      const title = !wanted || (wanted.has(found[0]) && before.test(text.slice(0, found.index))) ? named(found[0], of) : '';
      if (!title) continue;
      pieces.push({ kind: 'words', text: text.slice(from, found.index) }, { kind: 'term', text: title, code: found[0] });
      from = found.index + found[0].length;
    }
    pieces.push({ kind: 'words', text: text.slice(from) });
    return pieces;
  };
  const pieces = (rule: Rule): Piece[] => {
    // What is Latin in the Chinese sentence is a name.
    const wanted = lang === 'en' ? new Set(rule.sentence.zh.split('`').filter((_, i) => i % 2 === 0).flatMap((x) => x.match(NAME) ?? [])) : null;
    const found = say(rule.sentence, lang).split('`').flatMap((part, i) => (i % 2 ? [condition(part, rule.type)] : names(part, rule.type, wanted))).filter((p) => p.text);
    // Between Chinese words stands no blank.
    return found.map((p, i) => {
      if (lang !== 'zh' || p.kind !== 'words') return p;
      let text = p.text;
      if (han.test(found[i + 1]?.text[0] ?? '')) text = text.trimEnd();
      if (han.test(found[i - 1]?.text.slice(-1) ?? '')) text = text.trimStart();
      return { ...p, text };
    });
  };
  return { pieces, type, pack: (name) => say(session?.packs.find((p) => p.name === name)?.title, lang) || name };
}
export const plain = (pieces: Piece[]) => pieces.map((p) => p.text).join('');
