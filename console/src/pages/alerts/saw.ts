// What a rule saw, in rows people read: where a rule handed the whole entity to a function, its figures stand one by one.
import type { Input } from '~/api/alerts';
import { useTypes } from '../data/model';

export function useSaw(of: Input[]): Input[] {
  const attributes = (useTypes().data ?? []).flatMap((type) => type.attributes);
  const named = new Set(of.map((i) => i.name));
  return of.flatMap((input) => {
    if (input.name !== 'self' || typeof input.value !== 'object' || input.value === null) return [input];
    const figures = Object.entries(input.value).filter(([name, value]) => typeof value === 'number' && !named.has(name));
    return figures.map(([name, value]) => {
      const known = attributes.find((a) => a.name === name);
      return { ...input, name, value, title: known?.title ?? { zh: name, en: name }, unit: known?.unit?.code ?? null };
    });
  });
}
