# Everything is set up in .venv; nothing else on the machine is touched.
# Needed: Python >= 3.11 with venv and headers, a C++ compiler, make, and access to the Python package index.
#
#   make demo     build, tokenize the bundled sample, print tokens, ids and offsets, and the throughput
#   make test     build, run the whole suite
#   make bench    build, run every benchmark and write README's table (needs the corpora, see benches/corpora.py)
#   make lint     ruff, mypy, clang-format
#   make clean    remove the environments and build
#
# PYTHON=python3.12 chooses the interpreter, PYTEST_ARGS='-k bert' is passed to pytest.

PYTHON ?= python3
PYTEST_ARGS ?= -n auto
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# What the installed package is made from. A changed file rebuilds only what depends on it: build/ is kept.
SOURCES := CMakeLists.txt pyproject.toml LICENSE README.md \
  $(shell find cpp python vocabs -type f -not -path '*/__pycache__/*' -not -name '*.so')

.PHONY: demo test bench lint build clean
.DELETE_ON_ERROR:

demo: $(VENV)/.built
	$(BIN)/python scripts/demo.py

test: $(VENV)/.built $(VENV)/.test
	$(BIN)/python -m pytest $(PYTEST_ARGS) tests

bench: $(VENV)/.built $(VENV)/.bench .venv-tokenizers1/.built
	$(BIN)/python benches/run.py all

lint: $(VENV)/.built $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	find cpp tests/cpp fuzz -name '*.cc' -o -name '*.h' | xargs awk 'FNR == 1 && !/GENERATED/ {print FILENAME}' | \
	  xargs $(BIN)/clang-format --dry-run -Werror

build: $(VENV)/.built

$(VENV)/.created:
	@command -v $(PYTHON) >/dev/null || { echo "error: $(PYTHON) not found; name another: make PYTHON=..." >&2; exit 1; }
	@$(PYTHON) scripts/check_build.py
	$(PYTHON) -m venv $(VENV)
	@touch $@

# scikit-build-core itself says whether cmake and ninja have to come from the package index.
$(VENV)/.backend: $(VENV)/.created pyproject.toml
	@echo "Installing the build backend"
	@$(PIP) install "numpy>=1.26" $$($(BIN)/python -c 'import tomllib; \
	  print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"])')
	@missing=$$($(BIN)/python -c 'from scikit_build_core.build import get_requires_for_build_editable as f; print(*f())') \
	  && if [ -n "$$missing" ]; then $(PIP) install $$missing; fi
	@touch $@

$(VENV)/.built: $(VENV)/.backend $(SOURCES)
	@echo "Building fasttok"
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.test $(VENV)/.bench $(VENV)/.dev: $(VENV)/.%: $(VENV)/.created pyproject.toml
	@echo "Installing what '$*' needs"
	@$(PIP) install $$($(BIN)/python -c 'import tomllib; \
	  print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["$*"])')
	@touch $@

# A rival that cannot live beside tokenizers 0.23: the benches run it in an environment of its own.
.venv-tokenizers1/.built: Makefile
	$(PYTHON) -m venv .venv-tokenizers1
	@.venv-tokenizers1/bin/python -m pip --disable-pip-version-check --quiet install tokenizers==1.0.0rc3 "numpy>=1.26"
	@touch $@

clean:
	rm -rf $(VENV) .venv-tokenizers1 build dist
