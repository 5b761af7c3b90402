// The vblank flag, its NMI and the length of frames. NESdev "PPU frame timing", "PPU registers" (ppustatus).
#include "tests.hpp"

namespace nes::test {
namespace {

constexpr std::uint64_t kRise = dot_clock(0, 241, 1);

// Reads ppustatus in cycle `read`, again later, and counts the NMIs: bytes $10, $11, $12. `mask` is written to ppumask in the
// first vertical blank.
std::string read_in(std::uint64_t read, unsigned mask = 0) {
    return fill(R"(
reset:  .delay 28000
        lda #{1}
        sta $2001
        .delay {0}
        lda #$80
        sta $2000
        .delay 500
        lda $2002
        sta $10
        .delay 30
        lda $2002
        and #$80
        sta $11
        lda $10
        and #$80
        sta $10
        lda #0
        sta $2000
        jmp done
nmi:    inc $12
        rti
)",
                {std::to_string(read - 3 - 500 - 6 - 6 - 28000 - 7), std::to_string(mask)});
}

// A read one dot before the flag is set sees it clear and keeps it from being set; in the same dot or the next the read sees it
// set and keeps the NMI from coming.
void test_races() {
    unsigned distances = 0;
    for (unsigned frame = 1; frame < 4; ++frame) {
        const std::uint64_t rise = kRise + frame * kFrameDots;
        for (int cycle = -2; cycle <= 2; ++cycle) {
            const std::uint64_t read = rise / 3 + static_cast<std::uint64_t>(cycle);
            const int distance = static_cast<int>(3 * read + 1) - static_cast<int>(rise);
            if (distance >= -4 && distance <= 4) distances |= 1u << (distance + 4);
            const bool seen = distance >= 0;
            const bool later = distance < -1;
            const bool nmi = distance < -1 || distance > 1;
            expect("ppustatus read " + std::to_string(distance) + " dots after vertical blank", read_in(read),
                   {static_cast<std::uint8_t>(seen ? 0x80 : 0), static_cast<std::uint8_t>(later ? 0x80 : 0),
                    static_cast<std::uint8_t>(nmi)});
        }
    }
    CHECK_EQ(distances, 0x1FFu);  // all from -4 to 4
}

// The flag falls in dot 1 of the pre-render line.
void test_end() {
    for (unsigned frame = 1; frame < 4; ++frame) {
        const std::uint64_t fall = dot_clock(frame, 261, 1);
        for (int cycle = -2; cycle <= 2; ++cycle) {
            const std::uint64_t read = fall / 3 + static_cast<std::uint64_t>(cycle);
            const bool seen = 3 * read + 1 < fall;
            expect(
                "ppustatus read about the end of vertical blank",
                fill("reset: .delay {0}\n lda $2002\n and #$80\n sta $10\n jmp done\n", {std::to_string(read - 3 - 7)}),
                {static_cast<std::uint8_t>(seen ? 0x80 : 0)});
        }
    }
}

// With background or sprites shown every second frame is a dot shorter; here the third. A race one dot earlier shows it.
void test_odd_frames() {
    for (const unsigned mask : {0u, 0x08u, 0x10u, 0x18u, 0x06u}) {
        const unsigned skipped = mask & 0x18 ? 1 : 0;
        for (unsigned frame = 2; frame < 5; ++frame) {
            // Frame 1 was left by the pre-render line with the skip; frame 3 too.
            const std::uint64_t rise = kRise + frame * kFrameDots - (frame / 2) * skipped;
            const std::uint64_t read = rise / 3;
            const int distance = static_cast<int>(3 * read + 1) - static_cast<int>(rise);
            expect("the length of odd frames, ppumask " + std::to_string(mask) + ", frame " + std::to_string(frame),
                   read_in(read, mask),
                   {static_cast<std::uint8_t>(distance >= 0 ? 0x80 : 0),
                    static_cast<std::uint8_t>(distance < -1 ? 0x80 : 0),
                    static_cast<std::uint8_t>(distance < -1 || distance > 1)});
            const std::uint64_t before = read - 1;
            const int further = distance - 3;
            expect("the length of odd frames, a cycle before", read_in(before, mask),
                   {0, static_cast<std::uint8_t>(further < -1 ? 0x80 : 0), static_cast<std::uint8_t>(further < -1)});
        }
    }
}

// A PAL frame has 312 lines and is never shorter; 3.2 dots a cycle (NESdev "Cycle reference chart").
void test_pal() {
    for (const RegionOption region : {RegionOption::pal, RegionOption::dendy}) {
        Options options;
        options.region = region;
        const bool pal = region == RegionOption::pal;
        const unsigned vblank_line = pal ? 241 : 291;
        const std::uint64_t rise = vblank_line * 341 + 1 + 312 * 341;
        for (int cycle = -2; cycle <= 2; ++cycle) {
            const std::uint64_t read = (pal ? rise * 5 / 16 : rise / 3) + static_cast<std::uint64_t>(cycle);
            const std::uint64_t clock = (pal ? read * 16 / 5 : read * 3) + 1;
            if (clock + 1 == rise) continue;
            expect(pal ? "vertical blank of PAL" : "vertical blank of Dendy",
                   fill("reset: .delay {0}\n lda $2002\n and #$80\n sta $10\n .delay 20\n lda $2002\n and #$80\n sta "
                        "$11\n jmp done\n",
                        {std::to_string(read - 3 - 7)}),
                   // The flag of the frame before was not read, but fell by itself.
                   {static_cast<std::uint8_t>(clock >= rise ? 0x80 : 0),
                    static_cast<std::uint8_t>(clock >= rise ? 0 : 0x80)},
                   false, false, options);
        }
    }
}

}  // namespace

void test_vblank() {
    test_races();
    test_end();
    test_odd_frames();
    test_pal();
}

}  // namespace nes::test
