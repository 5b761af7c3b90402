"""Make the generated parts of the game: the tile file, and the tables that go with it.

Everything is drawn here, pixel by pixel, from the text pictures beside this file or from small formulas; nothing is
read from anywhere else. Only the standard library is used, and the same bytes come out every time.
"""

import importlib.util
import math
import pathlib

HERE = pathlib.Path(__file__).resolve().parent


def load(name):
    """Return a module of this folder, which need not be on the path."""
    spec = importlib.util.spec_from_file_location(f"trail_{name}", str(HERE / f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pictures = load("pictures")
music = load("music")

# --------------------------------------------------------------------------
# helpers: a picture is a list of rows, a pixel is a colour index 0..3
# --------------------------------------------------------------------------


def blank(w=8, h=8, c=0):
    """Return a picture of one colour."""
    return [[c] * w for _ in range(h)]


def parse(text, w, h):
    """Return a picture from its text."""
    out = blank(w, h)
    for y, row in enumerate(text.removeprefix("\n").removesuffix("\n").split("\n")):
        for x, ch in enumerate(row):
            out[y][x] = 0 if ch in " ." else int(ch)
    return out


def split(pic):
    """Cut a picture into its 8x8 tiles, left to right, top to bottom."""
    h, w = len(pic), len(pic[0])
    return [[r[x : x + 8] for r in pic[y : y + 8]] for y in range(0, h, 8) for x in range(0, w, 8)]


def part(pic, x, y, w=16, h=16):
    """Return a rectangle of a picture."""
    return [row[x : x + w] for row in pic[y : y + h]]


def encode(tile):
    """Return the 16 bytes of a tile in the PPU's two-plane form."""
    lo = bytes(sum((p & 1) << (7 - i) for i, p in enumerate(r)) for r in tile)
    hi = bytes(sum((p >> 1) << (7 - i) for i, p in enumerate(r)) for r in tile)
    return lo + hi


class Bank:
    """Tiles of 1 or 2 KB; the same picture is kept once.

    ``frames`` banks that take each other's place are filled at the same time.
    """

    def __init__(self, first, size=64, frames=1):
        self.first, self.size, self.frames = first, size, frames
        self.used = {}
        self.taken = set()

    def put(self, number, *tiles):
        """Put a tile, one picture a frame, at a number of the pattern table."""
        tiles = [tiles[frame % len(tiles)] for frame in range(self.frames)]
        self.taken.add(number - self.first)
        self.used.setdefault(str(tiles), (number, tiles))
        self.used[f"at {number}"] = number, tiles

    def add(self, *tiles):
        """Return the number of a tile, which may be here already."""
        tiles = [tiles[frame % len(tiles)] for frame in range(self.frames)]
        if str(tiles) not in self.used:
            free = self.free()
            if not free:
                raise ValueError(f"the bank of tile {self.first:#x} is full")
            self.taken.add(free[0])
            self.used[str(tiles)] = self.first + free[0], tiles
        return self.used[str(tiles)][0]

    def has(self, tile):
        """Return whether a tile that does not move is here already."""
        return str([tile] * self.frames) in self.used

    def free(self):
        """Return the places that are left."""
        return [place for place in range(self.size) if place not in self.taken]

    def data(self, frame=0):
        """Return the bytes of one bank."""
        tiles = [blank()] * self.size
        for number, frames in self.used.values():
            tiles[number - self.first] = frames[frame]
        return b"".join(map(encode, tiles))


# --------------------------------------------------------------------------
# the font: 6x7, rounder than it is tall, white on the dark of the status bar
# --------------------------------------------------------------------------
FONT = """
A ..##.. .####. ##..## ##..## ###### ##..## ##..##
B #####. ##..## ##..## #####. ##..## ##..## #####.
C .####. ##..## ##.... ##.... ##.... ##..## .####.
D ####.. ##.##. ##..## ##..## ##..## ##.##. ####..
E ###### ##.... ##.... ####.. ##.... ##.... ######
F ###### ##.... ##.... ####.. ##.... ##.... ##....
G .####. ##..## ##.... ##.### ##..## ##..## .#####
H ##..## ##..## ##..## ###### ##..## ##..## ##..##
I ###### ..##.. ..##.. ..##.. ..##.. ..##.. ######
J ...### ....## ....## ....## ....## ##..## .####.
K ##..## ##.##. ####.. ###... ####.. ##.##. ##..##
L ##.... ##.... ##.... ##.... ##.... ##.... ######
M ##..## ###### ###### ##.### ##..## ##..## ##..##
N ##..## ###.## ###### ##.### ##..## ##..## ##..##
O .####. ##..## ##..## ##..## ##..## ##..## .####.
P #####. ##..## ##..## ##..## #####. ##.... ##....
Q .####. ##..## ##..## ##..## ##.### ##..## .###.#
R #####. ##..## ##..## #####. ##.##. ##..## ##..##
S .####. ##..## ##.... .####. ....## ##..## .####.
T ###### ..##.. ..##.. ..##.. ..##.. ..##.. ..##..
U ##..## ##..## ##..## ##..## ##..## ##..## .####.
V ##..## ##..## ##..## ##..## .####. .####. ..##..
W ##..## ##..## ##..## ##.### ###### ###### ##..##
X ##..## ##..## .####. ..##.. .####. ##..## ##..##
Y ##..## ##..## .####. ..##.. ..##.. ..##.. ..##..
Z ###### ....## ...##. ..##.. .##... ##.... ######
0 .####. ##..## ##..## ##..## ##..## ##..## .####.
1 ..##.. .###.. ..##.. ..##.. ..##.. ..##.. ######
2 .####. ##..## ....## ..###. .##... ##.... ######
3 .####. ##..## ....## ..###. ....## ##..## .####.
4 ...##. ..###. .####. ##.##. ###### ...##. ...##.
5 ###### ##.... #####. ....## ....## ##..## .####.
6 .####. ##.... #####. ##..## ##..## ##..## .####.
7 ###### ....## ...##. ...##. ..##.. ..##.. ..##..
8 .####. ##..## ##..## .####. ##..## ##..## .####.
9 .####. ##..## ##..## ##..## .##### ....## .####.
! ..##.. ..##.. ..##.. ..##.. ..##.. ...... ..##..
. ...... ...... ...... ...... ...... ..##.. ..##..
- ...... ...... ...... .####. ...... ...... ......
"""


def letters(ink, paper, shade=None):
    """Return {character: picture} of the font."""
    out = {}
    for line in FONT.strip("\n").split("\n"):
        character, *rows = line.split(" ")
        pic = blank(c=paper)
        for y, row in enumerate(rows):
            for x, ch in enumerate(row):
                if ch == "#":
                    pic[y][x + 1] = ink if shade is None or y < 4 else shade
        out[character] = pic
    return out


def on_dark(text):
    """Return a small picture on the status bar's dark ground (colour 1)."""
    return [[pixel or 1 for pixel in row] for row in parse(text, 8, 8)]


#: From version 1 on: where the digits of the status bar are.
LOW_DIGITS = (*range(0x1A, 0x20), *range(0x3B, 0x3F))


def font_bank(version):
    """Return the bank of the letters; a tile's number is its ASCII code less 32.

    From version 1 on the letters are coloured, and the digits of the status bar a line below them.
    """
    bank = Bank(0)
    bank.put(0x00, blank(c=1))
    bank.put(0x20, blank())  # the sky
    for character, pic in letters(3, 1).items():
        bank.put(ord(character) - 32, pic)
        if version >= 1 and character.isdigit():
            bank.put(LOW_DIGITS[int(character)], [[1] * 8, *pic[:7]])
        elif version >= 1 and character.isalpha():
            bank.put(ord(character) - 32, [[2 if pixel == 3 else pixel for pixel in row] for row in pic])
    bank.put(0x03, on_dark(pictures.HEART))
    bank.put(0x04, on_dark(pictures.COIN_ICON))
    bank.put(0x05, on_dark(pictures.CLOCK))
    # the bar's lower edge; sprite 0 touches its bright line
    bank.put(0x06, [[1] * 8] * 3 + [[3] * 8] + [[2] * 8] + [[1] * 8] * 3)
    return bank


# --------------------------------------------------------------------------
# the ground, and other 16x16 pieces of the field
# --------------------------------------------------------------------------


def hash_of(x, y):
    """Return a number without a pattern for a place."""
    value = (x * 374761393 + y * 668265263) & 0xFFFFFFFF
    value = ((value ^ (value >> 13)) * 1274126177) & 0xFFFFFFFF
    return (value ^ (value >> 16)) & 0xFF


PEBBLES = ((3, 3, 2), (11, 6, 3), (6, 11, 2), (13, 13, 2))


def earth():
    """Return soil with pebbles."""
    pic = blank(16, 16, 2)
    for cx, cy, w in PEBBLES:
        for x in range(cx - w + 1, cx + w):
            pic[cy][x % 16] = 1
        for x in range(cx - w + 2, cx + w - 1):
            pic[cy - 1][x % 16] = 1
    for x, y in ((8, 2), (1, 8), (14, 9), (9, 13), (4, 7), (0, 14)):
        pic[y][x] = 1
    return pic


def edged(pic, left, right, rows=range(16)):
    """Return a picture with a dark outline at its sides."""
    pic = [row[:] for row in pic]
    for y in rows:
        if left:
            pic[y][0] = 1
        if right:
            pic[y][15] = 1
    return pic


GRASS_DEPTH = (6, 7, 7, 6, 5, 5, 6, 8, 8, 6, 5, 6, 7, 7, 5, 5)


def turf(left=False, right=False):
    """Return soil under grass."""
    pic = edged(earth(), left, right)
    for x in range(16):
        depth = GRASS_DEPTH[x]
        for y in range(depth):
            pic[y][x] = 3
        pic[depth][x] = 1
        pic[0][x] = 1
    for x, y in ((2, 3), (3, 2), (7, 4), (8, 3), (11, 2), (13, 4), (14, 3), (5, 2)):
        pic[y][x] = 1 if (x & 1) else 3
    if left:
        pic[0][0] = 0
        for y in range(1, 6):
            pic[y][0] = 1
    if right:
        pic[0][15] = 0
        for y in range(1, 6):
            pic[y][15] = 1
    return pic


def stump():
    """Return a tree stump, 32 wide: its top, and what goes below."""
    pic = blank(32, 32)
    for y in range(32):
        for x in range(1, 31):
            c = 2
            if x in (1, 30) or (y > 7 and (x * 7 + (y // 5) * 3) % 9 == 0 and (y % 16) > 1):
                c = 1
            pic[y][x] = c
    for y in range(8):
        for x in range(32):
            d = math.hypot((x - 15.5) / 15.8, (y - 3.7) / 4.0)
            if d <= 1.02:
                pic[y][x] = 1 if d > 0.86 else 3 if d > 0.62 else 2 if d > 0.5 else 1 if 0.28 < d <= 0.4 else 2
            elif y < 4:
                pic[y][x] = 0
    return pic


def tree():
    """Return a round tree: crown 32x32, trunk 16x16 (its middle half)."""
    crown = blank(32, 32)
    blobs = ((15.5, 11, 10.5), (8.5, 18, 8), (22.5, 18, 8), (15.5, 22.6, 9.4))
    for y in range(32):
        for x in range(32):
            inside = max(r - math.hypot(x - cx, y - cy) for cx, cy, r in blobs)
            if inside >= 0:
                lit = max(r - math.hypot(x - cx + 2.2, y - cy + 2.6) for cx, cy, r in blobs)
                c = 3
                if inside < 1.05 or (lit < 2.2 and (x + y) & 1):
                    c = 1
                crown[y][x] = c
    for x, y in ((11, 8), (12, 7), (18, 12), (8, 16), (9, 15), (21, 17), (15, 20), (14, 14), (20, 8)):
        crown[y][x] = 1
        crown[y][x + 1] = 1
    trunk = blank(32, 16)
    for y in range(16):
        flare = 1 if y > 13 else 0
        for x in range(12 - flare, 20 + flare):
            edge = x in (12 - flare, 19 + flare)
            trunk[y][x] = 1 if edge or (x, y % 8) in ((15, 3), (15, 4), (17, 6)) or y < 2 else 2
    return crown, trunk


def coins():
    """Return a coin that turns, four frames."""
    out = []
    for half in (6.4, 4.6, 1.6, 4.6):
        pic = blank(16, 16)
        for y in range(16):
            for x in range(16):
                d = math.hypot((x - 7.5) / half, (y - 7.5) / 6.6)
                if d <= 1.0:
                    lit = (x - 7.5) / half + (y - 7.5) / 6.6
                    c = 1 if d > 0.84 else 3 if lit < -0.35 else 2
                    # the leaf stamped on it
                    if half > 3 and abs((x - 7.5) / half) < 0.22 and abs(y - 7.5) < 3.2:
                        c = 3 if lit >= -0.35 else 1
                    pic[y][x] = c
        if half < 3:
            for y in range(3, 13):
                pic[y][7], pic[y][8] = 3, 2
        out.append(pic)
    return out


def flags():
    """Return the pole's upper end with a waving banner to its right, 32x16, four frames."""
    out = []
    for phase in range(4):
        pic = blank(32, 16)
        for y in range(16):
            pic[y][6], pic[y][7], pic[y][8], pic[y][9] = 1, 3, 2, 1
        for x in range(10, 30):
            shift = math.sin((x - 10) / 20 * 2 * math.pi - phase * math.pi / 2) * min(1.0, (x - 9) / 8) * 1.6
            top, low = round(1.5 + shift), round(13.5 + shift)
            notch = max(0, x - 24)
            for y in range(max(0, top), min(16, low)):
                middle = abs(y - (top + low - 1) / 2)
                if notch and middle < notch * 0.9:
                    continue
                edge = y in (top, low - 1) or x == 29 or (notch and middle < notch * 0.9 + 1)
                pic[y][x] = 1 if edge else 2
                if not edge and math.hypot(x - 17, y - (top + low - 1) / 2) < 3.4:
                    pic[y][x] = 3
        out.append(pic)
    return out


def pole():
    """Return the pole, and the ball on its end, 16x16 each."""
    stem, top = blank(16, 16), blank(16, 16)
    for y in range(16):
        stem[y][6], stem[y][7], stem[y][8], stem[y][9] = 1, 3, 2, 1
    for y in range(16):
        for x in range(16):
            d = math.hypot(x - 7.5, y - 11)
            if d < 5:
                top[y][x] = 1 if d > 3.9 else 3 if math.hypot(x - 6.3, y - 9.6) < 1.8 else 2
    for x in range(6, 10):
        top[15][x] = stem[15][x]
    return stem, top


def house():
    """Return the fox's house, 48x48: a round door, a lit window, a thatched roof."""
    pic = blank(48, 48)
    for y in range(18, 48):
        for x in range(5, 43):
            c = 3
            if x in (5, 42) or y == 47:
                c = 1
            elif x in (6, 7, 40, 41) or y in (45, 46):
                c = 2
            elif y < 24:
                c = 1 if y == 23 else 2
            pic[y][x] = c
    for y in range(20):  # the roof
        half = 5 + y
        for x in range(48):
            d = abs(x - 23.5)
            if d <= half and y >= 1:
                c = 2
                if y in (1, 19) or d > half - 1.2 or y % 5 == 0 or (x + (y // 5) * 3) % 6 == 0:
                    c = 1
                elif y % 5 == 1:
                    c = 3
                pic[y][x] = c
    for y in range(27, 47):  # the door
        for x in range(9, 25):
            d = math.hypot(x - 16.5, (y - 35) if y < 35 else 0)
            if d < 7.6:
                pic[y][x] = 1 if d > 6.3 or x in (9, 24) else 2 if x % 4 else 1
    pic[38][21] = pic[38][20] = 3
    for y in range(28, 40):  # the window
        for x in range(29, 39):
            edge = y in (28, 39) or x in (29, 38)
            pic[y][x] = 1 if edge or x in (33, 34) or y == 33 else 3
    for y in range(29, 39):
        for x in range(30, 38):
            if pic[y][x] == 3 and (x + y) % 5 == 0:
                pic[y][x] = 2
    for x in range(28, 40):
        pic[41][x] = 1
        pic[40][x] = 2
    return pic


# kinds of pieces: what the game does where one is
AIR, SOLID, PLATFORM, COIN, HAZARD, BOX, GOAL = range(7)
SKY, GROUND, THING, FAR = range(4)  # palettes


def pieces():
    """Return the pieces of the field: name, kind, palette, and one 16x16 picture for each frame."""
    out = [("empty", AIR, SKY, [blank(16, 16)])]

    def add(name, kind, palette, *frames):
        out.append((name, kind, palette, list(frames)))

    add("turf", SOLID, GROUND, turf())
    add("turf_left", SOLID, GROUND, turf(left=True))
    add("turf_right", SOLID, GROUND, turf(right=True))
    add("earth", SOLID, GROUND, earth())
    add("earth_left", SOLID, GROUND, edged(earth(), True, False))
    add("earth_right", SOLID, GROUND, edged(earth(), False, True))
    whole = stump()
    add("stump_top", SOLID, GROUND, part(whole, 0, 0))
    add("stump_top_r", SOLID, GROUND, part(whole, 16, 0))
    add("stump", SOLID, GROUND, part(whole, 0, 16))
    add("stump_r", SOLID, GROUND, part(whole, 16, 16))
    add("brick", SOLID, THING, parse(pictures.BRICK, 16, 16))
    add("box_used", SOLID, THING, parse(pictures.BOX_USED, 16, 16))
    box = parse(pictures.BOX, 16, 16)
    glints = []
    for frame in range(4):
        pic = [row[:] for row in box]
        for y in range(2, 14):
            x = frame * 5 - 2 + (13 - y)
            for place in (x, x + 1):
                if frame and 1 < place < 14 and pic[y][place] == 2:
                    pic[y][place] = 3
        glints.append(pic)
    add("box", BOX, THING, *glints)
    add("planks", PLATFORM, THING, parse(pictures.PLANKS, 16, 16))
    add("coin", COIN, THING, *coins())
    add("thistle", HAZARD, FAR, thistle(16))
    a, b = (parse(text, 16, 16) for text in pictures.BRAMBLES)
    add("brambles", HAZARD, FAR, a, a, b, b)
    flags_ = flags()
    stem, top = pole()
    add("pole", GOAL, THING, stem)
    add("pole_top", GOAL, THING, top)
    add("flag", GOAL, THING, *(part(pic, 0, 0) for pic in flags_))
    add("flag_r", AIR, THING, *(part(pic, 16, 0) for pic in flags_))
    home = house()
    for y in range(3):
        for x in range(3):
            add(f"house{y}{x}", AIR, THING, part(home, 16 * x, 16 * y))
    a, b = (parse(text, 16, 16) for text in pictures.FLOWER)
    add("flower", AIR, THING, a, a, b, b)
    add("fence", AIR, THING, parse(pictures.FENCE, 16, 16))
    add("sign", AIR, THING, parse(pictures.SIGN, 16, 16))
    bush = parse(pictures.BUSH, 32, 16)
    add("bush", AIR, GROUND, part(bush, 0, 0))
    add("bush_r", AIR, GROUND, part(bush, 16, 0))
    crown, trunk = tree()
    for y in range(2):
        for x in range(2):
            add(f"crown{y}{x}", AIR, GROUND, part(crown, 16 * x, 16 * y))
            add(f"far{y}{x}", AIR, FAR, part(crown, 16 * x, 16 * y))
    for name, x in (("trunk", 0), ("trunk_r", 16)):
        add(name, AIR, GROUND, part(trunk, x, 0))
        add(f"far_{name}", AIR, FAR, part(trunk, x, 0))
    return out


def place_pieces(font, terrain, moving):
    """Put the pieces into their banks; return their names and their tables as assembly text."""
    lines, corners, kinds, palettes = [], [[], [], [], []], [], []
    for number, (name, kind, palette, frames) in enumerate(pieces()):
        lines.append(f"M_{name.upper():15} = {number}")
        kinds.append(kind)
        palettes.append(palette * 0x55)
        cut = [split(frame) for frame in frames]
        for corner in range(4):
            tiles = [tiles[corner] for tiles in cut]
            if all(tile == tiles[0] for tile in tiles):
                homes = (font,) if font.has(tiles[0]) else (terrain, moving, font)
                number_ = next(bank for bank in homes if bank.has(tiles[0]) or bank.free()).add(tiles[0])
            else:
                number_ = moving.add(*tiles)
            corners[corner].append(number_)
    tables = [("piece_tl", corners[0]), ("piece_tr", corners[1]), ("piece_bl", corners[2]), ("piece_br", corners[3])]
    tables += [("piece_kind", kinds), ("piece_palette", palettes)]
    return "\n".join(lines) + "\n", "".join(table(name, values) for name, values in tables)


def table(name, values):
    """Return bytes as assembly text."""
    lines = [f"{name}:"]
    for i in range(0, len(values), 16):
        lines.append("        .byte   " + ", ".join("$%02x" % (value & 255) for value in values[i : i + 16]))
    return "\n".join(lines) + "\n"


# --------------------------------------------------------------------------
# the scenery: four rows of sky, one empty row, five rows of hills; 64 tiles wide
# --------------------------------------------------------------------------
SKY_ROWS, GAP_ROWS, HILL_ROWS = 4, 1, 5
STRIP_WIDTH = 512


def cloud(pic, cx, base, blobs):
    """Draw a cloud whose foot is flat."""
    for y in range(len(pic)):
        for x in range(len(pic[0])):
            inside = max(r - math.hypot((x - cx - dx) * 0.9, y - base + dy) for dx, dy, r in blobs)
            if y <= base and inside >= 0:
                lit = max(r - math.hypot((x - cx - dx + 2) * 0.9, y - base + dy + 3) for dx, dy, r in blobs)
                pic[y][x] = 2 if y > base - 2 or (lit < 0 and y > base - 6) else 3


CLOUD_LARGE = ((8, 3, 7), (19, 8, 9), (31, 4, 8), (40, 2, 5))
CLOUD_SMALL = ((6, 2, 5), (14, 5, 6), (23, 2, 5))


def sky(theme):
    """Return a picture of the upper part, 512x32."""
    pic = blank(STRIP_WIDTH, 8 * SKY_ROWS)
    if theme == 2:  # stars and a moon
        for i in range(26):
            x, y = (i * 8 * 37) % 512, (hash_of(i, 5) % 4) * 8
            dx, dy = ((2, 3), (5, 1), (3, 6))[i % 3]
            pic[y + dy][x + dx] = 3
            if i % 3 == 0:
                for ax, ay in ((-1, 0), (1, 0), (0, -1), (0, 1)):
                    pic[y + dy + ay][x + dx + ax] = 2
        for offset in (96, 352):
            for y in range(32):
                for x in range(24):
                    if math.hypot(x - 11.5, y - 11.5) < 10.6:
                        pic[y][offset + x] = 3
                        if math.hypot(x - 15.8, y - 8.8) < 9.6:
                            pic[y][offset + x] = 0
                        elif math.hypot(x - 14, y - 10) < 9.4:
                            pic[y][offset + x] = 2
        return pic
    if theme == 1:  # a low sun
        for offset in (160, 416):
            for y in range(32):
                for x in range(32):
                    d = math.hypot(x - 15.5, y - 15.5)
                    if d < 12.6:
                        pic[y][offset + x] = 3 if d < 11 else 2
                        if y > 16 and y % 4 == 1:
                            pic[y][offset + x] = 2
    bases = {0: ((16, 21, 1), (112, 29, 0), (192, 13, 0)), 1: ((24, 21, 0), (96, 29, 1)), 3: ((8, 29, 1), (128, 21, 1))}
    for x, base, large in bases[theme]:
        for turn in (0, 256):
            cloud(pic, x + turn, base, CLOUD_LARGE if large else CLOUD_SMALL)
    return pic


def mountains(peaks, slope_run, cap):
    """Return heights of peaks with straight slopes, and of snow on them."""
    height, snow = [0] * STRIP_WIDTH, [0] * STRIP_WIDTH
    for x in range(STRIP_WIDTH):
        for px, top in peaks:
            d = min(abs(x + 0.5 - px), STRIP_WIDTH - abs(x + 0.5 - px))
            h = math.floor(top - d / slope_run)
            if h > height[x]:
                height[x], snow[x] = h, top - cap
    return height, snow


def hills(theme):
    """Return a picture of the lower part, 512x40; its foot fades into mist."""
    rows = 8 * HILL_ROWS
    pic = blank(STRIP_WIDTH, rows)
    if theme in (0, 2):
        peaks = [
            (p + turn, top) for turn in (0, 256) for p, top in ((32, 32), (80, 24), (120, 40), (176, 24), (216, 32))
        ]
        height, snow = mountains(peaks, 1, 8)
        second, _ = mountains([(p + 28, 16) for p, _ in peaks], 2, 0)
        for x in range(STRIP_WIDTH):
            for y in range(rows):
                up = rows - y
                if up <= height[x]:
                    ridge = height[(x + 1) % STRIP_WIDTH] < height[x]
                    c = 1 if ridge else 2
                    if up > snow[x] + (x % 4 < 2) * 2:
                        c = 3
                    elif up == height[x]:
                        c = 1 if theme == 2 else c
                    pic[y][x] = c
                if up <= second[x] and pic[y][x] != 3:
                    pic[y][x] = 1 if up == second[x] else pic[y][x]
    elif theme == 1:  # mesas, one row behind the other
        for cx, top, half, c in ((48, 32, 24, 2), (176, 36, 40, 2), (232, 28, 16, 2), (112, 20, 40, 1), (0, 16, 24, 1)):
            for turn in (0, 256):
                for y in range(rows - top, rows):
                    up = y - (rows - top)
                    reach = half + (0 if up < 8 else 2 if up < 16 else 8 + (up - 16))
                    for x in range(cx - reach, cx + reach):
                        shade = c
                        if up < 2 or (up in (8, 9) and c == 2):
                            shade = 3
                        elif c == 2 and up < 16 and x > cx + reach - 6:
                            shade = 1
                        pic[y][(x + turn) % STRIP_WIDTH] = shade
    else:  # firs in the snow
        for i in range(32):
            cx, top = i * 16 + 8, (38, 28, 32, 24)[(i * 5 + i // 4) % 4]
            for y in range(rows - top, rows):
                up = y - (rows - top)
                half = 1 + (up % 8) // 1.4 + up // 8 * 0.8
                for x in range(math.floor(cx - half), math.ceil(cx + half)):
                    left = x < cx - half + 2
                    pic[y][x % STRIP_WIDTH] = 3 if up % 8 < 3 and up > 0 and x < cx else 1 if left else 2
    # the mist: fewer and fewer pixels, none in the last rows, where the scroll changes
    for y in range(rows - 14, rows):
        away = y - (rows - 14)
        for x in range(STRIP_WIDTH):
            keep = (0x7F, 0x77, 0x6D, 0x5B, 0x55, 0x55, 0x55, 0x25, 0x44, 0x11, 0x10, 0, 0, 0)[away]
            if not keep >> ((x * 3 + y * 5) % 8) & 1:
                pic[y][x] = 0 if away > 2 else pic[y][x]
            if away > 9 and (x + y) % 4:
                pic[y][x] = 0
            if away > 11:
                pic[y][x] = 0
    return pic


def scenery(theme, bank, font):
    """Put a scenery into its bank; return its tile numbers, row by row."""
    pic = sky(theme) + blank(STRIP_WIDTH, 8 * GAP_ROWS) + hills(theme)
    return [font.add(tile) if tile == blank() else bank.add(tile) for tile in split(pic)]


# --------------------------------------------------------------------------
# the title
# --------------------------------------------------------------------------
LOGO = {
    "T": ("######", "######", "..##..", "..##..", "..##..", "..##..", "..##.."),
    "H": ("##..##", "##..##", "##..##", "######", "######", "##..##", "##..##"),
    "I": (".####.", ".####.", "..##..", "..##..", "..##..", ".####.", ".####."),
    "S": (".#####", "######", "##....", "#####.", ".#####", "....##", "#####."),
    "L": ("##....", "##....", "##....", "##....", "##....", "######", "######"),
    "E": ("######", "######", "##....", "####..", "##....", "######", "######"),
    "R": ("#####.", "######", "##..##", "#####.", "####..", "##.##.", "##..##"),
    "A": (".####.", "######", "##..##", "##..##", "######", "##..##", "##..##"),
}


def logo_letter(rows):
    """Return a big rounded letter, 24x32: lit above, outlined, with a shadow."""

    def near(x, y):
        # how deep a place is inside, with the corners taken off
        if not (0 <= x < 21 and 0 <= y < 28):
            return False
        if rows[y // 4][min(5, int(x // 3.5))] != "#":
            return False
        fx, fy = (x % 3.5), y % 4
        left, right = fx < 1, fx > 2.4
        up, down = fy < 1, fy > 2

        def on(i, j):
            return 0 <= i < 6 and 0 <= j < 7 and rows[j][i] == "#"

        i, j = min(5, int(x // 3.5)), y // 4
        for flag_x, dx in ((left, -1), (right, 1)):
            for flag_y, dy in ((up, -1), (down, 1)):
                if flag_x and flag_y and not on(i + dx, j) and not on(i, j + dy):
                    return False
        return True

    pic = blank(24, 32)
    for y in range(32):
        for x in range(24):
            a, b = x - 1, y - 1
            if near(a, b):
                pic[y][x] = 3 if b < 13 else 2
                if not near(a, b - 1) or not near(a - 1, b):
                    pic[y][x] = 3
                if b in (10, 12):
                    pic[y][x] = 2
                if b in (13, 15):
                    pic[y][x] = 3
            elif any(near(a + dx, b + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)) or near(a - 1, b - 2):
                pic[y][x] = 1
    return pic


def thistle(size):
    """Return the flower, size x size: on the ground it hurts, beside the title it does not."""
    pic, k = blank(size, size), size / 32
    for py in range(size):
        for px in range(size):
            x, y = (px + 0.5) / k - 0.5, (py + 0.5) / k - 0.5
            d = math.hypot(x - 15.5, (y - 17) * 1.15)
            angle, r = math.atan2(x - 15.5, 16 - y), math.hypot(x - 15.5, 16 - y)
            u = abs(x - 15.5)
            if y <= 14 and abs(angle) < 0.95 and 2 < r < 14.5 - 3 * abs(math.sin(angle * 7)):  # the tuft
                pic[py][px] = 3 if int((angle + 2) * 9 * min(1, k * 1.4)) % 2 else 2
            if d < 8.2 and y > 12:  # the globe
                pic[py][px] = 1 if d > 6.6 or (px + py) % (8 * k) < 1 or (px - py) % (8 * k) < 1 else 2
            if y > 24 and u < (2 if k == 1 else 3):
                pic[py][px] = 1 if u > 1 and k == 1 else 2
            if 2 <= u < 14 and abs(y - (30 - u * 0.55)) < (2.4 if k == 1 else 4) * (1 - u / 14) + (int(u) % 3 == 0):
                pic[py][px] = 2 if abs(y - (30 - u * 0.55)) < 1 else 1
    return pic


def title(font):
    """Return the two banks of the title and the assembly text of its layout."""
    bank = Bank(0x40, 128)
    lines = []

    def number(tile):
        return font.add(tile) if tile == blank() else bank.add(tile)

    rows = [[0x20] * 32 for _ in range(8)]
    for word, column, line in (("THISTLE", 5, 0), ("TRAIL", 5, 4)):
        for place, letter in enumerate(word):
            for i, tile in enumerate(split(logo_letter(LOGO[letter]))):
                rows[line + i // 3][column + 3 * place + i % 3] = number(tile)
    for i, tile in enumerate(split(thistle(32))):
        rows[4 + i // 4][22 + i % 4] = number(tile)
    lines.append(table("title_tiles", [tile for row in rows for tile in row]))
    return bank, "".join(lines)


# --------------------------------------------------------------------------
# sprites
# --------------------------------------------------------------------------


def sprite_banks():
    """Return the banks of the fox and of the rest, the names of their tiles, and the table of the fox's tiles."""
    fox, rest = Bank(0, 128), Bank(0x80, 128)
    fox.put(0, blank())
    lines, frames = [], []
    head = pictures.HEAD.strip("\n")
    for number, (name, body) in enumerate(pictures.BODIES.items()):
        lines.append(f"F_{name.upper():8} = {number}")
        frames.append(parse(head + body, 16, 24))
    lines.append(f"F_BLINK    = {len(frames)}")
    frames.append(parse(pictures.BLINK.strip("\n") + pictures.BODIES["stand"], 16, 24))
    lines.append(f"F_HURT     = {len(frames)}")
    frames.append(parse(pictures.HURT, 16, 24))
    tiles = [[fox.add(tile) for tile in split(frame)] for frame in frames]
    fox_tables = table("fox_tiles", [n for frame in tiles for n in (*frame, 0, 0)])
    at = 0x80
    for name, texts in (("BEETLE", pictures.BEETLE), ("TOAD", pictures.TOAD), ("BEE", pictures.BEE)):
        lines.append(f"T_{name:10} = ${at:02x}")
        for one in texts:
            for tile in split(parse(one, 16, 16)):
                rest.put(at, tile)
                at += 1
    for name, texts in (("COIN_POP", pictures.COIN_POP), ("STAR", pictures.STARS), ("PUFF", pictures.PUFF)):
        lines.append(f"T_{name:10} = ${at:02x}")
        for one in texts:
            rest.put(at, parse(one, 8, 8))
            at += 1
    lines.append(f"T_LINE       = ${at:02x}")  # sprite 0
    rest.put(at, parse("11111111", 8, 8))
    at += 1
    for character, pic in letters(3, 0, 2).items():
        if character in "READYGMOVLIT!FNHSUP":
            # a dark outline, so that it can be read anywhere
            for y in range(8):
                for x in range(8):
                    around = [
                        pic[b][a]
                        for a in (x - 1, x, x + 1)
                        for b in (y - 1, y, y + 1)
                        if 0 <= a < 8 and 0 <= b < 8 and pic[b][a] > 1
                    ]
                    if not pic[y][x] and around:
                        pic[y][x] = 1
            lines.append(f"T_{'MARK' if character == '!' else character:10} = ${at:02x}")
            rest.put(at, pic)
            at += 1
    return fox, rest, "\n".join(lines) + "\n", fox_tables


def generated_files(version=0):
    """Return what the assembler includes besides the sources: {file name: bytes}."""
    font, terrain, moving = font_bank(version), Bank(0x40), Bank(0x80, frames=4)
    piece_names, tables = place_pieces(font, terrain, moving)
    strips, banks = [], []
    for theme in range(4):
        bank = Bank(0xC0)
        strips.append(scenery(theme, bank, font))
        banks.append(bank)
    logo, title_tables = title(font)
    fox, rest, sprite_names, fox_tables = sprite_banks()
    chr_data = font.data() + terrain.data() + b"".join(moving.data(frame) for frame in range(4))
    chr_data += b"".join(bank.data() for bank in banks) + logo.data() + fox.data() + rest.data()
    assert len(chr_data) == 16384, len(chr_data)
    data = tables + fox_tables + title_tables
    if version >= 1:
        data += table("low_digits", LOW_DIGITS)
    data += "".join(table(f"strip{theme}", strip) for theme, strip in enumerate(strips))
    return {
        "tiles.chr": chr_data,
        "names.inc": ("; generated by assets.py\n" + piece_names + sprite_names).encode(),
        "tables.inc": ("; generated by assets.py\n" + data).encode(),
        "music.inc": music.assembly().encode(),
    }
