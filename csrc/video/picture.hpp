// What the PPU draws into: one palette index a pixel.
#pragma once

#include <cstdint>

namespace nes {

struct Picture {
    static constexpr unsigned kWidth = 256;
    static constexpr unsigned kHeight = 240;
    static constexpr unsigned kPixels = kWidth * kHeight;

    std::uint8_t* index = nullptr;     // kPixels palette indices, 0-63
    std::uint8_t* whole = nullptr;     // the same of the last whole frame, when steps may end within one; may be null
    std::uint8_t* emphasis = nullptr;  // kPixels of ppumask's bits 5-7 (red and green swapped but on NTSC); may be null
    bool draw = true;                  // false: the same machine, no pixels

    /// What is shown to people and agents.
    std::uint8_t* shown() const noexcept { return whole ? whole : index; }
};

}  // namespace nes
