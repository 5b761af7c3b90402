"""Make the generated parts of the game: the 8K tile file and the speed tables.

Everything is drawn here, pixel by pixel, from text pictures or small
formulas; nothing is read from anywhere.  Only the standard library is used,
and the same bytes come out every time.
"""

import math

# --------------------------------------------------------------------------
# helpers: a picture is a list of rows, a pixel is a colour index 0..3
# --------------------------------------------------------------------------


def blank(w=8, h=8, c=0):
    """Return a picture of one colour."""
    return [[c] * w for _ in range(h)]


def parse(rows, w=8, h=8):
    """Return a picture from text rows: '.' or ' ' is 0, digits are colours."""
    out = blank(w, h)
    for y, row in enumerate(rows):
        for x, ch in enumerate(row):
            out[y][x] = 0 if ch in " ." else int(ch)
    return out


def split(pic):
    """Cut a picture into its 8x8 tiles, left to right, top to bottom."""
    h, w = len(pic), len(pic[0])
    return [[r[x : x + 8] for r in pic[y : y + 8]] for y in range(0, h, 8) for x in range(0, w, 8)]


def encode(tile):
    """Return the 16 bytes of a tile in the PPU's two-plane form."""
    lo = bytes(sum((p & 1) << (7 - i) for i, p in enumerate(r)) for r in tile)
    hi = bytes(sum((p >> 1) << (7 - i) for i, p in enumerate(r)) for r in tile)
    return lo + hi


# --------------------------------------------------------------------------
# the font: 6x7 letters with heavy uprights, drawn for this game
# --------------------------------------------------------------------------
FONT = """
A .####. ##..## ##..## ###### ##..## ##..## ##..##
B #####. ##..## ##..## #####. ##..## ##..## #####.
C .##### ##.... ##.... ##.... ##.... ##.... .#####
D ####.. ##.##. ##..## ##..## ##..## ##.##. ####..
E ###### ##.... ##.... #####. ##.... ##.... ######
F ###### ##.... ##.... #####. ##.... ##.... ##....
G .##### ##.... ##.... ##.### ##..## ##..## .#####
H ##..## ##..## ##..## ###### ##..## ##..## ##..##
I .####. ..##.. ..##.. ..##.. ..##.. ..##.. .####.
J ....## ....## ....## ....## ##..## ##..## .####.
K ##..## ##.##. ####.. ###... ####.. ##.##. ##..##
L ##.... ##.... ##.... ##.... ##.... ##.... ######
M #....# ##..## ###### ###### ##..## ##..## ##..##
N ##..## ###.## ###### ##.### ##..## ##..## ##..##
O .####. ##..## ##..## ##..## ##..## ##..## .####.
P #####. ##..## ##..## #####. ##.... ##.... ##....
Q .####. ##..## ##..## ##..## ##.### ##.##. .###.#
R #####. ##..## ##..## #####. ####.. ##.##. ##..##
S .##### ##.... ##.... .####. ....## ....## #####.
T ###### ..##.. ..##.. ..##.. ..##.. ..##.. ..##..
U ##..## ##..## ##..## ##..## ##..## ##..## .####.
V ##..## ##..## ##..## ##..## ##..## .####. ..##..
W ##..## ##..## ##..## ###### ###### ##..## #....#
X ##..## ##..## .####. ..##.. .####. ##..## ##..##
Y ##..## ##..## ##..## .####. ..##.. ..##.. ..##..
Z ###### ....## ...##. ..##.. .##... ##.... ######
0 .####. ##..## ##.### ###### ###.## ##..## .####.
1 ..##.. .###.. ####.. ..##.. ..##.. ..##.. ######
2 .####. ##..## ....## ..###. .##... ##.... ######
3 #####. ....## ....## .####. ....## ....## #####.
4 ...##. ..###. .#.##. ##.##. ###### ...##. ...##.
5 ###### ##.... #####. ....## ....## ##..## .####.
6 .####. ##.... #####. ##..## ##..## ##..## .####.
7 ###### ....## ...##. ..##.. ..##.. ..##.. ..##..
8 .####. ##..## ##..## .####. ##..## ##..## .####.
9 .####. ##..## ##..## ##..## .##### ....## .####.
! ..##.. ..##.. ..##.. ..##.. ..##.. ...... ..##..
. ...... ...... ...... ...... ...... ..##.. ..##..
- ...... ...... ...... .####. ...... ...... ......
: ...... ..##.. ..##.. ...... ..##.. ..##.. ......
"""


