// Who is on call, and when nobody is.
import { WarningOutlined } from '@ant-design/icons';
import type { OnCall, Shift } from '~/api/alerts';
import { useApi } from '~/api/client';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { useSession } from '~/state/session';
import { Mark } from '~/ui/Bits';
import { moment } from '~/ui/format';
import { Section } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { At } from './bits';

export function Duty() {
  const { t } = useTranslation();
  const lang = useLang();
  const { data: session } = useSession();
  const query = useApi<OnCall>('/api/on-call');
  const role = (id: string, shifts: Shift[]) => say(shifts.find((s) => s.role === id)?.roleTitle ?? session?.posts.find((p) => p.role === id)?.title, lang) || id;
  const now = (d: OnCall) => {
    const ids = new Set((d.now ?? []).map((n) => (typeof n === 'string' ? n : n.id)));
    const at = Date.now();
    return d.shifts.filter((s) => s.now ?? (ids.size ? ids.has(s.id) : new Date(s.from).getTime() <= at && at < new Date(s.to).getTime()));
  };
  const enter = <To className="btn" href="/data/OnCallShift" data-testid="enter-shifts">{t('alerts.duty.enter')}</To>;
  return (
    <Read query={query} skeleton={<Skeleton rows={6} height={40} />}>
      {(d) => d.shifts.length === 0 ? <Empty title={t('alerts.duty.none')} action={enter}>{t('alerts.duty.noneDo')}</Empty> : (
        <div data-testid="duty">
          <div className="duty-top">
            <div className="panel"><h2>{t('alerts.duty.now')}</h2>
              {now(d).length === 0 ? <p className="note">{t('alerts.duty.none')}</p> : <ul className="duty-now">{now(d).map((s) => <li key={s.id} data-testid="on-call-now"><strong>{s.person ?? '—'}</strong> {say(s.roleTitle, lang)}{s.organisation && <> · {s.organisation.name}</>}<div className="note">{t('alerts.duty.to')} {moment(s.to, lang)}{s.channels?.length ? ` · ${s.channels.join(' ')}` : ''}</div></li>)}</ul>}
            </div>
            <div className="panel"><h2>{t('alerts.duty.gaps')}</h2>
              {d.gaps.length === 0 ? <p className="note">{t('alerts.duty.noGaps')}</p> : <ul className="duty-now">{d.gaps.map((g, i) => <li key={i} data-testid="gap"><Mark tone="near" icon={<WarningOutlined />}>{role(g.role, d.shifts)}</Mark> {t('alerts.duty.gap', { from: moment(g.from, lang), to: moment(g.to, lang) })}</li>)}</ul>}
            </div>
          </div>
          <Section title={t('alerts.duty.shifts')} extra={enter}>
            <div className="scroll cards-on-phone" tabIndex={0} role="region" aria-label={t('alerts.duty.shifts')}>
              <table className="list" data-testid="shifts">
                <thead><tr>{(['role', 'organisation', 'person', 'from', 'to', 'channels'] as const).map((c) => <th key={c} scope="col">{t(`alerts.duty.${c}`)}</th>)}</tr></thead>
                <tbody>{d.shifts.map((s) => (
                  <tr key={s.id}><th scope="row">{say(s.roleTitle, lang) || s.role}</th><td>{s.organisation?.name ?? '—'}</td><td data-label={t('alerts.duty.person')}>{s.person ?? '—'}</td><td data-label={t('alerts.duty.from')}><At of={s.from} /></td><td data-label={t('alerts.duty.to')}><At of={s.to} /></td><td className="note">{s.channels?.join('、') || '—'}</td></tr>
                ))}</tbody>
              </table>
            </div>
          </Section>
        </div>
      )}
    </Read>
  );
}
