// Ctrl/⌘ K: pages, verbs and entities in one list. Pinyin of pages and verbs is a table here; of entities the server knows it.
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { get } from '~/api/client';
import type { SearchHit } from '~/api/types';
import { say, useTranslation } from '~/i18n';
import { lang as langStore, theme, useLang } from '~/state/prefs';
import { asOfNow, useChangeQuery, useGo } from '~/state/url';
import { entityHref, indicatorHref } from '~/ui/To';
import { places } from './places';

type Item = { key: string; group: 'pages' | 'verbs' | 'entities'; name: string; hint: string; words: string; act: () => void };

export default function Palette({ close }: { close: () => void }) {
  const { t, i18n } = useTranslation();
  const lang = useLang();
  const go = useGo();
  const change = useChangeQuery();
  const dialog = useRef<HTMLDialogElement>(null);
  const [text, setText] = useState('');
  const [asked, setAsked] = useState('');
  const [at, setAt] = useState(0);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => setAsked(text.trim()), 160);
    return () => clearTimeout(timer);
  }, [text]);

  const fixed = useMemo<Item[]>(() => {
    const page = (key: string, word: string, href: string, words: string, hint = ''): Item => ({ key, group: 'pages', name: t(word), hint: hint || href, words, act: () => go(href) });
    const verb = (key: string, words: string, act: () => void): Item => ({ key, group: 'verbs', name: t(`shell.verb.${key}`), hint: '', words, act });
    return [
      ...places.flatMap((p) => [
        page(p.key, `shell.place.${p.key}`, p.href, `${p.pinyin} ${p.initials} ${p.key}`),
        ...(p.children ?? []).map((c) => page(c.key, `shell.sub.${c.key}`, c.href, `${c.pinyin} ${c.initials} ${c.key}`)),
      ]),
      verb('theme', 'qiehuanshense shenseqianse zhuti qhss zt dark light theme', () => theme.set(theme.get() === 'dark' ? 'light' : 'dark')),
      verb('lang', 'qiehuanzhongyingwen yuyan qhzyw yy language english', () => langStore.set(langStore.get() === 'zh' ? 'en' : 'zh')),
      verb('screen', 'dapingmoshi daping dpms dp screen', () => go('/?screen=1')),
      verb('print', 'dayinbenye dayin dyby dy print', () => setTimeout(() => window.print(), 100)),
      verb('newCase', 'dengjianjian dj djaj xinjian new case', () => go('/cases/new')),
      verb('public', 'gongzhongban gzb public', () => go('/public')),
      ...(asOfNow() ? [verb('now', 'fanhuixianzai fhxz now', () => change({ asOf: null }, true))] : []),
    ];
  }, [t, go, change, i18n.language]);

  const { data: hits } = useQuery({
    queryKey: ['search', asked],
    enabled: asked.length > 0,
    queryFn: () => get<SearchHit[] | { hits: SearchHit[] }>('/api/search', { q: asked, limit: 20 }),
    retry: false,
  });
  const q = text.trim().toLowerCase();
  const items = useMemo<Item[]>(() => {
    const matches = fixed.filter((i) => !q || i.name.toLowerCase().includes(q) || i.words.split(' ').some((w) => w.startsWith(q)));
    const list = q && hits ? (Array.isArray(hits) ? hits : hits.hits) : [];
    const found = list.map<Item>((h) => ({
      key: `e:${h.id}`, group: 'entities', name: h.name, hint: say(h.typeTitle, lang), words: '',
      act: () => go(h.type === 'Indicator' ? indicatorHref(h.id.split(':').pop() ?? h.id) : entityHref(h.id)),
    }));
    return [...matches, ...found];
  }, [fixed, q, hits, lang, go]);
  useEffect(() => setAt(0), [q]);
  useEffect(() => {
    // Newer browsers answer a promise, which must not become the effect's clean-up.
    void dialog.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  const choose = (item: Item | undefined) => {
    if (!item) return;
    close();
    item.act();
  };
  return (
    <dialog ref={dialog} className="palette" aria-label={t('shell.palette.open')} data-testid="palette" onClose={close} onClick={(e) => e.target === dialog.current && close()}>
      <input className="palette-input" value={text} onChange={(e) => setText(e.target.value)} placeholder={t('shell.palette.hint')} aria-label={t('shell.palette.hint')} autoFocus
        role="combobox" aria-expanded="true" aria-controls="palette-list" aria-activedescendant={items[at] ? `p-${at}` : undefined} data-testid="palette-input"
        onKeyDown={(e) => {
          if (e.nativeEvent.isComposing) return;
          if (e.key === 'ArrowDown') { e.preventDefault(); setAt(Math.min(at + 1, items.length - 1)); }
          if (e.key === 'ArrowUp') { e.preventDefault(); setAt(Math.max(at - 1, 0)); }
          if (e.key === 'Enter') { e.preventDefault(); choose(items[at]); }
        }} />
      <ul id="palette-list" role="listbox" aria-label={t('shell.palette.open')}>
        {items.map((item, i) => (
          <li key={item.key} id={`p-${i}`} role="option" aria-selected={i === at} data-testid="palette-item" onMouseMove={() => i !== at && setAt(i)} onClick={() => choose(item)}>
            <span className="palette-group">{i === 0 || items[i - 1]?.group !== item.group ? t(`shell.palette.${item.group}`) : ''}</span>
            <span className="palette-name">{item.name}</span><span className="palette-hint">{item.hint}</span>
          </li>
        ))}
        {items.length === 0 && <li className="palette-none" role="option" aria-selected="false" aria-disabled="true">{t('shell.palette.none', { q: text })}</li>}
      </ul>
      <p className="note">{t('shell.palette.keys')}</p>
    </dialog>
  );
}