def font_tiles():
    """Return {tile number: picture}; the number is the ASCII code."""
    out = {}
    for line in FONT.split("\n"):
        if not line:
            continue
        parts = line.split(" ")
        pic = blank()
        for y, row in enumerate(parts[1:]):
            for x, ch in enumerate(row):
                if ch == "#":  # the lower part of a letter is shaded
                    pic[y][x + 1] = 3 if y < 5 else 2
        out[ord(parts[0])] = pic
    return out


# --------------------------------------------------------------------------
# bricks (16x8)
# --------------------------------------------------------------------------


def brick(body, top, low):
    """Return a bevelled brick with a dark gap on its right and below."""
    pic = blank(16, 8)
    for y in range(7):
        for x in range(15):
            pic[y][x] = body
    for x in range(15):
        pic[6][x] = low
        pic[0][x] = top
    for y in range(7):
        pic[y][0] = top
        pic[y][14] = low
    pic[0][14] = pic[6][0] = body
    return pic


def bricks():
    """Return the tiles of the brick kinds and of their breaking."""
    plain = brick(2, 3, 1)
    for x in (2, 3, 4, 6):  # a glint
        plain[2][x] = 3
    gem = brick(3, 3, 2)
    for x in range(4, 11):
        gem[2][x] = gem[4][x] = 2
    gem[3][3] = gem[3][11] = 2
    hard = brick(2, 3, 1)
    for x, y in ((2, 2), (12, 2), (2, 4), (12, 4)):
        hard[y][x] = 0
    for x in range(5, 10):
        hard[2][x] = 3
        hard[4][x] = 1
    cracked = [r[:] for r in hard]
    for x, y in (
        (5, 0),
        (6, 1),
        (6, 2),
        (7, 3),
        (8, 3),
        (8, 4),
        (7, 5),
        (7, 6),
        (9, 2),
        (10, 1),
        (5, 4),
        (4, 5),
        (11, 5),
        (10, 4),
    ):
        cracked[y][x] = 0
    flash = brick(3, 3, 3)
    dust = blank(16, 8)
    for y in range(8):
        for x in range(16):
            if (x * 5 + y * 3) % 7 == 0 or (x * 3 + y * 5) % 11 == 0:
                dust[y][x] = 3 if (x + y) & 1 else 2
    out = []
    for p in (plain, gem, hard, cracked, flash, dust):
        out += split(p)
    return out


# --------------------------------------------------------------------------
# the wall round the field
# --------------------------------------------------------------------------


