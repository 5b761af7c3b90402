#include "expand.hpp"

#if !defined(NES_PY_NO_SIMD) && (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define NES_EXPAND_X86
#include <immintrin.h>
#elif !defined(NES_PY_NO_SIMD) && defined(__aarch64__)
#define NES_EXPAND_NEON
#include <arm_neon.h>
#endif

namespace nes {

void expand_pixels_plain(const std::uint8_t* packed, std::size_t blocks, const std::uint8_t colours[16],
                         std::uint8_t* out) noexcept {
    for (std::size_t i = 0; i < blocks * 16; ++i) {
        out[2 * i] = colours[packed[i] & 15];
        out[2 * i + 1] = colours[packed[i] >> 4];
    }
}

namespace {

#if defined(NES_EXPAND_X86)

[[gnu::target("ssse3")]] void expand_pixels_ssse3(const std::uint8_t* packed, std::size_t blocks,
                                                  const std::uint8_t colours[16], std::uint8_t* out) noexcept {
    const __m128i table = _mm_loadu_si128(reinterpret_cast<const __m128i*>(colours));
    const __m128i nibble = _mm_set1_epi8(0x0F);
    for (std::size_t i = 0; i < blocks; ++i) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(packed + 16 * i));
        const __m128i first = _mm_shuffle_epi8(table, _mm_and_si128(bytes, nibble));
        const __m128i second = _mm_shuffle_epi8(table, _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 32 * i), _mm_unpacklo_epi8(first, second));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 32 * i + 16), _mm_unpackhi_epi8(first, second));
    }
}

[[gnu::target("avx2")]] void expand_pixels_avx2(const std::uint8_t* packed, std::size_t blocks,
                                                const std::uint8_t colours[16], std::uint8_t* out) noexcept {
    const __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(colours)));
    const __m256i nibbles = _mm256_set1_epi16(0x0F0F);
    for (std::size_t i = 0; i < blocks; ++i) {
        const __m256i words = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(packed + 16 * i)));
        const __m256i spread = _mm256_and_si256(_mm256_or_si256(words, _mm256_slli_epi16(words, 4)), nibbles);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 32 * i), _mm256_shuffle_epi8(table, spread));
    }
}

ExpandPixels choose() noexcept {
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2")) return expand_pixels_avx2;
    return __builtin_cpu_supports("ssse3") ? expand_pixels_ssse3 : expand_pixels_plain;
}

#elif defined(NES_EXPAND_NEON)

void expand_pixels_neon(const std::uint8_t* packed, std::size_t blocks, const std::uint8_t colours[16],
                        std::uint8_t* out) noexcept {
    const uint8x16_t table = vld1q_u8(colours);
    for (std::size_t i = 0; i < blocks; ++i) {
        const uint8x16_t bytes = vld1q_u8(packed + 16 * i);
        uint8x16x2_t pair;
        pair.val[0] = vqtbl1q_u8(table, vandq_u8(bytes, vdupq_n_u8(0x0F)));
        pair.val[1] = vqtbl1q_u8(table, vshrq_n_u8(bytes, 4));
        vst2q_u8(out + 32 * i, pair);
    }
}

ExpandPixels choose() noexcept { return expand_pixels_neon; }

#else

ExpandPixels choose() noexcept { return expand_pixels_plain; }

#endif

}  // namespace

const ExpandPixels expand_pixels = choose();

}  // namespace nes
