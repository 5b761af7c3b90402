// The sound of Sunsoft's 5B, a YM2149F whose clock is half the CPU's. NESdev "Sunsoft 5B audio". The amplifier on its board, which
// flattens the loudest sounds, is left out.
#include <algorithm>

#include "audio/expansion.hpp"
#include "audio/pulse.hpp"
#include "audio/tables.hpp"

namespace nes {

namespace {

constexpr std::uint64_t kPeriodUnit = 16;  // CPU cycles of a period of 1
constexpr unsigned kSquares = 3;
constexpr unsigned kSteps = 32;  // of the envelope, and of the DAC: 1.5 dB each

// A square with volume 12 lies 1.3 dB below a pulse of the console (NESdev "NSFe", "mixe").
constexpr unsigned kMeasuredVolume = 12;
constexpr double kLoudnessDecibels = -1.3;

class Sunsoft5bSound final : public ExpansionSound {
  public:
    Sunsoft5bSound(const std::uint8_t* registers, const std::uint64_t* envelope_start) noexcept
        : registers_(registers),
          envelope_start_(*envelope_start) {
        // A volume is the odd one of two steps; the lowest two are silent.
        const double measured = -1.5 * (kSteps - 1 - (2 * kMeasuredVolume + 1));
        for (unsigned step = 2; step < kSteps; ++step) {
            const double decibels = -1.5 * (kSteps - 1 - step);
            dac_[step] = kPulseLevel * tables::gain_of(kLoudnessDecibels + decibels - measured);
        }
    }

    void restart(std::uint64_t cycle) noexcept override {
        for (Square& square : squares_) square = {};
        noise_register_ = 1;
        noise_next_ = kNever;
        take_envelope(cycle);
        follow_registers(cycle);
    }

    void follow_registers(std::uint64_t cycle) noexcept override {
        if (envelope_start_ != taken_start_) take_envelope(cycle);
        bool hiss = false;
        for (unsigned channel = 0; channel < kSquares; ++channel) {
            Square& square = squares_[channel];
            const bool loud = (registers_[8 + channel] & 0x1F) != 0;
            hiss = hiss || (loud && (registers_[7] >> channel & 8) == 0);
            // What is not heard stands still. A period that has become shorter than what has passed of it ends at once.
            if (!loud || (registers_[7] >> channel & 1) != 0) {
                square.next = kNever;
            } else {
                if (square.next == kNever) square.last = cycle;
                square.next = std::max(square.last + period(channel), cycle + 1);
            }
        }
        if (!hiss) {
            noise_next_ = kNever;
        } else {
            if (noise_next_ == kNever) noise_last_ = cycle;
            noise_next_ = std::max(noise_last_ + noise_period(), cycle + 1);
        }
        if (envelope_next_ != kNever) envelope_next_ = std::max(envelope_last_ + envelope_period(), cycle + 1);
    }

    std::uint64_t next() const noexcept override {
        const std::uint64_t tone = std::min(std::min(squares_[0].next, squares_[1].next), squares_[2].next);
        return std::min(std::min(tone, noise_next_), envelope_next_);
    }

    void tick() noexcept override {
        const std::uint64_t now = next();
        for (unsigned channel = 0; channel < kSquares; ++channel) {
            Square& square = squares_[channel];
            if (square.next != now) continue;
            square.high = !square.high;
            square.last = now;
            square.next = now + period(channel);
        }
        if (noise_next_ == now) {
            const unsigned feedback = (noise_register_ ^ noise_register_ >> 3) & 1;
            noise_register_ = noise_register_ >> 1 | feedback << 16;
            noise_last_ = now;
            noise_next_ = now + noise_period();
        }
        if (envelope_next_ == now) {
            ++envelope_step_;
            envelope_last_ = now;
            schedule_envelope();
        }
    }

    float level() const noexcept override {
        float sum = 0;
        for (unsigned channel = 0; channel < kSquares; ++channel) {
            const std::uint8_t control = registers_[8 + channel];
            const unsigned disabled = registers_[7] >> channel;
            const bool tone = (disabled & 1) != 0 || squares_[channel].high;
            const bool noise = (disabled & 8) != 0 || (noise_register_ & 1) != 0;
            if (tone && noise) sum += dac_[(control & 0x10) != 0 ? envelope() : (control & 0x0F) * 2u + 1];
        }
        return sum;
    }

  private:
    struct Square {
        std::uint64_t last = 0, next = kNever;  // cycles in which it turns over
        bool high = false;
    };

    /// CPU cycles to the next edge.
    std::uint64_t period(unsigned channel) const noexcept {
        const unsigned value = registers_[2 * channel] | (registers_[2 * channel + 1] & 0x0Fu) << 8;
        return kPeriodUnit * std::max(value, 1u);
    }
    std::uint64_t noise_period() const noexcept { return 2 * kPeriodUnit * std::max(registers_[6] & 0x1Fu, 1u); }
    std::uint64_t envelope_period() const noexcept {
        return kPeriodUnit * std::max(registers_[0x0B] | unsigned{registers_[0x0C]} << 8, 1u);
    }

    // --- the envelope: ramps of 32 steps ---

    enum : std::uint8_t { kHold = 1, kAlternate = 2, kAttack = 4, kContinue = 8 };

    bool repeats() const noexcept { return (registers_[0x0D] & kContinue) != 0 && (registers_[0x0D] & kHold) == 0; }

    unsigned envelope() const noexcept {
        const std::uint8_t shape = registers_[0x0D];
        bool up = (shape & kAttack) != 0;
        const std::uint64_t ramp = envelope_step_ / kSteps;
        const auto place = static_cast<unsigned>(envelope_step_ % kSteps);
        if (ramp != 0 && !repeats()) {
            const bool top = (shape & kContinue) != 0 && up != ((shape & kAlternate) != 0);
            return top ? kSteps - 1 : 0;
        }
        if ((shape & kAlternate) != 0 && ramp % 2 != 0) up = !up;
        return up ? place : kSteps - 1 - place;
    }

    /// As if its period had been what it is now since it began.
    void take_envelope(std::uint64_t cycle) noexcept {
        taken_start_ = envelope_start_;
        envelope_step_ = kSteps;
        envelope_last_ = cycle;
        if (envelope_start_ != 0 && envelope_start_ <= cycle) {
            const std::uint64_t passed = cycle - envelope_start_;
            envelope_step_ = passed / envelope_period();
            envelope_last_ = cycle - passed % envelope_period();
        }
        schedule_envelope();
    }
    void schedule_envelope() noexcept {
        const bool at_rest = envelope_step_ >= kSteps && !repeats();
        envelope_next_ = at_rest || taken_start_ == 0 ? kNever : envelope_last_ + envelope_period();
    }

    const std::uint8_t* registers_;
    const std::uint64_t& envelope_start_;
    float dac_[kSteps] = {};
    Square squares_[kSquares];
    std::uint64_t noise_last_ = 0, noise_next_ = kNever;
    std::uint32_t noise_register_ = 1;  // 17 bits
    std::uint64_t taken_start_ = 0;     // of the envelope that is played
    std::uint64_t envelope_last_ = 0, envelope_next_ = kNever, envelope_step_ = 0;
};

}  // namespace

std::unique_ptr<ExpansionSound> make_sunsoft_5b_sound(const std::uint8_t* registers,
                                                      const std::uint64_t* envelope_start) {
    return std::make_unique<Sunsoft5bSound>(registers, envelope_start);
}

}  // namespace nes
