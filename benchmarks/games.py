"""Generated games for the benchmarks, because the repository contains no commercial cartridges.

``scroller`` does the work of a commercial platform game in each frame: the vertical-blank handler copies sprites by
DMA, writes a column of tiles, waits for sprite zero (MMC3: for the scanline interrupt) under the status bar, scrolls,
moves its objects, and returns; the main program is ``JMP *``. ``worst_case`` draws the same picture and never idles.
"""

from __future__ import annotations

import argparse
import random
import re
from pathlib import Path

# The opcodes that the games use, by mnemonic and addressing mode.
_OPCODES = {
    "adc": {"#": 0x69, "z": 0x65, "zx": 0x75, "a": 0x6D, "ax": 0x7D, "ay": 0x79},
    "and": {"#": 0x29, "z": 0x25, "ax": 0x3D},
    "asl": {"": 0x0A, "z": 0x06},
    "bcc": {"r": 0x90},
    "bcs": {"r": 0xB0},
    "beq": {"r": 0xF0},
    "bit": {"z": 0x24, "a": 0x2C},
    "bmi": {"r": 0x30},
    "bne": {"r": 0xD0},
    "bpl": {"r": 0x10},
    "bvc": {"r": 0x50},
    "bvs": {"r": 0x70},
    "clc": {"": 0x18},
    "cli": {"": 0x58},
    "cmp": {"#": 0xC9, "z": 0xC5, "ax": 0xDD},
    "cpx": {"#": 0xE0},
    "cpy": {"#": 0xC0},
    "dec": {"z": 0xC6, "ax": 0xDE},
    "dex": {"": 0xCA},
    "dey": {"": 0x88},
    "eor": {"#": 0x49, "z": 0x45, "ax": 0x5D},
    "inc": {"z": 0xE6, "zx": 0xF6, "ax": 0xFE},
    "inx": {"": 0xE8},
    "iny": {"": 0xC8},
    "jmp": {"a": 0x4C},
    "jsr": {"a": 0x20},
    "lda": {"#": 0xA9, "z": 0xA5, "zx": 0xB5, "a": 0xAD, "ax": 0xBD, "ay": 0xB9, "iy": 0xB1},
    "ldx": {"#": 0xA2, "z": 0xA6, "ay": 0xBE},
    "ldy": {"#": 0xA0, "z": 0xA4, "ax": 0xBC},
    "lsr": {"": 0x4A},
    "ora": {"#": 0x09, "z": 0x05, "ax": 0x1D},
    "pha": {"": 0x48},
    "pla": {"": 0x68},
    "rol": {"z": 0x26},
    "rti": {"": 0x40},
    "rts": {"": 0x60},
    "sbc": {"#": 0xE9, "z": 0xE5, "ax": 0xFD},
    "sec": {"": 0x38},
    "sei": {"": 0x78},
    "sta": {"z": 0x85, "zx": 0x95, "a": 0x8D, "ax": 0x9D, "ay": 0x99, "iy": 0x91},
    "stx": {"z": 0x86, "a": 0x8E},
    "tax": {"": 0xAA},
    "tay": {"": 0xA8},
    "txa": {"": 0x8A},
    "txs": {"": 0x9A},
    "tya": {"": 0x98},
}
_OPERAND = re.compile(r"(?P<immediate>#)?(?P<open>\()?(?P<value>\$[0-9a-f]+|\w+)\)?(?P<index>,[xy])?$")


def assemble(source: str, origin: int) -> tuple[bytes, dict[str, int]]:
    """Assembles the small assembly dialect of the games.

    Args:
        source: a label with a colon or an instruction per line, ``;`` starts a comment. Numbers are decimal, or
            hexadecimal after ``$``; ``<label`` is not supported. Addresses below 256 are in the zero page.
        origin: the address of the first byte.

    Returns:
        The bytes, and the addresses of the labels.
    """
    lines = [line.partition(";")[0].split() for line in source.lower().splitlines()]
    labels: dict[str, int] = {}
    for final in (False, True):
        code = bytearray()
        for words in filter(None, lines):
            if words[0].endswith(":"):
                labels[words[0][:-1]] = origin + len(code)
                continue
            modes = _OPCODES[words[0]]
            if len(words) == 1:
                code.append(modes[""])
                continue
            operand = _OPERAND.match(words[1])
            if operand is None:
                raise ValueError(f"unknown instruction: {' '.join(words)}")
            text = operand["value"]
            if text.startswith("$"):
                value = int(text[1:], 16)
            elif text.isdecimal():
                value = int(text)
            elif final:
                value = labels[text]
            else:
                value = labels.get(text, origin)
            index = (operand["index"] or "").removeprefix(",")
            if operand["immediate"]:
                code += bytes((modes["#"], value))
            elif "r" in modes:
                distance = value - (origin + len(code) + 2) if final else 0
                if not -128 <= distance < 128:
                    raise ValueError(f"{' '.join(words)} branches too far")
                code += bytes((modes["r"], distance & 0xFF))
            elif operand["open"]:
                code += bytes((modes["i" + index], value))
            elif value < 0x100 and "z" + index in modes:
                code += bytes((modes["z" + index], value))
            else:
                code += bytes((modes["a" + index], value & 0xFF, value >> 8))
    return bytes(code), labels


