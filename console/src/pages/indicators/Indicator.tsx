// One indicator. The first click brings a reader here, the second opens a figure, the third its record: nobody needs a fourth to see the source.
import { useEffect, useMemo, useRef, useState } from 'react';
import { useApi } from '~/api/client';
import type { AsOfInfo, Conflict, Figure, Indicator as Data } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/indicators';
import { VerifiedTag } from '~/proof/ProofView';
import { useLang, useTheme } from '~/state/prefs';
import { useParam, useQueryState } from '~/state/url';
import { tokens } from '~/theme';
import { AsOf } from '~/ui/AsOf';
import { Actor, FigureNum, Mark, Num, StatusMark } from '~/ui/Bits';
import { Chart } from '~/ui/Chart';
import { date, moment, number, unit, year } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { Read, Skeleton } from '~/ui/State';
import { entityHref, indicatorHref, To } from '~/ui/To';
import './indicators.css';

texts('indicators', words);

export default function Indicator() {
  const { t } = useTranslation();
  const id = useParam('id');
  const query = useApi<{ asOf: AsOfInfo; indicator: Data; conflicts: Conflict[] }>(`/api/indicators/${encodeURIComponent(id)}`);
  return <Read query={query} skeleton={<Page title={t('indicators.title')}><Skeleton rows={12} height={32} /></Page>}>{(d) => <Loaded key={d.indicator.id} of={d.indicator} conflicts={d.conflicts} asOf={d.asOf} />}</Read>;
}

function unique(figures: (Figure | null)[]): Figure[] {
  const seen = new Map<string, Figure>();
  for (const f of figures) if (f && !seen.has(f.ref)) seen.set(f.ref, f);
  return [...seen.values()];
}

