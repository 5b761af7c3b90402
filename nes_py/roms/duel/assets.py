"""Make the generated parts of the game: tiles, whole screens and the speed tables.

Everything is drawn here, pixel by pixel, from text pictures or small formulas. The letters and the helpers are those of
Bricks. Only the standard library is used, and the same bytes come out every time.
"""

import importlib.util
import math
import pathlib

_spec = importlib.util.spec_from_file_location(
    "bricks_assets", str(pathlib.Path(__file__).resolve().parents[1] / "bricks" / "assets.py")
)
drawing = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(drawing)
blank, parse, split, encode = drawing.blank, drawing.parse, drawing.split, drawing.encode

# The court, in pixels; the program has the same numbers.
LEFT, RIGHT, TOP, BOTTOM = 8, 248, 40, 232
MIDDLE_X, MIDDLE_Y = 128, 136
GOAL_TOP, GOAL_BOTTOM = 88, 184

# Palettes of the background.
TEXT, EMBER, RIME, GOLD = range(4)

# Tiles that the program writes itself.
T_PIP, T_NO_PIP = 0x01, 0x02


# --------------------------------------------------------------------------
# screens: a picture of 256x240 pixels, cut into tiles that are kept once
# --------------------------------------------------------------------------


class Tiles:
    """The background's tiles: letters at their ASCII codes, the rest where there is room."""

    def __init__(self):
        self.tiles = {0x20: blank(), **drawing.font_tiles()}
        self.tiles[T_PIP] = drawing.disc(3.2, 3, 2, 3, 3)
        self.tiles[T_NO_PIP] = parse(["", "  111", " 1   1", " 1   1", " 1   1", "  111"])
        self.numbers = {encode(tile): number for number, tile in self.tiles.items()}

    def number(self, tile):
        """Return the number of a tile, which is added when it is new."""
        code = encode(tile)
        if code not in self.numbers:
            free = next(n for n in range(3, 256) if n not in self.tiles)
            self.tiles[free] = tile
            self.numbers[code] = free
        return self.numbers[code]

    def chr_bytes(self):
        """Return the 4096 bytes of the table."""
        return b"".join(encode(self.tiles.get(n, blank())) for n in range(256))


