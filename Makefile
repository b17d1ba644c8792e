# Short names for the scripts, which do the work and explain themselves. `make` alone lists them.
SHELL := bash
.DEFAULT_GOAL := help
.PHONY: help setup demo dev build test bench screenshots fmt lint clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing to build, run and test
	@scripts/setup

demo: ## build, then run nephoscope on the demo cloud until Ctrl-C
	@scripts/demo

dev: ## the demo, rebuilt and reloaded when a file changes
	@scripts/demo --dev

build: ## the release, in target/dist
	@scripts/release

test: ## every check: formatting, lints, unit, store, cloud and browser tests
	@scripts/test

bench: ## measure pages and API on 5,000 instances
	@scripts/bench

screenshots: ## take the README's screenshots
	@scripts/screenshots

fmt: ## format the Rust code
	@. scripts/env.sh && cargo fmt --all

lint: ## formatting and lints only, server and WASM
	@scripts/test fmt clippy clippy-wasm

clean: ## remove what was built here and the demo's data (tools stay in the cache)
	rm -rf target .demo public/vendor end2end/test-results end2end/playwright-report
