"""Reads ROM files safely, and parses their headers.

The emulator itself reads ROMs in C++ (``csrc/cartridge``). ``ROM`` is the header class that programs for earlier
versions import from here. ``RomInfo`` is the emulator's own description, see ``NESEmulator.rom_info``.

The header formats are described at https://www.nesdev.org/wiki/INES and https://www.nesdev.org/wiki/NES_2.0.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from ._archives import GZIP, OTHERS, ZIP, inflate, open_zip, read_entry
from ._bundled import explain_missing, find_game
from ._files import path_of, read_regular_file
from ._limits import LARGEST_ROM
from .errors import FileFormatError, RomError, RomNotFoundError, UnreadableRomError, shown

# The largest licensed cartridge has 1 MB and the largest known homebrew 32 MB; a larger file is a mistake.
MAXIMUM_ROM_FILE_SIZE = LARGEST_ROM

_MAGIC = b"NES\x1a"
_KILOBYTE = 1024
_HEADER_SIZE = 16
_TRAINER_SIZE = 512
_PRG_ROM_BANK_SIZE = 16 * _KILOBYTE
_CHR_ROM_BANK_SIZE = 8 * _KILOBYTE
_PRG_RAM_BANK_SIZE = 8 * _KILOBYTE


def read_rom(rom: str | os.PathLike[str] | bytes | bytearray | memoryview) -> tuple[bytes, str | None]:
    """Return the contents and the path of a ROM; every argument that is a ROM is read by this function.

    A gzip file and a zip archive with one ROM are unpacked. The contents are only checked by the core.

    Args:
        rom (str | os.PathLike | bytes | bytearray | memoryview): a file, the name of a bundled game, or the contents of
            a file.

    Returns:
        tuple: the contents, bytes; and the path, None if the contents were passed.

    Raises:
        TypeError: ``rom`` is neither a path nor bytes.
        RomNotFoundError: the file does not exist.
        UnreadableRomError: the system does not let us read it.
        RomError: it is a directory, a device or a pipe, it is empty, larger than 64 MB, or cannot be unpacked.
    """
    if isinstance(rom, (str, os.PathLike)):
        path = path_of(rom)
        content = _read_file(path)
        if not content:
            raise RomError("the file is empty", path)
    elif isinstance(rom, (bytes, bytearray, memoryview)):
        path = None
        size = memoryview(rom).nbytes
        if size == 0:
            raise RomError("the ROM is empty")
        if size > MAXIMUM_ROM_FILE_SIZE:
            raise RomError(f"is too large for a ROM: {size} bytes, the limit is {MAXIMUM_ROM_FILE_SIZE}")
        content = bytes(rom)
    else:
        raise TypeError(f"rom must be a path or the bytes of a ROM, not {type(rom).__name__}")
    try:
        return _unpack(content), path
    except FileFormatError as error:
        raise RomError(error.reason, path, error.where) from None


def _read_file(path: str) -> bytes:
    try:
        return read_regular_file(find_game(path), MAXIMUM_ROM_FILE_SIZE)
    except (FileNotFoundError, NotADirectoryError):
        raise RomNotFoundError(explain_missing(path), path) from None
    except FileFormatError as error:
        raise RomError(error.reason.replace("not a file", "not a ROM file"), path) from None
    except OSError as error:
        raise UnreadableRomError.of(error, path) from error


def _unpack(content: bytes) -> bytes:
    """Return the ROM that a packed file has; any other file is returned unchanged."""
    if content.startswith(GZIP):
        return inflate(content, 16 + zlib.MAX_WBITS, MAXIMUM_ROM_FILE_SIZE, "ROM")
    for begin, what in OTHERS.items():
        if content.startswith(begin):
            raise FileFormatError(f"not an iNES file but {what}: unpack it")
    if not content.startswith(ZIP):
        return content
    try:
        with open_zip(content) as archive:
            return _only_rom(archive)
    except FileFormatError as error:
        raise FileFormatError(f"not an iNES file but a zip archive: {error.reason}", where=error.where) from None


def _only_rom(archive: ZipFile) -> bytes:
    files = [entry for entry in archive.infolist() if not entry.is_dir()]
    # Archives have texts, pictures and files of macOS beside a ROM.
    roms = [entry for entry in files if read_entry(archive, entry, len(_MAGIC)) == _MAGIC]
    if len(roms) != 1:
        names = ", ".join(shown(entry.filename, 60) for entry in (roms or files)[:5])
        found = f"{len(roms)} ROMs" if roms else f"none among {len(files)} files"
        raise FileFormatError(f"it must have one ROM, and has {found}{names and f': {names}'}")
    if roms[0].file_size > MAXIMUM_ROM_FILE_SIZE:
        raise FileFormatError(f"the ROM is too large: more than {MAXIMUM_ROM_FILE_SIZE} bytes")
    return read_entry(archive, roms[0])


def read_rom_file(path: str | os.PathLike[str]) -> bytes:
    """Return the contents of a ROM file, unpacked; see ``read_rom``.

    Raises:
        TypeError: ``path`` is not a path.
        RomError: see ``read_rom``.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"a ROM path must be a str or an os.PathLike, not {type(path).__name__}")
    return read_rom(path)[0]


