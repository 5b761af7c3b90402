// Interrupt counters: after what number of cycles, or of rises of A12, each board pulls /IRQ.
#include "tests.hpp"

namespace nes::test {
namespace {

struct Write {
    unsigned address;
    unsigned value;
};

struct Case {
    const char* name;
    Image image;
    std::vector<Write> writes;
    std::uint64_t cycles;  // from the last write to the end of the cycle that interrupts
    Write acknowledge;
};

// clang-format off
const std::vector<Case>& cases() {
    static const std::vector<Case> kCases = {
        {"VRC3, 16 bits", {.mapper = 73},
         {{0x8000, 0xC}, {0x9000, 0xF}, {0xA000, 0xF}, {0xB000, 0xF}, {0xC000, 2}}, 4, {0xD000, 0}},
        {"VRC3, 8 bits", {.mapper = 73}, {{0x8000, 0}, {0x9000, 0xF}, {0xC000, 6}}, 16, {0xD000, 0}},
        {"VRC4, cycles", {.mapper = 21, .submapper = 1}, {{0xF000, 0}, {0xF002, 0xF}, {0xF004, 6}}, 16, {0xF006, 0}},
        {"VRC4, one line", {.mapper = 21, .submapper = 1}, {{0xF000, 15}, {0xF002, 15}, {0xF004, 2}}, 114, {0xF006, 0}},
        {"VRC4, three lines", {.mapper = 21, .submapper = 1}, {{0xF000, 13}, {0xF002, 15}, {0xF004, 2}}, 341, {0xF006, 0}},
        {"VRC6", {.mapper = 24}, {{0xF000, 0xF8}, {0xF001, 6}}, 8, {0xF002, 0}},
        {"VRC6b", {.mapper = 26}, {{0xF000, 0xF8}, {0xF002, 6}}, 8, {0xF001, 0}},
        {"VRC7", {.mapper = 85, .submapper = 2}, {{0xE010, 0xFE}, {0xF000, 2}}, 228, {0xF010, 0}},
        {"SS 88006, 4 bits", {.mapper = 18}, {{0xE000, 5}, {0xE001, 9}, {0xF000, 0}, {0xF001, 9}}, 6, {0xF001, 0}},
        {"SS 88006, 8 bits", {.mapper = 18}, {{0xE000, 5}, {0xE001, 1}, {0xF000, 0}, {0xF001, 5}}, 22, {0xF000, 0}},
        {"SS 88006, 16 bits", {.mapper = 18}, {{0xE002, 1}, {0xF000, 0}, {0xF001, 1}}, 257, {0xF000, 0}},
        {"FCG-1", {.mapper = 16, .submapper = 4}, {{0x600B, 10}, {0x600C, 1}, {0x600A, 1}}, 266, {0x600A, 0}},
        {"LZ93D50", {.mapper = 16, .submapper = 5}, {{0x800B, 10}, {0x800C, 0}, {0x800A, 1}}, 10, {0x800A, 0}},
        {"Namco 163", {.mapper = 19}, {{0x5000, 0xF0}, {0x5800, 0xFF}}, 15, {0x5000, 0}},
        {"Sunsoft-3", {.mapper = 67}, {{0xD800, 0}, {0xC800, 1}, {0xC800, 2}, {0xD800, 0x10}}, 259, {0x8000, 0}},
        {"FME-7", {.mapper = 69},
         {{0x8000, 14}, {0xA000, 9}, {0x8000, 15}, {0xA000, 1}, {0x8000, 13}, {0xA000, 0x81}}, 266, {0xA000, 0x80}},
        {"H3001", {.mapper = 65}, {{0x9005, 1}, {0x9006, 4}, {0x9004, 0}, {0x9003, 0x80}}, 260 - 0, {0x9003, 0}},
        {"Super Magic Card", {.mapper = 17}, {{0x4502, 0xF0}, {0x4503, 0xFF}}, 16, {0x4501, 0}},
        {"Magic Card and disk interface", {.mapper = 6}, {{0x4025, 0x80}}, 150, {0x4024, 0}},
        {"Super Game Doctor", {.mapper = 561}, {{0x4100, 0xF0}, {0x4101, 0xFF}}, 16, {0x4101, 0}},
        {"Turbo Game Doctor", {.mapper = 562}, {{0x440C, 0}, {0x440D, 0x34}, {0x440C, 0x82}}, 0x234, {0x440C, 0}},
        {"NTDEC 2722", {.mapper = 40}, {{0x8000, 0}, {0xA000, 0}}, 4096, {0x8000, 0}},
        {"Mario Baby", {.mapper = 42}, {{0xE002, 0}, {0xE002, 2}}, 24576, {0xE002, 0}},
        {"TONY-I", {.mapper = 43}, {{0x4122, 1}}, 4096, {0x4122, 0}},
        {"N-32", {.mapper = 50}, {{0x4120, 0}, {0x4120, 1}}, 4096, {0x4120, 0}},
        {"KS202", {.mapper = 142},
         {{0x8000, 0xC}, {0x9000, 0xF}, {0xA000, 0xF}, {0xB000, 0xF}, {0xC000, 2}}, 4, {0xD000, 0}},
        {"SMB3 (106)", {.mapper = 106}, {{0x800D, 0}, {0x800E, 0xF0}, {0x800F, 0xFF}}, 14, {0x800D, 0}},
        {"Cony, up", {.mapper = 83}, {{0x8100, 0x80}, {0x8200, 0xF0}, {0x8201, 0xFF}}, 16, {0x8200, 0}},
        {"Cony, down", {.mapper = 83}, {{0x8100, 0xC0}, {0x8200, 0x10}, {0x8201, 0x01}}, 272, {0x8200, 0}},
        {"EJ-006-1", {.mapper = 91, .submapper = 1}, {{0x6006, 11}, {0x6007, 0}, {0x7007, 0}}, 12, {0x7006, 0}},
        {"J.Y. Company, up", {.mapper = 90},
         {{0xC006, 0x0F}, {0xC005, 0xF1}, {0xC004, 0x0F}, {0xC001, 0x44}, {0xC003, 0}}, 16, {0xC002, 0}},
        {"J.Y. Company, down", {.mapper = 209},
         {{0xC005, 1}, {0xC004, 3}, {0xC001, 0x80}, {0xC000, 1}}, 4 + 256, {0xC000, 0}},
        // Latch 4, made odd by the write to $C001; six clocks of four cycles; one cycle later.
        {"RAMBO-1, cycles", {.mapper = 64}, {{0xC000, 4}, {0xE001, 0}, {0xC001, 1}}, 25, {0xE000, 0}},
    };
    return kCases;
}
// clang-format on

void test_cycle_counters() {
    for (const Case& test : cases()) {
        check::context = test.name;
        Fixture f(test.image);
        for (const Write& write : test.writes) f.write_next(write.address, write.value);
        const std::uint64_t end = f.cycle + test.cycles;
        CHECK_EQ(f.board->next_irq(), end);
        f.board->run_to(end - 1);
        CHECK(!f.irq());
        CHECK_EQ(f.board->next_irq(), end);
        f.board->run_to(end);
        CHECK(f.irq());
        f.cycle = end + 3;
        f.write_next(test.acknowledge.address, test.acknowledge.value);
        CHECK(!f.irq());
    }
}

void test_vrc_repeats() {
    check::context = "VRC interrupts that repeat";
    Fixture f({.mapper = 24});
    f.write_next(0xF000, 0xFF);
    f.write_next(0xF001, 3);  // by lines, and again after an acknowledge
    const std::uint64_t start = f.cycle;
    for (const std::uint64_t line_end : {114u, 228u, 341u, 455u}) {
        CHECK_EQ(f.board->next_irq(), start + line_end);
        f.board->run_to(start + line_end);
        CHECK(f.irq());
        f.write_at(0xF002, 0, start + line_end);
        CHECK(!f.irq());
    }
    f.write_next(0xF001, 2);
    f.board->run_to(f.cycle + 114);
    CHECK(f.irq());
    f.write_at(0xF002, 0, f.cycle + 200);
    CHECK_EQ(f.board->next_irq(), ~std::uint64_t{0});
}

/// A line as an MMC3 sees it: A12 low for long, then high.
void line(Fixture& f, std::uint64_t& dot) {
    f.board->ppu_bus(0x0000, dot);
    f.board->ppu_bus(0x1000, dot + 260);
    dot += 341;
}

void test_line_counters() {
    check::context = "TC0690";
    Fixture taito({.mapper = 48});
    std::uint64_t dot = 3 * 200;
    taito.write(0xC000, 0xFF - 2);  // inverted: 2
    taito.write(0xC001, 0);
    taito.write(0xC002, 0);
    for (int i = 0; i < 3; ++i) line(taito, dot);
    const std::uint64_t rise = (dot - 341 + 260) / 3;
    CHECK(!taito.irq());
    CHECK_EQ(taito.board->next_irq(), rise + 4);
    taito.board->run_to(rise + 4);
    CHECK(taito.irq());
    taito.cycle = rise + 10;
    taito.write(0xC003, 0);
    CHECK(!taito.irq());

    check::context = "RAMBO-1, lines";
    Fixture rambo({.mapper = 64});
    dot = 3 * 200;
    rambo.write(0xC000, 3);
    rambo.write(0xE001, 0);
    rambo.write(0xC001, 0);
    for (int i = 0; i < 4; ++i) line(rambo, dot);  // reload with 3, then three down
    CHECK_EQ(rambo.board->next_irq(), (dot - 341 + 260) / 3 + 2);
    rambo.board->run_to(dot);
    CHECK(rambo.irq());

    check::context = "rises of A12, every one";
    for (const unsigned mapper : {91u, 90u, 17u}) {
        Fixture f({.mapper = mapper});
        if (mapper == 91) f.write(0x7007, 0);
        if (mapper == 90) {
            f.write(0xC005, 0xF8);
            f.write(0xC001, 0x45);
            f.write(0xC003, 0);
        }
        if (mapper == 17) {
            f.write(0x4500, 0x4F);
            f.write(0x4502, 0xC0);
            f.write(0x4503, 0xFF);
        }
        std::uint64_t at = 1000;
        for (int i = 0; i < 63; ++i) {
            f.board->ppu_bus(0x0000, at += 4);
            f.board->ppu_bus(0x1000, at += 4);
        }
        CHECK(!f.irq());
        f.board->ppu_bus(0x0000, at += 4);
        f.board->ppu_bus(0x1000, at += 4);
        CHECK(f.irq());
    }

    check::context = "TC0190";
    Fixture plain({.mapper = 33});
    CHECK(!plain.board->watches_ppu_bus);
}

void test_nes_event() {
    check::context = "NES-EVENT";
    Fixture f({.mapper = 105, .prg = 256, .chr = 0, .chr_ram = 8});
    const auto serial = [&](unsigned address, unsigned value) {
        for (unsigned bit = 0; bit < 5; ++bit) f.write(address, value >> bit & 1);
    };
    serial(0xA000, 0x04);
    CHECK_EQ(f.prg(0x8000), 0);  // locked
    serial(0xA000, 0x14);
    CHECK_EQ(f.prg(0x8000), 32);
    serial(0xA000, 0x08);
    serial(0xE000, 0x02);
    CHECK_EQ(f.prg(0x8000), 80);
    CHECK_EQ(f.prg(0xC000), 120);
    const std::uint64_t end = f.board->next_irq();
    CHECK(end > f.cycle + 0x27FFFF00);
    f.board->run_to(end - 1);
    CHECK(!f.irq());
    f.board->run_to(end);
    CHECK(f.irq());
    f.cycle = end;
    serial(0xA000, 0x18);
    CHECK(!f.irq());
    CHECK(f.survives_restore());
}

/// The EEPROM beside the LZ93D50, at the other end of two wires.
class Wires {
  public:
    explicit Wires(Fixture& f) : f_(f) {}
    void start() {
        set(1, 1);
        set(1, 0);
        set(0, 0);
    }
    void stop() {
        set(0, 0);
        set(1, 0);
        set(1, 1);
    }
    bool send(unsigned byte) {
        for (int bit = 7; bit >= 0; --bit) clock(byte >> bit & 1);
        return !clock(1);  // acknowledged when pulled low
    }
    unsigned receive(bool more) {
        unsigned byte = 0;
        for (int bit = 0; bit < 8; ++bit) byte = byte << 1 | (clock(1) ? 1u : 0u);
        clock(more ? 0 : 1);
        return byte;
    }

