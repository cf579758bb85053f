# `make demo` and `make test` each do everything from a bare clone: a virtual environment in
# .venv, the pinned packages, the run. A stamp per set of extras keeps later calls quick.
PYTHON ?= python3
BIN := .venv/bin
INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test quick test-processors lint docs bench clean

demo: .venv/.plot
	$(BIN)/python examples/demo.py

test: .venv/.test lint
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile

# Under a minute: neither the tests that train for long nor the examples in docstrings.
quick: .venv/.test
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -o addopts="--strict-markers" -m "not slow" tests

# Half an hour: every test once for each way in which other processors compute.
test-processors: .venv/.test
	$(BIN)/python tests/as_other_processors.py $(SWITCHES)

lint: .venv/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

docs: .venv/.docs
	$(BIN)/python -m sphinx -W -b html docs docs/_build/html

# Keras and TensorFlow are rivals in the benchmark and live in an environment of their own. Pass
# your own proteins with BENCH_ARGS="--proteins table.tsv".
bench: .venv/.plot .venv-keras/.installed
	$(BIN)/python examples/benchmarks/run.py --keras-python .venv-keras/bin/python $(BENCH_ARGS)

clean:
	rm -rf .venv .venv-keras docs/_build docs/auto_examples docs/generated

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/.%: pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing sklearn-protlstm[$*] into .venv (once; a few minutes) ..."
	$(INSTALL) --editable ".[$*]"
	@touch $@

.venv-keras/.installed: pyproject.toml
	$(PYTHON) -m venv .venv-keras
	.venv-keras/bin/python -m pip install --quiet --disable-pip-version-check \
		--constraint constraints.txt "keras>=3.3" "tensorflow-cpu>=2.16"
	@touch $@
