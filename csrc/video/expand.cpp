#include "video/expand.hpp"

#if !defined(NES_PY_NO_SIMD) && (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define NES_EXPAND_X86
#include <immintrin.h>
#elif !defined(NES_PY_NO_SIMD) && defined(__aarch64__)
#define NES_EXPAND_NEON
#include <arm_neon.h>
#endif

namespace nes {

void expand_pixels_plain(const std::uint8_t* packed, bool odd, std::size_t blocks, const std::uint8_t colours[16],
                         std::uint8_t* out) noexcept {
    const std::size_t bytes = 16 * blocks;
    if (!odd) {
        for (std::size_t i = 0; i < bytes; ++i) {
            out[2 * i] = colours[packed[i] & 15];
            out[2 * i + 1] = colours[packed[i] >> 4];
        }
        return;
    }
    for (std::size_t i = 0; i < bytes; ++i) {
        out[2 * i] = colours[packed[i] >> 4];
        out[2 * i + 1] = colours[packed[i + 1] & 15];
    }
}

namespace {

#if defined(NES_EXPAND_X86)

[[gnu::target("ssse3")]] void expand_pixels_ssse3(const std::uint8_t* packed, bool odd, std::size_t blocks,
                                                  const std::uint8_t colours[16], std::uint8_t* out) noexcept {
    const __m128i table = _mm_loadu_si128(reinterpret_cast<const __m128i*>(colours));
    const __m128i nibble = _mm_set1_epi8(0x0F);
    for (std::size_t i = 0; i < blocks; ++i) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(packed + 16 * i));
        const __m128i low = _mm_and_si128(bytes, nibble);
        const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), nibble);
        __m128i first = low;
        __m128i second = high;
        if (odd) {
            first = high;
            second = _mm_and_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(packed + 16 * i + 1)), nibble);
        }
        first = _mm_shuffle_epi8(table, first);
        second = _mm_shuffle_epi8(table, second);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 32 * i), _mm_unpacklo_epi8(first, second));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 32 * i + 16), _mm_unpackhi_epi8(first, second));
    }
}

[[gnu::target("avx2")]] void expand_pixels_avx2(const std::uint8_t* packed, bool odd, std::size_t blocks,
                                                const std::uint8_t colours[16], std::uint8_t* out) noexcept {
    const __m256i table = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(colours)));
    const __m256i first = _mm256_set1_epi16(0x000F);
    const __m256i second = _mm256_set1_epi16(0x0F00);
    for (std::size_t i = 0; i < blocks; ++i) {
        const std::uint8_t* block = packed + 16 * i;
        const __m256i bytes = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block)));
        // A nibble for each half of a word.
        __m256i pixels;
        if (odd) {
            const __m256i next = _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 1)));
            pixels = _mm256_or_si256(_mm256_srli_epi16(bytes, 4), _mm256_and_si256(_mm256_slli_epi16(next, 8), second));
        } else {
            pixels =
                _mm256_or_si256(_mm256_and_si256(bytes, first), _mm256_and_si256(_mm256_slli_epi16(bytes, 4), second));
        }
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + 32 * i), _mm256_shuffle_epi8(table, pixels));
    }
}

#elif defined(NES_EXPAND_NEON)

void expand_pixels_neon(const std::uint8_t* packed, bool odd, std::size_t blocks, const std::uint8_t colours[16],
                        std::uint8_t* out) noexcept {
    const uint8x16_t table = vld1q_u8(colours);
    const uint8x16_t nibble = vdupq_n_u8(0x0F);
    for (std::size_t i = 0; i < blocks; ++i) {
        const uint8x16_t bytes = vld1q_u8(packed + 16 * i);
        const uint8x16_t high = vshrq_n_u8(bytes, 4);
        uint8x16x2_t pair;
        pair.val[0] = vqtbl1q_u8(table, odd ? high : vandq_u8(bytes, nibble));
        pair.val[1] = vqtbl1q_u8(table, odd ? vandq_u8(vld1q_u8(packed + 16 * i + 1), nibble) : high);
        vst2q_u8(out + 32 * i, pair);
    }
}

#endif

}  // namespace

std::vector<ExpandPixels> pixel_expanders() {
    std::vector<ExpandPixels> all{expand_pixels_plain};
#if defined(NES_EXPAND_X86)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("ssse3")) all.push_back(expand_pixels_ssse3);
    if (__builtin_cpu_supports("avx2")) all.push_back(expand_pixels_avx2);
#elif defined(NES_EXPAND_NEON)
    all.push_back(expand_pixels_neon);
#endif
    return all;
}

// NOLINTNEXTLINE(bugprone-throwing-static-initialization): only if the memory for a few pointers is missing
const ExpandPixels expand_pixels = pixel_expanders().back();

}  // namespace nes
