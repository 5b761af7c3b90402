"""The commands of ``setup.py`` that build C++ programs around the core: its tests, the tools, the fuzz targets.

Both are mixed into the command that builds the extension modules and replace what it builds.
"""

from __future__ import annotations

import shlex
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from setuptools.command.build_ext import build_ext

from .objects import CORE, Cache, Job, cpu_count
from .probe import BuildError, compiles

NATIVE_TESTS = Path("tests", "native")
FUZZ = Path("tests", "fuzz")
# Programs that are only built, as build/NAME.
TOOLS = {"lockstep": Path("tests", "lockstep"), "bench_core": Path("benchmarks")}


class NativeTests:
    """Compiles the programs of tests/native with the core and runs those that are tests.

    A folder is one program, made of all its .cpp files. A file test_*.cpp directly in tests/native is a program of
    its own. Any other file there is a tool: it is only built, as ``build/NAME``. So are the folders in ``TOOLS``.
    """

    description = "compile and run the C++ tests"
    user_options = [
        *build_ext.user_options,
        ("no-run", None, "build the programs only"),
        ("only=", None, "run the tests with these names only, with commas between them"),
        ("without=", None, "run the others"),
        ("under=", None, "run the tests under this command, such as valgrind"),
        ("tools=", None, "the folder that the tools are put in (default: build)"),
    ]
    boolean_options = [*build_ext.boolean_options, "no-run"]

    def initialize_options(self) -> None:
        """Set the defaults."""
        super().initialize_options()
        self.no_run = False
        self.only = ""
        self.without = ""
        self.under = ""
        self.tools = "build"

    def build_with(self, toolchain, cache: Cache) -> None:
        """Build the programs in parallel, run them one by one, and count."""
        programs = {path.stem: [path] for path in sorted(NATIVE_TESTS.glob("*.cpp"))}
        tools = {name for name in programs if not name.startswith("test_")}
        for folder in sorted(path for path in NATIVE_TESTS.iterdir() if path.is_dir()):
            if sources := sorted(folder.rglob("*.cpp")):
                programs[folder.name] = sources
        # What is fuzzed, over the inputs that are kept; libFuzzer's entry is for the command `fuzzers`.
        programs["fuzz_replay"] = sorted(set(FUZZ.glob("*.cpp")) - {FUZZ / "entry.cpp"})
        programs |= {name: sorted(folder.glob("*.cpp")) for name, folder in TOOLS.items()}
        tools |= TOOLS.keys()
        flags = tuple(toolchain.cxx_flags + toolchain.warning_flags)
        include_dirs = (str(CORE), str(NATIVE_TESTS))
        core_jobs = toolchain.core_jobs(cache.folder)
        jobs = [Job(path, flags, include_dirs) for sources in programs.values() for path in sources]
        # The core first: mostly it is there already, and its label would be wrong.
        core = cache.compile(core_jobs, "Compiling the core")
        objects = iter(cache.compile(jobs, "Compiling the C++ tests"))
        link_flags = toolchain.link_flags + ["-pthread"] * (not toolchain.msvc)
        parts = {name: [next(objects) for _ in sources] for name, sources in programs.items()}
        with ThreadPoolExecutor(cpu_count()) as pool:
            paths = pool.map(lambda item: cache.link_program(item[1] + core, item[0], link_flags), parts.items())
            built = dict(zip(parts, paths, strict=True))
        Path(self.tools).mkdir(parents=True, exist_ok=True)
        for name in tools:
            self.copy_file(built[name], str(Path(self.tools, Path(built[name]).name)))
        if self.no_run:
            return
        only, without = self.only.split(","), self.without.split(",")
        unknown = {*only, *without} - {""} - (built.keys() - tools)
        if unknown:
            raise BuildError(f"there is no C++ test {', '.join(sorted(unknown))}.")
        tests = {
            name: path
            for name, path in built.items()
            if name not in tools and name not in without and (not self.only or name in only)
        }
        failed = sum([not self._passes(name, path) for name, path in tests.items()])
        print(f"native: {len(tests) - failed} passed, {failed} failed", flush=True)
        if failed:
            raise SystemExit(1)

    def _passes(self, name: str, program: str) -> bool:
        begin = time.monotonic()
        result = subprocess.run([*shlex.split(self.under), program], capture_output=True, text=True, errors="replace")
        if self.under:
            print(f"{name}: {time.monotonic() - begin:.0f} s", flush=True)
        if result.returncode:
            print(f"FAILED {name} (exit status {result.returncode})\n{result.stdout}{result.stderr}", flush=True)
        return result.returncode == 0


class Fuzzers:
    """Compiles the targets of tests/fuzz with the core for libFuzzer, as ``build/fuzz_TARGET``; needs Clang."""

    description = "compile the fuzz targets"
    # libFuzzer finds its way by counters in the code, and by what is compared with what.
    compile_flags = ("-fsanitize=fuzzer-no-link,address,undefined", "-fno-sanitize-recover=undefined")
    assertions = ("-O2", "-g", "-UNDEBUG", "-D_GLIBCXX_ASSERTIONS", "-fno-omit-frame-pointer")

    def build_with(self, toolchain, cache: Cache) -> None:
        """Build one program for each target."""
        compiler = toolchain.compiler
        flags = tuple(toolchain.cxx_flags + toolchain.warning_flags) + self.compile_flags + self.assertions
        if toolchain.msvc or not compiles(compiler, "int main() { return 0; }", flags):
            name = "MSVC" if toolchain.msvc else compiler.compiler_so_cxx[0]
            raise BuildError(f"{name} has no libFuzzer: name a Clang that has in the environment variable CXX.")
        targets = sorted(path.stem for path in FUZZ.glob("*.cpp") if path.stem not in ("entry", "replay", "cartridge"))
        jobs = toolchain.core_jobs(cache.folder, self.compile_flags + self.assertions)
        jobs += [Job(FUZZ / f"{name}.cpp", flags, (str(CORE),)) for name in ("cartridge", *targets)]
        objects = cache.compile(jobs, "Compiling the fuzz targets")
        link_flags = [*toolchain.link_flags, "-fsanitize=fuzzer,address,undefined"]
        for target in targets:
            # The entry is the same source for all.
            own = Cache(compiler, cache.folder / target)
            own.folder.mkdir(parents=True, exist_ok=True)
            entry = own.compile([Job(FUZZ / "entry.cpp", (*flags, f"-DNES_PY_FUZZ_TARGET={target}"), (str(CORE),))])
            path = cache.link_program(entry + objects, f"fuzz_{target}", link_flags)
            self.copy_file(path, str(Path("build", Path(path).name)))
