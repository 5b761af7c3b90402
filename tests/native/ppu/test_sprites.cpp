// Sprites as a picture: place, flips, sizes, priority, clipping, eight on a line. NESdev "PPU OAM", "PPU sprite priority",
// "PPU rendering".
#include "tests.hpp"

namespace nes::test {
namespace {

constexpr unsigned kBackdrop = 0x0F;
constexpr unsigned kFlipX = 0x40, kFlipY = 0x80, kBehind = 0x20;

void test_places() {
    Scene scene;
    // Tile 4 has its top left pixel, tile 5 its bottom right one, in colour 1; a sprite shows a line below its Y.
    scene.sprites = {{10, 20, 4, 0},  {30, 20, 4, kFlipX}, {50, 20, 4, kFlipY}, {70, 20, 4, kFlipX | kFlipY},
                     {90, 20, 5, 1},  {248, 40, 5, 2},     {255, 50, 4, 3},     {100, 238, 4, 0},
                     {120, 239, 4, 0}};
    scene.run("sprites", [](const Console& c) {
        std::string lit;
        for (unsigned y = 0; y < 240; ++y) {
            for (unsigned x = 0; x < 256; ++x) {
                if (pixel(c, x, y) != kBackdrop) {
                    lit += std::to_string(x) + "," + std::to_string(y) + ":" + std::to_string(pixel(c, x, y)) + " ";
                }
            }
        }
        CHECK_EQ(lit, std::string("10,21:17 37,21:17 50,28:17 77,28:17 97,28:21 255,48:25 255,51:29 100,239:17 "));
    });
    scene.sprites = {{10, 20, 7, 0}};
    scene.ctrl = 0x08;
    scene.run("bit 3 of ppuctrl chooses the upper pattern table", [](const Console& c) {
        CHECK_EQ(pixel(c, 10, 21), 0x11u);
        CHECK_EQ(pixel(c, 17, 28), 0x11u);
        CHECK_EQ(pixel(c, 18, 28), kBackdrop);
        CHECK_EQ(pixel(c, 10, 29), kBackdrop);
    });
    // 8 x 16: bit 0 of the tile chooses the table, the pair of tiles is even and odd. Tiles 6 (its top row) and 7.
    scene.ctrl = 0x20;
    scene.sprites = {{10, 20, 6, 0}, {30, 20, 7, 0}, {50, 20, 7, kFlipY}};
    scene.run("sprites of 16 lines", [](const Console& c) {
        CHECK_EQ(pixel(c, 10, 21), 0x11u);
        CHECK_EQ(pixel(c, 10, 22), kBackdrop);
        CHECK_EQ(pixel(c, 10, 29), kBackdrop);
        CHECK_EQ(pixel(c, 30, 21), 0x11u);
        CHECK_EQ(pixel(c, 30, 22), kBackdrop);
        CHECK_EQ(pixel(c, 30, 29), 0x11u);
        CHECK_EQ(pixel(c, 30, 36), 0x11u);
        CHECK_EQ(pixel(c, 30, 37), kBackdrop);
        CHECK_EQ(pixel(c, 50, 21), 0x11u);
        CHECK_EQ(pixel(c, 50, 28), 0x11u);
        CHECK_EQ(pixel(c, 50, 29), kBackdrop);
        CHECK_EQ(pixel(c, 50, 36), 0x11u);
    });
}

void test_priority() {
    Scene scene;
    scene.fill = 2;
    // Sprite 1 lies under sprite 0, whatever their attributes; a sprite behind the background hides those of lower priority.
    scene.sprites = {{100, 50, 1, 0}, {104, 50, 3, 1}, {20, 80, 1, kBehind}, {24, 80, 3, 1}, {60, 110, 1, kBehind}};
    scene.memory = {{0x2000 + 14 * 32 + 7, 0}};
    scene.run("priority", [](const Console& c) {
        CHECK_EQ(pixel(c, 99, 51), 2u);
        CHECK_EQ(pixel(c, 100, 51), 0x11u);
        CHECK_EQ(pixel(c, 107, 51), 0x11u);
        CHECK_EQ(pixel(c, 108, 51), 0x17u);
        CHECK_EQ(pixel(c, 20, 81), 2u);
        CHECK_EQ(pixel(c, 27, 81), 2u);
        CHECK_EQ(pixel(c, 28, 81), 0x17u);
        CHECK_EQ(pixel(c, 60, 112), 0x11u);  // the tile at 56 to 63 of row 14 is empty
        CHECK_EQ(pixel(c, 64, 112), 2u);
    });
    scene.mask = 0x16;
    scene.run("without a background sprites behind it are shown", [](const Console& c) {
        CHECK_EQ(pixel(c, 20, 81), 0x11u);
        CHECK_EQ(pixel(c, 64, 112), 0x11u);
    });
    scene.mask = 0x0E;
    scene.run("bit 4 of ppumask clear hides them", [](const Console& c) { CHECK_EQ(pixel(c, 100, 51), 2u); });
    Scene left;
    left.sprites = {{4, 50, 1, 0}};
    left.mask = 0x1A;
    left.run("bit 2 clear hides their left eight pixels", [](const Console& c) {
        CHECK_EQ(pixel(c, 7, 51), kBackdrop);
        CHECK_EQ(pixel(c, 8, 51), 0x11u);
        CHECK_EQ(pixel(c, 11, 51), 0x11u);
        CHECK_EQ(pixel(c, 12, 51), kBackdrop);
    });
    Scene clipped;
    clipped.fill = 1;
    clipped.sprites = {{4, 50, 2, kBehind}};
    clipped.mask = 0x1C;
    clipped.run("a sprite behind a background that is clipped is shown", [](const Console& c) {
        CHECK_EQ(pixel(c, 4, 51), 0x12u);
        CHECK_EQ(pixel(c, 7, 51), 0x12u);
        CHECK_EQ(pixel(c, 8, 51), 1u);
    });
}

void test_eight_on_a_line() {
    Scene scene;
    for (unsigned i = 0; i < 10; ++i) scene.sprites.push_back({10 + 20 * i, i == 9 ? 68u : 60u, 1, 0});
    scene.sprites.push_back({230, 64, 1, 0});
    scene.run("eight on a line, those that come first in OAM", [](const Console& c) {
        for (unsigned i = 0; i < 8; ++i) CHECK_EQ(pixel(c, 10 + 20 * i, 61), 0x11u);
        CHECK_EQ(pixel(c, 170, 61), kBackdrop);
        CHECK_EQ(pixel(c, 170, 68), kBackdrop);
        CHECK_EQ(pixel(c, 190, 69), 0x11u);
        CHECK_EQ(pixel(c, 230, 68), kBackdrop);
        CHECK_EQ(pixel(c, 230, 69), 0x11u);
    });
}

// What a read of oamdata shows while the picture is drawn (NESdev "PPU OAM"): $FF while secondary OAM is cleared. A write does
// nothing to OAM but moves its address on by four.
void test_oam_within_the_picture() {
    const auto at = [](unsigned line, unsigned dot, const std::string& access) {
        const std::uint64_t cycle = first_access_after(dot_clock(1, line, dot));
        return ".delay " + std::to_string(cycle - 3 - Scene::kCode) + "\n" + access;
    };
    Scene scene;
    scene.sprites = {{10, 200, 4, 0}};
    scene.code = at(100, 20, "lda $2004\n sta $10");
    scene.run("oamdata in dot 20 of a line", [](const Console& c) { CHECK_EQ(c.ram()[0x10], 0xFF); });
    scene.code = at(250, 20, "lda $2004\n sta $10");
    scene.run("oamdata in vertical blank", [](const Console& c) { CHECK_EQ(c.ram()[0x10], 200); }, 2);
    scene.code = at(100, 20, "sta $2004");
    scene.run("a write within the picture does not store", [](const Console& c) {
        CHECK_EQ(const_cast<Console&>(c).oam()[0], 200);
        CHECK_EQ(const_cast<Console&>(c).oam()[4], 0xFF);
        CHECK_EQ(pixel(c, 10, 201), 0x11u);
    });
    // Dots 257 to 320 set the address to 0, whatever it was.
    const std::uint64_t off = first_access_after(dot_clock(1, 100, 318));
    scene.code = "lda #$44\n sta $2003\n lda #0\n .delay " + std::to_string(off - 3 - Scene::kCode - 8) +
                 "\n sta $2001\n nop\n nop\n lda $2004\n sta $10";
    scene.run("oamaddr is 0 behind the fetches of sprites", [](const Console& c) { CHECK_EQ(c.ram()[0x10], 200); });
}

// Rendering that is switched off and on within the picture copies rows of OAM over others. The 2C07 of PAL is free of that.
void test_oam_corruption() {
    const std::string text = R"(
reset:  ldx #0
fill:   txa
        sta $0200,x
        inx
        bne fill
        bit $2002
wait:   bit $2002
        bpl wait
next:   bit $2002
        bpl next
        lda #0
        sta $2003
        lda #2
        sta $4014
        lda #$1E
        sta $2001
        .delay 10000
        ldy #100
toggle: lda #0
        sta $2001
        .delay 11
        lda #$1E
        sta $2001
        .delay 24
        dey
        bne toggle
        lda #0
        sta $2001
        ldx #0
look:   stx $2003
        txa
        and #3
        cmp #2          ; of attributes bits are missing
        beq same
        txa
        cmp $2004
        beq same
        iny
same:   inx
        bne look
        cpy #0
        beq none
        ldy #1
none:   sty $10
        jmp done
)";
    Options options;
    for (const RegionOption region : {RegionOption::ntsc, RegionOption::pal, RegionOption::dendy}) {
        options.region = region;
        const bool corrupts = region != RegionOption::pal;
        expect("OAM after rendering was switched within the picture, region " +
                   std::to_string(static_cast<int>(region)),
               text, {corrupts}, false, false, options);
    }
}

}  // namespace

void test_sprites() {
    test_places();
    test_priority();
    test_eight_on_a_line();
    test_oam_within_the_picture();
    test_oam_corruption();
}

}  // namespace nes::test
