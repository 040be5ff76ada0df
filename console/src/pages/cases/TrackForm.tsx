import { SearchOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { useTranslation } from '~/i18n';
import { useGo } from '~/state/url';

/** Where the code of a report is typed. */
export function TrackForm({ first }: { first?: boolean }) {
  const { t } = useTranslation();
  const go = useGo();
  const [code, setCode] = useState('');
  return (
    <form className="track-form" role="search" onSubmit={(e) => { e.preventDefault(); const typed = code.replace(/\s/g, '').toUpperCase(); if (typed) go(`/report/${encodeURIComponent(typed)}`); }}>
      <label className="field"><span>{t('desk.trackInput')}</span><input className="input mono" value={code} maxLength={60} autoCapitalize="characters" autoComplete="off" spellCheck={false} onChange={(e) => setCode(e.target.value)} data-testid="track-input" /></label>
      <button type="submit" className={first ? 'btn primary' : 'btn'} data-testid="track-find"><SearchOutlined /> {t('desk.find')}</button>
    </form>
  );
}
