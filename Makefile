# make run   install what is missing, make the sample city, open it (or, without a display, render it into out/)
# make test  install what is missing, run all gates and tests
PY := .venv/bin/python

.PHONY: run test setup setup-dev gates lock benchmarks clean

run: setup
	@$(PY) main.py run

test: setup-dev
	@$(PY) tools/checks.py

setup:
	@tools/setup.sh

setup-dev:
	@tools/setup.sh dev

gates: setup-dev
	@$(PY) tools/checks.py gates

lock:
	@tools/lock.sh

benchmarks: setup-dev
	@for bench in benchmarks/*.py; do echo "== $$bench"; $(PY) $$bench; done

clean:
	rm -rf .venv out build dist sample.gpkg sample_files .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
