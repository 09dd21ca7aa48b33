# The one door to the repository. Every target is a script of the same name under scripts/, or one command.
SHELL := /usr/bin/env bash
.DEFAULT_GOAL := help
.PHONY: help run build test bench chaos lint fmt schema docs stop

SEED ?=
KILLS ?=
DISCONNECTS ?=

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

run: ## build everything and start the demo on http://127.0.0.1:8080, data under data/
	@scripts/run

build: ## dashboard, widget and target/release/livery
	@scripts/build

test: ## everything: format, lints, invariants, Rust on both databases, dashboard, widget, browsers, outside clients
	@scripts/test

bench: ## the benchmarks, one JSON object per line
	@scripts/bench

chaos: ## fault tests; repeat one with make chaos SEED=7 KILLS=200 DISCONNECTS=10000
	@SEED='$(SEED)' KILLS='$(KILLS)' DISCONNECTS='$(DISCONNECTS)' scripts/chaos

lint: ## format check, clippy, dashboard checks; shellcheck and cargo-deny where they are installed
	@scripts/lint

fmt: ## format Rust and TypeScript
	@scripts/fmt

schema: ## write schema/desk.graphql and schema/widget.graphql anew from the server's types
	@scripts/schema

docs: ## the documentation for integrators as static pages under docs/site, named by DOCS_TITLE
	@scripts/docs

stop: ## stop the test database that single test runs leave behind
	@scripts/postgres stop
