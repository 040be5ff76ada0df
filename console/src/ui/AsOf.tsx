import type { AsOfInfo } from '~/api/types';
import { useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { moment } from './format';
import { RecordTag } from './Bits';

/** Which moment the figures on the page are of, and the record that ends it. */
export function AsOf({ info }: { info: AsOfInfo }) {
  const { t } = useTranslation();
  const lang = useLang();
  return <span className="as-of" data-testid="as-of">{t('common.dataAsOf', { at: moment(info.at, lang) })} <RecordTag seq={info.seq} /></span>;
}
