// The waters: sections with their class and what decides it, creeks, monthly reports, and what devices cover.
import { PlusOutlined, UploadOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { classes, type Water as Data } from '~/api/water';
import { download, useApi } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useMyPost } from '~/state/session';
import { useAsOf, useChangeQuery, useQueryState } from '~/state/url';
import { AsOf } from '~/ui/AsOf';
import { number } from '~/ui/format';
import { Choice, SearchField, Tools } from '~/ui/ListTools';
import { Page, Section } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { WhoCan } from '../returns/shared';
import { Chips, titled } from '../alerts/bits';
import { ClassMark, className } from './bits';
import { CoveragePanel } from './Coverage';
import { Import } from './Import';
import { Sample } from './Sample';
import { Sections } from './Sections';

export default function Water() {
  const { t } = useTranslation();
  const lang = useLang();
  const mine = useMyPost();
  const asOf = useAsOf();
  const change = useChangeQuery();
  const query = useApi<Data>('/api/water');
  const [search] = useQueryState('search');
  const [klass] = useQueryState('class');
  const [creek] = useQueryState('creek');
  const [meets] = useQueryState('meets');
  const [asked, setAsked] = useState<'sample' | 'import' | null>(null);
  const may = !asOf && (mine?.verbs.includes('water.sample') ?? false);
  const all = query.data?.sections ?? [];
  const needle = search.trim().toLowerCase();
  const rest = all.filter((s) => (!needle || [s.name, s.creek.name, s.chief?.name].some((x) => x?.toLowerCase().includes(needle))) && (!creek || s.creek.id === creek) && (!meets || String(s.meets) === meets));
  const shown = rest.filter((s) => !klass || (s.class ?? '-') === klass);
  const creeks = [...new Map(all.map((s) => [s.creek.id, s.creek.name])).entries()].sort((a, b) => a[1].localeCompare(b[1], 'zh-CN'));
  return (
    <Page title={t('water.title')} testid="water" sub={<>{t('water.sub')} {query.data && <AsOf info={{ at: query.data.at, seq: query.data.seq, newest: query.data.seq, live: true }} />}</>}
      verbs={may && <><button type="button" className="btn primary" onClick={() => setAsked('sample')} data-testid="water-sample"><PlusOutlined /> {t('water.sample')}</button><button type="button" className="btn" onClick={() => setAsked('import')} data-testid="water-import"><UploadOutlined /> {t('water.import')}</button></>}>
      {!asOf && !may && <WhoCan verb="water.sample" what={t('water.sampleWhat')} />}
      <Tools>
        <SearchField label={t('water.search')} testid="water-search" />
        <Chips label={t('water.class')} value={klass} set={(v) => change({ class: v })} testid="class" options={[...classes, '-'].map((c) => ({ c, n: rest.filter((s) => (s.class ?? '-') === c).length })).filter(({ c, n }) => n > 0 || klass === c).map(({ c, n }) => ({ value: c, name: <ClassMark of={c === '-' ? null : c} />, n }))} />
        {creeks.length > 1 && <Choice name="creek" label={t('water.creek')} options={creeks.map(([value, label]) => ({ value, label }))} />}
        <Choice name="meets" label={t('water.meets')} options={[{ value: 'true', label: t('water.met') }, { value: 'false', label: t('water.missed') }]} />
        {query.data && <span className="tools-end" data-testid="total">{t('common.total', { n: shown.length })}</span>}
      </Tools>
      <Read query={query} skeleton={<Skeleton rows={8} height={44} />}>
        {(d) => (
          <>
            {all.length === 0 ? <Empty title={t('water.none')} action={<To className="btn" href="/data/WaterSection">{t('common.open')}</To>}>{t('water.noneDo')}</Empty>
              : shown.length === 0 ? <Empty title={t('common.empty.noMatch')} action={<button type="button" className="btn" onClick={() => change({ search: null, class: null, creek: null, meets: null })}>{t('common.clear')}</button>}>{t('common.empty.noMatchDo')}</Empty>
                : <Sections of={shown} />}
            <p className="note water-standard">{titled(t('water.standard'), typeof d.standard === 'string' ? d.standard : say(d.standard, lang), lang)}</p>
            <div className="water-two">
              <Rivers of={d} />
              <div><CoveragePanel /><Months /></div>
            </div>
          </>
        )}
      </Read>
      {asked === 'sample' && <Sample sections={all} close={() => setAsked(null)} />}
      {asked === 'import' && <Import close={() => setAsked(null)} />}
    </Page>
  );
}

function Rivers({ of }: { of: Data }) {
  const { t } = useTranslation();
  const lang = useLang();
  if (of.rivers.length === 0) return null;
  const href = (id: string) => entityHref(id.startsWith('urn:') ? id : `urn:ngsi-ld:WaterBody:${id}`);
  const judged = of.rivers.filter((r) => r.verdict);
  const rest = of.rivers.filter((r) => !r.verdict);
  return (
    <Section title={t('water.rivers')} testid="rivers">
      <ul className="rivers">{judged.map((r) => (
        <li key={r.id} className="panel" data-testid="river" data-id={r.id}>
          <div className="river-head"><strong><To href={href(r.id)}>{r.name}</To></strong> <b>{say(r.verdict, lang)}</b><span className="note">{t('water.riverSections', { n: r.sections })}{r.judged !== undefined && ` · ${t('water.judged', { n: r.judged })}`}</span></div>
          {Object.keys(r.shares).length > 0 && (
            <>
              <div className="shares" aria-hidden="true">{classes.filter((c) => (r.shares[c] ?? 0) > 0).map((c) => <i key={c} className={className(c)} style={{ flexGrow: r.shares[c] }} />)}</div>
              <p className="share-words">{classes.filter((c) => (r.shares[c] ?? 0) > 0).map((c) => <span key={c}><ClassMark of={c} /> {number(Math.round((r.shares[c] ?? 0) * 1000) / 10)}%</span>)}</p>
            </>
          )}
          {r.method && <p className="note">{say(r.method, lang)}</p>}
        </li>
      ))}</ul>
      {rest.length > 0 && <p className="note not-judged" data-testid="rivers-unjudged">{t('water.notJudged')} {rest.map((r, i) => <span key={r.id}>{i > 0 && (lang === 'zh' ? '、' : ', ')}<To href={href(r.id)}>{r.name}</To></span>)}</p>}
    </Section>
  );
}

function Months() {
  const { t } = useTranslation();
  const now = new Date();
  const months = Array.from({ length: 12 }, (_, i) => {
    const d = new Date(now.getFullYear(), now.getMonth() - i, 1);
    return `${d.getFullYear()}-${String(d.getMonth() + 1).padStart(2, '0')}`;
  });
  const save = (month: string, format: string) => void download('/api/water/report', { month, format }, `${t('water.title')}-${month}.${format}`).catch(toast.error);
  return (
    <Section title={t('water.report')} note={t('water.reportHow')} testid="months">
      <ul className="panel months">{months.map((m) => (
        <li key={m} data-testid="month" data-month={m}><span className="num">{m}</span>
          <a href={`/api/water/report?month=${m}&format=html`} target="_blank" rel="noreferrer" data-testid="month-html">{t('water.open_')}<span className="sr"> {m}</span></a>
          <button type="button" className="link" onClick={() => save(m, 'pdf')} data-testid="month-pdf">PDF<span className="sr"> {m}</span></button>
          <button type="button" className="link" onClick={() => save(m, 'csv')} data-testid="month-csv">CSV<span className="sr"> {m}</span></button></li>
      ))}</ul>
    </Section>
  );
}
