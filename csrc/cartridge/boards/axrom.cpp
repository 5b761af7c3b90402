// AxROM: 32 KB PRG banks and single-screen mirroring in one latch. NESdev "AxROM".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

void axrom(Cartridge& cart, const Latch& latch) {
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    cart.map_prg(0x8000, 32 * kKB, latch.value & 0x0F);
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror((latch.value & 0x10) != 0 ? Mirroring::single_1 : Mirroring::single_0);
}

}  // namespace

std::unique_ptr<Board> make_axrom(Cartridge& cart) { return make_latch(cart, axrom); }
std::unique_ptr<Board> make_axrom_conflicts(Cartridge& cart) {
    return make_latch(cart, axrom, {.bus_conflicts = true});  // AMROM; ANROM and AOROM gate the ROM off
}

}  // namespace nes::boards
