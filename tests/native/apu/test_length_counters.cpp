// Length counters, by $4015. NESdev "APU Length Counter", "APU".
#include "tests.hpp"

namespace nes::test {
namespace {

// NESdev "APU Length Counter", the table by the upper five bits of the register.
constexpr unsigned kLengths[32] = {10, 254, 20, 2,  40, 4,  80, 6,  160, 8,  60, 10, 14, 12, 26, 14,
                                   12, 16,  24, 18, 48, 20, 96, 22, 192, 24, 72, 26, 16, 28, 32, 30};

struct Channel {
    const char* name;
    unsigned control, length;  // registers
    unsigned halt, bit;
};
constexpr Channel kChannels[] = {{"pulse 1", 0x4000, 0x4003, 0x20, 1},
                                 {"pulse 2", 0x4004, 0x4007, 0x20, 2},
                                 {"triangle", 0x4008, 0x400B, 0x80, 4},
                                 {"noise", 0x400C, 0x400F, 0x20, 8}};

std::string number(unsigned value) { return std::to_string(value); }

// A write of $C0 to $4017 clocks the length counters at once: counts how many clear the bit in $4015.
std::string count_clocks(const Channel& channel, unsigned value, unsigned control) {
    char registers[2][8];
    std::snprintf(registers[0], 8, "$%04X", channel.control);
    std::snprintf(registers[1], 8, "$%04X", channel.length);
    return fill(R"(
reset:  lda #$40
        sta $4017
        .delay 20
        lda #15
        sta $4015
        lda #{0}
        sta {1}
        lda #{2}
        sta {3}
        ldy #0
more:   lda $4015
        and #{4}
        beq out
        lda #$C0
        sta $4017
        nop
        nop
        nop
        nop
        iny
        bne more
out:    sty $10
        lda $4015
        sta $11
        jmp done
)",
                {number(control), registers[0], number(value), registers[1], number(channel.bit)});
}

void test_table() {
    for (const Channel& channel : kChannels) {
        for (unsigned i = 0; i < 32; ++i) {
            if (channel.bit != 1 && i % 5 != 1) continue;
            expect(std::string(channel.name) + ": length " + number(i), count_clocks(channel, i * 8, 0),
                   {static_cast<std::uint8_t>(kLengths[i]), 0});
        }
        expect(std::string(channel.name) + ": halted", count_clocks(channel, 3 * 8, channel.halt),
               {0, static_cast<std::uint8_t>(channel.bit)});
    }
}

void test_enabling() {
    for (const Channel& channel : kChannels) {
        char length[8];
        std::snprintf(length, 8, "$%04X", channel.length);
        expect(std::string(channel.name) + ": $4015 empties the counter and keeps it empty",
               fill(R"(
reset:  lda #$40
        sta $4017
        lda $4015
        sta $10
        lda #$18
        sta {0}         ; off: not loaded
        lda #15
        sta $4015
        lda $4015
        sta $11
        lda #$18
        sta {0}
        lda $4015
        sta $12
        lda #{1}        ; all but this one
        sta $4015
        lda $4015
        sta $13
        lda #15
        sta $4015
        lda $4015
        sta $14
        jmp done
)",
                    {length, number(15 - channel.bit)}),
               {0, 0, static_cast<std::uint8_t>(channel.bit), 0, 0});
    }
}

// Two clocks in a frame of four steps, 14,913 and 29,829 cycles after the restart; with five steps at 37,281, and at once.
void test_rate() {
    const auto text = [](unsigned mode, unsigned wait) {
        return fill(R"(
reset:  lda #1
        sta $4015
        lda #{0}
        sta $4017
        lda #$18        ; two clocks
        sta $4003
        .delay {1}
        lda $4015
        and #1
        sta $10
        jmp done
)",
                    {number(mode), number(wait)});
    };
    // The $4017 write falls in cycle 7 + 11 = 18 (a get cycle): the restart is four cycles later. The read: 11 cycles after the
    // write and the wait behind them, in its fourth cycle.
    const auto wait_for = [](unsigned cycle) { return cycle - (7 + 12 + 6 + 3); };
    constexpr unsigned kRestart = 18 + 4;
    expect("four steps: on before the second clock", text(0x40, wait_for(kRestart + 29829 - 1)), {1});
    expect("four steps: off behind it", text(0x40, wait_for(kRestart + 29829)), {0});
    // With five steps one clock comes at once, before the length is loaded.
    expect("five steps: on before the second clock", text(0xC0, wait_for(kRestart + 37281 - 1)), {1});
    expect("five steps: off behind it", text(0xC0, wait_for(kRestart + 37281)), {0});
}

// A write in the cycle before the clock comes too late for it: the halt flag is the old one, and a count that runs is not loaded.
// (blargg's len_halt_timing and len_reload_timing, in other words.)
void test_writes_at_the_clock() {
    const auto text = [](unsigned first_length, const std::string& store, unsigned cycle, unsigned halt) {
        // A is loaded two cycles before the store begins; the write is its fourth cycle.
        return fill(R"(
reset:  lda #1
        sta $4015
        lda #$40
        sta $4017
        lda #{0}
        sta $4000
        lda #{1}
        sta $4003
        .delay {2}
        {3}
        .delay 10
        lda #0
        sta $4000
        tay
more:   lda $4015
        and #1
        beq out
        lda #$C0
        sta $4017
        nop
        nop
        nop
        iny
        cpy #40
        bne more
out:    sty $10
        jmp done
)",
                    {number(halt), number(first_length), number(cycle - (7 + 12 + 12 + 5)), store});
    };
    constexpr unsigned kClock = 18 + 4 + 14913;  // the first half-frame clock
    // Length 2 ($18): after the clock one is left. The register is written in the cycle before the clock, in the clock's, or before.
    for (const int when : {-2, -1, 0, 1}) {
        const unsigned cycle = static_cast<unsigned>(static_cast<int>(kClock) + when);
        const bool before = when < -1;
        expect("halt set " + std::to_string(when) + " cycles from a clock",
               text(0x18, "lda #$20\n sta $4000", cycle, 0), {static_cast<std::uint8_t>(before ? 2 : 1)});
        expect("halt cleared " + std::to_string(when) + " cycles from a clock",
               text(0x18, "lda #0\n sta $4000", cycle, 0x20), {static_cast<std::uint8_t>(before ? 1 : 2)});
        // Length 4 ($28) over 2: before the clock it is clocked to 3; with it, it is lost and the old one goes on to 1; then it is 4.
        expect("length written " + std::to_string(when) + " cycles from a clock",
               text(0x18, "lda #$28\n sta $4003", cycle, 0),
               {static_cast<std::uint8_t>(when < -1    ? 3
                                          : when == -1 ? 1
                                                       : 4)});
    }
}

}  // namespace

void test_length_counters() {
    test_table();
    test_enabling();
    test_rate();
    test_writes_at_the_clock();
}

}  // namespace nes::test
