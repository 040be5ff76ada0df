#!/usr/bin/env bash
# The seeded simulation with more seeds than `make test` runs. A failure prints its seed; NACRE_SIM_SEED=<seed> repeats it.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ -f testing/sim/Cargo.toml ]; then
  exec env NACRE_SIM_SEEDS="${NACRE_SIM_SEEDS:-1000}" cargo nextest run --release --locked -p nacre-sim
fi
echo "sim: testing/sim is not there yet; running the journal's tests on the failing disk" >&2
exec cargo nextest run --release --locked -p nacre-journal
