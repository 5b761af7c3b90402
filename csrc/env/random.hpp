// The generator of one environment: PCG XSL-RR 128/64 (O'Neill, "PCG: A Family of Simple Fast Space-Efficient
// Statistically Good Algorithms"), with NumPy's ways of making numbers from it. So an environment here draws what
// a Gymnasium environment of the same seed draws from `np_random`, and wrappers written in Python can be compared with it.
#pragma once

#include <cstdint>

namespace nes::env {

/// Trivially copyable; 128-bit numbers as two halves, because not every compiler has them.
struct Pcg64 {
    std::uint64_t state_high = 0, state_low = 0;
    std::uint64_t increment_high = 0, increment_low = 1;
    std::uint32_t spare = 0;  // upper half of the last 64 bits when only the lower one was wanted
    std::uint32_t has_spare = 0;

    std::uint64_t next64() noexcept {
        constexpr std::uint64_t kMultiplierHigh = 2549297995355413924u, kMultiplierLow = 4865540595714422341u;
        std::uint64_t high, low;
        multiply(state_low, kMultiplierLow, high, low);
        high += state_high * kMultiplierLow + state_low * kMultiplierHigh;
        state_low = low + increment_low;
        state_high = high + increment_high + (state_low < low);
        const std::uint64_t value = state_high ^ state_low;
        const unsigned turn = static_cast<unsigned>(state_high >> 58);
        return (value >> turn) | (value << ((64 - turn) & 63));
    }

    std::uint32_t next32() noexcept {
        if (has_spare) {
            has_spare = 0;
            return spare;
        }
        const std::uint64_t value = next64();
        has_spare = 1;
        spare = static_cast<std::uint32_t>(value >> 32);
        return static_cast<std::uint32_t>(value);
    }

    /// In [0, 1), as numpy.random.Generator.random().
    double uniform() noexcept { return static_cast<double>(next64() >> 11) * (1.0 / 9007199254740992.0); }

    /// In [0, count), as numpy.random.Generator.integers(count); Lemire, "Fast Random Integer Generation in an
    /// Interval".
    std::uint32_t below(std::uint32_t count) noexcept {
        if (count <= 1) return 0;  // draws nothing, as NumPy
        std::uint64_t product = std::uint64_t{next32()} * count;
        if (static_cast<std::uint32_t>(product) < count) {
            const std::uint32_t threshold = (0u - count) % count;
            while (static_cast<std::uint32_t>(product) < threshold) product = std::uint64_t{next32()} * count;
        }
        return static_cast<std::uint32_t>(product >> 32);
    }

  private:
    static void multiply(std::uint64_t a, std::uint64_t b, std::uint64_t& high, std::uint64_t& low) noexcept {
        const std::uint64_t a0 = a & 0xFFFFFFFFu, a1 = a >> 32, b0 = b & 0xFFFFFFFFu, b1 = b >> 32;
        const std::uint64_t p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0, p11 = a1 * b1;
        const std::uint64_t middle = (p00 >> 32) + (p01 & 0xFFFFFFFFu) + (p10 & 0xFFFFFFFFu);
        low = (middle << 32) | (p00 & 0xFFFFFFFFu);
        high = p11 + (p01 >> 32) + (p10 >> 32) + (middle >> 32);
    }
};

}  // namespace nes::env
