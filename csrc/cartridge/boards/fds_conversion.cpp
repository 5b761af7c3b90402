// Disk games on cartridges: 8 KB of ROM where the disk interface has RAM, and a counter of CPU cycles that runs by itself. 40, 42,
// 43, 50, 55, 56, 103, 106, 108, 120, 125, 142. NESdev "INES Mapper 040" and so on.
#include <algorithm>

#include "cartridge/boards/multicart.hpp"

namespace nes::boards {
namespace {

struct ConversionRegisters {
    std::uint64_t now;  // CPU cycle the counter was brought to
    std::uint16_t counter;
    std::uint16_t latch;
    std::uint8_t enabled;
    std::uint8_t select;
    std::uint8_t prg[4];
    std::uint8_t high[4];
    std::uint8_t chr[8];
    std::uint8_t mode;
    std::uint8_t reserved;
};

constexpr Field kConversionFields[] = {
    NES_FIELD(ConversionRegisters, now),    NES_FIELD(ConversionRegisters, counter),
    NES_FIELD(ConversionRegisters, latch),  NES_FIELD(ConversionRegisters, enabled),
    NES_FIELD(ConversionRegisters, select), NES_FIELD(ConversionRegisters, prg),
    NES_FIELD(ConversionRegisters, high),   NES_FIELD(ConversionRegisters, chr),
    NES_FIELD(ConversionRegisters, mode),   NES_FIELD(ConversionRegisters, reserved),
};
static_assert(covers(kConversionFields, sizeof(ConversionRegisters)));

class Conversion : public Board {
  public:
    explicit Conversion(Cartridge& cartridge) noexcept : Board(cartridge) { counts_cpu_cycles = true; }
    std::span<const Field> fields() const noexcept override { return kConversionFields; }

  protected:
    ConversionRegisters& regs() const noexcept { return overlay<ConversionRegisters>(); }
    void map_windows(int at_6000, int at_8000, int at_a000, int at_c000, int at_e000) noexcept {
        cart.map_prg(0x6000, 8 * kKB, at_6000);
        cart.map_prg(0x8000, 8 * kKB, at_8000);
        cart.map_prg(0xA000, 8 * kKB, at_a000);
        cart.map_prg(0xC000, 8 * kKB, at_c000);
        cart.map_prg(0xE000, 8 * kKB, at_e000);
    }
};

/// A binary counter that pulls /IRQ while it is at `threshold` or above, and wraps behind `mask`.
class FixedTimer : public Conversion {
  public:
    FixedTimer(Cartridge& cartridge, unsigned threshold, unsigned mask) noexcept
        : Conversion(cartridge),
          threshold_(threshold),
          mask_(mask) {}
    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if (r.enabled == 0) return;
        r.counter = static_cast<std::uint16_t>((r.counter + cycles) & mask_);
        cart.state->irq = r.counter >= threshold_;
    }
    /// The next change, either way.
    std::uint64_t next_irq() const noexcept override {
        const auto& r = regs();
        if (r.enabled == 0) return kNever;
        const unsigned counter = r.counter & mask_;
        return r.now + (counter < threshold_ ? threshold_ - counter : mask_ + 1 - counter);
    }

  protected:
    void enable(bool on) noexcept {
        auto& r = regs();
        r.enabled = on;
        if (on) return;
        r.counter = 0;
        cart.state->irq = 0;
    }

  private:
    unsigned threshold_;
    unsigned mask_;
};

class Ntdec2722 final : public FixedTimer {
  public:
    Ntdec2722(Cartridge& cartridge, bool outer_bank) noexcept
        : FixedTimer(cartridge, 0x1000, 0x1FFF),
          outer_bank_(outer_bank) {}
    void reset() noexcept override {
        regs().latch = 0;
        map();
    }
    void map() noexcept override {
        const auto& r = regs();
        const unsigned outer = r.latch;
        cart.map_chr(0x0000, 8 * kKB, bits(outer, 1, 2));
        if (bit(outer, 3)) {
            const int bank = 4 | bits(outer, 5, 2);
            cart.unmap_cpu(0x6000, 8 * kKB);
            map_nrom(cart, bank, bit(outer, 4));
        } else {
            map_windows(6, 4, 5, r.prg[0] & 7, 7);
        }
        cart.mirror(outer_bank_ ? horizontal_if(bit(outer, 0)) : cart.rom->mirroring);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        run_to(cycle);
        switch (address >> 13) {
            case 4: enable(false); return;
            case 5: regs().enabled = 1; return;
            case 6:
                if (!outer_bank_) return;
                regs().latch = address & 0x7F;
                break;
            case 7: regs().prg[0] = value; break;
            default: return;
        }
        map();
    }

