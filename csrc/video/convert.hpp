// From palette indices to colours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "video/palette.hpp"

namespace nes {

/// Writes 3 bytes for each of `count` palette indices. Only the low six bits of an index count.
void indices_to_rgb(const Palette& palette, const std::uint8_t* indices, std::size_t count, std::uint8_t* out) noexcept;

/// Writes a byte of grey for each of `count` palette indices.
void indices_to_gray(const Palette& palette, const std::uint8_t* indices, std::size_t count,
                     std::uint8_t* out) noexcept;

/// Writes `count` pixels of three bytes, one of each plane.
void planes_to_pixels(const std::uint8_t* const planes[3], std::size_t count, std::uint8_t* out) noexcept;

/// One way of doing all of it. All ways write the same bytes.
struct Converter {
    using Function = void (*)(const Palette& palette, const std::uint8_t* indices, std::size_t count,
                              std::uint8_t* out) noexcept;
    const char* name;
    Function to_rgb;
    Function to_gray;
    void (*to_pixels)(const std::uint8_t* const planes[3], std::size_t count, std::uint8_t* out) noexcept;
};

/// The versions that this CPU can run: plain C++ first, the one in use last.
std::vector<Converter> converters();

}  // namespace nes
