"""The command line ``nes_py``.

    nes_py play GAME        play it in a window, or with random buttons
    nes_py ram GAME         find the addresses of a game's numbers
    nes_py keys             print the keys of the window, in the form of a file of keys
    nes_py info GAME        describe a ROM and whether it is supported
    nes_py roms             list the bundled games
    nes_py games [FILE...]  list the known games that can be played with the installed or given ROMs
    nes_py dataset FILE     describe, check and convert a recorded rollout or a movie
    nes_py watch GAME       play it at random in many emulators, and serve a page that shows them
    nes_py bench            measure the speed on this machine

``GAME`` is a file, or the name of a bundled or known game. The form without a subcommand, as in
``nes_py --rom FILE --mode random --steps 500``, is that of nes-py 8 and 9 and means ``play``.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import functools
import importlib.util
import itertools
import json
import os
import sys
import time
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from ._arguments import positive, seed
from ._bundled import TITLES, bundled_games, explain_missing, find_game, module_of
from ._files import check_destination
from .errors import RomError, RomNotFoundError, UnsupportedBoardError, shown
from .game import Game, buttons_to_byte, suggest

_MOVIE_SUFFIX = ".fm2"
_ROLLOUT_SUFFIXES = (".npz", ".h5", ".hdf5")
_GAME = "a .nes file, or the name of a bundled or known game"
_DECLARATION = (
    "the declared game, a JSON file or the name of a known game: rewards and ends (default: those of a bundled or "
    "known game)"
)
_NO_REWARD = "the game is not declared (--game FILE declares one)"
_COMMANDS = ("play", "ram", "keys", "info", "roms", "games", "dataset", "watch", "bench")


def _add_play_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--mode", "-m", choices=["human", "random"], default="human", help="who plays (default: human)")
    parser.add_argument(
        "--steps", "-s", type=positive, default=500, help="number of random steps in random mode (default: 500)"
    )
    parser.add_argument("--seed", type=seed, help="seed of the random buttons and of the first reset")
    parser.add_argument(
        "--render", action=argparse.BooleanOptionalAction, default=True, help="show a window (default: yes)"
    )
    parser.add_argument("--no-sound", action="store_false", dest="sound", help="no sound, also not in recordings")
    parser.add_argument("--no-progress", action="store_false", dest="progress", help="no progress bar in random mode")


def _add_keys(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--keys",
        metavar="KEYS",
        help="other keys: a file, or changes such as a=k,b=j,2.up=t,rewind=r ('nes_py keys' prints the present ones "
        "and where their file is looked for)",
    )


def flag_parser() -> argparse.ArgumentParser:
    """Return the parser of the form without a subcommand, as in nes-py 8 and 9."""
    parser = argparse.ArgumentParser(prog="nes_py", description="Play a game for the NES.")
    parser.add_argument("--rom", "-r", required=True, help="path to the .nes ROM to play")
    _add_play_options(parser)
    parser.set_defaults(record=None, game=None, movie=None, zoom=None, keys=None, save_dir=None, new=False)
    return parser


def _combinations(text: str) -> list[list[str]]:
    """Read combinations of buttons: ``NOOP,right,right A``."""
    found = [words.split() for words in text.split(",")]
    try:
        for names in found:
            buttons_to_byte(names, "BUTTONS")
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if not all(found):
        raise argparse.ArgumentTypeError(f"there is a combination without a button in {text!r}; NOOP presses none")
    return found


def _numbers(text: str) -> list[range]:
    """Read numbers and ranges: ``0,3,10-19``."""
    found: list[range] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isdecimal() and (last.isdecimal() if dash else True)) or len(part) > 100:
            raise argparse.ArgumentTypeError(f"{text!r} is not of numbers and ranges, such as 0,3,10-19")
        if int(last or first) < int(first):
            raise argparse.ArgumentTypeError(f"the range {part.strip()!r} ends before it begins")
        found.append(range(int(first), int(last or first) + 1))
    return found


def _option(text: str) -> tuple[str, Any]:
    """Read ``NAME=VALUE``; a value that is not JSON is text."""
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE")
    try:
        return name, json.loads(value)
    except RecursionError:
        raise argparse.ArgumentTypeError(f"the value of {name} has too many brackets in each other") from None
    except ValueError:
        return name, {"True": True, "False": False, "None": None}.get(value, value)


def _version() -> str:
    return str(sys.modules[__package__ or "nes_py"].__version__)  # the package imports this module


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nes_py",
        description="An NES emulator for reinforcement learning.",
        epilog="The form of nes-py 8 and 9 works too: nes_py --rom FILE [--mode human|random] [--steps N].",
    )
    parser.add_argument("--version", action="version", version=f"nes-py {_version()}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    play = commands.add_parser("play", help="play a game", description="Play a game; F1 shows the keys.")
    play.add_argument("rom", metavar="GAME", help=_GAME)
    _add_play_options(play)
    play.add_argument(
        "--record",
        metavar="FILE",
        help="write the buttons (.fm2; .npz, .h5: with rewards, see 'nes_py dataset') or the pictures (.gif, .mp4, "
        ".mkv, .webm, .avi)",
    )
    play.add_argument("--game", metavar="FILE", help=f"for --record FILE.npz: {_DECLARATION}")
    play.add_argument("--movie", metavar="FILE", help="play the buttons in an .fm2 file")
    play.add_argument("--zoom", type=positive, help="screen pixels per pixel of the game (default: up to 3)")
    _add_keys(play)
    play.add_argument(
        "--save-dir",
        metavar="DIR",
        help="keep the slots and the cartridge's battery RAM there (default: the slots in a folder of the user, "
        "battery RAM nowhere)",
    )
    play.add_argument(
        "--watch",
        metavar="ADDRESS[=NAME]",
        action="append",
        default=[],
        help="show a byte of RAM in the window; may be repeated",
    )
    play.set_defaults(new=True)

    ram = commands.add_parser(
        "ram",
        help="find the addresses of a game's numbers",
        description="Find the addresses of a game's numbers: search RAM by what a number does, watch it, hold it. "
        "Commands are typed; 'help' lists them.",
    )
    ram.add_argument("rom", metavar="GAME", help=_GAME)
    ram.add_argument(
        "--command",
        "-c",
        dest="lines",
        metavar="COMMAND",
        action="append",
        help="a command; may be repeated. The first that fails ends the program with status 1",
    )

    keys = commands.add_parser(
        "keys",
        help="print the keys of the window",
        description="Print the keys of the window in the form of a file of keys.",
    )
    _add_keys(keys)
    keys.add_argument("--names", action="store_true", help="print the names of all keys instead")

    info = commands.add_parser("info", help="describe a ROM", description="Describe a ROM.")
    info.add_argument("rom", metavar="GAME", help=_GAME)

    bench = commands.add_parser("bench", help="measure the speed", description="Measure the speed.", add_help=False)
    bench.add_argument("arguments", nargs=argparse.REMAINDER)

    commands.add_parser("roms", help="list the bundled games", description="List the bundled games.")

    games = commands.add_parser(
        "games",
        help="list the known games",
        description="List the known games, and the integrations of stable-retro, that a ROM was found for. ROMs are "
        "known by their contents.",
    )
    games.add_argument(
        "roms", nargs="*", metavar="FILE", help="ROMs, or folders with ROMs, beside those of installed packages"
    )

    dataset = commands.add_parser(
        "dataset",
        help="describe, check and convert a rollout",
        description="Describe a rollout, which 'nes_py play --record FILE.npz' or NESVectorEnv(record=...) has "
        "written, or a movie; check it by a replay; convert it.",
    )
    dataset.add_argument("file", metavar="FILE", help="a rollout (.npz, .h5, .hdf5) or a movie (.fm2)")
    dataset.add_argument("--rom", metavar="GAME", help="its ROM (default: the bundled or known game, if it is one)")
    dataset.add_argument("--game", metavar="FILE", help=f"for a movie: {_DECLARATION}")
    dataset.add_argument("--check", action="store_true", help="replay it and compare every step with the recording")
    dataset.add_argument("--output", metavar="FILE", help="write it as .npz, .h5 or .hdf5")
    dataset.add_argument(
        "--export", metavar="FILE", help="replay it and write its observations as plain arrays (.npz, .h5, .hdf5)"
    )
    dataset.add_argument(
        "--episodes",
        metavar="NUMBERS",
        type=_numbers,
        help="for --export: those only, such as 0,3,10-19 (default: all)",
    )
    dataset.add_argument(
        "--option",
        metavar="NAME=VALUE",
        action="append",
        default=[],
        type=_option,
        help="for --export: an option of what is observed, such as obs_type=ram or stack_num=1 (default: as recorded); "
        "may be repeated",
    )

    watch = commands.add_parser(
        "watch",
        help="play a game at random in many emulators, and show them in a browser",
        description="Play a game at random in many emulators and serve a page that shows them, and in which one can be "
        "played by hand. Programs call envs.watch() instead.",
    )
    watch.add_argument("rom", metavar="GAME", help=_GAME)
    watch.add_argument("--game", metavar="FILE", help=_DECLARATION)
    watch.add_argument(
        "--actions",
        metavar="BUTTONS",
        type=_combinations,
        help='the combinations of buttons that are chosen from, such as "NOOP,right,right A" (default: those of a '
        "bundled game; else all)",
    )
    watch.add_argument("--num-envs", type=positive, default=16, help="number of emulators (default: 16)")
    watch.add_argument("--host", default="127.0.0.1", help="address to listen at (default: this machine only)")
    watch.add_argument("--port", type=int, default=0, help="port to listen at (default: a free one)")
    watch.add_argument("--fast", action="store_true", help="as fast as possible, not at the speed of the console")
    watch.add_argument("--steps", type=positive, help="end after so many steps (default: Ctrl-C ends it)")
    watch.add_argument("--seed", type=seed, default=0, help="seed of the random buttons and of the first reset")
    return parser


# --- commands ---


def _make_environment(options: argparse.Namespace, settings: dict[str, Any]) -> Any:
    """Return the environment to play: for random play of a bundled or known game its own, with its rewards."""
    from .nes_env import NESEnv
    from .wrappers import JoypadSpace

    settings["render_mode"] = "human" if options.render else None
    name = options.rom
    if options.mode == "random" and not options.movie:
        if name in TITLES and find_game(name) != name:
            module = import_module(module_of(name))
            return JoypadSpace(_environment(name, "Env")(**settings), module.ACTIONS)
        game = _known_for(options)
        if game:
            from .games.envs import GameEnv

            record = {"record": options.record} if options.record else {}
            return GameEnv(name, game=game, render_mode=settings["render_mode"], obs_type="ram", **record)
    return NESEnv(options.rom, **settings)


def _known_for(options: argparse.Namespace) -> str:
    """Return the known game whose environment random play takes, or an empty string.

    That environment records rollouts only. Movies and videos are of the console from power-on.
    """
    from .games import known_by_contents, known_games

    if not options.new or (options.record and not options.record.lower().endswith(_ROLLOUT_SUFFIXES)):
        return ""
    if options.game is not None:
        return options.game if options.game in [game.name for game in known_games()] else ""
    return known_by_contents(options.rom)


def _environment(game: str, kind: str) -> Any:
    """Return the class of a bundled game's environments, of which ``kind`` is ``"Env"`` or ``"VectorEnv"``."""
    return getattr(import_module(module_of(game)), f"{game.partition('-')[0].title()}{kind}")


