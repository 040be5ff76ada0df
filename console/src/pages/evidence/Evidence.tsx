import { CloseCircleOutlined, DownloadOutlined, SafetyCertificateOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { download, useApi } from '~/api/client';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/evidence';
import { ProofView, type RecordView } from '~/proof/ProofView';
import { type Bundle, judgeBundle, type Proof, readCheckpoint } from '~/proof/verify';
import { useLive } from '~/state/prefs';
import { useSession } from '~/state/session';
import { useChangeQuery, useQueryState } from '~/state/url';
import { Actor, Code, Mark, RecordTag } from '~/ui/Bits';
import { short } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import './evidence.css';

texts('evidence', words);

export default function Evidence() {
  const { t } = useTranslation();
  const [seqText] = useQueryState('seq');
  const [entity] = useQueryState('entity');
  const change = useChangeQuery();
  const [typed, setTyped] = useState(seqText || entity);
  const checkpoint = useApi<string>('/log/checkpoint', undefined, { asOf: false, staleTime: 2000 });
  const key = useApi<string>('/log/key', undefined, { asOf: false, staleTime: Number.POSITIVE_INFINITY });
  const { data: session } = useSession();
  const live = useLive();
  const note = checkpoint.data ? readCheckpoint(checkpoint.data) : null;
  const seq = /^\d+$/.test(seqText) ? Number(seqText) : null;
  const newest = note?.size ?? Math.max(session?.newest ?? 0, live.seq);
  return (
    <Page title={t('evidence.title')} sub={t('evidence.sub')} testid="evidence">
      <form className="panel lookup" onSubmit={(e) => {
        e.preventDefault();
        const value = typed.trim();
        change(/^\d+$/.test(value) ? { seq: value, entity: null } : { seq: null, entity: value || null }, true);
      }}>
        <label htmlFor="lookup">{t('evidence.lookup')}</label>
        <input id="lookup" className="input" value={typed} onChange={(e) => setTyped(e.target.value)} placeholder={`${t('evidence.seq')} ${t('evidence.entity')}`} data-testid="evidence-input" />
        <button type="submit" className="btn primary" data-testid="evidence-find">{t('evidence.find')}</button>
      </form>
      <div className="evidence-grid">
        <div>
          {seq !== null && (seq < 1 || (newest > 0 && seq > newest)
            ? <Empty title={t('evidence.badSeq', { n: newest })} />
            : <Section title={t('evidence.drawer', { n: seq })}><div className="panel"><ProofView key={seq} seq={seq} /></div></Section>)}
          {seq === null && entity && <OfEntity id={entity} />}
          {seq === null && !entity && <Recent newest={newest} />}
        </div>
        <div>
        <Section title={t('evidence.newest')}>
          <div className="panel">
            <Read query={checkpoint} skeleton={<Skeleton rows={4} />}>
              {(text) => (
                <>
                  <dl className="facts">
                    <div><dt>{t('evidence.origin')}</dt><dd>{note?.origin}</dd></div>
                    <div><dt>{t('evidence.size')}</dt><dd>{note?.size}</dd></div>
                    <div><dt>{t('evidence.root')}</dt><dd><Code>{note?.root ?? ''}</Code></dd></div>
                    {key.data && <div><dt>{t('evidence.key')}</dt><dd><Code>{key.data.trim()}</Code><div className="note">{t('evidence.keyHint')}</div></dd></div>}
                  </dl>
                  <details className="path-steps"><summary>{t('evidence.raw')}</summary><pre>{text}</pre></details>
                </>
              )}
            </Read>
          </div>
        </Section>
        <FromFile />
        </div>
      </div>
    </Page>
  );
}

type Outcome = { proofs: Proof[]; key: string } | { broken: string };

function FromFile() {
  const { t } = useTranslation();
  const [result, setResult] = useState<Outcome | null>(null);
  const check = async (file: File) => {
    try {
      const bundle = JSON.parse(await file.text()) as Bundle;
      setResult({ proofs: await judgeBundle(bundle), key: bundle.key });
    } catch (error) {
      setResult({ broken: String((error as Error).message ?? error) });
    }
  };
  const bad = result && 'proofs' in result ? result.proofs.filter((p) => !p.verified) : [];
  return (
    <Section title={t('evidence.file')} testid="bundle-check">
      <div className="panel">
        <p className="note">{t('evidence.fileHow')}</p>
        <label className="btn file-btn">{t('evidence.fileChoose')}<input type="file" accept=".json,application/json" className="sr" data-testid="bundle-file" onChange={(e) => { const file = e.target.files?.[0]; if (file) void check(file); }} /></label>
        <div role="status" data-testid="bundle-result">
          {result && 'broken' in result && <p><Mark tone="bad" icon={<CloseCircleOutlined />}>{t('evidence.failed')}</Mark> {t('evidence.fileBroken', { why: result.broken })}</p>}
          {result && 'proofs' in result && (
            <>
              <p>{bad.length === 0 && result.proofs.length > 0
                ? <Mark tone="good" icon={<SafetyCertificateOutlined />}>{t('evidence.fileGood', { n: result.proofs.length })}</Mark>
                : <Mark tone="bad" icon={<CloseCircleOutlined />}>{t('evidence.fileBad', { bad: bad.length, n: result.proofs.length })}</Mark>}</p>
              {bad.slice(0, 10).map((p) => <p key={p.inclusion.seq} className="note">#{p.inclusion.seq} {p.checks.filter((c) => c.outcome === 'no').map((c) => t(`evidence.check.${c.key}`)).join('；')} {t('evidence.outcome.no')}</p>)}
              <p className="note">{t('evidence.fileSigner', { key: '' })}<Code>{result.key}</Code></p>
            </>
          )}
        </div>
      </div>
    </Section>
  );
}

function Rows({ records }: { records: RecordView[] }) {
  const { t, i18n } = useTranslation();
  return (
    <ul className="record-rows panel">
      {records.map((r) => (
        <li key={r.seq}>
          <RecordTag seq={r.seq} />
          <span className="record-what">{i18n.exists(`evidence.command.${r.command}`) ? t(`evidence.command.${r.command}`) : r.command}{' '}
            {r.touched.slice(0, 2).map((id) => <span key={id}>{id.startsWith('urn:') ? <To href={entityHref(id)}>{id}</To> : id} </span>)}</span>
          <small className="note">{short(r.at)} · <Actor of={r.actor} /></small>
        </li>
      ))}
    </ul>
  );
}

function Recent({ newest }: { newest: number }) {
  const { t } = useTranslation();
  const query = useApi<RecordView[]>(newest > 0 ? '/api/records' : null, { after: Math.max(0, newest - 20), limit: 20 }, { asOf: false });
  return <Section title={t('evidence.recent')}><Read query={query} skeleton={<Skeleton rows={12} height={28} />}>{(list) => <Rows records={[...list].reverse()} />}</Read></Section>;
}

function OfEntity({ id }: { id: string }) {
  const { t } = useTranslation();
  const query = useApi<RecordView[]>('/api/records', { entity: id, limit: 200 }, { asOf: false });
  return (
    <Section title={t('evidence.entityRecords', { id })}
      extra={<button type="button" className="btn small" onClick={() => void download('/api/bundle', { entity: id, limit: 1000 }, 'nacre-bundle.json').catch(toast.error)} data-testid="bundle-entity"><DownloadOutlined /> {t('evidence.forEntity')}</button>}>
      <Read query={query}>{(list) => (list.length ? <Rows records={[...list].reverse()} /> : <Empty title={t('evidence.entityNone')} />)}</Read>
    </Section>
  );
}
