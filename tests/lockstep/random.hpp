// Random numbers that are the same on every platform: the distributions of the standard library are not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>

namespace lockstep {

class Random {
  public:
    explicit Random(std::uint64_t seed) : engine_(seed) {}

    std::uint64_t bits() { return engine_(); }
    /// 0 to n - 1.
    unsigned below(unsigned n) { return static_cast<unsigned>(engine_() % n); }
    unsigned between(unsigned low, unsigned high) { return low + below(high - low + 1); }
    std::uint8_t byte() { return static_cast<std::uint8_t>(engine_() >> 24); }
    bool chance(unsigned percent) { return below(100) < percent; }

    template <class T>
    T pick(std::initializer_list<T> list) {
        return list.begin()[below(static_cast<unsigned>(list.size()))];
    }

  private:
    std::mt19937_64 engine_;
};

}  // namespace lockstep
