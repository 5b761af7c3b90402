// AVX-512 VBMI: 64 pixels at a time. One instruction looks up 64 bytes by the low six bits of an index. (The forms with a mask
// avoid a warning of GCC 12.) The sums over columns are those of AVX2.
#include "base/simd.hpp"

#if defined(NES_X86)

#define NES_RESIZE_TARGET NES_TARGET("avx512f,avx512bw,avx512vbmi,avx2,ssse3")
#include "video/resize/x86.hpp"
#include "video/resize/x86_columns.hpp"

namespace nes::resize {

namespace {

struct Vbmi {
    using Vector = __m512i;
    static constexpr std::uint32_t kPixels = 64;
    struct Table {
        __m512i all;
    };

    NES_RESIZE_TARGET static inline Table load_table(const std::uint8_t* lut) noexcept {
        return {_mm512_loadu_si512(lut)};
    }
    NES_RESIZE_TARGET static inline Vector look_up(const Table& table, const std::uint8_t* from) noexcept {
        return _mm512_maskz_permutexvar_epi8(~__mmask64{0}, _mm512_loadu_si512(from), table.all);
    }
    NES_RESIZE_TARGET static inline Vector zero() noexcept { return _mm512_setzero_si512(); }
    NES_RESIZE_TARGET static inline Vector bytes(int value) noexcept {
        return _mm512_set1_epi8(static_cast<char>(value));
    }
    NES_RESIZE_TARGET static inline Vector words(int value) noexcept {
        return _mm512_set1_epi16(static_cast<short>(value));
    }
    NES_RESIZE_TARGET static inline Vector max(Vector a, Vector b) noexcept { return _mm512_max_epu8(a, b); }
    NES_RESIZE_TARGET static inline Vector exclusive_or(Vector a, Vector b) noexcept { return _mm512_xor_si512(a, b); }
    NES_RESIZE_TARGET static inline Vector add_words(Vector a, Vector b) noexcept { return _mm512_add_epi16(a, b); }
    NES_RESIZE_TARGET static inline Vector multiply_add(Vector a, Vector b) noexcept {
        return _mm512_maddubs_epi16(a, b);
    }
    NES_RESIZE_TARGET static inline Vector unpack_low(Vector a, Vector b) noexcept {
        return _mm512_unpacklo_epi8(a, b);
    }
    NES_RESIZE_TARGET static inline Vector unpack_high(Vector a, Vector b) noexcept {
        return _mm512_unpackhi_epi8(a, b);
    }
    NES_RESIZE_TARGET static inline void store(std::uint8_t* out, Vector value) noexcept {
        _mm512_storeu_si512(out, value);
    }
    // Unpacking works on quarters: these are the places of the columns in order, eight of them beginning with 0.
    NES_RESIZE_TARGET static inline void store_sums(std::int16_t* sums, Vector low, Vector high) noexcept {
        const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
        const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
        _mm512_store_si512(sums, _mm512_permutex2var_epi64(low, first, high));
        _mm512_store_si512(sums + 32, _mm512_permutex2var_epi64(low, second, high));
    }
    NES_RESIZE_TARGET static inline void round_row(const ResizePlan& plan, const std::int16_t* sums,
                                                   std::uint8_t* out) noexcept {
        round_avx2_or_ssse3(plan, sums, out);
    }
};

}  // namespace

constinit const Resizer kVbmi{"avx512vbmi", look_up_one_or_two<Vbmi>, resize_one_or_two<Vbmi>};

}  // namespace nes::resize

#endif
