// Machine code, written by the translator in steps that are about a 6502: one emitter for each kind of host, all with the
// same member functions. `Emitter` is the one of this host; without one there is no recompiler.
//
// The 6502's registers are host registers, each widened to 32 bits with the upper 24 zero, but for `r16` values in u.
#pragma once

#include <cstdint>

namespace nes::recompiler {

/// a, x, y, s: the 6502's. c, z, n: its flags as CpuState keeps them. t, u, w: for values, addresses, and in between.
enum class Reg : std::uint8_t { a, x, y, s, c, z, n, t, u, w };

enum class Condition : std::uint8_t {
    carry_clear,
    carry_set,
    zero_clear,
    zero_set,
    negative_clear,
    negative_set,
    overflow_clear,
    overflow_set,
};

/// A jump whose target is not known yet: where in the code its offset is.
using Jump = std::uint32_t;

}  // namespace nes::recompiler

#if !defined(NES_PY_NO_RECOMPILER) && (defined(__x86_64__) || defined(_M_X64)) && \
    (defined(__unix__) || defined(__APPLE__) || defined(_WIN32))
#define NES_RECOMPILER 1
#include "recompiler/emitter_x64.hpp"
#elif !defined(NES_PY_NO_RECOMPILER) && defined(__aarch64__) && (defined(__unix__) || defined(__APPLE__))
#define NES_RECOMPILER 1
#include "recompiler/emitter_a64.hpp"
#else
#define NES_RECOMPILER 0
#endif
