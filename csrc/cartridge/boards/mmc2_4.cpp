// MMC2 (PxROM, mapper 9) and MMC4 (FxROM, mapper 10): the tiles $FD and $FE switch CHR banks.
// NESdev "MMC2", "MMC4".
#include "cartridge/boards/common.hpp"
#include "cartridge/boards/tile_latch.hpp"

namespace nes::boards {
namespace {

struct Mmc2Registers {
    std::uint8_t prg;
    std::uint8_t chr[4];    // $FD and $FE bank of the left, then of the right pattern table
    std::uint8_t latch[2];  // 0 after tile $FD, 1 after tile $FE
    std::uint8_t mirroring;
    std::uint8_t pending;  // latch change that follows the access on the bus: 0 none, else 1 + table * 2 + tile
    std::uint8_t reserved[7];
};

constexpr Field kMmc2Fields[] = {
    NES_FIELD(Mmc2Registers, prg),       NES_FIELD(Mmc2Registers, chr),     NES_FIELD(Mmc2Registers, latch),
    NES_FIELD(Mmc2Registers, mirroring), NES_FIELD(Mmc2Registers, pending), NES_FIELD(Mmc2Registers, reserved),
};
static_assert(covers(kMmc2Fields, sizeof(Mmc2Registers)));

class Mmc2 final : public Board {
  public:
    Mmc2(Cartridge& cartridge, bool mmc4) noexcept : Board(cartridge), mmc4_(mmc4) { watches_ppu_bus = true; }

    void power_on() noexcept override {
        auto& r = overlay<Mmc2Registers>();
        r.latch[0] = r.latch[1] = 1;
    }

    void map() noexcept override {
        const auto& r = overlay<Mmc2Registers>();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        if (mmc4_) {
            cart.map_prg(0x8000, 16 * kKB, r.prg & 0x0F);
            cart.map_prg(0xC000, 16 * kKB, -1);
        } else {
            cart.map_prg(0x8000, 8 * kKB, r.prg & 0x0F);
            cart.map_prg(0xA000, 8 * kKB, -3);
            cart.map_prg(0xC000, 16 * kKB, -1);
        }
        map_table(0);
        map_table(1);
        cart.mirror(horizontal_if((r.mirroring & 1) != 0));
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = overlay<Mmc2Registers>();
        switch (address >> 12) {
            case 0xA: r.prg = value; break;
            case 0xB:
            case 0xC:
            case 0xD:
            case 0xE: r.chr[(address >> 12) - 0xB] = value; break;
            case 0xF: r.mirroring = value; break;
            default: return;
        }
        map();
    }

    // On the MMC2 the left table looks at the first row only.
    void ppu_bus(std::uint16_t address, std::uint64_t) noexcept override {
        auto& r = overlay<Mmc2Registers>();
        const unsigned mask = mmc4_ || (address & 0x1000) != 0 ? 0x2FF8 : 0x2FFF;
        watch_tiles(r.latch, r.pending, address, mask, [this](unsigned table) { map_table(table); });
    }

    std::span<const Field> fields() const noexcept override { return kMmc2Fields; }

  private:
    void map_table(unsigned table) noexcept {
        const auto& r = overlay<Mmc2Registers>();
        map_chr_window(cart, table, 4 * kKB, r.chr[table * 2 + (r.latch[table] & 1)] & 0x1F);
    }

    bool mmc4_;
};

}  // namespace

std::unique_ptr<Board> make_mmc2(Cartridge& cart) { return std::make_unique<Mmc2>(cart, false); }
std::unique_ptr<Board> make_mmc4(Cartridge& cart) { return std::make_unique<Mmc2>(cart, true); }

}  // namespace nes::boards
