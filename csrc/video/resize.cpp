// A target pixel is the exact sum of its source pixels times their weights, rounded once. Sums over rows come first.
//
// They are kept in 16 bits, signed: colours are taken less 128, and the weights of a column add up to at most 240, so that
// its sum lies within -30720 and 30480. A sum over columns is less than 2^24, which a float holds.
#include "video/resize.hpp"

#include <algorithm>
#include <cstring>

#include "base/simd.hpp"
#include "video/picture.hpp"

#if defined(NES_X86)
#include <immintrin.h>
#elif defined(NES_NEON)
#include <arm_neon.h>
#endif

namespace nes::env {

namespace {

// Overlap of target pixel `target` of `to` with source pixel `source` of `from`, in 1/to of a source pixel.
std::uint32_t overlap(std::uint32_t target, std::uint32_t to, std::uint32_t source, std::uint32_t from) {
    const std::uint32_t low = std::max(target * from, source * to);
    const std::uint32_t high = std::min((target + 1) * from, (source + 1) * to);
    return high > low ? high - low : 0;
}

}  // namespace

ResizePlan::ResizePlan(std::uint32_t top_, std::uint32_t left_, std::uint32_t source_height_,
                       std::uint32_t source_width_, std::uint32_t height_, std::uint32_t width_)
    : top(top_),
      left(left_),
      source_height(source_height_),
      source_width(source_width_),
      height(height_),
      width(width_) {
    for (std::uint32_t y = 0; y < height; ++y) {
        const std::uint32_t first = y * source_height / height;
        std::uint32_t count = 0;
        while (const std::uint32_t weight = overlap(y, height, first + count, source_height)) {
            row_weights.push_back(static_cast<std::uint8_t>(weight));
            ++count;
        }
        if (count % 2) row_weights.push_back(0);
        rows.push_back({static_cast<std::uint16_t>(top + first), static_cast<std::uint16_t>(count)});
    }
    std::vector<std::uint32_t> counts;
    for (std::uint32_t x = 0; x < width; ++x) {
        const std::uint32_t first = x * source_width / width;
        std::uint32_t count = 0;
        while (overlap(x, width, first + count, source_width)) ++count;
        column_first.push_back(left + first);
        counts.push_back(count);
    }
    const auto weight = [&](std::uint32_t x, std::uint32_t tap) {
        return static_cast<std::int16_t>(overlap(x, width, column_first[x] - left + tap, source_width));
    };
    const std::uint32_t most = *std::max_element(counts.begin(), counts.end());
    taps = (most + 7) / 8 * 8;
    for (std::uint32_t x = 0; x < width; ++x) {
        for (std::uint32_t tap = 0; tap < taps; ++tap) column_weights.push_back(weight(x, tap));
    }
    if (most > 4) return;
    for (std::uint32_t x = 0; x < (width + 7) / 8 * 8; x += 2) {
        Pair pair{};
        if (x < width) pair.first = column_first[x];
        for (std::uint32_t i = 0; i < 2 && x + i < width; ++i) {
            // At most four: the first column of the pair ends where the second begins, or lies half-way in it.
            const std::uint32_t offset = column_first[x + i] - pair.first;
            for (std::uint32_t tap = 0; tap < 4; ++tap) {
                const std::uint32_t place = std::min(offset + tap, 7u);
                pair.take[8 * i + 2 * tap] = static_cast<std::uint8_t>(2 * place);
                pair.take[8 * i + 2 * tap + 1] = static_cast<std::uint8_t>(2 * place + 1);
                pair.weights[4 * i + tap] = weight(x + i, tap);
            }
        }
        pairs.push_back(pair);
    }
}

namespace {

std::uint8_t colour(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before,
                    std::size_t i) noexcept {
    const std::uint8_t value = lut[in[i] & 0x3F];
    return before ? std::max(value, lut[before[i] & 0x3F]) : value;
}

// What the sums lack, because 128 was taken from each colour.
std::int32_t lacking(const ResizePlan& plan) noexcept {
    return static_cast<std::int32_t>(128 * plan.source_height * plan.source_width);
}

float scale_of(const ResizePlan& plan) noexcept {
    return 1.0f / static_cast<float>(plan.source_height * plan.source_width);
}

// --- plain C++ ---

void look_up_plain(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before, std::size_t count,
                   std::uint8_t* out) noexcept {
    for (std::size_t i = 0; i < count; ++i) out[i] = colour(lut, in, before, i);
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

void resize_plain(const ResizePlan& plan, const std::uint8_t* lut, const std::uint8_t* picture,
                  const std::uint8_t* before, std::uint8_t* out, ResizeScratch& scratch) noexcept {
    const auto colour_at = [&](std::size_t at, std::size_t x) {
        return colour(lut, picture + at, before ? before + at : nullptr, x);
    };
    resize_colours(plan, colour_at, out, scratch);
}

constexpr Resizer kPlain{"plain", look_up_plain, resize_plain};

// The vector versions take whole vectors from a row, so where its part neither begins nor ends at one they take more.
struct Columns {
    std::uint32_t begin, end;
};

[[maybe_unused]] Columns whole_vectors(const ResizePlan& plan, std::uint32_t size) noexcept {
    return {plan.left / size * size, (plan.left + plan.source_width + size - 1) / size * size};
}

#if defined(NES_X86)

// --- SSSE3: 16 pixels at a time. A byte shuffle looks up 16 bytes by the low four bits of an index, and gives zero where its
// highest bit is set. A table of 64 is four of those: the first gives its own entry, and each further one that
// the index reaches changes it by the difference to the one before. ---

struct Table128 {
    __m128i part[4];
};

NES_TARGET("ssse3") inline Table128 load_table128(const std::uint8_t* lut) noexcept {
    Table128 table;
    for (unsigned i = 0; i < 4; ++i) table.part[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(lut) + i);
    for (unsigned i = 3; i > 0; --i) table.part[i] = _mm_xor_si128(table.part[i], table.part[i - 1]);
    return table;
}

NES_TARGET("ssse3") inline __m128i look_up128(const Table128& table, const std::uint8_t* from) noexcept {
    const __m128i index = _mm_and_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)), _mm_set1_epi8(0x3F));
    const __m128i first = _mm_shuffle_epi8(table.part[0], index);
    const __m128i second = _mm_shuffle_epi8(table.part[1], _mm_sub_epi8(index, _mm_set1_epi8(16)));
    const __m128i third = _mm_shuffle_epi8(table.part[2], _mm_sub_epi8(index, _mm_set1_epi8(32)));
    const __m128i fourth = _mm_shuffle_epi8(table.part[3], _mm_sub_epi8(index, _mm_set1_epi8(48)));
    return _mm_xor_si128(_mm_xor_si128(first, second), _mm_xor_si128(third, fourth));
}

