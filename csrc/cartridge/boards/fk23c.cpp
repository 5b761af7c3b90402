// The 8025 enhanced MMC3 (176): FK23C and FS005 multicarts, Waixing's later games. NESdev "INES Mapper 176".
#include "cartridge/boards/mmc3.hpp"

namespace nes::boards {
namespace {

class Fk23c final : public Mmc3 {
  public:
    struct Wiring {
        bool extended = false;         // $5xx3 exists
        bool wide_prg = false;         // eight PRG bits come from the chip, not six
        bool swapped = false;          // R6 and R7 change places with each other ($46/$47)
        bool ram_config = false;       // $A001 has more bits once bit 5 is set
        bool cnrom = false;            // the latch switches CHR banks as well
        bool eight_registers = false;  // $5xx5 and $5xx6 exist
        unsigned prg_a21 = 0;          // 2: from $5xx0 and $5xx2; 4: from $5xx2 bit 7; 5: from $4800
    };

    Fk23c(Cartridge& cartridge, const Wiring& wiring) noexcept : Mmc3(cartridge), wiring_(wiring) {}

    void power_on() noexcept override {
        Mmc3::power_on();
        clear();
    }
    void reset() noexcept override {
        clear();
        map();
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = regs();
        if (address < 0x8000) return write_low(address, value);
        r.outer[kLatch] = value;
        // In the chip's own range A1 has to be low, so $9FFF does nothing.
        if ((address & 2) == 0) {
            switch (address & 0xE003u) {
                case 0x8000: r.select = value; break;
                case 0x8001: write_bank(value); break;
                case 0xA001:
                    r.ram = value;
                    map_ram();
                    break;
                default: write_mmc3(address, value); break;
            }
        }
        map();
    }
    bool write_needs_ppu_sync(std::uint16_t, std::uint8_t) const noexcept override { return true; }

  private:
    // In outer: $5xx0-$5xx3, $5xx5 or $4800, $5xx6, what was last written at $8000-$FFFF, the registers 8 to B.
    enum Extra : unsigned { kMode, kPrg, kChr, kExtended, kPrgHigh, kChrHigh, kLatch, kR8 };

    void clear() noexcept {
        auto& r = regs();
        for (std::uint8_t& value : r.outer) value = 0;
        r.outer[kR8] = 0xFE;
        for (unsigned i = 1; i < 4; ++i) r.outer[kR8 + i] = 0xFF;
    }
    bool config() const noexcept { return wiring_.ram_config && bit(regs().ram, 5); }
    bool extended_mode() const noexcept { return wiring_.extended && bit(regs().outer[kExtended], 1); }

    void write_low(std::uint16_t address, std::uint8_t value) noexcept {
        auto& r = regs();
        if (wiring_.prg_a21 == 5 && (address & 0xF800) == 0x4800) {
            r.outer[kPrgHigh] = value;
            map();
            return;
        }
        // The solder pad is in its first position: A4.
        if ((address & 0xF000) != 0x5000 || !bit(address, 4) || (config() && !bit(r.ram, 6))) return;
        const unsigned index = address & (wiring_.eight_registers ? 7u : 3u);
        switch (index) {
            case 5: r.outer[kPrgHigh] = value; break;
            case 6: r.outer[kChrHigh] = value; break;
            case 4:
            case 7: return;
            default: r.outer[index] = value; break;
        }
        map();
    }

    void write_bank(std::uint8_t value) noexcept {
        auto& r = regs();
        unsigned index = r.select & (extended_mode() ? 15u : 7u);
        if (index >= 12) return;
        if (wiring_.swapped && (r.select & 0x47) >= 0x46 && index >= 6 && index < 8) index ^= 1;
        if (index < 8) {
            r.bank[index] = value;
        } else {
            r.outer[kR8 + index - 8] = value;
        }
    }

    /// PRG A13 and up, without what the mode leaves to others; 8 KB banks.
    int prg_base() const noexcept {
        const auto& r = regs();
        int base = (r.outer[kPrg] & 0x7F) << 1;
        if (wiring_.eight_registers) base |= bits(r.outer[kPrgHigh], 0, 4) << 8;
        switch (wiring_.prg_a21) {
            case 2:
                base |= bits(r.outer[kMode], 3, 1) << 8 | bits(r.outer[kMode], 7, 1) << 9 |
                        bits(r.outer[kChr], 6, 2) << 10 | bits(r.outer[kChr], 5, 1) << 12;
                break;
            case 4: base |= bits(r.outer[kChr], 7, 1) << 8; break;
            case 5: base = (r.outer[kPrg] & 0x1F) << 1 | bits(r.outer[kPrgHigh], 0, 6) << 6; break;
            default: break;
        }
        return base;
    }

