"""The command line ``nes_py``.

    nes_py play GAME        play it in a window, or with random buttons
    nes_py info GAME        describe a ROM and whether it is supported
    nes_py bench            measure the speed on this machine
    nes_py roms             list the bundled games

``GAME`` is a file, or the name of a bundled game. The form without a subcommand, as in
``nes_py --rom FILE --mode random --steps 500``, is that of nes-py 8 and 9 and means ``play``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from ._arguments import seed
from ._files import check_destination
from .errors import RomError, UnsupportedBoardError

_MOVIE_SUFFIX = ".fm2"


def bundled_games() -> dict[str, Path]:
    """Return the bundled games: names to files."""
    return {
        Path(entry.name).stem: Path(str(entry))
        for entry in sorted(files("nes_py.roms").iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".nes")
    }


def find_game(name: str) -> str:
    """Return the file of a game: a path, or the name of a bundled game. Anything else is returned unchanged."""
    if not os.path.exists(name) and name in bundled_games():
        return str(bundled_games()[name])
    return name


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


def _add_play_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--mode", "-m", choices=["human", "random"], default="human", help="who plays (default: human)")
    parser.add_argument(
        "--steps", "-s", type=_positive, default=500, help="number of random steps in random mode (default: 500)"
    )
    parser.add_argument("--seed", type=seed, help="seed of the random buttons and of the first reset")
    parser.add_argument(
        "--render", action=argparse.BooleanOptionalAction, default=True, help="show a window (default: yes)"
    )
    parser.add_argument("--no-sound", action="store_false", dest="sound", help="no sound, also not in recordings")
    parser.add_argument("--no-progress", action="store_false", dest="progress", help="no progress bar in random mode")


def flag_parser() -> argparse.ArgumentParser:
    """Return the parser of the form without a subcommand, as in nes-py 8 and 9."""
    parser = argparse.ArgumentParser(prog="nes_py", description="Play a game for the NES.")
    parser.add_argument("--rom", "-r", required=True, help="path to the .nes ROM to play")
    _add_play_options(parser)
    parser.set_defaults(record=None, movie=None, zoom=None)
    return parser


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nes_py",
        description="An NES emulator for reinforcement learning.",
        epilog="The form of nes-py 8 and 9 works too: nes_py --rom FILE [--mode human|random] [--steps N].",
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    play = commands.add_parser("play", help="play a game", description="Play a game; F1 shows the keys.")
    play.add_argument("rom", metavar="GAME", help="a .nes file, or the name of a bundled game")
    _add_play_options(play)
    play.add_argument(
        "--record", metavar="FILE", help="write the buttons (.fm2) or the pictures (.gif, .mp4, .mkv, .webm, .avi)"
    )
    play.add_argument("--movie", metavar="FILE", help="play the buttons in an .fm2 file")
    play.add_argument("--zoom", type=_positive, help="screen pixels per pixel of the game (default: up to 3)")

    info = commands.add_parser("info", help="describe a ROM", description="Describe a ROM.")
    info.add_argument("rom", metavar="GAME", help="a .nes file, or the name of a bundled game")

    bench = commands.add_parser("bench", help="measure the speed", description="Measure the speed.", add_help=False)
    bench.add_argument("arguments", nargs=argparse.REMAINDER)

    commands.add_parser("roms", help="list the bundled games", description="List the bundled games.")
    return parser


# --- commands ---


def _run_random(env: Any, options: argparse.Namespace, recorder: Any) -> None:
    from .playing.play import random_play

    steps = random_play(env, options.steps, render=options.render, progress=options.progress, seed=options.seed)
    for _ in steps:
        if recorder is not None:
            recorder.add(env.screen, env.emulator.audio() if recorder.sound else None)


def _run_movie(env: Any, movie: Any, recorder: Any) -> None:
    for _ in movie.play(env):
        if recorder is not None:
            recorder.add(env.screen, env.emulator.audio() if recorder.sound else None)
    print(f"{len(movie)} frames played")


def _play(options: argparse.Namespace) -> int:
    from .formats.movie import Movie
    from .nes_env import NESEnv
    from .playing.recorder import VideoRecorder
    from .playing.sound import listen

    rom = find_game(options.rom)
    movie = Movie.load(options.movie) if options.movie else None
    # Whole pictures to look at; a movie has its own boundary.
    settings: dict[str, Any] = {"frame_boundary": "vblank", "timing": "hardware"}
    if movie is not None:
        settings |= {
            "ram_fill": movie.ram_fill,
            "ram_seed": movie.seed,
            "region": movie.region,
            "console": movie.console,
        }
    recorded = recorder = None
    env = NESEnv(rom, render_mode="human" if options.render else None, **settings)
    try:
        if options.record:
            if options.record.lower().endswith(_MOVIE_SUFFIX):
                if movie is not None:
                    raise ValueError("--movie with --record: the buttons are already in a file; record pictures")
                check_destination(options.record)
                recorded = env.record_movie()
            else:
                recorder = VideoRecorder(options.record, sound=options.sound)
                if recorder.sound:
                    listen(env.emulator, recorder.fps)
        if options.mode == "human" and options.render:
            from .playing.player import Player

            if options.seed is not None:
                env.reset(seed=options.seed)
            Player(env, movie=movie, recorder=recorder, sound=options.sound, zoom=options.zoom).run()
        elif movie is not None:
            _run_movie(env, movie, recorder)
        else:
            _run_random(env, options, recorder)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
    finally:
        try:
            if recorder is not None:
                recorder.close()
            if recorded is not None:
                recorded.save(options.record)
        finally:
            if env._env is not None:  # the window closes it too
                env.close()
    return 0


def _info(options: argparse.Namespace) -> int:
    from ._cartridge import recompiler_enabled
    from .emulator import NESEmulator

    path = find_game(options.rom)
    try:
        with NESEmulator(path) as emulator:
            info = emulator.rom_info
    except UnsupportedBoardError as error:
        from ._rom import ROM

        rom = ROM(path)
        print(f"file        {path}")
        print(f"format      {'NES 2.0' if rom.is_nes2 else 'iNES'}")
        print(f"mapper      {rom.mapper}, submapper {rom.submapper}")
        print(f"PRG-ROM     {rom.prg_rom_size} KB")
        print(f"CHR-ROM     {rom.chr_rom_size} KB")
        print(f"supported   no: {error.reason}")
        return 1
    rows = {
        "file": path,
        "format": "NES 2.0" if info.nes2 else "iNES",
        "board": info.board or "unnamed",
        "mapper": f"{info.mapper}, submapper {info.submapper}",
        "mirroring": info.mirroring.replace("_", " "),
        "region": info.region,
        "PRG-ROM": f"{info.prg_rom_size // 1024} KB",
        "CHR-ROM": f"{info.chr_rom_size // 1024} KB",
        "PRG-RAM": f"{info.prg_ram_size // 1024} KB{', with a battery' if info.battery else ''}",
        "CHR-RAM": f"{info.chr_ram_size // 1024} KB",
        "trainer": "yes" if info.has_trainer else "no",
        "state hash": info.hash,
        "SHA-256": info.sha256,
        "supported": "yes",
        "recompiler": "enabled" if recompiler_enabled() else "disabled",
    }
    for name, value in rows.items():
        print(f"{name:<11} {value}")
    for note in info.notes:
        print(f"note        {note}")
    return 0


def _bench(options: argparse.Namespace) -> int:
    from .compat import speedtest

    return int(speedtest.main(options.arguments) or 0)


def _roms() -> int:
    from .emulator import NESEmulator

    for name, path in bundled_games().items():
        with NESEmulator(path) as emulator:
            print(f"{name:<12} {emulator.rom_info.board:<16} {path}")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv (Sequence[str] | None): the arguments without the program name; None uses ``sys.argv``.

    Returns:
        int: the exit status: 0, or 1 after an error message. An invalid command exits
        with status 2.
    """
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0].startswith("-") and arguments[0] not in ("-h", "--help"):
        parser = flag_parser()
        options = parser.parse_args(arguments)
        options.command = "play"
    elif arguments[:1] == ["bench"]:
        # It parses its own options.
        options = argparse.Namespace(command="bench", arguments=arguments[1:])
        parser = _parser()
    else:
        parser = _parser()
        options = parser.parse_args(arguments)
    if options.command == "play" and options.mode == "human" and not options.render and not options.movie:
        parser.error("human mode needs a window: omit --no-render, or use --mode random or --movie FILE")
    try:
        if options.command == "play":
            return _play(options)
        if options.command == "info":
            return _info(options)
        if options.command == "bench":
            return _bench(options)
        return _roms()
    except (RomError, ImportError, OSError, RuntimeError, ValueError) as error:
        print(f"nes_py: {error}", file=sys.stderr)
        return 1


__all__ = ["bundled_games", "find_game", "flag_parser", "main"]


if __name__ == "__main__":
    sys.exit(main())
