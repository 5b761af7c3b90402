// The DMC as a program sees it: bytes counted, interrupt, loop, rates. NESdev "APU DMC".
#include "tests.hpp"

namespace nes::test {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

constexpr unsigned kPeriods[16] = {428, 380, 340, 320, 286, 254, 226, 214, 190, 160, 142, 128, 106, 84, 72, 54};

// A sample of 17 bytes: the first is fetched at once, the second when the output unit takes the first, and so on, one each eight
// bits. The time between two interrupts of two samples played one behind the other is 17 bytes.
void test_rates() {
    for (unsigned rate = 0; rate < 16; ++rate) {
        check::context = "rate " + number(rate);
        // The interrupts restart the sample; the CPU runs in a loop of three cycles, and each fetch takes three or four more.
        const Cart cart(fill(R"(
reset:  lda #$40
        sta $4017
        lda #{0}
        sta $4010
        lda #1
        sta $4013
        lda #$10
        sta $4015
        cli
wait:   jmp wait
irq:    inc $10
        lda $10
        cmp #2
        beq second
        lda #$10
        sta $4015
        rti
second: jmp second
)",
                             {number(0x80 + rate)}));
        const std::uint64_t first = arrive(cart, "irq");
        const std::uint64_t second = arrive(cart, "second");
        const std::uint64_t expected = 17u * 8 * kPeriods[rate];
        const std::uint64_t between = second - first;
        CHECK(between + 24 > expected && between < expected + 24);
    }
}

void test_flags() {
    const std::string start = R"(
reset:  lda #$40
        sta $4017
        lda #{0}
        sta $4010
        lda #0
        sta $4013       ; one byte
        lda #$10
        sta $4015
        .delay 100
)";
    expect("the interrupt flag", fill(start, {number(0x8F)}) + R"(
        lda $4015
        sta $10         ; bit 7, and bit 4 clear
        lda $4015
        sta $11         ; a read leaves it
        lda #0
        sta $4015       ; a write clears it
        lda $4015
        sta $12
        lda #$10
        sta $4015
        .delay 1000
        lda $4015
        sta $13
        lda #$0F
        sta $4010       ; so does bit 7 of $4010 clear
        lda $4015
        sta $14
        jmp done
)",
           {0x80, 0x80, 0x00, 0x80, 0x00});
    expect("without bit 7 of $4010 there is none", fill(start, {number(0x0F)}) + " lda $4015\n sta $10\n jmp done\n",
           {0x00});
    expect("a sample that loops goes on and does not interrupt", fill(start, {number(0xCF)}) + R"(
        .delay 5000
        lda $4015
        sta $10
        lda #0
        sta $4015
        lda $4015
        sta $11
        jmp done
)",
           {0x10, 0x00});
    expect("writing bit 4 again restarts only a sample that has ended", R"(
reset:  lda #$40
        sta $4017
        lda #$0F
        sta $4010
        lda #1
        sta $4013       ; 17 bytes
        lda #$10
        sta $4015
        .delay 4000
        lda #$10
        sta $4015       ; runs on: ends 17 * 432 cycles after the beginning
        .delay 3600
        lda $4015
        sta $10
        jmp done
)",
           {0x00});
    expect("the interrupt is taken, and again until it is acknowledged", R"(
reset:  lda #$40
        sta $4017
        lda #$8F
        sta $4010
        lda #0
        sta $4013
        cli
        lda #$10
        sta $4015
        .delay 300
        jmp done
irq:    inc $10
        lda $10
        cmp #3
        bne back
        lda #0
        sta $4015
back:   rti
)",
           {0x03});
}

}  // namespace

void test_dmc() {
    test_rates();
    test_flags();
}

}  // namespace nes::test
