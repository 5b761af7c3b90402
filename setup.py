"""Builds the C++ core in csrc/ once and links it into the Cython modules that need it.

The table ``EXTENSIONS`` says what is built. The environment switches are listed in docs/contributing.md
and by ``make help``; ``Switches`` below reads them. Everything that is compiled lands in
``build/cache/<settings>/`` and is compiled again only when its source, a header it includes or a setting changed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build import build
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError, ExecError, LinkError, PlatformError

CORE = Path("csrc")
NATIVE_TESTS = Path("tests", "native")
FUZZ = Path("tests", "fuzz")
# Programs that are only built, as build/NAME.
TOOLS = {"lockstep": Path("tests", "lockstep"), "bench_core": Path("benchmarks")}


@dataclass(frozen=True)
class Module:
    """One row of the table of extensions."""

    name: str
    core: bool = False  # linked with csrc
    openmp: bool = False  # compiled with OpenMP where there is one


EXTENSIONS = (
    Module("nes_py.emulator", core=True),
    Module("nes_py._batch", core=True),
    Module("nes_py._cartridge", core=True),
    Module("nes_py._openmp", openmp=True),
    Module("nes_py._vector", core=True),
)


class BuildError(SystemExit):
    """Ends the build with one sentence instead of a page of compiler output."""

    def __init__(self, sentence: str) -> None:
        super().__init__(f"nes-py cannot be built: {sentence}")


def flag(name: str) -> bool:
    """Return whether the environment variable ``name`` is switched on."""
    return os.environ.get(name, "").strip().lower() not in ("", "0", "no", "off", "false")


@dataclass(frozen=True)
class Switches:
    """What the environment asks of the build."""

    openmp: bool
    native: bool
    debug: bool
    werror: bool
    simd: bool
    sanitize: str

    @classmethod
    def from_environment(cls) -> Switches:
        """Read the NES_PY_* variables."""
        kinds = [kind for kind in os.environ.get("NES_PY_SANITIZE", "").split(",") if kind]
        unknown = sorted(set(kinds) - {"address", "undefined", "thread"})
        if unknown:
            raise BuildError(f"NES_PY_SANITIZE={','.join(unknown)} is none of address, undefined, thread.")
        return cls(
            openmp=(sys.platform != "darwin" or flag("NES_PY_OPENMP")) and not flag("NES_PY_NO_OPENMP"),
            native=flag("NES_PY_NATIVE"),
            debug=flag("NES_PY_DEBUG"),
            werror=flag("NES_PY_WERROR"),
            simd=not flag("NES_PY_NO_SIMD"),
            sanitize=",".join(kinds),
        )


# --------------------------------------------------------------------------------------------------
# The compiler

CHECK_CXX20 = """
#include <bit>
#include <concepts>
#include <cstdint>
#include <span>
template <std::integral T> constexpr int ones(T value) { return std::popcount(value); }
int main() {
    const unsigned bytes[] = {1, 2};
    return ones(std::span<const unsigned>(bytes)[1]) - 1;
}
"""

CHECK_PYTHON = """
#include <Python.h>
int main() { return PY_VERSION_HEX == 0; }
"""

CHECK_OPENMP = """
#include <omp.h>
int main() {
    int total = 0;
    #pragma omp parallel for reduction(+ : total)
    for (int i = 0; i < 8; ++i) total += omp_get_num_threads() > 0;
    return total == 8 ? 0 : 1;
}
"""

INSTALL_COMPILER = (
    "install one (Debian and Ubuntu: apt-get install g++; Fedora: dnf install gcc-c++; macOS: xcode-select --install; "
    "Windows: Visual Studio 2022 Build Tools) or name one in the environment variable CXX."
)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Keep what this process and its children print to themselves."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [(number, os.dup(number)) for number in (1, 2)]
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        for number, _ in saved:
            os.dup2(nowhere, number)
        yield
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        for number, copy in saved:
            os.dup2(copy, number)
            os.close(copy)
        os.close(nowhere)


class Toolchain:
    """The compiler that setuptools found, checked, with the flags of this build."""

    def __init__(self, compiler, switches: Switches) -> None:
        self.compiler = compiler
        self.switches = switches
        self.msvc = compiler.compiler_type == "msvc"
        if not self.msvc:
            self._choose_driver()
        self.cxx_flags, self.link_flags = self._common_flags()
        self._check()
        self.openmp_compile, self.openmp_link = self._find_openmp()

    @property
    def warning_flags(self) -> list[str]:
        """Flags for our own sources only, not for what Cython writes."""
        if self.msvc:
            return ["/W4"] + ["/WX"] * self.switches.werror
        return ["-Wall", "-Wextra", "-Wpedantic"] + ["-Werror"] * self.switches.werror

    def fingerprint(self) -> str:
        """Return a short name for everything that decides what the compiler makes."""
        parts = [sys.implementation.cache_tag, sys.platform, sys.prefix, repr(self.switches)]
        if not self.msvc:
            command = self.compiler.compiler_so_cxx
            parts += command + self.compiler.linker_so_cxx
            parts.append(subprocess.run([command[0], "--version"], capture_output=True, text=True).stdout)
        parts += self.cxx_flags + self.link_flags + self.openmp_compile + self.openmp_link + self.warning_flags
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]

    def _choose_driver(self) -> None:
        """Take CXX, else what Python was built with, else any C++ compiler there is."""
        built_with = shlex.split(os.environ.get("CXX", "")) or list(self.compiler.compiler_cxx)
        candidates = [built_with[0]]
        if not os.environ.get("CXX"):
            candidates += ["g++", "clang++", "c++"]
        found = next((name for name in candidates if shutil.which(name)), None)
        if found is None:
            if os.environ.get("CXX"):
                raise BuildError(f"the C++ compiler CXX={os.environ['CXX']} was not found; {INSTALL_COMPILER}")
            raise BuildError(f"no C++ compiler was found; {INSTALL_COMPILER}")
        if found != candidates[0]:
            compiler = self.compiler
            for name in ("compiler_cxx", "compiler_so_cxx", "linker_so_cxx", "linker_exe_cxx"):
                setattr(compiler, name, [found, *getattr(compiler, name)[1:]])

    def _common_flags(self) -> tuple[list[str], list[str]]:
        switches = self.switches
        no_simd = ["-DNES_PY_NO_SIMD"] * (not switches.simd)  # MSVC takes - for /
        if self.msvc:
            compile_flags = ["/std:c++20", "/EHsc", "/permissive-", "/utf-8"]
            compile_flags += ["/Od", "/Zi", "/UNDEBUG"] if switches.debug else ["/O2", "/DNDEBUG"]
            if switches.sanitize == "address":
                compile_flags.append("/fsanitize=address")
            return compile_flags + no_simd, []
        # Without -ffp-contract=off a compiler may fuse a multiplication and an addition on one
        # machine and not on another, and the same program would give different bytes.
        compile_flags = ["-std=c++20", "-fvisibility=hidden", "-fvisibility-inlines-hidden", "-ffp-contract=off"]
        link_flags: list[str] = []
        if switches.debug:
            compile_flags += ["-O1", "-g", "-UNDEBUG", "-U_FORTIFY_SOURCE", "-D_GLIBCXX_ASSERTIONS"]
        else:
            compile_flags += ["-O3", "-DNDEBUG"] + (["-g"] if switches.sanitize else ["-g0"])
        if switches.native:
            compile_flags.append("-march=native")
        if switches.sanitize:
            sanitize = [f"-fsanitize={switches.sanitize}", "-fno-omit-frame-pointer"]
            if "undefined" in switches.sanitize:
                sanitize.append("-fno-sanitize-recover=undefined")
            compile_flags += sanitize
            link_flags += sanitize
        return compile_flags + no_simd, link_flags

    def _check(self) -> None:
        try:
            with silence():
                if self.msvc:
                    self.compiler.initialize()
        except (PlatformError, OSError) as error:
            raise BuildError(f"no C++ compiler was found ({error}); {INSTALL_COMPILER}") from None
        if not self._compiles(CHECK_CXX20, self.cxx_flags):
            name = "MSVC" if self.msvc else self.compiler.compiler_so_cxx[0]
            raise BuildError(
                f"{name} failed to compile a small C++20 program; GCC 11, Clang 14 and Visual Studio 2022 are new "
                f"enough: {INSTALL_COMPILER}"
            )
        if not self._compiles(CHECK_PYTHON, self.cxx_flags):
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            raise BuildError(
                f"the header files of Python {version} were not found; install them (Debian and Ubuntu: "
                "apt-get install python3-dev; Fedora: dnf install python3-devel) or use another Python."
            )

    def _compiles(self, source: str, compile_flags: Sequence[str]) -> bool:
        """Return whether ``source`` compiles."""
        with tempfile.TemporaryDirectory() as folder:
            return self._try_compile(source, compile_flags, folder) is not None

    def _try_compile(self, source: str, compile_flags: Sequence[str], folder: str) -> list[str] | None:
        path = Path(folder, "check.cpp")
        path.write_text(source)
        try:
            with silence():
                return self.compiler.compile([str(path)], output_dir=folder, extra_postargs=list(compile_flags))
        except (CompileError, ExecError, OSError):
            return None

    def _runs(self, source: str, compile_flags: Sequence[str], link_flags: Sequence[str]) -> bool:
        """Return whether ``source`` compiles, links and ends with status 0."""
        with tempfile.TemporaryDirectory() as folder:
            objects = self._try_compile(source, compile_flags, folder)
            if objects is None:
                return False
            try:
                with silence():
                    self.compiler.link_executable(
                        objects, "check", output_dir=folder, extra_postargs=list(link_flags), target_lang="c++"
                    )
                program = self.compiler.executable_filename("check", output_dir=folder)
                return subprocess.run([program], capture_output=True, timeout=60).returncode == 0
            except (LinkError, ExecError, OSError, subprocess.TimeoutExpired):
                return False

    def _find_openmp(self) -> tuple[list[str], list[str]]:
        if not self.switches.openmp:
            return [], []
        if self.msvc:
            choices = [(["/openmp"], [])]
        elif sys.platform == "darwin":
            choices = [(["-fopenmp"], ["-fopenmp"]), (["-Xpreprocessor", "-fopenmp"], ["-lomp"])]
        else:
            choices = [(["-fopenmp"], ["-fopenmp"])]
        for compile_flags, link_flags in choices:
            if self._runs(CHECK_OPENMP, self.cxx_flags + compile_flags, self.link_flags + link_flags):
                return compile_flags, link_flags
        return [], []


# --------------------------------------------------------------------------------------------------
# What is out of date


@dataclass(frozen=True)
class Job:
    """One source file to compile."""

    source: Path
    flags: tuple[str, ...]
    include_dirs: tuple[str, ...]

    @property
    def command(self) -> str:
        """Return what, when it changes, makes the object file out of date."""
        return shlex.join([*self.flags, *self.include_dirs])


class Cache:
    """Compiles and links into one folder, and only what is out of date."""

    def __init__(self, toolchain: Toolchain, folder: Path) -> None:
        self.toolchain = toolchain
        self.compiler = toolchain.compiler
        self.folder = folder
        # Without dependency files (MSVC) every header of the core counts.
        self.headers = sorted(str(path) for path in CORE.rglob("*.hpp"))

    def compile(self, jobs: Sequence[Job]) -> list[str]:
        """Compile what is out of date, in parallel; return the object files in the order of ``jobs``."""
        objects = self.compiler.object_filenames([str(job.source) for job in jobs], output_dir=str(self.folder))
        stale = [
            (job, made)
            for job, made in zip(jobs, objects, strict=True)
            if not self._current(made, job.command, self._dependencies(job, made))
        ]
        with ThreadPoolExecutor(cpu_count()) as pool:
            futures = [pool.submit(self._compile, job, made) for job, made in stale]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return objects

    def link(self, objects: Sequence[str], path: str, run: Callable[[], None]) -> str:
        """Call ``run`` to make ``path`` from ``objects`` unless that was done already."""
        command = shlex.join(objects)
        if not self._current(path, command, objects):
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            started = self._forget(path)
            try:
                run()
            except LinkError:
                raise BuildError(f"{path} cannot be linked; what the linker said is above.") from None
            self._remember(path, command, objects, started)
        return path

    def _compile(self, job: Job, made: str) -> None:
        extra = [] if self.toolchain.msvc else ["-MMD", "-MF", f"{made}.d"]
        started = self._forget(made)
        try:
            self.compiler.compile(
                [str(job.source)],
                output_dir=str(self.folder),
                include_dirs=list(job.include_dirs),
                extra_postargs=[*job.flags, *extra],
            )
        except CompileError:
            raise BuildError(f"{job.source} does not compile; what the compiler said is above.") from None
        self._remember(made, job.command, self._dependencies(job, made), started)

    def _dependencies(self, job: Job, made: str) -> list[str]:
        depfile = Path(f"{made}.d")
        if self.toolchain.msvc or not depfile.exists():
            return [str(job.source), *self.headers]
        text = depfile.read_text().replace("\\\n", " ").partition(": ")[2]
        return shlex.split(text)

    def _current(self, made: str, command: str, inputs: Sequence[str]) -> bool:
        try:
            return os.path.exists(made) and Path(f"{made}.stamp").read_text() == self._stamp(command, inputs)
        except OSError:
            return False

    def _forget(self, made: str) -> int:
        """Take back that ``made`` is current; return the time."""
        Path(f"{made}.stamp").unlink(missing_ok=True)
        return time.time_ns()

    def _remember(self, made: str, command: str, inputs: Sequence[str], started: int) -> None:
        # An input that was saved while the compiler ran may have been read before or after.
        if all(os.stat(path).st_mtime_ns < started for path in inputs):
            Path(f"{made}.stamp").write_text(self._stamp(command, inputs))

    @staticmethod
    def _stamp(command: str, inputs: Sequence[str]) -> str:
        """Describe what a file is made from. Not "nothing newer": an older file may take the place of a newer one."""
        facts = [(path, os.stat(path)) for path in inputs]
        return "\n".join([command, *(f"{path} {fact.st_size} {fact.st_mtime_ns}" for path, fact in facts)])


def cpu_count() -> int:
    """Return how many CPUs this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


