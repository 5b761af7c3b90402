"""Devices in the controller ports, read by tiny programs at $4016 and $4017."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from gymnasium.spaces import Discrete, MultiBinary, MultiDiscrete
from support.equality import assert_same

from nes_py import NESEmulator, NESEnv, NESVectorEnv
from nes_py._batch import Batch
from nes_py._palette import arcade_palette
from nes_py.devices import DEVICES
from nes_py.movie import MovieError
from tests.support import rom_builder

POLICIES = ("fast", "reference")
READS = 26

# In each vertical blank: strobe, then read both ports in turn to $0300 and $0340.
READER = bytes.fromhex("a9 01 8d 16 40 a9 00 8d 16 40 a2 00 ad 16 40 9d 00 03 ad 17 40 9d 40 03 e8 e0 1a d0 ef 40")
WARM_UP = bytes.fromhex("78 d8 a2 ff 9a 2c 02 20 10 fb 2c 02 20 10 fb")


def loop(code: bytes) -> bytes:
    return code + b"\x4c" + (0xC000 + len(code)).to_bytes(2, "little")


def reader_rom() -> bytes:
    code = loop(WARM_UP + bytes.fromhex("a9 80 8d 00 20"))
    return rom_builder.header() + rom_builder.prg(code, READER) + bytes(rom_builder.CHR_BANK)


def read_ports(emulator: NESEmulator) -> tuple[list[int], list[int]]:
    """Returns bits 0 to 4 of what the program read at both ports in a frame."""
    emulator.step(2)
    ram = emulator.memory_buffer() & 0x1F
    return ram[0x300 : 0x300 + READS].tolist(), ram[0x340 : 0x340 + READS].tolist()


def bits(*values: int) -> list[int]:
    return [value >> bit & 1 for value in values for bit in range(8)]


@pytest.fixture(params=POLICIES)
def policy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def open_emulator(device: str, policy: str) -> NESEmulator:
    emulator = NESEmulator(reader_rom(), device=device, policy=policy)  # type: ignore[arg-type]
    emulator.step(5)
    return emulator


# --- pads ---


def test_two_pads(policy: str) -> None:
    emulator = open_emulator("joypads", policy)
    emulator.controller(0)[0], emulator.controller(1)[0] = 0x95, 0x2C
    first, second = read_ports(emulator)
    assert first == bits(0x95) + [1] * 18
    assert second == bits(0x2C) + [1] * 18
    with pytest.raises(ValueError, match=r"port must be in 0\.\.1"):
        emulator.controller(2)


def test_four_score(policy: str) -> None:
    emulator = open_emulator("four_score", policy)
    for port, buttons in enumerate((0x81, 0x42, 0x3C, 0xA5)):
        emulator.controller(port)[0] = buttons
    first, second = read_ports(emulator)
    # Two pads, then $10 and $20, highest bit first.
    assert first == [*bits(129, 60), 0, 0, 0, 1, 0, 0, 0, 0, 1, 1]
    assert second == [*bits(66, 165), 0, 0, 1, 0, 0, 0, 0, 0, 1, 1]


# --- the paddle ---


@pytest.mark.parametrize("position", [0x00, 0x54, 0x9B, 0xFF])
def test_arkanoid(policy: str, position: int) -> None:
    emulator = open_emulator("arkanoid", policy)
    for port, value in enumerate((0x08, position, 1)):
        emulator.controller(port)[0] = value
    first, second = read_ports(emulator)
    assert first == bits(0x08) + [1] * 18
    assert {value & ~0x10 for value in second} == {0x08}  # the button
    shown = int("".join(str(value >> 4) for value in second[:8]), 2)
    assert shown ^ 0xFF == position
    emulator.controller(2)[0] = 0
    assert {value & ~0x10 for value in read_ports(emulator)[1]} == {0}


# --- the light gun ---

# A white sprite at x 120 to 127, y 100 to 107 before black. The main loop counts in $20 how often the gun sees light;
# in vertical blank the count goes to $21 and bits 3 and 4 of $4017 to $22.
_SPRITE = (99, 0, 0, 120)
_GUN = WARM_UP + b"".join(
    (
        bytes.fromhex("a9 3f 8d 06 20 a9 00 8d 06 20 a9 0f 8d 07 20"),
        bytes.fromhex("a9 3f 8d 06 20 a9 13 8d 06 20 a9 30 8d 07 20"),
        bytes.fromhex("a9 00 8d 03 20"),
        b"".join(bytes((0xA9, value, 0x8D, 0x04, 0x20)) for value in _SPRITE),
        bytes.fromhex("a9 00 8d 06 20 8d 06 20 a9 80 8d 00 20 a9 14 8d 01 20"),
    )
)
_POLL = bytes.fromhex("ad 17 40 29 08 d0 f9 e6 20")
_GUN_INTERRUPT = bytes.fromhex("a5 20 85 21 a9 00 85 20 ad 17 40 29 18 85 22 40")


def gun_rom() -> bytes:
    code = _GUN + _POLL + b"\x4c" + (0xC000 + len(_GUN)).to_bytes(2, "little")
    return rom_builder.header() + rom_builder.prg(code, _GUN_INTERRUPT) + b"\xff" * rom_builder.CHR_BANK


def aim(emulator: NESEmulator, x: int, y: int, trigger: int = 0, *, render: bool = True) -> int:
    """Returns how often the gun sees light in a frame when it points at (x, y)."""
    for port, value in enumerate((x, y, trigger)):
        emulator.controller(port + 1)[0] = value
    emulator.step(1, render)
    emulator.step(1, render)
    emulator.step_instruction()
    return int(emulator.memory_buffer()[0x20 if emulator.memory_buffer()[0x20] else 0x21])


@pytest.fixture
def gun(policy: str) -> NESEmulator:
    emulator = NESEmulator(gun_rom(), device="zapper", policy=policy)  # type: ignore[arg-type]
    emulator.step(8)
    return emulator


def test_the_gun_sees_the_bright_sprite_for_some_lines(gun: NESEmulator) -> None:
    assert gun.index_buffer()[104, 124] == 0x30
    assert gun.index_buffer()[104, 140] == 0x0F
    # From line 102 to 26 lines after 106, 113.7 cycles each, 17 cycles a turn of the loop.
    assert aim(gun, 124, 104) == pytest.approx(30 * 341 / 3 / 17, abs=4)
    assert aim(gun, 124, 130) == 0
    assert aim(gun, 200, 104) == 0
    assert aim(gun, 130, 104) == 0
    # The rim of its field of view.
    assert aim(gun, 129, 104) > 0


def test_the_gun_sees_nothing_away_from_the_screen(gun: NESEmulator) -> None:
    assert aim(gun, 124, 240) == 0
    fresh = NESEmulator(gun_rom(), device="zapper")
    assert fresh.controller(2)[0] == 0xFF


def test_the_trigger(gun: NESEmulator) -> None:
    aim(gun, 124, 104, 1)
    gun.step(1)
    assert gun.memory_buffer()[0x22] == 0x18  # pulled; in vertical blank it is dark
    aim(gun, 124, 104, 0)
    gun.step(1)
    assert gun.memory_buffer()[0x22] == 0x08


def test_the_gun_sees_pictures_that_nobody_else_does(gun: NESEmulator) -> None:
    seen = aim(gun, 124, 104)
    assert aim(gun, 124, 104, render=False) == seen
    one, other = NESEmulator(gun_rom(), device="zapper"), NESEmulator(gun_rom(), device="zapper")
    for emulator, render in ((one, True), (other, False)):
        for port, value in enumerate((124, 104, 1)):
            emulator.controller(port + 1)[0] = value
        emulator.step(12, render)
    assert one.dump_state() == other.dump_state()


def test_a_state_carries_what_is_held(policy: str) -> None:
    emulator = open_emulator("four_score", policy)
    emulator.controller(3)[0] = 0x77
    # Into the middle of the reads.
    while emulator.memory_buffer()[0x309] == 0 and emulator.trace().pc != 0xD012:
        emulator.step_instruction()
    twin = pickle.loads(pickle.dumps(emulator))
    assert twin.options["device"] == "four_score"
    assert twin.controller(3)[0] == 0x77
    emulator.step(3)
    twin.step(3)
    assert twin.dump_state() == emulator.dump_state()


# --- environments ---


def test_env_with_four_pads() -> None:
    env = NESEnv(reader_rom(), device="four_score")
    env.reset()
    assert isinstance(env.action_space, Discrete)
    assert len(env.controllers) == 4
    env.controllers[2][:] = 0x3C
    for _ in range(8):
        env.step(0x81)
    assert (env.ram[0x300:0x310] & 1).tolist() == bits(0x81, 0x3C)


def test_env_with_the_gun() -> None:
    env = NESEnv(gun_rom(), device="zapper")
    assert env.action_space == MultiDiscrete([256, 256, 241, 2])
    env.reset(seed=1)
    for _ in range(12):
        env.step(np.array([0x08, 124, 104, 1]))
    assert env.controllers[0][0] == 0x08
    assert env.ram[0x21] > 150
    for _ in range(2):
        env.step(np.array([0, 20, 104, 0]))
    assert env.ram[0x21] == 0
    for wrong in (0, [0, 1, 2], [0.0, 1, 2, 1], [256, 0, 0, 0], [0, 0, 241, 0], [0, 0, 0, -1]):
        with pytest.raises(ValueError, match=r"must be"):
            env.step(wrong)  # type: ignore[arg-type]
    with pytest.raises(MovieError, match="two controllers"):
        env.record_movie()
    copy = pickle.loads(pickle.dumps(env))
    assert copy.controllers[1][0] == 20


def test_vector_env_with_the_gun() -> None:
    with NESVectorEnv(gun_rom(), 3, device="zapper", actions=[[], ["start"]], frameskip=3, num_threads=2) as envs:
        assert envs.single_action_space == MultiDiscrete([2, 256, 241, 2])
        assert envs.action_space.shape == (3, 4)
        envs.reset(seed=0)
        actions = np.array([[1, 124, 104, 1], [0, 20, 104, 0], [0, 124, 240, 1]])
        for _ in range(6):
            envs.step(actions)
        seen = envs.ram[:, 0x21]
        assert seen[0] > 150
        assert seen[1] == seen[2] == 0
        assert envs.ram[:, 0x22].tolist() == [0x18, 0x08, 0x18]
        envs.step(envs.action_space.sample())
        with pytest.raises(ValueError, match=r"the y of environment 1 must be in 0\.\.240, not 241"):
            envs.step(np.array([[0, 0, 0, 0], [0, 0, 241, 0], [0, 0, 0, 0]]))
        with pytest.raises(ValueError, match=r"shape \(3, 4\)"):
            envs.step(np.zeros(3, np.int64))
        with pytest.raises(TypeError, match="integers"):
            envs.step(np.zeros((3, 4)))


def test_vector_env_equals_the_single_one_with_a_paddle() -> None:
    rom = reader_rom()
    generator = np.random.default_rng(3)
    env = NESEnv(rom, device="arkanoid")
    env.reset()
    with NESVectorEnv(rom, 2, device="arkanoid", frameskip=1, frame_boundary="nes-py") as envs:
        assert envs.single_action_space == env.action_space == MultiDiscrete([256, 256, 2])
        envs.reset(seed=0)
        for step in range(20):
            action = generator.integers([256, 256, 2])
            env.step(action)
            envs.step(np.stack([action, action]))
            assert_same(envs.ram[0], env.ram, f"step {step}")
            assert_same(envs.ram[1], env.ram, f"step {step}")


def test_vector_env_with_four_players() -> None:
    with NESVectorEnv(reader_rom(), 2, device="four_score", players=4) as envs:
        assert envs.single_action_space == MultiDiscrete([256] * 4)
        envs.reset(seed=0)
        envs.step(np.array([[0x81, 0x42, 0x3C, 0xA5]] * 2))
        envs.step(np.array([[0x81, 0x42, 0x3C, 0xA5]] * 2))
        assert (envs.ram[1, 0x300:0x310] & 1).tolist() == bits(0x81, 0x3C)
        assert (envs.ram[1, 0x340:0x350] & 1).tolist() == bits(0x42, 0xA5)
    with NESVectorEnv(reader_rom(), 2, device="four_score", players=3, actions="multibinary") as envs:
        assert envs.single_action_space == MultiBinary((3, 8))
        envs.reset(seed=0)
        envs.step(envs.action_space.sample())


def test_batch_with_four_pads() -> None:
    batch = Batch(reader_rom(), 2, device="four_score")
    actions = np.array([[0x81, 0x42, 0x3C, 0xA5], [1, 2, 3, 4]], np.uint8)
    batch.step(actions, frames=8)
    assert (batch.emulators[0].memory_buffer()[0x340:0x350] & 1).tolist() == bits(0x42, 0xA5)
    with pytest.raises(ValueError, match=r"n in 2\.\.4"):
        batch.step(np.zeros((2, 5), np.uint8))


# --- Vs. System ---


def vs_rom(ppu: int = 0, first_player_at: int = 0) -> bytes:
    header = bytearray(rom_builder.header(nes2=True, tail=bytes((0, 0, 0, 0, 0, ppu, 0, first_player_at))))
    header[7] |= 1
    return (
        bytes(header)
        + rom_builder.prg(loop(WARM_UP + bytes.fromhex("a9 80 8d 00 20")), READER)
        + bytes(rom_builder.CHR_BANK)
    )


def test_vs_system_ports(policy: str) -> None:
    emulator = NESEmulator(vs_rom(), device="vs_system", policy=policy)  # type: ignore[arg-type]
    emulator.step(5)
    emulator.controller(0)[...] = 0x81
    emulator.controller(1)[...] = 0x42
    emulator.controller(2)[...] = 0b10100110
    for coins, at_4016 in ((0, 0x10), (1, 0x30), (2, 0x50), (4, 0x14)):
        emulator.controller(3)[...] = coins
        emulator.step(2)
        first, second = (emulator.memory_buffer()[at : at + 8] for at in (0x300, 0x340))
        assert first.tolist() == [at_4016 | bit for bit in bits(0x81)]
        assert second.tolist() == [0b10100100 | bit for bit in bits(0x42)]


def test_vs_system_by_its_header(policy: str) -> None:
    """Its ports have no open bus, and the header may swap the sticks."""
    emulator = NESEmulator(vs_rom(first_player_at=5), policy=policy)  # type: ignore[arg-type]
    emulator.step(5)
    emulator.controller(0)[...] = 0x81
    emulator.step(2)
    assert emulator.memory_buffer()[0x340:0x348].tolist() == bits(0x81)
    assert not emulator.memory_buffer()[0x300:0x308].any()


@pytest.mark.parametrize("players", [1, 2])
def test_vector_env_with_a_vs_system(players: int) -> None:
    sticks = [[1, 0], [0, 2], [2, 1]]
    actions = np.array([[*stick[:players], 0b10100110, coins] for stick, coins in zip(sticks, (1, 2, 4), strict=True)])
    with NESVectorEnv(
        vs_rom(), 3, device="vs_system", players=players, actions=[[], ["right", "A"], ["left", "B"]], num_threads=1
    ) as envs:
        assert envs.single_action_space == MultiDiscrete([3] * players + [256, 8])
        envs.reset(seed=0)
        for _ in range(2):
            envs.step(actions)
        buttons = (0, 0x81, 0x42)
        for index, at_4016 in enumerate((0x30, 0x50, 0x14)):
            first, second = (buttons[stick] for stick in sticks[index])
            ram = envs.ram[index]
            assert ram[0x300:0x308].tolist() == [at_4016 | bit for bit in bits(first)]
            assert ram[0x340:0x348].tolist() == [0b10100100 | bit for bit in bits(second if players == 2 else 0)]
        with pytest.raises(ValueError, match=r"the coins of environment 1 must be in 0\.\.7, not 8"):
            envs.step(np.array([[0] * (players + 1) + [coins] for coins in (7, 8, 7)]))


@pytest.mark.parametrize(
    ("ppu", "colour_0", "colour_1"),
    [
        (0, (109, 109, 109), (0, 36, 146)),
        (2, (255, 182, 182), (219, 109, 255)),
        (3, (0, 0, 0), (255, 182, 0)),
        (4, (182, 0, 255), (255, 109, 255)),
        (5, (146, 109, 0), (109, 73, 219)),
        (9, (109, 109, 109), (0, 36, 146)),
    ],
)
def test_vs_system_colours(ppu: int, colour_0: tuple[int, ...], colour_1: tuple[int, ...]) -> None:
    colours = np.frombuffer(arcade_palette(ppu), np.uint8).reshape(8, 64, 3)
    assert (tuple(colours[0, 0]), tuple(colours[0, 1])) == (colour_0, colour_1)
    assert (colours[5, :, 0] == 255).all()
    assert (colours[5, :, 1] == colours[0, :, 1]).all()
    assert (colours[5, :, 2] == 255).all()
    emulator = NESEmulator(vs_rom(ppu))
    emulator.poke_ppu(0x3F00, 1)
    emulator.step(3)
    assert tuple(emulator.screen_rgb()[100, 100]) == colour_1
    env = NESVectorEnv(vs_rom(ppu), 1)
    env.reset()
    plain = NESVectorEnv(vs_rom(ppu), 1, palette=arcade_palette(ppu))
    plain.reset()
    assert_same(env.step(np.zeros(1, np.int64))[0], plain.step(np.zeros(1, np.int64))[0])
    given = NESEmulator(vs_rom(ppu), palette=bytes(192))
    given.step(3)
    assert not given.screen_rgb().any()


# --- wrong options ---


def test_options_that_do_not_fit() -> None:
    devices = "'joypads', 'four_score', 'zapper', 'arkanoid', 'vs_system'"
    with pytest.raises(ValueError, match=f"device must be one of {devices}"):
        NESEmulator(reader_rom(), device="mouse")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"did you mean|device must be one of"):
        NESVectorEnv(reader_rom(), 1, device="zaper")
    with pytest.raises(ValueError, match=r"players must be in 1\.\.2"):
        NESVectorEnv(reader_rom(), 1, players=3)
    with pytest.raises(ValueError, match=r"players must be in 1\.\.1"):
        NESVectorEnv(reader_rom(), 1, players=2, device="zapper")
    with pytest.raises(ValueError, match="multibinary"):
        NESVectorEnv(reader_rom(), 1, actions="multibinary", device="arkanoid")


def test_devices_are_listed() -> None:
    assert [device.inputs for device in DEVICES.values()] == [2, 4, 4, 3, 4]
