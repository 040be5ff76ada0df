// Small pieces with one meaning each: a status with its sign and word, a figure with its unit and exact value, a copyable code, a record.
import {
  CheckCircleOutlined, CloseCircleOutlined, ExclamationCircleOutlined, MinusCircleOutlined, QuestionCircleOutlined, SafetyCertificateOutlined,
} from '@ant-design/icons';
import { type ReactNode, useState } from 'react';
import type { Figure, Status } from '~/api/types';
import { useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useActorName } from '~/state/session';
import { useChangeQuery } from '~/state/url';
import { decimals, exact, number, unit } from './format';

const statusIcon: Record<Status, ReactNode> = {
  achieved: <CheckCircleOutlined />, near: <ExclamationCircleOutlined />, behind: <CloseCircleOutlined />, 'no-data': <MinusCircleOutlined />, conflict: <QuestionCircleOutlined />,
};
export const statusTone: Record<Status, Tone> = { achieved: 'good', near: 'near', behind: 'bad', 'no-data': 'none', conflict: 'clash' };
export type Tone = 'good' | 'near' | 'bad' | 'none' | 'clash' | 'accent';

export function Mark({ tone = 'none', icon, children, title }: { tone?: Tone; icon?: ReactNode; children: ReactNode; title?: string }) {
  return <span className={`mark ${tone}`} title={title}>{icon}{children}</span>;
}
export function StatusMark({ status, title }: { status: Status; title?: string }) {
  const { t } = useTranslation();
  return <Mark tone={statusTone[status]} icon={statusIcon[status]} {...(title ? { title } : {})}>{t(`common.status.${status}`)}</Mark>;
}
export function LightMark({ light, title }: { light: 'green' | 'yellow' | 'red'; title?: string }) {
  const { t } = useTranslation();
  const status = ({ green: 'achieved', yellow: 'near', red: 'behind' } as const)[light];
  return <Mark tone={statusTone[status]} icon={statusIcon[status]} {...(title ? { title } : {})}>{t(`common.light.${light}`)}</Mark>;
}

/** A number with its unit; the exact amount on hover. */
export function Num({ value, unit: code, comparator, digits }: { value: number; unit?: string | null; comparator?: string | null; digits?: number }) {
  const lang = useLang();
  const { t } = useTranslation();
  const before = comparator && comparator !== 'eq' ? t(`common.comparator.${comparator}`) : '';
  return (
    <span className="num" title={code ? exact(value, code) : number(value)}>
      {before && <small className="before">{before}</small>}{number(value, digits)}{code && code !== '年' && <small className={code === '%' ? 'tight' : ''}>{unit(code, lang)}</small>}
    </span>
  );
}
export function FigureNum({ figure }: { figure: Figure }) {
  const { t } = useTranslation();
  return (
    <span className="figure-num">
      {figure.value === null ? <span>{figure.statement ?? t('common.none')}</span> : <Num value={figure.value} unit={figure.unit} comparator={figure.comparator} {...(figure.kind === 'derived' ? { digits: Math.min(2, decimals(figure.value)) } : {})} />}
      {figure.kind === 'estimate' && <Mark tone="near">{t('common.estimate')}</Mark>}
      {figure.kind === 'derived' && <Mark tone="accent">{t('common.kind.derived')}</Mark>}
      {figure.simulated && <Mark tone="near">{t('common.simulated')}</Mark>}
    </span>
  );
}

/** Who: in words, the code on hover. */
export function Actor({ of }: { of: string }) {
  const name = useActorName();
  return <span title={of}>{name(of)}</span>;
}

export function Code({ children, short }: { children: string; short?: number }) {
  const { t } = useTranslation();
  const [done, setDone] = useState(false);
  const copy = () => {
    void navigator.clipboard?.writeText(children).then(() => {
      setDone(true);
      setTimeout(() => setDone(false), 1500);
    });
  };
  const text = short && children.length > short ? `${children.slice(0, short)}…` : children;
  return <button type="button" className="code" onClick={copy} title={`${t('common.copy')} ${children}`}>{done ? t('common.copied') : text}</button>;
}

/** A record; opens the evidence drawer, which proves it in the browser. The drawer's state is in the address (`?record=`). */
export function RecordTag({ seq, word }: { seq: number; word?: string }) {
  const open = useOpenRecord();
  const { t } = useTranslation();
  return (
    <button type="button" className="record-tag" onClick={() => open(seq)} data-testid="record-tag" data-seq={seq} title={`${t('common.record')} ${seq}`}>
      <SafetyCertificateOutlined /> {word ?? `#${seq}`}
    </button>
  );
}
export function useOpenRecord() {
  const change = useChangeQuery();
  return (seq: number | null) => change({ record: seq === null ? null : String(seq) });
}
