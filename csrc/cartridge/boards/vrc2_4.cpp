// Konami VRC2 and VRC4 (21, 22, 23, 25), and clones with CHR-RAM (252, 253). One chip each; the boards differ in the CPU address lines they
// wire to the chip's A0 and A1. NESdev "VRC2 and VRC4".
#include "cartridge/boards/vrc_irq.hpp"

namespace nes::boards {
namespace {

struct Vrc4Registers {
    VrcIrqRegisters irq;
    std::uint16_t chr[8];  // 9 bits
    std::uint8_t prg[2];   // 5 bits
    std::uint8_t mirroring;
    std::uint8_t control;    // ......MW: PRG swap, RAM enable
    std::uint8_t microwire;  // the one-bit latch of a VRC2 without RAM
    std::uint8_t reserved[3];
};

constexpr Field kVrc4Fields[] = {
    NES_FIELD(Vrc4Registers, irq.now),     NES_FIELD(Vrc4Registers, irq.prescaler),
    NES_FIELD(Vrc4Registers, irq.latch),   NES_FIELD(Vrc4Registers, irq.counter),
    NES_FIELD(Vrc4Registers, irq.control), NES_FIELD(Vrc4Registers, irq.reserved),
    NES_FIELD(Vrc4Registers, chr),         NES_FIELD(Vrc4Registers, prg),
    NES_FIELD(Vrc4Registers, mirroring),   NES_FIELD(Vrc4Registers, control),
    NES_FIELD(Vrc4Registers, microwire),   NES_FIELD(Vrc4Registers, reserved),
};
static_assert(covers(kVrc4Fields, sizeof(Vrc4Registers)));

struct Vrc4Wiring {
    std::uint8_t a0;  // CPU address lines wired to the chip's A0, as a mask; two for "either board"
    std::uint8_t a1;
    bool vrc2 = false;
    bool chr_shifted = false;   // VRC2a leaves the lowest CHR line unconnected
    bool unsure = false;        // no submapper: could be a VRC2, which has no switch for its RAM
    std::uint8_t ram_bank = 0;  // this 1 KB CHR bank and the next one are RAM; 0 for none
};

class Vrc4 final : public Board {
  public:
    Vrc4(Cartridge& cartridge, const Vrc4Wiring& wiring) noexcept : Board(cartridge), wiring_(wiring) {
        counts_cpu_cycles = !wiring.vrc2;
    }

    void map() noexcept override {
        map_prg();
        map_chr();
        map_ram();
        map_mirroring();
    }

    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        if (!wiring_.vrc2 || (address & 0xF000) != 0x6000) return open_bus;
        return static_cast<std::uint8_t>((open_bus & 0xFE) | (regs().microwire & 1));
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        auto& r = regs();
        if (address < 0x8000) {
            if ((address & 0xF000) == 0x6000) r.microwire = value & 1;
            return;
        }
        run_to(cycle);
        const unsigned index = ((address & wiring_.a0) != 0 ? 1u : 0u) | ((address & wiring_.a1) != 0 ? 2u : 0u);
        switch (address >> 12) {
            case 0x8:
            case 0xA:
                r.prg[address >> 13 & 1] = value;
                map_prg();
                break;
            case 0x9: write_control(index, value); break;
            case 0xF:
                if (!wiring_.vrc2) write_irq(index, value);
                break;
            default: {  // $B000-$E003: eight CHR registers, low and high part
                auto& bank = r.chr[((address >> 12) - 0xB) * 2 + (index >> 1)];
                bank = static_cast<std::uint16_t>((index & 1) == 0 ? (bank & 0x1F0) | (value & 0x0F)
                                                                   : (bank & 0x00F) | (value & 0x1F) << 4);
                map_chr();
                break;
            }
        }
    }

    void run_to(std::uint64_t cycle) noexcept override {
        if (!wiring_.vrc2) irq().run_to(cycle);
    }
    std::uint64_t next_irq() const noexcept override { return wiring_.vrc2 ? kNever : irq().next_irq(); }
    std::span<const Field> fields() const noexcept override { return kVrc4Fields; }

  private:
    Vrc4Registers& regs() const noexcept { return overlay<Vrc4Registers>(); }
    VrcIrq irq() const noexcept { return VrcIrq(regs().irq, *cart.state); }

    void write_control(unsigned index, std::uint8_t value) noexcept {
        auto& r = regs();
        if (wiring_.vrc2 || index == 0) {
            // Wai Wai World writes $FF here; a VRC2 looks at one bit only.
            r.mirroring = value & (wiring_.vrc2 ? 1 : 3);
            map_mirroring();
        } else if (index == 2) {
            r.control = value;
            map_prg();
            map_ram();
        }
    }

    void write_irq(unsigned index, std::uint8_t value) noexcept {
        auto& r = regs().irq;
        switch (index) {
            case 0: r.latch = static_cast<std::uint8_t>((r.latch & 0xF0) | (value & 0x0F)); break;
            case 1: r.latch = static_cast<std::uint8_t>((r.latch & 0x0F) | (value & 0x0F) << 4); break;
            case 2: irq().write_control(value); break;
            default: irq().acknowledge(); break;
        }
    }

