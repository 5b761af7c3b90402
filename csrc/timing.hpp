// Numbers of the clocks. Units are in the names.
#pragma once

#include <cstdint>

namespace nes {

inline constexpr std::uint64_t kNever = ~std::uint64_t{0};

// The DMA unit and the APU work in pairs of CPU cycles, "get" and "put" (NESdev "DMA"). Which comes first
// after power-on is a matter of chance on hardware; here cycle 0 is a get cycle.
constexpr bool is_put(std::uint64_t cycle) noexcept { return cycle & 1; }

// Within a CPU cycle the PPU goes on by three dots. Of the four possible alignments of the two clocks this is the one
// in which a register access comes after the first dot and the interrupt inputs are sampled after the second.
inline constexpr unsigned kDotsBeforeAccess = 1;
inline constexpr unsigned kDotsBeforeSample = 2;

}  // namespace nes
