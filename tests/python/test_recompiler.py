"""Recompiled code does what the interpreter does, in every process and thread, and its memory is bounded."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from support.patience import PATIENCE

import nes_py
from nes_py.emulator import NESEmulator, recompiled_bytes

PROJECT = Path(__file__).resolve().parents[2]
RECORD = json.loads((PROJECT / "tests" / "data" / "determinism.json").read_text())
GAMES = sorted((Path(nes_py.__file__).parent / "roms").glob("*.nes"))
SETTINGS = {"off": {"NES_PY_NO_JIT": "1"}, "on": {}, "everything": {"NES_PY_JIT_THRESHOLD": "1"}}
CODE_LIMIT = 8 << 20  # of one ROM
PAGE_TABLE = 2048 * 9 + 64  # bytes for 2 KB of PRG-ROM at one place


def run(setting: str, *arguments: object) -> str:
    """Runs a Python program with the recompiler off, on, or compiling everything; returns what it prints."""
    environment = dict(os.environ, **SETTINGS[setting])
    for name in {"NES_PY_NO_JIT", "NES_PY_JIT_THRESHOLD"} - SETTINGS[setting].keys():
        environment.pop(name, None)
    environment["PYTHONPATH"] = str(Path(nes_py.__file__).parents[1])
    command = [sys.executable, *map(str, arguments)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert result.returncode == 0, result.stderr
    return result.stdout


def big_program(banks: int, seed: int) -> bytes:
    """Returns a game on UxROM that is all code: each bank is one long subroutine, called from the last bank."""
    dice = random.Random(seed)
    prg = bytearray()
    for _ in range(banks - 1):
        bank = bytearray()
        while len(bank) < 0x4000 - 4:
            zero_page = dice.randrange(0x10, 0x100)
            bank += dice.choice(
                [
                    bytes([dice.choice([0x65, 0xE5, 0x45, 0x05, 0x85, 0xE6, 0x06, 0x66, 0xA6, 0xA4, 0x24]), zero_page]),
                    bytes([dice.choice([0xA9, 0x69, 0x49, 0xE9]), dice.randrange(256)]),
                    bytes([dice.choice([0xBD, 0x79, 0x9D, 0xFE]), dice.randrange(256), dice.choice([2, 3, 6])]),
                    bytes([dice.choice([0x10, 0x30, 0x50, 0x70, 0x90, 0xB0, 0xD0, 0xF0]), 1, 0xEA]),
                    bytes([dice.choice([0xAA, 0xA8, 0xE8, 0x88, 0x0A, 0x6A, 0x38])]),
                ]
            )
        prg += bank.ljust(0x4000, b"\x60")  # RTS
    last = bytearray(
        b"\x78\xa2\xff\x9a"  # SEI; LDX #$FF; TXS
        b"\xa5\x00\xaa"  # loop: LDA $00; TAX
        b"\xbd\x00\xc1\x9d\x00\xc1"  # LDA banks,X; STA banks,X
        b"\x20\x00\x80"  # JSR $8000
        b"\xe6\x00\xa5\x00\xc9" + bytes([banks - 1]) + b"\xd0\xea"  # INC $00; LDA $00; CMP #; BNE loop
        b"\xa9\x00\x85\x00\x4c\x04\xc0"  # LDA #0; STA $00; JMP loop
    )
    last = last.ljust(0x100, b"\xea") + bytes(range(256))
    last = last.ljust(0x3FF0, b"\xea") + b"\x40"
    prg += last.ljust(0x3FFA, b"\xea") + b"\xf0\xff\x00\xc0\xf0\xff"
    return b"NES\x1a" + bytes([banks, 0, 0x20, 0]) + bytes(8) + prg


def needs_recompiler() -> None:
    if not nes_py.recompiler_enabled:
        pytest.skip("nothing is recompiled here")


def test_the_switch(monkeypatch):
    for value, off in (("1", True), ("yes", True), ("0", False), ("", False)):
        monkeypatch.setenv("NES_PY_NO_JIT", value)
        assert isinstance(nes_py.recompiler_enabled, bool)
        if off:
            assert nes_py.recompiler_enabled is False
    monkeypatch.delenv("NES_PY_NO_JIT")
    here = nes_py.recompiler_enabled
    program = "import nes_py; print(nes_py.recompiler_enabled)"
    assert run("on", "-c", program).strip() == str(here)
    assert run("off", "-c", program).strip() == "False"
    with pytest.raises(AttributeError, match="recompiler_disabled"):
        nes_py.recompiler_disabled  # noqa: B018


def test_the_switch_counts_when_a_rom_is_loaded(monkeypatch, tmp_path):
    needs_recompiler()
    path = tmp_path / "big.nes"
    path.write_bytes(big_program(4, seed=100))
    monkeypatch.setenv("NES_PY_NO_JIT", "1")
    with NESEmulator(path) as emulator:
        emulator.step(20)
        assert recompiled_bytes(emulator) is None
        monkeypatch.delenv("NES_PY_NO_JIT")
        emulator.step(20)
        assert recompiled_bytes(emulator) is None
    path.write_bytes(big_program(4, seed=101))
    with NESEmulator(path) as emulator:
        emulator.step(200)
        assert recompiled_bytes(emulator)[0] > 0


# tests/determinism plays it as people do.
@pytest.mark.parametrize("setting", ["off", "everything"])
def test_the_record(setting):
    hashes = json.loads(run(setting, PROJECT / "tests" / "determinism" / "run.py", *GAMES, "--threads", 2))
    assert len(hashes) == len(GAMES)
    for digest, found in hashes.items():
        assert found[:2] == RECORD[digest]["hashes"], RECORD[digest]["rom"]


VECTOR = """
import hashlib, sys
import numpy as np
from nes_py import NESVectorEnv