  private:
    bool outer_bank_;
};

class MarioBaby final : public FixedTimer {
  public:
    explicit MarioBaby(Cartridge& cartridge) noexcept : FixedTimer(cartridge, 0x6000, 0x7FFF) {}
    void power_on() noexcept override { regs().mode = cart.rom->mirroring == Mirroring::vertical ? 0 : 8; }
    void map() noexcept override {
        const auto& r = regs();
        cart.map_prg(0x6000, 8 * kKB, r.prg[0] & 0x0F);
        cart.map_prg(0x8000, 32 * kKB, -1);
        chr_and_mirroring(cart, r.chr[0] & 0x0F, bit(r.mode, 3));
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        run_to(cycle);
        switch (address & 0xE003) {
            case 0x8000: regs().chr[0] = value; break;
            case 0xE000: regs().prg[0] = value; break;
            case 0xE001: regs().mode = value; break;
            case 0xE002:
                if ((value & 2) != 0) {
                    regs().enabled = 1;
                } else {
                    enable(false);
                }
                return;
            default: return;
        }
        map();
    }
};

class TonyI final : public FixedTimer {
  public:
    explicit TonyI(Cartridge& cartridge) noexcept : FixedTimer(cartridge, 0x1000, 0xFFFF) {}
    void map() noexcept override {
        static constexpr std::uint8_t kBanks[8] = {4, 3, 4, 4, 4, 7, 5, 6};
        map_windows(2, 1, 0, kBanks[regs().prg[0] & 7], 9);
        // The chip of 2 KB, twice; the file has it behind the first 64 KB.
        cart.map_prg(0x5000, 2 * kKB, 32);
        cart.map_prg(0x5800, 2 * kKB, 32);
        cart.map_chr(0x0000, 8 * kKB, 0);
        cart.mirror(cart.rom->mirroring);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        run_to(cycle);
        if ((address & 0xF1FF) == 0x4022) {
            regs().prg[0] = value;
            map();
        } else if ((address & 0x71FF) == 0x4122 || (address & 0xF1FF) == 0x8122) {
            enable(false);
            regs().enabled = value & 1;
        }
    }
};

class N32 final : public FixedTimer {
  public:
    explicit N32(Cartridge& cartridge) noexcept : FixedTimer(cartridge, 0x1000, 0x1FFF) {}
    void map() noexcept override {
        const std::uint8_t v = regs().prg[0];
        map_windows(0x0F, 8, 9, (v & 8) | bits(v, 0, 1) << 2 | bits(v, 1, 2), 0x0B);
        cart.map_chr(0x0000, 8 * kKB, 0);
        cart.mirror(cart.rom->mirroring);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        run_to(cycle);
        if (address >= 0x6000) return;
        if ((address & 0x4120) == 0x4020) {
            regs().prg[0] = value;
            map();
        } else if ((address & 0x4120) == 0x4120) {
            if ((value & 1) != 0) {
                regs().enabled = 1;
            } else {
                enable(false);
            }
        }
    }
};

// Counts up to $FFFF and stays there, interrupting.
class Smb3Of106 final : public Conversion {
  public:
    using Conversion::Conversion;
    void power_on() noexcept override {
        for (std::uint8_t& bank : regs().prg) bank = 0x0F;
    }
    void map() noexcept override {
        const auto& r = regs();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        cart.map_prg(0x8000, 8 * kKB, (r.prg[0] & 0x0F) | 0x10);
        cart.map_prg(0xA000, 8 * kKB, r.prg[1] & 0x1F);
        cart.map_prg(0xC000, 8 * kKB, r.prg[2] & 0x1F);
        cart.map_prg(0xE000, 8 * kKB, (r.prg[3] & 0x0F) | 0x10);
        for (unsigned i = 0; i < 8; ++i) {
            const int bank = r.chr[i] & 0x7F;
            map_chr_window(cart, i, kKB, i >= 4 ? bank : (bank & ~1) | static_cast<int>(i & 1));
        }
        cart.mirror(horizontal_if((r.mode & 1) != 0));
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        if (address < 0x8000) return;
        run_to(cycle);
        auto& r = regs();
        const unsigned index = address & 15;
        if (index < 8) {
            r.chr[index] = value;
        } else if (index < 12) {
            r.prg[index - 8] = value;
        } else if (index == 12) {
            r.mode = value;
        } else {
            if (index == 13) {
                r.counter = 0;
                r.enabled = 0;
            } else if (index == 14) {
                r.counter = static_cast<std::uint16_t>((r.counter & 0xFF00) | value);
            } else {
                r.counter = static_cast<std::uint16_t>((r.counter & 0x00FF) | value << 8);
                r.enabled = 1;
            }
            cart.state->irq = r.enabled != 0 && r.counter == 0xFFFF;
            return;
        }
        map();
    }
    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        r.counter = static_cast<std::uint16_t>(std::min<std::uint64_t>(r.counter + cycles, 0xFFFF));
        if (r.enabled != 0 && r.counter == 0xFFFF) cart.state->irq = 1;
    }
    std::uint64_t next_irq() const noexcept override {
        const auto& r = regs();
        return r.enabled == 0 || r.counter == 0xFFFF ? kNever : r.now + (0xFFFFu - r.counter);
    }
};

