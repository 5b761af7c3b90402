#include "audio/resampler.hpp"

#include <algorithm>
#include <cmath>

namespace nes {

namespace {

constexpr double kPi = 3.14159265358979323846;

// The standard library's sine may differ in its last bit between machines, and so would all samples.
double sin_pi(double x) noexcept {
    x -= 2 * std::floor((x + 1) / 2);  // -1 to 1
    if (x > 0.5) x = 1 - x;
    if (x < -0.5) x = -1 - x;
    const double angle = kPi * x;
    double term = angle, sum = angle;
    for (int n = 2; n <= 22; n += 2) {
        term *= -angle * angle / (n * (n + 1));
        sum += term;
    }
    return sum;
}

// Modified Bessel function of the first kind and order 0.
double bessel_i0(double x) noexcept {
    double term = 1, sum = 1;
    for (int n = 1; n <= 40; ++n) {
        term *= x / (2 * n);
        sum += term * term;
    }
    return sum;
}

// A Kaiser window whose side lobes lie at -80 dB. With 32 taps the transition from pass to stop is then 0.162 of the
// sample rate wide (Kaiser, 1974); its middle is where it ends at one half.
constexpr double kKaiserBeta = 7.857;
constexpr double kCutOff = 0.5 - 0.081;  // of the sample rate

double impulse_at(double x, double half_width) noexcept {
    const double inside = 1 - (x / half_width) * (x / half_width);
    if (inside <= 0) return 0;
    const double sinc = x == 0 ? 2 * kCutOff : sin_pi(2 * kCutOff * x) / (kPi * x);
    return sinc * bessel_i0(kKaiserBeta * std::sqrt(inside)) / bessel_i0(kKaiserBeta);
}

}  // namespace

Resampler::Resampler(double clock_hz, unsigned sample_rate, Filters filters)
    : step_per_cycle_(static_cast<std::uint64_t>(sample_rate / clock_hz * 4294967296.0 + 0.5)),
      second_high_pass_(filters == Filters::nes),
      fade_(sample_rate / 500),
      ring_(kCapacity) {
    longest_advance_ = (std::uint64_t{kPending / 2 - 1} << 32) / step_per_cycle_;
    // The bilinear transform of first-order filters, exact at the corner, with k the tangent of half its angle.
    const auto tangent = [](double cycles_per_sample) {
        return sin_pi(cycles_per_sample) / sin_pi(cycles_per_sample + 0.5);
    };

    // The band-limited step, kPhases values to a sample; at that rate the low-pass of 14 kHz is as good as analog.
    std::vector<double> level(kTaps * kPhases + 1);
    const double k = tangent(14000.0 / sample_rate / kPhases);
    const double half_width = kLatency - 0.5;
    double before = 0, low_passed = 0, sum = 0;
    for (std::size_t i = 0; i < level.size(); ++i) {
        const double now = impulse_at(double(i) / kPhases - half_width, half_width);
        const double last = low_passed;
        low_passed = (1 - k) / (1 + k) * low_passed + k / (1 + k) * (now + before);
        before = now;
        level[i] = sum += filters == Filters::nes ? (last + low_passed) / 2 : now;
    }
    // What each sample adds to the one before it; in sum the same for steps at any place.
    for (unsigned phase = 0; phase <= kPhases; ++phase) {
        double last = 0;
        for (unsigned tap = 0; tap < kTaps; ++tap) {
            const double now = tap + 1 == kTaps ? sum : level[(tap + 1) * kPhases - phase];
            difference_[phase][tap] = static_cast<float>((now - last) / sum);
            last = now;
        }
    }
    const double corners[2] = {filters == Filters::nes ? 90.0 : 37.0, 440};
    for (int i = 0; i < 2; ++i) {
        const double half = tangent(corners[i] / sample_rate);
        high_pass_[i] = {static_cast<float>(1 / (1 + half)), static_cast<float>((1 - half) / (1 + half))};
    }
}

void Resampler::restart() noexcept {
    finish();
    // Half a period of a cosine, nearly: it begins and ends level. Below a ten-thousandth nobody hears it.
    const float from = std::fabs(output_) > 1e-4f ? output_ : 0;
    for (std::size_t i = 1; i <= fade_ && from != 0; ++i) {
        const float part = static_cast<float>(i) / static_cast<float>(fade_);
        put(from * (1 - part * part * (3 - 2 * part)));
    }
    output_ = 0;
    position_ = 0;
    pending_.fill(0);
    high_passed_[0] = high_passed_[1] = high_pass_input_ = 0;
}

void Resampler::step(std::uint64_t cycles, float height) noexcept {
    const std::uint64_t position = position_ + cycles * step_per_cycle_;
    const auto fraction = static_cast<std::uint32_t>(position);
    const unsigned phase = fraction >> (32 - kPhaseBits);
    const float between = static_cast<float>(fraction << kPhaseBits >> 8) * (1.0f / 16777216.0f);
    const float* a = difference_[phase].data();
    const float* b = difference_[phase + 1].data();
    const float of_b = height * between;
    const float of_a = height - of_b;
    float* out = pending_.data() + (position >> 32);
    for (unsigned tap = 0; tap < kTaps; ++tap) out[tap] += of_a * a[tap] + of_b * b[tap];
}

void Resampler::advance(std::uint64_t cycles) noexcept {
    position_ += cycles * step_per_cycle_;
    if (position_ >> 32 >= kPending / 2) finish();
}

std::size_t Resampler::finish() noexcept {
    const auto count = static_cast<std::size_t>(position_ >> 32);
    filter(count);
    std::copy(pending_.begin() + count, pending_.end(), pending_.begin());
    std::fill(pending_.end() - count, pending_.end(), 0.0f);
    position_ &= 0xFFFFFFFF;
    return size_;
}

void Resampler::filter(std::size_t count) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        // The first high-pass without its zero at 0 Hz, of differences, is the whole of it, of levels.
        high_passed_[0] = high_pass_[0].pole * high_passed_[0] + high_pass_[0].gain * pending_[i];
        // What fades for ever would end in denormal numbers, which are slow.
        if (std::fabs(high_passed_[0]) < 1e-15f) high_passed_[0] = 0;
        if (!second_high_pass_) {
            put(high_passed_[0]);
            continue;
        }
        high_passed_[1] =
            high_pass_[1].pole * high_passed_[1] + high_pass_[1].gain * (high_passed_[0] - high_pass_input_);
        high_pass_input_ = high_passed_[0];
        if (std::fabs(high_passed_[1]) < 1e-15f) high_passed_[1] = 0;
        put(high_passed_[1]);
    }
}

void Resampler::put(float sample) noexcept {
    output_ = sample;
    if (!kept_) return;
    ring_[(first_ + size_) % kCapacity] = sample;
    if (size_ < kCapacity) {
        ++size_;
    } else {
        first_ = (first_ + 1) % kCapacity;
    }
}

void Resampler::read(float* out, std::size_t count) noexcept {
    copy(out, count);
    first_ = (first_ + count) % kCapacity;
    size_ -= count;
}

void Resampler::copy(float* out, std::size_t count) const noexcept {
    for (std::size_t i = 0; i < count; ++i) out[i] = ring_[(first_ + i) % kCapacity];
}

void Resampler::drop() noexcept {
    finish();
    first_ = size_ = 0;
}

void Resampler::keep(bool on) noexcept {
    finish();
    kept_ = on;
}

}  // namespace nes
