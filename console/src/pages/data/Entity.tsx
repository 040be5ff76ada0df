// One entity of any type: facts in groups, relations both ways, how values changed, and the records behind it.
import { DeleteOutlined, EditOutlined, SafetyCertificateOutlined } from '@ant-design/icons';
import { useQueries } from '@tanstack/react-query';
import { type ReactNode, useMemo } from 'react';
import { ApiError, del, request, useApi, useVerb } from '~/api/client';
import type { AttributeInfo, EntityPage, TypeInfo } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/data';
import { type RecordView, shortName } from '~/proof/ProofView';
import { useLang } from '~/state/prefs';
import { useAsOf, useGo, useParam, useQueryState } from '~/state/url';
import { Actor, Code, Mark, RecordTag } from '~/ui/Bits';
import { Chart } from '~/ui/Chart';
import { localId, moment, number, short } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { toast } from '~/ui/toast';
import { attributesOf, bare, content, type Entity as Data, type Instance, instances, isRef, nameOf, typeOf, useNames, useTypes } from './model';
import { unitWord, Value } from './Value';
import './data.css';
import '~/proof/proof.css';

texts('data', words);

export default function Entity() {
  const { t } = useTranslation();
  const id = useParam('id');
  const entity = useApi<Data>(`/ngsi-ld/v1/entities/${encodeURIComponent(id)}`, { options: 'sysAttrs' });
  const types = useTypes();
  const frame = <Page title={localId(id)} crumb={<To href="/data">{t('data.title')}</To>}><Skeleton rows={12} height={28} /></Page>;
  if (entity.error && !entity.data) return <Page title={localId(id)} crumb={<To href="/data">{t('data.title')}</To>}><Read query={entity}>{() => null}</Read><Gone id={id} /></Page>;
  return <Read query={types} skeleton={frame}>{(all) => <Read query={entity} skeleton={frame}>{(e) => <Loaded key={e.id} of={e} types={all} />}</Read>}</Read>;
}

/** What is no longer there still has its records. */
function Gone({ id }: { id: string }) {
  const { t } = useTranslation();
  return <p><To href={`/evidence?entity=${encodeURIComponent(id)}`}>{t('data.records')}</To></p>;
}

function Loaded({ of, types }: { of: Data; types: TypeInfo[] }) {
  const { t } = useTranslation();
  const lang = useLang();
  const asOf = useAsOf();
  const go = useGo();
  const type = types.find((x) => x.name === typeOf(of));
  const all = attributesOf(of);
  const describe = (name: string): AttributeInfo => type?.attributes.find((a) => a.name === name) ?? bare(name);
  const names = useNames(all.flatMap(([, is]) => is.flatMap((i) => [content(i)].flat().filter(isRef))));
  const name = nameOf(of, type);
  const listed = new Set((type?.detail ?? []).flatMap((g) => g.fields));
  const order = type?.attributes.map((a) => a.name) ?? [];
  const rest = all.map(([n]) => n).filter((n) => !listed.has(n)).sort((a, b) => (order.indexOf(a) + 1 || 999) - (order.indexOf(b) + 1 || 999));
  const groups = [...(type?.detail ?? []).map((g) => ({ title: say(g.title, lang), fields: g.fields })), ...(rest.length ? [{ title: type?.detail.length ? t('data.other') : t('data.facts'), fields: rest }] : [])];
  const remove = useVerb(() => del<void>(`/ngsi-ld/v1/entities/${encodeURIComponent(of.id)}`), () => {
    toast.ok(t('data.deleted'));
    go(type ? `/data/${type.name}` : '/data');
  });
  return (
    <Page title={name} testid="entity" crumb={<><To href="/data">{t('data.title')}</To> / {type ? <To href={`/data/${type.name}`}>{say(type.title, lang)}</To> : typeOf(of)}</>}
      sub={<Code>{of.id}</Code>}
      verbs={<>
        {!asOf && !type?.governed && <To className="btn primary" href={`${entityHref(of.id)}/edit`} data-testid="edit"><EditOutlined /> {t('data.edit')}</To>}
        <To className="btn" href={`/evidence?entity=${encodeURIComponent(of.id)}`}><SafetyCertificateOutlined /> {t('data.records')}</To>
        {!asOf && !type?.governed && <button type="button" className="btn" disabled={remove.isPending} data-testid="delete"
          onClick={() => window.confirm(t('data.deleteAsk', { name })) && remove.mutate(undefined as never, { onError: toast.error })}><DeleteOutlined /> {t('data.delete')}</button>}
      </>}>
      <div className="entity-grid">
        <div>
          {groups.map((g) => {
            const shown = g.fields.filter((f) => of[f] !== undefined);
            return shown.length > 0 && (
              <Section key={g.title} title={g.title}>
                <dl className="facts panel">
                  {shown.map((f) => {
                    const a = describe(f);
                    return (
                      <div key={f} data-testid={`fact-${f}`}>
                        <dt className="attr-title" title={a.description ? say(a.description, lang) : f}>{say(a.title, lang)} {a.classification !== 'public' && <Mark tone="near">{t(`data.sensitive.${a.classification}`)}</Mark>}</dt>
                        <dd>{instances(of[f]).map((i, n) => <Fact key={n} of={a} instance={i} names={names} />)}</dd>
                      </div>
                    );
                  })}
                </dl>
              </Section>
            );
          })}
          <History id={of.id} describe={describe} names={names} name={name} />
        </div>
        <div>
          <Related of={of} type={type} types={types}>
          <Section title={t('data.system')}>
            <dl className="facts panel">
              <div><dt>{t('data.type')}</dt><dd>{typeOf(of)}</dd></div>
              {of.createdAt && <div><dt>{t('data.createdAt')}</dt><dd>{moment(of.createdAt, lang)}</dd></div>}
              {of.modifiedAt && <div><dt>{t('data.modifiedAt')}</dt><dd>{moment(of.modifiedAt, lang)}</dd></div>}
            </dl>
          </Section>
          <Records id={of.id} describe={describe} />
          </Related>
        </div>
      </div>
    </Page>
  );
}

