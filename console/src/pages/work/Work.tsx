import { ArrowRightOutlined } from '@ant-design/icons';
import { useApi } from '~/api/client';
import type { Cockpit } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/work';
import { useLang } from '~/state/prefs';
import { useMyPost } from '~/state/session';
import { Page, Section } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { Cases } from './Cases';
import './work.css';

texts('work', words);

// Which verbs make an entrance stand first; the others stay, only further down.
const starts: { key: string; href: string; verbs: string[] }[] = [
  { key: 'cases', href: '/cases/new', verbs: ['case.report'] }, { key: 'fill', href: '/returns', verbs: ['return.create', 'return.approve'] }, { key: 'tasks', href: '/tasks', verbs: ['task.report', 'task.assign'] },
  { key: 'conflicts', href: '/conflicts', verbs: ['conflict.resolve'] }, { key: 'reports', href: '/reports', verbs: ['report.create', 'report.sign'] },
  { key: 'comments', href: '/comments', verbs: ['comment.reply'] }, { key: 'data', href: '/data', verbs: [] },
];

export default function Work() {
  const { t } = useTranslation();
  const lang = useLang();
  const mine = useMyPost();
  const query = useApi<Cockpit>('/api/cockpit');
  const first = (verbs: string[]) => (mine && verbs.some((v) => mine.verbs.includes(v)) ? 0 : 1);
  return (
    <Page title={t('work.title')} sub={mine ? `${t('work.as')}：${say(mine.title, lang)} · ${mine.organisationName}` : t('work.reader')} testid="work">
      {mine && <Cases />}
      <Section title={t('work.waiting')}>
        <Read query={query} skeleton={<Skeleton rows={4} height={48} />}>
          {({ attention }) => attention.length === 0 ? <Empty title={t('work.nothing')} /> : (
            <ul className="waiting-list panel">
              {attention.map((a, i) => <li key={i}><To href={a.link} data-testid={`work-${a.kind}`}><strong>{say(a.title, lang)}</strong>{a.count > 0 && <b>{a.count}</b>}<small>{say(a.detail, lang)}</small><ArrowRightOutlined aria-hidden="true" /></To></li>)}
            </ul>
          )}
        </Read>
      </Section>
      <Section title={t('work.start')}>
        <ul className="start-grid">
          {[...starts].sort((a, b) => first(a.verbs) - first(b.verbs)).map((s) => <li key={s.key}><To href={s.href} className={first(s.verbs) === 0 ? 'panel start mine' : 'panel start'} data-testid={`start-${s.key}`}><strong>{t(`work.${s.key}`)}</strong><small>{t(`work.${s.key}Do`)}</small></To></li>)}
        </ul>
      </Section>
    </Page>
  );
}
