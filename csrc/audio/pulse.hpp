// What the console's pulses and those of the MMC5 share.
#pragma once

#include <cstdint>

namespace nes {

// One row for each duty: the eight steps, the first in bit 0.
inline constexpr std::uint8_t kDuty[4] = {0b00000010, 0b00000110, 0b00011110, 0b11111001};

// NESdev "APU Mixer": the DAC of the two pulses, with a resistor that they share.
constexpr float pulse_dac(unsigned sum) noexcept { return sum == 0 ? 0.0f : 95.88f / (8128.0f / float(sum) + 100.0f); }

/// A pulse at its loudest: expansion sound is measured against it.
inline constexpr float kPulseLevel = pulse_dac(15);

}  // namespace nes
