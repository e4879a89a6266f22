# `make demo` installs and shows the whole chain; `make test` installs and runs every check. Both work on a fresh machine.
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
LOCK := requirements/dev.lock

.PHONY: help install demo test lint types contracts unit browser lock clean

help:  ## What can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# A service that may not write here would compile our modules at each start.
install: .venv/installed  ## Install into .venv, from locked versions
	@$(BIN)/python -m compileall -q crawler pipelines schedules spiders

# uv where it can be had and gets through, plain pip where not: both read the same lock file. uv has to trust the
# certificates that the system trusts, as pip does: a mirror or an inspecting proxy may have one of its own.
.venv/installed: $(LOCK) pyproject.toml $(wildcard data/starter/*)
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@export UV_SYSTEM_CERTS=1 UV="$(BIN)/uv pip install --quiet --python $(BIN)/python" PIP="$(BIN)/python -m pip install --quiet --disable-pip-version-check"; \
	{ $$PIP uv && $$UV --compile-bytecode --requirement $(LOCK) && $$UV --no-deps --editable .; } || \
	{ echo "uv cannot install; trying with pip" && $$PIP --requirement $(LOCK) && $$PIP --no-deps --editable .; }
	@$(BIN)/scrapy init
	@touch $@

demo: install  ## Crawl a bundled news site twice, and show what is in the archive
	@$(BIN)/scrapy demo

test: install browser lint types contracts unit  ## Install, then lint, types, import contracts and tests

lint:
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types:
	@$(BIN)/mypy

contracts:
	@$(BIN)/lint-imports --no-cache

unit:
	@$(BIN)/pytest -n auto --dist loadgroup

# Chromium renders pages in the tests of `render = true`. CI counts a missing one as a failure (tests/conftest.py).
browser:
	@command -v chromium >/dev/null || command -v google-chrome >/dev/null || \
	  { test "$$(id -u)" = 0 && command -v apt-get >/dev/null && \
	    apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends chromium >/dev/null; } || \
	  echo "No Chromium, and it cannot be installed here: the browser tests will be skipped (Debian: apt install chromium)."

lock:  ## Write the lock files anew from pyproject.toml
	@$(BIN)/uv pip compile --quiet --universal --no-annotate --no-header --group dev pyproject.toml -o $(LOCK)
	@$(BIN)/uv pip compile --quiet --universal --no-annotate --no-header --extra cluster --extra parquet --extra timestamps \
	  --constraint $(LOCK) pyproject.toml -o requirements/run.lock

clean:  ## Remove what was installed and built; data/ stays
	rm -rf .venv build *.egg-info .pytest_cache .mypy_cache .ruff_cache
