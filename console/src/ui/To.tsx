import type { AnchorHTMLAttributes, MouseEvent } from 'react';
import { useAsOf, useGo, withAsOf } from '~/state/url';

/** A link inside the console. It keeps the moment looked back at. */
export function To({ href, onClick, ...rest }: AnchorHTMLAttributes<HTMLAnchorElement> & { href: string }) {
  const go = useGo();
  const full = withAsOf(href, useAsOf());
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || rest.target) return;
    if (!href.startsWith('/') || href.startsWith('/api/') || href.startsWith('/log/')) return;
    event.preventDefault();
    go(href);
  };
  return <a {...rest} href={full} onClick={follow} />;
}
export const entityHref = (id: string) => `/entity/${encodeURIComponent(id)}`;
export const indicatorHref = (id: string) => `/indicators/${encodeURIComponent(id)}`;
