// The adapter for four pads. NESdev "Four player adapters".
#pragma once

#include <cstdint>

namespace nes {

/// What port `port` (0 or 1) gives: its own pad, the pad two further, and a signature by which games know the adapter: $10
/// and $20, highest bit first.
constexpr std::uint32_t four_score_bits(unsigned port, std::uint8_t own, std::uint8_t other) noexcept {
    const std::uint32_t signature = port == 0 ? 0x08 : 0x04;  // turned round: lowest bit first
    return 0xFF000000u | signature << 16 | static_cast<std::uint32_t>(other) << 8 | own;
}

}  // namespace nes
