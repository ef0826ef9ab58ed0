# Works with git, make and any Python 3: what else is needed is found, or fetched into this folder.
# `make help` lists the targets.

SHELL := /bin/sh
ANY_PYTHON := sh scripts/python3
PY := .venv/bin/python
PYTEST_ARGS ?=
# Set on the command line only: some shells have a variable ENV of their own.
ENV := rasa-3.6

# Nothing phones home, and what the libraries under Rasa 3.6 print about themselves does not hide our output.
export RASA_TELEMETRY_ENABLED := false
export NEXT_TELEMETRY_DISABLED := 1
export SQLALCHEMY_SILENCE_UBER_WARNING := 1
export TF_CPP_MIN_LOG_LEVEL ?= 2
export PYTHONUNBUFFERED := 1
export NO_MKDOCS_2_WARNING := 1
export PYTHON
# An environment of the caller's must not mix with ours.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
# Tests start hundreds of Python processes, and with it each would compile all the libraries that it imports.
unexport PYTHONDONTWRITEBYTECODE

# The steps of one run use the same folders; the tests choose their own parallelism.
.NOTPARALLEL:
.PHONY: help costs venv page web web-all model demo test test-all test-pro platforms bench lint docs dist constraints clean clean-all
.DEFAULT_GOAL := help

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1#\2/p' Makefile | awk -F'#' '{printf "%-20s %s\n", $$1, $$2}'

venv: ## prepare .venv, or another environment (ENV=engine-3.12; PYTHON=... names an interpreter)
	@$(ANY_PYTHON) scripts/make_venv.py $(ENV)

page:
	@$(ANY_PYTHON) scripts/make_web.py example_bot/host_app

web: page ## fetch the browser libraries of the host app page, and build the packages, where there is npm
	@$(ANY_PYTHON) scripts/make_packages.py

web-all: web ## and fetch those of the Next.js example, and what builds and tests pages of other frameworks
	@$(ANY_PYTHON) scripts/make_web.py example_bot/nextjs tests/browser/frameworks tests/browser/frameworks/react-18 tests/browser/posthog_js

model: venv ## train the example bot, unless its files are unchanged
	@$(PY) scripts/make_model.py

costs:
	@$(ANY_PYTHON) scripts/costs.py

demo: costs model page ## the story in the terminal, then stay up to be tried (ONCE=1: end after the story)
	@exec env ONCE=$(ONCE) $(PY) -m example_bot.demo

lint: venv ## style and types
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

# Two files at a time, as on a machine with two cores; three of those that mostly wait for a page. That PYTEST_ARGS
# choose nothing of one of these groups (status 5) is no failure.
STARTS_RASA := tests/browser/frameworks tests/browser/nextjs tests/browser/stories tests/scenario
OPENS_PAGES := tests/browser/chat_window tests/browser/posthog_js tests/browser/recorder tests/browser/studio tests/browser/unit tests/browser/verify
STARTS_NEITHER := tests/attacks tests/contract tests/unit
CHOSE_NOTHING := [ $$? -eq 5 ]
# A test that fails runs once more, and the summary names it: see decision 100.
ONCE_MORE := --reruns 1 -rR

# What needs no Rasa also runs on newer Pythons, with the newest libraries: here whole engines and their link, and what
# lies closest to the libraries; the rest in test-all.
ON_NEWER_PYTHONS := $(wildcard tests/contract/test_*link*.py) tests/contract/test_killed_engines.py \
  $(addprefix tests/unit/,common events link settings storage)
define test_on
	@$(ANY_PYTHON) scripts/make_venv.py engine-$(1)
	.venvs/engine-$(1)/bin/python -m pytest -m "not slow" -n 2 --dist loadfile $(ONCE_MORE) $(2) $(PYTEST_ARGS) || $(CHOSE_NOTHING)
endef

