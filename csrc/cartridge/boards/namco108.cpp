// Namco 108, the chip the MMC3 grew out of: the same two bank registers, and nothing else.
// NESdev "INES Mapper 206", "076", "088", "095", "154".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

struct Namco108Registers {
    std::uint8_t select;   // $8000: .....RRR
    std::uint8_t bank[8];  // $8001: R0-R7, 6 bits each
    std::uint8_t screen;   // mapper 154: the nametable
    std::uint8_t reserved[6];
};

constexpr Field kNamco108Fields[] = {
    NES_FIELD(Namco108Registers, select),
    NES_FIELD(Namco108Registers, bank),
    NES_FIELD(Namco108Registers, screen),
    NES_FIELD(Namco108Registers, reserved),
};
static_assert(covers(kNamco108Fields, sizeof(Namco108Registers)));

enum class Namco108Wiring : std::uint8_t {
    dxrom,      // 206
    fixed_prg,  // 206 submapper 1: 32 KB of PRG-ROM without banks (3407, 3417, 3451)
    n3446,      // 76: four 2 KB CHR banks
    n3443,      // 88: the upper pattern table shows the upper 64 KB
    n3425,      // 95: CHR A15 selects the nametable
    n3453,      // 154: as 88, with a one-screen bit
};

class Namco108 final : public Board {
  public:
    Namco108(Cartridge& cartridge, Namco108Wiring wiring) noexcept : Board(cartridge), wiring_(wiring) {}

    void power_on() noexcept override {
        static constexpr std::uint8_t kBanks[8] = {0, 2, 4, 5, 6, 7, 0, 1};
        for (unsigned i = 0; i < 8; ++i) overlay<Namco108Registers>().bank[i] = kBanks[i];
    }

    void map() noexcept override {
        const auto& r = overlay<Namco108Registers>();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        if (wiring_ == Namco108Wiring::fixed_prg) {
            cart.map_prg(0x8000, 32 * kKB, 0);
        } else {
            cart.map_prg(0x8000, 8 * kKB, r.bank[6]);
            cart.map_prg(0xA000, 8 * kKB, r.bank[7]);
            cart.map_prg(0xC000, 16 * kKB, -1);
        }
        map_chr(r);
        map_nametables(r);
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address < 0x8000) return;
        auto& r = overlay<Namco108Registers>();
        if (wiring_ == Namco108Wiring::n3453) r.screen = value >> 6 & 1;  // any write sets it
        if (address < 0xA000) {
            if ((address & 1) == 0) {
                r.select = value & 7;
            } else {
                r.bank[r.select & 7] = value & 0x3F;
            }
        }
        map();
    }

    std::span<const Field> fields() const noexcept override { return kNamco108Fields; }

  private:
    void map_chr(const Namco108Registers& r) noexcept {
        if (wiring_ == Namco108Wiring::n3446) {
            for (unsigned i = 0; i < 4; ++i) {
                cart.map_chr(static_cast<std::uint16_t>(i * 0x800), 2 * kKB, r.bank[2 + i]);
            }
            return;
        }
        const bool split = wiring_ == Namco108Wiring::n3443 || wiring_ == Namco108Wiring::n3453;
        const int mask = wiring_ == Namco108Wiring::n3425 ? 0x1F : 0x3F;
        cart.map_chr(0x0000, 2 * kKB, (r.bank[0] & mask) >> 1);
        cart.map_chr(0x0800, 2 * kKB, (r.bank[1] & mask) >> 1);
        for (unsigned i = 0; i < 4; ++i) {
            const int bank = (r.bank[2 + i] & mask) | (split ? 0x40 : 0);
            cart.map_chr(static_cast<std::uint16_t>(0x1000 + i * 0x400), kKB, bank);
        }
    }

    void map_nametables(const Namco108Registers& r) noexcept {
        if (wiring_ == Namco108Wiring::n3425) {
            for (unsigned slot = 0; slot < 4; ++slot) cart.map_nametable(slot, r.bank[slot >> 1] >> 5 & 1);
        } else if (wiring_ == Namco108Wiring::n3453) {
            cart.mirror((r.screen & 1) != 0 ? Mirroring::single_1 : Mirroring::single_0);
        } else {
            cart.mirror(cart.rom->mirroring);
        }
    }

    Namco108Wiring wiring_;
};

std::unique_ptr<Board> make_namco108(Cartridge& cart, Namco108Wiring wiring) {
    return std::make_unique<Namco108>(cart, wiring);
}

}  // namespace

std::unique_ptr<Board> make_dxrom(Cartridge& cart) { return make_namco108(cart, Namco108Wiring::dxrom); }
std::unique_ptr<Board> make_dxrom_fixed_prg(Cartridge& cart) { return make_namco108(cart, Namco108Wiring::fixed_prg); }
std::unique_ptr<Board> make_namco_3446(Cartridge& cart) { return make_namco108(cart, Namco108Wiring::n3446); }
std::unique_ptr<Board> make_namco_3443(Cartridge& cart) { return make_namco108(cart, Namco108Wiring::n3443); }
std::unique_ptr<Board> make_namco_3425(Cartridge& cart) { return make_namco108(cart, Namco108Wiring::n3425); }
std::unique_ptr<Board> make_namco_3453(Cartridge& cart) { return make_namco108(cart, Namco108Wiring::n3453); }

}  // namespace nes::boards
