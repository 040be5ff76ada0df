// What keeps watch: each rule in a sentence, how often it fired, and whether it is on.
import { CheckCircleOutlined, CloseCircleOutlined, PauseCircleOutlined } from '@ant-design/icons';
import type { Rule, RuleList } from '~/api/rules';
import { useApi } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useChangeQuery, useQueryState } from '~/state/url';
import { Mark } from '~/ui/Bits';
import { number } from '~/ui/format';
import { Choice, SearchField, Tools } from '~/ui/ListTools';
import { Page } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { At } from '../alerts/bits';
import { Sentence } from './Sentence';
import { plain, useReader } from './reading';
import './rules.css';

export const Enabled = ({ on }: { on: boolean }) => {
  const { t } = useTranslation();
  return on ? <Mark tone="good" icon={<CheckCircleOutlined />}>{t('alerts.rules.on')}</Mark> : <Mark tone="none" icon={<PauseCircleOutlined />}>{t('alerts.rules.off')}</Mark>;
};

export const effectsOf = (r: Rule) => [...new Set(r.effects)];
export default function Rules() {
  const { t } = useTranslation();
  const lang = useLang();
  const query = useApi<RuleList>('/api/rules');
  const [search] = useQueryState('search');
  const [when] = useQueryState('when');
  const [pack] = useQueryState('pack');
  const [on] = useQueryState('on');
  const change = useChangeQuery();
  const reader = useReader();
  const all = query.data?.rules ?? [];
  const needle = search.trim().toLowerCase();
  const shown = all.filter((r) => (!needle || [r.id, say(r.title, lang), say(r.sentence, lang), plain(reader.pieces(r)), r.type, reader.type(r.type)].some((x) => x.toLowerCase().includes(needle)))
    && (!when || r.when === when) && (!pack || r.pack === pack) && (!on || String(r.enabled) === on));
  const options = (values: string[], word: (v: string) => string) => [...new Set(values)].sort().map((value) => ({ value, label: word(value) }));
  return (
    <Page title={t('alerts.rules.title')} sub={t('alerts.rules.sub')} testid="rules" verbs={<To className="btn" href="/alerts">{t('alerts.title')}</To>}>
      <Tools>
        <SearchField label={t('alerts.rules.search')} testid="rules-search" />
        <Choice name="when" label={t('alerts.rules.kind')} options={options(all.map((r) => r.when), (w) => t(`alerts.rules.when.${w}`, { defaultValue: w }))} />
        <Choice name="pack" label={t('alerts.rules.pack')} options={options(all.map((r) => r.pack), reader.pack)} />
        <Choice name="on" label={t('alerts.rules.enabled')} options={[{ value: 'true', label: t('alerts.rules.on') }, { value: 'false', label: t('alerts.rules.off') }]} />
        {query.data && <span className="tools-end" data-testid="total">{t('common.total', { n: shown.length })}</span>}
      </Tools>
      <Read query={query} skeleton={<Skeleton rows={10} height={44} />}>
        {() => all.length === 0 ? <Empty title={t('alerts.rules.none')}>{t('alerts.rules.noneDo')}</Empty>
          : shown.length === 0 ? <Empty title={t('common.empty.noMatch')} action={<button type="button" className="btn" onClick={() => change({ search: null, when: null, pack: null, on: null })}>{t('common.clear')}</button>}>{t('common.empty.noMatchDo')}</Empty> : (
            <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('alerts.rules.title')}>
              <table className="list rules-table" data-testid="rules-table">
                <thead><tr><th scope="col">{t('alerts.rules.one')}</th><th scope="col">{t('alerts.rules.kind')}</th><th scope="col" className="right">{t('alerts.rules.firings')}</th><th scope="col" className="right">{t('alerts.rules.errors')}</th><th scope="col">{t('alerts.rules.last')}</th><th scope="col">{t('alerts.rules.enabled')}</th></tr></thead>
                <tbody>{shown.map((r) => (
                  <tr key={r.id} data-testid="rule-row" data-id={r.id} data-enabled={r.enabled}>
                    <th scope="row"><To href={`/rules/${encodeURIComponent(r.id)}`} data-testid="rule-link">{say(r.title, lang)}</To><div className="note rule-sentence"><Sentence of={reader.pieces(r)} /></div></th>
                    <td className="nowrap">{t(`alerts.rules.when.${r.when}`, { defaultValue: r.when })}<div className="note">{effectsOf(r).map((e) => t(`alerts.rules.effect.${e}`, { defaultValue: e })).join(lang === 'zh' ? '、' : ', ')}</div></td>
                    <td className="right" data-label={t('alerts.rules.firings')}>{number(r.firings)}</td>
                    <td className="right" data-label={t('alerts.rules.errors')}>{r.errors > 0 ? <Mark tone="bad" icon={<CloseCircleOutlined />} {...(r.lastError ? { title: r.lastError } : {})}>{number(r.errors)}</Mark> : 0}</td>
                    <td data-label={t('alerts.rules.last')}><At of={r.lastFired} /></td>
                    <td><Enabled on={r.enabled} /></td>
                  </tr>
                ))}</tbody>
              </table>
            </div>
          )}
      </Read>
    </Page>
  );
}
