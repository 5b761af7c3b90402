// The plans of resizing, and the choice among the versions in resize/, one file for each instruction set.
//
// A target pixel is the exact sum of its source pixels times their weights, rounded once. Sums over rows come first. They are
// kept in 16 bits, signed: colours are taken less 128, and the weights of a column add up to at most 240, so that its sum lies
// within -30720 and 30480. A sum over columns is less than 2^24, which a float holds.
#include "video/resize.hpp"

#include <algorithm>

#include "video/resize/parts.hpp"

namespace nes {

namespace {

// Overlap of target pixel `target` of `to` with source pixel `source` of `from`, in 1/to of a source pixel.
std::uint32_t overlap(std::uint32_t target, std::uint32_t to, std::uint32_t source, std::uint32_t from) {
    const std::uint32_t low = std::max(target * from, source * to);
    const std::uint32_t high = std::min((target + 1) * from, (source + 1) * to);
    return high > low ? high - low : 0;
}

}  // namespace

ResizePlan::ResizePlan(std::uint32_t top_, std::uint32_t left_, std::uint32_t source_height_,
                       std::uint32_t source_width_, std::uint32_t height_, std::uint32_t width_)
    : top(top_),
      left(left_),
      source_height(source_height_),
      source_width(source_width_),
      height(height_),
      width(width_) {
    for (std::uint32_t y = 0; y < height; ++y) {
        const std::uint32_t first = y * source_height / height;
        std::uint32_t count = 0;
        while (const std::uint32_t weight = overlap(y, height, first + count, source_height)) {
            row_weights.push_back(static_cast<std::uint8_t>(weight));
            ++count;
        }
        if (count % 2) row_weights.push_back(0);
        rows.push_back({static_cast<std::uint16_t>(top + first), static_cast<std::uint16_t>(count)});
    }
    std::vector<std::uint32_t> counts;
    for (std::uint32_t x = 0; x < width; ++x) {
        const std::uint32_t first = x * source_width / width;
        std::uint32_t count = 0;
        while (overlap(x, width, first + count, source_width)) ++count;
        column_first.push_back(left + first);
        counts.push_back(count);
    }
    const auto weight = [&](std::uint32_t x, std::uint32_t tap) {
        return static_cast<std::int16_t>(overlap(x, width, column_first[x] - left + tap, source_width));
    };
    const std::uint32_t most = *std::max_element(counts.begin(), counts.end());
    taps = (most + 7) / 8 * 8;
    for (std::uint32_t x = 0; x < width; ++x) {
        for (std::uint32_t tap = 0; tap < taps; ++tap) column_weights.push_back(weight(x, tap));
    }
    if (most > 4) return;
    for (std::uint32_t x = 0; x < (width + 7) / 8 * 8; x += 2) {
        Pair pair{};
        if (x < width) pair.first = column_first[x];
        for (std::uint32_t i = 0; i < 2 && x + i < width; ++i) {
            // At most four: the first column of the pair ends where the second begins, or lies half-way in it.
            const std::uint32_t offset = column_first[x + i] - pair.first;
            for (std::uint32_t tap = 0; tap < 4; ++tap) {
                const std::uint32_t place = std::min(offset + tap, 7u);
                pair.take[8 * i + 2 * tap] = static_cast<std::uint8_t>(2 * place);
                pair.take[8 * i + 2 * tap + 1] = static_cast<std::uint8_t>(2 * place + 1);
                pair.weights[4 * i + tap] = weight(x + i, tap);
            }
        }
        pairs.push_back(pair);
    }
}

std::vector<Resizer> resizers() {
    std::vector<Resizer> list{resize::kScalar};
#if defined(NES_X86)
    const SimdFeatures has = simd_features();
    if (has.ssse3) list.push_back(resize::kSsse3);
    if (has.avx2) list.push_back(resize::kAvx2);
    if (has.vbmi) list.push_back(resize::kVbmi);
#elif defined(NES_NEON)
    list.push_back(resize::kNeon);
#endif
    return list;
}

// NOLINTNEXTLINE(bugprone-throwing-static-initialization): only if the memory for a few pointers is missing
const Resizer resizer = resizers().back();

}  // namespace nes
