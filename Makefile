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
VENV ?= .venv
PY := $(VENV)/bin/python
STEP := $(PY) -m analysis

# The same bytes everywhere: no hash seeds, no locale, no time zone, no clock.
export PYTHONHASHSEED := 0
export PYTHONDONTWRITEBYTECODE := 1
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
RAW_FILES := $(wildcard $(RAW)/*)
# Code by room: a step depends on the rooms that it calls, and on no other.
room = $(wildcard analysis/$(1)/*.py analysis/$(1)/*.yml analysis/$(1)/*/*.py)
BASE := analysis/config.py analysis/did/errors.py analysis/pipeline/steps.py $(call room,base)
INPUTS := $(BASE) $(call room,inputs)
BOUNDS := $(INPUTS) $(call room,panel) $(call room,bounds)
DID := $(filter-out analysis/did/command/%,$(call room,did))
STUDY := $(BASE) $(DID) $(call room,study)
FACTS := $(addprefix $(RAW)/,datapackage.yaml provinces.csv sources.csv rollout.csv published_figures.csv province_annual.csv corrections.csv)
BOOK := $(wildcard book/*.py book/_*/* benchmarks/results/*.md) $(RAW)/sources.csv $(MADE)/numbers.json $(MADE)/exhibits.json $(S)/exhibits.stamp
JOBS ?= 2

.PHONY: all env env-test env-spark due data estimates exhibits book paper verify stable preflight bench test lint clean help own lab

# ---- targets --------------------------------------------------------------------------------------
all: data estimates exhibits book paper $(S)/verify.stamp ## build everything: data, estimates, exhibits, books, paper (default)
	@cat build/verification.md | grep "^-" ; cat $(S)/paper.log; echo "book:  book/en/_build/html/index.html"; echo "       book/zh/_build/html/index.html"
env: $(VENV)/.env-stamp ## install the locked packages (uses the network, as do env-spark and the first test)
data: $(MADE)/panel.csv $(MADE)/bounds.csv ## check the raw record, build the panel and the bounds
estimates: $(MADE)/estimates.csv $(MADE)/inference.csv $(MADE)/plan.csv $(MADE)/forecast_scores.csv $(MADE)/policy.csv $(MADE)/agreement.csv ## estimate effects on the statistical outcomes
due: | $(VENV)/.env-stamp ## list the figures that should be published by now and are not in the ledger
	@$(STEP) due
exhibits: $(MADE)/numbers.json $(MADE)/exhibits.json ## numbers, figures and tables
book: $(S)/book-en.stamp $(S)/book-zh.stamp ## both editions of the book
paper: $(S)/paper.stamp ## the paper, PDF and HTML

verify: all ## fail if a product differs from the committed reference
	$(STEP) verify
stable: all ## build everything a second time elsewhere and compare the bytes
	$(STEP) stable
preflight: all ## check what a data editor checks first
	$(STEP) preflight
bench: | $(VENV)/.test-stamp ## speed and memory against named peers
	@for script in benchmarks/*.py; do echo "$$script"; $(PY) $$script || exit 1; done
test: all lint | $(VENV)/.test-stamp ## the whole test suite
	$(PY) -m pytest -n $(JOBS)
lint: | $(VENV)/.test-stamp ## style and types
	$(PY) -m ruff check . && $(PY) -m ruff format --check . && $(PY) -m mypy
lab: data ## simulate the design: size, power, bias (minutes; not part of all)
	$(STEP) lab --jobs $(JOBS)
env-spark: | $(VENV)/.env-stamp ## add Spark (needs Java) for administrative records on a cluster
	$(call install,requirements-spark.lock)
own: | $(VENV)/.env-stamp ## the study on your own data: PANEL=file or RECORDS=folder, with ROLLOUT=file and OUT=folder
	@test -n "$(OUT)" && test -n "$(ROLLOUT)" && test -n "$(PANEL)$(RECORDS)" || { \
	  echo "make own needs ROLLOUT=file, OUT=folder and PANEL=file or RECORDS=folder" >&2; exit 2; }
	$(STEP) own $(if $(PANEL),--panel "$(PANEL)",--records "$(RECORDS)") --rollout "$(ROLLOUT)" --out "$(OUT)"
clean: ## remove everything that make made, but not the environment
	rm -rf build book/en/_build book/zh/_build book/_generated paper/_output paper/_generated paper/_variables.yml
help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(firstword $(MAKEFILE_LIST)) | sed 's/:.*## /|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

# ---- environment ----------------------------------------------------------------------------------
ifneq ($(UV),)
install = uv pip install --quiet --python $(PY) --require-hashes --requirement $(1)
new_env = uv venv --quiet --allow-existing --python $(PYTHON) $(VENV)
else
install = $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes --requirement $(1)
new_env = $(PYTHON) -m venv $(VENV)
endif

$(VENV)/.env-stamp: requirements.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed; none was found on PATH" >&2; exit 2; }
	@echo "env: installing the locked packages with $(if $(UV),uv,pip)"
	@$(new_env)
	@$(call install,requirements.lock)
	@touch $@
$(VENV)/.test-stamp: requirements-test.lock | $(VENV)/.env-stamp
	@echo "env: adding the packages that only the tests need"
	@$(call install,requirements-test.lock)
	@touch $@
env-test: $(VENV)/.test-stamp

# ---- data and estimates ---------------------------------------------------------------------------
$(S)/raw.stamp: $(RAW_FILES) $(INPUTS) | $(VENV)/.env-stamp
	@mkdir -p $(S)
	$(STEP) check
	@touch $@
$(S)/panel.stamp: $(FACTS) $(BOUNDS) | $(S)/raw.stamp
	$(STEP) panel
	@touch $@
$(S)/bounds.stamp: $(FACTS) $(BOUNDS) | $(S)/raw.stamp
	$(STEP) bounds
	@touch $@
$(S)/estimates.stamp: $(MADE)/panel.csv $(STUDY) | $(VENV)/.env-stamp
	$(STEP) estimate
	@touch $@
$(S)/inference.stamp: $(MADE)/panel.csv $(STUDY) | $(VENV)/.env-stamp
	$(STEP) inference
	@touch $@
$(S)/plan.stamp: $(MADE)/estimates.csv paper/pre_analysis_plan.md analysis/study/plan.py $(BASE) | $(VENV)/.env-stamp
	$(STEP) plan
	@touch $@
$(S)/forecast.stamp: $(RAW)/published_figures.csv $(wildcard data/forecasts/*) analysis/study/forecast.py $(BOUNDS) | $(S)/raw.stamp
	$(STEP) forecast
	@touch $@
$(S)/agreement.stamp: $(wildcard data/reference/did/*) analysis/verify/agreement.py $(BASE) $(DID) | $(VENV)/.env-stamp
	$(STEP) agreement
	@touch $@
$(S)/policy.stamp: $(RAW_FILES) $(INPUTS) $(call room,policy) | $(S)/raw.stamp
	$(STEP) policy build
	@touch $@

# ---- report ---------------------------------------------------------------------------------------
REPORT := $(MADE)/panel.csv $(MADE)/bounds.csv $(MADE)/estimates.csv $(MADE)/inference.csv $(MADE)/plan.csv $(MADE)/forecast_scores.csv $(MADE)/lab.csv $(MADE)/policy.csv $(MADE)/agreement.csv $(RAW_FILES) $(INPUTS) $(call room,report)
$(S)/numbers.stamp: $(REPORT) | $(S)/raw.stamp
	$(STEP) numbers
	@touch $@
$(S)/exhibits.stamp: $(REPORT) $(MADE)/numbers.json | $(S)/raw.stamp
	$(STEP) exhibits
	@touch $@
$(S)/documents.stamp: $(MADE)/numbers.json $(MADE)/exhibits.json $(S)/exhibits.stamp $(call room,report) README.md
	$(STEP) documents
	@touch $@
$(S)/book-en.stamp: $(wildcard book/en/*.md book/en/*.yml) $(BOOK)
	$(PY) book/build.py en
	@touch $@
$(S)/book-zh.stamp: $(wildcard book/zh/*.md book/zh/*.yml) $(BOOK)
	$(PY) book/build.py zh
	@touch $@
$(S)/paper.stamp: $(wildcard paper/*.py paper/*.qmd paper/*.bib paper/*.css paper/*.yml paper/templates/*) $(S)/documents.stamp
	$(PY) paper/render.py > $(S)/paper.log
	@touch $@
$(S)/verify.stamp: $(MADE)/numbers.json $(MADE)/exhibits.json $(S)/exhibits.stamp $(call room,verify)
	$(STEP) verify --report-only
	@touch $@

# A product that vanished is made again, even though its stamp says that the step ran.
present = @test -e $@ || { rm -f $< && $(MAKE) --no-print-directory $<; }
$(MADE)/panel.csv: $(S)/panel.stamp
	$(present)
$(MADE)/bounds.csv: $(S)/bounds.stamp
	$(present)
$(MADE)/estimates.csv: $(S)/estimates.stamp
	$(present)
$(MADE)/inference.csv: $(S)/inference.stamp
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
$(MADE)/numbers.json: $(S)/numbers.stamp
	$(present)
$(MADE)/exhibits.json: $(S)/exhibits.stamp
	$(present)
