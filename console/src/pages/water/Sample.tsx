// A sample taken by hand: where, when, at what tide, by whom, and what was measured.
import { useState } from 'react';
import { parameters, type WaterSection } from '~/api/water';
import { post, useVerb } from '~/api/client';
import { useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { ErrorBox } from '~/ui/State';
import { toast } from '~/ui/toast';
import { Ask, fromLocal, paren, toLocal } from '../alerts/bits';

const unit = (p: string) => (p === 'pH' ? '' : p === 'temperature' ? '°C' : 'mg/L');
const credible = (p: string, n: number) => (p === 'pH' ? n >= 0 && n <= 14 : p === 'temperature' ? n >= -2 && n <= 50 : n >= 0 && n <= 5000);

export function Sample({ sections, close }: { sections: WaterSection[]; close: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [section, setSection] = useState('');
  const [at, setAt] = useState(() => toLocal(new Date()));
  const [tide, setTide] = useState('');
  const [sampler, setSampler] = useState('');
  const [laboratory, setLaboratory] = useState('');
  const [values, setValues] = useState<Record<string, string>>({});
  const [tried, setTried] = useState(false);
  const filled = parameters.filter((p) => values[p]?.trim());
  const wrong = filled.filter((p) => !Number.isFinite(Number(values[p])) || !credible(p, Number(values[p])));
  const sampledAt = fromLocal(at);
  const future = sampledAt !== '' && new Date(sampledAt).getTime() > Date.now() + 60_000;
  const fine = section && sampledAt && !future && sampler.trim() && filled.length > 0 && wrong.length === 0;
  const tidal = sections.find((s) => s.id === section)?.tidal ?? false;
  const send = useVerb(() => post('/api/water/samples', {
    section, sampledAt, values: Object.fromEntries(filled.map((p) => [p, Number(values[p])])), sampler: sampler.trim(), ...(tidal && tide ? { tide } : {}), ...(laboratory.trim() ? { laboratory: laboratory.trim() } : {}),
  }), () => {
    toast.ok(t('water.taken'));
    close();
  });
  const need = (missing: boolean) => tried && missing && <span className="field-error" role="alert">{t('water.need')}</span>;
  return (
    <Ask title={t('water.sampleTitle')} close={close} wide testid="sample">
      <form className="form" noValidate onSubmit={(e) => { e.preventDefault(); setTried(true); if (fine) send.mutate(undefined as never); }}>
        <div className="fields">
          <label><span>{t('water.section')}</span><select className="input" value={section} onChange={(e) => setSection(e.target.value)} aria-invalid={tried && !section} data-testid="sample-section"><option value="">{t('water.choose')}</option>{sections.map((s) => <option key={s.id} value={s.id}>{s.name}{paren(s.creek.name, lang)}</option>)}</select>{need(!section)}</label>
          <label><span>{t('water.sampledAt')}</span><input className="input" type="datetime-local" value={at} onChange={(e) => setAt(e.target.value)} aria-invalid={tried && (!sampledAt || future)} data-testid="sample-at" />{need(!sampledAt)}{future && <span className="field-error" role="alert">{t('water.future')}</span>}</label>
          {tidal && <label><span>{t('water.tideNow')}</span><select className="input" value={tide} onChange={(e) => setTide(e.target.value)} data-testid="sample-tide"><option value="">{t('water.tideUnknown')}</option><option value="rising">{t('water.tide.rising')}</option><option value="falling">{t('water.tide.falling')}</option></select></label>}
          <label><span>{t('water.sampler')}</span><input className="input" value={sampler} maxLength={100} onChange={(e) => setSampler(e.target.value)} aria-invalid={tried && !sampler.trim()} data-testid="sample-sampler" />{need(!sampler.trim())}</label>
          <label><span>{t('water.laboratory')}</span><input className="input" value={laboratory} maxLength={100} onChange={(e) => setLaboratory(e.target.value)} data-testid="sample-laboratory" /></label>
        </div>
        <fieldset><legend>{t('water.values')}</legend>
          <div className="sample-values">{parameters.map((p) => (
            <label key={p}><span>{t(`water.p.${p}`)}{unit(p) && <small className="note"> {unit(p)}</small>}</span><input className="input" inputMode="decimal" value={values[p] ?? ''} onChange={(e) => setValues({ ...values, [p]: e.target.value })} aria-invalid={wrong.includes(p)} data-testid={`sample-${p}`} />{wrong.includes(p) && <span className="field-error" role="alert">{t('water.badNumber')}</span>}</label>
          ))}</div>
          {tried && filled.length === 0 && <span className="field-error" role="alert">{t('water.oneValue')}</span>}
        </fieldset>
        {send.error && <ErrorBox error={send.error} />}
        <div className="row"><button type="button" className="btn" onClick={close}>{t('common.cancel')}</button><button type="submit" className="btn primary" disabled={send.isPending} data-testid="ask-ok">{t('common.save')}</button></div>
      </form>
    </Ask>
  );
}
