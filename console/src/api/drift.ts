// Types the console reads (types.ts) against what the server describes (schema.d.ts, made by `npm run api`): a field that the server no longer
// has stops the type check. types.ts stays written by hand because the generated types cannot say which fields are null and which are absent.
import type { components } from './schema';
import type * as T from './types';

type S = components['schemas'];
type Gone<Ours, Theirs> = Exclude<keyof Ours, keyof Theirs>;
type None<X extends never> = X;

export type Drift = [
  None<Gone<T.Session, S['Session']>>, None<Gone<T.TypeInfo, S['TypeInfo']>>, None<Gone<T.AttributeInfo, S['AttributeInfo']>>,
  None<Gone<T.EntityPage, S['EntityPage']>>, None<Gone<T.EntityRow, S['EntityRow']>>, None<Gone<T.SearchHit, S['SearchHit']>>,
  None<Gone<T.Figure, S['Figure']>>, None<Gone<T.Indicator, S['Indicator']>>, None<Gone<T.Conflict, S['Conflict']>>, None<Gone<T.Cockpit, S['Cockpit']>>,
  None<Gone<T.DataReturn, S['DataReturn']>>, None<Gone<T.Task, S['Task']>>, None<Gone<T.Freeze, S['Freeze']>>,
  None<Gone<T.ReportHead, S['ReportHead']>>, None<Gone<T.Comment, S['Comment']>>,
];
