// What a person waits for: the start of the server with 100,000 entities (sample lamps, marked as sample), the first useful screen with a
// cold and a warm cache, the answers behind the pages; beside them what an empty page of the same browser and a bare
// loopback request take on this machine. Usage: node bench/console.mjs target/release/nacre
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Server } from '../testing/journeys/server.mjs';

const require = createRequire(new URL('../console/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const binary = process.argv[2] ?? 'target/release/nacre';
const COUNT = 100_000;
const now = () => performance.now();
const timed = async (work) => {
  const began = now();
  await work();
  return now() - began;
};
const said = (what, ms, more = '') => console.log(`${what.padEnd(58)} ${ms.toFixed(0).padStart(7)} ms ${more}`);

const server = await Server.start(binary);
const lamps = join(server.folder, 'lamps.ndjson');
const lamp = (i) => JSON.stringify({ id: `urn:ngsi-ld:Streetlight:L${i}`, type: 'Streetlight', name: { type: 'Property', value: `路灯 ${i}` }, power: { type: 'Property', value: i % 250 }, sample: { type: 'Property', value: true } });
writeFileSync(lamps, Array.from({ length: COUNT }, (_, i) => lamp(i)).join('\n'));
said(`import of ${COUNT} entities`, await timed(() => execFileSync(binary, ['import', lamps, '--server', server.url.slice(7)], { stdio: 'ignore' })));

// Stop and start again on what lies on the disk.
const { data, url } = server;
const ended = new Promise((done) => server.process.once('exit', done));
server.process.kill('SIGTERM');
await ended;
const began = now();
server.process = spawn(binary, ['serve', '--data', data, '--district', 'districts/haizhu', '--listen', url.slice(7), '--mqtt-listen', 'off', '--log', 'error'], { stdio: 'ignore' });
while (!(await fetch(`${url}/readyz`).catch(() => null))?.ok) await new Promise((done) => setTimeout(done, 5));
said('start until ready (aim 3,000)', now() - began);

const probe = await timed(() => fetch(`${url}/healthz`).then((r) => r.text()));
for (const path of ['/api/cockpit', '/api/cockpit', '/api/indicators', '/api/search?q=hzsd', '/api/search?q=hzsd', '/api/entities?type=Streetlight', '/api/entities?type=Streetlight&sort=-power', '/api/cockpit?asOf=600']) {
  const ms = await timed(() => fetch(url + path).then((r) => r.arrayBuffer()));
  said(path, ms, `${(ms / Math.max(probe, 0.1)).toFixed(0)} × a bare request`);
}

const path = process.env.CHROMIUM ?? execFileSync('sh', ['-c', 'command -v chromium']).toString().trim();
const browser = await chromium.launch({ executablePath: path, args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
const empty = await context.newPage();
const bare = await timed(() => empty.goto(`${url}/nacre.svg`));
said('an empty page in this browser', bare);
for (const what of ['first useful screen, cold cache (aim 5,000)', 'first useful screen, warm cache (aim 2,000)']) {
  const page = await context.newPage();
  const ms = await timed(async () => {
    await page.goto(`${url}/`, { waitUntil: 'commit' });
    await page.getByTestId('goal-core-revenue').waitFor();
  });
  said(what, ms, `${(ms / bare).toFixed(1)} × an empty page`);
  await page.close();
}
await browser.close();
await server.stop();
