# Two commands: `make run` and `make test`. The rest is for developers; see docs/developers/.

PYTHON ?= $(shell command -v python3.11 || command -v python3)

ifeq ($(PYTHON),)
$(error This machine has no Python: install Python 3.11 and run make again)
endif

.DEFAULT_GOAL := help
COMMANDS := setup run check test lock messages openapi roles
.PHONY: help format bench $(COMMANDS)

help:
	@echo "make run       set up everything and serve the product with demo data (PORT=8000 DEMO=yes DEBUG=0)"
	@echo "make test      everything that CI runs; make test ARGS=tests/staff for a part"
	@echo "make check     linters, types, layers, templates, translations, migrations, deployment"
	@echo "make format    let ruff format and fix the code"
	@echo "make bench     decisions against the hand-written minimum, timers (needs DATABASE_URL)"
	@echo "make setup     only the environment and the system packages"
	@echo "make messages  collect the sentences of code and templates into locale/"
	@echo "make openapi   store the description of the API for its snapshot test"
	@echo "make roles     measure which role gets which status at which address"
	@echo "make lock      resolve requirements/*.in anew"

$(COMMANDS):
	@$(PYTHON) -m scripts.dev $@

# DATABASE_URL names a server; the benchmark makes and drops a database of its own there.
bench: setup
	@.venv/bin/python -m benchmarks.decision
	@.venv/bin/python -m benchmarks.timers

format: setup
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .
