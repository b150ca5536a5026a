# Two commands do everything: `make demo` and `make test`.
#
# All that is installed goes to .venv; stamp files in it make a second run quick.

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python

# Compiled code is kept with the environment. One thread a process: the tests run
# in parallel, and the same input then gives the same bytes.
export NUMBA_CACHE_DIR := $(CURDIR)/$(VENV)/numba-cache
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

TEST_ENV := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 \
	ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS=1

# These load Qt, whose libraries the tests without a GUI must not need.
NO_GUI_PLUGINS := -p no:pytest-qt -p no:napari -p no:npe2

.PHONY: help demo test check unit gui clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   measure the sample study and make its report page"
	@echo "make test   lint, check types and import rules, run all tests"
	@echo "make clean  remove the environment and all that was built"

demo: $(VENV)/.core
	$(PY) -m nvc demo --out demo-out

test: $(VENV)/.test check unit gui

check: $(VENV)/.test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(BIN)/lint-imports

unit: $(VENV)/.test
	$(TEST_ENV) $(PY) -m pytest -n 2 -m "not gui" $(NO_GUI_PLUGINS)

# Never with QT_QPA_PLATFORM=offscreen: without OpenGL the viewer shows no images. The
# walk opens napari as a reader does, and napari registers its plugins once a process.
gui: $(VENV)/.test
	@scripts/qt-libraries.sh
	env -u QT_QPA_PLATFORM $(TEST_ENV) xvfb-run -a $(PY) -m pytest -m gui \
		tests/napari_nvc --ignore=tests/napari_nvc/test_walk.py
	env -u QT_QPA_PLATFORM $(TEST_ENV) xvfb-run -a $(PY) -m pytest -m gui \
		tests/napari_nvc/test_walk.py

$(VENV)/.made:
	@scripts/make-venv.sh $(VENV)
	$(PY) -m pip install --quiet --upgrade "pip>=25.1"  # for dependency groups
	@touch $@

$(VENV)/.core: $(VENV)/.made pyproject.toml
	@echo "installing what NVC Review needs: a few minutes the first time"
	$(PY) -m pip install --quiet --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.core
	@echo "installing napari, Qt and the tools of the tests: a few minutes more"
	$(PY) -m pip install --quiet --editable ".[all]" --group test
	@touch $@

clean:
	rm -rf $(VENV) build dist demo-out .mypy_cache .ruff_cache .pytest_cache \
		.import_linter_cache .hypothesis
