# The two commands a newcomer needs: `make up` and `make test`. `make help` lists the rest.
# GNU make 3.81 (macOS) is enough; so are Python 3.11 and what it ships.

PYTHON ?= python3
VENV := .venv
PIP := $(VENV)/bin/pip --disable-pip-version-check --quiet
PYTEST := $(VENV)/bin/python -m pytest
# Tests start hundreds of processes, each of which would compile the program anew.
unexport PYTHONDONTWRITEBYTECODE
# More flags for `wildrydes up`: make up ARGS="--unicorns 500"
ARGS ?=

.PHONY: help up install labs test test-browser test-long test-labs test-labs-long simulate chaos lint fmt bench bench-labs bench-map docs docs-notebooks image clean
.DEFAULT_GOAL := help

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 22

up: install ## Run everything on this machine; Ctrl-C ends it
	@exec $(VENV)/bin/wildrydes up $(ARGS)

install: $(VENV)/.run ## Make .venv with the program and what it needs

labs: $(VENV)/.labs ## Add what the batch labs need

$(VENV)/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1)."; \
	  echo "Install one, or say which to use: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$(PYTHON) cannot make virtual environments: on Debian, apt-get install python3-venv"; \
	  exit 1; }
	@echo "making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(VENV)/bin/pip
	@echo "installing the pinned dependencies"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "installing the pinned tools for tests"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/.browser: requirements/browser.txt $(VENV)/.dev
	@$(PIP) install --require-hashes -r requirements/browser.txt
	@touch $@

$(VENV)/.labs: requirements/labs.txt $(VENV)/.dev
	@echo "installing the pinned libraries of the labs"
	@$(PIP) install --require-hashes -r requirements/labs.txt
	@touch $@

test: $(VENV)/.dev ## Run the default suite on all cores (some minutes, no network)
	@$(PYTEST) -n auto --dist worksteal $(ARGS)

test-browser: $(VENV)/.browser ## Drive the live map in a real Chromium (/usr/bin/chromium)
	@$(PYTEST) -m browser -n 2 --dist loadfile $(ARGS)

# Three at a time on two cores: much of it is waiting. By files, so that storms, which come first, are
# held one after the other, and what shares a server or an installation stays together.
test-long: $(VENV)/.dev ## Run the tests that take minutes
	@$(PYTEST) -m "long and not labs" -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

test-labs: $(VENV)/.labs ## Test the labs, on real data from ../shared/data
	@$(PYTEST) -m "labs and not long" -n 2 --dist loadfile $(ARGS)

test-labs-long: $(VENV)/.labs ## Train the labs' models at full size, which takes minutes
	@$(PYTEST) -m "labs and long" $(ARGS)

simulate: $(VENV)/.dev ## Play 10,000 random histories of crashes and reshards: ARGS="--seed N --count M"
	@$(VENV)/bin/python -m tests.simulation $(ARGS)

chaos: $(VENV)/.dev ## Two minutes of kills, reshards and faults over real processes: ARGS="--seed N --minutes M"
	@$(VENV)/bin/python -m chaos $(ARGS)

lint: $(VENV)/.dev ## Check style and types
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy

fmt: $(VENV)/.dev ## Format the code
	@$(VENV)/bin/ruff format .
	@$(VENV)/bin/ruff check --fix .

bench: $(VENV)/.dev ## Run every benchmark (minutes); each prints its table
	@for bench in bench/*.py bench/sql; do echo "== $$bench"; $(VENV)/bin/python $$bench || exit 1; done

bench-labs: $(VENV)/.labs ## The labs' benchmark, over 1 GiB of logs: ARGS="MIB HIVE_LINES"
	@$(VENV)/bin/python -P bench/labs/cloudfront.py $(or $(ARGS),1024)

bench-map: $(VENV)/.browser ## How smoothly the map's page runs, in a real Chromium: ARGS="--unicorns N"
	@$(VENV)/bin/python -P bench/map/page.py $(ARGS)

docs: $(VENV)/.dev ## Write the generated parts of docs/ anew
	@$(VENV)/bin/python docs/generate.py

docs-notebooks: $(VENV)/.labs ## Run the labs' notebooks, and write the pages that show them
	@$(VENV)/bin/python docs/render_notebooks.py

image: ## Build the container image (needs a container engine)
	docker build --tag wildrydes .

clean: ## Remove what the other targets made
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
