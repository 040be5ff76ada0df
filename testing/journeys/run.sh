#!/usr/bin/env bash
# Journeys of people through the console, in real Chromium, against the real binary with the district's data.
# Usage: testing/journeys/run.sh [part of a journey's file name…]     JOURNEY_SHOTS=dir keeps pictures
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/target/tools/node/bin:$PATH"
binary="${NACRE_BINARY:-target/release/nacre}"
[ -x "$binary" ] || { echo "journeys: $binary is not built (make build)" >&2; exit 1; }
[ -d console/node_modules ] || npm --prefix console ci --no-audit --no-fund --loglevel=error
exec timeout 1500 node testing/journeys/run.mjs "$binary" "$@"
