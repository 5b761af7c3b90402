#include "audio/synthesizer.hpp"

#include <algorithm>
#include <utility>

#include "audio/pulse.hpp"

namespace nes {

namespace {

constexpr std::uint16_t kNtscNoise[16] = {4, 8, 16, 32, 64, 96, 128, 160, 202, 254, 380, 508, 762, 1016, 2034, 4068};
constexpr std::uint16_t kPalNoise[16] = {4, 8, 14, 30, 60, 88, 118, 148, 188, 236, 354, 472, 708, 944, 1890, 3778};

// NESdev "Cycle reference chart": the master clock by 12, 16 and 15.
double cpu_clock_hz(Region region) noexcept {
    switch (region) {
        case Region::pal: return 26601712.5 / 16;
        case Region::dendy: return 26601712.5 / 15;
        default: return 236250000.0 / 11 / 12;
    }
}

// NESdev "APU Mixer": the other DAC, with a resistor that its three channels share.
float triangle_noise_dmc_dac(unsigned triangle, unsigned noise, unsigned dmc) noexcept {
    const float sum = float(triangle) / 8227.0f + float(noise) / 12241.0f + float(dmc) / 22638.0f;
    return sum == 0.0f ? 0.0f : 159.79f / (1.0f / sum + 100.0f);
}

std::uint8_t envelope(std::uint8_t control, std::uint8_t decay) noexcept {
    return (control & 0x10) ? control & 0x0F : decay;
}

}  // namespace

Synthesizer::Synthesizer(const ApuState& state, std::unique_ptr<ExpansionSound> expansion, Region region,
                         Filters filters, unsigned sample_rate)
    : s(state),
      expansion_(std::move(expansion)),
      pal_(region == Region::pal),
      sample_rate_(sample_rate),
      resampler_(cpu_clock_hz(region), sample_rate, filters) {
    if (expansion_) expansion_->set_cpu_clock(cpu_clock_hz(region));
}

void Synthesizer::restart(std::uint64_t cycle) noexcept {
    cycle_ = cycle;
    place_[0] = place_[1] = place_[2] = 0;
    noise_register_ = 1;
    resampler_.restart();
    channel_[kPulse1] = pulse(0);
    channel_[kPulse2] = pulse(1);
    channel_[kTriangle] = triangle();
    channel_[kNoise] = noise();
    for (unsigned channel = 0; channel < kChannels; ++channel) next_[channel] = cycle + channel_[channel].period;
    if (expansion_) expansion_->restart(cycle);
    level_ = level();
}

void Synthesizer::run_to(std::uint64_t cycle) noexcept {
    while (cycle_ < cycle) play(std::min(cycle, cycle_ + resampler_.longest_advance()));
}

Synthesizer::Channel Synthesizer::pulse(unsigned channel) const noexcept {
    const unsigned period = s.timer_period[channel];
    const std::uint8_t sweep = s.sweep_control[channel];
    // The sweep's adder silences the channel even while the sweep is off.
    const bool overflow = !(sweep & 0x08) && period + (period >> (sweep & 7)) > 0x7FF;
    const bool silent = s.length[channel] == 0 || period < 8 || overflow;
    const std::uint8_t volume = envelope(s.envelope_control[channel], s.envelope_decay[channel]);
    return {2 * (std::uint64_t{period} + 1), static_cast<std::uint8_t>(silent ? 0 : volume)};
}

// It has no volume: it moves or it stands still.
Synthesizer::Channel Synthesizer::triangle() const noexcept {
    const bool moves = s.length[2] != 0 && s.linear_counter != 0;
    return {std::uint64_t{s.timer_period[2]} + 1, static_cast<std::uint8_t>(moves)};
}

Synthesizer::Channel Synthesizer::noise() const noexcept {
    const std::uint16_t period = (pal_ ? kPalNoise : kNtscNoise)[s.noise_control & 0x0F];
    const std::uint8_t volume = envelope(s.envelope_control[2], s.envelope_decay[2]);
    return {period, static_cast<std::uint8_t>(s.length[3] == 0 ? 0 : volume)};
}

void Synthesizer::play(std::uint64_t end) noexcept {
    channel_[kPulse1] = pulse(0);
    channel_[kPulse2] = pulse(1);
    channel_[kTriangle] = triangle();
    channel_[kNoise] = noise();
    update_level(cycle_);
    for (unsigned channel = 0; channel < kChannels; ++channel) {
        if (channel_[channel].volume == 0) pass_unheard(channel, end);
    }
    for (;;) {
        const std::uint64_t own = std::min(std::min(next_[0], next_[1]), std::min(next_[2], next_[3]));
        const std::uint64_t added = expansion_ ? expansion_->next() : ExpansionSound::kNever;
        const std::uint64_t now = std::min(own, added);
        if (now >= end) break;
        if (added == now) expansion_->tick();
        for (unsigned channel = 0; channel < kChannels; ++channel) {
            if (next_[channel] != now) continue;
            tick(channel);
            next_[channel] += channel_[channel].period;
        }
        update_level(now);
    }
    resampler_.advance(end - cycle_);
    cycle_ = end;
}

// The timer of a channel runs, and that of a pulse or the noise moves it on, while it cannot be heard.
void Synthesizer::pass_unheard(unsigned channel, std::uint64_t end) noexcept {
    if (next_[channel] >= end) return;
    const std::uint64_t period = channel_[channel].period;
    const std::uint64_t ticks = (end - 1 - next_[channel]) / period + 1;
    next_[channel] += ticks * period;
    if (channel == kTriangle) return;
    if (channel == kNoise) {
        for (std::uint64_t i = 0; i < ticks; ++i) tick(kNoise);
    } else {
        place_[channel] = static_cast<std::uint8_t>((place_[channel] + ticks) & 7);
    }
}

void Synthesizer::tick(unsigned channel) noexcept {
    if (channel == kNoise) {
        const unsigned other = (s.noise_control & 0x80) ? 6 : 1;
        const unsigned feedback = (noise_register_ ^ (noise_register_ >> other)) & 1;
        noise_register_ = static_cast<std::uint16_t>(noise_register_ >> 1 | feedback << 14);
    } else {
        place_[channel] = static_cast<std::uint8_t>((place_[channel] + 1) & (channel == kTriangle ? 31 : 7));
    }
}

float Synthesizer::level() const noexcept {
    unsigned pulses = 0;
    for (unsigned channel = 0; channel < 2; ++channel) {
        const std::uint8_t duty = kDuty[s.envelope_control[channel] >> 6];
        if (duty >> place_[channel] & 1) pulses += channel_[channel].volume;
    }
    const unsigned triangle = place_[kTriangle] < 16 ? 15u - place_[kTriangle] : place_[kTriangle] - 16u;
    const unsigned noise = (noise_register_ & 1) ? 0 : channel_[kNoise].volume;
    const float own = pulse_dac(pulses) + triangle_noise_dmc_dac(triangle, noise, s.dmc_output);
    return expansion_ ? own + expansion_->level() : own;
}

void Synthesizer::update_level(std::uint64_t cycle) noexcept {
    const float now = level();
    if (now == level_) return;
    resampler_.step(cycle - cycle_, now - level_);
    level_ = now;
}

}  // namespace nes
