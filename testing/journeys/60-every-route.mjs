// Every address of the console, wide and on a phone, light and dark, in both languages: it draws, nothing is wider than the
// window, axe finds no serious fault, no word is missing.
import assert from 'node:assert/strict';

export const title = '每个页面：宽屏和手机、浅色和深色、中文和英文，axe 无严重问题';

export default async function ({ server, page, open, step, picture, reachable, narrow, wide, takePost }) {
  const office = 'office@digital-economy-leading-group';
  const made = await server.approved('bureau-kgsx', '2025', [{ indicator: 'core-revenue', value: 1360.5, unit: '亿元' }]);
  const freeze = await server.ask('POST', '/api/freezes', { post: office, body: { note: '样例' } });
  const report = await server.ask('POST', '/api/reports', { post: office, body: { kind: 'final', year: 2025, freeze: freeze.id } });
  const comment = await server.ask('POST', '/api/public/comments', { body: { text: '样例意见：请公布实际数。' } });
  assert.ok(comment.code);
  const event = await server.ask('POST', '/api/cases', { post: 'inspector@haizhu-government', body: { workflow: 'grid-events.event', title: '样例事件', code: 'E-06010', location: [113.32, 23.09], simulated: true } });
  const told = await server.ask('POST', '/api/public/reports', { body: { description: '样例：路口有垃圾', anonymous: true } });
  const routes = {
    cockpit: '/',
    screen: '/?screen=1',
    map: '/map',
    work: '/work',
    systems: '/systems',
    data: '/data',
    list: '/data/Organization',
    indicators: '/indicators',
    indicator: '/indicators/core-revenue',
    conflicts: '/conflicts',
    tasks: '/tasks',
    task: '/tasks/hz145-mobile-services',
    returns: '/returns',
    return: `/returns/${made.id}`,
    reports: '/reports',
    report: `/reports/${report.id}`,
    comments: '/comments',
    cases: '/cases',
    'new-case': '/cases/new',
    board: '/cases?view=board',
    'map-of-cases': '/cases?view=map',
    case: `/cases/${event.id}`,
    figures: '/cases/statistics',
    alerts: '/alerts',
    duty: '/alerts?tab=duty',
    channels: '/alerts/channels',
    rules: '/rules',
    rule: '/rules/waterways.worse-than-five',
    devices: '/devices',
    quarantine: '/devices/quarantine',
    water: '/water',
    calendar: '/settings/calendar',
    'report-a-problem': '/report',
    track: `/report/${told.track}`,
    evidence: '/evidence',
    settings: '/settings',
    public: '/public',
    verify: '/public/verify',
  };
  await takePost(office);
  for (const [name, path] of Object.entries(routes)) {
    await step(`${name}, wide`, async () => {
      await wide();
      await open(path);
      await page.locator('h1').first().waitFor();
      // The host of WeCom is written out on the page of channels; it is no key.
      const text = (await page.locator('body').innerText()).replaceAll('qyapi.weixin.qq.com', '');
      assert.doesNotMatch(text, /\b[a-z]+\.[a-zA-Z]+\.[a-zA-Z]+\b(?!\/)/, 'a key stands where a word should');
      assert.ok(text.length > 40, 'an empty page');
      await reachable(`${name}, wide`);
      await picture(name);
    });
    await step(`${name}, on a phone`, async () => {
      await narrow();
      await open(path);
      await page.locator('h1').first().waitFor();
      await reachable(`${name}, on a phone`);
      await picture(`${name}-390`);
    });
  }
  await step('dark, in English', async () => {
    await page.addInitScript(() => {
      localStorage.setItem('nacre.theme', 'dark');
      localStorage.setItem('nacre.lang', 'en');
    });
    await wide();
    for (const name of ['cockpit', 'indicator', 'tasks', 'returns', 'report', 'public']) {
      await open(routes[name]);
      await page.locator('h1').first().waitFor();
      await reachable(`${name}, dark and English`);
      await picture(`${name}-dark`);
    }
  });
}
