// Banks and mirroring of multicarts, as tables.
#include "tables.hpp"

namespace nes::test {
namespace {

/// 2 MB of PRG-ROM: bank 127 of 16 KB is the last.
constexpr Image large(unsigned mapper, unsigned submapper = 0) {
    return {.mapper = mapper, .submapper = submapper, .prg = 2048, .chr = 0, .chr_ram = 32};
}

// clang-format off
// A 16 KB bank is eight pages of PRG-ROM, an 8 KB bank of CHR-ROM eight pages of CHR-ROM.
const std::vector<Case>& cases() {
    static const std::vector<Case> kCases = {
        // --- a latch ---
        {"AS-5321", board(58), {{0x8000 | 0x80 | 0x40 | 5 << 3 | 3, 0}}, {{0x8000, 24}, {0xC000, 24}, {0x0000, 40}}, "0011"},
        {"AS-5321, 32 KB", board(213), {{0x8000 | 3, 0}}, {{0x8000, 16}, {0xC000, 24}}, "0101"},
        {"T3H53", board(59), {{0x8000 | 0x80 | 5 << 4 | 8 | 3, 0}}, {{0x8000, 40}, {0xC000, 40}, {0x0000, 24}}, "0011"},
        {"T3H53, locked", board(59), {{0x8200 | 0x80 | 5 << 4, 0}, {0x8000, 0}}, {{0x8000, 40}, {0xC000, 40}}, nullptr},
        {"T3H53, jumper", board(59), {{0x8100, 0}}, {{0x8000, -1}}, nullptr},
        {"NTDEC 0324", board(61), {{0x8000 | 9 << 8 | 0x80 | 0x20 | 0x10 | 5, 0}}, {{0x8000, 88}, {0xC000, 88}, {0x0000, 72}}, "0011"},
        {"NTDEC 0324, 32 KB", board(61), {{0x8000 | 5, 0}}, {{0x8000, 80}, {0xC000, 88}}, "0101"},
        {"Super 700-in-1", board(62), {{0x8000 | 5 << 8 | 0x80 | 0x20 | 3, 2}}, {{0x8000, 40}, {0xC000, 40}, {0x0000, 112}}, "0011"},
        {"Super 700-in-1, 32 KB", board(62), {{0x8000 | 5 << 8, 0}}, {{0x8000, 32}, {0xC000, 40}}, "0101"},
        {"TH2291-3", chr_ram_board(63), {{0x8000 | 9 << 2 | 1, 0}}, {{0x8000, 72}, {0xC000, 72}, {0x0000, 1000}}, "0011"},
        {"TH2291-3, 32 KB", chr_ram_board(63), {{0x8000 | 9 << 2 | 2, 0}}, {{0x8000, 64}, {0xC000, 72}}, "0101"},
        {"TH2291-3, no such bank", chr_ram_board(63), {{0x8000 | 32 << 2, 0}}, {{0x8000, -1}, {0xC000, -1}}, nullptr},
        {"82AB", chr_ram_board(63, 1), {{0x8000 | 1 << 9 | 9 << 2, 0}}, {{0x8000, 72}}, nullptr},
        {"MG109", board(200), {{0x800B, 0}}, {{0x8000, 88}, {0xC000, 88}, {0x0000, 88}}, "0011"},
        {"MG109, eight games", board(200, 1), {{0x800B, 0}}, {{0x8000, 24}, {0x0000, 24}}, "0101"},
        {"NROM-256 multicart", board(201), {{0x8005, 0}}, {{0x8000, 80}, {0x0000, 40}}, "0011"},
        {"150-in-1", board(202), {{0x800B, 0}}, {{0x8000, 32}, {0xC000, 40}, {0x0000, 40}}, "0011"},
        {"150-in-1, 16 KB", board(202), {{0x800A, 0}}, {{0x8000, 40}, {0xC000, 40}}, "0101"},
        {"35-in-1", board(203), {{0x8000, 0x16}}, {{0x8000, 40}, {0xC000, 40}, {0x0000, 16}}, nullptr},
        {"300-in-1", board(212), {{0x800D, 0}}, {{0x8000, 40}, {0xC000, 40}, {0x0000, 40}}, "0011"},
        {"300-in-1, 32 KB", board(212), {{0xC005, 0}}, {{0x8000, 32}, {0xC000, 40}}, "0101"},
        {"FW-01, 32 KB", large(227), {{0x8000 | 0x100 | 0x80 | 2 << 5 | 5 << 2 | 2 | 1, 0}}, {{0x8000, (48 + 4) * 8}, {0xC000, (48 + 5) * 8}}, "0011"},
        {"FW-01, UNROM", large(227), {{0x8000 | 0x200 | 1 << 5 | 5 << 2, 0}}, {{0x8000, 104}, {0xC000, 120}}, "0101"},
        {"FW-01, first bank fixed", large(227), {{0x8000 | 1 << 5 | 5 << 2, 0}}, {{0x8000, 104}, {0xC000, 64}}, nullptr},
        {"FW-01, bank 0 fixed", large(227, 2), {{0x8000 | 1 << 5 | 5 << 2, 0}}, {{0x8000, 104}, {0xC000, 0}}, nullptr},
        {"31-in-1", board(229), {{0x8025, 0}}, {{0x8000, 40}, {0xC000, 40}, {0x0000, 40}}, "0011"},
        {"31-in-1, first game", board(229), {{0x8000, 0}}, {{0x8000, 0}, {0xC000, 8}}, "0101"},
        {"20-in-1", chr_ram_board(231), {{0x8000 | 0x80 | 0x20 | 0x0A, 0}}, {{0x8000, 80}, {0xC000, 88}}, "0011"},
        {"42-in-1", chr_ram_board(233), {{0x8000, 0x65}}, {{0x8000, 40}, {0xC000, 40}}, "0101"},
        {"42-in-1, L", chr_ram_board(233), {{0x8000, 0x05}}, {{0x8000, 32}, {0xC000, 40}}, "0001"},
        {"Golden Game", large(235), {{0x8000 | 0x2000 | 0x1800 | 2 << 8 | 3, 0}}, {{0x8000, (64 + 7) * 8}, {0xC000, (64 + 7) * 8}}, "0101"},
        {"Golden Game, one screen", large(235), {{0x8403, 0}}, {{0x8000, 48}, {0xC000, 56}}, "0000"},
        {"Golden Game, empty socket", large(235), {{0x8100, 0}}, {{0x8000, -1}}, "0011"},
        {"110-in-1", board(255), {{0xB0C5, 0}}, {{0x8000, 24}, {0xC000, 24}}, "0011"},
        {"Elfland", board(261), {{0x8000 | 5 << 7 | 0x20 | 0x10 | 9, 0}}, {{0x8000, 88}, {0xC000, 88}, {0x0000, 72}}, "0011"},
        {"Elfland, 32 KB", board(261), {{0x8000 | 5 << 7 | 0x40, 0}}, {{0x8000, 80}, {0xC000, 88}}, "0101"},
        {"A65AS", chr_ram_board(285), {{0x8000, 0x2B}}, {{0x8000, 88}, {0xC000, 120}}, "0011"},
        {"A65AS, 32 KB, one screen", chr_ram_board(285), {{0x8000, 0xE6}}, {{0x8000, 48}}, "1111"},
        {"JY-066", chr_ram_board(285, 1), {{0x8000, 0x1B}}, {{0x8000, 88}, {0xC000, 120}}, "0011"},
        {"GKCX1", board(288), {{0x8000 | 0x20 | 3 << 3 | 5, 0}}, {{0x8000, 48}, {0x0000, 40}}, "0011"},
        {"Asder 20-in-1", board(290), {{0x8000 | 5 << 11 | 0x400 | 2 << 8 | 0x80 | 0x40 | 3, 0}}, {{0x8000, 88}, {0xC000, 88}, {0x0000, 152}}, "0011"},
        {"TXC 6-in-1", board(299), {{0x8000, 0xA1}}, {{0x8000, 32}, {0x0000, 72}}, "0101"},
        {"Golden 190-in-1", board(300), {{0x8015, 0}}, {{0x8000, 40}, {0xC000, 40}, {0x0000, 40}}, "0011"},
        {"GG1, NROM", large(301), {{0x8000 | 0x80 | 2 << 5 | 5 << 2 | 2, 0}}, {{0x8000, 168}, {0xC000, 168}}, "0011"},
        {"GG1, UNROM", large(301), {{0x8000 | 0x200 | 0x100 | 5 << 2, 0}}, {{0x8000, 37 * 8}, {0xC000, 39 * 8}}, "0101"},
        {"K-3046", chr_ram_board(336), {{0xC000, 0x2B}}, {{0x8000, 43 % 32 * 8}, {0xC000, 47 % 32 * 8}}, "0011"},
        {"M1K30: the ROM's bit 3 wins", chr_ram_board(336, 1), {{0xC004, 0x12}}, {{0x8000, 26 * 8}, {0xC000, 31 * 8}}, "0101"},
        {"YH-218", chr_ram_board(336, 2), {{0xC000, 0x0B}}, {{0x8000, 88}, {0xC000, 120}}, "0011"},
        {"SA005-A", board(338), {{0x8003, 0}}, {{0x8000, 24}, {0xC000, 24}, {0x0000, 24}}, "0011"},
        {"K-3036, UNROM", chr_ram_board(340), {{0x8008, 5}}, {{0x8000, 104}, {0xC000, 120}}, "0101"},
        {"K-3036, NROM", chr_ram_board(340), {{0x802D, 0}}, {{0x8000, 104}, {0xC000, 104}}, "0011"},
        {"TJ-03", board(341), {{0x8502, 0}}, {{0x8000, 40}, {0xC000, 40}, {0x0000, 40}}, "0011"},
        {"G-146, UNROM", chr_ram_board(349), {{0x8800 | 0x80 | 0x0A, 0}}, {{0x8000, 80}, {0xC000, 120}}, "0011"},
        {"G-146, NROM", chr_ram_board(349), {{0x804B, 0}}, {{0x8000, 88}, {0xC000, 88}}, "0101"},
        {"970630C, UNROM", chr_ram_board(380), {{0x8000 | 11 << 2, 0}}, {{0x8000, 88}, {0xC000, 120}}, "0101"},
        {"970630C, 32 KB", chr_ram_board(380), {{0x8200 | 11 << 2 | 2, 0}}, {{0x8000, 80}, {0xC000, 88}}, "0011"},
        {"KN-35A, UOROM", chr_ram_board(380, 1), {{0x8100 | 5 << 2, 0}}, {{0x8000, 40}, {0xC000, 120}}, nullptr},
        {"NTDEC 2779", chr_ram_board(385), {{0x800B, 0}}, {{0x8000, 40}, {0xC000, 40}}, "0011"},
        {"J-2282", chr_ram_board(402), {{0x8000 | 0xC00 | 0x80 | 0x40 | 5, 0}}, {{0x6000, 44}, {0x8000, 40}, {0xC000, 40}}, "0011"},
        {"J-2282, 32 KB", chr_ram_board(402), {{0x8000 | 0x800 | 4, 0}}, {{0x6000, 44}, {0x8000, 32}, {0xC000, 40}}, "0101"},
        {"9999999-in-1", board(414), {{0xA105, 2}}, {{0x8000, 16}, {0xC000, 24}, {0x0000, 16}}, "0011"},
        {"F-1002", large(435), {{0x8000 | 0x400 | 0x200 | 1 << 5 | 5 << 2 | 1, 0}}, {{0x8000, 77 * 8}, {0xC000, 77 * 8}}, "0101"},
        {"K-3071", board(438), {{0x800B, 0x0B}}, {{0x8000, 32}, {0xC000, 40}, {0x0000, 40}}, "0011"},
        {"Super Games King", chr_ram_board(449), {{0x8000 | 1 << 5 | 5 << 2 | 2, 3}}, {{0x8000, 104}, {0xC000, 120}, {0x0000, 1024}}, "0011"},
        // --- a few registers ---
        {"Caltron 6-in-1", board(41), {{0x6000 | 0x20 | 2 << 3 | 5, 0}, {0x8004, 3}}, {{0x8000, 80}, {0x0000, 88}}, "0011"},
        {"Caltron 6-in-1, inner bank closed", board(41), {{0x6003, 0}, {0x8004, 3}}, {{0x8000, 48}, {0x0000, 0}}, "0101"},
        {"Rumble Station", board(46), {{0x6000, 0x15}, {0x8000, 0x31}}, {{0x8000, 176}, {0x0000, 88}}, nullptr},
        {"GK", board(57), {{0x8000, 0x42}, {0x8800, 0xAD}}, {{0x8000, 40}, {0xC000, 40}, {0x0000, 14 * 8}}, "0011"},
        {"GK, NROM-256", board(57), {{0x8000, 0x80}, {0x8800, 0xB1}}, {{0x8000, 32}, {0xC000, 40}, {0x0000, 8}}, "0101"},
        {"N625092, UNROM", large(221), {{0x8000 | 0x200 | 0x100 | 5 << 2 | 2, 0}, {0xC003, 0}}, {{0x8000, (64 + 43) * 8}, {0xC000, (64 + 47) * 8}}, "0101"},
        {"N625092, 32 KB", large(221), {{0x8000 | 5 << 2 | 3, 0}, {0xC003, 0}}, {{0x8000, 42 * 8}, {0xC000, 43 * 8}}, "0011"},
        {"Realtec 8031, UNROM", board(236), {{0x8025, 0}, {0xC00B, 0}}, {{0x8000, 88}, {0xC000, 120}, {0x0000, 40}}, "0011"},
        {"Realtec 8031, 32 KB", board(236), {{0xC02B, 0}}, {{0x8000, 80}, {0xC000, 88}}, "0101"},
        {"Realtec 8106", large(236), {{0x8005, 0}, {0xC033, 0}}, {{0x8000, 43 * 8}, {0xC000, 43 * 8}}, nullptr},
        {"Teletubbies, UNROM", large(237), {{0x8004, 0x2B}}, {{0x8000, 43 * 8}, {0xC000, 47 * 8}}, "0101"},
        {"Teletubbies, 32 KB, locked", large(237), {{0x8002, 0xCB}, {0x8000, 0x04}}, {{0x8000, 96}, {0xC000, 104}}, "0011"},
        {"Cartridge Story", {.mapper = 274, .prg = 2064, .chr = 0, .chr_ram = 8}, {{0x8000, 0x15}, {0xA000, 0x2C}}, {{0x8000, 1024}, {0xC000, 44 * 8}}, "0011"},
        {"Cartridge Story, main chip", {.mapper = 274, .prg = 2064, .chr = 0, .chr_ram = 8}, {{0x8000, 0x05}, {0xE000, 0x2C}}, {{0x8000, 37 * 8}, {0xC000, 44 * 8}}, "0101"},
        {"BS-5", board(286), {{0x8405, 0}, {0xA416, 0}, {0xA427, 0}}, {{0x8000, 60}, {0xA000, 24}, {0x0800, 10}}, "0101"},
        {"60311C, NROM-128", large(289), {{0x6001, 0x2B}, {0x6000, 8}}, {{0x8000, 43 * 8}, {0xC000, 43 * 8}}, "0011"},
        {"60311C, UNROM", large(289), {{0x6001, 0x2B}, {0x6000, 2}, {0x8000, 5}}, {{0x8000, 45 * 8}, {0xC000, 47 * 8}}, "0101"},
        {"NewStar, UNROM", large(293), {{0xA000, 0xA1}, {0xC000, 3}}, {{0x8000, 51 * 8}, {0xC000, 55 * 8}}, "0011"},
        {"NewStar, NROM-256", large(293), {{0xA000, 0x50}, {0xC000, 0x0B}}, {{0x8000, 80}, {0xC000, 88}}, "0101"},
        {"K-1053, 8 KB", large(310), {{0x8000, 0xC5}, {0xC006, 2}}, {{0x8000, (64 + 5) * 8 + 4}, {0xE000, (64 + 5) * 8 + 4}, {0x0000, 1016}}, "0011"},
        {"K-1053, UNROM", large(310), {{0x8000, 0x05}, {0xC001, 2}}, {{0x8000, 40}, {0xC000, 56}}, "0101"},
        {"64-in-1 at power-on", board(314), {}, {{0x8000, 56}, {0xC000, 56}}, "0101"},
        {"64-in-1, 32 KB", board(314), {{0x5000, 0xA4}, {0x5001, 0x83}, {0x5002, 1}}, {{0x8000, 48}, {0xC000, 56}, {0x0000, 48}}, "0011"},
        {"HP-898F", board(319), {{0x6004, 0x38}, {0x6000, 0x50}}, {{0x8000, 56}, {0xC000, 56}, {0x0000, 40}}, "0011"},
        {"HP-898F, 32 KB", board(319), {{0x6004, 0xD8}}, {{0x8000, 48}, {0xC000, 56}}, "0101"},
        {"830425C, UNROM", large(320), {{0xF0F3, 5}}, {{0x8000, 29 * 8}, {0xC000, 31 * 8}}, nullptr},
        {"830425C, UOROM", large(320), {{0xF0E2, 0x0D}}, {{0x8000, 29 * 8}, {0xC000, 31 * 8}}, nullptr},
        {"Farid UNROM", chr_ram_board(324), {{0x8004, 0}, {0x8004, 0xA5}, {0x8004, 0x03}}, {{0x8000, 19 * 8}, {0xC000, 23 * 8}}, nullptr},
        {"NS03", board(331), {{0xA000, 0x2B}, {0xC000, 0x13}, {0xE000, 0x05}}, {{0x8000, 88}, {0xC000, 120}, {0x0000, (32 + 5) * 4}, {0x1000, (32 + 2) * 4}}, "0011"},
        {"BMC-WS, NROM", board(332), {{0x6000, 0x5D}, {0x6001, 0x36}}, {{0x8000, 104}, {0xC000, 104}, {0x0000, 14 * 8}}, "0011"},
        {"BMC-WS, CNROM", board(332), {{0x6000, 0x05}, {0x6001, 0x00}, {0x8000, 3}}, {{0x8000, 32}, {0xC000, 40}, {0x0000, 24}}, "0101"},
        {"BMC-WS, CNROM-128", board(332), {{0x6001, 0x26}, {0x8000, 1}}, {{0x0000, 56}}, nullptr},
        {"CTC-09", board(335), {{0xC000, 0x3D}, {0x8000, 5}}, {{0x8000, 88}, {0xC000, 88}, {0x0000, 40}}, "0011"},
        {"CTC-12IN1, UNROM", chr_ram_board(337), {{0x8000, 0xA8}, {0xC000, 3}}, {{0x6000, 4}, {0x8000, 88}, {0xC000, 120}}, "0011"},
        {"CTC-12IN1, NROM-256", chr_ram_board(337), {{0x8000, 0x48}, {0xC000, 3}}, {{0x8000, 80}, {0xC000, 88}}, "0101"},
        {"891227, UNROM, second chip", large(350), {{0x8000, 0xE8}, {0xC000, 3}}, {{0x6000, 4}, {0x8000, 43 * 8}, {0xC000, 47 * 8}}, "0011"},
        {"375, NROM", large(375), {{0x8000 | 0x400 | 0x80 | 1 << 5 | 5 << 2, 0}}, {{0x8000, 77 * 8}, {0xC000, 77 * 8}}, "0101"},
        {"375, UNROM by data", large(375), {{0x8000 | 0x800 | 0x200 | 1 << 5 | 5 << 2, 0}, {0x8000, 3}}, {{0x8000, 88}, {0xC000, 120}}, nullptr},
        {"KN-42", chr_ram_board(381), {{0x8004, 0x15}}, {{0x8000, 88}, {0xC000, 120}}, nullptr},
        {"830928C, BNROM", chr_ram_board(382), {{0x8000 | 0x20 | 0x10 | 8 | 2 | 4, 3}, {0x8004, 2}}, {{0x8000, 160}}, "0011"},
        {"830928C, UNROM", chr_ram_board(382), {{0x8006, 5}}, {{0x8000, 53 % 32 * 8}, {0xC000, 55 % 32 * 8}}, "0101"},
        {"Caltron 9-in-1", board(389), {{0x8000 | 5 << 3 | 1, 0}, {0x9000 | 3 << 3, 0}, {0xA002, 0}}, {{0x8000, 80}, {0x0000, 14 * 8}}, "0011"},
        {"Caltron 9-in-1, UNROM", board(389), {{0x8000 | 6 << 3, 0}, {0x9002, 0}, {0xA008, 0}}, {{0x8000, 112}, {0xC000, 120}}, "0101"},
        {"YY850437C", chr_ram_board(396), {{0xA000, 0x41}, {0x8000, 3}}, {{0x8000, 88}, {0xC000, 120}}, "0011"},
        {"89433", chr_ram_board(403), {{0x4100, 0x16}, {0x4101, 2}, {0x4102, 0x11}}, {{0x8000, 88}, {0xC000, 88}, {0x0000, 1016}}, "0011"},
        {"89433, latch", chr_ram_board(403), {{0x4100, 0x16}, {0x4102, 0x04}, {0x8000, 1}}, {{0x8000, 80}, {0xC000, 88}, {0x0000, 1008}}, "0101"},
        {"TH2348", chr_ram_board(437), {{0x5009, 0}, {0x8000, 5}}, {{0x8000, 104}, {0xC000, 120}}, "0011"},
        {"YS2309", chr_ram_board(439), {{0x8000, 0x85}}, {{0x8000, 40}, {0xC000, 248}}, "0011"},
        {"YS2309, outer bank", chr_ram_board(439), {{0x6000, 0x10}, {0x6001, 0x70}, {0x8000, 0x05}}, {{0x8000, 104}, {0xC000, 120}}, "0101"},
        {"Realtec 8042, UNROM", chr_ram_board(453), {{0x8000, 0x33}}, {{0x8000, 88}, {0xC000, 120}}, "0011"},
        {"Realtec 8042, AOROM, locked", chr_ram_board(453), {{0x8000, 0x40}, {0x8000, 0x13}}, {{0x8000, 11 * 16}}, "1111"},
        {"110-in-1 (454), UNROM", large(454), {{0x8120, 0}, {0x8000, 5}}, {{0x8000, 45 * 8}, {0xC000, 47 * 8}}, "0101"},
        {"110-in-1 (454), NROM", large(454), {{0x8000 | 0x80 | 1 << 5 | 5 << 2 | 3, 0}}, {{0x8000, 96}, {0xC000, 104}}, "0011"},
        {"110-in-1 (454), bank 0 fixed", large(454), {{0x8000 | 1 << 5 | 5 << 2, 0}}, {{0x8000, 104}, {0xC000, 0}}, nullptr},
    };
    return kCases;
}
// clang-format on

void test_resets() {
    check::context = "reset-based NROM 4-in-1";
    Fixture nrom(board(60));
    for (int game : {0, 1, 2, 3, 0}) {
        CHECK_EQ(nrom.prg(0xC000), game * 8);
        CHECK_EQ(nrom.chr(0x0000), game * 8);
        nrom.board->reset();
    }
    check::context = "22-in-1 with Contra";
    Fixture contra({.mapper = 230, .prg = 640, .chr = 0, .chr_ram = 8});
    contra.write(0x8000, 3);
    CHECK_EQ(contra.prg(0x8000), 24);
    CHECK_EQ(contra.prg(0xC000), 56);
    CHECK_EQ(contra.nametables(), std::string("0101"));
    contra.board->reset();
    contra.write(0x8000, 0x23);
    CHECK_EQ(contra.prg(0x8000), 88);
    CHECK_EQ(contra.prg(0xC000), 88);
    CHECK_EQ(contra.nametables(), std::string("0011"));
    contra.write(0x8000, 0x43);
    CHECK_EQ(contra.prg(0x8000), 80);
    CHECK_EQ(contra.nametables(), std::string("0101"));
    check::context = "KN-42";
    Fixture kn42(chr_ram_board(381));
    kn42.board->reset();
    CHECK_EQ(kn42.prg(0x8000), 128);
    CHECK_EQ(kn42.prg(0xC000), 248);
    check::context = "reset clears a multicart's latch, and opens it";
    Fixture lock(board(59));
    lock.write(0x82D0, 0);
    lock.write(0x8080, 0);
    CHECK_EQ(lock.prg(0x8000), 40);
    lock.board->reset();
    CHECK_EQ(lock.prg(0x8000), 0);
    lock.write(0x80D0, 0);
    CHECK_EQ(lock.prg(0x8000), 40);
}

void test_reads() {
    check::context = "300-in-1";
    Fixture hik(board(212));
    CHECK_EQ(hik.read(0x6000, 0x12) & 0x80, 0x80u & (hik.cart.cpu_read_page[12] == nullptr ? 0x80u : 0u));
    Fixture bare({.mapper = 212, .prg = 128, .chr = 64, .prg_ram = 0});
    CHECK_EQ(bare.read(0x6000, 0x12), 0x92u);
    CHECK_EQ(bare.read(0x6010, 0x12), 0x12u);
    check::context = "solder pads in place of A3-A0";
    Fixture pads(chr_ram_board(227, 1));
    pads.write(0x8000 | 0x400 | 0x80 | 5 << 2, 0);
    CHECK_EQ(pads.prg(0x8000), -1);
    CHECK_EQ(pads.read(0x800F), 40u);
    CHECK_EQ(pads.read(0xC001), 40u);
    Fixture realtec(board(236));
    realtec.write(0xC013, 0);
    CHECK_EQ(realtec.read(0x8007), 24u);
    CHECK_EQ(realtec.read(0xC007), 56u);
    check::context = "Teletubbies: A1 is high";
    Fixture teletubbies(chr_ram_board(237));
    teletubbies.write(0x8001, 0x03);
    CHECK_EQ(teletubbies.read(0x8000), 0xFFu);
    CHECK_EQ(teletubbies.read(0x8001), 0xFFu);
    check::context = "protected CHR-RAM";
    for (const unsigned mapper : {63u, 227u}) {
        Fixture f(chr_ram_board(mapper, mapper == 227 ? 1 : 0));
        CHECK(f.cart.ppu_write_page[0] != nullptr);
        f.write(0x8480 | 0x80, 0);
        if (mapper == 227) f.write(0x8080, 0);
        CHECK(f.cart.ppu_read_page[7] != nullptr);
        CHECK(f.cart.ppu_write_page[7] == nullptr);
    }
}

}  // namespace

void test_multicarts() {
    test_tables(cases());
    test_resets();
    test_reads();
}

}  // namespace nes::test
