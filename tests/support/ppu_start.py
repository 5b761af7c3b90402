"""Cartridges that start the PPU in the ways of games, and then show a picture that does not change."""

from __future__ import annotations

from .rom_builder import CHR_BANK, header, prg

# Nothing but the start: no interrupts, a stack.
_BEGIN = "78 d8 a2 ff 9a"
_OFF = "a9 00 8d 00 20 8d 01 20"
_FRAME_IRQ_OFF = "a9 40 8d 17 40"
# BIT $2002, BPL back.
_POLL = "2c 02 20 10 fb"
# LDA $2002, AND #$80, BEQ back.
_POLL_MASK = "ad 02 20 29 80 f0 f9"
# Until it is over, then until the next: LDA $2002, BMI back; LDA $2002, BPL back.
_POLL_BOTH = "ad 02 20 30 fb ad 02 20 10 fb"
_NMI_ON = "a9 80 8d 00 20"
_NMI_OFF = "a9 00 8d 00 20"
# Until the interrupt at $D000, which counts in $12, was there twice: LDA $12, CMP #2, BCC back.
_TWO_NMIS = "a5 12 c9 02 90 fa"
# The same, with NMI switched on again and again.
_TWO_NMIS_ASKED_FOR = "a9 80 8d 00 20 a5 12 c9 02 90 f5"
# LDX #0, LDY #0, then DEX, BNE, DEY, BNE: 256 * 1280 cycles are eleven frames.
_COUNT_CYCLES = "a2 00 a0 00 ca d0 fd 88 d0 fa"
# Twice the flag of the APU's frame counter: LDA #0, STA $4017; BIT $4015, BVC back.
_FRAME_COUNTER = "a9 00 8d 17 40 2c 15 40 50 fb 2c 15 40 50 fb"
# Until a length counter has run out: $4015 = 1, $4000 = $10, $4003 = $18 (two half frames); LDA $4015, LSR, BCS back.
_LENGTH = "a9 01 8d 15 40 a9 10 8d 00 40 a9 18 8d 03 40 ad 15 40 4a b0 fa"
_CLEAR_RAM = "a2 00 a9 00 95 00 9d 00 02 9d 00 03 9d 00 04 9d 00 05 9d 00 06 9d 00 07 e8 d0 e9"

_PALETTE = "a9 3f 8d 06 20 a9 00 8d 06 20 a9 0f 8d 07 20 a9 16 8d 07 20 a9 2a 8d 07 20 a9 30 8d 07 20"
# 1,024 bytes from $2000 on.
_NAMETABLE = "a9 20 8d 06 20 a9 00 8d 06 20 a2 04 a0 00 98 8d 07 20 c8 d0 f9 ca d0 f6"
_SCROLL = "a9 00 8d 06 20 8d 06 20 8d 05 20 8d 05 20"
_ON = "a9 0a 8d 01 20"
_PICTURE = (_PALETTE, _NAMETABLE, _SCROLL)

#: What is done between power-on and the picture.
WAYS: dict[str, tuple[str, ...]] = {
    "two polls": (_OFF, _FRAME_IRQ_OFF, _POLL, _POLL, *_PICTURE, _POLL, _ON),
    "two polls by a mask": (_OFF, _POLL_MASK, _POLL_MASK, *_PICTURE, _POLL_MASK, _ON),
    "two polls, RAM between": (_OFF, _POLL, _CLEAR_RAM, _POLL, *_PICTURE, _POLL, _ON),
    "two polls of both edges": (_OFF, _POLL_BOTH, _POLL_BOTH, *_PICTURE, _POLL_BOTH, _ON),
    "flag read away first": (_OFF, "2c 02 20", _POLL, _POLL, *_PICTURE, _POLL, _ON),
    "polls, then interrupts": (_OFF, _POLL, _POLL, _NMI_ON, _TWO_NMIS, _NMI_OFF, *_PICTURE, _ON),
    "interrupts asked for again": (_TWO_NMIS_ASKED_FOR, _NMI_OFF, *_PICTURE, _ON),
    "counted cycles": (_OFF, _COUNT_CYCLES, *_PICTURE, _ON),
    "frame counter": (_OFF, _FRAME_COUNTER, *_PICTURE, _ON),
    "length counter": (_OFF, *4 * (_LENGTH,), *_PICTURE, _ON),
    "rendering on, then polls": (_OFF, _ON, _POLL, _POLL, _POLL, _OFF, *_PICTURE, _POLL, _ON),
    "mask written in each frame": (_OFF, _POLL, _POLL, *_PICTURE, _POLL, _ON, _POLL, _OFF, _POLL, _ON),
}

#: These show nothing on an NES: its PPU ignores what they write.
FAMICOM_WAYS: dict[str, tuple[str, ...]] = {
    "at once": (*_PICTURE, _ON),
    "at once, after zeros": (_OFF, *_PICTURE, _ON),
    "interrupts at once": (_NMI_ON, _TWO_NMIS, _NMI_OFF, *_PICTURE, _ON),
    "picture, then a poll": (_OFF, *_PICTURE, _POLL, _ON),
    "palette, then polls": (_OFF, _PALETTE, _POLL, _POLL, _NAMETABLE, _SCROLL, _POLL, _ON),
}


def rom(way: tuple[str, ...]) -> bytes:
    """Returns a cartridge that starts in this way and then waits for ever."""
    code = bytes.fromhex("".join((_BEGIN, *way)))
    code += b"\x4c" + (0xC000 + len(code)).to_bytes(2, "little")
    tiles = bytes(37 * n % 251 for n in range(CHR_BANK))
    return header() + prg(code, bytes.fromhex("e6 12 40")) + tiles
