#!/usr/bin/env bash
# Kills the server at random moments under load and proves that nothing acknowledged is lost, nothing is half-applied,
# proofs hold and cursors resume. Usage: scripts/crash.sh ROUNDS
set -euo pipefail
cd "$(dirname "$0")/.."
rounds="${1:-100}"
if [ ! -f testing/crash/Cargo.toml ]; then
  echo "crash test: testing/crash is not there yet" >&2
  exit 1
fi
cargo build --release --locked -p nacre -p nacre-crash
exec target/release/nacre-crash --rounds "$rounds" --nacre target/release/nacre
