// The latches of the MMC2 and the MMC4, and of boards that work as they do. For the files in this folder only.
#pragma once

#include <cstdint>

namespace nes::boards {

/// Shows the latches an address on the PPU's bus: the second plane of tile $FD or $FE of a pattern table turns that table's
/// latch to 0 or 1. It turns after the byte was read, so the tile that switches still comes from the old bank: the change
/// waits in `pending` until the next address. Of the address only the bits of `mask` count. `turned(table)` maps the new bank.
template <class Turned>
void watch_tiles(std::uint8_t* latches, std::uint8_t& pending, std::uint16_t address, unsigned mask, Turned turned) {
    if (pending != 0) {
        const unsigned table = (pending - 1u) >> 1 & 1u;
        const std::uint8_t latch = (pending - 1u) & 1u;
        pending = 0;
        if (latches[table] != latch) {
            latches[table] = latch;
            turned(table);
        }
    }
    const unsigned table = address >> 12 & 1u;
    const unsigned row = address & mask;
    if (row == (0x0FD8 & mask)) pending = static_cast<std::uint8_t>(1 + table * 2);
    if (row == (0x0FE8 & mask)) pending = static_cast<std::uint8_t>(2 + table * 2);
}

}  // namespace nes::boards
