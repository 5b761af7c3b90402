// When interrupts are taken. NESdev "CPU interrupts": the lines are sampled in every cycle; an instruction polls the sample of its
// last cycle but one; the sequence takes seven cycles; an NMI that comes in its first four cycles takes over the vector.
#include "tests.hpp"

namespace nes::test {
namespace {

// The vblank flag of the first frame rises in dot 241 * 341 + 1, the lines are sampled after dot 3n + 2 of cycle n
// (csrc/base/timing.hpp): /NMI is first seen low in this cycle.
constexpr std::uint64_t kNmiCycle = (241 * 341 + 1) / 3;
static_assert(3 * kNmiCycle + 2 >= 241 * 341 + 1 && 3 * (kNmiCycle - 1) + 2 < 241 * 341 + 1);

// The return address on the stack, and the status pushed with it.
unsigned pushed_pc(const Console& console) {
    const unsigned s = console.trace().s;
    return console.ram()[0x100 + ((s + 2) & 0xFF)] | console.ram()[0x100 + ((s + 3) & 0xFF)] << 8;
}
unsigned pushed_status(const Console& console) { return console.ram()[0x100 + ((console.trace().s + 1) & 0xFF)]; }

// Seven cycles of reset, then six of `lda #$80, sta $2000`: what follows the delay begins at `start`, with Z set.
std::string with_nmi(std::uint64_t start, const std::string& code) {
    return "reset: lda #$80\n sta $2000\n .delay " + std::to_string(start - 13) + "\n" + code;
}

void test_nmi_polling() {
    for (unsigned phase = 0; phase < 4; ++phase) {
        check::context = "NMI in a row of NOPs, phase " + std::to_string(phase);
        const std::uint64_t start = kNmiCycle - 10 + phase;
        const Cart cart(with_nmi(start, "sled: nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\n nmi: jmp nmi\n"));
        // NOP i ends in cycle start + 2i + 1: the first whose last cycle but one sees the line.
        unsigned i = 0;
        while (start + 2 * i < kNmiCycle) ++i;
        const std::uint64_t cycle = arrive(cart, "nmi", [&](const Console& console) {
            CHECK_EQ(pushed_pc(console), cart.code.address_of("sled") + i + 1);
            CHECK_EQ(pushed_status(console) & 0x30, 0x20u);
            CHECK_EQ(console.trace().p & 0x04, 0x04);
        });
        CHECK_EQ(cycle, start + 2 * i + 2 + 7);
    }
}

// A taken branch polls in its second cycle and not in its third; one to another page polls before its fourth as well.
void test_branch_polling() {
    for (unsigned phase = 0; phase < 3; ++phase) {
        check::context = "NMI in a row of taken branches, phase " + std::to_string(phase);
        const std::uint64_t start = kNmiCycle - 10 + phase;
        std::string row = "sled:";
        for (unsigned i = 0; i < 9; ++i) row += " beq b" + std::to_string(i) + "\nb" + std::to_string(i) + ":";
        const Cart cart(with_nmi(start, row + "\nnmi: jmp nmi\n"));
        unsigned i = 0;
        while (start + 3 * i < kNmiCycle) ++i;
        const std::uint64_t cycle = arrive(cart, "nmi", [&](const Console& console) {
            CHECK_EQ(pushed_pc(console), cart.code.address_of("sled") + 2 * (i + 1));
        });
        CHECK_EQ(cycle, start + 3 * i + 3 + 7);
    }
    for (unsigned phase = 0; phase < 9; ++phase) {
        check::context = "NMI about a branch to another page, phase " + std::to_string(phase);
        const std::uint64_t branch = kNmiCycle - 6 + phase;
        const Cart cart(with_nmi(branch - 3 - 2,
                                 "jmp far\n .org $90FC\nfar: nop\nbranch: beq target\n nop\ntarget: nop\n"
                                 " nop\n nop\n nop\nnmi: jmp nmi\n .org $9100\n"));
        // `branch` lies at $90FD, its target at $9100.
        const std::uint64_t s = kNmiCycle;
        const unsigned expected = s <= branch - 2   ? 0x90FD
                                  : s <= branch + 2 ? 0x9100
                                  : s <= branch + 4 ? 0x9101
                                                    : 0x9102;
        arrive(cart, "nmi", [&](const Console& console) { CHECK_EQ(pushed_pc(console), expected); });
    }
    for (unsigned phase = 0; phase < 4; ++phase) {
        check::context = "NMI about a branch that is not taken, phase " + std::to_string(phase);
        const std::uint64_t start = kNmiCycle - 2 + phase;
        const Cart cart(with_nmi(start, "branch: bne nmi\n nop\n nop\n nop\n nop\nnmi: jmp nmi\n"));
        const unsigned branch = cart.code.address_of("branch");
        const unsigned expected = kNmiCycle <= start ? branch + 2 : kNmiCycle <= start + 2 ? branch + 3 : branch + 4;
        arrive(cart, "nmi", [&](const Console& console) { CHECK_EQ(pushed_pc(console), expected); });
    }
}

// NMI and BRK: before it, instead of it with the vector taken over, or after the first instruction of the handler.
void test_nmi_and_brk() {
    for (unsigned phase = 0; phase < 12; ++phase) {
        check::context = "NMI about BRK, phase " + std::to_string(phase);
        const std::uint64_t brk = kNmiCycle - 8 + phase;
        const Cart cart(with_nmi(brk - 2,
                                 "nop\nbrk: brk\n .byte 0\n nop\n nop\n"
                                 "irq: nop\nafter: nop\n nop\n nop\nnmi: jmp nmi\n"));
        const std::uint64_t s = kNmiCycle;
        const unsigned at = cart.code.address_of("brk");
        const bool before = s <= brk - 2, hijacked = !before && s <= brk + 3;
        const std::uint64_t cycle = arrive(cart, "nmi", [&](const Console& console) {
            const unsigned after = cart.code.address_of("after");
            const unsigned expected = before ? at : hijacked ? at + 2 : s <= brk + 7 ? after : after + 1;
            CHECK_EQ(pushed_pc(console), expected);
            CHECK_EQ(pushed_status(console) & 0x10, hijacked ? 0x10u : 0u);
        });
        if (before) CHECK_EQ(cycle, brk + 7);
        if (hijacked) CHECK_EQ(cycle, brk + 7);
        if (!before && !hijacked && s <= brk + 7) CHECK_EQ(cycle, brk + 7 + 2 + 7);
    }
}

// NMI is an edge of "vblank flag and bit 7 of $2000": switching it on within vertical blank makes one, after one more instruction.
void test_nmi_on_enable() {
    check::context = "NMI switched on within vertical blank";
    const Cart cart(R"(
reset:  .delay 28000
        lda #$80
enable: sta $2000
        nop
after:  nop
        nop
nmi:    jmp nmi
)");
    const std::uint64_t cycle = arrive(
        cart, "nmi", [&](const Console& console) { CHECK_EQ(pushed_pc(console), cart.code.address_of("after")); });
    CHECK_EQ(cycle, 7u + 28000 + 2 + 4 + 2 + 7);
    expect("each time it is switched on, and not by a second write", R"(
reset:  .delay 28000
        lda #$80
        sta $2000
        nop
        nop
        sta $2000
        nop
        nop
        lda #0
        sta $2000
        lda #$80
        sta $2000
        nop
        nop
        bit $2002       ; the flag is cleared: no more
        lda #0
        sta $2000
        lda #$80
        sta $2000
        nop
        nop
        lda #0
        sta $2000
        jmp done
nmi:    inc $10
        rti
)",
           {0x02});
    expect("one for each vertical blank, and none when it is off", R"(
reset:  lda #$80
        sta $2000
        .delay 120000
        lda #0
        sta $2000
        .delay 60000
        jmp done
nmi:    inc $10
        rti
)",
           {0x04});
}

