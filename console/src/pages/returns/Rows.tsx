// The rows of a return: to read and decide on, and to edit. What is wrong stands in the very cell it is about.
import { CloseCircleOutlined, DeleteOutlined, ExclamationCircleOutlined, LoadingOutlined, PlusOutlined } from '@ant-design/icons';
import { type ClipboardEvent, useEffect, useRef, useState } from 'react';
import { useApi } from '~/api/client';
import type { AsOfInfo, Figure, Finding, Indicator, ReturnRow } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/returns';
import { useLang } from '~/state/prefs';
import { FigureNum, Mark, Num, RecordTag } from '~/ui/Bits';
import { number, unit as unitWord } from '~/ui/format';
import { ErrorBox } from '~/ui/State';
import { indicatorHref, To } from '~/ui/To';
import { blankRow, type Checked, cellsOf, check, countOf, type Draft, type Field, fields, fillable, parseValue, pasteAt, sums, tidy, type Total } from './model';
import './returns.css';
import './shared.css';

texts('returns', words);

export const useIndicators = () => useApi<{ asOf: AsOfInfo; indicators: Indicator[] }>('/api/indicators', undefined, { staleTime: 300_000 });

export function Findings({ of }: { of: Finding[] }) {
  const { t } = useTranslation();
  const lang = useLang();
  if (of.length === 0) return null;
  return (
    <ul className="findings">
      {of.map((f, i) => <li key={i} className={f.severity} data-testid={`finding-${f.code}`}>{f.severity === 'error' ? <CloseCircleOutlined /> : <ExclamationCircleOutlined />} <span><b>{t(`returns.severity.${f.severity}`)}</b> {say(f.message, lang)}</span></li>)}
    </ul>
  );
}
export function Verdict({ checked, checking }: { checked: Checked | null; checking: boolean }) {
  const { t } = useTranslation();
  if (checking || !checked) return <span className="note" role="status"><LoadingOutlined /> {t('returns.checking')}</span>;
  const [errors, warnings] = [countOf(checked, 'error'), countOf(checked, 'warning')];
  return (
    <span role="status" data-testid="verdict" data-errors={errors} data-warnings={warnings}>
      {errors > 0 && <Mark tone="bad" icon={<CloseCircleOutlined />}>{t('returns.errors', { n: errors })}</Mark>} {warnings > 0 && <Mark tone="near" icon={<ExclamationCircleOutlined />}>{t('returns.warnings', { n: warnings })}</Mark>}
      {errors + warnings === 0 && <Mark tone="good">{t('returns.clean')}</Mark>}
    </span>
  );
}

/** Asks the server about the rows a moment after the last change. */
export function useCheck(rows: Draft[], organisation: string, period: string, given: Checked | null = null) {
  const [checked, setChecked] = useState<Checked | null>(given);
  const [checking, setChecking] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const skip = useRef(given !== null);
  useEffect(() => {
    if (skip.current) { skip.current = false; return; }
    if (rows.length === 0) { setChecked(null); setChecking(false); return; }
    setChecking(true);
    let stale = false;
    const timer = setTimeout(() => {
      check(rows, organisation, period).then((c) => { if (!stale) { setChecked(c); setError(null); } }, (e) => { if (!stale) setError(e); }).finally(() => { if (!stale) setChecking(false); });
    }, 350);
    return () => { stale = true; clearTimeout(timer); };
  }, [rows, organisation, period]);
  return { checked, checking, error };
}

type Conflicting = { row: number; title: string; value: number | null; unit: string; figures: Figure[] };
export function Conflicts({ of }: { of: Conflicting[] }) {
  const { t } = useTranslation();
  const list = of.filter((c) => c.figures.length > 0);
  if (list.length === 0) return null;
  return (
    <section className="panel return-conflicts" data-testid="return-conflicts">
      <h2><Mark tone="clash">{list.length}</Mark> {t('returns.conflicts')}</h2>
      <p className="note">{t('returns.conflictsNote')}</p>
      <ul>{list.map((c) => (
        <li key={c.row}>
          <p><strong>{c.title}</strong> <span className="note">{t('returns.row')} {c.row}</span></p>
          <p>{t('returns.here')} <b>{c.value === null ? '—' : <Num value={c.value} unit={c.unit} />}</b></p>
          {c.figures.map((f) => (
            <p key={f.ref}><b><FigureNum figure={f} /></b> <span className="note">{f.period.text} · {f.source.document}</span> {f.seq !== null && <RecordTag seq={f.seq} />}{f.source.sentence && <q>{f.source.sentence}</q>}</p>
          ))}
        </li>
      ))}</ul>
    </section>
  );
}

