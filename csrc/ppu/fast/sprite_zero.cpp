// Where sprite 0 hits, for the fast PPU: in a part of a line whose tiles were decoded, and in a line to come.
//
// The reference decides it dot by dot, in pixel.hpp. line.cpp and group.cpp ask for the lines and groups that they run,
// predict.cpp for the lines that the CPU waits for. Ppu::hit_counts_at() says once for all of them which pixels count.
#include "ppu/fast/line.hpp"
#include "ppu/ppu.hpp"
#include "ppu/sprites.hpp"

namespace nes {

// Whether sprite 0, the first of its line, meets the background in pixels `first` to `end`; places as in draw_pixels.
bool Ppu::sprite_zero_meets(unsigned first, unsigned end, const std::uint8_t* packed,
                            const LineSprites& sprites) const noexcept {
    const unsigned opaque = sprites.of[0].opaque();
    for (unsigned j = 0; j < 8; ++j) {
        const unsigned x = sprites.of[0].x + j;
        if (first + x >= end) break;
        if (((opaque >> (7 - j)) & 1) && hit_counts_at(first + x) && packed_is_opaque(packed, x + s.fine_x))
            return true;
    }
    return false;
}

// The dot of line `line` in which sprite 0 hits the background, 0 for none, when the line begins with `v`. The sprite is the
// first of OAM, the tiles are those in memory now.
unsigned Ppu::sprite_zero_dot(unsigned line, std::uint16_t v) const noexcept {
    const std::uint8_t attributes = s.oam[2];
    const std::uint16_t address = sprite_pattern_address(line - 1, s.oam);
    std::uint8_t sprite = peek_memory(address) | peek_memory(static_cast<std::uint16_t>(address | 8));
    if (attributes & 0x40) sprite = reverse_bits(sprite);
    for (unsigned i = 0; i < 8; ++i) {
        const unsigned x = s.oam[3] + i;
        if (!((sprite >> (7 - i)) & 1) || !hit_counts_at(x)) continue;
        const unsigned position = x + s.fine_x;
        const unsigned column = (v & 0x1F) + (position >> 3);
        const unsigned nametable = ((v >> 10) & 3) ^ ((column >> 5) & 1);
        const unsigned name =
            peek_memory(static_cast<std::uint16_t>(0x2000 | (nametable << 10) | (v & 0x03E0) | (column & 31)));
        const auto pattern = static_cast<std::uint16_t>(((s.ppuctrl & 0x10) << 8) | (name << 4) | (v >> 12));
        const unsigned background = peek_memory(pattern) | peek_memory(static_cast<std::uint16_t>(pattern | 8));
        if ((background >> (7 - (position & 7))) & 1) return x + 1;
    }
    return 0;
}

}  // namespace nes