// An IRQ of the frame counter is pending, with I set, when the code that follows begins.
const char* const kPending = R"(
reset:  lda #0
        sta $4017
        .delay 30000
)";

void test_irq_latency() {
    const auto check = [](const char* what, const std::string& code, const char* return_to, unsigned status) {
        check::context = what;
        const Cart cart(kPending + code + "\n irq: jmp irq\n");
        arrive(cart, "irq", [&](const Console& console) {
            CHECK_EQ(pushed_pc(console), cart.code.address_of(return_to));
            CHECK_EQ(pushed_status(console) & 0x34, status);
        });
    };
    check("CLI lets one more instruction run", "cli\n nop\nhere: nop\n nop", "here", 0x20);
    check("CLI, SEI: the IRQ comes after SEI and pushes I set", "cli\n sei\nhere: nop\n nop", "here", 0x24);
    check("PLP lets one more instruction run", "lda #0\n pha\n plp\n nop\nhere: nop\n nop", "here", 0x20);
    check("RTI does not", "lda #>here\n pha\n lda #<here\n pha\n lda #0\n pha\n rti\n nop\nhere: nop\n nop", "here",
          0x20);
    check("a PLP that sets I comes too late", "cli\n nop\nhere: nop", "here", 0x20);
    check("PLP that sets I: the IRQ comes after it", "lda #4\n pha\n cli\n plp\nhere: nop\n nop", "here", 0x24);
    check("the handler begins with I set and returns to an IRQ that was not acknowledged",
          "cli\n nop\nhere: nop\n nop\n .org $9000\n", "here", 0x20);
    expect("an IRQ is a level: it comes again until it is acknowledged", std::string(kPending) + R"(
        cli
        nop
        nop
        nop
        sei
        jmp done
irq:    inc $10
        lda $10
        cmp #3
        bne back
        bit $4015
back:   rti
)",
           {0x03});
    expect("with I set it never comes", std::string(kPending) + "nop\n nop\n jmp done\nirq: inc $10\n rti\n", {0x00});
}

