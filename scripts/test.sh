#!/usr/bin/env bash
# Everything that has to hold, in the order in which a mistake is found soonest. A part that fails does not hide the
# ones behind it. The last line counts: `N passed, N failed`. Usage: scripts/test.sh [part…]
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/target/tools/node/bin:${CARGO_HOME:-$HOME/.cargo}/bin:$PATH" CARGO_TERM_COLOR="${CARGO_TERM_COLOR:-never}"

parts=(console format lint dependencies tidy tests doc-tests packs reference crash readme journeys)
[ $# -eq 0 ] || parts=("$@")
crash_rounds="${CRASH_TEST_ROUNDS:-100}"
passed=0
failed=0
failures=()
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

heading() { printf '\n=== %s ===\n' "$*"; }
count() { # passed failed name
  passed=$((passed + $1))
  failed=$((failed + $2))
  [ "$2" -eq 0 ] || failures+=("$3")
}
# One check that passes or fails as a whole.
check() { # name command…
  local name="$1"
  shift
  if "$@"; then count 1 0 "$name"; else count 0 1 "$name"; fi
}
# A test run that says itself how many; one that says nothing has failed.
nextest() { # name arguments…
  local name="$1" status ok bad summary
  shift
  cargo nextest run --locked --no-fail-fast "$@" 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  summary="$(grep -E '^ *Summary' "$log" | tail -n1)"
  ok="$(sed -nE 's/.* ([0-9]+) passed.*/\1/p' <<<"$summary")"
  bad="$(sed -nE 's/.* ([0-9]+) failed.*/\1/p' <<<"$summary")"
  ok="${ok:-0}" bad="${bad:-0}"
  [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
  count "$ok" "$bad" "$name"
}

for part in "${parts[@]}"; do
  case "$part" in
  console)
    heading "Console: types, build, size of the first route"
    check "console build" scripts/console.sh
    check "console size" npm --silent --prefix console run size
    ;;
  format)
    heading "Format: rustfmt"
    check format cargo fmt --all --check
    ;;
  lint)
    heading "Lint: clippy, warnings are errors"
    check lint cargo clippy --workspace --all-targets --locked -- -D warnings
    ;;
  dependencies)
    heading "Dependencies: licences, bans, sources"
    check dependencies target/tools/cargo-deny --offline --all-features check --hide-inclusion-graph bans licenses sources
    ;;
  tidy)
    heading "Rules of the repository"
    nextest tidy -p nacre-tidy
    ;;
  tests)
    heading "Tests of the workspace"
    # The full number of rounds is the part `crash`, on the release binary.
    NACRE_CRASH_ROUNDS="${NACRE_CRASH_ROUNDS:-5}" nextest tests --workspace --exclude nacre-tidy
    ;;
  doc-tests)
    heading "Examples in the documentation of the code"
    cargo test --doc --workspace --locked 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    read -r ok bad < <(sed -nE 's/^test result: .* ([0-9]+) passed; ([0-9]+) failed.*/\1 \2/p' "$log" |
      awk '{ p += $1; f += $2 } END { print p + 0, f + 0 }')
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    count "$ok" "$bad" doc-tests
    ;;
  packs)
    heading "Packs: check, and try their scenarios"
    if cargo build --release --locked -p nacre; then
      for manifest in packs/*/pack.yaml; do
        name="$(basename "$(dirname "$manifest")")"
        check "pack check $name" target/release/nacre pack check "$name"
        check "pack try $name" target/release/nacre pack try "$name"
      done
    else
      count 0 1 "build of the binary"
    fi
    ;;
  reference)
    heading "Configuration reference is current"
    check reference scripts/reference.sh --check
    ;;
  crash)
    heading "Crash test: $crash_rounds rounds of kill -9 under load"
    check crash scripts/crash.sh "$crash_rounds"
    ;;
  journeys)
    heading "Journeys in Chromium"
    testing/journeys/run.sh 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    read -r ok bad < <(sed -nE 's/^([0-9]+) journeys passed, ([0-9]+) failed$/\1 \2/p' "$log" | tail -n1)
    ok="${ok:-0}" bad="${bad:-0}"
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    count "$ok" "$bad" journeys
    ;;
  readme)
    heading "Examples of README and guides"
    testing/readme/run.sh 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    read -r ok bad < <(sed -nE 's/^([0-9]+) examples passed, ([0-9]+) failed$/\1 \2/p' "$log" | tail -n1)
    ok="${ok:-0}" bad="${bad:-0}"
    [ "$status" -eq 0 ] || [ "$bad" -gt 0 ] || bad=1
    count "$ok" "$bad" readme
    ;;
  *)
    echo "no such part: $part (there are: console format lint dependencies tidy tests doc-tests packs reference crash readme journeys)" >&2
    exit 2
    ;;
  esac
done

printf '\n'
[ ${#failures[@]} -eq 0 ] || printf 'failed: %s\n' "${failures[@]}"
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
