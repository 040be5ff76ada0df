// The public site: its own header, no staff navigation. Made for a phone first.
import { MoonOutlined, SunOutlined } from '@ant-design/icons';
import { Outlet, useLocation } from '@tanstack/react-router';
import { lazy, Suspense, useEffect } from 'react';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/public';
import { lang as langStore, theme as themeStore, useLang, useTheme } from '~/state/prefs';
import { useSession } from '~/state/session';
import { useQueryParams } from '~/state/url';
import { To } from '~/ui/To';
import { Toasts } from '~/ui/toast';
import './public.css';

texts('public', words);

const EvidenceDrawer = lazy(() => import('~/pages/evidence/Drawer'));

export default function Frame() {
  const { t } = useTranslation();
  const lang = useLang();
  const mode = useTheme();
  const { data: session } = useSession();
  const { pathname, hash } = useLocation();
  const record = Number(useQueryParams().record ?? 0);
  useEffect(() => {
    if (hash) setTimeout(() => void document.getElementById(hash)?.scrollIntoView(), 300);
  }, [hash]);
  const link = (key: 'goals' | 'reports' | 'data' | 'comments') => (pathname === '/public' ? <a href={`#${key}`}>{t(`public.nav.${key}`)}</a> : <To href={`/public#${key}`}>{t(`public.nav.${key}`)}</To>);
  const own = (key: 'report' | 'track' | 'verify', href: string, here: boolean) => <To href={href} aria-current={here ? 'page' : undefined} data-testid={`nav-${key}`}>{t(`public.nav.${key}`)}</To>;
  return (
    <div className="pub">
      <a className="skip" href="#main">{t('shell.skip')}</a>
      <header className="pub-bar">
        <To href="/public" className="pub-brand" data-testid="public-brand"><img src="/nacre.svg" alt="" width={28} height={28} /><span><b>{t('public.site')}</b>{session && <small>{say(session.district.name, lang)}</small>}</span></To>
        <div className="pub-tools">
          <button type="button" className="bar-btn" onClick={() => langStore.set(lang === 'zh' ? 'en' : 'zh')} data-testid="lang">{t('public.lang')}</button>
          <button type="button" className="bar-btn" onClick={() => themeStore.set(mode === 'dark' ? 'light' : 'dark')} aria-label={mode === 'dark' ? t('public.light') : t('public.dark')} data-testid="theme">{mode === 'dark' ? <SunOutlined /> : <MoonOutlined />}</button>
        </div>
        <nav className="pub-nav" aria-label={t('public.siteNav')}>{own('report', '/report', pathname === '/report')}{own('track', '/track', pathname === '/track' || pathname.startsWith('/report/'))}{link('goals')}{link('reports')}{link('data')}{link('comments')}{own('verify', '/public/verify', pathname.startsWith('/public/verify'))}</nav>
      </header>
      <main id="main" tabIndex={-1}><Outlet /></main>
      <footer className="pub-foot"><p>{t('public.foot')}</p><p><To href="/report">{t('public.nav.report')}</To></p><p><To href="/track">{t('public.nav.track')}</To></p><p><To href="/" data-testid="staff">{t('public.staff')}</To></p></footer>
      <Toasts />
      <Suspense fallback={null}>{record > 0 && <EvidenceDrawer seq={record} />}</Suspense>
    </div>
  );
}
