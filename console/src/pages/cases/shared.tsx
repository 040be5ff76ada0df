import { ClockCircleOutlined, ExclamationCircleOutlined, PauseCircleOutlined, WarningOutlined } from '@ant-design/icons';
import type { CaseRow, Light } from '~/api/cases';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/desk';
import { Mark, type Tone } from '~/ui/Bits';
import './cases.css';

texts('desk', words);

const tones: Record<Light, Tone> = { none: 'none', green: 'good', yellow: 'near', red: 'bad', paused: 'clash', done: 'none' };
const icons = { none: null, green: <ClockCircleOutlined />, yellow: <ExclamationCircleOutlined />, red: <WarningOutlined />, paused: <PauseCircleOutlined />, done: null };

/** How long until, or since, in words. */
export function useSpan() {
  const { t } = useTranslation();
  return (at: string) => {
    const ms = new Date(at).getTime() - Date.now();
    const minutes = Math.abs(ms) / 60_000;
    const span = minutes < 60 ? t('desk.minutes', { n: Math.max(1, Math.round(minutes)) }) : minutes < 48 * 60 ? t('desk.hours', { n: Math.round(minutes / 60) }) : t('desk.days', { n: Math.round(minutes / 1440) });
    return t(ms < 0 ? 'desk.late' : 'desk.left', { t: span });
  };
}

/** How a case stands with its term, and what else must be seen at once. */
export function CaseMarks({ of, state = true }: { of: CaseRow; state?: boolean }) {
  const { t, i18n } = useTranslation();
  const span = useSpan();
  const lang = i18n.language === 'en' ? 'en' : 'zh';
  const dated = of.dueAt && (of.light === 'green' || of.light === 'yellow' || of.light === 'red');
  return (
    <span className="case-marks">
      {state && <Mark tone={of.kind === 'open' ? 'accent' : 'none'}>{of.stateTitle[lang]}</Mark>}
      {of.kind === 'open' && of.light !== 'none' && <Mark tone={tones[of.light]} icon={icons[of.light]}>{t(`desk.lights.${of.light}`)}{dated && of.dueAt ? ` · ${span(of.dueAt)}` : ''}</Mark>}
      {of.provisional && of.kind === 'open' && <Mark tone="near">{t('desk.provisional')}</Mark>}
      {of.kind === 'open' && (of.priority === 'high' || of.priority === 'urgent') && <Mark tone={of.priority === 'urgent' ? 'bad' : 'near'}>{t(`desk.intake.priorities.${of.priority}`)}</Mark>}
      {of.supervised && <Mark tone="bad">{t('desk.supervised')}</Mark>}
      {of.urged > 0 && of.kind === 'open' && <Mark tone="near">{t('desk.urged', { n: of.urged })}</Mark>}
      {of.simulated && <Mark tone="clash">{t('desk.simulated')}</Mark>}
    </span>
  );
}
