"""The command line keeps the options and the JSON of nes-py 9's."""

from __future__ import annotations

import json

import pytest

from nes_py import speedtest

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
    assert (result["backups"], result["restores"], result["frames_rendered"]) == (4, 2, 20)


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


def test_text(capsys):
    assert speedtest.main(["--steps", "3", "--no-progress"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "NES benchmark"
    assert "  measured steps: 3" in lines


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--steps", "0"], "steps must be positive"),
        (["--backup-interval", "0"], "backup_interval must be positive when provided"),
        (["--env-counts", "x"], "must be comma-separated integers"),
        (["--rom", "nowhere.nes"], "there is no ROM file nowhere.nes"),
        (["--runs", "0"], "--runs must be positive"),
    ],
)
def test_wrong_calls_say_what_is_wrong(capsys, arguments, reason):
    with pytest.raises(SystemExit) as stop:
        speedtest.main([*arguments, "--no-progress"])
    assert stop.value.code == 2
    assert reason in capsys.readouterr().err
