import { BellOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { post, put, useApi, useVerb } from '~/api/client';
import type { EntityPage, Task as Data } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/tasks';
import { useActor, WhoCan } from '~/pages/returns/shared';
import { useLang } from '~/state/prefs';
import { useMyPost, useSession } from '~/state/session';
import { useAsOf, useParam } from '~/state/url';
import { LightMark, Mark, RecordTag, StatusMark } from '~/ui/Bits';
import { date, localId, moment, number } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { ErrorBox, Read, Skeleton } from '~/ui/State';
import { entityHref, indicatorHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { Meter } from './Tasks';
import './tasks.css';
import '~/proof/proof.css';

texts('tasks', words);

export default function Task() {
  const { t } = useTranslation();
  const id = useParam('id');
  const query = useApi<Data>(`/api/tasks/${encodeURIComponent(id)}`);
  return <Read query={query} skeleton={<Page title={t('tasks.title')}><Skeleton rows={10} height={36} /></Page>}>{(task) => <Loaded key={task.id} of={task} />}</Read>;
}

function Loaded({ of }: { of: Data }) {
  const { t } = useTranslation();
  const lang = useLang();
  const asOf = useAsOf();
  const mine = useMyPost();
  const actor = useActor();
  const { data: session } = useSession();
  const may = (verb: string) => !asOf && (mine?.verbs.includes(verb) ?? false);
  const packs = (n: number) => session?.packs.filter((p) => p.systems.includes(n)) ?? [];
  return (
    <Page title={of.title} testid="task" crumb={<To href="/tasks">{t('tasks.title')}</To>} state={<LightMark light={of.light} title={say(of.lightRule.title, lang)} />}
      sub={<>{say(of.lightRule.title, lang)} · {of.state === 'done' ? t('tasks.done') : t('tasks.open')}{of.due && <> · {t('tasks.due')} {date(of.due, lang)}</>}</>}
      verbs={may('task.report') ? <a className="btn primary" href="#report">{t('tasks.report')}</a> : undefined}>
      <div className="with-side">
        <div>
          <blockquote className="task-text" data-testid="task-text">{of.text}
            <footer>{t('tasks.plan')}{of.section && <> · <To href={entityHref(of.section.id)} data-testid="task-section">{of.section.number} {of.section.name}</To></>}</footer>
          </blockquote>
          <Section title={t('tasks.reports')} extra={of.progress !== null && <Meter value={of.progress} label={t('tasks.col.progress')} />} testid="task-reports">
            {of.reports.length === 0 ? <p className="note">{t('tasks.noReports')} {t('tasks.noReportsDo')}</p> : (
              <ul className="progress-list panel">
                {of.reports.map((r) => (
                  <li key={r.id} data-testid="task-report">
                    <div className="row"><Meter value={r.percent} label={t('tasks.percent')} /><span className="note">{actor(r.by)} · {moment(r.at, lang)}</span><RecordTag seq={r.seq} /></div>
                    <p>{r.text}</p>{r.evidence && <p className="note">{/^https?:\/\//.test(r.evidence) ? <a href={r.evidence} rel="noreferrer noopener" target="_blank">{r.evidence}</a> : r.evidence}</p>}
                  </li>
                ))}
              </ul>
            )}
          </Section>
          <Section title={t('tasks.report')} id="report">
            {asOf ? <p className="note">{t('tasks.past')}</p> : may('task.report') ? <ReportForm of={of} /> : <WhoCan verb="task.report" what={t('tasks.reportWhat')} {...(of.lead ? { organisation: of.lead.id } : {})} />}
          </Section>
          <Section title={t('tasks.assign')} note={t('tasks.assignSub')}>
            {asOf ? <p className="note">{t('tasks.past')}</p> : may('task.assign') ? <AssignForm of={of} key={JSON.stringify([of.lead, of.support, of.due, of.milestones])} /> : <WhoCan verb="task.assign" what={t('tasks.assignWhat')} />}
          </Section>
        </div>
        <aside>
          <div className="panel">
            <dl className="facts">
              <div><dt>{t('tasks.lead')}</dt><dd>{of.lead ? <To href={entityHref(`urn:ngsi-ld:Organization:${of.lead.id}`)}>{of.lead.name}</To> : <Mark>{t('tasks.noLead')}</Mark>}</dd></div>
              {of.support.length > 0 && <div><dt>{t('tasks.support')}</dt><dd>{of.support.map((s) => <div key={s.id}><To href={entityHref(`urn:ngsi-ld:Organization:${s.id}`)}>{s.name}</To></div>)}</dd></div>}
              <div><dt>{t('tasks.due')}</dt><dd>{of.due ? date(of.due, lang) : '—'}</dd></div>
              <div><dt>{t('tasks.rule')}</dt><dd>{say(of.lightRule.title, lang)}</dd></div>
              {of.systems.length > 0 && <div><dt>{t('tasks.systems')}</dt><dd>{of.systems.map((n) => <div key={n}>{t('tasks.systemsN', { n })}{packs(n).map((p) => <span key={p.name}> <To href={`/systems/${p.name}`}>{say(p.title, lang)}</To></span>)}</div>)}</dd></div>}
            </dl>
          </div>
          <div className="panel"><h2>{t('tasks.indicators')}</h2>
            {of.indicators.length === 0 ? <p className="note">{t('tasks.noIndicators')}</p> : <ul className="task-inds">{of.indicators.map((i) => <li key={i.id}><StatusMark status={i.status} /><To href={indicatorHref(i.id)} data-testid="task-indicator">{say(i.title, lang)}</To></li>)}</ul>}
          </div>
          <div className="panel"><h2>{t('tasks.milestones')}</h2>
            {of.milestones.length === 0 ? <p className="note">{t('tasks.noMilestones')}</p> : <ul className="milestones" data-testid="milestones">{of.milestones.map((m, i) => <li key={i}>{m.done ? <Mark tone="good">{t('tasks.doneAt', { at: m.done })}</Mark> : <Mark tone={m.due < new Date().toISOString().slice(0, 10) ? 'bad' : 'none'}>{date(m.due, lang)}</Mark>} {m.title}</li>)}</ul>}
          </div>
          <div className="quiet" data-testid="escalation"><strong><BellOutlined /> {t('tasks.escalation')}</strong>{t('tasks.escalationNote')}</div>
        </aside>
      </div>
    </Page>
  );
}

function ReportForm({ of }: { of: Data }) {
  const { t } = useTranslation();
  const [percent, setPercent] = useState(String(of.progress ?? 0));
  const [text, setText] = useState('');
  const [evidence, setEvidence] = useState('');
  const [tried, setTried] = useState(false);
  const n = Number(percent);
  const bad = percent.trim() === '' || Number.isNaN(n) || n < 0 || n > 100;
  const short = text.trim().length < 2;
  const send = useVerb(() => post<Data>(`/api/tasks/${encodeURIComponent(of.id)}/progress`, { percent: n, text: text.trim(), ...(evidence.trim() ? { evidence: evidence.trim() } : {}) }), () => {
    toast.ok(t('tasks.reported'));
    setText('');
    setEvidence('');
    setTried(false);
  });
  return (
    <form className="form panel" onSubmit={(e) => { e.preventDefault(); setTried(true); if (!bad && !short) send.mutate(undefined as never); }}>
      <div className="field"><label htmlFor="percent"><span>{t('tasks.percent')}{of.progress !== null && <span className="note">　{t('tasks.last', { n: number(of.progress) })}</span>}</span></label>
        <div className="percent"><input type="range" min={0} max={100} step={5} value={bad ? 0 : n} onChange={(e) => setPercent(e.target.value)} aria-label={t('tasks.percent')} /><input id="percent" className="input" type="number" min={0} max={100} step="any" style={{ width: 90 }} value={percent} onChange={(e) => setPercent(e.target.value)} aria-invalid={tried && bad} data-testid="task-percent" /> %</div>
        <small className="note">{t('tasks.hundred')}</small>{tried && bad && <span className="field-error" role="alert">{t('tasks.badPercent')}</span>}
      </div>
      <label><span>{t('tasks.text')}</span><textarea className="input" rows={3} maxLength={2000} value={text} onChange={(e) => setText(e.target.value)} placeholder={t('tasks.textHint')} aria-invalid={tried && short} data-testid="task-report-text" />{tried && short && <span className="field-error" role="alert">{t('tasks.short')}</span>}</label>
      <label><span>{t('tasks.evidence')}</span><input className="input" value={evidence} maxLength={500} onChange={(e) => setEvidence(e.target.value)} data-testid="task-report-evidence" /></label>
      {send.error && <ErrorBox error={send.error} />}
      <div><button type="submit" className="btn primary" disabled={send.isPending} data-testid="task-report-submit">{t('tasks.submit')}</button></div>
    </form>
  );
}

function AssignForm({ of }: { of: Data }) {
  const { t } = useTranslation();
  const { data } = useApi<EntityPage>('/api/entities', { type: 'Organization', limit: 500, sort: 'name' }, { staleTime: 300_000 });
  const kinds = ['company', 'alliance', 'university'];
  const organisations = (data?.rows ?? []).filter((r) => !kinds.includes(String(r.values.orgKind))).map((r) => ({ id: localId(r.id), name: r.name }));
  for (const known of [of.lead, ...of.support]) if (known && !organisations.some((o) => o.id === known.id)) organisations.unshift(known);
  const [lead, setLead] = useState(of.lead?.id ?? '');
  const [support, setSupport] = useState(of.support.map((s) => s.id));
  const [due, setDue] = useState(of.due ?? '');
  const [milestones, setMilestones] = useState(of.milestones);
  const [tried, setTried] = useState(false);
  const bad = milestones.some((m) => !m.title.trim() || !m.due);
  const save = useVerb(() => put<Data>(`/api/tasks/${encodeURIComponent(of.id)}`, {
    ...(lead && lead !== of.lead?.id ? { lead } : {}), ...(support.join() !== of.support.map((s) => s.id).join() && support.length ? { support } : {}),
    ...(due && due !== of.due ? { due } : {}), ...(JSON.stringify(milestones) !== JSON.stringify(of.milestones) ? { milestones: milestones.map((m) => ({ ...m, title: m.title.trim(), done: m.done || null })) } : {}),
  }), () => toast.ok(t('tasks.assigned')));
  const set = (i: number, next: Partial<Data['milestones'][number]>) => setMilestones(milestones.map((m, j) => (j === i ? { ...m, ...next } : m)));
  return (
    <form className="form panel" data-testid="assign-form" onSubmit={(e) => { e.preventDefault(); setTried(true); if (!bad) save.mutate(undefined as never); }}>
      <div className="fields">
        <label><span>{t('tasks.lead')}</span><select className="input" value={lead} onChange={(e) => setLead(e.target.value)} data-testid="assign-lead"><option value="" disabled={of.lead !== null}>{t('tasks.choose')}</option>{organisations.map((o) => <option key={o.id} value={o.id}>{o.name}</option>)}</select></label>
        <label><span>{t('tasks.due')}</span><input className="input" type="date" value={due} onChange={(e) => setDue(e.target.value)} data-testid="assign-due" /></label>
      </div>
      <fieldset><legend>{t('tasks.support')}（{t('tasks.supportHint')}）</legend>
        <div className="support-list">{organisations.map((o) => <label key={o.id} className="check"><input type="checkbox" checked={support.includes(o.id)} onChange={(e) => setSupport(e.target.checked ? [...support, o.id] : support.filter((s) => s !== o.id))} />{o.name}</label>)}</div>
        {of.support.length > 0 && support.length === 0 && <small className="note">{t('tasks.supportKeep')}</small>}
      </fieldset>
      <fieldset><legend>{t('tasks.milestones')}</legend>
        <div className="form">
          {milestones.map((m, i) => (
            <div key={i} className="milestone-edit">
              <label><span>{t('tasks.mTitle')}</span><input className="input" value={m.title} onChange={(e) => set(i, { title: e.target.value })} data-testid="milestone-title" /></label>
              <label><span>{t('tasks.mDue')}</span><input className="input" type="date" value={m.due} onChange={(e) => set(i, { due: e.target.value })} data-testid="milestone-due" /></label>
              <label><span>{t('tasks.mDone')}</span><input className="input" type="date" value={m.done ?? ''} onChange={(e) => set(i, { done: e.target.value || null })} /></label>
              <button type="button" className="btn" onClick={() => setMilestones(milestones.filter((_, j) => j !== i))}>{t('tasks.remove')}</button>
            </div>
          ))}
          {tried && bad && <span className="field-error" role="alert">{t('tasks.badMilestone')}</span>}
          <div><button type="button" className="btn small" onClick={() => setMilestones([...milestones, { title: '', due: '', done: null }])} data-testid="milestone-add">{t('tasks.addMilestone')}</button></div>
        </div>
      </fieldset>
      {save.error && <ErrorBox error={save.error} />}
      <div><button type="submit" className="btn primary" disabled={save.isPending} data-testid="assign-save">{t('tasks.saveAssign')}</button></div>
    </form>
  );
}
