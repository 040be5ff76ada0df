#!/usr/bin/env bash
# Runs the examples of README and guides: every block marked `sh test`, in order, against a server of its own on free
# loopback ports, in a folder of its own. `exit=3` says which exit code is right; `needs=PROGRAM` leaves a block out where
# the program is not installed. Compares exit codes; the last line counts. NACRE=PATH takes a binary that is there.
set -uo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
nacre="${NACRE:-}"
if [ -z "$nacre" ]; then
  nacre="$root/target/release/nacre"
  (cd "$root" && cargo build --release --locked -q -p nacre) || exit 1
fi

work="$(mktemp -d)"
server=""
stop() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null
    wait "$server" 2>/dev/null
  fi
  rm -rf "$work"
}
trap stop EXIT
ln -s "$root/districts" "$root/packs" "$work/"
mkdir "$work/bin" && ln -s "$nacre" "$work/bin/nacre"
cd "$work" || exit 1

"$nacre" serve --data data --listen 127.0.0.1:0 --mqtt-listen 127.0.0.1:0 --log-format json 2>server.log &
server=$!
# The address in the log line that holds these words.
said() { grep "$1" server.log | grep -oE '127\.0\.0\.1:[0-9]+' | head -n1; }
address=""
for _ in $(seq 1 300); do
  address="$(said '"serving')"
  [ -z "$address" ] || break
  kill -0 "$server" 2>/dev/null || break
  sleep 0.1
done
broker="$(said 'MQTT broker takes')"
if [ -z "$address" ] || [ -z "$broker" ]; then
  echo "the server did not start:" >&2
  cat server.log >&2
  exit 1
fi

passed=0
failed=0
left_out=0
documents=(README.md docs/guide/operate.zh.md docs/guide/operate.en.md docs/guide/import.zh.md docs/guide/plan.zh.md
  docs/guide/action.zh.md docs/guide/action.en.md)
for document in "${documents[@]}"; do
  rm -rf blocks && mkdir blocks
  awk '/^```sh test/ { n++; file = sprintf("blocks/%03d", n); exit_code = 0
         if (match($0, /exit=[0-9]+/)) exit_code = substr($0, RSTART + 5, RLENGTH - 5)
         program = ""
         if (match($0, /needs=[a-z_]+/)) program = substr($0, RSTART + 6, RLENGTH - 6)
         print exit_code " " NR + 1 " " program > (file ".meta"); printf "" > file; inside = 1; next }
       /^```/ { inside = 0 }
       inside { print > file }' "$root/$document"
  for meta in blocks/*.meta; do
    [ -e "$meta" ] || continue
    read -r expected line program <"$meta"
    if [ -n "$program" ] && ! command -v "$program" >/dev/null; then
      left_out=$((left_out + 1))
      echo "left out $document:$line: there is no $program here"
      continue
    fi
    sed -i "s/127\.0\.0\.1:8080/$address/g; s/127\.0\.0\.1:1883/$broker/g" "${meta%.meta}"
    env -u NACRE_DATA -u NACRE_CONFIG PATH="$work/bin:$PATH" NACRE_LISTEN="$address" NACRE_PID="$server" \
      timeout 120 bash -euo pipefail "${meta%.meta}" >out 2>err
    code=$?
    if [ "$code" = "$expected" ]; then
      passed=$((passed + 1))
      echo "ok   $document:$line"
    else
      failed=$((failed + 1))
      echo "FAIL $document:$line: exit code $code, expected $expected"
      sed 's/^/     | /' "${meta%.meta}"
      tail -n 15 out err
    fi
  done
done
[ "$left_out" -eq 0 ] || echo "$left_out examples left out"
echo "$passed examples passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