def wall_pixel(x, y):
    """Return the colour of the wall's stonework at a position."""
    course = (y // 8) & 1
    yy = y % 8
    xx = (x + 8 * course) % 16
    if yy == 7 or xx == 15:
        return 0
    if yy == 0 and xx < 12:
        return 2
    return 1


def walls():
    """Return stone, left edge, right edge, ceiling and its two corners."""
    stone = [[wall_pixel(x, y) for x in range(16)] for y in range(16)]
    left = [r[8:] for r in stone]
    right = [r[:8] for r in stone]
    left = [[*r[:4], 0, 2, 3, 2] for r in left]
    right = [[2, 3, 2, 0, *r[4:]] for r in right]
    ceiling = [r[:] for r in stone[:4]] + [[0] * 16, [2] * 16, [3] * 16, [2] * 16]
    cl = [r[8:] for r in ceiling]
    cr = [r[:8] for r in ceiling]
    cl[5] = [1, 1, 1, 1, 0, 2, 2, 2]
    cl[6] = [1, 1, 1, 1, 0, 2, 3, 3]
    cl[7] = [0, 0, 0, 0, 0, 2, 3, 2]
    cr[5] = [2, 2, 2, 0, 1, 1, 1, 1]
    cr[6] = [3, 3, 2, 0, 1, 1, 1, 1]
    cr[7] = [2, 3, 2, 0, 0, 0, 0, 0]
    cl[4] = [1, 1, 1, 1, 0, 0, 0, 0]
    cr[4] = [0, 0, 0, 0, 1, 1, 1, 1]
    return split(stone) + split(left) + split(right) + split(ceiling) + [cl, cr]


# --------------------------------------------------------------------------
# four quiet 16x16 patterns for the field's back
# --------------------------------------------------------------------------


def backs():
    """Return the four patterns, four tiles each."""
    out = []
    a = blank(16, 16)  # diamonds
    for y in range(16):
        for x in range(16):
            if abs(x - 7.5) + abs(y - 7.5) == 8 and x & 1:
                a[y][x] = 1
    a[7][7] = a[7][8] = a[8][7] = a[8][8] = 1
    b = blank(16, 16)  # small stars
    for x, y in ((3, 2), (2, 3), (3, 3), (4, 3), (3, 4), (12, 7), (7, 12), (14, 14), (10, 1), (1, 9)):
        b[y][x] = 1
    c = blank(16, 16)  # woven strokes
    for i in range(6):
        c[1 + i][1 + i] = 1
        c[9 + i][9 + i] = 1
        c[6 - i][9 + i] = 1
        c[14 - i][1 + i] = 1
    d = blank(16, 16)  # ripples
    for x in range(16):
        for base, amp in ((3, 1.6), (11, 1.6)):
            y = base + round(amp * math.sin(2 * math.pi * x / 16))
            d[y][x] = 1
    for p in (a, b, c, d):
        out += split(p)
    return out


# --------------------------------------------------------------------------
# title letters (24x32 each) and the moon (32x32)
# --------------------------------------------------------------------------
LOGO = {
    "M": ("#...#", "##.##", "#.#.#", "#...#", "#...#", "#...#", "#...#"),
    "O": (".###.", "#...#", "#...#", "#...#", "#...#", "#...#", ".###."),
    "R": ("####.", "#...#", "#...#", "####.", "#.#..", "#..#.", "#...#"),
    "T": ("#####", "..#..", "..#..", "..#..", "..#..", "..#..", "..#.."),
    "A": (".###.", "#...#", "#...#", "#####", "#...#", "#...#", "#...#"),
    "N": ("#...#", "##..#", "#.#.#", "#..##", "#...#", "#...#", "#...#"),
}


def logo_letter(rows):
    """Return a big letter: lit above, mid tone below, a shadow behind."""
    pic = blank(24, 32)

    def on(x, y):
        return 0 <= x < 20 and 0 <= y < 28 and rows[y // 4][x // 4] == "#"

    for y in range(32):
        for x in range(24):
            if on(x, y):
                edge = not on(x, y - 1) or not on(x - 1, y)
                pic[y][x] = 3 if edge or y < 11 else 2
                if y in (11, 13) and not edge:
                    pic[y][x] = 3
                if y in (8, 10) and not edge:
                    pic[y][x] = 2
            elif on(x - 2, y - 2) or on(x - 1, y - 1):
                pic[y][x] = 1
    return pic


def moon():
    """Return a shaded moon with a few craters."""
    pic = blank(32, 32)
    craters = ((10, 9, 3), (20, 7, 2), (17, 17, 4), (8, 20, 2.5), (24, 20, 2), (14, 26, 2))
    for y in range(32):
        for x in range(32):
            d = math.hypot(x - 15.5, y - 15.5)
            if d > 15.2:
                continue
            c = 3
            lit = (x - 15.5) * 0.7 + (y - 15.5) * 0.7
            if lit > 9.5 or (lit > 6.5 and (x + y) & 1):
                c = 2
            for cx, cy, r in craters:
                e = math.hypot(x - cx, y - cy)
                if e <= r:
                    c = 2 if e > r - 1.2 or r < 3 else 1 if (x ^ y) & 1 else 2
            pic[y][x] = c
    return pic


def disc(r, inner, outer, cx, cy, size=8):
    """Return a small lit ball."""
    pic = blank(size, size)
    for y in range(size):
        for x in range(size):
            if math.hypot(x - cx, y - cy) <= r:
                near = math.hypot(x - cx + 0.8, y - cy + 0.8) <= r - 0.9
                pic[y][x] = inner if near else outer
    return pic


# --------------------------------------------------------------------------
# the two pattern tables
# --------------------------------------------------------------------------


def background():
    """Return {number: picture} of the background table."""
    t = {0x01: blank(c=1), 0x02: blank(c=2), 0x03: blank(c=3)}

    def put(at, tiles):
        for i, tile in enumerate(tiles):
            t[at + i] = tile

    put(0x04, bricks())  # 04-0f
    put(0x10, walls())  # 10-1f
    t.update(font_tiles())  # 21-5a
    # the bar under the status line; sprite 0 touches its bright line
    t[0x5C] = parse(["", "11111111", "22222222", "33333333", "22222222", "11111111", "", ""])
    t[0x5D] = parse(["", ".333333.", "32222223", ".111111."])  # the net
    put(0x60, backs())  # 60-6f
    t[0x70] = disc(3.2, 3, 2, 3, 3)  # a life
    t[0x71] = parse(["", "", "", "   11", "   11"])  # a life gone
    t[0x72] = parse(["", "", "    1"])  # stars of the title
    t[0x73] = parse(["", "", "", "", "  2", " 232", "  2"])
    t[0x74] = parse(["", "     1", "", "", "", "", " 2"])
    at = 0x80
    for ch in "MORTAN":
        put(at, split(logo_letter(LOGO[ch])))
        at += 12  # 80-c7
    put(0xD0, split(moon()))  # d0-df
    return t


#: From version 1 on: what falls out of bricks, 16x8 each. A wide paddle, a comet, three balls.
CAPSULES = """
..111111111111..
.12222222222221.
1223222222223221
1233333333333321
1223222222223221
.12222222222221.
..222222222222..
................

..111111111111..
.13333333311331.
1333333331111331
1333111111111331
1333333331111331
.13331113311331.
..333333333333..
................

..222222222222..
.21111111111112.
2113311221133112
2133332222333312
2113311221133112
.21111111111112.
..111111111111..
................
"""

COMET = ["  333", " 31113", "3111113", "3111113", "3111113", " 31113", "  333"]
TAIL = ["", "  3", "  133", " 3313", "  333", "   3"]


def capsules():
    """Return the tiles of the capsules, two each."""
    return [tile for picture in CAPSULES.strip().split("\n\n") for tile in split(parse(picture.split("\n"), 16, 8))]


def sprites(version):
    """Return {number: picture} of the sprite table."""
    t = {}
    t[0x01] = disc(2.95, 1, 2, 2.5, 2.5)  # ball, 6x6
    t[0x02] = parse(["", "  22", " 2  2", " 2  2", "  22"])
    t[0x03] = parse(["", "", "  22", "  22"])
    paddle = [
        "..33331111111111111111111133333.",
        ".3111322222222222222222222311133",
        "31333322111111111111111122333313",
        "33333322222222222222222222333333",
        "33333322222222222222222222333333",
        ".3333322222222222222222222333333",
        "..33331111111111111111111133333.",
        "................................",
    ]
    paddle[0] = "..3333" + "1" * 20 + "3333.."
    paddle[1] = ".31113" + "2" * 20 + "31113."
    paddle[2] = "313333" + "2" * 4 + "1" * 12 + "2" * 4 + "333313"
    paddle[3] = "333333" + "2" * 20 + "333333"
    paddle[4] = "333333" + "2" * 20 + "333333"
    paddle[5] = ".33333" + "2" * 20 + "33333."
    paddle[6] = "..3333" + "2" * 20 + "3333.."
    for i, tile in enumerate(split(parse(paddle, 32, 8))):
        t[0x04 + i] = tile
    t[0x08] = parse(["", " 3333", " 33332", " 33222", "  222"])
    t[0x09] = parse(["", "", "  333", "  332", "  322"])
    t[0x0A] = parse(["", "", "", "   33", "   22"])
    t[0x0B] = parse(["", "", "", "   3"])
    t[0x0C] = parse(["11111111"])  # sprite 0: one line
    t[0x10] = parse(["", "", "", "   1"])
    t[0x11] = parse(["", "", "   2", "  212", "   2"])
    t[0x12] = parse(["", "   2", "   1", " 21112", "   1", "   2"])
    if version >= 1:
        t[0x0D] = parse(["1" * 8, "2" * 8, "1" * 8, *["2" * 8] * 4])  # the middle of the wide paddle
        t[0x0E], t[0x0F] = parse(COMET), parse(TAIL)
        t.update(enumerate(capsules(), 0x14))
    return t


def chr_bytes(version):
    """Return the 8192 bytes of the tile file."""
    out = b""
    for table in (background(), sprites(version)):
        for i in range(256):
            out += encode(table.get(i, blank()))
    assert len(out) == 8192
    return out


# --------------------------------------------------------------------------
# speeds: for each speed and angle, pixels per frame in 8.8 fixed point
# --------------------------------------------------------------------------
ANGLES = (10, 20, 31, 43, 56)  # degrees away from upright
SLOWEST = (1.75, 2.5)  # by version


def speed_tables(speeds, angles, across, upwards):
    """Return the assembly text of the speed tables; the angles in degrees, as the two functions take them."""
    lines = [f"; generated by assets.py: index = speed * {len(angles)} + angle"]
    for name, fn in (("vx", across), ("vy", upwards)):
        values = [round(256 * s * fn(math.radians(a))) for s in speeds for a in angles]
        for part, shift in (("lo", 0), ("hi", 8)):
            lines.append(f"{name}_{part}:")
            for i in range(0, len(values), len(angles)):
                row = ", ".join("$%02x" % (v >> shift & 255) for v in values[i : i + len(angles)])
                lines.append("        .byte   " + row)
    return "\n".join(lines) + "\n"


def generated_files(version=0):
    """Return what the assembler includes besides the sources: {file name: bytes}."""
    speeds = [SLOWEST[version] + 0.25 * i for i in range(8)]
    return {"tiles.chr": chr_bytes(version), "angles.inc": speed_tables(speeds, ANGLES, math.sin, math.cos).encode()}
