// Background: fetches, shift registers and the counters in v. NESdev "PPU rendering", "PPU scrolling".
#pragma once

#include "ppu/ppu.hpp"

namespace nes {

/// The bits of v that count columns: coarse X and the nametable beside. A line begins with those of t.
inline constexpr std::uint16_t kHorizontalBits = 0x041F;

inline std::uint16_t Ppu::attribute_address() const noexcept {
    return static_cast<std::uint16_t>(0x23C0 | (s.v & 0x0C00) | ((s.v >> 4) & 0x38) | ((s.v >> 2) & 0x07));
}

inline std::uint16_t Ppu::background_pattern_address() const noexcept {
    const unsigned table = (s.ppuctrl & 0x10) ? 0x1000 : 0;
    return static_cast<std::uint16_t>(table | (s.nametable_byte << 4) | (s.v >> 12));
}

inline void Ppu::increment_x() noexcept {
    if ((s.v & 0x001F) == 31) {
        s.v = static_cast<std::uint16_t>((s.v & ~0x001F) ^ 0x0400);
    } else {
        ++s.v;
    }
}

inline std::uint16_t Ppu::next_row(std::uint16_t address) noexcept {
    if ((address & 0x7000) != 0x7000) return static_cast<std::uint16_t>(address + 0x1000);
    unsigned v = address & ~0x7000u;
    switch (v & 0x03E0) {
        case 29 << 5: v = (v & ~0x03E0u) ^ 0x0800; break;
        case 31 << 5:  // rows 30 and 31 hold attributes; counting through them does not change the nametable
            v &= ~0x03E0u;
            break;
        default: v += 0x20;
    }
    return static_cast<std::uint16_t>(v);
}

inline void Ppu::increment_y() noexcept { s.v = next_row(s.v); }

// Every memory access takes two dots: in the first the address goes out and its low half into the octal
// latch, in the second the data comes in from {address pins, latch}. `step` is the dot within the group of eight.
inline void Ppu::fetch_dot(unsigned step) noexcept {
    std::uint16_t address;
    switch (step >> 1) {
        case 0: address = nametable_address(); break;
        case 1: address = attribute_address(); break;
        case 2: address = background_pattern_address(); break;
        default: address = static_cast<std::uint16_t>(background_pattern_address() | 8); break;
    }
    if (!(step & 1)) {
        latch_address(address);
        return;
    }
    const std::uint8_t data = read_latched(address);
    switch (step >> 1) {
        case 0: s.nametable_byte = data; break;
        case 1: s.attribute_bits = (data >> (((s.v >> 4) & 4) | (s.v & 2))) & 3; break;
        case 2: s.pattern_low_byte = data; break;
        default: s.pattern_high_byte = data; break;
    }
}

// The low plane shifts in zeros, the high plane ones (AccuracyCoin "BG Serial In"); a reload covers them in
// time unless rendering was switched off across it.
inline void Ppu::shift_background() noexcept {
    s.pattern_low = static_cast<std::uint16_t>(s.pattern_low << 1);
    s.pattern_high = static_cast<std::uint16_t>((s.pattern_high << 1) | 1);
    s.attribute_low = static_cast<std::uint16_t>(s.attribute_low << 1);
    s.attribute_high = static_cast<std::uint16_t>(s.attribute_high << 1);
}

inline void Ppu::reload_background() noexcept {
    s.pattern_low = static_cast<std::uint16_t>((s.pattern_low & 0xFF00) | s.pattern_low_byte);
    s.pattern_high = static_cast<std::uint16_t>((s.pattern_high & 0xFF00) | s.pattern_high_byte);
    s.attribute_low = static_cast<std::uint16_t>((s.attribute_low & 0xFF00) | ((s.attribute_bits & 1) ? 0xFF : 0));
    s.attribute_high = static_cast<std::uint16_t>((s.attribute_high & 0xFF00) | ((s.attribute_bits & 2) ? 0xFF : 0));
}

inline void Ppu::background_dot() noexcept {
    const unsigned dot = s.dot;
    if (dot == 0) {
        // No fetch begins here, but the address of the next pattern goes out; not on the line that begins the picture.
        if (s.scanline < 240) latch_address(background_pattern_address());
        return;
    }
    if ((dot >= 2 && dot <= 257) || (dot >= 322 && dot <= 337)) {
        shift_background();
        if ((dot & 7) == 1) reload_background();
    }
    if (dot <= 256 || (dot >= 321 && dot <= 336)) {
        const unsigned step = (dot - 1) & 7;
        fetch_dot(step);
        if (step == 7) {
            increment_x();
            if (dot == 256) increment_y();
        }
    } else if (dot >= 337) {
        fetch_dot((dot - 1) & 1);  // two more nametable bytes that are not used
    }
}

}  // namespace nes
