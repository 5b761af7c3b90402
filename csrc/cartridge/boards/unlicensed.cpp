// Boards of games without a licence: 112 (NTDEC), 156 (Daou), 163 (Nanjing), 189 (TXC), 193 (NTDEC TC-112), 240 (C&E)
// and 246 (Fong Shen Bang). NESdev "INES Mapper ..." of each number.
#include "cartridge/boards/mmc3.hpp"
#include "cartridge/boards/nametable_half.hpp"

namespace nes::boards {
namespace {

struct UnlicensedRegisters {
    std::uint8_t select;
    std::uint8_t prg[4];
    std::uint8_t chr_low[8];
    std::uint8_t chr_high[8];
    std::uint8_t mode;      // mirroring; 163: $5300
    std::uint8_t feedback;  // 163: $5100: the latched F and E bits
    std::uint8_t half;      // 163: PPU A9 of the last nametable access
    std::uint8_t a13;       // 163: level of PPU A13
    std::uint8_t reserved[7];
};

constexpr Field kUnlicensedFields[] = {
    NES_FIELD(UnlicensedRegisters, select),   NES_FIELD(UnlicensedRegisters, prg),
    NES_FIELD(UnlicensedRegisters, chr_low),  NES_FIELD(UnlicensedRegisters, chr_high),
    NES_FIELD(UnlicensedRegisters, mode),     NES_FIELD(UnlicensedRegisters, feedback),
    NES_FIELD(UnlicensedRegisters, half),     NES_FIELD(UnlicensedRegisters, a13),
    NES_FIELD(UnlicensedRegisters, reserved),
};
static_assert(covers(kUnlicensedFields, sizeof(UnlicensedRegisters)));

class Unlicensed : public Board {
  public:
    using Board::Board;
    std::span<const Field> fields() const noexcept override { return kUnlicensedFields; }

  protected:
    UnlicensedRegisters& regs() const noexcept { return overlay<UnlicensedRegisters>(); }
};

class Ntdec112 final : public Unlicensed {
  public:
    using Unlicensed::Unlicensed;
    void map() noexcept override {
        const auto& r = regs();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        cart.map_prg(0x8000, 8 * kKB, r.prg[0]);
        cart.map_prg(0xA000, 8 * kKB, r.prg[1]);
        cart.map_prg(0xC000, 16 * kKB, -1);
        cart.map_chr(0x0000, 2 * kKB, r.chr_low[0] >> 1);
        cart.map_chr(0x0800, 2 * kKB, r.chr_low[1] >> 1);
        for (unsigned i = 0; i < 4; ++i) map_chr_window(cart, 4 + i, kKB, r.chr_low[2 + i]);
        cart.mirror(horizontal_if((r.mode & 1) != 0));
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = regs();
        switch (address & 0xE001u) {
            case 0x8000: r.select = value & 7; return;
            case 0xA000:
                if ((r.select & 7) < 2) {
                    r.prg[r.select & 7] = value;
                } else {
                    r.chr_low[(r.select & 7) - 2] = value;
                }
                break;
            case 0xE000: r.mode = value; break;
            default: return;
        }
        map();
    }
};

class Daou156 final : public Unlicensed {
  public:
    using Unlicensed::Unlicensed;
    void map() noexcept override {
        const auto& r = regs();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        cart.map_prg(0x8000, 16 * kKB, r.prg[0]);
        cart.map_prg(0xC000, 16 * kKB, -1);
        for (unsigned i = 0; i < 8; ++i) map_chr_window(cart, i, kKB, r.chr_low[i] | r.chr_high[i] << 8);
        // One screen until the register is first written.
        cart.mirror((r.mode & 0x80) == 0 ? Mirroring::single_0 : horizontal_if((r.mode & 1) != 0));
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = regs();
        if (address >= 0xC000 && address <= 0xC00F) {
            const unsigned window = (address & 3u) | (address >> 1 & 4u);
            ((address & 4) != 0 ? r.chr_high : r.chr_low)[window] = value;
        } else if (address == 0xC010) {
            r.prg[0] = value;
        } else if (address == 0xC014) {
            r.mode = 0x80 | (value & 1);
        } else {
            return;
        }
        map();
    }
};

class Nanjing163 final : public Unlicensed {
  public:
    explicit Nanjing163(Cartridge& cartridge) noexcept : Unlicensed(cartridge) { watches_ppu_bus = true; }

    void reset() noexcept override {
        regs() = {};
        map();
    }
    void map() noexcept override {
        const auto& r = regs();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        int bank = (r.prg[1] & 3) << 4 | (r.prg[0] & 0x0F);
        if ((r.mode & 4) == 0) bank |= 3;
        cart.map_prg(0x8000, 32 * kKB, bank);
        map_patterns();
        cart.mirror(cart.rom->mirroring);
    }
    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        if ((address & 0xF300) != 0x5100) return open_bus;
        return static_cast<std::uint8_t>((open_bus & ~4) | (~regs().feedback & 4));
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = regs();
        const std::uint8_t swapped = static_cast<std::uint8_t>((value & 0xFC) | (value >> 1 & 1) | (value << 1 & 2));
        const std::uint8_t data = (r.mode & 1) != 0 ? swapped : value;
        switch (address & 0xFF00) {
            case 0x5000: r.prg[0] = data; break;
            case 0x5100:
                if ((address & 1) == 0) {
                    r.feedback = data & 5;
                } else if ((data & 1) != 0) {
                    r.feedback ^= 4;
                }
                return;
            case 0x5200: r.prg[1] = data; break;
            case 0x5300: r.mode = value; break;
            default: return;
        }
        map();
    }
    // The upper half of a nametable takes its patterns from the left table, the lower from the right.
    void ppu_bus(std::uint16_t address, std::uint64_t) noexcept override {
        auto& r = regs();
        if (half_changes(r.half, r.a13, address) && (r.prg[0] & 0x80) != 0) map_patterns();
    }

