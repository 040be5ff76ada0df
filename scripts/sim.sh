#!/usr/bin/env bash
# The seeded simulation with more seeds than `make test` runs. A failure prints its seed; NACRE_SIM_SEED=<seed> repeats it.
set -euo pipefail
cd "$(dirname "$0")/.."
exec env NACRE_SIM_SEEDS="${NACRE_SIM_SEEDS:-2000}" cargo nextest run --release --locked -p nacre-sim --no-capture
