// The one place for colours and sizes: CSS variables and Ant Design tokens both come from here.
// Ink on paper, one accent, five words of status. Status colours are taken apart by lightness and hue (bluish green, ochre, vermilion, grey,
// violet) so that they differ for colour-blind eyes and in print; they never stand without an icon or a word. Text colours reach AA (4.5:1) on
// every surface they are used on.
import type { ThemeConfig } from 'antd';

export type Mode = 'light' | 'dark';

export const fontText =
  "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC',system-ui,-apple-system,'Segoe UI',sans-serif";
export const fontCode = "'SFMono-Regular',Consolas,'Liberation Mono',Menlo,monospace";

const light = {
  paper: '#f7f5f0', surface: '#ffffff', raised: '#ffffff', sunken: '#f1eee7', line: '#dcd7cb', lineStrong: '#b9b2a2',
  ink: '#17212b', ink2: '#47525e', ink3: '#626b75', accent: '#0b5c7a', accentHover: '#0a4a63', accentSoft: '#e4eff3', onAccent: '#ffffff',
  good: '#00695a', goodSoft: '#e0f1ec', near: '#805600', nearSoft: '#faf0d7', bad: '#b03000', badSoft: '#fbe8df',
  none: '#5a626b', noneSoft: '#eceae5', clash: '#7a2f93', clashSoft: '#f5e8f8', past: '#fff3cf', pastLine: '#8a6100',
  series1: '#0b5c7a', series2: '#b05c00', series3: '#7a2f93', series4: '#4a7a00', series5: '#5a626b', target: '#17212b',
};
const dark: typeof light = {
  paper: '#12171d', surface: '#1a2129', raised: '#212a33', sunken: '#151b22', line: '#33404c', lineStrong: '#55636f',
  ink: '#ecf0f3', ink2: '#c0c9d1', ink3: '#9ea9b3', accent: '#6cc0e0', accentHover: '#93d3ec', accentSoft: '#1b3541', onAccent: '#06202b',
  good: '#5fcfb2', goodSoft: '#143730', near: '#e8bd54', nearSoft: '#3a2f10', bad: '#ff9a70', badSoft: '#43231a',
  none: '#adb7c0', noneSoft: '#2a333c', clash: '#d9a3ee', clashSoft: '#382142', past: '#3a3010', pastLine: '#e8bd54',
  series1: '#6cc0e0', series2: '#f0ab5e', series3: '#d9a3ee', series4: '#a8d66b', series5: '#adb7c0', target: '#ecf0f3',
};
export type Tokens = typeof light;
export const tokens = (mode: Mode): Tokens => (mode === 'dark' ? dark : light);

export function applyTheme(mode: Mode) {
  const root = document.documentElement;
  root.dataset.theme = mode;
  root.style.colorScheme = mode;
  root.style.background = '';
  for (const [name, value] of Object.entries(tokens(mode))) root.style.setProperty(`--${name}`, value);
  root.style.setProperty('--font', fontText);
  root.style.setProperty('--mono', fontCode);
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', tokens(mode).paper);
}

export function antdTheme(mode: Mode, algorithm: ThemeConfig['algorithm']): ThemeConfig {
  const c = tokens(mode);
  return {
    algorithm,
    cssVar: { key: 'nacre' },
    hashed: false,
    token: {
      colorPrimary: c.accent, colorInfo: c.accent, colorSuccess: c.good, colorWarning: c.near, colorError: c.bad, colorLink: c.accent,
      colorText: c.ink, colorTextSecondary: c.ink2, colorTextTertiary: c.ink3, colorTextDescription: c.ink3, colorTextPlaceholder: c.ink3,
      colorTextDisabled: c.ink3, colorTextLightSolid: c.onAccent, colorBgBase: c.surface, colorBgLayout: c.paper, colorBgContainer: c.surface,
      colorBgElevated: c.raised, colorBorder: c.lineStrong, colorBorderSecondary: c.line, colorSplit: c.line,
      fontFamily: fontText, fontFamilyCode: fontCode, fontSize: 14, lineHeight: 1.6, borderRadius: 6, controlHeight: 34, motionDurationMid: '0.12s',
      wireframe: false,
    },
    components: {
      Table: { headerBg: c.sunken, headerColor: c.ink2, rowHoverBg: c.accentSoft, cellPaddingBlockMD: 8, headerBorderRadius: 0 },
      Button: { primaryShadow: 'none', defaultShadow: 'none', dangerShadow: 'none' },
      Drawer: { paddingLG: 20 },
    },
  };
}
