#include "lookup.hpp"

#if (defined(__GNUC__) || defined(__clang__)) && defined(__x86_64__)
#define NES_ENV_AVX2 1
#include <immintrin.h>
#elif defined(__aarch64__)
#define NES_ENV_NEON 1
#include <arm_neon.h>
#endif

namespace nes::env {

void look_up_plain(const std::uint8_t* lut, const std::uint8_t* in, std::size_t count, std::uint8_t* out) noexcept {
    for (std::size_t i = 0; i < count; ++i) out[i] = lut[in[i] & 0x3F];
}

#if NES_ENV_AVX2

namespace {

// A shuffle knows 16 entries; bits 4 and 5 of the index choose among four of them.
[[gnu::target("avx2")]] void look_up_avx2(const std::uint8_t* lut, const std::uint8_t* in, std::size_t count,
                                          std::uint8_t* out) noexcept {
    const __m128i* quarters = reinterpret_cast<const __m128i*>(lut);
    const __m256i t0 = _mm256_broadcastsi128_si256(_mm_loadu_si128(quarters));
    const __m256i t1 = _mm256_broadcastsi128_si256(_mm_loadu_si128(quarters + 1));
    const __m256i t2 = _mm256_broadcastsi128_si256(_mm_loadu_si128(quarters + 2));
    const __m256i t3 = _mm256_broadcastsi128_si256(_mm_loadu_si128(quarters + 3));
    for (std::size_t i = 0; i < count; i += 32) {
        const __m256i index = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in + i));
        const __m256i low = _mm256_and_si256(index, _mm256_set1_epi8(0x0F));
        // The sign bit of each byte: bit 4, then bit 5.
        const __m256i bit4 = _mm256_slli_epi16(index, 3), bit5 = _mm256_slli_epi16(index, 2);
        const __m256i lower = _mm256_blendv_epi8(_mm256_shuffle_epi8(t0, low), _mm256_shuffle_epi8(t1, low), bit4);
        const __m256i upper = _mm256_blendv_epi8(_mm256_shuffle_epi8(t2, low), _mm256_shuffle_epi8(t3, low), bit4);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), _mm256_blendv_epi8(lower, upper, bit5));
    }
}

[[gnu::target("avx2")]] void weigh_avx2(const std::uint8_t* in, std::uint16_t weight, std::size_t count, bool first,
                                        std::uint16_t* sums) noexcept {
    const __m256i w = _mm256_set1_epi16(static_cast<short>(weight));
    std::size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m256i value = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(in + i)));
        __m256i sum = _mm256_mullo_epi16(value, w);
        __m256i* at = reinterpret_cast<__m256i*>(sums + i);
        if (!first) sum = _mm256_add_epi16(sum, _mm256_loadu_si256(at));
        _mm256_storeu_si256(at, sum);
    }
    for (; i < count; ++i) sums[i] = static_cast<std::uint16_t>((first ? 0 : sums[i]) + in[i] * weight);
}

}  // namespace

void look_up(const std::uint8_t* lut, const std::uint8_t* in, std::size_t count, std::uint8_t* out) noexcept {
    if (__builtin_cpu_supports("avx2")) return look_up_avx2(lut, in, count, out);
    look_up_plain(lut, in, count, out);
}

#elif NES_ENV_NEON

void look_up(const std::uint8_t* lut, const std::uint8_t* in, std::size_t count, std::uint8_t* out) noexcept {
    const uint8x16x4_t table = vld1q_u8_x4(lut);
    for (std::size_t i = 0; i < count; i += 16) vst1q_u8(out + i, vqtbl4q_u8(table, vld1q_u8(in + i)));
}

#else

void look_up(const std::uint8_t* lut, const std::uint8_t* in, std::size_t count, std::uint8_t* out) noexcept {
    look_up_plain(lut, in, count, out);
}

#endif

void weigh_row(const std::uint8_t* in, std::uint16_t weight, std::size_t count, bool first,
               std::uint16_t* sums) noexcept {
#if NES_ENV_AVX2
    if (__builtin_cpu_supports("avx2")) return weigh_avx2(in, weight, count, first, sums);
#endif
    if (first) {
        for (std::size_t i = 0; i < count; ++i) sums[i] = static_cast<std::uint16_t>(in[i] * weight);
    } else {
        for (std::size_t i = 0; i < count; ++i) sums[i] = static_cast<std::uint16_t>(sums[i] + in[i] * weight);
    }
}

}  // namespace nes::env
