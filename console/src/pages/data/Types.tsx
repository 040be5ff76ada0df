import { useApi } from '~/api/client';
import type { Session } from '~/api/types';
import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/data';
import { useLang } from '~/state/prefs';
import { useQueryState } from '~/state/url';
import { number } from '~/ui/format';
import { SearchField, Tools } from '~/ui/ListTools';
import { Page, Section } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import { useTypes } from './model';
import './data.css';

texts('data', words);

export default function Types() {
  const { t } = useTranslation();
  const lang = useLang();
  const [text] = useQueryState('search');
  const types = useTypes();
  const session = useApi<Session>('/api/session', undefined, { asOf: false, staleTime: 300_000 });
  const wanted = text.trim().toLowerCase();
  return (
    <Page title={t('data.title')} sub={t('data.sub')} testid="data">
      <Tools><SearchField label={t('data.search')} testid="type-search" /></Tools>
      <Read query={types} skeleton={<Skeleton rows={10} height={48} />}>
        {(all) => {
          const found = all.filter((x) => !wanted || [x.name, x.title.zh, x.title.en, x.description?.zh ?? '', x.description?.en ?? ''].some((w) => w.toLowerCase().includes(wanted)));
          const packs = [...new Set(found.map((x) => x.pack))];
          if (!found.length) return <Empty title={t('common.empty.noMatch')}>{t('common.empty.noMatchDo')}</Empty>;
          return packs.map((pack) => {
            const title = session.data?.packs.find((p) => p.name === pack)?.title;
            return (
              <Section key={pack} title={<To href={`/systems/${pack}`}>{title ? say(title, lang) : pack}</To>}>
                <ul className="type-grid">
                  {found.filter((x) => x.pack === pack).map((x) => (
                    <li key={x.name}><To href={`/data/${x.name}`} className="panel type-card" data-testid={`type-${x.name}`}>
                      <span className="type-head"><strong>{say(x.title, lang)}</strong><b>{number(x.count)}</b></span>
                      <small>{say(x.description, lang)}</small>
                    </To></li>
                  ))}
                </ul>
              </Section>
            );
          });
        }}
      </Read>
    </Page>
  );
}
