"""Build bricks.nes from its source with ca65 and ld65 (Debian: cc65).

    python -m nes_py.roms.build            build the ROM beside this file
    python -m nes_py.roms.build --check    build elsewhere and compare

It can also be run as a plain file.  The same bytes come out every time.
"""

import argparse
import importlib.util
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROM = HERE / "bricks.nes"


class BuildError(Exception):
    """The ROM cannot be built; the text says why."""


def find_tool(name):
    """Return the path of an assembler tool, or say how to get it."""
    path = shutil.which(name)
    if path is None:
        raise BuildError(
            "%s was not found. Install cc65 (Debian and Ubuntu: "
            "apt-get install cc65; macOS: brew install cc65) and try again." % name
        )
    return path


def run(args):
    """Run a tool; on failure raise with what it said."""
    args = [str(a) for a in args]
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise BuildError("this failed: %s\n%s" % (" ".join(args), done.stdout))
    if done.stdout:
        print(done.stdout, end="")


def load_assets():
    """Return the module that draws the tiles."""
    spec = importlib.util.spec_from_file_location("bricks_assets", str(HERE / "bricks" / "assets.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def build(keep=None):
    """Return the bytes of the ROM; keep is a folder for the work files."""
    ca65, ld65 = find_tool("ca65"), find_tool("ld65")
    assets = load_assets()
    with tempfile.TemporaryDirectory() as tmp:
        work = pathlib.Path(keep or tmp)
        work.mkdir(parents=True, exist_ok=True)
        (work / "tiles.chr").write_bytes(assets.chr_bytes())
        (work / "angles.inc").write_bytes(assets.angle_tables().encode())
        run(
            [
                ca65,
                "-g",
                "-I",
                HERE / "bricks",
                "-I",
                work,
                "--bin-include-dir",
                work,
                "-l",
                work / "bricks.lst",
                "-o",
                work / "bricks.o",
                HERE / "bricks.s",
            ]
        )
        run(
            [
                ld65,
                "-C",
                HERE / "bricks.cfg",
                "-o",
                work / "bricks.nes",
                "-m",
                work / "bricks.map",
                "-Ln",
                work / "bricks.labels",
                work / "bricks.o",
            ]
        )
        return (work / "bricks.nes").read_bytes()


def main(argv=None):
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m nes_py.roms.build", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="build and compare with the ROM in this folder")
    parser.add_argument("--keep", metavar="FOLDER", help="leave the listing, map and labels in FOLDER")
    args = parser.parse_args(argv)
    try:
        data = build(args.keep)
    except BuildError as error:
        print("error: %s" % error, file=sys.stderr)
        return 2
    if not args.check:
        ROM.write_bytes(data)
        print("wrote %s (%d bytes)" % (ROM, len(data)))
        return 0
    if not ROM.exists():
        print("error: %s does not exist" % ROM, file=sys.stderr)
        return 1
    if ROM.read_bytes() != data:
        print("error: %s differs from its source; build it again" % ROM, file=sys.stderr)
        return 1
    print("%s matches its source" % ROM)
    return 0


if __name__ == "__main__":
    sys.exit(main())
