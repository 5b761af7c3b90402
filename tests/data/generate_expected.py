"""Writes tests/data/expected from the manifests of directories of hardware test ROMs.

Usage: python tests/data/generate_expected.py [DIRECTORY ...]

Each DIRECTORY has manifest.json and the ROMs, and one of them accuracycoin.json. The default is NES_PY_TEST_ROMS,
else ../shared/roms and ../shared/more-roms. Existing entries about known gaps, and
about RAM that a ROM assumes, are kept.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nes_py.tools.hardware import rom_directories

EXPECTED = Path(__file__).resolve().parent / "expected"
PROJECT = EXPECTED.parents[2]
SOURCE = "https://github.com/christopherpow/nes-test-roms"
OTHER_SOURCES = {"apu_test_2": "https://github.com/lukexor/tetanes"}
PROTOCOLS = {
    "blargg_6000": "status_byte",
    "blargg_zp": "byte",
    "nametable": "screen",
    "picture": "picture",
    "trace": "trace",
}
COIN_FRAMES = 6000


def parameters_of(entry: dict[str, Any]) -> dict[str, Any]:
    """Returns the keyword arguments of the function that judges a manifest entry."""
    parameters: dict[str, Any] = {}
    if entry.get("needs_reset"):
        parameters["needs_reset"] = True
    if "addr" in entry:
        parameters["address"] = int(entry["addr"], 0)
        parameters["pass_value"] = entry["pass_value"]
    for name in ("pass_text", "fail_text", "log", "min_colours"):
        if name in entry:
            parameters[name] = entry[name]
    if "input" in entry:
        parameters["presses"] = entry["input"]
    return parameters


KEPT = ("status", "reason", "ram", "ram_reason")


def kept_notes(path: Path, collection: str, key: str) -> dict[str, dict[str, Any]]:
    """Returns what a file of ours says about an entry that no manifest knows: known gaps, RAM taken for granted."""
    if not path.is_file():
        return {}
    entries = json.loads(path.read_text(encoding="utf-8"))[collection]
    return {entry[key]: {name: entry[name] for name in KEPT if name in entry} for entry in entries}


def coin_menu(image: bytes) -> dict[int, tuple[str, str]]:
    """Reads the menu of AccuracyCoin: page and title by the address of a test's result.

    A page is a title, then one record for each test: title, address of the result, address of the
    test. Titles are ASCII and end with $FF; after the last record stands another $FF.
    """
    title = re.compile(rb"([ -~]{3,31})\xff")
    menu: dict[int, tuple[str, str]] = {}
    place = image.index(b"CPU Behavior\xff")
    while page := title.match(image, place):
        place = page.end()
        while record := title.match(image, place):
            place = record.end() + 4
            address = int.from_bytes(image[record.end() : record.end() + 2], "little")
            menu[address] = (page[1].decode(), re.sub(" +", " ", record[1].decode()))
        place += 1
    return menu


def write(path: Path, data: dict[str, Any]) -> None:
    """Writes one file of expectations."""
    path.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def write_suites(directories: Sequence[Path]) -> int:
    """Writes one file for each suite of the manifests; returns the number of ROMs."""
    suites: dict[str, list[dict[str, Any]]] = {}
    for directory in directories:
        for entry in json.loads((directory / "manifest.json").read_text(encoding="utf-8")):
            suites.setdefault(entry["suite"], []).append(entry)
    for suite, entries in suites.items():
        path = EXPECTED / f"{suite.replace(' ', '_')}.json"
        notes = kept_notes(path, "roms", "path")
        roms = [
            {
                "path": entry["path"],
                "sha1": entry["sha1"],
                "frames": entry["frames"],
                "protocol": PROTOCOLS[entry["protocol"]],
                "parameters": parameters_of(entry),
                **({"region": entry["region"]} if "region" in entry else {}),
                **notes.get(entry["path"], {"status": "pass", "reason": ""}),
            }
            for entry in entries
        ]
        write(path, {"suite": suite, "source": OTHER_SOURCES.get(suite, SOURCE), "roms": roms})
    return sum(map(len, suites.values()))


def write_coin(directory: Path) -> int:
    """Writes the file for AccuracyCoin; returns the number of its tests."""
    coin = json.loads((directory / "accuracycoin.json").read_text(encoding="utf-8"))
    image = (directory / coin["rom"]).read_bytes()
    menu = coin_menu(image)
    order = list(menu)
    path = EXPECTED / "accuracycoin.json"
    notes = kept_notes(path, "tests", "name")
    addresses = {name: int(address, 16) for name, address in coin["results"].items()}
    tests = [
        {
            "name": name,
            "title": menu[address][1],
            "group": menu[address][0],
            "address": f"0x{address:04X}",
            **notes.get(name, {"status": "pass", "reason": ""}),
        }
        for name, address in sorted(addresses.items(), key=lambda item: order.index(item[1]))
    ]
    data = {
        "suite": "AccuracyCoin",
        "source": f"https://github.com/{coin['source']}",
        "path": coin["rom"],
        "sha1": hashlib.sha1(image, usedforsecurity=False).hexdigest(),
        "frames": COIN_FRAMES,
        "tests": tests,
    }
    write(path, data)
    return len(tests)


def main() -> int:
    """Writes all files; returns 2 when there is nothing to read."""
    directories = tuple(map(Path, sys.argv[1:])) or rom_directories(PROJECT)
    for directory in directories:
        if not (directory / "manifest.json").is_file():
            print(f"There is no manifest.json in {directory}.", file=sys.stderr)
            return 2
    EXPECTED.mkdir(exist_ok=True)
    coins = sum(write_coin(directory) for directory in directories if (directory / "accuracycoin.json").is_file())
    print(f"{write_suites(directories)} ROMs and {coins} tests of AccuracyCoin")
    return 0


if __name__ == "__main__":
    sys.exit(main())
