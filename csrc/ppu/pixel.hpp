// Pixel output: background and sprite units, priority, sprite zero. NESdev "PPU rendering"; AccuracyCoin "Stale Sprite
// Shift Registers".
//
// Sprite 0 hit is decided here dot by dot; this is the definition. The fast PPU decides it again, because a line at a time
// has no dots and a wait for the flag must end before the line is drawn: fast/line.cpp for whole lines, fast/group.cpp for
// parts of lines, fast/predict.cpp for lines to come.
#pragma once

#include "ppu/ppu.hpp"

namespace nes {

// Each unit counts its X down and then shifts its pattern out. The counters run in every dot of the picture; the
// shift registers move only while rendering, and not after the last pixel of a line.
inline unsigned Ppu::sprite_pixel(unsigned x, bool& is_zero, bool& behind) noexcept {
    const bool shifting = rendering();
    unsigned pixel = 0;
    for (unsigned unit = 0; unit < 8; ++unit) {
        const std::uint8_t bit = static_cast<std::uint8_t>(1u << unit);
        bool out = s.sprites_active & bit;
        if (!out) {
            if (s.sprite_x[unit] == 0) {
                s.sprites_active |= bit;
                out = true;
            } else {
                --s.sprite_x[unit];
                // On a line that came a dot early the counters have not been started as the first pixel goes out.
                out = s.short_line;
            }
        }
        if (!out || !shifting) continue;
        const unsigned colour = (s.sprite_pattern_low[unit] >> 7) | ((s.sprite_pattern_high[unit] >> 7) << 1);
        if (x != 255) {
            s.sprite_pattern_low[unit] = static_cast<std::uint8_t>(s.sprite_pattern_low[unit] << 1);
            s.sprite_pattern_high[unit] = static_cast<std::uint8_t>(s.sprite_pattern_high[unit] << 1);
        }
        if (colour && !pixel) {
            pixel = 0x10 | ((s.sprite_attributes[unit] & 3u) << 2) | colour;
            behind = s.sprite_attributes[unit] & 0x20;
            is_zero = unit == 0 && s.sprite_zero_here;
        }
    }
    return pixel;
}

inline void Ppu::pixel_dot() noexcept {
    const unsigned x = s.dot - 1u;
    if (x == 0) note_lines(1);
    bool is_zero = false;
    bool behind = false;
    unsigned sprite = sprite_pixel(x, is_zero, behind);
    s.short_line = 0;
    if (!(s.mask & kShowSprites) || (x < 8 && !(s.mask & kShowLeftSprites))) sprite = 0;

    unsigned background = 0;
    if ((s.mask & kShowBackground) && (x >= 8 || (s.mask & kShowLeftBackground))) {
        const unsigned bit = 15u - s.fine_x;
        background = ((s.pattern_low >> bit) & 1) | (((s.pattern_high >> bit) & 1) << 1);
        if (background) background |= (((s.attribute_low >> bit) & 1) << 2) | (((s.attribute_high >> bit) & 1) << 3);
    }

    if (is_zero && sprite && background && hit_counts_at(x)) s.sprite_zero_hit = 1;
    if (!picture_.draw) return;

    unsigned slot = sprite && (!background || !behind) ? sprite : background;
    // With rendering off, v pointing into the palette shows that entry instead of the backdrop.
    if (!rendering() && (s.v & 0x3F00) == 0x3F00) slot = palette_slot(s.v);
    const std::size_t position = s.scanline * Picture::kWidth + x;
    picture_.index[position] = s.palette[slot] & ((s.mask & kGreyscale) ? 0x30 : 0x3F);
    note_emphasis(x);
}

}  // namespace nes
