// Every address of the console. A page is one file with a default export, loaded when it is first opened.
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, useLocation } from '@tanstack/react-router';
import { type ComponentType, lazy, Suspense } from 'react';
import { PageBroken, PageLoading, PageMissing } from './shell/Fallback';
import { Shell } from './shell/Shell';
import { parseQuery, writeQuery } from './state/url';

type Load = () => Promise<{ default: ComponentType }>;

// The public site stands without the staff's navigation.
const PublicFrame = lazy(() => import('./pages/public/Frame'));
const OPEN = ['public', 'report', 'track'];
function Frame() {
  const open = useLocation({ select: (l) => OPEN.includes(l.pathname.split('/')[1] ?? '') });
  return open ? <Suspense fallback={<PageLoading />}><PublicFrame /></Suspense> : <Shell />;
}
const root = createRootRoute({ component: Frame, notFoundComponent: PageMissing });
const page = (path: string, load: Load) => createRoute({ getParentRoute: () => root, path, component: lazyRouteComponent(load) });

const tree = root.addChildren([
  page('/', () => import('./pages/cockpit/Cockpit')),
  page('/indicators', () => import('./pages/indicators/Indicators')),
  page('/indicators/$id', () => import('./pages/indicators/Indicator')),
  page('/conflicts', () => import('./pages/conflicts/Conflicts')),
  page('/conflicts/$id', () => import('./pages/conflicts/Conflict')),
  page('/data', () => import('./pages/data/Types')),
  page('/data/$type', () => import('./pages/data/Entities')),
  page('/data/$type/new', () => import('./pages/data/Create')),
  page('/entity/$id', () => import('./pages/data/Entity')),
  page('/entity/$id/edit', () => import('./pages/data/Edit')),
  page('/systems', () => import('./pages/systems/Systems')),
  page('/systems/$pack', () => import('./pages/systems/System')),
  page('/evidence', () => import('./pages/evidence/Evidence')),
  page('/settings', () => import('./pages/settings/Settings')),
  page('/work', () => import('./pages/work/Work')),
  page('/cases', () => import('./pages/cases/Cases')),
  page('/cases/new', () => import('./pages/cases/New')),
  page('/cases/statistics', () => import('./pages/cases/Statistics')),
  page('/cases/$id', () => import('./pages/cases/CasePage')),
  page('/alerts', () => import('./pages/alerts/Alerts')),
  page('/water', () => import('./pages/water/Water')),
  page('/report', () => import('./pages/cases/Report')),
  page('/report/$track', () => import('./pages/cases/Track')),
  page('/track', () => import('./pages/cases/Find')),
  page('/alerts/channels', () => import('./pages/alerts/Channels')),
  page('/alerts/$id', () => import('./pages/alerts/Alert')),
  page('/rules', () => import('./pages/rules/Rules')),
  page('/rules/$id', () => import('./pages/rules/Rule')),
  page('/devices', () => import('./pages/devices/Devices')),
  page('/devices/quarantine', () => import('./pages/devices/Quarantine')),
  page('/devices/$id', () => import('./pages/devices/Device')),
  page('/settings/calendar', () => import('./pages/calendar/Calendar')),
  page('/map', () => import('./pages/map/Map')),
  page('/returns', () => import('./pages/returns/Returns')),
  page('/returns/$id', () => import('./pages/returns/Return')),
  page('/tasks', () => import('./pages/tasks/Tasks')),
  page('/tasks/$id', () => import('./pages/tasks/Task')),
  page('/reports', () => import('./pages/reports/Reports')),
  page('/reports/$id', () => import('./pages/reports/Report')),
  page('/comments', () => import('./pages/comments/Comments')),
  page('/public', () => import('./pages/public/Public')),
  page('/public/verify', () => import('./pages/public/Verify')),
  page('/public/verify/$code', () => import('./pages/public/Verify')),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPendingComponent: PageLoading,
  defaultPendingMs: 150,
  defaultErrorComponent: PageBroken,
  scrollRestoration: true,
  parseSearch: parseQuery,
  stringifySearch: writeQuery,
});
