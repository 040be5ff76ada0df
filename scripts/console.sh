#!/usr/bin/env bash
# Builds the console into console/dist, which cargo then takes into the binary. Does nothing when what is there is newer
# than its sources. Usage: scripts/console.sh [--force]
set -euo pipefail
cd "$(dirname "$0")/../console"
PATH="$(cd .. && pwd)/target/tools/node/bin:$PATH"
export PATH
say() { printf 'console: %s\n' "$*" >&2; }

if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  say "installing the packages named in package-lock.json"
  npm ci --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
fi
if [ "${1:-}" != --force ] && [ -f dist/index.html ] &&
  [ -z "$(find src public index.html package.json package-lock.json vite.config.ts tsconfig.json -newer dist/index.html -print -quit)" ]; then
  exit 0
fi
say "building"
npm run --silent build
