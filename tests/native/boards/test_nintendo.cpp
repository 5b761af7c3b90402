// NROM, UxROM, CNROM, AxROM, MMC1, MMC3 and their kin.
#include "tests.hpp"

namespace nes::test {
namespace {

void test_discrete() {
    check::context = "UxROM";
    Fixture u({.mapper = 2, .prg = 256, .chr = 0, .chr_ram = 8, .vertical = true});
    CHECK_EQ(u.prg(0x8000), 0);
    CHECK_EQ(u.prg(0xC000), 120);
    u.write(0x8000, 3);
    CHECK_EQ(u.prg(0x8000), 24);
    CHECK_EQ(u.chr(0x1000), 1004);
    CHECK_EQ(u.nametables(), std::string("0101"));
    CHECK(u.survives_restore());

    check::context = "UxROM with bus conflicts";
    Fixture conflicts({.mapper = 2, .submapper = 2, .prg = 256, .chr = 0});
    conflicts.write(0x8002, 5);
    CHECK_EQ(conflicts.prg(0x8000), 40);
    conflicts.write(0x8000, 7);  // the ROM there holds 40 & $FF
    CHECK_EQ(conflicts.prg(0x8000), 0);

    check::context = "UN1ROM";
    Fixture un1({.mapper = 94, .prg = 128, .chr = 0});
    un1.write(0x8002, 3 << 2);
    CHECK_EQ(un1.prg(0x8000), 24);
    check::context = "Crazy Climber";
    Fixture crazy({.mapper = 180, .prg = 128, .chr = 0});
    crazy.write(0x8002, 3);
    CHECK_EQ(crazy.prg(0x8000), 0);
    CHECK_EQ(crazy.prg(0xC000), 24);
    Fixture wide({.mapper = 180, .prg = 512, .chr = 0});
    wide.write(0x8002, 21);
    CHECK_EQ(wide.prg(0xC000), 168);

    check::context = "CNROM";
    Fixture c({.mapper = 3, .prg = 32, .chr = 32});
    c.write(0xFFF0, 2);
    CHECK_EQ(c.chr(0), 16);
    CHECK_EQ(c.chr(0x1C00), 23);
    check::context = "CNROM 185";
    Fixture p({.mapper = 185, .submapper = 6});
    CHECK_EQ(p.chr(0), -1);
    p.write(0xFFF0, 0x22);
    CHECK_EQ(p.chr(0), 0);
    CHECK(p.survives_restore());

    check::context = "AxROM";
    Fixture a({.mapper = 7, .prg = 256, .chr = 0, .chr_ram = 8});
    CHECK_EQ(a.nametables(), std::string("0000"));
    a.write(0x8000, 0x13);
    CHECK_EQ(a.prg(0x8000), 48);
    CHECK_EQ(a.nametables(), std::string("1111"));
    CHECK(a.survives_restore());
}

void mmc1_write(Fixture& f, unsigned address, unsigned value) {
    for (unsigned bit = 0; bit < 5; ++bit) f.write(address, value >> bit & 1);
}

void test_mmc1() {
    check::context = "MMC1";
    Fixture f({.mapper = 1, .prg = 256, .chr = 128});
    CHECK_EQ(f.prg(0xC000), 120);
    mmc1_write(f, 0xE000, 5);
    CHECK_EQ(f.prg(0x8000), 40);
    mmc1_write(f, 0x8000, 0x1A);  // 4 KB CHR, first bank fixed, vertical
    CHECK_EQ(f.prg(0x8000), 0);
    CHECK_EQ(f.prg(0xC000), 40);
    CHECK_EQ(f.nametables(), std::string("0101"));
    mmc1_write(f, 0xA000, 3);
    mmc1_write(f, 0xC000, 9);
    CHECK_EQ(f.chr(0x0000), 12);
    CHECK_EQ(f.chr(0x1000), 36);
    mmc1_write(f, 0x8000, 0x03);  // 32 KB PRG, 8 KB CHR, horizontal
    CHECK_EQ(f.prg(0x8000), 32);
    CHECK_EQ(f.prg(0xC000), 40);
    CHECK_EQ(f.chr(0x0000), 8);
    CHECK_EQ(f.nametables(), std::string("0011"));
    CHECK(f.survives_restore());

    // A partial write, then a reset: the four bits are forgotten and the last bank is fixed again.
    for (int i = 0; i < 4; ++i) f.write(0xE000, 1);
    f.write(0x8000, 0x80);
    CHECK_EQ(f.prg(0xC000), 120);
    mmc1_write(f, 0xE000, 2);
    CHECK_EQ(f.prg(0x8000), 16);

    // Writes on consecutive cycles: the second is not shifted in, but its reset counts.
    f.write(0xE000, 1);
    f.write_next(0xE000, 1);
    for (unsigned bit = 1; bit < 5; ++bit) f.write(0xE000, 4u >> bit & 1);
    CHECK_EQ(f.prg(0x8000), 40);
    f.write(0xE000, 1);
    f.write_next(0xE000, 0x80);
    mmc1_write(f, 0xE000, 3);
    CHECK_EQ(f.prg(0x8000), 24);

    f.write(0x6000, 0x11);
    CHECK_EQ(f.read(0x6000), 0x11u);
    mmc1_write(f, 0xE000, 0x13);  // RAM off
    CHECK_EQ(f.read(0x6000), 0xEEu);

    check::context = "MMC1A";
    Fixture a({.mapper = 155, .prg = 128, .chr = 32});
    mmc1_write(a, 0xE000, 0x10);
    a.write(0x6000, 0x11);
    CHECK_EQ(a.read(0x6000), 0x11u);

    // With bit 4 of $E000 the bank's bit 3 is PRG A17 in the fixed half too; NESdev "MMC1".
    check::context = "MMC1A, fixed banks";
    Fixture l({.mapper = 155, .prg = 256, .chr = 32});
    mmc1_write(l, 0xE000, 0x05);
    CHECK_EQ(l.prg(0xC000), 120);
    mmc1_write(l, 0xE000, 0x15);
    CHECK_EQ(l.prg(0x8000), 40);
    CHECK_EQ(l.prg(0xC000), 56);
    mmc1_write(l, 0xE000, 0x1D);
    CHECK_EQ(l.prg(0x8000), 104);
    CHECK_EQ(l.prg(0xC000), 120);
    mmc1_write(l, 0x8000, 0x08);
    CHECK_EQ(l.prg(0x8000), 64);
    CHECK_EQ(l.prg(0xC000), 104);
    mmc1_write(l, 0xE000, 0x0D);
    CHECK_EQ(l.prg(0x8000), 0);
    Fixture b({.mapper = 1, .prg = 256, .chr = 32});
    mmc1_write(b, 0xE000, 0x15);
    CHECK_EQ(b.prg(0xC000), 120);

    check::context = "SXROM";
    Fixture s({.mapper = 1, .prg = 512, .chr = 0, .prg_ram = 32, .chr_ram = 8});
    CHECK_EQ(s.prg(0xC000), 120);
    s.write(0x6000, 0x10);
    mmc1_write(s, 0xA000, 0x14);  // upper 256 KB, RAM bank 1
    CHECK_EQ(s.prg(0x8000), 128);
    CHECK_EQ(s.prg(0xC000), 248);
    CHECK_EQ(s.read(0x6000), 0u);
    s.write(0x6000, 0x21);
    CHECK_EQ(s.prg_ram[8192], 0x21);

    check::context = "SOROM";
    Fixture o({.mapper = 1, .prg = 256, .chr = 0, .prg_ram = 16, .chr_ram = 8});
    mmc1_write(o, 0xA000, 0x08);
    o.write(0x6000, 0x33);
    CHECK_EQ(o.prg_ram[8192], 0x33);

    check::context = "SNROM";
    Fixture n({.mapper = 1, .prg = 256, .chr = 0, .prg_ram = 8, .chr_ram = 8});
    mmc1_write(n, 0xA000, 0x10);
    CHECK_EQ(n.read(0x6000), 0xEEu);

    check::context = "SEROM";
    Fixture e({.mapper = 1, .submapper = 5, .prg = 32, .chr = 32});
    mmc1_write(e, 0xE000, 1);
    CHECK_EQ(e.prg(0x8000), 0);
    CHECK_EQ(e.prg(0xC000), 8);
}

/// One clock of the counter: A12 low for long, then high.
void a12_pulse(Fixture& f, std::uint64_t& dot, std::uint64_t low_dots = 30) {
    f.board->ppu_bus(0x0000, dot);
    f.board->ppu_bus(0x1000, dot + low_dots);
    dot += low_dots + 30;
}

void test_mmc3() {
    check::context = "MMC3";
    Fixture f({.mapper = 4, .prg = 256, .chr = 256});
    const auto bank = [&](unsigned select, unsigned value) {
        f.write(0x8000, select);
        f.write(0x8001, value);
    };
    bank(6, 5);
    bank(7, 9);
    CHECK_EQ(f.prg(0x8000), 20);
    CHECK_EQ(f.prg(0xA000), 36);
    CHECK_EQ(f.prg(0xC000), 120);
    CHECK_EQ(f.prg(0xE000), 124);
    f.write(0x8000, 0x46);
    CHECK_EQ(f.prg(0x8000), 120);
    CHECK_EQ(f.prg(0xC000), 20);
    bank(0, 0x21);
    bank(1, 0x30);
    bank(2, 0x80);
    bank(5, 0x83);
    CHECK_EQ(f.chr(0x0000), 0x20);
    CHECK_EQ(f.chr(0x0400), 0x21);
    CHECK_EQ(f.chr(0x0C00), 0x31);
    CHECK_EQ(f.chr(0x1000), 0x80);
    CHECK_EQ(f.chr(0x1C00), 0x83);
    f.write(0x8000, 0x80);
    CHECK_EQ(f.chr(0x1000), 0x20);
    CHECK_EQ(f.chr(0x0C00), 0x83);
    f.write(0xA000, 0);
    CHECK_EQ(f.nametables(), std::string("0101"));
    f.write(0xA000, 1);
    CHECK_EQ(f.nametables(), std::string("0011"));
    f.write(0x6000, 0x55);
    f.write(0xA001, 0xC0);
    f.write(0x6000, 0x66);
    CHECK_EQ(f.read(0x6000), 0x55u);
    f.write(0xA001, 0x00);
    CHECK_EQ(f.read(0x6000), 0xEEu);
    CHECK(f.survives_restore());

    check::context = "MMC3 interrupt";
    std::uint64_t dot = 3000;
    f.write(0xC000, 3);
    f.write(0xC001, 0);
    f.write(0xE001, 0);
    for (int clock = 0; clock < 4; ++clock) {
        CHECK(!f.irq());
        a12_pulse(f, dot);
    }
    CHECK(f.irq());  // reload, then three down
    f.write(0xE000, 0);
    CHECK(!f.irq());

    // A rise after less than three CPU cycles is noise.
    f.write(0xC000, 1);
    f.write(0xC001, 0);
    f.write(0xE001, 0);
    a12_pulse(f, dot);
    for (int i = 0; i < 20; ++i) a12_pulse(f, dot, 8 - dot % 3);
    CHECK(!f.irq());
    dot -= dot % 3;
    a12_pulse(f, dot, 9);
    CHECK(f.irq());

    for (const bool nec : {false, true}) {
        check::context = nec ? "MMC3 by NEC, latch 0" : "MMC3 by Sharp, latch 0";
        Fixture z({.mapper = 4, .submapper = nec ? 4u : 0u});
        std::uint64_t now = 3000;
        z.write(0xC000, 0);
        z.write(0xC001, 0);
        z.write(0xE001, 0);
        a12_pulse(z, now);
        CHECK(z.irq());
        z.write(0xE000, 0);
        z.write(0xE001, 0);
        a12_pulse(z, now);
        CHECK_EQ(z.irq(), !nec);
    }

    check::context = "MMC3 four-screen";
    Fixture four({.mapper = 4, .four_screen = true});
    four.write(0xA000, 1);
    CHECK_EQ(four.nametables(), std::string("0123"));

    check::context = "MMC3 without NES 2.0 but with battery";
    Fixture old({.mapper = 4, .nes2 = false, .battery = true});
    old.write(0xA001, 0);
    old.write(0x7000, 5);
    CHECK_EQ(old.read(0x7000), 5u);

    check::context = "MMC6";
    Fixture six({.mapper = 4, .submapper = 1, .prg_ram = 1});
    six.write(0x7000, 1);
    CHECK_EQ(six.read(0x7000), 0xEEu);
    six.write(0xA001, 0xF0);  // ignored while the RAM is off
    CHECK_EQ(six.read(0x7000), 0xEEu);
    six.write(0x8000, 0x20);
    six.write(0xA001, 0x30);  // lower half only
    six.write(0x7001, 0x42);
    six.write(0x7201, 0x43);
    CHECK_EQ(six.read(0x7401), 0x42u);
    CHECK_EQ(six.read(0x7201), 0u);
    CHECK_EQ(six.read(0x6FFF), 0xEEu);

    check::context = "TxSROM";
    Fixture tx({.mapper = 118, .prg = 128, .chr = 128});
    tx.write(0x8000, 0);
    tx.write(0x8001, 0x80);
    tx.write(0x8000, 1);
    tx.write(0x8001, 0x04);
    CHECK_EQ(tx.nametables(), std::string("1100"));
    CHECK_EQ(tx.chr(0x0800), 4);
    CHECK(tx.survives_restore());

    check::context = "TQROM";
    Fixture tq({.mapper = 119, .prg = 128, .chr = 64, .chr_ram = 8});
    tq.write(0x8000, 2);
    tq.write(0x8001, 0x43);
    CHECK_EQ(tq.chr(0x1000), 1003);
    tq.write(0x8001, 0x13);
    CHECK_EQ(tq.chr(0x1000), 0x13);
}

void test_namco108() {
    check::context = "Namco 108";
    Fixture f({.mapper = 206, .prg = 128, .chr = 64});
    f.write(0x8000, 0xC6);  // the mode bits of an MMC3 do nothing
    f.write(0x8001, 3);
    f.write(0x8000, 2);
    f.write(0x8001, 0x15);
    CHECK_EQ(f.prg(0x8000), 12);
    CHECK_EQ(f.prg(0xC000), 56);
    CHECK_EQ(f.chr(0x1000), 0x15);
    CHECK(f.survives_restore());

    check::context = "NAMCOT-3443";
    Fixture upper({.mapper = 88, .prg = 128, .chr = 128});
    upper.write(0x8000, 2);
    upper.write(0x8001, 0x01);
    CHECK_EQ(upper.chr(0x1000), 0x41);

    check::context = "NAMCOT-3446";
    Fixture two({.mapper = 76, .prg = 128, .chr = 128});
    two.write(0x8000, 3);
    two.write(0x8001, 0x21);
    CHECK_EQ(two.chr(0x0800), 0x42);

    check::context = "NAMCOT-3425";
    Fixture tables({.mapper = 95, .prg = 128, .chr = 32});
    tables.write(0x8000, 1);
    tables.write(0x8001, 0x22);
    CHECK_EQ(tables.nametables(), std::string("0011"));

    check::context = "NAMCOT-3453";
    Fixture screen({.mapper = 154, .prg = 128, .chr = 128});
    screen.write(0x8000, 0x40);
    CHECK_EQ(screen.nametables(), std::string("1111"));
}

}  // namespace

void test_nintendo() {
    test_discrete();
    test_mmc1();
    test_mmc3();
    test_namco108();
}

}  // namespace nes::test
