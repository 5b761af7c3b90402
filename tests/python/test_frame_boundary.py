"""Where a step ends: at the start of vertical blank, or where a step of nes-py 8 and 9 does."""

import copy
import pickle

import numpy as np
import pytest
from support.equality import assert_same

from nes_py import NESEmulator, NESEnv, NESVectorEnv, StateError
from nes_py.emulator import VectorEmulator
from nes_py.envs.bricks import ROM_PATH, BricksEnv
from nes_py.movie import Movie
from nes_py.vector_env import VectorNESEmulator
from tests.support.rom_builder import demonstration_rom

STEP = 29781
FIRST = STEP - 114
LONGEST_INSTRUCTION = 8


def pal_rom():
    content = bytearray(ROM_PATH.read_bytes())
    content[7] |= 0x08  # NES 2.0
    content[8:16] = bytes(8)
    content[12] = 1  # PAL
    return bytes(content)


def boundary_of_step(number):
    return FIRST + STEP * (number - 1)


@pytest.mark.parametrize("policy", ["fast", "reference"])
def test_steps_end_every_29781_cycles(policy):
    emulator = NESEmulator(ROM_PATH, policy=policy, frame_boundary="nes-py")
    for number in range(1, 40):
        emulator.frame_advance(8 if number % 16 < 8 else 0)
        over = emulator.cpu_cycles - boundary_of_step(number)
        assert 0 <= over < LONGEST_INSTRUCTION + 520, number


def test_defaults():
    assert NESEmulator(ROM_PATH).frame_boundary == "vblank"
    assert NESEnv(str(ROM_PATH)).frame_boundary == "nes-py"
    assert NESEnv(str(ROM_PATH), frame_boundary="vblank").frame_boundary == "vblank"
    assert BricksEnv().frame_boundary == "vblank"
    with NESVectorEnv(ROM_PATH, 1) as envs:
        assert envs.frame_boundary == "vblank"
    vector = VectorNESEmulator(ROM_PATH, 1)
    assert vector._batch.emulators[0].frame_boundary == "nes-py"


@pytest.mark.parametrize("boundary", ["nes_py", "frame", 1])
def test_others_are_refused(boundary):
    error = TypeError if boundary == 1 else ValueError
    for build in (NESEmulator, NESEnv, lambda rom, **options: NESVectorEnv(rom, 1, **options)):
        with pytest.raises(error, match="frame_boundary"):
            build(str(ROM_PATH), frame_boundary=boundary)
    emulator = NESEmulator(ROM_PATH)
    with pytest.raises(error, match="frame_boundary"):
        emulator.frame_boundary = boundary


def test_other_consoles_end_at_vertical_blank_and_say_so():
    env = NESEnv(pal_rom())
    assert env.frame_boundary == "vblank"
    assert NESEnv(str(ROM_PATH), region="dendy").frame_boundary == "vblank"
    with pytest.warns(UserWarning, match="pal console end at vertical blank"):
        env = NESEnv(pal_rom(), frame_boundary="nes-py")
    assert env.frame_boundary == "vblank"
    env.reset()
    assert env.step(0)[0].shape == (240, 256, 3)


def play(emulator, steps, seed=1):
    buttons = np.random.default_rng(seed).integers(0, 256, steps)
    for number in buttons:
        emulator.frame_advance(int(number) & 0xF3 | 8 * (int(number) % 5 == 0))
    return emulator


def test_the_machine_is_the_same_wherever_it_is_handed_over():
    # Without buttons nothing tells where a step ended.
    ours, other = NESEmulator(ROM_PATH), NESEmulator(ROM_PATH, frame_boundary="nes-py")
    other.step(30)
    ours.step(30)
    while ours.cpu_cycles < other.cpu_cycles:
        ours.step_instruction()
    assert ours.cpu_cycles == other.cpu_cycles
    assert_same(ours.memory_buffer(), other.memory_buffer())


def test_a_state_remembers_the_boundary():
    emulator = play(NESEmulator(ROM_PATH, frame_boundary="nes-py"), 30)
    state = emulator.dump_state()
    for restored in (state, bytes(state), np.asarray(state), pickle.loads(pickle.dumps(state))):
        other = NESEmulator(ROM_PATH)
        other.load_state(restored)
        assert other.frame_boundary == "nes-py"
        assert play(other, 20, 2).dump_state() == play(copy.copy(emulator), 20, 2).dump_state()
        other.reset()
        assert other.frame_boundary == "vblank"


