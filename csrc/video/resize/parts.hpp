// What the versions of resizing share. A file for each instruction set defines one of the tables declared here.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/simd.hpp"
#include "video/picture.hpp"
#include "video/resize.hpp"

namespace nes::resize {

extern const Resizer kScalar;
#if defined(NES_X86)
extern const Resizer kSsse3;
extern const Resizer kAvx2;
extern const Resizer kVbmi;
#elif defined(NES_NEON)
extern const Resizer kNeon;
#endif

// scalar.cpp: also for the pixels that do not fill a vector.
void look_up_scalar(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before, std::size_t count,
                    std::uint8_t* out) noexcept;

// The sums lack this, because 128 was taken from each colour.
inline std::int32_t lacking(const ResizePlan& plan) noexcept {
    return static_cast<std::int32_t>(128 * plan.source_height * plan.source_width);
}

inline float scale_of(const ResizePlan& plan) noexcept {
    return 1.0f / static_cast<float>(plan.source_height * plan.source_width);
}

// The vector versions take whole vectors from a row: a few columns more than the plan where it is not aligned to them.
struct Columns {
    std::uint32_t begin, end;
};

inline Columns whole_vectors(const ResizePlan& plan, std::uint32_t size) noexcept {
    return {plan.left / size * size, (plan.left + plan.source_width + size - 1) / size * size};
}

}  // namespace nes::resize
