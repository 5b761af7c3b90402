// Steps of a level at CPU cycles in, samples out.
//
// A signal that jumps has no highest frequency; sampled as it is, what lies above half the sample rate folds back as tones
// that are not in tune. So each jump is put in as a band-limited one: the integral of a windowed sinc, at the exact place
// between the samples (Stilson, Smith: "Alias-Free Digital Synthesis of Classic Analog Waveforms", 1996). It goes in as the
// differences of its samples; the sum over them and the console's first high-pass filter are one recursion, so that rounding
// errors fade instead of adding up.
//
// Only additions, multiplications, divisions and square roots of IEEE 754 are used, in a fixed order: samples are the same on
// every machine, and however the time is cut into calls.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nes {

/// What is between the console's DACs and its socket (NESdev "APU Mixer").
enum class Filters : std::uint8_t {
    nes,      // high-pass at 90 Hz and at 440 Hz, low-pass at 14 kHz, each of first order
    famicom,  // high-pass at 37 Hz
};

class Resampler {
  public:
    /// Samples that can wait to be read; when more come, the oldest are lost. Almost eleven seconds at 48 kHz.
    static constexpr std::size_t kCapacity = std::size_t{1} << 19;
    /// Samples by which the output is late: half of a band-limited step.
    static constexpr unsigned kLatency = 16;

    /// May throw std::bad_alloc. `sample_rate` in Hz, 8000 to 192000.
    Resampler(double clock_hz, unsigned sample_rate, Filters filters);

    /// Silence, at the beginning of a sample; what waits to be read stays. A sound that is cut off so is followed by samples in
    /// which it fades: a jump to zero is heard as a click.
    void restart() noexcept;
    /// The level changes by `height`, `cycles` after the end of the last advance; not before an earlier step.
    void step(std::uint64_t cycles, float height) noexcept;
    /// No step will come before `cycles` after the end of the last advance; at most longest_advance().
    void advance(std::uint64_t cycles) noexcept;
    std::uint64_t longest_advance() const noexcept { return longest_advance_; }

    /// Makes samples of all that came before the end of the last advance; returns how many wait to be read.
    std::size_t finish() noexcept;
    /// Moves the oldest `count` samples to `out`; no more than finish() returned.
    void read(float* out, std::size_t count) noexcept;
    /// Copies them, and leaves them waiting.
    void copy(float* out, std::size_t count) const noexcept;
    /// What waits to be read is lost.
    void drop() noexcept;
    /// Whether samples that are made from now on wait to be read; else they are lost.
    void keep(bool on) noexcept;
    bool keeps() const noexcept { return kept_; }

  private:
    static constexpr unsigned kTaps = 2 * kLatency;
    static constexpr unsigned kPhaseBits = 8;
    static constexpr unsigned kPhases = 1u << kPhaseBits;
    static constexpr std::size_t kPending = 1024;  // samples that are not final yet

    void filter(std::size_t count) noexcept;
    void put(float sample) noexcept;

    // Positions are samples in 32.32 fixed point, counted from pending_[0].
    std::uint64_t step_per_cycle_;
    std::uint64_t position_ = 0;
    std::uint64_t longest_advance_;

    std::array<std::array<float, kTaps>, kPhases + 1> difference_;  // between the samples of a step
    std::array<float, kPending + kTaps> pending_{};

    struct FirstOrder {
        float gain = 1, pole = 0;
    };
    FirstOrder high_pass_[2];  // the low-pass is in difference_
    bool second_high_pass_;
    float high_passed_[2] = {}, high_pass_input_ = 0;

    float output_ = 0;  // the last sample
    std::size_t fade_;  // samples in which it fades
    std::vector<float> ring_;
    std::size_t first_ = 0, size_ = 0;
    bool kept_ = true;
};

}  // namespace nes