template <bool kPooled>
NES_TARGET("ssse3")
inline __m128i colours128(const Table128& table, const std::uint8_t* in, const std::uint8_t* before) noexcept {
    const __m128i colours = look_up128(table, in);
    if constexpr (!kPooled) return colours;
    return _mm_max_epu8(colours, look_up128(table, before));
}

template <bool kPooled>
NES_TARGET("ssse3")
void look_up_ssse3(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before, std::size_t count,
                   std::uint8_t* out) noexcept {
    const Table128 table = load_table128(lut);
    std::size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const __m128i colours = colours128<kPooled>(table, in + i, kPooled ? before + i : nullptr);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), colours);
    }
    look_up_plain(lut, in + i, kPooled ? before + i : nullptr, count - i, out + i);
}

template <bool kPooled>
NES_TARGET("ssse3")
inline void sum_rows_ssse3(const Table128& table, const Columns columns, const std::uint8_t* in,
                           const std::uint8_t* before, unsigned count, const std::uint8_t* weights,
                           std::int16_t* sums) noexcept {
    const __m128i half = _mm_set1_epi8(static_cast<char>(0x80));
    for (std::uint32_t x = columns.begin; x < columns.end; x += 16) {
        __m128i low = _mm_setzero_si128(), high = low;
        for (unsigned i = 0; i < count; i += 2) {
            // The second of an odd last one has weight 0.
            const std::size_t at = i * Picture::kWidth + x;
            const std::size_t next = i + 1 < count ? at + Picture::kWidth : at;
            std::uint16_t both;
            std::memcpy(&both, weights + i, 2);
            const __m128i weight = _mm_set1_epi16(static_cast<short>(both));
            const __m128i a = _mm_xor_si128(colours128<kPooled>(table, in + at, kPooled ? before + at : nullptr), half);
            const __m128i b =
                _mm_xor_si128(colours128<kPooled>(table, in + next, kPooled ? before + next : nullptr), half);
            low = _mm_add_epi16(low, _mm_maddubs_epi16(weight, _mm_unpacklo_epi8(a, b)));
            high = _mm_add_epi16(high, _mm_maddubs_epi16(weight, _mm_unpackhi_epi8(a, b)));
        }
        _mm_store_si128(reinterpret_cast<__m128i*>(sums + x), low);
        _mm_store_si128(reinterpret_cast<__m128i*>(sums + x + 8), high);
    }
}

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

