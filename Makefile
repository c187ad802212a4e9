# Techmart. `make help` lists the targets.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do if command -v $$p >/dev/null && $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then echo $$p; break; fi; done)
VENV ?= .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/python -m flask --app wsgi
# One process a core, at most four: each takes memory, a site and a browser. In the order of the folders, so that what takes
# longest does not come last.
SHARED := -n auto --maxprocesses 4 --no-loadscope-reorder

.PHONY: help run test test-fast test-browser install install-dev lint bench eval lock messages clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*?## ' $(MAKEFILE_LIST) | awk -F ':.*?## ' '{printf "  make %-14s %s\n", $$1, $$2}'

run: install ## start everything on http://127.0.0.1:8000 (PORT=…), with the sample catalogue on a first start
	@$(FLASK) serve

test: install-dev ## run all tests (browser tests skip with a reason where no Chromium is)
	@$(BIN)/python -m pytest $(SHARED)

test-fast: install-dev ## run all tests but the browser's
	@$(BIN)/python -m pytest $(SHARED) -m "not browser"

test-browser: install-dev ## run the browser journeys only
	@$(BIN)/python -m pytest -m browser

install: $(VENV)/.installed techmart/static/vendor/.installed ## the environment in .venv from the hashed lock

install-dev: install $(VENV)/.installed-dev ## the same with what tests, lint and benchmarks need

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Techmart needs Python 3.11, 3.12 or 3.13; none was found on PATH."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "The venv module is missing (Debian: apt install python3-venv)."; exit 1; }

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing the environment …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@echo "Compiling the search engine …"
	@$(BIN)/python -c "import techmart"
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

techmart/static/vendor/.installed: package-lock.json tools/vendor.py tools/icons.txt | $(VENV)/.installed
	@echo "Installing fonts, icons and scripts …"
	@$(BIN)/python tools/vendor.py

lint: install-dev ## ruff, mypy, djlint
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/djlint techmart/templates --lint --quiet

bench: install-dev ## the benchmark table (DOCS=20000, CORPUS=file), kept in bench-results/ with its JSON
	@$(FLASK) bench search --out bench-results --docs $(or $(DOCS),20000) $(if $(CORPUS),--corpus $(CORPUS))

eval: install-dev ## the relevance table on the dev side of the gold sets (DATA=folder)
	@$(FLASK) eval $(or $(DATA),../shared/data)/gold --side dev
	@echo "As matches:"
	@for set in en_nasa_family en_claim_cpc_match match_demand match_demand_vi xling_vi_en_tech_para; do \
		$(FLASK) eval $(or $(DATA),../shared/data)/gold/$$set --side dev --mode match; \
	done

lock: install-dev ## write the hashed locks anew from requirements*.in
	@$(BIN)/uv pip compile -q --generate-hashes --python-version 3.11 --universal requirements.in -o requirements.txt --no-annotate --no-header
	@$(BIN)/uv pip compile -q --generate-hashes --python-version 3.11 --universal requirements-dev.in -c requirements.txt -o requirements-dev.txt --no-annotate --no-header

messages: install-dev ## collect the texts of the interface into the English catalogue and list what lacks a translation
	@mkdir -p var
	@$(BIN)/pybabel -q extract -F babel.cfg -k _l --sort-output --no-wrap --add-location=file -o var/messages.pot .
	@$(BIN)/pybabel -q update -i var/messages.pot -d techmart/translations -l en --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap
	@$(BIN)/pybabel compile -d techmart/translations --statistics

clean: ## remove the environment and caches; data in var/ and search_index/ stays
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache node_modules techmart/static/vendor
