// Posts by what they are called: typed a few letters, chosen with a press; each may be given to one person. What is kept is what the
// server takes: `role@organisation` or `role@organisation/person`, with blanks between.
import { CloseOutlined, PlusOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { useTranslation } from '~/i18n';
import { useActorName } from '~/state/session';
import { usePosts } from '../lookups';
import type { Control } from './Organisation';

const SHOWN = 6;

export function PostsPick({ id, name, value, set, bad, roles, single }: Control & { roles: string[]; single: boolean }) {
  const { t } = useTranslation();
  const called = useActorName();
  const posts = usePosts();
  const [find, setFind] = useState('');
  const chosen = value.split(/\s+/).filter(Boolean);
  const bare = (post: string) => post.split('/')[0] ?? post;
  const q = find.trim().toLowerCase();
  const parts = q.split(/[\s·]+/).filter(Boolean);
  const hits = posts.filter((p) => !chosen.some((c) => bare(c) === p.value) && parts.every((part) => p.label.toLowerCase().includes(part) || p.value === part));
  // Those of the workflow first.
  const sorted = [...hits.filter((p) => roles.includes(p.role)), ...hits.filter((p) => !roles.includes(p.role))];
  const add = (post: string) => { set((single ? [post] : [...chosen, post]).join(' ')); setFind(''); };
  const typed = /^[a-z][\w-]*@[^\s@]+$/.test(find.trim()) && !posts.some((p) => p.value === find.trim()) ? find.trim() : '';
  const person = (at: number, who: string) => set(chosen.map((c, i) => (i === at ? bare(c) + (who ? `/${who}` : '') : c)).join(' '));
  return (
    <>
      {chosen.length > 0 && (
        <ul className="pick-chosen" data-testid={`chosen-${name}`}>{chosen.map((c, i) => (
          <li key={bare(c)}><span>{called(bare(c))}</span>
            <input className="input" value={c.slice(bare(c).length + 1)} placeholder={t('desk.pick.person')} aria-label={`${called(bare(c))}：${t('desk.pick.person')}`} maxLength={60} onChange={(e) => person(i, e.target.value.replace(/[\s/@]/g, ''))} />
            <button type="button" className="icon-btn" aria-label={t('desk.pick.drop', { name: called(bare(c)) })} onClick={() => set(chosen.filter((x) => x !== c).join(' '))}><CloseOutlined /></button></li>
        ))}</ul>
      )}
      <input id={id} className="input" type="search" value={find} placeholder={t(single ? 'desk.pick.post' : 'desk.pick.posts')} aria-invalid={bad} autoComplete="off" data-testid={`field-${name}`}
        onChange={(e) => setFind(e.target.value)} onKeyDown={(e) => { if (e.key === 'Enter') { e.preventDefault(); const first = typed || (q && sorted[0]?.value); if (first) add(first); } }} />
      <ul className="pick-list" aria-label={t('desk.pick.list')}>
        {sorted.slice(0, SHOWN).map((p) => <li key={p.value}><button type="button" className="btn" onClick={() => add(p.value)} data-testid={`pick-${p.value}`}><PlusOutlined /> {p.label}</button></li>)}
        {typed && <li><button type="button" className="btn" onClick={() => add(typed)}><PlusOutlined /> {t('desk.pick.asTyped', { typed })}</button></li>}
      </ul>
      <small className="note" role="status">{sorted.length === 0 && !typed ? t('desk.pick.none') : sorted.length > SHOWN ? t('desk.pick.more', { n: sorted.length - SHOWN }) : ''}</small>
    </>
  );
}