    void map_prg() noexcept {
        const auto& r = regs();
        const bool swapped = !wiring_.vrc2 && (r.control & 2) != 0;
        cart.map_prg(0x8000, 8 * kKB, swapped ? -2 : r.prg[0] & 0x1F);
        cart.map_prg(0xA000, 8 * kKB, r.prg[1] & 0x1F);
        cart.map_prg(0xC000, 8 * kKB, swapped ? r.prg[0] & 0x1F : -2);
        cart.map_prg(0xE000, 8 * kKB, -1);
    }

    void map_chr() noexcept {
        const auto& r = regs();
        for (unsigned i = 0; i < 8; ++i) {
            const int bank = r.chr[i] & (wiring_.vrc2 ? 0xFF : 0x1FF);
            if (wiring_.ram_bank != 0 && (bank & ~1) == wiring_.ram_bank) {
                cart.map_chr_ram(static_cast<std::uint16_t>(i * kKB), kKB, bank & 1);
            } else {
                map_chr_window(cart, i, kKB, wiring_.chr_shifted ? bank >> 1 : bank);
            }
        }
    }

    void map_ram() noexcept {
        cart.unmap_cpu(0x6000, 8 * kKB);
        if (!wiring_.vrc2 && !wiring_.unsure && (regs().control & 1) == 0) return;
        // A VRC4 by itself decodes $6000-$6FFF only; 8 KB take a circuit of their own.
        const bool small = cart.rom->prg_ram_size <= 2 * kKB;
        cart.map_prg_ram(0x6000, (small ? 4 : 8) * kKB, 0);
    }

    void map_mirroring() noexcept { cart.mirror(vertical_first(regs().mirroring & (wiring_.vrc2 ? 1u : 3u))); }

    Vrc4Wiring wiring_;
};

std::unique_ptr<Board> make_vrc4(Cartridge& cart, const Vrc4Wiring& wiring) {
    return std::make_unique<Vrc4>(cart, wiring);
}

constexpr std::uint8_t line(unsigned number) { return static_cast<std::uint8_t>(1u << number); }

}  // namespace

std::unique_ptr<Board> make_vrc4a(Cartridge& cart) { return make_vrc4(cart, {.a0 = line(1), .a1 = line(2)}); }
std::unique_ptr<Board> make_vrc4b(Cartridge& cart) { return make_vrc4(cart, {.a0 = line(1), .a1 = line(0)}); }
std::unique_ptr<Board> make_vrc4c(Cartridge& cart) { return make_vrc4(cart, {.a0 = line(6), .a1 = line(7)}); }
std::unique_ptr<Board> make_vrc4d(Cartridge& cart) { return make_vrc4(cart, {.a0 = line(3), .a1 = line(2)}); }
std::unique_ptr<Board> make_vrc4e(Cartridge& cart) { return make_vrc4(cart, {.a0 = line(2), .a1 = line(3)}); }
std::unique_ptr<Board> make_vrc4f(Cartridge& cart) { return make_vrc4(cart, {.a0 = line(0), .a1 = line(1)}); }
// Waixing's clones of the VRC4e (NESdev "INES Mapper 252", "INES Mapper 253").
std::unique_ptr<Board> make_vrc4e_ram_6(Cartridge& cart) {
    return make_vrc4(cart, {.a0 = line(2), .a1 = line(3), .unsure = true, .ram_bank = 6});
}
std::unique_ptr<Board> make_vrc4e_ram_4(Cartridge& cart) {
    return make_vrc4(cart, {.a0 = line(2), .a1 = line(3), .unsure = true, .ram_bank = 4});
}
std::unique_ptr<Board> make_vrc2a(Cartridge& cart) {
    return make_vrc4(cart, {.a0 = line(1), .a1 = line(0), .vrc2 = true, .chr_shifted = true});
}
std::unique_ptr<Board> make_vrc2b(Cartridge& cart) {
    return make_vrc4(cart, {.a0 = line(0), .a1 = line(1), .vrc2 = true});
}
std::unique_ptr<Board> make_vrc2c(Cartridge& cart) {
    return make_vrc4(cart, {.a0 = line(1), .a1 = line(0), .vrc2 = true});
}
// Without a submapper all boards of the number at once: their registers do not overlap.
std::unique_ptr<Board> make_vrc4_21(Cartridge& cart) {
    return make_vrc4(cart, {.a0 = line(1) | line(6), .a1 = line(2) | line(7), .unsure = true});
}
std::unique_ptr<Board> make_vrc4_23(Cartridge& cart) {
    return make_vrc4(cart, {.a0 = line(0) | line(2), .a1 = line(1) | line(3), .unsure = true});
}
std::unique_ptr<Board> make_vrc4_25(Cartridge& cart) {
    return make_vrc4(cart, {.a0 = line(1) | line(3), .a1 = line(0) | line(2), .unsure = true});
}

}  // namespace nes::boards
