#!/usr/bin/env bash
# Writes the configuration reference into the operator's guides, from the program itself. `--check` only compares.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked -p nacre
table="$(target/release/nacre config | grep '^|')"
status=0
for guide in docs/guide/operate.zh.md docs/guide/operate.en.md; do
  new="$(TABLE="$table" awk '
    /<!-- config:begin -->/ { print; print ""; print ENVIRON["TABLE"]; print ""; skip = 1; next }
    /<!-- config:end -->/ { skip = 0 }
    !skip { print }' "$guide")"
  [ "$new" != "$(cat "$guide")" ] || continue
  if [ "${1:-}" = --check ]; then
    diff <(cat "$guide") <(printf '%s\n' "$new") || true
    echo "$guide is not current: run scripts/reference.sh" >&2
    status=1
  else
    printf '%s\n' "$new" >"$guide"
    echo "wrote the reference into $guide" >&2
  fi
done
exit $status
