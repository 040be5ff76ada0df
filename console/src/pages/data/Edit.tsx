import { request, useApi, useVerb } from '~/api/client';
import type { TypeInfo } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/data';
import { useLang } from '~/state/prefs';
import { useAsOf, useGo, useParam } from '~/state/url';
import { localId } from '~/ui/format';
import { Page } from '~/ui/Page';
import { Empty, ErrorBox, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { write } from './fields';
import { EntityForm, type Values } from './Form';
import { attributesOf, bare, type Entity, instances, nameOf, typeOf, useTypes } from './model';
import './data.css';

texts('data', words);

export default function Edit() {
  const { t } = useTranslation();
  const id = useParam('id');
  const asOf = useAsOf();
  const entity = useApi<Entity>(`/ngsi-ld/v1/entities/${encodeURIComponent(id)}`, { options: 'sysAttrs' }, { staleTime: 0 });
  const types = useTypes();
  const frame = <Page title={localId(id)}><Skeleton rows={10} height={44} /></Page>;
  if (asOf) return <Page title={localId(id)}><Empty title={t('data.past')} /></Page>;
  return <Read query={types} skeleton={frame}>{(all) => <Read query={entity} skeleton={frame}>{(e) => {
    const type = all.find((x) => x.name === typeOf(e)) ?? undescribed(e);
    return type.governed ? <Page title={nameOf(e, type)}><Empty title={t('data.governed')}>{t('data.governedDo')}</Empty></Page> : <Loaded key={e.id} of={e} type={type} />;
  }}</Read>}</Read>;
}

/** A type no pack describes is edited by what the entity has. */
const undescribed = (e: Entity): TypeInfo => ({
  name: typeOf(e), pack: '', title: { zh: typeOf(e), en: typeOf(e) }, description: { zh: '', en: '' }, count: 0, label: 'name', governed: false, list: null, detail: [], related: [], form: [], map: null,
  attributes: attributesOf(e).map(([name, is]) => {
    const v = is[0];
    const kind = v?.type === 'Relationship' ? 'relationship' : v?.type === 'JsonProperty' ? 'json' : v?.type === 'GeoProperty' ? 'geometry' : v?.type === 'LanguageProperty' ? 'language' : typeof v?.value === 'number' ? 'number' : typeof v?.value === 'boolean' ? 'boolean' : typeof v?.value === 'object' ? 'json' : 'text';
    return { ...bare(name), kind, many: Array.isArray(v?.value) || Array.isArray(v?.object) };
  }),
});

function Loaded({ of, type }: { of: Entity; type: TypeInfo }) {
  const { t } = useTranslation();
  const go = useGo();
  const lang = useLang();
  const path = `/ngsi-ld/v1/entities/${encodeURIComponent(of.id)}`;
  const draftKey = `nacre.draft.${of.id}`;
  const leave = () => go(entityHref(of.id));
  const save = useVerb(
    async ({ values, changed }: { values: Values; changed: string[] }) => {
      const body: Record<string, unknown> = {};
      const emptied: string[] = [];
      for (const name of changed) {
        const a = type.attributes.find((x) => x.name === name);
        if (!a) continue;
        const written = write(a, values[name] ?? '', instances(of[name])[0]);
        if (written) body[name] = written;
        else if (of[name] !== undefined) emptied.push(name);
      }
      const names = Object.keys(body);
      // PATCH changes what is there; an attribute that is new has to be appended, which overwrites as well: one request, one record.
      if (names.length) await request(`${path}/attrs`, { method: names.every((n) => of[n] !== undefined) ? 'PATCH' : 'POST', body });
      for (const name of emptied) await request(`${path}/attrs/${encodeURIComponent(name)}`, { method: 'DELETE' });
    },
    () => {
      sessionStorage.removeItem(draftKey);
      toast.ok(t('data.saved'));
      leave();
    },
  );
  const name = nameOf(of, type);
  return (
    <Page title={t('data.editTitle', { name })} crumb={<><To href={`/data/${type.name}`}>{say(type.title, lang)}</To> / <To href={entityHref(of.id)}>{name}</To></>} testid="entity-edit">
      <EntityForm type={type} entity={of} draftKey={draftKey} busy={save.isPending} cancel={() => { sessionStorage.removeItem(draftKey); leave(); }}
        failed={save.error ? <ErrorBox error={save.error} /> : null}
        submit={(values, changed) => { if (changed.length === 0) { toast.ok(t('data.noChange')); leave(); } else save.mutate({ values, changed }); }} />
    </Page>
  );
}
