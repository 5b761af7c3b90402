// From the picture of palette indices to what an agent sees: grey or colour planes, cropped, resized by area.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nes::env {

enum class Colour : std::uint8_t { gray, rgb, index };

struct PictureOptions {
    Colour colour = Colour::gray;
    // Pixels cut off each edge.
    std::uint32_t crop_top = 0, crop_bottom = 0, crop_left = 0, crop_right = 0;
    // 0: as many as the cropped picture has. Never more than that.
    std::uint32_t height = 84, width = 84;
};

/// Immutable; shared by all environments of a batch. Its planes are `planes()` arrays height() x width(), one for each
/// colour.
class Preprocess {
  public:
    /// Rows in work, one for each thread.
    struct Scratch {
        alignas(64) std::uint8_t row[256];
        alignas(64) std::uint8_t other[256];
        alignas(64) std::uint16_t sums[256 + 16];
    };

    explicit Preprocess(const PictureOptions& options);

    std::uint32_t height() const noexcept { return height_; }
    std::uint32_t width() const noexcept { return width_; }
    std::uint32_t planes() const noexcept { return planes_; }
    std::size_t size() const noexcept { return std::size_t{planes_} * height_ * width_; }

    /// Writes size() bytes. With `before`, each colour of a pixel is the larger one of both pictures.
    void write(const std::uint8_t* picture, const std::uint8_t* before, std::uint8_t* out,
               Scratch& scratch) const noexcept;

  private:
    // The source pixels under one target pixel. Lengths are in units in which the source has target-many of them for each
    // pixel, so that all are integers and those of one span add up to the length of the source.
    struct Span {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
    };

    void plane(const std::uint8_t* lut, const std::uint8_t* picture, const std::uint8_t* before, std::uint8_t* out,
               Scratch& scratch) const noexcept;
    const std::uint8_t* row(const std::uint8_t* lut, const std::uint8_t* picture, const std::uint8_t* before,
                            std::uint32_t y, Scratch& scratch) const noexcept;

    std::uint32_t top_, left_, source_height_, source_width_;
    std::uint32_t height_, width_, planes_;
    bool resize_;
    std::uint8_t luts_[3][64];
    std::vector<Span> rows_;
    std::vector<std::uint16_t> row_weights_;     // of each span in turn
    std::uint32_t taps_ = 0;                     // source columns under one target column, at most
    std::vector<std::uint32_t> column_first_;    // width_ of them
    std::vector<std::uint16_t> column_weights_;  // width_ x taps_
};

}  // namespace nes::env
