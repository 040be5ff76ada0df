// A new return: for whom and when, then a table by file or from the clipboard, or one figure by form. Nothing is kept before it is saved.
import { DownloadOutlined, InboxOutlined, LoadingOutlined } from '@ant-design/icons';
import { useEffect, useRef, useState } from 'react';
import { ApiError, client, download, post as send, put, upload } from '~/api/client';
import type { DataReturn } from '~/api/types';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/returns';
import { useMyPost } from '~/state/session';
import { useGo, useQueryState } from '~/state/url';
import { Mark } from '~/ui/Bits';
import { ErrorBox } from '~/ui/State';
import { toast } from '~/ui/toast';
import { badValue, blankRow, type Checked, cellsOf, countOf, type Draft, fromTable, type Preview, readPreview, told, toDraft, toRow } from './model';
import { CheckError, Conflicts, draftConflicts, draftSums, Findings, OneForm, RowsEditor, Totals, useCheck, useTitles, Verdict } from './Rows';
import { WhoCan } from './shared';
import './returns.css';

texts('returns', words);

type Way = 'file' | 'paste' | 'one';
type Table = { rows: Draft[]; given: Checked | null; file: File | null; from: number };
const KEEP = 'nacre.return.new';

export default function New() {
  const { t } = useTranslation();
  const mine = useMyPost();
  const may = mine?.verbs.includes('return.create') ?? false;
  const now = new Date();
  const [year, setYear] = useState(String(now.getFullYear() - 1));
  const [part, setPart] = useState('');
  const period = year + part;
  const [wayText, setWay] = useQueryState('way', 'file');
  const way = wayText as Way;
  const [table, setTable] = useState<Table | null>(null);
  const [restored, setRestored] = useState(false);
  useEffect(() => {
    try {
      const before = JSON.parse(localStorage.getItem(KEEP) ?? 'null') as { organisation: string; rows: Draft[]; way: Way; period: string } | null;
      if (before && before.organisation === mine?.organisation && before.rows.some(told)) {
        setYear(before.period.slice(0, 4));
        setPart(before.period.slice(4));
        setWay(before.way === 'one' ? 'one' : 'paste');
        setTable({ rows: before.rows, given: null, file: null, from: 0 });
        setRestored(true);
      }
    } catch {
      /* nothing kept */
    }
  }, [mine?.organisation]);
  if (!mine || !may) return <section className="panel new-return"><h2>{t('returns.newTitle')}</h2><WhoCan verb="return.create" what={t('returns.who.create')} /></section>;
  const one = way === 'one';
  const shown = table ?? (one ? { rows: [blankRow(period)], given: null, file: null, from: 0 } : null);
  const save = (format: 'csv' | 'xlsx') => void download('/api/returns/template', { organisation: mine.organisation, period, format }, `${period}.${format}`).catch(toast.error);
  return (
    <section className="panel new-return" aria-label={t('returns.newTitle')} data-testid="new-return">
      <h2>{t('returns.newTitle')}</h2>
      <div className="new-head">
        <div><span className="note">{t('returns.organisation')}</span><strong>{mine.organisationName}</strong> <small className="note">{t('returns.fromPost')}</small></div>
        <label><span className="note">{t('returns.year')}</span><select className="input" value={year} onChange={(e) => setYear(e.target.value)} data-testid="period-year">{Array.from({ length: now.getFullYear() - 2018 }, (_, n) => String(now.getFullYear() - n)).map((y) => <option key={y}>{y}</option>)}</select></label>
        <label><span className="note">{t('returns.part')}</span><select className="input" value={part} onChange={(e) => setPart(e.target.value)} data-testid="period-part"><option value="">{t('returns.whole')}</option>{[1, 2, 3, 4].map((q) => <option key={q} value={`-Q${q}`}>{t('returns.quarter', { n: q })}</option>)}{Array.from({ length: 12 }, (_, m) => m + 1).map((m) => <option key={m} value={`-${String(m).padStart(2, '0')}`}>{t('returns.month', { n: m })}</option>)}</select></label>
        <div className="seg" role="group" aria-label={t('returns.way')}>{(['file', 'paste', 'one'] as const).map((w) => <button key={w} type="button" aria-pressed={way === w} onClick={() => { setWay(w === 'file' ? null : w); setTable(null); }} data-testid={`way-${w}`}>{t(`returns.ways.${w}`)}</button>)}</div>
      </div>
      {restored && table && <p className="row note">{t('returns.restored')} <button type="button" className="link" onClick={() => { localStorage.removeItem(KEEP); setTable(null); setRestored(false); }}>{t('returns.drop_draft')}</button></p>}
      {way === 'file' && (
        <p className="row"><button type="button" className="btn small" onClick={() => save('xlsx')} data-testid="template-xlsx"><DownloadOutlined /> {t('returns.template')} XLSX</button><button type="button" className="btn small" onClick={() => save('csv')} data-testid="template-csv">CSV</button><span className="note">{t('returns.templateNote')}</span></p>
      )}
      {way === 'file' && !table && <Drop organisation={mine.organisation} period={period} read={(next) => setTable(next)} />}
      {way === 'paste' && !table && <Paste period={period} read={(rows) => setTable({ rows, given: null, file: null, from: 0 })} />}
      {shown && <Fill key={`${way} ${period} ${shown.from}`} one={one} table={shown} organisation={mine.organisation} period={period} again={one ? null : () => setTable(null)} />}
    </section>
  );
}

