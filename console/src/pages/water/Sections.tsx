// Sections with their class, the parameters that decide it, and all that was measured one click away.
import { AlertOutlined, DownOutlined, FolderOpenOutlined, RightOutlined } from '@ant-design/icons';
import { Fragment, useState } from 'react';
import type { Parameter, WaterSection } from '~/api/water';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { Mark } from '~/ui/Bits';
import { ago, moment, number } from '~/ui/format';
import { entityHref, To } from '~/ui/To';
import { At, Simulated, Value } from '../alerts/bits';
import { ClassMark, classWord, Meets } from './bits';

export const sectionUrn = (id: string) => (id.startsWith('urn:') ? id : `urn:ngsi-ld:WaterSection:${id}`);
/** Where the values of a section come from; several when they differ. */
const sources = (s: WaterSection) => (s.source ? [s.source] : [...new Set(s.parameters.flatMap((p) => (p.source ? [p.source] : [])))]);

export function Sections({ of }: { of: WaterSection[] }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState<string | null>(null);
  return (
    <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('water.sections')}>
      <table className="list water-table" data-testid="sections">
        <thead><tr>{(['section', 'class', 'deciding', 'meets', 'observed', 'chief', 'open'] as const).map((c) => <th key={c} scope="col">{t(`water.${c}`)}</th>)}</tr></thead>
        <tbody>{of.map((s) => (
          <Fragment key={s.id}>
            <Row of={s} open={open === s.id} toggle={() => setOpen(open === s.id ? null : s.id)} />
            {open === s.id && <tr className="water-more"><td colSpan={7}><Values of={s} /></td></tr>}
          </Fragment>
        ))}</tbody>
      </table>
    </div>
  );
}

function Row({ of, open, toggle }: { of: WaterSection; open: boolean; toggle: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const missing = of.missing.map((m) => (typeof m === 'string' ? t(`water.p.${m}`, { defaultValue: m }) : say(m, lang)));
  const words = of.classTitle ?? of.verdict;
  return (
    <tr data-testid="section" data-id={of.id} data-class={of.class ?? ''} data-meets={String(of.meets)}>
      <th scope="row"><To href={entityHref(sectionUrn(of.id))} data-testid="section-link">{of.name}</To> {of.tidal && <span data-testid="tidal"><Mark tone="accent" title={t('water.tidalHow')}>{t('water.tidal')}{of.tide && ` · ${t(`water.tide.${of.tide}`, { defaultValue: of.tide })}`}</Mark></span>} {of.simulated && <Simulated />}
        <div className="note">{of.creek.name}</div></th>
      <td><ClassMark of={of.class} {...(words ? { verdict: say(words, lang) } : {})} />{of.parameters.length === 0 ? <div className="note">{t('water.noValues')}</div> : missing.length > 0 && <div className="note" title={t('water.missingHow')} data-testid="missing">{t('water.missing', { what: missing.join(lang === 'zh' ? '、' : ', ') })}</div>}</td>
      <td data-label={t('water.deciding')}>{of.deciding.length === 0 ? <div className="note">—</div> : <ul className="deciding">{of.deciding.map((p, i) => <Deciding key={i} of={p} />)}</ul>}
        {of.parameters.length > 0 && <button type="button" className="link all-values" aria-expanded={open} onClick={toggle} data-testid="section-values">{open ? <DownOutlined /> : <RightOutlined />} {t('water.allValues')}</button>}</td>
      <td><Meets of={of.meets} /> {of.targetClass && <div className="note">{t('water.target')} {classWord(of.targetClass, t)}</div>}</td>
      <td data-label={t('water.observed')}>{of.observedAt ? <time dateTime={of.observedAt} title={moment(of.observedAt, lang)}>{ago(of.observedAt, lang)}</time> : '—'}<div className="note">{sources(of).map((x) => t(`water.source.${x}`, { defaultValue: x })).join(lang === 'zh' ? '、' : ', ')}</div></td>
      <td data-label={t('water.chief')} className={of.chief ? '' : 'empty-cell'}>{of.chief?.name ?? '—'}</td>
      <td className={of.openCases + of.openAlerts === 0 ? 'empty-cell' : ''}>{of.openCases === 0 && of.openAlerts === 0 ? <span className="note">—</span> : <div className="row-verbs">
        {of.openAlerts > 0 && <To href={`/alerts?about=${encodeURIComponent(sectionUrn(of.id))}`} data-testid="section-alerts"><AlertOutlined /> {t('water.openAlerts', { n: of.openAlerts })}</To>}
        {of.openCases > 0 && <To href={`/cases?about=${encodeURIComponent(sectionUrn(of.id))}`} data-testid="section-cases"><FolderOpenOutlined /> {t('water.openCases', { n: of.openCases })}</To>}</div>}</td>
    </tr>
  );
}

function Deciding({ of }: { of: Parameter }) {
  const { t } = useTranslation();
  const lang = useLang();
  return <li data-testid="deciding">{say(of.title, lang)} <b><Value value={of.value} unit={of.unit} /></b>{of.limit !== null && of.limit !== undefined && <span className="note"> {t('water.limit', { n: number(of.limit) })}</span>}</li>;
}

function Values({ of }: { of: WaterSection }) {
  const { t } = useTranslation();
  const lang = useLang();
  return (
    <div className="water-values" data-testid="values">
      <table className="plain">
        <thead><tr><th scope="col">{t('water.parameter')}</th><th scope="col">{t('water.value')}</th><th scope="col">{t('water.own')}</th><th scope="col">{t('water.at')}</th></tr></thead>
        <tbody>{of.parameters.map((p, i) => (
          <tr key={i}><td>{say(p.title, lang)}</td><td><Value value={p.value} unit={p.unit} />{p.simulated && !of.simulated && <> <Simulated /></>}</td><td>{p.class ? <ClassMark of={p.class} /> : '—'}</td><td><At of={p.observedAt} />{p.source && <span className="note"> {t(`water.source.${p.source}`, { defaultValue: p.source })}</span>}</td></tr>
        ))}</tbody>
      </table>
    </div>
  );
}
