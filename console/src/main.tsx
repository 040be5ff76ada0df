import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import antTheme from 'antd/es/theme';
import { StrictMode, useEffect, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import './app.css';
import './i18n';
import { client } from './api/client';
import { router } from './routes';
import { lang as langStore, theme as themeStore, useLang, useTheme } from './state/prefs';
import { antdTheme, applyTheme } from './theme';

applyTheme(themeStore.get());
document.documentElement.lang = langStore.get() === 'zh' ? 'zh-CN' : 'en';

function Root() {
  const mode = useTheme();
  const lang = useLang();
  useEffect(() => applyTheme(mode), [mode]);
  useEffect(() => {
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
  }, [lang]);
  const theme = useMemo(() => antdTheme(mode, mode === 'dark' ? antTheme.darkAlgorithm : antTheme.defaultAlgorithm), [mode]);
  return (
    <ConfigProvider theme={theme} locale={lang === 'zh' ? zhCN : enUS} button={{ autoInsertSpace: false }}>
      <QueryClientProvider client={client}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </ConfigProvider>
  );
}

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <Root />
  </StrictMode>,
);
