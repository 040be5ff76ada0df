// The office freezes the data and makes the final evaluation; it is reviewed, signed, published; its files have the words,
// `nacre verify` proves it offline, later data do not change it, and the next version says what differs.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const title = '评估报告：冻结、审核、签批、发布、下载、脱机校验、下一版差异';

export default async function ({ server, step, binary, page, open, picture, reachable }) {
  const [office, leader] = ['office@digital-economy-leading-group', 'leader@haizhu-government'];
  const file = (name) => join(server.folder, name);
  await server.approved('bureau-kgsx', '2025', [
    { indicator: 'core-revenue', value: 1360.5, unit: '亿元' },
    { indicator: 'unicorns', value: 31, unit: '家' },
  ]);
  const freeze = await server.ask('POST', '/api/freezes', { post: office, body: { note: '样例：总结评估' } });
  let report = await server.ask('POST', '/api/reports', { post: office, body: { kind: 'final', year: 2025, freeze: freeze.id } });

  await step('words are edited in a draft only, figures never', async () => {
    const words = '样例文字：本节由办公室撰写。<b>不是标记</b>';
    report = await server.ask('PUT', `/api/reports/${report.id}/sections/overview`, { post: office, body: { narrative: words } });
    assert.equal(report.sections.find((s) => s.key === 'overview').narrative, words);
    await server.ask('PUT', `/api/reports/${report.id}/sections/nothing`, { post: office, body: { narrative: 'x' }, status: 404 });
  });

  await step('review, signature and publication are done by their posts, in order', async () => {
    const act = (verb, post, status) => server.ask('POST', `/api/reports/${report.id}/${verb}`, { post, status });
    assert.equal((await act('sign', leader, 409)).code, 'report_state');
    await act('review', office);
    assert.equal((await act('sign', office, 403)).code, 'post_required');
    await act('sign', leader);
    report = await act('publish', office);
    assert.equal(report.state, 'published');
    assert.deepEqual(report.files.map((f) => f.format), ['pdf', 'docx', 'html']);
    const late = await server.ask('PUT', `/api/reports/${report.id}/sections/overview`, { post: office, body: { narrative: 'x' }, status: 409 });
    assert.equal(late.code, 'report_state');
  });

  await step('the PDF holds title, sections, figures, sources and the code', async () => {
    writeFileSync(file('report.pdf'), await server.get(`/api/reports/${report.id}/report.pdf`));
    const text = execFileSync('pdftotext', ['-layout', file('report.pdf'), '-']).toString().replaceAll(/\s/g, '');
    const wanted = ['总结评估报告', '目录', '一、总体情况', '二、目标完成情况', '五、重点工作推进情况', '附件一未决口径冲突', '附件二数据来源', report.code, '样例文字：本节由办公室撰写。<b>不是标记</b>', '1350亿元', '1360.5亿元', '无数据', '79家', '87家'];
    for (const words of wanted) assert.ok(text.includes(words), `${words} is not in the PDF`);
    const docx = await server.get(`/api/reports/${report.id}/report.docx`);
    assert.equal(docx.subarray(0, 2).toString(), 'PK');
    const html = (await server.get(`/api/reports/${report.id}/report.html`)).toString();
    assert.ok(html.includes('&lt;b&gt;不是标记') && !html.includes('<script'));
    await page.goto(`/api/reports/${report.id}/report.html`);
    await reachable('the report as a page');
    await picture('page');
  });

  await step('nacre verify proves the report offline, and finds what was altered', async () => {
    const bundle = await server.get(`/api/reports/${report.id}/bundle.json`);
    writeFileSync(file('bundle.json'), JSON.stringify(bundle));
    const key = (await server.get('/log/key')).toString().trim();
    const verify = (...more) => spawnSync(binary, ['verify', file('bundle.json'), '--key', key, ...more], { encoding: 'utf8' });
    const fine = verify('--file', file('report.pdf'));
    assert.equal(fine.status, 0, fine.stderr);
    assert.match(fine.stdout, /figures found in their records, \d+ computed again, 3 files published/);
    writeFileSync(file('forged.pdf'), 'not the report');
    assert.notEqual(verify('--file', file('forged.pdf')).status, 0);
    const core = bundle.report.indicators.find((i) => i.id === 'core-revenue');
    core.actual.value = 1400;
    writeFileSync(file('bundle.json'), JSON.stringify(bundle));
    const forged = verify();
    assert.notEqual(forged.status, 0);
    assert.match(forged.stderr, /digest/);
  });

  await step('a backup holds the files as they were published', async () => {
    execFileSync(binary, ['backup', '--data', server.data, '--to', file('backup')], { stdio: 'pipe' });
    execFileSync(binary, ['restore', '--from', file('backup'), '--data', file('restored')], { stdio: 'pipe' });
    const kept = readFileSync(join(file('restored'), 'files', report.files[0].sha256));
    assert.deepEqual(kept, readFileSync(file('report.pdf')));
  });

  await step('anybody finds it by its code', async () => {
    const found = await server.get(`/api/public/verify/${report.code}`);
    assert.deepEqual(found.report.files, report.files);
    await server.ask('GET', '/api/public/verify/AAAA-BBBB-CCCC', { status: 404 });
  });

  await step('later figures change neither the report nor its files; the next version says what differs', async () => {
    await server.approved('bureau-kgsx', '2025', [{ indicator: 'unicorns', value: 41, unit: '家' }]);
    const again = await server.get(`/api/reports/${report.id}`);
    assert.equal(again.digestHolds, true);
    assert.equal(again.indicators.find((i) => i.id === 'unicorns').actual.value, 31);
    const pdf = await server.get(`/api/reports/${report.id}/report.pdf`);
    const { createHash } = await import('node:crypto');
    assert.equal(createHash('sha256').update(pdf).digest('hex'), report.files[0].sha256);
    const second = await server.ask('POST', '/api/freezes', { post: office, body: { note: '样例：第二版' } });
    const next = await server.ask('POST', '/api/reports', { post: office, body: { kind: 'final', year: 2025, freeze: second.id, previous: report.id } });
    assert.equal(next.version, 2);
    const changed = next.differences.filter((d) => d.indicator === 'unicorns').map((d) => [d.before, d.after].join(' → '));
    assert.ok(changed.some((c) => /31.*→.*41/.test(c)), JSON.stringify(next.differences));
    writeFileSync(file('next.pdf'), await server.get(`/api/reports/${next.id}/report.pdf`));
    const text = execFileSync('pdftotext', [file('next.pdf'), '-']).toString().replaceAll(/\s/g, '');
    assert.ok(text.includes('与上一版差异') && text.includes('草稿'));
  });
}
