// A value outside React that components can watch; kept in localStorage when it has a key.
import { useSyncExternalStore } from 'react';

export type Store<T> = { get: () => T; set: (value: T) => void; subscribe: (listener: () => void) => () => void };

export function store<T>(first: T): Store<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set: (next) => {
      if (Object.is(next, value)) return;
      value = next;
      listeners.forEach((l) => l());
    },
    subscribe: (l) => {
      listeners.add(l);
      return () => listeners.delete(l);
    },
  };
}

export function kept<T extends string>(key: string, first: T, allowed?: readonly T[]): Store<T> {
  let read: string | null = null;
  try {
    read = localStorage.getItem(key);
  } catch {
    /* private mode: the choice lasts as long as the page */
  }
  const inner = store<T>(read !== null && (!allowed || allowed.includes(read as T)) ? (read as T) : first);
  return {
    ...inner,
    set: (value) => {
      try {
        localStorage.setItem(key, value);
      } catch {
        /* as above */
      }
      inner.set(value);
    },
  };
}

export const useStore = <T,>(s: Store<T>): T => useSyncExternalStore(s.subscribe, s.get);
