// The registers: ppudata and its buffer, the palette, v, t, x and w, OAM, open bus. NESdev "PPU registers", "PPU scrolling",
// "PPU palettes", "PPU OAM".
#include "tests.hpp"

namespace nes::test {
namespace {

// Subroutines: `at` sets v to the address in A (high) and X (low).
const std::string kBegin = "reset: .delay 28000\n jmp main\nat: bit $2002\n sta $2006\n stx $2006\n rts\nmain:\n";

void expect_vram(const std::string& what, const std::string& code, const std::vector<std::uint8_t>& expected,
                 bool vertical = false) {
    expect(what, kBegin + code + "\n jmp done\n", expected, vertical, true);
}

void test_ppudata() {
    const std::string write =
        "lda #$21\n ldx #$08\n jsr at\n lda #$11\n sta $2007\n lda #$22\n sta $2007\n lda #$33\n sta $2007\n";
    expect_vram("reads come a read late, from the buffer",
                write +
                    "lda #$21\n ldx #$08\n jsr at\n lda $2007\n lda $2007\n sta $10\n lda $2007\n sta $11\n lda "
                    "$2007\n sta $12",
                {0x11, 0x22, 0x33});
    expect_vram("the buffer survives a new address",
                write +
                    "lda #$21\n ldx #$08\n jsr at\n lda $2007\n lda #$21\n ldx #$0A\n jsr at\n"
                    " lda $2007\n sta $10\n lda $2007\n sta $11",
                {0x11, 0x33});
    expect_vram("steps of 32 with bit 2 of ppuctrl", R"(
        lda #$04
        sta $2000
        lda #$20
        ldx #$05
        jsr at
        lda #$44
        sta $2007
        lda #$55
        sta $2007
        lda #0
        sta $2000
        lda #$20
        ldx #$25
        jsr at
        lda $2007
        lda $2007
        sta $10
        lda #$04
        sta $2000
        lda #$20
        ldx #$05
        jsr at
        lda $2007
        lda $2007
        sta $11
        lda $2007
        sta $12)",
                {0x55, 0x44, 0x55});
    expect_vram("pattern memory in RAM",
                "lda #$12\n ldx #$34\n jsr at\n lda #$9C\n sta $2007\n lda #$12\n ldx #$34\n jsr at\n"
                " lda $2007\n lda $2007\n sta $10",
                {0x9C});
    expect("pattern memory in ROM is not written",
           kBegin +
               "lda #$00\n ldx #$10\n jsr at\n lda #$9C\n sta $2007\n lda #$00\n ldx #$10\n jsr at\n lda $2007\n lda "
               "$2007\n"
               " sta $10\n jmp done\n",
           {0xFF});
    expect_vram("addresses have 14 bits: $6108 is $2108, and $3FFF is followed by $0000",
                "lda #$61\n ldx #$08\n jsr at\n lda #$77\n sta $2007\n lda #$21\n ldx #$08\n jsr at\n lda $2007\n lda "
                "$2007\n sta $10\n"
                " lda #0\n tax\n jsr at\n lda #$88\n sta $2007\n lda #$3F\n ldx #$FF\n jsr at\n lda $2007\n lda "
                "$2007\n lda $2007\n sta $11",
                {0x77, 0x88});
}

void test_mirrors() {
    const std::string fill_tables = R"(
        ldy #0
more:   lda high,y
        ldx #$00
        jsr at
        tya
        sta $2007
        iny
        cpy #4
        bne more
        ldy #0
look:   lda high,y
        ldx #$00
        jsr at
        lda $2007
        lda $2007
        sta $0010,y
        iny
        cpy #5
        bne look
        jmp done
high:   .byte $20,$24,$28,$2C,$30)";
    expect_vram("nametables side by side are the same with horizontal mirroring", fill_tables, {1, 1, 3, 3, 1});
    expect_vram("nametables above each other are the same with vertical mirroring", fill_tables, {2, 3, 2, 3, 2}, true);
}

void test_palette() {
    expect_vram(
        "the palette is read at once, six bits of it; the rest is open bus; the buffer takes the nametable below", R"(
        lda #$2F
        ldx #$05
        jsr at
        lda #$A1
        sta $2007
        lda #$3F
        ldx #$05
        jsr at
        lda #$FF
        sta $2007
        lda #$3F
        ldx #$05
        jsr at
        lda #$80
        sta $2003       ; the I/O latch
        lda $2007
        sta $10
        lda #$21
        ldx #0
        jsr at
        lda $2007
        sta $11)",
        {0xBF, 0xA1});
    expect_vram("entries 10, 14, 18 and 1C are those without the 10; the palette is repeated every 32 bytes", R"(
        ldy #0
more:   lda #$3F
        ldx places,y
        jsr at
        tya
        ora #$20
        sta $2007
        iny
        cpy #8
        bne more
        ldy #0
look:   lda #$3F
        ldx places,y
        jsr at
        lda $2007
        and #$3F
        sta $0010,y
        iny
        cpy #8
        bne look
        jmp done
places: .byte $00,$04,$10,$14,$11,$01,$0F,$2F)",
                {0x22, 0x23, 0x22, 0x23, 0x24, 0x25, 0x27, 0x27});
    expect_vram("greyscale masks what is read",
                "lda #$3F\n ldx #5\n jsr at\n lda #$2B\n sta $2007\n lda #$3F\n ldx #5\n jsr at\n"
                " lda #1\n sta $2001\n nop\n nop\n lda $2007\n and #$3F\n sta $10\n lda #0\n sta $2001",
                {0x20});
}

