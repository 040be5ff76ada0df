import { FileAddOutlined, LockOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { post, useApi, useVerb } from '~/api/client';
import type { Freeze, Report, ReportHead, ReportState } from '~/api/types';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/reports';
import { useActor, WhoCan } from '~/pages/returns/shared';
import { useLang } from '~/state/prefs';
import { useMyPost } from '~/state/session';
import { useAsOf, useChangeQuery, useGo, useQueryState } from '~/state/url';
import { Code, Mark, RecordTag, type Tone } from '~/ui/Bits';
import { moment, short } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { Empty, ErrorBox, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { toast } from '~/ui/toast';
import './reports.css';

texts('reports', words);

export const reportTone: Record<ReportState, Tone> = { draft: 'none', reviewed: 'near', signed: 'accent', published: 'good' };
const kinds = ['annual', 'mid-term', 'final'] as const;

export default function Reports() {
  const { t } = useTranslation();
  const mine = useMyPost();
  const asOf = useAsOf();
  const [begin] = useQueryState('begin');
  const change = useChangeQuery();
  const reports = useApi<{ reports: ReportHead[] }>('/api/reports');
  const freezes = useApi<{ freezes: Freeze[] }>('/api/freezes');
  const actor = useActor();
  const may = (verb: string) => !asOf && (mine?.verbs.includes(verb) ?? false);
  return (
    <Page title={t('reports.title')} testid="reports" sub={t('reports.sub')}
      verbs={may('report.create') && <button type="button" className="btn primary" aria-expanded={Boolean(begin)} onClick={() => change({ begin: begin ? null : '1', previous: null })} data-testid="report-begin"><FileAddOutlined /> {t('reports.begin')}</button>}>
      {begin && may('report.create') && <Begin freezes={freezes.data?.freezes ?? []} reports={reports.data?.reports ?? []} />}
      {!asOf && !may('report.create') && <WhoCan verb="report.create" what={t('reports.whoCreate')} />}
      <Section title={t('reports.list')}>
        <Read query={reports} skeleton={<Skeleton rows={4} height={44} />}>
          {({ reports: list }) => list.length === 0 ? <Empty title={t('reports.none')}>{t('reports.noneDo')}</Empty> : (
            <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('reports.list')}>
              <table className="list" data-testid="reports-table">
                <thead><tr>{(['state', 'title', 'version', 'freeze', 'created', 'code'] as const).map((c) => <th key={c} scope="col">{t(`reports.col.${c}`)}</th>)}</tr></thead>
                <tbody>{list.map((r) => (
                  <tr key={r.id} data-testid="report-item" data-state={r.state}>
                    <td><Mark tone={reportTone[r.state]}>{t(`reports.states.${r.state}`)}</Mark></td>
                    <th scope="row"><To href={`/reports/${encodeURIComponent(r.id)}`} data-testid="report-link">{r.title}</To></th>
                    <td className="nowrap" data-label={t('reports.col.version')}>{t('reports.versionN', { n: r.version })}</td>
                    <td data-label={t('reports.col.freeze')}><RecordTag seq={r.freeze.seq} /></td>
                    <td data-label={t('reports.col.created')}>{actor(r.createdBy)}<div className="note">{short(r.createdAt)}</div></td>
                    <td data-label={t('reports.col.code')}><Code>{r.code}</Code></td>
                  </tr>
                ))}</tbody>
              </table>
            </div>
          )}
        </Read>
      </Section>
      <Section title={t('reports.freezes')} note={t('reports.freezeSub')}>
        {may('freeze.create') ? <FreezeForm /> : !asOf && <WhoCan verb="freeze.create" what={t('reports.whoFreeze')} />}
        <Read query={freezes} skeleton={<Skeleton rows={3} height={40} />}>
          {({ freezes: list }) => list.length === 0 ? <p className="note">{t('reports.noFreezes')}</p> : (
            <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('reports.freezes')}>
              <table className="list" data-testid="freezes-table">
                <thead><tr><th scope="col">{t('reports.seq')}</th><th scope="col">{t('reports.freezeNote')}</th><th scope="col">{t('reports.at')}</th><th scope="col">{t('reports.by')}</th><th scope="col">{t('reports.root')}</th><th scope="col"><span className="sr">{t('reports.use')}</span></th></tr></thead>
                <tbody>{list.map((f) => <FreezeRow key={f.id} of={f} actor={actor(f.by)} use={may('report.create') ? () => change({ begin: f.id, previous: null }) : null} />)}</tbody>
              </table>
            </div>
          )}
        </Read>
      </Section>
    </Page>
  );
}

