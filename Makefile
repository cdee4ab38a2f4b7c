# make run   install what is missing, make the sample city, open it (or, without a display, render it into out/)
# make test  install what is missing, run all gates and tests
# make pictures  make the pictures of the documentation again, from the real window
PY := .venv/bin/python

.PHONY: run test setup setup-dev gates lock benchmarks pictures clean

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

pictures: setup-dev
	@xvfb-run -a -s "-screen 0 1600x1000x24" $(PY) tools/make_pictures.py

clean:
	rm -rf .venv out build dist sample.gpkg sample_files sample.readings .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
