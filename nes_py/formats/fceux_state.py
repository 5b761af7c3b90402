"""Converts savestates of FCEUX and FCEUmm (``.fcs``, and the gzipped ``.state`` files of stable-retro).

The format is a list of named chunks, described in the manual of FCEUX ("Savestate (.fcs)"). The conversion copies
RAM of all kinds, the registers of CPU, PPU and board, and the observable part of the APU. A state is made
at the end of the picture, where those emulators end a frame. This emulator ends a frame one line later, where vertical
blank begins, and the converted state is at that point. So an event in that line, for instance an interrupt, appears
one frame earlier here. Everything that the format does not contain is as at power-on.

Example::

    state = nes_py.fceux_state.convert("Level1-1.state", "game.nes")
    emulator = nes_py.NESEmulator("game.nes")
    emulator.load_state(state)
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Mapping

from nes_py import _cartridge
from nes_py import _foreign as foreign
from nes_py._archives import GZIP, inflate
from nes_py._files import read_regular_file
from nes_py._limits import LARGEST_STATE, MOST_CHUNKS
from nes_py._rom import rom_contents
from nes_py.emulator import NESEmulator, Snapshot
from nes_py.errors import FileFormatError, StateError, UnreadableStateError, shown

_FILE_HEADER = 16
_SECTION_HEADER = 5
_CHUNK_HEADER = 8
_SECTIONS = {1: "CPU", 2: "CPUC", 3: "PPU", 4: "CTLR", 5: "SND", 16: "EXTRA"}

# CPU cycles from the start of the frame counter's sequence to its steps (NESdev "APU Frame Counter").
_FRAME_STEPS = (7457, 14913, 22371, 29828)

# A jump takes three of its cycles on every console.
_INSTRUCTIONS_PER_FRAME = 40_000 // 3

_STATE_HEADER = 32
_CHECKSUM = 8

Chunks = Mapping[tuple[str, str], bytes]


def _inflate(data: bytes, bits: int) -> bytes:
    try:
        return inflate(data, bits, LARGEST_STATE, "state")
    except FileFormatError as error:
        raise StateError(error.reason) from None


def _unpack(data: bytes) -> bytes:
    """Return a state without compression: gzip or zlib around all of it, or zlib behind FCEUX's header."""
    if data[:2] == GZIP:
        data = _inflate(data, 16 + zlib.MAX_WBITS)
    elif len(data) > 2 and data[0] == 0x78 and int.from_bytes(data[:2], "big") % 31 == 0:
        data = _inflate(data, zlib.MAX_WBITS)
    if data[:4] == b"FCSX" and len(data) >= _FILE_HEADER:
        size, packed = int.from_bytes(data[4:8], "little"), int.from_bytes(data[12:16], "little")
        # Programs that do not compress write all ones, and the older ones zeros.
        if packed not in (0, 0xFFFFFFFF):
            if len(data) - _FILE_HEADER < packed:
                raise StateError(
                    f"the FCEUX state is cut short: it has {len(data) - _FILE_HEADER} of {packed} compressed bytes"
                )
            content = _inflate(data[_FILE_HEADER : _FILE_HEADER + packed], zlib.MAX_WBITS)
            if len(content) != size:
                raise StateError(f"the FCEUX state is damaged: it has {len(content)} bytes, its header says {size}")
            data = data[:_FILE_HEADER] + content
    return data


def parse(data: bytes | bytearray | memoryview) -> dict[tuple[str, str], bytes]:
    """Return the chunks of a savestate.

    Args:
        data: the contents of a ``.fcs`` file or a ``.state`` file, compressed by FCEUX, gzip or zlib, or not.

    Returns:
        dict: contents of each chunk by section and name, such as ``("CPU", "PC")``. Sections without a name in the
        format's description have their number as a name.

    Raises:
        StateError: a ``ValueError``; not an FCEUX state, or cut short.
        TypeError: ``data`` is not bytes-like.
    """
    if not isinstance(data, (bytes, bytearray, memoryview)):
        raise TypeError(f"an FCEUX state must be bytes-like, not {type(data).__name__}")
    if (size := memoryview(data).nbytes) > LARGEST_STATE:
        raise StateError(f"is too large for a state: {size} bytes, the limit is {LARGEST_STATE}")
    content = _unpack(bytes(data))
    if content[:3] != b"FCS":
        if found := foreign.state(content):
            raise StateError(f"not an FCEUX state but {found}")
        raise StateError(f'not an FCEUX state: it begins with {shown(content[:4])}, expected "FCS"')
    chunks: dict[tuple[str, str], bytes] = {}
    position = _FILE_HEADER
    while position < len(content):
        if position + _SECTION_HEADER > len(content):
            raise StateError("the FCEUX state is cut short")
        number = content[position]
        size = int.from_bytes(content[position + 1 : position + _SECTION_HEADER], "little")
        position += _SECTION_HEADER
        end = position + size
        if end > len(content):
            raise StateError(f"section {number} of the FCEUX state is cut short")
        section = _SECTIONS.get(number, str(number))
        while position < end:
            size = int.from_bytes(content[position + 4 : position + _CHUNK_HEADER], "little")
            start = position + _CHUNK_HEADER
            if start + size > end:
                raise StateError(f"a chunk of section {section} of the FCEUX state is cut short")
            name = content[position : position + 4].rstrip(b"\0").decode("latin-1")
            chunks[section, name] = content[start : start + size]
            position = start + size
            if len(chunks) > MOST_CHUNKS:
                raise StateError(f"the FCEUX state has more than {MOST_CHUNKS} chunks")
    return chunks


