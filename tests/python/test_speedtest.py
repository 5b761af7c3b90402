"""The command line keeps the options and the JSON of nes-py 9's."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

from nes_py import NESEmulator, cli, speedtest
from nes_py.envs.bricks import ROM_PATH
from nes_py.ram import normalize_ram_read_specs

COMMON = {
    "action_policy", "backup_interval", "backups", "elapsed_seconds", "frames_per_second", "frames_rendered",
    "measured_steps", "render_mode", "resets", "restore_interval", "restores", "seed", "steps_per_second",
    "total_steps", "warmup_steps",
}  # fmt: skip
RATE = {
    "compiler", "elapsed_seconds", "environment", "operation", "platform", "rom", "steps_per_second", "total_steps",
    "warmup_steps",
}  # fmt: skip
VECTOR = (RATE - {"operation", "steps_per_second"}) | {
    "action_policy", "action_transfer_seconds", "backend", "checksum", "cpu_affinity", "env_count", "frames_per_second",
    "instrumentation_enabled", "measured_frames", "native_step_seconds", "observation_mode", "observation_seconds",
    "python_overhead_seconds", "ram_info_seconds", "setup_seconds", "synchronization_seconds", "teardown_seconds",
    "worker_stats",
}  # fmt: skip


def run_json(capsys, *arguments):
    assert speedtest.main(["--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_embedded_game_without_a_rom(capsys):
    result = run_json(capsys, "--steps", "20", "--warmup-steps", "2", "--seed", "3")
    assert set(result) == COMMON
    assert result["measured_steps"] == 20
    assert result["total_steps"] == 22
    assert result["seed"] == 3
    assert result["steps_per_second"] == pytest.approx(20 / result["elapsed_seconds"])


def test_backups_and_rendering_are_counted(capsys):
    result = run_json(
        capsys, "--steps", "20", "--render-mode", "rgb_array", "--backup-interval", "5", "--restore-interval", "10"
    )
    # One more at the start, so that there is something to restore.
    assert (result["backups"], result["restores"], result["frames_rendered"]) == (5, 2, 20)


def test_observation_profile(capsys):
    results = run_json(capsys, "--steps", "5", "--observation-profile", "--runs", "2")
    assert [result["operation"] for result in results] == 2 * list(speedtest.OBSERVATION_PROFILE_OPERATIONS)
    assert all(set(result) == RATE | {"action_policy", "checksum"} for result in results)


def test_ram_profile(capsys):
    results = run_json(capsys, "--steps", "5", "--ram-profile")
    assert [result["operation"] for result in results] == list(speedtest.RAM_PROFILE_OPERATIONS)
    assert all(set(result) == RATE | {"action_policy", "checksum", "ram_read_count"} for result in results)


def test_mapper_profile(capsys):
    from importlib.resources import as_file, files

    with as_file(files("nes_py.roms") / "bricks.nes") as rom:
        results = run_json(capsys, "--steps", "5", "--profile-rom", str(rom))
    assert [result["operation"] for result in results] == ["reset", "step", "render_rgb_array", "backup_restore"]
    assert all(set(result) == RATE | {"mapper"} and result["mapper"] == 0 for result in results)


def test_vector_profile(capsys):
    arguments = ["--steps", "3", "--vector-profile", "--env-counts", "1,2"]
    backends = ("scalar_loop", "gym_sync_vector_env", "native_vector")
    results = run_json(capsys, *arguments, *(word for name in backends for word in ("--vector-backend", name)))
    assert all(set(result) == VECTOR for result in results)
    assert {result["backend"] for result in results} == set(backends)
    assert {(result["env_count"], result["measured_frames"]) for result in results} == {(1, 3), (2, 6)}
    assert {result["observation_mode"] for result in results} == set(speedtest.VECTOR_PROFILE_OBSERVATIONS)


def test_functions_take_what_those_of_nes_py_9_take():
    rom = ROM_PATH
    result = speedtest.run_benchmark(rom=rom, steps=4, warmup_steps=1, progress=False, action_policy=lambda env, *_: 3)
    assert (result.total_steps, result.measured_steps, result.action_policy) == (5, 4, "<lambda>")
    again = speedtest.run_benchmark(speedtest.BenchmarkConfig(rom, 9, progress=False), steps=2)
    assert again.to_dict()["measured_steps"] == 2
    results, summary = speedtest.run_repeated_benchmark(rom=rom, steps=2, runs=3, progress=False)
    rates = sorted(result.frames_per_second for result in results)
    assert (summary.runs, summary.median_steps_per_second) == (3, rates[1])
    assert summary.to_dict()["iqr_steps_per_second"] == rates[2] - rates[0]
    assert speedtest.BenchmarkConfig(rom).progress
    assert len(speedtest.run_mapper_profile([rom], steps=1, warmup_steps=0, operations=("step",))) == 1
    with pytest.raises(ValueError, match="unknown mapper benchmark operation: 'jump' is none of reset, step"):
        speedtest.run_mapper_profile([rom], operations=("jump",))
    assert speedtest.run_ram_profile(rom, 2, specs=({"name": "lives", "address": 1},))[0].ram_read_count == 1
    result = speedtest.run_observation_profile(rom, 2, 0, 7, "noop", ("step",))[0]
    assert result.action_policy == "noop"
    assert json.loads(json.dumps(result.to_dict()))["rom"] == str(rom)


def test_policies_see_the_environment_and_a_generator():
    seen = []

    def policy(env, step, random):
        seen.append((env.done, step, type(random)))
        return random.randint(env.action_space.n)

    speedtest.run_benchmark(rom=ROM_PATH, steps=3, seed=5, action_policy=policy, progress=False)
    assert seen == [(False, step, np.random.RandomState) for step in (1, 2, 3)]


def test_ways_of_reading_ram_agree():
    ram = np.arange(2048).astype(np.uint8)
    with NESEmulator(ROM_PATH) as emulator:
        emulator.memory_buffer()[:] = ram
        for spec in speedtest.DEFAULT_RAM_READ_SPECS[2:]:
            columns = normalize_ram_read_specs([spec])
            assert speedtest._decode(ram, *spec) == emulator.read_ram_values(*columns)[0]


@pytest.mark.parametrize(
    ("values", "middle", "spread"),
    [([5.0], 5, 0), ([1.0, 4.0], 2.5, 3), ([8.0, 1.0, 2.0, 4.0], 3, 3), ([1.0, 2.0, 4.0, 8.0, 16.0], 4, 6)],
)
def test_summaries(values, middle, spread):
    results = [SimpleNamespace(steps_per_second=value) for value in values]
    summary = speedtest.summarize_repeated_results(results, "op", baseline=2)
    assert (summary.median_steps_per_second, summary.iqr_steps_per_second) == (middle, spread)
    assert summary.percent_change == 100 * (middle - 2) / 2
    with pytest.raises(ValueError, match="no results"):
        speedtest.summarize_repeated_results([], "op")


def test_only_one_profile(capsys):
    with pytest.raises(SystemExit):
        speedtest.main(["--ram-profile", "--vector-profile"])
    assert "choose only one" in capsys.readouterr().err


def test_text(capsys):
    assert speedtest.main(["--steps", "3", "--no-progress"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "NES benchmark"
    assert "  measured steps: 3" in lines


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--steps", "0"], "argument --steps: must be at least 1"),
        (["--warmup-steps", "-1"], "argument --warmup-steps: must be at least 0"),
        (["--backup-interval", "0"], "argument --backup-interval: must be at least 1"),
        (["--restore-interval", "-1"], "argument --restore-interval: must be at least 1"),
        (["--env-counts", "x"], "argument --env-counts: must be an integer, not 'x'"),
        (["--env-counts", ","], "argument --env-counts: there is no number in ','; numbers look like 1,8,64"),
        (["--env-counts", "1,0"], "argument --env-counts: must be at least 1"),
        (["--rom", "nowhere.nes"], "the ROM file nowhere.nes does not exist"),
        (["--rom", "brix"], "did you mean 'bricks'"),
        (["--runs", "0"], "argument --runs: must be at least 1"),
        (["--ram-profile", "--vector-profile"], "choose only one"),
    ],
)
@pytest.mark.parametrize("main", [speedtest.main, lambda arguments: cli.main(["bench", *arguments])])
def test_wrong_calls_say_what_is_wrong_before_anything_is_measured(capsys, arguments, reason, main):
    with pytest.raises(SystemExit) as stop:
        main([*arguments, "--no-progress"])
    assert stop.value.code == 2
    output = capsys.readouterr()
    assert reason in output.err
    assert not output.out
