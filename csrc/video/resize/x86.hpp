// The loops of the x86 versions, written once for vectors of 16, 32 and 64 pixels.
//
// To be included once, by a file that has defined NES_RESIZE_TARGET as the attribute of its instruction set. `Simd` is a
// class in an anonymous namespace of that file, so that each file has its own functions:
//
//   Vector, kPixels            a vector, and how many pixels it holds
//   Table, load_table(lut)     64 colours in registers
//   look_up(table, from)       the colours of kPixels indices
//   load, store, ...           the instruction of that name
//   store_sums(sums, low, high)  stores what unpack_low() and unpack_high() have taken apart, in the order of the columns
//   round_row(plan, sums, out) one row of the result from the sums over rows
#pragma once

#include <immintrin.h>

#include "video/resize/parts.hpp"

namespace nes::resize {

// The larger of a pixel's colours in two pictures where `kPooled`, else its colour in the one.
template <class Simd, bool kPooled>
NES_RESIZE_TARGET inline typename Simd::Vector colours(const typename Simd::Table& table, const std::uint8_t* in,
                                                       const std::uint8_t* before) noexcept {
    const typename Simd::Vector value = Simd::look_up(table, in);
    if constexpr (!kPooled) return value;
    return Simd::max(value, Simd::look_up(table, before));
}

template <class Simd, bool kPooled>
NES_RESIZE_TARGET void look_up(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before,
                               std::size_t count, std::uint8_t* out) noexcept {
    const typename Simd::Table table = Simd::load_table(lut);
    std::size_t i = 0;
    for (; i + Simd::kPixels <= count; i += Simd::kPixels) {
        Simd::store(out + i, colours<Simd, kPooled>(table, in + i, kPooled ? before + i : nullptr));
    }
    look_up_scalar(lut, in + i, kPooled ? before + i : nullptr, count - i, out + i);
}

// The sums over the `count` rows from `in` on, times their weights, two rows at a time.
template <class Simd, bool kPooled>
NES_RESIZE_TARGET inline void sum_rows(const typename Simd::Table& table, const Columns columns, const std::uint8_t* in,
                                       const std::uint8_t* before, unsigned count, const std::uint8_t* weights,
                                       std::int16_t* sums) noexcept {
    using Vector = typename Simd::Vector;
    const Vector half = Simd::bytes(0x80);
    for (std::uint32_t x = columns.begin; x < columns.end; x += Simd::kPixels) {
        Vector low = Simd::zero(), high = low;
        for (unsigned i = 0; i < count; i += 2) {
            // The second row of an odd last one has weight 0.
            const std::size_t at = i * Picture::kWidth + x;
            const std::size_t next = i + 1 < count ? at + Picture::kWidth : at;
            std::uint16_t both;
            std::memcpy(&both, weights + i, 2);
            const Vector weight = Simd::words(both);
            const Vector a =
                Simd::exclusive_or(colours<Simd, kPooled>(table, in + at, kPooled ? before + at : nullptr), half);
            const Vector b =
                Simd::exclusive_or(colours<Simd, kPooled>(table, in + next, kPooled ? before + next : nullptr), half);
            low = Simd::add_words(low, Simd::multiply_add(weight, Simd::unpack_low(a, b)));
            high = Simd::add_words(high, Simd::multiply_add(weight, Simd::unpack_high(a, b)));
        }
        Simd::store_sums(sums + x, low, high);
    }
}

template <class Simd, bool kPooled>
NES_RESIZE_TARGET void resize(const ResizePlan& plan, const std::uint8_t* lut, const std::uint8_t* picture,
                              const std::uint8_t* before, std::uint8_t* out, ResizeScratch& scratch) noexcept {
    const typename Simd::Table table = Simd::load_table(lut);
    const Columns columns = whole_vectors(plan, Simd::kPixels);
    const std::uint8_t* weights = plan.row_weights.data();
    for (const ResizePlan::Span span : plan.rows) {
        const std::size_t at = std::size_t{span.first} * Picture::kWidth;
        sum_rows<Simd, kPooled>(table, columns, picture + at, kPooled ? before + at : nullptr, span.count, weights,
                                scratch.sums);
        weights += (span.count + 1u) / 2 * 2;
        Simd::round_row(plan, scratch.sums, out);
        out += plan.width;
    }
}

// Whether there is a second picture is tested once, not for each pixel.
template <class Simd>
void look_up_one_or_two(const std::uint8_t* lut, const std::uint8_t* in, const std::uint8_t* before, std::size_t count,
                        std::uint8_t* out) noexcept {
    (before ? look_up<Simd, true> : look_up<Simd, false>)(lut, in, before, count, out);
}

template <class Simd>
void resize_one_or_two(const ResizePlan& plan, const std::uint8_t* lut, const std::uint8_t* picture,
                       const std::uint8_t* before, std::uint8_t* out, ResizeScratch& scratch) noexcept {
    (before ? resize<Simd, true> : resize<Simd, false>)(plan, lut, picture, before, out, scratch);
}

}  // namespace nes::resize
