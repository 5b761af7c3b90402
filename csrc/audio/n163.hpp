// The channels of Namco's 163. Where they are in their waveforms stands in the chip's RAM, which programs can read: it is part of
// the state, and goes on whether the sound is heard or not. NESdev "Namco 163 audio".
#pragma once

#include <cstdint>

namespace nes::n163 {

inline constexpr unsigned kRamSize = 128;
/// The chip works on one channel at a time, for so many CPU cycles.
inline constexpr unsigned kCyclesPerChannel = 15;

/// Channels in use: the last ones in RAM. $7F lies in the registers of channel 0, which is always one of them.
constexpr unsigned channel_count(const std::uint8_t* ram) noexcept { return (ram[0x7F] >> 4 & 7u) + 1; }
/// Where the eight registers of a channel begin; 0 is the last one in RAM.
constexpr unsigned base_of(unsigned channel) noexcept { return 0x78 - 8 * channel; }

/// Lets `cycles` CPU cycles pass. `channel` is the one that the chip works on, `passed` how many of its cycles are over.
void advance(std::uint8_t* ram, std::uint8_t& channel, std::uint8_t& passed, std::uint64_t cycles) noexcept;

}  // namespace nes::n163
