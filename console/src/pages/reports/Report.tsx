// A report on the screen is laid out like the document it becomes: title, contents, numbered sections, annexes. While it is a draft each
// section's words can be rewritten next to the words made from the data.
import { DownloadOutlined, EditOutlined, PrinterOutlined, WarningOutlined } from '@ant-design/icons';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { post, put, useApi, useVerb } from '~/api/client';
import type { Conflict, Figure, Indicator, ReportHead, Task, Text } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/reports';
import { Steps, useActor, WhoCan } from '~/pages/returns/shared';
import { useLang } from '~/state/prefs';
import { useMyPost } from '~/state/session';
import { useAsOf, useParam } from '~/state/url';
import { Code, FigureNum, LightMark, Mark, RecordTag, StatusMark } from '~/ui/Bits';
import { date, moment, number } from '~/ui/format';
import { Page } from '~/ui/Page';
import { PathChart } from '~/ui/PathChart';
import { ErrorBox, Read, Skeleton } from '~/ui/State';
import { entityHref, indicatorHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { reportTone } from './Reports';
import './reports.css';

texts('reports', words);

type Section = { key: string; number: string; level: 1 | 2; title: string; narrative: string; generated: string; indicators: string[]; tasks: string[] };
type Data = ReportHead & { sections: Section[]; indicators: Indicator[]; conflicts: Conflict[]; tasks: Task[]; differences: { indicator: string; title: Text; what: Text; before: string; after: string }[]; digestHolds: boolean };
type Verb = 'review' | 'sign' | 'publish' | 'return';
const files = ['report.pdf', 'report.docx', 'report.html', 'bundle.json'] as const;
const chinese = ['一', '二', '三', '四'];

export default function Report() {
  const { t } = useTranslation();
  const id = useParam('id');
  const query = useApi<Data>(`/api/reports/${encodeURIComponent(id)}`);
  return <Read query={query} skeleton={<Page title={t('reports.title')}><Skeleton rows={14} height={32} /></Page>}>{(r) => <Loaded of={r} />}</Read>;
}

function Loaded({ of }: { of: Data }) {
  const { t } = useTranslation();
  const lang = useLang();
  const asOf = useAsOf();
  const mine = useMyPost();
  const actor = useActor();
  const [asked, setAsked] = useState<Verb | null>(null);
  const [editing, setEditing] = useState<string | null>(null);
  const verbs = asOf ? [] : of.verbs;
  const path = `/api/reports/${encodeURIComponent(of.id)}`;
  const act = useVerb(({ verb, note }: { verb: Verb; note: string }) => post<Data>(`${path}/${verb}`, note.trim() ? { note: note.trim() } : {}), () => {
    setAsked(null);
    toast.ok(t('reports.done'));
  });
  const indicator = new Map(of.indicators.map((i) => [i.id, i]));
  const task = new Map(of.tasks.map((x) => [x.id, x]));
  const list = (ids: string[]) => ids.flatMap((id) => indicator.get(id) ?? []);
  const open = of.conflicts.filter((c) => !c.resolution);
  const next = { draft: 'report.review', reviewed: 'report.sign', signed: 'report.publish', published: '' }[of.state];
  const forward = verbs.some((v) => ['review', 'sign', 'publish'].includes(v));
  const annexes: { id: string; title: string; body: ReactNode }[] = [
    { id: 'annex-sources', title: t('reports.annexSources'), body: <Sources of={of.indicators} /> },
    { id: 'annex-conflicts', title: t('reports.annexConflicts'), body: open.length === 0 ? <p>{t('reports.noConflicts')}</p> : <ul className="annex-conflicts">{open.map((c) => <li key={c.id}><To href={`/conflicts/${encodeURIComponent(c.id)}`}>{say(c.title, lang)}</To><p>{say(c.explanation, lang)}</p><p className="sides-line">{c.sides.map((s) => <span key={s.id}>{say(s.title, lang)} {s.figures.map((f) => <b key={f.ref}><FigureNum figure={f} /> </b>)}</span>)}</p></li>)}</ul> },
    { id: 'annex-diff', title: t('reports.annexDiff'), body: of.differences.length === 0 ? <p>{t('reports.noDiff')}</p> : (
      <Table label={t('reports.annexDiff')}><table className="list doc-table" data-testid="differences"><thead><tr><th scope="col">{t('reports.table.indicator')}</th><th scope="col">{t('reports.what')}</th><th scope="col">{t('reports.before')}</th><th scope="col">{t('reports.after')}</th></tr></thead><tbody>{of.differences.map((d, i) => <tr key={i}><th scope="row"><To href={indicatorHref(d.indicator)}>{say(d.title, lang)}</To></th><td>{say(d.what, lang)}</td><td>{d.before}</td><td>{d.after}</td></tr>)}</tbody></table></Table>
    ) },
  ];
  return (
    <Page title={of.title} testid="report" crumb={<To href="/reports">{t('reports.title')}</To>}
      state={<span data-testid="report-state" data-state={of.state}><Mark tone={reportTone[of.state]}>{t(`reports.states.${of.state}`)}</Mark></span>}
      sub={<>{t('reports.versionN', { n: of.version })} · {t('reports.basis', { n: of.freeze.seq, at: moment(of.freeze.at, lang) })} <RecordTag seq={of.freeze.seq} /></>}
      verbs={(
        <>
          {(['review', 'sign', 'publish'] as const).filter((v) => verbs.includes(v)).map((v) => <button key={v} type="button" className="btn primary" disabled={!of.digestHolds} onClick={() => { act.reset(); setAsked(v); }} data-testid={`verb-${v}`}>{t(`reports.act.${v}`)}</button>)}
          {verbs.includes('return') && <button type="button" className="btn" onClick={() => { act.reset(); setAsked('return'); }} data-testid="verb-return">{t('reports.act.return')}</button>}
          {!asOf && mine?.verbs.includes('report.create') && <To className="btn" href={`/reports?begin=1&previous=${of.id}`} data-testid="new-version">{t('reports.newVersion')}</To>}
          <button type="button" className="btn" onClick={() => window.print()}><PrinterOutlined /> {t('reports.print')}</button>
        </>
      )}>
      {!of.digestHolds && <p className="digest-bad" role="alert" data-testid="digest-bad"><WarningOutlined /> {t('reports.digestBad')}</p>}
      {asOf ? <p className="note">{t('reports.past')}</p> : next && !forward && (mine?.verbs.includes(next) ? <p className="who-can">{t('reports.samePerson')}</p> : <WhoCan verb={next} what={t(`reports.who.${of.state as 'draft' | 'reviewed' | 'signed'}`)} />)}
      <div className="report-grid">
        <nav className="toc" aria-label={t('reports.toc')} data-testid="toc">
          <h2>{t('reports.toc')}</h2>
          <ol>{of.sections.map((s) => <li key={s.key} className={`level-${s.level}`}><a href={`#${s.key}`}>{s.number}{s.title}</a></li>)}{annexes.map((a, i) => <li key={a.id} className="level-1"><a href={`#${a.id}`}>{lang === 'zh' ? `${t('reports.annex')}${chinese[i]}　` : ''}{a.title}</a></li>)}</ol>
        </nav>
        <article className="paper" lang="zh-CN">
          <header className="paper-head"><p className="paper-title">{of.title}</p><p className="note">{t('reports.versionN', { n: of.version })} · {t(`reports.states.${of.state}`)} · {date(of.createdAt, lang)} · {t('reports.code')} {of.code}</p></header>
          {of.sections.map((s) => (
            <section key={s.key} id={s.key} className={`doc-section level-${s.level}`} data-testid={`section-${s.key}`}>
              <div className="doc-head">{s.level === 1 ? <h2>{s.number}{s.title}</h2> : <h3>{s.number}{s.title}</h3>}
                {s.narrative && <Mark tone="accent">{t('reports.written')}</Mark>}
                {verbs.includes('edit') && editing !== s.key && <button type="button" className="link doc-edit" onClick={() => setEditing(s.key)} data-testid={`edit-${s.key}`} aria-label={`${t('reports.edit')} ${s.title}`}><EditOutlined /> {t('reports.edit')}</button>}
              </div>
              {editing === s.key ? <SectionEdit of={s} path={`${path}/sections/${encodeURIComponent(s.key)}`} close={() => setEditing(null)} /> : (s.narrative || s.generated).split('\n').filter(Boolean).map((p, i) => <p key={i} className="para">{p}</p>)}
              {s.key === 'goals' && <Goals of={list(s.indicators)} name={s.title} />}
              {s.key.startsWith('goals-') && <Paths of={list(s.indicators)} />}
              {s.key === 'peers' && <Peers of={list(s.indicators)} name={s.title} />}
              {s.key !== 'goals' && s.key !== 'peers' && !s.key.startsWith('goals-') && s.indicators.length > 0 && <Facts of={list(s.indicators)} name={s.title} />}
              {s.tasks.length > 0 && <Tasks of={s.tasks.flatMap((id) => task.get(id) ?? [])} name={s.title} />}
            </section>
          ))}
          {annexes.map((a, i) => <section key={a.id} id={a.id} className="doc-section level-1" data-testid={a.id}><div className="doc-head"><h2>{lang === 'zh' ? `${t('reports.annex')}${chinese[i]}　` : ''}{a.title}</h2></div>{a.body}</section>)}
          <footer className="paper-foot">{t('reports.chapter')}　{t('reports.digest')} <code>{of.digest.slice(0, 16)}…</code></footer>
        </article>
        <aside className="report-side">
          <section className="panel" data-testid="report-files">
            <h2>{t('reports.files')}</h2>
            <ul className="file-list">{files.map((f) => {
              const kept = of.files.find((x) => `report.${x.format}` === f);
              return <li key={f}><a href={`${path}/${f}`} target={f === 'bundle.json' ? undefined : '_blank'} rel="noreferrer" data-testid={`file-${f}`}><DownloadOutlined /> {fileWord(f, t)}</a>{kept && <><small className="note"> {t('reports.bytes', { n: number(Math.ceil(kept.bytes / 1024)) })}</small><div>SHA-256 <Code short={22}>{kept.sha256}</Code></div></>}</li>;
            })}</ul>
            <p className="note">{of.state === 'published' ? t('reports.bundleNote') : t('reports.draftFiles')}</p>
          </section>
          <section className="panel">
            <dl className="facts">
              <div><dt>{t('reports.code')}</dt><dd><span data-testid="report-code"><Code>{of.code}</Code></span>{of.state === 'published' && <div><To href={`/public/verify/${of.code}`}>{t('reports.verify')}</To></div>}</dd></div>
              <div><dt>{t('reports.digest')}</dt><dd><Code short={22}>{of.digest}</Code><div>{of.digestHolds ? <Mark tone="good">{t('reports.digestOk')}</Mark> : <Mark tone="bad" icon={<WarningOutlined />}>≠</Mark>}</div></dd></div>
              <div><dt>{t('reports.openFreeze')}</dt><dd>{of.freeze.note}　{actor(of.freeze.by)}<div className="note">{t('reports.root')} <Code short={22}>{of.freeze.root}</Code></div></dd></div>
              {of.previous && <div><dt>{t('reports.previous')}</dt><dd><To href={`/reports/${of.previous}`}>{of.previous}</To></dd></div>}
            </dl>
          </section>
          <section className="panel"><h2>{t('reports.steps')}</h2><Steps steps={of.steps} word={(v) => t(`reports.verbs.${v}`)} /></section>
        </aside>
      </div>
      {asked && <Ask verb={asked} busy={act.isPending} error={act.error} close={() => setAsked(null)} go={(note) => act.mutate({ verb: asked, note })} />}
    </Page>
  );
}
const fileWord = (f: (typeof files)[number], t: (k: string) => string) => ({ 'report.pdf': 'PDF', 'report.docx': 'Word', 'report.html': t('reports.page'), 'bundle.json': t('reports.bundle') })[f];

const Table = ({ label, children }: { label: string; children: ReactNode }) => <div className="scroll doc-scroll" tabIndex={0} role="region" aria-label={label}>{children}</div>;
const Fig = ({ of }: { of: Figure | null }) => (of ? <FigureNum figure={of} /> : <>—</>);

function Goals({ of, name }: { of: Indicator[]; name: string }) {
  const { t } = useTranslation();
  const lang = useLang();
  return (
    <Table label={name}>
      <table className="list doc-table" data-testid="goals-table">
        <thead><tr><th scope="col">{t('reports.table.indicator')}</th><th scope="col" className="right">{t('reports.table.baseline')}</th><th scope="col" className="right">{t('reports.table.target')}</th><th scope="col" className="right">{t('reports.table.actual')}</th><th scope="col" className="right">{t('reports.table.progress')}</th><th scope="col">{t('reports.table.status')}</th></tr></thead>
        <tbody>{of.map((i) => <tr key={i.id}><th scope="row"><To href={indicatorHref(i.id)}>{say(i.title, lang)}</To></th><td className="right"><Fig of={i.baseline} /></td><td className="right words"><Fig of={i.target} /></td><td className="right"><Fig of={i.actual} /></td><td className="right">{i.progress === null ? '—' : `${number(Math.round(i.progress * 1000) / 10)}%`}</td><td><StatusMark status={i.status} title={say(i.statusRule.title, lang)} /></td></tr>)}</tbody>
      </table>
    </Table>
  );
}
function Paths({ of }: { of: Indicator[] }) {
  const lang = useLang();
  const drawn = of.filter((i) => i.series.some((f) => f.value !== null) || i.target?.value != null);
  if (drawn.length === 0) return null;
  return <div className="doc-paths">{drawn.map((i) => <figure key={i.id}><figcaption><To href={indicatorHref(i.id)}>{say(i.title, lang)}</To></figcaption><PathChart of={i} name={say(i.title, lang)} width={220} height={64} /></figure>)}</div>;
}
function Facts({ of, name }: { of: Indicator[]; name: string }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [all, setAll] = useState(false);
  // On paper everything is shown.
  useEffect(() => {
    const show = () => setAll(true);
    window.addEventListener('beforeprint', show);
    return () => window.removeEventListener('beforeprint', show);
  }, []);
  const shown = all ? of : of.slice(0, 12);
  return (
    <>
      <Table label={name}>
        <table className="list doc-table">
          <thead><tr><th scope="col">{t('reports.table.indicator')}</th><th scope="col" className="right">{t('reports.table.figure')}</th><th scope="col">{t('reports.table.source')}</th></tr></thead>
          <tbody>{shown.map((i) => { const f = i.series.at(-1) ?? i.actual ?? i.baseline; return <tr key={i.id}><th scope="row"><To href={indicatorHref(i.id)}>{say(i.title, lang)}</To></th><td className="right"><Fig of={f ?? null} /></td><td className="note">{f ? [f.period.text, f.source.sectionNumber ? t('reports.section', { n: f.source.sectionNumber }) : f.source.document].filter(Boolean).join(' · ') : ''}</td></tr>; })}</tbody>
        </table>
      </Table>
      {!all && of.length > 12 && <p><button type="button" className="link" onClick={() => setAll(true)}>{t('reports.showAll', { n: of.length })}</button></p>}
    </>
  );
}
function Peers({ of, name }: { of: Indicator[]; name: string }) {
  const { t } = useTranslation();
  const lang = useLang();
  return (
    <Table label={name}>
      <table className="list doc-table">
        <thead><tr><th scope="col">{t('reports.table.indicator')}</th><th scope="col" className="right">{t('reports.table.figure')}</th><th scope="col">{t('reports.table.peers')}</th></tr></thead>
        <tbody>{of.map((i) => { const own = i.series.at(-1); return <tr key={i.id}><th scope="row"><To href={indicatorHref(i.id)}>{say(i.title, lang)}</To></th><td className="right">{own ? <>{own.subject} <Fig of={own} /></> : '—'}</td><td>{i.peers.map((f) => <span key={f.ref} className="peer">{f.subject} <Fig of={f} /></span>)}</td></tr>; })}</tbody>
      </table>
    </Table>
  );
}
function Tasks({ of, name }: { of: Task[]; name: string }) {
  const { t } = useTranslation();
  const lang = useLang();
  return (
    <Table label={name}>
      <table className="list doc-table">
        <thead><tr><th scope="col">{t('reports.table.task')}</th><th scope="col">{t('reports.table.lead')}</th><th scope="col">{t('reports.table.due')}</th><th scope="col" className="right">{t('reports.table.taskProgress')}</th><th scope="col">{t('reports.table.light')}</th></tr></thead>
        <tbody>{of.map((x) => <tr key={x.id}><th scope="row"><To href={`/tasks/${encodeURIComponent(x.id)}`}>{x.title}</To></th><td>{x.lead?.name ?? '—'}</td><td className="nowrap">{x.due ?? '—'}</td><td className="right">{x.progress === null ? '—' : `${number(x.progress)}%`}</td><td><LightMark light={x.light} title={say(x.lightRule.title, lang)} /></td></tr>)}</tbody>
      </table>
    </Table>
  );
}
function Sources({ of }: { of: Indicator[] }) {
  const { t } = useTranslation();
  const found = new Map<string, Map<string, { id: string | null; n: number }>>();
  for (const f of of.flatMap((i) => [...i.series, ...i.peers, ...[i.target, i.baseline, i.actual].flatMap((x) => x ?? [])])) {
    if (!f.source.document) continue;
    const sections = found.get(f.source.document) ?? new Map();
    const key = f.source.sectionNumber ?? '';
    sections.set(key, { id: f.source.section, n: (sections.get(key)?.n ?? 0) + 1 });
    found.set(f.source.document, sections);
  }
  return <ol className="sources">{[...found].map(([document, sections]) => <li key={document}>{document}<div className="note">{[...sections].map(([n, s]) => <span key={n}>{n ? (s.id ? <To href={entityHref(s.id)}>{t('reports.section', { n })}</To> : t('reports.section', { n })) : ''} {t('reports.figuresN', { n: s.n })}　</span>)}</div></li>)}</ol>;
}

function SectionEdit({ of, path, close }: { of: Section; path: string; close: () => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(of.narrative || of.generated);
  const save = useVerb((narrative: string) => put<Data>(path, { narrative }), () => {
    toast.ok(t('reports.saved'));
    close();
  });
  return (
    <form className="section-edit" data-testid="section-edit" onSubmit={(e) => { e.preventDefault(); save.mutate(text === of.generated ? '' : text); }}>
      <label><span>{t('reports.narrative')}</span><textarea className="input" rows={Math.min(18, Math.max(6, text.split('\n').length + 3))} maxLength={20_000} value={text} onChange={(e) => setText(e.target.value)} autoFocus data-testid="narrative" /><small className="note">{t('reports.chars', { n: [...text].length })}</small></label>
      <div className="generated"><span className="note">{t('reports.generated')}</span>{of.generated.split('\n').filter(Boolean).map((p, i) => <p key={i}>{p}</p>)}</div>
      {save.error && <ErrorBox error={save.error} />}
      <div className="row"><button type="submit" className="btn primary" disabled={save.isPending} data-testid="narrative-save">{t('reports.save')}</button><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button>{of.narrative && <button type="button" className="link" onClick={() => save.mutate('')} data-testid="narrative-reset">{t('reports.useGenerated')}</button>}</div>
    </form>
  );
}

function Ask({ verb, busy, error, close, go }: { verb: Verb; busy: boolean; error: unknown; close: () => void; go: (note: string) => void }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const missing = verb === 'return' && !note.trim();
  return (
    <dialog ref={dialog} className="ask" aria-labelledby="ask-title" onClose={close} data-testid="ask">
      <form className="form" onSubmit={(e) => { e.preventDefault(); setTried(true); if (!missing) go(note); }}>
        <h2 id="ask-title">{t(`reports.act.${verb}`)}</h2>
        <p>{t(`reports.ask.${verb}`)}</p>
        <label><span>{t('reports.note')}</span><textarea className="input" rows={3} maxLength={2000} value={note} onChange={(e) => setNote(e.target.value)} aria-invalid={tried && missing} data-testid="ask-note" />{tried && missing && <span className="field-error" role="alert">{t('reports.noteNeed')}</span>}</label>
        {error ? <ErrorBox error={error} /> : null}
        <div className="row">{busy && verb === 'publish' && <span className="note" role="status">{t('reports.publishing')}</span>}<button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="submit" className="btn primary" disabled={busy} data-testid="ask-ok">{t(`reports.act.${verb}`)}</button></div>
      </form>
    </dialog>
  );
}
