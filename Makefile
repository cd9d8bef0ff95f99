# The commands of the project. `make help` lists them; the two that matter are `make run` and `make test`.
# Each first looks for what it needs and installs it with the system's own package manager (scripts/setup).

# rustup and cargo put their programs here; a shell that was open before they were installed does not know yet.
export PATH := $(if $(CARGO_HOME),$(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

UI_SOURCES := $(shell find ui/src ui/locales ui/public ui/index.html ui/vite.config.js -type f 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help run test test-peers bench simulate lint fmt types icons bundle ui setup

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: setup ui ## Build everything and open the window
	cargo run

test: ## Prove everything, the real window included
	scripts/setup test
	node scripts/test.mjs

test-peers: ## The same journeys against real servers written by others (downloads gigabytes)
	scripts/setup test
	$(MAKE) --no-print-directory ui
	cargo build --locked --workspace --bins
	CAPIBARA6_PEER_WRAP=scripts/with-desktop tests/peers/run.sh

bench: ## Measure, and write docs/benchmarks.md
	scripts/setup test
	$(MAKE) --no-print-directory ui
	scripts/bench

simulate: setup ## Work out what agreement is worth, and write docs/consensus.md
	cargo run --release --package capibara6-consensus --example simulation

lint: setup ui ## Formatting, lints and types
	scripts/lint

fmt: setup ui/node_modules/.package-lock.json ## Format everything
	cargo fmt --all
	npm --prefix ui run format

types: setup ## Write the window's types anew from the core's
	UPDATE_TYPES=1 cargo test --quiet --package capibara6-protocol --test types

icons: ## Draw the icons anew from icons/capibara6.svg (needs rsvg-convert)
	node scripts/icons.mjs

bundle: setup ui ## Build what people install: a .deb here, or BUNDLES=rpm,appimage,msi,dmg
	scripts/bundle $(BUNDLES)

ui: setup ui/dist/index.html ## Build the window's pages

setup:
	scripts/setup

ui/node_modules/.package-lock.json: ui/package-lock.json
	npm --prefix ui ci --no-audit --no-fund
	@touch $@

ui/dist/index.html: ui/node_modules/.package-lock.json $(UI_SOURCES)
	npm --prefix ui run build
