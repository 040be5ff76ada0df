// For citizens: what became of a report, by the code that only the reporter has.
import { useTranslation } from '~/i18n';
import { Page } from '~/ui/Page';
import { To } from '~/ui/To';
import { TrackForm } from './TrackForm';
import './intake.css';
import './shared';

export default function Find() {
  const { t } = useTranslation();
  return (
    <Page title={t('desk.find')} sub={t('desk.findHint')} narrow testid="track-find-page">
      <TrackForm first />
      <p className="note">{t('desk.findNone')} <To href="/report">{t('desk.report')}</To></p>
    </Page>
  );
}
