// What became of each notice that left the house: sent, waiting, or not delivered and why; and once more.
import { CheckCircleOutlined, ClockCircleOutlined, CloseCircleOutlined, RedoOutlined } from '@ant-design/icons';
import type { ReactNode } from 'react';
import type { Delivery, DeliveryList, DeliveryState } from '~/api/alerts';
import { post, useApi, useVerb } from '~/api/client';
import { useTranslation } from '~/i18n';
import { useChangeQuery, useQueryState } from '~/state/url';
import { Mark, type Tone } from '~/ui/Bits';
import { Section } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { At, Chips, PAGE, Pager, Simulated } from './bits';
import { split, why } from './ways';

const states: DeliveryState[] = ['sent', 'waiting', 'failed'];
const looks: Record<DeliveryState, [Tone, ReactNode]> = {
  sent: ['good', <CheckCircleOutlined key="i" />], waiting: ['near', <ClockCircleOutlined key="i" />], failed: ['bad', <CloseCircleOutlined key="i" />],
};
/** Links of notices are written for mails; inside, an entity has its own page. */
const inside = (link: string) => (link.startsWith('/data/entity/') ? `/entity/${encodeURIComponent(link.slice('/data/entity/'.length))}` : link);

export function Deliveries({ may }: { may: boolean }) {
  const { t } = useTranslation();
  const change = useChangeQuery();
  const [state] = useQueryState('state');
  const [pageText] = useQueryState('page', '1');
  const page = Math.max(1, Number(pageText) || 1);
  const query = useApi<DeliveryList>('/api/deliveries', { state, offset: (page - 1) * PAGE, limit: PAGE }, { asOf: false, staleTime: 5000 });
  const again = useVerb((notice: string) => post<{ addresses: number }>(`/api/deliveries/${encodeURIComponent(notice)}/again`), (d) => toast.ok(t('channels.againDone', { n: d.addresses })));
  return (
    <Section title={t('channels.deliveries')} note={t('channels.deliveriesNote')} testid="deliveries">
      <div className="delivery-tools"><Chips label={t('channels.state')} value={state} set={(v) => change({ state: v || null, page: null })} testid="delivery" options={[{ value: '', name: t('channels.all') }, ...states.map((s) => ({ value: s, name: <Mark tone={looks[s][0]} icon={looks[s][1]}>{t(`channels.states.${s}`)}</Mark> }))]} />
        {query.data && <span className="tools-end">{t('common.total', { n: query.data.total })}</span>}</div>
      <Read query={query} skeleton={<Skeleton rows={5} height={40} />}>
        {(d) => d.total === 0 ? (state
          ? <Empty title={t('common.empty.noMatch')} action={<button type="button" className="btn" onClick={() => change({ state: null, page: null })}>{t('common.clear')}</button>} />
          : <Empty title={t('channels.noDeliveries')}>{t('channels.noDeliveriesDo')}</Empty>) : (
          <>
            <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('channels.deliveries')}>
              <table className="list deliveries-table">
                <thead><tr>{(['at', 'subject', 'to', 'state'] as const).map((c) => <th key={c} scope="col">{t(`channels.${c}`)}</th>)}{may && <th scope="col">{t('channels.col.verbs')}</th>}</tr></thead>
                <tbody>{d.deliveries.map((x, i) => <Row key={`${x.notice} ${x.channel} ${x.to} ${i}`} of={x} may={may} busy={again.isPending} again={() => again.mutate(x.notice, { onError: toast.error })} />)}</tbody>
              </table>
            </div>
            <Pager page={page} total={d.total} />
          </>
        )}
      </Read>
    </Section>
  );
}

function Row({ of, may, busy, again }: { of: Delivery; may: boolean; busy: boolean; again: () => void }) {
  const { t } = useTranslation();
  const [tone, icon] = looks[of.state] ?? ['none', null];
  return (
    <tr data-testid="delivery" data-state={of.state} data-notice={of.notice}>
      <td><At of={of.at} /></td>
      <th scope="row">{of.link ? <To href={inside(of.link)} data-testid="delivery-link">{of.subject}</To> : (of.subject ?? of.notice)} {of.simulated && <Simulated />}</th>
      <td><span className="note">{t(`channels.way.${of.channel}`)}</span> <code>{of.to}</code></td>
      <td><Mark tone={tone} icon={icon}>{t(`channels.states.${of.state}`)}</Mark>{of.tries > 1 && <span className="note"> {t('channels.tries', { n: of.tries })}</span>}{of.error && <Why of={of.error} />}</td>
      {may && <td>{of.state === 'failed' && <button type="button" className="btn small" disabled={busy} onClick={again} aria-label={`${t('channels.again')} ${of.subject ?? of.notice}`} data-testid="delivery-again"><RedoOutlined /> {t('channels.again')}</button>}</td>}
    </tr>
  );
}

function Why({ of }: { of: string }) {
  const { t } = useTranslation();
  const [code, detail] = split(of);
  const { word, said } = why(code, detail, t);
  return <div className="note delivery-error">{word ?? code}{said && <>{word || code ? t('channels.colon') : ''}<span lang="en">{said}</span></>}</div>;
}