// v, t, x and w. NESdev "PPU scrolling" has this example: it ends with v = $64EF.
void test_scroll_registers() {
    expect_vram("$2006, $2005, $2005, $2006", R"(
        lda #$24
        ldx #$EF
        jsr at
        lda #$6E
        sta $2007
        bit $2002
        lda #$04
        sta $2006
        lda #$3E
        sta $2005
        lda #$7D
        sta $2005
        lda #$EF
        sta $2006
        nop
        lda $2007
        lda $2007
        sta $10)",
                {0x6E}, true);
    expect_vram("ppustatus resets the write toggle; ppuctrl sets the nametable bits of t", R"(
        lda #$0B
        ldx #$00
        jsr at
        lda #$5E
        sta $2007
        bit $2002
        lda #$20
        sta $2006       ; one write, whose partner never comes
        bit $2002
        lda #$03
        sta $2006       ; t is $03xx
        bit $2002
        lda #$02
        sta $2000       ; nametable 2: t is $0Bxx
        lda #0
        sta $2005       ; coarse X, with the toggle reset
        sta $2006       ; the low byte: v = t = $0B00
        nop
        lda $2007
        lda $2007
        sta $10
        lda #0
        sta $2000)",
                {0x5E});
    expect_vram("a second write reaches v some dots later: an access at once finds the old v", R"(
        lda #$21
        ldx #$00
        jsr at
        lda #$31
        sta $2007
        lda #$22
        ldx #$00
        jsr at
        lda #$32
        sta $2007
        lda #$21
        ldx #$00
        jsr at
        lda $2007
        lda $2007
        sta $10)",
                {0x31});
}

void test_oam() {
    expect_vram("oamdata: writes move the address on, reads do not; bits 2 to 4 of an attribute byte do not exist", R"(
        lda #0
        sta $2003
        lda #$FF
        sta $2004
        sta $2004
        sta $2004
        sta $2004
        lda #2
        sta $2003
        lda $2004
        sta $10
        lda $2004
        sta $11
        lda #3
        sta $2003
        lda $2004
        sta $12
        lda #$FF
        sta $2003
        lda #$12
        sta $2004       ; at $FF, then the address wraps
        lda #$34
        sta $2004
        lda #0
        sta $2003
        lda $2004
        sta $13)",
                {0xE3, 0xE3, 0xFF, 0x34});
}

void test_open_bus() {
    expect_vram("write-only registers read as what was on the PPU's bus last; ppustatus gives three bits of its own",
                R"(
        lda #$5A
        sta $2003
        lda $2000
        sta $10
        lda $2001
        sta $11
        lda $2005
        sta $12
        lda #$FF
        sta $2003
        lda $2002
        lda #$15
        sta $2003
        lda $2002       ; bits 0-4 of the latch, none of the flags
        sta $13
        lda #$FF
        sta $2003
        lda $2002
        lda $2000       ; ppustatus has cleared the upper three
        sta $14
        lda $3FF8       ; registers are repeated every eight bytes
        sta $15)",
                {0x5A, 0x5A, 0x5A, 0x15, 0x1F, 0x1F});
    expect("the bus decays within a second", kBegin + R"(
        lda #$FF
        sta $2003
        lda $2000
        sta $10
        ldy #36
wait:   sty $20
        .delay 29781
        ldy $20
        dey
        bne wait
        lda $2000
        sta $11
        jmp done
)",
           {0xFF, 0x00});
}

// A front loader's PPU ignores $2000, $2001, $2005 and $2006 until the first pre-render line (NESdev "PPU power up state").
void test_power_up() {
    const std::string text = R"(
reset:  lda #$80
        sta $2000
        .delay 27400
        nop
        lda #0
        sta $2000
        .delay 10000
        lda #$80
        sta $2000
        .delay 27400
        lda #0
        sta $2000
        jmp done
nmi:    inc $10
        rti
)";
    Options options;
    options.console = ConsoleModel::nes;
    expect("NES: the first write is ignored", text, {0x01}, false, false, options);
    expect("Famicom: it is not", text, {0x02});
}

}  // namespace

void test_registers() {
    test_ppudata();
    test_mirrors();
    test_palette();
    test_scroll_registers();
    test_oam();
    test_open_bus();
    test_power_up();
}

}  // namespace nes::test
