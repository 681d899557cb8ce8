PYTHON ?= python3.11
BIN := .venv/bin

.PHONY: check test test-all demo fmt lint types eval model clean
check: lint types test

$(BIN)/.ready: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

demo: $(BIN)/.ready
	$(BIN)/monitor demo

test: $(BIN)/.ready
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

# The runs over all real and hostile files too, and what is timed, by itself; CI does this.
test-all: $(BIN)/.ready
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not alone" --durations 25
	$(BIN)/python -m pytest -m alone --durations 0

lint: $(BIN)/.ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(BIN)/.ready
	$(BIN)/mypy

fmt: $(BIN)/.ready
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Quality of the installed model and patterns, against their floors; the tables of the
# model card are written anew. `make eval GOLD=FILE` measures on labelled passages of one's
# own, and leaves the card alone.
eval: $(BIN)/.ready
	$(BIN)/python -m tests.eval $(if $(GOLD),--gold "$(GOLD)",--card)

# Rebuilds the shipped model: one to two hours on two cores, and 4 GB in .model/.
model: $(BIN)/.ready
	$(BIN)/python -m pip install --quiet --editable ".[torch]"
	$(BIN)/python -m models.recipe --shared ../shared --work .model

clean:
	rm -rf .venv demo
