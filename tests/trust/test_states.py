"""What a state may hold: what no machine and no episode can be in is refused, the rest plays the same everywhere."""

from __future__ import annotations

import copy
import dataclasses
import os
import pickle
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.equality import assert_same
from support.patience import PATIENCE

from nes_py import NESEmulator, NESVectorEnv, _cartridge
from nes_py.errors import StateError
from tests.support.board_roms import board_rom
from tests.support.rom_builder import CHR_BANK, FRAMES, demonstration_rom, header, prg

PROJECT = Path(__file__).resolve().parents[2]
ROM = demonstration_rom()
COUNT = 3
ALL = range(COUNT)
ACTIONS = np.zeros(COUNT, np.int64)
PAYLOAD = 32
CHECKSUM = 8


def checksum(data: bytes) -> bytes:
    """Returns the checksum of a state without its last bytes."""
    value = 0xCBF29CE484222325
    for byte in data:
        value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value.to_bytes(CHECKSUM, "little")


class Altered:
    """A serialized state whose fields can be changed."""

    def __init__(self, rom: bytes, state: bytes) -> None:
        self.data = bytearray(state[:-CHECKSUM])
        self.fields = {name: (PAYLOAD + at, size, count) for name, at, size, count in _cartridge.state_fields(rom)}

    def __getitem__(self, name: str) -> int:
        at, size, _ = self.fields[name]
        return int.from_bytes(self.data[at : at + size], "little")

    def __setitem__(self, name: str, value: int) -> None:
        at, size, _ = self.fields[name]
        self.data[at : at + size] = (value % (1 << 8 * size)).to_bytes(size, "little")

    def bytes(self) -> bytes:
        """Returns it with a matching checksum."""
        return bytes(self.data) + checksum(self.data)


@pytest.fixture
def emulator() -> NESEmulator:
    """An emulator in the middle of a program."""
    emulator = NESEmulator(ROM)
    emulator.step(20)
    return emulator


# --- states of environments and the three modes ---


def environments(autoreset_mode: str, **options: Any) -> NESVectorEnv:
    envs = NESVectorEnv(
        ROM, COUNT, num_threads=1, frameskip=1, max_episode_steps=5, autoreset_mode=autoreset_mode, **options
    )
    envs.reset(seed=0)
    return envs


def over_state(autoreset_mode: str) -> Any:
    """Returns the state of an environment whose episode is over."""
    envs = environments(autoreset_mode)
    while not envs.step(ACTIONS)[3].any():
        pass
    return envs.get_state(1)


@pytest.mark.parametrize("source", ["NextStep", "Disabled"])
def test_state_of_an_episode_that_is_over_begins_a_new_one(source: str) -> None:
    state = over_state(source)
    envs, twin = environments("SameStep"), environments("SameStep")
    envs.set_state(1, state)
    assert envs.get_state(1) == state
    observations, rewards, terminated, truncated, _ = envs.step(ACTIONS)
    expected = twin.step(ACTIONS)
    # The others are stepped as ever, and this one begins an episode as an environment of NextStep would.
    assert_same(observations[[0, 2]], expected[0][[0, 2]])
    assert [terminated[1], truncated[1], rewards[1]] == [False, False, 0.0]
    lengths = 0
    while not envs.step(ACTIONS)[3][1]:
        lengths += 1
    assert lengths == 4


def test_state_of_an_episode_that_is_over_in_disabled_names_the_environment() -> None:
    envs = environments("Disabled")
    envs.set_state(1, over_state("NextStep"))
    before = envs.get_state(ALL)
    with pytest.raises(ValueError, match="episode of environment 1 is over"):
        envs.step(ACTIONS)
    assert envs.get_state(ALL) == before


EPISODE_FIELDS = {
    # name: offset and size in an episode, and a value that it cannot have with five steps and frames at most
    "frames": (40, 8, 5),
    "more frames": (40, 8, 2**63),
    "steps": (48, 8, 5),
    "more steps": (48, 8, 2**64 - 1),
    "head": (64, 4, 4),
    "has_last": (72, 1, 2),
    "begun": (73, 1, 255),
    "over": (74, 1, 2),
    "game_over": (75, 1, 1),
    "padding": (77, 1, 1),
    "generator": (24, 8, 0),
}


