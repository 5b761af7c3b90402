"""What RAM holds at power-on, and running twice, make no difference to a test ROM."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nes_py.emulator import NESEmulator
from nes_py.tools.hardware import Bench, Case, MissingTestRomError, Run, find_rom, load_cases
from nes_py.tools.testrom import Policy, RamFill

EXPECTED = Path(__file__).resolve().parents[1] / "data" / "expected"
# Short ones, and one of each way to go wrong: CPU, PPU timing, sprites, APU, DMA, MMC3, reset.
SAMPLE_PATHS = (
    "instr_test-v5/rom_singles/01-basics.nes",
    "ppu_vbl_nmi/rom_singles/01-vbl_basics.nes",
    "sprite_hit_tests_2005.10.05/01.basics.nes",
    "apu_test/rom_singles/1-len_ctr.nes",
    "dmc_dma_during_read4/dma_4016_read.nes",
    "mmc3_test/1-clocking.nes",
    "apu_reset/4015_cleared.nes",
)
SAMPLE = [case for case in load_cases(EXPECTED) if case.path in SAMPLE_PATHS]
FILLS: tuple[RamFill, ...] = ("ones", "pattern", "noise")
RUNS = [Run(case, ram_fill=fill, seed=7) for case in SAMPLE for fill in FILLS]
REPEATED_FRAMES = 90

pytestmark = pytest.mark.hardware


def test_sample_is_complete() -> None:
    """Every ROM of the sample is one that the expectations know."""
    assert {case.path for case in SAMPLE} == set(SAMPLE_PATHS)


@pytest.mark.parametrize("run", RUNS, ids=lambda run: f"{run.case.path}-{run.ram_fill}")
def test_verdict_does_not_depend_on_ram(run: Run, bench: Bench) -> None:
    """The verdict is the one that RAM full of zeros gives."""
    try:
        verdict = bench.verdict(run)
        baseline = bench.verdict(replace(run, ram_fill="zero", seed=0))
    except MissingTestRomError as error:
        pytest.skip(str(error))
    assert verdict.passed == baseline.passed, verdict.text


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case.path)
@pytest.mark.parametrize("policy", ["reference", "fast"])
def test_same_seed_gives_same_ram(case: Case, policy: Policy, hardware_roms: Path) -> None:
    """Two emulators with the same options have the same RAM after the same frames."""
    try:
        image = find_rom(case, hardware_roms).read_bytes()
    except MissingTestRomError as error:
        pytest.skip(str(error))
    memories = []
    for _ in range(2):
        emulator = NESEmulator(image, policy=policy, ram_fill="noise", seed=7)
        emulator.step(REPEATED_FRAMES, render=False)
        memories.append(bytes(emulator.memory_buffer()))
    assert memories[0] == memories[1]
