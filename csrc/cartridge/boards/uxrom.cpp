// UxROM and boards that switch 16 KB of PRG-ROM with one latch.
// NESdev "UxROM", "INES Mapper 094", "INES Mapper 180".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

void fixed_chr(Cartridge& cart) {
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror(cart.rom->mirroring);
}

void uxrom(Cartridge& cart, const Latch& latch) {
    // All 8 bits count: homebrew boards go beyond the 16 banks of UOROM.
    cart.map_prg(0x8000, 16 * kKB, latch.value);
    cart.map_prg(0xC000, 16 * kKB, -1);
    fixed_chr(cart);
}

void un1rom(Cartridge& cart, const Latch& latch) {
    cart.map_prg(0x8000, 16 * kKB, latch.value >> 2 & 7);
    cart.map_prg(0xC000, 16 * kKB, -1);
    fixed_chr(cart);
}

// Crazy Climber: a 74HC08 in place of the 74HC32 fixes the first bank and switches the upper one.
// As on UxROM, more PRG-ROM than its 128 KB takes more bits.
void unrom_74hc08(Cartridge& cart, const Latch& latch) {
    cart.map_prg(0x8000, 16 * kKB, 0);
    cart.map_prg(0xC000, 16 * kKB, latch.value);
    fixed_chr(cart);
}

}  // namespace

std::unique_ptr<Board> make_uxrom(Cartridge& cart) { return make_latch(cart, uxrom); }
std::unique_ptr<Board> make_uxrom_conflicts(Cartridge& cart) {
    return make_latch(cart, uxrom, {.bus_conflicts = true});
}
std::unique_ptr<Board> make_un1rom(Cartridge& cart) { return make_latch(cart, un1rom, {.bus_conflicts = true}); }
std::unique_ptr<Board> make_unrom_74hc08(Cartridge& cart) {
    return make_latch(cart, unrom_74hc08, {.bus_conflicts = true});
}

}  // namespace nes::boards
