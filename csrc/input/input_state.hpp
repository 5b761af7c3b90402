// What changes at the controller ports.
#pragma once

#include <array>
#include <cstdint>

#include "base/fields.hpp"

namespace nes {

struct InputState {
    std::uint64_t last_read_cycle[2];  // CPU cycle of the last read of each port
    std::uint32_t shift[2];            // what the shift register of each port will give, the next bit lowest
    std::uint8_t controllers[4];       // what is done from outside, a byte each: see Device
    std::uint8_t clock_pending[2];     // a read has ended, or will; the register moves before the next one
    std::uint8_t out_written;          // $4016 bits 0-2 as written
    std::uint8_t out;                  // as the devices see them
};

inline constexpr std::array kInputFields{
    NES_FIELD(InputState, last_read_cycle), NES_FIELD(InputState, shift),       NES_FIELD(InputState, controllers),
    NES_FIELD(InputState, clock_pending),   NES_FIELD(InputState, out_written), NES_FIELD(InputState, out),
};
static_assert(covers(kInputFields, sizeof(InputState)));

}  // namespace nes
