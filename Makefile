# `make help` lists the targets. Nothing here needs activating: everything runs from $(VENV).

PYTHON ?= python3
VENV ?= .venv
EXTRAS ?= dev,learn,nir,dask,optimise
PYTEST_ARGS ?= -n 2
VERSIONS ?= 3.11 3.12 3.13

BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
COMPILED := $(VENV)/.compiled
NGSPICE := $(VENV)/.ngspice

# A target that fails half-way leaves no stamp behind.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help
.PHONY: help setup ngspice run test lint format bench test-all clean distclean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(COMPILED) $(NGSPICE) ## create the environment, compile the engines and, where possible, install ngspice

$(INSTALLED): pyproject.toml scripts/make_venv.sh scripts/find_python.sh
	@PYTHON='$(PYTHON)' scripts/make_venv.sh '$(VENV)' '.[$(EXTRAS)]'
	@touch $@

# numba keeps what it compiles, so that the first run does not wait for it.
$(COMPILED): $(INSTALLED) $(wildcard spice_models/engines/native/*.py neurosim/engines/vectorised/*.py hardware/rram/array/*.py spice_models/compiled_code.py)
	@$(BIN)/python -m spice_models.engines.native.warm
	@$(BIN)/python -m neurosim.engines.vectorised.warm
	@$(BIN)/python -m hardware.rram.array.warm
	@touch $@

# Tried once an environment, successful or not: no waiting for a network that is not there on each run.
$(NGSPICE): scripts/install_ngspice.sh | $(INSTALLED)
	@scripts/install_ngspice.sh
	@touch $@

ngspice: ## try again to install ngspice
	@scripts/install_ngspice.sh

run: $(COMPILED) ## run the SFQ XOR network and keep its results in results/sfq-xor
	$(BIN)/neurosim run sfq-xor --out results/sfq-xor

test: setup ## run the tests (PYTEST_ARGS="-n 2")
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(INSTALLED) ## ruff, mypy and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED) ## let ruff put the sources in order
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: setup ## run every script in benchmarks/
	@BIN='$(BIN)' scripts/bench.sh

test-all: ## test with every Python of VERSIONS that is found
	@MAKE='$(MAKE)' scripts/test_all.sh $(VERSIONS)

clean: ## remove what builds and tools leave behind (results/ stays)
	rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find neurosim hardware spice_models tests examples benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## clean, and remove the environments
	rm -rf .venv .venv-3.*
