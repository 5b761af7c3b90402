// The background as a picture: tiles, attributes, scrolling, clipping, the backdrop, and registers written within the picture.
// NESdev "PPU rendering", "PPU scrolling", "PPU registers" (ppumask).
#include "tests.hpp"

namespace nes::test {
namespace {

constexpr unsigned kBackdrop = 0x0F;

// Tile 4 has its top left pixel only: where a tile is shows to the pixel. `at`: its place in the nametable at $2000.
std::pair<unsigned, unsigned> mark(unsigned column, unsigned row, unsigned table = 0, unsigned tile = 4) {
    return {0x2000 + table * 0x400 + row * 32 + column, tile};
}

// All pixels of colour `colour` in lines `first` to `last`, as "x,y x,y".
std::string places(const Console& console, unsigned colour, unsigned first = 0, unsigned last = 239) {
    std::string text;
    for (unsigned y = first; y <= last; ++y) {
        for (unsigned x = 0; x < 256; ++x) {
            if (pixel(console, x, y) == colour)
                text += (text.empty() ? "" : " ") + std::to_string(x) + "," + std::to_string(y);
        }
    }
    return text;
}

void test_tiles() {
    Scene scene;
    scene.memory = {mark(0, 0), mark(31, 0), mark(5, 3), mark(31, 29), {0x1000, 0}};
    scene.run("tiles stand where the nametable has them",
              [](const Console& c) { CHECK_EQ(places(c, 1), std::string("0,0 248,0 40,24 248,232")); });
    scene.ctrl = 0x10;
    scene.memory = {mark(5, 3, 0, 7)};
    scene.run("bit 4 of ppuctrl chooses the upper pattern table", [](const Console& c) {
        CHECK_EQ(pixel(c, 40, 24), 1u);
        CHECK_EQ(pixel(c, 47, 31), 1u);
        CHECK_EQ(pixel(c, 48, 31), kBackdrop);
    });
    scene.ctrl = 0;
    scene.run("tile 7 is empty in the lower one", [](const Console& c) { CHECK_EQ(places(c, 1), std::string("")); });
    // Attributes: two bits for 16 x 16 pixels, of the byte of 32 x 32: top left lowest.
    Scene attributes;
    attributes.fill = 3;
    attributes.memory = {{0x23C0 + 8 + 1, 0xE4}, {0x23C0 + 7 * 8, 0x55}};
    attributes.run("attributes choose the palette of 16 x 16 pixels", [](const Console& c) {
        CHECK_EQ(pixel(c, 32, 32), 3u);
        CHECK_EQ(pixel(c, 47, 47), 3u);
        CHECK_EQ(pixel(c, 48, 32), 7u);
        CHECK_EQ(pixel(c, 32, 48), 11u);
        CHECK_EQ(pixel(c, 63, 63), 15u);
        CHECK_EQ(pixel(c, 64, 32), 3u);
        CHECK_EQ(pixel(c, 0, 224), 7u);
        CHECK_EQ(pixel(c, 0, 239), 7u);
    });
}

void test_scroll() {
    for (const unsigned x : {0u, 1u, 7u, 8u, 60u, 255u}) {
        for (const unsigned y : {0u, 1u, 7u, 8u, 100u, 239u}) {
            Scene scene;
            scene.scroll_x = x;
            scene.scroll_y = y;
            scene.vertical = true;
            scene.memory = {mark(9, 14), mark(3, 20, 1)};
            scene.run("scrolled by " + std::to_string(x) + ", " + std::to_string(y), [&](const Console& c) {
                std::string expected;
                // A picture of 512 x 240 that comes round: nametables 0 and 1, which vertical mirroring repeats below.
                for (unsigned line = 0; line < 240; ++line) {
                    for (unsigned column = 0; column < 256; ++column) {
                        const unsigned at_x = (column + x) % 512, at_y = (line + y) % 240;
                        if ((at_x == 72 && at_y == 112) || (at_x == 256 + 24 && at_y == 160)) {
                            expected +=
                                (expected.empty() ? "" : " ") + std::to_string(column) + "," + std::to_string(line);
                        }
                    }
                }
                CHECK_EQ(places(c, 1), expected);
            });
        }
    }
    Scene down;
    down.scroll_y = 120;
    down.memory = {mark(4, 1, 2), mark(4, 20, 0)};
    down.run("the nametable below comes after row 29",
             [](const Console& c) { CHECK_EQ(places(c, 1), std::string("32,40 32,128")); });
    down.scroll_y = 0;
    down.ctrl = 2;
    down.run("bits 0 and 1 of ppuctrl choose the first nametable",
             [](const Console& c) { CHECK_EQ(places(c, 1), std::string("32,8")); });
    // Rows 30 and 31 hold attributes, read as tiles; the row after them is row 0 of the same nametable.
    Scene beyond;
    beyond.scroll_y = 240;
    beyond.memory = {{0x23C0 + 4, 4}, mark(6, 0)};
    beyond.run("a scroll beyond row 29 shows attributes as tiles, and comes back to the same nametable",
               [](const Console& c) { CHECK_EQ(places(c, 1), std::string("32,0 48,16")); });
}

void test_mask() {
    Scene scene;
    scene.fill = 1;
    scene.run("the whole picture", [](const Console& c) {
        CHECK_EQ(pixel(c, 0, 0), 1u);
        CHECK_EQ(pixel(c, 255, 239), 1u);
    });
    scene.mask = 0x18;
    scene.run("bit 1 of ppumask clear hides the left eight pixels of the background", [](const Console& c) {
        CHECK_EQ(pixel(c, 7, 100), kBackdrop);
        CHECK_EQ(pixel(c, 8, 100), 1u);
    });
    scene.mask = 0x16;
    scene.run("bit 3 clear hides the background", [](const Console& c) { CHECK_EQ(places(c, 1), std::string("")); });
    scene.mask = 0x1F;
    scene.memory = {{0x3F01, 0x2A}};
    scene.run("bit 0 makes it grey", [](const Console& c) { CHECK_EQ(pixel(c, 100, 100), 0x20u); });
    scene.mask = 0;
    scene.run("nothing shown: the backdrop", [](const Console& c) { CHECK_EQ(pixel(c, 100, 100), kBackdrop); });
    scene.memory = {{0x3F07, 0x21}};
    scene.code = "lda #$3F\n sta $2006\n lda #$07\n sta $2006\n";
    scene.run("nothing shown and v in the palette: that entry",
              [](const Console& c) { CHECK_EQ(pixel(c, 100, 100), 0x21u); });
}

// A write in cycle n takes place behind dot 3n + 1; a value of ppumask works from three dots later on.
void test_writes_within_the_picture() {
    const auto code_before = [](unsigned line, unsigned dot, const std::string& store, unsigned cycles_before_write) {
        const std::uint64_t write = first_access_after(dot_clock(1, line, dot));
        return ".delay " + std::to_string(write - cycles_before_write - Scene::kCode) + "\n" + store;
    };
    Scene scene;
    scene.fill = 1;
    for (unsigned dot = 100; dot < 103; ++dot) {
        scene.code = code_before(100, dot, "lda #$16\n sta $2001", 5);
        scene.run("the background is switched off at dot " + std::to_string(dot), [&](const Console& c) {
            // Behind dot 3n + 1 the mask is what it was for three dots: dot d shows pixel d - 1.
            const std::uint64_t write = 3 * first_access_after(dot_clock(1, 100, dot)) + 1 - dot_clock(1, 100, 0);
            const unsigned last = static_cast<unsigned>(write) + 3 - 1;
            CHECK_EQ(pixel(c, last, 100), 1u);
            CHECK_EQ(pixel(c, last + 1, 100), kBackdrop);
            CHECK_EQ(pixel(c, 255, 99), 1u);
            CHECK_EQ(pixel(c, 0, 101), kBackdrop);
        });
    }
    // The second write to $2006 moves the picture: v is t from there on, and its vertical half goes on counting.
    Scene split;
    split.memory = {mark(10, 20), mark(10, 3), mark(20, 13)};
    split.code = code_before(100, 260, "lda #$22\n ldx #$80\n sta $2006\n stx $2006", 11);
    split.run("$2006 in line 100 shows row 20 from line 101 on", [](const Console& c) {
        // v = $2280: row 20, fine Y 2; the write comes after dot 257, so t's coarse X 0 has come, and fetches begin at $280.
        CHECK_EQ(places(c, 1), std::string("80,24"));
        // Fine Y 2 of row 20 is shown in line 101: row 21 begins six lines later.
    });
    split.memory.push_back(mark(11, 21));
    split.run("and row 21 six lines later",
              [](const Console& c) { CHECK_EQ(places(c, 1), std::string("80,24 88,107")); });
    // v is t from three dots behind the write on: before v counts on by a line in dot 256, or after it.
    for (unsigned line = 100; line < 103; ++line) {
        for (unsigned dot = 250; dot < 258; dot += 3) {
            Scene edge;
            edge.memory = {mark(11, 21)};
            edge.code = code_before(line, dot, "lda #$22\n ldx #$80\n sta $2006\n stx $2006", 11);
            const std::uint64_t write = 3 * first_access_after(dot_clock(1, line, dot)) + 1 - dot_clock(1, line, 0);
            const unsigned row = write + 3 < 256 ? line + 6 : line + 7;
            edge.run("$2006 behind dot " + std::to_string(write),
                     [&](const Console& c) { CHECK_EQ(places(c, 1), "88," + std::to_string(row)); });
        }
    }
    // $2005 within the picture: X takes effect in the next line, Y not before the next picture.
    Scene bars;
    for (unsigned row = 0; row < 30; ++row) bars.memory.push_back(mark(10, row, 0, 1));
    bars.code = code_before(100, 150, "lda #4\n sta $2005\n lda #99\n sta $2005", 5);
    bars.run("$2005 in line 100", [](const Console& c) {
        CHECK_EQ(pixel(c, 80, 99), 1u);
        CHECK_EQ(pixel(c, 76, 99), kBackdrop);
        CHECK_EQ(pixel(c, 76, 101), 1u);
        CHECK_EQ(pixel(c, 84, 101), kBackdrop);
        CHECK_EQ(pixel(c, 76, 239), 1u);
    });
    // Fine X works at once; coarse X with dot 257.
    Scene fine;
    fine.fill = 4;
    fine.code = code_before(104, 100, "lda #3\n sta $2005", 5);
    fine.run("fine X in line 104 works at once", [](const Console& c) {
        const unsigned from =
            static_cast<unsigned>(3 * first_access_after(dot_clock(1, 104, 100)) + 1 - dot_clock(1, 104, 0));
        for (unsigned x = 0; x < 256; ++x) {
            const bool lit = x < from ? x % 8 == 0 : x % 8 == 5;
            CHECK_EQ(pixel(c, x, 104), lit ? 1u : kBackdrop);
        }
    });
    // A change of the nametable by ppuctrl comes with dot 257 as well.
    Scene table;
    table.vertical = true;
    for (unsigned row = 0; row < 30; ++row) table.memory.push_back(mark(10, row, 1, 1));
    table.code = code_before(100, 150, "lda #1\n sta $2000", 5);
    table.run("bit 0 of ppuctrl in line 100", [](const Console& c) {
        CHECK_EQ(pixel(c, 80, 100), kBackdrop);
        CHECK_EQ(pixel(c, 80, 101), 1u);
        CHECK_EQ(pixel(c, 80, 239), 1u);
    });
    // An access to ppudata while the picture is drawn moves v by a tile and by a line (NESdev "PPU scrolling").
    Scene data;
    data.memory = {mark(10, 20), mark(12, 25)};
    data.code = code_before(100, 300, "lda $2007", 3);
    data.run("ppudata read in line 100 moves the rest of the picture up by a line", [](const Console& c) {
        // The read is between the fetches of sprites: X comes back from t only in the next line, so line 101 is a tile further.
        CHECK_EQ(places(c, 1), std::string("80,159 96,199"));
    });
}

}  // namespace

void test_background() {
    test_tiles();
    test_scroll();
    test_mask();
    test_writes_within_the_picture();
}

}  // namespace nes::test
