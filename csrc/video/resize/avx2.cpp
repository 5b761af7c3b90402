// AVX2: 32 pixels at a time, in the same way as SSSE3 (ssse3.cpp).
#include "base/simd.hpp"

#if defined(NES_X86)

#define NES_RESIZE_TARGET NES_TARGET("avx2")
#include "video/resize/x86.hpp"
#include "video/resize/x86_columns.hpp"

namespace nes::resize {

namespace {

struct Avx2 {
    using Vector = __m256i;
    static constexpr std::uint32_t kPixels = 32;
    struct Table {
        __m256i part[4];
    };

    NES_RESIZE_TARGET static inline Table load_table(const std::uint8_t* lut) noexcept {
        Table table;
        for (unsigned i = 0; i < 4; ++i) {
            table.part[i] = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(lut) + i));
        }
        for (unsigned i = 3; i > 0; --i) table.part[i] = _mm256_xor_si256(table.part[i], table.part[i - 1]);
        return table;
    }
    NES_RESIZE_TARGET static inline Vector look_up(const Table& table, const std::uint8_t* from) noexcept {
        const __m256i index =
            _mm256_and_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)), _mm256_set1_epi8(0x3F));
        const __m256i first = _mm256_shuffle_epi8(table.part[0], index);
        const __m256i second = _mm256_shuffle_epi8(table.part[1], _mm256_sub_epi8(index, _mm256_set1_epi8(16)));
        const __m256i third = _mm256_shuffle_epi8(table.part[2], _mm256_sub_epi8(index, _mm256_set1_epi8(32)));
        const __m256i fourth = _mm256_shuffle_epi8(table.part[3], _mm256_sub_epi8(index, _mm256_set1_epi8(48)));
        return _mm256_xor_si256(_mm256_xor_si256(first, second), _mm256_xor_si256(third, fourth));
    }
    NES_RESIZE_TARGET static inline Vector zero() noexcept { return _mm256_setzero_si256(); }
    NES_RESIZE_TARGET static inline Vector bytes(int value) noexcept {
        return _mm256_set1_epi8(static_cast<char>(value));
    }
    NES_RESIZE_TARGET static inline Vector words(int value) noexcept {
        return _mm256_set1_epi16(static_cast<short>(value));
    }
    NES_RESIZE_TARGET static inline Vector max(Vector a, Vector b) noexcept { return _mm256_max_epu8(a, b); }
    NES_RESIZE_TARGET static inline Vector exclusive_or(Vector a, Vector b) noexcept { return _mm256_xor_si256(a, b); }
    NES_RESIZE_TARGET static inline Vector add_words(Vector a, Vector b) noexcept { return _mm256_add_epi16(a, b); }
    NES_RESIZE_TARGET static inline Vector multiply_add(Vector a, Vector b) noexcept {
        return _mm256_maddubs_epi16(a, b);
    }
    NES_RESIZE_TARGET static inline Vector unpack_low(Vector a, Vector b) noexcept {
        return _mm256_unpacklo_epi8(a, b);
    }
    NES_RESIZE_TARGET static inline Vector unpack_high(Vector a, Vector b) noexcept {
        return _mm256_unpackhi_epi8(a, b);
    }
    NES_RESIZE_TARGET static inline void store(std::uint8_t* out, Vector value) noexcept {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), value);
    }
    // `low` has columns 0-7 and 16-23, `high` 8-15 and 24-31.
    NES_RESIZE_TARGET static inline void store_sums(std::int16_t* sums, Vector low, Vector high) noexcept {
        auto* to = reinterpret_cast<__m256i*>(sums);
        _mm256_store_si256(to, _mm256_permute2x128_si256(low, high, 0x20));
        _mm256_store_si256(to + 1, _mm256_permute2x128_si256(low, high, 0x31));
    }
    NES_RESIZE_TARGET static inline void round_row(const ResizePlan& plan, const std::int16_t* sums,
                                                   std::uint8_t* out) noexcept {
        round_avx2_or_ssse3(plan, sums, out);
    }
};

}  // namespace

constinit const Resizer kAvx2{"avx2", look_up_one_or_two<Avx2>, resize_one_or_two<Avx2>};

}  // namespace nes::resize

#endif
