// When a term would end.
import { useState } from 'react';
import { termKinds } from '~/api/calendar';
import { useApi } from '~/api/client';
import { useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { Mark } from '~/ui/Bits';
import { moment } from '~/ui/format';
import { ErrorBox } from '~/ui/State';
import { fromLocal, toLocal } from '../alerts/bits';

export function End() {
  const { t } = useTranslation();
  const lang = useLang();
  const [from, setFrom] = useState(() => toLocal(new Date()));
  const [kind, setKind] = useState<string>('working-days');
  const [amount, setAmount] = useState('5');
  const n = Number(amount);
  const good = Number.isInteger(n) && n >= 1 && n <= 1000 && fromLocal(from) !== '';
  const query = useApi<{ at: string; provisional: boolean }>(good ? '/api/calendar/end' : null, { from: fromLocal(from), kind, amount: n }, { asOf: false });
  return (
    <div className="panel" data-testid="term">
      <h2>{t('water.cal.end')}</h2>
      <div className="form">
        <label><span>{t('water.cal.from')}</span><input className="input" type="datetime-local" value={from} onChange={(e) => setFrom(e.target.value)} data-testid="term-from" /></label>
        <label><span>{t('water.cal.kind')}</span><select className="input" value={kind} onChange={(e) => setKind(e.target.value)} data-testid="term-kind">{termKinds.map((k) => <option key={k} value={k}>{t(`water.cal.kinds.${k}`)}</option>)}</select></label>
        <label><span>{t('water.cal.amount')}</span><input className="input" inputMode="numeric" value={amount} onChange={(e) => setAmount(e.target.value.trim())} aria-invalid={!good} data-testid="term-amount" />{!good && <span className="field-error" role="alert">{t('water.cal.badAmount')}</span>}</label>
        {good && query.error && <ErrorBox error={query.error} />}
        {good && query.data && <p className="term-end" role="status" data-testid="term-end"><span className="note">{t('water.cal.endsAt')}</span> <strong>{moment(query.data.at, lang)}</strong> {query.data.provisional && <Mark tone="near">{t('common.provisional')}</Mark>}</p>}
      </div>
    </div>
  );
}
