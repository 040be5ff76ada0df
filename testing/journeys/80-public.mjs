// Everybody sees the progress, takes the data, comments, and finds the reply.
import assert from 'node:assert/strict';

export const title = '公众监督：进展公开、开放数据、意见有答复（采纳或未采纳及理由）';

export default async function ({ server, step }) {
  const office = 'office@digital-economy-leading-group';
  await step('open data as JSON, CSV and a DCAT catalogue', async () => {
    const json = await server.get('/api/public/indicators.json');
    assert.ok(json.indicators.length > 60);
    const csv = (await server.get('/api/public/indicators.csv')).toString('utf8');
    assert.ok(csv.startsWith('\u{feff}') && csv.includes('1350'));
    const catalog = await server.get('/api/public/catalog.jsonld');
    assert.equal(catalog['@type'], 'dcat:Catalog');
    assert.equal(catalog['dcat:dataset'][0]['dcat:distribution'].length, 2);
  });
  const receipt = await step('a comment gets a code and a day by which it is answered', async () => {
    const short = await server.ask('POST', '/api/public/comments', { body: { text: '短' }, status: 400 });
    assert.equal(short.code, 'invalid_words');
    return server.ask('POST', '/api/public/comments', { body: { about: 'core-revenue', text: '样例意见：请公布 2025 年实际数。', name: '样例市民' } });
  });
  await step('it is not public before it is answered, and its author follows it by code', async () => {
    assert.deepEqual((await server.get('/api/public/comments')).comments, []);
    assert.equal((await server.get(`/api/public/comments/${receipt.code}`)).state, 'received');
    await server.ask('GET', '/api/public/comments/zzzzzzzzzz', { status: 404 });
    assert.equal((await server.ask('GET', '/api/comments', { status: 403 })).code, 'post_required');
    const { attention } = await server.get('/api/cockpit');
    assert.equal(attention.find((a) => a.kind === 'comment').count, 1);
  });
  await step('reply with decision and reason, then publication; the name is masked', async () => {
    const early = await server.ask('POST', `/api/comments/${receipt.id}/publish`, { post: office, status: 409 });
    assert.equal(early.code, 'comment_state');
    await server.ask('POST', `/api/comments/${receipt.id}/reply`, { post: office, body: { decision: 'adopted', text: '样例答复', reason: '样例理由' } });
    await server.ask('POST', `/api/comments/${receipt.id}/publish`, { post: office });
    const [seen] = (await server.get('/api/public/comments')).comments;
    assert.deepEqual([seen.reply.decision, seen.reply.reason, seen.name, seen.code], ['adopted', '样例理由', '样**', null]);
  });
}
