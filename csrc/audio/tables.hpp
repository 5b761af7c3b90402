// Functions for tables that are the same on every machine: those of the standard library may differ in their last bit.
#pragma once

namespace nes::tables {

inline constexpr double kPi = 3.14159265358979323846;
inline constexpr double kLn2 = 0.69314718055994530942;
inline constexpr double kLn10 = 2.30258509299404568402;

/// Of x between 0 and pi / 2.
constexpr double sine(double x) noexcept {
    double term = x, sum = x;
    for (int n = 2; n <= 24; n += 2) {
        term *= -x * x / (n * (n + 1));
        sum += term;
    }
    return sum;
}

constexpr double exponential(double x) noexcept {
    double term = 1, sum = 1;
    for (int n = 1; n <= 24; ++n) {
        term *= x / 64 / n;
        sum += term;
    }
    for (int i = 0; i < 6; ++i) sum *= sum;
    return sum;
}

/// Of x above 0.
constexpr double log2(double x) noexcept {
    int whole = 0;
    while (x < 1) {
        x *= 2;
        --whole;
    }
    while (x >= 2) {
        x /= 2;
        ++whole;
    }
    const double z = (x - 1) / (x + 1);
    double power = z, sum = 0;
    for (int n = 1; n <= 61; n += 2) {
        sum += power / n;
        power *= z * z;
    }
    return whole + 2 * sum / kLn2;
}

/// Decibels as a factor of levels.
constexpr float gain_of(double decibels) noexcept { return static_cast<float>(exponential(decibels / 20 * kLn10)); }

}  // namespace nes::tables
