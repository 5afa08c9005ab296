# Two commands on a fresh machine: `make run` and `make test`. Both call `make setup` first and may be repeated.
PYTHON_BIN := .venv/bin/python
LOCAL := $(PYTHON_BIN) -m therapy.core.local

.PHONY: help setup run test lint bench clean clean-data

help:
	@echo "make run         Attune on http://127.0.0.1:8000 (PORT=8001 for another port); Ctrl-C stops it"
	@echo "make test        every check and every test, on servers of its own"
	@echo "make lint        the checks without the tests"
	@echo "make bench       measurements"
	@echo "make setup       only .venv with the requirements"
	@echo "make clean       remove .venv and caches; keeps the data"
	@echo "make clean-data  remove the local database and its keys, for ever"

setup:
	@.ci/setup

run: setup
	@exec $(LOCAL) run

test: setup
	@exec .ci/checks all

lint: setup
	@exec .ci/checks lint

bench: setup
	@exec .ci/checks bench

clean:
	@if [ -x $(PYTHON_BIN) ] && [ -d .local ]; then $(LOCAL) services down 2>/dev/null || true; fi
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage staticfiles
	find . -name __pycache__ -type d -not -path './.local/*' -prune -exec rm -rf {} +

clean-data: setup
	@exec $(LOCAL) erase
