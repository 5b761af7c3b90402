// The DMA unit: OAM DMA, the DMC's fetches, and both at once. NESdev "DMA". CPU cycle 0 is a get cycle, so even cycles are.
#include "tests.hpp"

namespace nes::test {
namespace {

// 513 cycles, and one more when the cycle after the halt is no get cycle.
void test_oam_dma_length() {
    for (unsigned delay = 100; delay < 104; ++delay) {
        check::context = "OAM DMA, delay " + std::to_string(delay);
        const Cart cart("reset: lda #2\n .delay " + std::to_string(delay) +
                        "\nbefore: sta $4014\nafter: nop\n nop\nend: nop\n");
        const std::uint64_t before = arrive(cart, "before");
        CHECK_EQ(before, 9u + delay);
        const std::uint64_t write = before + 3;
        // The CPU halts in the cycle behind the write.
        CHECK_EQ(arrive(cart, "end"), write + 1 + (write & 1 ? 514 : 513) + 4);
    }
    // RDY stops the CPU in reads only: of the two writes of an INC the first starts the DMA and the second holds it off.
    for (unsigned delay = 100; delay < 102; ++delay) {
        check::context = "OAM DMA by INC, delay " + std::to_string(delay);
        const Cart cart("reset: .delay " + std::to_string(delay) + "\n inc $4014\n nop\nend: nop\n");
        const std::uint64_t write = 7 + delay + 5;
        CHECK_EQ(arrive(cart, "end"), write + 1 + (write & 1 ? 514 : 513) + 2);
    }
}

void test_oam_dma_contents() {
    // The page is filled with its addresses; $2003 says where the first byte goes; the third byte of each sprite lacks bits 2-4.
    const std::string fill = R"(
reset:  .delay 28000
        ldx #0
loop:   txa
        eor #$FF
        sta $0300,x
        inx
        bne loop
)";
    const std::string look = R"(
        ldx #0
next:   lda {0},x
        sta $2003
        lda $2004
        sta $10,x
        inx
        cpx #6
        bne next
        jmp done
places: .byte 0,1,2,3,6,255
)";
    expect("OAM DMA", fill + "lda #0\n sta $2003\n lda #3\n sta $4014\n" + test::fill(look, {"places"}),
           {0xFF, 0xFE, 0xE1, 0xFC, 0xE1, 0x00});
    // From OAM address 4 on: the byte at 4 is $FF, at 0 the 252nd ($03), at 2 $01 & $E3, at 6 $FD & $E3.
    expect("OAM DMA from another address",
           fill + "lda #4\n sta $2003\n lda #3\n sta $4014\n" + test::fill(look, {"places"}),
           {0x03, 0x02, 0x01, 0x00, 0xE1, 0x04});
    expect("OAM DMA leaves the address where it was",
           fill + "lda #7\n sta $2003\n lda #3\n sta $4014\n lda $2004\n sta $10\n jmp done\n", {0xFF});
    expect("OAM DMA from ROM", R"(
reset:  .delay 28000
        lda #0
        sta $2003
        lda #>page
        sta $4014
        lda #1
        sta $2003
        lda $2004
        sta $10
        jmp done
        .org $9000
page:   .byte $11,$22
)",
           {0x22});
    expect("OAM DMA from the registers of the PPU reads them", R"(
reset:  .delay 28000
        lda #0
        sta $2003
        lda #$20
        sta $4014       ; among them ppustatus: the flag is cleared
        lda $2002
        and #$80
        sta $10
        jmp done
)",
           {0x00});
}

// A sample of one byte, fetched at once because the buffer is empty, and then one of 17 bytes.
void test_dmc_dma() {
    check::context = "the first fetch of a sample";
    // NESdev "DMA": it begins in the third or fourth cycle after the write, on a get cycle's eve, and takes three cycles.
    for (unsigned delay = 100; delay < 104; ++delay) {
        check::context = "the first fetch of a sample, delay " + std::to_string(delay);
        const Cart cart("reset: lda #$10\n .delay " + std::to_string(delay) +
                        "\nbefore: sta $4015\n nop\n nop\n nop\n nop\n nop\nend: nop\n");
        const std::uint64_t before = arrive(cart, "before");
        CHECK_EQ(arrive(cart, "end") - before, 4u + 10 + 3);
    }
    // The later ones halt on a put cycle, so they take four cycles: halt, dummy, alignment, get.
    check::context = "the fetches of a sample of 17 bytes";
    const Cart cart(R"(
reset:  lda #$0F
        sta $4010
        lda #1
        sta $4013
        lda #$10
before: sta $4015
        .delay 10000
end:    nop
)");
    const std::uint64_t before = arrive(cart, "before");
    const std::uint64_t taken = arrive(cart, "end") - before - 4 - 10000;
    CHECK_EQ(taken, 3u + 16 * 4);
    expect("the bytes are counted, and the channel is off when the last was fetched", R"(
reset:  lda #$0F
        sta $4010
        lda #0
        sta $4013
        lda #$10
        sta $4015
        .delay 20
        lda $4015
        sta $10         ; one byte: fetched already
        lda #1
        sta $4013
        lda #$10
        sta $4015
        lda $4015
        sta $11
        .delay 7800     ; 17 bytes of 8 * 54 cycles, the first at once
        lda $4015
        sta $12
        lda #0
        sta $4015
        jmp done
)",
           {0x00, 0x10, 0x00});
}

