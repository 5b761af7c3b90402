// What the sound unit plays, as samples.
//
// The APU keeps what a program can notice; the waveforms (the places of the sequencers, the noise register) are here,
// and run from one change of the APU's state to the next. None of this is part of the machine's state: a console
// runs the same with sound on or off.
//
// Sources: NESdev "APU Pulse", "APU Sweep", "APU Triangle", "APU Noise", "APU Mixer".
#pragma once

#include <cstddef>
#include <cstdint>

#include "apu/apu_state.hpp"
#include "audio/expansion.hpp"
#include "audio/resampler.hpp"
#include "cartridge/rom.hpp"

namespace nes {

class Synthesizer {
  public:
    static constexpr unsigned kLowestRate = 8000, kHighestRate = 192000;  // Hz

    /// Listens to `state`, which lives as long, and to what the cartridge adds, if anything. May throw std::bad_alloc.
    Synthesizer(const ApuState& state, std::unique_ptr<ExpansionSound> expansion, Region region, Filters filters,
                unsigned sample_rate);

    unsigned sample_rate() const noexcept { return sample_rate_; }

    /// What is heard fades out in 2 ms, which are added to the sound. Then it begins at `cycle` with the level that the
    /// state has, which counts as silence, and all waveforms at their start: what follows the fade depends on the state and on
    /// nothing that was heard before.
    void restart(std::uint64_t cycle) noexcept;
    bool hears_cartridge() const noexcept { return expansion_ != nullptr; }
    /// The state, or a register of the cartridge's sound, is about to change at the start of `cycle`: plays it up to there.
    void run_to(std::uint64_t cycle) noexcept;
    /// A register of the cartridge's sound has changed in the cycle that was given to run_to.
    void follow_cartridge() noexcept { expansion_->follow_registers(cycle_); }
    /// A write to $4003 or $4007: the pulse begins anew.
    void restart_pulse(unsigned channel) noexcept { place_[channel] = 0; }

    /// How many samples there are up to where it was played.
    std::size_t finish() noexcept { return resampler_.finish(); }
    void read(float* out, std::size_t count) noexcept { resampler_.read(out, count); }
    void copy(float* out, std::size_t count) const noexcept { resampler_.copy(out, count); }
    void drop() noexcept { resampler_.drop(); }
    void keep(bool on) noexcept { resampler_.keep(on); }
    bool keeps() const noexcept { return resampler_.keeps(); }

  private:
    enum : unsigned { kPulse1, kPulse2, kTriangle, kNoise, kChannels };

    // What a channel does until the state changes.
    struct Channel {
        std::uint64_t period;  // CPU cycles between two ticks
        std::uint8_t volume;   // 0 when nothing of it can be heard
    };

    Channel pulse(unsigned channel) const noexcept;
    Channel triangle() const noexcept;
    Channel noise() const noexcept;
    void play(std::uint64_t end) noexcept;
    void pass_unheard(unsigned channel, std::uint64_t end) noexcept;
    void tick(unsigned channel) noexcept;
    float level() const noexcept;
    void update_level(std::uint64_t cycle) noexcept;

    const ApuState& s;
    std::unique_ptr<ExpansionSound> expansion_;
    bool pal_;
    unsigned sample_rate_;
    Resampler resampler_;

    std::uint64_t cycle_ = 0;          // played up to here
    std::uint64_t next_[kChannels]{};  // CPU cycle of the next tick
    Channel channel_[kChannels]{};
    std::uint8_t place_[3]{};  // in the waveform: pulse 1, pulse 2 (of 8), triangle (of 32)
    std::uint16_t noise_register_ = 1;
    float level_ = 0;
};

}  // namespace nes
