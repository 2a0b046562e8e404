# Everything runs in .venv, an isolated environment in this folder; the targets make it when it
# is not there, and anew when pyproject.toml has changed.
SHELL := /bin/sh
BIN := .venv/bin
PY := $(BIN)/python
PYTEST := $(PY) -m pytest
# uv makes environments without pip.
PIP = $(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip --default-pip; $(PY) -m pip

# The user's own site-packages are neither read nor written.
export PIP_USER := 0
export PYTHONNOUSERSITE := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
unexport PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX

# A Python must really run (pyenv leaves commands that do not), be new and old enough, and have
# venv and pip. An environment whose Python was removed or upgraded away is made anew.
SUITABLE := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
ifneq ($(shell $(PY) -c '$(SUITABLE)' 2>/dev/null && echo yes),yes)
.PHONY: $(PY) .venv/installed .venv/installed-test
endif

.PHONY: help run results findings validate test check slow bench clean
help:
	@echo "make run     the main job: one account, five lives"
	@echo "make test    lint, types and tests"
	@echo "make check   lint and types"
	@echo "make slow    the slow tests"
	@echo "make bench   time and memory, with tables and figures in benchmarks"
	@echo "make results NAME=five_lives    remake the shipped results of a scenario"
	@echo "make validate    the model against what is known"
	@echo "make findings    test every claim of the essays (hours; it goes on where it stopped)"
	@echo "make clean   remove the environment and the caches"

run: .venv/installed
	$(BIN)/followlab run scenarios/five_lives.toml

# Two processes share the files of tests. Coverage is measured where it costs nothing: before Python
# 3.12 it would take as long as the tests themselves.
COVERED := --cov --cov-report=term --cov-fail-under=90
IF_CHEAP := import sys; print("$(COVERED)" if sys.version_info >= (3, 12) else "")
test: check
	$(PYTEST) -n 2 --dist loadfile $$($(PY) -c '$(IF_CHEAP)')

check: .venv/installed-test
	$(PY) -m ruff check .
	$(PY) -m mypy

slow: .venv/installed-test
	$(PYTEST) -m slow

bench: .venv/installed-test
	$(PY) -m benchmarks

NAME := five_lives
COMMAND := run
results: .venv/installed
	$(BIN)/followlab $(COMMAND) $(NAME) --no-figures
	$(PY) -m sim.shipping $(NAME)

# Hours, in as many sittings as you like: what is done is kept.
findings: .venv/installed
	$(BIN)/followlab findings

validate: .venv/installed
	$(BIN)/followlab validate

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage build dist
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: pyproject.toml | $(PY)
	@echo "Installing followlab into .venv (once; this takes a minute or two) ..."
	@$(PIP) install --quiet --editable .
	@touch $@

.venv/installed-test: pyproject.toml | $(PY)
	@echo "Installing followlab and its test tools into .venv (once; a minute or two) ..."
	@$(PIP) install --quiet --editable '.[test]'
	@touch .venv/installed $@

# PYTHON=... names a Python by hand.
$(PY):
	@for python in $(PYTHON) python3.13 python3.12 python3.11 python3 python; do \
	    if "$$python" -c '$(SUITABLE)' >/dev/null 2>&1; then found=$$python; break; fi; \
	done; \
	if [ -z "$$found" ]; then \
	    echo "followlab needs Python 3.11, 3.12 or 3.13 with venv and pip, and found none." >&2; \
	    echo "Install one (Debian, Ubuntu: apt install python3 python3-venv) or name it:" >&2; \
	    echo "    make PYTHON=/path/to/python3.12 run" >&2; \
	    exit 1; \
	fi; \
	echo "Making .venv with $$("$$found" --version) ..."; \
	rm -rf .venv && "$$found" -m venv .venv
