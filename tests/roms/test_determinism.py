"""The verdicts do not depend on chance: not on the initial RAM, and not on the run."""

from __future__ import annotations

from pathlib import Path

import pytest

from nes_py.emulator import NESEmulator
from nes_py.tools import testrom
from nes_py.tools.hardware import Bench, Case, MissingTestRomError, Run, find_rom, load_cases
from nes_py.tools.testrom import Policy, Verdict

EXPECTED = Path(__file__).resolve().parents[1] / "data" / "expected"
CASES = load_cases(EXPECTED)
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
SAMPLE = [case for case in CASES if case.path in SAMPLE_PATHS]
REPEATED_FRAMES = 90

pytestmark = pytest.mark.hardware


def runs_of(case: Case) -> list[Run]:
    """Returns the run that others are compared with, two more of the same, and one for each other content of RAM."""
    return [
        *(Run(case, repetition=repetition) for repetition in range(3)),
        Run(case, ram_fill="ones"),
        Run(case, ram_fill="pattern"),
        *(Run(case, ram_fill="noise", seed=seed) for seed in (1, 2, 2**63)),
    ]


def outcome(verdict: Verdict) -> tuple[bool, dict[str, bool]]:
    """Returns what the accuracy page is made of; text and frames may depend on RAM."""
    return verdict.passed, {name: testrom.accuracycoin_passed(result) for name, result in verdict.results.items()}


def test_sample_is_complete() -> None:
    """Every ROM of the sample is one that the expectations know."""
    assert {case.path for case in SAMPLE} == set(SAMPLE_PATHS)


@pytest.mark.parametrize("runs", [runs_of(case) for case in CASES], ids=lambda runs: runs[0].case.path)
def test_verdict_does_not_depend_on_luck(runs: list[Run], bench: Bench) -> None:
    """Three runs give the same, frame by frame; and whatever is in RAM at power-on, the verdict is the same."""
    try:
        first, *others = (bench.verdict(run) for run in runs)
    except MissingTestRomError as error:
        pytest.skip(str(error))
    for run, verdict in zip(runs[1:], others, strict=True):
        options = f"{run.ram_fill}, seed {run.seed}: {verdict.text}"
        assert outcome(verdict) == outcome(first), options
        if run.repetition:
            assert verdict == first, options


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case.path)
@pytest.mark.parametrize("policy", ["reference", "fast"])
def test_same_seed_gives_same_ram(case: Case, policy: Policy, hardware_roms: tuple[Path, ...]) -> None:
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
