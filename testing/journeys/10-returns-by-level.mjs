// Figures come in: a table with errors is refused row by row, what is left is approved level by level, and the total is the
// sum of the rows that were accepted. Nothing counts before the last approval.
import assert from 'node:assert/strict';

export const title = '填报：有错的行逐行退回，逐级审批，最后一级通过才计入';

const table = [
  '指标代码,时期,数值,单位,来源文件,说明',
  'core-revenue,2025,"1,360.5",亿元,样例统计公报,样例：口径扩大',
  'unicorns,2025,41,家,样例名录,',
  'listed-core-firms,2025,9,个,样例名录,',
  'no-such-indicator,2025,1,家,样例名录,',
  'core-four-above,2025,五百,家,样例名录,',
].join('\n');

export default async function ({ server, step }) {
  const [clerk, street, district] = ['clerk', 'street-approver', 'district-approver'].map((r) => `${r}@bureau-kgsx`);
  const about = '?organisation=bureau-kgsx&period=2025&fileName=r.csv';

  await step('a preview says what is wrong with each row and keeps nothing', async () => {
    const seen = await server.ask('POST', `/api/returns/preview${about}`, { post: clerk, body: table });
    const codes = Object.fromEntries(seen.rows.map((r) => [r.indicator, r.findings.map((f) => f.code)]));
    assert.deepEqual(codes['listed-core-firms'], ['wrong_unit']);
    assert.deepEqual(codes['no-such-indicator'], ['unknown_indicator']);
    assert.ok(seen.findings.some((f) => f.code === 'bad_number'));
    assert.deepEqual((await server.get('/api/returns')).returns, []);
  });

  await step('a table with a text for a number is refused whole', async () => {
    const refused = await server.ask('POST', `/api/returns${about}`, { post: clerk, body: table, status: 400 });
    assert.equal(refused.code, 'bad_number');
  });

  const draft = await step('a draft with a wrong unit cannot be submitted', async () => {
    const kept = table.split('\n').slice(0, 4).join('\n');
    const draft = await server.ask('POST', `/api/returns${about}`, { post: clerk, body: kept });
    const refused = await server.ask('POST', `/api/returns/${draft.id}/submit`, { post: clerk, status: 400 });
    assert.equal(refused.code, 'return_row_errors');
    draft.rows.find((r) => r.indicator === 'listed-core-firms').unit = '家';
    return server.ask('PUT', `/api/returns/${draft.id}/rows`, { post: clerk, body: { rows: draft.rows } });
  });

  const goal = async () => (await server.get('/api/indicators/core-revenue')).indicator;
  await step('nobody skips a level or approves what he entered', async () => {
    await server.ask('POST', `/api/returns/${draft.id}/submit`, { post: clerk });
    assert.equal((await server.ask('POST', `/api/returns/${draft.id}/approve`, { post: clerk, status: 403 })).code, 'post_required');
    assert.equal((await server.ask('POST', `/api/returns/${draft.id}/approve`, { post: district, status: 403 })).code, 'return_role');
    await server.ask('POST', `/api/returns/${draft.id}/approve`, { post: street, body: { rows: [{ row: 3, decision: 'refused', reason: '样例：来源不明' }] } });
    assert.equal((await goal()).actual, null, 'nothing counts before the last approval');
  });

  await step('nobody goes round the levels by writing the entity, and no record is made', async () => {
    const id = `urn:ngsi-ld:DataReturn:${draft.id}`;
    const { newest } = await server.get('/api/session');
    const approved = { returnState: { type: 'Property', value: 'approved' } };
    const whole = { id, type: 'DataReturn', ...approved };
    for (const [method, path, body] of [
      ['PATCH', `/ngsi-ld/v1/entities/${id}/attrs`, approved],
      ['POST', `/ngsi-ld/v1/entities/${id}/attrs`, approved],
      ['PATCH', `/ngsi-ld/v1/entities/${id}`, approved],
      ['PUT', `/ngsi-ld/v1/entities/${id}`, whole],
      ['DELETE', `/ngsi-ld/v1/entities/${id}`],
      ['POST', '/ngsi-ld/v1/entities', { ...whole, id: 'urn:ngsi-ld:DataReturn:mine' }],
      ['POST', '/ngsi-ld/v1/entityOperations/upsert', [whole]],
    ]) {
      const refused = await server.ask(method, path, { post: district, body, status: 403 });
      assert.match(refused.detail, /verbs/, `${method} ${path}`);
    }
    assert.equal((await server.get('/api/session')).newest, newest);
  });

  await step('what cannot be read is refused in the one form of errors', async () => {
    const large = await server.ask('POST', `/api/returns/preview${about}`, { post: clerk, body: 'x'.repeat(9 << 20), status: 413 });
    assert.equal(large.code, 'too_large');
    const odd = await server.ask('POST', '/api/freezes', { post: 'office@digital-economy-leading-group', body: '{', type: 'application/json', status: 400 });
    assert.equal(odd.code, 'invalid_request');
    assert.equal((await server.ask('GET', '/api/entities?type=Street&limit=many', { status: 400 })).code, 'invalid_request');
  });

  await step('of two approvers at the same moment one is too late', async () => {
    const both = await Promise.allSettled([1, 2].map(() => server.ask('POST', `/api/returns/${draft.id}/approve`, { post: district, body: {} })));
    assert.deepEqual(both.map((b) => b.status).sort(), ['fulfilled', 'rejected']);
    assert.match(String(both.find((b) => b.status === 'rejected').reason), /409/);
  });

  await step('the figure counts, its total is the sum of accepted rows, and each step is a record', async () => {
    const done = await server.get(`/api/returns/${draft.id}`);
    assert.equal(done.state, 'approved');
    for (const total of done.totals) {
      const own = done.rows.filter((r) => r.indicator === total.indicator && r.decision === 'accepted');
      assert.equal(total.accepted, own.reduce((sum, r) => sum + r.value, 0));
    }
    assert.deepEqual(done.steps.map((s) => s.verb), ['create', 'edit', 'submit', 'approve', 'approve']);
    const seen = await goal();
    assert.equal(seen.actual.value, 1360.5);
    assert.equal(seen.actual.seq, done.steps.at(-1).seq);
    const unicorns = (await server.get('/api/indicators/unicorns')).indicator;
    assert.equal(unicorns.actual, null, 'a refused row counts nowhere');
    const before = (await server.get(`/api/indicators/core-revenue?asOf=${seen.actual.seq - 1}`)).indicator;
    assert.equal(before.actual, null, 'the past stays as it was');
  });

  await step('another organisation that says otherwise makes a conflict', async () => {
    await server.approved('bureau-development-reform', '2025', [{ indicator: 'core-revenue', value: 1298, unit: '亿元' }]);
    const { conflicts } = await server.get('/api/conflicts');
    const conflict = conflicts.find((c) => c.id === 'contradiction:core-revenue:2025-12-31');
    assert.deepEqual(conflict.sides.map((s) => s.figures[0].value).sort(), [1298, 1360.5]);
    assert.equal((await goal()).status, 'conflict');
  });
}
