// The tabs of the alert centre: what stands, who is on call, how they are told.
import { useTranslation } from '~/i18n';
import { Tabs } from './bits';

export function AlertTabs({ at }: { at: string }) {
  const { t } = useTranslation();
  const href = { alerts: '/alerts', duty: '/alerts?tab=duty', channels: '/alerts/channels' };
  return <Tabs label={t('alerts.title')} at={at} tabs={(['alerts', 'duty', 'channels'] as const).map((key) => ({ key, href: href[key], name: t(`alerts.tab.${key}`) }))} />;
}