def test_slots_and_copies_remember_it():
    env = NESEnv(str(ROM_PATH))
    env.reset()
    env.step(8)
    env.emulator.frame_boundary = "vblank"
    env.backup(2)
    env.emulator.frame_boundary = "nes-py"
    twin = pickle.loads(pickle.dumps(env))
    assert twin.frame_boundary == "nes-py"
    env.restore(2)
    assert env.frame_boundary == "vblank"
    assert copy.deepcopy(env).frame_boundary == "vblank"


def test_an_impossible_boundary_in_a_state_is_refused():
    emulator = NESEmulator(ROM_PATH, frame_boundary="nes-py")
    ours = bytes(emulator.dump_state())
    emulator.frame_boundary = "vblank"
    place = next(i for i, (a, b) in enumerate(zip(ours, bytes(emulator.dump_state()), strict=True)) if a != b)
    for value in (2, 255):
        data = bytearray(ours)
        data[place] = value
        digest = 0xCBF29CE484222325
        for byte in data[:-8]:
            digest = (digest ^ byte) * 0x100000001B3 % 2**64
        data[-8:] = digest.to_bytes(8, "little")
        with pytest.raises(StateError, match="frame_boundary"):
            emulator.load_state(bytes(data))


@pytest.mark.parametrize("whole", [False, True])
def test_skipped_frames_change_no_picture(whole):
    # Far enough for the beam to stand within the picture.
    drawn, skipping = (
        NESEmulator(demonstration_rom(), frame_boundary="nes-py", whole_pictures=whole, policy=policy)
        for policy in ("fast", "reference")
    )
    play(drawn, 40)
    state = drawn.dump_state()
    for step in range(8):
        # Each 1,000 steps move the beam by four lines.
        drawn.load_state(state)
        drawn.step(1500, render=False)
        state = drawn.dump_state()
        skipping.load_state(state)
        for step in range(3):
            drawn.step()
            drawn.step()
            drawn.step()
            skipping.step(2, render=False)
            skipping.step(1)
            assert_same(drawn.screen_rgb(), skipping.screen_rgb(), f"step {step}")


def test_whole_pictures():
    whole = NESEmulator(ROM_PATH, frame_boundary="nes-py", whole_pictures=True)
    torn = NESEmulator(ROM_PATH, frame_boundary="nes-py")
    at_vblank = NESEmulator(ROM_PATH)
    for emulator in (whole, torn):
        emulator.step(200)
    at_vblank.step(200)
    while at_vblank.frame_count < whole.frame_count:
        at_vblank.step()
    assert_same(whole.screen_rgb(), at_vblank.screen_rgb())
    assert (whole.index_buffer() == at_vblank.index_buffer()).all()
    assert_same(whole.screen_gray(), at_vblank.screen_gray())
    view = whole.screen_buffer()
    whole.step(3)
    assert_same(view, whole.screen_rgb())
    # States go between emulators with and without them.
    state = whole.dump_state()
    torn.load_state(state)
    again = NESEmulator(ROM_PATH, frame_boundary="nes-py", whole_pictures=True)
    again.load_state(bytes(state))
    assert again.dump_state() == state
    again.load_state(torn.dump_state())
    assert_same(again.memory_buffer(), torn.memory_buffer())
    assert_same(again.screen_rgb(), torn.screen_rgb())


@pytest.mark.parametrize("choice", [1, "no", None, np.array([True])])
def test_whole_pictures_are_chosen_with_a_bool(choice):
    for made in (NESEmulator, NESEnv):
        with pytest.raises(TypeError, match="whole_pictures must be True or False"):
            made(str(ROM_PATH), whole_pictures=choice)


def test_the_bool_may_be_numpys():
    emulator = NESEmulator(ROM_PATH, frame_boundary="nes-py", whole_pictures=np.True_)
    emulator.step(3)
    twin = NESEmulator(ROM_PATH, frame_boundary="nes-py", whole_pictures=True)
    twin.step(3)
    assert emulator.dump_state() == twin.dump_state()


@pytest.mark.parametrize("timing", ["hardware", "nes-py"])
def test_vectors_of_emulators_tell_their_timing(timing, monkeypatch):
    monkeypatch.setenv("NES_PY_TIMING", timing)
    fork, vector = VectorEmulator(ROM_PATH, 2), VectorNESEmulator(ROM_PATH, 2)
    assert (fork.frame_boundary, fork.timing) == ("nes-py", timing)
    vector.close()
    assert (vector.frame_boundary, vector.timing) == ("nes-py", timing)


def test_a_movie_knows_its_boundary(tmp_path):
    env = NESEnv(str(ROM_PATH))
    env.reset()
    movie = env.record_movie()
    for number in range(60):
        env.step(8 if number % 10 < 5 else 1)
    assert movie.frame_boundary == "nes-py"
    movie.save(tmp_path / "run.fm2")
    loaded = Movie.load(tmp_path / "run.fm2")
    assert loaded == movie
    for emulator in (NESEmulator(ROM_PATH), loaded.emulator(ROM_PATH), NESEnv(str(ROM_PATH), frame_boundary="vblank")):
        loaded.replay(emulator)
        machine = emulator if isinstance(emulator, NESEmulator) else emulator.emulator
        assert machine.dump_state() == env.dump_state()