// The frame counter's flag rises 29,828 cycles after the restart that follows a write to $4017 by three cycles, when it falls in
// a put cycle, or four (NESdev "APU Frame Counter").
std::uint64_t first_irq_cycle(std::uint64_t write) { return write + (write & 1 ? 3 : 4) + 29828; }

void test_irq_polling() {
    for (unsigned phase = 0; phase < 4; ++phase) {
        check::context = "IRQ in a row of NOPs, phase " + std::to_string(phase);
        // The write is the fourth cycle of an STA behind `lda #0, cli`.
        const std::uint64_t write = 7 + 2 + 2 + 3;
        const std::uint64_t s = first_irq_cycle(write);
        const std::uint64_t start = s - 8 + phase;
        const Cart cart("reset: lda #0\n cli\n sta $4017\n .delay " + std::to_string(start - write - 1) +
                        "\nsled: nop\n nop\n nop\n nop\n nop\n nop\n nop\n nop\nirq: jmp irq\n");
        unsigned i = 0;
        while (start + 2 * i < s) ++i;
        const std::uint64_t cycle = arrive(cart, "irq", [&](const Console& console) {
            CHECK_EQ(pushed_pc(console), cart.code.address_of("sled") + i + 1);
        });
        CHECK_EQ(cycle, start + 2 * i + 2 + 7);
    }
}

