// Sprite 0 hit and sprite overflow: whether, and in which dot. NESdev "PPU OAM" (sprite zero hits), "PPU sprite evaluation" (the
// overflow bug).
#include "tests.hpp"

namespace nes::test {
namespace {

// Reads ppustatus in `cycle`, three cycles into an LDA, to $10.
std::string read_in(std::uint64_t cycle) {
    return ".delay " + std::to_string(cycle - 3 - Scene::kCode) + "\n lda $2002\n sta $10";
}

constexpr unsigned kHit = 0x40, kOverflow = 0x20;

// The flag in the last line of the picture.
void expect_flag(const std::string& what, Scene scene, unsigned flag, bool set) {
    scene.code = read_in(first_access_after(dot_clock(1, 239, 300)));
    for (const bool draw : {true, false}) {
        scene.draw = draw;
        scene.run(what, [&](const Console& c) { CHECK_EQ(c.ram()[0x10] & flag, set ? flag : 0u); });
    }
    if (flag != kHit) return;
    // And with registers written within its lines, which the fast PPU then draws in parts.
    scene.code.clear();
    std::uint64_t at = Scene::kCode;
    for (unsigned line = 48; line < 60; ++line) {
        const std::uint64_t write = first_access_after(dot_clock(1, line, 290));
        scene.code += ".delay " + std::to_string(write - at - 5) + "\n lda #0\n sta $2003\n";
        at = write + 1;
    }
    scene.code +=
        ".delay " + std::to_string(first_access_after(dot_clock(1, 239, 300)) - at - 3) + "\n lda $2002\n sta $10";
    scene.run(what + ", in parts", [&](const Console& c) { CHECK_EQ(c.ram()[0x10] & flag, set ? flag : 0u); });
    scene.code = "wait: bit $2002\n bvc wait\n lda #1\n sta $10";
    scene.run(what + ", waited for", [&](const Console& c) { CHECK_EQ(c.ram()[0x10], set ? 1 : 0); });
}

// The flag is set in the dot `clock` and no earlier: reads in the cycles about it.
void expect_dot(const std::string& what, Scene scene, unsigned flag, std::uint64_t clock) {
    for (const int cycle : {-1, 0, 1}) {
        const std::uint64_t read = first_access_after(clock) + static_cast<std::uint64_t>(cycle);
        scene.code = read_in(read);
        scene.run(what + ", read " + std::to_string(static_cast<int>(3 * read + 1 - clock)) + " dots later",
                  [&](const Console& c) { CHECK_EQ(c.ram()[0x10] & flag, 3 * read + 1 >= clock ? flag : 0u); });
    }
}

void test_hit() {
    Scene scene;
    scene.fill = 1;
    scene.sprites = {{100, 50, 1, 0}};
    expect_flag("opaque on opaque", scene, kHit, true);
    Scene other = scene;
    other.sprites[0].attributes = 0x20;
    expect_flag("a sprite behind the background hits as well", other, kHit, true);
    other = scene;
    other.sprites.insert(other.sprites.begin(), {10, 50, 0, 0});
    expect_flag("no other sprite does", other, kHit, false);
    other = scene;
    other.fill = 0;
    expect_flag("an empty background is not hit", other, kHit, false);
    other = scene;
    other.sprites[0].tile = 0;
    expect_flag("an empty sprite does not hit", other, kHit, false);
    other = scene;
    other.mask = 0x16;
    expect_flag("no background", other, kHit, false);
    other.mask = 0x0E;
    expect_flag("no sprites", other, kHit, false);
    // The last pixel of a line never hits; the one before does.
    other = scene;
    other.sprites[0] = {255, 50, 1, 0};
    expect_flag("pixel 255", other, kHit, false);
    other.sprites[0].x = 254;
    expect_flag("pixel 254", other, kHit, true);
    // The left eight pixels hit only when both are shown there.
    for (const unsigned mask : {0x18u, 0x1Au, 0x1Cu, 0x1Eu}) {
        other = scene;
        other.mask = mask;
        other.sprites[0] = {0, 50, 1, 0};
        expect_flag("the left eight pixels, ppumask " + std::to_string(mask), other, kHit, mask == 0x1E);
        other.sprites[0].x = 1;
        expect_flag("and the ninth, ppumask " + std::to_string(mask), other, kHit, true);
    }
    // Lines: Y 238 is shown in the last line, Y 239 and more nowhere; line 0 shows none.
    other = scene;
    other.sprites[0] = {100, 237, 1, 0};
    expect_flag("Y 237", other, kHit, true);
    other.sprites[0].y = 239;
    expect_flag("Y 239", other, kHit, false);
    other.sprites[0].y = 255;
    expect_flag("Y 255", other, kHit, false);
}

void test_hit_dot() {
    Scene scene;
    scene.fill = 1;
    for (const unsigned x : {8u, 9u, 10u, 100u, 201u, 254u}) {
        scene.sprites = {{x, 50, 1, 0}};
        // Pixel x of line Y + 1 is put out in dot x + 1.
        expect_dot("a hit at " + std::to_string(x), scene, kHit, dot_clock(1, 51, x + 1));
    }
    // Where the two first meet: tile 5 has the bottom right pixel only.
    Scene corner;
    corner.fill = 1;
    corner.sprites = {{60, 90, 5, 0}};
    expect_dot("the corner of a sprite", corner, kHit, dot_clock(1, 98, 68));
    corner.sprites[0].attributes = 0x40;
    expect_dot("flipped in X", corner, kHit, dot_clock(1, 98, 61));
    corner.sprites[0].attributes = 0xC0;
    expect_dot("flipped in both", corner, kHit, dot_clock(1, 91, 61));
    Scene tile;
    tile.memory = {{0x2000 + 10 * 32 + 10, 5}};
    tile.sprites = {{80, 79, 1, 0}};
    expect_dot("the corner of a tile", tile, kHit, dot_clock(1, 87, 88));
    tile.scroll_x = 3;
    expect_dot("scrolled by 3", tile, kHit, dot_clock(1, 87, 85));
    tile.scroll_x = 0;
    tile.scroll_y = 2;
    expect_dot("scrolled down by 2", tile, kHit, dot_clock(1, 85, 88));
    Scene tall;
    tall.ctrl = 0x20;
    tall.fill = 1;
    tall.sprites = {{80, 79, 7, 0}};
    tall.memory = {};
    expect_dot("the top of a sprite of 16 lines", tall, kHit, dot_clock(1, 80, 81));
    tall.sprites[0].attributes = 0x80;
    expect_dot("upside down", tall, kHit, dot_clock(1, 80, 81));
    // The flag falls in the pre-render line, a dot before that of vertical blank is seen to fall (blargg, sprite_hit_tests).
    Scene fall;
    fall.fill = 1;
    fall.sprites = {{100, 50, 1, 0}};
    for (const int cycle : {-1, 0, 1}) {
        const std::uint64_t clock = dot_clock(1, 261, 0);
        const std::uint64_t read = first_access_after(clock) + static_cast<std::uint64_t>(cycle);
        fall.code = read_in(read);
        fall.run(
            "the hit ends with vertical blank",
            [&](const Console& c) { CHECK_EQ(c.ram()[0x10] & kHit, 3 * read + 1 >= clock ? 0u : kHit); }, 2);
    }
}

// `count` sprites on line 61, spread over OAM.
Scene crowd(unsigned count, unsigned y = 60) {
    Scene scene;
    for (unsigned i = 0; i < count; ++i) scene.sprites.push_back({8 * i, y, 0, 0});
    return scene;
}

void test_overflow() {
    expect_flag("eight sprites on a line", crowd(8), kOverflow, false);
    expect_flag("nine", crowd(9), kOverflow, true);
    Scene scene = crowd(9);
    scene.mask = 0x08;
    expect_flag("nine, background only", scene, kOverflow, true);
    scene.mask = 0x10;
    expect_flag("nine, sprites only", scene, kOverflow, true);
    scene.mask = 0x06;
    expect_flag("nine, nothing shown", scene, kOverflow, false);
    expect_flag("nine in line 239", crowd(9, 239), kOverflow, true);
    expect_flag("nine below the picture", crowd(9, 240), kOverflow, false);
    scene = crowd(8);
    scene.sprites.push_back({0, 68, 0, 0});
    expect_flag("eight, and one below them", scene, kOverflow, false);
    scene.ctrl = 0x20;
    expect_flag("which sprites of 16 lines reach", scene, kOverflow, true);
    // The bug: behind the eighth sprite each sprite that is not on the line moves the comparison on by a byte as well. The ninth is
    // not on the line, so of the tenth the tile is compared, of the eleventh the attributes, of the twelfth X.
    const auto bug = [](std::vector<Sprite> rest) {
        Scene made = crowd(8);
        made.sprites.insert(made.sprites.end(), rest.begin(), rest.end());
        return made;
    };
    expect_flag("the tenth by its Y alone is not seen", bug({{0, 200, 0, 0}, {0, 60, 0, 0}}), kOverflow, false);
    expect_flag("but by its tile", bug({{0, 200, 0, 0}, {0, 200, 60, 0}}), kOverflow, true);
    expect_flag("the eleventh by its attributes", bug({{0, 200, 0, 0}, {0, 200, 0, 0}, {0, 200, 0, 0x41}}), kOverflow,
                true);
    expect_flag("the twelfth by its X", bug({{0, 200, 0, 0}, {0, 200, 0, 0}, {0, 200, 0, 0}, {61, 200, 0, 0}}),
                kOverflow, true);
    expect_flag("the thirteenth by its Y again",
                bug({{0, 200, 0, 0}, {0, 200, 0, 0}, {0, 200, 0, 0}, {0, 200, 0, 0}, {0, 60, 0, 0}}), kOverflow, true);
}

void test_overflow_dot() {
    // Evaluation begins in dot 65. It takes two dots for each sprite that is not on the line and eight for one that is; the ninth
    // is recognised in the even dot behind its Y was read.
    expect_dot("the ninth sprite", crowd(9), kOverflow, dot_clock(1, 60, 65 + 8 * 8 + 1));
    Scene scene;
    for (unsigned i = 0; i < 20; ++i) scene.sprites.push_back({0, i == 3 || i == 8 ? 200u : 60u, 0, 0});
    // Sprites 0-2, 4-7 and 9 fill the eight; 3 and 8 take two dots; the next is number 10.
    expect_dot("with others between them", scene, kOverflow, dot_clock(1, 60, 65 + 8 * 8 + 2 * 2 + 1));
}

}  // namespace

void test_sprite_flags() {
    test_hit();
    test_hit_dot();
    test_overflow();
    test_overflow_dot();
}

}  // namespace nes::test
