// Colours of pictures in which some are emphasised.
#pragma once

#include <cstdint>

#include "video/picture.hpp"

namespace nes {

/// The 64 colours with red (bit 0), green (bit 1) and blue (bit 2) emphasised, by the bits of `emphasis`.
const std::uint8_t (&emphasised_palette(unsigned emphasis) noexcept)[64][3];
/// The same as (77 red + 150 green + 29 blue) >> 8.
const std::uint8_t (&emphasised_grays(unsigned emphasis) noexcept)[64];

/// Picture::kPixels times three bytes, and one.
void picture_to_rgb(const Picture& picture, std::uint8_t* out) noexcept;
void picture_to_gray(const Picture& picture, std::uint8_t* out) noexcept;

}  // namespace nes
