// Boards around an MMC3 and its clones: the chip's banks within the outer ones.
#include "tables.hpp"

namespace nes::test {
namespace {

/// Writes bank registers of the chip.
void bank(Fixture& f, unsigned index, unsigned value) {
    f.write(0x8000, index);
    f.write(0x8001, value);
}

// 2 MB of each: 256 banks of 8 KB, 2048 of 1 KB.
constexpr Image large(unsigned mapper, unsigned submapper = 0) {
    return {.mapper = mapper, .submapper = submapper, .prg = 2048, .chr = 2048};
}
constexpr Write kR6{0x8000, 6};
constexpr Write kR2{0x8000, 2};
constexpr Write kRam{0xA001, 0x80};

// clang-format off
// An 8 KB bank of PRG-ROM is four pages. R6 and R2 take banks 0x15 and 0x95, so that a mask shows.
const std::vector<Case>& cases() {
    static const std::vector<Case> kCases = {
        {"ZZ, block 0", board(37), {kRam, {0x6000, 0}, kR6, {0x8001, 0x15}, kR2, {0x8001, 0x95}}, {{0x8000, 20}, {0xE000, 28}, {0x1000, 0x15}}, "0011"},
        {"ZZ, block 3", board(37), {kRam, {0x6000, 3}, kR6, {0x8001, 0x15}}, {{0x8000, 52}, {0xE000, 60}, {0x1000, 4}}, nullptr},
        {"ZZ, block 4", board(37), {kRam, {0x6000, 4}, kR6, {0x8001, 0x1D}}, {{0x8000, 116}, {0xE000, 124}, {0x1000, 0x84}}, nullptr},
        {"ZZ, block 7", board(37), {kRam, {0x6000, 7}, kR6, {0x8001, 0x15}}, {{0x8000, 116}, {0xE000, 124}}, nullptr},
        {"ZZ, RAM not enabled", board(37), {{0xA001, 0}, {0x6000, 7}}, {{0xE000, 28}}, nullptr},
        {"Super Big 7-in-1", large(44), {{0xA001, 0x83}, kR6, {0x8001, 0x15}, kR2, {0x8001, 0x95}}, {{0x8000, 0x35 * 4}, {0xE000, 0x3F * 4}, {0x1000, 0x195}}, nullptr},
        {"Super Big 7-in-1, large block", large(44), {{0xA001, 0x87}, kR6, {0x8001, 0x15}, kR2, {0x8001, 0x95}}, {{0x8000, 0x75 * 4}, {0xE000, 0x7F * 4}, {0x1000, 0x395}}, nullptr},
        {"GA23C", large(45), {{0x6000, 0x40}, {0x6000, 0x60}, {0x6000, 0x5D}, {0x6000, 0x30}, kR6, {0x8001, 0x15}, kR2, {0x8001, 0x95}},
         {{0x8000, ((0x05 | 0x60 | 0x100) & 0xFF) * 4}, {0xE000, 0x6F * 4}, {0x1000, 0x555}}, nullptr},
        {"GA23C, locked", large(45), {{0x6000, 0}, {0x6000, 0x20}, {0x6000, 0x0F}, {0x6000, 0x70}, {0x6000, 0x40}}, {{0xE000, 0x2F * 4}, {0x1000, 4}}, nullptr},
        {"GA23C, opened", large(45), {{0x6000, 0}, {0x6000, 0x20}, {0x6000, 0x0F}, {0x6000, 0x70}, {0x6001, 0}}, {{0xE000, 0x3F * 4}}, nullptr},
        {"QJ", board(47), {kRam, {0x6000, 1}, kR6, {0x8001, 0x05}, kR2, {0x8001, 0x15}}, {{0x8000, 84}, {0xE000, 124}, {0x1000, 0x95}}, nullptr},
        {"Super HiK 4-in-1, menu", board(49), {kRam, {0x6000, 0xB0}}, {{0x8000, 176}, {0xE000, 188}}, nullptr},
        {"Super HiK 4-in-1", board(49), {kRam, {0x6000, 0x41}, kR6, {0x8001, 0x05}}, {{0x8000, 84}, {0xE000, 124}, {0x1000, 0x84}}, nullptr},
        {"Realtec 8213, 256 KB", large(52), {kRam, {0x6000, 0x22}, kR6, {0x8001, 0x15}, kR2, {0x8001, 0x95}}, {{0x8000, 0x35 * 4}, {0xE000, 0x3F * 4}, {0x1000, 0x195}}, nullptr},
        {"Realtec 8213, 128 KB, locked", large(52), {kRam, {0x6000, 0xFD}, {0x6000, 0}, kR6, {0x8001, 0x15}, kR2, {0x8001, 0x95}},
         {{0x8000, 0x55 * 4}, {0xE000, 0x5F * 4}, {0x1000, 0x395}}, nullptr},
        {"Realtec 8213 with CHR-RAM", {.mapper = 52, .submapper = 13, .prg = 512, .chr = 512, .chr_ram = 8}, {kRam, {0x6000, 0x0B}}, {{0x0000, 1000}, {0xE000, 252}}, nullptr},
        {"AB892", {.mapper = 52, .submapper = 14, .prg = 1024, .chr = 1024, .chr_ram = 8}, {kRam, {0x6000, 0x5D}, kR2, {0x8001, 0x95}}, {{0xE000, 0x5F * 4}, {0x1000, 0x295}}, nullptr},
        {"AB892, CHR-RAM", {.mapper = 52, .submapper = 14, .prg = 1024, .chr = 1024, .chr_ram = 8}, {kRam, {0x6000, 0x20}}, {{0x1C00, 1007}}, nullptr},
        {"T4A54A", large(134), {{0x6001, 0x76}, {0x6000, 0x30}, kR6, {0x8001, 0x15}, kR2, {0x8001, 0x95}}, {{0x8000, 0x65 * 4}, {0xE000, 0x6F * 4}, {0x1000, 0x395}}, nullptr},
        {"T4A54A, NROM", large(134), {{0x6001, 0x80}, kR6, {0x8001, 0x05}}, {{0x8000, 16}, {0xC000, 24}}, nullptr},
        {"T4A54A, NROM-128", large(134), {{0x6001, 0x88}, kR6, {0x8001, 0x06}}, {{0x8000, 24}, {0xC000, 24}}, nullptr},
        {"T4A54A, CNROM and lock", large(134), {{0x6001, 0x10}, {0x6000, 0x88}, {0x6002, 0x13}, {0x6001, 0}}, {{0x0000, (32 * 0 + 3) * 8}}, nullptr},
        {"JC-016-2, block 1", board(205), {{0x6000, 1}, kR6, {0x8001, 0x05}, kR2, {0x8001, 0x15}}, {{0x8000, 84}, {0xE000, 124}, {0x1000, 0x95}}, nullptr},
        {"JC-016-2, block 3", large(205), {{0x6000, 3}, kR6, {0x8001, 0x15}, kR2, {0x8001, 0x95}}, {{0x8000, 0x35 * 4}, {0xE000, 0x3F * 4}, {0x1000, 0x195}}, nullptr},
        {"HPxx, MMC3", large(260), {{0x5001, 0x1B}, {0x5002, 0x33}, {0x5000, 3}, kR6, {0x8001, 0x15}, kR2, {0x8001, 0x95}}, {{0x8000, 0x35 * 4}, {0xE000, 0x3F * 4}, {0x1000, 0x195}}, "0011"},
        {"HPxx, NROM-256, locked", large(260), {{0x5001, 0x1B}, {0x5002, 0x33}, {0x5000, 0x85}, {0x5001, 0}, {0x8000, 0}}, {{0x8000, 26 * 8}, {0xC000, 27 * 8}, {0x0000, 0x33 * 8}}, "0101"},
        {"HPxx, CNROM", large(260), {{0x5002, 0x30}, {0x5000, 7}, {0x8000, 7}}, {{0x0000, 0x33 * 8}}, "0011"},
        {"00202650, menu", {.mapper = 392, .prg = 1056, .chr = 1024, .chr_ram = 8}, {}, {{0x8000, 512}, {0x0000, 1000}}, nullptr},
        {"00202650, game", {.mapper = 392, .prg = 1056, .chr = 1024, .chr_ram = 8}, {{0x6000, 0x15}, {0x6000, 0}, kR2, {0x8001, 0x95}}, {{0xE000, 0x5F * 4}, {0x1000, 0x295}}, nullptr},
    };
    return kCases;
}
// clang-format on

void test_resets() {
    struct Sizes {
        unsigned submapper;
        int prg[4];
        int chr[4];
    };
    static constexpr Sizes kSizes[] = {
        {0, {0x0F, 0x1F, 0x2F, 0x3F}, {0x15, 0x95, 0x115, 0x195}},
        {1, {0x1F, 0x3F, 0x5F, 0x7F}, {0x15, 0x95, 0x115, 0x195}},
        {2, {0x0F, 0x1F, 0x2F, 0x3F}, {0x95, 0x195, 0x295, 0x395}},
        {3, {0x1F, 0x3F, 0x5F, 0x7F}, {0x95, 0x195, 0x295, 0x395}},
        {4, {0x1F, 0x2F, 0x3F, 0x4F}, {0x15, 0x95, 0x115, 0x195}},
    };
    for (const Sizes& sizes : kSizes) {
        check::context = "reset-based TxROM " + std::to_string(sizes.submapper);
        Fixture f(large(313, sizes.submapper));
        bank(f, 2, 0x95);
        for (unsigned game = 0; game < 4; ++game) {
            CHECK_EQ(f.prg(0xE000), sizes.prg[game] * 4);
            CHECK_EQ(f.chr(0x1000), sizes.chr[game]);
            f.board->reset();
        }
    }
    check::context = "reset clears an outer bank";
    Fixture lock(large(52));
    lock.write(0xA001, 0x80);
    lock.write(0x6000, 0xFD);
    CHECK_EQ(lock.prg(0xE000), 0x5F * 4);
    lock.board->reset();
    CHECK_EQ(lock.prg(0xE000), 0x1F * 4);
}

void test_ram_below_a_register() {
    check::context = "RAM below an outer register";
    Fixture f(large(45));
    f.write(0xA001, 0x80);
    f.write(0x6123, 0x5A);
    CHECK_EQ(f.read(0x6123), 0x5Au);
    f.write(0xA001, 0xC0);
    f.write(0x6123, 0x11);
    CHECK_EQ(f.read(0x6123), 0x5Au);
    check::context = "GA23C's DIP switch";
    CHECK_EQ(f.read(0x5010, 0), 1u);
    CHECK_EQ(f.read(0x5020, 0), 0u);
}

}  // namespace

void test_mmc3_clones() {
    test_tables(cases());
    test_resets();
    test_ram_below_a_register();
}

}  // namespace nes::test