# --------------------------------------------------------------------------------------------------
# Commands


class BuildExtensions(build_ext):
    """``build_ext`` with the core compiled once and the work shared by the cores of the machine."""

    def build_extensions(self) -> None:
        """Build all rows of the table (setuptools calls this once it has set up ``self.compiler``)."""
        toolchain = Toolchain(self.compiler, Switches.from_environment())
        cache = Cache(toolchain, Path("build", "cache", toolchain.fingerprint()))
        self.build_with(toolchain, cache)

    def build_with(self, toolchain: Toolchain, cache: Cache) -> None:
        """Cythonize, compile, link, and put the modules where setuptools wants them."""
        if not toolchain.openmp_compile:
            reason = self._why_no_openmp(toolchain.switches)
            print(f"nes-py: building without OpenMP ({reason}); threads will always sleep while they wait.", flush=True)
        by_name = {module.name: module for module in EXTENSIONS}
        core_jobs = self.core_jobs(toolchain)
        jobs = []
        for ext in (extensions := self._cythonize(toolchain.switches, cache.folder)):
            flags = toolchain.cxx_flags + toolchain.openmp_compile * by_name[ext.name].openmp
            jobs += [Job(Path(source), tuple(flags), (str(CORE),)) for source in ext.sources]
        objects = cache.compile(jobs + core_jobs)
        core = objects[len(jobs) :]
        for ext, own in zip(extensions, objects, strict=False):
            module = by_name[ext.name]
            self._link(ext, [own, *core * module.core], toolchain, cache, module)

    def core_jobs(self, toolchain: Toolchain) -> list[Job]:
        """List what csrc/ needs."""
        flags = tuple(toolchain.cxx_flags + toolchain.warning_flags)
        return [Job(path, flags, (str(CORE),)) for path in sorted(CORE.rglob("*.cpp"))]

    def _link(self, ext: Extension, objects: list[str], toolchain: Toolchain, cache: Cache, module: Module) -> None:
        made = str(cache.folder / self.get_ext_filename(ext.name))
        cache.link(
            objects,
            made,
            lambda: self.compiler.link_shared_object(
                objects,
                made,
                libraries=self.get_libraries(ext),
                library_dirs=ext.library_dirs,
                export_symbols=self.get_export_symbols(ext),
                extra_postargs=toolchain.link_flags + toolchain.openmp_link * module.openmp,
                build_temp=str(cache.folder),
                target_lang="c++",
            ),
        )
        target = Path(self.get_ext_fullpath(ext.name))
        target.parent.mkdir(parents=True, exist_ok=True)
        self.copy_file(made, str(target))

    def _cythonize(self, switches: Switches, folder: Path) -> list[Extension]:
        from Cython.Build import cythonize

        checks = switches.debug
        return cythonize(
            self.extensions,
            build_dir=str(folder / "cython"),
            quiet=True,
            compiler_directives={
                "language_level": 3,
                "binding": True,
                "embedsignature": True,
                "boundscheck": checks,
                "wraparound": False,
                "initializedcheck": checks,
                "cdivision": True,
            },
        )

    @staticmethod
    def _why_no_openmp(switches: Switches) -> str:
        if switches.openmp:
            return "the compiler has none"
        return "NES_PY_NO_OPENMP=1" if flag("NES_PY_NO_OPENMP") else "off by default here, NES_PY_OPENMP=1 turns it on"