def test_the_button_keeps_memory():
    env = NESEnv(str(ROM_PATH), on_reset="button")
    env.reset()
    for number in range(120):
        env.step(8 if number % 10 < 5 else 0x80)
    env.ram[0x7F0] = 0x5A
    palette = [env.emulator.peek_ppu(0x3F00 + index) for index in range(32)]
    names = [env.emulator.peek_ppu(0x2000 + index) for index in range(960)]
    frames = env.emulator.frame_count
    observation, _ = env.reset()
    assert env.ram[0x7F0] == 0x5A
    assert [env.emulator.peek_ppu(0x3F00 + index) for index in range(32)] == palette
    assert [env.emulator.peek_ppu(0x2000 + index) for index in range(960)] == names
    assert not env.emulator.oam.any()
    assert_same(observation, observation[0, 0])
    assert env.emulator.frame_count == frames
    # The steps begin anew.
    start = env.emulator.cpu_cycles - 7
    env.step(0)
    assert 0 <= env.emulator.cpu_cycles - start - FIRST < LONGEST_INSTRUCTION + 520
    env.reset(options={"power_on": True})
    assert env.ram[0x7F0] == 0


@pytest.mark.parametrize("region", ["ntsc", "pal"])
def test_a_reset_that_keeps_memory_is_power_on_for_what_it_does_not_keep(region):
    emulator = NESEmulator(ROM_PATH, region=region)
    emulator.step(100)
    emulator.reset(keep_memory=True)
    fresh = NESEmulator(ROM_PATH, region=region)
    emulator.memory_buffer()[:] = 0
    for address in range(0x2000, 0x3000):
        emulator.poke_ppu(address, 0)
    for address in range(0x3F00, 0x3F20):
        emulator.poke_ppu(address, 0)
    for step in range(30):
        emulator.frame_advance(8)
        fresh.frame_advance(8)
        assert_same(emulator.memory_buffer(), fresh.memory_buffer(), f"step {step}")
        assert_same(emulator.screen_rgb(), fresh.screen_rgb(), f"step {step}")


def test_reset_is_power_on_by_default():
    env = NESEnv(str(ROM_PATH))
    env.reset()
    env.step(8)
    env.ram[0x7F0] = 0x5A
    env.reset()
    assert env.ram[0x7F0] == 0
    with pytest.raises(ValueError, match="on_reset must be 'power_on' or 'button'"):
        NESEnv(str(ROM_PATH), on_reset="switch")


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("maxpool", [False, True])
@pytest.mark.parametrize("steps", [0, 20_000])
def test_the_vector_environment_equals_the_single_one(whole, maxpool, steps):
    options = {"frame_boundary": "nes-py", "whole_pictures": whole}
    env = NESEnv(demonstration_rom(), **options)
    env.reset()
    # The beam stands within the picture after many steps.
    env.emulator.step(steps, render=False)
    env.step(0)
    state = env.dump_state()
    options |= {"img_height": None, "img_width": None, "grayscale": False, "layout": "hwc", "obs_type": "dict"}
    envs = NESVectorEnv(demonstration_rom(), 2, states=state, maxpool=maxpool, frameskip=3, stack_num=1, **options)
    observations, _ = envs.reset()
    assert_same(observations["image"][0], env.screen)
    rng = np.random.default_rng(3)
    for step in range(60):
        action = int(rng.integers(256))
        observations = envs.step(np.array([action, 0]))[0]
        pictures = [env.step(action)[0] for _ in range(3)]
        expected = np.maximum(pictures[-2], pictures[-1]) if maxpool else pictures[-1]
        assert_same(observations["image"][0], expected, f"step {step}")
        assert_same(observations["ram"][0], env.ram, f"step {step}")
    envs.close()


def test_a_start_from_elsewhere_keeps_the_batch_together():
    env = NESEnv(str(ROM_PATH))
    env.reset()
    for _ in range(40):
        env.step(8)
    with NESVectorEnv(ROM_PATH, 2, states=env.dump_state(), frameskip=1) as envs:
        envs.reset()
        assert envs.frame_boundary == "vblank"
        for _ in range(3):
            envs.step(np.zeros(2, np.int64))
        emulator = NESEmulator(ROM_PATH)
        emulator.load_state(envs.get_state(0).snapshot)
        assert emulator.frame_boundary == "vblank"
        assert emulator.trace().scanline == 241
