import { useTranslation } from '~/i18n';
import { Page } from '~/ui/Page';
import { ErrorBox, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';

export function PageLoading() {
  return <div className="page"><div className="page-head"><div className="skeleton" style={{ width: 240 }}><div style={{ height: 30 }} /></div></div><Skeleton rows={10} height={28} /></div>;
}
export function PageMissing() {
  const { t } = useTranslation();
  return <Page title={t('common.error.pageMissing')}><p><To href="/">{t('shell.place.cockpit')}</To></p></Page>;
}
export function PageBroken({ error }: { error: unknown }) {
  const { t } = useTranslation();
  return <Page title={t('common.error.pageBroken')}><ErrorBox error={error} retry={() => location.reload()} /></Page>;
}