def _run_random(env: Any, options: argparse.Namespace, recorder: Any) -> None:
    from .nes_env import NESEnv
    from .playing.play import random_play

    machine = env.unwrapped
    plain = type(machine) is NESEnv  # without rewards, ends and infos
    total, episodes, done = 0.0, 0, False
    steps = 0
    begin = time.perf_counter()
    try:
        for _, reward, done, _ in random_play(
            env,
            options.steps,
            render=options.render,
            progress=options.progress,
            seed=options.seed,
            results=not (plain and options.new),
        ):
            steps += 1
            total += reward
            episodes += done
            if recorder is not None:
                recorder.add(machine.screen, machine.emulator.audio() if recorder.sound else None)
    finally:
        seconds = time.perf_counter() - begin
        # The form of nes-py 8 and 9 has the progress bar instead, where there is one.
        if options.new or (options.progress and importlib.util.find_spec("tqdm") is None):
            games = f"{episodes} episode{'s' * (episodes != 1)} ended" if episodes else "no episode ended"
            # A recorded rollout of a plain NESEnv says those of the declared game.
            results = "" if plain else f", {games}, total reward {total:g}"
            print(f"{steps} steps in {seconds:.1f} s{results}")


def _run_movie(env: Any, movie: Any, recorder: Any) -> None:
    for _ in movie.play(env):
        if recorder is not None:
            recorder.add(env.screen, env.emulator.audio() if recorder.sound else None)
    print(f"{len(movie)} frames played")


