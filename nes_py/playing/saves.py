"""Keeps the slots of the play window, and battery RAM, in files."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from nes_py._files import read_regular_file, write_file
from nes_py._limits import LARGEST_SNAPSHOT
from nes_py.errors import FileFormatError


def default_folder() -> Path:
    """Return the folder of slots: the user's folder for the data of programs."""
    if sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(folder) / "nes_py" / "saves"


class Saves:
    """The files of a game. Each is written atomically: a crash leaves the old one or the new one.

    Args:
        folder (str | os.PathLike): where they are; it is created with the first file.
        name (str): the game's name, which begins the names of the files.
        rom_hash (str): ``RomInfo.hash``, which tells games of the same name apart.
    """

    def __init__(self, folder: str | os.PathLike[str], name: str, rom_hash: str) -> None:
        self.folder = Path(folder)
        self._stem = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.") or "game"
        self._hash = rom_hash[:8]

    def slot_file(self, slot: int) -> Path:
        """Return the file of a slot."""
        return self.folder / f"{self._stem}-{self._hash}-slot{slot}.state"

    @property
    def battery_file(self) -> Path:
        """The file of battery RAM: the plain bytes, as other emulators keep them."""
        return self.folder / f"{self._stem}.sav"

    def _write(self, path: Path, content: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_file(path, content)

    def write_slot(self, slot: int, state: bytes) -> None:
        """Write the state in a slot; raises OSError."""
        self._write(self.slot_file(slot), state)

    def read_slot(self, slot: int) -> bytes | None:
        """Return the state in a slot, None if it is empty; raises OSError and ValueError."""
        path = self.slot_file(slot)
        return read_regular_file(path, LARGEST_SNAPSHOT) if path.exists() else None

    def write_battery(self, content: bytes) -> None:
        """Write battery RAM; raises OSError."""
        self._write(self.battery_file, content)

    def read_battery(self, size: int) -> bytes | None:
        """Return battery RAM, None if there is no file of it yet.

        Raises:
            FileFormatError: a ``ValueError``: the file has another size than the cartridge's RAM.
            OSError: it cannot be read.
        """
        path = self.battery_file
        if not path.exists():
            return None
        content = read_regular_file(path, LARGEST_SNAPSHOT)
        if len(content) != size:
            raise FileFormatError(f"has {len(content)} bytes, the cartridge's battery RAM has {size}", path)
        return content


__all__ = ["Saves", "default_folder"]
