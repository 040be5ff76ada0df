// From a sensor to the river chief: simulated stations speak real MQTT, a pollution incident runs down a creek, the class falls to 劣V,
// an alert is raised and a rectification opened; everything from the simulator is marked so. Bad payloads are held, mended, replayed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';

export const title = '水系监测：传感器到河长，劣V告警并派整改单，坏报文隔离后改正重放';

const G = 'haizhu-government';
const [keeper, officer, chief, duty] = ['device-keeper', 'water-officer', 'river-chief', 'duty-officer'].map((r) => `${r}@${G}`);
const until = async (what, ask, fits) => {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = await ask();
    if (fits(found)) return found;
    await new Promise((go) => setTimeout(go, 100));
  }
  throw new Error(`${what} did not come`);
};

export default async function ({ server, step, binary }) {
  const creek = (water, id) => water.sections.find((s) => s.id === id);

  await step('a manual sample gives the section a class, and says what decides and what is missing', async () => {
    const sample = { section: 'huangpu-chong-01', sampledAt: '2026-11-01T09:00:00+08:00', values: { ammoniaNitrogen: 1.2, dissolvedOxygen: 5.5, pH: 7.1 }, sampler: '样例单位', tide: 'rising' };
    await server.ask('POST', '/api/water/samples', { post: officer, body: sample, status: 201 });
    const seen = creek(await server.get('/api/water'), 'huangpu-chong-01');
    assert.deepEqual([seen.class, seen.deciding.map((d) => d.name), seen.parameters[0].source], ['IV', ['ammoniaNitrogen'], 'manual']);
    assert.ok(seen.missing.some((m) => m.zh === '总磷'));
    const wrong = await server.ask('POST', '/api/water/samples', { post: officer, body: { ...sample, values: { ammonia: 1 } }, status: 400 });
    assert.equal(wrong.code, 'sample_form');
    const pdf = await server.get('/api/water/report?month=2026-11&format=pdf');
    assert.equal(Buffer.from(pdf).subarray(0, 5).toString(), '%PDF-');
    const month = await server.get('/api/water/report?month=2026-11');
    assert.equal(month.sections.find((s) => s.id === 'huangpu-chong-01').class, 'IV');
  });

  await step('published readings come in dirty: every correction is said, what cannot be understood is refused', async () => {
    const entities = [
      { id: 'urn:ngsi-ld:WaterQualityObserved:beihao-chong-01', type: 'WaterQualityObserved', dateObserved: '2026/11/3 9:00', pH: '7,2', NH4: { value: 0.5, unitCode: 'M1' }, DO: '6.1 mg/L', CODMn: -9999 },
      { id: 'urn:ngsi-ld:WaterQualityObserved:nowhere', type: 'WaterQualityObserved', dateObserved: '2026-11-03T09:00:00Z', pH: 7 },
      { type: 'WaterQualityObserved', pH: 7 },
    ];
    const dry = await server.ask('POST', '/api/water/import?dry=true', { post: officer, body: { entities } });
    assert.ok(dry.corrections.length >= 3 && dry.recorded === 0);
    assert.deepEqual(dry.refused.map((r) => r.index).sort(), [1, 2]);
    const done = await server.ask('POST', '/api/water/import', { post: officer, body: { entities } });
    assert.equal(done.recorded, 1);
    const seen = creek(await server.get('/api/water'), 'beihao-chong-01');
    assert.ok(seen.parameters.every((p) => p.source === 'import'));
  });

  await step('a pollution incident runs down the creek', async () => {
    const host = server.url.slice(7);
    execFileSync(binary, ['simulate', '--server', host, '--devices', '3', '--every', '0.5', '--seconds', '14', '--incident', '2', '--faults'], { stdio: 'ignore' });
    const { devices, counts } = await server.get('/api/devices');
    assert.equal(devices.length, 3);
    assert.ok(devices.every((d) => d.simulated && d.accepted > 10), 'the last screen says simulated');
    assert.deepEqual(counts.state, { online: 3 });
  });

  const alert = await step('the class falls to 劣V: an alert says why, and a rectification waits for the river chief', async () => {
    const { alerts } = await until('the alert', () => server.get('/api/alerts?state=raised,acknowledged,cleared'), (a) => a.alerts.some((x) => x.rule?.id === 'waterways.worse-than-five'));
    const alert = alerts.find((a) => a.rule.id === 'waterways.worse-than-five');
    assert.ok(alert.simulated && alert.inputs.some((i) => i.value === '劣V'));
    const { cases } = await server.get('/api/cases?workflow=waterways.rectification');
    assert.equal(cases.length, 1, 'one trouble, one case');
    assert.ok(cases[0].simulated && cases[0].state === 'dispatched');
    assert.equal(alert.case.number, cases[0].number);
    const { recent } = await server.get('/api/rules/waterways.worse-than-five');
    assert.ok(recent.some((f) => f.case?.number === cases[0].number));
    assert.ok((await server.get('/api/notices', { post: chief })).notices.some((n) => n.subject.includes('劣V')));
    return alert;
  });

  await step('the message for others is valid CAP 1.2, and an exercise', async () => {
    const cap = (await server.get(alert.capUrl)).toString();
    execFileSync('xmllint', ['--noout', '--schema', 'crates/alerts/tests/cap-1.2.xsd', '-'], { input: cap, stdio: ['pipe', 'ignore', 'ignore'] });
    assert.match(cap, /<status>Exercise<\/status>/);
    execFileSync('xmllint', ['--noout', '-'], { input: (await server.get('/cap/feed.xml')).toString() });
  });

  await step('an alert is acknowledged once; shelving needs a reason and an end', async () => {
    const act = (verb, body, status = 200) => server.ask('POST', `/api/alerts/${alert.id}/${verb}`, { post: duty, body, status });
    const state = (await server.get(`/api/alerts/${alert.id}`)).state;
    if (state === 'raised') {
      await act('acknowledge', { note: '已通知' });
      assert.equal((await act('acknowledge', {}, 409)).code, 'alert_state');
      assert.equal((await act('shelve', { note: '检修' }, 400)).code, 'alert_shelve_until');
    } else {
      assert.equal(state, 'cleared', 'the creek had recovered');
      assert.equal((await act('acknowledge', {}, 409)).code, 'alert_state');
    }
  });

  await step('the same rule over the past: it would have fired as often as it did', async () => {
    const ran = await server.ask('POST', '/api/rules/waterways.worse-than-five/dry-run', { post: duty, body: {} });
    assert.ok(ran.count >= 1 && ran.observations > 0);
    const off = await server.ask('POST', '/api/rules/waterways.silent/disable', { post: duty, body: {}, status: 400 });
    assert.equal(off.code, 'rule_note_missing');
    const silent = await server.ask('POST', '/api/rules/waterways.silent/disable', { post: duty, body: { note: '检修期间' } });
    assert.equal(silent.enabled, false);
  });

  await step('what cannot be read is held, mended and replayed; a wrong password is nobody', async () => {
    const made = await server.ask('POST', '/api/devices', { post: keeper, body: { id: 'w-1', name: '样例水质站', feed: 'waterways.sensor', asset: 'chisha-chong-01', simulated: true }, status: 201 });
    const { username, password } = made.credential;
    const send = (body, secret = password, status = 200) =>
      fetch(`${server.url}/api/ingest/waterways.sensor`, { method: 'POST', headers: { Authorization: `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}` }, body }).then(async (answer) => {
        assert.equal(answer.status, status);
        return answer.json();
      });
    assert.equal((await send('{}', 'wrong', 401)).code, 'device_unauthorised');
    const reading = JSON.stringify({ ts: '2026-11-02T09:00:00+08:00', nh3n: 0.4, do: 6.5 });
    assert.equal((await send(reading)).results[0].duplicate, false);
    assert.equal((await send(reading)).results[0].duplicate, true, 'the same reading counts once');
    const odd = await send(JSON.stringify({ ts: '2026-11-02T09:00:00+08:00', nh3n: 9.9 }), password, 422);
    assert.equal(odd.results[0].code, 'observation_contradicts');
    await send('{"ts": "2026-11-02T10:00:00+08:00", "nh3n": ', password, 422);
    const { messages } = await server.get('/api/quarantine?state=held&device=w-1');
    const broken = messages.find((m) => m.reason.code === 'payload_unreadable');
    const still = await server.ask('POST', `/api/quarantine/${broken.id}/replay`, { post: keeper, body: {}, status: 422 });
    assert.equal(still.code, 'payload_unreadable');
    const mended = '{"ts": "2026-11-02T10:00:00+08:00", "nh3n": 0.5}';
    assert.equal((await server.ask('POST', `/api/quarantine/${broken.id}/replay`, { post: keeper, body: { payload: mended } })).ok, true);
    await server.ask('POST', `/api/quarantine/${broken.id}/replay`, { post: keeper, body: {}, status: 409 });
    const late = ['ts,nh3n,do', '2026-10-01T09:00:00+08:00,0.7,6', '2026-10-01T10:00:00+08:00,viel,6', '2026-10-01T11:00:00+08:00,0.8,6'].join('\n');
    const filled = await server.ask('POST', '/api/ingest/waterways.sensor/csv?device=w-1', { post: keeper, body: late });
    assert.deepEqual([filled.accepted, filled.refused[0].row, filled.refused[0].code], [2, 3, 'field_no_number']);
    const repeated = await server.ask('POST', '/api/ingest/waterways.sensor/csv?device=w-1', { post: keeper, body: late });
    assert.deepEqual([repeated.accepted, repeated.duplicates], [0, 2]);
    const course = await server.get('/api/devices/w-1/series?attribute=ammoniaNitrogen&from=2026-09-01&to=2026-11-30');
    assert.deepEqual(course.points.map((p) => p[1]), [0.7, 0.8, 0.4, 0.5], 'late readings went where they belong');
    assert.equal(creek(await server.get('/api/water'), 'chisha-chong-01').parameters.find((p) => p.name === 'ammoniaNitrogen').value, 0.5);
    const unknown = await server.ask('POST', '/api/ingest/waterways.sensor/csv?device=w-1', { post: keeper, body: '时间,氨氮\n2026-10-01,0.7', status: 400 });
    assert.equal(unknown.code, 'columns_missing');
    const alerts = (await server.get('/api/alerts?state=raised')).total;
    const month = ['ts,nh3n,do', ...Array.from({ length: 8_000 }, (_, i) => `${new Date(Date.parse('2026-08-01T00:00:00Z') + i * 300_000).toISOString()},9.9,0.1`)].join('\n');
    assert.equal((await server.ask('POST', '/api/ingest/waterways.sensor/csv?device=w-1', { post: keeper, body: month })).accepted, 8_000);
    assert.equal((await server.get('/api/alerts?state=raised')).total, alerts, 'what was bad in August raises nothing now, and nobody waits for it');
    await server.ask('POST', '/api/devices/w-1/revoke', { post: keeper, body: { note: '退役' } });
    await send(reading, password, 401);
  });

  await step('coverage follows from geometry', async () => {
    const ring = [[113.30, 23.08], [113.32, 23.08], [113.32, 23.10], [113.30, 23.10], [113.30, 23.08]];
    const area = { id: 'urn:ngsi-ld:SensingArea:sample', type: 'SensingArea', name: { type: 'Property', value: '样例片区' }, boundary: { type: 'GeoProperty', value: { type: 'Polygon', coordinates: [ring] } } };
    await server.ask('POST', '/ngsi-ld/v1/entities', { body: area, status: 201 });
    await server.ask('POST', '/api/devices', { post: keeper, body: { id: 'c-1', name: '样例站', feed: 'waterways.sensor', asset: 'beihao-chong-01', location: [113.31, 23.09], coverageRadius: 500, simulated: true }, status: 201 });
    const { zones } = await server.get('/api/coverage');
    assert.ok(Math.abs(zones[0].share - (Math.PI * 0.25) / 4.55) < 0.005, `${zones[0].share}`);
  });
}
