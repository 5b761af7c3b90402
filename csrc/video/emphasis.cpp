#include "video/emphasis.hpp"

#include "video/convert.hpp"

namespace nes {

namespace {

/// Calls `plain(at, count)` for the pixels without emphasis and `emphasised(at, count, emphasis)` for the others.
template <class Plain, class Emphasised>
void for_segments(std::uint8_t* shown, Plain plain, Emphasised emphasised) noexcept {
    for (unsigned line = 0; line < Picture::kHeight; ++line) {
        Picture::emphasis_of(shown)[line].for_segments([&](unsigned begin, unsigned end, unsigned emphasis) {
            const unsigned at = line * Picture::kWidth + begin;
            if (emphasis == 0) {
                plain(at, end - begin);
            } else {
                emphasised(at, end - begin, emphasis);
            }
        });
    }
}

}  // namespace

void picture_to_rgb(const Picture& picture, const Palette& palette, std::uint8_t* out) noexcept {
    std::uint8_t* const shown = picture.shown();
    const auto plain = [&](unsigned at, unsigned count) { indices_to_rgb(palette, shown + at, count, out + 3 * at); };
    if (!picture.emphasised) return plain(0, Picture::kPixels);
    for_segments(shown, plain, [&](unsigned at, unsigned count, unsigned emphasis) {
        for (unsigned i = at; i < at + count; ++i) {
            for (unsigned c = 0; c < 3; ++c) out[3 * i + c] = palette.rgb[emphasis][shown[i] & 0x3F][c];
        }
    });
}

void picture_to_gray(const Picture& picture, const Palette& palette, std::uint8_t* out) noexcept {
    std::uint8_t* const shown = picture.shown();
    const auto plain = [&](unsigned at, unsigned count) { indices_to_gray(palette, shown + at, count, out + at); };
    if (!picture.emphasised) return plain(0, Picture::kPixels);
    for_segments(shown, plain, [&](unsigned at, unsigned count, unsigned emphasis) {
        for (unsigned i = at; i < at + count; ++i) out[i] = palette.gray[emphasis][shown[i] & 0x3F];
    });
}

}  // namespace nes
