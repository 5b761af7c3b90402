"""Builds the games from their sources with ca65 and ld65 (Debian: cc65).

    python -m nes_py.roms.build            build the ROMs beside this file
    python -m nes_py.roms.build --check    build elsewhere and compare
    python -m nes_py.roms.build duel       only this one

It can also be run as a plain file. The output is the same every time. The versions of a game share their sources:
bricks-v1 is what the assembler makes of bricks.s with VERSION=1. The ROM of a version that was released never changes.
"""

import argparse
import importlib.util
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
#: Games: names and versions. GAME.nes is built from NAME.s, shared.inc, NAME.cfg, the folder NAME and the output of
#: NAME/assets.py.
GAMES = {
    "bricks": ("bricks", 0),
    "bricks-v1": ("bricks", 1),
    "duel": ("duel", 0),
    "trail": ("trail", 0),
    "trail-v1": ("trail", 1),
}


class BuildError(Exception):
    """The ROM cannot be built; the text says why."""


def find_tool(name):
    """Return the path of an assembler tool, or say how to get it."""
    path = shutil.which(name)
    if path is None:
        raise BuildError(
            f"{name} was not found. Install cc65 (Debian and Ubuntu: "
            "apt-get install cc65; macOS: brew install cc65) and try again."
        )
    return path


def run(args):
    """Run a tool; on failure raise its output."""
    args = [str(a) for a in args]
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise BuildError(f"command failed: {' '.join(args)}\n{done.stdout}")
    if done.stdout:
        print(done.stdout, end="")


def rom_path(game):
    """Return the path of a game's ROM."""
    return HERE / f"{game}.nes"


def load_assets(name):
    """Return the module that draws a game's tiles."""
    spec = importlib.util.spec_from_file_location(f"{name}_assets", str(HERE / name / "assets.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build(game, keep=None):
    """Return the bytes of a game's ROM; keep is a folder for intermediate files."""
    ca65, ld65 = find_tool("ca65"), find_tool("ld65")
    name, version = GAMES[game]
    assets = load_assets(name)
    with tempfile.TemporaryDirectory() as tmp:
        work = pathlib.Path(keep or tmp)
        work.mkdir(parents=True, exist_ok=True)
        files = assets.generated_files(version) if version else assets.generated_files()
        for file, content in files.items():
            (work / file).write_bytes(content)
        assemble = [ca65, "-g", "-D", f"VERSION={version}", "-I", HERE, "-I", HERE / name, "-I", work]
        assemble += ["--bin-include-dir", work]
        run([*assemble, "-l", work / f"{game}.lst", "-o", work / f"{game}.o", HERE / f"{name}.s"])
        link = [ld65, "-C", HERE / f"{name}.cfg", "-m", work / f"{game}.map", "-Ln", work / f"{game}.labels"]
        run([*link, "-o", work / f"{game}.nes", work / f"{game}.o"])
        return (work / f"{game}.nes").read_bytes()


def check(game, data):
    """Return whether the ROM in this folder matches its build; print the difference."""
    rom = rom_path(game)
    if not rom.exists():
        print(f"error: {rom} does not exist", file=sys.stderr)
    elif rom.read_bytes() != data:
        print(f"error: {rom} differs from its source; build it again", file=sys.stderr)
    else:
        print(f"{rom} matches its source")
        return True
    return False


def main(argv=None):
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m nes_py.roms.build", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("games", nargs="*", metavar="GAME", help=f"one of {', '.join(GAMES)}; without one, all")
    parser.add_argument("--check", action="store_true", help="build and compare with the ROMs in this folder")
    parser.add_argument("--keep", metavar="FOLDER", help="leave the listings, maps and labels in FOLDER")
    args = parser.parse_args(argv)
    good = True
    for game in args.games or GAMES:
        if game not in GAMES:
            parser.error(f"the game {game!r} does not exist, only {', '.join(GAMES)}")
        try:
            data = build(game, args.keep)
        except BuildError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        if args.check:
            good = check(game, data) and good
        else:
            rom_path(game).write_bytes(data)
            print(f"wrote {rom_path(game)} ({len(data)} bytes)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
