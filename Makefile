PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: check test demo fmt lint types eval clean
check: lint types test

$(BIN)/.ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

demo: $(BIN)/.ready
	$(BIN)/monitor demo

test: $(BIN)/.ready
	$(BIN)/python -m pytest

lint: $(BIN)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/.ready
	$(BIN)/mypy

fmt: $(BIN)/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

eval: $(BIN)/.ready
	$(BIN)/python -m tests.eval

clean:
	rm -rf .venv demo