class Build(build):
    """``build`` with what may go wrong first, so that its one sentence does not drown in a list of copied files."""

    sub_commands = sorted(build.sub_commands, key=lambda command: command[0] != "build_ext")


class NativeTests(BuildExtensions):
    """Compiles the programs of tests/native with the core and runs those that are tests.

    A folder is one program, made of all its .cpp files. A file test_*.cpp directly in tests/native is a program of
    its own. Any other file there is a tool: it is only built, as ``build/NAME``. So are the folders in ``TOOLS``.
    """

    description = "compile and run the C++ tests"
    user_options = [
        *build_ext.user_options,
        ("no-run", None, "build the programs only"),
        ("only=", None, "run the tests with this name only"),
        ("under=", None, "run the tests under this command, such as valgrind"),
    ]
    boolean_options = [*build_ext.boolean_options, "no-run"]

    def initialize_options(self) -> None:
        """Set the defaults."""
        super().initialize_options()
        self.no_run = False
        self.only = ""
        self.under = ""

    def build_with(self, toolchain: Toolchain, cache: Cache) -> None:
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
        core_jobs = self.core_jobs(toolchain)
        jobs = [Job(path, flags, include_dirs) for sources in programs.values() for path in sources]
        objects = iter(cache.compile(core_jobs + jobs))
        core = [next(objects) for _ in core_jobs]

        def link(program: tuple[str, list[str]]) -> str:
            name, own = program
            path = self.compiler.executable_filename(name, output_dir=str(cache.folder / "bin"))
            return cache.link(
                own + core,
                path,
                lambda: self.compiler.link_executable(
                    own + core,
                    name,
                    output_dir=str(cache.folder / "bin"),
                    extra_postargs=toolchain.link_flags + ["-pthread"] * (not toolchain.msvc),
                    target_lang="c++",
                ),
            )

        parts = [(name, [next(objects) for _ in sources]) for name, sources in programs.items()]
        with ThreadPoolExecutor(cpu_count()) as pool:
            built = dict(zip(programs, pool.map(link, parts), strict=True))
        for name in tools:
            self.copy_file(built[name], str(Path("build", Path(built[name]).name)))
        tests = {name: path for name, path in built.items() if name not in tools and self.only in ("", name)}
        if self.no_run:
            return
        failed = sum([not self._passes(name, path) for name, path in tests.items()])
        print(f"native: {len(tests) - failed} passed, {failed} failed", flush=True)
        if failed:
            raise SystemExit(1)

    def _passes(self, name: str, program: str) -> bool:
        result = subprocess.run([*shlex.split(self.under), program], capture_output=True, text=True, errors="replace")
        if result.returncode:
            print(f"FAILED {name} (exit status {result.returncode})\n{result.stdout}{result.stderr}", flush=True)
        return result.returncode == 0


