// Addresses as people write them: the way, then what stands on a card; each can be tried before it is kept.
import { CheckCircleOutlined, CloseCircleOutlined, DeleteOutlined, PlusOutlined, SendOutlined } from '@ant-design/icons';
import type { Channel, Way } from '~/api/alerts';
import { type ApiError, post, useVerb } from '~/api/client';
import { useTranslation } from '~/i18n';
import { Mark } from '~/ui/Bits';
import { errorWords } from '~/ui/State';
import { type Line, right, typed, uri, ways, why } from './ways';

const MOST = 10;

export function Addresses({ lines, set, tried, channels, faultAt, test }: { lines: Line[]; set: (lines: Line[]) => void; tried: boolean; channels: Channel[]; faultAt?: { at: number; why: string } | null; test: boolean }) {
  const { t } = useTranslation();
  const change = (at: number, line: Line) => set(lines.map((l, i) => (i === at ? line : l)));
  // A fault of the server counts the lines that are filled.
  let filled = -1;
  return (
    <div className="addresses">
      {lines.map((line, at) => {
        if (line.text) filled += 1;
        const said = line.text && faultAt?.at === filled ? faultAt.why : null;
        return <One key={at} at={at} line={line} set={(l) => change(at, l)} drop={lines.length > 1 ? () => set(lines.filter((_, i) => i !== at)) : null} bad={tried && line.text !== '' && !right(line)} said={said} missing={channels.find((c) => c.channel === line.way)?.missing ?? null} test={test} />;
      })}
      {lines.length < MOST && <button type="button" className="btn small add-address" onClick={() => set([...lines, { way: lines[lines.length - 1]?.way ?? 'mail', text: '' }])} data-testid="address-add"><PlusOutlined /> {t('channels.form.addAddress')}</button>}
    </div>
  );
}

function One({ at, line, set, drop, bad, said, missing, test }: { at: number; line: Line; set: (line: Line) => void; drop: (() => void) | null; bad: boolean; said: string | null; missing: string | null; test: boolean }) {
  const { t } = useTranslation();
  const send = useVerb((address: string) => post<void>('/api/channels/test', { address }));
  const edit = (next: Line) => {
    send.reset();
    set(next);
  };
  const n = at + 1;
  const fault = said ?? (bad ? t(`channels.form.bad.${line.way}`) : null);
  return (
    <div className="address" data-testid="address">
      <select className="input" aria-label={`${t('channels.form.way')} ${n}`} value={line.way} onChange={(e) => edit({ ...line, way: e.target.value as Way })} data-testid="address-way">{ways.map((w) => <option key={w} value={w}>{t(`channels.way.${w}`)}</option>)}</select>
      <input className="input mono" aria-label={`${t('channels.form.address')} ${n}`} value={line.text} placeholder={t(`channels.form.example.${line.way}`)} maxLength={1000} autoComplete="off" spellCheck={false} inputMode={line.way === 'mail' ? 'email' : line.way === 'wecom' ? 'text' : 'url'} aria-invalid={Boolean(fault)}
        onChange={(e) => edit(typed(e.target.value, line.way))} data-testid="address-text" />
      <span className="address-verbs">
        {test && <button type="button" className="btn small" disabled={!right(line) || send.isPending} onClick={() => send.mutate(uri(line))} data-testid="address-test"><SendOutlined /> {t(send.isPending ? 'channels.form.testing' : 'channels.form.test')}</button>}
        {drop && <button type="button" className="icon-btn" aria-label={`${t('channels.form.drop')} ${n}`} title={t('channels.form.drop')} onClick={drop} data-testid="address-drop"><DeleteOutlined /></button>}
      </span>
      {fault && <span className="field-error" role="alert">{fault}</span>}
      {missing && <span className="note" data-testid="address-missing">{t('channels.form.notReady')}</span>}
      <span className="address-answer" role="status">
        {send.isSuccess && <Mark tone="good" icon={<CheckCircleOutlined />}>{t('channels.form.tested')}</Mark>}
        {send.error && <Failure error={send.error} />}
      </span>
    </div>
  );
}

function Failure({ error }: { error: ApiError }) {
  const { t } = useTranslation();
  const words = errorWords(error, t);
  // 502: it was tried and not delivered; anything else is not about the address.
  const tried = error.status === 502;
  const { word, said } = why(error.code, error.detail, t);
  return <span data-testid="test-failed"><Mark tone="bad" icon={<CloseCircleOutlined />}>{tried ? (word ?? t('channels.form.testFailed')) : words.title}</Mark> <span className="note">{tried ? said : error.detail || words.todo} <code>{error.code}</code></span></span>;
}