class Screen:
    """A screen being drawn."""

    def __init__(self):
        self.pixels = blank(256, 240)
        self.palettes = [[TEXT] * 16 for _ in range(15)]

    def palette(self, palette, left, top, right, bottom):
        """Choose the palette of blocks of 16x16 pixels; the edges are in pixels."""
        for y in range(top // 16, bottom // 16):
            for x in range(left // 16, right // 16):
                self.palettes[y][x] = palette

    def stamp(self, picture, left, top):
        """Put a picture over what is there; its colour 0 is seen through."""
        for y, row in enumerate(picture):
            for x, c in enumerate(row):
                if c:
                    self.pixels[top + y][left + x] = c

    def text(self, text, column, row):
        """Write letters on a clean ground."""
        letters = drawing.font_tiles()
        for i, ch in enumerate(text):
            tile = letters.get(ord(ch), blank())
            for y in range(8):
                for x in range(8):
                    self.pixels[row * 8 + y][(column + i) * 8 + x] = tile[y][x]

    def big_text(self, word, left, top):
        """Write letters of 24x32 pixels."""
        for i, ch in enumerate(word):
            self.stamp(drawing.logo_letter(LETTERS[ch]), left + 24 * i, top)

    def nametable(self, tiles):
        """Return the 1024 bytes of the screen."""
        names = bytearray()
        for y in range(0, 240, 8):
            for x in range(0, 256, 8):
                names.append(tiles.number([row[x : x + 8] for row in self.pixels[y : y + 8]]))
        blocks = [*self.palettes, [TEXT] * 16]
        for y in range(0, 16, 2):
            for x in range(0, 16, 2):
                a, b = blocks[y][x : x + 2]
                c, d = blocks[y + 1][x : x + 2]
                names.append(a | b << 2 | c << 4 | d << 6)
        return bytes(names)


LETTERS = {
    "E": ("#####", "#....", "#....", "####.", "#....", "#....", "#####"),
    "M": ("#...#", "##.##", "#.#.#", "#...#", "#...#", "#...#", "#...#"),
    "B": ("####.", "#...#", "#...#", "####.", "#...#", "#...#", "####."),
    "R": ("####.", "#...#", "#...#", "####.", "#.#..", "#..#.", "#...#"),
    "I": (".###.", "..#..", "..#..", "..#..", "..#..", "..#..", ".###."),
}


def scatter(x, y):
    """Return a number that depends on a place and looks random."""
    n = (x * 374761393 + y * 668265263) & 0xFFFFFFFF
    n = (n ^ n >> 13) * 1274126177 & 0xFFFFFFFF
    return n ^ n >> 16


# --------------------------------------------------------------------------
# the court
# --------------------------------------------------------------------------


def floor_tile(side, kind):
    """Return a tile of the floor: cracked basalt on the left, frost on the right, both dark."""
    if side == EMBER:
        return parse(
            [
                ["", "", "  1"],
                ["", "1", " 11", "   1", "   1"],
                ["", "", "", "", "     1", "    1"],
                [],
            ][kind]
        )
    return parse(
        [
            ["", "", "     1"],
            ["", "", "  1", " 1 1", "  1"],
            ["", "", "", "", "", "      1", "     1", "      1"],
            [],
        ][kind]
    )


def wall_block(side):
    """Return 8x8 pixels of the wall."""
    if side == EMBER:
        return parse(["33333332", "32222221", "32222221", "32212221", "32222121", "32222221", "21111111"])
    return parse(["33333331", "33222321", "32222221", "32223221", "33222221", "32222211", "11111111"])


def court():
    """Return the court, with the status line's names."""
    s = Screen()
    s.palette(EMBER, 0, 32, 128, 240)
    s.palette(RIME, 128, 32, 256, 240)
    s.palette(EMBER, 0, 0, 96, 32)
    s.palette(RIME, 160, 0, 256, 32)
    for y in range(TOP, BOTTOM, 8):
        for x in range(LEFT, RIGHT, 8):
            side = EMBER if x < MIDDLE_X else RIME
            # The same on both sides, mirrored, so that neither has the better view.
            kind = scatter(min(x, 248 - x), y) % 11
            s.stamp(floor_tile(side, min(kind, 3)), x, y)
    for x in range(0, 256, 8):
        side = EMBER if x < MIDDLE_X else RIME
        s.stamp(wall_block(side), x, TOP - 8)
        s.stamp(wall_block(side), x, BOTTOM)
    for y in range(TOP, BOTTOM, 8):
        if GOAL_TOP <= y < GOAL_BOTTOM:
            s.stamp(parse([" 1    33"] * 8), 0, y)
            s.stamp(parse(["33    1"] * 8), RIGHT, y)
        else:
            s.stamp(wall_block(EMBER), 0, y)
            s.stamp(wall_block(RIME), RIGHT, y)
    # The middle line and circle.
    for y in range(TOP, BOTTOM):
        if y % 8 in (1, 2, 3, 4, 5):
            s.pixels[y][127] = s.pixels[y][128] = 2
    for y in range(MIDDLE_Y - 24, MIDDLE_Y + 24):
        for x in range(MIDDLE_X - 24, MIDDLE_X + 24):
            d = math.hypot(x + 0.5 - MIDDLE_X, y + 0.5 - MIDDLE_Y)
            if d < 21:
                s.pixels[y][x] = 0
            if 21 <= d < 22.6:
                s.pixels[y][x] = 2
            if d < 4:
                s.pixels[y][x] = 1
    s.text("EMBER", 2, 1)
    s.text("RIME", 26, 1)
    s.text("TIME", 14, 1)
    return s


# --------------------------------------------------------------------------
# the other screens: a burning mountain and an ice peak under stars
# --------------------------------------------------------------------------


def landscape(s, horizon):
    """Draw the mountains up to a horizon, and stars above it."""
    for y in range(0, horizon, 8):
        for x in range(0, 256, 8):
            n = scatter(x, y + 7)
            if n % 9 == 0:
                s.stamp(
                    parse([["", "", "    1"], ["", "     1", "", "", "", "", " 1"], ["", "", "", "  2"]][n % 3]), x, y
                )
    base = 240

    def fire(x, y):
        # A cone with its top cut off; streams of lava run down from it.
        top = horizon
        half = (y - top) + 16
        if y < top or abs(x - 56) > half:
            return None
        edge = abs(x - 56) > half - 3
        if y < top + 4:
            return 3
        if edge:
            return 2
        # Streams wind down; a repeat of 16 lines keeps the tiles few.
        for start, until in ((-3, 240), (11, 200), (-19, 216), (29, 232)):
            middle = 56 + start + (2, 3, 3, 2, 1, 0, 0, 1)[y // 2 % 8]
            if y < until and abs(x - middle) <= 1:
                return 3 if x == middle else 2
        return 1

    def ice(x, y):
        best = None
        for peak, top in ((200, horizon - 8), (240, horizon + 16), (160, horizon + 24)):
            d = abs(x - peak)
            if y - top >= d:
                # Nearer peaks hide those behind.
                snow = y - top < 22 + (0, 2, 4, 6, 7, 5, 3, 1)[x % 8]
                best = (2 if x < peak else 1) if not snow else 3 if x < peak else 2
                if y - top == d and not snow:
                    best = 3 if x < peak else 1
        return best

    for y in range(horizon - 16, base):
        for x in range(256):
            c = fire(x, y) if x < 128 else ice(x, y)
            if c is not None:
                s.pixels[y][x] = c
    s.palette(EMBER, 0, horizon - 16, 128, 240)
    s.palette(RIME, 128, horizon - 16, 256, 240)


def title():
    """Return the title."""
    s = Screen()
    landscape(s, 176)
    s.palette(EMBER, 0, 16, 256, 64)
    s.palette(RIME, 0, 64, 256, 112)
    for y in range(16, 112):
        for x in range(24, 232):
            s.pixels[y][x] = 0
    s.big_text("EMBER", 32, 24)
    s.big_text("RIME", 128, 72)
    s.palette(GOLD, 64, 64, 112, 112)
    s.text("AND", 10, 10)
    for y in range(112, 160):
        for x in range(48, 216):
            s.pixels[y][x] = 0
    s.text("1 PLAYER   SKILL", 8, 16)
    s.text("2 PLAYERS", 8, 18)
    s.palette(GOLD, 64, 160, 176, 176)
    s.text("PRESS START", 10, 21)
    return s


def ending(winner):
    """Return the screen after a match: 0 Ember has won, 1 Rime, 2 nobody."""
    s = Screen()
    landscape(s, 176)
    for y in range(16, 112):
        for x in range(24, 232):
            s.pixels[y][x] = 0
    if winner == 2:
        s.palette(GOLD, 0, 32, 256, 80)
        s.text("NOBODY WINS", 10, 6)
    else:
        s.palette((EMBER, RIME)[winner], 0, 16, 256, 80)
        s.big_text(("EMBER", "RIME")[winner], (72, 80)[winner], 32)
        s.text("WINS", 14, 10)
    s.palette(EMBER, 96, 96, 128, 112)
    s.palette(RIME, 128, 96, 160, 112)
    s.text("-", 15, 12)
    for x in range(80, 176):
        for y in range(112, 160):
            s.pixels[y][x] = 0
    s.palette(GOLD, 64, 160, 176, 176)
    s.text("PRESS START", 10, 21)
    return s


# --------------------------------------------------------------------------
# sprites
# --------------------------------------------------------------------------
EMBER_BODY = (
    ".11222232222221.",
    ".12223333333221.",
    ".12233333333321.",
    "1122333..33..321",
    "1122333..33..321",
    "1122333..33..321",
    ".12233333333321.",
    ".12223333333221.",
    ".11222233322211.",
    "..112222222211..",
    "....11111111....",
)
EMBER_CROWNS = (
    (
        "......1.........",
        ".....11...1.....",
        ".....121..11....",
        "..1.11221.121...",
        "..1112222112211.",
    ),
    (
        ".........1......",
        ".....1...11.....",
        "....11..121.....",
        "...121.12211.1..",
        ".11221122221111.",
    ),
)
RIME_BODY = (
    ".11222333332211.",
    ".12233333333221.",
    ".12333333333221.",
    "123..33..3332211",
    "123..33..3332211",
    "123..33..3332211",
    ".12333333333221.",
    ".12233333333221.",
    "..122233332221..",
    "...1122222211...",
    "....11111111....",
)
RIME_CROWNS = (
    (
        "........1.......",
        ".......121......",
        "...1...121...1..",
        "..121.12321.121.",
        "..12212333212211",
    ),
    (
        "...1............",
        "...1....1....1..",
        "..121..121..121.",
        "..121.12321.121.",
        "..12212333212211",
    ),
)


def crescent():
    """Return the blade of a strike, 8x16, for the player on the left."""
    pic = blank(8, 16)
    for y in range(16):
        for x in range(8):
            outer = math.hypot((x + 9) * 0.8, y - 7.5)
            inner = math.hypot((x + 13) * 0.8, y - 7.5)
            if outer <= 11.2 and inner > 11.9:
                pic[y][x] = 3 if outer > 9.6 else 2
    return pic


def sprites():
    """Return {number: picture} of the sprite table."""
    t = {ord(ch): drawing.font_tiles()[ord(ch)] for ch in "GOALREDYTIM"}
    at = 0x04
    for crowns, body in ((EMBER_CROWNS, EMBER_BODY), (RIME_CROWNS, RIME_BODY)):
        for crown in crowns:
            for tile in split(parse(crown + body, 16, 16)):
                t[at] = tile  # 04-07, 08-0b Ember; 0c-0f, 10-13 Rime
                at += 1
    for tile in split(crescent()):
        t[at] = tile  # 14, 15
        at += 1
    # The spark, 6x6 in the upper left, two frames; a trail in two sizes.
    t[0x16] = parse(["  22", " 2112", "211112", "211112", " 2112", "  22"])
    t[0x17] = parse(["2 33 2", " 3113", "321123", "321123", " 3113", "2 33 2"])
    t[0x18] = parse(["", "  3", " 323", " 333", "  3"])
    t[0x19] = parse(["", "", "  3", "   3"])
    # Splinters, from large to small.
    t[0x1A] = parse(["", "  33", " 3223", " 3223", "  33"])
    t[0x1B] = parse(["", "  3", " 323", "  3"])
    t[0x1C] = parse(["", "", "  2", "  22"])
    t[0x1D] = parse(["", "", "  1"])
    return t


# --------------------------------------------------------------------------
# speeds: for each speed and angle, pixels per frame in 8.8 fixed point
# --------------------------------------------------------------------------
ANGLES = (0, 16, 32, 47)  # degrees away from level
SPEEDS = tuple(2.0 + 0.35 * i for i in range(8))


def generated_files():
    """Return what the assembler includes besides the sources: {file name: bytes}."""
    tiles = Tiles()
    screens = {"court": court(), "title": title()}
    screens.update({f"ending{winner}": ending(winner) for winner in range(3)})
    files = {f"{name}.nam": screen.nametable(tiles) for name, screen in screens.items()}
    second = sprites()
    files["tiles.chr"] = tiles.chr_bytes() + b"".join(encode(second.get(n, blank())) for n in range(256))
    files["speeds.inc"] = drawing.speed_tables(SPEEDS, ANGLES, math.cos, math.sin).encode()
    return files
