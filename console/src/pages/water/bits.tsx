// Classes of GB 3838 in colour and words. Colours after 环办〔2011〕22号: blue to red.
import { CheckCircleOutlined, CloseCircleOutlined, MinusCircleOutlined } from '@ant-design/icons';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/water';
import { Mark } from '~/ui/Bits';
import './water.css';

texts('water', words);

export const className = (c: string) => ({ I: 'c1', II: 'c2', III: 'c3', IV: 'c4', V: 'c5', 劣V: 'c6' })[c] ?? 'c0';
const roman: Record<string, string> = { I: 'Ⅰ', II: 'Ⅱ', III: 'Ⅲ', IV: 'Ⅳ', V: 'Ⅴ', 劣V: '劣Ⅴ' };
export const classWord = (c: string, t: (key: string, values: Record<string, string>) => string) => t(c === '劣V' ? 'water.worse' : 'water.classOf', { c: roman[c] ?? c, plain: c });
export function ClassMark({ of, verdict }: { of: string | null; verdict?: string }) {
  const { t } = useTranslation();
  if (!of) return <Mark icon={<MinusCircleOutlined />}>{t('water.noClass')}</Mark>;
  return <span className={`water-class ${className(of)}`} data-testid="class" data-class={of}><i aria-hidden="true" />{classWord(of, t)}{verdict && <small>{verdict}</small>}</span>;
}
export function Meets({ of }: { of: boolean | null }) {
  const { t } = useTranslation();
  if (of === null) return <span className="note">{t('water.noVerdict')}</span>;
  return of ? <Mark tone="good" icon={<CheckCircleOutlined />}>{t('water.met')}</Mark> : <Mark tone="bad" icon={<CloseCircleOutlined />}>{t('water.missed')}</Mark>;
}
