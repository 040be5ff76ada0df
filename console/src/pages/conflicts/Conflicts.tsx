import { useApi } from '~/api/client';
import type { AsOfInfo, Conflict } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/conflicts';
import { useLang } from '~/state/prefs';
import { useQueryState } from '~/state/url';
import { AsOf } from '~/ui/AsOf';
import { FigureNum, Mark } from '~/ui/Bits';
import { Page } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import './conflicts.css';

texts('conflicts', words);

export default function Conflicts() {
  const { t } = useTranslation();
  const lang = useLang();
  const [state, setState] = useQueryState('state');
  const query = useApi<{ asOf: AsOfInfo; conflicts: Conflict[] }>('/api/conflicts');
  return (
    <Page title={t('conflicts.title')} sub={<>{t('conflicts.sub')} {query.data && <AsOf info={query.data.asOf} />}</>} testid="conflicts">
      <Read query={query} skeleton={<Skeleton rows={4} height={110} />}>
        {({ conflicts }) => {
          const open = conflicts.filter((c) => !c.resolution);
          const shown = state === 'open' ? open : state === 'settled' ? conflicts.filter((c) => c.resolution) : [...open, ...conflicts.filter((c) => c.resolution)];
          if (conflicts.length === 0) return <Empty title={t('conflicts.none')}>{t('conflicts.noneDo')}</Empty>;
          return (
            <>
              <div className="chips" role="group" aria-label={t('common.filter')}>
                {([['', t('conflicts.all')], ['open', t('conflicts.open', { n: open.length })], ['settled', t('conflicts.settled', { n: conflicts.length - open.length })]] as const).map(([key, label]) => (
                  <button key={key} type="button" className="chip" aria-pressed={state === key} onClick={() => setState(key || null)} data-testid={`conflicts-${key || 'all'}`}>{label}</button>
                ))}
              </div>
              <ul className="conflict-list">
                {shown.map((c) => (
                  <li key={c.id}>
                    <To href={`/conflicts/${encodeURIComponent(c.id)}`} className="panel conflict-row" data-testid="conflict-row">
                      <div className="conflict-head">{c.resolution ? <Mark tone="good">{t('conflicts.chosen')}</Mark> : <Mark tone="clash">{t('conflicts.wait')}</Mark>}<Mark>{t(`conflicts.kind.${c.kind}`)}</Mark><strong>{say(c.title, lang)}</strong></div>
                      <p>{say(c.explanation, lang)}</p>
                      <div className="conflict-sides">{c.sides.map((s, i) => (
                        <span key={s.id} className={c.resolution?.chosen === s.id ? 'chosen' : ''}><small>{say(s.title, lang) || t('conflicts.side', { n: i + 1 })}</small>{s.figures.map((f) => <b key={f.ref}><FigureNum figure={f} /></b>)}</span>
                      ))}</div>
                    </To>
                  </li>
                ))}
              </ul>
              {shown.length === 0 && <Empty title={t('common.empty.noMatch')} />}
            </>
          );
        }}
      </Read>
    </Page>
  );
}
