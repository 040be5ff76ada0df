// By which ways notices leave the house, whom they reach, and what became of them.
import { CheckCircleOutlined, SettingOutlined } from '@ant-design/icons';
import type { Channel, Channels as Data } from '~/api/alerts';
import { useApi } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useMyPost } from '~/state/session';
import { useAsOf } from '~/state/url';
import { Mark } from '~/ui/Bits';
import { moment, number } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { Read, Skeleton } from '~/ui/State';
import { WhoCan } from '../returns/shared';
import { AlertTabs } from './AlertTabs';
import { At } from './bits';
import { Contacts } from './Contacts';
import { Deliveries } from './Deliveries';
import './alerts.css';
import './ways';
import './channels.css';

export default function Channels() {
  const { t } = useTranslation();
  const mine = useMyPost();
  const asOf = useAsOf();
  const query = useApi<Data>('/api/channels', undefined, { asOf: false, staleTime: 5000 });
  const may = (mine?.verbs.includes('channel.manage') ?? false) && !asOf;
  return (
    <Page title={t('alerts.tab.channels')} sub={t('channels.sub')} testid="channels">
      <AlertTabs at="channels" />
      {asOf ? <p className="note">{t('channels.past')}</p> : !may && <WhoCan verb="channel.manage" what={t('channels.who')} />}
      <Read query={query} skeleton={<Skeleton rows={8} height={44} />}>
        {(d) => (
          <>
            <Section title={t('channels.ways')} note={t('channels.waysNote')} testid="ways">
              <ul className="ways">{d.channels.map((c) => <Way key={c.channel} of={c} />)}</ul>
            </Section>
            <Contacts of={d} may={may} />
          </>
        )}
      </Read>
      <Deliveries may={may} />
    </Page>
  );
}

/** Words with settings set as they are typed. */
const Written = ({ of }: { of: string }) => <>{of.split('`').map((part, i) => (i % 2 ? <code key={i}>{part}</code> : part))}</>;

function Way({ of }: { of: Channel }) {
  const { t } = useTranslation();
  const lang = useLang();
  const known = of.channel === 'mail' || of.channel === 'wecom';
  return (
    <li className="panel way" data-testid="way" data-channel={of.channel} data-ready={of.missing === null}>
      <div className="way-head"><h3>{say(of.title, lang)}</h3>{of.missing === null ? <Mark tone="good" icon={<CheckCircleOutlined />}>{t('channels.ready')}</Mark> : <Mark tone="near" icon={<SettingOutlined />}>{t('channels.missing')}</Mark>}</div>
      <p className="note">{t(`channels.whatFor.${of.channel}`)} {of.missing === null && <Written of={t(`channels.tip.${of.channel}`)} />}</p>
      {of.missing !== null && <p className="way-setup" data-testid="way-setup"><Written of={known ? t(`channels.setup.${of.channel}`) : t('channels.setup.other', { what: of.missing })} /></p>}
      <dl className="way-figures">
        <div><dt>{t('channels.waiting')}</dt><dd data-testid="way-waiting">{number(of.waiting)}</dd></div>
        <div><dt>{t('channels.sent')}</dt><dd data-testid="way-sent">{number(of.sent)}</dd></div>
        <div><dt>{t('channels.failed')}</dt><dd data-testid="way-failed">{of.failed > 0 ? <Mark tone="bad">{number(of.failed)}</Mark> : 0}</dd></div>
        <div><dt>{t('channels.lastSent')}</dt><dd>{of.lastSentAt ? <At of={of.lastSentAt} /> : <span className="note">{t('channels.never')}</span>}</dd></div>
      </dl>
      {of.lastError && of.lastError !== of.missing && <p className="way-error" data-testid="way-error"><strong>{t('channels.lastError')}</strong> {of.lastErrorAt && <span className="note">{moment(of.lastErrorAt, lang)}</span>}<br /><span className="detail">{of.lastError}</span></p>}
    </li>
  );
}
