// Runs every journey of this folder, each against a server of its own, one after the other; prints what passed and failed.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser } from './browser.mjs';
import { Server } from './server.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const [binary, ...wanted] = process.argv.slice(2);
const files = readdirSync(here)
  .filter((name) => /^\d\d-.*\.mjs$/.test(name))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();
const browser = await Browser.start();
let passed = 0;
let failed = 0;
for (const file of files) {
  const journey = await import(join(here, file));
  const began = Date.now();
  const server = await Server.start(binary);
  const seat = await browser.seat(server.url, file.replace(/\.mjs$/, ''));
  let where = 'the start';
  try {
    const step = async (words, work) => {
      where = words;
      return work();
    };
    await journey.default({ ...seat, server, step, binary });
    seat.check();
    passed += 1;
    console.log(`ok      ${journey.title} (${((Date.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failed += 1;
    await seat.picture('failed').catch(() => {});
    console.log(`FAILED  ${journey.title}\n        ${file}, at: ${where}\n        ${String(error.stack ?? error).replaceAll('\n', '\n        ')}`);
  } finally {
    await seat.leave();
    await server.stop();
  }
}
await browser.stop();
console.log(`${passed} journeys passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
