// Taito TC0190 (33) and TC0690 (48), which adds the counter of an MMC3.
// NESdev "INES Mapper 033", "INES Mapper 048".
#include "cartridge/boards/mmc3.hpp"

namespace nes::boards {
namespace {

// Its interrupt is a little later than an MMC3's (NESdev "INES Mapper 048").
constexpr std::uint64_t kIrqDelayCycles = 4;

class Tc0690 final : public Mmc3 {
  public:
    Tc0690(Cartridge& cartridge, bool has_irq) noexcept : Mmc3(cartridge), has_irq_(has_irq) {
        watches_ppu_bus = has_irq;
        counts_cpu_cycles = has_irq;
    }

    void map() noexcept override {
        const auto& r = regs();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        cart.map_prg(0x8000, 8 * kKB, r.bank[6] & 0x3F);
        cart.map_prg(0xA000, 8 * kKB, r.bank[7] & 0x3F);
        cart.map_prg(0xC000, 16 * kKB, -1);
        // Unlike the MMC3's, these count in units of 2 KB.
        map_chr_window(cart, 0, 2 * kKB, r.bank[0]);
        map_chr_window(cart, 1, 2 * kKB, r.bank[1]);
        for (unsigned i = 0; i < 4; ++i) map_chr_window(cart, 4 + i, kKB, r.bank[2 + i]);
        cart.mirror(horizontal_if((r.mirroring & 0x40) != 0));
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        if (address < 0x8000) return;
        run_to(cycle);
        auto& r = regs();
        switch (address & 0xE003u) {
            case 0x8000:
                r.bank[6] = value;
                if (!has_irq_) r.mirroring = value;
                break;
            case 0x8001: r.bank[7] = value; break;
            case 0x8002:
            case 0x8003: r.bank[address & 1] = value; break;
            case 0xA000:
            case 0xA001:
            case 0xA002:
            case 0xA003: r.bank[2 + (address & 3)] = value; break;
            case 0xE000:
                if (has_irq_) r.mirroring = value;
                break;
            default:
                if (has_irq_) write_irq(address, value);
                return;
        }
        map();
    }

    /// The registers are not where an MMC3 has them.
    bool write_needs_ppu_sync(std::uint16_t, std::uint8_t) const noexcept override { return true; }

    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        if (r.irq_due == 0 || cycle < r.irq_due) return;
        r.irq_due = 0;
        cart.state->irq = 1;
    }
    std::uint64_t next_irq() const noexcept override { return regs().irq_due == 0 ? kNever : regs().irq_due; }

  private:
    void write_irq(std::uint16_t address, std::uint8_t value) noexcept {
        auto& r = regs();
        switch (address & 0xE003u) {
            case 0xC000: r.irq_latch = static_cast<std::uint8_t>(~value); break;  // inverted
            case 0xC001:
                r.irq_counter = 0;
                r.irq_reload = 1;
                break;
            case 0xC002: r.irq_enabled = 1; break;
            case 0xC003:
                r.irq_enabled = 0;
                r.irq_due = 0;
                cart.state->irq = 0;
                break;
            default: break;
        }
    }
    void raise_irq(std::uint64_t dot) noexcept override { regs().irq_due = cart.dots.cycle_of(dot) + kIrqDelayCycles; }

    bool has_irq_;
};

}  // namespace

std::unique_ptr<Board> make_tc0190(Cartridge& cart) { return std::make_unique<Tc0690>(cart, false); }
std::unique_ptr<Board> make_tc0690(Cartridge& cart) { return std::make_unique<Tc0690>(cart, true); }

}  // namespace nes::boards
