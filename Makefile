# Everything a contributor runs. `make chat` and `make test` install what is missing.

SHELL := bash
SERVERS := Tests/Scripts/servers.sh
CHAT_SERVERS := .build/servers
SOURCES := Sources Tests Examples Package.swift
# Further options of `swift test`, such as TEST_FLAGS="--filter RedisKitTests".
TEST_FLAGS ?=

.PHONY: chat demo test test-cluster test-examples sanitize bench bench-build bench-big big-archive docs build packages servers stop-servers format lint clean help

help: ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

packages: ## Install the system packages that are missing (Debian, Ubuntu)
	@Tests/Scripts/install-packages.sh

build: packages ## Build in debug
	@swift build $(if $(findstring s,$(firstword -$(MAKEFLAGS))),--quiet >&2)

big-archive: servers build ## Fill the database of `make chat` with 2,000,000 steps
	@set -a; . $(CHAT_SERVERS)/env; set +a; .build/debug/chat-cli threads >/dev/null \
	  && Tests/Scripts/big-archive.sh

servers: packages ## Start the private servers of `make chat`
	@$(SERVERS) start $(CHAT_SERVERS)

stop-servers: ## Stop them; their data stay
	@$(SERVERS) stop $(CHAT_SERVERS)

chat: servers build ## Chat on both tiers; ARGS="…" goes to chat-cli
	@set -a; . $(CHAT_SERVERS)/env; set +a; exec .build/debug/chat-cli $(ARGS)

demo: servers build ## The demonstration on both tiers
	@set -a; . $(CHAT_SERVERS)/env; set +a; exec .build/debug/chat-cli demo $(ARGS)

test: ## Every test, against servers of its own
	@Tests/Scripts/install-packages.sh tests
	REQUIRE_SERVERS=1 $(SERVERS) run Tests/Scripts/tests.sh $(TEST_FLAGS)

test-cluster: packages ## The tests on a Redis Cluster and on sentinels, of their own
	REQUIRE_CLUSTER=1 Tests/Scripts/cluster.sh run swift test \
	  --filter 'RedisClusterTests|RedisSentinelTests' $(TEST_FLAGS)

test-examples: packages ## Build and run the packages of Examples
	$(SERVERS) run Tests/Scripts/examples.sh

sanitize: packages ## Tests under the address and thread sanitizers, on servers of their own
	REQUIRE_SERVERS=1 $(SERVERS) run Tests/Scripts/sanitize.sh $(TEST_FLAGS)

bench-build: packages
	@swift build --configuration release --product chat-cli
	@# SwiftPM does not see new files of a package that another one depends on by path.
	@touch Tests/Benchmarks/Package.swift
	@swift build --configuration release --package-path Tests/Benchmarks --scratch-path .build/bench

bench: bench-build ## Benchmarks against C, on servers of their own; ARGS="--only redis"
	@Tests/Benchmarks/build-floors.sh $(CURDIR)/.build/bench/floors
	@$(SERVERS) run .build/bench/release/session-bench --floors .build/bench/floors \
	  --json .build/bench.json $(ARGS)

bench-big: servers bench-build ## How long reads take in the database that big-archive filled
	@set -a; . $(CHAT_SERVERS)/env; set +a; .build/bench/release/session-bench big

docs: packages ## The documentation of the libraries, as one web site in .build/docs
	Tests/Scripts/documentation.sh .build/docs

format: ## Format the sources in place
	swift format format --in-place --recursive --parallel $(SOURCES)

lint: ## Fail on a source that is not formatted
	swift format lint --strict --recursive --parallel $(SOURCES)

clean: ## Stop the servers and delete all that was built, their data included
	@if [ -d $(CHAT_SERVERS) ]; then $(SERVERS) stop $(CHAT_SERVERS); fi
	rm -rf .build
