// A case entered by staff. What a workflow knows (its kinds, its members) makes the form; a refusal leaves what was typed, and so does a page left by mistake.
import { AimOutlined, SearchOutlined } from '@ant-design/icons';
import { useEffect, useState } from 'react';
import type { CaseInfo, Kept, Workflow } from '~/api/cases';
import { post, upload, useVerb } from '~/api/client';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/desk';
import { useLang } from '~/state/prefs';
import { useMyPost, useSession } from '~/state/session';
import { useAsOf, useGo, useQueryState } from '~/state/url';
import { Code } from '~/ui/Bits';
import { Page } from '~/ui/Page';
import { ErrorBox, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { useFlows, useParties, useStreets } from './lookups';
import './intake.css';

texts('desk', words);

type Draft = { title: string; description: string; code: string; street: string; address: string; lng: string; lat: string; organisation: string; priority: string };
const blank: Draft = { title: '', description: '', code: '', street: '', address: '', lng: '', lat: '', organisation: '', priority: 'normal' };
const KEY = 'nacre.draft.case';
const SHOWN = 9;

// The reporter's name and telephone are never kept here.
function draft(): Draft {
  try {
    return { ...blank, ...(JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Partial<Draft>) };
  } catch {
    return blank;
  }
}

export default function New() {
  const { t } = useTranslation();
  const flows = useFlows();
  return (
    <Page title={t('desk.intake.title')} sub={t('desk.intake.sub')} crumb={<To href="/cases">{t('desk.title')}</To>} narrow testid="case-new">
      <Read query={flows} skeleton={<Skeleton rows={8} height={44} />}>{({ workflows }) => <Form workflows={workflows} />}</Read>
    </Page>
  );
}

function Form({ workflows }: { workflows: Workflow[] }) {
  const { t } = useTranslation();
  const lang = useLang();
  const go = useGo();
  const past = useAsOf() !== null;
  const mine = useMyPost();
  const session = useSession();
  const streets = useStreets();
  const parties = useParties();
  const [wanted, setWanted] = useQueryState('workflow');
  const flow = workflows.find((w) => w.id === wanted) ?? workflows[0];
  const [values, setValues] = useState<Draft>(draft);
  const [person, setPerson] = useState({ name: '', phone: '' });
  const [simulated, setSimulated] = useState(false);
  const [files, setFiles] = useState<Kept[]>([]);
  const [sending, setSending] = useState('');
  const [locating, setLocating] = useState(false);
  const [noPlace, setNoPlace] = useState(false);
  const [tried, setTried] = useState(false);
  const set = (part: Partial<Draft>) => setValues((v) => ({ ...v, ...part }));
  useEffect(() => {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(values));
    } catch {
      /* no room: the form lasts as long as the page */
    }
  }, [values]);

  const reporters = (session.data?.posts ?? []).filter((p) => p.verbs.includes('case.report'));
  const code = flow?.codes.find((c) => c.code === values.code);
  const title = values.title.trim() || say(code?.title, 'zh');
  const [lng, lat] = [values.lng.trim(), values.lat.trim()];
  const placed = lng !== '' && lat !== '' && Number.isFinite(Number(lng)) && Number.isFinite(Number(lat));
  const badTitle = title.length < 1 || title.length > 200;
  const badPlace = (lng !== '' || lat !== '') && !placed;

  const open = useVerb(() => post<CaseInfo>('/api/cases', {
    workflow: flow?.id, title, priority: values.priority, simulated,
    ...(values.description.trim() ? { description: values.description.trim() } : {}), ...(code ? { code: code.code } : {}), ...(placed ? { location: [Number(lng), Number(lat)] } : {}),
    ...(values.address.trim() ? { address: values.address.trim() } : {}), ...(values.street ? { street: values.street } : {}), ...(values.organisation ? { organisation: values.organisation } : {}),
    ...(files.length > 0 ? { files: files.map(({ sha256, name }) => ({ sha256, name })) } : {}),
    ...(person.name.trim() || person.phone.trim() ? { reporter: { name: person.name.trim() || null, phone: person.phone.trim() || null, anonymous: false } } : {}),
  }), (made) => {
    try {
      sessionStorage.removeItem(KEY);
    } catch {
      /* as above */
    }
    toast.ok(t('desk.intake.opened', { number: made.number }));
    go(`/cases/${made.id}`);
  });
  const take = async (list: FileList | null) => {
    for (const file of [...(list ?? [])]) {
      setSending(file.name);
      try {
        const kept = await upload<Kept>('/api/files', file, { name: file.name });
        setFiles((all) => (all.some((f) => f.sha256 === kept.sha256) ? all : [...all, { ...kept, name: kept.name || file.name }]));
      } catch (problem) {
        toast.error(problem);
      }
    }
    setSending('');
  };
  const locate = () => {
    setNoPlace(false);
    if (!navigator.geolocation) return setNoPlace(true);
    setLocating(true);
    navigator.geolocation.getCurrentPosition(
      (p) => { setLocating(false); set({ lng: p.coords.longitude.toFixed(6), lat: p.coords.latitude.toFixed(6) }); },
      () => { setLocating(false); setNoPlace(true); },
      { enableHighAccuracy: true, timeout: 10_000 },
    );
  };
  if (past) return <p className="open-note" data-testid="case-new-past">{t('desk.intake.past')}</p>;
  const field = (name: keyof Draft, label: string, hint = '', mode: 'text' | 'decimal' = 'text') => (
    <label className="field"><span>{label}</span><input className="input" value={values[name]} placeholder={hint} inputMode={mode} maxLength={200} onChange={(e) => set({ [name]: e.target.value })} data-testid={`new-${name}`} /></label>
  );
  return (
    <form className="case-new" noValidate onSubmit={(e) => { e.preventDefault(); setTried(true); if (!badTitle && !badPlace && !sending) open.mutate(undefined); }}>
      {session.data && !mine && <p className="open-note" data-testid="new-no-post">{t('desk.intake.noPost')}</p>}
      {mine && !mine.verbs.includes('case.report') && <p className="open-note" data-testid="new-may-not">{t('desk.intake.mayNot', { post: say(mine.title, lang), who: reporters.map((p) => say(p.title, lang)).join(lang === 'zh' ? '、' : ', ') })}</p>}
      <fieldset>
        <legend>{t('desk.intake.what')}</legend>
        <label className="field"><span>{t('desk.intake.workflow')}</span>
          <select className="input" value={flow?.id ?? ''} onChange={(e) => { setWanted(e.target.value); set({ code: '' }); }} data-testid="new-workflow">{workflows.map((w) => <option key={w.id} value={w.id}>{say(w.title, lang)}</option>)}</select>
        </label>
        {flow && flow.codes.length > 0 && <Kinds key={flow.id} of={flow} chosen={values.code} choose={(c) => set({ code: c })} />}
        <label className="field"><span>{t('desk.name')} <b aria-hidden="true">*</b></span>
          <input className="input" value={values.title} placeholder={say(code?.title, lang) || t('desk.intake.titleHint')} required maxLength={200} aria-invalid={tried && badTitle} aria-describedby={tried && badTitle ? 'new-title-bad' : undefined} onChange={(e) => set({ title: e.target.value })} data-testid="new-title" />
          {tried && badTitle && <span id="new-title-bad" className="field-error" role="alert">{t('desk.intake.titleBad')}</span>}
        </label>
        <label className="field"><span>{t('desk.description')}</span><textarea className="input" rows={4} maxLength={5000} value={values.description} onChange={(e) => set({ description: e.target.value })} data-testid="new-description" /></label>
      </fieldset>
      <fieldset>
        <legend>{t('desk.where')}</legend>
        {field('address', t('desk.intake.address'), t('desk.intake.addressHint'))}
        <div className="pair">
          {field('lng', t('desk.intake.lng'), '113.32', 'decimal')}
          {field('lat', t('desk.intake.lat'), '23.09', 'decimal')}
          <button type="button" className="btn" onClick={locate} disabled={locating} data-testid="new-locate"><AimOutlined /> {locating ? t('desk.intake.locating') : t('desk.intake.locate')}</button>
        </div>
        {tried && badPlace && <span className="field-error" role="alert">{t('desk.intake.placeBad')}</span>}
        {noPlace && <span className="field-error" role="alert">{t('desk.intake.noLocate')}</span>}
        <label className="field"><span>{t('desk.street')}</span>
          <select className="input" value={values.street} onChange={(e) => set({ street: e.target.value })} data-testid="new-street"><option value="">{t('desk.intake.streetAuto')}</option>{streets.map((s) => <option key={s.id} value={s.id}>{s.name}</option>)}</select>
        </label>
      </fieldset>
      <fieldset>
        <legend>{t('desk.photos')}</legend>
        <label className="field"><span>{t('desk.intake.photosHint')}</span><input type="file" accept="image/*,application/pdf" multiple disabled={sending !== ''} onChange={(e) => { void take(e.target.files); }} data-testid="new-files" /></label>
        {sending && <p className="note" role="status">{t('desk.intake.sending', { name: sending })}</p>}
        {files.length > 0 && (
          <ul className="case-kept">{files.map((f) => (
            <li key={f.sha256} data-testid="new-file">{f.mediaType.startsWith('image/') && <img src={`/api/files/${f.sha256}/thumbnail`} alt="" />}<span>{f.name}</span>
              <button type="button" className="btn small" aria-label={t('desk.intake.remove', { name: f.name })} onClick={() => setFiles((all) => all.filter((x) => x.sha256 !== f.sha256))}>×</button></li>
          ))}</ul>
        )}
      </fieldset>
      <fieldset>
        <legend>{t('desk.intake.who')}</legend>
        <div className="pair">
          <label className="field"><span>{t('desk.organisation')}</span><select className="input" value={values.organisation} onChange={(e) => set({ organisation: e.target.value })} data-testid="new-organisation"><option value="">{t('desk.intake.organisationAny')}</option>{parties.map((o) => <option key={o.id} value={o.id}>{o.name}</option>)}</select></label>
          <label className="field"><span>{t('desk.intake.priority')}</span><select className="input" value={values.priority} onChange={(e) => set({ priority: e.target.value })} data-testid="new-priority">{(['normal', 'high', 'urgent'] as const).map((p) => <option key={p} value={p}>{t(`desk.intake.priorities.${p}`)}</option>)}</select></label>
        </div>
      </fieldset>
      <fieldset>
        <legend>{t('desk.intake.reporter')}</legend>
        <p className="note">{t('desk.intake.reporterNote')}</p>
        <div className="pair">
          <label className="field"><span>{t('desk.intake.name')}</span><input className="input" maxLength={60} autoComplete="off" value={person.name} onChange={(e) => setPerson({ ...person, name: e.target.value })} data-testid="new-name" /></label>
          <label className="field"><span>{t('desk.phone')}</span><input className="input" maxLength={40} inputMode="tel" autoComplete="off" value={person.phone} onChange={(e) => setPerson({ ...person, phone: e.target.value })} data-testid="new-phone" /></label>
        </div>
      </fieldset>
      <label className="check"><input type="checkbox" checked={simulated} onChange={(e) => setSimulated(e.target.checked)} data-testid="new-simulated" />{t('desk.intake.simulated')}</label>
      {open.error && <ErrorBox error={open.error} />}
      <div className="case-new-end"><button type="submit" className="btn primary" disabled={open.isPending || sending !== ''} data-testid="new-submit">{t('desk.intake.submit')}</button>{values.title && <span className="note">{t('desk.intake.kept')}</span>}</div>
    </form>
  );
}

