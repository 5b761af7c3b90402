"""Shows that the native tests notice: injects faults into the CPU, PPU and APU and expects each to be found.

``make test-mutants``. A fault is one changed piece of ``csrc``. Only what includes it is compiled again, and only the
program of tests for its part is linked and run; the others follow if that one finds nothing. No hardware test ROM takes
part.

    python -m tests.native.mutants              all faults
    python -m tests.native.mutants overflow     those with this word, or any of several, in their name or file
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.support.faults import Fault, chosen

PROJECT = Path(__file__).resolve().parents[2]
NATIVE = PROJECT / "tests" / "native"
CORE = PROJECT / "csrc"
BUILD = PROJECT / "build" / "mutants"
PARTS = ("cpu", "ppu", "apu")
COMPILER = [os.environ.get("CXX", "g++"), "-std=c++20", "-DNDEBUG", "-ffp-contract=off", "-w"]
HANG = 900.0
"""Seconds after which a program is taken to run in circles, which is a way to notice."""


def cpu(name: str, file: str, before: str, after: str) -> Fault:
    """Return a fault of the CPU."""
    return Fault(name, file, before, after, "cpu")


def ppu(name: str, file: str, before: str, after: str) -> Fault:
    """Return a fault of the PPU."""
    return Fault(name, file, before, after, "ppu")


def apu(name: str, file: str, before: str, after: str) -> Fault:
    """Return a fault of the APU."""
    return Fault(name, file, before, after, "apu")


CPU_FAULTS = (
    cpu(
        "ADC: overflow without the sign of the operand",
        "cpu/cpu.hpp",
        "((~(r.a ^ v) & (r.a ^ sum)) >> 7) & 1",
        "((r.a ^ sum) >> 7) & 1",
    ),
    cpu("CMP: carry only when greater", "cpu/cpu.hpp", "r.carry = reg >= v;", "r.carry = reg > v;"),
    cpu(
        "BIT: N from the result",
        "cpu/cpu.hpp",
        "r.negative_result = v;\n        r.overflow",
        "r.negative_result = r.a & v;\n        r.overflow",
    ),
    cpu("ARR: carry from bit 7", "cpu/cpu.hpp", "r.carry = (r.a >> 6) & 1;", "r.carry = (r.a >> 7) & 1;"),
    cpu(
        "LAX abs,Y is indexed by X",
        "cpu/opcodes.hpp",
        "X(BF, return read_from<&Cpu::lax>(add_index(absolute(), r.y)))",
        "X(BF, return read_from<&Cpu::lax>(add_index(absolute(), r.x)))",
    ),
    cpu(
        "(zp,X) pointers leave the zero page",
        "cpu/cpu.hpp",
        "bus_.read(static_cast<u8>(pointer + 1))",
        "bus_.read(static_cast<u16>(pointer + 1))",
    ),
    cpu(
        "JMP (abs) carries", "cpu/instructions.hpp", "(pointer & 0xFF00) | static_cast<u8>(pointer + 1)", "pointer + 1"
    ),
    cpu(
        "stores read no dummy byte",
        "cpu/cpu.hpp",
        "bus_.dummy_read(at.uncorrected);\n        bus_.write(at.address, value);",
        "bus_.dummy_read(at.address);\n        bus_.write(at.address, value);",
    ),
    cpu("SHX ignores the high byte", "cpu/cpu.hpp", "r.halted_by_dma ? value : (value & high_plus_one)", "value"),
    cpu("read-modify-write writes once", "cpu/cpu.hpp", "bus_.write_back(address, old);", "bus_.dummy_read(address);"),
    cpu("BRK pushes no B", "cpu/cpu.hpp", "(from_brk ? kFlagBreak : 0)", "0"),
    cpu(
        "an NMI does not take over the vector",
        "cpu/cpu.hpp",
        "vector = 0xFFFA;",
        "vector = from_brk ? 0xFFFE : 0xFFFA;",
    ),
    cpu(
        "a taken branch polls in its third cycle",
        "cpu/cpu.hpp",
        "            r.irq_polled = irq_polled;\n            r.nmi_polled = nmi_polled;\n",
        "",
    ),
    cpu(
        "the handler's first instruction may be left out",
        "cpu/cpu.hpp",
        "        r.nmi_polled = 0;\n        r.irq_polled = 0;\n    }",
        "        r.nmi_polled = r.nmi_pending;\n        r.irq_polled = 0;\n    }",
    ),
    cpu(
        "SEI keeps out an IRQ that it has polled",
        "cpu/instructions.hpp",
        "    r.interrupt_disable = value;\n    return true;",
        "    r.interrupt_disable = value;\n    if (value) r.irq_polled = 0;\n    return true;",
    ),
    cpu(
        "interrupts are polled in the last cycle",
        "machine/exact_bus.hpp",
        "s.cpu.nmi_polled = s.cpu.nmi_pending;\n        const bool nmi = machine_.ppu.nmi();\n"
        "        if (nmi && !s.cpu.nmi_line) s.cpu.nmi_pending = 1;",
        "const bool nmi = machine_.ppu.nmi();\n        if (nmi && !s.cpu.nmi_line) s.cpu.nmi_pending = 1;\n"
        "        s.cpu.nmi_polled = s.cpu.nmi_pending;",
    ),
    cpu(
        "NMI is a level",
        "machine/exact_bus.hpp",
        "if (nmi && !s.cpu.nmi_line) s.cpu.nmi_pending",
        "if (nmi) s.cpu.nmi_pending",
    ),
    cpu(
        "OAM DMA does not wait for a get cycle",
        "machine/exact_bus.hpp",
        "s.dma.oam_active && s.dma.oam_halted && !put",
        "s.dma.oam_active && s.dma.oam_halted && !s.dma.oam_latch_full",
    ),
    cpu(
        "a fetch of the DMC lacks its dummy cycle",
        "machine/exact_bus.hpp",
        "if (dmc && s.dma.dmc_stage < 2) ++s.dma.dmc_stage;",
        "if (dmc) s.dma.dmc_stage = 2;",
    ),
    cpu(
        "$4015 drives the external bus",
        "machine/exact_bus.hpp",
        "(machine_.apu.read_status() | (s.cpu.internal_data_bus & 0x20))",
        "(machine_.apu.read_status())",
    ),
    cpu(
        "an idle loop is skipped one turn too far",
        "machine/fast_bus.hpp",
        "(end - cycle_) / turn;",
        "(end - cycle_) / turn + 1;",
    ),
    cpu(
        "the fast bus runs into an event",
        "machine/run_fast.cpp",
        "std::min(event - kLongestInstruction, cycle)",
        "std::min(event + kLongestInstruction, cycle)",
    ),
    cpu("a whole OAM DMA is always 513 cycles", "machine/exact_bus.hpp", "is_put(s.cpu.cycle) ? 513 : 514", "513"),
)

PPU_FAULTS = (
    ppu(
        "reads of ppustatus keep the vblank flag",
        "ppu/registers.cpp",
        "    s.vblank = 0;\n    s.w = 0;\n    return status;",
        "    s.w = 0;\n    return status;",
    ),
    ppu(
        "a read does not suppress the flag",
        "ppu/registers.cpp",
        "s.dot == 0) s.vblank_suppressed = 1;",
        "s.dot == 0) s.vblank_suppressed = 0;",
    ),
    ppu(
        "odd frames keep their dot",
        "ppu/dot.cpp",
        "s.odd_frame && timing_.skips_dot && skips_last_dot()",
        "s.odd_frame && timing_.skips_dot && false",
    ),
    ppu(
        "odd frames are short with background only",
        "ppu/dot.cpp",
        "return mask & (kShowBackground | kShowSprites);",
        "return mask & kShowBackground;",
    ),
    ppu(
        "the sprite flags fall with the vblank flag",
        "ppu/dot.cpp",
        "        if (s.dot == 0) {\n            s.sprite_zero_hit = 0;",
        "        if (s.dot == 1) {\n            flag_dot_of_prerender();\n            s.sprite_zero_hit = 0;",
    ),
    ppu(
        "ppustatus leaves the write toggle",
        "ppu/registers.cpp",
        "    s.vblank = 0;\n    s.w = 0;\n    return status;",
        "    s.vblank = 0;\n    return status;",
    ),
    ppu("the step is always 1", "ppu/registers.cpp", "(s.ppuctrl & 0x04) ? 32 : 1", "1"),
    ppu(
        "the palette is read through the buffer",
        "ppu/registers.cpp",
        "address >= 0x3F00 && !(rendering() && on_rendered_line())",
        "address >= 0x4000",
    ),
    ppu(
        "the backdrops of sprites are their own",
        "ppu/ppu.hpp",
        "(address & 0x03) == 0 ? address & 0x0F : address & 0x1F",
        "address & 0x1F",
    ),
    ppu(
        "attribute bytes keep bits 2 to 4",
        "ppu/registers.cpp",
        "(s.oam_address & 3) == 2 ? value & 0xE3 : value",
        "value",
    ),
    ppu(
        "a read of oamdata moves the address on",
        "ppu/registers.cpp",
        "    return s.oam[s.oam_address];\n}\n\nvoid",
        "    return s.oam[s.oam_address++];\n}\n\nvoid",
    ),
    ppu(
        "fine Y is lost by $2005",
        "ppu/registers.cpp",
        "((value & 7) << 12) | ((value & 0xF8) << 2)",
        "((value & 0xF8) << 2)",
    ),
    ppu("a write of $2006 works at once", "ppu/registers.cpp", "kAddressDelayDots = 3", "kAddressDelayDots = 1"),
    ppu("a write of ppumask works a dot late", "ppu/registers.cpp", "kMaskDelayDots = 3", "kMaskDelayDots = 4"),
    ppu(
        "row 29 does not switch the nametable",
        "ppu/background.hpp",
        "case 29 << 5: v = (v & ~0x03E0u) ^ 0x0800; break;",
        "case 29 << 5: v = v & ~0x03E0u; break;",
    ),
    ppu("column 31 does not switch the nametable", "ppu/background.hpp", "(s.v & ~0x001F) ^ 0x0400", "s.v & ~0x001F"),
    ppu(
        "attributes of the wrong quarter",
        "ppu/background.hpp",
        "(data >> (((s.v >> 4) & 4) | (s.v & 2))) & 3",
        "(data >> (((s.v >> 4) & 4) | (s.v & 1))) & 3",
    ),
    ppu("sprite 0 hits in pixel 255", "ppu/ppu.hpp", "return x < 255 && (x >= 8", "return x < 256 && (x >= 8"),
    ppu(
        "sprite 0 hits in the hidden left",
        "ppu/ppu.hpp",
        "(x >= 8 || (s.mask & both_left) == both_left)",
        "(x >= 8 || (s.mask & both_left))",
    ),
    ppu("a hit is predicted a dot late", "ppu/fast/sprite_zero.cpp", "return x + 1;", "return x + 2;"),
    ppu(
        "a line forgets the hit",
        "ppu/fast/line.cpp",
        "if (zero_matters && sprite_zero_meets(0, 256, packed, sprites)) s.sprite_zero_hit = 1;",
        "",
    ),
    ppu(
        "a group forgets the hit",
        "ppu/fast/group.cpp",
        "if (zero_matters && sprite_zero_meets(first, end, packed, sprites)) s.sprite_zero_hit = 1;",
        "",
    ),
    ppu(
        "overflow without its bug",
        "ppu/sprites.hpp",
        "((s.oam_address + 4) & 0xFC) | ((s.oam_address + 1) & 0x03)",
        "(s.oam_address + 4) & 0xFC",
    ),
    ppu(
        "overflow without its bug, by lines",
        "ppu/fast/line.cpp",
        "address = ((address + 4) & ~3u) | ((address + 1) & 3);",
        "address = (address + 4) & ~3u;",
    ),
    ppu(
        "nine sprites on a line",
        "ppu/fast/line.cpp",
        "for (; found && count < 8; found &= found - 1, ++count) {",
        "for (; found && count < 7; found &= found - 1, ++count) {",
    ),
    ppu(
        "sprites of 16 lines choose the other table",
        "ppu/sprites.hpp",
        "((sprite[1] & 1) << 12)",
        "((~sprite[1] & 1) << 12)",
    ),
    ppu(
        "vertical flips are those of 8 lines",
        "ppu/sprites.hpp",
        "if (sprite[2] & 0x80) row ^= 15;",
        "if (sprite[2] & 0x80) row ^= 7;",
    ),
    ppu(
        "a sprite behind the background is in front",
        "ppu/pixel.hpp",
        "sprite && (!background || !behind) ? sprite : background",
        "sprite ? sprite : background",
    ),
)

APU_FAULTS = (
    apu("an entry of the length table", "apu/length_table.hpp", "10, 254, 20, 2,  40,", "10, 254, 20, 4,  40,"),
    apu("a channel that is off is loaded", "apu/apu.cpp", "if (!(s.length_enabled & (1u << channel))) return;", ""),
    apu(
        "$4015 does not empty the counters", "apu/apu.cpp", "if (!(value & (1u << channel))) s.length[channel] = 0;", ""
    ),
    apu(
        "the triangle's halt is bit 5",
        "apu/apu.cpp",
        "write_halt(2, value & 0x80, cycle);",
        "write_halt(2, value & 0x20, cycle);",
    ),
    apu(
        "$4015 lacks the noise",
        "apu/apu.cpp",
        "for (unsigned channel = 0; channel < 4; ++channel) status |=",
        "for (unsigned channel = 0; channel < 3; ++channel) status |=",
    ),
    apu(
        "a write of $4015 keeps the DMC's interrupt",
        "apu/apu.cpp",
        "    s.dmc_irq = 0;\n    if (!(value & 0x10)) {",
        "    if (!(value & 0x10)) {",
    ),
    apu("bit 4 restarts a sample that runs", "apu/apu.cpp", "} else if (s.dmc_bytes_remaining == 0) {", "} else {"),
    apu("a length written with the clock counts", "apu/apu.cpp", "if (s.length[channel] > 0) return;", ""),
    apu(
        "a halt written with the clock counts",
        "apu/apu.cpp",
        "if (precedes_half_frame(cycle)) s.length_halt_changed",
        "if (false) s.length_halt_changed",
    ),
    apu(
        "the frame counter's flag a cycle late",
        "apu/frame_counter.cpp",
        "{7457, 14913, 22371, 29828, 29829, 29830, 37281, 37282}",
        "{7457, 14913, 22371, 29829, 29829, 29830, 37281, 37282}",
    ),
    apu(
        "five steps end early",
        "apu/frame_counter.cpp",
        "{7457, 14913, 22371, 29829, 37281, 37282, 37282, 37282}",
        "{7457, 14913, 22371, 29829, 37279, 37282, 37282, 37282}",
    ),
    apu("PAL goes by NTSC's steps", "apu/frame_counter.cpp", "(pal_ ? kPal : kNtsc)[mode]", "kNtsc[mode]"),
    apu(
        "a restart is always three cycles away", "apu/frame_counter.cpp", "cycle + (is_put(cycle) ? 3 : 4)", "cycle + 3"
    ),
    apu("inhibiting keeps the flag", "apu/frame_counter.cpp", "    if (value & 0x40) s.frame_irq = 0;\n", ""),
    apu(
        "$C0 does not clock at once",
        "apu/frame_counter.cpp",
        "if (!(s.frame_mode & 0x80)) return false;",
        "return false;",
    ),
    apu(
        "an envelope starts at 14",
        "apu/frame_counter.cpp",
        "            s.envelope_decay[unit] = 15;\n            s.envelope_divider",
        "            s.envelope_decay[unit] = 14;\n            s.envelope_divider",
    ),
    apu(
        "an envelope does not loop",
        "apu/frame_counter.cpp",
        "} else if (s.envelope_control[unit] & 0x20) {",
        "} else if (false) {",
    ),
    apu("pulse 2 goes down in one's complement", "apu/frame_counter.cpp", "-change - (unit == 0)", "-change - 1"),
    apu("a sweep goes beyond $7FF", "apu/frame_counter.cpp", "target > 0x7FF", "target > 0xFFF"),
    apu(
        "the linear counter is never loaded again",
        "apu/frame_counter.cpp",
        "if (!(s.linear_control & 0x80)) s.linear_reload = 0;",
        "s.linear_reload = 0;",
    ),
    apu(
        "a rate of the DMC",
        "apu/dmc.cpp",
        "190, 160, 142, 128, 106, 84, 72, 54};\nconstexpr std::uint16_t kPalPeriod",
        "190, 160, 148, 128, 106, 84, 72, 54};\nconstexpr std::uint16_t kPalPeriod",
    ),
    apu("a sample is a byte short", "apu/dmc.cpp", "(s.dmc_length << 4) | 1", "(s.dmc_length << 4)"),
    apu("a sample does not loop", "apu/dmc.cpp", "if (s.dmc_control & 0x40) {", "if (false) {"),
    apu("a sample ends without an interrupt", "apu/dmc.cpp", "        s.dmc_irq = 1;", "        s.dmc_irq = 0;"),
    apu("the output goes above 127", "apu/dmc.cpp", "s.dmc_output <= 125", "s.dmc_output <= 127"),
    apu(
        "addresses wrap to $C000", "apu/dmc.cpp", "s.dmc_address == 0xFFFF ? 0x8000", "s.dmc_address == 0xFFFF ? 0xC000"
    ),
    apu("the flag falls as it is read", "apu/apu.hpp", "s.frame_irq_clear_pending = 1;", "s.frame_irq = 0;"),
)

FAULTS = CPU_FAULTS + PPU_FAULTS + APU_FAULTS


def compile_one(source: Path, target: Path, overlay: Path | None = None) -> None:
    """Compile ``source``; a header below ``overlay`` takes the place of the one in csrc."""
    target.parent.mkdir(parents=True, exist_ok=True)
    includes = [f"-I{folder}" for folder in (*([overlay] if overlay else []), CORE, NATIVE)]
    # What is compiled for one fault runs for seconds: compiling it without optimisation is what saves time.
    optimisation = "-O0" if overlay else "-O1"
    command = [*COMPILER, optimisation, *includes, "-MMD", "-MF", f"{target}.d", "-c", str(source), "-o", str(target)]
    # ccache's direct mode does not notice a header that takes the place of another one.
    subprocess.run(command, check=True, env=dict(os.environ, CCACHE_NODIRECT="1"))


def dependencies(target: Path) -> list[Path]:
    """Return what ``target`` was made from; nothing when it was not made."""
    depfile = Path(f"{target}.d")
    if not target.exists() or not depfile.exists():
        return []
    # ccache may make the names relative.
    return [Path(name).resolve() for name in depfile.read_text().replace("\\\n", " ").partition(": ")[2].split()]


def is_current(target: Path) -> bool:
    """Return whether ``target`` is newer than all that it was made from."""
    inputs = dependencies(target)
    made = target.stat().st_mtime_ns if inputs else 0
    return bool(inputs) and all(path.exists() and path.stat().st_mtime_ns < made for path in inputs)


class Programs:
    """The test programs, with the objects that they are linked from."""

    def __init__(self) -> None:
        self.core = {path: BUILD / path.relative_to(PROJECT).with_suffix(".o") for path in sorted(CORE.rglob("*.cpp"))}
        self.tests = {
            part: {
                path: BUILD / path.relative_to(PROJECT).with_suffix(".o")
                for path in sorted((NATIVE / part).glob("*.cpp"))
            }
            for part in PARTS
        }

    def build(self, pool: ThreadPoolExecutor) -> None:
        """Compile what is out of date."""
        objects = self.core | {path: target for tests in self.tests.values() for path, target in tests.items()}
        stale = [(path, target) for path, target in objects.items() if not is_current(target)]
        for job in [pool.submit(compile_one, path, target) for path, target in stale]:
            job.result()

    def notices(self, part: str, core: list[Path], folder: Path) -> bool:
        """Link the tests of ``part`` with ``core``, and return whether they fail."""
        program = folder / part
        tests = [str(target) for target in self.tests[part].values()]
        command = [*COMPILER, "-o", str(program), *tests, *map(str, core), "-pthread"]
        subprocess.run(command, check=True)
        try:
            return subprocess.run([str(program)], capture_output=True, timeout=HANG).returncode != 0
        except subprocess.TimeoutExpired:
            return True


def is_found(fault: Fault, programs: Programs) -> bool:
    """Return whether any of the programs fails with ``fault`` in the core."""
    right = CORE / fault.file
    text = fault.text(CORE)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wrong = folder / "csrc" / fault.file
        wrong.parent.mkdir(parents=True)
        wrong.write_text(text, encoding="utf-8")
        core = []
        for path, target in programs.core.items():
            if path == right or right in dependencies(target):
                target = folder / path.relative_to(PROJECT).with_suffix(".o")
                try:
                    compile_one(wrong if path == right else path, target, folder / "csrc")
                except subprocess.CalledProcessError:
                    raise SystemExit(f"csrc/{fault.file} does not compile with the fault '{fault.name}'") from None
            core.append(target)
        order = [fault.part, *(part for part in PARTS if part != fault.part)]
        return any(programs.notices(part, core, folder) for part in order)


def main(words: list[str]) -> int:
    """Inject the faults; 0 when all were found and the core as it is passes."""
    faults = chosen(FAULTS, words)
    programs = Programs()
    with ThreadPoolExecutor(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2) as pool:
        programs.build(pool)
        with tempfile.TemporaryDirectory() as name:
            for part in PARTS:
                if programs.notices(part, list(programs.core.values()), Path(name)):
                    print(f"the tests of {part} fail without any fault", flush=True)
                    return 1

        def judge(fault: Fault) -> bool:
            started = time.monotonic()
            found = is_found(fault, programs)
            said = "found" if found else "NOT FOUND"
            print(
                f"{said:9} {time.monotonic() - started:4.0f} s  {fault.part}: {fault.name} ({fault.file})", flush=True
            )
            return found

        found = list(pool.map(judge, faults))
    for part in PARTS:
        of_part = [one for fault, one in zip(faults, found, strict=True) if fault.part == part]
        if of_part:
            print(f"{part}: {sum(of_part)} of {len(of_part)} faults found")
    return 0 if all(found) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
