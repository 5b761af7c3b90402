// MMC5: what it shows the PPU, and when it interrupts.
#include <algorithm>

#include "tests.hpp"

namespace nes::test {
namespace {

constexpr unsigned kBackground = 8;  // a dot in which the background is fetched
constexpr unsigned kSprite = 300;    // and one of the sprites

unsigned look(const Fixture& f, unsigned address) {
    return f.board->ppu_peek(static_cast<std::uint16_t>(address), 0xEE);
}
/// The 1 KB page of CHR-ROM that the PPU sees.
unsigned page(const Fixture& f, unsigned address) { return look(f, address) | look(f, address + 1) << 8; }

void draw(Fixture& f, unsigned dot, unsigned line = 100) {
    f.ppu.mask = f.ppu.ppumask = 0x18;
    f.ppu.scanline = static_cast<std::uint16_t>(line);
    f.ppu.dot = static_cast<std::uint16_t>(dot);
}

Image image() { return {.mapper = 5, .prg = 512, .chr = 512, .prg_ram = 64}; }

void test_prg() {
    check::context = "MMC5 PRG";
    Fixture f(image());
    CHECK_EQ(f.prg(0xE000), 252);
    f.write(0x5114, 0x81);
    f.write(0x5115, 0x82);
    f.write(0x5116, 0x83);
    f.write(0x5117, 0x04);  // always ROM
    CHECK_EQ(f.prg(0x8000), 4);
    CHECK_EQ(f.prg(0xA000), 8);
    CHECK_EQ(f.prg(0xC000), 12);
    CHECK_EQ(f.prg(0xE000), 16);
    f.write(0x5100, 2);
    f.write(0x5115, 0x87);
    CHECK_EQ(f.prg(0x8000), 24);
    CHECK_EQ(f.prg(0xA000), 28);
    CHECK_EQ(f.prg(0xC000), 12);
    f.write(0x5100, 1);
    f.write(0x5117, 0x8B);
    CHECK_EQ(f.prg(0x8000), 24);
    CHECK_EQ(f.prg(0xC000), 40);
    CHECK_EQ(f.prg(0xE000), 44);
    f.write(0x5100, 0);
    CHECK_EQ(f.prg(0x8000), 32);
    CHECK_EQ(f.prg(0xE000), 44);
    CHECK(f.survives_restore());
}

void test_ram() {
    check::context = "MMC5 RAM";
    const auto fill = [](Fixture& fixture, unsigned banks) {
        fixture.write(0x5102, 2);
        fixture.write(0x5103, 1);
        for (unsigned bank = 0; bank < banks; ++bank) {
            fixture.write(0x5113, bank);
            fixture.write(0x6000, 0x10 + bank);
        }
    };
    Fixture f(image());
    f.write(0x6000, 0x55);
    CHECK_EQ(f.read(0x6000), 0u);  // protected
    fill(f, 8);
    for (unsigned bank = 0; bank < 8; ++bank) {
        f.write(0x5114, bank);  // RAM at $8000
        CHECK_EQ(f.read(0x8000), 0x10 + bank);
    }
    f.write(0x5103, 0);
    f.write(0x8000, 0x77);
    CHECK_EQ(f.read(0x8000), 0x17u);

    Fixture small({.mapper = 5, .prg = 128, .chr = 128, .prg_ram = 8});
    small.write(0x5113, 4);
    CHECK_EQ(small.read(0x6000), 0xEEu);  // no second chip

    Fixture large({.mapper = 5, .prg = 128, .chr = 128, .prg_ram = 128});
    fill(large, 16);
    for (unsigned bank = 0; bank < 32; ++bank) {
        large.write(0x5113, 0x80 | bank);
        CHECK_EQ(large.read(0x6000), 0x10 + (bank & 15));
    }
}

void test_chr() {
    check::context = "MMC5 CHR";
    Fixture f(image());
    for (unsigned i = 0; i < 12; ++i) f.write(0x5120 + i, 0x20 + i);
    f.ppu.ppuctrl = 0;
    for (unsigned i = 0; i < 8; ++i) CHECK_EQ(page(f, i * 0x400), 0x20 + i);
    f.ppu.ppuctrl = 0x20;
    CHECK_EQ(page(f, 0x0000), 0x28u);  // the set written last
    f.write(0x5127, 0x27);
    CHECK_EQ(page(f, 0x0000), 0x20u);
    draw(f, kBackground);
    for (unsigned i = 0; i < 8; ++i) CHECK_EQ(page(f, i * 0x400), 0x28 + (i & 3));
    draw(f, kSprite);
    for (unsigned i = 0; i < 8; ++i) CHECK_EQ(page(f, i * 0x400), 0x20 + i);
    f.write(0x5130, 1);
    f.write(0x5120, 0x05);
    CHECK_EQ(page(f, 0x0000), 0x105u);
    f.write(0x5130, 0);
    f.write(0x5101, 2);
    f.write(0x5121, 3);
    CHECK_EQ(page(f, 0x0400), 7u);
    f.write(0x5101, 1);
    f.write(0x5123, 3);
    CHECK_EQ(page(f, 0x0C00), 15u);
    f.write(0x5101, 0);
    f.write(0x5127, 3);
    CHECK_EQ(page(f, 0x0000), 24u);
    CHECK(f.survives_restore());
}

void test_nametables() {
    check::context = "MMC5 nametables";
    Fixture f(image());
    f.ciram[5] = 0x11;
    f.ciram[0x405] = 0x22;
    f.write(0x5104, 2);
    f.write(0x5C05, 0x33);
    f.write(0x5106, 0x44);
    f.write(0x5107, 0x02);
    f.write(0x5104, 0);
    f.write(0x5105, 0xE4);
    CHECK_EQ(look(f, 0x2005), 0x11u);
    CHECK_EQ(look(f, 0x2405), 0x22u);
    CHECK_EQ(look(f, 0x2805), 0x33u);
    CHECK_EQ(look(f, 0x2C05), 0x44u);
    CHECK_EQ(look(f, 0x2FC5), 0xAAu);
    CHECK(f.cart.ppu_write_page[10] == f.ciram + 2048);
    f.write(0x5104, 2);
    CHECK_EQ(look(f, 0x2805), 0u);  // as RAM of the CPU it is no nametable
    CHECK_EQ(f.read(0x5C05), 0x33u);
    f.write(0x5104, 3);
    f.write(0x5C05, 0x99);
    CHECK_EQ(f.read(0x5C05), 0x33u);
    f.write(0x5104, 0);
    CHECK_EQ(f.read(0x5C05), 0xEEu);
    f.write(0x5C05, 0x99);  // outside the picture
    f.write(0x5104, 2);
    CHECK_EQ(f.read(0x5C05), 0u);
}

void test_extended_attributes() {
    check::context = "MMC5 extended attributes";
    Fixture f(image());
    f.write(0x5104, 2);
    f.write(0x5C21, 0xC3);
    f.write(0x5104, 1);
    f.write(0x5105, 0x00);
    draw(f, kBackground);
    f.board->ppu_read(0x2021, 0);
    CHECK_EQ(look(f, 0x23C0), 0xFFu);
    CHECK_EQ(page(f, 0x1000), 3u * 4);
    f.write(0x5130, 1);
    CHECK_EQ(page(f, 0x0000), (0x40u + 3) * 4);
    draw(f, kSprite);
    f.write(0x5130, 0);
    f.write(0x5120, 9);
    CHECK_EQ(page(f, 0x0000), 9u);
}

void test_split() {
    check::context = "MMC5 split";
    Fixture f(image());
    f.write(0x5104, 2);
    f.write(0x5C00 + 13 * 32 + 4, 0x77);                 // row 13, column 4
    f.write(0x5C00 + 0x3C0 + 3 * 8 + 1, 0b00'00'00'10);  // its palette: the upper left quarter
    f.write(0x5104, 0);
    f.write(0x5200, 0x85);
    f.write(0x5201, 4);
    f.write(0x5202, 6);
    draw(f, 17, 100);  // column 4; 100 + 4 = 13 * 8
    CHECK_EQ(look(f, 0x2000), 0x77u);
    CHECK_EQ(look(f, 0x23C0), 0xAAu);
    CHECK_EQ(look(f, 0x1000), 24u);  // row 0 of a tile in 4 KB bank 6
    draw(f, 25, 100);                // column 5: outside
    f.ciram[0] = 0x12;
    CHECK_EQ(look(f, 0x2000), 0x12u);
    f.write(0x5200, 0xC5);
    CHECK(look(f, 0x2000) != 0x12u);
    // Line 261 is fetched in on NTSC. On PAL and Dendy it lies in vertical blank, where the CPU reads.
    draw(f, 25, 261);
    CHECK(look(f, 0x2000) != 0x12u);
    f.cart.prerender_line = 311;
    CHECK_EQ(look(f, 0x2000), 0x12u);
    draw(f, 25, 311);
    CHECK(look(f, 0x2000) != 0x12u);
}

/// The reads of one line, from its dot 2 on.
void draw_line(Fixture& f, unsigned line, std::uint64_t& clock) {
    const auto read = [&](unsigned address, unsigned dot) {
        f.ppu.scanline = static_cast<std::uint16_t>(line);
        f.ppu.dot = static_cast<std::uint16_t>(dot);
        f.ppu.clock = clock + dot;
        f.board->ppu_read(static_cast<std::uint16_t>(address), 0);
    };
    for (unsigned dot = 2; dot <= 336; dot += 8) {
        const unsigned tile = dot > 256 ? 0 : dot / 8 + 2;
        read(0x2000 + tile, dot);
        read(dot > 256 && dot <= 320 ? 0x2000 : 0x23C0, dot + 2);
        read(0x0010, dot + 4);
        read(0x0018, dot + 6);
    }
    read(0x2002, 338);
    read(0x2002, 340);
    clock += 341;
}

void test_irq() {
    check::context = "MMC5 interrupt";
    Fixture f(image());
    f.ppu.mask = 0x18;
    f.write(0x5203, 5);
    f.write(0x5204, 0x80);
    std::uint64_t clock = 100000;
    CHECK_EQ(f.read(0x5204), 0u);
    draw_line(f, 261, clock);
    for (unsigned line = 0; line < 5; ++line) {
        draw_line(f, line, clock);
        CHECK(!f.irq());
    }
    CHECK_EQ(f.read(0x5204), 0x40u);
    draw_line(f, 5, clock);
    CHECK(f.irq());
    f.write(0x5204, 0);
    CHECK(!f.irq());
    f.write(0x5204, 0x80);
    CHECK(f.irq());
    CHECK_EQ(f.read(0x5204), 0xC0u);
    CHECK(!f.irq());
    draw_line(f, 6, clock);
    CHECK(!f.irq());
    f.ppu.clock += 20;  // the picture is over
    CHECK_EQ(f.read(0x5204), 0u);
    clock += 341 * 20;
    draw_line(f, 261, clock);
    for (unsigned line = 0; line < 5; ++line) draw_line(f, line, clock);
    CHECK(!f.irq());
    draw_line(f, 5, clock);
    CHECK(f.irq());
    // The fetch of the NMI vector ends the picture, and the interrupt.
    f.board->nmi_vector_read();
    CHECK(!f.irq());
    CHECK_EQ(f.read(0x5204), 0u);
    for (unsigned line = 6; line < 12; ++line) draw_line(f, line, clock);  // it counts anew
    CHECK(!f.irq());
    draw_line(f, 12, clock);
    CHECK(f.irq());
}

void test_multiplier() {
    check::context = "MMC5 multiplier";
    Fixture f(image());
    f.write(0x5205, 200);
    f.write(0x5206, 123);
    CHECK_EQ(f.read(0x5205) | f.read(0x5206) << 8, 200u * 123u);
}

void test_samples() {
    check::context = "MMC5 samples";
    Fixture f(image());
    f.write(0x5114, 0x81);
    CHECK_EQ(f.read(0x5010), 0u);
    f.write(0x5010, 0x80);
    f.write(0x5011, 0x40);
    CHECK(!f.irq());
    f.write(0x5011, 0);
    CHECK(f.irq());
    CHECK_EQ(f.read(0x5010), 0x80u);  // which acknowledges it
    CHECK(!f.irq());
    CHECK_EQ(f.read(0x5010), 0u);

    f.write(0x5010, 0x81);
    f.write(0x5011, 0);  // not heeded
    CHECK(!f.irq());
    CHECK_EQ(f.read(0x8000), 4u);
    CHECK(!f.irq());
    f.write(0x5102, 2);
    f.write(0x5103, 1);
    f.write(0x5115, 0);  // RAM, all zero
    CHECK_EQ(f.board->cpu_peek(0xA000, 0xEE), 0u);
    CHECK(!f.irq());
    CHECK_EQ(f.read(0xA000), 0u);
    CHECK(f.irq());
    f.write(0xA000, 7);
    CHECK_EQ(f.read(0xA000), 7u);
    CHECK(!f.irq());
    CHECK_EQ(f.read(0xA001), 0u);
    f.write(0x5010, 1);
    CHECK(!f.irq());
    CHECK(f.survives_restore());
    f.write(0x5010, 0x80);  // still pending
    CHECK(f.irq());
    CHECK(f.cart.cpu_read_page[0x8000 >> Cartridge::kCpuPageBits] != nullptr);
}

}  // namespace

void test_mmc5() {
    test_prg();
    test_ram();
    test_chr();
    test_nametables();
    test_extended_attributes();
    test_split();
    test_irq();
    test_multiplier();
    test_samples();
}

}  // namespace nes::test