/** What the case is about: a search among some hundred kinds; the one chosen stands alone with its term. */
function Kinds({ of, chosen, choose }: { of: Workflow; chosen: string; choose: (code: string) => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [find, setFind] = useState('');
  const found = of.codes.find((c) => c.code === chosen);
  if (found) {
    return (
      <div className="case-code-chosen" data-testid="new-code" data-code={found.code}>
        <strong>{say(found.title, lang)}</strong><Code>{found.code}</Code>{found.group && <span className="note">{say(found.group, lang)}</span>}{found.handling && <span className="note">{t('desk.intake.codeHandling', { t: say(found.handling, lang) })}</span>}
        <button type="button" className="link" onClick={() => choose('')} data-testid="new-code-clear">{t('desk.intake.codeClear')}</button>
      </div>
    );
  }
  const q = find.trim().toLowerCase();
  const hits = of.codes.filter((c) => !q || [c.code, c.title.zh, c.title.en, c.group?.zh, c.group?.en].some((w) => w?.toLowerCase().includes(q)));
  return (
    <div role="group" aria-label={t('desk.code')} className="case-new">
      <label className="search-field"><SearchOutlined aria-hidden="true" /><span className="sr">{t('desk.intake.codeSearch')}</span><input className="input" type="search" value={find} placeholder={t('desk.intake.codeSearch')} onChange={(e) => setFind(e.target.value)} data-testid="new-code-search" /></label>
      <div className="case-codes">{hits.slice(0, SHOWN).map((c) => <button key={c.code} type="button" className="btn" onClick={() => choose(c.code)} data-testid={`new-code-${c.code}`}>{say(c.title, lang)}<small>{[say(c.group, lang), say(c.handling, lang)].filter(Boolean).join(' · ')}</small></button>)}</div>
      {hits.length === 0 ? <p className="note">{t('desk.intake.codeNone')}</p> : hits.length > SHOWN && <p className="note">{t('desk.intake.codeMore', { n: hits.length - SHOWN })}</p>}
    </div>
  );
}