@pytest.mark.parametrize("name", EPISODE_FIELDS)
def test_episode_with_an_impossible_value_is_refused(name: str) -> None:
    envs = NESVectorEnv(
        ROM, COUNT, num_threads=1, frameskip=1, max_episode_steps=5, max_num_frames_per_episode=5, stack_num=4
    )
    envs.reset(seed=0)
    envs.step(ACTIONS)
    state = envs.get_state(0)
    at, size, value = EPISODE_FIELDS[name]
    episode = bytearray(state.episode)
    episode[at : at + size] = value.to_bytes(size, "little")
    before = envs.get_state(ALL)
    with pytest.raises(ValueError, match="the state is damaged"):
        envs.set_state([1, 2], [state, dataclasses.replace(state, episode=bytes(episode))])
    assert envs.get_state(ALL) == before
    for wrong in (state.episode[:-1], state.episode + b"\0", b""):
        with pytest.raises(ValueError, match="the state is damaged"):
            envs.set_state(1, dataclasses.replace(state, episode=wrong))
    with pytest.raises(TypeError, match="must be bytes"):
        envs.set_state(1, dataclasses.replace(state, episode=7))


def test_altered_episodes_end_or_are_refused() -> None:
    envs = environments("NextStep", max_num_frames_per_episode=7)
    envs.step(ACTIONS)
    state = envs.get_state(0)
    generator = random.Random(1)
    taken = 0
    for _ in range(400):
        episode = bytearray(state.episode)
        for _ in range(generator.randrange(1, 4)):
            at = generator.randrange(80)
            episode[at] = generator.choice([0, 1, 2, 5, 7, 255, episode[at] ^ 1 << generator.randrange(8)])
        try:
            envs.set_state(1, dataclasses.replace(state, episode=bytes(episode)))
        except ValueError:
            continue
        if not episode[73]:
            envs.reset(options={"reset_mask": np.array([False, True, False])})
        taken += 1
        for _ in range(9):
            if envs.step(ACTIONS)[3][1]:
                break
        else:
            pytest.fail(f"an episode never ends: {episode[:80].hex()}")
        again = envs.get_state(1)
        envs.set_state(1, again)
    assert taken > 100


# --- what a state holds of a declared game ---

EPISODE = 80  # bytes before the numbers of the game
STARTS_GAME: dict[str, Any] = {
    "variables": {"frames": FRAMES},
    "parameters": {"slow": 0, "label": "no"},
    "starts": {"a": {}, "b": {"slow": 1, "label": "yes"}, "c": {"slow": 5, "label": "very"}},
    "memories": {"m": {"update": "m + 1"}},
    "infos": {
        "slow": {"parameter": "slow"},
        "same": "slow",
        "deep": {"infos": {"label": {"parameter": "label"}}},
        "m": "m",
    },
}


def of_starts(states: Any, num_envs: int = 1, **game: Any) -> NESVectorEnv:
    """Returns environments of a game with three starts, before their first reset."""
    options = {"obs_type": "ram", "stack_num": 1, "frameskip": 1, "num_threads": 1}
    return NESVectorEnv(ROM, num_envs, game={**STARTS_GAME, **game}, states=states, **options)


def reported(envs: NESVectorEnv) -> list[Any]:
    """Returns what the next step's info says about the start of environment 0."""
    infos = envs.step(np.zeros(envs.num_envs, np.int64))[4]
    return [infos["slow"][0], infos["same"][0], infos["deep"]["label"][0]]


EXPECTED = {"a": [0, 0, "no"], "b": [1, 1, "yes"], "c": [5, 5, "very"]}


@pytest.mark.parametrize("start", EXPECTED)
def test_state_of_a_start_reports_its_parameters_in_every_environment_with_it(start: str) -> None:
    envs = of_starts(["a", "b", "c"])
    envs.reset(options={"state": start})
    state = envs.get_state(0)
    assert reported(envs) == EXPECTED[start]
    for states in (["c", "a", "b"], ["b", "c", "a"], {"x": start}, [start], {"x": [[[], 3]], "y": start}):
        other = of_starts(states)
        other.reset(seed=0)
        other.set_state(0, state)
        assert other.get_state(0) == state
        assert reported(other) == EXPECTED[start]
        copied = pickle.loads(pickle.dumps(other))
        assert reported(copied) == EXPECTED[start]


