import { PlusOutlined } from '@ant-design/icons';
import { lazy, Suspense } from 'react';
import { useApi } from '~/api/client';
import type { DataReturn, ReturnState } from '~/api/types';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/returns';
import { useMyPost } from '~/state/session';
import { useAsOf, useChangeQuery, useQueryState } from '~/state/url';
import { Mark, type Tone } from '~/ui/Bits';
import { short } from '~/ui/format';
import { SearchField, Tools } from '~/ui/ListTools';
import { Page } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { useActor } from './shared';
import './returns.css';
import './shared.css';

texts('returns', words);

const New = lazy(() => import('./New'));
export const stateTone: Record<ReturnState, Tone> = { draft: 'none', submitted: 'near', 'street-approved': 'accent', approved: 'good', returned: 'bad', withdrawn: 'none' };
const states: ReturnState[] = ['draft', 'submitted', 'street-approved', 'approved', 'returned', 'withdrawn'];
type Head = Omit<DataReturn, 'rows'> & { rowCount: number; seq: number };

export default function Returns() {
  const { t } = useTranslation();
  const mine = useMyPost();
  const asOf = useAsOf();
  const actor = useActor();
  const query = useApi<{ returns: Head[] }>('/api/returns');
  const [search] = useQueryState('search');
  const [state, setState] = useQueryState('state');
  const [own, setOwn] = useQueryState('mine');
  const [fresh] = useQueryState('new');
  const change = useChangeQuery();
  const words = search.trim().toLowerCase();
  const all = query.data?.returns ?? [];
  const rest = all.filter((r) => (!words || [r.title, r.organisation.name, r.period, r.fileName].some((x) => x?.toLowerCase().includes(words))) && (!own || r.organisation.id === mine?.organisation));
  const shown = rest.filter((r) => !state || r.state === state);
  return (
    <Page title={t('returns.title')} testid="returns" sub={t('returns.sub')}
      verbs={!asOf && <button type="button" className={fresh ? 'btn' : 'btn primary'} aria-expanded={Boolean(fresh)} onClick={() => change({ new: fresh ? null : '1', way: null }, true)} data-testid="return-new">{fresh ? t('common.close') : <><PlusOutlined /> {t('returns.create')}</>}</button>}>
      {fresh && !asOf && <Suspense fallback={<Skeleton rows={4} height={40} />}><New /></Suspense>}
      <Tools>
        <SearchField label={t('returns.search')} testid="returns-search" />
        <div className="chip-row" role="group" aria-label={t('returns.state')}>
          {states.map((s) => { const n = rest.filter((r) => r.state === s).length; return (n > 0 || state === s) && <button key={s} type="button" className="chip-btn" aria-pressed={state === s} onClick={() => setState(state === s ? null : s)} data-testid={`state-${s}`}><Mark tone={stateTone[s]}>{t(`returns.states.${s}`)}</Mark> <b>{n}</b></button>; })}
        </div>
        {mine && <label className="check"><input type="checkbox" checked={Boolean(own)} onChange={(e) => setOwn(e.target.checked ? '1' : null)} data-testid="returns-mine" />{t('returns.mine')}</label>}
        {query.data && <span className="tools-end" data-testid="total">{t('common.total', { n: shown.length })}</span>}
      </Tools>
      <Read query={query} skeleton={<Skeleton rows={8} height={40} />}>
        {() => all.length === 0 ? <Empty title={t('returns.none')} action={!fresh && !asOf && <button type="button" className="btn" onClick={() => change({ new: '1' }, true)}>{t('returns.create')}</button>}>{t('returns.noneDo')}</Empty>
          : shown.length === 0 ? <Empty title={t('common.empty.noMatch')} action={<button type="button" className="btn" onClick={() => change({ search: null, state: null, mine: null })}>{t('common.clear')}</button>}>{t('common.empty.noMatchDo')}</Empty>
            : (
              <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('returns.title')}>
                <table className="list" data-testid="returns-table">
                  <thead><tr>{(['state', 'title', 'organisation', 'period', 'rows', 'by', 'modified'] as const).map((c) => <th key={c} scope="col" className={c === 'rows' ? 'right' : ''}>{t(`returns.col.${c}`)}</th>)}</tr></thead>
                  <tbody>
                    {shown.map((r) => (
                      <tr key={r.id} data-testid="return-item" data-state={r.state}>
                        <td><Mark tone={stateTone[r.state]}>{t(`returns.states.${r.state}`)}</Mark></td>
                        <th scope="row"><To href={`/returns/${encodeURIComponent(r.id)}`} data-testid="return-link">{r.title}</To>{r.fileName && <div className="note">{r.fileName}</div>}</th>
                        <td data-label={t('returns.col.organisation')}>{r.organisation.name}</td><td data-label={t('returns.col.period')}>{r.period}</td><td className="right" data-label={t('returns.col.rows')}>{r.rowCount}</td><td data-label={t('returns.col.by')}>{actor(r.createdBy)}</td><td className="note" data-label={t('returns.col.modified')}>{short(r.modifiedAt)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            )}
      </Read>
    </Page>
  );
}
