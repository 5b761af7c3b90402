// The colours of a picture's palette indices, in the forms that conversions look up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/export.hpp"

namespace nes {

/// Immutable; shared by consoles and environments.
struct Palette {
    static constexpr std::size_t kColours = 64;
    static constexpr std::size_t kEmphases = 8;  // bit 0 red, bit 1 green, bit 2 blue

    /// Those of nes-py 9, so that agents trained on it see the same pixels.
    static const Palette& standard() noexcept;

    /// From 64 colours, red green blue, whose emphasised ones are computed, or with `has_emphasis` from 512: 64 for each
    /// emphasis.
    Palette(const std::uint8_t* colours, bool has_emphasis) noexcept;

    std::uint8_t rgb[kEmphases][kColours][3];
    /// (77 red + 150 green + 29 blue) >> 8.
    alignas(64) std::uint8_t gray[kEmphases][kColours];
    /// Red, green and blue without emphasis.
    alignas(64) std::uint8_t planes[3][kColours];
};

/// See the constructor.
NES_PY_API std::shared_ptr<const Palette> make_palette(const std::uint8_t* colours, bool has_emphasis);

}  // namespace nes
