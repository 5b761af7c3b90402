// Banks and mirroring of each board, as tables.
#include "tables.hpp"

namespace nes::test {
namespace {

// clang-format off
// 512 KB are 256 pages of 2 KB: the last 8 KB bank begins at 252, the last 16 KB bank at 248.
const std::vector<Case>& cases() {
    static const std::vector<Case> kCases = {
        // --- one latch ---
        {"NROM-368", {.mapper = 0, .prg = 48}, {}, {{0x4000, -1}, {0x4800, 1}, {0x6000, 4}, {0x8000, 8}, {0xF800, 23}}, "0011"},
        {"NROM-368 as CNROM", {.mapper = 3, .prg = 48, .chr = 32}, {{0x8004, 2}}, {{0x4800, 1}, {0xC000, 16}, {0x0000, 16}}, "0011"},
        {"NROM-368 as CPROM", {.mapper = 13, .prg = 48, .chr = 0, .chr_ram = 16}, {{0x8004, 3}}, {{0x4800, 1}, {0x8000, 8}, {0x1000, 1012}}, nullptr},
        {"NROM-368 as Sunsoft-1", {.mapper = 184, .prg = 48, .chr = 32}, {{0x6000, 0x12}}, {{0x4800, 1}, {0x7800, 7}, {0x0000, 8}}, nullptr},
        {"NROM-368 as Magic Floor", {.mapper = 218, .prg = 48, .chr = 0, .prg_ram = 0}, {}, {{0x4800, 1}, {0xF800, 23}}, nullptr},
        {"GxROM", board(66), {{0x8004, 0x32}}, {{0x8000, 48}, {0x0000, 16}}, "0011"},
        {"Color Dreams", board(11), {{0x8004, 0x32}}, {{0x8000, 32}, {0x0000, 24}}, "0011"},
        {"CPROM", chr_ram_board(13), {{0x8004, 3}}, {{0x8000, 0}, {0x0000, 1000}, {0x1000, 1012}}, nullptr},
        {"BNROM", board(34, 2), {{0x8004, 5}}, {{0x8000, 80}, {0x0000, 0}}, nullptr},
        {"BNROM, told by its CHR", chr_ram_board(34), {{0x8004, 5}}, {{0x8000, 80}}, nullptr},
        {"NINA-001", board(34, 1), {{0x7FFD, 1}, {0x7FFE, 3}, {0x7FFF, 4}}, {{0x8000, 16}, {0x0000, 12}, {0x1000, 16}}, nullptr},
        {"BxROM with RAM", chr_ram_board(241), {{0x8000, 5}}, {{0x8000, 80}}, nullptr},
        {"Bit Corp.", board(38), {{0x7000, 0x0E}}, {{0x8000, 32}, {0x0000, 24}}, nullptr},
        {"Magic Dragon", board(107), {{0x8004, 6}}, {{0x8000, 48}, {0x0000, 48}}, nullptr},
        {"Sachen SA-008-A", board(148), {{0x8004, 0x0D}}, {{0x8000, 16}, {0x0000, 40}}, nullptr},
        {"NINA-003", board(79), {{0x4100, 0x0D}, {0x4200, 0}}, {{0x8000, 16}, {0x0000, 40}}, nullptr},
        {"NINA-003 (146)", board(146), {{0x5F00, 0x0D}}, {{0x8000, 16}, {0x0000, 40}}, nullptr},
        {"HES NTD-8", board(113), {{0x4100, 0xDA}}, {{0x8000, 48}, {0x0000, 80}}, "0101"},
        {"Bandai 74161", board(70), {{0x8004, 0x53}}, {{0x8000, 40}, {0xC000, 248}, {0x0000, 24}}, "0011"},
        {"Bandai 74161, one screen", board(152), {{0x8004, 0xD3}}, {{0x8000, 40}, {0x0000, 24}}, "1111"},
        {"Cosmo Carrier", board(78, 1), {{0x8004, 0x3A}}, {{0x8000, 16}, {0xC000, 248}, {0x0000, 24}}, "1111"},
        {"Holy Diver", board(78, 3), {{0x8004, 0x3A}}, {{0x8000, 16}, {0x0000, 24}}, "0101"},
        {"Holy Diver, cleared", board(78, 3), {{0x8004, 0x32}}, {{0x8000, 16}}, "0011"},
        {"Sunsoft-2 on Sunsoft-3", board(89), {{0x8004, 0xAB}}, {{0x8000, 16}, {0x0000, 88}}, "1111"},
        {"Sunsoft-2 on Sunsoft-3R", chr_ram_board(93), {{0x8004, 0x21}}, {{0x8000, 16}, {0x0000, 1000}}, nullptr},
        {"Sunsoft-2 on Sunsoft-3R, RAM off", chr_ram_board(93), {{0x8004, 0x20}}, {{0x0000, -1}}, nullptr},
        {"Sunsoft-1", board(184), {{0x6000, 0x12}}, {{0x0000, 8}, {0x1000, 20}}, nullptr},
        {"TAM-S1", board(97), {{0x8000, 0x83}}, {{0x8000, 248}, {0xC000, 24}}, "0101"},
        {"JF-13", board(86), {{0x6000, 0x62}}, {{0x8000, 32}, {0x0000, 48}}, nullptr},
        {"JF-09", board(87), {{0x6000, 1}}, {{0x0000, 16}}, nullptr},
        {"JF-10", board(101), {{0x6000, 1}}, {{0x0000, 8}}, nullptr},
        {"JF-11", board(140), {{0x7FFF, 0x25}}, {{0x8000, 32}, {0x0000, 40}}, nullptr},
        {"C&E", board(240), {{0x4800, 0x25}}, {{0x8000, 32}, {0x0000, 40}}, nullptr},
        {"Napoleon Senki", {.mapper = 77, .prg = 512, .chr = 64, .chr_ram = 8}, {{0x8004, 0x32}},
         {{0x8000, 32}, {0x0000, 6}, {0x0800, 1002}, {0x1C00, 1007}, {0x2000, 1000}, {0x2400, 1001}}, "RR01"},
        {"Vs. System", {.mapper = 99, .prg = 48, .chr = 16}, {{0x4016, 4}}, {{0x8000, 16}, {0xA000, 4}, {0x0000, 8}}, "0123"},
        // --- Nintendo ---
        {"MMC2", board(9), {{0xA000, 3}, {0xC000, 5}, {0xE000, 6}, {0xF000, 1}},
         {{0x8000, 12}, {0xA000, 244}, {0xE000, 252}, {0x0000, 20}, {0x1000, 24}}, "0011"},
        {"MMC4", board(10), {{0xA000, 3}, {0xF000, 0}}, {{0x8000, 24}, {0xC000, 248}}, "0101"},
        // --- Konami ---
        {"VRC1", board(75), {{0x8000, 1}, {0xA000, 2}, {0xC000, 3}, {0xE000, 4}, {0xF000, 5}, {0x9000, 5}},
         {{0x8000, 4}, {0xA000, 8}, {0xC000, 12}, {0xE000, 252}, {0x0000, 16}, {0x1000, 84}}, "0011"},
        {"VRC3", chr_ram_board(73), {{0xF000, 3}}, {{0x8000, 24}, {0xC000, 248}}, nullptr},
        {"VRC2a", board(22), {{0x8000, 2}, {0xB000, 6}, {0xB002, 1}, {0xB001, 8}, {0x9000, 1}},
         {{0x8000, 8}, {0xC000, 248}, {0x0000, 11}, {0x0400, 4}}, "0011"},
        {"VRC2b", board(23, 3), {{0xA000, 2}, {0xB000, 6}, {0xB001, 1}, {0xE002, 5}, {0x9002, 0xFE}},
         {{0xA000, 8}, {0x0000, 0x16}, {0x1C00, 5}}, "0101"},
        {"VRC2c", board(25, 3), {{0xB000, 6}, {0xB002, 1}, {0xB001, 7}}, {{0x0000, 0x16}, {0x0400, 7}}, nullptr},
        {"VRC4a", board(21, 1), {{0x8000, 3}, {0x9004, 2}, {0xB000, 6}, {0xB002, 1}, {0xB004, 7}, {0x9000, 3}},
         {{0x8000, 248}, {0xC000, 12}, {0x0000, 0x16}, {0x0400, 7}}, "1111"},
        {"VRC4b", board(25, 1), {{0xB002, 1}, {0xB001, 7}}, {{0x0000, 0x10}, {0x0400, 7}}, nullptr},
        {"VRC4c", board(21, 2), {{0xB040, 1}, {0xB080, 7}}, {{0x0000, 0x10}, {0x0400, 7}}, nullptr},
        {"VRC4d", board(25, 2), {{0xB008, 1}, {0xB004, 7}}, {{0x0000, 0x10}, {0x0400, 7}}, nullptr},
        {"VRC4e", board(23, 2), {{0xB004, 1}, {0xB008, 7}}, {{0x0000, 0x10}, {0x0400, 7}}, nullptr},
        {"VRC4f", board(23, 1), {{0xB001, 1}, {0xB002, 7}}, {{0x0000, 0x10}, {0x0400, 7}}, nullptr},
        {"VRC4, mapper 21 alone", board(21), {{0xB040, 1}, {0xB004, 7}}, {{0x0000, 0x10}, {0x0400, 7}}, nullptr},
        {"VRC6a", board(24), {{0x8000, 3}, {0xC000, 5}, {0xD001, 9}, {0xE003, 7}, {0xB003, 0x24}},
         {{0x8000, 24}, {0xC000, 20}, {0xE000, 252}, {0x0400, 9}, {0x1C00, 7}}, "0011"},
        {"VRC6b", board(26), {{0xD002, 9}, {0xB003, 0x20}}, {{0x0400, 9}, {0x0800, 0}}, "0101"},
        {"VRC6, ROM nametables", board(24), {{0xE002, 0x40}, {0xE003, 0x50}, {0xB003, 0x10}},
         {{0x2000, 0x40}, {0x2400, 0x40}, {0x2800, 0x50}}, "CCCC"},
        {"VRC6, 2 KB banks", board(24), {{0xD000, 0x11}, {0xD001, 0x20}, {0xB003, 0x21}},
         {{0x0000, 0x10}, {0x0400, 0x11}, {0x0800, 0x20}, {0x0C00, 0x21}}, nullptr},
        {"VRC7a", board(85, 2), {{0x8000, 1}, {0x8010, 2}, {0x9000, 3}, {0xA010, 9}, {0xD000, 8}, {0xE000, 2}},
         {{0x8000, 4}, {0xA000, 8}, {0xC000, 12}, {0x0400, 9}, {0x1800, 8}}, "0000"},
        {"VRC7b", board(85, 1), {{0x8008, 2}, {0xA008, 9}}, {{0xA000, 8}, {0x0400, 9}}, "0101"},
        // --- Jaleco, Namco, Bandai, Irem, Sunsoft, Taito ---
        {"SS 88006", board(18), {{0x8000, 1}, {0x8001, 1}, {0x9000, 3}, {0xA000, 5}, {0xA001, 2}, {0xD003, 1}, {0xF002, 1}},
         {{0x8000, 68}, {0xC000, 12}, {0xE000, 252}, {0x0000, 0x25}, {0x1C00, 0x10}}, "0101"},
        {"Namco 163", board(19), {{0xE000, 1}, {0xE800, 0x42}, {0xF000, 3}, {0x8000, 5}, {0x8800, 0xE1}, {0xA000, 0xE1},
                                  {0xC000, 0xE1}, {0xC800, 0x33}, {0xD000, 0xE0}},
         {{0x8000, 4}, {0xA000, 8}, {0xC000, 12}, {0x0000, 5}, {0x0400, 0xE1}, {0x1000, 2001}, {0x2400, 0x33}}, "1C01"},
        {"Namco 175", board(210, 1), {{0xE000, 0xC1}, {0x9000, 7}}, {{0x8000, 4}, {0x0800, 7}}, "0011"},
        {"Namco 340", board(210, 2), {{0xE000, 0x41}}, {{0x8000, 4}}, "0101"},
        {"Namco 340, guessed", board(210), {{0xE000, 0x81}}, {{0x8000, 4}}, "1111"},
        {"FCG-1", board(16, 4), {{0x6008, 3}, {0x6001, 9}, {0x6009, 1}, {0x8001, 5}}, {{0x8000, 24}, {0xC000, 248}, {0x0400, 9}}, "0011"},
        {"LZ93D50", board(16, 5), {{0x8008, 3}, {0x8001, 9}, {0x6001, 5}}, {{0x8000, 24}, {0x0400, 9}}, nullptr},
        {"LZ93D50 with RAM", chr_ram_board(153), {{0x8000, 1}, {0x8008, 3}, {0x800D, 0x20}}, {{0x8000, 152}, {0xC000, 248}, {0x6000, -2}}, nullptr},
        {"Datach", chr_ram_board(157), {{0x8008, 3}, {0x8000, 1}}, {{0x8000, 24}, {0x0000, 1000}}, nullptr},
        {"G-101", board(32), {{0x8000, 3}, {0xA000, 4}, {0x9000, 3}, {0xB002, 9}},
         {{0x8000, 248}, {0xA000, 16}, {0xC000, 12}, {0x0800, 9}}, "0011"},
        {"G-101, Major League", board(32, 1), {{0x8000, 3}, {0x9000, 3}}, {{0x8000, 12}, {0xC000, 248}}, "1111"},
        {"H3001", board(65), {{0x8000, 3}, {0xB005, 9}, {0x9001, 0x80}}, {{0x8000, 12}, {0xA000, 4}, {0xC000, 248}, {0x1400, 9}}, "0011"},
        {"Sunsoft-3", board(67), {{0xF800, 3}, {0x9800, 5}, {0xE800, 2}}, {{0x8000, 24}, {0xC000, 248}, {0x0800, 10}}, "0000"},
        {"Sunsoft-4", board(68), {{0xF000, 3}, {0x9000, 5}, {0xC000, 7}, {0xD000, 8}, {0xE000, 0x10}},
         {{0x8000, 24}, {0xC000, 248}, {0x0800, 10}, {0x2000, 0x87}, {0x2400, 0x88}, {0x2800, 0x87}}, "CCCC"},
        {"FME-7", board(69), {{0x8000, 8}, {0xA000, 5}, {0x8000, 9}, {0xA000, 6}, {0x8000, 3}, {0xA000, 7}, {0x8000, 12}, {0xA000, 3}},
         {{0x6000, 20}, {0x8000, 24}, {0xE000, 252}, {0x0C00, 7}}, "1111"},
        {"FME-7, RAM", board(69), {{0x8000, 8}, {0xA000, 0xC0}}, {{0x6000, -2}}, "0101"},
        {"FME-7, RAM off", board(69), {{0x8000, 8}, {0xA000, 0x40}}, {{0x6000, -1}}, "0101"},
        {"TC0190", board(33), {{0x8000, 0x43}, {0x8001, 4}, {0x8002, 5}, {0xA003, 6}},
         {{0x8000, 12}, {0xA000, 16}, {0xC000, 248}, {0x0000, 10}, {0x1C00, 6}}, "0011"},
        {"TC0690", board(48), {{0x8000, 0x43}, {0x8003, 5}, {0xE000, 0x40}}, {{0x8000, 12}, {0x0800, 10}}, "0011"},
        {"X1-005", board(80), {{0x7EFA, 3}, {0x7EFE, 5}, {0x7EF0, 8}, {0x7EF5, 9}, {0x7EF6, 1}},
         {{0x8000, 12}, {0xC000, 20}, {0xE000, 252}, {0x0000, 8}, {0x0400, 9}, {0x1C00, 9}}, "0101"},
        {"X1-005, wired", board(207), {{0x7EF0, 0x88}, {0x7EF1, 2}}, {{0x0000, 8}, {0x0800, 2}}, "1100"},
        {"X1-017", board(82), {{0x7EFA, 0x0C}, {0x7EF0, 8}, {0x7EF6, 2}}, {{0x8000, 12}, {0x1000, 8}}, "0011"},
        {"X1-017, reversed", board(552), {{0x7EFA, 0x20}}, {{0x8000, 4}}, nullptr},
        // --- Tengen, Camerica ---
        {"RAMBO-1", board(64), {{0x8000, 0x26}, {0x8001, 1}, {0x8000, 0x2F}, {0x8001, 3}, {0x8000, 0x28}, {0x8001, 9}, {0xA000, 1}},
         {{0x8000, 4}, {0xC000, 12}, {0xE000, 252}, {0x0400, 9}}, "0011"},
        {"RAMBO-1, wired", board(158), {{0x8000, 0}, {0x8001, 0x80}, {0x8000, 1}, {0x8001, 4}}, {{0x0000, 0}, {0x0800, 4}}, "1100"},
        {"BF9093", chr_ram_board(71), {{0xC000, 3}, {0x8000, 0x10}}, {{0x8000, 24}, {0xC000, 248}}, "0011"},
        {"BF9093 or BF9097", chr_ram_board(71), {{0x9000, 0x10}}, {{0x8000, 0}}, "1111"},
        {"BF9097", chr_ram_board(71, 1), {{0x8000, 0x00}}, {{0x8000, 0}}, "0000"},
        {"BF9096", chr_ram_board(232), {{0x8000, 0x10}, {0xC000, 1}}, {{0x8000, 72}, {0xC000, 88}}, nullptr},
        {"Aladdin", chr_ram_board(232, 1), {{0x8000, 0x10}, {0xC000, 1}}, {{0x8000, 40}, {0xC000, 56}}, nullptr},
        // --- homebrew ---
        {"Action 53 at power-on", chr_ram_board(28), {}, {{0xC000, 248}}, nullptr},
        {"Action 53, 32 KB", chr_ram_board(28), {{0x5000, 0x81}, {0x8000, 6}, {0x5000, 0x80}, {0x8000, 0x12}, {0x5000, 1}, {0x8000, 1}},
         {{0x8000, 112}, {0xC000, 120}}, "0101"},
        {"Action 53, UNROM 128 KB", chr_ram_board(28), {{0x5000, 0x81}, {0x8000, 7}, {0x5000, 0x80}, {0x8000, 0x2F}, {0x5000, 1}, {0x8000, 2}},
         {{0x8000, 80}, {0xC000, 120}}, "0011"},
        {"Action 53, one screen", chr_ram_board(28), {{0x5000, 0x80}, {0x8000, 0}, {0x5000, 0}, {0x8000, 0x12}}, {{0x0000, 1016}}, "1111"},
        {"UNROM 512", chr_ram_board(30), {{0x8004, 0x43}}, {{0x8000, 24}, {0xC000, 248}, {0x0000, 1016}}, "0011"},
        {"UNROM 512, one screen", {.mapper = 30, .prg = 512, .chr = 0, .chr_ram = 32, .four_screen = true}, {{0x8004, 0x83}},
         {{0x8000, 24}}, "1111"},
        {"UNROM 512, four screens", {.mapper = 30, .prg = 512, .chr = 0, .chr_ram = 32, .vertical = true, .four_screen = true}, {{0x8004, 3}},
         {{0x2000, 1024}, {0x2C00, 1027}}, "RRRR"},
        {"UNROM 512, flash", {.mapper = 30, .prg = 512, .chr = 0, .chr_ram = 32, .battery = true}, {{0xC001, 3}, {0x8000, 5}}, {{0x8000, 24}}, nullptr},
        {"GTROM", chr_ram_board(111), {{0x5000, 0x33}}, {{0x8000, 48}, {0x0000, 1008}, {0x2000, 1024}}, "RRRR"},
        {"Magic Floor", {.mapper = 218, .prg = 32, .chr = 0, .vertical = true}, {}, {{0x0000, 2000}, {0x0400, 2001}, {0x2400, 2001}}, "0101"},
        {"Magic Floor, A12", {.mapper = 218, .prg = 32, .chr = 0, .four_screen = true}, {}, {{0x0000, 2000}, {0x1000, 2001}}, "0000"},
        // --- multicarts ---
        {"K-1029, 32 KB", chr_ram_board(15), {{0x8000, 6}}, {{0x8000, 48}, {0xC000, 56}}, "0101"},
        {"K-1029, UNROM", chr_ram_board(15), {{0x8001, 0x42}}, {{0x8000, 16}, {0xC000, 56}}, "0011"},
        {"K-1029, 8 KB", chr_ram_board(15), {{0x8002, 0x83}}, {{0x8000, 28}, {0xE000, 28}}, nullptr},
        {"K-1029, 16 KB", chr_ram_board(15), {{0x8003, 3}}, {{0x8000, 24}, {0xC000, 24}}, nullptr},
        {"ET-4310", board(225), {{0x80C5, 0}}, {{0x8000, 16}, {0x0000, 40}}, "0101"},
        {"ET-4310, 16 KB", board(225), {{0xB0C5, 0}}, {{0x8000, 24}, {0xC000, 24}}, "0011"},
        {"76-in-1", chr_ram_board(226), {{0x8000, 0x63}}, {{0x8000, 24}, {0xC000, 24}}, "0101"},
        {"Action 52", {.mapper = 228, .prg = 1536, .chr = 512}, {{0x9845, 2}}, {{0x8000, 512}, {0x0000, 176}}, "0101"},
        {"Action 52, empty socket", {.mapper = 228, .prg = 1536, .chr = 512}, {{0xB000, 0}}, {{0x8000, -1}}, "0011"},
        {"ET-113", chr_ram_board(242), {{0x80AD, 0}}, {{0x8000, 80}, {0xC000, 88}}, nullptr},
        {"ET-113, UNROM", chr_ram_board(242), {{0x8208, 0}}, {{0x8000, 16}, {0xC000, 56}}, "0101"},
        // --- without a licence ---
        {"NTDEC 112", board(112), {{0x8000, 0}, {0xA000, 3}, {0x8000, 2}, {0xA000, 6}, {0x8000, 7}, {0xA000, 9}, {0xE000, 1}},
         {{0x8000, 12}, {0xC000, 248}, {0x0000, 6}, {0x1C00, 9}}, "0011"},
        {"Daou 156", board(156), {{0xC010, 3}, {0xC001, 5}, {0xC009, 6}}, {{0x8000, 24}, {0x0400, 5}, {0x1400, 6}}, "0000"},
        {"Nanjing 163", chr_ram_board(163), {{0x5000, 4}, {0x5200, 0}}, {{0x8000, 112}}, nullptr},
        {"Nanjing 163, all lines", chr_ram_board(163), {{0x5300, 4}, {0x5000, 4}}, {{0x8000, 64}}, nullptr},
        {"TXC 189", board(189), {{0x4120, 0x30}, {0x8000, 2}, {0x8001, 9}}, {{0x8000, 48}, {0x1000, 9}}, nullptr},
        {"TC-112", board(193), {{0x6000, 8}, {0x6001, 4}, {0x6003, 3}, {0x6004, 1}}, {{0x8000, 12}, {0xA000, 244}, {0x0000, 8}, {0x1000, 4}}, "0011"},
        {"Fong Shen Bang", board(246), {{0x6000, 3}, {0x6005, 2}, {0x6003, 5}}, {{0x8000, 12}, {0xE000, 20}, {0x0800, 4}}, nullptr},
    };
    return kCases;
}
// clang-format on

void test_tile_latches() {
    for (const unsigned mapper : {9u, 10u}) {
        check::context = mapper == 9 ? "MMC2 latches" : "MMC4 latches";
        Fixture f(board(mapper));
        f.write(0xB000, 1);
        f.write(0xC000, 2);
        f.write(0xD000, 3);
        f.write(0xE000, 4);
        CHECK_EQ(f.chr(0x1000), 16);
        f.board->ppu_bus(0x1FDB, 0);
        CHECK_EQ(f.chr(0x1000), 16);  // the switching tile itself is of the old bank
        f.board->ppu_bus(0x2000, 2);
        CHECK_EQ(f.chr(0x1000), 12);
        f.board->ppu_bus(0x1FE8, 4);
        f.board->ppu_bus(0x2000, 6);
        CHECK_EQ(f.chr(0x1000), 16);
        f.board->ppu_bus(0x0FDB, 8);
        f.board->ppu_bus(0x2000, 10);
        CHECK_EQ(f.chr(0x0000), mapper == 9 ? 8 : 4);  // on the MMC2 only the first row counts
        f.board->ppu_bus(0x0FD8, 12);
        f.board->ppu_bus(0x2000, 14);
        CHECK_EQ(f.chr(0x0000), 4);
        CHECK(f.survives_restore());
    }
}

void test_odd_ends() {
    check::context = "VRC2 microwire latch";
    Fixture vrc2({.mapper = 23, .submapper = 3, .prg_ram = 0});
    vrc2.write(0x6000, 1);
    CHECK_EQ(vrc2.read(0x6123, 0x60), 0x61u);
    vrc2.write(0x6000, 0);
    CHECK_EQ(vrc2.read(0x6123, 0x61), 0x60u);
    CHECK_EQ(vrc2.read(0x7000, 0x71), 0x71u);

    check::context = "NINA-001 RAM under the registers";
    Fixture nina(board(34, 1));
    nina.write(0x7FFE, 3);
    nina.write(0x7A00, 9);
    CHECK_EQ(nina.read(0x7FFE), 3u);
    CHECK_EQ(nina.read(0x7A00), 9u);

    check::context = "Namco 163 RAM and counter";
    Fixture namco(board(19));
    namco.write(0xF800, 0x83);
    namco.write(0x4800, 0x11);
    namco.write(0x4800, 0x22);
    namco.write(0xF800, 0x03);
    CHECK_EQ(namco.read(0x4800), 0x11u);
    CHECK_EQ(namco.read(0x4800), 0x11u);
    namco.write(0xF800, 0x83);
    CHECK_EQ(namco.read(0x4800), 0x11u);
    CHECK_EQ(namco.read(0x4800), 0x22u);
    namco.write(0x5000, 0x34);
    namco.write(0x5800, 0x12);
    CHECK_EQ(namco.read(0x5000), 0x34u);
    CHECK_EQ(namco.read(0x5800), 0x12u);
    namco.write(0xF800, 0x4E);
    namco.write(0x6000, 7);
    namco.write(0x6800, 7);
    CHECK_EQ(namco.read(0x6000), 7u);
    CHECK_EQ(namco.read(0x6800), 0u);

    check::context = "X1-005 RAM";
    Fixture x1({.mapper = 80, .nes2 = false});
    x1.write(0x7F05, 9);
    CHECK_EQ(x1.read(0x7F05), 0xEEu);
    x1.write(0x7EF8, 0xA3);
    x1.write(0x7F05, 9);
    CHECK_EQ(x1.read(0x7F85), 9u);

    check::context = "X1-017 RAM";
    Fixture x17({.mapper = 82, .nes2 = false});
    CHECK_EQ(x17.read(0x6000), 0u);
    x17.write(0x7EF7, 0xCA);
    x17.write(0x7EF9, 0x84);
    x17.write(0x6000, 1);
    x17.write(0x6800, 2);
    x17.write(0x73FF, 3);
    CHECK_EQ(x17.read(0x6000), 1u);
    CHECK_EQ(x17.read(0x6800), 0u);
    CHECK_EQ(x17.read(0x73FF), 3u);

    check::context = "ET-4310 nibbles";
    Fixture et(board(225));
    et.write(0x5801, 0xA7);
    CHECK_EQ(et.read(0x5805, 0x50), 0x57u);

    check::context = "Nanjing 163 feedback and table switch";
    Fixture nanjing(chr_ram_board(163));
    nanjing.write(0x5100, 5);
    CHECK_EQ(nanjing.read(0x5500, 0) & 4, 0u);
    nanjing.write(0x5101, 1);
    CHECK_EQ(nanjing.read(0x5500, 0) & 4, 4u);
    nanjing.write(0x5000, 0x80);
    nanjing.board->ppu_bus(0x0000, 0);
    nanjing.board->ppu_bus(0x2200, 2);
    CHECK_EQ(nanjing.chr(0x0000), 1004);
    nanjing.board->ppu_bus(0x0000, 4);
    nanjing.board->ppu_bus(0x2100, 6);
    CHECK_EQ(nanjing.chr(0x1000), 1000);

    check::context = "GTROM latches reads";
    Fixture gtrom(chr_ram_board(111));
    gtrom.read(0x7000, 2);
    CHECK_EQ(gtrom.prg(0x8000), 32);

    check::context = "Vs. System, empty CHR socket";
    Fixture vs({.mapper = 99, .prg = 32, .chr = 8});
    CHECK(vs.board->watches_out_port);
    vs.write(0x4016, 4);
    CHECK_EQ(vs.chr(0x0000), -1);

    check::context = "Fong Shen Bang vectors";
    Fixture fong(board(246));
    fong.write(0x6003, 0x0F);
    CHECK_EQ(fong.read(0xF800), 0x0Fu * 4 + 3);
    CHECK_EQ(fong.read(0xFFFC), 0xFFu);

    check::context = "Sunsoft-4 RAM";
    Fixture sunsoft(board(68));
    sunsoft.write(0x6000, 5);
    CHECK_EQ(sunsoft.read(0x6000), 0xEEu);
    sunsoft.write(0xF000, 0x10);
    sunsoft.write(0x6000, 5);
    CHECK_EQ(sunsoft.read(0x6000), 5u);
}

void test_maxi15() {
    check::context = "Maxi 15";
    auto image = board(234);
    Fixture f(image);
    CHECK_EQ(f.prg(0xF800), -1);
    CHECK_EQ(f.read(0xF800), 15u);  // page 15 of bank 0
    f.write(0xFF80, 0x43);          // NINA mode, block 1; the ROM holds $FF there
    f.write(0xFFE8, 0x21);
    CHECK_EQ(f.prg(0x8000), 48);
    CHECK_EQ(f.chr(0x0000), (8 | 2) * 8);
    f.write(0xFF80, 0x85);  // locked
    CHECK_EQ(f.prg(0x8000), 48);
    f.board->reset();
    CHECK_EQ(f.prg(0x8000), 0);
    f.write(0xFF80, 0x85);
    CHECK_EQ(f.prg(0x8000), 80);
    CHECK_EQ(f.nametables(), std::string("0011"));
    f.read(0xFFE8);  // reading a $FF writes it
    CHECK_EQ(f.chr(0x0000), (5 * 4 + 3) * 8);
}

/// The board's register `name`, element `index`.
unsigned field(const Fixture& f, const std::string& name, unsigned index) {
    for (const Field& entry : f.board->fields()) {
        if (entry.name == name && index < entry.count) return f.state.board[entry.offset + index * entry.element_size];
    }
    return 0xBAD;
}

/// Sound is not made, but what a program told the chip is in the state.
void test_sound_registers() {
    check::context = "sound registers";
    Fixture vrc6({.mapper = 24});
    vrc6.write(0x9001, 0x11);
    vrc6.write(0xA002, 0x22);
    vrc6.write(0xB000, 0x33);
    CHECK_EQ(field(vrc6, "sound", 1), 0x11u);
    CHECK_EQ(field(vrc6, "sound", 6), 0x22u);
    CHECK_EQ(field(vrc6, "sound", 8), 0x33u);
    Fixture swapped({.mapper = 26});
    swapped.write(0x9001, 0x11);
    CHECK_EQ(field(swapped, "sound", 2), 0x11u);
    Fixture vrc7({.mapper = 85, .submapper = 2});
    vrc7.write(0x9010, 0x15);
    vrc7.write(0x9030, 0x44);
    CHECK_EQ(field(vrc7, "sound", 0x15), 0x44u);
    Fixture fme7({.mapper = 69});
    fme7.write(0xC000, 0x07);
    fme7.write(0xE000, 0x55);
    CHECK_EQ(field(fme7, "sound", 7), 0x55u);
    Fixture mmc5({.mapper = 5});
    mmc5.write(0x5011, 0x66);
    CHECK_EQ(field(mmc5, "sound", 0x11), 0x66u);
}

}  // namespace

void test_banks() {
    test_sound_registers();
    test_tables(cases());
    test_tile_latches();
    test_odd_ends();
    test_maxi15();
}

}  // namespace nes::test
