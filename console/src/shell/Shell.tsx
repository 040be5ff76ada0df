// The frame of every page: product, places, who is acting, the moment shown, the live mark, the palette; on a phone a drawer.
import { MenuOutlined, MoonOutlined, SearchOutlined, SunOutlined } from '@ant-design/icons';
import { Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { say, useTranslation } from '~/i18n';
import { lang as langStore, theme as themeStore, useLang, useTheme } from '~/state/prefs';
import { useSession } from '~/state/session';
import { useGo, useQueryParams } from '~/state/url';
import { To } from '~/ui/To';
import { Toasts } from '~/ui/toast';
import { Keys } from './Keys';
import { LiveMark, useLiveStream } from './Live';
import { placeOf, places } from './places';
import { PostSwitcher } from './PostSwitcher';
import { PastBanner, TimeControl } from './TimeControl';

const Palette = lazy(() => import('./Palette'));
const EvidenceDrawer = lazy(() => import('~/pages/evidence/Drawer'));

export function Shell() {
  const { t } = useTranslation();
  const lang = useLang();
  const mode = useTheme();
  const path = useLocation({ select: (l) => l.pathname });
  const query = useQueryParams();
  const { data: session } = useSession();
  const [palette, setPalette] = useState(false);
  const [keys, setKeys] = useState(false);
  const [menu, setMenu] = useState(false);
  const screen = query.screen === '1';
  useLiveStream();
  useShortcuts(() => setPalette(true), () => setKeys(true));
  const before = useRef(path);
  useEffect(() => {
    setMenu(false);
    // A new page: whoever reads by ear or by keyboard begins at its top.
    if (before.current !== path) document.getElementById('main')?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
  const here = placeOf(path);
  const record = typeof query.record === 'string' ? Number(query.record) : null;

  const nav = (
    <ul className="places">
      {places.map((p) => (
        <li key={p.key}><To href={p.href} aria-current={here === p ? 'page' : undefined} data-testid={`place-${p.key}`}>{t(`shell.place.${p.key}`)}</To></li>
      ))}
    </ul>
  );
  return (
    <div className={screen ? 'shell screen' : 'shell'}>
      <a className="skip" href="#main">{t('shell.skip')}</a>
      {!screen && (
        <header className="bar">
          <button type="button" className="bar-btn phone-only" onClick={() => setMenu(true)} aria-label={t('shell.menu')} data-testid="menu"><MenuOutlined /></button>
          <To href="/" className="brand" data-testid="brand" title={t('shell.place.cockpit')}><img src="/nacre.svg" alt="" width={26} height={26} /><b><span>{t('common.product')}</span></b>
            {session && <span className="district">{say(session.district.name, lang)}</span>}</To>
          <nav className="nav" aria-label={t('shell.places')}>{nav}</nav>
          <div className="tools">
            <button type="button" className="bar-btn search" onClick={() => setPalette(true)} data-testid="palette-open" title={t('shell.palette.open')}>
              <SearchOutlined /><span className="sr">{t('shell.palette.open')} </span><kbd className="wide-only">Ctrl K</kbd>
            </button>
            <LiveMark />
            <TimeControl />
            <button type="button" className="bar-btn" onClick={() => langStore.set(lang === 'zh' ? 'en' : 'zh')} title={t('shell.langLabel')} data-testid="lang">{lang === 'zh' ? 'EN' : '中'}<span className="sr"> {t('shell.langLabel')}</span></button>
            <button type="button" className="bar-btn" onClick={() => themeStore.set(mode === 'dark' ? 'light' : 'dark')} aria-label={mode === 'dark' ? t('shell.light') : t('shell.dark')} data-testid="theme">
              {mode === 'dark' ? <SunOutlined /> : <MoonOutlined />}
            </button>
            <PostSwitcher />
          </div>
        </header>
      )}
      {!screen && here?.children && (
        <nav className="subnav" aria-label={t(`shell.place.${here.key}`)}>
          {here.children.map((c) => (
            <To key={c.key} href={c.href} aria-current={path === c.href || path.startsWith(`${c.href}/`) ? 'page' : undefined} data-testid={`sub-${c.key}`}>{t(`shell.sub.${c.key}`)}</To>
          ))}
        </nav>
      )}
      <PastBanner />
      <main id="main" tabIndex={-1}><Outlet /></main>
      <Toasts />
      {menu && <Menu close={() => setMenu(false)}>{nav}</Menu>}
      {keys && <Keys close={() => setKeys(false)} />}
      <Suspense fallback={null}>
        {palette && <Palette close={() => setPalette(false)} />}
        {record !== null && record > 0 && <EvidenceDrawer seq={record} />}
      </Suspense>
    </div>
  );
}

function Menu({ close, children }: { close: () => void; children: React.ReactNode }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} className="menu" aria-label={t('shell.menu')} onClose={close} onClick={(e) => e.target === dialog.current && close()} data-testid="menu-drawer">
      <button type="button" className="btn" onClick={close}>{t('common.close')}</button>
      <nav aria-label={t('shell.places')}>{children}</nav>
      <To href="/public">{t('shell.publicSite')}</To>
    </dialog>
  );
}

function useShortcuts(palette: () => void, keys: () => void) {
  const go = useGo();
  const latest = useRef({ palette, keys, go });
  latest.current = { palette, keys, go };
  useEffect(() => {
    let leading = 0;
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        latest.current.palette();
        return;
      }
      const target = event.target as HTMLElement;
      if (event.ctrlKey || event.metaKey || event.altKey || target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) || document.querySelector('dialog[open]')) return;
      if (Date.now() - leading < 1200) {
        const place = places.find((p) => p.quick === event.key);
        leading = 0;
        if (place) latest.current.go(place.href);
        return;
      }
      if (event.key === 'g') leading = Date.now();
      else if (event.key === '?') latest.current.keys();
      else if (event.key === '/') { event.preventDefault(); latest.current.palette(); }
      else if (event.key === 't') document.querySelector<HTMLElement>('[data-testid=time-control]')?.click();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, []);
}
