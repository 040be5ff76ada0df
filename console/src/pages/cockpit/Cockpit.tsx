// What needs me, what changed, how far from the goal: one snapshot of the server, so that no two figures disagree.
import { AlertOutlined, ArrowRightOutlined, CommentOutlined, FileSearchOutlined, FundProjectionScreenOutlined, PrinterOutlined, QuestionCircleOutlined, ScheduleOutlined } from '@ant-design/icons';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { useApi } from '~/api/client';
import type { Cockpit as Snapshot, Indicator, Status } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/cockpit';
import { useLang } from '~/state/prefs';
import { useChangeQuery, useQueryParams } from '~/state/url';
import { AsOf } from '~/ui/AsOf';
import { Actor, FigureNum, LightMark, Mark, Num, RecordTag, StatusMark, statusTone } from '~/ui/Bits';
import { number, short, year } from '~/ui/format';
import { Page } from '~/ui/Page';
import { PathChart } from '~/ui/PathChart';
import { Empty, Read, Skeleton } from '~/ui/State';
import { entityHref, indicatorHref, To } from '~/ui/To';
import './cockpit.css';

texts('cockpit', words);

const order: Status[] = ['behind', 'near', 'achieved', 'conflict', 'no-data'];
const ROTATE_MS = 15_000;
const sign: Record<Snapshot['attention'][number]['kind'], ReactNode> = {
  conflict: <QuestionCircleOutlined />, 'no-data': <FileSearchOutlined />, approval: <ScheduleOutlined />, task: <AlertOutlined />, comment: <CommentOutlined />,
};

export default function Cockpit() {
  const { t } = useTranslation();
  const query = useApi<Snapshot>('/api/cockpit');
  return <Read query={query} skeleton={<Page title={t('cockpit.title')}><div className="cockpit"><Skeleton rows={9} height={62} /><Skeleton rows={6} height={48} /></div></Page>}>{(data) => <Loaded data={data} />}</Read>;
}

function Loaded({ data }: { data: Snapshot }) {
  const { t } = useTranslation();
  const lang = useLang();
  const screen = useQueryParams().screen === '1';
  const change = useChangeQuery();
  const groups = useMemo(() => {
    const found = new Map<string, { title: string; goals: Indicator[] }>();
    for (const g of data.goals) {
      const group = found.get(g.group) ?? { title: say(g.groupTitle, lang), goals: [] };
      group.goals.push(g);
      found.set(g.group, group);
    }
    return [...found.entries()];
  }, [data.goals, lang]);
  const turns = useMemo(() => pages(groups), [groups]);
  const turn = useTurn(screen ? turns.length : 0);
  const shown = screen ? (turns[turn] ?? []) : groups;

  return (
    <Page testid="cockpit" title={say(data.title, lang) || t('cockpit.title')} sub={<AsOf info={data.asOf} />}
      verbs={screen
        ? <button type="button" className="btn" onClick={() => change({ screen: null })} data-testid="screen-leave">{t('cockpit.leave')}</button>
        : <>
            <button type="button" className="btn" onClick={() => change({ screen: '1' })} data-testid="screen"><FundProjectionScreenOutlined /> {t('cockpit.screen')}</button>
            <button type="button" className="btn" onClick={() => window.print()}><PrinterOutlined /> {t('cockpit.print')}</button>
          </>}>
      <div className="cockpit">
        <section aria-labelledby="goals-title" className="goals">
          <div className="goals-head">
            <h2 id="goals-title">{t('cockpit.goals')} <span className="note">{t('cockpit.of', { n: data.goals.length })}</span></h2>
            <ul className="counts" data-testid="counts">
              {order.map((s) => (
                <li key={s}><To href={`/indicators?goal=1&status=${s}`} className={data.counts[s] ? 'count' : 'count zero'} data-testid={`count-${s}`}><b>{data.counts[s] ?? 0}</b><StatusMark status={s} /></To></li>
              ))}
            </ul>
          </div>
          <Share counts={data.counts} />
          {data.goals.length === 0 && <Empty title={t('cockpit.empty')}>{t('cockpit.emptyDo')}</Empty>}
          <div className="goal-flow">
            {shown.map(([key, group]) => (
              <div key={key} className="goal-group" data-testid={`group-${key}`}>
                <h3>{group.title}</h3>
                {group.goals.map((g) => <Goal key={g.id} of={g} />)}
              </div>
            ))}
          </div>
          {screen && turns.length > 1 && <p className="turns" aria-hidden="true">{turns.map((_, i) => <i key={i} className={i === turn ? 'now' : ''} />)}</p>}
          {data.goals.length > 0 && <p className="note legend">{t('cockpit.legend')}</p>}
        </section>
        <aside className="side">
          <section aria-labelledby="needs-title" className="panel" data-testid="attention">
            <h2 id="needs-title">{t('cockpit.needs')}</h2>
            {data.attention.length === 0 && <p className="note">{t('cockpit.needsNone')}</p>}
            <ul className="needs">
              {data.attention.map((a, i) => (
                <li key={i}>
                  <To href={a.link} data-testid={`attention-${a.kind}`}>
                    <span className="needs-sign" aria-hidden="true">{sign[a.kind]}</span>
                    <span className="needs-words"><strong>{say(a.title, lang)}{a.count > 1 && <b className="needs-count">{a.count}</b>}</strong><small>{say(a.detail, lang)}</small></span>
                    <ArrowRightOutlined aria-hidden="true" />
                  </To>
                </li>
              ))}
            </ul>
          </section>
          <section aria-labelledby="tasks-title" className="panel tasks-line">
            <h2 id="tasks-title"><To href="/tasks">{t('cockpit.tasks')} <span className="note">{data.tasks.total}</span></To></h2>
            {(['red', 'yellow', 'green'] as const).map((l) => <To key={l} href={`/tasks?light=${l}`}><LightMark light={l} /> <b>{data.tasks[l]}</b></To>)}
          </section>
          <section aria-labelledby="changed-title" className="panel" data-testid="recent">
            <h2 id="changed-title">{t('cockpit.changed')}</h2>
            {data.recent.length === 0 && <p className="note">{t('cockpit.changedNone')}</p>}
            <ul className="changed">
              {runs(data.recent).slice(0, 8).map(({ first: r, count }) => (
                <li key={r.seq}>
                  <span className="changed-what">{r.entity && count === 1 ? <To href={entityHref(r.entity)}>{say(r.title, lang)}</To> : say(r.title, lang)}{count > 1 && <b className="needs-count">×{count}</b>}</span>
                  <span className="changed-by">{short(r.at)} · <Actor of={r.actor} /></span>
                  <RecordTag seq={r.seq} />
                </li>
              ))}
            </ul>
          </section>
        </aside>
      </div>
    </Page>
  );
}

