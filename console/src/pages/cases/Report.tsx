import { AimOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { post, upload, useApi, useVerb } from '~/api/client';
import type { Kept, Workflow } from '~/api/cases';
import { say, useTranslation } from '~/i18n';
import { useLang } from '~/state/prefs';
import { Code } from '~/ui/Bits';
import { Page, Section } from '~/ui/Page';
import { ErrorBox, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { TrackForm } from './TrackForm';
import './intake.css';
import './shared';

type Services = { services: Workflow['codes'] };
const SHOWN = 12;
type Sent = { number: string; track: string };

export default function Report() {
  const { t } = useTranslation();
  const services = useApi<Services>('/api/public/services', undefined, { asOf: false, staleTime: 300_000 });
  const [code, setCode] = useState('');
  const [find, setFind] = useState('');
  const [text, setText] = useState('');
  const [place, setPlace] = useState<[number, number] | null>(null);
  const [noPlace, setNoPlace] = useState(false);
  const [address, setAddress] = useState('');
  const [name, setName] = useState('');
  const [phone, setPhone] = useState('');
  const [nameless, setNameless] = useState(false);
  const [files, setFiles] = useState<Kept[]>([]);
  const [tried, setTried] = useState(false);
  const send = useVerb(() => post<Sent>('/api/public/reports', {
    ...(code ? { code } : {}), description: text.trim(), ...(place ? { location: place } : {}), ...(address.trim() ? { address: address.trim() } : {}),
    files: files.map(({ sha256, name: file }) => ({ sha256, name: file })), ...(nameless ? { anonymous: true } : { ...(name.trim() ? { name: name.trim() } : {}), ...(phone.trim() ? { phone: phone.trim() } : {}) }),
  }));
  const take = async (list: FileList | null) => {
    for (const file of list ?? []) {
      try { const kept = await upload<Kept>('/api/public/files', file, { name: file.name }); setFiles((f) => [...f, kept]); } catch (problem) { toast.error(problem); }
    }
  };
  const locate = () => (navigator.geolocation ? navigator.geolocation.getCurrentPosition((p) => { setNoPlace(false); setPlace([p.coords.longitude, p.coords.latitude]); }, () => setNoPlace(true), { enableHighAccuracy: true, timeout: 10_000 }) : setNoPlace(true));
  if (send.data) {
    return (
      <Page title={t('desk.sent')} narrow testid="reported">
        <div className="panel"><p>{t('desk.number')} <Code>{send.data.number}</Code></p><p>{t('desk.track')}</p><p className="track-code" data-testid="track">{send.data.track}</p><p className="note">{t('desk.trackHint')}</p>
          <div className="row"><To className="btn primary" href={`/report/${send.data.track}`} data-testid="follow">{t('desk.follow')}</To><button type="button" className="btn" onClick={() => { send.reset(); setText(''); setFiles([]); setCode(''); setTried(false); }}>{t('desk.again')}</button></div></div>
      </Page>
    );
  }
  return (
    <Page title={t('desk.report')} sub={t('desk.reportSub')} narrow testid="report">
      <form className="verb-form report-form" noValidate onSubmit={(e) => { e.preventDefault(); setTried(true); if (text.trim().length >= 2) send.mutate(undefined as never); }}>
        <fieldset className="panel report-kind"><legend>{t('desk.kind')} <small className="note">{t('desk.optional')}</small></legend>
          <input className="input" type="search" placeholder={t('desk.kindSearch')} aria-label={t('desk.kindSearch')} value={find} onChange={(e) => setFind(e.target.value)} data-testid="kind-search" />
          <Read query={services} skeleton={<Skeleton rows={3} height={48} />}>
            {({ services: all }) => <Kinds of={all} find={find} chosen={code} choose={setCode} />}
          </Read>
        </fieldset>
        <label><span>{t('desk.say')} <b aria-hidden="true">*</b></span><textarea className="input" rows={4} maxLength={5000} value={text} onChange={(e) => setText(e.target.value)} aria-invalid={tried && text.trim().length < 2} data-testid="report-text" />{tried && text.trim().length < 2 && <span className="field-error" role="alert">{t('desk.short')}</span>}</label>
        <label><span>{t('desk.photo')}</span><input type="file" accept="image/*" capture="environment" multiple onChange={(e) => void take(e.target.files)} data-testid="report-photo" /></label>
        {files.length > 0 && <ul className="case-photos">{files.map((f) => <li key={f.sha256}><img src={`/api/files/${f.sha256}/thumbnail`} alt={f.name} /></li>)}</ul>}
        <label><span>{t('desk.place')}</span><input className="input" value={address} onChange={(e) => setAddress(e.target.value)} placeholder={t('desk.addressHint')} maxLength={200} data-testid="report-address" /></label>
        <div className="report-place"><button type="button" className="btn" onClick={locate} data-testid="report-locate"><AimOutlined /> {t('desk.locate')}</button>{place && <span className="note">{t('desk.located', { lat: place[1].toFixed(5), lng: place[0].toFixed(5) })}</span>}{noPlace && <span className="field-error" role="alert">{t('desk.noPlace')}</span>}</div>
        <label className="check"><input type="checkbox" checked={nameless} onChange={(e) => setNameless(e.target.checked)} data-testid="report-nameless" />{t('desk.nameless')}</label>
        {!nameless && <><label><span>{t('desk.who')} <small className="note">{t('desk.whoHint')}</small></span><input className="input" value={name} onChange={(e) => setName(e.target.value)} maxLength={60} autoComplete="name" /></label><label><span>{t('desk.phone')} <small className="note">{t('desk.whoHint')}</small></span><input className="input" value={phone} onChange={(e) => setPhone(e.target.value)} maxLength={40} inputMode="tel" autoComplete="tel" /></label></>}
        {send.error && <ErrorBox error={send.error} />}
        <button type="submit" className="btn primary" disabled={send.isPending} data-testid="report-send">{t('desk.send')}</button>
      </form>
      <Section id="track" title={t('desk.find')} note={t('desk.findHint')}><TrackForm /></Section>
    </Page>
  );
}

/** Kinds to press: those that fit what was typed, the one chosen always among them. */
function Kinds({ of, find, chosen, choose }: { of: Workflow['codes']; find: string; chosen: string; choose: (code: string) => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const q = find.trim().toLowerCase();
  const hits = of.filter((s) => !q || s.code === chosen || [s.title.zh, s.title.en, s.group?.zh, s.group?.en].some((w) => w?.toLowerCase().includes(q)));
  const first = hits.slice(0, SHOWN);
  const own = hits.find((s) => s.code === chosen);
  const shown = own && !first.includes(own) ? [own, ...first.slice(0, SHOWN - 1)] : first;
  return (
    <>
      <div className="kind-grid">{shown.map((s) => <button key={s.code} type="button" className="btn" aria-pressed={chosen === s.code} onClick={() => choose(chosen === s.code ? '' : s.code)} data-testid={`kind-${s.code}`}>{say(s.title, lang)}</button>)}</div>
      <small className="note" role="status">{hits.length === 0 ? t('desk.kindNone') : hits.length > SHOWN ? t('desk.kindMore', { n: hits.length - SHOWN }) : ''}</small>
    </>
  );
}
