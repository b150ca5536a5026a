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

PYTEST := $(TEST_ENV) $(PY) -m pytest
# A module's tests stay on one worker: what they share is made once.
SHARED := -n 2 --dist loadscope --durations 20 --durations-min 5
# What runs beside something else is told whole, where make can do that.
BESIDE := --no-print-directory -j 2 $(filter --output-sync,$(.FEATURES:%=--%))
XVFB := env -u QT_QPA_PLATFORM $(TEST_ENV) xvfb-run -a

.PHONY: help demo test quick check warm unit gui qt gui-views gui-whole clean
.DEFAULT_GOAL := help

help:
	@echo "make demo   measure the sample study and make its report page"
	@echo "make quick  lint, types, import rules and the tests that take a moment each"
	@echo "make test   lint, types, import rules and all tests"
	@echo "make clean  remove the environment and all that was built"

demo: $(VENV)/.core
	$(PY) -m nvc demo --out demo-out

# Two cores: what takes one is run beside something else.
test: $(VENV)/.core
	@scripts/dicom-checker.sh
	@$(MAKE) $(BESIDE) $(VENV)/.test warm
	@$(MAKE) $(BESIDE) unit
	@$(MAKE) $(BESIDE) check gui-whole gui-views

quick: check
	$(PYTEST) $(SHARED) -m "not gui and not slow" $(NO_GUI_PLUGINS)

check: $(VENV)/.test
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(BIN)/lint-imports

# Compiles what is compiled, once for all tests and not again in each of their workers.
warm: $(VENV)/.core
	@echo "compiling: most of a minute the first time"
	@$(TEST_ENV) $(PY) -m nvc --quiet demo --out $(VENV)/warm > /dev/null

unit: $(VENV)/.test
	$(PYTEST) $(SHARED) -m "not gui" $(NO_GUI_PLUGINS)

# Never with QT_QPA_PLATFORM=offscreen: without OpenGL the viewer shows no images. What
# opens napari as a reader does runs apart: napari registers its plugins once a process.
gui:
	@$(MAKE) $(BESIDE) gui-whole gui-views

qt:
	@scripts/qt-libraries.sh

WHOLE := tests/napari_nvc/test_walk.py tests/napari_nvc/test_kill.py

gui-views: $(VENV)/.test qt
	$(XVFB) $(PY) -m pytest -m gui --durations 10 tests/napari_nvc \
		$(WHOLE:%=--ignore=%)

gui-whole: $(VENV)/.test qt
	$(XVFB) $(PY) -m pytest -m gui --durations 10 $(WHOLE)

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
