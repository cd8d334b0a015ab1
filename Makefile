# `make demo` shows the main job on the shipped incident; `make test` runs every check. Both set up what they need.
PYTHON ?= python3
export UV_PROJECT_ENVIRONMENT ?= $(CURDIR)/.venv
# Python keeps what it compiled, as it does on anybody's machine: without, each of a thousand processes compiles all again.
unexport PYTHONDONTWRITEBYTECODE
UV = "$$($(PYTHON) .ci/bootstrap.py)"

.PHONY: demo test test-all lint types unit docs coverage oracles bench accuracy fuzz golden man packages reference fixtures clean help

help:           ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 14

demo:           ## analyse the shipped incident and say where the report is (the first time a minute, then seconds)
	@$(UV) sync --locked --quiet --no-default-groups --inexact
	@.venv/bin/logcorr analyze fixtures/tailscale-link-flap --out demo-report

test: .venv/dev oracles  ## lint, types, and all tests but the slow ones
	@$(MAKE) --no-print-directory lint types unit

test-all: .venv/dev oracles  ## everything: lint, types, all tests, the documentation
	@$(MAKE) --no-print-directory lint types docs
	.venv/bin/pytest -q -n 2 --dist worksteal

.venv/dev: uv.lock pyproject.toml
	@PYTHON=$(PYTHON) ./.ci/needs
	@$(UV) sync --locked --quiet --all-groups --all-extras
	@touch $@

lint: .venv/dev      ## ruff: style, and what is often wrong
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .

types: .venv/dev     ## mypy, strict
	.venv/bin/mypy

unit: .venv/dev      ## the tests that are not slow, without lint and types
	.venv/bin/pytest -q -n 2 --dist worksteal -m "not slow"

docs: .venv/dev      ## the documentation as a site in .cache/site; a broken link fails
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict --quiet -f .ci/mkdocs.yml

coverage: .venv/dev  ## which lines the tests run, as a table and in .cache/coverage
	.venv/bin/pytest -q -n 2 --dist worksteal -m "not slow" --cov=logcorr --cov-report=term --cov-report=html:.cache/coverage

oracles: .cache/oracles/done  ## set up the engines that sequences are compared with

.cache/oracles/done: tests/oracles/requirements.txt
	@$(UV) venv --quiet --clear .cache/oracles
	@$(UV) pip install --quiet --python .cache/oracles/bin/python -r $<
	@touch $@

bench: .venv/dev oracles  ## speed beside goals, journalctl, systemd-python, json.loads, SEC and others; reports/bench
	.venv/bin/python -m tests.benchmarks.suite
	.venv/bin/python -m tests.benchmarks.journal
	.venv/bin/python -m tests.benchmarks.text
	.venv/bin/python -m tests.benchmarks.patterns
	.venv/bin/python -m tests.benchmarks.classify
	.venv/bin/python -m tests.benchmarks.rules

accuracy: .venv/dev  ## verdicts on simulated incidents: top-1, harmful errors, calibration
	.venv/bin/python -m tests.simulate.accuracy

fuzz: .venv/dev  ## attack parsers, archives, journals, rules and the timeline with mutants (FUZZ=2000 of each)
	FUZZ=$${FUZZ:-2000} .venv/bin/pytest -q -n 2 tests/hostile/test_fuzz.py

golden: .venv/dev    ## rewrite the golden reports after a wanted change; look at the diff
	.venv/bin/pytest -q tests/test_golden.py --update-golden

man: .venv/dev  ## the manual pages as files in .cache/man/man1, made from the commands; wheels carry them
	.venv/bin/python .ci/man_pages.py .cache/man/man1

packages:       ## install what the tests need beside Python (Debian, Ubuntu; as root): systemd, a browser, SEC, a compiler
	@PYTHON=$(PYTHON) ./.ci/needs install

reference: .venv/dev  ## rewrite the rules' reference and catalogue, which are made from the models and the rules
	.venv/bin/pytest -q tests/rulebook/test_reference.py --update-golden

fixtures: .venv/dev  ## rewrite the shipped incidents from their scripts
	.venv/bin/python -m tests.simulate.fixtures

clean:          ## remove what make made
	rm -rf .venv .cache demo-report .pytest_cache .mypy_cache .ruff_cache .hypothesis
