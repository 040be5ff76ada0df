import { useEffect, useRef, useState } from 'react';
import { ApiError, post, put, useApi, useVerb } from '~/api/client';
import type { DataReturn, ReturnRow } from '~/api/types';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/returns';
import { useMyPost } from '~/state/session';
import { useAsOf, useParam } from '~/state/url';
import { Code, Mark } from '~/ui/Bits';
import { Page, Section } from '~/ui/Page';
import { ErrorBox, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { badValue, countOf, type Draft, sums, told, toDraft, toRow } from './model';
import { stateTone } from './Returns';
import { CheckError, Conflicts, type Decision, draftConflicts, Findings, RowsEditor, RowsView, Totals, useCheck, useTitles, Verdict } from './Rows';
import { Steps, WhoCan } from './shared';
import './returns.css';

texts('returns', words);

export default function Return() {
  const { t } = useTranslation();
  const id = useParam('id');
  const query = useApi<DataReturn>(`/api/returns/${encodeURIComponent(id)}`);
  return <Read query={query} skeleton={<Page title={t('returns.title')}><Skeleton rows={8} height={48} /></Page>}>{(r) => <Loaded of={r} />}</Read>;
}

type Asked = 'submit' | 'approve' | 'send-back' | 'withdraw';

function Loaded({ of }: { of: DataReturn }) {
  const { t } = useTranslation();
  const asOf = useAsOf();
  const mine = useMyPost();
  const title = useTitles();
  const verbs = asOf ? [] : of.verbs;
  const can = (verb: string) => verbs.includes(verb);
  const path = `/api/returns/${encodeURIComponent(of.id)}`;
  const [editing, setEditing] = useState(false);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [tried, setTried] = useState(false);
  const [decisions, setDecisions] = useState<Record<number, Decision>>({});
  const deciding = can('approve');
  // Whoever looks next begins with what the level before decided; what is not refused counts as accepted.
  useEffect(() => {
    setDecisions(Object.fromEntries(of.rows.map((r) => [r.row, { decision: r.decision ?? 'accepted', reason: r.decisionReason ?? '' }])));
    setTried(false);
    setEditing(false);
  }, [of.id, of.state, of.modifiedAt, mine?.id]);
  const at = (r: ReturnRow): Decision => decisions[r.row] ?? { decision: r.decision ?? 'accepted', reason: r.decisionReason ?? '' };
  const now = Object.fromEntries(of.rows.map((r) => [r.row, at(r)]));
  const refused = of.rows.filter((r) => at(r).decision === 'refused');
  const act = useVerb(({ verb, note }: { verb: Asked; note: string }) => post<DataReturn>(`${path}/${verb}`, {
    ...(note.trim() ? { note: note.trim() } : {}),
    ...(verb === 'approve' ? { rows: of.rows.map((r) => ({ row: r.row, decision: at(r).decision, ...(at(r).reason.trim() ? { reason: at(r).reason.trim() } : {}) })) } : {}),
  }), (_, { verb }) => {
    setAsked(null);
    toast.ok(t({ submit: 'returns.submitted', approve: 'returns.approved', 'send-back': 'returns.sentBack', withdraw: 'returns.withdrawn' }[verb]));
  });
  const errors = of.rows.reduce((n, r) => n + r.findings.filter((f) => f.severity === 'error').length, 0);
  const begin = (verb: Asked) => {
    if (verb === 'approve') {
      setTried(true);
      if (refused.some((r) => !at(r).reason.trim())) {
        setTimeout(() => document.querySelector<HTMLElement>('[data-testid=row-reason][aria-invalid=true]')?.focus());
        return;
      }
    }
    act.reset();
    setAsked(verb);
  };
  const live = sums(of.rows.map((r) => ({ indicator: r.indicator, unit: r.unit, value: r.value, counts: deciding ? at(r).decision === 'accepted' : r.decision === 'accepted' })));
  const open = ['draft', 'returned'].includes(of.state);
  const shownTotals = open ? sums(of.rows.map((r) => ({ indicator: r.indicator, unit: r.unit, value: r.value, counts: !r.findings.some((f) => f.severity === 'error') }))) : live;
  const waits = of.state === 'submitted' ? t('returns.waitStreet', { who: of.organisation.name }) : of.state === 'street-approved' ? t('returns.waitDistrict') : of.state === 'returned' ? t('returns.waitClerk', { who: of.organisation.name }) : undefined;
  const stage = of.state === 'submitted' ? { verb: 'return.approve', role: 'street-approver', what: t('returns.who.street'), organisation: of.organisation.id } : of.state === 'street-approved' ? { verb: 'return.approve', role: 'district-approver', what: t('returns.who.district') } : open ? { verb: 'return.submit', role: 'clerk', what: t('returns.who.submit'), organisation: of.organisation.id } : null;
  const rightPost = stage && mine?.role === stage.role && (!stage.organisation || mine.organisation === stage.organisation);
  return (
    <Page title={of.title} testid="return" crumb={<To href="/returns">{t('returns.title')}</To>} state={<span data-testid="return-state" data-state={of.state}><Mark tone={stateTone[of.state]}>{t(`returns.states.${of.state}`)}</Mark></span>}
      sub={<><To href={entityHref(`urn:ngsi-ld:Organization:${of.organisation.id}`)}>{of.organisation.name}</To> · {of.period} · {t('returns.rowsOf', { n: of.rows.length })}</>}
      verbs={!editing && (
        <>
          {can('submit') && <button type="button" className="btn primary" disabled={errors > 0 || of.rows.length === 0} title={errors > 0 ? t('returns.submitBlocked') : undefined} onClick={() => begin('submit')} data-testid="verb-submit">{t('returns.submit')}</button>}
          {deciding && <button type="button" className="btn primary" onClick={() => begin('approve')} data-testid="verb-approve">{refused.length ? t('returns.approveN', { a: of.rows.length - refused.length, b: refused.length }) : of.state === 'submitted' ? t('returns.approveStreet') : t('returns.approve')}</button>}
          {can('edit') && <button type="button" className="btn" onClick={() => setEditing(true)} data-testid="verb-edit">{t('returns.edit')}</button>}
          {can('send-back') && <button type="button" className="btn" onClick={() => begin('send-back')} data-testid="verb-send-back">{t('returns.sendBack')}</button>}
          {can('withdraw') && <button type="button" className="btn danger" onClick={() => begin('withdraw')} data-testid="verb-withdraw">{t('returns.withdraw')}</button>}
        </>
      )}>
      {asOf ? <p className="note">{t('returns.past')}</p> : stage && verbs.filter((v) => v !== 'withdraw').length === 0 && (rightPost ? <p className="who-can">{t('returns.same')}</p> : <WhoCan {...stage} />)}
      {editing ? <Edit of={of} path={path} close={() => setEditing(false)} /> : (
        <div className="with-side">
          <div>
            <Section title={t('returns.rows')} extra={deciding && refused.length > 0 && <button type="button" className="btn small" onClick={() => setDecisions(Object.fromEntries(of.rows.map((r) => [r.row, { decision: 'accepted', reason: '' }])))} data-testid="accept-all">{t('returns.acceptAll')}</button>}
              note={open && (errors > 0 ? <span className="field-error">{t('returns.submitBlocked')}</span> : undefined)}>
              <RowsView rows={of.rows} tried={tried} {...(deciding ? { decisions: now, decide: (row: number, next: Decision) => setDecisions({ ...decisions, [row]: next }) } : {})} />
            </Section>
            <Totals of={shownTotals} titles={title} word={open ? t('returns.totalIf') : t('returns.totalAccepted')} />
          </div>
          <aside>
            <Conflicts of={of.rows.map((r) => ({ row: r.row, title: title(r.indicator), value: r.value, unit: r.unit, figures: r.conflictsWith }))} />
            <section className="panel"><h2>{t('returns.steps')}</h2><Steps steps={of.steps} word={(v) => t(`returns.verbs.${v}`)} waiting={waits} /></section>
            <section className="panel">
              <dl className="facts">
                {of.fileName && <div><dt>{t('returns.file')}</dt><dd>{of.fileName}</dd></div>}
                {of.fileSha256 && <div><dt>{t('returns.digest')}</dt><dd><Code short={20}>{of.fileSha256}</Code></dd></div>}
                <div><dt>{t('returns.entity')}</dt><dd><To href={entityHref(`urn:ngsi-ld:DataReturn:${of.id}`)}>{of.id}</To></dd></div>
              </dl>
            </section>
          </aside>
        </div>
      )}
      {asked && <Ask verb={asked} of={of} accepted={of.rows.length - refused.length} busy={act.isPending} error={act.error} close={() => setAsked(null)} go={(note) => act.mutate({ verb: asked, note })} />}
    </Page>
  );
}

/** Says what follows before it is done; sending back needs a reason. */
function Ask({ verb, of, accepted, busy, error, close, go }: { verb: Asked; of: DataReturn; accepted: number; busy: boolean; error: unknown; close: () => void; go: (note: string) => void }) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const needs = verb === 'send-back';
  const what = { submit: t('returns.submitAsk'), approve: of.state === 'submitted' ? t('returns.waitDistrict') : t('returns.approveAsk', { n: accepted }), 'send-back': of.state === 'approved' ? t('returns.sendBackApproved') : t('returns.waitClerk', { who: of.organisation.name }), withdraw: t('returns.withdrawAsk') }[verb];
  const word = { submit: t('returns.submit'), approve: of.state === 'submitted' ? t('returns.approveStreet') : t('returns.approve'), 'send-back': t('returns.sendBack'), withdraw: t('returns.withdraw') }[verb];
  return (
    <dialog ref={dialog} className="ask" aria-labelledby="ask-title" onClose={close} data-testid="ask">
      <form className="form" onSubmit={(e) => { e.preventDefault(); setTried(true); if (!needs || note.trim()) go(note); }}>
        <h2 id="ask-title">{word}</h2>
        <p>{what}</p>
        <label><span>{needs ? t('returns.sendBackNote') : t('returns.field.note')}</span><textarea className="input" rows={3} maxLength={2000} value={note} onChange={(e) => setNote(e.target.value)} aria-invalid={tried && needs && !note.trim()} data-testid="ask-note" />{tried && needs && !note.trim() && <span className="field-error" role="alert">{t('returns.sendBackNeed')}</span>}</label>
        {error ? <ErrorBox error={error} /> : null}
        <div className="row"><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="submit" className={verb === 'withdraw' ? 'btn danger' : 'btn primary'} disabled={busy} data-testid="ask-ok">{word}</button></div>
      </form>
    </dialog>
  );
}

