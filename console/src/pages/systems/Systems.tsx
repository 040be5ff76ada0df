import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/systems';
import { useTypes } from '~/pages/data/model';
import { useLang } from '~/state/prefs';
import { useSession } from '~/state/session';
import { useQueryState } from '~/state/url';
import { Mark } from '~/ui/Bits';
import { number } from '~/ui/format';
import { SearchField, Tools } from '~/ui/ListTools';
import { Page } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import './systems.css';

texts('systems', words);

export default function Systems() {
  const { t, i18n } = useTranslation();
  const lang = useLang();
  const session = useSession();
  const types = useTypes();
  const [text] = useQueryState('search');
  const wanted = text.trim().toLowerCase();
  const tier = (x: string) => (i18n.exists(`systems.tiers.${x}`) ? t(`systems.tiers.${x}`) : x);
  return (
    <Page title={t('systems.title')} sub={t('systems.sub')} testid="systems">
      <Tools><SearchField label={t('systems.search')} />{session.data && <span className="tools-end">{t('systems.covered', { n: new Set(session.data.packs.flatMap((p) => p.systems)).size })}</span>}</Tools>
      <Read query={session} skeleton={<Skeleton rows={6} height={110} />}>
        {({ packs }) => {
          const found = packs.filter((p) => p.types.length > 0 || p.systems.length > 0).filter((p) => !wanted || [p.name, p.title.zh, p.title.en, p.description.zh, p.description.en, ...p.systems.map(String)].some((w) => w.toLowerCase().includes(wanted)))
            .sort((a, b) => (a.systems[0] ?? 999) - (b.systems[0] ?? 999));
          if (!packs.length) return <Empty title={t('systems.empty')}>{t('systems.emptyDo')}</Empty>;
          if (!found.length) return <Empty title={t('common.empty.noMatch')}>{t('common.empty.noMatchDo')}</Empty>;
          return (
            <ul className="system-grid">
              {found.map((p) => {
                const count = types.data?.filter((x) => x.pack === p.name).reduce((n, x) => n + x.count, 0);
                return (
                  <li key={p.name}><To href={`/systems/${p.name}`} className="panel system-card" data-testid={`system-${p.name}`}>
                    <span className="system-head"><h2>{say(p.title, lang)}</h2><Mark>{tier(p.tier)}</Mark></span>
                    <p>{say(p.description, lang)}</p>
                    <span className="system-foot"><span>{p.systems.length ? t('systems.numbers', { n: p.systems.join(lang === 'zh' ? '、' : ', ') }) : t('systems.noNumbers')}</span><span>{p.types.length} {t('systems.types')}{count !== undefined && ` · ${t('systems.entries', { n: number(count) })}`}</span></span>
                  </To></li>
                );
              })}
            </ul>
          );
        }}
      </Read>
    </Page>
  );
}