// Kaiser KS202: a VRC3 with four banks of 8 KB. 56 adds CHR banks and mirroring.
class Ks202 final : public Conversion {
  public:
    Ks202(Cartridge& cartridge, bool smb3) noexcept : Conversion(cartridge), smb3_(smb3) {}
    void power_on() noexcept override {
        if (!smb3_) return;
        for (std::uint8_t& bank : regs().high) bank = 0x10;
    }
    void map() noexcept override {
        const auto& r = regs();
        if (smb3_) {
            cart.map_prg_ram(0x6000, 8 * kKB, 0);
            for (unsigned i = 0; i < 3; ++i) {
                cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x2000), 8 * kKB,
                             (r.prg[i] & 0x0F) | (r.high[i] & 0x10));
            }
            cart.map_prg(0xE000, 8 * kKB, 0x0F | (r.high[3] & 0x10));
            for (unsigned i = 0; i < 8; ++i) map_chr_window(cart, i, kKB, r.chr[i] & 0x7F);
            cart.mirror(horizontal_if((r.mode & 1) == 0));
        } else {
            map_windows(r.prg[3] & 0x0F, r.prg[0] & 0x0F, r.prg[1] & 0x0F, r.prg[2] & 0x0F, -1);
            cart.map_chr(0x0000, 8 * kKB, 0);
            cart.mirror(cart.rom->mirroring);
        }
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        if (address < 0x8000) return;
        run_to(cycle);
        auto& r = regs();
        switch (address >> 12) {
            case 0xC:
                cart.state->irq = 0;
                r.enabled = (value & 0x0F) != 0;
                if (r.enabled != 0) r.counter = r.latch;
                return;
            case 0xD: cart.state->irq = 0; return;
            case 0xE: r.select = value & 7; return;
            case 0xF:
                if (r.select >= 1 && r.select <= (smb3_ ? 3 : 4)) r.prg[r.select - 1] = value;
                if (smb3_) {
                    switch (address & 0xFC00) {
                        case 0xF000: r.high[address & 3] = value; break;
                        case 0xF800: r.mode = value; break;
                        case 0xFC00: r.chr[address & 7] = value; break;
                        default: break;
                    }
                }
                map();
                return;
            default: {
                const unsigned shift = (address >> 12 & 3u) * 4;
                r.latch = static_cast<std::uint16_t>((r.latch & ~(0xFu << shift)) | (value & 0xFu) << shift);
                return;
            }
        }
    }
    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if (r.enabled == 0) return;
        const std::uint64_t left = 0x10000u - r.counter;
        if (cycles < left) {
            r.counter = static_cast<std::uint16_t>(r.counter + cycles);
            return;
        }
        cart.state->irq = 1;
        r.counter = static_cast<std::uint16_t>(r.latch + (cycles - left) % (0x10000u - r.latch));
    }
    std::uint64_t next_irq() const noexcept override {
        const auto& r = regs();
        return r.enabled == 0 ? kNever : r.now + (0x10000u - r.counter);
    }

  private:
    bool smb3_;
};

// --- without a counter ---

void last_32k(Cartridge& cart, int at_6000, int chr) {
    cart.map_prg(0x6000, 8 * kKB, at_6000);
    cart.map_prg(0x8000, 32 * kKB, -1);
    cart.map_chr(0x0000, 8 * kKB, chr);
    cart.mirror(cart.rom->mirroring);
}
void dh_08(Cartridge& cart, const Latch& latch) { last_32k(cart, latch.value, 0); }
void unl_bb(Cartridge& cart, const Latch& latch) { last_32k(cart, latch.value, latch.value); }
void pro_wrestling(Cartridge& cart, const Latch& latch) { last_32k(cart, -1, latch.value); }
void lh15(Cartridge& cart, const Latch& latch) {
    cart.map_prg(0x6000, 8 * kKB, latch.value & 7);
    cart.map_prg(0x8000, 32 * kKB, 2);
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror(cart.rom->mirroring);
}
void lh32(Cartridge& cart, const Latch& latch) {
    cart.map_prg(0x6000, 8 * kKB, latch.value & 15);
    cart.map_prg(0x8000, 32 * kKB, 3);
    cart.map_prg_ram(0xC000, 8 * kKB, 0);
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror(cart.rom->mirroring);
}
void mario1_malee2(Cartridge& cart, const Latch&) {
    for (const unsigned half : {0u, 0x800u}) {
        cart.map_prg(static_cast<std::uint16_t>(0x6000 + half), 2 * kKB, 16);
        cart.map_prg_ram(static_cast<std::uint16_t>(0x7000 + half), 2 * kKB, 0);
    }
    cart.map_prg(0x8000, 32 * kKB, 0);
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror(cart.rom->mirroring);
}

