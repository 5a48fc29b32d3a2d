# The few commands of everyday work. Each first installs what it lacks; what that is stands in packaging/setup.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test lint bench fuzz screenshots

setup := packaging/setup/setup.sh
export PATH := $(CURDIR)/target/tools/bin:$(PATH)

help: ## Lists these commands
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 14

# Not optimised: that would triple a newcomer's wait, and one machine's inventory shows no difference.
demo: ## Shows this machine in an inventory, on loopback, until Ctrl-C (DEMO_ONCE=1: until it is printed)
	@$(setup) build
	cargo build --locked --package zeef-agent --package zeef-collector
	@exec target/debug/zeef-collector demo --directory demo-data $(if $(filter 1,$(DEMO_ONCE)),--once)

test: lint ## Runs every check and every test
	@$(setup) test
	@tests/run.sh

lint: ## Checks form, types on every system, licences and scripts; runs no test
	@$(setup) lint
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --features zeef-proto/schema -- -D warnings
	packaging/setup/check-targets.sh
	cargo deny --locked check licenses bans sources
	shellcheck -x $$(git ls-files '*.sh' .ci/run)

bench: ## Measures what Zeef costs, beside what it is compared to, and prints it as Markdown (SECTIONS=… for some of it)
	@$(setup) bench
	cargo build --locked --release --package zeef-collector
	cargo build --locked --profile agent --package zeef-agent
	cargo build --locked --release --package zeef-tests --bin zeef-bench --bin zeef-fleet-sim
	cargo build --locked --release --manifest-path tests/vrl-comparison/Cargo.toml
	@exec target/release/zeef-bench $(SECTIONS)

screenshots: ## Makes the pictures of the pages in docs/screenshots anew
	@$(setup) build pages
	cargo build --locked --package zeef-agent --package zeef-collector
	@ZEEF_SCREENSHOTS=docs/screenshots tests/browser/run.sh screenshots.test.js

fuzz: ## Runs each fuzz target of the minimiser for SECONDS=60 (needs the nightly compiler and cargo-fuzz)
	@tests/fuzz/run.sh $(or $(SECONDS),60)
