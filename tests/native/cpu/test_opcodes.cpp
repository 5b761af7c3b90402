// Every opcode with random operands against a model: registers, flags, memory, cycles. The model is written from NESdev's
// "Instruction reference", "CPU addressing modes" and "CPU unofficial opcodes"; it shares nothing with the core.
#include <algorithm>
#include <array>
#include <cstring>

#include "tests.hpp"

namespace nes::test {
namespace {

constexpr unsigned kN = 0x80, kV = 0x40, kB = 0x10, kD = 0x08, kI = 0x04, kZ = 0x02, kC = 0x01;

class Random {
  public:
    unsigned below(unsigned limit) {
        state_ = state_ * 6364136223846793005u + 1442695040888963407u;
        return static_cast<unsigned>((state_ >> 33) % limit);
    }

  private:
    std::uint64_t state_ = 20;
};

struct Model {
    unsigned a, x, y, s, p, pc;
    unsigned cycles = 0;
    bool stopped = false;
    std::array<std::uint8_t, 2048> ram;
    std::uint8_t vector_low = 0, vector_high = 0;  // of IRQ and BRK

    std::uint8_t read(unsigned address) const { return ram[address & 0x7FF]; }
    void write(unsigned address, unsigned value) { ram[address & 0x7FF] = static_cast<std::uint8_t>(value); }
    unsigned word(unsigned address) const { return read(address) | read(address + 1) << 8; }
    unsigned zero_page_word(unsigned address) const { return read(address & 0xFF) | read((address + 1) & 0xFF) << 8; }
    void push(unsigned value) {
        write(0x100 + s, value);
        s = (s - 1) & 0xFF;
    }
    unsigned pull() {
        s = (s + 1) & 0xFF;
        return read(0x100 + s);
    }
    void flag(unsigned bit, bool on) { p = on ? p | bit : p & ~bit; }
    unsigned nz(unsigned value) {
        value &= 0xFF;
        flag(kN, value >= 0x80);
        flag(kZ, value == 0);
        return value;
    }
    void add(unsigned value) {
        const unsigned sum = a + value + (p & kC);
        const int exact = static_cast<std::int8_t>(a) + static_cast<std::int8_t>(value) + static_cast<int>(p & kC);
        flag(kV, exact < -128 || exact > 127);
        flag(kC, sum > 255);
        a = nz(sum);
    }
    void compare(unsigned reg, unsigned value) {
        flag(kC, reg >= value);
        nz(reg - value);
    }

    // What a read-modify-write instruction makes of a byte.
    bool modified(const std::string& name, unsigned& value) {
        const unsigned old = value;
        if (name == "asl" || name == "slo") {
            value = old * 2 & 0xFF;
            flag(kC, old >= 0x80);
        } else if (name == "lsr" || name == "sre") {
            value = old / 2;
            flag(kC, old % 2);
        } else if (name == "rol" || name == "rla") {
            value = (old * 2 & 0xFF) + (p & kC);
            flag(kC, old >= 0x80);
        } else if (name == "ror" || name == "rra") {
            value = old / 2 + (p & kC) * 0x80;
            flag(kC, old % 2);
        } else if (name == "inc" || name == "isc") {
            value = (old + 1) & 0xFF;
        } else if (name == "dec" || name == "dcp") {
            value = (old - 1) & 0xFF;
        } else {
            return false;
        }
        nz(value);
        if (name == "slo") a = nz(a | value);
        if (name == "rla") a = nz(a & value);
        if (name == "sre") a = nz(a ^ value);
        if (name == "rra") add(value);
        if (name == "isc") add(255 - value);
        if (name == "dcp") compare(a, value);
        return true;
    }

    bool loaded(const std::string& name, unsigned value) {
        if (name == "lda")
            a = nz(value);
        else if (name == "ldx")
            x = nz(value);
        else if (name == "ldy")
            y = nz(value);
        else if (name == "lax")
            a = x = nz(value);
        else if (name == "ora")
            a = nz(a | value);
        else if (name == "and")
            a = nz(a & value);
        else if (name == "eor")
            a = nz(a ^ value);
        else if (name == "adc")
            add(value);
        else if (name == "sbc")
            add(255 - value);
        else if (name == "cmp")
            compare(a, value);
        else if (name == "cpx")
            compare(x, value);
        else if (name == "cpy")
            compare(y, value);
        else if (name == "bit") {
            flag(kN, value & 0x80);
            flag(kV, value & 0x40);
            flag(kZ, (a & value) == 0);
        } else if (name == "anc") {
            a = nz(a & value);
            flag(kC, a & 0x80);
        } else if (name == "asr") {
            a &= value;
            flag(kC, a & 1);
            a = nz(a / 2);
        } else if (name == "arr") {
            a = nz((a & value) / 2 + (p & kC) * 0x80);
            flag(kC, a & 0x40);
            flag(kV, ((a >> 6) & 1) != ((a >> 5) & 1));
        } else if (name == "ane") {
            a = nz(x & value);
        } else if (name == "lxa") {
            a = x = nz(value);
        } else if (name == "axs") {
            flag(kC, (a & x) >= value);
            x = nz((a & x) - value);
        } else if (name == "lae") {
            a = x = s = nz(value & s);
        } else if (name != "nop") {
            return false;
        }
        return true;
    }