// value[0]: the bank; value[1], [2]: what $E000 and $F000 were told. RAM is written to where ROM is read.
void ram_or_rom(Cartridge& cart, std::uint16_t address, int ram_bank, bool rom) {
    constexpr unsigned kPages = 4;
    const std::uint8_t** const pages = cart.cpu_read_page.data() + (address >> Cartridge::kCpuPageBits);
    const std::uint8_t* of_rom[kPages];
    std::copy(pages, pages + kPages, of_rom);
    cart.map_prg_ram(address, 8 * kKB, ram_bank);
    if (rom) std::copy(of_rom, of_rom + kPages, pages);
}
void lh30(Cartridge& cart, const MulticartState& r) {
    const bool rom = bit(r.value[2], 4);
    cart.map_prg(0x6000, 8 * kKB, r.value[0] & 15);
    cart.map_prg(0x8000, 32 * kKB, 3);
    ram_or_rom(cart, 0x6000, 0, rom);
    ram_or_rom(cart, 0xB800, 1, rom);
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror(horizontal_if(bit(r.value[1], 3)));
}
bool write_lh30(MulticartState& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    switch (address >> 12) {
        case 0x8: r.value[0] = value; return true;
        case 0xE: r.value[1] = value; return true;
        case 0xF: r.value[2] = value; return true;
        default: return false;
    }
}

}  // namespace

std::unique_ptr<Board> make_lh30(Cartridge& cart) {
    return make_multicart(cart, {.decode = lh30, .write = write_lh30, .cleared_by_reset = false});
}
std::unique_ptr<Board> make_lh32(Cartridge& cart) { return make_latch(cart, lh32, {.mask = 0xE000, .match = 0x6000}); }
std::unique_ptr<Board> make_mario1_malee2(Cartridge& cart) {
    return make_latch(cart, mario1_malee2, {.mask = 0xFFFF, .match = 0});
}
std::unique_ptr<Board> make_ntdec_2722(Cartridge& cart) { return std::make_unique<Ntdec2722>(cart, false); }
std::unique_ptr<Board> make_ntdec_2752(Cartridge& cart) { return std::make_unique<Ntdec2722>(cart, true); }
std::unique_ptr<Board> make_mario_baby(Cartridge& cart) { return std::make_unique<MarioBaby>(cart); }
std::unique_ptr<Board> make_tony_i(Cartridge& cart) { return std::make_unique<TonyI>(cart); }
std::unique_ptr<Board> make_n_32(Cartridge& cart) { return std::make_unique<N32>(cart); }
std::unique_ptr<Board> make_ks202_smb3(Cartridge& cart) { return std::make_unique<Ks202>(cart, true); }
std::unique_ptr<Board> make_ks7032(Cartridge& cart) { return std::make_unique<Ks202>(cart, false); }
std::unique_ptr<Board> make_smb3_106(Cartridge& cart) { return std::make_unique<Smb3Of106>(cart); }
std::unique_ptr<Board> make_dh_08(Cartridge& cart) {
    return make_latch(cart, dh_08, {.mask = 0xF000, .match = 0xF000});
}
std::unique_ptr<Board> make_unl_bb(Cartridge& cart) {
    return make_latch(cart, unl_bb, {.mask = 0xE000, .match = 0xE000});
}
std::unique_ptr<Board> make_falsion(Cartridge& cart) { return make_latch(cart, dh_08); }
std::unique_ptr<Board> make_pro_wrestling(Cartridge& cart) { return make_latch(cart, pro_wrestling); }
/// Mapper 108 without a submapper: memory and mirroring tell the boards apart (NESdev "INES Mapper 108", "Heuristics").
std::unique_ptr<Board> make_conversion_108(Cartridge& cart) {
    if (cart.rom->chr.empty()) {
        return cart.rom->mirroring == Mirroring::horizontal ? make_dh_08(cart) : make_falsion(cart);
    }
    return cart.rom->chr.size() > 16 * kKB ? make_unl_bb(cart) : make_pro_wrestling(cart);
}
std::unique_ptr<Board> make_lh15(Cartridge& cart) { return make_latch(cart, lh15, {.mask = 0xE100, .match = 0x4100}); }

}  // namespace nes::boards
