#include "preprocess.hpp"

#include <cstring>

#include "../video/convert.hpp"
#include "../video/picture.hpp"

namespace nes::env {

namespace {

ResizePlan plan(const PictureOptions& options) {
    const std::uint32_t height = Picture::kHeight - options.crop_top - options.crop_bottom;
    const std::uint32_t width = Picture::kWidth - options.crop_left - options.crop_right;
    return {options.crop_top,
            options.crop_left,
            height,
            width,
            options.height ? options.height : height,
            options.width ? options.width : width};
}

}  // namespace

Preprocess::Preprocess(const PictureOptions& options)
    : plan_(plan(options)),
      planes_(options.colour == Colour::rgb ? 3 : 1) {
    std::uint8_t indices[64];
    for (unsigned i = 0; i < 64; ++i) indices[i] = static_cast<std::uint8_t>(i);
    if (options.colour == Colour::gray) {
        indices_to_gray(indices, 64, luts_[0]);
    } else if (options.colour == Colour::index) {
        std::memcpy(luts_[0], indices, 64);
    } else {
        for (unsigned i = 0; i < 64; ++i) {
            for (unsigned c = 0; c < 3; ++c) luts_[c][i] = kPaletteRgb[i][c];
        }
    }
}

void Preprocess::write(const Resizer& way, const std::uint8_t* picture, const std::uint8_t* before, std::uint8_t* out,
                       ResizeScratch& scratch) const noexcept {
    for (std::uint32_t i = 0; i < planes_; ++i) {
        if (!plan_.keeps_size()) {
            way.resize(plan_, luts_[i], picture, before, out, scratch);
            out += std::size_t{plan_.height} * plan_.width;
            continue;
        }
        for (std::uint32_t y = 0; y < plan_.height; ++y, out += plan_.width) {
            const std::size_t at = std::size_t{plan_.top + y} * Picture::kWidth + plan_.left;
            way.look_up(luts_[i], picture + at, before ? before + at : nullptr, plan_.width, out);
        }
    }
}

}  // namespace nes::env
