// Any type of any pack: list with search, filter and sort, export, detail, a change by the generated form, and the past.
import assert from 'node:assert/strict';

export const title = '数据浏览：任何类型都能查、改、导出、回看';

export default async function ({ server, page, open, step, picture, reachable, narrow }) {
  const tower = 'urn:ngsi-ld:Landmark:canton-tower';
  await step('streets: search, and a table that Excel reads', async () => {
    await open('/data/Street');
    await page.getByTestId('entity-row').first().waitFor();
    assert.match(await page.getByTestId('total').innerText(), /18/);
    await picture('streets');
    await reachable('a list');
    const csv = (await server.get('/api/entities/export?type=Street&format=csv')).toString('utf8');
    assert.ok(csv.startsWith('\u{feff}'));
    assert.equal(csv.trim().split('\n').length, 19);
    const xlsx = await server.get('/api/entities/export?type=Street&format=xlsx');
    assert.equal(xlsx.subarray(0, 2).toString(), 'PK');
    const found = await server.get('/api/entities?type=Street&search=%E7%90%B6%E6%B4%B2');
    assert.deepEqual(found.rows.map((r) => r.name), ['琶洲街道']);
    const sorted = await server.get('/api/entities?type=Street&sort=-communityCount&limit=18');
    const counts = sorted.rows.map((r) => r.values.communityCount);
    assert.deepEqual(counts, [...counts].sort((a, b) => b - a));
  });
  await step('every type of every pack has a page', async () => {
    for (const type of await server.get('/api/types')) {
      await open(`/data/${type.name}`);
      await page.getByText(type.title.zh).first().waitFor();
    }
  });
  let before = 0;
  await step('the form changes one thing, and history shows it', async () => {
    before = (await server.get('/api/session')).newest;
    await open(`/entity/${tower}`);
    await page.getByText('广州塔').first().waitFor();
    await picture('entity');
    await reachable('an entity');
    await page.getByTestId('edit').click();
    const field = page.getByTestId('field-accuracy');
    const input = (await field.evaluate((e) => e.tagName)) === 'INPUT' ? field : field.locator('input').first();
    await input.fill('42');
    await page.getByTestId('form-save').click();
    await page.getByTestId('fact-accuracy').getByText('42').waitFor();
    const now = await server.get(`/ngsi-ld/v1/entities/${tower}?options=keyValues`);
    assert.equal(now.accuracy, 42);
  });
  await step('a link to the past shows the past', async () => {
    await open(`/entity/${tower}?asOf=${before}`);
    await page.getByTestId('past-banner').waitFor();
    await page.getByTestId('fact-accuracy').getByText('100').waitFor();
    await picture('past');
  });
  await step('pinyin initials find Chinese names', async () => {
    await open('/');
    // Keys are heard once the shell stands.
    await page.getByTestId('live').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByTestId('palette-input').fill('hzsd');
    await page.getByTestId('palette-item').filter({ hasText: '海珠湿地' }).first().waitFor();
    await picture('palette');
    await page.keyboard.press('Enter');
    await page.waitForURL(/wetland/);
  });
  await step('on a phone', async () => {
    await narrow();
    await open('/data/Landmark');
    await page.getByTestId('total').waitFor();
    await reachable('a list on a phone');
    await open(`/entity/${tower}`);
    await page.getByTestId('fact-accuracy').waitFor();
    await reachable('an entity on a phone');
    await picture('phone');
  });
}
