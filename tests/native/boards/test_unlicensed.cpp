// Banks and mirroring of boards without a licence, of disk copiers, and of the rarer boards with one.
#include "tables.hpp"

namespace nes::test {
namespace {

// 2 MB of each: 256 banks of 8 KB, 2048 of 1 KB.
constexpr Image large(unsigned mapper, unsigned submapper = 0) {
    return {.mapper = mapper, .submapper = submapper, .prg = 2048, .chr = 2048};
}
constexpr Image large_ram(unsigned mapper, unsigned submapper = 0) {
    return {.mapper = mapper, .submapper = submapper, .prg = 2048, .chr = 0, .chr_ram = 256};
}
constexpr Write kR6{0x8000, 6};
constexpr Write kR2{0x8000, 2};

// clang-format off
const std::vector<Case>& cases() {
    static const std::vector<Case> kCases = {
        // --- clones of the MMC3 ---
        {"SL-5020B", {.mapper = 12, .prg = 512, .chr = 512}, {{0x4132, 0x10}, kR2, {0x8001, 9}}, {{0x0000, 0}, {0x1000, 0x109}}, nullptr},
        {"Waixing 74", {.mapper = 74, .prg = 512, .chr = 256, .chr_ram = 2}, {kR2, {0x8001, 9}, {0x8000, 3}, {0x8001, 10}}, {{0x1000, 1001}, {0x1400, 10}}, nullptr},
        {"Waixing 191", {.mapper = 191, .prg = 512, .chr = 128, .chr_ram = 2}, {kR2, {0x8001, 0x81}, {0x8000, 3}, {0x8001, 10}}, {{0x1000, 1001}, {0x1400, 10}}, nullptr},
        {"FS308", {.mapper = 192, .prg = 512, .chr = 256, .chr_ram = 4}, {kR2, {0x8001, 11}, {0x8000, 3}, {0x8001, 12}}, {{0x1000, 1003}, {0x1400, 12}}, nullptr},
        {"Waixing 194", {.mapper = 194, .prg = 512, .chr = 256, .chr_ram = 2}, {kR2, {0x8001, 1}, {0x8000, 3}, {0x8001, 2}}, {{0x1000, 1001}, {0x1400, 2}}, nullptr},
        {"SuperGame 114", large(114), {{0xA000, 4}, {0xC000, 5}, {0xA000, 6}, {0xC000, 9}, {0x6001, 1}}, {{0x8000, 20}, {0x1000, 0x109}}, nullptr},
        {"SuperGame 114, NROM", large(114), {{0x6000, 0xA5}}, {{0x8000, 32}, {0xC000, 40}}, nullptr},
        {"Boogerman", large(114, 1), {{0xA000, 4}, {0x8001, 5}, {0xA000, 2}, {0x8001, 9}}, {{0x8000, 20}, {0x1C00, 9}}, nullptr},
        {"Kasheng 115", large(115), {{0x6000, 0x40}, {0x6001, 1}, kR6, {0x8001, 0x25}}, {{0x8000, 0x25 * 4}, {0xE000, 0x3F * 4}, {0x0000, 0x100}}, nullptr},
        {"Kasheng 115, NROM", large(115), {{0x6000, 0xC5}}, {{0x8000, 21 * 8}, {0xC000, 21 * 8}}, nullptr},
        {"A9711", {.mapper = 121, .prg = 256, .chr = 512}, {{0x8001, 0x28}, {0x8003, 0x28}}, {{0xC000, 20}, {0x0000, 0x128}, {0x1000, 4}}, nullptr},
        {"A9711, protection off", {.mapper = 121, .prg = 256, .chr = 512}, {{0x8001, 0x28}, {0x8003, 0x28}, {0x8003, 0}}, {{0xC000, 120}}, nullptr},
        {"A9713", {.mapper = 121, .prg = 512, .chr = 512}, {{0x5180, 0x80}, kR6, {0x8001, 5}}, {{0x8000, 0x25 * 4}, {0x1000, 0x104}}, nullptr},
        {"H2288", large(123), {{0x8000, 4}, {0x8001, 5}, {0x8000, 6}, {0x8001, 9}}, {{0x8000, 20}, {0x1000, 9}}, nullptr},
        {"H2288, NROM", large(123), {{0x5800, 0x75}}, {{0x8000, 15 * 8}, {0xC000, 15 * 8}}, nullptr},
        {"Fire Emblem", {.mapper = 165, .prg = 512, .chr = 128, .chr_ram = 4}, {{0x8000, 0}, {0x8001, 8}, {0x8000, 2}, {0x8001, 0}}, {{0x0000, 8}, {0x1000, 1000}}, nullptr},
        {"A98402", {.mapper = 187, .prg = 512, .chr = 512}, {{0x5000, 0xAA}}, {{0x8000, 32}, {0xC000, 40}, {0x0000, 0}, {0x1000, 0x104}}, nullptr},
        {"MRCM, any line", large(196), {{0x8000, 6}, {0x8004, 5}}, {{0x8000, 20}}, nullptr},
        {"MRCM, 32 KB", large(196), {{0x6000, 0x03}}, {{0x8000, 48}, {0xE000, 60}}, nullptr},
        {"MRCM, A1", large(196, 1), {{0x8000, 6}, {0x8002, 5}}, {{0x8000, 20}}, nullptr},
        {"MRCM, A2", large(196, 2), {{0x8000, 6}, {0x8004, 5}}, {{0x8000, 20}}, nullptr},
        {"MRCM, A1, 32 KB", large(196, 3), {}, {{0x8000, 0}, {0xE000, 12}}, nullptr},
        {"Kasheng 197", large(197), {{0x8000, 0}, {0x8001, 5}, kR2, {0x8001, 9}, {0x8000, 3}, {0x8001, 11}}, {{0x0000, 8}, {0x0800, 10}, {0x1000, 18}, {0x1800, 22}}, nullptr},
        {"FC-28-5027", large(197, 1), {{0x8000, 1}, {0x8001, 5}, {0x8000, 4}, {0x8001, 9}, {0x8000, 5}, {0x8001, 11}}, {{0x0000, 8}, {0x0800, 10}, {0x1000, 18}, {0x1800, 22}}, nullptr},
        {"Mortal Kombat III Special", large(197, 2), {{0x8000, 0}, {0x8001, 5}, {0x8000, 1}, {0x8001, 6}, kR2, {0x8001, 9}, {0x8000, 5}, {0x8001, 11}}, {{0x0000, 8}, {0x0800, 14}, {0x1000, 18}, {0x1800, 22}}, nullptr},
        {"Super 2-in-1", large(197, 3), {{0xA001, 0x80}, {0x6000, 9}, kR6, {0x8001, 0x25}}, {{0x8000, 0x15 * 4}, {0xE000, 0x1F * 4}}, nullptr},
        {"Waixing 198", {.mapper = 198, .prg = 640, .chr = 0, .prg_ram = 16, .chr_ram = 8}, {kR6, {0x8001, 0x12}, {0x8000, 7}, {0x8001, 0x52}}, {{0x5000, -2}, {0x6000, -2}, {0x8000, 72}, {0xA000, 0x42 * 4}, {0xC000, 0x4E * 4}, {0xE000, 0x4F * 4}, {0x1000, 1004}}, nullptr},
        {"FS309", {.mapper = 199, .prg = 1024, .chr = 0, .prg_ram = 32, .chr_ram = 8}, {kR6, {0x8001, 0x52}}, {{0x5000, -2}, {0x8000, 0x52 * 4}, {0xE000, 0x7F * 4}, {0x0000, 1000}}, nullptr},
        {"UNL-8237", large(215), {{0x5001, 0x3D}, {0x5000, 0x40}, kR6, {0x8001, 0x15}, kR2, {0x8001, 0x95}}, {{0x8000, 0x35 * 4}, {0xE000, 0x3F * 4}, {0x1000, 0x395}}, nullptr},
        {"UNL-8237, NROM-256", large(215), {{0x5001, 0x01}, {0x5000, 0xA5}}, {{0x8000, 20 * 8}, {0xC000, 21 * 8}}, nullptr},
        {"UNL-8237, scrambled", large(215), {{0x5001, 0}, {0x5007, 1}, {0xA000, 2}, {0xC000, 5}}, {{0x8000, 20}}, nullptr},
        {"UNL-8237A", large(215, 1), {{0x5001, 0x0E}, {0x5000, 0}}, {{0xE000, 0xDF * 4}, {0x0000, 0x700}}, nullptr},
        {"F003", {.mapper = 245, .prg = 1024, .chr = 0, .chr_ram = 8}, {kR6, {0x8001, 5}, {0x8000, 0}, {0x8001, 2}}, {{0x8000, 0x45 * 4}, {0xE000, 0x7F * 4}, {0x1000, 1004}}, nullptr},
        {"T9552, as the file", {.mapper = 249, .prg = 512, .chr = 256}, {kR6, {0x8001, 2}, kR2, {0x8001, 4}}, {{0x8000, 8}, {0x1000, 4}}, nullptr},
        {"T9552, pattern 2", {.mapper = 249, .prg = 512, .chr = 256}, {{0x5000, 2}, kR6, {0x8001, 2}, kR2, {0x8001, 4}}, {{0x8000, 32}, {0x1000, 32}}, nullptr},
        {"T9552, mapper 4", {.mapper = 4, .submapper = 5, .prg = 512, .chr = 256}, {{0x5000, 2}, kR6, {0x8001, 2}}, {{0x8000, 8}}, nullptr},
        {"Nitra", large(250), {{0x8006, 0}, {0x8405, 0}, {0xA001, 0}}, {{0x8000, 20}}, "0011"},
        // --- AA6023 and FK23C ---
        {"COOLBOY at power-on", large_ram(268), {}, {{0x8000, 0}, {0xE000, 0x3F * 4}}, nullptr},
        {"COOLBOY, 128 KB", large_ram(268), {{0x6000, 0x45}, {0x6001, 0x80}, kR6, {0x8001, 0x3A}}, {{0x8000, 0x5A * 4}, {0xE000, 0x5F * 4}}, nullptr},
        {"COOLBOY, NROM-128", large_ram(268), {{0x6000, 0x42}, {0x6001, 0x80}, {0x6002, 0x03}, {0x6003, 0x16}}, {{0x8000, (16 + 3) * 8}, {0xC000, (16 + 3) * 8}, {0x0000, 1024}}, nullptr},
        {"COOLBOY, NROM-256", large_ram(268), {{0x6000, 0x42}, {0x6001, 0x82}, {0x6003, 0x14}}, {{0x8000, (16 + 2) * 8}, {0xC000, (16 + 3) * 8}}, nullptr},
        {"COOLBOY, locked", large_ram(268), {{0x6000, 0x42}, {0x6001, 0x80}, {0x6003, 0x80}, {0x6000, 0}}, {{0xE000, 0x2F * 4}}, nullptr},
        {"MINDKIDS", large_ram(268, 1), {{0x5000, 0x45}, {0x5001, 0x80}}, {{0xE000, 0x5F * 4}}, nullptr},
        {"KT-008", {.mapper = 224, .prg = 2048, .chr = 0, .chr_ram = 8}, {{0x5000, 0x45}, {0x5001, 0x80}}, {{0xE000, 0x5F * 4}}, nullptr},
        {"SMD173", large_ram(268, 2), {{0x7000, 0x45}, {0x7001, 0x88}}, {{0xE000, 0xDF * 4}}, nullptr},
        {"KP-6022", large(268, 4), {{0x6000, 0x51}, {0x6001, 0x80}}, {{0xE000, 0x9F * 4}, {0x0000, 0x100}}, nullptr},
        {"SMD172C, one screen", large_ram(268, 10), {{0x6000, 0x10}}, {{0x8000, 0}}, "1111"},
        {"Super24in1", large(176), {{0x5010, 2}, {0x5011, 0x0C}, {0x5012, 0x20}, kR6, {0x8001, 0x15}}, {{0x8000, 0x15 * 4}, {0xE000, 0x1F * 4}, {0x0000, 0x100}}, nullptr},
        {"Super24in1, NROM-128", large(176), {{0x5010, 0x43}, {0x5011, 0x0D}, {0x5012, 0x21}}, {{0x8000, 104}, {0xC000, 104}, {0x0000, 0x108}}, nullptr},
        {"Super24in1, UNROM", large(176), {{0x5010, 5}, {0x5011, 0x09}, {0x9000, 3}}, {{0x8000, 88}, {0xC000, 120}}, nullptr},
        {"FK23C at power-on", large(176, 1), {}, {{0xE000, 1020}}, nullptr},
        {"FK23C, extended", large(176, 1), {{0x5013, 2}, {0x8000, 8}, {0x8001, 9}, {0x8000, 10}, {0x8001, 5}}, {{0xC000, 36}, {0x0400, 5}}, nullptr},
        {"FK23C, CNROM", large(176, 1), {{0x5010, 0x44}, {0x5012, 0x20}, {0x8000, 3}}, {{0x0000, 0x118}}, nullptr},
        {"FS005, PRG A21", {.mapper = 176, .submapper = 2, .prg = 4096, .chr = 256, .chr_ram = 8}, {{0x5010, 8}, {0x5011, 0}}, {{0xE000, (0x100 | 0x3F) * 4}}, nullptr},
        {"JX9003B", {.mapper = 176, .submapper = 3, .prg = 4096, .chr = 256}, {{0x5010, 4}, {0x5011, 2}, {0x5015, 1}}, {{0x8000, 130 * 8}, {0xC000, 131 * 8}}, nullptr},
        {"HST-162", {.mapper = 176, .submapper = 5, .prg = 2048, .chr = 256}, {{0x4800, 2}, {0x5011, 4}, {0x5010, 4}}, {{0x8000, 68 * 8}, {0xC000, 69 * 8}}, nullptr},
        // --- copiers ---
        {"Magic Card, UN1ROM", {.mapper = 6, .submapper = 1, .prg = 256, .chr = 0, .chr_ram = 32}, {{0x8000, 0x16}}, {{0x8000, 40}, {0xC000, 56}, {0x0000, 1016}}, "0011"},
        {"Magic Card, UNROM", {.mapper = 6, .prg = 256, .chr = 0, .chr_ram = 32, .vertical = true}, {{0x8000, 0x05}}, {{0x8000, 40}, {0xC000, 56}}, "0101"},
        {"Magic Card, reverse UOROM", {.mapper = 6, .submapper = 3, .prg = 256, .chr = 0, .chr_ram = 32}, {{0x8000, 0x25}}, {{0x8000, 120}, {0xC000, 40}, {0x0000, 1016}}, nullptr},
        {"Magic Card, GNROM", {.mapper = 8, .prg = 128, .chr = 32}, {{0x8000, 0x12}}, {{0x8000, 16}, {0x0000, 16}}, nullptr},
        {"Magic Card, mode by register", {.mapper = 6, .prg = 256, .chr = 32}, {{0x42FE, 0xB0}, {0x8000, 2}}, {{0x8000, 48}, {0x0000, 16}}, "1111"},
        {"Magic Card, 2 MB mode", {.mapper = 6, .prg = 256, .chr = 32}, {{0x43FE, 0}, {0x8000, 5 << 2 | 1}, {0xE000, 6 << 2 | 2}}, {{0x8000, 20}, {0xE000, 24}, {0x0000, 16}}, nullptr},
        {"Magic Card 4M", {.mapper = 12, .submapper = 1, .prg = 128, .chr = 128}, {{0x4504, 3}, {0x4505, 33}}, {{0x8000, 12}, {0xA000, -2}, {0xC000, 56}, {0xE000, 60}}, nullptr},
        {"Super Magic Card", {.mapper = 17, .prg = 256, .chr = 256}, {{0x4504, 3}, {0x4507, 9}, {0x4513, 77}}, {{0x8000, 12}, {0xC000, 120}, {0xE000, 36}, {0x0C00, 77}}, "0011"},
        {"Super Magic Card, CHR nametables", {.mapper = 17, .prg = 256, .chr = 256}, {{0x4518, 9}, {0x4500, 0x45}}, {{0x2000, 9}}, "CCCC"},
        {"Super Game Doctor, custom 1", {.mapper = 561, .submapper = 6, .prg = 128, .chr = 32}, {{0x8000, 0x53}}, {{0x8000, 12}, {0xA000, 20}, {0xC000, 56}}, nullptr},
        {"Super Game Doctor, custom 2", {.mapper = 561, .submapper = 7, .prg = 128, .chr = 32}, {{0x8000, 0x43}}, {{0x8000, 8}, {0xA000, 20}}, nullptr},
        {"Super Game Doctor, 4M", {.mapper = 561, .prg = 512, .chr = 32}, {{0x43FE, 0}, {0xA000, 33 << 2 | 3}}, {{0xA000, 132}, {0x0000, 24}}, nullptr},
        {"Turbo Game Doctor, 2M", {.mapper = 562, .prg = 256, .chr = 256}, {{0x43FE, 0x40}, {0x8000, 5 << 2}}, {{0x8000, 84}}, nullptr},
        {"Turbo Game Doctor, 4M", {.mapper = 562, .prg = 512, .chr = 256}, {{0x4411, 0xC0}, {0x8000, 33 << 2}, {0x4403, 77}}, {{0x8000, 132}, {0x0C00, 77}}, nullptr},
        // --- J.Y. Company ---
        {"J.Y. at power-on", board(90), {}, {{0x8000, 240}, {0xE000, 252}, {0x0000, 0}}, "0101"},
        {"J.Y., 8 KB and 1 KB", board(90), {{0xD000, 0x1A}, {0x8000, 3}, {0x8002, 5}, {0x9003, 0x42}, {0xA003, 0}, {0xD001, 1}}, {{0x8000, 12}, {0xC000, 20}, {0xE000, 252}, {0x0C00, 0x42}}, "0011"},
        {"J.Y., 16 KB and 2 KB", board(90), {{0xD000, 0x11}, {0x8001, 3}, {0x9002, 5}}, {{0x8000, 24}, {0xC000, 248}, {0x0800, 10}}, nullptr},
        {"J.Y., reversed", board(90), {{0xD000, 0x07}, {0x8003, 0x60}}, {{0xE000, 12}}, nullptr},
        {"J.Y., ROM at $6000", board(90), {{0xD000, 0x82}, {0x8003, 5}}, {{0x6000, 20}}, nullptr},
        {"J.Y., outer bank", large(90), {{0xD000, 0x1A}, {0xD003, 0x0B}, {0x8000, 3}, {0x9000, 9}}, {{0x8000, 0x43 * 4}, {0x0000, 0x309}}, nullptr},
        {"J.Y., nametables inhibited", board(90), {{0xD000, 0x60}, {0xB000, 5}}, {{0x8000, 240}}, "0101"},
        {"J.Y., ROM nametables", board(209), {{0xD000, 0x60}, {0xB000, 5}, {0xB001, 6}}, {{0x2000, 5}, {0x2400, 6}}, "CCCC"},
        {"J.Y., some ROM nametables", board(209), {{0xD000, 0x20}, {0xB000, 0x85}, {0xB001, 1}, {0xB003, 0}}, {{0x2000, 0x85}}, "C100"},
        {"J.Y., extended mirroring", board(211), {{0xD001, 8}, {0xB000, 1}, {0xB003, 1}}, {{0x8000, 240}}, "1001"},
        {"J.Y. 282", large(282), {{0xD000, 0x1A}, {0xD003, 0x1B}, {0x8000, 3}, {0x9000, 9}}, {{0x8000, 0x23 * 4}, {0x0000, 0x309}}, nullptr},
        // --- Sachen, TXC ---
        {"TXC 36", board(36), {{0x4102, 0x20}, {0x4100, 0}, {0x8000, 0}, {0x4200, 5}}, {{0x8000, 32}, {0x0000, 40}}, nullptr},
        {"TXC 132", board(132), {{0x4102, 0x06}, {0x4100, 0}, {0x8000, 0}}, {{0x8000, 16}, {0x0000, 16}}, nullptr},
        {"TXC 132, incremented", board(132), {{0x4102, 0x01}, {0x4100, 0}, {0x4103, 1}, {0x4100, 0}, {0x8000, 0}}, {{0x0000, 16}}, nullptr},
        {"SA-72008", board(133), {{0x4100, 6}}, {{0x8000, 16}, {0x0000, 16}}, nullptr},
        {"Sachen 3011", board(136), {{0x4102, 0x15}, {0x4100, 0}, {0x8000, 0}}, {{0x8000, 16}, {0x0000, 40}}, nullptr},
        {"8259D", {.mapper = 137, .prg = 128, .chr = 32}, {{0x4100, 0}, {0x4101, 5}, {0x4100, 3}, {0x4101, 2}, {0x4100, 4}, {0x4101, 4}, {0x4100, 6}, {0x4101, 1}, {0x4100, 7}, {0x4101, 2}}, {{0x0000, 5}, {0x0C00, 26}, {0x1000, 28}}, "0101"},
        {"8259B", board(138), {{0x4100, 1}, {0x4101, 5}, {0x4100, 4}, {0x4101, 2}, {0x4100, 5}, {0x4101, 3}, {0x4100, 7}, {0x4101, 2}}, {{0x8000, 48}, {0x0800, 42}}, "0011"},
        {"8259A", board(141), {{0x4100, 1}, {0x4101, 5}, {0x4100, 7}, {0x4101, 4}}, {{0x0800, 22}}, "0111"},
        {"8259C, simple", board(139), {{0x4100, 0}, {0x4101, 2}, {0x4100, 7}, {0x4101, 3}}, {{0x0000, 16}, {0x1800, 22}}, "0101"},
        {"Q-Boy", {.mapper = 141, .prg = 128, .chr = 0, .chr_ram = 8}, {{0x4100, 1}, {0x4101, 5}}, {{0x0800, 1002}}, nullptr},
        {"SA-72007", board(145), {{0x4100, 0x80}}, {{0x0000, 8}}, nullptr},
        {"Sachen 3018", board(147), {{0x4102, 0x96}, {0x4100, 0}, {0x8000, 0}}, {{0x8000, 48}, {0x0000, 16}}, nullptr},
        {"SA-0036", board(149), {{0x8004, 0x80}}, {{0x0000, 8}}, nullptr},
        {"SA-015", board(150), {{0x4100, 4}, {0x4101, 1}, {0x4100, 5}, {0x4101, 2}, {0x4100, 6}, {0x4101, 3}}, {{0x8000, 32}, {0x0000, 56}}, "0001"},
        {"SA-020A", board(243), {{0x4100, 2}, {0x4101, 1}, {0x4100, 4}, {0x4101, 1}, {0x4100, 6}, {0x4101, 2}, {0x4100, 7}, {0x4101, 2}}, {{0x0000, 88}}, "0011"},
        {"P4070", board(172), {{0x4102, 0x10}, {0x4100, 0}, {0x8000, 0}}, {{0x0000, 16}}, "0011"},
        {"Idea-Tek", {.mapper = 173, .prg = 32, .chr = 32}, {{0x4102, 1}, {0x4100, 0}, {0x8000, 0}}, {{0x0000, 24}}, nullptr},
        // --- three chips in one ---
        {"SOMARI-P, VRC2", board(116), {{0x8003, 5}, {0xA001, 6}, {0x9000, 1}, {0xB000, 3}, {0xB001, 1}, {0xE002, 4}}, {{0x8000, 20}, {0xA000, 24}, {0xC000, 248}, {0x0000, 0x13}, {0x1C00, 0xF4}}, "0011"},
        {"SOMARI-P, MMC3", board(116), {{0x4100, 1}, {0x8000, 6}, {0x8001, 9}, {0x8000, 2}, {0x8001, 7}, {0xA000, 0}}, {{0x8000, 36}, {0xE000, 252}, {0x1000, 7}}, "0101"},
        {"SOMARI-P, MMC1", {.mapper = 116, .prg = 512, .chr = 512}, {{0x4100, 6}, {0x8000, 1}, {0x8000, 1}, {0x8000, 1}, {0x8000, 1}, {0x8000, 1}, {0xA000, 1}, {0xA000, 0}, {0xA000, 1}, {0xA000, 0}, {0xA000, 0}, {0xE000, 0}, {0xE000, 1}, {0xE000, 1}, {0xE000, 0}, {0xE000, 0}}, {{0x8000, 48}, {0xC000, 120}, {0x0000, 256 + 20}}, "0011"},
        {"Huang-2, MMC1", {.mapper = 116, .prg = 128, .chr = 128}, {{0x4100, 2}, {0xE000, 0}, {0xE000, 1}, {0xE000, 1}, {0xE000, 0}, {0xE000, 0}}, {{0x8000, 24}, {0xC000, 56}}, nullptr},
        {"World Hero", board(27), {{0x8000, 5}, {0xA000, 6}, {0xB002, 3}, {0xB003, 1}, {0x9000, 1}}, {{0x8000, 20}, {0xA000, 24}, {0x0400, 0x13}}, "0011"},
        {"Golden Five", {.mapper = 104, .prg = 1024, .chr = 0, .chr_ram = 8}, {{0x8000, 2}, {0xC000, 5}}, {{0x8000, (2 * 16 + 5) * 8}, {0xC000, (2 * 16 + 15) * 8}}, nullptr},
        {"Golden Five, held", {.mapper = 104, .prg = 1024, .chr = 0, .chr_ram = 8}, {{0x8927, 0x0C}, {0x8000, 1}}, {{0x8000, 16 * 8}}, nullptr},
        // --- disks on cartridges ---
        {"NTDEC 2722", board(40), {{0xE000, 3}}, {{0x6000, 24}, {0x8000, 16}, {0xC000, 12}, {0xE000, 28}}, nullptr},
        {"NTDEC 2752", board(40, 1), {{0xC000 | 0x20 | 8 | 5, 0}}, {{0x6000, -1}, {0x8000, 40}, {0xC000, 40}, {0x0000, 16}}, "0011"},
        {"Mario Baby", {.mapper = 42, .prg = 128, .chr = 128}, {{0xE000, 3}, {0x8000, 5}, {0xE001, 8}}, {{0x6000, 12}, {0x8000, 48}, {0x0000, 40}}, "0011"},
        {"TONY-I", {.mapper = 43, .prg = 80, .chr = 8}, {{0x4022, 5}}, {{0x5000, 32}, {0x5800, 32}, {0x6000, 8}, {0x8000, 4}, {0xA000, 0}, {0xC000, 28}, {0xE000, 36}}, nullptr},
        {"N-32", {.mapper = 50, .prg = 128, .chr = 8}, {{0x4020, 0x0B}}, {{0x6000, 60}, {0x8000, 32}, {0xA000, 36}, {0xC000, 52}, {0xE000, 44}}, nullptr},
        {"KS202 with SMB3", board(56), {{0xE000, 2}, {0xF001, 3}, {0xE000, 6}, {0xFC02, 9}, {0xF800, 1}}, {{0xA000, 12}, {0xE000, 124}, {0x0800, 9}}, "0101"},
        {"SMB3 (106)", board(106), {{0x8008, 3}, {0x8009, 0x15}, {0x8001, 6}, {0x8005, 9}, {0x800C, 1}}, {{0x8000, 76}, {0xA000, 84}, {0xE000, 124}, {0x0400, 7}, {0x1400, 9}}, "0011"},
        {"DH-08", {.mapper = 108, .submapper = 1, .prg = 128, .chr = 0, .chr_ram = 8}, {{0xF000, 3}, {0xE000, 5}}, {{0x6000, 12}, {0x8000, 48}}, nullptr},
        {"UNL-BB", {.mapper = 108, .prg = 128, .chr = 64}, {{0xE000, 3}}, {{0x6000, 12}, {0x0000, 24}}, nullptr},
        {"LH54", {.mapper = 108, .submapper = 3, .prg = 128, .chr = 0, .chr_ram = 8}, {{0x8000, 3}}, {{0x6000, 12}}, nullptr},
        {"LE05", {.mapper = 108, .submapper = 4, .prg = 64, .chr = 16}, {{0x8000, 1}}, {{0x6000, 28}, {0x0000, 8}}, nullptr},
        {"LH32", {.mapper = 125, .prg = 128, .chr = 0, .chr_ram = 8}, {{0x7ABC, 3}}, {{0x6000, 12}, {0x8000, 48}, {0xA000, 52}, {0xE000, 60}}, nullptr},
        {"LH30", {.mapper = 103, .prg = 128, .chr = 0, .chr_ram = 8}, {{0x8FFF, 5}, {0xE000, 8}, {0xF000, 0x10}}, {{0x6000, 20}, {0x8000, 48}, {0xB800, 55}, {0xD800, 59}}, "0011"},
        {"MARIO1-MALEE2", {.mapper = 55, .prg = 48, .chr = 8}, {}, {{0x6000, 16}, {0x6800, 16}, {0x8000, 0}, {0xF800, 15}}, nullptr},
        {"LH15", {.mapper = 120, .prg = 96, .chr = 0, .chr_ram = 8}, {{0x41FF, 3}}, {{0x6000, 12}, {0x8000, 32}}, nullptr},
        {"KS7032", {.mapper = 142, .prg = 128, .chr = 0, .chr_ram = 8}, {{0xE000, 4}, {0xF000, 3}, {0xE000, 2}, {0xF000, 5}}, {{0x6000, 12}, {0xA000, 20}, {0xE000, 60}}, nullptr},
        // --- the rest ---
        {"RET-CUFROM", {.mapper = 29, .prg = 128, .chr = 0, .chr_ram = 32}, {{0x8000, 0x0E}}, {{0x8000, 24}, {0xC000, 56}, {0x0000, 1016}}, "0101"},
        {"NSF banks", {.mapper = 31, .prg = 512, .chr = 0, .chr_ram = 8}, {{0x5FF9, 5}}, {{0x9000, 10}, {0xF000, 254}}, nullptr},
        {"JF-17", board(72), {{0x8004, 0x83}, {0x8004, 0x05}, {0x8004, 0x45}}, {{0x8000, 24}, {0xC000, 248}, {0x0000, 40}}, nullptr},
        {"JF-19", board(92), {{0x8004, 0x83}}, {{0x8000, 0}, {0xC000, 24}}, nullptr},
        {"N715021", board(81), {{0x800E, 0}}, {{0x8000, 24}, {0xC000, 248}, {0x0000, 16}}, nullptr},
        {"Cony", {.mapper = 83, .prg = 512, .chr = 256}, {{0x8100, 0x33}, {0x8301, 5}, {0x8303, 7}, {0x8312, 9}}, {{0x6000, 28}, {0xA000, 20}, {0xE000, 252}, {0x0800, 9}}, "1111"},
        {"Cony, 16 KB, 2 KB CHR", {.mapper = 83, .prg = 512, .chr = 512}, {{0x8000, 3}, {0x8316, 5}}, {{0x8000, 24}, {0xC000, 248}, {0x1000, 10}}, "0101"},
        {"Cony, 32 KB", {.mapper = 83, .prg = 512, .chr = 256}, {{0x8100, 0x08}, {0x8000, 6}}, {{0x8000, 48}}, nullptr},
        {"Cony with RAM", {.mapper = 83, .submapper = 2, .prg = 1024, .chr = 1024, .prg_ram = 32}, {{0x8000, 0x52}, {0x8310, 9}}, {{0x6000, -2}, {0x8000, (16 + 2) * 8}, {0xE000, 0x3F * 4}, {0x0000, 0x109}}, nullptr},
        {"830623C", {.mapper = 91, .prg = 512, .chr = 1024}, {{0x6001, 5}, {0x7001, 3}, {0x8003, 0}}, {{0xA000, 0x13 * 4}, {0xE000, 0x1F * 4}, {0x0800, 522}}, nullptr},
        {"EJ-006-1", {.mapper = 91, .submapper = 1, .prg = 128, .chr = 512}, {{0x6001, 5}, {0x7001, 3}, {0x6005, 0}}, {{0xA000, 12}, {0xE000, 60}, {0x0800, 10}}, "0101"},
        {"Oeka Kids", {.mapper = 96, .prg = 128, .chr = 0, .chr_ram = 32}, {{0x8004, 6}}, {{0x8000, 32}, {0x0000, 1016}, {0x1000, 1028}}, "0101"},
        {"Death Race", board(144), {{0x8004, 0x32}}, {{0x8000, 48}, {0x0000, 24}}, nullptr},
        {"FS304 at power-on", {.mapper = 162, .prg = 2048, .chr = 0, .chr_ram = 8}, {}, {{0x8000, 32}}, nullptr},
        {"FS304", {.mapper = 162, .prg = 2048, .chr = 0, .chr_ram = 8}, {{0x5300, 7}, {0x5000, 5}, {0x5200, 1}}, {{0x8000, 21 * 16}}, nullptr},
        {"PEC-9588", {.mapper = 164, .prg = 1024, .chr = 0, .chr_ram = 8}, {{0x5000, 0x05}, {0x5100, 1}}, {{0x8000, 37 * 8}, {0xC000, 63 * 8}}, "0101"},
        {"PEC-9588, BxROM", {.mapper = 164, .prg = 1024, .chr = 0, .chr_ram = 8}, {{0x5000, 0x15}, {0x5100, 1}}, {{0x8000, 21 * 16}}, "0011"},
        {"YC-03-09 at power-on", {.mapper = 558, .prg = 2048, .chr = 0, .chr_ram = 8}, {}, {{0x8000, 48}}, nullptr},
        {"YC-03-09", {.mapper = 558, .prg = 2048, .chr = 0, .chr_ram = 8}, {{0x5300, 7}, {0x5000, 5}, {0x5100, 1}}, {{0x8000, 21 * 16}}, nullptr},
        {"Subor 166", {.mapper = 166, .prg = 512, .chr = 0, .chr_ram = 8}, {{0xC000, 5}, {0xE000, 6}}, {{0x8000, 24}, {0xC000, 56}}, "0011"},
        {"Subor 167", {.mapper = 167, .prg = 1024, .chr = 0, .chr_ram = 8}, {{0xC000, 5}, {0xE000, 6}, {0x8000, 1}}, {{0x8000, 24}, {0xC000, 256}}, "0101"},
        {"Subor 167, 32 KB", {.mapper = 167, .prg = 1024, .chr = 0, .chr_ram = 8}, {{0xC000, 5}, {0xA000, 8}}, {{0x8000, 40}, {0xC000, 32}}, nullptr},
        {"NTDEC 5-in-1", board(174), {{0x8000 | 5 << 4 | 3 << 1 | 1, 0}}, {{0x8000, 40}, {0xC000, 40}, {0x0000, 24}}, "0011"},
        {"Hengge", chr_ram_board(177), {{0x8000, 0x25}}, {{0x8000, 80}}, "0011"},
        {"FS305, UNROM", large_ram(178), {{0x4800, 3}, {0x4801, 5}, {0x4802, 2}}, {{0x8000, 21 * 8}, {0xC000, 23 * 8}}, "0011"},
        {"FS305, 32 KB", large_ram(178), {{0x4800, 0}, {0x4801, 5}, {0x4802, 2}}, {{0x8000, 20 * 8}, {0xC000, 21 * 8}}, "0101"},
        {"Karaoke Studio", {.mapper = 188, .prg = 256, .chr = 0, .prg_ram = 0, .chr_ram = 8}, {{0x8004, 0x35}}, {{0x8000, 40}, {0xC000, 56}}, "0011"},
        {"Karaoke Studio, expansion", {.mapper = 188, .prg = 256, .chr = 0, .prg_ram = 0, .chr_ram = 8}, {{0xC004, 0x02}}, {{0x8000, 80}, {0xC000, 56}}, nullptr},
        {"Karaoke Studio without expansion", {.mapper = 188, .prg = 128, .chr = 0, .prg_ram = 0, .chr_ram = 8}, {{0xC004, 0x02}}, {{0x8000, -1}}, nullptr},
        {"Magic Kid Googoo", board(190), {{0xC000, 3}, {0xA002, 5}}, {{0x8000, 88}, {0xC000, 0}, {0x1000, 10}}, nullptr},
        {"VRC4e with RAM", {.mapper = 252, .prg = 256, .chr = 256, .chr_ram = 2}, {{0xB000, 7}, {0xB008, 5}}, {{0x0000, 1001}, {0x0400, 5}}, nullptr},
        {"VRC4e with RAM (253)", {.mapper = 253, .prg = 256, .chr = 256, .chr_ram = 2}, {{0xB000, 4}, {0xB008, 6}}, {{0x0000, 1000}, {0x0400, 6}}, nullptr},
    };
    return kCases;
}
// clang-format on

void test_trainer() {
    check::context = "copier with trainer";
    Image image{.mapper = 6, .prg = 32, .chr = 0, .chr_ram = 32, .nes2 = false};
    std::vector<std::uint8_t> file = build(image);
    file[6] |= 4;
    file.insert(file.begin() + 16, 512, 0x60);
    file[file.size() - 4] = 0x34;
    file[file.size() - 3] = 0x92;
    const auto rom = load_rom(file.data(), file.size());
    CHECK_EQ(rom->prg_ram_size, 36u * 1024);
    Fixture f(image);
    f.rom = rom;
    f.cart.rom = rom.get();
    f.board->power_on();
    f.board->map();
    // The CPU is led to the trainer first, and from there to the game.
    const unsigned start = f.read(0xFFFC) | f.read(0xFFFD) << 8;
    CHECK_EQ(f.read(start), 0x20u);
    CHECK_EQ(f.read(start + 1) | f.read(start + 2) << 8, 0x7003u);
    CHECK_EQ(f.read(start + 3), 0x6Cu);
    CHECK_EQ(f.read(0xFFFC) | f.read(0xFFFD) << 8, 0x9234u);
    CHECK(f.cart.cpu_read_page[31] != nullptr);
}

void test_protections() {
    check::context = "reads";
    Fixture tca({.mapper = 143, .prg = 32, .chr = 8});
    CHECK_EQ(tca.read(0x4112, 0xC0), 0xC0u | (~0x12u & 0x3F));
    Fixture txc(board(132));
    txc.write(0x4102, 0x0D);
    txc.write(0x4100, 0);
    CHECK_EQ(txc.read(0x4100, 0x50), 0x5Du);
    txc.write(0x4101, 1);
    CHECK_EQ(txc.read(0x4100, 0x50), 0x55u);
    Fixture jv001(board(136));
    jv001.write(0x4101, 1);
    jv001.write(0x4102, 0x25);
    jv001.write(0x4100, 0);
    CHECK_EQ(jv001.read(0x4100, 0), 0x1Au);
    Fixture indexed(board(150));
    indexed.write(0x4100, 3);
    indexed.write(0x4101, 6);
    CHECK_EQ(indexed.read(0x4101, 0xA0), 0xA6u);
    Fixture jy(board(90));
    jy.write(0x5800, 200);
    jy.write(0x5801, 100);
    CHECK_EQ(jy.read(0x5800) | jy.read(0x5801) << 8, 20000u);
    jy.write(0x5802, 3);
    jy.write(0x5802, 4);
    CHECK_EQ(jy.read(0x5802), 7u);
    jy.write(0x5803, 9);
    CHECK_EQ(jy.read(0x5802), 0u);
    CHECK_EQ(jy.read(0x5803), 9u);
    Fixture cony(board(83));
    cony.write(0x5102, 0x5A);
    CHECK_EQ(cony.read(0x5106), 0x5Au);
    Fixture karaoke({.mapper = 188, .prg = 128, .chr = 0, .prg_ram = 0, .chr_ram = 8});
    CHECK_EQ(karaoke.read(0x6000, 0xE8), 0xEBu);
    Fixture a9711({.mapper = 121, .prg = 256, .chr = 256});
    a9711.write(0x5000, 2);
    CHECK_EQ(a9711.read(0x5001), 0x42u);
}

void test_tiles_and_rows() {
    check::context = "FS303: a write to CHR-ROM selects the RAM";
    Fixture fs303({.mapper = 195, .prg = 512, .chr = 256, .chr_ram = 8});
    fs303.write(0x8000, 2);
    fs303.write(0x8001, 0x28);
    CHECK_EQ(fs303.chr(0x1000), 1000);
    fs303.write(0x8001, 0x82);
    CHECK_EQ(fs303.chr(0x1000), 0x82);
    fs303.board->ppu_write(0x1000, 0);
    fs303.write(0x8001, 0x28);
    CHECK_EQ(fs303.chr(0x1000), 0x28);
    fs303.write(0x8001, 0x03);
    CHECK_EQ(fs303.chr(0x1000), 1003);
    CHECK(fs303.survives_restore());
    check::context = "Fire Emblem: tiles switch banks";
    Fixture fire({.mapper = 165, .prg = 512, .chr = 128, .chr_ram = 4});
    fire.write(0x8000, 0);
    fire.write(0x8001, 8);
    fire.write(0x8000, 1);
    fire.write(0x8001, 12);
    CHECK_EQ(fire.chr(0x0000), 8);
    fire.board->ppu_bus(0x0FE0, 10);
    fire.board->ppu_bus(0x2000, 12);
    CHECK_EQ(fire.chr(0x0000), 12);
    check::context = "Oeka Kids: rows of the nametable";
    Fixture oeka({.mapper = 96, .prg = 128, .chr = 0, .chr_ram = 32});
    oeka.board->ppu_bus(0x0000, 10);
    oeka.board->ppu_bus(0x2200, 12);
    CHECK_EQ(oeka.chr(0x0000), 1008);
    oeka.board->ppu_bus(0x23C0, 14);
    CHECK_EQ(oeka.chr(0x0000), 1008);
    oeka.board->ppu_bus(0x0000, 16);
    oeka.board->ppu_bus(0x2100, 18);
    CHECK_EQ(oeka.chr(0x0000), 1004);
    check::context = "FS304: halves of the nametable";
    Fixture fs304({.mapper = 162, .prg = 2048, .chr = 0, .chr_ram = 8});
    fs304.write(0x5000, 0x80);
    fs304.board->ppu_bus(0x0000, 10);
    fs304.board->ppu_bus(0x2200, 12);
    CHECK_EQ(fs304.chr(0x0000), 1004);
}

/// The EEPROM at the other end of three wires, as 558 has them.
void test_microwire() {
    check::context = "93C66";
    Image image{.mapper = 558, .prg = 2048, .chr = 0, .prg_ram = 0, .chr_ram = 8};
    std::vector<std::uint8_t> file = build(image);
    file[10] = 3 << 4;  // 512 bytes that are kept
    const auto rom = load_rom(file.data(), file.size());
    Fixture f(image);
    f.prg_ram.assign(512, 0xFF);
    f.rom = rom;
    f.cart.rom = rom.get();
    f.cart.prg_ram = f.prg_ram.data();
    f.board->map();
    f.write(0x5300, 7);
    const auto clock = [&](unsigned data) {
        f.write(0x5200, 4 | data);
        f.write(0x5200, 6 | data);
        f.write(0x5200, 4 | data);
        return f.read(0x5500, 0) >> 2 & 1;
    };
    const auto send = [&](unsigned value, unsigned count) {
        for (unsigned i = count; i-- > 0;) clock(value >> i & 1);
    };
    const auto begin = [&] {
        f.write(0x5200, 0);
        f.write(0x5200, 4);
    };
    begin();
    send(1u << 11 | 1u << 9 | 0x123, 12);  // a write before writing is enabled
    send(0x5A, 8);
    CHECK_EQ(f.prg_ram[0x123], 0xFF);
    begin();
    send(1u << 11 | 3u << 7, 12);
    begin();
    send(1u << 11 | 1u << 9 | 0x123, 12);
    send(0x5A, 8);
    CHECK_EQ(f.prg_ram[0x123], 0x5A);
    begin();
    send(1u << 11 | 2u << 9 | 0x123, 12);
    unsigned value = 0;
    for (int i = 0; i < 8; ++i) value = value << 1 | clock(0);
    CHECK_EQ(value, 0x5Au);
}

}  // namespace

void test_unlicensed() {
    test_tables(cases());
    test_trainer();
    test_protections();
    test_tiles_and_rows();
    test_microwire();
}

}  // namespace nes::test
