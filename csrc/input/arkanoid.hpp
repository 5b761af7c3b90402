// The paddle that came with Arkanoid, as made for the NES. NESdev "Arkanoid controller".
#pragma once

#include <cstdint>

namespace nes {

/// What its shift register is loaded with: the knob's position, inverted, highest bit first.
constexpr std::uint32_t arkanoid_bits(std::uint8_t position) noexcept {
    std::uint32_t bits = 0;
    for (unsigned i = 0; i < 8; ++i) bits |= ((~static_cast<std::uint32_t>(position) >> (7 - i)) & 1u) << i;
    return 0xFFFFFF00u | bits;
}

/// Bits 0-4 of a read: the next bit of the position, and the button.
constexpr std::uint8_t arkanoid_port(std::uint32_t shift, std::uint8_t button) noexcept {
    return static_cast<std::uint8_t>(((shift & 1) << 4) | (button ? 0x08 : 0));
}

}  // namespace nes
