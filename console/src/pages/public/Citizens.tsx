// For citizens: report a problem, or see what became of a report. It stands first on the public site.
import { CameraOutlined, SearchOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { useTranslation } from '~/i18n';
import { useGo } from '~/state/url';
import { To } from '~/ui/To';

export function Citizens() {
  const { t } = useTranslation();
  const go = useGo();
  const [code, setCode] = useState('');
  return (
    <section className="panel pub-citizens" aria-labelledby="citizens" data-testid="citizens">
      <div className="pub-citizens-say"><h2 id="citizens">{t('public.citizens.title')}</h2><p>{t('public.citizens.say')}</p></div>
      <To className="btn primary" href="/report" data-testid="citizens-report"><CameraOutlined /> {t('public.citizens.report')}</To>
      <form className="pub-inline" role="search" onSubmit={(e) => { e.preventDefault(); const typed = code.replace(/\s/g, '').toUpperCase(); if (typed) go(`/report/${encodeURIComponent(typed)}`); }}>
        <label><span>{t('public.citizens.track')}</span><input className="input mono" value={code} maxLength={60} placeholder={t('public.citizens.trackHint')} autoCapitalize="characters" autoComplete="off" onChange={(e) => setCode(e.target.value)} data-testid="citizens-code" /></label>
        <button type="submit" className="btn" data-testid="citizens-find"><SearchOutlined /> {t('public.citizens.find')}</button>
      </form>
    </section>
  );
}
