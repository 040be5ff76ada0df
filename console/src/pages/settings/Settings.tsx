import { CheckCircleOutlined, CloseCircleOutlined, ExclamationCircleOutlined } from '@ant-design/icons';
import { useApi } from '~/api/client';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/settings';
import { Chooser } from '~/shell/PostSwitcher';
import { lang as langStore, theme as themeStore, useLang, useTheme } from '~/state/prefs';
import { Mark } from '~/ui/Bits';
import { number } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { Read, Skeleton } from '~/ui/State';
import './settings.css';

texts('settings', words);

type Status = {
  version: string; district: [string, string] | null; access: string;
  tenants: { tenant: string; durable: number; applied: number; log_size: number; waiting: number; view_bytes: number; entities: Record<string, number>; failure: string | null }[];
};

function Pick<T extends string>({ label, value, options, set, testid }: { label: string; value: T; options: { value: T; label: string }[]; set: (value: T) => void; testid: string }) {
  return (
    <fieldset className="pick"><legend>{label}</legend>
      {options.map((o) => <label key={o.value} className="check"><input type="radio" name={testid} checked={value === o.value} onChange={() => set(o.value)} data-testid={`${testid}-${o.value}`} />{o.label}</label>)}
    </fieldset>
  );
}

export default function Settings() {
  const { t } = useTranslation();
  const lang = useLang();
  const theme = useTheme();
  const status = useApi<Status>('/api/status', undefined, { asOf: false, staleTime: 5000 });
  return (
    <Page title={t('settings.title')} sub={t('settings.sub')} testid="settings">
      <div className="settings-grid">
        <div>
          <Section title={t('settings.look')}><div className="panel picks">
            <Pick label={t('settings.theme')} value={theme} set={themeStore.set} options={[{ value: 'light', label: t('settings.light') }, { value: 'dark', label: t('settings.dark') }]} testid="set-theme" />
            <Pick label={t('settings.lang')} value={lang} set={langStore.set} options={[{ value: 'zh', label: '中文' }, { value: 'en', label: 'English' }]} testid="set-lang" />
          </div></Section>
          <Section title={t('settings.post')}><div className="panel"><Chooser /></div></Section>
          <Section title={t('settings.keys')}><p>{t('settings.keysHow')}</p></Section>
          <Section title={t('settings.api')}><p><a href="/api/openapi.json">{t('settings.apiHow')}</a></p></Section>
        </div>
        <Section title={t('settings.health')} testid="health">
          <Read query={status} skeleton={<Skeleton rows={8} />}>
            {(s) => (
              <>
                <dl className="facts panel">
                  <div><dt>{t('settings.version')}</dt><dd>{s.version}</dd></div>
                  {s.district && <div><dt>{t('settings.district')}</dt><dd>{s.district[lang === 'zh' ? 0 : 1]}</dd></div>}
                  <div><dt>{t('settings.access')}</dt><dd>{s.access === 'open' ? t('settings.open') : s.access}</dd></div>
                </dl>
                {s.tenants.map((x) => {
                  const late = x.durable - x.applied;
                  return (
                    <div key={x.tenant} className="panel tenant" data-testid={`tenant-${x.tenant}`}>
                      <h3>{t('settings.tenant')} {x.tenant} {x.failure ? <Mark tone="bad" icon={<CloseCircleOutlined />}>{t('settings.bad')}</Mark> : late > 0 ? <Mark tone="near" icon={<ExclamationCircleOutlined />}>{t('settings.behind', { n: late })}</Mark> : <Mark tone="good" icon={<CheckCircleOutlined />}>{t('settings.good')}</Mark>}</h3>
                      <dl className="facts">
                        {([['durable', x.durable], ['applied', x.applied], ['logSize', x.log_size], ['waiting', x.waiting], ['entities', Object.values(x.entities).reduce((a, b) => a + b, 0)]] as const).map(([key, n]) => <div key={key}><dt>{t(`settings.${key}`)}</dt><dd>{number(n)}</dd></div>)}
                        <div><dt>{t('settings.viewBytes')}</dt><dd>{number(Math.round(x.view_bytes / 1048576))} MiB</dd></div>
                        <div><dt>{t('settings.failure')}</dt><dd>{x.failure ?? t('settings.none')}</dd></div>
                      </dl>
                    </div>
                  );
                })}
              </>
            )}
          </Read>
        </Section>
      </div>
    </Page>
  );
}
