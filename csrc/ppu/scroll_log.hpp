// Where each line of the picture was drawn from. Part of the state, and of no program's business: nothing in the machine reads it.
//
// A line is noted as its first pixel goes out. What a program changes after that shows in the next line.
#pragma once

#include <array>
#include <cstdint>

#include "base/fields.hpp"

namespace nes {

struct ScrollLog {
    static constexpr unsigned kLines = 240;

    // `flags`; those of ppumask are as the rendering hardware sees them.
    static constexpr std::uint8_t kNametable = 0x03;
    static constexpr std::uint8_t kUpperPatterns = 0x04;  // the background's patterns are at $1000
    static constexpr std::uint8_t kBackground = 0x08;     // is shown
    static constexpr std::uint8_t kSprites = 0x10;
    static constexpr std::uint8_t kLeftBackground = 0x20;
    static constexpr std::uint8_t kLeftSprites = 0x40;

    std::uint8_t x[kLines];  // of the leftmost pixel in its nametable: coarse x * 8 + fine x
    std::uint8_t y[kLines];  // the same; 240 and more: what lies behind the nametable's rows
    std::uint8_t flags[kLines];

    /// `count` lines from `line` on, which follow one another in the nametables; the first begins with the tile at `v`.
    void note(unsigned line, unsigned count, std::uint16_t v, unsigned fine_x, std::uint8_t flags) noexcept;
    /// The same for lines between which v does not move.
    void note_still(unsigned line, unsigned count, std::uint16_t v, unsigned fine_x, std::uint8_t flags) noexcept;
    /// The flags but for the nametable.
    static constexpr std::uint8_t flags_of(std::uint8_t ppuctrl, std::uint8_t mask) noexcept {
        return static_cast<std::uint8_t>(((ppuctrl & 0x10) >> 2) | (mask & 0x18) | ((mask & 0x06) << 4));
    }
};

inline constexpr std::array kScrollFields{
    NES_FIELD(ScrollLog, x),
    NES_FIELD(ScrollLog, y),
    NES_FIELD(ScrollLog, flags),
};
static_assert(covers(kScrollFields, sizeof(ScrollLog)));

}  // namespace nes
