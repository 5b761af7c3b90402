"""Says where a frame of the games in play goes: ``python benchmarks/play_profile.py``, after ``make bench``.

Needs ``perf`` (Linux). It plays the same frames of each game of ``make bench`` and of each bundled one for ``SECONDS``,
undrawn and drawn, and adds up the samples by what a function is for. ``--write`` puts the table into
docs/performance.md. Shares do not depend on what else the machine does. The microseconds are these shares of the time
that ``make bench`` measured, or of the fastest round in the same run where it has none.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from play_worker import FRAMES, held
from report import write_between

PROJECT = Path(__file__).resolve().parents[1]
GAMES = PROJECT / ".cache" / "bench" / "play" / "games.json"
RESULTS = PROJECT / "benchmarks" / "results"
PAGE = PROJECT / "docs" / "performance.md"
BUNDLED = ("bricks", "duel", "trail")
SECONDS = 3.0
ROWS = {"plain": False, "indices": True}

#: What a function is for; the first pattern that is found in its name counts.
GROUPS = {
    "recompiled code": r"^0x|^\[JIT\]",
    "interpreter": r"run_on_fast_bus|Cpu<|fast_run|recompiler::|_for_code",
    "exact bus and DMA": r"ExactBus|dma_cycle|run_exact",
    "single dots": r"Ppu::(step$|step\(|background_dot|rendered_line_dot|evaluate_dots|sprite_fetch_dot|run_blank_dots|"
    r"fetch_|run_fetch_group|skip_dots|can_skip_dots)",
    "drawing": r"expand_pixels|draw_|TileCache|pack_|run_lines",
    "whole lines and predictions": r"Ppu::(run_groups|group_ready|predict|refresh|report_a12|next_vblank|line_of_rise|"
    r"evaluate_line|sprites_of|pass_sprites|catch_up|apply_due)",
    "registers and boards": r"FastBus|boards::|Cartridge::|Ppu::|Board",
    "APU": r"Apu::",
    "copies": r"mem(move|cpy|set)",
}
OTHER = "Python and the rest"


def in_play(rom: str, state: str, frames: int = FRAMES) -> Any:
    """Returns an emulator with a state file loaded, or so many frames after power-on if that is empty."""
    from nes_py.emulator import NESEmulator, Snapshot

    emulator = NESEmulator(rom)
    if state:
        emulator.load_state(Snapshot.from_bytes(Path(state).read_bytes()))
    else:
        for number in range(frames):
            emulator.controller(0)[0] = 8 if number < 60 else held(number)  # Start begins the game
            emulator.step(1, False)
    return emulator


def play(rom: str, state: str, drawn: bool, seconds: float) -> float:
    """Plays the frames again and again; returns the microseconds of one."""
    emulator = in_play(rom, state)
    pad = emulator.controller(0)
    start = emulator.dump_state()
    times = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        emulator.load_state(start)
        begin = time.perf_counter()
        for number in range(FRAMES):
            pad[0] = held(number)
            emulator.step(1, drawn)
        times.append(time.perf_counter() - begin)
    return min(times) / FRAMES * 1e6


def sample(rom: str, state: str, drawn: bool) -> tuple[dict[str, float], float]:
    """Returns the share of each group in the samples of the whole run, and the microseconds of a frame."""
    with tempfile.TemporaryDirectory() as folder:
        data = str(Path(folder, "perf.data"))
        work = [sys.executable, __file__, "--one", rom, state, str(int(drawn))]
        record = ["perf", "record", "--quiet", "--freq", "1500", "--output", data, *work]
        out = subprocess.run(record, check=True, capture_output=True, text=True).stdout
        report = ["perf", "report", "-i", data, "--stdio", "--no-children", "-F", "sample,dso,symbol"]
        text = subprocess.run(report, check=True, capture_output=True, text=True).stdout
    counts = dict.fromkeys((*GROUPS, OTHER), 0)
    for line in text.splitlines():
        found = re.match(r"\s*(\d+)\s+(\S.*?)\s+\[[.k]\]\s+(.*?)\s*$", line)
        if not found:
            continue
        number, library, symbol = int(found[1]), found[2], found[3]
        ours = "nes_py" in library or library.startswith(("[JIT]", "[unknown]", "//anon"))
        group = next((name for name, pattern in GROUPS.items() if re.search(pattern, symbol)), OTHER)
        # The start of Python is not what is asked for.
        if ours or group == "copies":
            counts[group] += number
        elif "emulator" in library:
            counts[OTHER] += number
    total = sum(counts.values())
    return {name: count / total for name, count in counts.items()}, float(out.split()[-1])


def measured(name: str, row: str) -> float | None:
    """Returns the microseconds of a frame in the newest results of ``make bench``."""
    newest = max(RESULTS.glob("*.json"), key=lambda path: path.stat().st_mtime, default=None)
    if newest is None:
        return None
    games: dict[str, Any] = json.loads(newest.read_text()).get("play", {}).get("games", {})
    values = games.get(name, {}).get("nes-py", {}).get(row)
    return 1e6 / statistics.median(values) if values else None


def table() -> str:
    """Returns the table in Markdown."""
    games = {name: (each["rom"], each["state"]) for name, each in json.loads(GAMES.read_text()).items()}
    games |= {name: (str(PROJECT / "nes_py" / "roms" / f"{name}.nes"), "") for name in BUNDLED}
    columns = (*GROUPS, OTHER)
    lines = [f"| game, frame | µs | {' | '.join(columns)} |", f"|---|{'---:|' * (len(columns) + 1)}"]
    for name, (rom, state) in games.items():
        for row, drawn in ROWS.items():
            shares, here = sample(rom, state, drawn)
            whole = measured(name, row) or here
            cells = [f"{whole * shares[each]:.1f}" for each in columns]
            lines.append(f"| {name}, {'drawn' if drawn else 'undrawn'} | {whole:.1f} | {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    return "\n".join(lines)


def main() -> int:
    """Does what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="replace the table of docs/performance.md")
    parser.add_argument("--one", nargs=3, metavar=("ROM", "STATE", "DRAWN"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        rom, state, drawn = arguments.one
        print(play(rom, state, drawn == "1", SECONDS))
        return 0
    text = table()
    if arguments.write:
        write_between(PAGE, "play profile", f"\n\n{text}\n\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
