# One command from a fresh clone: `make` builds everything, `make test` tests it.
# GNU make 3.81 is enough: one product or one stamp for each rule, no grouped targets.
#
# A stamp says that a step ran. A step leaves an unchanged product untouched, so what depends on the
# product, and not on the stamp, is built again only when its content changed.

# ---- variables ------------------------------------------------------------------------------------
SHELL := /bin/sh
.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
# Two steps at a time unless the caller says otherwise; every rule is safe in parallel.
ifeq ($(filter -j% --jobserver%,$(MAKEFLAGS)),)
MAKEFLAGS += -j2
endif

# The first interpreter that is new enough and that the locked packages support.
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
UV := $(shell command -v uv 2>/dev/null)
# An active conda environment that already holds the lock (environment.yml fills one so) is used as it is.
ifeq ($(words $(CONDA_PREFIX)),1)
CONDA_HOLDS := $(shell test -x "$(CONDA_PREFIX)/bin/python" && \
  "$(CONDA_PREFIX)/bin/python" analysis/verify/held.py requirements.lock 2>/dev/null && echo yes)
endif
VENV ?= $(if $(CONDA_HOLDS),$(CONDA_PREFIX),.venv)
PY := $(VENV)/bin/python
# The raw record is checked in full once for each state of its files and of the code that checks.
STEP := CHECKED_RECORD=build/checked.txt $(PY) -m analysis

# The same bytes everywhere: no hash seeds, no locale, no time zone, no clock.
export PYTHONHASHSEED := 0
# Empty: compiled modules are kept beside them, where git ignores them; a step starts in half the time.
export PYTHONDONTWRITEBYTECODE :=
export TZ := UTC
export LC_ALL := C.UTF-8
export SOURCE_DATE_EPOCH := 1764547200
export MPLBACKEND := agg
# Matrices here are small: one thread is faster, and sums are added in one order.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1

