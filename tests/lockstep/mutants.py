"""Checks that the lockstep finds faults: injects them into a copy of the core and expects each to be found.

``make lockstep-mutants``. A fault is one changed line of ``csrc`` that only one of the two policies uses. Those of the
recompiler are looked for with all code recompiled, the others with the interpreter.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.support.faults import Fault, check, injected

PROJECT = Path(__file__).resolve().parents[2]
LOCKSTEP = ["build/lockstep", "nes_py/roms", "--frames", "600", "--programs", "400", "--program-frames", "60"]
# Arguments of this program are handed on: a later option takes the place of an earlier one.
LOCKSTEP += sys.argv[1:]


TRANSLATOR = "csrc/recompiler/translator.cpp"
EMITTER = f"csrc/recompiler/emitter_{'a64' if platform.machine().lower() in ('aarch64', 'arm64') else 'x64'}.hpp"

# Seen only where several places are compiled at a time.
TOGETHER = Fault(
    "recompiled: of what is compiled together the first block is taken for any other",
    TRANSLATOR,
    "code : found->code;",
    "code : publications_.front().code;",
)

FAULTS = (
    TOGETHER,
    Fault(
        "one opcode (NOP) takes a cycle too many",
        "csrc/cpu/opcodes.hpp",
        "X(EA, return implied())",
        "X(EA, if (!Bus::kServesEverything) bus_.dummy_read(r.pc); return implied())",
    ),
    Fault(
        "an idle loop is skipped one turn too far",
        "csrc/machine/fast_bus.hpp",
        "const std::uint64_t turns = (end - cycle_) / turn;",
        "const std::uint64_t turns = (end - cycle_) / turn + 1;",
    ),
    Fault(
        "a sprite 0 hit is predicted one dot late",
        "csrc/ppu/fast/sprite_zero.cpp",
        "return x + 1;",
        "return x + 2;",
    ),
    Fault(
        "a read of a pad comes before the strobe that was written before it",
        "csrc/machine/fast_bus.cpp",
        "        machine.ports.finish_write();\n",
        "",
    ),
    Fault(
        "ppuctrl raises an NMI that the fast bus does not see",
        "csrc/machine/fast_bus.hpp",
        "if (reg == 0 && machine.ppu.raises_nmi(value)) return false;",
        "",
    ),
    Fault(
        "drawn lines show a board that follows A12 a line too few",
        "csrc/ppu/fast/line.cpp",
        "if (follows_a12_ && count > 1) report_a12_of_lines(s.clock, count - 1);",
        "if (follows_a12_ && count > 2) report_a12_of_lines(s.clock, count - 2);",
    ),
    Fault(
        "decoded tiles do not notice writes to nametables that a board shows as tiles",
        "csrc/ppu/memory.cpp",
        "++(in_ciram(page) ? ciram_version_ : pattern_version_);",
        "if (!in_ciram(page)) ++pattern_version_;",
    ),
    Fault(
        "recompiled: a read of (zero page),Y across a page takes no further cycle",
        TRANSLATOR,
        "    emit_.add_cycle_if_carried(Reg::u, Reg::y);\n",
        "",
    ),
    Fault(
        "recompiled: a taken branch across a page takes three cycles",
        TRANSLATOR,
        "cycles_ += crosses ? 4 : 3;",
        "cycles_ += 3;",
    ),
    Fault(
        "recompiled: SBC adds what it should subtract",
        TRANSLATOR,
        "            emit_.xor_imm(Reg::t, 0xFF);\n            emit_.adc();",
        "            emit_.adc();",
    ),
    Fault(
        "recompiled: a block is entered as if it took no time",
        TRANSLATOR,
        "emit_.check_limit(longest)",
        "emit_.check_limit(0)",
    ),
    Fault(
        "recompiled: CLI and PLP do not look for a waiting IRQ",
        TRANSLATOR,
        "    if (one.op == Op::cli || one.op == Op::plp) decline_if(emit_.jump_if_flag(&Context::irq), pc);\n",
        "",
    ),
)

# In machine code of one kind of CPU.
if EMITTER.endswith("x64.hpp"):
    FAULTS += (
        Fault(
            "recompiled: ADC leaves V as it was",
            EMITTER,
            "        set_if(0x0, Mem{kContext, kNone, offset(&Context::overflow)});\n",
            "",
        ),
        Fault(
            "recompiled: a compare sets the carry to what it borrows",
            EMITTER,
            "set_if(0x3, host(Reg::c));",
            "set_if(0x2, host(Reg::c));",
        ),
        Fault(
            "recompiled: LSR keeps the old carry",
            EMITTER,
            "        shift8(5, host(reg));\n        set_if(0x2, host(Reg::c));\n",
            "        shift8(5, host(reg));\n",
        ),
    )


def copy_project(target: Path) -> None:
    """Copies what compiling needs, the object files with their times too, so that little is compiled again."""
    for name in (
        "csrc",
        "tests/native",
        "tests/lockstep",
        "tests/fuzz",
        "tests/determinism",
        "benchmarks",
        "build_tools",
        "nes_py/roms",
        "build/cache",
    ):
        shutil.copytree(PROJECT / name, target / name)
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy2(PROJECT / name, target / name)


def build(folder: Path) -> None:
    """Compiles the lockstep program in ``folder``."""
    command = [sys.executable, "setup.py", "--quiet", "native_tests", "--no-run"]
    subprocess.run(command, cwd=folder, check=True)


def environment_of(fault: Fault) -> dict[str, str]:
    """Returns what the lockstep runs with: all code recompiled, or nothing but for a fault of the recompiler."""
    if "recompiler" not in fault.file:
        return dict(os.environ, NES_PY_NO_JIT="1")
    return dict(os.environ, NES_PY_JIT_THRESHOLD="2" if fault is TOGETHER else "1")


def is_found(fault: Fault, folder: Path) -> bool:
    """Runs the lockstep with one fault in the core, which is put right again."""
    with injected(fault, folder):
        build(folder)
        result = subprocess.run(LOCKSTEP, cwd=folder, env=environment_of(fault), capture_output=True, text=True)
    first = next((line for line in result.stdout.splitlines() if line.startswith("DIFFERENCE")), "not found")
    print(f"{fault.name}:\n  {first}", flush=True)
    return result.returncode == 1


def main() -> int:
    """Injects the faults one by one; 0 when all were found and the core as it is has no difference."""
    check(FAULTS, PROJECT)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_project(folder)
        build(folder)
        for switch in ("NES_PY_JIT_THRESHOLD", "NES_PY_NO_JIT"):
            environment = dict(os.environ, **{switch: "1"})
            result = subprocess.run(LOCKSTEP, cwd=folder, env=environment, capture_output=True, text=True)
            if result.returncode:
                print(f"without any fault, {switch}=1:\n{result.stdout}{result.stderr}", flush=True)
                return 1
        found = [is_found(fault, folder) for fault in FAULTS]
    print(f"{sum(found)} of {len(found)} faults found")
    return 0 if all(found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