function FreezeRow({ of, actor, use }: { of: Freeze; actor: string; use: (() => void) | null }) {
  const { t } = useTranslation();
  const lang = useLang();
  return (
    <tr data-testid="freeze-row" data-seq={of.seq}>
      <td><RecordTag seq={of.seq} /></td><td data-label={t('reports.freezeNote')}>{of.note || '—'}</td><td className="nowrap" data-label={t('reports.at')}>{moment(of.at, lang)}</td><td data-label={t('reports.by')}>{actor}</td><td data-label={t('reports.root')}><Code short={20}>{of.root}</Code></td>
      <td>{use && <button type="button" className="btn small" onClick={() => { use(); window.scrollTo({ top: 0 }); }} data-testid="freeze-use">{t('reports.use')}</button>}</td>
    </tr>
  );
}

function FreezeForm() {
  const { t } = useTranslation();
  const [note, setNote] = useState('');
  const freeze = useVerb(() => post<Freeze>('/api/freezes', { note: note.trim() }), (made) => {
    toast.ok(t('reports.frozen', { n: made.seq }));
    setNote('');
  });
  return (
    <>
      <form className="row freeze-form" onSubmit={(e) => { e.preventDefault(); freeze.mutate(undefined as never); }}>
        <label className="choice"><span>{t('reports.freezeNote')}</span><input className="input" value={note} maxLength={500} onChange={(e) => setNote(e.target.value)} placeholder={t('reports.freezeHint')} data-testid="freeze-note" /></label>
        <button type="submit" className="btn" disabled={freeze.isPending} data-testid="freeze"><LockOutlined /> {t('reports.freeze')}</button>
      </form>
      {freeze.error && <ErrorBox error={freeze.error} />}
    </>
  );
}

function Begin({ freezes, reports }: { freezes: Freeze[]; reports: ReportHead[] }) {
  const { t } = useTranslation();
  const lang = useLang();
  const go = useGo();
  const [begin] = useQueryState('begin');
  const [before] = useQueryState('previous');
  const old = reports.find((r) => r.id === before);
  const [kind, setKind] = useState<string>(old?.kind ?? 'annual');
  const [year, setYear] = useState(String(old?.year ?? new Date().getFullYear() - 1));
  const [freeze, setFreeze] = useState('');
  const [previous, setPrevious] = useState(before);
  const chosen = freeze || (freezes.some((f) => f.id === begin) ? begin : (freezes[0]?.id ?? ''));
  const create = useVerb(() => post<Report>('/api/reports', { kind, year: Number(year), freeze: chosen, ...(previous ? { previous } : {}) }), (made) => {
    toast.ok(t('reports.created'));
    go(`/reports/${made.id}`);
  });
  return (
    <form className="form panel begin" data-testid="begin-form" onSubmit={(e) => { e.preventDefault(); if (chosen) create.mutate(undefined as never); }}>
      <h2>{t('reports.begin')}</h2>
      <div className="fields">
        <label><span>{t('reports.kind')}</span><select className="input" value={kind} onChange={(e) => setKind(e.target.value)} data-testid="begin-kind">{kinds.map((k) => <option key={k} value={k}>{t(`reports.kinds.${k}`)}</option>)}</select></label>
        <label><span>{t('reports.year')}</span><input className="input" type="number" min={2000} max={2100} value={year} onChange={(e) => setYear(e.target.value)} data-testid="begin-year" /></label>
        <label><span>{t('reports.fromFreeze')}</span><select className="input" value={chosen} onChange={(e) => setFreeze(e.target.value)} data-testid="begin-freeze">{freezes.length === 0 && <option value="">{t('reports.needFreeze')}</option>}{freezes.map((f) => <option key={f.id} value={f.id}>#{f.seq} {f.note} {moment(f.at, lang)}</option>)}</select></label>
        <label><span>{t('reports.previous')}</span><select className="input" value={previous} onChange={(e) => setPrevious(e.target.value)} data-testid="begin-previous"><option value="">{t('reports.noPrevious')}</option>{reports.filter((r) => r.kind === kind).map((r) => <option key={r.id} value={r.id}>{r.title} {t('reports.versionN', { n: r.version })}</option>)}</select></label>
      </div>
      {create.error && <ErrorBox error={create.error} />}
      <div><button type="submit" className="btn primary" disabled={!chosen || create.isPending} data-testid="begin-create">{t('reports.create')}</button></div>
    </form>
  );
}