RAW := data/raw
MADE := data/processed
S := build/stamps
# Copies of the raw files, renewed where their bytes changed: touching a raw file rebuilds nothing.
SEEN := build/raw
RAW_FILES := $(patsubst $(RAW)/%,$(SEEN)/%,$(wildcard $(RAW)/*))
# Code by room: a step depends on the rooms that it calls, and on no other.
room = $(wildcard analysis/$(1)/*.py analysis/$(1)/*.yml analysis/$(1)/*/*.py)
BASE := analysis/config.py analysis/did/errors.py analysis/pipeline/steps.py $(call room,base)
INPUTS := $(BASE) $(call room,inputs)
BOUNDS := $(INPUTS) $(call room,panel) $(call room,bounds)
DID := $(filter-out analysis/did/command/%,$(call room,did))
STUDY := $(BASE) $(DID) $(call room,study)
FACTS := $(addprefix $(SEEN)/,datapackage.yaml provinces.csv sources.csv rollout.csv published_figures.csv province_annual.csv corrections.csv)
BOOK := $(MADE)/reproduce/links.md $(wildcard book/*.py book/_*/* benchmarks/results/*.md) $(DID) $(SEEN)/sources.csv $(SEEN)/published_figures.csv $(MADE)/numbers.json $(MADE)/exhibits.json $(S)/report.stamp
JOBS ?= 2

.PHONY: all env env-test env-spark due data estimates exhibits book paper site verify stable kernels faults preflight manifest upgrade mutants peers elsewhere bench test lint clean help own coverage lab wheel-check cluster-check

# ---- targets --------------------------------------------------------------------------------------
all: data estimates exhibits book paper site ## build everything: data, estimates, exhibits, books, paper, site (default)
	@cat $(S)/paper.log; echo "site:  site/index.html (English and Chinese, paper, all data; the folder may be moved)"
	@$(STEP) verify --report-only
env: $(VENV)/.env-stamp ## install the locked packages (uses the network, as do env-spark and the first test)
data: $(MADE)/panel.csv $(MADE)/bounds.csv ## check the raw record, build the panel and the bounds
estimates: $(MADE)/inference.csv $(MADE)/estimates.csv $(MADE)/coverage_before.csv $(MADE)/plan.csv $(MADE)/forecast_scores.csv $(MADE)/policy.csv $(MADE)/agreement.csv $(MADE)/reproduce/links.md ## estimate effects on the statistical outcomes
due: | $(VENV)/.env-stamp ## list the figures that should be published by now and are not in the ledger
	@$(STEP) due
exhibits: $(MADE)/numbers.json $(MADE)/exhibits.json ## numbers, figures and tables
book: $(S)/book.stamp ## both editions of the book
paper: $(S)/paper.stamp ## the paper, PDF and HTML
site: $(S)/site.stamp ## one folder with both editions, the paper and all data, to open or publish

verify: all ## fail if a product differs from the last commit or, in an archive, from its manifest
	$(STEP) verify
stable: all ## build everything a second time elsewhere and compare the bytes
	$(STEP) stable
kernels: data estimates exhibits ## build the numbers as other processors would, compare the bytes (half an hour)
	$(STEP) kernels
faults: all ## kill the build and every command at random moments, resume, compare the bytes (hours)
	$(STEP) faults
preflight: all ## check what a data editor checks first
	$(STEP) preflight
upgrade: ## resolve the locks anew (uv and the network), build, list the numbers that moved
	@test -n "$(UV)" || { echo "make upgrade needs uv on PATH: pip install uv" >&2; exit 2; }
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra test --output-file requirements-test.lock
	$(LOCK) --extra spark --output-file requirements-spark.lock
	$(MAKE) env-test && $(MAKE) all && $(STEP) moved
mutants: | $(VENV)/.test-stamp ## change the arithmetic line by line and see whether a test notices (hours)
	@$(PY) -c "import sys; from importlib.util import find_spec; sys.exit(find_spec('mutmut') is None)" || { \
	  echo "make mutants needs one more package: $(PY) -m pip install '.[mutants]'" >&2; exit 2; }
	$(PY) -m mutmut run $(MUTANTS) && $(PY) -m mutmut export-cicd-stats && cat mutants/mutmut-cicd-stats.json
manifest: ## renew data/MANIFEST.sha256, to be committed with the products that it lists
	$(STEP) manifest
peers: | $(VENV)/.env-stamp ## run every exported Python script in an environment with its package: PEERS=its python
	@test -n "$(PEERS)" || { echo "make peers needs PEERS=path of a python with the extra bench: pip install '.[bench]'" >&2; exit 2; }
	$(PY) benchmarks/exports.py "$(PEERS)"
elsewhere: | $(VENV)/.env-stamp ## ask other packages about this design, write the tables of their page: PEERS=a python that has them
	@test -n "$(PEERS)" || { echo "make elsewhere needs PEERS=path of a python 3.12 with the extra elsewhere: pip install '.[elsewhere]'" >&2; exit 2; }
	$(PEERS) benchmarks/elsewhere
bench: | $(VENV)/.test-stamp ## speed and memory against named peers
	@for script in $(filter-out benchmarks/exports.py benchmarks/did_work.py benchmarks/did_peers.py benchmarks/did_rows.py benchmarks/did_tables.py,$(wildcard benchmarks/*.py)); do echo "$$script"; $(PY) $$script || exit 1; done
test: all lint | $(VENV)/.test-stamp ## the whole test suite, with the share of lines that it runs
	$(PY) -m slipcover -m pytest -n $(JOBS) --dist worksteal
	@$(PY) -c "import json; print('coverage:', json.load(open('build/coverage.json'))['summary']['percent_covered_display'], '% of the lines of analysis, not counting what other processes run')"
	@tail -n 1 build/verification.md
lint: | $(VENV)/.test-stamp ## style and types
	$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy
wheel-check: | $(VENV)/.test-stamp ## build both wheels, let pip install each in a new environment, run them (uses the network)
	$(PY) -m pytest -m network tests/wheel
cluster-check: | $(VENV)/.test-stamp ## kill a worker and the driver of a Spark cluster of two workers (minutes)
	$(PY) -m pytest -m cluster tests/records/test_records_cluster.py
lab: data ## simulate the design: size, power, bias (minutes; not part of all)
	$(STEP) lab --jobs $(JOBS)
env-spark: | $(VENV)/.env-stamp ## add Spark (needs Java) for administrative records on a cluster
	$(call install,requirements-spark.lock)
own: | $(VENV)/.env-stamp ## the study on your own data: PANEL=file or RECORDS=folder, with ROLLOUT=file and OUT=folder
	@test -n "$(OUT)" && test -n "$(ROLLOUT)" && test -n "$(PANEL)$(RECORDS)" || { \
	  echo "make own needs ROLLOUT=file, OUT=folder and PANEL=file or RECORDS=folder" >&2; exit 2; }
	$(STEP) own $(if $(PANEL),--panel "$(PANEL)",--records "$(RECORDS)") --rollout "$(ROLLOUT)" --out "$(OUT)"
coverage: data | $(VENV)/.env-stamp ## coverage by province from tables that you exported: EXPORTS=folder, OUT=folder
	@$(STEP) coverage $(if $(EXPORTS),--exports "$(EXPORTS)") $(if $(OUT),--out "$(OUT)")
clean: ## remove everything that make made, but not the environment
	rm -rf build book/en/_build book/zh/_build book/en/province book/zh/province book/_charts site paper/_output paper/_generated paper/_variables.yml
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /|/' | awk -F'|' '{printf "  make %-13s %s\n", $$1, $$2}'

# ---- environment ----------------------------------------------------------------------------------
ifneq ($(UV),)
install = uv pip install --compile-bytecode --python $(PY) --require-hashes --requirement $(1)
new_env = uv venv --quiet --allow-existing --python $(PYTHON) $(VENV)
else
install = $(PY) -m pip install --disable-pip-version-check --no-color --progress-bar off --require-hashes --requirement $(1)
new_env = $(PYTHON) -m venv $(VENV)
endif

# One lock for every supported Python and system, with the hash of each file.
LOCK = uv pip compile pyproject.toml --universal --python-version 3.11 --upgrade --generate-hashes --no-annotate --no-header --quiet

$(VENV)/.env-stamp: requirements.lock
	@if test -x $(PY) && $(PY) analysis/verify/held.py $<; then echo "env: $(VENV) holds the locked packages"; else \
	  test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; none was found on PATH" >&2; exit 2; }; \
	  echo "env: installing $$(grep -c == $<) locked packages with $(if $(UV),uv,pip); minutes, once"; \
	  $(new_env) && $(call install,$<) || exit 2; fi
	@touch $@
$(VENV)/.test-stamp: requirements-test.lock | $(VENV)/.env-stamp
	@echo "env: adding the packages that only the tests need"
	@$(call install,requirements-test.lock)
	@touch $@
env-test: $(VENV)/.test-stamp

# ---- data and estimates ---------------------------------------------------------------------------
$(SEEN)/%: $(RAW)/%
	@mkdir -p $(SEEN); cmp -s $< $@ || cp $< $@
# Before anything is made: an unpacked archive is compared with the products that came with it.
$(S)/aside.stamp: | $(VENV)/.env-stamp
	@mkdir -p $(S)
	$(STEP) aside
	@touch $@
$(S)/raw.stamp: $(RAW_FILES) $(INPUTS) | $(S)/aside.stamp
	$(STEP) check
	@touch $@
$(S)/panel.stamp: $(FACTS) $(BOUNDS) | $(S)/raw.stamp
	$(STEP) panel
	@touch $@
$(S)/bounds.stamp: $(FACTS) $(BOUNDS) | $(S)/raw.stamp
	$(STEP) bounds
	@touch $@
# Estimates, inference and the scripts for other software, in one process that loads the libraries once.
$(S)/study.stamp: $(MADE)/panel.csv $(STUDY) | $(VENV)/.env-stamp
	$(STEP) study --jobs $(JOBS)
	@touch $@
# Those that wait for no panel let it go first all the same: after it comes the longest step, the study.
$(S)/before.stamp: $(addprefix $(SEEN)/,datapackage.yaml provinces.csv rollout.csv province_annual.csv) $(INPUTS) $(DID) analysis/study/before.py | $(S)/raw.stamp $(MADE)/panel.csv
	$(STEP) before
	@touch $@
$(S)/plan.stamp: $(MADE)/estimates.csv paper/pre_analysis_plan.md analysis/study/plan.py $(BASE) | $(VENV)/.env-stamp
	$(STEP) plan
	@touch $@
$(S)/forecast.stamp: $(SEEN)/published_figures.csv $(wildcard data/forecasts/*) analysis/study/forecast.py $(BOUNDS) | $(S)/raw.stamp $(MADE)/panel.csv
	$(STEP) forecast
	@touch $@
$(S)/agreement.stamp: $(wildcard data/reference/did/*) $(addprefix analysis/verify/,agreement.py peers.py simulated.py stopping.py) $(BASE) $(DID) | $(S)/aside.stamp
	$(STEP) agreement
	@touch $@
$(S)/policy.stamp: $(RAW_FILES) $(INPUTS) $(call room,policy) | $(S)/raw.stamp $(MADE)/panel.csv
	$(STEP) policy build
	@touch $@

# ---- report ---------------------------------------------------------------------------------------
REPORT := $(MADE)/panel.csv $(MADE)/bounds.csv $(MADE)/estimates.csv $(MADE)/coverage_before.csv $(MADE)/inference.csv $(MADE)/plan.csv $(MADE)/forecast_scores.csv $(MADE)/lab.csv $(MADE)/policy.csv $(MADE)/agreement.csv $(RAW_FILES) $(INPUTS) $(call room,report)
# Numbers, then exhibits, in one process that loads the results once.
$(S)/report.stamp: $(REPORT) | $(S)/raw.stamp
	$(STEP) report --jobs $(JOBS)
	@touch $@
$(S)/documents.stamp: $(MADE)/numbers.json $(MADE)/exhibits.json $(S)/report.stamp $(call room,report) README.md data/CONTENTS.md
	$(STEP) documents --jobs $(JOBS)
	@touch $@
# The edition whose own pages changed, or both if anything else did; one process loads Jupyter Book for both.
$(S)/book.stamp: $(wildcard book/en/*.md book/en/*.yml book/zh/*.md book/zh/*.yml) $(BOOK) $(S)/documents.stamp
	$(PY) book/build.py --jobs $(JOBS) $(if $(filter-out book/en/% book/zh/%,$?),en zh,$(sort $(foreach page,$?,$(word 2,$(subst /, ,$(page))))))
	@touch $@
$(S)/paper.stamp: $(wildcard paper/*.py paper/*.qmd paper/*.bib paper/*.css paper/*.yml paper/templates/* paper/templates/quarto/*) $(S)/documents.stamp
	$(PY) paper/render.py > $(S)/paper.log
	@touch $@
$(S)/site.stamp: $(S)/book.stamp $(S)/paper.stamp $(S)/report.stamp analysis/report/site.py analysis/report/address.py $(RAW_FILES)
	$(STEP) site
	@touch $@
# A product that vanished is made again, even though its stamp says that the step ran.
present = @test -e $@ || { rm -f $< && $(MAKE) --no-print-directory $<; }
$(MADE)/panel.csv: $(S)/panel.stamp
	$(present)
$(MADE)/bounds.csv: $(S)/bounds.stamp
	$(present)
$(MADE)/estimates.csv: $(S)/study.stamp
	$(present)
$(MADE)/coverage_before.csv: $(S)/before.stamp
	$(present)
# One after the other: where several products of one step vanished, the step runs once.
$(MADE)/inference.csv: $(S)/study.stamp | $(MADE)/estimates.csv
	$(present)
$(MADE)/plan.csv: $(S)/plan.stamp
	$(present)
$(MADE)/forecast_scores.csv: $(S)/forecast.stamp
	$(present)
# Simulated once and committed: minutes of work, made here only where the table vanished.
$(MADE)/lab.csv: | $(MADE)/panel.csv
	@test -e $@ || $(STEP) lab --jobs $(JOBS)
$(MADE)/policy.csv: $(S)/policy.stamp
	$(present)
$(MADE)/agreement.csv: $(S)/agreement.stamp
	$(present)
$(MADE)/reproduce/links.md: $(S)/study.stamp | $(MADE)/inference.csv
	$(present)
$(MADE)/numbers.json: $(S)/report.stamp
	$(present)
$(MADE)/exhibits.json: $(S)/report.stamp | $(MADE)/numbers.json
	$(present)