def _window_options(options: argparse.Namespace) -> dict[str, Any]:
    """Return what the window has with the command ``play`` only: the form of nes-py 8 and 9 has nes-py's keys."""
    from .playing import keys

    if not options.new:
        return {}
    return {"keys": keys.choose(options.keys), "hint": options.movie is None, "battery": options.save_dir is not None}


def _greet(keys: Any, sound: bool) -> None:
    """Say what keys there are, and if something is not installed why there is no sound."""
    if sound:
        _check_sound()
    if keys is not None:
        print(f"Keys: {', '.join(keys.hint())}; F1 shows all of them, Esc quits", flush=True)


def _check_sound() -> None:
    """Say why there will be no sound, if something is not installed."""
    from .playing.sound import import_sounddevice

    try:
        import_sounddevice()
    except (ImportError, OSError) as error:
        print(f"No sound: {error}", flush=True)


def _watch_options(options: argparse.Namespace, env: Any) -> dict[str, Any]:
    from .playing.ram_prompt import RamPrompt, number

    if not options.watch:
        return {}
    prompt = RamPrompt(env)
    for text in options.watch:
        address, _, name = text.partition("=")
        prompt.search.watch(number(address), name or None)
    return {"overlay": prompt.overlay}


def _find_known(rom: str) -> str:
    """Return the ROM of a known game by its name, as the installed package has it; else the same."""
    from .games import find_rom, known_games

    names = [game.name for game in known_games()]
    if os.path.lexists(rom) or rom not in names:
        close = difflib.get_close_matches(rom.lower(), names, 1)
        if close and not os.path.lexists(rom) and rom not in TITLES and "did you mean" not in explain_missing(rom):
            reason = f"there is no such file, did you mean {close[0]!r}, a known game? 'nes_py games' lists them"
            raise RomNotFoundError(reason, rom)
        return rom
    try:
        return str(find_rom(rom))
    except RomNotFoundError as error:
        raise RomNotFoundError(error.reason.replace("the file as rom=...", "the file")) from None


