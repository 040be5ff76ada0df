// The time slider: replays the whole console. Its state is `?asOf=` in the address, a record number or an instant.
import { HistoryOutlined } from '@ant-design/icons';
import { useEffect, useState } from 'react';
import { useTranslation } from '~/i18n';
import { useLang, useLive } from '~/state/prefs';
import { useSession } from '~/state/session';
import { useAsOf, useChangeQuery } from '~/state/url';
import { moment } from '~/ui/format';
import { Pop } from './Pop';

const isRecord = (asOf: string) => /^\d+$/.test(asOf);
const local = (at: string | null | undefined) => {
  const d = at ? new Date(at) : new Date();
  return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

export function TimeControl() {
  const { t } = useTranslation();
  const asOf = useAsOf();
  return (
    <Pop testid="time-control" title={t('shell.time.title')} className={asOf ? 'bar-btn past' : 'bar-btn'}
      label={<><HistoryOutlined /> <span className="wide-only">{t('shell.time.label')}</span></>}>
      {(close) => <Panel close={close} />}
    </Pop>
  );
}

function Panel({ close }: { close: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const asOf = useAsOf();
  const change = useChangeQuery();
  const { data: session } = useSession();
  const live = useLive();
  const newest = Math.max(session?.newest ?? 0, live.seq, 1);
  const [record, setRecord] = useState(asOf && isRecord(asOf) ? Number(asOf) : newest);
  const [instant, setInstant] = useState(local(asOf && !isRecord(asOf) ? asOf : session?.newestAt));
  useEffect(() => {
    if (asOf && isRecord(asOf)) setRecord(Number(asOf));
  }, [asOf]);
  const look = (value: string | null) => {
    change({ asOf: value }, true);
    close();
  };
  const at = new Date(instant);
  return (
    <div className="time-panel">
      <strong>{t('shell.time.title')}</strong>
      <p className="note">{t('shell.time.how')}</p>
      <form onSubmit={(e) => { e.preventDefault(); look(String(record)); }}>
        <label htmlFor="asof-record">{t('shell.time.byRecord')}</label>
        <input type="range" min={1} max={newest} value={Math.min(record, newest)} onChange={(e) => setRecord(Number(e.target.value))} aria-label={t('shell.time.byRecord')} data-testid="time-slider" />
        <div className="row">
          <input id="asof-record" className="input" type="number" min={1} max={newest} value={record} onChange={(e) => setRecord(Number(e.target.value))} data-testid="time-record" />
          <span className="note">{t('shell.time.newest', { n: newest })}</span>
          <button className="btn" type="submit" data-testid="time-go-record">{t('shell.time.go')}</button>
        </div>
      </form>
      <form onSubmit={(e) => { e.preventDefault(); if (!Number.isNaN(at.getTime())) look(at.toISOString()); }}>
        <label htmlFor="asof-instant">{t('shell.time.byDate')}</label>
        <div className="row">
          <input id="asof-instant" className="input" type="datetime-local" value={instant} onChange={(e) => setInstant(e.target.value)} data-testid="time-instant" />
          <button className="btn" type="submit" data-testid="time-go-instant">{t('shell.time.go')}</button>
        </div>
        {session?.firstAt && <span className="note">{t('shell.time.first', { at: moment(session.firstAt, lang) })}</span>}
      </form>
      {asOf && <button type="button" className="btn primary" onClick={() => look(null)}>{t('shell.time.back')}</button>}
    </div>
  );
}

/** Says plainly that what is shown is the past. */
export function PastBanner() {
  const { t } = useTranslation();
  const lang = useLang();
  const asOf = useAsOf();
  const change = useChangeQuery();
  if (!asOf) return null;
  const what = isRecord(asOf) ? t('shell.time.record', { n: asOf }) : moment(asOf, lang);
  return (
    <div className="past-banner" role="status" data-testid="past-banner">
      <HistoryOutlined /> <strong>{t('shell.time.looking', { what })}</strong> <span>{t('shell.time.readonly')}</span>
      <button type="button" className="btn" onClick={() => change({ asOf: null }, true)} data-testid="time-now">{t('shell.time.back')}</button>
    </div>
  );
}