  private:
    void set(unsigned scl, unsigned sda) { f_.write(0x800D, scl << 5 | sda << 6); }
    bool clock(unsigned sda) {
        set(0, sda);
        set(1, sda);
        const bool level = (f_.read(0x6000) & 0x10) != 0;
        set(0, sda);
        return level;
    }
    Fixture& f_;
};

void test_eeprom() {
    check::context = "24C02";
    Fixture f({.mapper = 16, .submapper = 5, .chr = 128, .prg_ram = 0});
    CHECK_EQ(f.read(0x6000), 0xEEu);  // none, so open bus
    auto file = build({.mapper = 16, .chr = 128, .nes2 = false});
    Fixture chip({.mapper = 16, .chr = 128, .nes2 = false});
    Wires wires(chip);
    wires.start();
    CHECK(wires.send(0xA0));
    CHECK(wires.send(0x12));
    CHECK(wires.send(0x5A));
    CHECK(wires.send(0xC3));
    wires.stop();
    CHECK_EQ(chip.prg_ram[0x12], 0x5A);
    CHECK_EQ(chip.prg_ram[0x13], 0xC3);
    wires.start();
    CHECK(wires.send(0xA0));
    CHECK(wires.send(0x12));
    wires.start();
    CHECK(wires.send(0xA1));
    CHECK_EQ(wires.receive(true), 0x5Au);
    CHECK_EQ(wires.receive(false), 0xC3u);
    wires.stop();
    wires.start();
    CHECK(!wires.send(0x60));  // not its address

    check::context = "X24C01";
    Fixture small({.mapper = 159, .chr = 128, .nes2 = false});
    Wires lines(small);
    lines.start();
    CHECK(lines.send(0x21 << 1));
    CHECK(lines.send(0x77));
    lines.stop();
    CHECK_EQ(small.prg_ram[0x21], 0x77);
    lines.start();
    CHECK(lines.send(0x21 << 1 | 1));
    CHECK_EQ(lines.receive(false), 0x77u);
}

}  // namespace

void test_counters() {
    test_cycle_counters();
    test_vrc_repeats();
    test_line_counters();
    test_nes_event();
    test_eeprom();
}

}  // namespace nes::test