def _find_saves(options: argparse.Namespace, machine: Any) -> Any:
    from .playing.saves import Saves, default_folder

    name = os.path.splitext(os.path.basename(options.rom))[0]
    return Saves(options.save_dir or default_folder(), name, machine.emulator.rom_info.hash)


def _ram(options: argparse.Namespace) -> int:
    from .nes_env import NESEnv
    from .playing import ram_prompt

    env = NESEnv(options.rom, frame_boundary="vblank", timing="hardware")
    try:
        env.reset()
        prompt = ram_prompt.RamPrompt(env, play=ram_prompt.play_window)
        if options.lines is None:
            if ram_prompt.is_typed():
                print("'play' opens the window; 'help' lists the commands", flush=True)
            prompt.loop(ram_prompt.typed_lines())
        else:
            for line in options.lines:
                prompt.run(line)
    except ram_prompt.Quit:
        pass
    finally:
        env.close()
    return 0


def _keys(options: argparse.Namespace) -> int:
    from .playing import keys

    if options.names:
        print("\n".join(keys.key_names()))
        return 0
    path = keys.default_file()
    text = keys.choose(options.keys).to_text()
    print(f"# {path}{'' if path.exists() else ' does not exist: these are the default keys; put changes there'}")
    print(text, end="")
    return 0


