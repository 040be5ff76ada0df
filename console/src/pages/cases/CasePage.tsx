import { DownOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { post, useApi, useVerb } from '~/api/client';
import type { CaseInfo, Step, VerbInfo } from '~/api/cases';
import { say, useTranslation } from '~/i18n';
import { Pop } from '~/shell/Pop';
import { useLang } from '~/state/prefs';
import { useActorName } from '~/state/session';
import { useAsOf, useParam } from '~/state/url';
import { Actor, Code, Mark, RecordTag } from '~/ui/Bits';
import { moment } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { SOURCES } from './filter';
import { Stars } from './pick/Stars';
import { CaseMarks } from './shared';
import { VerbForm } from './VerbForm';

export default function CasePage() {
  const id = useParam('id');
  const query = useApi<CaseInfo>(`/api/cases/${encodeURIComponent(id)}`, undefined, { asOf: false });
  return <Read query={query} skeleton={<Page title="…"><Skeleton rows={10} height={28} /></Page>}>{(found) => <Whole of={found} />}</Read>;
}

function Whole({ of }: { of: CaseInfo }) {
  const { t } = useTranslation();
  const lang = useLang();
  const called = useActorName();
  const past = useAsOf() !== null;
  const [chosen, setChosen] = useState<VerbInfo | null>(null);
  const act = useVerb((input: { verb: string; body: Record<string, unknown> }) => post<CaseInfo>(`/api/cases/${of.id}/${input.verb}`, { ...input.body, seen: of.seq }), () => { toast.ok(t('desk.done')); setChosen(null); });
  const first = of.verbs.filter((v) => v.primary);
  const rest = of.verbs.filter((v) => !v.primary);
  const choose = (v: VerbInfo) => (v.form.length === 0 ? act.mutate({ verb: v.name, body: {} }) : setChosen(v));
  const verbs = past ? <span className="note">{t('desk.past')}</span> : (
    <>
      {first.map((v) => <button key={v.name} type="button" className="btn primary" onClick={() => choose(v)} data-testid={`verb-${v.name}`}>{say(v.title, lang)}</button>)}
      {rest.length > 0 && (
        <Pop className="btn" testid="verb-more" title={t('desk.more')} label={<>{t('desk.more')} <DownOutlined /></>}>
          {(shut) => <ul className="verb-rest">{rest.map((v) => <li key={v.name}><button type="button" className={v.danger ? 'btn danger' : 'btn'} disabled={act.isPending} onClick={() => { shut(); choose(v); }} data-testid={`verb-${v.name}`}>{say(v.title, lang)}</button></li>)}</ul>}
        </Pop>
      )}
    </>
  );
  const pictures = of.fileList.filter((f) => f.mediaType.startsWith('image/'));
  const papers = of.fileList.filter((f) => !f.mediaType.startsWith('image/'));
  return (
    <Page title={of.title} state={<CaseMarks of={of} />} crumb={<To href="/cases">{t('desk.title')}</To>} sub={<Code>{of.number}</Code>} verbs={verbs} testid="case">
      {chosen && <VerbForm of={of} key={chosen.name} verb={chosen} busy={act.isPending} error={act.error} send={(body) => act.mutate({ verb: chosen.name, body })} close={() => { setChosen(null); act.reset(); }} />}
      <div className="case-page">
        <div>
          <Section title={t('desk.facts')}>
            <dl className="case-facts panel">
              {of.description && <><dt>{t('desk.description')}</dt><dd>{of.description}</dd></>}
              {of.codeTitle && <><dt>{t('desk.code')}</dt><dd>{say(of.codeTitle, lang)} <Code>{of.code ?? ''}</Code></dd></>}
              <dt>{t('desk.holder')}</dt><dd data-testid="holder">{holders(of, lang)}</dd>
              {of.due && <><dt>{t('desk.term')}</dt><dd>{say(of.due.words, lang)} · {moment(of.due.at, lang)}{of.due.provisional && <> <Mark tone="near">{t('desk.provisional')}</Mark></>}</dd></>}
              {(of.address || of.location || of.streetName) && <><dt>{t('desk.where')}</dt><dd>{[of.streetName, of.address, of.location && `${of.location[1].toFixed(5)}, ${of.location[0].toFixed(5)}`].filter(Boolean).join(' · ')}</dd></>}
              {SOURCES.some((x) => x === of.source) && <><dt>{t('desk.source')}</dt><dd>{t(`desk.sources.${of.source}`)}</dd></>}
              {of.about && <><dt>{t('desk.about')}</dt><dd><To href={entityHref(of.about.id)}>{of.about.name}</To></dd></>}
              {of.reporter && <><dt>{t('desk.reporter')}</dt><dd>{of.reporter.anonymous ? t('desk.anonymous') : [of.reporter.name, of.reporter.phone].filter(Boolean).join(' · ')}</dd></>}
              {of.rating && <><dt>{t('desk.rating')}</dt><dd data-testid="rating"><Stars n={of.rating.stars} /> {of.rating.note}</dd></>}
              {of.suspension && <><dt>{t('desk.lights.paused')}</dt><dd>{t('desk.suspended', { at: moment(of.suspension.until, lang), reason: of.suspension.reason })}</dd></>}
              {of.ask && <><dt>{t('desk.ask')}</dt><dd>{t('desk.asked', { who: called(of.ask.by), stage: say(of.ask.stage, lang), reason: of.ask.reason })}</dd></>}
              {of.parent && <><dt>{t('desk.parent')}</dt><dd><To href={`/cases/${of.parent.id}`}>{of.parent.number} {of.parent.title}</To></dd></>}
              {of.mergedInto && <><dt>{t('desk.mergedInto')}</dt><dd><To href={`/cases/${of.mergedInto.id}`}>{of.mergedInto.number} {of.mergedInto.title}</To></dd></>}
            </dl>
          </Section>
          {of.fileList.length > 0 && (
            <Section title={t('desk.photos')}>
              <ul className="case-photos">{pictures.map((f, i) => <li key={`${f.sha256}${i}`}><a href={`/api/files/${f.sha256}`} target="_blank" rel="noreferrer"><img src={`/api/files/${f.sha256}/thumbnail`} alt={f.name || t('desk.photos')} loading="lazy" /></a></li>)}</ul>
              {papers.map((f, i) => <p key={`${f.sha256}${i}`}><a href={`/api/files/${f.sha256}?name=${encodeURIComponent(f.name)}`} target="_blank" rel="noreferrer">{f.name || f.sha256.slice(0, 12)}</a></p>)}
            </Section>
          )}
        </div>
        <div>
          <Section title={t('desk.timeline')}><ol className="case-steps" data-testid="timeline">{[...of.timeline].reverse().map((s) => <Done key={s.seq} of={s} />)}</ol></Section>
          {of.approvals.length > 0 && <Section title={t('desk.approvals')} note={of.approvalMode ? t(`desk.modes.${of.approvalMode}`) : ''}><ul className="panel">{of.approvals.map((a, i) => <li key={i}>{[say(a.roleTitle, lang), a.organisation?.name].filter(Boolean).join(' · ')} <Mark tone={a.decision === 'agree' ? 'good' : a.decision === 'reject' ? 'bad' : 'none'}>{t(`desk.${a.decision ?? 'waiting'}`)}</Mark> {a.note}</li>)}</ul></Section>}
          {of.circulated.length > 0 && <Section title={t('desk.circulated')}><ul className="panel" data-testid="circulated">{of.circulated.map((c, i) => <li key={i}><Actor of={c.to} /> <Mark tone={c.readAt ? 'good' : 'none'}>{c.readAt ? t('desk.readAt', { at: moment(c.readAt, lang) }) : t('desk.unread')}</Mark></li>)}</ul></Section>}
          {of.duplicates.length > 0 && <Section title={t('desk.duplicates')}><ul className="panel">{of.duplicates.map((c) => <li key={c.id}><To href={`/cases/${c.id}`}>{c.number}</To> {c.title} <CaseMarks of={c} /></li>)}</ul></Section>}
          {of.children.length > 0 && <Section title={t('desk.children')}><ul className="panel">{of.children.map((c) => <li key={c.id}><To href={`/cases/${c.id}`}>{c.number}</To> {c.title} <CaseMarks of={c} /></li>)}</ul></Section>}
        </div>
      </div>
    </Page>
  );
}

/** Whose turn it is: all who have yet to countersign, or who holds it. */
function holders(of: CaseInfo, lang: 'zh' | 'en'): string {
  const waiting = of.kind === 'open' ? of.approvals.filter((a) => a.decision === null).map((a) => [a.organisation?.name, say(a.roleTitle, lang)].filter(Boolean).join(' · ')) : [];
  return waiting.join(lang === 'zh' ? '、' : ', ') || [of.organisation?.name, say(of.roleTitle, lang), of.person].filter(Boolean).join(' · ') || '—';
}

function Done({ of }: { of: Step }) {
  const lang = useLang();
  return (
    <li className={of.system ? 'system' : ''} data-testid="step" data-verb={of.verb}>
      <strong>{say(of.title, lang)}</strong>{of.toTitle && <> → {say(of.toTitle, lang)}</>} <RecordTag seq={of.seq} />
      <div className="note">{moment(of.at, lang)} · <Actor of={of.by} /></div>
      {of.note && <p>{of.note}</p>}
    </li>
  );
}
