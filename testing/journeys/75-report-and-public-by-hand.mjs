// The office makes a report in the browser, a leader signs it, everybody verifies it by its code and writes a comment that is
// answered.
import assert from 'node:assert/strict';
import { join } from 'node:path';

export const title = '在控制台成文：冻结、撰写、签批、发布、下载；公众按校验码查验、提意见、看答复';

export default async function ({ server, page, open, step, picture, takePost, reachable, narrow }) {
  const [office, leader] = ['office@digital-economy-leading-group', 'leader@haizhu-government'];
  const freeze = await server.ask('POST', '/api/freezes', { post: office, body: { note: '样例' } });
  const made = await server.ask('POST', '/api/reports', { post: office, body: { kind: 'final', year: 2025, freeze: freeze.id } });
  const verb = async (name, state) => {
    await page.getByTestId(`verb-${name}`).click();
    await page.getByTestId('ask-ok').click({ timeout: 3_000 }).catch(() => {});
    await page.locator(`[data-testid="report-state"][data-state="${state}"]`).waitFor({ timeout: 30_000 });
  };
  await step('words of a section are written beside those that stand there by themselves', async () => {
    await takePost(office);
    await open(`/reports/${made.id}`);
    await page.getByTestId('edit-overview').click();
    await page.getByTestId('narrative').fill('样例文字：总体情况由办公室撰写。');
    await page.getByTestId('narrative-save').click();
    await page.getByTestId('section-overview').getByText('样例文字：总体情况由办公室撰写。').waitFor();
    await picture('draft');
  });
  await step('review, signature, publication', async () => {
    await verb('review', 'reviewed');
    await takePost(leader);
    await open(`/reports/${made.id}`);
    await verb('sign', 'signed');
    await takePost(office);
    await open(`/reports/${made.id}`);
    await verb('publish', 'published');
    await picture('published');
    await reachable('a published report');
  });
  const report = await server.get(`/api/reports/${made.id}`);
  await step('anybody verifies it by its code, and a file by its digest', async () => {
    const pdf = join(server.folder, 'report.pdf');
    const { writeFileSync } = await import('node:fs');
    writeFileSync(pdf, await server.get(`/api/reports/${made.id}/report.pdf`));
    await open(`/public/verify/${report.code}`);
    await page.getByTestId('verify-found').waitFor();
    await page.getByTestId('check-file').setInputFiles(pdf);
    await page.locator('[data-testid="check-result"][data-match]').waitFor();
    await picture('verified');
    await open('/public/verify/AAAA-BBBB-CCCC');
    await page.getByTestId('verify-none').waitFor();
  });
  await step('a citizen comments on a phone and gets a code', async () => {
    await narrow();
    await open('/public');
    await page.getByTestId('public-goal').nth(11).waitFor();
    await page.getByTestId('comment-text').fill('样例意见：请公布 2025 年实际数。');
    await page.getByTestId('comment-send').click();
    await page.getByTestId('comment-received').waitFor();
    const code = (await page.getByTestId('tracking-code').innerText()).trim();
    assert.equal((await server.get(`/api/public/comments/${code}`)).state, 'received');
    await picture('phone');
    await reachable('the public page on a phone');
  });
  await step('the office replies; the reply is public with its reason', async () => {
    const { comments } = await server.get('/api/comments', { post: office });
    assert.equal(comments[0].overdue, false);
    assert.match(comments[0].due, /^\d{4}-\d{2}-\d{2}$/);
    await server.ask('POST', `/api/comments/${comments[0].id}/reply`, { post: office, body: { decision: 'not-adopted', text: '样例答复', reason: '样例：尚未公布' } });
    await server.ask('POST', `/api/comments/${comments[0].id}/publish`, { post: office });
    await open('/public');
    await page.getByTestId('public-comment').getByText('样例：尚未公布').waitFor();
    await page.getByTestId('public-comment').getByText('未采纳').first().waitFor();
  });
}