def _quoted(path: str) -> str:
    """Return a path as a word of a command, for shells of all systems."""
    return f'"{path}"' if " " in path else path


def _play(options: argparse.Namespace) -> int:
    from .formats.movie import Movie
    from .nes_env import is_nes_env
    from .playing.keys import choose
    from .playing.play import show_environment
    from .playing.recorder import VIDEO_SUFFIXES, VideoRecorder
    from .playing.sound import listen
    from .vector.rollout import check_suffix

    movie = Movie.load(options.movie) if options.movie else None
    if options.game is not None:
        if not (options.record or "").lower().endswith(_ROLLOUT_SUFFIXES):
            raise ValueError(
                f"--game is for --record with a file that ends in {', '.join(_ROLLOUT_SUFFIXES)}; to play by hand and "
                f"see rewards: nes_py watch {_quoted(options.rom)} --game {_quoted(options.game)}"
            )
        _check_game(options.game, options.rom)  # before anything is played
    window = options.mode == "human" and options.render
    if not window:
        for name in ("watch", "zoom", "save_dir"):
            if getattr(options, name, None):
                raise ValueError(f"--{name.replace('_', '-')} is for the window in which somebody plays: there is none")
    more = _window_options(options) if window else {}
    if options.keys is not None:  # without a window, too, they must not be wrong
        choose(options.keys)
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
    env = _make_environment(options, settings)
    machine = env.unwrapped
    try:
        if options.record:
            if options.record.lower().endswith((_MOVIE_SUFFIX, *_ROLLOUT_SUFFIXES)):
                if movie is not None:
                    raise ValueError("--movie with --record: the buttons are already in a file; record pictures")
                if not options.record.lower().endswith(_MOVIE_SUFFIX):
                    check_suffix(options.record)
                check_destination(options.record)
                if is_nes_env(machine):  # another one records what it does itself
                    if options.render and not window:  # if none opens, nothing has been recorded
                        show_environment(env)
                    recorded = machine.record_movie()
            else:
                kinds = (_MOVIE_SUFFIX, *_ROLLOUT_SUFFIXES, ".gif", *VIDEO_SUFFIXES)
                if not options.record.lower().endswith(kinds):
                    raise ValueError(f"a recording must end in one of {', '.join(kinds)}, unlike {options.record!r}")
                recorder = VideoRecorder(options.record, sound=options.sound)
                if recorder.sound and not window:  # the window listens itself
                    listen(machine.emulator, recorder.fps)
        if window:
            from .playing.player import Player

            if options.seed is not None:
                env.reset(seed=options.seed)
            if options.new:
                more["saves"] = _find_saves(options, machine)
                more |= _watch_options(options, env)
                more["opened"] = functools.partial(_greet, more["keys"] if movie is None else None, options.sound)
            Player(env, movie=movie, recorder=recorder, sound=options.sound, zoom=options.zoom, **more).run()
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
                _save_buttons(recorded, options)
        finally:
            if not is_nes_env(machine):
                _close_known(env, options)
            elif machine._env is not None:  # the window closes it too
                env.close()
    return 0