export function Totals({ of, titles, word }: { of: Total[]; titles: (id: string) => string; word: string }) {
  const { t } = useTranslation();
  const lang = useLang();
  return (
    <div className="totals panel" data-testid="totals">
      <h2>{word}</h2>
      {of.length === 0 ? <p className="note">{t('returns.noTotal')}</p> : (
        <dl>{of.map((x) => <div key={`${x.indicator} ${x.unit}`} data-testid={`total-${x.indicator}`}><dt>{titles(x.indicator)}</dt><dd><b>{number(tidy(x.accepted))}</b> {unitWord(x.unit, lang)}<small className="note"> {t('returns.totalRows', { n: x.rows })}</small></dd></div>)}</dl>
      )}
    </div>
  );
}

export type Decision = { decision: 'accepted' | 'refused'; reason: string };
const inCell = (f: Finding, cell: 'what' | 'value' | 'source' | 'note') =>
  cell === ({ value: 'value', unit: 'value', kind: 'value', sourceDocument: 'source', sourceSentence: 'source', note: 'note' } as Record<string, string>)[f.field ?? ''] || (cell === 'what' && !['value', 'unit', 'kind', 'sourceDocument', 'sourceSentence', 'note'].includes(f.field ?? ''));

/** Rows to read; with `decide` each is accepted or refused. */
export function RowsView({ rows, decisions, decide, tried }: { rows: ReturnRow[]; decisions?: Record<number, Decision>; decide?: (row: number, next: Decision) => void; tried?: boolean }) {
  const { t } = useTranslation();
  const lang = useLang();
  const { data } = useIndicators();
  const title = (r: ReturnRow) => { const i = data?.indicators.find((x) => x.id === r.indicator); return i ? say(i.title, lang) : r.indicatorTitle || r.indicator; };
  const definition = (r: ReturnRow) => { const d = data?.indicators.find((x) => x.id === r.indicator)?.definitions.find((x) => x.id === r.definition); return d ? say(d.title, lang) : r.definition; };
  const deciding = decide !== undefined;
  const show = deciding || rows.some((r) => r.decision !== null);
  return (
    <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('returns.rows')}>
      <table className="list rows-view" data-testid="rows">
        <thead><tr><th scope="col">{t('returns.row')}</th><th scope="col">{t('returns.field.indicator')}</th><th scope="col" className="right">{t('returns.field.value')}</th><th scope="col">{t('returns.source')}</th><th scope="col">{t('returns.field.note')}</th>{show && <th scope="col">{t('returns.decision')}</th>}</tr></thead>
        <tbody>
          {rows.map((r) => {
            const d = decisions?.[r.row];
            const refused = deciding ? d?.decision === 'refused' : r.decision === 'refused';
            return (
              <tr key={r.row} data-testid="return-row" data-row={r.row} className={refused ? 'refused' : ''}>
                <td className="note">{r.row}</td>
                <th scope="row"><To href={indicatorHref(r.indicator)}>{title(r)}</To><div className="note">{[r.subject, r.period, definition(r)].filter(Boolean).join(' · ')}</div><Findings of={r.findings.filter((f) => inCell(f, 'what'))} /></th>
                <td className="right wrap"><b>{r.value === null ? '—' : <Num value={r.value} unit={r.unit} />}</b> {r.kind === 'estimate' && <Mark tone="near">{t('common.estimate')}</Mark>}<Findings of={r.findings.filter((f) => inCell(f, 'value'))} /></td>
                <td className="wide-cell" data-label={t('returns.source')}>{r.sourceDocument || '—'}{r.sourceSentence && <q>{r.sourceSentence}</q>}<Findings of={r.findings.filter((f) => inCell(f, 'source'))} /></td>
                <td className="wide-cell" data-label={t('returns.field.note')}>{r.note || '—'}<Findings of={r.findings.filter((f) => inCell(f, 'note'))} /></td>
                {show && (
                  <td className="decide-cell">
                    {deciding && d ? (
                      <>
                        <div className="seg" role="group" aria-label={`${t('returns.decision')} ${r.row}`}>
                          {(['accepted', 'refused'] as const).map((v) => <button key={v} type="button" aria-pressed={d.decision === v} className={v} onClick={() => decide(r.row, { ...d, decision: v })} data-testid={v === 'accepted' ? 'row-accept' : 'row-refuse'}>{t(v === 'accepted' ? 'returns.accept' : 'returns.refuse')}</button>)}
                        </div>
                        {d.decision === 'refused' && <><input className="input" value={d.reason} onChange={(e) => decide(r.row, { ...d, reason: e.target.value })} placeholder={t('returns.reason')} aria-label={`${t('returns.reason')} ${r.row}`} aria-invalid={tried && !d.reason.trim()} data-testid="row-reason" />
                          {tried && !d.reason.trim() && <span className="field-error" role="alert">{t('returns.reasonNeeded')}</span>}</>}
                      </>
                    ) : <>{r.decision ? <Mark tone={r.decision === 'accepted' ? 'good' : 'bad'}>{t(`returns.${r.decision}`)}</Mark> : <Mark>{t('returns.undecided')}</Mark>}{r.decisionReason && <div className="note">{r.decisionReason}</div>}</>}
                  </td>
                )}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

const widths: Record<Field, number> = { indicator: 200, subject: 84, period: 84, definition: 124, value: 130, unit: 72, kind: 76, sourceDocument: 150, sourceSentence: 170, note: 140 };

/** Rows as a sheet: every cell can be typed in, a range of Excel can be pasted anywhere. */
export function RowsEditor({ rows, change, checked, period }: { rows: Draft[]; change: (rows: Draft[]) => void; checked: Checked | null; period: string }) {
  const { t } = useTranslation();
  const { data } = useIndicators();
  const set = (i: number, f: Field, v: string) => change(rows.map((r, j) => (j === i ? filled({ ...r, [f]: v }, f, data?.indicators) : r)));
  const paste = (e: ClipboardEvent) => {
    const cell = (e.target as HTMLElement).closest<HTMLElement>('[data-cell]')?.dataset.cell;
    const text = e.clipboardData.getData('text/plain');
    if (!cell || !/[\t\n]./.test(text.trim())) return;
    e.preventDefault();
    const [row = 0, column = 0] = cell.split(',').map(Number);
    change(pasteAt(rows, cellsOf(text), row, column, period));
  };
  return (
    <>
      <div className="scroll cards-on-phone sheet" onPaste={paste} tabIndex={0} role="region" aria-label={t('returns.rows')} data-testid="rows-editor">
        <table className="list">
          <thead><tr><th scope="col" style={{ width: 46 }}>{t('returns.row')}</th>{fields.map((f) => <th key={f} scope="col" style={{ width: widths[f] }}>{t(`returns.field.${f}`)}</th>)}<th scope="col" style={{ width: 40 }}><span className="sr">{t('common.more')}</span></th></tr></thead>
          <tbody>
            {rows.map((r, i) => (
              <tr key={i} data-testid="edit-row">
                <td className="note">{i + 2}<Findings of={(checked?.cells[i] ?? []).filter((f) => f.field === null)} /></td>
                {fields.map((f, j) => <td key={f} data-cell={`${i},${j}`} data-label={t(`returns.field.${f}`)}><Cell row={r} i={i} field={f} set={(v) => set(i, f, v)} indicators={data?.indicators} findings={(checked?.cells[i] ?? []).filter((x) => x.field === f)} /></td>)}
                <td><button type="button" className="icon-btn" onClick={() => change(rows.filter((_, k) => k !== i))} aria-label={t('returns.removeRow', { n: i + 2 })} data-testid="row-remove"><DeleteOutlined /></button></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="row under-sheet"><button type="button" className="btn small" onClick={() => change([...rows, blankRow(period)])} data-testid="row-add"><PlusOutlined /> {t('returns.addRow')}</button><span className="note">{t('returns.pasteHint')}</span></p>
    </>
  );
}

/** What follows from the indicator is filled in. */
export function filled(row: Draft, changed: Field, indicators: Indicator[] | undefined): Draft {
  const of = changed === 'indicator' ? indicators?.find((i) => i.id === row.indicator) : undefined;
  return of ? { ...row, unit: of.unit, subject: row.subject || of.subject, definition: of.definitions.find((d) => d.chosen)?.id ?? '' } : row;
}

export function Cell({ row, i, field, set, indicators, findings, big }: { row: Draft; i: number; field: Field; set: (v: string) => void; indicators: Indicator[] | undefined; findings: Finding[]; big?: boolean }) {
  const { t } = useTranslation();
  const lang = useLang();
  const of = indicators?.find((x) => x.id === row.indicator);
  const common = {
    className: 'input', value: row[field], 'aria-label': big ? undefined : `${t(`returns.field.${field}`)} ${i + 2}`, 'aria-invalid': findings.some((f) => f.severity === 'error'), 'data-testid': `cell-${field}`,
    onChange: (e: { target: { value: string } }) => set(e.target.value),
  };
  const known = field === 'definition' && of && (of.definitions.length === 0 || of.definitions.some((d) => d.id === row.definition) || !row.definition);
  return (
    <>
      {field === 'indicator' ? (
        <select {...common}><option value="">{t('returns.choose')}</option>{row.indicator && !of && <option value={row.indicator}>{row.indicator}</option>}{fillable(indicators ?? []).map((x) => <option key={x.id} value={x.id}>{say(x.title, lang)}</option>)}</select>
      ) : field === 'kind' ? <select {...common}>{(['actual', 'estimate'] as const).map((k) => <option key={k} value={k}>{t(`returns.kinds.${k}`)}</option>)}</select>
        : known ? <select {...common}><option value="">{t('returns.noDefinition')}</option>{of.definitions.map((d) => <option key={d.id} value={d.id}>{say(d.title, lang)}</option>)}</select>
          : big && (field === 'sourceSentence' || field === 'note') ? <textarea {...common} rows={2} placeholder={t(field === 'note' ? 'returns.noteHint' : 'returns.sentenceHint')} />
            : <input {...common} inputMode={field === 'value' ? 'decimal' : undefined} {...(field === 'value' ? { style: { textAlign: 'right' as const } } : {})} {...(big && field === 'sourceDocument' ? { placeholder: t('returns.docHint') } : {})} />}
      <Findings of={findings} />
    </>
  );
}

/** One figure as a form. */
export function OneForm({ row, change, checked, tried }: { row: Draft; change: (row: Draft) => void; checked: Checked | null; tried: boolean }) {
  const { t } = useTranslation();
  const lang = useLang();
  const { data } = useIndicators();
  const of = data?.indicators.find((i) => i.id === row.indicator);
  // Before anything was tried only what was typed is judged.
  const findings = (f: Field) => (checked?.cells[0] ?? []).filter((x) => (x.field === f || (f === 'indicator' && x.field === null)) && (tried || row[f].trim() !== ''));
  const field = (f: Field, after?: string) => (
    <label className={`one-${f}`}><span>{t(`returns.field.${f}`)}{after && <b>　{after}</b>}</span><Cell big row={row} i={0} field={f} set={(v) => change(filled({ ...row, [f]: v }, f, data?.indicators))} indicators={data?.indicators} findings={findings(f)} /></label>
  );
  return (
    <div className="form one-form" data-testid="one-form">
      {field('indicator')}
      {of && <p className="note">{say(of.question, lang)}{of.target && <>　{t('common.kind.target')} <FigureNum figure={of.target} /></>}</p>}
      <div className="fields">{field('value', unitWord(row.unit, lang))}{field('kind')}{(of?.definitions.length ?? 0) > 0 && field('definition')}</div>
      {field('sourceDocument')}{field('sourceSentence')}{field('note')}
    </div>
  );
}

export function useTitles() {
  const lang = useLang();
  const { data } = useIndicators();
  return (id: string) => { const i = data?.indicators.find((x) => x.id === id); return i ? say(i.title, lang) : id; };
}
export const draftSums = (rows: Draft[], checked: Checked | null) =>
  sums(rows.map((d, i) => ({ indicator: d.indicator, unit: d.unit, value: parseValue(d.value), counts: parseValue(d.value) !== null && !(checked?.cells[i] ?? []).some((f) => f.severity === 'error') })));
export const draftConflicts = (rows: Draft[], checked: Checked | null, title: (id: string) => string) =>
  rows.map((d, i) => ({ row: i + 2, title: title(d.indicator), value: parseValue(d.value), unit: d.unit, figures: checked?.conflicts[i] ?? [] }));
export const CheckError = ({ error }: { error: unknown }) => (error ? <ErrorBox error={error} /> : null);
