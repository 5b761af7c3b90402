// The two inner loops of preprocessing.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nes::env {

/// out[i] = lut[in[i]] for `count` values below 64, a multiple of 32.
void look_up(const std::uint8_t* lut, const std::uint8_t* in, std::size_t count, std::uint8_t* out) noexcept;

/// The same without vector instructions, to compare with.
void look_up_plain(const std::uint8_t* lut, const std::uint8_t* in, std::size_t count, std::uint8_t* out) noexcept;

/// sums[i] = in[i] * weight, or += when it is not the `first`.
void weigh_row(const std::uint8_t* in, std::uint16_t weight, std::size_t count, bool first,
               std::uint16_t* sums) noexcept;

}  // namespace nes::env
