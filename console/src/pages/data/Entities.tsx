// A list of any type of any pack, made from its list view; search, filters, order and page are in the address.
import { PlusOutlined } from '@ant-design/icons';
import { useApi } from '~/api/client';
import type { AttributeInfo, EntityPage, TypeInfo } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/data';
import { useLang } from '~/state/prefs';
import { useAsOf, useChangeQuery, useParam, useQueryState } from '~/state/url';
import { AsOf } from '~/ui/AsOf';
import { localId, short } from '~/ui/format';
import { Exports, SearchField, Tools } from '~/ui/ListTools';
import { Page } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { entityHref, To } from '~/ui/To';
import { bare, isRef, useNames, useTypes } from './model';
import { Value } from './Value';
import './data.css';

texts('data', words);

export default function Entities() {
  const { t } = useTranslation();
  const name = useParam('type');
  const types = useTypes();
  return (
    <Read query={types} skeleton={<Page title={name}><Skeleton rows={14} height={32} /></Page>}>
      {(all) => {
        const type = all.find((x) => x.name === name);
        return type ? <List key={name} type={type} types={all} /> : <Page title={t('data.noType', { name })}><Empty title={t('data.noType', { name })} action={<To className="btn" href="/data">{t('data.title')}</To>}>{t('data.noTypeDo')}</Empty></Page>;
      }}
    </Read>
  );
}

/** `a:x|b:y` in the address and for the server; several values of one attribute joined by commas. */
const readFilter = (text: string): Record<string, string> => Object.fromEntries(text.split('|').filter((x) => x.includes(':')).map((x) => [x.slice(0, x.indexOf(':')), x.slice(x.indexOf(':') + 1)]));
const writeFilter = (filter: Record<string, string>) => Object.entries(filter).filter(([, v]) => v).map(([k, v]) => `${k}:${v}`).join('|');

