// From palette indices to colours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nes {

/// 64 colours, red green blue: those of nes-py 9, so that agents trained on it see the same pixels.
extern const std::uint8_t kPaletteRgb[64][3];

/// Writes 3 bytes for each of `count` palette indices. Only the low six bits of an index count.
void indices_to_rgb(const std::uint8_t* indices, std::size_t count, std::uint8_t* out) noexcept;

/// Writes (77 red + 150 green + 29 blue) >> 8 for each of `count` palette indices.
void indices_to_gray(const std::uint8_t* indices, std::size_t count, std::uint8_t* out) noexcept;

/// One way of doing both. All ways write the same bytes.
struct Converter {
    using Function = void (*)(const std::uint8_t* indices, std::size_t count, std::uint8_t* out) noexcept;
    const char* name;
    Function to_rgb;
    Function to_gray;
};

/// The versions that this CPU can run: plain C++ first, the one in use last.
std::vector<Converter> converters();

}  // namespace nes
