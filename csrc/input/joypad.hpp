// The standard pad. NESdev "Standard controller".
#pragma once

#include <cstdint>

namespace nes {

/// What its shift register is loaded with: A, B, Select, Start, Up, Down, Left, Right, and ones behind them.
constexpr std::uint32_t joypad_bits(std::uint8_t buttons) noexcept { return 0xFFFFFF00u | buttons; }

}  // namespace nes
