# The front door. Every target brings up what it needs, from nothing if it has to, and is quick the
# second time. What is made goes to HIVEWRIGHT_CACHE (default: hivewright under ~/.cache).
HARNESS := cargo run --quiet --locked --package hivewright-harness --bin hivewright-harness --
BENCH := cargo run --quiet --locked --package hivewright-harness --features cluster --bin hivewright-bench --
CACHE := $(or $(HIVEWRIGHT_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/hivewright)

.DEFAULT_GOAL := help
.PHONY: help harness up images demo test check conformance interop fuzz e2e bench dashboards scale docs env down

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## /{printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# Said aloud: on a fresh machine this is the first thing that takes a while.
harness:
	@cargo build --locked --package hivewright-harness

up: harness ## A kind cluster with a registry beside it, and the tools to use it
	$(HARNESS) up

images: harness ## Every image, built here or pulled, in that registry
	$(HARNESS) images

demo: harness ## Hivewright on the cluster, the fetch server, one real tool call
	$(HARNESS) install
	cargo run --locked --package hivewright-harness --features cluster --bin hivewright-demo

test: check conformance interop e2e ## Everything: check, conformance, interop, then e2e

check: harness ## Format, lints, dependencies, unit and property tests, chart tests: no cluster
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets --all-features -- -D warnings
	$(HARNESS) deny
	$(HARNESS) helm
	$(HARNESS) promtool
	$(HARNESS) browser
	PATH="$(CACHE)/bin:$$PATH" cargo test --locked --workspace --exclude hivewright-e2e --all-features
	$(HARNESS) docs --check

conformance: harness ## The official MCP suite, through the proxy and a server of each era: no cluster
	$(HARNESS) conformance

interop: harness ## Real clients and servers, and the suite of HTTP+SSE, through the proxy; ARGS='fastmcp'
	$(HARNESS) interop $(ARGS)

fuzz: harness ## The bridge's parsers under libFuzzer, in turn; ARGS='--seconds 600 envelope'
	$(HARNESS) fuzz $(ARGS)

e2e: harness ## The scenarios on a kind cluster; ARGS='...' goes to the test program
	$(HARNESS) e2e $(ARGS)

bench: harness ## Ours beside other bridges, what being observed and written down costs, the road through that cluster; PART=bridges|observability|journal|cluster, ARGS='--write'
ifneq ($(filter $(PART),bridges)$(if $(PART),,all),)
	$(BENCH) --part bridges $(ARGS)
endif
ifneq ($(filter $(PART),observability)$(if $(PART),,all),)
	$(BENCH) --part observability $(ARGS)
endif
ifneq ($(filter $(PART),journal)$(if $(PART),,all),)
	$(BENCH) --part journal $(ARGS)
endif
ifneq ($(filter $(PART),cluster)$(if $(PART),,all),)
	$(HARNESS) world
	eval "$$($(HARNESS) env)" && HIVEWRIGHT_E2E_KUBECONFIG="$$KUBECONFIG" $(BENCH) --part cluster $(ARGS)
endif

dashboards: harness ## Every dashboard with the data of that cluster's Prometheus, as PNG files to look at; ARGS='--minutes 10'
	$(HARNESS) browser
	HIVEWRIGHT_E2E_KUBECONFIG="$$($(HARNESS) env | sed -n 's/export KUBECONFIG=//p')" \
		cargo run --quiet --locked --package hivewright-harness --features pictures --bin hivewright-dashboards -- $(ARGS)

scale: harness ## CPU, memory and requests of the controller with 1 to 500 servers on simulated nodes
	cargo run --quiet --locked --package hivewright-harness --features cluster --bin hivewright-scale -- $(ARGS)

docs: harness ## The CRD in its chart and docs/reference.md written anew, and the crates' documentation (target/doc)
	cargo run --quiet --locked --package hivewright-controller -- crd > "$(CACHE)/mcpservers.yaml"
	mv "$(CACHE)/mcpservers.yaml" charts/hivewright-crds/files/mcpservers.yaml
	$(HARNESS) docs
	RUSTDOCFLAGS='-D warnings -A rustdoc::private-intra-doc-links' cargo doc --locked --workspace --no-deps --document-private-items

env: ## Exports for your shell: eval "$$(make -s env)"
	@$(HARNESS) env

down: harness ## Deletes the cluster; caches and images stay
	$(HARNESS) down
