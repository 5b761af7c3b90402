// Numbers of the clocks. Units are in the names.
#pragma once

#include <cstdint>

namespace nes {

inline constexpr std::uint64_t kNever = ~std::uint64_t{0};

// A step of nes-py 8 and 9 is 29,781 CPU cycles, counted from power-on, whatever the PPU does. Its PPU starts in the pre-render
// line; the one here starts a line later, in line 0: hence 114 cycles less in the first step.
inline constexpr std::uint64_t kNesPyStep = 29781;
inline constexpr std::uint64_t kNesPyFirstStep = kNesPyStep - 114;

// With nes-py's timing its PPU is where it is there. Its reset takes no cycles, ours seven.
inline constexpr std::uint64_t kNesPyFirstStepOfItsTiming = kNesPyStep + 7;

/// The CPU cycle at or after which the step of nes-py ends that runs at `cycle`.
constexpr std::uint64_t nes_py_step_end(std::uint64_t cycle, bool its_timing = false) noexcept {
    const std::uint64_t first = its_timing ? kNesPyFirstStepOfItsTiming : kNesPyFirstStep;
    if (cycle < first) return first;
    return cycle + kNesPyStep - (cycle - first) % kNesPyStep;
}

/// Dots of a line, in every region.
inline constexpr unsigned kLineDots = 341;

// The DMA unit and the APU work in pairs of CPU cycles, "get" and "put" (NESdev "DMA"). Which comes first
// after power-on is a matter of chance on hardware; here cycle 0 is a get cycle.
constexpr bool is_put(std::uint64_t cycle) noexcept { return cycle & 1; }

/// Of a CPU cycle, on PAL.
inline constexpr unsigned kMostDotsInCycle = 4;

/// How the PPU's dots fall into CPU cycles, both counted from power-on. The CPU's clock is the master clock divided by 12, 16
/// and 15, the PPU's by 4, 5 and 5, on NTSC, PAL and Dendy (NESdev "Cycle reference chart"): 3, 3.2 and 3 dots a cycle. On PAL
/// every fifth cycle has a fourth dot.
class DotClock {
  public:
    constexpr DotClock() noexcept : pal_(false) {}
    constexpr explicit DotClock(bool pal) noexcept : pal_(pal) {}

    /// The dots that have gone by when `cycle` begins.
    constexpr std::uint64_t dots_at(std::uint64_t cycle) const noexcept {
        if (pal_) [[unlikely]] {
            return cycle * 16 / 5;
        }
        return cycle * 3;
    }
    /// The first cycle that begins with `dot` dots gone by, or more. `dot` is at most kNever - 2.
    constexpr std::uint64_t first_cycle_at(std::uint64_t dot) const noexcept {
        if (pal_) [[unlikely]] {
            return dot / 16 * 5 + (dot % 16 * 5 + 15) / 16;
        }
        return (dot + 2) / 3;
    }
    /// The cycle in which the dot falls that makes the number of dots gone by `dot`.
    constexpr std::uint64_t cycle_of(std::uint64_t dot) const noexcept {
        return pal_ ? first_cycle_at(dot + 1) - 1 : dot / 3;
    }

  private:
    bool pal_;
};

// Within a CPU cycle the PPU goes on by three dots. Of the four possible alignments of the two clocks this is the one
// in which a register access comes after the first dot and the interrupt inputs are sampled after the second.
inline constexpr unsigned kDotsBeforeAccess = 1;
inline constexpr unsigned kDotsBeforeSample = 2;

}  // namespace nes
