// One rule: its sentence, its file, what it did, what it would have done; on and off.
import { FolderOpenOutlined } from '@ant-design/icons';
import { useState } from 'react';
import type { Firing, RulePage } from '~/api/rules';
import { post, useApi, useVerb } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useMyPost } from '~/state/session';
import { useAsOf, useParam } from '~/state/url';
import { Mark, RecordTag } from '~/ui/Bits';
import { moment, number } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { Empty, ErrorBox, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { WhoCan } from '../returns/shared';
import { Ask, At, InputsLine, Simulated, titled } from '../alerts/bits';
import { Trial } from './Trial';
import { effectsOf, Enabled } from './Rules';
import { Sentence } from './Sentence';
import { useReader } from './reading';
import './rules.css';

export default function Rule() {
  const { t } = useTranslation();
  const id = useParam('id');
  const query = useApi<RulePage>(`/api/rules/${encodeURIComponent(id)}`);
  const crumb = <To href="/rules">{t('alerts.rules.title')}</To>;
  if (query.data === undefined) return <Page title={t('alerts.rules.one')} crumb={crumb}><Read query={query} skeleton={<Skeleton rows={10} height={32} />}>{() => null}</Read></Page>;
  return <Loaded key={id} of={query.data} crumb={crumb} />;
}

function Loaded({ of, crumb }: { of: RulePage; crumb: React.ReactNode }) {
  const { t } = useTranslation();
  const lang = useLang();
  const mine = useMyPost();
  const asOf = useAsOf();
  const reader = useReader();
  const [asking, setAsking] = useState(false);
  const may = (mine?.verbs.includes('rule.switch') ?? false) && !asOf;
  return (
    <Page title={say(of.title, lang)} testid="rule" crumb={crumb} state={<span data-testid="rule-enabled" data-enabled={of.enabled}><Enabled on={of.enabled} /></span>}
      verbs={may && <button type="button" className={of.enabled ? 'btn danger' : 'btn primary'} onClick={() => setAsking(true)} data-testid="rule-switch">{t(of.enabled ? 'alerts.rules.disable' : 'alerts.rules.enable')}</button>}>
      {!asOf && !may && <WhoCan verb="rule.switch" what={t('alerts.rules.switchWhat')} />}
      <p className="rule-says" data-testid="rule-sentence"><Sentence of={reader.pieces(of)} codes /></p>
      {of.lastError && <div className="error-box" role="alert"><strong>{t('alerts.rules.lastError')}</strong><p className="detail">{of.lastError}</p></div>}
      <div className="with-side">
        <div>
          <Section title={t('alerts.rules.trial')} note={t('alerts.rules.trialHow')} testid="trial"><Trial id={of.id} /></Section>
          <Section title={t('alerts.rules.recent')} testid="recent">
            {of.recent.length === 0 ? <Empty title={t('alerts.rules.noRecent')} /> : <Firings of={of.recent} />}
          </Section>
          <Section title={t('alerts.rules.source')} note={<code>{of.id}</code>}>
            {of.source ? <pre className="panel rule-source" tabIndex={0} data-testid="rule-source">{of.source.replace(/^# yaml-language-server:.*\n/, '')}</pre> : <p className="note">{t('alerts.rules.noSource')}</p>}
          </Section>
        </div>
        <aside>
          <div className="panel"><h2>{t('alerts.facts')}</h2>
            <dl className="facts">
              <div><dt>{t('alerts.rules.kind')}</dt><dd>{t(`alerts.rules.when.${of.when}`, { defaultValue: of.when })}</dd></div>
              <div><dt>{t('alerts.rules.type')}</dt><dd><To href={`/data/${of.type}`}>{reader.type(of.type) || of.type}</To> <code>{of.type}</code></dd></div>
              <div><dt>{t('alerts.rules.effects')}</dt><dd>{effectsOf(of).map((e) => t(`alerts.rules.effect.${e}`, { defaultValue: e })).join(lang === 'zh' ? '、' : ', ')}</dd></div>
              <div><dt>{t('alerts.rules.evaluations')}</dt><dd>{number(of.evaluations)}</dd></div>
              <div><dt>{t('alerts.rules.firings')}</dt><dd>{number(of.firings)}</dd></div>
              <div><dt>{t('alerts.rules.clears')}</dt><dd>{number(of.clears)}</dd></div>
              <div><dt>{t('alerts.rules.errors')}</dt><dd>{number(of.errors)}</dd></div>
              <div><dt>{t('alerts.rules.last')}</dt><dd>{of.lastFired ? moment(of.lastFired, lang) : '—'}</dd></div>
              <div><dt>{t('alerts.rules.pack')}</dt><dd><To href={`/systems/${of.pack}`}>{reader.pack(of.pack)}</To></dd></div>
              <div><dt>{t('alerts.tab.alerts')}</dt><dd><To href={`/alerts?rule=${encodeURIComponent(of.id)}`} data-testid="rule-alerts">{t('alerts.rules.seeAlerts')}</To></dd></div>
            </dl>
          </div>
        </aside>
      </div>
      {asking && <Switch of={of} close={() => setAsking(false)} />}
    </Page>
  );
}

export function Firings({ of }: { of: Firing[] }) {
  const { t } = useTranslation();
  return (
    <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('alerts.rules.recent')}>
      <table className="list firings" data-testid="firings">
        <thead><tr><th scope="col">{t('alerts.rules.at')}</th><th scope="col">{t('alerts.rules.did')}</th><th scope="col">{t('alerts.about')}</th><th scope="col">{t('alerts.inputs')}</th></tr></thead>
        <tbody>{of.map((f, i) => (
          <tr key={i} data-testid="firing" data-kind={f.kind}>
            <td><At of={f.at} /> {f.seq != null && <RecordTag seq={f.seq} />}</td>
            <td className="nowrap"><Mark tone={f.kind === 'raise' ? 'bad' : 'good'}>{t(f.kind === 'raise' ? 'alerts.rules.raise' : 'alerts.rules.clear')}</Mark> {f.simulated && <Simulated />}
              {(f.alert || f.case) && <div className="row-verbs">{f.alert && <To href={`/alerts/${encodeURIComponent(f.alert)}`} data-testid="firing-alert">{t('alerts.one')}</To>}{f.case && <To href={`/cases/${encodeURIComponent(f.case.id)}`} data-testid="firing-case"><FolderOpenOutlined /> {f.case.number}</To>}</div>}</td>
            <td><To href={entityHref(f.about.id)}>{f.about.name}</To></td>
            <td><InputsLine of={f.inputs} /></td>
          </tr>
        ))}</tbody>
      </table>
    </div>
  );
}

function Switch({ of, close }: { of: RulePage; close: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [note, setNote] = useState('');
  const [tried, setTried] = useState(false);
  const word = t(of.enabled ? 'alerts.rules.disable' : 'alerts.rules.enable');
  const send = useVerb(() => post<RulePage>(`/api/rules/${encodeURIComponent(of.id)}/${of.enabled ? 'disable' : 'enable'}`, { note: note.trim() }), () => {
    toast.ok(t('alerts.done', { what: word }));
    close();
  });
  return (
    <Ask title={titled(word, say(of.title, lang), lang)} close={close}>
      <form className="form" onSubmit={(e) => { e.preventDefault(); setTried(true); if (note.trim()) send.mutate(undefined as never); }}>
        <p>{t(of.enabled ? 'alerts.rules.disableAsk' : 'alerts.rules.enableAsk')}</p>
        <label><span>{t('common.reason')}</span><textarea className="input" rows={3} maxLength={500} value={note} onChange={(e) => setNote(e.target.value)} aria-invalid={tried && !note.trim()} data-testid="ask-note" />{tried && !note.trim() && <span className="field-error" role="alert">{t('alerts.need')}</span>}</label>
        {send.error && <ErrorBox error={send.error} />}
        <div className="row"><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="submit" className={of.enabled ? 'btn danger' : 'btn primary'} disabled={send.isPending} data-testid="ask-ok">{word}</button></div>
      </form>
    </Ask>
  );
}
