# Thin aliases: what they do stands in deploy/setup/ and in the program itself.
.DEFAULT_GOAL := help
.PHONY: install demo test torture coverage check sbom bench pictures house clean help

BIN := .venv/bin
STAMP := .venv/.complete
ARGS ?=
SBOM ?= build/noroshi.cdx.json
# Tests wait a lot, for servers to start and for time-outs: four processes fill two cores.
AT_ONCE ?= 4
# Hundreds of short processes: none of them compiles what another has compiled.
unexport PYTHONDONTWRITEBYTECODE

##@ For whoever runs it

install: $(STAMP)  ## make .venv with everything in it (again only if a list of packages changed)

$(STAMP): requirements.lock pyproject.toml deploy/build-requirements.lock deploy/setup/venv.sh
	@deploy/setup/venv.sh
	@touch $@

demo: install  ## a living field, embedded: ARGS="--seconds 60 --devices 50"
	@deploy/setup/demo-servers.sh
	@$(BIN)/noroshi demo $(ARGS)

bench: install  ## how much this machine carries: ARGS="--messages 100000"
	@$(BIN)/noroshi bench $(ARGS)

sbom: install  ## what is in the program: a CycloneDX list of every locked package, SBOM=build/noroshi.cdx.json
	@mkdir -p $(dir $(SBOM))
	@$(BIN)/python -W ignore::UserWarning -m cyclonedx_py requirements requirements.lock --pyproject pyproject.toml \
		--output-reproducible --spec-version 1.6 --output-format JSON --no-validate --output-file $(SBOM)
	@echo "$(SBOM): $$(grep -c '==' requirements.lock) packages"

##@ For whoever changes it

check: install  ## style, types, who may import whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

test: install  ## every test, against real servers: ARGS="-k quarantine", AT_ONCE=0 for one process
	@deploy/setup/test-servers.sh
	@$(BIN)/python -m pytest --numprocesses $(AT_ONCE) $(ARGS)

coverage: install  ## the same tests, measured and so half as fast, and the lines that none of them reached
	@deploy/setup/test-servers.sh
	@rm -f .coverage .coverage.*
	@COVERAGE_PROCESS_START=pyproject.toml $(BIN)/python -m pytest --numprocesses $(AT_ONCE) $(ARGS)
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report

house: install  ## docs/architecture.md and its picture, from the contracts between the rooms
	@$(BIN)/python docs/pictures/house.py

pictures: install  ## the pictures of the README, from a demonstration of their own
	@$(BIN)/python docs/pictures/make.py

clean:  ## remove .venv and everything made here; the caches elsewhere stay
	rm -rf .venv build dist *.egg-info htmlcov .coverage .coverage.* .hypothesis .import_linter_cache
	rm -rf .mypy_cache .pytest_cache .ruff_cache
	find ingest schemas tests -name __pycache__ -prune -exec rm -rf {} +

help:  ## this text
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ For whoever doubts it

torture: install  ## everything broken on purpose, every message counted: ARGS="--seed 7 --minutes 20 --only killed"
	@deploy/setup/test-servers.sh
	@$(BIN)/python -m tests.torture $(ARGS)
