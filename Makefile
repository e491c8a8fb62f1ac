# Every target does its own set-up; PYTHON, VENV and CINECAST_SHARED may be set from outside.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
LOWEST := .venv-lowest
# One process runs all tests of a file: what they share is made once.
PARALLEL := --numprocesses auto --dist loadfile --no-loadscope-reorder
DEMO := demo
SITE := build/docs

.PHONY: help demo docs test test-lowest lint bench clean

help:
	@echo "make demo   install, make a phantom, forecast it, score it, write a report ($(DEMO)/run/report/index.html)"
	@echo "make docs   install, then the site of the docs ($(SITE)/index.html); broken links are errors"
	@echo "make test   install, then ruff, mypy, pyright and all tests"
	@echo "make test-lowest  install the lowest version that pyproject.toml declares of each package, then all tests;"
	@echo "            torch alone keeps the version in .ci/constraints.txt: its lowest is not tried"
	@echo "make bench  install, then the benchmarks side by side with their alternatives"
	@echo "make clean  remove the virtual environments, the demo and the site"

$(VENV)/installed: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "cinecast needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	@echo "Installing cinecast and what it needs into $(VENV); this takes a few minutes, and pip says nothing meanwhile."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/installed-test: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs,test]'
	touch $@

$(VENV)/installed-docs: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
	touch $@

demo: $(VENV)/installed
	$(BIN)/cinecast phantom $(DEMO)/phantom.nii.gz --frames 600
	$(BIN)/cinecast run $(DEMO)/phantom.nii.gz --out $(DEMO)/run --horizon 0.4s --horizon 0.8s
	@echo "Open $(DEMO)/run/report/index.html in a browser."

docs: $(VENV)/installed-docs
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -c docs . $(SITE)
	@echo "Open $(SITE)/index.html in a browser."

# Debian's chromium opens the report in the tests; without it they are skipped, in CI they fail.
.PHONY: browser
browser:
	@command -v chromium >/dev/null || \
		{ [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && apt-get update -qq && \
		DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null; } || \
		echo "no chromium, and no way to install it: tests in a browser are skipped"

# The two type checkers take a minute and one processor each.
lint: $(VENV)/installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(MAKE) --no-print-directory --jobs 2 --output-sync mypy pyright

.PHONY: mypy pyright
mypy:
	$(BIN)/mypy
pyright:
	$(BIN)/pyright --warnings --pythonpath $(BIN)/python

test: lint browser
	$(BIN)/python -m pytest $(PARALLEL)

# An environment of its own, made anew when a bound changes. The lowest versions have no wheels for Python 3.13.
$(LOWEST)/installed: pyproject.toml .ci/constraints.txt .ci/lowest.py
	$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13) and \
		"the lowest versions need Python 3.11 or 3.12; set PYTHON to one of them")'
	$(PYTHON) -m venv --clear $(LOWEST)
	$(PYTHON) .ci/lowest.py pyproject.toml .ci/constraints.txt > $(LOWEST)/constraints.txt
	PIP_CONSTRAINT=$(CURDIR)/$(LOWEST)/constraints.txt \
		$(LOWEST)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[docs,test]'
	touch $@

test-lowest: $(LOWEST)/installed browser
	$(LOWEST)/bin/python -m pytest $(PARALLEL)

bench: $(VENV)/installed-test
	$(BIN)/python tests/benchmarks/bench_start.py
	$(BIN)/python tests/benchmarks/bench_run.py
	$(BIN)/python tests/benchmarks/bench_flow.py
	$(BIN)/python tests/benchmarks/bench_landmarks.py
	$(BIN)/python tests/benchmarks/bench_recurrent.py
	$(BIN)/python tests/benchmarks/bench_report.py
	$(BIN)/python tests/benchmarks/bench_live.py

clean:
	rm -rf $(VENV) $(LOWEST) $(DEMO) $(SITE)
