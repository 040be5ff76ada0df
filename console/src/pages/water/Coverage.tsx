// What devices cover of each area, reckoned from where they stand and how far they reach.
import type { Coverage, Zone } from '~/api/water';
import { useApi } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { number } from '~/ui/format';
import { Section } from '~/ui/Page';
import { Read, Skeleton } from '~/ui/State';
import { paren } from '../alerts/bits';

const percent = (share: number) => Math.round(share * 1000) / 10;

export function CoveragePanel() {
  const { t } = useTranslation();
  const lang = useLang();
  const query = useApi<Coverage>('/api/coverage');
  return (
    <Section title={t('water.coverage')} testid="coverage">
      <Read query={query} skeleton={<Skeleton rows={4} height={32} />}>
        {(d) => (
          <div className="panel">
            {d.zones.length === 0 && !d.district ? <p className="note">{t('water.noZones')}</p>
              : <ul className="zones">{[...(d.district ? [{ ...d.district, name: d.district.name || t('water.district') }] : []), ...d.zones].map((z) => <Bar key={z.id} of={z} />)}</ul>}
            {(d.unplaced ?? 0) > 0 && <p className="note">{t('water.unplaced', { n: d.unplaced })}</p>}
            <p className="note">{say(d.definition, lang)}</p>
          </div>
        )}
      </Read>
    </Section>
  );
}

function Bar({ of }: { of: Zone }) {
  const { t } = useTranslation();
  const lang = useLang();
  const share = percent(of.share);
  return (
    <li data-testid="zone" data-id={of.id}>
      <div className="zone-head"><strong>{of.name}</strong><b>{number(share)}%</b></div>
      <div className="zone-bar" role="img" aria-label={`${of.name} ${share}%`}><i style={{ width: `${Math.min(100, share)}%` }} />{of.targetShare != null && <u style={{ left: `${Math.min(100, percent(of.targetShare))}%` }} />}</div>
      <p className="note">{number(of.coveredKm2)} / {number(of.areaKm2)} {t('water.km2')} · {t('water.devices')} {of.devices}{paren([t('water.online', { n: of.online }), ...(of.simulated ? [t('water.simulatedDevices', { n: of.simulated })] : [])].join(lang === 'zh' ? '，' : ', '), lang)}{of.targetShare != null && ` · ${t('water.targetShare', { n: number(percent(of.targetShare)) })}`}{of.property && ` · ${of.property}`}</p>
    </li>
  );
}
