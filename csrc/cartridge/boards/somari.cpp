// The Huang-1 and Huang-2 (116): a VRC2, an MMC3 and an MMC1, of which a register selects one. NESdev "INES Mapper 116".
#include "cartridge/boards/mmc3.hpp"

namespace nes::boards {
namespace {

// In Mmc3Registers::outer.
constexpr unsigned kMode = 0;      // as written at $4100; bit 7: the VRC2's mirroring
constexpr unsigned kVrcPrg = 1;    // two
constexpr unsigned kVrcChr = 3;    // eight
constexpr unsigned kShift = 11;    // of the MMC1: what came in, below a bit that falls out with the fifth
constexpr unsigned kControl = 12;  // of the MMC1, then its two CHR banks and its PRG bank
constexpr std::uint8_t kShiftEmpty = 0x10;

class Somari final : public Mmc3 {
  public:
    explicit Somari(Cartridge& cartridge) noexcept
        : Mmc3(cartridge),
          huang_2_(cartridge.rom->prg.size() == 128 * kKB && cartridge.rom->chr.size() == 128 * kKB) {}

    void power_on() noexcept override {
        Mmc3::power_on();
        auto& r = regs();
        r.outer[kVrcPrg + 1] = 1;
        for (unsigned i = 0; i < 8; ++i) r.outer[kVrcChr + i] = 0xFF;
        r.outer[kShift] = kShiftEmpty;
        r.outer[kControl] = 0x0C;
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = regs();
        if (address < 0x8000) {
            if ((address & 0xE100) != 0x4100) return;
            const Chip before = chip();
            r.outer[kMode] = static_cast<std::uint8_t>((r.outer[kMode] & 0x80) | (value & 7));
            if (chip() == Chip::mmc1 && before != Chip::mmc1) r.outer[kShift] = kShiftEmpty;
            map();
            return;
        }
        switch (chip()) {
            case Chip::vrc2: write_vrc2(address, value); break;
            case Chip::mmc3: write_mmc3(address, value); break;
            case Chip::mmc1: write_mmc1(address, value); break;
        }
    }
    bool write_needs_ppu_sync(std::uint16_t address, std::uint8_t value) const noexcept override {
        return address < 0x8000 || chip() != Chip::mmc3 || Mmc3::write_needs_ppu_sync(address, value);
    }
    bool write_moves_banks_only(std::uint16_t address) const noexcept override {
        return chip() == Chip::mmc3 && Mmc3::write_moves_banks_only(address);
    }

  protected:
    void map_prg_banks() noexcept override {
        const auto& r = regs();
        switch (chip()) {
            case Chip::vrc2:
                cart.map_prg(0x8000, 8 * kKB, r.outer[kVrcPrg] & 0x1F);
                cart.map_prg(0xA000, 8 * kKB, r.outer[kVrcPrg + 1] & 0x1F);
                cart.map_prg(0xC000, 16 * kKB, -1);
                break;
            case Chip::mmc3: Mmc3::map_prg_banks(); break;
            case Chip::mmc1: {
                const int bank = huang_2_ ? r.outer[kControl + 3] >> 1 & 7 : r.outer[kControl + 3] & 15;
                const int mode = bits(r.outer[kControl], 2, 2);
                if (mode < 2) {
                    cart.map_prg(0x8000, 32 * kKB, bank >> 1);
                } else {
                    cart.map_prg(0x8000, 16 * kKB, mode == 2 ? 0 : bank);
                    cart.map_prg(0xC000, 16 * kKB, mode == 2 ? bank : 15);
                }
                break;
            }
        }
    }
    void map_chr_banks() noexcept override {
        const auto& r = regs();
        switch (chip()) {
            case Chip::vrc2:
                for (unsigned i = 0; i < 8; ++i) {
                    map_chr_bank(static_cast<std::uint16_t>(i * kKB), r.outer[kVrcChr + i]);
                }
                break;
            case Chip::mmc3: Mmc3::map_chr_banks(); break;
            case Chip::mmc1:
                if (bit(r.outer[kControl], 4)) {
                    for (unsigned i = 0; i < 2; ++i) {
                        map_chr_window(cart, i, 4 * kKB, outer_chr() / 4 | (r.outer[kControl + 1 + i] & 0x1F));
                    }
                } else {
                    cart.map_chr(0x0000, 8 * kKB, outer_chr() / 8 | bits(r.outer[kControl + 1], 1, 4));
                }
                break;
        }
    }
    void map_chr_bank(std::uint16_t address, int bank) noexcept override {
        cart.map_chr(address, kKB, outer_chr() | (bank & 0xFF));
    }
    void map_mirroring() noexcept override {
        const auto& r = regs();
        switch (chip()) {
            case Chip::vrc2: cart.mirror(horizontal_if(bit(r.outer[kMode], 7))); break;
            case Chip::mmc3: Mmc3::map_mirroring(); break;
            case Chip::mmc1: cart.mirror(single_first(r.outer[kControl])); break;
        }
    }

  private:
    enum class Chip : std::uint8_t { vrc2, mmc3, mmc1 };

    Chip chip() const noexcept {
        const unsigned mode = regs().outer[kMode] & 3u;
        return mode == 0 ? Chip::vrc2 : mode == 1 ? Chip::mmc3 : Chip::mmc1;
    }
    int outer_chr() const noexcept { return (regs().outer[kMode] & 4) << 6; }

    void write_vrc2(std::uint16_t address, std::uint8_t value) noexcept {
        auto& r = regs();
        switch (address >> 12) {
            case 0x8: r.outer[kVrcPrg] = value; break;
            case 0x9:
                r.outer[kMode] = static_cast<std::uint8_t>((r.outer[kMode] & 7) | (value & 1) << 7);
                map_mirroring();
                return;
            case 0xA: r.outer[kVrcPrg + 1] = value; break;
            case 0xF: return;
            default: {
                auto& bank = r.outer[kVrcChr + ((address >> 12) - 0xBu) * 2 + (address >> 1 & 1u)];
                bank = static_cast<std::uint8_t>((address & 1) == 0 ? (bank & 0xF0) | (value & 0x0F)
                                                                    : (bank & 0x0F) | (value & 0x0F) << 4);
                map_chr_banks();
                return;
            }
        }
        map_prg_banks();
    }
    void write_mmc1(std::uint16_t address, std::uint8_t value) noexcept {
        auto& r = regs();
        if (bit(value, 7)) {
            r.outer[kShift] = kShiftEmpty;
            r.outer[kControl] |= 0x0C;
        } else {
            const bool full = bit(r.outer[kShift], 0);
            r.outer[kShift] = static_cast<std::uint8_t>((r.outer[kShift] >> 1 & 0x0F) | (value & 1) << 4);
            if (!full) return;
            r.outer[kControl + (address >> 13 & 3u)] = r.outer[kShift];
            r.outer[kShift] = kShiftEmpty;
        }
        map();
    }

    bool huang_2_;
};

}  // namespace

std::unique_ptr<Board> make_somari(Cartridge& cart) { return std::make_unique<Somari>(cart); }

}  // namespace nes::boards
