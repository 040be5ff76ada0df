import { StarFilled, StarOutlined } from '@ant-design/icons';
import { useTranslation } from '~/i18n';

export const STARS = [1, 2, 3, 4, 5] as const;

/** Stars as they are given, with the word for them read aloud. */
export function Stars({ n }: { n: number }) {
  const { t } = useTranslation();
  return <span className="stars" role="img" aria-label={t('desk.stars.of', { n })}>{STARS.map((i) => (i <= n ? <StarFilled key={i} /> : <StarOutlined key={i} />))}</span>;
}

/** One of five, as a group of choices. */
export function StarsPick({ name, value, set }: { name: string; value: string; set: (value: string) => void }) {
  const { t } = useTranslation();
  return (
    <span className="stars-pick" role="radiogroup" aria-label={t('desk.rating')}>
      {STARS.map((n) => <label key={n} className="check"><input type="radio" name={name} value={n} checked={value === String(n)} onChange={() => set(String(n))} data-testid={`field-${name}-${n}`} />{n} {t(`desk.stars.${n}`)}</label>)}
    </span>
  );
}