# $10 scroll, $11 column, $12 frame, $13 scratch, $14 buttons, $16 pointer; $0200 sprites; $0300-$03FF objects.
_SET_UP = """
reset:
    sei
    ldx #$ff
    txs
    lda #$40          ; no interrupt from the frame counter
    sta $4017
wait_1:
    bit $2002
    bpl wait_1
wait_2:
    bit $2002
    bpl wait_2
    lda #$3f
    sta $2006
    lda #0
    sta $2006
    ldx #0
palette:
    lda colours,x
    sta $2007
    inx
    cpx #32
    bne palette
    lda #$20
    sta $2006
    lda #0
    sta $2006
    ldy #8
    ldx #0
tiles:
    lda level,x
    sta $2007
    inx
    bne tiles
    dey
    bne tiles
    ldx #0
sprites:
    lda sprite_table,x
    sta $0200,x
    lda level,x
    sta $0300,x
    inx
    bne sprites
    lda #0
    sta $10
    sta $11
    sta $12
    sta $2005
    sta $2005
"""

_VBLANK = """
nmi:
    pha
    txa
    pha
    tya
    pha
    inc $12
    lda #0
    sta $2003
    lda #2
    sta $4014
    lda #$94          ; one column of tiles, downwards
    sta $2000
    lda #$20
    sta $2006
    lda $11
    and #$1f
    sta $2006
    ldx $11
    ldy #30
column:
    lda level,x
    sta $2007
    inx
    dey
    bne column
    inc $11
    lda #$90
    sta $2000
    lda #0
    sta $2005
    sta $2005
    lda #1
    sta $4016
    lda #0
    sta $4016
    ldx #8
pad:
    lda $4016
    lsr
    rol $14
    dex
    bne pad
"""

_SPRITE_ZERO_SPLIT = """
gone:
    bit $2002
    bvs gone
hit:
    bit $2002
    bvc hit
    ldx #20
rest_of_line:
    dex
    bne rest_of_line
    lda $10
    sta $2005
    lda #0
    sta $2005
"""

_OBJECTS = """
    inc $10
    ldy #REPEAT
again:
    ldx #0
object:
    lda $0300,x       ; position += velocity, bounce, table look-ups, a bit of arithmetic
    clc
    adc level,x
    sta $0300,x
    and #$07
    beq still
    lda $0340,x
    eor $0300,x
    lsr
    sta $0340,x
    jmp moved
still:
    inc $0340,x
moved:
    lda $0300,x
    cmp $0340,x
    bcc below
    sbc #3
    sta $0380,x
below:
    inx
    cpx #28
    bne object
    dey
    bne again
    ldx #0
show:
    txa
    lsr
    lsr
    tay
    lda $0300,y
    sta $0207,x
    lda $0340,y
    and #$7f
    sta $0204,x
    inx
    inx
    inx
    inx
    cpx #100
    bne show
"""

_RETURN = """
    pla
    tay
    pla
    tax
    pla
    rti
"""


def _image(source: str, mapper: int, entry: tuple[str, str, str]) -> bytes:
    dice = random.Random(20)
    data = {
        "colours": bytes(dice.randrange(64) for _ in range(32)),
        "level": bytes(dice.choice((0, 0, 0, 1, 2, 3, 4, 5, 6, 7)) for _ in range(512)),
        "sprite_table": b"".join(
            bytes((dice.randrange(40, 220), dice.randrange(1, 64), dice.randrange(4), dice.randrange(248)))
            for _ in range(64)
        ),
    }
    # Sprite zero is on the status bar, over tiles that are never empty.
    data["sprite_table"] = bytes((22, 1, 0, 120)) + data["sprite_table"][4:]
    place = 0xF800
    for name, content in data.items():
        source = re.sub(rf"\b{name}\b", f"${place:x}", source)
        place += len(content)
    code, labels = assemble(source, 0xC000)
    bank = bytearray(0x4000)
    bank[: len(code)] = code
    offset = 0x3800
    for content in data.values():
        bank[offset : offset + len(content)] = content
        offset += len(content)
    for i, name in enumerate(entry):
        bank[-6 + 2 * i : len(bank) - 4 + 2 * i] = labels[name].to_bytes(2, "little")
    chr_rom = bytearray(dice.randbytes(0x2000))
    chr_rom[0:16] = bytes(7) + b"\x01" + bytes(8)  # the sky tile; sprite zero hits its only dot
    chr_rom[0x1000:0x1010] = chr_rom[0:16]
    chr_rom[16:32] = b"\xff" * 16
    banks = {0: 1, 1: 8, 4: 8}[mapper]
    header = b"NES\x1a" + bytes((banks, 1, mapper << 4 | 1, 0)) + bytes(8)
    return header + bytes(0x4000 * (banks - 1)) + bytes(bank) + bytes(chr_rom)


