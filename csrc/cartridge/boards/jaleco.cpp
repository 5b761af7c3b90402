// Jaleco: the discrete boards (86, 87, 101, 140) and the SS 88006 (18), without its speech chip.
// NESdev "INES Mapper 086", "087", "140", "018".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

void jf_13(Cartridge& cart, const Latch& latch) {
    map_32k_8k(cart, latch.value >> 4 & 3, (latch.value & 3) | (latch.value >> 4 & 4));
}
// The two CHR lines are crossed; mapper 101 is the same board with a dump that straightened them.
void jf_09(Cartridge& cart, const Latch& latch) {
    map_32k_8k(cart, 0, (latch.value << 1 & 2) | (latch.value >> 1 & 1));
}
void jf_10(Cartridge& cart, const Latch& latch) { map_32k_8k(cart, 0, latch.value); }
void jf_11(Cartridge& cart, const Latch& latch) { map_32k_8k(cart, latch.value >> 4 & 3, latch.value & 0x0F); }

constexpr LatchBoard::Wiring kAt6000{.mask = 0xE000, .match = 0x6000};

struct Ss88006Registers {
    std::uint64_t now;  // CPU cycle the counter was brought to
    std::uint16_t reload;
    std::uint16_t counter;
    std::uint8_t prg[3];
    std::uint8_t chr[8];
    std::uint8_t ram;  // ......WR
    std::uint8_t irq;  // ....FETC: width of the counter, enable
    std::uint8_t mirroring;
    std::uint8_t reserved[6];
};

constexpr Field kSs88006Fields[] = {
    NES_FIELD(Ss88006Registers, now), NES_FIELD(Ss88006Registers, reload),    NES_FIELD(Ss88006Registers, counter),
    NES_FIELD(Ss88006Registers, prg), NES_FIELD(Ss88006Registers, chr),       NES_FIELD(Ss88006Registers, ram),
    NES_FIELD(Ss88006Registers, irq), NES_FIELD(Ss88006Registers, mirroring), NES_FIELD(Ss88006Registers, reserved),
};
static_assert(covers(kSs88006Fields, sizeof(Ss88006Registers)));

class Ss88006 final : public Board {
  public:
    explicit Ss88006(Cartridge& cartridge) noexcept : Board(cartridge) { counts_cpu_cycles = true; }

    void map() noexcept override {
        const auto& r = overlay<Ss88006Registers>();
        for (unsigned i = 0; i < 3; ++i) {
            cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x2000), 8 * kKB, r.prg[i] & 0x3F);
        }
        cart.map_prg(0xE000, 8 * kKB, -1);
        if ((r.ram & 1) != 0) {
            cart.map_prg_ram(0x6000, 8 * kKB, 0, (r.ram & 2) != 0);
        } else {
            cart.unmap_cpu(0x6000, 8 * kKB);
        }
        for (unsigned window = 0; window < 8; ++window) map_chr_window(cart, window, kKB, r.chr[window]);
        static constexpr Mirroring kMirroring[4] = {Mirroring::horizontal, Mirroring::vertical, Mirroring::single_0,
                                                    Mirroring::single_1};
        cart.mirror(kMirroring[r.mirroring & 3]);
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        if (address < 0x8000) return;
        run_to(cycle);
        auto& r = overlay<Ss88006Registers>();
        const unsigned page = address >> 12;
        const unsigned index = address & 3;
        if (page <= 9) {
            const unsigned number = (page - 8) * 2 + (index >> 1);
            if (number < 3) {
                set_nibble(r.prg[number], index & 1, value);
            } else if (index == 2) {
                r.ram = value;
            }
            map();
        } else if (page <= 0xD) {
            set_nibble(r.chr[(page - 0xA) * 2 + (index >> 1)], index & 1, value);
            map();
        } else if (page == 0xE) {
            r.reload = static_cast<std::uint16_t>((r.reload & ~(0xFu << index * 4)) | (value & 0xFu) << index * 4);
        } else {
            write_control(index, value);
        }
    }

    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = overlay<Ss88006Registers>();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if ((r.irq & 1) == 0) return;
        // Bits above the chosen width keep their value; the interrupt comes when the rest wraps below zero.
        const unsigned mask = width_mask(r.irq);
        const unsigned counter = r.counter & mask;
        if (cycles > counter) cart.state->irq = 1;
        r.counter = static_cast<std::uint16_t>((r.counter & ~mask) | ((counter - cycles) & mask));
    }

    std::uint64_t next_irq() const noexcept override {
        const auto& r = overlay<Ss88006Registers>();
        if ((r.irq & 1) == 0) return kNever;
        return r.now + (r.counter & width_mask(r.irq)) + 1;
    }

    std::span<const Field> fields() const noexcept override { return kSs88006Fields; }

  private:
    static void set_nibble(std::uint8_t& target, unsigned high, std::uint8_t value) noexcept {
        target = static_cast<std::uint8_t>(high != 0 ? (target & 0x0F) | (value & 0x0F) << 4
                                                     : (target & 0xF0) | (value & 0x0F));
    }
    static unsigned width_mask(std::uint8_t control) noexcept {
        if ((control & 8) != 0) return 0x000F;
        if ((control & 4) != 0) return 0x00FF;
        if ((control & 2) != 0) return 0x0FFF;
        return 0xFFFF;
    }
    void write_control(unsigned index, std::uint8_t value) noexcept {
        auto& r = overlay<Ss88006Registers>();
        switch (index) {
            case 0:
                r.counter = r.reload;
                cart.state->irq = 0;
                break;
            case 1:
                r.irq = value;
                cart.state->irq = 0;
                break;
            case 2:
                r.mirroring = value;
                map();
                break;
            default: break;  // speech
        }
    }
};

}  // namespace

std::unique_ptr<Board> make_jf_13(Cartridge& cart) {
    // The decoder also answers at $Exxx (NESdev "INES Mapper 086").
    return make_latch(cart, jf_13, {.mask = 0x7000, .match = 0x6000});
}
std::unique_ptr<Board> make_jf_09(Cartridge& cart) { return make_latch(cart, jf_09, kAt6000); }
std::unique_ptr<Board> make_jf_10(Cartridge& cart) { return make_latch(cart, jf_10, kAt6000); }
std::unique_ptr<Board> make_jf_11(Cartridge& cart) { return make_latch(cart, jf_11, kAt6000); }
std::unique_ptr<Board> make_ss88006(Cartridge& cart) { return std::make_unique<Ss88006>(cart); }

}  // namespace nes::boards