    void implied(const std::string& name) {
        if (name == "clc") flag(kC, false);
        if (name == "sec") flag(kC, true);
        if (name == "cli") flag(kI, false);
        if (name == "sei") flag(kI, true);
        if (name == "cld") flag(kD, false);
        if (name == "sed") flag(kD, true);
        if (name == "clv") flag(kV, false);
        if (name == "inx") x = nz(x + 1);
        if (name == "iny") y = nz(y + 1);
        if (name == "dex") x = nz(x - 1);
        if (name == "dey") y = nz(y - 1);
        if (name == "tax") x = nz(a);
        if (name == "tay") y = nz(a);
        if (name == "txa") a = nz(x);
        if (name == "tya") a = nz(y);
        if (name == "tsx") x = nz(s);
        if (name == "txs") s = x;
        if (name == "pha") push(a);
        if (name == "php") push(p | kB | 0x20);
        if (name == "pla") a = nz(pull());
        if (name == "plp") p = pull() & (kN | kV | kD | kI | kZ | kC);
        if (name == "rts") {
            pc = pull();
            pc = (pc | pull() << 8) + 1;
        }
        if (name == "rti") {
            p = pull() & (kN | kV | kD | kI | kZ | kC);
            pc = pull();
            pc |= pull() << 8;
        }
        if (name == "brk") {
            ++pc;
            push(pc >> 8);
            push(pc & 0xFF);
            push(p | kB | 0x20);
            flag(kI, true);
            pc = vector_low | vector_high << 8;
        }
        if (name == "kil") stopped = true;
    }

    bool branches(const std::string& name) const {
        if (name == "bpl") return !(p & kN);
        if (name == "bmi") return p & kN;
        if (name == "bvc") return !(p & kV);
        if (name == "bvs") return p & kV;
        if (name == "bcc") return !(p & kC);
        if (name == "bcs") return p & kC;
        if (name == "bne") return !(p & kZ);
        return p & kZ;
    }

