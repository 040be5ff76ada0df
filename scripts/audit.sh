#!/usr/bin/env bash
# Compares dependencies with the RustSec list of known vulnerabilities. Needs the network, so it is no part of `make test`.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh test
exec target/tools/cargo-deny check advisories
