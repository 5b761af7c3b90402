// Options of one console. Plain data with defaults.
#pragma once

#include <cstdint>

namespace nes {

/// What RAM holds when the power comes on. Real chips differ; a test of a program wants a choice.
enum class RamFill : std::uint8_t {
    zero,
    ones,
    pattern,  // four bytes $00, four bytes $FF: common in Famicoms
    noise,    // from the seed
};

/// How the console is stepped. Both give the same bytes.
enum class Policy : std::uint8_t { fast, reference };

enum class RegionOption : std::uint8_t { from_header, ntsc, pal, dendy };

struct Options {
    Policy policy = Policy::fast;
    RamFill ram_fill = RamFill::zero;
    std::uint64_t seed = 0;
    RegionOption region = RegionOption::from_header;
};

}  // namespace nes
