// From an observation to the alert on the dispatcher's open page. Devices speak MQTT at a steady rate (QoS 1, three values a message), a
// thousand rules watch every section, Chromium has the alert centre open; every half second one more device reports a value that a rule waits for. Measured from
// the moment the message is written to the moment its row stands in the page, by one clock.
// Usage: node bench/alert.mjs [target/release/nacre] [--rate 5000] [--rules 1000] [--devices 1000] [--probes 60]
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Browser } from '../testing/journeys/browser.mjs';
import { Server } from '../testing/journeys/server.mjs';

const argument = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const binary = process.argv[2]?.startsWith('--') || !process.argv[2] ? 'target/release/nacre' : process.argv[2];
const RATE = argument('--rate', 5_000);
const RULES = argument('--rules', 1_000);
const PROBES = argument('--probes', 60);
const DEVICES = argument('--devices', 1_000);
const EVERY_MS = 500;
const WARM_MS = 4_000;
const pause = (ms) => new Promise((go) => setTimeout(go, ms));
const clock = () => performance.timeOrigin + performance.now();

// The packs of the repository, and a thousand rules more on sections of creeks.
const folder = mkdtempSync(join(tmpdir(), 'nacre-alert-'));
cpSync('packs', join(folder, 'packs'), { recursive: true });
cpSync('districts', join(folder, 'districts'), { recursive: true });
const water = join(folder, 'packs/waterways');
for (const language of ['zh', 'en']) {
  const path = join(water, `text/${language}.yaml`);
  writeFileSync(path, `${readFileSync(path, 'utf8')}\nrule.bench: bench\n`);
}
const alert = (title) => `then:\n  - alert: { severity: "'blue'", scheme: national-four, category: water, title: "${title}" }\n`;
const when = [
  (i) => `when: change\nattributes: [ammoniaNitrogen, pH]\nif: ammoniaNitrogen > ${100 + i % 50}.0 && pH < 5.0\n`,
  (i) => `when: change\nattributes: [dissolvedOxygen]\nif: dissolvedOxygen < ${-(i % 7) - 1}.0\n`,
  (i) => `when: window\nwindow: { attribute: totalPhosphorus, over: ${5 + i % 30}m, count: 5 }\nif: window.avg > ${20 + i % 20}.0\n`,
  (i) => `when: change\nattributes: [permanganateIndex, temperature]\nif: permanganateIndex > ${500 + i}.0 || temperature < -1.0\n`,
];
for (let i = 0; i < RULES - 1; i += 1) {
  writeFileSync(join(water, `rules/bench-${i}.yaml`), `title: rule.bench\non: { type: WaterSection }\n${when[i % when.length](i)}${alert(`'bench ${i}'`)}`);
}
writeFileSync(join(water, 'rules/bench-probe.yaml'), `title: rule.bench\non: { type: WaterSection }\nwhen: change\nattributes: [temperature]\nif: temperature > 40.0\nclear: temperature < 30.0\n${alert("name + ' 水温异常'")}`);

// A device on a socket: MQTT 3.1.1, QoS 1.
class Device {
  constructor(port, id, password) {
    Object.assign(this, { port, id, password, packet: 0, acknowledged: 0 });
  }

  open() {
    const text = (t) => Buffer.concat([Buffer.from([t.length >> 8, t.length & 255]), Buffer.from(t)]);
    return new Promise((done, fail) => {
      this.socket = connect(this.port, '127.0.0.1');
      this.socket.setNoDelay(true);
      this.socket.on('error', fail);
      this.socket.on('data', (bytes) => {
        if (bytes[0] === 0x20) return done();
        // PUBACKs are four bytes each.
        this.acknowledged += bytes.length / 4;
        this.acknowledgedAt ??= clock();
      });
      const body = Buffer.concat([text('MQTT'), Buffer.from([4, 0xc2, 0, 60]), text(this.id), text(this.id), text(this.password)]);
      this.socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body]));
    });
  }

  say(reading) {
    this.packet = (this.packet % 65_535) + 1;
    const topic = Buffer.from(`devices/${this.id}/water`);
    const body = Buffer.concat([Buffer.from([topic.length >> 8, topic.length & 255]), topic, Buffer.from([this.packet >> 8, this.packet & 255]), Buffer.from(JSON.stringify(reading))]);
    const length = [];
    for (let rest = body.length; rest > 0; rest >>= 7) length.push(rest > 127 ? (rest & 127) | 128 : rest);
    this.socket.write(Buffer.concat([Buffer.from([0x32, ...length]), body]));
  }
}

