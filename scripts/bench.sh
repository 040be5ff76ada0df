#!/usr/bin/env bash
# All benchmarks, one after the other. One alone: cargo run --release -p nacre-bench -- kernel
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked -p nacre -p nacre-bench
for what in disk kernel http restart; do
  printf '\n=== %s ===\n' "$what"
  target/release/nacre-bench "$what"
done
