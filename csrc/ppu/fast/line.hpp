// What a line is drawn from.
#pragma once

#include "ppu/ppu.hpp"

namespace nes {

// The sprites of one line, as their units will show them.
struct Ppu::LineSprites {
    unsigned count = 0;
    bool zero_first = false;  // the first of them is sprite zero
    struct Sprite {
        std::uint8_t low;
        std::uint8_t high;
        std::uint8_t attributes;
        std::uint8_t x;

        unsigned opaque() const noexcept { return low | high; }
    } of[8];
};

// The tiles of a line: two rows of two nametables side by side, and what is read of them.
struct Ppu::LineTiles {
    static constexpr unsigned kTileBytes = 4;  // eight pixels, four bits each
    static constexpr unsigned kMargin = 8;     // room for the two tiles in the shift registers
    alignas(16) std::uint8_t bytes[kMargin + 2 * TileCache::kRowBytes + 24];
};

}  // namespace nes
