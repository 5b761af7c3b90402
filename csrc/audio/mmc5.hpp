// What the pulses of the MMC5 do between writes. A program can read their length counters, so this is part of the state.
// NESdev "MMC5 audio".
#pragma once

#include <cstdint>

namespace nes {

struct Mmc5PulseState {
    std::uint64_t clocks;  // of envelopes and length counters, since power-on
    std::uint8_t length[2];
    std::uint8_t decay[2];  // of the envelope, 15 to 0
    std::uint8_t divider[2];
    std::uint8_t start[2];     // the envelope begins anew at the next clock
    std::uint8_t restarts[2];  // how often $5003 and $5007 were written, modulo 256: each begins the waveform anew
    std::uint8_t reserved[6];
};
static_assert(sizeof(Mmc5PulseState) == 24);

// 240 Hz, fixed; the chip knows nothing of the console's frame counter.
inline constexpr std::uint64_t kMmc5ClockCycles = 7457;

/// Brings the pulses to `clocks` clocks since power-on. `registers`: $5000-$5015.
void advance_mmc5_pulses(Mmc5PulseState& pulses, const std::uint8_t* registers, std::uint64_t clocks) noexcept;

/// A write of $5000-$5007 or $5015, after `registers` got the value; to pulses that were brought to its time.
void write_mmc5_pulse(Mmc5PulseState& pulses, const std::uint8_t* registers, unsigned index) noexcept;

/// Whether a console that has run for `cycle` CPU cycles can have these.
bool is_possible(const Mmc5PulseState& pulses, const std::uint8_t* registers, std::uint64_t cycle) noexcept;

}  // namespace nes
