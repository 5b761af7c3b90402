"""Movies: recorded buttons of every frame, which repeat a run exactly.

The file format is FCEUX's ``.fm2`` (https://fceux.com/web/FM2.html), which other programs can read, edit and
write. A movie made here repeats exactly here. Movies of other emulators can be read, but whether the game plays
the same way depends on the accuracy of that emulator and on the start of its first frame.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import io
import operator
import os
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nes_py import _foreign as foreign
from nes_py._digests import md5
from nes_py._files import read_regular_file, write_file
from nes_py._limits import LARGEST_MOVIE, LARGEST_SNAPSHOT, LONGEST_TEXT
from nes_py._typing import FrameBoundary, Timing
from nes_py.emulator import NESEmulator, Snapshot
from nes_py.errors import MovieError, StateError, shown

#: Commands of a frame, bits that can be combined: reset button, and power cycle.
SOFT_RESET = 1
POWER = 2

_PORTS = 2
_BUTTONS = "RLDUTSBA"  # from bit 7 to bit 0
_INES_HEADER_SIZE = 16
_TRAINER_SIZE = 512
_SNAPSHOT_MAGIC = b"NESPYSNP"

# What comments begin with that are no texts for people.
_OWN = "nes-py "
# What this package writes as the emulator's version.
_VERSION = "22020"
# The keys of the format, by what is done with them.
_TEXTS = ("comment", "subtitle")
_UNSUPPORTED = ("fourscore", "microphone", "FDS", "binary")
_FLAGS = (*_UNSUPPORTED, "palFlag", "NewPPU")
_KEYS = frozenset(
    (*_TEXTS, *_FLAGS, "version", "emuVersion", "rerecordCount", "romFilename", "romChecksum", "guid", "port0", "port1")
) | frozenset(("port2", "RAMInitOption", "RAMInitSeed", "savestate", "length"))
_QUOTES = "'\""

# Values of the format's RAMInitOption.
_RAM_FILLS = ("pattern", "ones", "zero", "noise")


def rom_checksum(emulator: NESEmulator) -> bytes:
    """Return the MD5 of PRG-ROM and CHR-ROM, which identifies a ROM in ``.fm2`` files."""
    info = emulator.rom_info
    start = _INES_HEADER_SIZE + _TRAINER_SIZE * info.has_trainer
    content = emulator.rom_data[start : start + info.prg_rom_size + info.chr_rom_size]
    return md5(content)


def _emulator_of(machine: Any) -> NESEmulator:
    """Return the emulator of an environment, or the emulator itself."""
    if isinstance(machine, NESEmulator):
        return machine
    emulator = getattr(getattr(machine, "unwrapped", None), "_env", None)
    if not isinstance(emulator, NESEmulator):
        raise TypeError(f"a movie plays on an NESEmulator or an NESEnv, not on {type(machine).__name__}")
    return emulator


class Movie:
    """The buttons of both controllers in every frame, and the start of the run.

    ``len(movie)`` is the number of frames, ``movie[i]`` the tuple of command and the bytes of both controllers in
    frame i. Two movies are equal if they give the same run.

    Example:
        >>> movie = env.record_movie()  # doctest: +SKIP
        >>> env.step(0x80)  # doctest: +SKIP
        >>> movie.save("run.fm2")  # doctest: +SKIP
        >>> Movie.load("run.fm2").replay(NESEmulator("game.nes"))  # doctest: +SKIP

    Args:
        checksum (bytes | None): MD5 of the game's PRG-ROM and CHR-ROM, 16 bytes; None fits any game.
        ram_fill (str): see ``NESEmulator``.
        seed (int): see ``NESEmulator``; 0 to 2**64 - 1.
        region (str): ``"ntsc"``, ``"pal"`` or ``"dendy"``.
        frame_boundary (str): where its frames end, see ``NESEmulator``: ``"vblank"`` or ``"nes-py"``.
        start (Snapshot | None): the state before the first frame; None for power-on.
        rom_name (str): name of the game, for information.
        comments (Iterable[str]): lines of text, which do not begin with ``"nes-py "``.
        subtitles (Iterable[str]): lines of a frame number and a text, for other programs.
        console (str): see ``NESEmulator``.
        timing (str): see ``NESEmulator``: ``"hardware"`` or ``"nes-py"``.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: a file cannot have it, for instance a text of more than 10,000 characters.
    """

    def __init__(
        self,
        checksum: bytes | None = None,
        *,
        ram_fill: str = "zero",
        seed: int = 0,
        region: str = "ntsc",
        frame_boundary: FrameBoundary = "vblank",
        start: Snapshot | None = None,
        rom_name: str = "",
        comments: Iterable[str] = (),
        subtitles: Iterable[str] = (),
        console: str = "famicom",
        timing: Timing = "hardware",
    ) -> None:
        if checksum is not None:
            if not isinstance(checksum, (bytes, bytearray, memoryview)):
                raise TypeError(f"checksum must be bytes, not {type(checksum).__name__}")
            if len(checksum) != 16:
                raise ValueError(f"checksum must be 16 bytes, not {len(checksum)}")
        # A file has 16 zeros for None.
        self.checksum = bytes(checksum) if checksum is not None and any(bytes(checksum)) else None
        self.ram_fill = ram_fill
        self.seed = operator.index(seed)
        self.region = region
        self.frame_boundary: FrameBoundary = frame_boundary
        self.start = start
        self.rom_name = rom_name
        self.comments = _texts("comments", comments)
        self.subtitles = _texts("subtitles", subtitles)
        self.console = console
        self.timing: Timing = timing
        self._frames = bytearray()  # command, controller 0, controller 1
        self._pending_command = 0
        self._check_header()

    def _check_header(self) -> None:
        """Check what a file has before its frames. The attributes may have been set to anything.

        Raises:
            TypeError: a value has the wrong type.
            ValueError: no file can have it, or it would be read as something else.
        """
        for name, known in (
            ("ram_fill", _RAM_FILLS),
            ("region", ("ntsc", "pal", "dendy")),
            ("frame_boundary", ("vblank", "nes-py")),
            ("console", ("famicom", "nes")),
            ("timing", ("hardware", "nes-py")),
        ):
            if getattr(self, name) not in known:
                raise ValueError(f"{name} must be one of {', '.join(known)}, not {shown(getattr(self, name))}")
        if not 0 <= operator.index(self.seed) < 2**64:
            raise ValueError(f"seed must be in 0..2**64 - 1, not {shown(self.seed)}")
        if self.start is not None and not isinstance(self.start, Snapshot):
            raise TypeError(f"start must be a Snapshot or None, not {type(self.start).__name__}")
        _texts("rom_name", [self.rom_name])
        for name in ("comments", "subtitles"):
            for place, text in enumerate(_texts(name, getattr(self, name))):
                if name == "comments" and _one_line(text).startswith(_OWN):
                    raise ValueError(
                        f"comments[{place}] is {shown(text, 60)}: comments that begin with {_OWN!r} are this package's "
                        "own lines, and would be read as such"
                    )

    @classmethod
    def begin(cls, machine: Any, rom_name: str = "") -> Movie:
        """Return an empty movie that starts at the current state of an ``NESEmulator`` or ``NESEnv``."""
        emulator = _emulator_of(machine)
        options = emulator.options
        if options["device"] != "joypads" or options["cheats"]:
            raise MovieError("a movie supports only two controllers: record without the options device and cheats")
        movie = cls(
            rom_checksum(emulator),
            ram_fill=options["ram_fill"],
            seed=options["seed"],
            region=options["region"] or emulator.rom_info.region,
            frame_boundary=emulator.frame_boundary,
            rom_name=rom_name,
            console=options["console"],
            timing=emulator.timing,
        )
        state = emulator.dump_state()
        if emulator.frame_count > 0 or state != NESEmulator(emulator.rom_data, **options).dump_state():
            movie.start = state
        return movie

    # --- frames ---

    def __len__(self) -> int:
        return len(self._frames) // 3

    def __getitem__(self, index: int) -> tuple[int, int, int]:
        index = range(len(self))[index]
        command, first, second = self._frames[3 * index : 3 * index + 3]
        return command, first, second

    def __iter__(self) -> Iterator[tuple[int, int, int]]:
        return (self[index] for index in range(len(self)))

    @property
    def inputs(self) -> NDArray[np.uint8]:
        """A copy of the buttons: uint8 (frames, 2)."""
        return np.frombuffer(bytes(self._frames), np.uint8).reshape(-1, 3)[:, 1:].copy()

    def append(self, first: int, second: int = 0, command: int = 0) -> None:
        """Add a frame.

        Args:
            first (int): buttons of the first controller, a byte as in ``NESEmulator.controller``.
            second (int): buttons of the second.
            command (int): ``SOFT_RESET`` or ``POWER`` before the frame, or 0.

        Raises:
            ValueError: buttons are not in 0..255, or there is no such command.
        """
        # Checked before anything changes.
        number = operator.index(command)
        if number & ~(SOFT_RESET | POWER):
            raise ValueError(f"a command is {SOFT_RESET}, {POWER}, both or 0, not {shown(command)}")
        frame = bytes((number | self._pending_command, operator.index(first), operator.index(second)))
        self._frames += frame
        self._pending_command = 0

    def power_on(self) -> None:
        """Turn the console off and on before the frame that is added next."""
        if len(self) == 0:
            self.start = None
        else:
            self._pending_command = POWER

    def restart(self, start: Snapshot, frame_boundary: FrameBoundary | None = None) -> None:
        """Discard all frames; the movie starts at ``start``; its frames end at ``frame_boundary`` if that is given."""
        self._frames.clear()
        self._pending_command = 0
        self.start = start
        self.frame_boundary = frame_boundary or self.frame_boundary

    def checkpoint(self) -> tuple[Any, ...]:
        """Return a copy of the recording, 3 bytes per frame, for ``return_to``."""
        return self.start, bytes(self._frames), self._pending_command, self.frame_boundary

    def mark(self) -> tuple[int, int]:
        """Return the current position in the movie, for ``return_to``; small."""
        return len(self), self._pending_command

    def return_to(self, checkpoint: tuple[Any, ...], mark: tuple[int, int] | None = None) -> None:
        """Return to an earlier ``checkpoint``, after the emulator has loaded the state of that time.

        Args:
            checkpoint (tuple): from ``checkpoint``.
            mark (tuple | None): from ``mark``: an earlier position in the same recording to return to.
        """
        self.start, frames, self._pending_command, self.frame_boundary = checkpoint
        self._frames[:] = frames
        if mark is not None:
            length, self._pending_command = mark
            del self._frames[3 * length :]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Movie):
            return NotImplemented
        return self._facts() == other._facts()

    def _facts(self) -> tuple[Any, ...]:
        power_on = self.ram_fill, self.seed, self.region, self.console, self.frame_boundary, self.timing
        return self.checksum, power_on, self._frames, self.start

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<Movie of {self.rom_name or 'an unnamed game'}, {len(self)} frames>"

    # --- playing ---

    def emulator(self, rom: str | os.PathLike[str] | bytes, **options: Any) -> NESEmulator:
        """Return an ``NESEmulator`` of ``rom`` that can play this movie; other options go to its constructor."""
        region: Any = self.region
        ram_fill: Any = self.ram_fill
        fitting = {
            "ram_fill": ram_fill,
            "seed": self.seed,
            "region": region,
            "console": self.console,
            "frame_boundary": self.frame_boundary,
            "timing": self.timing,
        }
        return NESEmulator(rom, **{**fitting, **options})

    def _check(self, emulator: NESEmulator, check_rom: bool) -> None:
        options, region = emulator.options, emulator.options["region"] or emulator.rom_info.region
        if check_rom and self.checksum is not None and self.checksum != rom_checksum(emulator):
            raise MovieError(
                f"the movie is for a ROM with MD5 {self.checksum.hex()} ({self.rom_name or 'no name'}), "
                f"the emulator's ROM has {rom_checksum(emulator).hex()}"
            )
        if self.region != region:
            raise MovieError(f"the movie is for a {self.region} console, the emulator is {region}")
        if self.console != options["console"]:
            raise MovieError(
                f"the movie is for the console {self.console!r}, the emulator is {options['console']!r}; "
                "movie.emulator(rom) creates a suitable one"
            )
        if self.timing != emulator.timing:
            raise MovieError(
                f"the movie was made with timing={self.timing!r}, the emulator has {emulator.timing!r}; "
                "movie.emulator(rom) creates a suitable one"
            )
        same_noise = self.ram_fill != "noise" or self.seed == options["seed"]
        if self.start is None and (self.ram_fill != options["ram_fill"] or not same_noise):
            raise MovieError(
                f"the movie starts with RAM filled with {self.ram_fill!r} (seed {self.seed}), the emulator has "
                f"{options['ram_fill']!r} (seed {options['seed']}); movie.emulator(rom) creates a suitable one"
            )

    def play(self, machine: Any, *, render: bool = True, check_rom: bool = True) -> Iterator[int]:
        """Play on an emulator frame by frame; a generator of the numbers of the frames that have run.

        Args:
            machine (NESEmulator | NESEnv): first moved to the start of the movie. Only the emulator of an environment
                is used: there are no rewards and no ends. Its steps then end at the movie's ``frame_boundary``.
            render (bool): whether to draw the frames.
            check_rom (bool): False to play it with a different ROM.

        Yields:
            int: 0 to ``len(movie) - 1``.

        Raises:
            MovieError: a ``ValueError``: the movie does not match the ROM or the options of the emulator.
        """
        emulator = _emulator_of(machine)
        self._go_to_start(emulator, check_rom)
        for index in range(len(self)):
            self._run_frame(emulator, index, render)
            yield index

    def _go_to_start(self, emulator: NESEmulator, check_rom: bool) -> None:
        self._check(emulator, check_rom)
        if self.start is None:
            emulator.reset()
        else:
            try:
                emulator.load_state(self.start)
            except StateError as error:
                raise MovieError(f"the movie starts with a state that does not match: {error}") from None
        emulator.frame_boundary = self.frame_boundary

    def _run_frame(self, emulator: NESEmulator, index: int, render: bool) -> None:
        command, *buttons = self[index]
        if command & POWER:
            emulator.reset()
            emulator.frame_boundary = self.frame_boundary
        elif command & SOFT_RESET:
            emulator.soft_reset()
        for port in range(_PORTS):
            emulator.controller(port)[0] = buttons[port]
        emulator.step(1, render)

    def replay(self, machine: Any, frames: int | None = None, *, check_rom: bool = True) -> None:
        """Move an emulator to the state after a number of frames, and draw the last of them.

        Args:
            machine (NESEmulator | NESEnv): see ``play``.
            frames (int | None): the number of frames, None for all.
            check_rom (bool): see ``play``.

        Raises:
            ValueError: the movie is shorter.
            MovieError: the movie does not match the ROM or the options of the emulator.
        """
        frames = len(self) if frames is None else operator.index(frames)
        if not 0 <= frames <= len(self):
            raise ValueError(f"frames must be in 0..{len(self)}, not {shown(frames)}")
        emulator = _emulator_of(machine)
        self._go_to_start(emulator, check_rom)
        for index in range(frames):
            self._run_frame(emulator, index, index == frames - 1)

    # --- files ---

    def to_fm2(self) -> str:
        """Return the movie as the text of an ``.fm2`` file.

        Raises:
            TypeError: an attribute was set to something that it cannot be.
            ValueError: an attribute was set to a value that a file cannot have.
        """
        self._check_header()
        checksum = self.checksum or bytes(16)
        guid = uuid.UUID(bytes=md5(bytes(self._frames) + checksum))
        lines = [
            "version 3",
            f"emuVersion {_VERSION}",
            "rerecordCount 0",
            f"palFlag {int(self.region == 'pal')}",
            f"romFilename {_one_line(self.rom_name) or 'unknown'}",
            f"romChecksum base64:{base64.b64encode(checksum).decode()}",
            f"guid {str(guid).upper()}",
            "fourscore 0",
            "microphone 0",
            "port0 1",
            "port1 1",
            "port2 0",
            "FDS 0",
            "NewPPU 1",
            f"RAMInitOption {_RAM_FILLS.index(self.ram_fill)}",
            f"RAMInitSeed {self.seed}",
        ]
        lines += [f"comment {_one_line(line)}" for line in self.comments]
        if self.region == "dendy":
            lines.append("comment nes-py region dendy")
        if self.console != "famicom":
            lines.append(f"comment nes-py console {self.console}")
        if self.frame_boundary != "vblank":
            lines.append(f"comment nes-py frame_boundary {self.frame_boundary}")
        if self.timing != "hardware":
            lines.append(f"comment nes-py timing {self.timing}")
        lines += [f"subtitle {_one_line(line)}" for line in self.subtitles]
        if self.start is not None:
            lines.append(f"savestate base64:{base64.b64encode(bytes(self.start)).decode()}")
        lines += [f"|{command}|{_pad(first)}|{_pad(second)}||" for command, first, second in self]
        return "\n".join(lines) + "\n"

    @classmethod
    def from_fm2(cls, text: str | bytes | bytearray | memoryview) -> Movie:
        """Return the movie in the text of an ``.fm2`` file.

        A key that changes the meaning of the buttons is applied or refused; an unknown key is refused:

        | key | |
        | --- | --- |
        | ``palFlag``, ``romChecksum``, ``RAMInitOption``, ``RAMInitSeed`` | applied, but not the noise of others |
        | ``savestate`` | applied if this package made it, otherwise refused |
        | ``length`` | applied: the frames after it are left out |
        | ``port0``, ``port1`` | 1: a joypad; 0: nothing, its buttons are not pressed; others are refused |
        | ``NewPPU`` | without effect: both values stand for the one PPU of the console |
        | ``fourscore``, ``microphone``, ``FDS``, ``port2``, ``binary`` | must be 0 |
        | ``romFilename``, ``comment``, ``subtitle`` | kept |
        | ``emuVersion``, ``rerecordCount``, ``guid`` | without effect |

        Args:
            text (str | bytes): the text; bytes are UTF-8, or UTF-16 with a byte-order mark.

        Raises:
            MovieError: a ``ValueError`` that names the line: the text is not an ``.fm2`` file, or it needs an
                unsupported feature: devices other than joypads, disks, or a state of another emulator.
            TypeError: ``text`` is neither a str nor bytes-like.
        """
        if isinstance(text, str):
            content = text.removeprefix("\ufeff").encode("utf-8", "replace")
        elif isinstance(text, (bytes, bytearray, memoryview)):
            content = bytes(text)
        else:
            raise TypeError(f"the text of a movie must be a str or bytes-like, not {type(text).__name__}")
        if len(content) > LARGEST_MOVIE:
            raise MovieError(f"is too large for a movie: {len(content)} bytes, the limit is {LARGEST_MOVIE}")
        if found := foreign.movie(content):
            raise MovieError(f"not an .fm2 file but {found}")
        utf_16 = content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        # Line by line, because a list of all lines would take many times the memory.
        lines = io.TextIOWrapper(io.BytesIO(content), "utf-16" if utf_16 else "utf-8-sig", "replace")
        movie = cls(ram_fill="pattern")
        fields: dict[str, str] = {}
        number = 0
        for number, line in enumerate(lines, 1):
            if line.startswith("|"):
                movie._read_frame(line.rstrip("\n"), number, fields)
            elif line.strip():
                key, _, value = line.strip().partition(" ")
                if len(movie):
                    raise MovieError(f"{shown(line.strip(), 40)} is behind the first frame", where=f"line {number}")
                if key in fields and key not in _TEXTS:
                    raise MovieError(f"the key {shown(key)} is there twice", where=f"line {number}")
                fields[key] = value.strip()
                try:
                    movie._read_field(key, value.strip(), number)
                except MovieError:
                    if "version" in fields or number > 1:
                        raise
                    raise MovieError("not an .fm2 file: it does not begin with 'version 3'") from None
        if "version" not in fields:
            raise MovieError("not an .fm2 file: it has no line 'version 3'")
        if fields["version"] != "3":
            raise MovieError(f"an .fm2 file, but not of version 3: {shown(fields['version'], 40)}")
        movie._finish(fields, number)
        return movie

    def _finish(self, fields: Mapping[str, str], lines: int) -> None:
        """Check what several keys say together."""
        noise = self.ram_fill == "noise" and self.start is None
        # 22020 is what this package writes, and no FCEUX with noise has that number.
        if noise and fields.get("emuVersion") != _VERSION:
            raise MovieError("RAMInitOption 3: the noise of another emulator is unknown here; record it with option 0")
        if "length" in fields and (length := int(fields["length"])) >= 0:
            if length > len(self):
                raise MovieError(f"it is cut short: {len(self)} of {length} frames", where=f"line {lines}")
            del self._frames[3 * length :]

    def _read_field(self, key: str, value: str, line: int) -> None:
        try:
            if key not in _KEYS:
                raise ValueError("the key is unknown")
            if len(value) > LONGEST_TEXT and key != "savestate":
                raise ValueError(f"{len(value)} characters, the limit is {LONGEST_TEXT}")
            if key in _FLAGS:
                flag = {"": False, "0": False, "false": False, "1": True, "true": True}.get(value.lower())
                if flag is None:
                    raise ValueError("expected 0 or 1")
                if flag and key in _UNSUPPORTED:
                    raise ValueError("it is not supported")
            if key == "palFlag":
                self.region = "pal" if value.lower() in ("1", "true") else "ntsc"
            elif key == "romFilename":
                self.rom_name = value
            elif key == "romChecksum":
                checksum = _unpack(value)
                self.checksum = checksum if any(checksum) else None
                if len(checksum) != 16:
                    raise ValueError("it is not 16 bytes")
            elif key == "RAMInitOption":
                if _int32(value) not in range(len(_RAM_FILLS)):
                    raise ValueError("the option does not exist")
                self.ram_fill = _RAM_FILLS[int(value)]
            elif key == "RAMInitSeed":
                if not re.fullmatch("[+-]?[0-9]{1,20}", value):
                    raise ValueError("expected an integer of at most 20 digits")
                self.seed = int(value) & (2**64 - 1)
            elif key in ("emuVersion", "rerecordCount", "length"):
                _int32(value)
            elif key == "comment":
                if value == "nes-py region dendy":
                    self.region = "dendy"
                elif value == "nes-py console nes":
                    self.console = "nes"
                elif value == "nes-py frame_boundary nes-py":
                    self.frame_boundary = "nes-py"
                elif value == "nes-py timing nes-py":
                    self.timing = "nes-py"
                elif value.startswith(_OWN):
                    raise ValueError("this version of nes-py does not know it")
                else:
                    self.comments.append(value)
            elif key == "subtitle":
                self.subtitles.append(value)
            elif key == "savestate":
                state = _unpack(value)
                if not state.startswith(_SNAPSHOT_MAGIC):
                    raise ValueError(
                        "it is from another emulator: record the movie from power-on, or convert the state with "
                        "nes_py.fceux_state.convert"
                    )
                if len(state) > LARGEST_SNAPSHOT:
                    raise ValueError(f"{len(state)} bytes, the limit is {LARGEST_SNAPSHOT}")
                self.start = Snapshot.from_bytes(state)
            elif key == "port2" and value not in ("", "0"):
                raise ValueError("devices of the Famicom's expansion port are not supported")
            elif key in ("port0", "port1") and value not in ("0", "1"):
                raise ValueError("only joypads are supported")
        except (ValueError, IndexError, binascii.Error) as error:
            raise MovieError(
                f"{shown(key, 40).strip(_QUOTES)} {shown(value, 40)}: {error}", where=f"line {line}"
            ) from None

    def _read_frame(self, line: str, number: int, fields: Mapping[str, str]) -> None:
        parts = line.split("|", 6)[1:]
        try:
            command = int(parts[0]) if re.fullmatch("[0-9]{1,3}", parts[0].strip()) else -1 if parts[0].strip() else 0
            pads = [0, 0]
            for port in range(_PORTS):
                text = parts[1 + port] if len(parts) > 1 + port else ""
                if fields.get(f"port{port}", "1") == "1" and text:
                    if len(text) != len(_BUTTONS):
                        raise ValueError(f"a joypad has 8 places, not {len(text)}")
                    pads[port] = sum(1 << (7 - place) for place, mark in enumerate(text) if mark not in " .")
            if any(part.strip() for part in parts[1 + _PORTS :]):
                raise ValueError("it has a third controller")
            if command < 0:
                raise ValueError("the command is not a number")
            if command & ~(SOFT_RESET | POWER):
                raise ValueError(f"command {command} is not supported")
        except ValueError as error:
            raise MovieError(f"{shown(line, 40)}: {error}", where=f"line {number}") from None
        self.append(pads[0], pads[1], command)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write an ``.fm2`` file; an existing one is replaced atomically.

        Raises:
            OSError: it cannot be written; it names the file, and an existing one stays as it was.
            ValueError: see ``to_fm2``.
        """
        write_file(path, self.to_fm2().encode("utf-8", "replace"))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Movie:
        """Return the movie in an ``.fm2`` file.

        Raises:
            MovieError: a ``ValueError`` that names the file and the line, or says that it is too large.
            OSError: the file cannot be read, or is not a regular file.
        """
        content = read_regular_file(path, LARGEST_MOVIE)
        try:
            return cls.from_fm2(content)
        except MovieError as error:
            raise error.in_file(path) from None