test: model web lint ## style, types, and all tests but the slow ones
	$(PY) -m pytest -m "not slow" -n 2 --dist loadfile $(ONCE_MORE) $(STARTS_NEITHER) $(PYTEST_ARGS) || $(CHOSE_NOTHING)
	$(PY) -m pytest -m "not slow" -n 3 --dist loadfile $(ONCE_MORE) $(OPENS_PAGES) $(PYTEST_ARGS) || $(CHOSE_NOTHING)
	$(call test_on,3.12,$(ON_NEWER_PYTHONS))
	$(PY) -m pytest -m "not slow" -n 2 --dist loadfile $(ONCE_MORE) $(STARTS_RASA) $(PYTEST_ARGS) || $(CHOSE_NOTHING)

test-all: model web-all lint ## everything: slow tests and other environments too
	$(PY) -m pytest -n 2 --dist loadfile $(ONCE_MORE) $(STARTS_NEITHER) $(PYTEST_ARGS) || $(CHOSE_NOTHING)
	$(PY) -m pytest -n 2 --dist loadfile $(ONCE_MORE) $(OPENS_PAGES) $(PYTEST_ARGS) || $(CHOSE_NOTHING)
	$(call test_on,3.11,tests/attacks tests/contract tests/unit)
	$(call test_on,3.12,tests/attacks tests/contract tests/unit)
	$(call test_on,3.13,tests/attacks tests/contract tests/unit)
	$(PY) -m pytest $(STARTS_RASA) $(PYTEST_ARGS) || $(CHOSE_NOTHING)
	@$(MAKE) --no-print-directory test-pro platforms

# Rasa Pro does not start without a licence. No test starts it: they use its classes.
PRO := rasa-pro-3.14 rasa-pro-3.21
ON_PRO := tests/rasa_pro tests/contract/test_channel.py tests/unit/gateway/chat

test-pro: ## both channels on the classes of Rasa Pro, in environments of their own (0.9 GB each)
	@set -e; for name in $(PRO); do \
	  $(ANY_PYTHON) scripts/make_venv.py $$name; \
	  .venvs/$$name/bin/python -m pytest -n 2 --dist loadfile $(ONCE_MORE) $(ON_PRO) $(PYTEST_ARGS) || $(CHOSE_NOTHING); \
	done

# Environments without development tools; the tests run in .venv and start these.
PLATFORMS := engine-3.11 engine-3.12 engine-3.13 rasa-3.6.0 rasa-3.5 rasa-3.4

platforms: model ## the whole story on each supported Rasa and Python (PYTEST_ARGS='-k "rasa-3.5 and engine"': one)
	@set -e; for name in $(PLATFORMS); do $(ANY_PYTHON) scripts/make_venv.py $$name; done
	$(PY) -m pytest tests/platforms $(PYTEST_ARGS) || $(CHOSE_NOTHING)

bench: model ## the numbers, measured on processes started by the rasa CLI
	$(PY) -m benchmarks

docs: venv ## build the documentation as a site in site/, strictly
	$(PY) -m mkdocs build --quiet

dist: venv ## build the wheel and the sdist in dist/, and check both
	$(PY) scripts/make_dist.py

constraints: ## resolve constraints.txt and constraints/*.txt afresh (UPGRADE=1: newest versions)
	@$(ANY_PYTHON) scripts/make_constraints.py $(if $(UPGRADE),--upgrade)

clean: ## remove what was built: models, caches, databases
	rm -rf example_bot/nextjs/.next example_bot/nextjs/public/vendor
	rm -rf packages/*/dist packages/*/build packages/*/LICENSE
	rm -rf models .cache .rasa build dist site *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
	rm -f *.db *.db-wal *.db-shm
	find . -name __pycache__ -not -path './.venv*' -not -path './.tools/*' -prune -exec rm -rf {} +

clean-all: clean ## and the environment and the tools that were fetched
	rm -rf .venv .venvs .tools example_bot/*/node_modules tests/browser/frameworks/node_modules tests/browser/frameworks/react-18/node_modules packages/node_modules