  private:
    void map_patterns() noexcept {
        const auto& r = regs();
        if ((r.prg[0] & 0x80) != 0) {
            cart.map_chr(0x0000, 4 * kKB, r.half & 1);
            cart.map_chr(0x1000, 4 * kKB, r.half & 1);
        } else {
            cart.map_chr(0x0000, 8 * kKB, 0);
        }
    }
};

class Txc189 final : public Mmc3 {
  public:
    using Mmc3::Mmc3;
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address >= 0x4120 && address < 0x8000) {
            regs().outer[0] = value;
            map_prg_banks();
        }
        write_mmc3(address, value);
    }

  private:
    // Some boards look at the upper half of the register, some at the lower; games leave the other clear.
    void map_prg_banks() noexcept override {
        cart.map_prg(0x8000, 32 * kKB, (regs().outer[0] >> 4 | regs().outer[0]) & 0x0F);
    }
    void map_ram() noexcept override { cart.unmap_cpu(0x6000, 8 * kKB); }
};

class Tc112 final : public Unlicensed {
  public:
    using Unlicensed::Unlicensed;
    void power_on() noexcept override { regs().mode = cart.rom->mirroring == Mirroring::vertical ? 0 : 1; }
    void map() noexcept override {
        const auto& r = regs();
        cart.unmap_cpu(0x6000, 8 * kKB);
        cart.map_prg(0x8000, 8 * kKB, r.prg[0] & 0x0F);
        cart.map_prg(0xA000, 8 * kKB, -3);
        cart.map_prg(0xC000, 16 * kKB, -1);
        cart.map_chr(0x0000, 4 * kKB, r.chr_low[0] >> 2);
        cart.map_chr(0x1000, 2 * kKB, r.chr_low[1] >> 1);
        cart.map_chr(0x1800, 2 * kKB, r.chr_low[2] >> 1);
        cart.mirror(horizontal_if((r.mode & 1) != 0));
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = regs();
        switch (address & 0xE007u) {
            case 0x6000:
            case 0x6001:
            case 0x6002: r.chr_low[address & 3] = value; break;
            case 0x6003: r.prg[0] = value; break;
            case 0x6004: r.mode = value; break;
            default: return;
        }
        map();
    }
};

class FongShenBang final : public Unlicensed {
  public:
    using Unlicensed::Unlicensed;
    void power_on() noexcept override { regs().prg[3] = 0xFF; }
    void map() noexcept override {
        const auto& r = regs();
        cart.unmap_cpu(0x6000, 8 * kKB);
        cart.map_prg_ram(0x6800, 2 * kKB, 0);
        for (unsigned i = 0; i < 4; ++i) {
            cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x2000), 8 * kKB, r.prg[i] & 0x3F);
            map_chr_window(cart, i, 2 * kKB, r.chr_low[i]);
        }
        // Reads of the vectors see another bank (cpu_read).
        cart.unmap_cpu(0xF800, 2 * kKB);
        cart.mirror(cart.rom->mirroring);
    }
    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        if (address < 0xF800) return open_bus;
        // At $FFE4-7, $FFEC-F, $FFF4-7 and $FFFC-F, PRG A17 is high.
        const bool forced = (address & 0xFFE4) == 0xFFE4;
        const std::size_t bank = (regs().prg[3] & 0x3Fu) | (forced ? 0x10u : 0u);
        return cart.rom->prg[(bank * 8 * kKB + (address & 0x1FFFu)) % cart.rom->prg.size()];
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if ((address & 0xFFE0) != 0x6000) return;
        auto& r = regs();
        ((address & 4) != 0 ? r.chr_low : r.prg)[address & 3] = value;
        map();
    }
};

void ce240(Cartridge& cart, const Latch& latch) {
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    cart.map_prg(0x8000, 32 * kKB, latch.value >> 4);
    cart.map_chr(0x0000, 8 * kKB, latch.value & 0x0F);
    cart.mirror(cart.rom->mirroring);
}

}  // namespace

std::unique_ptr<Board> make_ntdec_112(Cartridge& cart) { return std::make_unique<Ntdec112>(cart); }
std::unique_ptr<Board> make_daou_156(Cartridge& cart) { return std::make_unique<Daou156>(cart); }
std::unique_ptr<Board> make_nanjing_163(Cartridge& cart) { return std::make_unique<Nanjing163>(cart); }
std::unique_ptr<Board> make_txc_189(Cartridge& cart) { return std::make_unique<Txc189>(cart); }
std::unique_ptr<Board> make_tc112(Cartridge& cart) { return std::make_unique<Tc112>(cart); }
std::unique_ptr<Board> make_ce_240(Cartridge& cart) {
    return make_latch(cart, ce240, {.mask = 0xE000, .match = 0x4000});
}
std::unique_ptr<Board> make_fong_shen_bang(Cartridge& cart) { return std::make_unique<FongShenBang>(cart); }

}  // namespace nes::boards
