// What a saved state may hold.
#pragma once

#include "cartridge/board.hpp"
#include "machine/options.hpp"
#include "machine/state.hpp"

namespace nes {

/// The first field with a value that no console of this region and timing has between two instructions; null if there is
/// none. Such a value could lead the machine outside of its arrays, into an endless loop, or apart under the two policies.
const char* impossible_value(const State& state, Region region, Timing timing, const Board& board) noexcept;

}  // namespace nes