function Fact({ of, instance: i, names }: { of: AttributeInfo; instance: Instance; names: Record<string, string> }) {
  const { t } = useTranslation();
  const lang = useLang();
  return <div><Value of={of} value={content(i)} names={names} />{i.unitCode && !of.unit && <small className="note"> {i.unitCode}</small>}{i.observedAt && <small className="note"> {t('data.observed', { at: moment(i.observedAt, lang) })}</small>}</div>;
}

/** Who points here: what the pack names first, then every type whose relationships lead to this one. */
function Related({ of, type, types, children }: { of: Data; type: TypeInfo | undefined; types: TypeInfo[]; children: ReactNode }) {
  const { t } = useTranslation();
  const lang = useLang();
  const asOf = useAsOf();
  const named = type?.related ?? [];
  const others = types.flatMap((x) => x.attributes.filter((a) => a.kind === 'relationship' && (a.to.includes(typeOf(of)) || a.to.length === 0) && x.count > 0)
    .filter((a) => !named.some((r) => r.type === x.name && r.by === a.name))
    .map((a) => ({ title: { zh: t('data.pointedBy', { type: x.title.zh, by: a.title.zh }), en: t('data.pointedBy', { type: x.title.en, by: a.title.en }) }, type: x.name, by: a.name })));
  const asked = [...named, ...others].slice(0, 14);
  const answers = useQueries({
    queries: asked.map((r) => ({
      queryKey: ['api', '/api/entities', { related: of.id, ...r }, asOf],
      queryFn: () => request<EntityPage>('/api/entities', { params: { type: r.type, filter: `${r.by}:${of.id}`, limit: 8 }, asOf }),
      retry: false,
    })),
  });
  const found = asked.map((r, i) => ({ ...r, page: answers[i]?.data })).filter((r) => r.page && r.page.total > 0);
  // What stands below waits, so that nothing moves once it is drawn.
  if (answers.some((a) => a.isLoading)) return <Section title={t('data.relations')}><Skeleton rows={8} height={24} /></Section>;
  if (!found.length) return <>{children}</>;
  return (
    <>
    <Section title={t('data.relations')} testid="related">
      <div className="panel">
        {found.map((r) => (
          <div key={`${r.type}.${r.by}`} className="related-group">
            <h3>{say(r.title, lang)} <span className="note">{r.page?.total}</span></h3>
            <ul className="related-list">{r.page?.rows.map((x) => <li key={x.id}><To href={entityHref(x.id)}>{x.name || localId(x.id)}</To></li>)}</ul>
            {r.page && r.page.total > r.page.rows.length && <To href={`/data/${r.type}?filter=${encodeURIComponent(`${r.by}:${of.id}`)}`}>{t('data.allOf', { n: r.page.total })}</To>}
          </div>
        ))}
      </div>
    </Section>
    {children}
    </>
  );
}

/** Instance ids carry the record that wrote them, so that history can be cut where one looks back to. */
function before(i: Instance, asOf: string): boolean {
  if (!/^\d+$/.test(asOf)) return (i.modifiedAt ?? '') <= asOf;
  const seq = Number(/instance:(\d+)-/.exec(i.instanceId ?? '')?.[1] ?? 0);
  return seq <= Number(asOf);
}