template <bool kPooled>
NES_TARGET("ssse3")
void resize_ssse3(const ResizePlan& plan, const std::uint8_t* lut, const std::uint8_t* picture,
                  const std::uint8_t* before, std::uint8_t* out, ResizeScratch& scratch) noexcept {
    const Table128 table = load_table128(lut);
    const Columns columns = whole_vectors(plan, 16);
    const std::uint8_t* weights = plan.row_weights.data();
    for (const ResizePlan::Span span : plan.rows) {
        const std::size_t at = std::size_t{span.first} * Picture::kWidth;
        sum_rows_ssse3<kPooled>(table, columns, picture + at, kPooled ? before + at : nullptr, span.count, weights,
                                scratch.sums);
        weights += (span.count + 1u) / 2 * 2;
        round_ssse3(plan, scratch.sums, out);
        out += plan.width;
    }
}

// --- AVX2: 32 pixels at a time, in the same way. ---

struct Table256 {
    __m256i part[4];
};

NES_TARGET("avx2") inline Table256 load_table256(const std::uint8_t* lut) noexcept {
    Table256 table;
    for (unsigned i = 0; i < 4; ++i) {
        table.part[i] = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(lut) + i));
    }
    for (unsigned i = 3; i > 0; --i) table.part[i] = _mm256_xor_si256(table.part[i], table.part[i - 1]);
    return table;
}

NES_TARGET("avx2") inline __m256i look_up256(const Table256& table, const std::uint8_t* from) noexcept {
    const __m256i index =
        _mm256_and_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)), _mm256_set1_epi8(0x3F));
    const __m256i first = _mm256_shuffle_epi8(table.part[0], index);
    const __m256i second = _mm256_shuffle_epi8(table.part[1], _mm256_sub_epi8(index, _mm256_set1_epi8(16)));
    const __m256i third = _mm256_shuffle_epi8(table.part[2], _mm256_sub_epi8(index, _mm256_set1_epi8(32)));
    const __m256i fourth = _mm256_shuffle_epi8(table.part[3], _mm256_sub_epi8(index, _mm256_set1_epi8(48)));
    return _mm256_xor_si256(_mm256_xor_si256(first, second), _mm256_xor_si256(third, fourth));
}

template <bool kPooled>
NES_TARGET("avx2")
inline __m256i colours256(const Table256& table, const std::uint8_t* in, const std::uint8_t* before) noexcept {
    const __m256i colours = look_up256(table, in);
    if constexpr (!kPooled) return colours;
    return _mm256_max_epu8(colours, look_up256(table, before));
}

template <bool kPooled>
NES_TARGET("avx2")
void look_up_avx2(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before, std::size_t count,
                  std::uint8_t* out) noexcept {
    const Table256 table = load_table256(lut);
    std::size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        const __m256i colours = colours256<kPooled>(table, in + i, kPooled ? before + i : nullptr);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), colours);
    }
    look_up_plain(lut, in + i, kPooled ? before + i : nullptr, count - i, out + i);
}

template <bool kPooled>
NES_TARGET("avx2")
inline void sum_rows_avx2(const Table256& table, const Columns columns, const std::uint8_t* in,
                          const std::uint8_t* before, unsigned count, const std::uint8_t* weights,
                          std::int16_t* sums) noexcept {
    const __m256i half = _mm256_set1_epi8(static_cast<char>(0x80));
    for (std::uint32_t x = columns.begin; x < columns.end; x += 32) {
        __m256i low = _mm256_setzero_si256(), high = low;
        for (unsigned i = 0; i < count; i += 2) {
            const std::size_t at = i * Picture::kWidth + x;
            const std::size_t next = i + 1 < count ? at + Picture::kWidth : at;
            std::uint16_t both;
            std::memcpy(&both, weights + i, 2);
            const __m256i weight = _mm256_set1_epi16(static_cast<short>(both));
            const __m256i a =
                _mm256_xor_si256(colours256<kPooled>(table, in + at, kPooled ? before + at : nullptr), half);
            const __m256i b =
                _mm256_xor_si256(colours256<kPooled>(table, in + next, kPooled ? before + next : nullptr), half);
            low = _mm256_add_epi16(low, _mm256_maddubs_epi16(weight, _mm256_unpacklo_epi8(a, b)));
            high = _mm256_add_epi16(high, _mm256_maddubs_epi16(weight, _mm256_unpackhi_epi8(a, b)));
        }
        // Columns 0-7 and 16-23, 8-15 and 24-31.
        auto* to = reinterpret_cast<__m256i*>(sums + x);
        _mm256_store_si256(to, _mm256_permute2x128_si256(low, high, 0x20));
        _mm256_store_si256(to + 1, _mm256_permute2x128_si256(low, high, 0x31));
    }
}

