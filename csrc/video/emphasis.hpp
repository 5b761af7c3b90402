// Pictures in colour, some of it emphasised.
#pragma once

#include <cstdint>

#include "video/palette.hpp"
#include "video/picture.hpp"

namespace nes {

/// Picture::kPixels times three bytes, and one.
void picture_to_rgb(const Picture& picture, const Palette& palette, std::uint8_t* out) noexcept;
void picture_to_gray(const Picture& picture, const Palette& palette, std::uint8_t* out) noexcept;

}  // namespace nes
