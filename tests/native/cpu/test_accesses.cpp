// The bus accesses that a program can see beside those that it wants: dummy reads and writes, the open bus. NESdev "CPU
// addressing modes", "Open bus behavior", "PPU registers".
#include "tests.hpp"

namespace nes::test {
namespace {

// A read of ppustatus clears the vblank flag, so a dummy read of it is seen as a flag that is clear at the real read.
void test_dummy_reads() {
    const std::string in_vblank = R"(
reset:  lda #$F2
        sta $20
        lda #$20        ; ($20) is $20F2, ($22) is $20E2
        sta $21
        sta $23
        lda #$E2
        sta $22
        ldx #0
        .delay 28000
        ldy #$10
        ldx #$10
)";
    const std::string end = "\n and #$80\n sta $10\n jmp done\n";
    const std::string look = "\n lda $2002\n";
    expect("LDA abs,X with a carry reads twice", in_vblank + "lda $20F2,x" + end, {0x00});
    expect("LDA abs,X without a carry reads once", in_vblank + "lda $20E2,x" + end, {0x80});
    expect("LDA (zp),Y with a carry reads twice", in_vblank + "lda ($20),y" + end, {0x00});
    expect("LDA (zp),Y without a carry reads once", in_vblank + "lda ($22),y" + end, {0x80});
    expect("STA abs,X reads first", in_vblank + "sta $20E2,x" + look + end, {0x00});
    expect("STA (zp),Y reads first", in_vblank + "sta ($22),y" + look + end, {0x00});
    expect("STA abs,X with a carry reads in the page of the base: $1F02 and not $2002",
           in_vblank + "ldx #$FF\n lda #0\n sta $1F03,x" + look + end, {0x80});
    expect("STA abs does not read", in_vblank + "sta $2002" + look + end, {0x80});
    expect("NOP abs reads", in_vblank + "nop $2002" + look + end, {0x00});
    expect("SLO abs reads", in_vblank + "slo $2002" + look + end, {0x00});
    // The dummy read is of the page without the carry: $2100 + $F2 + $10 is $2202, read before as $2102.
    expect("the dummy read lies in the page of the base", in_vblank + "ldy #0\n lda $1FF2,x" + end + "\n", {0x80});
}

// Read-modify-write instructions write the old value first: two writes to $2006 set v.
void test_dummy_writes() {
    const std::string after = R"(
        lda #$5A
        sta $2007
        bit $2002
        lda #$24
        sta $2006
        lda #$48
        sta $2006
        lda $2007
        lda $2007
        sta $10
        jmp done
)";
    const std::string before = "reset: ldx #$FF\n bit $2002\n lda #$24\n sta $2003\n";  // the I/O latch holds $24
    expect("ASL abs writes twice", before + "asl $2006" + after, {0x5A});
    expect("ASL abs,X writes twice", before + "asl $1F07,x" + after, {0x5A});
    expect("SLO abs,X writes twice", before + "slo $1F07,x" + after, {0x5A});
}

void test_open_bus() {
    expect("an unmapped address reads as the last byte on the bus, the high byte of the operand",
           "reset: lda $5000\n sta $10\n lda $5FFF\n sta $11\n jmp done\n", {0x50, 0x5F});
    expect("a carry does not put the new high byte on the bus", "reset: ldx #1\n lda $50FF,x\n sta $10\n jmp done\n",
           {0x50});
    expect("the upper three bits of $4016 and $4017 are open bus",
           "reset: lda $4016\n and #$E0\n sta $10\n lda $4017\n and #$E0\n sta $11\n jmp done\n", {0x40, 0x40});
    expect("write-only registers of the APU read as open bus",
           "reset: lda #$FF\n sta $4000\n lda $4000\n sta $10\n lda $4014\n sta $11\n jmp done\n", {0x40, 0x40});
    expect("bit 5 of $4015 is what was on the bus", R"(
reset:  lda #0
        sta $4015
        lda #$40
        sta $4017
        lda $4015       ; $40 was fetched last
        sta $10
        ldx #$F5
        lda $3F20,x     ; $4015 after a dummy read of $3F15, a mirror of $2005: the I/O latch
        sta $11
        lda #$FF
        sta $2000
        ldx #$F5
        lda $3F20,x
        sta $12
        lda #0
        sta $2000
        jmp done
)",
           {0x00, 0x00, 0x20});
}

void test_addressing() {
    expect("RAM is mirrored every 2 KB", R"(
reset:  lda #$11
        sta $0123
        lda #$22
        sta $0923
        lda $1123
        sta $10
        lda $1923
        sta $11
        lda #$33
        sta $1FF0
        lda $07F0
        sta $12
        jmp done
)",
           {0x22, 0x22, 0x33});
    expect("ROM is not written", "reset: lda #$5A\n sta value\n lda value\n sta $10\n jmp done\nvalue: .byte $A5\n",
           {0xA5});
    expect("indexes wrap at the end of memory: $FFFF + 2 is $0001",
           "reset: lda #$77\n sta $01\n ldx #2\n ldy #2\n lda $FFFF,x\n sta $10\n lda $FFFF,y\n sta $11\n jmp done\n",
           {0x77, 0x77});
    expect("the program counter wraps: $FFFF to $0000", R"(
reset:  lda #$60        ; rts
        sta $00
        lda #0
        ldx #$A9        ; lda #$60 of $FFFF, $0000 is not there: the vector's high byte is data
        jsr $0000
        lda #$42
        sta $10
        jmp done
)",
           {0x42});
    expect(
        "decimal mode does nothing but be pushed",
        "reset: sed\n clc\n lda #$09\n adc #$01\n sta $10\n sec\n sbc #$01\n sta $11\n php\n pla\n and #$08\n sta $12\n"
        " cld\n jmp done\n",
        {0x0A, 0x09, 0x08});
    expect("PHP and BRK push B and bit 5 as ones", R"(
reset:  lda #0
        pha
        plp
        php
        pla
        sta $10
        brk
        .byte 0
        jmp done
irq:    pla
        sta $11
        pha
        rti
)",
           {0x30, 0x30});
}

}  // namespace

void test_accesses() {
    test_dummy_reads();
    test_dummy_writes();
    test_open_bus();
    test_addressing();
}

}  // namespace nes::test