class _Payload:
    """A serialized state of this emulator, for changes field by field."""

    def __init__(self, rom: bytes, state: bytes) -> None:
        self.data = bytearray(state)
        self.fields = {
            name: (_STATE_HEADER + at, size, count) for name, at, size, count in _cartridge.state_fields(rom)
        }

    def __contains__(self, name: str) -> bool:
        return name in self.fields

    def put(self, name: str, *values: int) -> None:
        """Set the first elements of a field."""
        at, size, count = self.fields[name]
        for index, value in enumerate(values[:count]):
            place = at + index * size
            self.data[place : place + size] = (value & (1 << 8 * size) - 1).to_bytes(size, "little")

    def number(self, name: str) -> int:
        """Return the first element of a field."""
        at, size, _ = self.fields[name]
        return int.from_bytes(self.data[at : at + size], "little")

    def put_memory(self, name: str, content: bytes) -> None:
        """Set as much of a memory as both have."""
        if name in self.fields:
            at, _, count = self.fields[name]
            length = min(len(content), count)
            self.data[at : at + length] = content[:length]

    def finish(self) -> bytes:
        """Return it with a matching checksum."""
        checksum = 0xCBF29CE484222325
        for byte in self.data[:-_CHECKSUM]:
            checksum = (checksum ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
        self.data[-_CHECKSUM:] = checksum.to_bytes(_CHECKSUM, "little")
        return bytes(self.data)


def _number(chunks: Chunks, section: str, name: str) -> int:
    try:
        return int.from_bytes(chunks[section, name], "little")
    except KeyError:
        raise StateError(f"the FCEUX state has no {name!r} in section {section}") from None


def _bytes(chunks: Chunks, section: str, name: str, size: int) -> bytes:
    content = chunks.get((section, name))
    if content is None or len(content) != size:
        found = "none" if content is None else f"{len(content)} bytes"
        raise StateError(f"the FCEUX state should have {size} bytes of {name!r} in section {section}, but has {found}")
    return content


# --- parts of the machine ---


def _put_cpu(state: _Payload, chunks: Chunks) -> None:
    status = _number(chunks, "CPU", "P")
    state.put("cpu.pc", _number(chunks, "CPU", "PC"))
    for register in "AXYS":
        state.put(f"cpu.{register.lower()}", _number(chunks, "CPU", register))
    state.put("cpu.carry", status & 1)
    state.put("cpu.zero_result", 0 if status & 0x02 else 1)
    state.put("cpu.interrupt_disable", status >> 2 & 1)
    state.put("cpu.decimal", status >> 3 & 1)
    state.put("cpu.overflow", status >> 6 & 1)
    state.put("cpu.negative_result", status & 0x80)
    if ("CPU", "DB") in chunks:
        bus = _number(chunks, "CPU", "DB")
        state.put("cpu.data_bus", bus)
        state.put("cpu.internal_data_bus", bus)
    if ("CPUC", "JAMM") in chunks:
        state.put("cpu.jammed", _number(chunks, "CPUC", "JAMM") & 1)
    state.put_memory("ram", _bytes(chunks, "CPU", "RAM", 2048))


def _put_ppu(state: _Payload, chunks: Chunks) -> None:
    control, mask, status, oam_address = _bytes(chunks, "PPU", "PPUR", 4)
    state.put("ppu.ppuctrl", control)
    state.put("ppu.ppumask", mask)
    state.put("ppu.mask", mask)
    state.put("ppu.oam_address", oam_address)
    state.put("ppu.vblank", 0)
    state.put("ppu.sprite_zero_hit", status >> 6 & 1)
    state.put("ppu.sprite_overflow", status >> 5 & 1)
    state.put("ppu.write_block", 0)
    state.put("ppu.v", _number(chunks, "PPU", "RADD") & 0x7FFF)
    state.put("ppu.t", _number(chunks, "PPU", "TADD") & 0x7FFF)
    state.put("ppu.fine_x", _number(chunks, "PPU", "XOFF") & 7)
    state.put("ppu.w", _number(chunks, "PPU", "VTGL") & 1)
    state.put("ppu.read_buffer", _number(chunks, "PPU", "VBUF"))
    state.put("ppu.io_latch", _number(chunks, "PPU", "PGEN"))
    palette = bytearray(byte & 0x3F for byte in _bytes(chunks, "PPU", "PRAM", 32))
    palette[16::4] = bytes(4)  # those of the sprites mirror the background's
    state.put_memory("ppu.palette", bytes(palette))
    oam = bytearray(_bytes(chunks, "PPU", "SPRA", 256))
    oam[2::4] = bytes(byte & 0xE3 for byte in oam[2::4])
    state.put_memory("ppu.oam", bytes(oam))
    state.put_memory("ciram", _bytes(chunks, "PPU", "NTAR", 2048))


def _put_apu(state: _Payload, chunks: Chunks) -> None:
    registers = _bytes(chunks, "SND", "PSG", 16)
    enabled = _number(chunks, "SND", "ENCH")
    lengths = [_number(chunks, "SND", f"LEN{channel}") & 0xFF for channel in range(4)]
    state.put("apu.length", *(length if enabled >> channel & 1 else 0 for channel, length in enumerate(lengths)))
    state.put("apu.length_enabled", enabled & 0x0F)
    halts = (registers[0] & 0x20, registers[4] & 0x20, registers[8] & 0x80, registers[12] & 0x20)
    state.put("apu.length_halt", *(1 if halt else 0 for halt in halts))
    state.put("apu.timer_period", *(registers[at] | (registers[at + 1] & 7) << 8 for at in (2, 6, 10)))
    state.put("apu.envelope_control", registers[0], registers[4], registers[12])
    state.put("apu.envelope_decay", *(_number(chunks, "SND", f"E{unit}DV") & 0x0F for unit in range(3)))
    state.put("apu.sweep_control", registers[1], registers[5])
    state.put("apu.linear_control", registers[8])
    state.put("apu.linear_counter", _number(chunks, "SND", "TRIC") & 0x7F)
    state.put("apu.noise_control", registers[14])
    frame_mode = (_number(chunks, "SND", "IQFM") & 3) << 6
    state.put("apu.frame_mode", frame_mode)
    state.put("apu.frame_mode_written", frame_mode)
    # The time to the next step of the frame counter, in 48ths of a CPU cycle, and which step: 0 is the interrupt.
    step = (_number(chunks, "SND", "FCNT") - 1) & 3
    wait = min(_number(chunks, "SND", "FHCN") // 48, _FRAME_STEPS[0])
    state.put("apu.frame_start", state.number("cpu.cycle") + wait - _FRAME_STEPS[step])
    state.put("apu.frame_step", step)
    status = _number(chunks, "SND", "SIRQ")
    state.put("apu.frame_irq", status >> 6 & 1 if not frame_mode & 0x40 else 0)
    state.put("apu.dmc_irq", status >> 7 & 1)
    state.put("apu.dmc_control", _number(chunks, "SND", "5FMT"))
    state.put("apu.dmc_start", _number(chunks, "SND", "5ADL"))
    state.put("apu.dmc_length", _number(chunks, "SND", "5SZL"))
    state.put("apu.dmc_output", _number(chunks, "SND", "RWDA") & 0x7F)
    remaining = _number(chunks, "SND", "5SIZ") & 0xFFFF
    state.put("apu.dmc_address", 0x8000 | _number(chunks, "SND", "5ADD") & 0x7FFF)
    state.put("apu.dmc_bytes_remaining", remaining)
    state.put("apu.dmc_active_latch", *(1 if remaining else 0,) * 2)


# --- boards ---


def _put_nothing(state: _Payload, chunks: Chunks) -> None:
    pass


def _put_latch(state: _Payload, chunks: Chunks) -> None:
    state.put("board.address", 0x8000)
    state.put("board.value", _number(chunks, "EXTRA", "LATC"))


def _put_mmc1(state: _Payload, chunks: Chunks) -> None:
    control, chr_0, chr_1, prg = _bytes(chunks, "EXTRA", "DREG", 4)
    count = _number(chunks, "EXTRA", "BFRS") % 5
    state.put("board.control", control)
    state.put("board.chr", chr_0, chr_1)
    state.put("board.prg", prg)
    # In that format the bits fill the register from below.
    state.put("board.shift", _number(chunks, "EXTRA", "BFFR") << (5 - count) & 0x1F)
    state.put("board.count", count)


def _put_mmc3(state: _Payload, chunks: Chunks) -> None:
    state.put("board.select", _number(chunks, "EXTRA", "CMD"))
    state.put("board.bank", *_bytes(chunks, "EXTRA", "REGS", 8))
    state.put("board.mirroring", _number(chunks, "EXTRA", "A000"))
    state.put("board.ram", _number(chunks, "EXTRA", "A001"))
    state.put("board.irq_latch", _number(chunks, "EXTRA", "IRQL"))
    state.put("board.irq_counter", _number(chunks, "EXTRA", "IRQC"))
    state.put("board.irq_reload", _number(chunks, "EXTRA", "IRQR") & 1)
    state.put("board.irq_enabled", _number(chunks, "EXTRA", "IRQA") & 1)


_BOARDS: dict[int, Callable[[_Payload, Chunks], None]] = {
    0: _put_nothing,
    1: _put_mmc1,
    4: _put_mmc3,
    118: _put_mmc3,
    119: _put_mmc3,
}


def _wait_for_end_of_picture(emulator: NESEmulator) -> None:
    """Run a console from power-on to the point in a frame where those emulators end theirs.

    Not with the ROM's program, which may be in a DMA there in each frame, but with a jump to itself in RAM.
    """
    for address, byte in enumerate((0x4C, 0x00, 0x00)):
        emulator.poke(address, byte)
    emulator.set_pc(0)
    # Two frames, because the first has no interrupts.
    emulator.step(2, render=False)
    for _ in range(_INSTRUCTIONS_PER_FRAME):
        if emulator.trace().scanline == 240:
            return
        emulator.step_instruction()
    raise AssertionError("a jump takes three cycles, a line more than a hundred")


def convert(
    state: str | os.PathLike[str] | bytes | bytearray | memoryview,
    rom: str | os.PathLike[str] | bytes | bytearray | memoryview,
) -> Snapshot:
    """Convert a savestate of FCEUX or FCEUmm to a snapshot.

    Args:
        state: a ``.fcs`` or ``.state`` file, or the contents of one.
        rom: the ROM it belongs to. The format does not contain it: with a state of another ROM the result is
            meaningless.

    Returns:
        Snapshot: for ``NESEmulator.load_state``. It is at the start of vertical blank; its picture is empty.

    Raises:
        TypeError: an argument is neither a path nor bytes.
        RomError: the ROM cannot be played.
        StateError: a ``ValueError``; not an FCEUX state, cut short, or of an unsupported board. If the file does not
            exist or cannot be read, it is also an ``OSError``.
    """
    data = _read(state)
    content = rom_contents(rom)
    try:
        return _convert(parse(data), content)
    except StateError as error:
        raise error.in_file(state) if isinstance(state, (str, os.PathLike)) and error.path is None else error from None


def _convert(chunks: Chunks, content: bytes) -> Snapshot:
    emulator = NESEmulator(content)
    mapper = emulator.rom_info.mapper
    put_board = _BOARDS.get(mapper)
    if put_board is None and {"board.address", "board.value"} <= {
        field[0] for field in _cartridge.state_fields(content)
    }:
        put_board = _put_latch
    if put_board is None:
        raise StateError(
            f"FCEUX states of mapper {mapper} ({emulator.rom_info.board}) cannot be converted, only those of boards "
            f"with a single latch (UxROM, CNROM, AxROM and others) and of mappers {', '.join(map(str, _BOARDS))}"
        )
    _wait_for_end_of_picture(emulator)
    payload = _Payload(content, bytes(emulator.dump_state()))
    _put_cpu(payload, chunks)
    _put_ppu(payload, chunks)
    _put_apu(payload, chunks)
    put_board(payload, chunks)
    for name, chunk in (("prg_ram", "WRAM"), ("chr_ram", "CHRR")):
        if ("EXTRA", chunk) in chunks:
            payload.put_memory(name, chunks["EXTRA", chunk])
    for name in ("cpu.nmi_line", "cpu.nmi_pending", "cpu.nmi_polled", "cpu.irq_asserted", "cpu.irq_polled"):
        payload.put(name, 0)
    emulator.load_state(Snapshot.from_bytes(payload.finish()))
    emulator.step(1, render=False)
    return emulator.dump_state()


def _read(state: str | os.PathLike[str] | bytes | bytearray | memoryview) -> bytes:
    if isinstance(state, (bytes, bytearray, memoryview)):
        return bytes(state)
    if not isinstance(state, (str, os.PathLike)):
        raise TypeError(f"state must be a path or bytes, not {type(state).__name__}")
    try:
        return read_regular_file(state, LARGEST_STATE)
    except FileFormatError as error:
        raise StateError(error.reason, state) from None
    except OSError as error:
        raise UnreadableStateError.of(error, state) from None


__all__ = ["convert", "parse"]