def test_state_of_a_start_that_the_environments_do_not_have_is_refused() -> None:
    envs = of_starts(["a", "b"])
    envs.reset(options={"state": "b"})
    other = of_starts(["a", "c"], 2)
    other.reset(seed=0, options={"state": "c"})
    fits = other.get_state(0)
    before = other.get_state([0, 1])
    with pytest.raises(ValueError, match=r"at a start that these environments do not have, .* option states must"):
        other.set_state([1, 0], [fits, envs.get_state(0)])
    assert other.get_state([0, 1]) == before
    assert reported(other) == EXPECTED["c"]
    # Nobody needs it: no entry is a parameter.
    infos = {"same": "slow", "constant": {"constant": "x"}}
    envs, other = of_starts(["a", "b"], infos=infos), of_starts(["a"], infos=infos)
    other.reset()
    envs.reset(options={"state": "b"})
    other.set_state(0, envs.get_state(0))
    infos = other.step(np.zeros(1, np.int64))[4]
    assert [infos["same"][0], infos["constant"][0]] == [1, "x"]


def renumbered(state: Any, number: float) -> Any:
    """Returns a state of ``STARTS_GAME`` whose start has another number, in the slots and in the column of info."""
    numbers = np.frombuffer(state.episode, np.float64, offset=EPISODE).copy()
    # Behind the variable, the same of the frame before, and two parameters; the last of the columns.
    assert numbers[4] == numbers[-1] < 0
    numbers[[4, -1]] = number
    return dataclasses.replace(state, episode=state.episode[:EPISODE] + numbers.tobytes())


def test_number_of_the_start_in_a_state_is_possible_or_refused() -> None:
    envs = of_starts(["c", "b"])
    envs.reset(options={"state": "b"})
    state = envs.get_state(0)
    for number in (-1, -4, -1.5, -0.5, 2, 3, 1e300, -1e300, np.inf, -np.inf, np.nan):
        with pytest.raises(ValueError, match="at a start that these environments do not have"):
            envs.set_state(0, renumbered(state, number))
        assert envs.get_state(0) == state
    # Version 10.0 had the place in the option states there. It is that of another start if the parameters are not its.
    envs.set_state(0, renumbered(state, 1))
    assert reported(envs) == EXPECTED["b"]
    for states in (["b", "c"], ["a", "c"]):
        other = of_starts(states)
        other.reset(options={"state": "c"})
        with pytest.raises(ValueError, match="at a start that these environments do not have"):
            other.set_state(0, renumbered(state, 1))
        assert reported(other) == EXPECTED["c"]


def test_state_from_before_the_first_reset_fits() -> None:
    state = of_starts(["b", "c"]).get_state(0)
    envs = of_starts(["b", "c"])
    envs.reset()
    envs.set_state(0, state)
    assert envs.get_state(0) == state
    envs.reset(options={"state": "c"})
    assert reported(envs) == EXPECTED["c"]


@pytest.mark.parametrize("begun", ["not", "b", "c"])
def test_snapshot_begins_an_episode_of_the_first_start_whatever_was_before(begun: str) -> None:
    emulator = NESEmulator(ROM)
    emulator.step(50)
    snapshot = emulator.dump_state()
    envs, first = of_starts(["b", "c", "a"], start=[[[], 3], {"set": {"m": "7"}}]), of_starts("b")
    if begun != "not":
        envs.reset(options={"state": begun})
        for _ in range(3):
            envs.step([0])
    envs.set_state(0, snapshot)
    assert reported(envs) == EXPECTED["b"]
    assert envs.step([0])[4]["m"] == [9]
    first.set_state(0, snapshot)
    assert first.step([0])[4]["m"] == [1]


INFINITE: dict[str, Any] = {
    "memories": {"m": {"start": "10", "update": "m * m"}, "n": {"update": "m - m"}, "z": {"start": "-0.0"}},
    "infos": {
        "m": {"value": "m", "type": "float"},
        "n": {"value": "n", "type": "float"},
        "whole": {"value": "n", "type": "int"},
        "byte": {"value": "m", "type": "uint8"},
    },
    "rewards": [{"condition": "m > 10", "weight": 1}],
}


