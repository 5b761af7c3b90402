// The units that a program cannot read: envelopes, sweeps, the linear counter, the DMC's output. They are looked up in the state.
// NESdev "APU Envelope", "APU Sweep", "APU Triangle", "APU DMC", "APU Frame Counter".
#include <algorithm>

#include "machine/state.hpp"
#include "tests.hpp"

namespace nes::test {
namespace {

const ApuState& apu_of(const Console& console) { return reinterpret_cast<const State*>(console.raw_state())->apu; }

std::string number(std::uint64_t value) { return std::to_string(value); }

// Runs `code`, then `clocks` half-frame clocks by writes of $C0 to $4017.
template <class Look>
void after_clocks(const std::string& code, unsigned clocks, Look look) {
    std::string text = "reset: lda #$40\n sta $4017\n lda #15\n sta $4015\n" + code;
    for (unsigned i = 0; i < clocks; ++i) text += "\n lda #$C0\n sta $4017\n .delay 10";
    arrive(Cart(text + "\nend: nop\n"), "end", look);
}

void test_envelopes() {
    const char* const registers[3][2] = {{"$4000", "$4003"}, {"$4004", "$4007"}, {"$400C", "$400F"}};
    for (unsigned unit = 0; unit < 3; ++unit) {
        for (const unsigned period : {0u, 3u}) {
            for (const bool loop : {false, true}) {
                for (unsigned clocks = 1; clocks < 20; clocks += period ? 6 : 1) {
                    check::context = "envelope " + number(unit) + " of period " + number(period);
                    const std::string code =
                        fill(" lda #{0}\n sta {1}\n lda #$08\n sta {2}",
                             {number(period + loop * 0x20), registers[unit][0], registers[unit][1]});
                    after_clocks(code, clocks, [&](const Console& console) {
                        // The first clock starts it at 15, each (period + 1)th after it goes down by one.
                        const unsigned steps = (clocks - 1) / (period + 1);
                        const unsigned expected = steps <= 15 ? 15 - steps : loop ? 15 - (steps - 16) : 0;
                        CHECK_EQ(apu_of(console).envelope_decay[unit], static_cast<std::uint8_t>(expected));
                    });
                }
            }
        }
    }
}

void test_sweeps() {
    const auto check = [](const char* what, unsigned pulse, unsigned sweep, unsigned period, unsigned clocks,
                          unsigned expected) {
        check::context = what;
        const unsigned base = 0x4000 + 4 * pulse;
        char code[160];
        std::snprintf(code, sizeof code, " lda #%u\n sta $%04X\n lda #%u\n sta $%04X\n lda #%u\n sta $%04X",
                      period & 0xFF, base + 2, period >> 8, base + 3, sweep, base + 1);
        after_clocks(code, clocks,
                     [&](const Console& console) { CHECK_EQ(apu_of(console).timer_period[pulse], expected); });
    };
    check("up by a half", 0, 0x81, 0x200, 1, 0x300);
    check("up by a half twice", 1, 0x81, 0x200, 2, 0x480);
    check("never above $7FF", 0, 0x81, 0x6C0, 3, 0x6C0);
    check("pulse 1 goes down in one's complement", 0, 0x89, 0x200, 1, 0x0FF);
    check("pulse 2 in two's", 1, 0x89, 0x200, 1, 0x100);
    check("shift 3", 1, 0x8B, 0x200, 1, 0x1C0);
    check("not when it is off", 0, 0x01, 0x200, 3, 0x200);
    check("not with shift 0", 0, 0x80, 0x200, 3, 0x200);
    check("not below 8", 0, 0x81, 0x007, 3, 0x007);
    check("a divider of 2: the first clock, and each third after it", 1, 0xA9, 0x400, 3, 0x200);
    check("a divider of 2, four clocks", 1, 0xA9, 0x400, 4, 0x100);
}

void test_linear_counter() {
    const auto check = [](const char* what, unsigned control, unsigned clocks, unsigned expected) {
        check::context = what;
        after_clocks(fill(" lda #{0}\n sta $4008\n lda #$08\n sta $400B", {number(control)}), clocks,
                     [&](const Console& console) { CHECK_EQ(apu_of(console).linear_counter, expected); });
    };
    check("loaded by the first clock", 5, 1, 5);
    check("counted down by the next", 5, 2, 4);
    check("to zero", 5, 6, 0);
    check("and no further", 5, 8, 0);
    check("with the control flag it is loaded each time", 0x85, 4, 5);
}

// The clocks of the sequence, seen by the envelope of the noise: 15 with the first, one less with each.
void test_quarter_frames() {
    // The write falls in an even cycle: the restart comes four cycles later.
    constexpr std::uint64_t kWrite = 20;
    constexpr unsigned kFour[] = {7457, 14913, 22371, 29829};
    constexpr unsigned kFive[] = {7457, 14913, 22371, 37281};
    for (const unsigned mode : {0x40u, 0xC0u}) {
        for (unsigned step = 0; step < 4; ++step) {
            for (const unsigned late : {0u, 1u}) {
                check::context = "step " + number(step) + " of mode " + number(mode);
                const std::uint64_t clock = kWrite + 4 + (mode == 0x40 ? kFour : kFive)[step];
                // The label is reached when cycle `clock` - 1, or `clock`, is over.
                const std::uint64_t at = clock + late;
                const Cart cart(
                    fill("reset: lda #{0}\n .delay 8\n sta $4017\n lda #0\n sta $400C\n .delay 4\n sta $400F\n .delay "
                         "{1}\nend: nop\n",
                         {number(mode), number(at - (kWrite + 1 + 6 + 4 + 4))}));
                arrive(cart, "end", [&](const Console& console) {
                    const unsigned clocks = step + late;
                    CHECK_EQ(apu_of(console).envelope_decay[2],
                             static_cast<std::uint8_t>(clocks == 0 ? 0 : 16 - clocks));
                });
            }
        }
    }
}

void test_dmc_output() {
    const auto check = [](const char* what, unsigned level, unsigned sample, unsigned expected) {
        check::context = what;
        const Cart cart(fill(R"(
reset:  lda #$40
        sta $4017
        lda #$0F
        sta $4010
        lda #{0}
        sta $4011
        lda #0
        sta $4012
        sta $4013
        lda #$10
        sta $4015
        .delay 2000
end:    nop
        .org $C000
        .byte {1}
)",
                             {number(level), number(sample)}));
        arrive(cart, "end", [&](const Console& console) { CHECK_EQ(apu_of(console).dmc_output, expected); });
    };
    check("eight ones go up by 16", 40, 0xFF, 56);
    check("eight zeros go down by 16", 40, 0x00, 24);
    check("not above 127", 124, 0xFF, 126);
    check("not below 0", 3, 0x00, 1);
    check("the lowest bit first", 126, 0xF0, 126);
    check("the lowest bit first", 0, 0x0F, 0);
    check("seven bits of $4011", 0x80 + 40, 0xFF, 56);
    check::context = "addresses: $C000 + 64 n, and $8000 behind $FFFF";
    const Cart cart(
        "reset: lda #$40\n sta $4017\n lda #$0F\n sta $4010\n lda #$FF\n sta $4012\n lda #5\n sta $4013\n lda #$10\n"
        " sta $4015\n .delay 60\nfirst: nop\n .delay 40000\nend: nop\n");
    arrive(cart, "first", [](const Console& console) { CHECK_EQ(apu_of(console).dmc_address, 0xFFC1u); });
    arrive(cart, "end", [](const Console& console) {
        CHECK_EQ(apu_of(console).dmc_address, 0x8000u + 81 - 64);
        CHECK_EQ(apu_of(console).dmc_bytes_remaining, 0u);
    });
}

}  // namespace

void test_units() {
    test_envelopes();
    test_sweeps();
    test_linear_counter();
    test_quarter_frames();
    test_dmc_output();
}

}  // namespace nes::test
