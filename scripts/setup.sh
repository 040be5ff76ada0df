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
if [ ${#packages[@]} -gt 0 ]; then
  command -v apt-get >/dev/null || { say "please install: ${packages[*]}"; exit 1; }
  sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  say "installing with apt: ${packages[*]}"
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${packages[@]}"
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
