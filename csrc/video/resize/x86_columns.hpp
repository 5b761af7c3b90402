// The sums over columns of the x86 versions, from the sums over rows to the rounded row. The wider versions use the narrower
// ones' too: of a plan without pairs those of SSSE3.
#pragma once

#include <immintrin.h>

#include "video/resize/parts.hpp"

namespace nes::resize {

// Four target pixels, 32 bits each, before rounding.
NES_TARGET("ssse3")
inline __m128i sum_pairs128(const ResizePlan::Pair* pairs, const std::int16_t* sums) noexcept {
    __m128i products[2];
    for (unsigned i = 0; i < 2; ++i) {
        const ResizePlan::Pair& pair = pairs[i];
        const __m128i window = _mm_loadu_si128(reinterpret_cast<const __m128i*>(sums + pair.first));
        const __m128i taken = _mm_shuffle_epi8(window, _mm_loadu_si128(reinterpret_cast<const __m128i*>(pair.take)));
        products[i] = _mm_madd_epi16(taken, _mm_loadu_si128(reinterpret_cast<const __m128i*>(pair.weights)));
    }
    return _mm_hadd_epi32(products[0], products[1]);
}

NES_TARGET("ssse3")
inline __m128i sum_taps128(const ResizePlan& plan, std::uint32_t x, const std::int16_t* sums) noexcept {
    __m128i totals[4];
    for (unsigned i = 0; i < 4; ++i) {
        totals[i] = _mm_setzero_si128();
        if (x + i >= plan.width) continue;
        const std::int16_t* weights = plan.column_weights.data() + std::size_t{x + i} * plan.taps;
        const std::int16_t* from = sums + plan.column_first[x + i];
        for (std::uint32_t tap = 0; tap < plan.taps; tap += 8) {
            const __m128i window = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + tap));
            const __m128i weight = _mm_loadu_si128(reinterpret_cast<const __m128i*>(weights + tap));
            totals[i] = _mm_add_epi32(totals[i], _mm_madd_epi16(window, weight));
        }
    }
    return _mm_hadd_epi32(_mm_hadd_epi32(totals[0], totals[1]), _mm_hadd_epi32(totals[2], totals[3]));
}

NES_TARGET("ssse3")
inline void round_ssse3(const ResizePlan& plan, const std::int16_t* sums, std::uint8_t* out) noexcept {
    const __m128i lack = _mm_set1_epi32(lacking(plan));
    const __m128 scale = _mm_set1_ps(scale_of(plan)), half = _mm_set1_ps(0.5f);
    const bool in_pairs = !plan.pairs.empty();
    for (std::uint32_t x = 0; x < plan.width; x += 4) {
        const __m128i total =
            _mm_add_epi32(lack, in_pairs ? sum_pairs128(&plan.pairs[x / 2], sums) : sum_taps128(plan, x, sums));
        const __m128i mean = _mm_cvttps_epi32(_mm_add_ps(_mm_mul_ps(_mm_cvtepi32_ps(total), scale), half));
        const __m128i words = _mm_packs_epi32(mean, mean);
        const int bytes = _mm_cvtsi128_si32(_mm_packus_epi16(words, words));
        std::memcpy(out + x, &bytes, std::min(plan.width - x, 4u));
    }
}

NES_TARGET("avx2") inline __m256i load_halves(const void* low, const void* high) noexcept {
    const __m256i first = _mm256_castsi128_si256(_mm_loadu_si128(static_cast<const __m128i*>(low)));
    return _mm256_inserti128_si256(first, _mm_loadu_si128(static_cast<const __m128i*>(high)), 1);
}

// Eight target pixels. Only for a plan with pairs.
NES_TARGET("avx2")
inline __m256i sum_pairs256(const ResizePlan::Pair* pairs, const std::int16_t* sums) noexcept {
    __m256i products[2];
    for (unsigned i = 0; i < 2; ++i) {
        // The horizontal addition below works on halves.
        const ResizePlan::Pair &low = pairs[i], &high = pairs[i + 2];
        const __m256i window = load_halves(sums + low.first, sums + high.first);
        const __m256i taken = _mm256_shuffle_epi8(window, load_halves(low.take, high.take));
        products[i] = _mm256_madd_epi16(taken, load_halves(low.weights, high.weights));
    }
    return _mm256_hadd_epi32(products[0], products[1]);
}

NES_TARGET("avx2")
inline void round_avx2(const ResizePlan& plan, const std::int16_t* sums, std::uint8_t* out) noexcept {
    const __m256i lack = _mm256_set1_epi32(lacking(plan));
    const __m256 scale = _mm256_set1_ps(scale_of(plan)), half = _mm256_set1_ps(0.5f);
    for (std::uint32_t x = 0; x < plan.width; x += 8) {
        const __m256i total = _mm256_add_epi32(lack, sum_pairs256(&plan.pairs[x / 2], sums));
        const __m256i mean = _mm256_cvttps_epi32(_mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(total), scale), half));
        const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(mean), _mm256_extracti128_si256(mean, 1));
        const __m128i bytes = _mm_packus_epi16(words, words);
        if (x + 8 <= plan.width) {
            _mm_storel_epi64(reinterpret_cast<__m128i*>(out + x), bytes);
        } else {
            std::uint8_t last[8];
            _mm_storel_epi64(reinterpret_cast<__m128i*>(last), bytes);
            std::memcpy(out + x, last, plan.width - x);
        }
    }
}

NES_TARGET("avx2")
inline void round_avx2_or_ssse3(const ResizePlan& plan, const std::int16_t* sums, std::uint8_t* out) noexcept {
    if (!plan.pairs.empty()) {
        round_avx2(plan, sums, out);
    } else {
        round_ssse3(plan, sums, out);
    }
}

}  // namespace nes::resize
