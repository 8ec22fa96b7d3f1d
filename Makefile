# One word per task. Everything but croissant runs in .venv, which is made on first use from the pinned versions.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: validate workbook test loader lint docs bench release croissant clean
.DEFAULT_GOAL := validate

validate: .venv/installed ## is the dataset true to its schemas, rules and evidence?
	@$(BIN)/python -m validate

workbook: .venv/installed ## all tables as an Excel workbook: all.xlsx
	@$(BIN)/borderledger export --format xlsx --overwrite all.xlsx

test: .venv/installed ## the test suite
	@$(BIN)/python -m pytest

loader: .venv/installed ## the tests of the loader on its oldest and newest libraries
	@$(BIN)/nox

lint: .venv/installed ## check the code (ruff, mypy, import contracts), the workflows (zizmor), the prose (codespell, proselint)
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo
	@$(BIN)/zizmor --offline --quiet .github/workflows
	@$(BIN)/python -m docs.prose

docs: .venv/installed ## regenerate the pages and the picture that come from schemas, rules and data
	@$(BIN)/python -m docs.build

bench: .venv/installed ## what validation catches, and how long checking, loading and releasing take
	@$(BIN)/python -m bench.corruption
	@$(BIN)/python -m bench.speed
	@$(BIN)/python -m bench.loader
	@$(BIN)/python -m bench.release
	@$(BIN)/python -m bench.diff

release: .venv/installed ## may this version be released? if so, build it in every format below dist/
	@$(BIN)/python -m docs.build --release --check
	@$(BIN)/python -m release check --against previous
	@$(BIN)/python -m release build --previous previous --overwrite

croissant: .venv-croissant/installed ## does mlcroissant read the tables by croissant.json? BUILD=folder for that of a build
	@PYTHONPATH=src .venv-croissant/bin/python -m tests.release.validate_croissant $(BUILD)

clean:
	rm -rf .venv .venv-croissant .venv-peers

.venv/installed: pyproject.toml constraints.txt datapackage.json
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "borderledger needs Python 3.11 or newer; set PYTHON=/path/to/it")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

# 350 MB, so that only who runs croissant gets it.
.venv-croissant/installed: constraints-croissant.txt
	@test -x .venv-croissant/bin/python || $(PYTHON) -m venv .venv-croissant
	@.venv-croissant/bin/python -m pip install --quiet --disable-pip-version-check -r constraints-croissant.txt
	@touch $@