digest = hashlib.sha256()
for rom in sys.argv[2:]:
    with_threads = NESVectorEnv(rom, 6, num_threads=int(sys.argv[1]))
    with_threads.reset(seed=1)
    dice = np.random.default_rng(1)
    for _ in range(80):
        observation, *_ = with_threads.step(dice.integers(0, 256, 6))
        digest.update(np.ascontiguousarray(observation).tobytes())
    with_threads.close()
print(digest.hexdigest())
"""


def test_vector_environments():
    runs = (("off", 1), ("on", 2), ("everything", 1), ("everything", 2))
    found = {one: run(one[0], "-c", VECTOR, one[1], *GAMES) for one in runs}
    assert len(set(found.values())) == 1, found


FORK = """
import hashlib, os, sys, threading
from nes_py.emulator import NESEmulator

def digest(path):
    emulator = NESEmulator(path)
    emulator.step(40)
    return hashlib.sha256(bytes(emulator.dump_state())).hexdigest()

wanted, current, over = {}, [None], threading.Event()

def compile_all():
    for path in sys.argv[1:]:
        # The child shares the code of the ROM that is just being compiled.
        current[0] = path, NESEmulator(path)
        current[0][1].step(40)
        wanted[path] = hashlib.sha256(bytes(current[0][1].dump_state())).hexdigest()
    over.set()

thread = threading.Thread(target=compile_all)
thread.start()
forks = []
while not over.wait(0.004):
    if current[0] is None:
        continue
    path = current[0][0]
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, digest(path).encode())
        finally:
            os._exit(0)
    os.close(writing)
    forks.append((path, child, reading))
thread.join()
bad = 0
for path, child, reading in forks:
    bad += os.read(reading, 100).decode() != wanted[path]
    os.waitpid(child, 0)
    os.close(reading)
print(len(forks) > 0, bad)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_fork_while_another_thread_compiles(tmp_path):
    paths = [tmp_path / f"{seed}.nes" for seed in range(3)]
    for seed, path in enumerate(paths):
        path.write_bytes(big_program(16, seed))
    assert run("everything", "-W", "ignore", "-c", FORK, *paths).split() == ["True", "0"]


MEMORY = """
import hashlib, sys
from nes_py.emulator import NESEmulator, recompiled_bytes

emulators = [NESEmulator(sys.argv[1]) for _ in range(3)]
for emulator in emulators:
    emulator.step(150, False)
used = [recompiled_bytes(emulator) for emulator in emulators]
assert used[0] == used[1] == used[2]  # once for all
print(*(used[0] or (0, 0)), hashlib.sha256(bytes(emulators[0].dump_state())).hexdigest())
"""


PACKED = """
import sys
from nes_py.emulator import NESEmulator, recompiled_bytes

emulator = NESEmulator(sys.argv[1])
emulator.step(400, False)
print((recompiled_bytes(emulator) or (0, 0))[0])
"""


def scattered_program(count: int) -> bytes:
    """Returns a game of short subroutines, reached by ``JMP ($0010)``: each is a place to compile of its own."""
    prg = bytearray(b"\xea" * 0x8000)
    loop = (
        b"\x78\xa2\xff\x9a"  # SEI; LDX #$FF; TXS
        b"\xa9\x00\x85\x10\xa9\x90\x85\x11"  # LDA #0; STA $10; LDA #$90; STA $11
        b"\x6c\x10\x00"  # next: JMP ($0010)
    )
    # LDA $10; CLC; ADC #16; STA $10; LDA $11; ADC #0; STA $11; CMP #end; BNE next; JMP start
    end = 0x90 + count // 16
    back = (
        b"\xa5\x10\x18\x69\x10\x85\x10\xa5\x11\x69\x00\x85\x11\xc9" + bytes([end]) + b"\xd0\x03\x4c\x04\x80\x6c\x10\x00"
    )
    prg[: len(loop)] = loop
    prg[0x800 : 0x800 + len(back)] = back
    for number in range(count):
        place = 0x1000 + 16 * number
        prg[place : place + 5] = b"\xe6\x20" + b"\x4c\x00\x88"  # INC $20; JMP back
    prg[0x7FF0] = 0x40
    prg[0x7FFA:] = b"\xf0\xff\x00\x80\xf0\xff"
    return b"NES\x1a\x02\x00\x00\x00" + bytes(8) + prg


def test_places_share_pages_of_executable_memory(tmp_path):
    needs_recompiler()
    path = tmp_path / "scattered.nes"
    path.write_bytes(scattered_program(256))
    alone = int(run("everything", "-c", PACKED, path))
    together = int(run("on", "-c", PACKED, path))
    # One by one each takes a page of the system.
    assert alone >= 256 * 4096
    assert together < alone / 4


@pytest.mark.parametrize("banks", [8, 32], ids=["128KB", "512KB"])
def test_memory_of_a_rom_is_bounded(tmp_path, banks):
    path = tmp_path / "big.nes"
    path.write_bytes(big_program(banks, seed=banks))
    code, tables, state = run("everything", "-c", MEMORY, path).split()
    assert state == run("off", "-c", MEMORY, path).split()[2]
    if nes_py.recompiler_enabled:
        assert 0 < int(code) <= CODE_LIMIT
        # Each bank is mapped at one place.
        assert 0 < int(tables) <= banks * 8 * PAGE_TABLE