function History({ id, describe, names, name }: { id: string; describe: (name: string) => AttributeInfo; names: Record<string, string>; name: string }) {
  const { t } = useTranslation();
  const lang = useLang();
  const [wanted, want] = useQueryState('attribute');
  const query = useApi<Data>(`/ngsi-ld/v1/temporal/entities/${encodeURIComponent(id)}`, { timerel: 'before', timeAt: '2999-01-01T00:00:00Z', timeproperty: 'modifiedAt', options: 'sysAttrs' }, { asOf: false });
  const asOf = useAsOf();
  const when = (i: Instance) => i.observedAt ?? i.modifiedAt ?? i.createdAt ?? '';
  const changes = useMemo(() => (query.data ? attributesOf(query.data).flatMap(([attribute, is]) => is.filter((i) => !asOf || before(i, asOf)).map((i) => ({ attribute, i }))).sort((a, b) => (b.i.modifiedAt ?? '').localeCompare(a.i.modifiedAt ?? '')) : []), [query.data, asOf]);
  const numeric = [...new Set(changes.filter((c) => typeof content(c.i) === 'number').map((c) => c.attribute))].filter((a) => changes.filter((c) => c.attribute === a).length > 1);
  const drawn = numeric.includes(wanted) ? wanted : numeric[0];
  const points = useMemo(() => changes.filter((c) => c.attribute === drawn).map((c) => [when(c.i), content(c.i) as number] as const).sort((a, b) => a[0].localeCompare(b[0])), [changes, drawn]);
  const option = useMemo(() => ({
    grid: { left: 12, right: 24, top: 24, bottom: 8, containLabel: true },
    tooltip: { trigger: 'axis' }, xAxis: { type: 'time' }, yAxis: { type: 'value', scale: true, name: drawn ? unitWord(describe(drawn), lang) : '' },
    series: [{ type: 'line', step: 'end', symbolSize: 7, data: points }],
  }), [points, drawn, lang]);
  if (query.error instanceof ApiError && query.error.status === 404) return null;
  return (
    <Section title={t('data.history')} testid="history">
      <Read query={query} skeleton={<Skeleton rows={4} />}>
        {() => changes.length === 0 ? <Empty title={t('data.noHistory')} /> : (
          <>
            {drawn && (
              <Chart title={t('data.chartOf', { name: say(describe(drawn).title, lang) })} label={`${name} ${say(describe(drawn).title, lang)}`} option={option} height={220}
                rows={{ head: [t('data.at'), t('data.value')], body: points.map(([at, v]) => [at, v]) }}
                extra={numeric.length > 1 && <select className="input" value={drawn} aria-label={t('data.attribute')} onChange={(e) => want(e.target.value)}>{numeric.map((n) => <option key={n} value={n}>{say(describe(n).title, lang)}</option>)}</select>} />
            )}
            <details className="panel changes" open={changes.length <= 12 || undefined}>
              <summary>{t('data.changes')} <span className="note">{number(changes.length)}</span></summary>
              <div className="chart-table" tabIndex={0} role="region" aria-label={t('data.changes')}>
                <table className="plain">
                  <thead><tr><th scope="col">{t('data.at')}</th><th scope="col">{t('data.attribute')}</th><th scope="col">{t('data.value')}</th></tr></thead>
                  <tbody>{changes.slice(0, 300).map((c, n) => (
                    <tr key={n}><td className="nowrap">{short(c.i.modifiedAt ?? when(c.i))}{c.i.observedAt && <div className="note">{t('data.observed', { at: short(c.i.observedAt) })}</div>}</td><td>{say(describe(c.attribute).title, lang)}</td><td><Value of={describe(c.attribute)} value={content(c.i)} names={names} clip /></td></tr>
                  ))}</tbody>
                </table>
              </div>
            </details>
          </>
        )}
      </Read>
    </Section>
  );
}

function Records({ id, describe }: { id: string; describe: (name: string) => AttributeInfo }) {
  const { t, i18n } = useTranslation();
  const lang = useLang();
  const query = useApi<RecordView[]>('/api/records', { entity: id, limit: 200 });
  return (
    <Section title={t('data.records')} testid="records">
      <Read query={query} skeleton={<Skeleton rows={3} />}>
        {(list) => (
          <ol className="timeline">
            {[...list].reverse().map((r) => (
              <li key={r.seq}>
                <div className="row"><strong>{i18n.exists(`evidence.command.${r.command}`) ? t(`evidence.command.${r.command}`) : r.command}</strong><span className="note">{short(r.at)}</span><RecordTag seq={r.seq} /></div>
                <small><Actor of={r.actor} /> · {r.attributes.slice(0, 8).map((a) => say(describe(shortName(a)).title, lang)).join('、')}{r.attributes.length > 8 && ` +${r.attributes.length - 8}`}</small>
              </li>
            ))}
          </ol>
        )}
      </Read>
    </Section>
  );
}
