import { CheckCircleOutlined, CloseCircleOutlined, FileSearchOutlined } from '@ant-design/icons';
import { useEffect, useRef, useState } from 'react';
import { useApi } from '~/api/client';
import type { ReportHead } from '~/api/types';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/public';
import { useLang } from '~/state/prefs';
import { useParam } from '~/state/url';
import { Code, Mark, RecordTag } from '~/ui/Bits';
import { moment, number } from '~/ui/format';
import { Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { VerifyForm } from './Public';
import './public.css';

texts('public', words);

type Verified = { kind: string; report: ReportHead; seq: number | null };

export default function Verify() {
  const { t } = useTranslation();
  const code = useParam('code');
  const query = useApi<Verified>(code ? `/api/public/verify/${encodeURIComponent(code)}` : null, undefined, { asOf: false });
  useEffect(() => {
    document.title = `${t('public.verifyTitle')} · ${t('common.product')}`;
  }, [t]);
  return (
    <div className="pub-page narrow" data-testid="verify">
      <header className="pub-lead"><p><To href="/public">← {t('public.sub2')}</To></p><h1>{t('public.verifyTitle')}</h1><p>{t('public.verifySub')}</p></header>
      <VerifyForm key={code} code={code} />
      {code && (query.error?.status === 404 ? (
        <div className="panel pub-bad" role="alert" data-testid="verify-none"><h2><CloseCircleOutlined /> {t('public.notFound')}</h2><p>{t('public.notFoundDo')}</p></div>
      ) : <Read query={query} skeleton={<Skeleton rows={5} height={40} />}>{(v) => <Found of={v} />}</Read>)}
    </div>
  );
}

function Found({ of }: { of: Verified }) {
  const { t } = useTranslation();
  const lang = useLang();
  const r = of.report;
  const at = [...r.steps].reverse().find((s) => s.verb === 'publish');
  return (
    <>
      <section className="panel pub-good" data-testid="verify-found">
        <h2><CheckCircleOutlined /> {t('public.genuine')}</h2>
        <p className="pub-report-title">{r.title}</p>
        <p>{t('public.version', { n: r.version })} · <Mark tone="good">{t('public.stateOf.published')}</Mark>{at && ` · ${t('public.publishedAt', { at: moment(at.at, lang) })}`}</p>
        <dl className="pub-facts">
          <div><dt>{t('public.verifyCode')}</dt><dd><Code>{r.code}</Code></dd></div>
          {of.seq !== null && <div><dt>{t('public.record')}</dt><dd><RecordTag seq={of.seq} /></dd></div>}
          <div><dt>{t('public.digest')}</dt><dd><Code>{r.digest}</Code></dd></div>
        </dl>
        <h3>{t('public.files')}</h3>
        <ul className="pub-files">{r.files.map((f) => <li key={f.format}><a href={`/api/reports/${r.id}/report.${f.format}`} target="_blank" rel="noreferrer">{t(`public.format.${f.format}`)}</a> <span className="note">{t('public.bytes', { n: number(f.bytes) })}</span><div data-testid={`digest-${f.format}`}><Code>{f.sha256}</Code></div></li>)}</ul>
      </section>
      <CheckFile of={r} />
    </>
  );
}

/** The file stays here: the browser computes its digest and compares. */
function CheckFile({ of }: { of: ReportHead }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [mine, setMine] = useState<{ name: string; size: number; sha256: string } | null>(null);
  const able = typeof crypto !== 'undefined' && crypto.subtle !== undefined;
  const take = async (file: File | undefined) => {
    if (!file) return;
    setBusy(true);
    setMine(null);
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer()));
    setMine({ name: file.name, size: file.size, sha256: [...digest].map((b) => b.toString(16).padStart(2, '0')).join('') });
    setBusy(false);
  };
  const match = mine && of.files.find((f) => f.sha256 === mine.sha256);
  return (
    <section className="panel pub-check">
      <h2>{t('public.check')}</h2><p>{t('public.checkSub')}</p>
      {!able ? <p className="note">{t('public.cannot')}</p> : (
        <>
          <button type="button" className={over ? 'pub-drop over' : 'pub-drop'} disabled={busy} onClick={() => input.current?.click()} onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)} onDrop={(e) => { e.preventDefault(); setOver(false); void take(e.dataTransfer.files[0]); }}><FileSearchOutlined /> {busy ? t('public.computing') : t('public.choose')}</button>
          <input ref={input} type="file" hidden onChange={(e) => { void take(e.target.files?.[0]); e.target.value = ''; }} data-testid="check-file" />
        </>
      )}
      {mine && (
        <div className={match ? 'pub-result good' : 'pub-result bad'} role="status" data-testid="check-result" data-match={match?.format ?? ''}>
          <p><strong>{match ? <><CheckCircleOutlined /> {t('public.same', { f: t(`public.format.${match.format}`) })}</> : <><CloseCircleOutlined /> {t('public.other')}</>}</strong></p>
          <p className="note">{t('public.yours')} {mine.name} · {t('public.bytes', { n: number(mine.size) })}</p><p><Code>{mine.sha256}</Code></p>
        </div>
      )}
    </section>
  );
}
