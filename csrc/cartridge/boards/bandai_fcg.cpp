// Bandai FCG-1/2 and LZ93D50 (16, 153, 157, 159), without the Datach's barcode reader and EEPROMs.
// NESdev "INES Mapper 016", "153", "157", "159".
#include "cartridge/boards/common.hpp"
#include "cartridge/boards/i2c_eeprom.hpp"

namespace nes::boards {
namespace {

struct FcgRegisters {
    std::uint64_t now;  // CPU cycle the counter was brought to
    std::uint16_t counter;
    std::uint16_t latch;
    std::uint8_t chr[8];
    std::uint8_t prg;
    std::uint8_t mirroring;
    std::uint8_t irq_enabled;
    std::uint8_t control;  // LZ93D50 $D: EEPROM lines, or RAM enable
    EepromRegisters eeprom;
};

constexpr Field kFcgFields[] = {
    NES_FIELD(FcgRegisters, now),
    NES_FIELD(FcgRegisters, counter),
    NES_FIELD(FcgRegisters, latch),
    NES_FIELD(FcgRegisters, chr),
    NES_FIELD(FcgRegisters, prg),
    NES_FIELD(FcgRegisters, mirroring),
    NES_FIELD(FcgRegisters, irq_enabled),
    NES_FIELD(FcgRegisters, control),
    NES_FIELD(FcgRegisters, eeprom.scl),
    NES_FIELD(FcgRegisters, eeprom.sda),
    NES_FIELD(FcgRegisters, eeprom.phase),
    NES_FIELD(FcgRegisters, eeprom.next),
    NES_FIELD(FcgRegisters, eeprom.bits),
    NES_FIELD(FcgRegisters, eeprom.shift),
    NES_FIELD(FcgRegisters, eeprom.address),
    NES_FIELD(FcgRegisters, eeprom.out),
};
static_assert(covers(kFcgFields, sizeof(FcgRegisters)));

struct FcgWiring {
    bool fcg = true;         // registers at $6000-$7FFF, the counter is written directly
    bool lz93d50 = true;     // registers at $8000-$FFFF, the counter has a latch
    bool outer_prg = false;  // 153: CHR lines are PRG A18, and there is RAM
    bool fixed_chr = false;  // 153, 157: 8 KB of CHR-RAM
    unsigned eeprom = 0;     // bytes
};

class Fcg final : public Board {
  public:
    Fcg(Cartridge& cartridge, const FcgWiring& wiring) noexcept : Board(cartridge), wiring_(wiring) {
        counts_cpu_cycles = true;
        if (cartridge.rom->prg_ram_size < wiring.eeprom) wiring_.eeprom = 0;
    }

    void power_on() noexcept override { regs().eeprom.out = 1; }

    void map() noexcept override {
        const auto& r = regs();
        const int outer = wiring_.outer_prg ? (r.chr[0] & 1) << 4 : 0;
        cart.map_prg(0x8000, 16 * kKB, outer | (r.prg & 0x0F));
        cart.map_prg(0xC000, 16 * kKB, wiring_.outer_prg ? outer | 0x0F : -1);
        if (wiring_.outer_prg && (r.control & 0x20) != 0) {
            cart.map_prg_ram(0x6000, 8 * kKB, 0);
        } else {
            cart.unmap_cpu(0x6000, 8 * kKB);
        }
        if (wiring_.fixed_chr) {
            cart.map_chr(0x0000, 8 * kKB, 0);
        } else {
            for (unsigned window = 0; window < 8; ++window) map_chr_window(cart, window, kKB, r.chr[window]);
        }
        cart.mirror(vertical_first(r.mirroring));
    }

    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        if (wiring_.eeprom == 0 || (address & 0xE000) != 0x6000) return open_bus;
        return static_cast<std::uint8_t>((open_bus & 0xEF) | (regs().eeprom.out & 1) << 4);
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        const bool lz93d50 = address >= 0x8000;
        if (lz93d50 ? !wiring_.lz93d50 : !wiring_.fcg || address < 0x6000) return;
        run_to(cycle);
        auto& r = regs();
        const unsigned index = address & 15;
        std::uint16_t& target = lz93d50 ? r.latch : r.counter;
        switch (index) {
            case 8: r.prg = value; break;
            case 9: r.mirroring = value; break;
            case 10:
                r.irq_enabled = value & 1;
                if (lz93d50) r.counter = r.latch;
                // A counter that is zero when it is enabled interrupts at once.
                cart.state->irq = r.irq_enabled != 0 && r.counter == 0;
                return;
            case 11: target = static_cast<std::uint16_t>((target & 0xFF00) | value); return;
            case 12: target = static_cast<std::uint16_t>((target & 0x00FF) | value << 8); return;
            case 13:
                r.control = value;
                if (wiring_.eeprom != 0) {
                    I2cEeprom(r.eeprom, cart.prg_ram, wiring_.eeprom)
                        .set_lines((value & 0x20) != 0, (value & 0x40) != 0);
                    return;
                }
                break;
            default:
                if (index > 7) return;
                r.chr[index] = value;
                break;
        }
        map();
    }

    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if (r.irq_enabled == 0) return;
        if (cycles >= to_zero(r)) cart.state->irq = 1;
        r.counter = static_cast<std::uint16_t>(r.counter - cycles);
    }
    std::uint64_t next_irq() const noexcept override {
        const auto& r = regs();
        return r.irq_enabled == 0 ? kNever : r.now + to_zero(r);
    }
    std::span<const Field> fields() const noexcept override { return kFcgFields; }

  private:
    FcgRegisters& regs() const noexcept { return overlay<FcgRegisters>(); }
    /// Cycles until the counter holds zero (again); it wraps and goes on.
    static std::uint64_t to_zero(const FcgRegisters& r) noexcept { return r.counter != 0 ? r.counter : 0x10000u; }

    FcgWiring wiring_;
};

std::unique_ptr<Board> make_fcg(Cartridge& cart, const FcgWiring& wiring) {
    return std::make_unique<Fcg>(cart, wiring);
}

}  // namespace

std::unique_ptr<Board> make_bandai_fcg_or_lz93d50(Cartridge& cart) { return make_fcg(cart, {.eeprom = 256}); }
std::unique_ptr<Board> make_bandai_fcg(Cartridge& cart) { return make_fcg(cart, {.lz93d50 = false}); }
std::unique_ptr<Board> make_bandai_lz93d50(Cartridge& cart) { return make_fcg(cart, {.fcg = false, .eeprom = 256}); }
std::unique_ptr<Board> make_bandai_lz93d50_24c01(Cartridge& cart) {
    return make_fcg(cart, {.fcg = false, .eeprom = 128});
}
std::unique_ptr<Board> make_bandai_lz93d50_ram(Cartridge& cart) {
    return make_fcg(cart, {.fcg = false, .outer_prg = true, .fixed_chr = true});
}
std::unique_ptr<Board> make_bandai_datach(Cartridge& cart) { return make_fcg(cart, {.fcg = false, .fixed_chr = true}); }

}  // namespace nes::boards