// A fetch that halts a read of $4016 has the CPU repeat the read. The console's pads count reads in neighbouring cycles as one, so
// the halt costs one button more: of the eight zeros of a pad without buttons one is missing.
void test_dmc_and_controller() {
    std::string zeros;
    for (unsigned delay = 100; delay < 104; ++delay) {
        check::context = "a fetch of the DMC about a read of $4016";
        const Cart cart("reset: lda #1\n sta $4016\n lda #0\n sta $4016\n lda #$10\n .delay " + std::to_string(delay) +
                        "\n sta $4015\n lda $4016\n ldx #1\nmore: lda $4016\n inx\n lsr\n bcc more\nend: nop\n");
        arrive(cart, "end", [&](const Console& console) { zeros += static_cast<char>('0' + console.trace().x - 1); });
    }
    CHECK_EQ(zeros, std::string("77887788"));  // two policies each
}

// The RP2A07 of the PAL console halts only where it fetches an opcode: no read is repeated.
void test_dmc_on_pal() {
    Options pal;
    pal.region = RegionOption::pal;
    std::string zeros, data;
    for (unsigned delay = 100; delay < 112; ++delay) {
        check::context = "a fetch of the DMC about a read, on PAL, delay " + std::to_string(delay);
        const Cart pad("reset: lda #1\n sta $4016\n lda #0\n sta $4016\n lda #$10\n .delay " + std::to_string(delay) +
                       "\n sta $4015\n lda $4016\n ldx #1\nmore: lda $4016\n inx\n lsr\n bcc more\nend: nop\n");
        arrive(
            pad, "end", [&](const Console& console) { zeros += static_cast<char>('0' + console.trace().x - 1); }, pal);
        // The first bytes of the nametable are 0, 1, 2, ...; the first read gives what the buffer held.
        const Cart memory(R"(
reset:  .delay 34000
        lda #$20
        sta $2006
        lda #0
        sta $2006
        tax
fill:   stx $2007
        inx
        bne fill
        lda #$20
        sta $2006
        lda #0
        sta $2006
        lda $2007
        lda #$10
        .delay )" + std::to_string(delay) +
                          R"(
        sta $4015
        lda $2007
        lda $2007
        ldx $2007
end:    nop
)");
        arrive(memory, "end", [&](const Console& console) { data += static_cast<char>('0' + console.trace().x); }, pal);
    }
    CHECK_EQ(zeros, std::string(24, '8'));
    CHECK_EQ(data, std::string(24, '2'));

    // It is held off until then, through a whole instruction, and takes three or four cycles.
    check::context = "the fetches of a sample of 17 bytes, on PAL";
    std::string slow;
    for (unsigned i = 0; i < 1000; ++i) slow += " rol $0200,x\n";  // 7 cycles, the last two of them writes
    const Cart cart("reset: ldx #0\n lda #$0F\n sta $4010\n lda #1\n sta $4013\n lda #$10\nbefore: sta $4015\n" + slow +
                    "end: nop\n");
    const std::uint64_t taken = arrive(cart, "end", pal) - arrive(cart, "before", pal) - 4 - 7000;
    CHECK(taken >= 17 * 3 && taken <= 17 * 4);

    check::context = "OAM DMA on PAL";
    for (unsigned delay = 100; delay < 102; ++delay) {
        const Cart sprites("reset: .delay " + std::to_string(delay) + "\n inc $4014\n nop\nend: nop\n");
        const std::uint64_t write = 7 + delay + 5;
        CHECK_EQ(arrive(sprites, "end", pal), write + 1 + (write & 1 ? 514 : 513) + 2);
    }
}

// While OAM DMA runs a fetch of the DMC takes two cycles more, as a rule: one for its get, one to get back into step.
void test_both() {
    check::context = "a DMC fetch within OAM DMA";
    const std::string text = R"(
reset:  lda #$0F
        sta $4010
        lda #1
        sta $4013
        lda #$10
        sta $4015
        .delay 1000
        lda #3
before: sta $4014
        nop
end:    nop
)";
    const Cart with(text);
    const std::uint64_t taken = arrive(with, "end") - arrive(with, "before") - 4 - 2;
    // One byte in 8 * 54 = 432 cycles: one or two in 513.
    CHECK(taken == 513 + 2 || taken == 514 + 2 || taken == 513 + 4 || taken == 514 + 4);
    check::context = "a DMC fetch within OAM DMA: contents";
    expect("OAM DMA copies all bytes in spite of the fetches", R"(
reset:  .delay 28000
        ldx #0
loop:   txa
        sta $0300,x
        inx
        bne loop
        lda #$4F
        sta $4010
        lda #$10
        sta $4015
        .delay 1000
        lda #0
        sta $2003
        lda #3
        sta $4014
        ldx #0
look:   stx $2003
        txa
        and #3
        cmp #2
        beq skip
        txa
        cmp $2004
        bne bad
skip:   inx
        bne look
        lda #1
        sta $10
bad:    lda #0
        sta $4015
        jmp done
)",
           {0x01});
}

}  // namespace

void test_dma() {
    test_oam_dma_length();
    test_oam_dma_contents();
    test_dmc_dma();
    test_dmc_and_controller();
    test_dmc_on_pal();
    test_both();
}

}  // namespace nes::test
