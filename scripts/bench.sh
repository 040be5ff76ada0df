#!/usr/bin/env bash
# All benchmarks, one after the other. One alone: cargo run --release -p nacre-bench -- kernel
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked -p nacre -p nacre-bench
for what in disk kernel http restart; do
  printf '\n=== %s ===\n' "$what"
  target/release/nacre-bench "$what"
done
printf '\n=== console ===\n'
[ -d console/node_modules ] || npm --prefix console ci --no-audit --no-fund --loglevel=error
node bench/console.mjs target/release/nacre
printf '\n=== 175,441 grid events, the server killed half way ===\n'
node bench/replay.mjs target/release/nacre --kill
printf '\n=== from an observation to the open page, 5,000 a second, 1,000 rules ===\n'
node bench/alert.mjs target/release/nacre
printf '\n=== report of about 100 pages ===\n'
pages="$(mktemp -d)"
cargo run --release --locked -q -p nacre-report --example sample -- "$pages"
rm -rf "$pages"