function Share({ counts }: { counts: Record<Status, number> }) {
  const total = order.reduce((sum, s) => sum + (counts[s] ?? 0), 0);
  if (!total) return null;
  return <div className="share" aria-hidden="true">{order.map((s) => counts[s] > 0 && <i key={s} className={statusTone[s]} style={{ flexGrow: counts[s] }} />)}</div>;
}

function Goal({ of }: { of: Indicator }) {
  const { t } = useTranslation();
  const lang = useLang();
  const href = indicatorHref(of.id);
  const open = of.conflicts.length > 0;
  const targetYear = of.target ? year(of.target) : null;
  return (
    <article className={`goal ${statusTone[of.status]}`} data-testid={`goal-${of.id}`}>
      <div className="goal-words">
        <h4><To href={href} data-testid="goal-link">{say(of.title, lang)}</To></h4>
        <p className="goal-marks">
          <StatusMark status={of.status} title={say(of.statusRule.title, lang)} />
          {open && of.status !== 'conflict' && <To href={`${href}#conflicts`}><Mark tone="clash" icon={<QuestionCircleOutlined />}>{t('cockpit.conflict', { n: of.conflicts.length })}</Mark></To>}
        </p>
      </div>
      <dl className="goal-figures">
        <div className="goal-actual"><dt>{t('cockpit.actual')}{of.actual && <small> {of.actual.period.text}</small>}</dt>
          <dd>{of.actual ? <To href={`${href}?figure=${encodeURIComponent(of.actual.ref)}#lineage`} data-testid="goal-actual"><FigureNum figure={of.actual} /></To>
            : <To href={`${href}#lineage`} className="goal-none">{t('cockpit.noData')}</To>}</dd></div>
        <div><dt>{t('cockpit.target')}{targetYear && <small> {targetYear}</small>}</dt>
          <dd>{of.target ? <To href={`${href}?figure=${encodeURIComponent(of.target.ref)}#lineage`} data-testid="goal-target"><FigureNum figure={of.target} /></To> : '—'}</dd></div>
      </dl>
      <p className="goal-foot">
        {of.actual
          ? <>{of.progress !== null && <span>{t('cockpit.progress', { n: number(Math.round(of.progress * 100)) })}</span>}{of.gap !== null && of.gap > 0 && <span className="goal-gap">{lang === 'zh' ? '差 ' : ''}<Num value={Math.round(of.gap * 100) / 100} unit={of.unit} />{lang === 'en' ? ' to go' : ''}</span>}</>
          : <span className="goal-ask">{say(of.askWhom, lang) || (of.lead ? t('cockpit.askWhom', { who: of.lead.name }) : '')}</span>}
        {of.baseline && of.baseline.value !== null && <span className="goal-base">{t('cockpit.baseline')} <To href={`${href}?figure=${encodeURIComponent(of.baseline.ref)}#lineage`}><FigureNum figure={of.baseline} /></To></span>}
      </p>
      <To href={`${href}#series`} className="goal-chart"><PathChart of={of} name={say(of.title, lang)} /></To>
    </article>
  );
}

/** The same done many times in a row by the same actor is one line. */
function runs(recent: Snapshot['recent']): { first: Snapshot['recent'][number]; count: number }[] {
  const found: { first: Snapshot['recent'][number]; count: number }[] = [];
  for (const r of recent) {
    const last = found.at(-1);
    if (last && last.first.title.zh === r.title.zh && last.first.actor === r.actor) last.count += 1;
    else found.push({ first: r, count: 1 });
  }
  return found;
}

type Group = [string, { title: string; goals: Indicator[] }];
/** A big screen shows as many groups at a time as leave their goals large: six at most. */
function pages(groups: Group[]): Group[][] {
  const found: Group[][] = [];
  for (const group of groups) {
    const last = found.at(-1);
    if (last && last.reduce((n, g) => n + g[1].goals.length, 0) + group[1].goals.length <= 6) last.push(group);
    else found.push([group]);
  }
  return found;
}

/** Which page a big screen shows now. */
function useTurn(count: number): number {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (count < 2) return;
    const timer = setInterval(() => setTurn((n) => (n + 1) % count), ROTATE_MS);
    return () => clearInterval(timer);
  }, [count]);
  return count ? turn % count : 0;
}