    void run() {
        const OpcodeFacts& facts = opcodes()[read(pc)];
        const std::string& name = facts.name;
        const std::string& mode = facts.mode;
        const unsigned byte = read(pc + 1);
        const unsigned both = word(pc + 1);
        pc += facts.bytes();
        cycles = facts.cycles;
        if (mode == "imp") return implied(name);
        if (mode == "rel") {
            if (!branches(name)) return;
            const unsigned target = (pc + byte - (byte >= 0x80 ? 0x100u : 0)) & 0xFFFF;
            cycles += target >> 8 == pc >> 8 ? 1 : 2;
            pc = target;
            return;
        }
        if (mode == "acc") {
            modified(name, a);
            return;
        }
        if (mode == "imm") {
            CHECK(loaded(name, byte));
            return;
        }
        unsigned base = 0, index = 0;
        bool indexed = false;
        if (mode == "zp") base = byte;
        if (mode == "zpx") base = (byte + x) & 0xFF;
        if (mode == "zpy") base = (byte + y) & 0xFF;
        if (mode == "izx") base = zero_page_word(byte + x);
        if (mode == "abs" || mode == "ind") base = both;
        if (mode == "abx" || mode == "aby" || mode == "izy") {
            indexed = true;
            base = mode == "izy" ? zero_page_word(byte) : both;
            index = mode == "abx" ? x : y;
        }
        const unsigned address = base + index;
        const bool carried = indexed && address >> 8 != base >> 8;
        if (carried && facts.page_cycle) ++cycles;
        if (name == "jmp") {
            // The high byte of the target comes from the same page as the low one.
            pc = mode == "abs" ? base : read(base) | read((base & 0xFF00) | ((base + 1) & 0xFF)) << 8;
            return;
        }
        if (name == "jsr") {
            push((pc - 1) >> 8);
            push((pc - 1) & 0xFF);
            pc = both;
            return;
        }
        if (name == "sta") return write(address, a);
        if (name == "stx") return write(address, x);
        if (name == "sty") return write(address, y);
        if (name == "sax") return write(address, a & x);
        if (name == "sha" || name == "shx" || name == "shy" || name == "shs") {
            unsigned value = name == "shx" ? x : name == "shy" ? y : a & x;
            if (name == "shs") s = value;
            value &= (base >> 8) + 1;
            return write(carried ? value << 8 | (address & 0xFF) : address, value);
        }
        unsigned value = read(address);
        if (modified(name, value)) return write(address, value);
        CHECK(loaded(name, value));
    }
};

void test_opcode(Console& console, const Cart& cart, unsigned code, Random& random) {
    Model model{};
    model.vector_low = cart.file[16 + 0x7FFE];
    model.vector_high = cart.file[16 + 0x7FFF];
    for (unsigned i = 0; i < 2048; ++i) {
        // Pointers into RAM: the pages of its mirrors, but the last, from which an index would lead out.
        model.ram[i] = static_cast<std::uint8_t>(random.below(256));
        if (random.below(2)) model.ram[i] = static_cast<std::uint8_t>(random.below(0x1F));
    }
    const auto byte = [&] {
        return static_cast<std::uint8_t>(random.below(4) ? random.below(256) : random.below(2) * 255);
    };
    const unsigned a = byte(), x = byte(), y = byte(), s = byte(), p = byte() & 0xCF;
    const unsigned first = random.below(1024) + 0x300;
    const std::uint8_t setup[] = {0xA2,
                                  static_cast<std::uint8_t>(s),
                                  0x9A,
                                  0xA9,
                                  static_cast<std::uint8_t>(p),
                                  0x48,
                                  0xA9,
                                  static_cast<std::uint8_t>(a),
                                  0xA2,
                                  static_cast<std::uint8_t>(x),
                                  0xA0,
                                  static_cast<std::uint8_t>(y),
                                  0x28,
                                  static_cast<std::uint8_t>(code)};
    constexpr unsigned kSetupCycles = 2 + 2 + 2 + 3 + 2 + 2 + 2 + 4;
    std::copy(std::begin(setup), std::end(setup), model.ram.begin() + first);
    model.ram[first + sizeof setup] = byte();
    model.ram[first + sizeof setup + 1] = static_cast<std::uint8_t>(random.below(0x1F));
    // Pointers are words in RAM.
    const std::string& mode = opcodes()[code].mode;
    if (mode == "izx" || mode == "izy") {
        const unsigned pointer = (model.ram[first + sizeof setup] + (mode == "izx" ? x : 0)) & 0xFF;
        model.ram[(pointer + 1) & 0xFF] = static_cast<std::uint8_t>(random.below(0x1F));
    }
    std::copy(model.ram.begin(), model.ram.end(), console.ram());
    model.ram[0x100 + s] = static_cast<std::uint8_t>(p);  // pushed by the setup, and pulled
    model.a = a, model.x = x, model.y = y, model.s = s, model.p = p;
    model.pc = first + sizeof setup - 1;

    const std::uint64_t start = console.cpu_cycles();
    const auto run_to = [&](std::uint64_t cycle) {
        while (console.cpu_cycles() < cycle) console.run_until(cycle);
    };
    console.set_pc(static_cast<std::uint16_t>(first));
    run_to(start + kSetupCycles);
    const bool ready = console.cpu_cycles() == start + kSetupCycles && console.trace().pc == model.pc;
    model.run();
    if (model.stopped) {
        run_to(start + kSetupCycles + 20);
        CHECK(console.jammed());
        return;
    }
    run_to(start + kSetupCycles + 1);
    const CpuTrace got = console.trace();
    const bool registers = got.pc == model.pc && got.a == model.a && got.x == model.x && got.y == model.y &&
                           got.s == model.s && (got.p & 0xCF) == (model.p & 0xCF);
    const bool memory = std::memcmp(console.ram(), model.ram.data(), model.ram.size()) == 0;
    CHECK(ready);
    CHECK(registers);
    CHECK(memory);
    CHECK_EQ(console.cpu_cycles() - start - kSetupCycles, std::uint64_t{model.cycles});
}

}  // namespace

void test_opcodes() {
    // No NMI, and no IRQ of the frame counter whatever I is.
    const Cart cart(R"(
irq:
reset:  lda #$40
        sta $4017
wait:   jmp wait
)");
    constexpr unsigned kRounds = 50;
    for (const Policy policy : kPolicies) {
        Options options;
        options.policy = policy;
        Random random;
        Console console(cart.rom, options);
        console.step(1, false);
        for (unsigned code = 0; code < 256; ++code) {
            check::context = opcodes()[code].name + " " + opcodes()[code].mode + ", " + name_of(policy);
            const int failed = check::failed;
            for (unsigned round = 0; round < kRounds && check::failed == failed; ++round) {
                test_opcode(console, cart, code, random);
                if (console.jammed()) {
                    console.power_on();
                    console.step(1, false);
                }
            }
        }
    }
}

}  // namespace nes::test
