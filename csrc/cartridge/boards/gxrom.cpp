// Boards that are one latch switching 32 KB of PRG-ROM and 8 KB of CHR.
// NESdev "GxROM", "Color Dreams", "CPROM", "INES Mapper 034" (BNROM), "038", "107", "148", "241".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

void with_ram(Cartridge& cart, int prg, int chr) {
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    map_32k_8k(cart, prg, chr);
}

void gxrom(Cartridge& cart, const Latch& latch) { with_ram(cart, latch.value >> 4, latch.value & 0x0F); }
void color_dreams(Cartridge& cart, const Latch& latch) { with_ram(cart, latch.value & 0x0F, latch.value >> 4); }
void bnrom(Cartridge& cart, const Latch& latch) { with_ram(cart, latch.value, 0); }
void bit_corp(Cartridge& cart, const Latch& latch) { map_32k_8k(cart, latch.value & 3, latch.value >> 2 & 3); }
void magic_dragon(Cartridge& cart, const Latch& latch) { with_ram(cart, latch.value >> 1, latch.value); }
void sachen_008a(Cartridge& cart, const Latch& latch) { with_ram(cart, latch.value >> 3 & 1, latch.value & 7); }

void cprom(Cartridge& cart, const Latch& latch) {
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    map_fixed_prg(cart);
    cart.map_chr(0x0000, 4 * kKB, 0);
    cart.map_chr(0x1000, 4 * kKB, latch.value & 3);
    cart.mirror(cart.rom->mirroring);
}

}  // namespace

std::unique_ptr<Board> make_gxrom(Cartridge& cart) { return make_latch(cart, gxrom, kBusConflicts); }
std::unique_ptr<Board> make_color_dreams(Cartridge& cart) { return make_latch(cart, color_dreams, kBusConflicts); }
std::unique_ptr<Board> make_cprom(Cartridge& cart) { return make_latch(cart, cprom, kBusConflicts); }
std::unique_ptr<Board> make_bnrom(Cartridge& cart) { return make_latch(cart, bnrom, kBusConflicts); }
// Mapper 241 exists for games that do not care about conflicts. Its speech chip is not there.
std::unique_ptr<Board> make_bxrom_ram(Cartridge& cart) { return make_latch(cart, bnrom); }
std::unique_ptr<Board> make_bit_corp(Cartridge& cart) {
    return make_latch(cart, bit_corp, {.mask = 0xF000, .match = 0x7000});
}
std::unique_ptr<Board> make_magic_dragon(Cartridge& cart) { return make_latch(cart, magic_dragon, kBusConflicts); }
std::unique_ptr<Board> make_sachen_008a(Cartridge& cart) { return make_latch(cart, sachen_008a, kBusConflicts); }

}  // namespace nes::boards
