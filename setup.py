"""Builds the C++ core in csrc/ once and the Cython modules that are linked with it.

The table ``EXTENSIONS`` says what is built. The environment switches are listed in docs/contributing.md
and by ``make help``; ``Switches`` below reads them. Everything that is compiled lands in
``build/cache/<settings>/`` and is compiled again only when its source, a header it includes or a setting changed.
"""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build import build
from setuptools.command.build_ext import build_ext
from setuptools.errors import PlatformError

sys.path.insert(0, str(Path(__file__).resolve().parent))  # pip runs this file without it

from build_tools import programs
from build_tools.objects import CORE, Cache, Job
from build_tools.probe import BuildError, compiles, runs, silence


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
    Module("nes_py._openmp"),
    Module("nes_py._prange", openmp=True),
    Module("nes_py._vector", core=True),
)


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

    def core_jobs(self, more_flags: Sequence[str] = ()) -> list[Job]:
        """List what csrc/ needs."""
        flags = (*self.cxx_flags, *self.warning_flags, *more_flags)
        return [Job(path, flags, (str(CORE),)) for path in sorted(CORE.rglob("*.cpp"))]

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
        wished = os.environ.get("CXX")
        candidates = [(shlex.split(wished or "") or list(self.compiler.compiler_cxx))[0]]
        candidates += ["g++", "clang++", "c++"] * (not wished)
        found = next((name for name in candidates if shutil.which(name)), None)
        if found is None:
            what = f"the C++ compiler CXX={wished}" if wished else "no C++ compiler"
            raise BuildError(f"{what} was {'not ' * bool(wished)}found; {INSTALL_COMPILER}")
        if found != candidates[0]:
            for name in ("compiler_cxx", "compiler_so_cxx", "linker_so_cxx", "linker_exe_cxx"):
                setattr(self.compiler, name, [found, *getattr(self.compiler, name)[1:]])

    def _common_flags(self) -> tuple[list[str], list[str]]:
        switches = self.switches
        no_simd = ["-DNES_PY_NO_SIMD"] * (not switches.simd)  # MSVC takes - for /
        if self.msvc:
            compile_flags = ["/std:c++20", "/EHsc", "/permissive-", "/utf-8"]
            compile_flags += ["/Od", "/Zi", "/UNDEBUG"] if switches.debug else ["/O2", "/DNDEBUG"]
            return compile_flags + ["/fsanitize=address"] * (switches.sanitize == "address") + no_simd, []
        # Without -ffp-contract=off a compiler may fuse a multiplication and an addition on one
        # machine and not on another, and the same program would give different bytes.
        compile_flags = ["-std=c++20", "-fvisibility=hidden", "-fvisibility-inlines-hidden", "-ffp-contract=off"]
        link_flags: list[str] = []
        if switches.debug:
            compile_flags += ["-O1", "-g", "-UNDEBUG", "-U_FORTIFY_SOURCE", "-D_GLIBCXX_ASSERTIONS"]
        else:
            compile_flags += ["-O3", "-DNDEBUG"] + (["-g"] if switches.sanitize else ["-g0"])
        compile_flags += ["-march=native"] * switches.native
        if switches.sanitize:
            link_flags = [f"-fsanitize={switches.sanitize}", "-fno-omit-frame-pointer"]
            link_flags += ["-fno-sanitize-recover=undefined"] * ("undefined" in switches.sanitize)
        return compile_flags + link_flags + no_simd, link_flags

    def _check(self) -> None:
        try:
            with silence():
                if self.msvc:
                    self.compiler.initialize()
        except (PlatformError, OSError) as error:
            raise BuildError(f"no C++ compiler was found ({error}); {INSTALL_COMPILER}") from None
        if not compiles(self.compiler, CHECK_CXX20, self.cxx_flags):
            name = "MSVC" if self.msvc else self.compiler.compiler_so_cxx[0]
            raise BuildError(
                f"{name} failed to compile a small C++20 program; GCC 11, Clang 14 and Visual Studio 2022 are new "
                f"enough: {INSTALL_COMPILER}"
            )
        if not compiles(self.compiler, CHECK_PYTHON, self.cxx_flags):
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            raise BuildError(
                f"the header files of Python {version} were not found; install them (Debian and Ubuntu: "
                "apt-get install python3-dev; Fedora: dnf install python3-devel) or use another Python."
            )

    def _find_openmp(self) -> tuple[list[str], list[str]]:
        if not self.switches.openmp:
            return [], []
        choices = [(["/openmp"], [])] if self.msvc else [(["-fopenmp"], ["-fopenmp"])]
        if sys.platform == "darwin":
            choices += [(["-Xpreprocessor", "-fopenmp"], ["-lomp"])]
        for compile_flags, link_flags in choices:
            if runs(self.compiler, CHECK_OPENMP, self.cxx_flags + compile_flags, self.link_flags + link_flags):
                return compile_flags, link_flags
        return [], []


class BuildExtensions(build_ext):
    """``build_ext`` with the core compiled once and the work shared by the cores of the machine."""

    def build_extensions(self) -> None:
        """Build all rows of the table (setuptools calls this once it has set up ``self.compiler``)."""
        toolchain = Toolchain(self.compiler, Switches.from_environment())
        self.build_with(toolchain, Cache(self.compiler, Path("build", "cache", toolchain.fingerprint())))

    def build_with(self, toolchain: Toolchain, cache: Cache) -> None:
        """Cythonize, compile, link, and put the modules where setuptools wants them."""
        if not toolchain.openmp_compile:
            reason = self._why_no_openmp(toolchain.switches)
            print(f"nes-py: building without OpenMP ({reason}); batches use the project's own threads.", flush=True)
        by_name = {module.name: module for module in EXTENSIONS}
        core_jobs = toolchain.core_jobs()
        jobs = []
        for ext in (extensions := self._cythonize(toolchain.switches, cache.folder)):
            flags = toolchain.cxx_flags + toolchain.openmp_compile * by_name[ext.name].openmp
            jobs += [Job(Path(source), tuple(flags), (str(CORE),)) for source in ext.sources]
        objects = cache.compile(jobs + core_jobs)
        core = objects[len(jobs) :]
        for ext, own in zip(extensions, objects, strict=False):
            module = by_name[ext.name]
            self._link(ext, [own, *core * module.core], toolchain, cache, module)

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

        directives = {"language_level": 3, "binding": True, "embedsignature": True, "cdivision": True}
        directives |= {"boundscheck": switches.debug, "wraparound": False, "initializedcheck": switches.debug}
        return cythonize(self.extensions, build_dir=str(folder / "cython"), quiet=True, compiler_directives=directives)

    @staticmethod
    def _why_no_openmp(switches: Switches) -> str:
        if switches.openmp:
            return "the compiler has none"
        return "NES_PY_NO_OPENMP=1" if flag("NES_PY_NO_OPENMP") else "off by default here, NES_PY_OPENMP=1 turns it on"


class Build(build):
    """``build`` with what may go wrong first, so that its one sentence does not drown in a list of copied files."""

    sub_commands = sorted(build.sub_commands, key=lambda command: command[0] != "build_ext")


class NativeTests(programs.NativeTests, BuildExtensions):
    """The command ``native_tests``."""


class Fuzzers(programs.Fuzzers, BuildExtensions):
    """The command ``fuzzers``."""


setup(
    ext_modules=[Extension(m.name, [m.name.replace(".", "/") + ".pyx"], language="c++") for m in EXTENSIONS],
    cmdclass={"build": Build, "build_ext": BuildExtensions, "native_tests": NativeTests, "fuzzers": Fuzzers},
)
