#include "input/zapper.hpp"

#include <algorithm>

#include "video/palette.hpp"

namespace nes {

namespace {

// The sensor sees the light of a small spot, here a square of this many pixels to each side of where it points.
constexpr unsigned kRadius = 2;

// How long the sensor answers to a bright spot: 19 scanlines for dark grey to 26 for white (NESdev, measured with the ROM Zap Ruder);
// it does not see darker colours.
constexpr unsigned kDarkest = 80;  // of 255
constexpr unsigned kShortest = 19;
constexpr unsigned kLongest = 26;

}  // namespace

Zapper::Zapper(const PpuState& ppu, const Picture& picture) noexcept : ppu_(ppu), picture_(picture) {
    // The television's light does not depend on the option `palette`.
    const std::uint8_t (&grey)[64] = Palette::standard().gray[0];
    for (unsigned i = 0; i < 64; ++i) {
        glow_[i] = static_cast<std::uint8_t>(
            grey[i] < kDarkest ? 0 : kShortest + (kLongest - kShortest) * (grey[i] - kDarkest) / (255 - kDarkest));
    }
}

// Whether one of the pixels around (x, y) was drawn a short while ago in this frame. In vertical blank it is dark.
bool Zapper::sees_light(unsigned x, unsigned y) const noexcept {
    if (y >= Picture::kHeight || ppu_.scanline >= Picture::kHeight) return false;
    const unsigned top = y < kRadius ? 0 : y - kRadius;
    const unsigned bottom = std::min(y + kRadius, Picture::kHeight - 1);
    const unsigned left = x < kRadius ? 0 : x - kRadius;
    const unsigned right = std::min(x + kRadius, Picture::kWidth - 1);
    for (unsigned row = top; row <= bottom && row <= ppu_.scanline; ++row) {
        const unsigned age = ppu_.scanline - row;
        for (unsigned column = left; column <= right; ++column) {
            // The pixel of column n is drawn in dot n + 1.
            if (age == 0 && column + 1 > ppu_.dot) break;
            if (age < glow_[picture_.index[row * Picture::kWidth + column] & 0x3F]) return true;
        }
    }
    return false;
}

}  // namespace nes
