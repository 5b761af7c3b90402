// Bits to bytes.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>

namespace nes {

/// Eight bytes, $FF for each set bit, the most significant bit first in memory.
inline constexpr auto kSpreadBits = [] {
    std::array<std::array<std::uint8_t, 8>, 256> table{};
    for (unsigned value = 0; value < 256; ++value) {
        for (unsigned i = 0; i < 8; ++i) table[value][i] = (value >> (7 - i)) & 1 ? 0xFF : 0;
    }
    return table;
}();

inline std::uint64_t spread_bits(std::uint8_t value) noexcept {
    std::uint64_t bytes;
    std::memcpy(&bytes, kSpreadBits[value].data(), 8);
    return bytes;
}

constexpr std::uint64_t repeat_byte(std::uint8_t value) noexcept { return value * 0x0101010101010101u; }

}  // namespace nes