function Loaded({ of, conflicts, asOf }: { of: Data; conflicts: Conflict[]; asOf: AsOfInfo }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [picked] = useQueryState('figure');
  useEffect(() => {
    // The part named in the address is there only now that the data is.
    if (location.hash && !picked) void document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, []);
  const href = indicatorHref(of.id);
  const figures = unique([of.actual, of.target, of.baseline, ...of.series, ...of.peers]);
  const link = (f: Figure) => <To href={`${href}?figure=${encodeURIComponent(f.ref)}#lineage`} data-testid={`figure-${f.kind}`}><FigureNum figure={f} /></To>;
  const opened = picked || (of.actual ?? of.target ?? of.baseline)?.ref || '';
  return (
    <Page title={say(of.title, lang)} testid="indicator" crumb={<><To href="/indicators">{t('indicators.title')}</To> / <To href={`/indicators?group=${of.group}`}>{say(of.groupTitle, lang)}</To></>}
      state={of.goal ? <StatusMark status={of.status} title={say(of.statusRule.title, lang)} /> : undefined} sub={<>{say(of.question, lang)} <AsOf info={asOf} /></>}
      verbs={<nav className="page-links" aria-label={t('indicators.sections')}><a href="#lineage">{t('indicators.lineage')}</a><a href="#series">{t('indicators.series')}</a>{of.peers.length > 0 && <a href="#peers">{t('indicators.peers')}</a>}{conflicts.length > 0 && <a href="#conflicts">{t('indicators.conflicts')}</a>}</nav>}>
      <div className="ind-top">
        <div className="panel">
          <dl className="big-figures">
            <div><dt>{t('indicators.actual')} {of.actual?.period.text}</dt><dd>{of.actual ? link(of.actual) : <span className="note">{t('common.status.no-data')}</span>}</dd></div>
            <div><dt>{t('indicators.target')} {of.target?.period.text}</dt><dd>{of.target ? link(of.target) : '—'}</dd></div>
            <div><dt>{t('indicators.baseline')} {of.baseline?.period.text}</dt><dd>{of.baseline ? link(of.baseline) : '—'}</dd></div>
            <div><dt>{t('indicators.progress')}</dt><dd>{of.progress === null ? '—' : `${number(Math.round(of.progress * 100))}%`}
              {of.gap !== null && of.gap !== 0 && <small className="note"> {t('indicators.gap')} <Num value={Math.round(of.gap * 1e4) / 1e4} unit={of.unit} /></small>}</dd></div>
          </dl>
          {!of.actual && of.goal && <p className="ind-ask" data-testid="ask-whom"><span>{t('indicators.askWhom', { who: say(of.askWhom, lang) || of.lead?.name || '—' })}</span><To className="btn small" href="/returns">{t('indicators.fill')}</To></p>}
          {of.caveats.length > 0 && <div className="caveats"><strong>{t('indicators.caveats')}</strong><ul>{of.caveats.map((c, i) => <li key={i}>{say(c, lang)}</li>)}</ul></div>}
        </div>
        <div className="panel">
          <dl className="facts">
            <div><dt>{t('indicators.lead')}</dt><dd>{of.lead ? <To href={entityHref(full(of.lead.id))}>{of.lead.name}</To> : <span className="note">{say(of.askWhom, lang) || '—'}</span>}
              {of.support.length > 0 && <span className="note">　{t('indicators.support')} {of.support.map((s) => s.name).join('、')}</span>}</dd></div>
            {of.formula && <div><dt>{t('indicators.formula')}</dt><dd><code>{of.formula}</code></dd></div>}
            <div><dt>{t('indicators.rule')}</dt><dd>{say(of.statusRule.title, lang)} <span className="note">{t(`indicators.direction.${of.direction}`)}</span></dd></div>
            {of.definitions.length > 0 && <div><dt>{t('indicators.definition')}</dt><dd><ul className="defs">{of.definitions.map((d) => (
              <li key={d.id}><strong>{say(d.title, lang)}</strong> {d.chosen && <Mark tone="accent">{t('indicators.chosen')}</Mark>}
                <div className="note">{say(d.text, lang)}</div>{(d.from || d.to) && <div className="note">{t('indicators.validity', { from: d.from ?? '…', to: d.to ?? t('indicators.open') })}</div>}</li>))}</ul></dd></div>}
          </dl>
        </div>
      </div>

      {conflicts.length > 0 && (
        <Section title={t('indicators.conflicts')} id="conflicts">
          {conflicts.map((c) => (
            <To key={c.id} href={`/conflicts/${encodeURIComponent(c.id)}`} className="panel conflict-link" data-testid="conflict-link">
              {c.resolution ? <Mark tone="good">{t('indicators.settled')}</Mark> : <Mark tone="clash">{t('common.status.conflict')}</Mark>} <strong>{say(c.title, lang)}</strong> <span className="note">{say(c.explanation, lang)}</span>
            </To>
          ))}
        </Section>
      )}

      <Section title={t('indicators.lineage')} note={t('indicators.lineageSub')} id="lineage" testid="lineage">
        <div className="lineage">{figures.map((f) => <FigureNode key={f.ref} figure={f} open={f.ref === opened || (!picked && f.derivation !== null)} picked={f.ref === picked} />)}</div>
      </Section>

      <div className="two" id="series">
        <SeriesChart of={of} />
        {of.peers.length > 0 && <div id="peers"><PeerChart of={of} /></div>}
      </div>
    </Page>
  );
}
const full = (id: string) => (id.startsWith('urn:') ? id : `urn:ngsi-ld:Organization:${id}`);

/** A figure that unfolds: formula and inputs when it is derived, otherwise the sentence it stands in, and the record with its proof. */
function FigureNode({ figure: f, open, picked, name }: { figure: Figure; open: boolean; picked?: boolean; name?: string }) {
  const { t } = useTranslation();
  const box = useRef<HTMLDetailsElement>(null);
  // The body of a closed node is made when it is opened: proofs are computed for what is looked at.
  const [shown, setShown] = useState(open);
  useEffect(() => {
    if (picked) void box.current?.scrollIntoView({ block: 'center' });
  }, [picked]);
  return (
    <details ref={box} open={open} className={picked ? 'picked' : ''} onToggle={(e) => e.currentTarget.open && setShown(true)} data-testid="figure-node" data-ref={f.ref}>
      <summary>
        {name && <code>{name}</code>}{f.kind !== 'derived' && f.kind !== 'estimate' && <Mark tone={f.kind === 'target' ? 'accent' : 'none'}>{t(`common.kind.${f.kind}`)}</Mark>}<b><FigureNum figure={f} /></b>
        <span className="grow">{[f.subject, f.period.text].filter(Boolean).join(' · ')}</span>
        {f.source.sectionNumber && <span className="note">{t('indicators.section', { n: f.source.sectionNumber })}</span>}
      </summary>
      {shown && <FigureBody figure={f} />}
    </details>
  );
}

function FigureBody({ figure: f }: { figure: Figure }) {
  const { t } = useTranslation();
  const lang = useLang();
  return (
    <div className="figure-body">
      {f.derivation && (
        <>
          <p>{t('indicators.formula')}</p>
          <p className="formula" data-testid="formula">{f.derivation.formula}</p>
          <div className="inputs"><p className="note">{t('indicators.inputs')}</p>
            {f.derivation.inputs.map((input) => <FigureNode key={input.name} name={input.name} figure={input.figure} open={false} />)}</div>
        </>
      )}
      {f.source.sentence
        ? <blockquote data-testid="sentence"><Quoted text={f.source.sentence} figure={f} />
            <footer>{f.source.document}{f.source.section && <> · <To href={entityHref(f.source.section)} data-testid="section-link">{f.source.sectionNumber ? t('indicators.section', { n: f.source.sectionNumber }) : t('common.open')}</To></>}</footer></blockquote>
        : !f.derivation && <p>{f.source.document} {f.row !== null && <span className="note">{t('indicators.row', { n: f.row })}</span>} <span className="note">{t('indicators.noSentence')}</span></p>}
      <dl className="facts">
        {f.source.note && <div><dt>{t('indicators.note')}</dt><dd>{f.source.note}</dd></div>}
        <div><dt>{t('common.period')}</dt><dd>{f.period.text}{f.period.end && <span className="note">　{f.period.start ? `${date(f.period.start, lang)} – ` : ''}{date(f.period.end, lang)}</span>}</dd></div>
        {f.enteredBy && <div><dt>{t('indicators.enteredBy')}</dt><dd><Actor of={f.enteredBy} />{f.recordedAt && <span className="note">　{moment(f.recordedAt, lang)}</span>}</dd></div>}
        <div><dt>{t('indicators.record')}</dt><dd>{f.seq !== null ? <VerifiedTag seq={f.seq} /> : <span className="note">{t('indicators.noRecord')}</span>}
          {f.entity && <> <To href={entityHref(f.entity)}>{t('indicators.entity')}</To></>}</dd></div>
      </dl>
    </div>
  );
}

/** The sentence with the figure's own number marked. */
function Quoted({ text, figure }: { text: string; figure: Figure }) {
  const wanted = figure.value === null ? figure.statement : String(figure.value);
  const forms = wanted ? [wanted, figure.value === null ? '' : number(figure.value), figure.value === null ? '' : figure.value.toFixed(2), figure.value === null ? '' : figure.value.toFixed(1)].filter(Boolean) : [];
  for (const form of forms) {
    const at = text.search(new RegExp(`(?<![\\d.])${form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\d])`));
    if (at >= 0) return <>{text.slice(0, at)}<mark>{text.slice(at, at + form.length)}</mark>{text.slice(at + form.length)}</>;
  }
  return <>{text}</>;
}

function SeriesChart({ of }: { of: Data }) {
  const { t } = useTranslation();
  const lang = useLang();
  const mode = useTheme();
  const own = useMemo(() => unique([...of.series, of.actual, of.baseline]).filter((f) => f.kind !== 'target').sort((a, b) => (year(a) ?? 0) - (year(b) ?? 0)), [of]);
  const option = useMemo(() => {
    const c = tokens(mode);
    const known = own.filter((f) => f.value !== null && year(f) !== null);
    const target = of.target?.value != null ? { year: year(of.target) ?? of.path.at(-1)?.year ?? 0, value: of.target.value } : null;
    const years = [...known.map((f) => year(f) as number), ...of.path.map((p) => p.year), ...(target ? [target.year] : [])];
    const [first, last] = [Math.min(...years), Math.max(...years)];
    const axis = years.length ? Array.from({ length: last - first + 1 }, (_, n) => first + n) : [];
    const at = (y: number, firm: boolean) => known.find((f) => year(f) === y && (firm ? f.kind !== 'estimate' && !f.simulated : f.kind === 'estimate' || f.simulated))?.value ?? null;
    const way = (y: number) => of.path.find((p) => p.year === y)?.value ?? (target?.year === y ? target.value : null);
    const missing = axis.map((y) => (at(y, true) === null && at(y, false) === null && y <= new Date().getFullYear() ? way(y) ?? 0 : null));
    // The dashed line leaves from the last firm point, so that the eye sees where firm ends.
    const dashed = axis.map((y) => at(y, false));
    if (dashed.some((v) => v !== null)) {
      const start = axis.findIndex((y) => at(y, false) !== null);
      // Only from the year before: across a silence no line is drawn, solid or dashed.
      if (start > 0) dashed[start - 1] = at(axis[start - 1] as number, true);
    }
    return {
      grid: { left: 12, right: 90, top: 32, bottom: 8, containLabel: true },
      tooltip: { trigger: 'axis', valueFormatter: (v: unknown) => (typeof v === 'number' ? `${number(v)} ${unit(of.unit, lang)}` : t('common.missing')) },
      xAxis: { type: 'category', data: axis.map(String), axisTick: { show: false } },
      yAxis: { type: 'value', min: 0, name: unit(of.unit, lang), nameLocation: 'end', nameTextStyle: { align: 'left' } },
      series: [
        { name: t('indicators.targetPath'), type: 'line', data: axis.map(way), connectNulls: true, symbol: (_: unknown, p: { dataIndex: number }) => (axis[p.dataIndex] === target?.year ? 'rect' : 'none'), symbolSize: [16, 3], color: c.target, lineStyle: { width: 1 },
          endLabel: { show: true, formatter: t('indicators.target'), color: c.ink } },
        { name: t('indicators.actual'), type: 'line', data: axis.map((y) => at(y, true)), connectNulls: false, symbol: 'circle', symbolSize: 8, color: c.series1, lineStyle: { width: 2.5 }, label: { show: true, position: 'top', formatter: (p: { value: number }) => number(Math.round(p.value * 100) / 100), color: c.ink } },
        { name: t('common.estimate'), type: 'line', data: dashed, connectNulls: false, symbol: (_: unknown, p: { dataIndex: number }) => (at(axis[p.dataIndex] as number, false) === null ? 'none' : 'emptyCircle'), symbolSize: 8, color: c.series1, lineStyle: { width: 2, type: 'dashed' },
          label: { show: true, position: 'bottom', formatter: (p: { value: number; dataIndex: number }) => (at(axis[p.dataIndex] as number, false) === null ? '' : `${number(p.value)} ${t('common.estimate')}`), color: c.ink2 } },
        { name: t('common.missing'), type: 'scatter', data: missing.map((v) => (v === null ? null : 0)), symbol: 'rect', symbolSize: [1, 1], color: c.none, label: { show: true, position: 'top', formatter: t('common.missing'), color: c.ink3 }, tooltip: { show: false } },
      ],
    };
  }, [of, own, mode, lang, t]);
  const label = `${say(of.title, lang)} ${t('indicators.series')}`;
  const drawable = own.some((f) => f.value !== null && year(f) !== null) || of.path.length > 0 || of.target?.value != null;
  const rows = {
    head: [t('common.period'), t('indicators.value'), t('common.unit'), t('indicators.kind'), t('common.source'), t('common.record')],
    body: unique([...own, of.target]).map((f) => [f.period.text, f.value ?? f.statement ?? '', unit(f.unit, lang), t(`common.kind.${f.kind}`), f.source.document, f.seq ?? '']),
  };
  if (!drawable) return <div className="panel"><h2>{t('indicators.series')}</h2><p className="note">{t('indicators.noChart')}</p></div>;
  return <Chart title={t('indicators.series')} label={label} option={option} rows={rows} testid="series-chart" height={300} />;
}

function PeerChart({ of }: { of: Data }) {
  const { t } = useTranslation();
  const lang = useLang();
  const mode = useTheme();
  const own = [of.actual, of.baseline].find((f) => f?.value != null) ?? null;
  const comparator = (f: Figure | undefined) => (f?.comparator && f.comparator !== 'eq' ? `${t(`common.comparator.${f.comparator}`)} ` : '');
  const bars = unique([...of.peers, own]).filter((f) => f.value !== null).sort((a, b) => (a.value as number) - (b.value as number));
  const option = useMemo(() => {
    const c = tokens(mode);
    return {
      grid: { left: 12, right: 110, top: 8, bottom: 8, containLabel: true },
      xAxis: { type: 'value', min: 0, splitNumber: 3 },
      yAxis: { type: 'category', data: bars.map((f) => `${f.subject} ${f.period.text}`), axisTick: { show: false }, axisLabel: { width: 170, overflow: 'break' } },
      series: [{ type: 'bar', barMaxWidth: 22, data: bars.map((f) => ({ value: f.value, itemStyle: { color: f.ref === own?.ref ? c.series1 : c.series5 } })),
        label: { show: true, position: 'right', formatter: (p: { dataIndex: number; value: number }) => `${comparator(bars[p.dataIndex])}${number(p.value)} ${unit(bars[p.dataIndex]?.unit, lang)}`, color: c.ink } }],
    };
  }, [of, mode, lang, t]);
  const rows = {
    head: [t('indicators.subject'), t('common.period'), t('indicators.value'), t('common.unit'), t('common.source')],
    body: unique([own, ...of.peers]).map((f) => [f.subject, f.period.text, f.value ?? f.statement ?? '', unit(f.unit, lang), f.source.document]),
  };
  return <Chart title={t('indicators.peers')} note={t('indicators.peersNote')} label={`${say(of.title, lang)} ${t('indicators.peers')}`} option={option} rows={rows} testid="peer-chart" height={Math.max(160, bars.length * 44 + 30)} />;
}
