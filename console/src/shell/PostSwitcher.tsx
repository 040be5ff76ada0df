import { UserOutlined } from '@ant-design/icons';
import { useState } from 'react';
import { say, useTranslation } from '~/i18n';
import { post as postStore, useLang, usePost } from '~/state/prefs';
import { useMyPost, useSession } from '~/state/session';
import { Pop } from './Pop';

/** Who am I acting as. While the door is open this is a declaration, and the console says so. */
export function PostSwitcher() {
  const { t } = useTranslation();
  const lang = useLang();
  const mine = useMyPost();
  const raw = usePost();
  return (
    <Pop testid="post-switcher" title={t('shell.post.label')}
      label={<><UserOutlined /> <span className="post-name">{mine ? `${say(mine.title, lang)} · ${mine.organisationName}` : raw || t('shell.post.reader')}</span></>}>
      {(close) => <Chooser close={close} />}
    </Pop>
  );
}

export function Chooser({ close }: { close?: () => void }) {
  const { t } = useTranslation();
  const lang = useLang();
  const { data: session, error } = useSession();
  const [nowRole = '', nowOrganisation = ''] = usePost().split('@');
  const [role, setRole] = useState(nowRole);
  const [organisation, setOrganisation] = useState(nowOrganisation);
  const chosen = session?.posts.find((p) => p.role === role);
  const organisations = chosen?.organisations ?? [];
  const org = organisations.some((o) => o.id === organisation) ? organisation : (organisations[0]?.id ?? '');
  return (
    <form className="post-panel" onSubmit={(e) => {
      e.preventDefault();
      postStore.set(role && org ? `${role}@${org}` : '');
      close?.();
    }}>
      {session?.open && <p className="open-note" data-testid="open-note"><strong>{t('shell.post.open')}</strong><br />{t('shell.post.openMore')}</p>}
      {error && <p className="note">{t('shell.post.unknown')}</p>}
      <label>{t('shell.post.role')}
        <select className="input" value={role} onChange={(e) => setRole(e.target.value)} data-testid="post-role">
          <option value="">{t('shell.post.reader')}</option>
          {session?.posts.filter((p) => p.level !== 'public').map((p) => <option key={p.role} value={p.role}>{say(p.title, lang)}</option>)}
        </select>
      </label>
      {organisations.length > 0 && (
        <label>{t('shell.post.organisation')}
          <select className="input" value={org} onChange={(e) => setOrganisation(e.target.value)} data-testid="post-organisation">
            {organisations.map((o) => <option key={o.id} value={o.id}>{o.name}</option>)}
          </select>
        </label>
      )}
      <button type="submit" className="btn primary" data-testid="post-apply">{t('shell.post.apply')}</button>
    </form>
  );
}