def _close_known(env: Any, options: argparse.Namespace) -> None:
    """Close the environment of a known game, which writes what it has recorded."""
    rollout = env._envs.rollout() if options.record else None
    env.close()
    if rollout is None:
        return
    if rollout.num_steps:
        print(f"{options.record}: {rollout.num_steps} steps, total reward {rollout.rewards.sum():g}")
    else:
        print(f"{options.record} is not written: nothing was played")


def _save_buttons(movie: Any, options: argparse.Namespace) -> None:
    """Write recorded buttons: as a movie, or as a rollout with the rewards of a bundled or known game.

    Without a frame nothing is written: an earlier recording stays.
    """
    if len(movie) == 0:
        print(f"{options.record} is not written: nothing was played")
        return
    if options.record.lower().endswith(_MOVIE_SUFFIX):
        movie.save(options.record)
        return
    from .datasets import from_movie

    declared = _declared(options.rom, options.game)
    rollout = from_movie(movie, options.rom, **declared)
    if rollout.num_steps == 0:
        print(f"{options.record} is not written: the game did not begin")
        return
    rollout.save(options.record)
    reward = f"total reward {rollout.rewards.sum():g}" if declared else f"rewards are 0: {_NO_REWARD}"
    print(f"{options.record}: {rollout.num_steps} steps, {reward}")


def _declared(rom: str, game: str | None) -> dict[str, Any]:
    """Return the option ``game``: the given file, or that of a bundled or known game; else nothing."""
    from .games import known_by_contents

    if game is not None:
        return {"game": game}
    if rom in TITLES and find_game(rom) != rom:
        return {"game": import_module(module_of(rom)).GAME}
    name = known_by_contents(rom)
    return {"game": name} if name else {}


def _check_game(game: str, rom: str) -> None:
    """Raise what a rollout would raise for the option ``game``: a file, or the name of a known game."""
    from .games import check_rom, resolve

    check_rom(game, rom)
    found = resolve(rom, {"game": game, "states": [[[], 1]]})[1]["game"]  # a movie has a start of its own
    if not isinstance(found, Game):
        Game.load(found)


def _rom_of(file: str) -> str:
    """Return the ROM that a movie names: of a bundled game its name, so that its declaration is found."""
    from .datasets.movies import rom_of
    from .formats.movie import Movie

    movie = Movie.load(file)
    path = rom_of(movie)
    if path is None:
        name = f", of {shown(movie.rom_name)}" if movie.rom_name not in ("", "unknown") else ""
        raise ValueError(
            f"--rom is missing: {file} is a movie{name}, and its ROM is neither a bundled game nor a known game in an "
            "installed package"
        )
    names = (name for name, bundled in bundled_games().items() if bundled == path and find_game(name) != name)
    return next(names, str(path))


def _dataset(options: argparse.Namespace) -> int:
    from . import datasets
    from .vector.rollout import check_suffix

    if not options.export and (options.option or options.episodes is not None):
        raise ValueError(f"--{'option' if options.option else 'episodes'} is for --export FILE")
    for name, _ in options.option:
        if name in ("rollout", "path", "rom", "episodes"):
            instead = f": --{name} is an argument of its own" if name in ("rom", "episodes") else ""
            raise ValueError(f"--option {name} is not an option of what is observed{instead}")
    for path in filter(None, (options.output, options.export)):  # before anything is played
        check_suffix(path)
        check_destination(path)
    if options.export and os.path.realpath(options.export) in (
        os.path.realpath(options.file),
        os.path.realpath(options.output or options.file),
    ):
        raise ValueError(f"--export would replace the rollout {options.export!r}, which cannot be made from an export")
    if options.file.lower().endswith(_MOVIE_SUFFIX):
        if options.rom is None:
            options.rom = _rom_of(options.file)
        rollout = datasets.from_movie(options.file, options.rom, **_declared(options.rom, options.game))
    else:
        rollout = datasets.load(options.file)
        if options.game is not None:
            raise ValueError(f"--game: {options.file} is a rollout, which has its declared game in it")
    ended = sum(each.terminated or each.truncated for each in rollout)
    print(f"game        {rollout.name or 'ROM'}, SHA-256 {rollout.rom}")
    episodes = f"{len(rollout)} episode{'s' * (len(rollout) != 1)}"
    print(f"recorded    {episodes}, {ended} of them ended, {rollout.num_steps} steps")
    print(f"reward      {rollout.rewards.sum():g}")
    for name, value in rollout.options.items():
        text = value if isinstance(value, str) else repr(value)
        print(f"{name:<11} {text if len(text) <= 80 else f'{text[:77]}...'}")
    if options.check:
        begin = time.perf_counter()
        steps = datasets.verify(rollout, options.rom)
        print(f"checked     {steps} steps in {time.perf_counter() - begin:.1f} s: the replay is what was recorded")
    if options.output:
        rollout.save(options.output)
        print(f"written     {options.output}")
    if options.export:
        wanted = None if options.episodes is None else itertools.chain(*options.episodes)
        datasets.export(rollout, options.export, options.rom, episodes=wanted, **dict(options.option))
        print(f"exported    {options.export}")
    return 0


