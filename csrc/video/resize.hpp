// The inner loops of preprocessing: colours of palette indices, and means over areas of a picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nes {

/// How a part of a picture of palette indices becomes a smaller picture. Immutable.
///
/// Weights are lengths of overlap, in units in which a source pixel is as long as the target has pixels. So all are
/// integers, and those of one target pixel add up to the length of the source.
struct ResizePlan {
    /// Source rows under a target row.
    struct Span {
        std::uint16_t first = 0, count = 0;
    };
    /// Eight source columns from `first` on, of which two neighbouring target columns take four each, `take` says which.
    struct Pair {
        std::uint8_t take[16];
        std::int16_t weights[8];
        std::uint32_t first;
    };

    ResizePlan(std::uint32_t top, std::uint32_t left, std::uint32_t source_height, std::uint32_t source_width,
               std::uint32_t height, std::uint32_t width);

    bool keeps_size() const noexcept { return height == source_height && width == source_width; }

    std::uint32_t top, left, source_height, source_width, height, width;
    std::vector<Span> rows;                    // counted from the top of the picture
    std::vector<std::uint8_t> row_weights;     // of each span in turn, and a zero where it is odd
    std::uint32_t taps = 0;                    // source columns under a target column at most, a multiple of eight
    std::vector<std::uint32_t> column_first;   // counted from the left edge of the picture
    std::vector<std::int16_t> column_weights;  // taps for each target column
    std::vector<Pair> pairs;                   // the columns again, where pairs can hold them; a multiple of four
};

/// Rows in work, one for each thread. What lies beyond a row has weight zero.
struct ResizeScratch {
    alignas(64) std::int16_t sums[256 + 256] = {};
    std::uint8_t values[240 * 256];  // colours of a picture that has no look-up table of its own
};

/// One version of the loops. All versions write the same bytes.
struct Resizer {
    const char* name;

    /// out[i] = lut[in[i]], or the larger of that and lut[before[i]] where `before` is not null. Of an index the low six
    /// bits count.
    void (*look_up)(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before, std::size_t count,
                    std::uint8_t* out) noexcept;
    /// The same for the part that the plan takes, and the means over the areas. Writes height x width bytes.
    void (*resize)(const ResizePlan& plan, const std::uint8_t* lut, const std::uint8_t* picture,
                   const std::uint8_t* before, std::uint8_t* out, ResizeScratch& scratch) noexcept;
};

/// The means over the areas of a picture of colours, 240 x 256 bytes, instead of palette indices.
void resize_values(const ResizePlan& plan, const std::uint8_t* values, std::uint8_t* out,
                   ResizeScratch& scratch) noexcept;

/// The versions that this CPU can run: plain C++ first, the one in use last.
std::vector<Resizer> resizers();

/// The one in use.
extern const Resizer resizer;

}  // namespace nes
