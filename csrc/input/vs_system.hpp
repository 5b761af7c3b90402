// The inputs of a Vs. System: two sticks, eight DIP switches, two coin slots and the service button. They drive all bits of the
// ports. NESdev "Vs. System".
#pragma once

#include <cstdint>

namespace nes {

/// $4016 or $4017. `bit` is that of the stick; `coins`: the two slots in bits 0 and 1, the service button in bit 2.
inline std::uint8_t vs_port(unsigned port, unsigned bit, unsigned switches, unsigned coins) noexcept {
    if (port == 1) return static_cast<std::uint8_t>(bit | (switches & 0xFCu));
    return static_cast<std::uint8_t>(bit | (coins & 4u) | (switches & 3u) << 3 | (coins & 3u) << 5);
}

}  // namespace nes
