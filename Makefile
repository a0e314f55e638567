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

# Start-up without compiled modules takes many times as long.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test lint fmt lock bench screenshots FORCE

help:
	@echo "make run          prepare everything and start Rushes (PORT, HOST, DATA_DIR and the other settings are in README.md)"
	@echo "make test         lint, types, import contracts, migrations and all tests"
	@echo "make lint         the same without the tests"
	@echo "make fmt          put the code into the house's format"
	@echo "make lock         write requirements.txt and requirements-dev.txt from pyproject.toml"
	@echo "make bench        measure, as ratios"
	@echo "make screenshots  pictures of every page and state, in screenshots/"

run: $(VENV)/.installed
	@exec $(BIN)/python manage.py up

# Tests that start the product's processes or a browser have the machine for themselves.
# All runs are made, so that one failure does not hide another.
test: lint
	@status=0; \
	echo; echo "Tests without processes of their own"; $(PYTEST) -n 2 -m "not browser and not processes" || status=$$?; \
	echo; echo "Tests that start processes"; $(PYTEST) -n 0 -m processes || status=$$?; \
	echo; echo "Tests in a browser"; $(PYTEST) -n 0 -m browser || status=$$?; \
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

bench: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.bench

screenshots: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.screenshots

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
