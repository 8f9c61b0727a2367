# Everyday commands. `make` alone lists them.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# pip never looks at a source package: the build of one would run code no hash speaks for.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.NOTPARALLEL:  # what `test` needs is checked in the order it is written
.PHONY: help run test kill lint types format bench samples icons package lock clean system-libraries

help:
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

run: $(VENV)/.project ## Open the window; without a display do the main job on the sample pictures
	@if $(BIN)/python -c 'import sys; from pixelcraft_desktop.display import has_display; sys.exit(not has_display())'; \
	then $(BIN)/python -m pixelcraft_desktop; \
	else echo "There is no display here: importing the sample pictures without a window."; \
	    $(BIN)/python -m pixelcraft_desktop import resources/samples; fi

test: system-libraries lint types ## Check everything: format, lint, types, tests
	@$(BIN)/python -m pytest

kill: $(VENV)/.project ## Kill the program a hundred times at random moments, and see that nothing is lost
	@$(BIN)/python tests/kill_rounds.py 100

lint: $(VENV)/.project ## Check the format and the rules of the code
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check

types: $(VENV)/.project ## Check the types
	@$(BIN)/mypy

format: $(VENV)/.project ## Format the code, and mend what can be mended by rule
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: $(VENV)/.project ## Measure what a picture costs
	@$(BIN)/python -m benchmarks

samples: $(VENV)/.project ## Make the sample pictures anew
	@$(BIN)/python resources/make_samples.py

icons: $(VENV)/.project ## Make the program's icon anew, from its drawing
	@$(BIN)/python resources/make_icons.py

package: system-libraries $(VENV)/.project ## Freeze the program into dist/pixelcraft, and try it out
	@PYINSTALLER_CONFIG_DIR=build/pyinstaller/cache $(BIN)/python -m PyInstaller --noconfirm \
	    --log-level ERROR --distpath dist --workpath build/pyinstaller pixelcraft.spec
	@PIXELCRAFT_PACKAGE=dist/pixelcraft $(BIN)/python -m pytest tests/test_package.py

# uv, because pip can't pin for platforms other than its own. It lives only as long as this takes.
lock: ## Pin every dependency at its newest version, with hashes, for all platforms
	@.ci/check-python $(PYTHON)
	@$(PYTHON) -m venv --clear build/lock
	@build/lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@build/lock/bin/uv pip compile pyproject.toml --group dev --output-file requirements.lock \
	    --upgrade --universal --python-version 3.11 --only-binary :all: --generate-hashes \
	    --no-annotate --no-emit-index-url --custom-compile-command 'make lock' --quiet
	@rm -rf build/lock

clean: ## Remove everything that was made here: environment, caches, packages
	@rm -rf $(VENV) build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

system-libraries:
	@.ci/system-libraries $(PYTHON)

# Two stamps, so that a new rule in pyproject.toml doesn't install all of Qt again.
$(VENV)/.project: $(VENV)/.dependencies pyproject.toml
	@$(INSTALL) --no-build-isolation --no-deps --editable .
	@touch $@

$(VENV)/.dependencies: requirements.lock
	@.ci/check-python $(PYTHON)
	@echo "Installing into $(VENV) what PixelCraft needs (about 350 MB, once) ..."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL) --require-hashes --only-binary :all: --requirement requirements.lock
	@touch $@
