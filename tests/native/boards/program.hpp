// Cartridges with a program that is made up: it switches banks, pokes every kind of register, takes interrupts and draws.
#pragma once

#include "fixture.hpp"

namespace nes::test {

/// A small generator, so that a failure repeats.
class Noise {
  public:
    explicit Noise(std::uint32_t seed) : state_(seed * 2654435761u + 1) {}
    unsigned next(unsigned limit) {
        state_ = state_ * 1664525u + 1013904223u;
        return static_cast<unsigned>((std::uint64_t{state_} * limit) >> 32);
    }

  private:
    std::uint32_t state_;
};

/// The file image of a cartridge with a program made from `seed`.
///
/// Every 2 KB page of PRG-ROM holds the same start-up code, program and vectors, so it does not matter which one is at
/// $F800. The program runs in RAM, where no bank switch can pull it away.
std::vector<std::uint8_t> build_program(const Image& image, std::uint32_t seed);

}  // namespace nes::test