class Fuzzers(BuildExtensions):
    """Compiles the targets of tests/fuzz with the core for libFuzzer, as ``build/fuzz_TARGET``; needs Clang."""

    description = "compile the fuzz targets"
    # libFuzzer finds its way by counters in the code, and by what is compared with what.
    compile_flags = ("-fsanitize=fuzzer-no-link,address,undefined", "-fno-sanitize-recover=undefined")
    assertions = ("-O2", "-g", "-UNDEBUG", "-D_GLIBCXX_ASSERTIONS", "-fno-omit-frame-pointer")

    def build_with(self, toolchain: Toolchain, cache: Cache) -> None:
        """Build one program for each target."""
        name = toolchain.compiler.compiler_so_cxx[0] if not toolchain.msvc else "MSVC"
        flags = tuple(toolchain.cxx_flags + toolchain.warning_flags) + self.compile_flags + self.assertions
        if toolchain.msvc or not toolchain._compiles("int main() { return 0; }", flags):
            raise BuildError(f"{name} has no libFuzzer: name a Clang that has in the environment variable CXX.")
        targets = sorted(path.stem for path in FUZZ.glob("*.cpp") if path.stem not in ("entry", "replay", "cartridge"))
        jobs = [Job(path, flags, (str(CORE),)) for path in sorted(CORE.rglob("*.cpp"))]
        jobs += [Job(FUZZ / f"{name}.cpp", flags, (str(CORE),)) for name in ("cartridge", *targets)]
        objects = cache.compile(jobs)
        for target in targets:
            # The entry is the same source for all.
            own = Cache(toolchain, cache.folder / target)
            own.folder.mkdir(parents=True, exist_ok=True)
            entry = own.compile([Job(FUZZ / "entry.cpp", (*flags, f"-DNES_PY_FUZZ_TARGET={target}"), (str(CORE),))])
            name = f"fuzz_{target}"
            path = str(cache.folder / "bin" / name)
            cache.link(
                entry + objects,
                path,
                lambda name=name, entry=entry: self.compiler.link_executable(
                    entry + objects,
                    name,
                    output_dir=str(cache.folder / "bin"),
                    extra_postargs=[*toolchain.link_flags, "-fsanitize=fuzzer,address,undefined"],
                    target_lang="c++",
                ),
            )
            self.copy_file(path, str(Path("build", name)))


setup(
    ext_modules=[Extension(m.name, [m.name.replace(".", "/") + ".pyx"], language="c++") for m in EXTENSIONS],
    cmdclass={"build": Build, "build_ext": BuildExtensions, "native_tests": NativeTests, "fuzzers": Fuzzers},
)
