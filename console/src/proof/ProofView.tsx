// One record and its proof, step by step. Used by the evidence drawer and the evidence page.
import { CheckCircleOutlined, CloseCircleOutlined, DownloadOutlined, LoadingOutlined, MinusCircleOutlined, SafetyCertificateOutlined } from '@ant-design/icons';
import { download, useApi } from '~/api/client';
import { texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/evidence';
import { useLang } from '~/state/prefs';
import { Actor, Code, Mark, useOpenRecord } from '~/ui/Bits';
import { moment } from '~/ui/format';
import { ErrorBox, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { useProof } from './useProof';
import { canVerify, type Outcome } from './verify';
import './proof.css';

texts('evidence', words);

export type RecordView = { seq: number; at: string; actor: string; command: string; cause: number | null; touched: string[]; attributes: string[] };
export const shortName = (iri: string) => iri.split(/[/#]/).pop() || iri;

const sign: Record<Outcome, React.ReactNode> = { yes: <CheckCircleOutlined className="yes" />, no: <CloseCircleOutlined className="no" />, cannot: <MinusCircleOutlined className="cannot" /> };

/** 已验证, after the browser has recomputed the proof; a click opens the drawer. */
export function VerifiedTag({ seq }: { seq: number }) {
  const { t } = useTranslation();
  const open = useOpenRecord();
  const { data, error, isLoading } = useProof(seq);
  return (
    <button type="button" className="record-tag" onClick={() => open(seq)} data-testid="verified-tag" data-seq={seq} data-verified={data?.verified ?? false}>
      {isLoading ? <><LoadingOutlined /> {t('evidence.verifying')}</>
        : data?.verified ? <><SafetyCertificateOutlined className="yes" /> {t('evidence.verified')}</>
          : error ? <><MinusCircleOutlined /> {t('evidence.notYet')}</>
            : <><MinusCircleOutlined /> {data?.checks.some((c) => c.outcome === 'no') ? t('evidence.failed') : t('evidence.partial')}</>}
      <span className="tag-seq">#{seq}</span>
    </button>
  );
}

export function ProofView({ seq }: { seq: number }) {
  const { t, i18n } = useTranslation();
  const lang = useLang();
  const record = useApi<RecordView>(`/api/records/${seq}`, undefined, { asOf: false, staleTime: Number.POSITIVE_INFINITY });
  const proof = useProof(seq);
  const command = (c: string) => (i18n.exists(`evidence.command.${c}`) ? t(`evidence.command.${c}`) : c);
  const save = () => download('/api/bundle', { after: seq - 1, limit: 1 }, `nacre-record-${seq}.json`).catch(toast.error);
  return (
    <div className="proof" data-testid="proof" data-seq={seq}>
      <Read query={record} skeleton={<Skeleton rows={4} />}>
        {(r) => (
          <dl className="facts">
            <div><dt>{t('evidence.when')}</dt><dd>{moment(r.at, lang)} <small className="note">{r.at}</small></dd></div>
            <div><dt>{t('evidence.who')}</dt><dd><Actor of={r.actor} /> <small className="note">{r.actor}</small></dd></div>
            <div><dt>{t('evidence.what')}</dt><dd>{command(r.command)} <small className="note">{r.command}</small></dd></div>
            {r.cause !== null && <div><dt>{t('evidence.cause')}</dt><dd>#{r.cause}</dd></div>}
            <div><dt>{t('evidence.touched')}</dt><dd>{r.touched.slice(0, 20).map((id) => <div key={id}>{id.startsWith('urn:') ? <To href={entityHref(id)}>{id}</To> : <Code>{id}</Code>}</div>)}{r.touched.length > 20 && <span className="note">+{r.touched.length - 20}</span>}</dd></div>
            {r.attributes.length > 0 && <div><dt>{t('evidence.attributes')}</dt><dd className="attr-names">{r.attributes.slice(0, 60).map((a) => <span key={a} title={a}>{shortName(a)}</span>)}</dd></div>}
          </dl>
        )}
      </Read>
      <section className="verdict-box">
        {proof.isLoading && <p role="status"><LoadingOutlined /> {t('evidence.verifying')}</p>}
        {proof.error && (proof.error.status === 404 ? <p className="note">{t('evidence.notYet')}：{proof.error.detail}</p> : <ErrorBox error={proof.error} retry={() => void proof.refetch()} />)}
        {proof.data && (
          <>
            <p className="verdict" data-testid="verdict" data-verified={proof.data.verified}>
              {proof.data.verified ? <Mark tone="good" icon={<SafetyCertificateOutlined />}>{t('evidence.verified')}</Mark>
                : <Mark tone={proof.data.checks.some((c) => c.outcome === 'no') ? 'bad' : 'near'} icon={<MinusCircleOutlined />}>{proof.data.checks.some((c) => c.outcome === 'no') ? t('evidence.failed') : t('evidence.partial')}</Mark>}
              <span>{t('evidence.how')}</span>
            </p>
            {!canVerify() && <p className="note">{t('evidence.cannotHere')}</p>}
            <ol className="checks">
              {proof.data.checks.map((c) => (
                <li key={c.key} data-testid={`check-${c.key}`} data-outcome={c.outcome}>{sign[c.outcome]}<span>{t(`evidence.check.${c.key}`)}</span><small>{t(`evidence.outcome.${c.outcome}`)}</small>
                  {c.outcome === 'no' && c.expected !== undefined && <div className="hashes">{c.expected} ≠ {c.got}</div>}</li>
              ))}
            </ol>
            <dl className="facts hashes-list">
              <div><dt>{t('evidence.root')}</dt><dd><Code>{proof.data.inclusion.root}</Code></dd></div>
              <div><dt>{t('evidence.index')}</dt><dd>{proof.data.inclusion.index} / {proof.data.inclusion.size}</dd></div>
              <div><dt>{t('evidence.leaf')}</dt><dd><Code>{proof.data.inclusion.leaf}</Code></dd></div>
              {proof.data.key && <div><dt>{t('evidence.key')}</dt><dd><Code>{proof.data.key.trim()}</Code><div className="note">{t('evidence.keyHint')}</div></dd></div>}
            </dl>
            <details className="path-steps" data-testid="proof-path">
              <summary>{t('evidence.path', { n: proof.data.steps.length })}</summary>
              <ol>{proof.data.steps.map((s, i) => <li key={i}><span className="note">{t(`evidence.${s.side}`)}</span> <Code>{s.hash}</Code><br /><span className="note">{t('evidence.result')}</span> <Code>{s.result}</Code></li>)}</ol>
              <pre>{proof.data.inclusion.checkpoint}</pre>
            </details>
          </>
        )}
      </section>
      <p className="row"><button type="button" className="btn" onClick={save} data-testid="bundle"><DownloadOutlined /> {t('evidence.bundle')}</button><span className="note">{t('evidence.bundleHint')}</span></p>
    </div>
  );
}
