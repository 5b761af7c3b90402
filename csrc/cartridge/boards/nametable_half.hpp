// Boards whose patterns depend on the half of the nametable that is shown. For the files in this folder only.
#pragma once

#include <cstdint>

namespace nes::boards {

/// Shows an address on the PPU's bus: as A13 rises, A9 tells whether the upper (0) or the lower half of a nametable is read.
/// Whether that changed `half`; `a13` is the level that the bus had before.
inline bool half_changes(std::uint8_t& half, std::uint8_t& a13, std::uint16_t address) noexcept {
    const bool rises = (address & 0x2000) != 0 && a13 == 0;
    a13 = (address & 0x2000) != 0;
    const std::uint8_t read = address >> 9 & 1;
    if (!rises || read == half) return false;
    half = read;
    return true;
}

}  // namespace nes::boards
