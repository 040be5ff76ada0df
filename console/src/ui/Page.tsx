import { type ReactNode, useEffect } from 'react';
import { useTranslation } from '~/i18n';

/** The same skeleton everywhere: where one is, the title with its state, the verbs (the first one prominent), then the content. */
export function Page({ title, state, sub, verbs, crumb, narrow, children, testid }: {
  title: ReactNode; state?: ReactNode; sub?: ReactNode; verbs?: ReactNode; crumb?: ReactNode; narrow?: boolean; children: ReactNode; testid?: string;
}) {
  const { t } = useTranslation();
  useEffect(() => {
    if (typeof title === 'string') document.title = `${title} · ${t('common.product')}`;
  }, [title, t]);
  return (
    <div className={narrow ? 'page narrow' : 'page'} data-testid={testid}>
      <header className="page-head">
        <div className="page-title">
          {crumb && <div className="crumb">{crumb}</div>}
          <h1>{title}{state && <span className="page-state">{state}</span>}</h1>
          {sub && <div className="page-sub">{sub}</div>}
        </div>
        {verbs && <div className="verbs">{verbs}</div>}
      </header>
      {children}
    </div>
  );
}

export function Section({ title, note, extra, children, id, testid }: { title?: ReactNode; note?: ReactNode; extra?: ReactNode; children: ReactNode; id?: string; testid?: string }) {
  return (
    <section className="section" id={id} data-testid={testid}>
      {(title || extra) && (
        <div className="section-head">
          <h2>{title}</h2>
          {note && <span className="note">{note}</span>}
          {extra && <span className="section-extra">{extra}</span>}
        </div>
      )}
      {children}
    </section>
  );
}
