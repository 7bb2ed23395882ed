# Two commands do everything: make run, make test. For the others: make help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/python -m flask --app wsgi

.PHONY: run test test-long help check format house pins texts screenshots walk rendered bench bench-import bench-pages kill-import powercut chaos load-inquiries lighthouse clean python

##@ Start here

run: $(VENV)/.installed  ## Start the site with everything it needs
	@exec $(FLASK) serve

test: $(VENV)/.installed-dev  ## Format, lint, types and every test
	@$(BIN)/python -m tests.system
	@$(BIN)/python -m benchmarks.search.packages || true
	@$(MAKE) --no-print-directory check
	$(BIN)/python -m pytest -n 2 --dist loadgroup -q

test-long: $(VENV)/.installed-dev  ## Every test on both databases, and the full walks in both languages
	@$(BIN)/python -m tests.system
	@$(BIN)/python -m benchmarks.search.packages || true
	DATABASES=all WALK=all $(BIN)/python -m pytest -n 2 --dist loadgroup -q

help:  ## List the targets
	@awk -F ':.*## ' '/^##@ / { print "\n" substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-16s%s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Code

check: $(VENV)/.installed-dev  ## Format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint --quiet --lint directory/templates
	$(BIN)/mypy

format: $(VENV)/.installed-dev  ## Format the code and fix what Ruff can fix
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

TREE ?= .
COMPARE ?=

house: | python  ## Figures of the code's structure: TREE=. COMPARE=../other-checkout
	@$(PYTHON) -m benchmarks.structure --tree $(TREE) $(if $(COMPARE),--compare $(COMPARE))

##@ Texts and pages

TEXTS := directory/translations

texts: $(VENV)/.installed-dev  ## Collect the texts to translate and compile the translations
	$(BIN)/pybabel -q extract -F babel.cfg -k _l -k lazy_ngettext:1,2 --no-location --no-wrap --sort-output --omit-header -o $(TEXTS)/messages.pot directory
	$(BIN)/pybabel -q update --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -i $(TEXTS)/messages.pot -d $(TEXTS) -l es
	$(BIN)/pybabel -q compile -d $(TEXTS)

screenshots: $(VENV)/.installed-dev  ## Screenshots of every page, in screenshots/: PAGES="home results"
	@$(BIN)/python -m tests.system
	PAGES="$(PAGES)" $(BIN)/python -m tests.face.screenshots

walk: $(VENV)/.installed-dev  ## Check every page with axe in all themes, languages and sizes
	@$(BIN)/python -m tests.system
	WALK=all $(BIN)/python -m pytest -n 2 --dist loadgroup -q tests/face/test_axe.py tests/face/test_still.py

OUT ?= rendered

rendered: $(VENV)/.installed-dev  ## Keep every page, email and JSON answer in a folder, to compare: OUT=../before
	@$(BIN)/python -m tests.system
	$(BIN)/python -m tests.face.rendered $(OUT)

##@ Benchmarks

SIZES ?= 300000 3000000 9000000
ROWS ?= 1000000
ENGINES ?= sqlite postgresql

bench: $(VENV)/.installed-dev  ## Search speed, compared with R*Tree and PostGIS: SIZES="300000 3000000"
	@$(BIN)/python -m tests.system
	@$(BIN)/python -m benchmarks.search.packages
	$(BIN)/python -m benchmarks.search.speed --sizes $(SIZES) --engines $(ENGINES)

bench-import: $(VENV)/.installed-dev  ## Import speed, compared with the lower bound: ROWS=9500000
	$(BIN)/python -m tests.system
	$(BIN)/python -m benchmarks.imports.import_speed --rows $(ROWS) --engine $(ENGINES)

bench-pages: $(VENV)/.installed-dev  ## Time until a page is usable on a slow phone
	@$(BIN)/python -m tests.system
	$(BIN)/python -m benchmarks.pages.first_use

LIGHTHOUSE := $(VENV)/lighthouse

lighthouse: $(VENV)/.installed-dev $(LIGHTHOUSE)/node_modules  ## Lighthouse scores of the main pages on a phone
	@$(BIN)/python -m tests.system
	$(BIN)/python -m benchmarks.pages.lighthouse

$(LIGHTHOUSE)/node_modules: benchmarks/pages/lighthouse_program/package-lock.json
	@command -v npm >/dev/null || { echo "npm is missing; install it with: apt-get install nodejs npm"; exit 1; }
	@mkdir -p $(LIGHTHOUSE) && cp benchmarks/pages/lighthouse_program/*.json $(LIGHTHOUSE)
	@npm ci --prefix $(LIGHTHOUSE) --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

##@ Drills

KILLS ?= 50

kill-import: $(VENV)/.installed-dev  ## Kill imports at random moments: KILLS=50 SEED=1
	$(BIN)/python -m tests.system
	KILLS=$(KILLS) $(BIN)/python -m pytest -q -s tests/sources/loading/test_kill.py

CUTS ?= 1000

powercut: $(VENV)/.installed-dev  ## Cut the power while inquiries are sent: CUTS=1000 SEED=1
	CUTS=$(CUTS) $(BIN)/python -m pytest -q -s tests/drills/test_powercut.py

ACKS ?= 10000
SEEDS ?= 1 2 3

chaos: KILLS = 500
chaos: $(VENV)/.installed-dev  ## Kill the site's processes while inquiries are sent: ACKS=300 KILLS=15
	$(BIN)/python -m tests.system
	ACKS=$(ACKS) KILLS=$(KILLS) SEEDS="$(SEEDS)" DROP_EVERY=500 $(BIN)/python -m pytest -q -s tests/drills/test_chaos.py -k sqlite
	ACKS=$$(($(ACKS) / 10)) KILLS=$$(($(KILLS) / 10)) SEEDS="$(firstword $(SEEDS))" $(BIN)/python -m pytest -q -s tests/drills/test_chaos.py -k postgresql

RATE ?= 50
SEARCHES ?= 100
SECONDS ?= 60
PLACES ?= 300

load-inquiries: $(VENV)/.installed-dev  ## Steady load: RATE=50 SEARCHES=100 SECONDS=60 PLACES=300
	RATE=$(RATE) SEARCHES=$(SEARCHES) SECONDS=$(SECONDS) PLACES=$(PLACES) $(BIN)/python -m pytest -q -s tests/drills/test_load.py -k sqlite

##@ Maintenance

pins: $(VENV)/.installed-dev  ## Update the pinned requirements
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt

clean:  ## Remove the virtual environment, the demo database and all caches
	rm -rf $(VENV) instance screenshots rendered .pytest_cache .mypy_cache .ruff_cache .hypothesis

python:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing; install it with: apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; choose one with: make run PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "python3-venv is missing; install it with: apt-get install python3-venv"; exit 1; }

$(BIN)/python: | python
	@echo "Making the virtual environment ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(BIN)/python
	@echo "Installing the requirements ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/.installed
	@echo "Installing what the tests need ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@
