// Plain C++.
#include "video/resize/parts.hpp"

namespace nes::resize {

namespace {

std::uint8_t colour(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before,
                    std::size_t i) noexcept {
    const std::uint8_t value = lut[in[i] & 0x3F];
    return before ? std::max(value, lut[before[i] & 0x3F]) : value;
}

// `colour_at(place, x)`: the colour of pixel `x` behind `place` in the picture.
template <class ColourAt>
void resize_colours(const ResizePlan& plan, ColourAt colour_at, std::uint8_t* out, ResizeScratch& scratch) noexcept {
    const float scale = scale_of(plan);
    const std::uint8_t* row_weights = plan.row_weights.data();
    for (const ResizePlan::Span span : plan.rows) {
        std::int16_t* sums = scratch.sums + plan.left;
        std::fill_n(sums, plan.source_width, std::int16_t{0});
        for (unsigned i = 0; i < span.count; ++i) {
            const std::size_t at = std::size_t{span.first + i} * Picture::kWidth + plan.left;
            for (std::uint32_t x = 0; x < plan.source_width; ++x) {
                const int value = colour_at(at, x) - 128;
                sums[x] = static_cast<std::int16_t>(sums[x] + value * row_weights[i]);
            }
        }
        row_weights += (span.count + 1u) / 2 * 2;
        const std::int16_t* weights = plan.column_weights.data();
        for (std::uint32_t x = 0; x < plan.width; ++x, weights += plan.taps) {
            std::int32_t total = lacking(plan);
            const std::int16_t* from = scratch.sums + plan.column_first[x];
            for (std::uint32_t tap = 0; tap < plan.taps; ++tap) total += std::int32_t{from[tap]} * weights[tap];
            *out++ = static_cast<std::uint8_t>(static_cast<std::int32_t>(static_cast<float>(total) * scale + 0.5f));
        }
    }
}

void resize_scalar(const ResizePlan& plan, const std::uint8_t* lut, const std::uint8_t* picture,
                   const std::uint8_t* before, std::uint8_t* out, ResizeScratch& scratch) noexcept {
    const auto colour_at = [&](std::size_t at, std::size_t x) {
        return colour(lut, picture + at, before ? before + at : nullptr, x);
    };
    resize_colours(plan, colour_at, out, scratch);
}

}  // namespace

void look_up_scalar(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before, std::size_t count,
                    std::uint8_t* out) noexcept {
    for (std::size_t i = 0; i < count; ++i) out[i] = colour(lut, in, before, i);
}

constinit const Resizer kScalar{"plain", look_up_scalar, resize_scalar};

}  // namespace nes::resize

namespace nes {

void resize_values(const ResizePlan& plan, const std::uint8_t* values, std::uint8_t* out,
                   ResizeScratch& scratch) noexcept {
    resize::resize_colours(plan, [values](std::size_t at, std::size_t x) { return values[at + x]; }, out, scratch);
}

}  // namespace nes
