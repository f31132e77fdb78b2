# Everything happens in .venv, which the recipes make by themselves. `make` alone lists them.

PORT ?= 8000
SOAK_MINUTES ?= 30
# Tried, not just looked up: a version manager puts names on the PATH that start nothing.
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime
DEVELOPMENT := $(VENV)/.development
MANAGE := $(BIN)/python manage.py
PYTEST := $(BIN)/pytest --numprocesses auto --dist worksteal
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --custom-compile-command "make requirements"

# Checked is what production runs on, whatever .env says.
check schema: export DEBUG := false
check schema: export ALLOW_HTTP := false
check schema: export SECRET_KEY := known-to-everybody-and-good-for-nothing-but-tests-and-checks
check schema: export DATABASE_URL := sqlite:///:memory:

.DEFAULT_GOAL := help
.PHONY: help run test chaos test-browser screenshots lint check audit fuzz bench soak schema requirements clean

help: ## List the recipes.
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 16

run: $(RUNTIME) ## Serve on 127.0.0.1:8000 (PORT=...) and send notifications, with data to try things out.
	@$(BIN)/python bin/run $(PORT)

# Production's database gets the whole suite. SQLite gets what depends on the database most: the
# commands, rivals and faults; the browser's tests and `make run` are on it, too.
ON_SQLITE := $(addprefix tests/,operators concurrency faults)

test: $(DEVELOPMENT) ## Run the whole suite on a throw-away PostgreSQL, and its hardest part on SQLite.
	DATABASE_URL=sqlite:///db.sqlite3 $(PYTEST) $(ON_SQLITE)
	$(BIN)/python -m tests.postgresql $(PYTEST)

chaos: export CHAOS_SECONDS := 300
chaos: $(DEVELOPMENT) ## Kill, cut and stop everything for five minutes while providers write (CHAOS_SEED=...).
	$(BIN)/python -m tests.postgresql $(PYTEST) --numprocesses 0 --capture no tests/chaos/test_chaos.py

test-browser: $(DEVELOPMENT) ## Walk through the back office in the machine's Chromium.
	DATABASE_URL=sqlite:///db.sqlite3 $(PYTEST) tests/browser --screenshot only-on-failure

screenshots: $(DEVELOPMENT) ## Take the pictures of docs/caseworker-guide.md anew, from the demo's data.
	DATABASE_URL=sqlite:///db.sqlite3 $(PYTEST) --numprocesses 0 tests/browser/take_screenshots.py

lint: $(DEVELOPMENT) ## Check style, types and the direction of imports.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

check: $(DEVELOPMENT) ## Check settings, migrations and that docs/openapi.yaml is up to date.
	DEBUG=true $(MANAGE) check --fail-level WARNING
	$(MANAGE) check --deploy --fail-level WARNING
	$(MANAGE) makemigrations --check --dry-run
	LOG_LEVEL=WARNING DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python -m tests.postgresql $(MANAGE) lintmigrations
	$(MANAGE) spectacular --validate --fail-on-warn --file $(VENV)/openapi.yaml
	@git --no-pager diff --no-index --exit-code docs/openapi.yaml $(VENV)/openapi.yaml \
		|| { echo "docs/openapi.yaml is not what the code says. Run 'make schema' and commit the result." >&2; exit 1; }

audit: $(DEVELOPMENT) ## Look up the pinned packages among known vulnerabilities, where the network lets it.
	@$(BIN)/python bin/audit

fuzz: $(DEVELOPMENT) ## Send 2,000 requests of each kind to each operation of the API; the tests send 200.
	FUZZ_EXAMPLES=2000 $(BIN)/python -m tests.postgresql $(BIN)/pytest tests/api/test_schema_fuzz.py

DECLARATIONS ?= 60000

bench: $(DEVELOPMENT) ## Measure the API among 60,000 declarations (DECLARATIONS=...), the import, and the back office.
	$(BIN)/python -m benchmarks.speed $(DECLARATIONS)
	$(BIN)/python -m tests.postgresql $(BIN)/python -m benchmarks.import_applications
	$(BIN)/python -m benchmarks.back_office

soak: $(DEVELOPMENT) ## Serve providers near their limits for 30 minutes (SOAK_MINUTES=...), and see what grows.
	$(BIN)/python -m benchmarks.soak $(SOAK_MINUTES)

schema: $(DEVELOPMENT) ## Rewrite docs/openapi.yaml.
	$(MANAGE) spectacular --validate --fail-on-warn --file docs/openapi.yaml

requirements: $(DEVELOPMENT) ## Compile requirements*.txt after a change of *.in (UPGRADE=1: to the newest versions).
	$(COMPILE) $(if $(UPGRADE),--upgrade) requirements.in --output-file requirements.txt
	$(COMPILE) $(if $(UPGRADE),--upgrade) requirements-dev.in --output-file requirements-dev.txt

clean: ## Remove what make and the tools made; .env and the database stay.
	rm -rf $(VENV) staticfiles .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache test-results
	find . -name __pycache__ -prune -exec rm -rf {} +

$(RUNTIME): requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; if it is there under another name: make PYTHON=/path/to/python" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@

$(DEVELOPMENT): requirements-dev.txt $(RUNTIME)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $<
	@touch $@
