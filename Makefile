# `make demo` and `make test` do everything on a fresh Debian or Ubuntu machine with Python 3.11 or newer.
.DEFAULT_GOAL := help
.PHONY: help setup demo test slow bench bench-scale bench-network spark adapters check format docs real-data omop-data lock clean

BIN := .venv/bin
WORKERS ?= 2
ARGS ?=

help:               ## this list
	@sed -n 's/^\([a-z-]*\):[^#]*##/  make \1\t/p' $(MAKEFILE_LIST) | expand -t 20

.venv/ready: requirements.lock pyproject.toml .ci/setup .ci/uv .ci/uv.txt
	@.ci/setup
	@touch $@

setup: .venv/ready  ## the environment in .venv/, and the system libraries it needs
	@:

demo: .venv/ready   ## the main job: six synthetic registries to runs/demo/report.pdf
	$(BIN)/pass-engine run protocols/bmsd-pass-001 --registries sample_data --out runs/demo

test: .venv/ready   ## all tests but the slow ones (ARGS="tests/sql -k cohort" narrows them)
	$(BIN)/pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

slow: .venv/ready   ## the slow tests
	$(BIN)/pytest -n $(WORKERS) -m slow $(ARGS)

bench: .venv/ready build/bench/venv/ready  ## the engine's speed beside DuckDB, polars and pandas (BENCH_PERSONS=100000; ARGS=--profile)
	$(BIN)/python -m tests.benchmarks $(ARGS)

bench-scale: .venv/ready  ## a large registry: one process, several, and Sail (BENCH_PERSONS=100000; BENCH_WAYS=duckdb,parts)
	$(BIN)/python -m tests.benchmarks.scale

bench-network: .venv/ready  ## 100 made-up registries, 10 studies, counted and pooled (BENCH_REGISTRIES=10 BENCH_STUDIES=1)
	$(BIN)/python -m tests.benchmarks.network

spark: .venv/ready build/spark/venv/ready  ## Apache Spark in an environment of its own, and its tests (Java 17; about 400 MB)
	$(BIN)/pytest -m slow tests/e2e/test_spark.py $(ARGS)

build/spark/venv/ready: .ci/uv .ci/uv.txt | .venv/ready
	.ci/uv venv --quiet --clear --python $(BIN)/python build/spark/venv
	.ci/uv pip install --quiet --python build/spark/venv/bin/python "pyspark[connect]>=4"
	@touch $@

build/bench/venv/ready: pyproject.toml .ci/uv .ci/uv.txt | .venv/ready
	.ci/uv venv --quiet --clear --python $(BIN)/python build/bench/venv
	.ci/uv pip install --quiet --python build/bench/venv/bin/python --group bench
	@touch $@

adapters: .venv/ready build/adapters/ready  ## the tests of the adapters to Flower and vantage6, in environments of their own
	$(BIN)/pytest -m adapters tests/adapters $(ARGS)

build/adapters/ready: pyproject.toml .ci/uv .ci/uv.txt | .venv/ready
	for engine in flower vantage6; do \
	    .ci/uv venv --quiet --clear --python $(BIN)/python build/adapters/$$engine && \
	    .ci/uv pip install --quiet --python build/adapters/$$engine/bin/python --group $$engine || exit 1; \
	done
	@touch $@

check: .venv/ready  ## lint, format, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/ready ## rewrite the Python files in house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv/ready   ## write the generated pages under docs/ anew
	$(BIN)/python docs/generate.py

real-data: .venv/ready  ## fetch the Stanford heart transplant data into sample_data/stanford-heart/
	.ci/real-data

omop-data: .venv/ready  ## copy a made-up OMOP common data model into sample_data/omop-synthea/cdm/
	.ci/omop-data

lock:               ## resolve the dependencies of pyproject.toml anew into requirements.lock
	.ci/uv pip compile pyproject.toml --group dev --extra spark --extra second-engine --universal --python-version 3.11 --upgrade \
	    --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet -o requirements.lock

clean:              ## remove everything that git ignores but the environment
	git clean -fdXq -e '!.venv' -e '!.uv'