def infinite() -> NESVectorEnv:
    """Returns environments of which one memory is infinite, and one is no number."""
    envs = NESVectorEnv(ROM, 2, game=INFINITE, obs_type="ram", frameskip=1, num_threads=1)
    envs.reset(seed=0)
    for _ in range(12):
        envs.step(np.zeros(2, np.int64))
    return envs


def raises(*_: Any) -> Any:
    raise ZeroDivisionError


def go_back(envs: NESVectorEnv) -> NESVectorEnv:
    envs.set_reward_function(raises)
    with pytest.raises(ZeroDivisionError):
        envs.step(np.zeros(2, np.int64))
    envs.set_reward_function(None)
    return envs


def load_own(envs: NESVectorEnv) -> NESVectorEnv:
    envs.set_state([0, 1], envs.get_state([0, 1]))
    return envs


def clone_first(envs: NESVectorEnv) -> NESVectorEnv:
    envs.clone(0, [1])
    return envs


@pytest.mark.parametrize(
    "way", [go_back, load_own, clone_first, copy.deepcopy, lambda e: pickle.loads(pickle.dumps(e))]
)
def test_memories_that_are_not_finite_come_back(way: Any) -> None:
    expected = infinite().step(np.zeros(2, np.int64))
    envs = infinite()
    states = envs.get_state([0, 1])
    envs = way(envs)
    assert [one.episode[40:] for one in envs.get_state([0, 1])] == [one.episode[40:] for one in states]
    found = envs.step(np.zeros(2, np.int64))
    assert found[1].tolist() == expected[1].tolist() == [1.0, 1.0]
    assert found[4]["m"].tolist() == [np.inf] * 2
    assert np.isnan(found[4]["n"]).all()
    assert_same(found[4]["whole"], expected[4]["whole"])
    assert_same(found[4]["byte"], expected[4]["byte"])