def rom_contents(rom: str | os.PathLike[str] | bytes | bytearray | memoryview) -> bytes:
    """Return the contents of a ROM; see ``read_rom``.

    Raises:
        TypeError: ``rom`` is neither a path nor bytes.
        RomError: see ``read_rom``.
    """
    return read_rom(rom)[0]


@dataclass(frozen=True)
class RomInfo:
    """The emulator's description of a ROM. Sizes are in bytes.

    Attributes:
        mapper: number of the cartridge board in the iNES list.
        submapper: its variant, 0 if the header does not say.
        board: the board's name, such as ``"MMC3 (TxROM)"``; empty for a number without a name.
        nes2: whether the header is NES 2.0.
        battery: whether some of the RAM is battery-backed.
        has_trainer: whether 512 bytes precede the PRG-ROM.
        mirroring: ``"horizontal"``, ``"vertical"``, ``"single_0"``, ``"single_1"`` or ``"four_screen"``.
        region: ``"ntsc"``, ``"pal"`` or ``"dendy"``.
        console_type: 0 NES or Famicom, 1 Vs. System, 2 PlayChoice-10, 3 extended.
        expansion_device: default expansion device of the NES 2.0 header.
        prg_rom_size: size of the PRG-ROM.
        chr_rom_size: size of the CHR-ROM, 0 if the board has CHR-RAM.
        prg_ram_size: RAM at $6000, battery-backed or not.
        chr_ram_size: CHR-RAM.
        hash: identifies the ROM in saved states: 16 hexadecimal digits, over trainer, PRG, CHR and board.
        sha256: of the whole file, 64 hexadecimal digits.
        notes: irregularities in the header and how they were interpreted.
    """

    mapper: int
    submapper: int
    board: str
    nes2: bool
    battery: bool
    has_trainer: bool
    mirroring: str
    region: str
    console_type: int
    expansion_device: int
    prg_rom_size: int
    chr_rom_size: int
    prg_ram_size: int
    chr_ram_size: int
    hash: str
    sha256: str
    notes: tuple[str, ...]


