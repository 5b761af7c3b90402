// The plain Vs. System board (99): OUT2 of the CPU switches banks. Coins, DIP switches and the colours of the
// arcade PPUs are the console's business. NESdev "INES Mapper 099".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

void vs_system(Cartridge& cart, const Latch& latch) {
    const bool upper = (latch.value & 4) != 0;
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    cart.map_prg(0x8000, 32 * kKB, 0);
    // Vs. Gumshoe alone has a fifth bank.
    if (upper && cart.rom->prg.size() > 32 * kKB) cart.map_prg(0x8000, 8 * kKB, 4);
    if (upper && cart.rom->chr.size() <= 8 * kKB) {
        unmap_chr(cart);  // an empty socket
    } else {
        cart.map_chr(0x0000, 8 * kKB, upper ? 1 : 0);
    }
    cart.mirror(Mirroring::four_screen);
}

}  // namespace

std::unique_ptr<Board> make_vs_system(Cartridge& cart) {
    auto board = make_latch(cart, vs_system, {.mask = 0xFFFF, .match = 0x4016});
    board->watches_out_port = true;
    return board;
}

}  // namespace nes::boards
