# One word per task. Everything but audit and croissant runs in .venv, which is made on first use. Every package comes in
# the version that a constraints file names, and only if its file has one of the SHA-256 sums there.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv --quiet --no-progress

.PHONY: validate workbook site test loader lint docs bench release croissant audit lock clean
.DEFAULT_GOAL := validate

# Modules are compiled once and not by each process, also in a container that says otherwise.
export PYTHONDONTWRITEBYTECODE =

validate: .venv/installed ## is the dataset true to its schemas, rules and evidence?
	@$(BIN)/python -m validate

workbook: .venv/installed ## all tables as an Excel workbook: all.xlsx
	@$(BIN)/borderledger export --format xlsx --overwrite all.xlsx

site: .venv/installed ## the website in dist/site; needs Node.js 20 or newer (python -m website serve shows it)
	@$(BIN)/python -m website build

test: .venv/installed ## the test suite
	@POLARS_MAX_THREADS=1 $(BIN)/python -m pytest

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

# --strict: a version that the database does not answer about is a failure, not a pass. AUDIT='-s osv' asks osv.dev.
audit: .venv-audit/installed ## known vulnerabilities in the versions of the constraints files; asks pypi.org
	@failed=0; for file in constraints*.txt; do \
		echo "$$file:"; \
		.venv-audit/bin/pip-audit --strict --progress-spinner off --require-hashes --disable-pip $(AUDIT) -r "$$file" || failed=1; \
	done; exit $$failed

# A version stays unless UPGRADE says otherwise: all of them with --upgrade, one with '--upgrade-package NAME'. None is
# younger than three days, so that others can find a bad release first. Wheels only: a package that is built on the spot
# runs its own code, with tools of any version. jsonpath-rw has no wheel; constraints-build.txt pins what builds it.
LOCK = $(UV) pip compile --universal --python-version 3.11 --fork-strategy fewest --generate-hashes \
	--only-binary :all: --emit-build-options --exclude-newer '3 days' --annotation-style line \
	--custom-compile-command 'make lock' $(UPGRADE)
lock: $(BIN)/uv ## write the constraints files from pyproject.toml; UPGRADE=--upgrade takes newer versions
	@$(LOCK) pyproject.toml --extra dev -o constraints.txt
	@$(LOCK) --group uv -o constraints-uv.txt
	@$(LOCK) --group audit -o constraints-audit.txt
	@$(LOCK) --group croissant --no-binary jsonpath-rw -o constraints-croissant.txt
	@$(LOCK) --group build -o constraints-build.txt

clean:
	rm -rf .venv .venv-audit .venv-croissant .venv-peers

$(BIN)/uv: constraints-uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "borderledger needs Python 3.11 or newer; set PYTHON=/path/to/it")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints-uv.txt
	@touch $@

.venv/installed: $(BIN)/uv pyproject.toml constraints.txt datapackage.json
	@$(UV) pip sync --python $(BIN)/python --require-hashes constraints.txt constraints-uv.txt
	@$(UV) pip install --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

# 350 MB for croissant, so that only who runs it gets it.
.venv-%/installed: constraints-%.txt constraints-build.txt $(BIN)/uv
	@test -x .venv-$*/bin/python || $(PYTHON) -m venv --without-pip .venv-$*
	@$(UV) pip sync --python .venv-$*/bin/python --require-hashes $< \
		--build-constraints constraints-build.txt --require-build-hashes
	@touch $@