def scroller(mapper: int = 0) -> bytes:
    """Returns a scrolling game for NROM (0), MMC1 (1) or MMC3 (4), which switch banks in each frame."""
    start = "    lda #$90\n    sta $2000\n    lda #$1e\n    sta $2001\nmain:\n    jmp main\n"
    objects = _OBJECTS.replace("REPEAT", "3")
    if mapper == 0:
        source = _SET_UP + start + _VBLANK + _SPRITE_ZERO_SPLIT + objects + _RETURN + "irq:\n    rti\n"
    elif mapper == 1:
        five_writes = "".join("    sta $e000\n    lsr\n" for _ in range(5))
        switch = "    lda $12\n    and #3\n" + five_writes
        control = "    lda #$0e\n" + five_writes.replace("$e000", "$8000")
        source = _SET_UP + control + start + _VBLANK + switch + _SPRITE_ZERO_SPLIT + objects + switch + _RETURN
        source += "irq:\n    rti\n"
    else:
        switch = "    lda #6\n    sta $8000\n    lda $12\n    and #7\n    sta $8001\n"
        # Pattern tables in ROM order: 2 KiB, 2 KiB, four times 1 KiB.
        patterns = "".join(
            f"    lda #{i}\n    sta $8000\n    lda #{v}\n    sta $8001\n" for i, v in enumerate((0, 2, 4, 5, 6, 7))
        )
        arm = "    lda #28\n    sta $c000\n    sta $c001\n    sta $e000\n    sta $e001\n"
        horizon = (
            "irq:\n    pha\n    sta $e000\n    lda $10\n    sta $2005\n    lda #0\n    sta $2005\n    pla\n    rti\n"
        )
        # Sprites from the upper table, so that the counter sees one rise of A12 per line.
        begin = start.replace("#$90", "#$88").replace("main:", "    cli\nmain:")
        handler = _VBLANK.replace("#$94", "#$8c").replace("#$90", "#$88")
        source = _SET_UP + patterns + begin + handler + arm + switch + objects + _RETURN + horizon
    return _image(source, mapper, ("nmi", "reset", "irq"))


def worst_case() -> bytes:
    """Returns an NROM game whose main program never idles: nothing in it can be skipped."""
    busy = """
    lda #$90
    sta $2000
    lda #$1e
    sta $2001
    lda #0
    sta $16
main:
    lda #$03
    sta $17
    ldy #0
stir:
    lda ($16),y       ; a generator of numbers and a sum, all over a page of RAM
    adc $18
    eor $19
    sta ($16),y
    rol $18
    inc $19
    tax
    lda level,x
    adc $1a
    sta $1a
    cmp $18
    bcc odd
    jsr mix
odd:
    iny
    bne stir
    jmp main
mix:
    lda $1a
    asl
    eor $12
    sta $1b
    sbc $19
    sta $0400,x
    rts
"""
    handler = _VBLANK + "    lda $10\n    sta $2005\n    lda #0\n    sta $2005\n    inc $10\n"
    return _image(_SET_UP + busy + handler + _RETURN + "irq:\n    rti\n", 0, ("nmi", "reset", "irq"))


def generate(folder: Path) -> dict[str, Path]:
    """Writes all games into ``folder``; returns their paths by name."""
    folder.mkdir(parents=True, exist_ok=True)
    games = {
        "scroller (NROM)": scroller(0),
        "scroller (MMC1)": scroller(1),
        "scroller (MMC3)": scroller(4),
        "never idles (NROM)": worst_case(),
    }
    paths = {}
    for name, image in games.items():
        paths[name] = folder / (re.sub(r"\W+", "_", name).strip("_") + ".nes")
        paths[name].write_bytes(image)
    return paths


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="output folder")
    for name, path in generate(parser.parse_args().folder).items():
        print(f"{name}: {path}")