class ROM:
    """The header and the contents of an iNES or NES 2.0 file.

    All sizes and numbers are plain ``int``. A subclass can override the properties.

    Args:
        rom_path (str | os.PathLike): the file, or the name of a bundled game.

    Attributes:
        raw_data (numpy.ndarray): the whole file, uint8.

    Raises:
        TypeError: ``rom_path`` is not a path.
        RomError: a ``ValueError`` that names the file and what is wrong with it.
    """

    def __init__(self, rom_path: str | os.PathLike[str]) -> None:
        content = read_rom_file(rom_path)
        self.raw_data = np.frombuffer(content, dtype=np.uint8).copy()
        reason = self._reason_to_refuse()
        if reason:
            raise RomError(reason, rom_path)

    @classmethod
    def from_path(cls, path: str | os.PathLike[str]) -> ROM:
        """Return the ROM in the file ``path``; the same as calling the class."""
        return cls(path)

    def _reason_to_refuse(self) -> str:
        """Return why the file is invalid, or an empty string."""
        size = len(self.raw_data)
        if size < _HEADER_SIZE:
            return f"the header is cut short: {size} of {_HEADER_SIZE} bytes"
        if self._magic.tobytes() != _MAGIC:
            return "not an NES ROM: it does not start with 'NES' and 0x1A"
        for part, start, stop in (
            ("trainer", self.trainer_rom_start, self.trainer_rom_stop),
            ("PRG-ROM", self.prg_rom_start, self.prg_rom_stop),
            ("CHR-ROM", self.chr_rom_start, self.chr_rom_stop),
        ):
            if size < stop:
                return f"the {part} is cut short: {max(size - start, 0)} of {stop - start} bytes"
        return ""

    # --- the header, byte by byte ---

    @property
    def header(self) -> NDArray[np.uint8]:
        """The first 16 bytes, a uint8 array."""
        return self.raw_data[:_HEADER_SIZE]

    @property
    def _magic(self) -> NDArray[np.uint8]:
        return self.header[:4]

    def _byte(self, index: int) -> int:
        return int(self.header[index])

    def _bits(self, index: int) -> str:
        return f"{self._byte(index):08b}"

    @property
    def flags_6(self) -> str:
        """Header byte 6 as eight binary digits."""
        return self._bits(6)

    @property
    def flags_7(self) -> str:
        """Header byte 7 as eight binary digits."""
        return self._bits(7)

    @property
    def flags_9(self) -> str:
        """Header byte 9 as eight binary digits."""
        return self._bits(9)

    @property
    def flags_10(self) -> str:
        """Header byte 10 as eight binary digits."""
        return self._bits(10)

    # --- the board ---

    @property
    def is_nes2(self) -> bool:
        """Whether the header is NES 2.0."""
        if self._byte(7) & 0x0C != 0x08:
            return False
        # A name that an old dumping program left there can look the same. The sizes then do not match the file.
        available = len(self.raw_data) - self.trainer_rom_stop
        nes2 = self._nes2_prg_rom_size + self._nes2_chr_rom_size
        ines = self._ines_prg_rom_size + self._ines_chr_rom_size
        return nes2 <= available or self._ines_prg_rom_size == 0 or ines > available

    @property
    def _has_clean_tail(self) -> bool:
        """Whether bytes 7 to 9 are valid: old dumping programs wrote a signature there ("DiskDude!")."""
        signature = self.header[12:].any() and self.header[8:10].any()
        return self.is_nes2 or (self._byte(7) & 0x0C == 0 and not signature)

    @property
    def mapper(self) -> int:
        """Number of the cartridge board."""
        number = self._byte(6) >> 4
        if self._has_clean_tail:
            number |= self._byte(7) & 0xF0
        if self.is_nes2:
            number |= (self._byte(8) & 0x0F) << 8
        return number

    @property
    def submapper(self) -> int:
        """Variant of the board in a NES 2.0 header, else 0."""
        return self._byte(8) >> 4 if self.is_nes2 else 0

    @property
    def mirroring(self) -> str:
        """``"horizontal"``, ``"vertical"`` or ``"four-screen"``."""
        if self.is_ignore_mirroring:
            return "four-screen"
        return "vertical" if self._byte(6) & 0x01 else "horizontal"

    @property
    def is_vertical_mirroring(self) -> bool:
        """Whether the nametables are mirrored vertically."""
        return self.mirroring == "vertical"

    @property
    def is_ignore_mirroring(self) -> bool:
        """Whether the board has four nametables."""
        return bool(self._byte(6) & 0x08)

    @property
    def has_trainer(self) -> bool:
        """Whether 512 bytes for $7000 precede the PRG-ROM."""
        return bool(self._byte(6) & 0x04)

    @property
    def _has_battery_flag(self) -> bool:
        return bool(self._byte(6) & 0x02)

    @property
    def has_battery_backed_ram(self) -> bool:
        """Whether some of the RAM is battery-backed."""
        return self._has_battery_flag or self.prg_battery_ram_byte_size > 0 or self.chr_battery_ram_byte_size > 0

    @property
    def has_play_choice_10(self) -> bool:
        """Whether the game is for a PlayChoice-10."""
        return bool(self._has_clean_tail and self._byte(7) & 0x02)

    @property
    def has_vs_unisystem(self) -> bool:
        """Whether the game is for a Vs. System."""
        return bool(self._has_clean_tail and self._byte(7) & 0x01)

    @property
    def is_pal(self) -> bool:
        """Whether the game is for PAL only."""
        if self.is_nes2:
            return self._byte(12) & 0x03 == 1
        return bool(self._has_clean_tail and self._byte(9) & 0x01)

    # --- sizes ---

    @staticmethod
    def _nes2_rom_size(low: int, high_nibble: int, unit: int) -> int:
        if high_nibble == 0x0F:
            return (1 << (low >> 2)) * ((low & 0x03) * 2 + 1)
        return (high_nibble << 8 | low) * unit

    @staticmethod
    def _nes2_ram_size(shift: int) -> int:
        return 64 << shift if shift else 0

    @property
    def _nes2_prg_rom_size(self) -> int:
        return self._nes2_rom_size(self._byte(4), self._byte(9) & 0x0F, _PRG_ROM_BANK_SIZE)

    @property
    def _nes2_chr_rom_size(self) -> int:
        return self._nes2_rom_size(self._byte(5), self._byte(9) >> 4, _CHR_ROM_BANK_SIZE)

    @property
    def _ines_prg_rom_size(self) -> int:
        return self._byte(4) * _PRG_ROM_BANK_SIZE

    @property
    def _ines_chr_rom_size(self) -> int:
        return self._byte(5) * _CHR_ROM_BANK_SIZE

    @property
    def prg_rom_byte_size(self) -> int:
        """Size of the PRG-ROM in bytes."""
        return self._nes2_prg_rom_size if self.is_nes2 else self._ines_prg_rom_size

    @property
    def prg_rom_size(self) -> int:
        """Size of the PRG-ROM in KB."""
        return self.prg_rom_byte_size // _KILOBYTE

    @property
    def prg_rom_banks(self) -> int:
        """Size of the PRG-ROM in banks of 16 KB."""
        return self.prg_rom_byte_size // _PRG_ROM_BANK_SIZE

    @property
    def chr_rom_byte_size(self) -> int:
        """Size of the CHR-ROM in bytes."""
        return self._nes2_chr_rom_size if self.is_nes2 else self._ines_chr_rom_size

    @property
    def chr_rom_size(self) -> int:
        """Size of the CHR-ROM in KB."""
        return self.chr_rom_byte_size // _KILOBYTE

    @property
    def chr_rom_banks(self) -> int:
        """Size of the CHR-ROM in banks of 8 KB."""
        return self.chr_rom_byte_size // _CHR_ROM_BANK_SIZE

    @property
    def prg_ram_byte_size(self) -> int:
        """Size of the PRG-RAM without a battery, in bytes; 0 in an iNES header means 8 KB."""
        if self.is_nes2:
            return self._nes2_ram_size(self._byte(10) & 0x0F)
        return max(self._byte(8) if self._has_clean_tail else 0, 1) * _PRG_RAM_BANK_SIZE

    @property
    def prg_ram_size(self) -> int:
        """Size of the PRG-RAM without a battery, in KB."""
        return self.prg_ram_byte_size // _KILOBYTE

    @property
    def prg_battery_ram_byte_size(self) -> int:
        """Size of the PRG-RAM with a battery, in bytes."""
        if self.is_nes2:
            return self._nes2_ram_size(self._byte(10) >> 4)
        return self.prg_ram_byte_size if self._has_battery_flag else 0

    @property
    def chr_ram_byte_size(self) -> int:
        """Size of the CHR-RAM without a battery, in bytes."""
        if self.is_nes2:
            return self._nes2_ram_size(self._byte(11) & 0x0F)
        return 0 if self.chr_rom_byte_size else _CHR_ROM_BANK_SIZE

    @property
    def chr_battery_ram_byte_size(self) -> int:
        """Size of the CHR-RAM with a battery, in bytes."""
        return self._nes2_ram_size(self._byte(11) >> 4) if self.is_nes2 else 0

    # --- contents; start is inclusive, stop exclusive ---

    @property
    def trainer_rom_start(self) -> int:
        """Where the trainer begins in the file."""
        return _HEADER_SIZE

    @property
    def trainer_rom_stop(self) -> int:
        """Where the trainer ends in the file; equal to its start if there is none."""
        return _HEADER_SIZE + (_TRAINER_SIZE if self.has_trainer else 0)

    @property
    def trainer_rom(self) -> NDArray[np.uint8]:
        """The trainer, a uint8 array of 512 or 0 bytes."""
        return self.raw_data[self.trainer_rom_start : self.trainer_rom_stop]

    @property
    def prg_rom_start(self) -> int:
        """Where the PRG-ROM begins in the file."""
        return self.trainer_rom_stop

    @property
    def prg_rom_stop(self) -> int:
        """Where the PRG-ROM ends in the file."""
        return self.prg_rom_start + self.prg_rom_byte_size

    @property
    def prg_rom(self) -> NDArray[np.uint8]:
        """The PRG-ROM, a uint8 array."""
        return self.raw_data[self.prg_rom_start : self.prg_rom_stop]

    @property
    def chr_rom_start(self) -> int:
        """Where the CHR-ROM begins in the file."""
        return self.prg_rom_stop

    @property
    def chr_rom_stop(self) -> int:
        """Where the CHR-ROM ends in the file."""
        return self.chr_rom_start + self.chr_rom_byte_size

    @property
    def chr_rom(self) -> NDArray[np.uint8]:
        """The CHR-ROM, a uint8 array."""
        return self.raw_data[self.chr_rom_start : self.chr_rom_stop]


__all__ = ["MAXIMUM_ROM_FILE_SIZE", "ROM", "RomInfo", "read_rom", "read_rom_file", "rom_contents"]
