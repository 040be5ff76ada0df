// The three contradictions of the plan stand there by themselves; the office resolves one with a reason, which is a record,
// and takes it back.
import assert from 'node:assert/strict';

export const title = '口径冲突：三处矛盾自动出现，办公室选定口径并写明理由，可撤回';

export default async function ({ server, page, open, step, picture, reachable, takePost }) {
  const id = 'contradiction:incubators-and-makerspaces:2020-12-31';
  await step('all three stand there with their sources', async () => {
    const { conflicts } = await server.get('/api/conflicts');
    assert.deepEqual(conflicts.map((c) => c.kind), ['contradiction', 'definition-gap', 'population']);
    await open('/conflicts');
    await page.getByTestId('conflict-row').nth(2).waitFor();
    await reachable('the conflicts');
    await picture('list');
  });
  await step('a reader cannot resolve one and is told who can', async () => {
    await open(`/conflicts/${encodeURIComponent(id)}`);
    await page.getByTestId('sides').waitFor();
    await page.getByText('79').first().waitFor();
    await page.getByText('87').first().waitFor();
    await page.getByTestId('no-permission').waitFor();
    const refused = await server.ask('POST', `/api/conflicts/${id}/resolution`, { body: { chosen: 'x', reason: '没有岗位' }, status: 403 });
    assert.equal(refused.code, 'post_required');
    assert.match(refused.detail, /office/);
  });
  await step('the office chooses a side with a reason', async () => {
    await takePost('office@digital-economy-leading-group');
    await open(`/conflicts/${encodeURIComponent(id)}`);
    await page.getByTestId('sides').waitFor();
    await page.locator('[data-testid^="choose-urn:"]').first().click();
    await page.getByTestId('reason').fill('样例：以主管部门名录核实的数为准');
    await page.getByTestId('resolve').click();
    await page.getByText('样例：以主管部门名录核实的数为准').first().waitFor();
    await picture('resolved');
    const now = await server.get(`/api/conflicts/${encodeURIComponent(id)}`);
    assert.match(now.resolution.chosen, /PlanFigure/);
    const record = await server.get(`/api/records/${now.resolution.seq}`);
    assert.equal(record.actor, 'office@digital-economy-leading-group');
    const status = (await server.get('/api/indicators/incubators-and-makerspaces')).indicator.status;
    assert.equal(status, 'no-data');
    const twice = await server.ask('POST', `/api/conflicts/${encodeURIComponent(id)}/resolution`, {
      post: 'office@digital-economy-leading-group',
      body: { chosen: now.resolution.chosen, reason: '再来一次' },
      status: 409,
    });
    assert.equal(twice.code, 'already_resolved');
  });
  await step('and takes it back', async () => {
    await server.ask('DELETE', `/api/conflicts/${encodeURIComponent(id)}/resolution`, { post: 'office@digital-economy-leading-group' });
    assert.equal((await server.get(`/api/conflicts/${encodeURIComponent(id)}`)).resolution, null);
  });
}