const server = await Server.start(binary, ['--packs', join(folder, 'packs'), '--district', join(folder, 'districts/haizhu')]);
const browser = await Browser.start();
try {
  const links = await server.get('/api/ingest');
  const port = Number(links.broker.address.split(':').pop());
  const keeper = 'device-keeper@haizhu-government';
  const register = async (name) => {
    const id = `urn:ngsi-ld:WaterSection:${name}`;
    const entity = { id, type: 'WaterSection', name: { type: 'Property', value: name }, partOf: { type: 'Relationship', object: 'urn:ngsi-ld:WaterBody:huangpu-chong' }, evidence: { type: 'Property', value: 'approximate' }, simulated: { type: 'Property', value: true } };
    await server.ask('POST', '/ngsi-ld/v1/entities', { body: entity, status: 201 });
    const { credential } = await server.ask('POST', '/api/devices', { post: keeper, body: { id: name, name, feed: 'waterways.sensor', asset: name, simulated: true }, status: 201 });
    const device = new Device(port, name, credential.password);
    await device.open();
    return device;
  };
  const devices = [];
  for (let i = 0; i < DEVICES; i += 20) devices.push(...(await Promise.all(Array.from({ length: Math.min(20, DEVICES - i) }, (_, k) => register(`bench-${i + k}`)))));
  const probes = [];
  for (let i = 0; i < PROBES; i += 1) probes.push(await register(`probe-${i}-`));

  const seat = await browser.seat(server.url, 'alert');
  await seat.open('/alerts?state=raised');
  await seat.page.evaluate(() => {
    window.seen = {};
    new MutationObserver(() => {
      for (const row of document.querySelectorAll('[data-testid=alert-row]')) {
        const name = /probe-\d+-/.exec(row.textContent)?.[0];
        if (name) window.seen[name] ??= performance.timeOrigin + performance.now();
      }
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });

  // The load: as many messages as are due, every 10 ms.
  const began = clock();
  let sent = 0;
  let last = 0;
  const load = setInterval(() => {
    const due = Math.floor(((clock() - began) / 1000) * RATE);
    for (; sent < due; sent += 1) {
      last = Math.max(last + 0.2, clock());
      const wave = Math.sin(sent / 50_000);
      const ts = new Date(last + (sent % 7)).toISOString();
      const physical = { ts, ph: 7.2 + wave / 10, do: 6 + wave, temp: 21 + wave };
      const chemical = { ts, nh3n: 0.5 + wave / 10, tp: 0.1, codmn: 4 + wave };
      devices[sent % DEVICES].say(sent % 2 ? physical : chemical);
    }
  }, 10);
  await pause(WARM_MS);
  const [from, acknowledged] = [clock(), devices.reduce((n, d) => n + d.acknowledged, 0)];
  const wrote = {};
  for (const probe of probes) {
    wrote[probe.id] = clock();
    probe.say({ ts: new Date().toISOString(), ph: 7.2, do: 6, nh3n: 0.5, tp: 0.1, codmn: 4, temp: 45 });
    await pause(EVERY_MS);
  }
  const seconds = (clock() - from) / 1000;
  const rate = (devices.reduce((n, d) => n + d.acknowledged, 0) - acknowledged) / seconds;
  clearInterval(load);
  await pause(3_000);
  const seen = await seat.page.evaluate(() => window.seen);
  const { alerts } = await server.get('/api/alerts?limit=500');
  const raised = Object.fromEntries(alerts.map((a) => [/probe-\d+-/.exec(a.title)?.[0], Date.parse(a.firstAt)]));
  const sorted = (times) => probes.map((p) => (times(p) ?? Infinity) - wrote[p.id]).sort((a, b) => a - b);
  const line = (what, all) => {
    const at = (q) => all[Math.min(all.length - 1, Math.ceil(q * all.length) - 1)].toFixed(0).padStart(5);
    console.log(`  ${what.padEnd(34)} p50 ${at(0.5)}  p95 ${at(0.95)}  p99 ${at(0.99)}  max ${at(1)} ms`);
  };
  const took = sorted((p) => seen[p.id]);
  console.log(`observations asked for ${RATE}/s, acknowledged ${rate.toFixed(0)}/s; rules ${RULES}; ${DEVICES + PROBES} devices`);
  console.log(`from the moment the observation is written (${PROBES} probes):`);
  line('acknowledged: it is durable', sorted((p) => p.acknowledgedAt));
  line('the rule fired: the alert is durable', sorted((p) => raised[p.id]));
  line('its row stands in the open page', took);
  const acked = probes.filter((p) => p.acknowledged > 0).length;
  const silent = took.filter((t) => t === Infinity).length;
  console.log(`probes acknowledged ${acked}, never shown ${silent}`);
  await seat.leave();
} finally {
  await browser.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
