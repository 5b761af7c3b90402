// From packed pixels, four bits each, to colours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nes {

/// Writes 32 pixels for each 16 bytes of `packed`: `colours[nibble]`, the low nibble of a byte first. `blocks` counts those 16
/// bytes. With `odd` the first nibble is left out: one more byte is read after the last block.
using ExpandPixels = void (*)(const std::uint8_t* packed, bool odd, std::size_t blocks, const std::uint8_t colours[16],
                              std::uint8_t* out) noexcept;

/// Plain C++; the others are compared with it.
void expand_pixels_plain(const std::uint8_t* packed, bool odd, std::size_t blocks, const std::uint8_t colours[16],
                         std::uint8_t* out) noexcept;

/// All versions that this CPU can run, the plain one first, the fastest last.
std::vector<ExpandPixels> pixel_expanders();

/// The fastest version that this CPU can run.
extern const ExpandPixels expand_pixels;

}  // namespace nes
