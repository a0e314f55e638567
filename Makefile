# Needs Python 3.11 or newer with its venv module, and make. Everything else is installed into .venv.

VENV := .venv
BIN := $(VENV)/bin
# The first of these that works is taken; PYTHON=/path/to/python makes the choice yours.
PYTHONS := python3 python3.14 python3.13 python3.12 python3.11 python
TOO_OLD := Python 3.11 or newer is needed; name it with PYTHON=/path/to/python.
NO_VENV := This Python has no venv module; on Debian and Ubuntu it is in the package python3-venv.
PIP_INSTALL := $(BIN)/python -m pip install --quiet --no-input --disable-pip-version-check --require-hashes
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-annotate --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" --python-version 3.11

PYTEST := $(BIN)/python -m pytest -q
ON_POSTGRES := $(BIN)/python -m tests.postgres --

# Start-up without compiled modules takes many times as long.
unexport PYTHONDONTWRITEBYTECODE

# Where a translation looks for words; what is fetched, kept or tested is not for people.
NOT_WORDS := --ignore .venv --ignore tests --ignore var --ignore screenshots --ignore migrations

.PHONY: messages translations help run test test-postgres lint fmt lock bench screenshots lighthouse soak schemathesis demo-upstream FORCE

help:
	@echo "make run          prepare everything and start Rushes (PORT, HOST, DATA_DIR and the other settings are in README.md)"
	@echo "make test         lint, types, import contracts, migrations and all tests"
	@echo "make test-postgres  only the part of the tests that runs on PostgreSQL, on a private server"
	@echo "make lint         the same without the tests"
	@echo "make fmt          put the code into the house's format"
	@echo "make lock         write requirements.txt and requirements-dev.txt from pyproject.toml"
	@echo "make bench        measure, as ratios"
	@echo "make soak         2,000 live jobs against a faulty stand-in upstream while processes are killed (SEED, JOBS)"
	@echo "make schemathesis  thousands of requests made from /api/openapi.json, about half an hour (URL, KEY: to a Rushes that runs, with a test key)"
	@echo "make demo-upstream  start the stand-in for KIE and ModKie and print the settings that lead to it"
	@echo "make lighthouse   Lighthouse over the demo team's pages, as a phone on slow 4G (needs Node)"
	@echo "make messages LANGUAGE=de  begin a translation, or bring it up to date: locale/de/LC_MESSAGES/django.po"
	@echo "make translations  compile what is written there; the pages have it from the next start"
	@echo "make screenshots  pictures of every page and state, in screenshots/, the demo team's beside the design's (PICTURES, ONLY=\"01- 02-\")"

run: $(VENV)/.installed
	@exec $(BIN)/python manage.py up

# One failure does not hide another: all runs are made, two at a time (tests/side_by_side.py).
test: lint
	@$(BIN)/python -m tests.side_by_side

# Whatever looks into the database runs once more on PostgreSQL, but for browser tests and what
# is marked `once`. Every run starts a server of its own, and says that it is skipped where there is none to start.
test-postgres: $(VENV)/.installed-dev
	@status=0; \
	echo; echo "Tests on PostgreSQL"; \
	$(ON_POSTGRES) $(PYTEST) -n 2 -m "database and not processes and not browser and not once" || status=$$?; \
	echo; echo "Tests that start processes, on PostgreSQL"; $(ON_POSTGRES) $(PYTEST) -n 0 -m "processes and not once" || status=$$?; \
	exit $$status

lint: $(VENV)/.installed-dev
	$(BIN)/python -m ruff check .
	$(BIN)/python -m ruff format --check .
	$(BIN)/python -m mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/python manage.py makemigrations --check --dry-run --settings tests.settings

fmt: $(VENV)/.installed-dev
	$(BIN)/python -m ruff check --fix-only --quiet .
	$(BIN)/python -m ruff format .

lock: $(VENV)/.installed-dev
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --extra dev --extra postgres --extra redis -o requirements-dev.txt

# In an environment of its own: what it needs is nothing that the product or its tests need.
schemathesis: $(VENV)/.installed-dev var/schemathesis/bin/st
	@$(BIN)/python -m tests.schemathesis

var/schemathesis/bin/st:
	@python3 -m venv var/schemathesis
	@var/schemathesis/bin/python -m pip install --quiet --disable-pip-version-check schemathesis==4.32.5

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.bench

screenshots: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.screenshots $(ONLY)

lighthouse: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.lighthouse

# Both need GNU gettext. LANGUAGE may be one that is there already: then what is new or gone is brought into its file.
# What the model cards say is among the messages.
messages: $(VENV)/.installed-dev
	@test -n "$(LANGUAGE)" || { echo "Say which: make messages LANGUAGE=de" >&2; exit 1; }
	@mkdir -p locale
	$(BIN)/python manage.py makemessages --locale "$(LANGUAGE)" --no-location $(NOT_WORDS)

translations: $(VENV)/.installed-dev
	$(BIN)/python manage.py compilemessages $(NOT_WORDS)

soak: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.soak

demo-upstream: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.upstream

$(VENV)/.installed: requirements.txt $(VENV)/pyvenv.cfg
	$(PIP_INSTALL) -r requirements.txt
	@touch $@

# The development lock holds everything that the other one does, in the same versions.
$(VENV)/.installed-dev: requirements-dev.txt requirements.txt $(VENV)/pyvenv.cfg
	$(PIP_INSTALL) -r requirements-dev.txt
	@touch $(VENV)/.installed $@

# An environment whose interpreter has been removed or replaced is made anew.
ifeq ($(shell $(BIN)/python -c "import sys; print(sys.version_info >= (3, 11))" 2>/dev/null),True)
$(VENV)/pyvenv.cfg:
else
$(VENV)/pyvenv.cfg: FORCE
endif
	@for python in $(or $(PYTHON),$(PYTHONS)); do \
		if "$$python" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then echo "$(TOO_OLD)" >&2; exit 1; fi; \
	if ! "$$found" -c "import venv, ensurepip" 2>/dev/null; then echo "$(NO_VENV)" >&2; exit 1; fi; \
	echo "Making $(VENV) with $$("$$found" --version)."; \
	"$$found" -m venv --clear $(VENV) || { rm -f $@; exit 1; }
