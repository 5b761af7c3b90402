// NEON: 16 pixels at a time. One instruction looks up 64 bytes.
#include "video/resize/parts.hpp"

#if defined(NES_NEON)
#include <arm_neon.h>

namespace nes::resize {

namespace {

inline uint8x16_t colours(const uint8x16x4_t& table, const std::uint8_t* in, const std::uint8_t* before,
                          std::size_t at) noexcept {
    const uint8x16_t index = vdupq_n_u8(0x3F);
    const uint8x16_t value = vqtbl4q_u8(table, vandq_u8(vld1q_u8(in + at), index));
    if (!before) return value;
    return vmaxq_u8(value, vqtbl4q_u8(table, vandq_u8(vld1q_u8(before + at), index)));
}

inline uint8x16x4_t load_table(const std::uint8_t* lut) noexcept {
    return {{vld1q_u8(lut), vld1q_u8(lut + 16), vld1q_u8(lut + 32), vld1q_u8(lut + 48)}};
}

void look_up_neon(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before, std::size_t count,
                  std::uint8_t* out) noexcept {
    const uint8x16x4_t table = load_table(lut);
    std::size_t i = 0;
    for (; i + 16 <= count; i += 16) vst1q_u8(out + i, colours(table, in, before, i));
    look_up_scalar(lut, in + i, before ? before + i : nullptr, count - i, out + i);
}

// The sums are made without a sign, at most 61200, and become signed by what the whole column lacks.
inline int16x8_t with_sign(uint16x8_t sums, std::uint32_t source_height) noexcept {
    return vreinterpretq_s16_u16(vsubq_u16(sums, vdupq_n_u16(static_cast<std::uint16_t>(128 * source_height))));
}

// Four target pixels, 32 bits each, before rounding.
inline int32x4_t sum_columns(const ResizePlan& plan, std::uint32_t x, const std::int16_t* sums) noexcept {
    int32x4_t totals[4];
    if (!plan.pairs.empty()) {
        for (unsigned i = 0; i < 2; ++i) {
            const ResizePlan::Pair& pair = plan.pairs[x / 2 + i];
            const uint8x16_t window = vreinterpretq_u8_s16(vld1q_s16(sums + pair.first));
            const int16x8_t taken = vreinterpretq_s16_u8(vqtbl1q_u8(window, vld1q_u8(pair.take)));
            const int16x8_t weights = vld1q_s16(pair.weights);
            totals[2 * i] = vmull_s16(vget_low_s16(taken), vget_low_s16(weights));
            totals[2 * i + 1] = vmull_s16(vget_high_s16(taken), vget_high_s16(weights));
        }
    } else {
        for (unsigned i = 0; i < 4; ++i) {
            totals[i] = vdupq_n_s32(0);
            if (x + i >= plan.width) continue;
            const std::int16_t* weights = plan.column_weights.data() + std::size_t{x + i} * plan.taps;
            const std::int16_t* from = sums + plan.column_first[x + i];
            for (std::uint32_t tap = 0; tap < plan.taps; tap += 4) {
                totals[i] = vmlal_s16(totals[i], vld1_s16(from + tap), vld1_s16(weights + tap));
            }
        }
    }
    return vpaddq_s32(vpaddq_s32(totals[0], totals[1]), vpaddq_s32(totals[2], totals[3]));
}

void resize_neon(const ResizePlan& plan, const std::uint8_t* lut, const std::uint8_t* picture,
                 const std::uint8_t* before, std::uint8_t* out, ResizeScratch& scratch) noexcept {
    const uint8x16x4_t table = load_table(lut);
    const Columns columns = whole_vectors(plan, 16);
    const int32x4_t lack = vdupq_n_s32(lacking(plan));
    const float32x4_t scale = vdupq_n_f32(scale_of(plan)), half = vdupq_n_f32(0.5f);
    const std::uint8_t* weights = plan.row_weights.data();
    for (const ResizePlan::Span span : plan.rows) {
        for (std::uint32_t x = columns.begin; x < columns.end; x += 16) {
            uint16x8_t low = vdupq_n_u16(0), high = low;
            for (unsigned i = 0; i < span.count; ++i) {
                const std::size_t at = std::size_t{span.first + i} * Picture::kWidth + x;
                const uint8x16_t value = colours(table, picture, before, at);
                low = vmlal_u8(low, vget_low_u8(value), vdup_n_u8(weights[i]));
                high = vmlal_u8(high, vget_high_u8(value), vdup_n_u8(weights[i]));
            }
            vst1q_s16(scratch.sums + x, with_sign(low, plan.source_height));
            vst1q_s16(scratch.sums + x + 8, with_sign(high, plan.source_height));
        }
        weights += (span.count + 1u) / 2 * 2;
        for (std::uint32_t x = 0; x < plan.width; x += 4) {
            const int32x4_t total = vaddq_s32(lack, sum_columns(plan, x, scratch.sums));
            const int32x4_t mean = vcvtq_s32_f32(vaddq_f32(vmulq_f32(vcvtq_f32_s32(total), scale), half));
            const uint16x4_t words = vqmovun_s32(mean);
            const uint8x8_t bytes = vmovn_u16(vcombine_u16(words, words));
            const std::uint32_t four = vget_lane_u32(vreinterpret_u32_u8(bytes), 0);
            std::memcpy(out + x, &four, std::min(plan.width - x, 4u));
        }
        out += plan.width;
    }
}

}  // namespace

constinit const Resizer kNeon{"neon", look_up_neon, resize_neon};

}  // namespace nes::resize

#endif
