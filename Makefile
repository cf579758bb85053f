# `make demo` and `make test` each do everything from a bare clone: a virtual environment in
# .venv, the pinned packages, the run. A stamp per set of extras keeps later calls quick.
PYTHON ?= python3
BIN := .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test lint docs clean

demo: .venv/.plot
	$(BIN)/python examples/demo.py

test: .venv/.test lint
	$(BIN)/python -m pytest

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

docs: .venv/.docs
	$(BIN)/python -m sphinx -W -b html docs docs/_build/html

clean:
	rm -rf .venv docs/_build docs/auto_examples docs/generated

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.%: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing sklearn-protlstm[$*] into .venv (once; a few minutes) ..."
	$(INSTALL) --editable ".[$*]"
	@touch $@
