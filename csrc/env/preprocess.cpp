#include "env/preprocess.hpp"

#include <algorithm>
#include <cstring>

#include "video/convert.hpp"
#include "video/palette.hpp"
#include "video/picture.hpp"

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
    : colour_(options.colour),
      palette_(options.palette),
      plan_(plan(options)),
      planes_(options.colour == Colour::rgb ? 3 : 1) {
    for (unsigned i = 0; i < Palette::kColours; ++i) {
        for (unsigned plane = 0; plane < std::size(luts_); ++plane) {
            const auto index = static_cast<std::uint8_t>(i);
            luts_[plane][i] = colour_ == Colour::index ? index : colour(plane, 0, index);
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

std::uint8_t Preprocess::colour(unsigned plane, unsigned emphasis, std::uint8_t index) const noexcept {
    index &= 0x3F;
    return colour_ == Colour::gray ? palette().gray[emphasis][index] : palette().rgb[emphasis][index][plane];
}

// Few programs emphasise anything: one way that is plain is enough for them.
void Preprocess::write_emphasised(const SeenPicture& picture, const SeenPicture& before, std::uint8_t* out,
                                  ResizeScratch& scratch) const noexcept {
    static constexpr LineEmphasis kPlainLine{};
    for (std::uint32_t plane = 0; plane < planes_; ++plane) {
        const auto put = [&](const SeenPicture& seen, std::uint32_t y, bool pooled) {
            const std::uint8_t* in = seen.index + std::size_t{y} * Picture::kWidth;
            std::uint8_t* to = scratch.values + std::size_t{y} * Picture::kWidth;
            (seen.emphasis ? seen.emphasis[y] : kPlainLine)
                .for_segments([&](unsigned begin, unsigned end, unsigned emphasis) {
                    for (unsigned x = begin; x < end; ++x) {
                        const std::uint8_t value = colour(plane, emphasis, in[x]);
                        to[x] = pooled ? std::max(to[x], value) : value;
                    }
                });
        };
        for (std::uint32_t y = plan_.top; y < plan_.top + plan_.source_height; ++y) {
            put(picture, y, false);
            if (before.index) put(before, y, true);
        }
        if (!plan_.keeps_size()) {
            resize_values(plan_, scratch.values, out, scratch);
            out += std::size_t{plan_.height} * plan_.width;
            continue;
        }
        for (std::uint32_t y = 0; y < plan_.height; ++y, out += plan_.width) {
            std::memcpy(out, scratch.values + std::size_t{plan_.top + y} * Picture::kWidth + plan_.left, plan_.width);
        }
    }
}

void Preprocess::write_kept_size(const SeenPicture& picture, bool channels_last, std::uint8_t* out) const noexcept {
    const std::size_t width = plan_.width;
    const std::size_t cells = width * plan_.height;
    const bool interleaved = channels_last && planes_ == 3;
    const std::size_t pixel_step = interleaved ? 3 : 1, plane_step = interleaved ? 1 : cells;
    const std::uint8_t* in = picture.index + std::size_t{plan_.top} * Picture::kWidth + plan_.left;
    if (NES_UNLIKELY(picture.emphasis) && colour_ != Colour::index) {
        for (std::uint32_t y = 0; y < plan_.height; ++y, in += Picture::kWidth, out += width * pixel_step) {
            picture.emphasis[plan_.top + y].for_segments([&](unsigned begin, unsigned end, unsigned emphasis) {
                const std::size_t left = std::max(begin, plan_.left) - plan_.left;
                const std::size_t right = std::clamp<std::size_t>(end, plan_.left, plan_.left + width) - plan_.left;
                for (std::size_t x = left; x < right; ++x) {
                    for (std::uint32_t plane = 0; plane < planes_; ++plane) {
                        out[x * pixel_step + plane * plane_step] = colour(plane, emphasis, in[x]);
                    }
                }
            });
        }
        return;
    }
    // Whole lines are one stretch of memory.
    const bool whole_lines = width == Picture::kWidth;
    const std::size_t count = whole_lines ? cells : width;
    for (std::size_t done = 0; done < cells; done += count, in += Picture::kWidth) {
        if (interleaved) {
            indices_to_rgb(palette(), in, count, out + 3 * done);
            continue;
        }
        for (std::uint32_t plane = 0; plane < planes_; ++plane) {
            resizer.look_up(luts_[plane], in, nullptr, count, out + plane * cells + done);
        }
    }
}

}  // namespace nes::env