    void map_prg_banks() noexcept override {
        const auto& r = regs();
        const int base = prg_base();
        const unsigned mode = r.outer[kMode] & 7;
        if (!extended_mode() && mode >= 3) {
            switch (mode) {
                case 3: map_nrom(cart, base >> 1, false); return;
                case 4: map_nrom(cart, base >> 1, true); return;
                default:
                    cart.map_prg(0x8000, 16 * kKB, (base >> 1 & ~7) | (r.outer[kLatch] & 7));
                    cart.map_prg(0xC000, 16 * kKB, base >> 1 | 7);
                    return;
            }
        }
        int mask = wiring_.wide_prg ? 0xFF : 0x3F;
        if (!extended_mode() && mode != 0) mask = mode == 1 ? 0x1F : 0x0F;
        const auto window = [&](unsigned address, int bank) {
            cart.map_prg(static_cast<std::uint16_t>(address), 8 * kKB, (bank & mask) | (base & ~mask));
        };
        const unsigned flip = bit(r.select, 6) ? 0x4000 : 0;
        window(0x8000 ^ flip, r.bank[6]);
        window(0xA000, r.bank[7]);
        window(0xC000 ^ flip, extended_mode() ? r.outer[kR8] : -2);
        window(0xE000, extended_mode() ? r.outer[kR8 + 1] : -1);
    }

    void map_chr_banks() noexcept override {
        const auto& r = regs();
        const unsigned mode = r.outer[kMode];
        int base = r.outer[kChr] << 3;
        if (wiring_.eight_registers) base |= bits(r.outer[kChrHigh], 0, 4) << 11;
        if (bit(mode, 6)) {
            const int latched = !wiring_.cnrom || bit(mode, 5) ? 0 : bit(mode, 4) ? 1 : 3;
            const int bank = (base >> 3 & ~latched) | (r.outer[kLatch] & latched);
            for (unsigned i = 0; i < 8; ++i) map_window(i, bank << 3 | static_cast<int>(i));
            return;
        }
        const int mask = bit(mode, 4) ? 0x7F : 0xFF;
        const bool small = extended_mode();
        const int banks[8] = {
            small ? r.bank[0] : r.bank[0] & 0xFE,
            small ? r.outer[kR8 + 2] : r.bank[0] | 1,
            small ? r.bank[1] : r.bank[1] & 0xFE,
            small ? r.outer[kR8 + 3] : r.bank[1] | 1,
            r.bank[2],
            r.bank[3],
            r.bank[4],
            r.bank[5],
        };
        const unsigned flip = bit(r.select, 7) ? 4 : 0;
        for (unsigned i = 0; i < 8; ++i) map_window(i ^ flip, (banks[i] & mask) | (base & ~mask));
    }
    void map_window(unsigned window, int bank) noexcept {
        const auto address = static_cast<std::uint16_t>(window * kKB);
        const bool both = !cart.rom->chr.empty() && cart.rom->chr_ram_size != 0;
        const bool chosen = !wiring_.cnrom || !bit(regs().outer[kMode], 6);  // there bit 5 switches the latch
        const bool ram = config() ? bit(regs().ram, 2) && bank < 8 : both && chosen && bit(regs().outer[kMode], 5);
        if (both && ram) {
            cart.map_chr_ram(address, kKB, bank);
        } else {
            cart.map_chr(address, kKB, bank);
        }
    }

    void map_mirroring() noexcept override {
        const auto& r = regs();
        if (config()) {
            cart.mirror(vertical_first(r.mirroring));
        } else {
            Mmc3::map_mirroring();
        }
    }
    void map_ram() noexcept override {
        const auto& r = regs();
        cart.unmap_cpu(0x5000, 4 * kKB);
        if (!config()) return Mmc3::map_ram();
        if (bit(r.ram, 7)) {
            cart.map_prg_ram(0x6000, 8 * kKB, r.ram & 3);
        } else {
            cart.unmap_cpu(0x6000, 8 * kKB);
        }
        // While the RAM registers are off, $5000-$5FFF shows the upper half of bank 2.
        if (!bit(r.ram, 6)) cart.map_prg_ram(0x5000, 4 * kKB, 5);
    }

    Wiring wiring_;
};

std::unique_ptr<Board> make_wired(Cartridge& cart, const Fk23c::Wiring& wiring) {
    return std::make_unique<Fk23c>(cart, wiring);
}

}  // namespace

std::unique_ptr<Board> make_super_24in1(Cartridge& cart) { return make_wired(cart, {}); }
std::unique_ptr<Board> make_fk23c(Cartridge& cart) {
    return make_wired(cart, {.extended = true, .wide_prg = true, .cnrom = true});
}
std::unique_ptr<Board> make_fs005(Cartridge& cart) {
    return make_wired(cart, {.extended = true, .swapped = true, .ram_config = true, .prg_a21 = 2});
}
std::unique_ptr<Board> make_jx9003b(Cartridge& cart) {
    return make_wired(cart, {.wide_prg = true, .eight_registers = true});
}
std::unique_ptr<Board> make_gamestar_176(Cartridge& cart) { return make_wired(cart, {.prg_a21 = 4}); }
std::unique_ptr<Board> make_hst_162(Cartridge& cart) { return make_wired(cart, {.prg_a21 = 5}); }
/// Headers of iNES 1 do not say which: a battery tells Waixing's games from the multicarts, which are FK23C mostly.
std::unique_ptr<Board> make_mapper_176(Cartridge& cart) {
    if (cart.rom->nes2) return make_super_24in1(cart);
    if (cart.rom->battery) return make_fs005(cart);
    return make_fk23c(cart);
}

}  // namespace nes::boards
