// The frame counter: its interrupt, its modes, and writes to $4017. NESdev "APU Frame Counter".
#include "tests.hpp"

namespace nes::test {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

// Writes `mode` to $4017 in cycle `write`, reads $4015 in cycle `read`.
std::string read_after(unsigned mode, std::uint64_t write, std::uint64_t read) {
    return fill(
        "reset: lda #{0}\n .delay {1}\n sta $4017\n .delay {2}\n lda $4015\n sta $10\n lda $4015\n sta $11\n jmp "
        "done\n",
        {number(mode), number(write - 3 - 9), number(read - write - 1 - 3)});
}

// The restart comes three cycles after a write in a put cycle, four after one in a get cycle.
std::uint64_t restart_of(std::uint64_t write) { return write + (write & 1 ? 3 : 4); }

void test_flag() {
    for (const std::uint64_t write : {100u, 101u}) {
        const std::uint64_t flag = restart_of(write) + 29828;
        for (const int when : {-2, -1, 0, 1, 2, 3}) {
            const std::uint64_t read = flag + static_cast<std::uint64_t>(static_cast<std::int64_t>(when));
            expect("the flag of the frame counter, read " + std::to_string(when) + " cycles from its rise",
                   read_after(0, write, read), {static_cast<std::uint8_t>(when >= 0 ? 0x40 : 0)});
        }
        expect("a read clears it", read_after(0, write, flag + 10), {0x40, 0x00});
        expect("inhibited it does not stay set", read_after(0x40, write, flag + 10), {0x00, 0x00});
        expect("nor does it come with five steps", read_after(0x80, write, flag + 10), {0x00, 0x00});
        expect("it comes again 29,830 cycles later", read_after(0, write, flag + 29830 + 5), {0x40, 0x00});
    }
    expect("writing $40 clears it, writing $80 does not", R"(
reset:  lda #0
        sta $4017
        .delay 30000
        lda #$80
        sta $4017
        lda $4015
        sta $10
        lda #0
        sta $4017
        .delay 30000
        lda #$40
        sta $4017
        lda $4015
        sta $11
        jmp done
)",
           {0x40, 0x00});
    expect("it is set from power-on, as if $00 had been written",
           "reset: .delay 30000\n lda $4015\n sta $10\n jmp done\n", {0x40});
}

// The cycle of the interrupt itself.
void test_irq() {
    for (const std::uint64_t write : {100u, 101u}) {
        check::context = "the IRQ of the frame counter";
        const std::uint64_t asserted = restart_of(write) + 29828;
        const std::uint64_t wait = asserted - 20;
        const Cart cart(
            fill("reset: lda #0\n cli\n .delay {0}\n sta $4017\n .delay {1}\nrow: nop\n nop\n nop\n nop\n nop\n nop\n "
                 "nop\n nop\n"
                 " nop\n nop\n nop\n nop\n nop\n nop\nirq: jmp irq\n",
                 {number(write - 3 - 11), number(wait - write - 1)}));
        // NOPs of two cycles from `wait` on: the first whose last cycle but one sees the line.
        unsigned i = 0;
        while (wait + 2 * i < asserted) ++i;
        CHECK_EQ(arrive(cart, "irq"), wait + 2 * i + 2 + 7);
    }
    check::context = "inhibited: no IRQ";
    expect("with $40 and with $80 in $4017 it never interrupts", R"(
reset:  lda #$40
        sta $4017
        cli
        .delay 70000
        lda #$80
        sta $4017
        .delay 70000
        jmp done
irq:    inc $10
        lda $4015
        rti
)",
           {0});
}

// A read clears the flag at the end of the next put cycle, so of two reads in a row the second finds it set when the first falls in
// a get cycle. RLA abs,X reads twice; bit 6 goes to bit 7 of A.
void test_clearing() {
    for (const std::uint64_t read : {40000u, 40001u}) {
        expect("two reads of $4015 in a row, the first in cycle " + number(read),
               fill("reset: lda #0\n sta $4017\n .delay {0}\n lda #$FF\n ldx #0\n rla $4015,x\n and #$80\n sta $10\n "
                    "jmp done\n",
                    {number(read - (7 + 6 + 4 + 3))}),
               {static_cast<std::uint8_t>(read & 1 ? 0x00 : 0x80)});
    }
}

// PAL: the flag rises after 33,252 cycles.
void test_pal() {
    Options options;
    options.region = RegionOption::pal;
    const std::uint64_t flag = restart_of(100) + 33252;
    for (const int when : {-1, 0, 1}) {
        const std::uint64_t read = flag + static_cast<std::uint64_t>(static_cast<std::int64_t>(when));
        expect("PAL: the flag of the frame counter, read " + std::to_string(when) + " cycles from its rise",
               read_after(0, 100, read), {static_cast<std::uint8_t>(when >= 0 ? 0x40 : 0)}, false, false, options);
    }
}

}  // namespace

void test_frame_counter() {
    test_flag();
    test_irq();
    test_clearing();
    test_pal();
}

}  // namespace nes::test
