// A grid event from the report of a citizen to its closure: each step by the one whose turn it is, with refusals that say why; more
// time, standing still, merging, and figures that follow from the records. And an Open311 client that knows nothing of us.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

export const title = '网格事件：市民上报，立案、派遣、处置、核查、结案，办结率由记录算出';

// A picture of one red pixel.
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC', 'base64');
const G = 'haizhu-government';
const [acceptor, dispatcher, inspector, supervisor] = ['acceptor', 'dispatcher', 'inspector', 'supervisor'].map((r) => `${r}@${G}`);
const street = 'street-office-440105014';
const handler = `handler@${street}`;

export default async function ({ server, step }) {
  const act = (id, verb, post, body = {}, status = 200) => server.ask('POST', `/api/cases/${id}/${verb}`, { post, body, status });
  const refused = async (id, verb, post, body, status, code) => assert.equal((await act(id, verb, post, body, status)).code, code);

  const photo = await step('a photo is looked at before it is kept: no text, nothing too large, nothing broken', async () => {
    const kept = await server.ask('POST', '/api/public/files?name=a.png', { body: PIXEL, status: 201 });
    assert.deepEqual([kept.mediaType, kept.width, kept.height], ['image/png', 1, 1]);
    assert.equal((await server.ask('POST', '/api/public/files?name=a.jpg', { body: Buffer.from('hello'), status: 415 })).code, 'file_type');
    assert.equal((await server.ask('POST', '/api/public/files', { body: PIXEL.subarray(0, 40), status: 400 })).code, 'file_broken');
    assert.equal((await server.ask('POST', '/api/public/files', { body: Buffer.alloc(16 << 20), status: 413 })).code, 'too_large');
    const small = await server.get(`/api/files/${kept.sha256}/thumbnail`);
    assert.deepEqual([...small.subarray(0, 2)], [0xff, 0xd8], 'a thumbnail is a JPEG');
    return kept;
  });

  const reported = await step('a citizen reports with a photo and gets a code that nobody else has', async () => {
    const report = { code: 'E-06010', description: '路口有暴露垃圾', location: [113.32, 23.09], files: [{ sha256: photo.sha256, name: 'a.png' }], name: '样例市民', phone: '13800138000' };
    const answer = await server.ask('POST', '/api/public/reports', { body: report, status: 201 });
    assert.match(answer.number, /^WG-\d{8}-00001$/);
    assert.ok(answer.track.length >= 16);
    const far = await server.ask('POST', '/api/public/reports', { body: { ...report, location: [113.6, 23.1] }, status: 400 });
    assert.equal(far.code, 'outside_district');
    const old = await server.ask('POST', '/api/public/reports', { body: { ...report, code: '01-10' }, status: 400 });
    assert.equal(old.code, 'case_form', 'a code of the old standard is no code of the new one');
    return answer;
  });

  const id = await step('the name is masked on the desk, and the case is about to be filed', async () => {
    const found = await server.get(`/api/cases/${reported.number}`, { post: acceptor });
    assert.equal(found.reporter.phone, '138****8000');
    assert.ok(!JSON.stringify(found).includes('样例市民'));
    assert.deepEqual(found.verbs[0].name, 'file');
    return found.id;
  });

  await step('each step belongs to a role, an organisation and a state', async () => {
    await refused(id, 'file', dispatcher, {}, 403, 'case_role');
    await act(id, 'file', acceptor);
    await refused(id, 'close', acceptor, {}, 409, 'case_state');
    await refused(id, 'dispatch', dispatcher, {}, 400, 'case_form');
    await refused(id, 'dispatch', dispatcher, { organisation: 'nobody' }, 400, 'case_form');
  });

  await step('two dispatchers take the case at the same moment: one does, the other hears of it', async () => {
    const { seq } = await server.get(`/api/cases/${id}`, { post: dispatcher });
    const take = (office) => fetch(`${server.url}/api/cases/${id}/dispatch`, { method: 'POST', headers: { 'Nacre-Post': dispatcher, 'Content-Type': 'application/json' }, body: JSON.stringify({ organisation: office, seen: seq }) });
    const answers = await Promise.all([take(street), take('street-office-440105013')]);
    assert.deepEqual(answers.map((a) => a.status).sort(), [200, 409]);
    const loser = answers.find((a) => a.status === 409);
    assert.ok(['case_moved', 'case_state'].includes((await loser.json()).code));
  });

  await step('more time is granted by the head of the department and by the dispatcher; the holder alone may ask', async () => {
    const seen = await server.get(`/api/cases/${id}`);
    const office = seen.organisation.id;
    const [held, lead] = [`handler@${office}`, `handler-lead@${office}`];
    await refused(id, 'ask-extension', 'handler@street-office-440105001', { amount: 1, note: '借车' }, 403, 'case_holder');
    await act(id, 'ask-extension', held, { amount: 1, note: '要借清运车' });
    await refused(id, 'grant', dispatcher, {}, 403, 'case_role');
    await act(id, 'grant', lead);
    const granted = await act(id, 'grant', dispatcher);
    assert.ok(granted.due.at > seen.due.at);
    await act(id, 'circulate', dispatcher, { posts: [supervisor] });
    assert.equal((await server.get('/api/work', { post: supervisor })).unread.length, 1);
    const read = await act(id, 'read', supervisor);
    assert.ok(read.circulated[0].readAt);
    await act(id, 'urge', dispatcher, { note: '请尽快' });
    assert.ok((await server.get('/api/notices', { post: held })).notices.some((n) => n.subject.startsWith('催办')));
    await act(id, 'finish', held, { note: '已清运', files: [{ sha256: photo.sha256, name: 'after.png' }] });
  });

  await step('the check sends it back once, then it is closed; the reporter sees it and rates it', async () => {
    await act(id, 'fail', inspector, { note: '还有一堆' });
    const again = await server.get(`/api/cases/${id}`);
    assert.equal(again.state, 'handling');
    await act(id, 'finish', `handler@${again.organisation.id}`, { note: '都清了' });
    await act(id, 'pass', inspector);
    const closed = await act(id, 'close', acceptor);
    assert.equal(closed.kind, 'done');
    assert.deepEqual(closed.timeline.filter((s) => s.to).map((s) => s.to), ['reported', 'filed', 'handling', 'checking', 'handling', 'checking', 'checked', 'closed']);
    for (const done of closed.timeline) assert.ok(done.seq > 0, 'each step has its record');
    const followed = await server.get(`/api/public/reports/${reported.track}`);
    assert.ok(followed.canRate && !JSON.stringify(followed).includes('要借清运车'), 'words of the desk stay on the desk');
    const rated = await server.ask('POST', `/api/public/reports/${reported.track}/rating`, { body: { stars: 5, note: '很快' } });
    assert.equal(rated.rating.stars, 5);
    await server.ask('GET', '/api/public/reports/NOSUCHCODE', { status: 404 });
  });

  await step('a retry with the same key opens nothing twice', async () => {
    const send = () => fetch(`${server.url}/api/cases`, { method: 'POST', headers: { 'Nacre-Post': inspector, 'Content-Type': 'application/json', 'Idempotency-Key': 'k-1' }, body: JSON.stringify({ workflow: 'grid-events.event', title: '占道经营', code: 'E-09006', location: [113.33, 23.09], simulated: true }) });
    const [one, two] = [await (await send()).json(), await (await send()).json()];
    assert.equal(one.number, two.number);
    const near = await server.ask('POST', '/api/cases', { post: inspector, body: { workflow: 'grid-events.event', title: '占道', code: 'E-09006', location: [113.3302, 23.09], simulated: true } });
    const seen = await server.get(`/api/cases/${near.id}`, { post: dispatcher });
    assert.deepEqual(seen.duplicates.map((d) => d.number), [one.number], 'the same place, time and kind');
    const merged = await act(near.id, 'merge', dispatcher, { into: one.id });
    assert.equal(merged.mergedInto.number, one.number);
  });

  await step('figures follow from the records; merged cases are in neither', async () => {
    const figures = await server.get('/api/cases/statistics?by=code&simulated=false');
    assert.deepEqual([figures.filed, figures.closed, figures.closureRate, figures.onTimeRate], [1, 1, 1, 1]);
    const all = await server.get('/api/cases/statistics');
    assert.equal(all.void, 1);
    const table = (await server.get('/api/cases/export?format=csv')).toString();
    assert.ok(table.startsWith('\ufeff编号') && table.includes(reported.number));
  });

  await step('the calendar of a later year is entered, and provisional terms are reckoned again', async () => {
    const before = await server.get('/api/calendar/end?from=2026-12-31T10:00:00%2B08:00&kind=working-days&amount=1');
    assert.equal(before.provisional, true);
    const year = { holidays: ['2027-01-01..2027-01-03'], workdays: [], source: '样例：尚未公布' };
    const bad = await server.ask('PUT', '/api/calendar/2027', { post: dispatcher, body: { ...year, workdays: ['2027-01-04'] }, status: 400 });
    assert.equal(bad.code, 'invalid_year');
    await server.ask('PUT', '/api/calendar/2027', { post: dispatcher, body: year });
    const after = await server.get('/api/calendar/end?from=2026-12-31T10:00:00%2B08:00&kind=working-days&amount=1');
    assert.deepEqual([after.at, after.provisional], ['2027-01-04T15:59:59.999Z', false]);
  });

  await step('an Open311 client posts a report with two photos and follows it', async () => {
    const services = await server.get('/open311/v2/services.json');
    assert.equal(services.length, 250);
    const form = new FormData();
    for (const [name, value] of [['service_code', 'E-06012'], ['lat', '23.09'], ['long', '113.31'], ['description', '道路不洁（样例）']]) form.append(name, value);
    for (const name of ['one.png', 'two.png']) form.append('media', new Blob([PIXEL], { type: 'image/png' }), name);
    const posted = await fetch(`${server.url}/open311/v2/requests.json`, { method: 'POST', body: form });
    assert.equal(posted.status, 201);
    const number = (await posted.json())[0].service_request_id;
    const [seen] = await server.get(`/open311/v2/requests/${number}.json`);
    assert.deepEqual([seen.status, seen.media_urls.length, seen.service_code], ['open', 2, 'E-06012']);
    const { id: other } = await server.get(`/api/cases/${number}`);
    await act(other, 'decline', acceptor, { note: '不属本区职责（样例）' });
    assert.equal((await server.get(`/open311/v2/requests/${number}.json`))[0].status, 'closed');
    const page = await server.get('/open311/v2/requests.json?page=2&page_size=1');
    assert.equal(page.length, 1);
    const xml = (await server.get('/open311/v2/requests.xml?status=closed')).toString();
    execFileSync('xmllint', ['--noout', '-'], { input: xml });
    const wrong = await server.ask('GET', '/open311/v2/requests/none.json', { status: 404 });
    assert.equal(wrong[0].code, 404);
  });

  await step('nobody writes a case as an entity', async () => {
    const body = { caseState: { type: 'Property', value: 'closed' } };
    await server.ask('PATCH', `/ngsi-ld/v1/entities/urn:ngsi-ld:Case:${id}/attrs`, { post: dispatcher, body, status: 403 });
  });
}
