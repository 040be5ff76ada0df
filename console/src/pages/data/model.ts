// What the pages of the explorer share: the types, an entity's attributes in either form, names of related entities.
import { useQuery } from '@tanstack/react-query';
import { request, useApi } from '~/api/client';
import type { AttributeInfo, TypeInfo } from '~/api/types';
import { useAsOf } from '~/state/url';

export const useTypes = () => useApi<TypeInfo[]>('/api/types', undefined, { asOf: false, staleTime: 60_000 });

/** One instance of an attribute as NGSI-LD writes it. */
export type Instance = {
  type: string; value?: unknown; object?: unknown; json?: unknown; languageMap?: Record<string, unknown>; vocab?: unknown; unitCode?: string; observedAt?: string;
  createdAt?: string; modifiedAt?: string; deletedAt?: string; instanceId?: string; datasetId?: string;
};
export type Entity = { id: string; type: string | string[]; createdAt?: string; modifiedAt?: string } & Record<string, unknown>;

const RESERVED = new Set(['id', 'type', 'createdAt', 'modifiedAt', 'deletedAt', 'scope', '@context', 'expiresAt']);
export const instances = (value: unknown): Instance[] => (Array.isArray(value) ? value : [value]).filter((x): x is Instance => typeof x === 'object' && x !== null);
export const content = (i: Instance): unknown => i.value ?? i.object ?? i.json ?? i.languageMap ?? i.vocab ?? null;
export const attributesOf = (e: Entity): [string, Instance[]][] => Object.entries(e).filter(([k]) => !RESERVED.has(k)).map(([k, v]) => [k, instances(v)]);
export const typeOf = (e: Entity): string => (Array.isArray(e.type) ? (e.type[0] ?? '') : e.type);
export const nameOf = (e: Entity, type?: TypeInfo): string => {
  const first = instances(e[type?.label ?? 'name'])[0] ?? instances(e.name)[0];
  const value = first ? content(first) : null;
  return typeof value === 'string' ? value : e.id;
};

/** An attribute nobody described still shows: by its own name, by the form of its value. */
export const bare = (name: string): AttributeInfo => ({
  name, title: { zh: name, en: name }, description: null, kind: 'text', codes: null, to: [], many: false, required: false, index: false, classification: 'public', unit: null,
  min: null, max: null, pattern: null, example: null, check: null,
});

export const isRef = (v: unknown): v is string => typeof v === 'string' && v.startsWith('urn:');

/** Names of entities by id, asked for in one request a page. */
export function useNames(ids: string[]): Record<string, string> {
  const asOf = useAsOf();
  const wanted = [...new Set(ids)].sort().slice(0, 200);
  const { data } = useQuery({
    queryKey: ['names', wanted, asOf],
    enabled: wanted.length > 0,
    staleTime: 300_000,
    queryFn: async () => {
      const found: Record<string, string> = {};
      for (let i = 0; i < wanted.length; i += 40) {
        const part = await request<{ id: string; name?: unknown }[]>('/ngsi-ld/v1/entities', { params: { id: wanted.slice(i, i + 40).join(','), attrs: 'name', options: 'keyValues', limit: 100 }, asOf });
        for (const e of part) if (typeof e.name === 'string') found[e.id] = e.name;
      }
      return found;
    },
  });
  return data ?? {};
}
