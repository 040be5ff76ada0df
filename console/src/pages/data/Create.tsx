import { useState } from 'react';
import { request, useVerb } from '~/api/client';
import type { TypeInfo } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/data';
import { useLang } from '~/state/prefs';
import { useAsOf, useGo, useParam } from '~/state/url';
import { Page } from '~/ui/Page';
import { Empty, ErrorBox, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { write } from './fields';
import { EntityForm, type Values } from './Form';
import { useTypes } from './model';
import './data.css';

texts('data', words);

export default function Create() {
  const { t } = useTranslation();
  const name = useParam('type');
  const types = useTypes();
  const asOf = useAsOf();
  const lang = useLang();
  if (asOf) return <Page title={name}><Empty title={t('data.past')} /></Page>;
  return (
    <Read query={types} skeleton={<Page title={name}><Skeleton rows={10} height={44} /></Page>}>
      {(all) => {
        const type = all.find((x) => x.name === name);
        if (type?.governed) return <Page title={say(type.title, lang)}><Empty title={t('data.governed')}>{t('data.governedDo')}</Empty></Page>;
        return type ? <Loaded key={name} type={type} /> : <Page title={name}><Empty title={t('data.noType', { name })}>{t('data.noTypeDo')}</Empty></Page>;
      }}
    </Read>
  );
}

const fresh = () => Array.from(crypto.getRandomValues(new Uint8Array(5)), (x) => x.toString(16).padStart(2, '0')).join('');

function Loaded({ type }: { type: TypeInfo }) {
  const { t } = useTranslation();
  const lang = useLang();
  const go = useGo();
  const [local, setLocal] = useState(fresh);
  const [tried, setTried] = useState(false);
  const draftKey = `nacre.draft.new.${type.name}`;
  const good = /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(local);
  const id = `urn:ngsi-ld:${type.name}:${local}`;
  const create = useVerb(
    async (values: Values) => {
      const body: Record<string, unknown> = { id, type: type.name };
      for (const a of type.attributes) {
        const written = write(a, values[a.name] ?? '');
        if (written) body[a.name] = written;
      }
      await request('/ngsi-ld/v1/entities', { method: 'POST', body });
    },
    () => {
      sessionStorage.removeItem(draftKey);
      toast.ok(t('data.saved'));
      go(entityHref(id));
    },
  );
  const title = say(type.title, lang);
  return (
    <Page title={t('data.createTitle', { type: title })} crumb={<To href={`/data/${type.name}`}>{title}</To>} sub={say(type.description, lang)} testid="entity-create">
      <EntityForm type={type} entity={null} draftKey={draftKey} busy={create.isPending} cancel={() => { sessionStorage.removeItem(draftKey); go(`/data/${type.name}`); }}
        failed={create.error ? <ErrorBox error={create.error} /> : null}
        before={(
          <div className="field">
            <label className="label" htmlFor="local-id">{t('data.localId')}<span className="need">{t('data.required')}</span></label>
            <input id="local-id" className="input" value={local} onChange={(e) => setLocal(e.target.value.trim())} aria-invalid={tried && !good} data-testid="local-id" />
            <div className="note">{t('data.localIdHint')} <code>{id}</code>{tried && !good && <div className="bad" role="alert">{t('data.bad.id')}</div>}</div>
          </div>
        )}
        submit={(values) => { setTried(true); if (good) create.mutate(values); }} />
    </Page>
  );
}