def test_forged_numbers_of_a_game_are_harmless() -> None:
    game = {
        "variables": {"frames": FRAMES, "lives": 0x60},
        "lives": "lives",
        "memories": {"m": {"update": "m"}},
        "infos": {
            "named": {"value": "m", "names": ["zero", "one"]},
            "list": {"list": ["m", "m // 1", "m % 3", "m << 2", "1 << m", "~m", "m & 3", "-m", "abs(m)"]},
            "byte": {"value": "m", "type": "uint8"},
            "whole": {"value": "m", "type": "int"},
        },
        "rewards": [{"value": "m"}],
        "after_step": [{"write": {"0x0700": "m"}}, {"if": "random(m) > 3", "then": [{"write": {"0x0701": "m"}}]}],
    }
    envs = NESVectorEnv(ROM, 1, game=game, obs_type="ram", frameskip=1, num_threads=1, episodic_life=True)
    envs.reset(seed=0)
    state = envs.get_state(0)
    count = len(state.episode) - EPISODE
    assert count % 8 == 0
    for number in (np.inf, -np.inf, np.nan, 1e300, -1e300, 2.0**63, -(2.0**63), 2.0**53 + 2, 5e-324):
        episode = state.episode[:EPISODE] + np.full(count // 8, number).tobytes()
        envs.set_state(0, dataclasses.replace(state, episode=episode))
        assert envs.get_state(0).episode == episode
        for _ in range(3):
            envs.step([0])
        envs.set_state(0, envs.get_state(0))
        envs.observe()


EQUAL = """
import hashlib
import numpy as np
from nes_py import NESEmulator, NESVectorEnv
from tests.support.board_roms import board_rom

for mapper in (0, 1, 4):
    rom = board_rom(mapper)
    envs = NESVectorEnv(rom, 3, num_threads=2, noop_max=5, obs_type="dict")
    for begun in (False, True):
        if begun:
            envs.reset(seed=4)
            for _ in range(5):
                envs.step(np.zeros(3, np.int64))
        else:
            envs._engine.seed([envs._generator(index, 1) for index in range(3)])
        for state in envs.get_state(range(3)):
            print(hashlib.sha256(state.episode).hexdigest(), hashlib.sha256(bytes(state.snapshot)).hexdigest())
    emulator = NESEmulator(rom, whole_pictures=True, frame_boundary="nes-py")
    emulator.step(30)
    print(hashlib.sha256(bytes(emulator.dump_state())).hexdigest())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs the GNU C library's MALLOC_PERTURB_")
def test_equal_environments_have_equal_states_whatever_their_memory_held() -> None:
    outputs = set()
    for filler in ("85", "170"):
        done = subprocess.run(
            [sys.executable, "-c", EQUAL],
            env={**os.environ, "MALLOC_PERTURB_": filler, "PYTHONMALLOC": "malloc"},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        outputs.add(done.stdout)
    assert len(outputs) == 1
    assert len(outputs.pop().splitlines()) == 3 * 7


# --- states of consoles ---


@pytest.mark.parametrize("exponent", range(40, 64))
def test_clock_is_far_from_its_end_or_refused(emulator: NESEmulator, exponent: int) -> None:
    state = Altered(ROM, bytes(emulator.dump_state()))
    for distance in (0, 1, 100, 10_000, 100_000):
        # The clocks of the chips go together; the DMA unit works in pairs of cycles.
        forward = (2**exponent - distance - state["cpu.cycle"]) // 2 * 2
        moved = Altered(ROM, bytes(emulator.dump_state()))
        for name in ("cpu.cycle", "apu.frame_start", "apu.dmc_next_tick"):
            moved[name] += forward
        moved["ppu.clock"] += 3 * forward
        other = NESEmulator(ROM)
        try:
            other.load_state(moved.bytes())
        except StateError as error:
            assert "cpu.cycle" in str(error)  # noqa: PT017, either is right
            continue
        other.step(3)
        other.load_state(bytes(other.dump_state()))


def test_count_of_frames_is_possible_or_refused(emulator: NESEmulator) -> None:
    for count in (2**64 - 1, 2**63, 2**32, 10_000):
        state = Altered(ROM, bytes(emulator.dump_state()))
        state["ppu.frame"] = count
        with pytest.raises(StateError, match=r"ppu\.frame"):
            emulator.load_state(state.bytes())


def with_ram(prg_ram: int, chr_ram: int) -> bytes:
    """Returns a ROM whose header (NES 2.0) declares RAM of 64 << n bytes each."""
    tail = bytes((0, 0, prg_ram, chr_ram, 0, 0, 0, 0))
    image = prg(bytes.fromhex("ee 00 60 4c 00 c0"))
    return header(1, 0, 0, tail=tail, nes2=True) + image


def test_state_of_a_header_with_other_sizes_of_ram_is_refused() -> None:
    one, other = NESEmulator(with_ram(7, 8)), NESEmulator(with_ram(8, 7))
    one.prg_ram[:] = 1
    other.prg_ram[:] = 2
    before = other.dump_state()
    assert one.rom_info.hash == other.rom_info.hash
    for state in (one.dump_state(), bytes(one.dump_state())):
        with pytest.raises(StateError, match="header that declares"):
            other.load_state(state)
        assert other.dump_state() == before
    envs = NESVectorEnv(with_ram(8, 7), 2, num_threads=1)
    envs.reset(seed=0)
    for state in (one.dump_state(), bytes(one.dump_state())):
        with pytest.raises(StateError, match="header that declares"):
            envs.set_state(0, state)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cpu.nmi_line", 1),
        ("cpu.carry", 2),
        ("cpu.reserved", 1),
        ("dma.oam_latch_full", 1),
        ("dma.dmc_stage", 1),
        ("apu.dmc_silent", 4),
        ("apu.frame_start", 0),
        ("ppu.vblank", 2),
        ("ppu.reserved", 1),
        ("ppu.access_due", 5),
        ("ppu.mask_due", 2**62),
        ("ppu.sprite_overflow", 0x80),
        ("cartridge.irq", 3),
        ("scroll.flags", 0x80),
        ("board", 1),
    ],
)
def test_impossible_value_is_refused_by_name(emulator: NESEmulator, name: str, value: int) -> None:
    for _ in range(5000):  # into the picture
        emulator.step_instruction()
    assert 0 < emulator.trace().scanline < 240
    state = Altered(ROM, bytes(emulator.dump_state()))
    state[name] = value
    before = emulator.dump_state()
    with pytest.raises(StateError, match="impossible value"):
        emulator.load_state(state.bytes())
    assert emulator.dump_state() == before


@pytest.mark.parametrize(
    ("mapper", "name", "possible", "impossible"),
    [
        (5, "pulses.clocks", 2, 2**20),
        (5, "pulses.length", 0, 1),  # of a pulse that is off
        (5, "pulses.decay", 15, 16),
        (5, "pulses.divider", 15, 16),
        (5, "pulses.start", 1, 2),
        (5, "pulses.restarts", 255, None),
        (5, "pulses.reserved", 0, 1),
        (19, "channel", 7, 8),
        (19, "channel_cycles", 14, 15),
        (67, "envelope_start", 0, 1),
        (69, "envelope_start", 29780, 2**40),
        (210, "channel", 0, 1),
        (210, "channel_cycles", 0, 1),
    ],
)
def test_sound_of_a_board_is_possible_or_refused(mapper: int, name: str, possible: int, impossible: int | None) -> None:
    content = header(mapper=mapper) + prg(b"\x4c\x00\xc0") + bytes(CHR_BANK)
    emulator = NESEmulator(content)
    emulator.step(3)
    state = Altered(content, bytes(emulator.dump_state()))
    state[f"board.{name}"] = possible
    emulator.load_state(state.bytes())
    emulator.sample_rate = 48000
    emulator.step(3)
    before = emulator.dump_state()
    if impossible is not None:
        state[f"board.{name}"] = impossible
        with pytest.raises(StateError, match=r"impossible value in board\."):
            emulator.load_state(state.bytes())
        assert emulator.dump_state() == before


def mmc5_rom() -> bytes:
    """Returns the demonstration program on an MMC5."""
    image = bytearray(ROM)
    image[6] |= 0x50
    return bytes(image)


@pytest.mark.parametrize("number", range(5))
def test_altered_state_plays_the_same_under_both_policies_or_is_refused(number: int) -> None:
    rom = [ROM, board_rom(1), board_rom(4), board_rom(4, frame_counter=True), mmc5_rom()][number]
    generator = random.Random(number)
    fast, reference = NESEmulator(rom), NESEmulator(rom, policy="reference")
    memories = ("ram", "ciram", "prg_ram", "chr_ram", "picture", "emphasis", "whole_picture")
    registers = [name for name, *_ in _cartridge.state_fields(rom) if name not in memories]
    taken = 0
    for _ in range(2):
        fast.reset()
        fast.step(generator.choice([5, 12, 31]))
        for _ in range(generator.randrange(6000)):
            fast.step_instruction()
        base = bytes(fast.dump_state())
        for _ in range(25):
            state = Altered(rom, base)
            names = [generator.choice(registers) for _ in range(generator.choice([1, 1, 2]))]
            for name in names:
                state[name] = generator.choice(
                    [generator.getrandbits(64), state[name] ^ 1 << generator.randrange(8), state[name] + 1, 0, 1]
                )
            data = state.bytes()
            try:
                fast.load_state(data)
            except StateError:
                continue
            taken += 1
            reference.load_state(data)
            for _ in range(2):
                buttons = generator.randrange(256)
                for emulator in (fast, reference):
                    emulator.controller(0)[0] = buttons
                    emulator.step()
            end = bytes(fast.dump_state())
            assert end == bytes(reference.dump_state()), names
            fast.load_state(end)
    assert taken > 10


def test_every_state_of_both_policies_is_possible() -> None:
    for rom in (ROM, board_rom(4, frame_counter=True), mmc5_rom()):
        for policy in ("fast", "reference"):
            for region in ("ntsc", "pal", "dendy"):
                emulator = NESEmulator(rom, policy=policy, region=region)
                other = NESEmulator(rom, region=region)
                for number in range(40):
                    other.load_state(bytes(emulator.dump_state()))
                    emulator.step(number % 3)
                    for _ in range(number * 7):
                        emulator.step_instruction()
                    if number % 10 == 9:
                        emulator.reset(keep_memory=number == 19)
                    if number == 25:
                        emulator.soft_reset()
