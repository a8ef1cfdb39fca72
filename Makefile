# Two commands: `make run` and `make test`. The rest is for developers; see docs/developers/.

PYTHON ?= $(shell command -v python3.11 || command -v python3)

ifeq ($(PYTHON),)
$(error This machine has no Python: install Python 3.11 and run make again)
endif

.DEFAULT_GOAL := help
COMMANDS := setup run check test soak lock messages openapi roles
.PHONY: help format bench $(COMMANDS)

help:
	@echo "make run       set up everything and serve the product with demo data (PORT=8000 DEMO=yes DEBUG=0)"
	@echo "make test      everything that CI runs; make test ARGS=tests/staff for a part"
	@echo "make soak      random routes and acts for an hour (HOURS=1), then the races over and over"
	@echo "make check     linters, types, layers, templates, translations, migrations, deployment"
	@echo "make format    let ruff format and fix the code"
	@echo "make bench     what docs/performance.md states (needs DATABASE_URL; BENCHMARKS=decision)"
	@echo "make setup     only the environment and the system packages"
	@echo "make messages  collect the sentences of code and templates into locale/"
	@echo "make openapi   store the description of the API for its snapshot test"
	@echo "make roles     measure which role gets which status at which address"
	@echo "make lock      resolve requirements/*.in anew"

$(COMMANDS):
	@$(PYTHON) -m scripts.dev $@

# DATABASE_URL names a server; each benchmark makes and drops a database of its own there.
# The peers it measures against are installed beside the environment, never into it.
BENCHMARKS ?= decision throughput contested timers definitions migrations memory volume \
	desk_volume
bench: setup
	@.venv/bin/pip install --quiet --upgrade --target var/peers --no-deps -r requirements/bench.txt
	@for name in $(BENCHMARKS); do PYTHONPATH=var/peers .venv/bin/python -m benchmarks.$$name || exit 1; done

format: setup
	@.venv/bin/ruff check --fix --quiet . ; .venv/bin/ruff format .