function Drop({ organisation, period, read }: { organisation: string; period: string; read: (table: Table) => void }) {
  const { t } = useTranslation();
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [refused, setRefused] = useState<Preview | null>(null);
  const input = useRef<HTMLInputElement>(null);
  const take = (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    setError(null);
    setRefused(null);
    upload<Preview>('/api/returns/preview', file, { organisation, period, fileName: file.name })
      .then((answer) => {
        if (answer.rows.length === 0) { setRefused(answer); return; }
        // Rows keep their order; what was said of a line of the sheet goes with its row.
        const at = new Map(answer.rows.map((r, i) => [r.row, i + 2]));
        const moved = { ...answer, rows: answer.rows.map((r) => ({ ...r, row: at.get(r.row) ?? r.row })), findings: answer.findings.map((f) => ({ ...f, row: f.row === null ? null : (at.get(f.row) ?? f.row) })) };
        // What was typed and is no number is kept as it was typed.
        const typed = (row: number) => moved.findings.find((f) => f.code === 'bad_number' && f.row === row)?.message.zh.match(/“(.*)”/)?.[1];
        read({ rows: answer.rows.map((r, i) => ({ ...toDraft(r), ...(typed(i + 2) ? { value: typed(i + 2) as string } : {}) })), given: readPreview(moved, answer.rows.length), file, from: Date.now() });
      })
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <>
      <button type="button" className={over ? 'drop over' : 'drop'} onClick={() => input.current?.click()} onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
        onDrop={(e) => { e.preventDefault(); setOver(false); take(e.dataTransfer.files[0]); }} disabled={busy} data-testid="drop">
        {busy ? <LoadingOutlined /> : <InboxOutlined />}<strong>{busy ? t('returns.reading') : t('returns.drop')}</strong><small className="note">{t('returns.dropNote')}</small>
      </button>
      <input ref={input} type="file" accept=".csv,.xlsx,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" hidden onChange={(e) => { take(e.target.files?.[0]); e.target.value = ''; }} data-testid="file-input" />
      {refused && <div data-testid="table-findings"><h3>{t('returns.tableFindings')}</h3><Findings of={refused.findings} /></div>}
      {error !== null && <ErrorBox error={error} />}
    </>
  );
}

function Paste({ period, read }: { period: string; read: (rows: Draft[]) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const [bad, setBad] = useState(false);
  const take = (from: string) => {
    const rows = fromTable(cellsOf(from), period);
    setBad(rows.length === 0);
    if (rows.length) read(rows);
  };
  return (
    <div className="form">
      <label><span>{t('returns.pasteHere')}</span><textarea className="input mono" rows={6} value={text} onChange={(e) => setText(e.target.value)} onPaste={(e) => { const got = e.clipboardData.getData('text/plain'); if (fromTable(cellsOf(got), period).length) { e.preventDefault(); take(got); } }} data-testid="paste-area" /></label>
      {bad && <p className="field-error" role="alert">{t('returns.pasteBad')}</p>}
      <div><button type="button" className="btn" disabled={!text.trim()} onClick={() => take(text)} data-testid="paste-read">{t('returns.pasteRead')}</button></div>
    </div>
  );
}

function Fill({ table, one, organisation, period, again }: { table: Table; one: boolean; organisation: string; period: string; again: (() => void) | null }) {
  const { t } = useTranslation();
  const go = useGo();
  const title = useTitles();
  const [rows, setRows] = useState(table.rows);
  const [edited, setEdited] = useState(false);
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { checked, checking, error: checkError } = useCheck(rows, organisation, period, table.given);
  const change = (next: Draft[]) => {
    setRows(next);
    setEdited(true);
    try {
      localStorage.setItem(KEEP, JSON.stringify({ organisation, period, way: one ? 'one' : 'paste', rows: next }));
    } catch {
      /* it is kept on the page */
    }
  };
  const errors = countOf(checked, 'error');
  const save = async (submit: boolean) => {
    setTried(true);
    const bad = rows.findIndex(badValue);
    if (bad >= 0) { toast.error(new ApiError(422, 'bad_number', '', t('returns.notNumber', { n: bad + 2 }))); return; }
    const kept = rows.filter(told);
    if (kept.length === 0) { toast.error(new ApiError(422, 'return_empty', '', t('returns.noRows'))); return; }
    if (submit && (errors > 0 || checking)) return;
    setBusy(true);
    setError(null);
    try {
      const json = { organisation, period, rows: kept.map(toRow) };
      // The file itself is sent, so that its digest is kept; what was changed afterwards is a record of its own.
      const asFile = table.file !== null && !table.given?.table.some((f) => f.severity === 'error') && !table.given?.cells.flat().some((f) => f.code === 'bad_number' || f.code === 'bad_kind');
      let made = asFile && table.file ? await upload<DataReturn>('/api/returns', table.file, { organisation, period, fileName: table.file.name })
        : await send<DataReturn>('/api/returns', json, table.file ? { fileName: table.file.name } : undefined);
      if (asFile && edited) made = await put<DataReturn>(`/api/returns/${made.id}/rows`, { rows: kept.map(toRow) });
      localStorage.removeItem(KEEP);
      if (submit) await send(`/api/returns/${made.id}/submit`, {});
      toast.ok(t(submit ? 'returns.submitted' : 'returns.saved'));
      void client.invalidateQueries({ queryKey: ['api'] });
      go(`/returns/${made.id}`);
    } catch (e) {
      setError(e);
    } finally {
      setBusy(false);
    }
  };
  const conflicts = draftConflicts(rows, checked, title);
  return (
    <div className="fill" data-testid="fill">
      {table.file && <p className="row"><Mark tone="accent">{table.file.name}</Mark>{again && <button type="button" className="link" onClick={again}>{t('returns.again')}</button>}<span className="note">{t('returns.n', { n: rows.length })}</span> <Verdict checked={checked} checking={checking} /></p>}
      {!table.file && !one && <p className="row"><span className="note">{t('returns.n', { n: rows.length })}</span> <Verdict checked={checked} checking={checking} /></p>}
      {checked && checked.table.length > 0 && <div data-testid="table-findings"><Findings of={checked.table} /></div>}
      {one ? <OneForm row={rows[0] ?? blankRow(period)} change={(r) => change([r])} checked={checked} tried={tried} /> : <RowsEditor rows={rows} change={change} checked={checked} period={period} />}
      <div className="fill-foot">
        {!one && <Totals of={draftSums(rows, checked)} titles={title} word={t('returns.totalIf')} />}
        <Conflicts of={conflicts} />
      </div>
      <CheckError error={checkError} />
      {error !== null && <ErrorBox error={error} />}
      <div className="row save-bar">
        <button type="button" className="btn primary" disabled={busy} onClick={() => void save(false)} data-testid="save-draft">{t('returns.save')}</button>
        <button type="button" className="btn" disabled={busy || checking} onClick={() => void save(true)} data-testid="save-submit">{t('returns.saveSubmit')}</button>
        {errors > 0 && (!one || tried) && <span className="note" data-testid="blocked">{t('returns.submitBlocked')}</span>}
      </div>
    </div>
  );
}
