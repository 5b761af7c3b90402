// Boards of today: Action 53 (28), UNROM 512 (30), GTROM (111) and Magic Floor (218).
// Programs that write to their own flash memory see no change: ROM is shared and read-only here.
// NESdev "Action 53 mapper", "UNROM 512", "GTROM", "INES Mapper 218".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

struct Action53Registers {
    std::uint8_t select;  // $5000: S......R
    std::uint8_t chr;     // $00
    std::uint8_t inner;   // $01
    std::uint8_t mode;    // $80: ..SSPPMM
    std::uint8_t outer;   // $81
    std::uint8_t reserved[3];
};

constexpr Field kAction53Fields[] = {
    NES_FIELD(Action53Registers, select), NES_FIELD(Action53Registers, chr),   NES_FIELD(Action53Registers, inner),
    NES_FIELD(Action53Registers, mode),   NES_FIELD(Action53Registers, outer), NES_FIELD(Action53Registers, reserved),
};
static_assert(covers(kAction53Fields, sizeof(Action53Registers)));

class Action53 final : public Board {
  public:
    using Board::Board;

    void power_on() noexcept override { overlay<Action53Registers>().outer = 0xFF; }  // the last bank at $C000

    void map() noexcept override {
        const auto& r = overlay<Action53Registers>();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        cart.map_prg(0x8000, 16 * kKB, prg_bank(r, 0));
        cart.map_prg(0xC000, 16 * kKB, prg_bank(r, 1));
        cart.map_chr(0x0000, 8 * kKB, r.chr & 3);
        cart.mirror(single_first(r.mode));
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = overlay<Action53Registers>();
        if ((address & 0xF000) == 0x5000) {
            r.select = value & 0x81;
            return;
        }
        if (address < 0x8000) return;
        switch (r.select & 0x81) {
            case 0x00: r.chr = value; break;
            case 0x01: r.inner = value; break;
            case 0x80: r.mode = value; break;
            default: r.outer = value; break;
        }
        // With one screen, bit 4 of the game's own registers selects it, as on AxROM.
        const bool one_screen = (r.mode & 2) == 0;
        if ((r.select & 0x80) == 0 && one_screen) {
            r.mode = static_cast<std::uint8_t>((r.mode & ~1) | (value >> 4 & 1));
        }
        map();
    }

    std::span<const Field> fields() const noexcept override { return kAction53Fields; }

  private:
    /// The 16 KB bank in the lower or upper half of $8000-$FFFF.
    static int prg_bank(const Action53Registers& r, int half) noexcept {
        const int outer = r.outer << 1;
        const int inner_bits = (2 << (r.mode >> 4 & 3)) - 1;  // lines the inner bank drives, as 16 KB banks
        const unsigned style = r.mode >> 2 & 3u;
        if (style < 2) return (outer & ~inner_bits) | ((r.inner << 1) & inner_bits) | half;
        const int fixed_half = style == 2 ? 0 : 1;
        if (half == fixed_half) return outer | half;
        return (outer & ~inner_bits) | (r.inner & inner_bits);
    }
};

void unrom512(Cartridge& cart, const Latch& latch) {
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    cart.map_prg(0x8000, 16 * kKB, latch.value & 0x1F);
    cart.map_prg(0xC000, 16 * kKB, -1);
    cart.map_chr(0x0000, 8 * kKB, latch.value >> 5 & 3);
    switch (cart.rom->mirroring) {
        case Mirroring::single_0:
        case Mirroring::single_1:  // the header says "one screen, switched" (ines.cpp)
            cart.mirror((latch.value & 0x80) != 0 ? Mirroring::single_1 : Mirroring::single_0);
            break;
        case Mirroring::four_screen:
            cart.map_chr_ram(0x2000, 4 * kKB, static_cast<int>(cart.rom->chr_ram_size / (8 * kKB)) * 2 - 2);
            break;
        default: cart.mirror(cart.rom->mirroring); break;
    }
}

// The latch lies at $5000-$5FFF and $7000-$7FFF and takes what is on the bus, in reads as well.
class Gtrom final : public Board {
  public:
    using Board::Board;

    void power_on() noexcept override { overlay<Latch>() = {}; }
    void map() noexcept override {
        const auto& r = overlay<Latch>();
        cart.map_prg(0x8000, 32 * kKB, r.value & 0x0F);
        cart.map_chr_ram(0x0000, 8 * kKB, r.value >> 4 & 1);
        cart.map_chr_ram(0x2000, 4 * kKB, 4 + (r.value >> 5 & 1) * 2);
    }
    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        cpu_write(address, open_bus, 0);
        return open_bus;
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if ((address & 0xD000) != 0x5000) return;
        overlay<Latch>().value = value;
        map();
    }
    std::span<const Field> fields() const noexcept override {
        static constexpr Field kLatchFields[] = {
            NES_FIELD(Latch, address),
            NES_FIELD(Latch, value),
            NES_FIELD(Latch, extra),
        };
        static_assert(covers(kLatchFields, sizeof(Latch)));
        return kLatchFields;
    }
};

// One ROM chip and nothing else: the console's nametable RAM is the pattern table too. Its A10 is wired
// to one of PPU A10-A13.
class MagicFloor final : public Board {
  public:
    using Board::Board;
    void map() noexcept override {
        map_fixed_prg(cart);
        unsigned line = 10;
        switch (cart.rom->mirroring) {
            case Mirroring::horizontal: line = 11; break;
            case Mirroring::single_0: line = 12; break;  // as ines.cpp reads the header of mapper 218
            case Mirroring::single_1: line = 13; break;
            default: break;
        }
        for (unsigned page = 0; page < 12; ++page) {
            std::uint8_t* const memory = cart.ciram + (page * kKB >> line & 1) * kKB;
            cart.map_ppu_page(page, memory, memory);
        }
    }
};

}  // namespace

std::unique_ptr<Board> make_action53(Cartridge& cart) { return std::make_unique<Action53>(cart); }
std::unique_ptr<Board> make_unrom512(Cartridge& cart) {
    // The battery bit stands for "flashable": no bus conflicts, and the latch only at $C000-$FFFF.
    if (cart.rom->battery) return make_latch(cart, unrom512, {.mask = 0xC000, .match = 0xC000});
    return make_latch(cart, unrom512, {.bus_conflicts = true});
}
std::unique_ptr<Board> make_gtrom(Cartridge& cart) { return std::make_unique<Gtrom>(cart); }
std::unique_ptr<Board> make_magic_floor(Cartridge& cart) { return std::make_unique<MagicFloor>(cart); }

}  // namespace nes::boards
