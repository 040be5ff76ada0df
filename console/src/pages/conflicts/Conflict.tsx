import { useState } from 'react';
import { del, post, useApi, useVerb } from '~/api/client';
import type { AsOfInfo, Conflict as Data } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/conflicts';
import { VerifiedTag } from '~/proof/ProofView';
import { useLang } from '~/state/prefs';
import { useActorName, useMyPost } from '~/state/session';
import { useAsOf, useParam } from '~/state/url';
import { FigureNum, Mark } from '~/ui/Bits';
import { moment } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { Empty, ErrorBox, Read, Skeleton } from '~/ui/State';
import { entityHref, indicatorHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import './conflicts.css';

texts('conflicts', words);

export default function Conflict() {
  const { t } = useTranslation();
  const id = useParam('id');
  const query = useApi<{ asOf: AsOfInfo; conflicts: Data[] }>('/api/conflicts');
  return (
    <Read query={query} skeleton={<Page title={t('conflicts.title')}><Skeleton rows={8} height={40} /></Page>}>
      {({ conflicts }) => {
        const found = conflicts.find((c) => c.id === id);
        return found ? <Loaded of={found} /> : <Page title={t('conflicts.title')}><Empty title={t('common.error.notFound')}>{t('common.error.notFoundDo')}</Empty></Page>;
      }}
    </Read>
  );
}

function Loaded({ of }: { of: Data }) {
  const { t } = useTranslation();
  const lang = useLang();
  const asOf = useAsOf();
  const mine = useMyPost();
  const actor = useActorName();
  const may = mine?.verbs.includes('conflict.resolve') || mine?.level === 'office';
  const [chosen, setChosen] = useState('');
  const [reason, setReason] = useState('');
  const [tried, setTried] = useState(false);
  const path = `/api/conflicts/${encodeURIComponent(of.id)}/resolution`;
  const resolve = useVerb(() => post<Data>(path, { chosen, reason: reason.trim() }), () => {
    toast.ok(t('conflicts.resolved'));
    setChosen('');
    setReason('');
    setTried(false);
  });
  const withdraw = useVerb(() => del<Data>(path), () => toast.ok(t('conflicts.withdrawn')));
  const short = [...reason.trim()].length < 4;
  const deciding = !of.resolution && may && !asOf;
  return (
    <Page title={say(of.title, lang)} testid="conflict" crumb={<To href="/conflicts">{t('conflicts.title')}</To>}
      state={of.resolution ? <Mark tone="good">{t('conflicts.chosen')}</Mark> : <Mark tone="clash">{t('conflicts.wait')}</Mark>}
      sub={<><Mark>{t(`conflicts.kind.${of.kind}`)}</Mark> {of.indicator && <To href={indicatorHref(of.indicator)}>{t('conflicts.indicator')}：{say(of.indicatorTitle, lang)}</To>}</>}>
      <p className="explain">{say(of.explanation, lang)}</p>
      <form onSubmit={(e) => {
        e.preventDefault();
        setTried(true);
        if (chosen && !short) resolve.mutate(undefined as never);
      }}>
        <div className="sides" data-testid="sides">
          {of.sides.map((s, i) => {
            const isChosen = of.resolution?.chosen === s.id;
            return (
              <section key={s.id} className={`panel side-card${isChosen || chosen === s.id ? ' chosen' : ''}`} data-testid={`side-${s.id}`}>
                <h2>{say(s.title, lang) || t('conflicts.side', { n: i + 1 })} {isChosen && <Mark tone="good">{t('conflicts.chosen')}</Mark>}</h2>
                {s.figures.map((f) => (
                  <div key={f.ref} className="side-figure">
                    <p className="side-value">{f.entity ? <To href={entityHref(f.entity)}><FigureNum figure={f} /></To> : <FigureNum figure={f} />}<small>{f.subject} · {f.period.text}</small></p>
                    {f.derivation
                      ? <div className="side-derived"><p>{t('conflicts.derived')} <code>{f.derivation.formula}</code></p>
                          <ul>{f.derivation.inputs.map((x) => <li key={x.name}><code>{x.name}</code> = <b><FigureNum figure={x.figure} /></b> {x.figure.seq !== null && <VerifiedTag seq={x.figure.seq} />}{x.figure.source.sentence && <blockquote>{x.figure.source.sentence}</blockquote>}</li>)}</ul></div>
                      : f.source.sentence ? <blockquote>{f.source.sentence}</blockquote> : <p className="note">{t('conflicts.noSource')}</p>}
                    {f.source.document && <p className="note">{f.source.document}{f.source.section && <> · <To href={entityHref(f.source.section)}>{f.source.sectionNumber ?? t('common.open')}</To></>}</p>}
                    {f.source.note && <p className="note">{f.source.note}</p>}
                    {f.seq !== null && !f.derivation && <VerifiedTag seq={f.seq} />}
                  </div>
                ))}
                {deciding && <label className="check choose"><input type="radio" name="side" value={s.id} checked={chosen === s.id} onChange={() => setChosen(s.id)} data-testid={`choose-${s.id}`} />{t('conflicts.choose')}</label>}
              </section>
            );
          })}
        </div>
        {deciding && (
          <Section>
            <div className="panel decide">
              {!of.sides.some((s) => s.id === 'none') && <label className="check"><input type="radio" name="side" value="none" checked={chosen === 'none'} onChange={() => setChosen('none')} data-testid="choose-none" />{t('conflicts.neither')}</label>}
              <label htmlFor="reason">{t('conflicts.reason')}</label>
              <textarea id="reason" className="input" rows={3} value={reason} onChange={(e) => setReason(e.target.value)} placeholder={t('conflicts.reasonHint')} aria-invalid={tried && short} aria-describedby="reason-error" data-testid="reason" />
              <p id="reason-error" className="field-error" role={tried ? 'alert' : undefined}>{tried && !chosen && t('conflicts.chooseFirst')} {tried && short && t('conflicts.reasonShort')}</p>
              {resolve.error && <ErrorBox error={resolve.error} />}
              <button type="submit" className="btn primary" disabled={resolve.isPending} data-testid="resolve">{t('conflicts.resolve')}</button>
            </div>
          </Section>
        )}
      </form>
      {!of.resolution && !may && <p className="no-post" data-testid="no-permission">{t('conflicts.noPost')}</p>}
      {!of.resolution && may && asOf && <p className="no-post">{t('conflicts.past')}</p>}
      {of.resolution && (
        <Section title={t('conflicts.resolution')} testid="resolution">
          <div className="panel">
            <p>{t('conflicts.resolvedBy', { by: actor(of.resolution.by), at: moment(of.resolution.at, lang) })}</p>
            <blockquote className="reason-text">{of.resolution.reason}</blockquote>
            <p className="row"><span>{t('conflicts.record')}</span> <VerifiedTag seq={of.resolution.seq} />
              {may && !asOf && <button type="button" className="btn" disabled={withdraw.isPending} onClick={() => window.confirm(t('conflicts.withdrawAsk')) && withdraw.mutate(undefined as never)} data-testid="withdraw">{t('conflicts.withdraw')}</button>}</p>
            {withdraw.error && <ErrorBox error={withdraw.error} />}
          </div>
        </Section>
      )}
    </Page>
  );
}