function Edit({ of, path, close }: { of: DataReturn; path: string; close: () => void }) {
  const { t } = useTranslation();
  const title = useTitles();
  const [rows, setRows] = useState<Draft[]>(() => of.rows.map(toDraft));
  const { checked, checking, error } = useCheck(rows, of.organisation.id, of.period);
  const save = useVerb(() => put<DataReturn>(`${path}/rows`, { rows: rows.filter(told).map(toRow) }), () => {
    toast.ok(t('returns.edited'));
    close();
  });
  const go = () => {
    const bad = rows.findIndex(badValue);
    if (bad >= 0) toast.error(new ApiError(422, 'bad_number', '', t('returns.notNumber', { n: bad + 2 })));
    else save.mutate(undefined as never);
  };
  return (
    <div data-testid="return-edit">
      <p className="row"><Verdict checked={checked} checking={checking} />{countOf(checked, 'error') > 0 && <span className="note">{t('returns.submitBlocked')}</span>}</p>
      {checked && <Findings of={checked.table} />}
      <RowsEditor rows={rows} change={setRows} checked={checked} period={of.period} />
      <div className="fill-foot"><Conflicts of={draftConflicts(rows, checked, title)} /></div>
      <CheckError error={error} />
      {save.error && <ErrorBox error={save.error} />}
      <div className="row save-bar"><button type="button" className="btn primary" onClick={go} disabled={save.isPending} data-testid="save-edit">{t('returns.saveEdit')}</button><button type="button" className="btn" onClick={close}>{t('returns.cancelEdit')}</button></div>
    </div>
  );
}
