// Fails when the first route (everything index.html pulls in before a page is chosen, and the cockpit) exceeds the budget.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const BUDGET_KB = 350;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

const weigh = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;
function reach(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return seen;
  seen.add(key);
  for (const next of chunk.imports ?? []) reach(next, seen);
  return seen;
}
const files = (keys) => [...new Set([...keys].flatMap((k) => [manifest[k].file, ...(manifest[k].css ?? [])]))];

const shell = reach('index.html');
const first = reach('src/pages/cockpit/Cockpit.tsx', new Set(shell));
let total = 0;
for (const file of files(first)) {
  const bytes = weigh(file);
  total += bytes;
  console.log(`${(bytes / 1000).toFixed(1).padStart(8)} kB  ${file}`);
}
console.log(`${(total / 1000).toFixed(1).padStart(8)} kB  first route, gzip (budget ${BUDGET_KB} kB)`);
const pages = Object.entries(manifest).filter(([k]) => k.startsWith('src/pages/') && k !== 'src/pages/cockpit/Cockpit.tsx');
for (const [key] of pages) {
  const more = files(reach(key)).filter((f) => !files(first).includes(f));
  console.log(`${(more.reduce((sum, f) => sum + weigh(f), 0) / 1000).toFixed(1).padStart(8)} kB  more for ${key}`);
}
if (total > BUDGET_KB * 1000) {
  console.error(`the first route weighs ${(total / 1000).toFixed(1)} kB; allowed: ${BUDGET_KB} kB`);
  process.exit(1);
}
