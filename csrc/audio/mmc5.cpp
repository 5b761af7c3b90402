// The sound of Nintendo's MMC5. NESdev "MMC5 audio", "APU Pulse", "APU Envelope".
#include "audio/mmc5.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "apu/length_table.hpp"
#include "audio/expansion.hpp"
#include "audio/pulse.hpp"

namespace nes {

namespace {

constexpr std::uint8_t kHalt = 0x20;  // of the length counter; the envelope loops
constexpr std::uint8_t kConstantVolume = 0x10;

void clock_envelope(Mmc5PulseState& pulses, unsigned channel, std::uint8_t control) noexcept {
    if (pulses.start[channel] != 0) {
        pulses.start[channel] = 0;
        pulses.decay[channel] = 15;
        pulses.divider[channel] = control & 0x0F;
    } else if (pulses.divider[channel] != 0) {
        --pulses.divider[channel];
    } else {
        pulses.divider[channel] = control & 0x0F;
        if (pulses.decay[channel] != 0) {
            --pulses.decay[channel];
        } else if ((control & kHalt) != 0) {
            pulses.decay[channel] = 15;
        }
    }
}

// The DAC takes eight bits; seven of them are as loud as the console's DMC. NESdev "APU Mixer", of the DMC at 127 alone:
// 159.79 / (22638 / 127 + 100) = 0.57426.
constexpr float kPcmUnit = 0.57426f / 127.0f;

class Mmc5Sound final : public ExpansionSound {
  public:
    Mmc5Sound(const std::uint8_t* registers, const Mmc5PulseState* pulses) noexcept
        : registers_(registers),
          source_(*pulses) {}

    void restart(std::uint64_t cycle) noexcept override {
        take(cycle);
        for (unsigned channel = 0; channel < 2; ++channel) {
            place_[channel] = 0;
            next_[channel] = kNever;
        }
        start_and_stop(cycle);
    }

    void follow_registers(std::uint64_t cycle) noexcept override {
        // The board brings its pulses up before it changes them, and only then.
        if (std::memcmp(&source_, &taken_, sizeof(source_)) != 0) {
            for (unsigned channel = 0; channel < 2; ++channel) {
                if (source_.restarts[channel] != taken_.restarts[channel]) place_[channel] = 0;
            }
            take(cycle);
        }
        start_and_stop(cycle);
    }

    std::uint64_t next() const noexcept override {
        return std::min(std::min(next_[0], next_[1]), (pulses_.clocks + 1) * kMmc5ClockCycles);
    }

    void tick() noexcept override {
        const std::uint64_t now = next();
        for (unsigned channel = 0; channel < 2; ++channel) {
            if (next_[channel] != now) continue;
            place_[channel] = (place_[channel] + 1) & 7;
            next_[channel] += period(channel);
        }
        if (now == (pulses_.clocks + 1) * kMmc5ClockCycles) {
            advance_mmc5_pulses(pulses_, registers_, pulses_.clocks + 1);
            start_and_stop(now);
        }
    }

    float level() const noexcept override {
        unsigned sum = 0;
        for (unsigned channel = 0; channel < 2; ++channel) {
            const std::uint8_t duty = kDuty[registers_[4 * channel] >> 6];
            if ((duty >> place_[channel] & 1) != 0) sum += volume(channel);
        }
        // Of the opposite polarity to the console's.
        return -pulse_dac(sum) - kPcmUnit * static_cast<float>(registers_[0x11]);
    }

  private:
    void take(std::uint64_t cycle) noexcept {
        taken_ = pulses_ = source_;
        const std::uint64_t clocks = cycle / kMmc5ClockCycles;
        advance_mmc5_pulses(pulses_, registers_, clocks);
    }

    unsigned volume(unsigned channel) const noexcept {
        if (pulses_.length[channel] == 0) return 0;
        const std::uint8_t control = registers_[4 * channel];
        return (control & kConstantVolume) != 0 ? control & 0x0Fu : pulses_.decay[channel];
    }
    /// CPU cycles between two steps of the waveform. Unlike the console's, short ones are not silenced.
    std::uint64_t period(unsigned channel) const noexcept {
        const unsigned timer = registers_[4 * channel + 2] | (registers_[4 * channel + 3] & 7u) << 8;
        return 2 * (std::uint64_t{timer} + 1);
    }
    /// A waveform that is not heard stands still.
    void start_and_stop(std::uint64_t cycle) noexcept {
        for (unsigned channel = 0; channel < 2; ++channel) {
            if (volume(channel) == 0) {
                next_[channel] = kNever;
            } else if (next_[channel] == kNever) {
                next_[channel] = cycle + period(channel);
            }
        }
    }

    const std::uint8_t* registers_;
    const Mmc5PulseState& source_;
    Mmc5PulseState taken_{}, pulses_{};
    std::uint64_t next_[2] = {kNever, kNever};
    std::uint8_t place_[2] = {};  // of eight
};

}  // namespace

void advance_mmc5_pulses(Mmc5PulseState& pulses, const std::uint8_t* registers, std::uint64_t clocks) noexcept {
    if (clocks <= pulses.clocks) return;
    const std::uint64_t passed = clocks - pulses.clocks;
    pulses.clocks = clocks;
    for (unsigned channel = 0; channel < 2; ++channel) {
        const std::uint8_t control = registers[4 * channel];
        if ((control & kHalt) == 0) {
            const std::uint8_t length = pulses.length[channel];
            pulses.length[channel] = static_cast<std::uint8_t>(passed < length ? length - passed : 0);
        }
        // After the start, and 256 clocks at most until its divider follows the register, an envelope repeats itself after 16 turns of
        // the divider, if it does not rest at 0.
        const std::uint64_t loop = 16u * ((control & 0x0Fu) + 1);
        constexpr std::uint64_t kBeginning = 1024;
        std::uint64_t left = passed;
        if (left > kBeginning + loop) left = kBeginning + (left - kBeginning) % loop;
        for (; left > 0; --left) clock_envelope(pulses, channel, control);
    }
}

void write_mmc5_pulse(Mmc5PulseState& pulses, const std::uint8_t* registers, unsigned index) noexcept {
    const std::uint8_t enabled = registers[0x15];
    for (unsigned channel = 0; channel < 2; ++channel) {
        if ((enabled >> channel & 1) == 0) pulses.length[channel] = 0;
        if (index != 4 * channel + 3) continue;
        if ((enabled >> channel & 1) != 0) pulses.length[channel] = kLengthTable[registers[index] >> 3];
        pulses.start[channel] = 1;
        ++pulses.restarts[channel];
    }
}

bool is_possible(const Mmc5PulseState& pulses, const std::uint8_t* registers, std::uint64_t cycle) noexcept {
    if (pulses.clocks > cycle / kMmc5ClockCycles) return false;
    const std::uint8_t longest = *std::max_element(std::begin(kLengthTable), std::end(kLengthTable));
    for (unsigned channel = 0; channel < 2; ++channel) {
        const bool enabled = (registers[0x15] >> channel & 1) != 0;
        if (pulses.length[channel] > (enabled ? longest : 0)) return false;
        if (pulses.decay[channel] > 15 || pulses.divider[channel] > 15 || pulses.start[channel] > 1) return false;
    }
    return true;
}

std::unique_ptr<ExpansionSound> make_mmc5_sound(const std::uint8_t* registers, const Mmc5PulseState* pulses) {
    return std::make_unique<Mmc5Sound>(registers, pulses);
}

}  // namespace nes
