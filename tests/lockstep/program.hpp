// Random programs that do what games do, only wilder.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lockstep {

struct Program {
    std::string name;                 // "program 17 (mapper 4)"
    std::vector<std::uint8_t> image;  // an iNES file
};

/// The program of this seed; the same on every platform.
Program make_program(std::uint64_t seed);

}  // namespace lockstep
