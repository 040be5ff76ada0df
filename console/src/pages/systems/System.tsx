import { say, texts, useTranslation } from '~/i18n';
import * as words from '~/i18n/systems';
import { useTypes } from '~/pages/data/model';
import { useLang } from '~/state/prefs';
import { useSession } from '~/state/session';
import { useParam } from '~/state/url';
import { Mark } from '~/ui/Bits';
import { number } from '~/ui/format';
import { Page, Section } from '~/ui/Page';
import { Empty, Read, Skeleton } from '~/ui/State';
import { To } from '~/ui/To';
import './systems.css';

texts('systems', words);

// Pages that belong to a pack beyond its data.
const pages: Record<string, { key: string; href: string }[]> = {
  plan: [{ key: 'place.cockpit', href: '/' }, { key: 'sub.indicators', href: '/indicators' }, { key: 'sub.conflicts', href: '/conflicts' }, { key: 'sub.returns', href: '/returns' }, { key: 'sub.tasks', href: '/tasks' }, { key: 'sub.reports', href: '/reports' }, { key: 'sub.comments', href: '/comments' }],
  layout: [{ key: 'place.map', href: '/map' }], 'base-registry': [{ key: 'place.map', href: '/map' }],
};

export default function System() {
  const { t, i18n } = useTranslation();
  const lang = useLang();
  const name = useParam('pack');
  const session = useSession();
  const types = useTypes();
  return (
    <Read query={session} skeleton={<Page title={name}><Skeleton rows={8} height={60} /></Page>}>
      {({ packs }) => {
        const pack = packs.find((p) => p.name === name);
        if (!pack) return <Page title={t('systems.missing')}><Empty title={t('systems.missing')} action={<To className="btn" href="/systems">{t('systems.title')}</To>} /></Page>;
        return (
          <Page title={say(pack.title, lang)} crumb={<To href="/systems">{t('systems.title')}</To>} testid="system" sub={say(pack.description, lang)}
            state={<Mark>{i18n.exists(`systems.tiers.${pack.tier}`) ? t(`systems.tiers.${pack.tier}`) : pack.tier}</Mark>}>
            <p className="note">{pack.systems.length ? t('systems.numbers', { n: pack.systems.join(lang === 'zh' ? '、' : ', ') }) : t('systems.noNumbers')} · {t('systems.version')} {pack.version} · <code>{pack.name}</code></p>
            {pages[pack.name] && <Section title={t('systems.places')}><p className="row">{pages[pack.name]?.map((p) => <To key={p.href} className="btn" href={p.href}>{t(`shell.${p.key}`)}</To>)}</p></Section>}
            <Section title={t('systems.types')}>
              <Read query={types} skeleton={<Skeleton rows={4} height={60} />}>
                {(all) => (
                  <ul className="system-grid">
                    {all.filter((x) => x.pack === pack.name).map((x) => (
                      <li key={x.name}><To href={`/data/${x.name}`} className="panel system-card" data-testid={`type-${x.name}`}><span className="system-head"><strong>{say(x.title, lang)}</strong><b>{number(x.count)}</b></span><p>{say(x.description, lang)}</p></To></li>
                    ))}
                  </ul>
                )}
              </Read>
            </Section>
          </Page>
        );
      }}
    </Read>
  );
}