NES_TARGET("avx2") inline __m256i load_halves(const void* low, const void* high) noexcept {
    const __m256i first = _mm256_castsi128_si256(_mm_loadu_si128(static_cast<const __m128i*>(low)));
    return _mm256_inserti128_si256(first, _mm_loadu_si128(static_cast<const __m128i*>(high)), 1);
}

// Eight target pixels.
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

template <bool kPooled>
NES_TARGET("avx2")
void resize_avx2(const ResizePlan& plan, const std::uint8_t* lut, const std::uint8_t* picture,
                 const std::uint8_t* before, std::uint8_t* out, ResizeScratch& scratch) noexcept {
    const Table256 table = load_table256(lut);
    const Columns columns = whole_vectors(plan, 32);
    const std::uint8_t* weights = plan.row_weights.data();
    const bool in_pairs = !plan.pairs.empty();
    for (const ResizePlan::Span span : plan.rows) {
        const std::size_t at = std::size_t{span.first} * Picture::kWidth;
        sum_rows_avx2<kPooled>(table, columns, picture + at, kPooled ? before + at : nullptr, span.count, weights,
                               scratch.sums);
        weights += (span.count + 1u) / 2 * 2;
        if (in_pairs) {
            round_avx2(plan, scratch.sums, out);
        } else {
            round_ssse3(plan, scratch.sums, out);
        }
        out += plan.width;
    }
}

// --- AVX-512 VBMI: 64 pixels at a time. One instruction looks up 64 bytes by the low six bits of an index. (The forms with a
// mask are free of a warning of GCC 12.) The sums over columns are those of AVX2. ---

#define NES_TARGET_VBMI NES_TARGET("avx512f,avx512bw,avx512vbmi,avx2,ssse3")

constexpr __mmask64 kAll = ~__mmask64{0};

template <bool kPooled>
NES_TARGET_VBMI inline __m512i colours512(const __m512i table, const std::uint8_t* in,
                                          const std::uint8_t* before) noexcept {
    const __m512i colours = _mm512_maskz_permutexvar_epi8(kAll, _mm512_loadu_si512(in), table);
    if constexpr (!kPooled) return colours;
    return _mm512_max_epu8(colours, _mm512_maskz_permutexvar_epi8(kAll, _mm512_loadu_si512(before), table));
}

template <bool kPooled>
NES_TARGET_VBMI void look_up_vbmi(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before,
                                  std::size_t count, std::uint8_t* out) noexcept {
    const __m512i table = _mm512_loadu_si512(lut);
    std::size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        _mm512_storeu_si512(out + i, colours512<kPooled>(table, in + i, kPooled ? before + i : nullptr));
    }
    look_up_plain(lut, in + i, kPooled ? before + i : nullptr, count - i, out + i);
}

template <bool kPooled>
NES_TARGET_VBMI inline void sum_rows_vbmi(const __m512i table, const Columns columns, const std::uint8_t* in,
                                          const std::uint8_t* before, unsigned count, const std::uint8_t* weights,
                                          std::int16_t* sums) noexcept {
    const __m512i half = _mm512_set1_epi8(static_cast<char>(0x80));
    // The unpacking below works on quarters: where those of the columns in order come from, eight of them beginning with 0.
    const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11);
    const __m512i second = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    for (std::uint32_t x = columns.begin; x < columns.end; x += 64) {
        __m512i low = _mm512_setzero_si512(), high = low;
        for (unsigned i = 0; i < count; i += 2) {
            const std::size_t at = i * Picture::kWidth + x;
            const std::size_t next = i + 1 < count ? at + Picture::kWidth : at;
            std::uint16_t both;
            std::memcpy(&both, weights + i, 2);
            const __m512i weight = _mm512_set1_epi16(static_cast<short>(both));
            const __m512i a =
                _mm512_xor_si512(colours512<kPooled>(table, in + at, kPooled ? before + at : nullptr), half);
            const __m512i b =
                _mm512_xor_si512(colours512<kPooled>(table, in + next, kPooled ? before + next : nullptr), half);
            low = _mm512_add_epi16(low, _mm512_maddubs_epi16(weight, _mm512_unpacklo_epi8(a, b)));
            high = _mm512_add_epi16(high, _mm512_maddubs_epi16(weight, _mm512_unpackhi_epi8(a, b)));
        }
        _mm512_store_si512(sums + x, _mm512_permutex2var_epi64(low, first, high));
        _mm512_store_si512(sums + x + 32, _mm512_permutex2var_epi64(low, second, high));
    }
}

