import { Drawer } from 'antd';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/evidence';
import { ProofView } from '~/proof/ProofView';
import { useOpenRecord } from '~/ui/Bits';
import { To } from '~/ui/To';

texts('evidence', words);

export default function EvidenceDrawer({ seq }: { seq: number }) {
  const { t } = useTranslation();
  const open = useOpenRecord();
  return (
    <Drawer open title={t('evidence.drawer', { n: seq })} size={560} styles={{ wrapper: { maxWidth: '100vw' } }} onClose={() => open(null)} data-testid="evidence-drawer"
      extra={<To href={`/evidence?seq=${seq}`}>{t('evidence.open')}</To>}>
      <ProofView key={seq} seq={seq} />
    </Drawer>
  );
}
