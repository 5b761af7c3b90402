// CNROM: 8 KB of CHR-ROM switched by one latch; and its copy protection by diodes.
// NESdev "CNROM", "INES Mapper 185".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

void fixed_prg(Cartridge& cart) {
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    map_fixed_prg(cart);
    cart.mirror(cart.rom->mirroring);
}

void cnrom(Cartridge& cart, const Latch& latch) {
    // Panesian's boards and homebrew use more than the two bits of Nintendo's.
    cart.map_chr(0x0000, 8 * kKB, latch.value);
    fixed_prg(cart);
}

void chr_when(Cartridge& cart, bool enabled) {
    if (enabled) {
        cart.map_chr(0x0000, 8 * kKB, 0);
    } else {
        unmap_chr(cart);
    }
    fixed_prg(cart);
}

// Without a submapper nobody says which value enables the CHR-ROM; this rule fits every known game.
void cnrom_protected(Cartridge& cart, const Latch& latch) {
    chr_when(cart, (latch.value & 0x0F) != 0 && latch.value != 0x13);
}

template <unsigned enabling_value>
void cnrom_diodes(Cartridge& cart, const Latch& latch) {
    chr_when(cart, (latch.value & 3) == enabling_value);
}

}  // namespace

std::unique_ptr<Board> make_cnrom(Cartridge& cart) { return make_latch(cart, cnrom); }
std::unique_ptr<Board> make_cnrom_conflicts(Cartridge& cart) {
    return make_latch(cart, cnrom, {.bus_conflicts = true});
}
std::unique_ptr<Board> make_cnrom_protected(Cartridge& cart) {
    return make_latch(cart, cnrom_protected, {.bus_conflicts = true});
}
std::unique_ptr<Board> make_cnrom_diodes_0(Cartridge& cart) {
    return make_latch(cart, cnrom_diodes<0>, {.bus_conflicts = true});
}
std::unique_ptr<Board> make_cnrom_diodes_1(Cartridge& cart) {
    return make_latch(cart, cnrom_diodes<1>, {.bus_conflicts = true});
}
std::unique_ptr<Board> make_cnrom_diodes_2(Cartridge& cart) {
    return make_latch(cart, cnrom_diodes<2>, {.bus_conflicts = true});
}
std::unique_ptr<Board> make_cnrom_diodes_3(Cartridge& cart) {
    return make_latch(cart, cnrom_diodes<3>, {.bus_conflicts = true});
}

}  // namespace nes::boards
