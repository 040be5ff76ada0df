// Writes src/api/schema.d.ts from the server's own description. `npm run api` (NACRE_URL for another server).
// The generator needs the TypeScript 5 interface, so it runs in its own npx environment beside the console's TypeScript 7.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const server = process.env.NACRE_URL ?? 'http://127.0.0.1:8080';
const api = await (await fetch(`${server}/api/openapi.json`)).json();
api.components ??= {};
api.components.schemas ??= {};
// A schema that is named but not described becomes `unknown` and is said, instead of failing the whole generation.
const missing = new Set();
const walk = (node) => {
  if (typeof node !== 'object' || node === null) return;
  const name = typeof node.$ref === 'string' && /^#\/components\/schemas\/(.+)$/.exec(node.$ref)?.[1];
  if (name && !(name in api.components.schemas)) missing.add(name);
  Object.values(node).forEach(walk);
};
walk(api);
for (const name of missing) {
  console.warn(`the server names the schema \`${name}\` and does not describe it`);
  api.components.schemas[name] = {};
}
const folder = mkdtempSync(join(tmpdir(), 'nacre-api-'));
writeFileSync(join(folder, 'openapi.json'), JSON.stringify(api));
const done = spawnSync('npx', ['--yes', '-p', 'openapi-typescript@7.13.0', '-p', 'typescript@5.9.3', 'openapi-typescript', join(folder, 'openapi.json'), '-o', 'src/api/schema.d.ts'], { stdio: 'inherit' });
rmSync(folder, { recursive: true });
process.exit(done.status ?? 1);
