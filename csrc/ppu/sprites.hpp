// Sprite evaluation and fetches. NESdev "PPU sprite evaluation", "PPU OAM"; AccuracyCoin "Misaligned OAM behavior",
// "OAM Corruption", "Sprites On Scanline 0".
#pragma once

#include "ppu/ppu.hpp"

namespace nes {

inline bool Ppu::in_range(std::uint8_t y) const noexcept {
    return s.scanline >= y && static_cast<unsigned>(s.scanline - y) < sprite_height();
}

// Dots 1-64 clear secondary OAM, dots 65-256 look for up to eight sprites of the next line: an odd dot reads OAM,
// an even dot acts on what was read.
inline void Ppu::evaluation_dot() noexcept {
    const unsigned dot = s.dot;
    if (dot <= 64) {
        s.oam_latch = 0xFF;
        s.secondary_address = static_cast<std::uint8_t>((dot - 1) >> 1);
        if (!(dot & 1)) s.secondary_oam[s.secondary_address] = 0xFF;
        return;
    }
    if (dot == 65) {
        s.secondary_address = 0;
        s.secondary_full = 0;
        s.copying = 0;
        s.evaluation_done = 0;
        s.sprite_zero_next = 0;
    }
    if (dot & 1) {
        const std::uint8_t mask = (s.oam_address & 3) == 2 ? 0xE3 : 0xFF;
        s.oam_latch = s.oam[s.oam_address] & mask;
    } else {
        evaluate();
    }
}

inline void Ppu::evaluate() noexcept {
    const std::uint8_t before = s.oam_address;
    const bool y_in_range = in_range(s.oam_latch);
    if (s.evaluation_done) {
        // It goes on through OAM without effect; reads see secondary OAM.
        s.oam_address = static_cast<std::uint8_t>((s.oam_address + 4) & 0xFC);
        s.oam_latch = s.secondary_oam[s.secondary_address];
        return;
    }
    if (!s.secondary_full) {
        s.secondary_oam[s.secondary_address] = s.oam_latch;
        if (s.copying) {
            ++s.oam_address;
            // The X byte goes through the comparator as well: out of range, it realigns the address.
            if (--s.copying == 0 && !y_in_range) s.oam_address &= 0xFC;
            s.secondary_address = (s.secondary_address + 1) & 31;
            if (s.secondary_address == 0) s.secondary_full = 1;
        } else {
            if (s.dot == 66) s.sprite_zero_next = y_in_range;
            if (y_in_range) {
                ++s.oam_address;
                // Five bits, which rendering that came on late may leave at any number.
                s.secondary_address = (s.secondary_address + 1) & 31;
                if (s.secondary_address == 0) s.secondary_full = 1;
                s.copying = 3;
            } else {
                s.oam_address = static_cast<std::uint8_t>((s.oam_address + 4) & 0xFC);
            }
        }
    } else {
        const std::uint8_t shown = s.secondary_oam[s.secondary_address];
        if (s.copying) {
            if (--s.copying == 0) {
                s.evaluation_done = 1;
                s.oam_address &= 0xFC;
            } else {
                ++s.oam_address;
            }
        } else if (y_in_range) {
            s.sprite_overflow = 1;
            ++s.oam_address;
            s.copying = 3;
        } else {
            // The bug: the byte within the sprite moves on together with the sprite, without a carry.
            s.oam_address = static_cast<std::uint8_t>(((s.oam_address + 4) & 0xFC) | ((s.oam_address + 1) & 0x03));
        }
        s.oam_latch = shown;
    }
    if (s.oam_address < before && !s.copying) s.evaluation_done = 1;
}

// The row of a sprite's pattern is the line number minus Y; on the pre-render line the number's low eight bits.
inline bool Ppu::sprite_row_visible(unsigned unit) const noexcept {
    const int row = static_cast<int>(s.scanline & 0xFF) - s.secondary_oam[unit * 4];
    return row >= 0 && row < static_cast<int>(sprite_height());
}

// Where line `line` of the four bytes of a sprite has its low plane.
inline std::uint16_t Ppu::sprite_pattern_address(unsigned line, const std::uint8_t* sprite) const noexcept {
    unsigned row = line - sprite[0];
    if (s.ppuctrl & 0x20) {
        row &= 15;
        if (sprite[2] & 0x80) row ^= 15;
        return static_cast<std::uint16_t>(((sprite[1] & 1) << 12) | ((sprite[1] & 0xFE) << 4) | ((row & 8) << 1) |
                                          (row & 7));
    }
    row &= 7;
    if (sprite[2] & 0x80) row ^= 7;
    return static_cast<std::uint16_t>(((s.ppuctrl & 0x08) << 9) | (sprite[1] << 4) | row);
}

constexpr std::uint8_t reverse_bits(std::uint8_t b) noexcept {
    b = static_cast<std::uint8_t>((b >> 4) | (b << 4));
    b = static_cast<std::uint8_t>(((b & 0xCC) >> 2) | ((b & 0x33) << 2));
    return static_cast<std::uint8_t>(((b & 0xAA) >> 1) | ((b & 0x55) << 1));
}

// Dots 257-320: eight dots for each unit; two fetches of nametable bytes that are not used, then the pattern.
inline void Ppu::sprite_fetch_dot() noexcept {
    const unsigned unit = (s.dot - 257u) >> 3;
    const unsigned step = (s.dot - 257u) & 7;
    if (s.dot == 257) {
        s.secondary_address = 0;
        s.sprite_zero_here = s.sprite_zero_next;
    }
    s.oam_address = 0;
    s.oam_latch = s.secondary_oam[s.secondary_address];
    switch (step) {
        case 0:
        case 2: latch_address(nametable_address()); break;
        case 1:
        case 3: read_latched(nametable_address()); break;
        case 4: latch_address(sprite_pattern_address(s.scanline & 0xFF, &s.secondary_oam[unit * 4])); break;
        case 6:
            latch_address(
                static_cast<std::uint16_t>(sprite_pattern_address(s.scanline & 0xFF, &s.secondary_oam[unit * 4]) | 8));
            break;
        default: {
            const std::uint16_t plane = step == 7 ? 8 : 0;
            std::uint8_t data = read_latched(static_cast<std::uint16_t>(
                sprite_pattern_address(s.scanline & 0xFF, &s.secondary_oam[unit * 4]) | plane));
            if (s.sprite_attributes[unit] & 0x40) data = reverse_bits(data);
            if (!sprite_row_visible(unit)) data = 0;
            (plane ? s.sprite_pattern_high : s.sprite_pattern_low)[unit] = data;
            break;
        }
    }
    if (step == 2) s.sprite_attributes[unit] = s.oam_latch;
    if (step == 4) s.sprite_x[unit] = s.oam_latch;
    if (step < 3 || step == 7) s.secondary_address = (s.secondary_address + 1) & 31;
}

// The row of OAM that will be overwritten when rendering, switched off in this dot, comes on again.
inline unsigned Ppu::corruption_seed() const noexcept {
    if (s.dot >= 1 && s.dot <= 64) return (s.dot - 1u) >> 1;
    if (s.dot >= 65 && s.dot <= 256) return s.secondary_full ? 0 : ((s.secondary_address + 3u) & ~3u) & 31;
    if (s.dot >= 257 && s.dot <= 320) return s.secondary_address;
    return 0;
}

inline void Ppu::corrupt_oam() noexcept {
    s.corruption_pending = 0;
    table_valid_ = false;
    const unsigned row = s.corruption_row & 31;
    for (unsigned i = 0; i < 8; ++i) s.oam[row * 8 + i] = s.oam[i];
    s.secondary_oam[row] = s.secondary_oam[0];
}

}  // namespace nes
