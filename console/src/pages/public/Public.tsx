import { CopyOutlined, DownloadOutlined, SafetyCertificateOutlined } from '@ant-design/icons';
import { useEffect, useState } from 'react';
import { ApiError, get, post, useApi, useVerb } from '~/api/client';
import type { AsOfInfo, Comment, Figure, Indicator, ReportHead } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/public';
import { useLang } from '~/state/prefs';
import { useGo, useQueryState } from '~/state/url';
import { Code, FigureNum, LightMark, Mark, RecordTag, StatusMark } from '~/ui/Bits';
import { date, moment } from '~/ui/format';
import { PathChart } from '~/ui/PathChart';
import { Empty, ErrorBox, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { Citizens } from './Citizens';
import './public.css';

texts('public', words);

type Board = { asOf: AsOfInfo; indicators: Indicator[]; reports: ReportHead[]; tasks: { green: number; yellow: number; red: number; total: number }; licence: string };
const statuses = ['achieved', 'near', 'behind', 'no-data', 'conflict'] as const;

export default function Public() {
  const { t } = useTranslation();
  const lang = useLang();
  const query = useApi<Board>('/api/public/board');
  useEffect(() => {
    document.title = `${t('public.title')} · ${t('common.product')}`;
  }, [t]);
  return (
    <div className="pub-page" data-testid="public">
      <header className="pub-lead"><h1>{t('public.title')}</h1><p>{t('public.lead')}</p></header>
      <Citizens />
      <Read query={query} skeleton={<Skeleton rows={8} height={90} />}>
        {(board) => (
          <>
            <p className="pub-asof note" data-testid="public-as-of">{t('public.asOf', { at: moment(board.asOf.at, lang) })} <RecordTag seq={board.asOf.seq} /></p>
            <section id="goals" className="pub-section">
              <h2>{t('public.counts', { n: board.indicators.length })}</h2>
              <ul className="pub-counts" data-testid="public-counts">{statuses.map((s) => { const n = board.indicators.filter((i) => i.status === s).length; return n > 0 && <li key={s}><b>{n}</b> <StatusMark status={s} /></li>; })}</ul>
              <ul className="pub-goals">{board.indicators.map((i) => <Goal key={i.id} of={i} />)}</ul>
              <p className="pub-tasks"><strong>{t('public.tasks', { n: board.tasks.total })}</strong> {(['green', 'yellow', 'red'] as const).map((l) => <span key={l}><LightMark light={l} /> <b>{board.tasks[l]}</b></span>)}</p>
            </section>
            <section id="reports" className="pub-section">
              <h2>{t('public.reports')}</h2>
              {board.reports.length === 0 ? <p className="note">{t('public.noReports')}</p> : (
                <ul className="pub-reports">{board.reports.map((r) => {
                  const at = [...r.steps].reverse().find((s) => s.verb === 'publish');
                  return (
                    <li key={r.id} className="panel" data-testid="public-report">
                      <strong>{r.title}</strong>
                      <p className="note">{t('public.version', { n: r.version })}{at && ` · ${t('public.publishedAt', { at: date(at.at, lang) })}`} · {t('public.code')} <Code>{r.code}</Code></p>
                      <p className="row">{(['pdf', 'docx', 'html'] as const).map((f) => <a key={f} className="btn small" href={`/api/reports/${r.id}/report.${f}`} target={f === 'docx' ? undefined : '_blank'} rel="noreferrer"><DownloadOutlined /> {t(`public.format.${f}`)}</a>)}<a className="btn small" href={`/api/reports/${r.id}/bundle.json`}>{t('public.format.bundle')}</a><To className="btn small" href={`/public/verify/${r.code}`} data-testid="report-verify"><SafetyCertificateOutlined /> {t('public.verifyThis')}</To></p>
                    </li>
                  );
                })}</ul>
              )}
              <VerifyForm />
            </section>
            <section id="data" className="pub-section">
              <h2>{t('public.data')}</h2>
              <p>{t('public.dataSub')} <a href={board.licence} rel="license noreferrer" target="_blank">{t('public.licence')}</a></p>
              <ul className="pub-data">{[['indicators.json', t('public.json')], ['indicators.csv', t('public.csv')], ['catalog.jsonld', t('public.dcat')]].map(([file, word]) => <li key={file}><a href={`/api/public/${file}`} data-testid={`open-${file}`}><DownloadOutlined /> {word}</a> <code>/api/public/{file}</code></li>)}</ul>
            </section>
            <section id="comments" className="pub-section">
              <h2>{t('public.comments')}</h2>
              <div className="pub-two"><Write board={board} /><Track /></div>
              <Published />
            </section>
          </>
        )}
      </Read>
    </div>
  );
}

function Goal({ of }: { of: Indicator }) {
  const { t } = useTranslation();
  const lang = useLang();
  const figures = ([['target', of.target], ['actual', of.actual], ['baseline', of.baseline]] as const).filter((x): x is readonly ['target' | 'actual' | 'baseline', Figure] => x[1] !== null);
  return (
    <li className="panel pub-goal" data-testid="public-goal" data-status={of.status}>
      <div className="pub-goal-head"><h3>{say(of.title, lang)}</h3><StatusMark status={of.status} title={say(of.statusRule.title, lang)} /></div>
      <div className="pub-goal-body">
        <dl>{figures.map(([kind, f]) => <div key={kind}><dt>{t(`public.goal.${kind}`)} <small>{f.period.text}</small></dt><dd><FigureNum figure={f} /></dd></div>)}
          {!of.actual && <div><dt>{t('public.goal.actual')}</dt><dd className="note">{t('public.goal.ask')}</dd></div>}</dl>
        {(of.path.length > 0 || of.series.some((f) => f.value !== null)) && <PathChart of={of} name={say(of.title, lang)} width={180} height={56} />}
      </div>
      {of.status === 'conflict' && <p className="note">{t('public.goal.conflict')}</p>}
      <details data-testid="public-source"><summary>{t('public.goal.open')}</summary>
        {figures.map(([kind, f]) => (
          <div key={kind} className="pub-source"><strong>{t(`public.goal.${kind}`)} <FigureNum figure={f} /></strong>{f.source.sentence && <blockquote>{f.source.sentence}</blockquote>}<p className="note">{[f.source.document, f.source.sectionNumber, f.source.note].filter(Boolean).join(' · ')} {f.seq !== null && <RecordTag seq={f.seq} />}</p>
            {f.derivation && <p className="note"><code>{f.derivation.formula}</code></p>}</div>
        ))}
        <p className="note">{t('public.goal.rule')}：{say(of.statusRule.title, lang)}</p>
        {of.caveats.map((c, i) => <p key={i} className="note">{say(c, lang)}</p>)}
      </details>
    </li>
  );
}

export function VerifyForm({ code = '' }: { code?: string }) {
  const { t } = useTranslation();
  const go = useGo();
  const [typed, setTyped] = useState(code);
  return (
    <form className="pub-inline" role="search" onSubmit={(e) => { e.preventDefault(); if (typed.trim()) go(`/public/verify/${encodeURIComponent(typed.trim().toUpperCase())}`); }}>
      <label><span>{t('public.verifyCode')}</span><input className="input mono" value={typed} maxLength={40} onChange={(e) => setTyped(e.target.value)} placeholder={t('public.verifyHint')} autoCapitalize="characters" autoComplete="off" data-testid="verify-code" /></label>
      <button type="submit" className="btn" data-testid="verify-go"><SafetyCertificateOutlined /> {t('public.verifyDo')}</button>
    </form>
  );
}

function Write({ board }: { board: Board }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [about, setAbout] = useQueryState('about');
  const [text, setText] = useState('');
  const [name, setName] = useState('');
  const [tried, setTried] = useState(false);
  const [copied, setCopied] = useState(false);
  const count = [...text.trim()].length;
  const bad = count < 4 || count > 2000;
  const send = useVerb(() => post<{ code: string; id: string; due: string }>('/api/public/comments', { about, text: text.trim(), ...(name.trim() ? { name: name.trim() } : {}) }), () => {
    setText('');
    setTried(false);
  });
  if (send.data) {
    const { code, due } = send.data;
    return (
      <div className="panel pub-got" role="status" data-testid="comment-received">
        <h3>{t('public.got')}</h3>
        <p>{t('public.gotCode')}</p>
        <p className="pub-code" data-testid="tracking-code">{code}</p>
        <p><button type="button" className="btn primary" onClick={() => void navigator.clipboard?.writeText(code).then(() => setCopied(true))} data-testid="copy-code"><CopyOutlined /> {copied ? t('public.copied') : t('public.copy')}</button></p>
        <p>{t('public.gotDue', { at: date(due, lang) })}</p><p className="note">{t('public.gotKeep')}</p>
        <button type="button" className="link" onClick={() => { send.reset(); setCopied(false); }}>{t('public.again')}</button>
      </div>
    );
  }
  return (
    <form className="panel pub-form" data-testid="comment-form" onSubmit={(e) => { e.preventDefault(); setTried(true); if (!bad) send.mutate(undefined as never); }}>
      <h3>{t('public.write')}</h3><p className="note">{t('public.writeSub')}</p>
      <label><span>{t('public.about')}</span><select className="input" value={about} onChange={(e) => setAbout(e.target.value || null)} data-testid="comment-about"><option value="">{t('public.whole')}</option>{board.indicators.map((i) => <option key={i.id} value={i.id}>{say(i.title, lang)}</option>)}{board.reports.map((r) => <option key={r.id} value={r.id}>{r.title} {t('public.version', { n: r.version })}</option>)}</select></label>
      <label><span>{t('public.text')}</span><textarea className="input" rows={5} value={text} onChange={(e) => setText(e.target.value)} placeholder={t('public.textHint')} aria-invalid={tried && bad} data-testid="comment-text" /><small className="note">{t('public.left', { n: count })}</small>{tried && bad && <span className="field-error" role="alert">{t('public.tooShort')}</span>}</label>
      <label><span>{t('public.name')}</span><input className="input" value={name} maxLength={40} onChange={(e) => setName(e.target.value)} autoComplete="off" data-testid="comment-name" /></label>
      {send.error && <ErrorBox error={send.error} />}
      <button type="submit" className="btn primary" disabled={send.isPending} data-testid="comment-send">{send.isPending ? t('public.sending') : t('public.send')}</button>
    </form>
  );
}

function Track() {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const [found, setFound] = useState<Comment | null>(null);
  const [error, setError] = useState<unknown>(null);
  const look = async () => {
    setFound(null);
    setError(null);
    try {
      setFound(await get<Comment>(`/api/public/comments/${encodeURIComponent(code.trim().toLowerCase())}`, undefined, false));
    } catch (e) {
      setError(e);
    }
  };
  return (
    <div className="panel pub-form" data-testid="track">
      <h3>{t('public.track')}</h3>
      <form className="pub-inline" onSubmit={(e) => { e.preventDefault(); if (code.trim()) void look(); }}>
        <label><span>{t('public.trackCode')}</span><input className="input mono" value={code} maxLength={40} onChange={(e) => setCode(e.target.value)} autoCapitalize="none" autoComplete="off" data-testid="track-code" /></label>
        <button type="submit" className="btn" data-testid="track-go">{t('public.trackDo')}</button>
      </form>
      {error instanceof ApiError && error.status === 404 ? <p className="field-error" role="alert" data-testid="track-none">{t('public.trackNone')}</p> : error ? <ErrorBox error={error} /> : null}
      {found && <div data-testid="track-result" data-state={found.state}><Said of={found} own /></div>}
    </div>
  );
}

function Said({ of, own }: { of: Comment; own?: boolean }) {
  const { t } = useTranslation();
  const lang = useLang();
  return (
    <article className="pub-said">
      <p className="note">{own && <Mark tone={of.state === 'received' ? 'near' : 'good'}>{t(`public.states.${of.state}`)}</Mark>} {of.aboutTitle} · {of.name}{of.at && ` · ${t('public.received', { at: date(of.at, lang) })}`}{of.state === 'received' && of.due && ` · ${of.overdue ? t('public.overdue') : t('public.due', { at: date(of.due, lang) })}`}</p>
      <p className="pub-words">{of.text}</p>
      {of.reply && <blockquote><Mark tone={of.reply.decision === 'adopted' ? 'good' : 'none'}>{t(`public.decisions.${of.reply.decision}`)}</Mark> <strong>{t('public.reply')}</strong>（{date(of.reply.at, lang)}）<p className="pub-words">{of.reply.text}</p><p className="note">{t('public.reason')}：{of.reply.reason}</p></blockquote>}
    </article>
  );
}

function Published() {
  const { t } = useTranslation();
  const query = useApi<{ comments: Comment[] }>('/api/public/comments');
  return (
    <div className="pub-published">
      <h3>{t('public.published')}</h3>
      <Read query={query} skeleton={<Skeleton rows={2} height={60} />}>{({ comments }) => comments.length === 0 ? <Empty title={t('public.noPublished')} /> : <ul>{comments.map((c) => <li key={c.id} className="panel" data-testid="public-comment"><Said of={c} /></li>)}</ul>}</Read>
    </div>
  );
}