// An NMI in the first four cycles of the IRQ's sequence takes over its vector; later it comes after the first instruction of the
// handler. Both are tried at all distances.
void test_nmi_and_irq() {
    // The frame counter's first IRQ comes after the first vertical blank; it is pending when the second one begins.
    for (unsigned phase = 0; phase < 10; ++phase) {
        check::context = "NMI about an IRQ, phase " + std::to_string(phase);
        // The flag of frame 1 rises 262 lines after that of frame 0.
        constexpr std::uint64_t kRise = 241 * 341 + 1 + 262 * 341;
        constexpr std::uint64_t kNmi = kRise / 3;
        static_assert(3 * kNmi + 2 >= kRise && 3 * (kNmi - 1) + 2 < kRise);
        const std::uint64_t entry = kNmi - 6 + phase;
        const Cart cart(
            "reset: lda #0\n sta $4017\n .delay " + std::to_string(entry - 4 - 13 - 6) +
            "\n lda #$80\n sta $2000\n cli\n nop\nnext: nop\n nop\nirq: nop\nafter: nop\n nop\n nop\nnmi: jmp nmi\n");
        const std::uint64_t cycle = arrive(cart, "nmi", [&](const Console& console) {
            const unsigned next = cart.code.address_of("next"), after = cart.code.address_of("after");
            const bool hijacked = kNmi <= entry + 3;
            CHECK_EQ(pushed_pc(console), hijacked ? next : after);
        });
        CHECK_EQ(cycle, kNmi <= entry + 3 ? entry + 7 : entry + 7 + 2 + 7);
    }
}

// The MMC5 takes the fetch of the NMI vector for the end of the picture, and takes back its interrupt (NESdev "MMC5").
void test_mmc5_and_nmi() {
    Cart cart(R"(
        .org $E000
reset:  ldx #$FF
        txs
        lda #$40
        sta $4017
        lda #200
        sta $5203
        lda #$80
        sta $5204
        bit $2002
wait:   bit $2002
        bpl wait
        lda #$1E
        sta $2001
next:   bit $2002
        bpl next
        lda $5204
        sta $10         ; pending, since nobody has read it
        lda #$80
        sta $2000
stop:   jmp stop
nmi:    lda $5204
        sta $11
        inc $12
        rti
)");
    cart.file[6] |= 0x50;
    cart.rom = load_rom(cart.file.data(), cart.file.size());
    std::vector<std::unique_ptr<Console>> consoles;
    for (const Policy policy : kPolicies) {
        check::context = std::string("the MMC5's interrupt and the NMI vector, ") + name_of(policy);
        Options options;
        options.policy = policy;
        consoles.push_back(std::make_unique<Console>(cart.rom, options));
        Console& console = *consoles.back();
        for (unsigned frame = 0; frame < 6; ++frame) console.step(1, frame & 1);
        CHECK_EQ(console.ram()[0x10], 0x80);
        CHECK_EQ(console.ram()[0x11], 0x00);
        CHECK(console.ram()[0x12] >= 2);
    }
    CHECK_EQ(Console::difference(*consoles[0], *consoles[1]), std::string());
}

void test_reset() {
    check::context = "reset";
    const Cart cart("reset: jmp reset\n");
    CHECK_EQ(arrive(cart, "reset",
                    [](const Console& console) {
                        CHECK_EQ(console.trace().s, 0xFD);
                        CHECK_EQ(console.trace().p & 0x04, 0x04);
                    }),
             7u);
    for (const Policy policy : kPolicies) {
        check::context = std::string("the reset button, ") + name_of(policy);
        const Cart loop("reset: lda #$40\n sta $4017\n inc $10\n cli\n ldx #$40\nwait: jmp wait\n");
        Options options;
        options.policy = policy;
        Console console(loop.rom, options);
        console.step(2, false);
        const std::uint8_t s = console.trace().s;
        console.soft_reset();
        // The sequence is that of an interrupt whose pushes are reads: S goes down by three, RAM stays (NESdev "CPU power up state").
        CHECK_EQ(console.trace().s, static_cast<std::uint8_t>(s - 3));
        CHECK_EQ(console.trace().x, 0x40);
        CHECK_EQ(console.trace().p & 0x04, 0x04);
        console.step(1, false);
        CHECK_EQ(console.ram()[0x10], 2);
    }
}

}  // namespace

void test_interrupts() {
    test_reset();
    test_nmi_polling();
    test_branch_polling();
    test_nmi_and_brk();
    test_nmi_on_enable();
    test_irq_latency();
    test_irq_polling();
    test_nmi_and_irq();
    test_mmc5_and_nmi();
}

}  // namespace nes::test