function List({ type, types }: { type: TypeInfo; types: TypeInfo[] }) {
  const { t } = useTranslation();
  const lang = useLang();
  const asOf = useAsOf();
  const [search] = useQueryState('search');
  const [filterText] = useQueryState('filter');
  const [sort, setSort] = useQueryState('sort', type.list?.sort ?? '');
  const [pageText, setPage] = useQueryState('page', '1');
  const [sizeText] = useQueryState('size', '50');
  const change = useChangeQuery();
  const [page, size] = [Math.max(1, Number(pageText) || 1), Math.min(500, Number(sizeText) || 50)];
  const params = { type: type.name, search, filter: filterText, sort };
  const query = useApi<EntityPage>('/api/entities', { ...params, offset: (page - 1) * size, limit: size });
  const columns = (type.list?.columns ?? pickColumns(type)).map((n) => type.attributes.find((a) => a.name === n) ?? bare(n));
  const label = type.label ?? 'name';
  const lead = columns.some((c) => c.name === label) ? label : null;
  const filter = readFilter(filterText);
  const setFilter = (name: string, value: string) => change({ filter: writeFilter({ ...filter, [name]: value }) || null, page: null });
  const refs = (query.data?.rows ?? []).flatMap((r) => columns.flatMap((c) => [r.values[c.name]].flat().filter(isRef)));
  const names = useNames([...refs, ...Object.values(filter).filter(isRef)]);
  const down = sort.startsWith('-');
  const by = sort.replace(/^-/, '');
  const title = say(type.title, lang);
  const head = (c: AttributeInfo) => (
    <th key={c.name} scope="col" className={numeric(c) ? 'right' : ''} aria-sort={by === c.name ? (down ? 'descending' : 'ascending') : undefined}>
      <button type="button" className="sort-btn" title={t('data.sortBy', { name: say(c.title, lang) })} onClick={() => { setSort(by === c.name && !down ? `-${c.name}` : c.name); setPage(null); }} data-testid={`sort-${c.name}`}>
        {say(c.title, lang)}{by === c.name ? (down ? ' ↓' : ' ↑') : ''}
      </button>
    </th>
  );
  return (
    <Page title={title} testid="entities" crumb={<To href="/data">{t('data.title')}</To>} sub={<>{say(type.description, lang)} {query.data && <AsOf info={query.data.asOf} />}</>}
      verbs={<>{!asOf && !type.governed && <To className="btn primary" href={`/data/${type.name}/new`} data-testid="create"><PlusOutlined /> {t('data.create', { name: lang === 'zh' ? title : title.toLowerCase() })}</To>}<Exports path="/api/entities/export" params={params} name={title} /></>}>
      <Tools>
        <SearchField label={t('data.find')} testid="entity-search" resets="page" />
        {(type.list?.filters ?? []).map((n) => type.attributes.find((a) => a.name === n)).filter((a): a is AttributeInfo => a !== undefined && (a.codes !== null || ['boolean', 'text'].includes(a.kind) || (a.kind === 'relationship' && a.to.length > 0))).map((a) => (
          a.kind === 'text' && !a.codes ? <TextFilter key={a.name} of={a} type={type} value={filter[a.name] ?? ''} set={(v) => setFilter(a.name, v)} />
          : a.kind === 'relationship'
            ? <RelationFilter key={a.name} of={a} types={types} value={filter[a.name] ?? ''} set={(v) => setFilter(a.name, v)} />
            : (
              <label key={a.name} className="choice"><span>{say(a.title, lang)}</span>
                <select className="input" value={filter[a.name] ?? ''} onChange={(e) => setFilter(a.name, e.target.value)} data-testid={`filter-${a.name}`}>
                  <option value="">{t('common.all')}</option>
                  {a.kind === 'boolean' ? <><option value="true">{t('common.yes')}</option><option value="false">{t('common.no')}</option></> : a.codes?.map((c) => <option key={c.code} value={c.code}>{say(c.title, lang)}</option>)}
                </select>
              </label>
            )
        ))}
        {Object.entries(filter).filter(([n]) => !(type.list?.filters ?? []).includes(n)).map(([n, v]) => (
          <button key={n} type="button" className="chip" onClick={() => setFilter(n, '')}>{say(type.attributes.find((a) => a.name === n)?.title ?? bare(n).title, lang)}：{names[v] ?? localId(v)} ×</button>
        ))}
        {(search || filterText) && <button type="button" className="link" onClick={() => change({ search: null, filter: null, page: null })}>{t('common.clear')}</button>}
        {query.data && <span className="tools-end" data-testid="total">{t('common.total', { n: query.data.total })}</span>}
      </Tools>
      <Read query={query} skeleton={<Skeleton rows={14} height={32} />}>
        {(data) => data.total === 0
          ? (search || filterText
            ? <Empty title={t('common.empty.noMatch')} action={<button type="button" className="btn" onClick={() => change({ search: null, filter: null, page: null })}>{t('common.clear')}</button>}>{t('common.empty.noMatchDo')}</Empty>
            : <Empty title={t('data.emptyType', { name: title })}>{t('data.emptyTypeDo')}</Empty>)
          : (
            <>
              <div className={query.isPlaceholderData ? 'scroll waiting' : 'scroll'} tabIndex={0} role="region" aria-label={title}>
                <table className="list entities" data-testid="entity-table">
                  <thead><tr>{!lead && <th scope="col">{t('data.name')}</th>}{columns.map(head)}<th scope="col">{t('data.modified')}</th></tr></thead>
                  <tbody>
                    {data.rows.map((r) => (
                      <tr key={r.id} data-testid="entity-row">
                        {!lead && <th scope="row"><To href={entityHref(r.id)} data-testid="entity-link">{r.name || localId(r.id)}</To></th>}
                        {columns.map((c) => c.name === lead
                          ? <th key={c.name} scope="row"><To href={entityHref(r.id)} data-testid="entity-link">{r.name || localId(r.id)}</To></th>
                          : <td key={c.name} className={numeric(c) ? 'right' : ''} data-label={say(c.title, lang)}><Value of={c} value={r.values[c.name]} names={names} clip /></td>)}
                        <td className="note nowrap">{short(r.modifiedAt)}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              <Pager page={page} pages={Math.max(1, Math.ceil(data.total / size))} set={(n) => setPage(n === 1 ? null : String(n))} size={size} setSize={(n) => change({ size: n === 50 ? null : String(n), page: null })} />
            </>
          )}
      </Read>
    </Page>
  );
}

const numeric = (a: AttributeInfo) => (a.kind === 'number' || a.kind === 'integer') && !a.codes;
const pickColumns = (type: TypeInfo) => {
  const order = type.attributes.filter((a) => !['json', 'polygon', 'line', 'geometry'].includes(a.kind));
  const first = order.filter((a) => a.name === (type.label ?? 'name'));
  return [...first, ...order.filter((a) => !first.includes(a) && (a.required || a.index)), ...order.filter((a) => !first.includes(a) && !a.required && !a.index)].slice(0, 6).map((a) => a.name);
};

function RelationFilter({ of, value, set }: { of: AttributeInfo; types: TypeInfo[]; value: string; set: (value: string) => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const { data } = useApi<EntityPage>('/api/entities', { type: of.to[0] ?? '', limit: 300, sort: 'name' }, { staleTime: 300_000 });
  return (
    <label className="choice"><span>{say(of.title, lang)}</span>
      <select className="input" value={value} onChange={(e) => set(e.target.value)} data-testid={`filter-${of.name}`}>
        <option value="">{t('common.all')}</option>
        {data?.rows.map((r) => <option key={r.id} value={r.id}>{r.name}</option>)}
      </select>
    </label>
  );
}

/** Words that occur, where they are few enough to choose from. */
function TextFilter({ of, type, value, set }: { of: AttributeInfo; type: TypeInfo; value: string; set: (value: string) => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const { data } = useApi<EntityPage>('/api/entities', { type: type.name, limit: 500 }, { staleTime: 300_000 });
  const found = [...new Set((data?.rows ?? []).flatMap((r) => [r.values[of.name]].flat()).filter((v): v is string => typeof v === 'string' && !/[|,]/.test(v)))].sort((a, b) => a.localeCompare(b, 'zh-CN'));
  if (data && (found.length < 2 || found.length > 200) && !value) return null;
  return (
    <label className="choice"><span>{say(of.title, lang)}</span>
      <select className="input" value={value} onChange={(e) => set(e.target.value)} data-testid={`filter-${of.name}`}>
        <option value="">{t('common.all')}</option>
        {[...new Set([...found, ...(value ? [value] : [])])].map((v) => <option key={v} value={v}>{v}</option>)}
      </select>
    </label>
  );
}

function Pager({ page, pages, set, size, setSize }: { page: number; pages: number; set: (n: number) => void; size: number; setSize: (n: number) => void }) {
  const { t } = useTranslation();
  return (
    <nav className="pager" aria-label={t('common.page', { page, pages })}>
      <button type="button" className="btn small" disabled={page <= 1} onClick={() => set(page - 1)} data-testid="page-prev">{t('common.prev')}</button>
      <span>{t('common.page', { page, pages })}</span>
      <button type="button" className="btn small" disabled={page >= pages} onClick={() => set(page + 1)} data-testid="page-next">{t('common.next')}</button>
      <label className="choice"><span>{t('common.rowsPerPage')}</span><select className="input" value={size} onChange={(e) => setSize(Number(e.target.value))}>{[20, 50, 100, 200].map((n) => <option key={n}>{n}</option>)}</select></label>
    </nav>
  );
}
