import { useApi } from '~/api/client';
import type { Figures } from '~/api/cases';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useQueryState } from '~/state/url';
import { Mark } from '~/ui/Bits';
import { number } from '~/ui/format';
import { Choice, Tools } from '~/ui/ListTools';
import { Page, Section } from '~/ui/Page';
import { Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import './shared';

const percent = (rate: number | null) => (rate === null ? '—' : `${number(rate * 100, 1)} %`);

export default function Statistics() {
  const { t } = useTranslation();
  const lang = useLang();
  const [chosen] = useQueryState('by');
  const by = chosen || 'street';
  // Simulated cases never stand in a figure unless they are asked for.
  const [data] = useQueryState('data');
  const query = useApi<Figures>('/api/cases/statistics', { by, ...(data === 'all' ? {} : { simulated: data === 'only' }) });
  const played = useApi<Figures>('/api/cases/statistics', { by, simulated: true }).data?.filed ?? 0;
  const href = (key: string) => (by === 'street' ? `/cases?street=${encodeURIComponent(key)}` : by === 'code' ? `/cases?code=${encodeURIComponent(key)}` : null);
  return (
    <Page title={t('desk.statistics')} crumb={<To href="/cases">{t('desk.title')}</To>} testid="case-statistics">
      <Tools><Choice name="by" label={t('desk.by')} first={t('desk.groups.street')} options={(['code', 'organisation', 'hour', 'day'] as const).map((g) => ({ value: g, label: t(`desk.groups.${g}`) }))} />
        <Choice name="data" label={t('desk.data')} first={t('desk.dataReal')} options={[{ value: 'all', label: t('desk.dataAll') }, { value: 'only', label: t('desk.dataOnly') }]} />
        {played > 0 && (data === '' ? <span className="note" data-testid="left-out">{t('desk.leftOut', { n: played })}</span> : <Mark tone="clash">{t('desk.within', { n: played })}</Mark>)}</Tools>
      <Read query={query} skeleton={<Skeleton rows={6} height={60} />}>
        {(f) => (
          <>
            <div className="case-figures" data-testid="figures">
              {([['closureRate', percent(f.closureRate)], ['onTimeRate', percent(f.onTimeRate)], ['filed', number(f.filed)], ['closed', number(f.closed)], ['open', number(f.open)], ['overdue', number(f.overdue)]] as const).map(([k, v]) => <div key={k} className="panel"><span className="note">{t(`desk.${k}`)}</span><b>{v}</b></div>)}
            </div>
            <p className="note">{say(f.definition, lang)}</p>
            <Section title={t(`desk.groups.${by}`)}>
              <div className="case-scroll panel"><table className="case-table"><thead><tr><th>{t(`desk.groups.${by}`)}</th><th className="num">{t('desk.filed')}</th><th className="num">{t('desk.closed')}</th><th className="num">{t('desk.overdue')}</th><th className="num">{t('desk.closureRate')}</th><th className="num">{t('desk.onTimeRate')}</th><th aria-hidden="true" /></tr></thead>
                <tbody>{f.rows.map((r) => { const to = href(r.key); return <tr key={r.key}><td>{to && r.key ? <To href={to}>{say(r.title, lang)}</To> : say(r.title, lang)}</td><td className="num">{number(r.filed)}</td><td className="num">{number(r.closed)}</td><td className="num">{number(r.overdue)}</td><td className="num">{percent(r.closureRate)}</td><td className="num">{percent(r.onTimeRate)}</td><td style={{ width: '20%' }}><div className="case-bar" style={{ width: `${(100 * r.filed) / Math.max(1, ...f.rows.map((x) => x.filed))}%` }} /></td></tr>; })}</tbody></table></div>
            </Section>
          </>
        )}
      </Read>
    </Page>
  );
}
