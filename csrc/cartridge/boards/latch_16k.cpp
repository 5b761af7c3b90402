// Boards that are one latch switching 16 KB of PRG-ROM and CHR: Bandai, Irem, Jaleco and Sunsoft.
// NESdev "INES Mapper 070", "152", "078", "089", "093", "097", "184".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

void prg_16k(Cartridge& cart, int bank) {
    cart.map_prg(0x8000, 16 * kKB, bank);
    cart.map_prg(0xC000, 16 * kKB, -1);
}

Mirroring one_screen(bool upper) { return upper ? Mirroring::single_1 : Mirroring::single_0; }

void bandai_74161(Cartridge& cart, const Latch& latch) {
    prg_16k(cart, latch.value >> 4);
    cart.map_chr(0x0000, 8 * kKB, latch.value & 0x0F);
    cart.mirror(cart.rom->mirroring);
}

void bandai_74161_one_screen(Cartridge& cart, const Latch& latch) {
    prg_16k(cart, latch.value >> 4 & 7);
    cart.map_chr(0x0000, 8 * kKB, latch.value & 0x0F);
    cart.mirror(one_screen((latch.value & 0x80) != 0));
}

void irem_74161(Cartridge& cart, const Latch& latch, Mirroring clear, Mirroring set) {
    prg_16k(cart, latch.value & 7);
    cart.map_chr(0x0000, 8 * kKB, latch.value >> 4);
    cart.mirror((latch.value & 8) != 0 ? set : clear);
}
void cosmo_carrier(Cartridge& cart, const Latch& latch) {
    irem_74161(cart, latch, Mirroring::single_0, Mirroring::single_1);
}
void holy_diver(Cartridge& cart, const Latch& latch) {
    irem_74161(cart, latch, Mirroring::horizontal, Mirroring::vertical);
}

void sunsoft_2_on_3(Cartridge& cart, const Latch& latch) {
    prg_16k(cart, latch.value >> 4 & 7);
    cart.map_chr(0x0000, 8 * kKB, (latch.value & 7) | (latch.value >> 4 & 8));
    cart.mirror(one_screen((latch.value & 8) != 0));
}

void sunsoft_2_on_3r(Cartridge& cart, const Latch& latch) {
    prg_16k(cart, latch.value >> 4 & 7);
    if ((latch.value & 1) != 0) {
        cart.map_chr(0x0000, 8 * kKB, 0);
    } else {
        unmap_chr(cart);
    }
    cart.mirror(cart.rom->mirroring);
}

void sunsoft_1(Cartridge& cart, const Latch& latch) {
    map_fixed_prg(cart);
    cart.map_chr(0x0000, 4 * kKB, latch.value & 7);
    cart.map_chr(0x1000, 4 * kKB, (latch.value >> 4 & 7) | 4);  // the top bit is tied high
    cart.mirror(cart.rom->mirroring);
}

// The fixed bank is below: Kaiketsu Yanchamaru.
void tam_s1(Cartridge& cart, const Latch& latch) {
    cart.map_prg(0x8000, 16 * kKB, -1);
    cart.map_prg(0xC000, 16 * kKB, latch.value & 0x1F);
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror((latch.value & 0x80) != 0 ? Mirroring::vertical : Mirroring::horizontal);
}

}  // namespace

std::unique_ptr<Board> make_bandai_74161(Cartridge& cart) { return make_latch(cart, bandai_74161, kBusConflicts); }
std::unique_ptr<Board> make_bandai_74161_one_screen(Cartridge& cart) {
    return make_latch(cart, bandai_74161_one_screen, kBusConflicts);
}
std::unique_ptr<Board> make_cosmo_carrier(Cartridge& cart) { return make_latch(cart, cosmo_carrier, kBusConflicts); }
std::unique_ptr<Board> make_holy_diver(Cartridge& cart) { return make_latch(cart, holy_diver, kBusConflicts); }
/// Mapper 78 without a submapper: headers of Holy Diver have the four-screen bit set to tell it apart.
std::unique_ptr<Board> make_irem_74161(Cartridge& cart) {
    return cart.rom->mirroring == Mirroring::four_screen ? make_holy_diver(cart) : make_cosmo_carrier(cart);
}
std::unique_ptr<Board> make_sunsoft_2_on_3(Cartridge& cart) { return make_latch(cart, sunsoft_2_on_3, kBusConflicts); }
std::unique_ptr<Board> make_sunsoft_2_on_3r(Cartridge& cart) {
    return make_latch(cart, sunsoft_2_on_3r, {.bus_conflicts = true, .power_on_value = 1});
}
std::unique_ptr<Board> make_sunsoft_1(Cartridge& cart) {
    return make_latch(cart, sunsoft_1, {.mask = 0xE000, .match = 0x6000});
}
std::unique_ptr<Board> make_tam_s1(Cartridge& cart) {
    return make_latch(cart, tam_s1, {.mask = 0xC000, .match = 0x8000});
}

}  // namespace nes::boards