def _pad(buttons: int) -> str:
    return "".join(name if buttons >> (7 - place) & 1 else "." for place, name in enumerate(_BUTTONS))


def _texts(name: str, texts: Iterable[str]) -> list[str]:
    if isinstance(texts, (str, bytes)):
        raise TypeError(f"{name} must be a list of str, not one {type(texts).__name__}")
    texts = list(texts)
    for text in texts:
        if not isinstance(text, str):
            raise TypeError(f"{name} must be made of str, not {type(text).__name__}")
        if len(text) > LONGEST_TEXT:
            raise ValueError(f"{name}: a text of {len(text)} characters, the limit is {LONGEST_TEXT}")
    return texts


def _one_line(text: str) -> str:
    """Return the text without line breaks, which would start another field."""
    return " ".join(text.split())


def _unpack(value: str) -> bytes:
    """Return the bytes of a field: base64, or hexadecimal after 0x."""
    if value.startswith("base64:"):
        return base64.b64decode(value[len("base64:") :], validate=True)
    return bytes.fromhex(value.removeprefix("0x"))


def _int32(value: str) -> int:
    if not re.fullmatch("[+-]?[0-9]{1,10}", value) or not -(2**31) <= int(value) < 2**31:
        raise ValueError("expected an integer of 32 bits")
    return int(value)


__all__ = ["POWER", "SOFT_RESET", "Movie", "MovieError", "rom_checksum"]
