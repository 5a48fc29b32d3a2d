# The few commands of everyday work. Each first installs what it lacks; what that is stands in packaging/setup.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: help demo test lint

setup := packaging/setup/setup.sh
export PATH := $(CURDIR)/target/tools/bin:$(PATH)

help: ## Lists these commands
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 14

demo: ## Shows this machine in an inventory, on loopback, until Ctrl-C (DEMO_ONCE=1: until it is printed)
	@$(setup) build
	cargo build --locked --release --package zeef-agent --package zeef-collector
	@exec target/release/zeef-collector demo --directory demo-data $(if $(filter 1,$(DEMO_ONCE)),--once)

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