def _watch(options: argparse.Namespace) -> int:
    from .vector import NESVectorEnv

    settings: dict[str, Any] = {"obs_type": "ram", "timing": True}
    if options.actions is not None:
        settings["actions"] = options.actions
    if options.game is None and options.rom in TITLES and find_game(options.rom) != options.rom:
        settings = {"actions": import_module(module_of(options.rom)).ACTIONS, **settings}
        envs = _environment(options.rom, "VectorEnv")(options.num_envs, **settings)
    else:
        envs = NESVectorEnv(options.rom, options.num_envs, **_declared(options.rom, options.game), **settings)
    envs.action_space.seed(options.seed)
    envs.reset(seed=options.seed)
    watch = envs.watch(options.port, host=options.host, fps=20)
    print(f"{watch.url}  (Ctrl-C ends it)", flush=True)
    try:
        due = time.monotonic()
        steps = 0
        while options.steps is None or steps < options.steps:
            envs.step(envs.action_space.sample())
            steps += 1
            if not options.fast:
                now = time.monotonic()
                due = max(due, now - 0.1) + envs.options.frameskip / 60
                time.sleep(max(0.0, due - now))
    except KeyboardInterrupt:
        pass
    finally:
        envs.close()
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
    title = TITLES.get(options.rom) if path != options.rom else None
    rows = {
        **({"title": title} if title else {}),
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

    profiles = ("--json", "-h", "--help", "--observation-profile", "--ram-profile", "--vector-profile", "--profile-rom")
    if not any(word.partition("=")[0] in profiles for word in options.arguments):
        print(_measure_vector(speedtest.parse_rom(options.arguments) or "bricks"), flush=True)
    return int(speedtest.main(options.arguments) or 0)


def _measure_vector(rom: str, num_envs: int = 32, seconds: float = 1.0) -> str:
    """Return in a line how fast ``NESVectorEnv`` steps a game with random buttons."""
    from .vector import NESVectorEnv

    options: dict[str, Any] = {}
    if rom in TITLES and find_game(rom) != rom:
        module = import_module(module_of(rom))
        options = {"game": module.GAME, "actions": module.ACTIONS}
    envs = NESVectorEnv(rom, num_envs, **options)
    try:
        envs.action_space.seed(1)
        envs.reset(seed=1)
        for _ in range(8):
            envs.step(envs.action_space.sample())
        steps = 0
        begin = time.perf_counter()
        while (passed := time.perf_counter() - begin) < seconds:
            envs.step(envs.action_space.sample())
            steps += 1
        rate = steps * num_envs / passed
        frames, threads = envs.options.frameskip, envs.num_threads
        return (
            f"NESVectorEnv: {rate * frames:,.0f} frames/s with {num_envs} environments on {threads} "
            f"thread{'s' * (threads != 1)} ({rate:,.0f} steps/s of {frames} frames; observations 4 x 84 x 84)"
        )
    finally:
        envs.close()


def _roms() -> int:
    from .emulator import NESEmulator
    from .registration import environment_of

    for name, path in bundled_games().items():
        with NESEmulator(path) as emulator:
            board = emulator.rom_info.board
        print(f"{name:<9} {TITLES[name]:<15} {environment_of(name):<17} {board:<13} {path}")
    return 0


def _games(options: argparse.Namespace) -> int:
    from .games import known_by_contents, playable

    found = playable(options.roms)
    listed = {each.rom for each in found}
    for path in map(Path, options.roms):
        if path.is_file() and path not in listed and not known_by_contents(path):
            print(f"{path}: it is not the ROM of a known game, by its contents", file=sys.stderr)
    width = max(len(each.name) for each in found)
    for each in found:
        rom = each.rom or f"no ROM: pass one, or install {each.source}"
        print(f"{each.name:<{width}}  {each.title if each.ids else '':<36}  {rom}")
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
    if arguments and arguments[0].startswith("-") and arguments[0] not in ("-h", "--help", "--version"):
        parser = flag_parser()
        options = parser.parse_args(arguments)
        options.command = "play"
    elif arguments[:1] == ["bench"]:
        # It parses its own options.
        options = argparse.Namespace(command="bench", arguments=arguments[1:])
        parser = _parser()
    else:
        parser = _parser()
        word = arguments[0] if arguments else ""
        if word and word not in _COMMANDS and (word in TITLES or os.path.isfile(word)):
            parser.error(f"there is no command {word!r}: nes_py play {word} plays that game")
        if word and not word.startswith("-") and word not in _COMMANDS:
            commands = ", ".join(_COMMANDS)
            parser.error(f"there is no command {word!r}{suggest(word, _COMMANDS)}; the commands are {commands}")
        options = parser.parse_args(arguments)
        if options.command is None:
            parser.print_help()
            return 0
    if options.command == "play" and options.mode == "human" and not options.render and not options.movie:
        parser.error("human mode needs a window: omit --no-render, or use --mode random or --movie FILE")
    try:
        status = _run(options)
        print(end="", flush=True)  # so that a pipe that nobody reads is noticed here
        return status
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        return 130  # as a shell has it: 128 and the number of the signal
    except BrokenPipeError:
        # What reads the output, such as head, has seen enough. Nothing is written when Python ends.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        print("nes_py: there is not enough memory for this", file=sys.stderr)
        return 1
    except (RomError, ImportError, OSError, RuntimeError, ValueError) as error:
        print(f"nes_py: {_reason(error)}", file=sys.stderr)
        return 1


def _reason(error: Exception) -> str:
    """Return the text of an error, that of the system's without its number."""
    if not isinstance(error, OSError) or isinstance(error, RomError) or error.strerror is None:
        return str(error)
    return error.strerror if error.filename is None else f"{error.filename!r}: {error.strerror}"


def _run(options: argparse.Namespace) -> int:
    """Run a command."""
    if getattr(options, "new", True) and getattr(options, "rom", None):
        options.rom = _find_known(options.rom)
    if options.command == "play":
        return _play(options)
    if options.command == "ram":
        return _ram(options)
    if options.command == "keys":
        return _keys(options)
    if options.command == "info":
        return _info(options)
    if options.command == "bench":
        return _bench(options)
    if options.command == "games":
        return _games(options)
    if options.command == "dataset":
        try:
            return _dataset(options)
        except (TypeError, IndexError) as error:  # of options and episodes that there are not
            raise ValueError(str(error).replace("rom is missing: pass", "--rom is missing: name")) from None
    if options.command == "watch":
        return _watch(options)
    return _roms()


__all__ = ["bundled_games", "find_game", "flag_parser", "main"]


if __name__ == "__main__":
    sys.exit(main())
