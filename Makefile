# The tasks of this repository. `make help` lists them; each is a script that also runs by itself.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# Rounds of the crash test, seconds a fuzz target, arguments for `nacre serve`.
CRASH_ROUNDS ?= 1000
FUZZ_SECONDS ?= 20
ARGS ?=

.PHONY: help setup run build test crash sim bench fuzz doc audit clean

help: ## list the tasks
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):[^#]*## /  make \1\t/' | expand -t 16

setup: ## install what tests need and this machine lacks
	@scripts/setup.sh test

build: ## build the nacre binary (release)
	@scripts/setup.sh build
	@scripts/console.sh
	cargo build --release --locked -p nacre

run: build ## serve 海珠区 on http://127.0.0.1:8080, data in ./data
	@echo "Serving http://127.0.0.1:8080 (data in ./data; the first start fills it from districts/haizhu). Stop: Ctrl-C."
	target/release/nacre serve --data data --district districts/haizhu $(ARGS)

test: ## everything CI runs; the last line counts what passed and failed
	@scripts/setup.sh test
	@scripts/test.sh

crash: build ## kill the server under load, CRASH_ROUNDS times
	@scripts/crash.sh $(CRASH_ROUNDS)

sim: ## simulation with failing disks, more seeds than `make test`
	@scripts/sim.sh

bench: ## all benchmarks, beside the machine's own limits
	@scripts/setup.sh build
	@scripts/bench.sh

fuzz: ## each fuzz target for FUZZ_SECONDS (needs the nightly toolchain and cargo-fuzz)
	@scripts/fuzz.sh $(FUZZ_SECONDS)

doc: ## documentation of the code, and the configuration reference
	cargo doc --workspace --no-deps --locked
	@scripts/reference.sh

audit: ## known vulnerabilities of dependencies (needs the network)
	@scripts/audit.sh

clean: ## remove what was built; ./data stays
	cargo clean
