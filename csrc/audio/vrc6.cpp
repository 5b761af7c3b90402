// The sound of Konami's VRC6. NESdev "VRC6 audio".
#include <algorithm>

#include "audio/expansion.hpp"

namespace nes {

namespace {

// A pulse is as loud as one of the console's with the same volume; here it is linear, so that is meant of the loudest. NESdev
// "APU Mixer": 95.88 / (8128 / 15 + 100).
constexpr float kVrc6Unit = 0.149377f / 15.0f;

class Vrc6Sound final : public ExpansionSound {
  public:
    explicit Vrc6Sound(const std::uint8_t* registers) noexcept : registers_(registers) {}

    void restart(std::uint64_t cycle) noexcept override {
        for (unsigned channel = 0; channel < kChannels; ++channel) {
            place_[channel] = 0;
            next_[channel] = kNever;
        }
        accumulator_ = 0;
        follow_registers(cycle);
    }

    void follow_registers(std::uint64_t cycle) noexcept override {
        for (unsigned channel = 0; channel < kChannels; ++channel) {
            if (!enabled(channel)) {
                place_[channel] = 0;
                if (channel == kSaw) accumulator_ = 0;
            }
            if (!enabled(channel) || halted()) {
                next_[channel] = kNever;
            } else if (next_[channel] == kNever) {
                next_[channel] = cycle + period(channel);
            }
        }
    }

    std::uint64_t next() const noexcept override { return *std::min_element(next_, next_ + kChannels); }

    void tick() noexcept override {
        const std::uint64_t now = next();
        for (unsigned channel = 0; channel < kChannels; ++channel) {
            if (next_[channel] != now) continue;
            next_[channel] += period(channel);
            if (channel != kSaw) {
                place_[channel] = (place_[channel] + 1) & 15;
            } else if (++place_[kSaw] == kSawTicks) {
                place_[kSaw] = 0;
                accumulator_ = 0;
            } else if (place_[kSaw] % 2 == 0) {
                accumulator_ = static_cast<std::uint8_t>(accumulator_ + (registers_[4 * kSaw] & 0x3F));
            }
        }
    }

    float level() const noexcept override {
        const unsigned sum = pulse(0) + pulse(1) + (accumulator_ >> 3);
        return kVrc6Unit * static_cast<float>(sum);
    }

  private:
    enum : unsigned { kSaw = 2, kChannels = 3, kSawTicks = 14 };

    bool enabled(unsigned channel) const noexcept { return (registers_[4 * channel + 2] & 0x80) != 0; }
    bool halted() const noexcept { return (registers_[3] & 1) != 0; }

    /// CPU cycles between two ticks.
    std::uint64_t period(unsigned channel) const noexcept {
        const unsigned timer = registers_[4 * channel + 1] | (registers_[4 * channel + 2] & 0x0Fu) << 8;
        // Four or eight octaves up: bits of the timer's period are left out.
        const unsigned shift = (registers_[3] & 4) != 0 ? 8 : (registers_[3] & 2) != 0 ? 4 : 0;
        return (timer >> shift) + 1;
    }

    unsigned pulse(unsigned channel) const noexcept {
        const std::uint8_t control = registers_[4 * channel];
        const unsigned duty = control >> 4 & 7u;
        const bool high = (control & 0x80) != 0 || place_[channel] >= 15 - duty;
        return enabled(channel) && high ? control & 0x0Fu : 0;
    }

    const std::uint8_t* registers_;
    std::uint64_t next_[kChannels] = {};
    std::uint8_t place_[kChannels] = {};  // in the waveform: of 16, and of the saw's 14
    std::uint8_t accumulator_ = 0;
};

}  // namespace

std::unique_ptr<ExpansionSound> make_vrc6_sound(const std::uint8_t* registers) {
    return std::make_unique<Vrc6Sound>(registers);
}

}  // namespace nes
