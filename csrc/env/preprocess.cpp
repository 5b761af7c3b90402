#include "preprocess.hpp"

#include <algorithm>
#include <cstring>

#include "../video/convert.hpp"
#include "../video/picture.hpp"
#include "lookup.hpp"

namespace nes::env {

namespace {

// Overlap of target pixel `target` of `to` with source pixel `source` of `from`, in 1/to of a source pixel.
std::uint32_t overlap(std::uint32_t target, std::uint32_t to, std::uint32_t source, std::uint32_t from) {
    const std::uint32_t low = std::max(target * from, source * to);
    const std::uint32_t high = std::min((target + 1) * from, (source + 1) * to);
    return high > low ? high - low : 0;
}

}  // namespace

Preprocess::Preprocess(const PictureOptions& options)
    : top_(options.crop_top),
      left_(options.crop_left),
      source_height_(Picture::kHeight - options.crop_top - options.crop_bottom),
      source_width_(Picture::kWidth - options.crop_left - options.crop_right),
      height_(options.height ? options.height : source_height_),
      width_(options.width ? options.width : source_width_),
      planes_(options.colour == Colour::rgb ? 3 : 1),
      resize_(height_ != source_height_ || width_ != source_width_) {
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
    for (std::uint32_t y = 0; y < height_; ++y) {
        Span span{y * source_height_ / height_, 0};
        while (const std::uint32_t weight = overlap(y, height_, span.first + span.count, source_height_)) {
            row_weights_.push_back(static_cast<std::uint16_t>(weight));
            ++span.count;
        }
        rows_.push_back(span);
    }
    std::vector<std::uint32_t> counts;
    for (std::uint32_t x = 0; x < width_; ++x) {
        std::uint32_t first = x * source_width_ / width_, count = 0;
        while (overlap(x, width_, first + count, source_width_)) ++count;
        taps_ = std::max(taps_, count);
    }
    for (std::uint32_t x = 0; x < width_; ++x) {
        // All columns have as many taps, some with weight 0; none lies beyond the edge.
        const std::uint32_t first = std::min(x * source_width_ / width_, source_width_ - taps_);
        column_first_.push_back(first);
        for (std::uint32_t tap = 0; tap < taps_; ++tap) {
            column_weights_.push_back(static_cast<std::uint16_t>(overlap(x, width_, first + tap, source_width_)));
        }
    }
}

const std::uint8_t* Preprocess::row(const std::uint8_t* lut, const std::uint8_t* picture, const std::uint8_t* before,
                                    std::uint32_t y, Scratch& scratch) const noexcept {
    const std::size_t at = std::size_t{top_ + y} * Picture::kWidth;
    look_up(lut, picture + at, Picture::kWidth, scratch.row);
    if (before) {
        look_up(lut, before + at, Picture::kWidth, scratch.other);
        for (unsigned x = 0; x < Picture::kWidth; ++x) scratch.row[x] = std::max(scratch.row[x], scratch.other[x]);
    }
    return scratch.row + left_;
}

void Preprocess::plane(const std::uint8_t* lut, const std::uint8_t* picture, const std::uint8_t* before,
                       std::uint8_t* out, Scratch& scratch) const noexcept {
    if (!resize_) {
        for (std::uint32_t y = 0; y < height_; ++y) {
            std::memcpy(out + std::size_t{y} * width_, row(lut, picture, before, y, scratch), width_);
        }
        return;
    }
    // Both sums are exact: a column adds up to at most 255 * 240 < 2^16, and all of it to less than 2^24, which a float holds.
    const float scale = 1.0f / static_cast<float>(source_height_ * source_width_);
    const std::uint16_t* weights = row_weights_.data();
    const std::uint8_t* source = nullptr;
    std::uint32_t at = source_height_;  // the row that `source` is
    for (std::uint32_t y = 0; y < height_; ++y) {
        const Span span = rows_[y];
        for (std::uint32_t i = 0; i < span.count; ++i) {
            if (at != span.first + i) source = row(lut, picture, before, at = span.first + i, scratch);
            weigh_row(source, *weights++, source_width_, i == 0, scratch.sums);
        }
        const std::uint16_t* column_weights = column_weights_.data();
        std::uint8_t* target = out + std::size_t{y} * width_;
        for (std::uint32_t x = 0; x < width_; ++x) {
            const std::uint16_t* sums = scratch.sums + column_first_[x];
            std::uint32_t total = 0;
            for (std::uint32_t tap = 0; tap < taps_; ++tap) total += std::uint32_t{sums[tap]} * *column_weights++;
            target[x] = static_cast<std::uint8_t>(
                static_cast<std::int32_t>(static_cast<float>(static_cast<std::int32_t>(total)) * scale + 0.5f));
        }
    }
}

void Preprocess::write(const std::uint8_t* picture, const std::uint8_t* before, std::uint8_t* out,
                       Scratch& scratch) const noexcept {
    for (std::uint32_t i = 0; i < planes_; ++i) {
        plane(luts_[i], picture, before, out + std::size_t{i} * height_ * width_, scratch);
    }
}

}  // namespace nes::env