template <bool kPooled>
NES_TARGET_VBMI void resize_vbmi(const ResizePlan& plan, const std::uint8_t* lut, const std::uint8_t* picture,
                                 const std::uint8_t* before, std::uint8_t* out, ResizeScratch& scratch) noexcept {
    const __m512i table = _mm512_loadu_si512(lut);
    const Columns columns = whole_vectors(plan, 64);
    const std::uint8_t* weights = plan.row_weights.data();
    const bool in_pairs = !plan.pairs.empty();
    for (const ResizePlan::Span span : plan.rows) {
        const std::size_t at = std::size_t{span.first} * Picture::kWidth;
        sum_rows_vbmi<kPooled>(table, columns, picture + at, kPooled ? before + at : nullptr, span.count, weights,
                               scratch.sums);
        weights += (span.count + 1u) / 2 * 2;
        if (in_pairs) {
            round_avx2(plan, scratch.sums, out);
        } else {
            round_ssse3(plan, scratch.sums, out);
        }
        out += plan.width;
    }
}

using LookUp = decltype(Resizer::look_up);
using Resize = decltype(Resizer::resize);

// Whether there is a second picture is asked once, not for each pixel.
template <LookUp kOne, LookUp kTwo>
void look_up_one_or_two(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before, std::size_t count,
                        std::uint8_t* out) noexcept {
    (before ? kTwo : kOne)(lut, in, before, count, out);
}

template <Resize kOne, Resize kTwo>
void resize_one_or_two(const ResizePlan& plan, const std::uint8_t* lut, const std::uint8_t* picture,
                       const std::uint8_t* before, std::uint8_t* out, ResizeScratch& scratch) noexcept {
    (before ? kTwo : kOne)(plan, lut, picture, before, out, scratch);
}

constexpr Resizer kSsse3{"ssse3", look_up_one_or_two<look_up_ssse3<false>, look_up_ssse3<true>>,
                         resize_one_or_two<resize_ssse3<false>, resize_ssse3<true>>};
constexpr Resizer kAvx2{"avx2", look_up_one_or_two<look_up_avx2<false>, look_up_avx2<true>>,
                        resize_one_or_two<resize_avx2<false>, resize_avx2<true>>};
constexpr Resizer kVbmi{"avx512vbmi", look_up_one_or_two<look_up_vbmi<false>, look_up_vbmi<true>>,
                        resize_one_or_two<resize_vbmi<false>, resize_vbmi<true>>};

#elif defined(NES_NEON)

// --- NEON: 16 pixels at a time. One instruction looks up 64 bytes. ---

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
    look_up_plain(lut, in + i, before ? before + i : nullptr, count - i, out + i);
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

constexpr Resizer kNeon{"neon", look_up_neon, resize_neon};

#endif

}  // namespace

std::vector<Resizer> resizers() {
    std::vector<Resizer> list{kPlain};
#if defined(NES_X86)
    const SimdFeatures has = simd_features();
    if (has.ssse3) list.push_back(kSsse3);
    if (has.avx2) list.push_back(kAvx2);
    if (has.vbmi) list.push_back(kVbmi);
#elif defined(NES_NEON)
    list.push_back(kNeon);
#endif
    return list;
}

const Resizer resizer = resizers().back();

void resize_values(const ResizePlan& plan, const std::uint8_t* values, std::uint8_t* out,
                   ResizeScratch& scratch) noexcept {
    resize_colours(plan, [values](std::size_t at, std::size_t x) { return values[at + x]; }, out, scratch);
}

}  // namespace nes::env
