// SSSE3: 16 pixels at a time. A byte shuffle looks up 16 bytes by the low four bits of an index, and gives zero where its
// highest bit is set. A table of 64 is four of those: the first gives its own entry, and each further one that the index
// reaches changes it by the difference to the one before.
#include "base/simd.hpp"

#if defined(NES_X86)

#define NES_RESIZE_TARGET NES_TARGET("ssse3")
#include "video/resize/x86.hpp"
#include "video/resize/x86_columns.hpp"

namespace nes::resize {

namespace {

struct Ssse3 {
    using Vector = __m128i;
    static constexpr std::uint32_t kPixels = 16;
    struct Table {
        __m128i part[4];
    };

    NES_RESIZE_TARGET static inline Table load_table(const std::uint8_t* lut) noexcept {
        Table table;
        for (unsigned i = 0; i < 4; ++i) table.part[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(lut) + i);
        for (unsigned i = 3; i > 0; --i) table.part[i] = _mm_xor_si128(table.part[i], table.part[i - 1]);
        return table;
    }
    NES_RESIZE_TARGET static inline Vector look_up(const Table& table, const std::uint8_t* from) noexcept {
        const __m128i index =
            _mm_and_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)), _mm_set1_epi8(0x3F));
        const __m128i first = _mm_shuffle_epi8(table.part[0], index);
        const __m128i second = _mm_shuffle_epi8(table.part[1], _mm_sub_epi8(index, _mm_set1_epi8(16)));
        const __m128i third = _mm_shuffle_epi8(table.part[2], _mm_sub_epi8(index, _mm_set1_epi8(32)));
        const __m128i fourth = _mm_shuffle_epi8(table.part[3], _mm_sub_epi8(index, _mm_set1_epi8(48)));
        return _mm_xor_si128(_mm_xor_si128(first, second), _mm_xor_si128(third, fourth));
    }
    NES_RESIZE_TARGET static inline Vector zero() noexcept { return _mm_setzero_si128(); }
    NES_RESIZE_TARGET static inline Vector bytes(int value) noexcept { return _mm_set1_epi8(static_cast<char>(value)); }
    NES_RESIZE_TARGET static inline Vector words(int value) noexcept {
        return _mm_set1_epi16(static_cast<short>(value));
    }
    NES_RESIZE_TARGET static inline Vector max(Vector a, Vector b) noexcept { return _mm_max_epu8(a, b); }
    NES_RESIZE_TARGET static inline Vector exclusive_or(Vector a, Vector b) noexcept { return _mm_xor_si128(a, b); }
    NES_RESIZE_TARGET static inline Vector add_words(Vector a, Vector b) noexcept { return _mm_add_epi16(a, b); }
    NES_RESIZE_TARGET static inline Vector multiply_add(Vector a, Vector b) noexcept { return _mm_maddubs_epi16(a, b); }
    NES_RESIZE_TARGET static inline Vector unpack_low(Vector a, Vector b) noexcept { return _mm_unpacklo_epi8(a, b); }
    NES_RESIZE_TARGET static inline Vector unpack_high(Vector a, Vector b) noexcept { return _mm_unpackhi_epi8(a, b); }
    NES_RESIZE_TARGET static inline void store(std::uint8_t* out, Vector value) noexcept {
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out), value);
    }
    NES_RESIZE_TARGET static inline void store_sums(std::int16_t* sums, Vector low, Vector high) noexcept {
        _mm_store_si128(reinterpret_cast<__m128i*>(sums), low);
        _mm_store_si128(reinterpret_cast<__m128i*>(sums + 8), high);
    }
    NES_RESIZE_TARGET static inline void round_row(const ResizePlan& plan, const std::int16_t* sums,
                                                   std::uint8_t* out) noexcept {
        round_ssse3(plan, sums, out);
    }
};

}  // namespace

constinit const Resizer kSsse3{"ssse3", look_up_one_or_two<Ssse3>, resize_one_or_two<Ssse3>};

}  // namespace nes::resize

#endif
