"""Builds the C++ core in csrc/ as one shared library and the Cython modules that call it.

The table ``EXTENSIONS`` says what is built. The environment switches are listed in docs/contributing.md
and by ``make help``. Everything that is compiled lands in
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

from build_tools import groups, programs
from build_tools.objects import CORE, Cache, Job
from build_tools.probe import BuildError, compiles, runs, silence
from build_tools.switches import Switches


@dataclass(frozen=True)
class Module:
    """One row of the table of extensions."""

    name: str
    core: bool = False  # linked with the core
    openmp: bool = False  # compiled with OpenMP where there is one


EXTENSIONS = (
    Module("nes_py.emulator", core=True),
    Module("nes_py._batch", core=True),
    Module("nes_py._cartridge", core=True),
    Module("nes_py._openmp"),
    Module("nes_py._prange", openmp=True),
    Module("nes_py._vector", core=True),
)

# The core lies beside the modules and has their suffix: one tree may hold the modules of several Pythons.
CORE_LIBRARY = "nes_py.libnes_py_core"
SHARES_CORE = sys.platform not in ("win32", "cygwin")  # there each module has a copy


GCC_FLAGS = {
    # GCC would pack two of the CPU's registers into a vector and take them apart in every instruction: 2.5 times
    # slower.
    "csrc/machine/run_fast.cpp": ["-fno-tree-slp-vectorize"],
    # No faster with -O3, which takes half as long again to compile it. The others are off because expressions that many
    # opcodes share would be computed before the jump to the opcode, for all of them.
    "csrc/machine/run_nes_py.cpp": ["-O2", "-fno-tree-pre", "-fno-code-hoisting"],
}

# Files and folders that are not compiled together with others: those with flags of their own, whose code must not
# depend on what others do, and the folder in which each file gives a macro another meaning.
COMPILED_ALONE = {
    Path("csrc/machine/run_fast.cpp"),
    Path("csrc/machine/run_nes_py.cpp"),
    Path("csrc/machine/run_reference.cpp"),
    Path("csrc/recompiler/executable_memory.cpp"),  # headers of the system, whose macros are for it alone
    Path("csrc/video/resize"),
}

# What Cython writes calls Python and the core and is no faster with -O3, which takes twice as long to compile it.
CYTHON_FLAGS = ["-O1"]

CHECK_GCC = """
#if !defined(__GNUC__) || defined(__clang__)
#error not GCC
#endif
"""

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

CHECK_BYTE_ORDER = """
#include <bit>
static_assert(std::endian::native == std::endian::little);
int main() {}
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

    @property
    def cython_flags(self) -> list[str]:
        """Flags for what Cython writes."""
        return self.cxx_flags + CYTHON_FLAGS * (not self.msvc)

    def core_jobs(self, folder: Path, more_flags: Sequence[str] = ()) -> list[Job]:
        """List what csrc/ needs. ``folder`` is for the files that group others (build_tools/groups.py)."""
        flags = (*self.cxx_flags, *self.warning_flags, *more_flags)
        own = GCC_FLAGS if compiles(self.compiler, CHECK_GCC, []) else {}
        paths = sorted(CORE.rglob("*.cpp"))
        alone = paths if self.switches.debug or self.switches.sanitize else COMPILED_ALONE
        jobs = []
        for group in groups.split(paths, alone):
            if len(group) == 1:
                jobs.append(Job(group[0], (*flags, *own.get(group[0].as_posix(), ())), (str(CORE),)))
            else:
                jobs.append(Job(groups.write(group, CORE, folder / "groups"), flags, (str(CORE),), group))
        return jobs

    def fingerprint(self) -> str:
        """Return a short name for everything that decides what the compiler makes."""
        parts = [sys.implementation.cache_tag, sys.platform, sys.prefix, repr(self.switches)]
        if not self.msvc:
            command = self.compiler.compiler_so_cxx
            parts += command + self.compiler.linker_so_cxx
            parts.append(subprocess.run([command[0], "--version"], capture_output=True, text=True).stdout)
        parts += self.cxx_flags + self.link_flags + self.openmp_compile + self.openmp_link + self.warning_flags
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]

    def shared_core_flags(self, name: str) -> tuple[list[str], list[str]]:
        """Return how to link the core as ``name``, and how to link what finds it in its own folder."""
        if sys.platform == "darwin":
            return ["-dynamiclib", f"-Wl,-install_name,@rpath/{name}"], ["-Wl,-rpath,@loader_path"]
        return [f"-Wl,-soname,{name}", "-Wl,-Bsymbolic-functions"], ["-Wl,-rpath,$ORIGIN"]

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
        # Functions of the core that others may call are called directly within it, and inlined.
        compile_flags += ["-fno-semantic-interposition"] * (sys.platform != "darwin")
        link_flags: list[str] = []
        if switches.debug:
            compile_flags += ["-O1", "-g", "-UNDEBUG", "-U_FORTIFY_SOURCE", "-D_GLIBCXX_ASSERTIONS"]
        else:
            compile_flags += ["-O3", "-DNDEBUG"] + (["-g"] if switches.sanitize else ["-g0"])
            # A change elsewhere would otherwise move hot loops across fetch blocks: up to 5 % either way.
            compile_flags += ["-falign-functions=64", "-falign-loops=32"] * (sys.platform != "darwin")
        compile_flags += ["-march=native"] * switches.native
        if switches.sanitize:
            link_flags = [f"-fsanitize={switches.sanitize}", "-fno-omit-frame-pointer"]
            link_flags += ["-fno-sanitize-recover=undefined"] * ("undefined" in switches.sanitize)
        cxx_flags = compile_flags + link_flags + no_simd
        if "mingw" in Path(self.compiler.compiler_so_cxx[0]).name:
            # Programs for Windows, to be run under Wine.
            self.compiler.exe_extension = ".exe"
            link_flags = [*link_flags, "-static"]
        return cxx_flags, link_flags

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
        if not compiles(self.compiler, CHECK_BYTE_ORDER, self.cxx_flags):
            raise BuildError("big-endian machines, such as s390x, are not supported.")
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

    def finalize_options(self) -> None:
        """Copy what was built even over newer modules, which may be of other switches: ``Cache`` keeps both."""
        super().finalize_options()
        self.force = True

    def build_extensions(self) -> None:
        """Build all rows of the table (setuptools calls this once it has set up ``self.compiler``)."""
        toolchain = Toolchain(self.compiler, Switches.from_environment())
        self.build_with(toolchain, Cache(self.compiler, Path("build", "cache", toolchain.fingerprint())))

    def build_with(self, toolchain: Toolchain, cache: Cache) -> None:
        """Cythonize, compile, link, and put the modules where setuptools wants them."""
        if not toolchain.openmp_compile:
            reason = toolchain.switches.why_no_openmp
            print(f"nes-py: building without OpenMP ({reason}); batches use the project's own threads.", flush=True)
        by_name = {module.name: module for module in EXTENSIONS}
        core_jobs = toolchain.core_jobs(cache.folder)
        jobs = []
        for ext in (extensions := self._cythonize(toolchain.switches, cache.folder)):
            flags = toolchain.cython_flags + toolchain.openmp_compile * by_name[ext.name].openmp
            jobs += [Job(Path(source), tuple(flags), (str(CORE),)) for source in ext.sources]
        objects = cache.compile(jobs + core_jobs, "Compiling the emulator")
        core, find_core = objects[len(jobs) :], []
        if SHARES_CORE:
            how, find_core = toolchain.shared_core_flags(Path(self.get_ext_filename(CORE_LIBRARY)).name)
            core = [self._link(CORE_LIBRARY, core, cache, toolchain.link_flags + how)]
        for ext, own in zip(extensions, objects, strict=False):
            module = by_name[ext.name]
            flags = toolchain.link_flags + toolchain.openmp_link * module.openmp + find_core * module.core
            options = {"libraries": self.get_libraries(ext), "export_symbols": self.get_export_symbols(ext)}
            self._link(ext.name, [own, *core * module.core], cache, flags, **options)

    def get_output_mapping(self) -> dict[str, str]:
        """Return where an editable installation has what a wheel has, with the core."""
        mapping = super().get_output_mapping()
        if self.inplace and SHARES_CORE:
            mapping[os.path.join(self.build_lib, self.get_ext_filename(CORE_LIBRARY))] = self.get_ext_fullpath(
                CORE_LIBRARY
            )
        return mapping

    def get_outputs(self) -> list[str]:
        """Return the modules and the core."""
        outputs = super().get_outputs()
        return outputs if self.inplace or not SHARES_CORE else [*outputs, self.get_ext_fullpath(CORE_LIBRARY)]

    def copy_extensions_to_source(self) -> None:
        """Copy the modules and the core."""
        super().copy_extensions_to_source()
        if SHARES_CORE:
            made = os.path.join(self.build_lib, self.get_ext_filename(CORE_LIBRARY))
            self.copy_file(made, self.get_ext_fullpath(CORE_LIBRARY))

    def _link(self, name: str, objects: list[str], cache: Cache, flags: list[str], **options) -> str:
        """Link a shared library and put it where setuptools wants it; return where it was made."""
        made = cache.link_shared(objects, self.get_ext_filename(name), flags, **options)
        target = Path(self.get_ext_fullpath(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        self.copy_file(made, str(target))
        return made

    def _cythonize(self, switches: Switches, folder: Path) -> list[Extension]:
        from Cython.Build import cythonize

        directives = {"language_level": 3, "binding": True, "embedsignature": True, "cdivision": True}
        # One call at a time uses an object (csrc/base/busy_flag.hpp), with the GIL or without.
        directives |= {"freethreading_compatible": True}
        directives |= {"boundscheck": switches.debug, "wraparound": False, "initializedcheck": switches.debug}
        return cythonize(self.extensions, build_dir=str(folder / "cython"), quiet=True, compiler_directives=directives)


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
