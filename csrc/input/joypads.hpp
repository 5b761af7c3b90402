// The two controller ports with standard pads.
//
// NESdev "Controller reading", "Standard controller". A pad's shift register is clocked as a read of its port ends:
// reads in adjacent CPU cycles are one read to it. What $4016 is told reaches the pads as a get cycle
// ends.
#pragma once

#include <array>
#include <cstdint>

#include "../fields.hpp"
#include "../timing.hpp"

namespace nes {

struct InputState {
    std::uint64_t last_read_cycle[2];  // CPU cycle of the last read of each port
    std::uint8_t buttons[4];           // as set from outside, A in bit 0; two ports, and two more for adapters
    std::uint8_t shift[2];
    std::uint8_t clock_pending[2];  // a read has ended, or will; the register moves before the next one
    std::uint8_t out_written;       // $4016 bits 0-2 as written
    std::uint8_t out;               // as the pads see them
    std::uint8_t reserved[6];
};

inline constexpr std::array kInputFields{
    NES_FIELD(InputState, last_read_cycle), NES_FIELD(InputState, buttons),     NES_FIELD(InputState, shift),
    NES_FIELD(InputState, clock_pending),   NES_FIELD(InputState, out_written), NES_FIELD(InputState, out),
    NES_FIELD(InputState, reserved),
};
static_assert(covers(kInputFields, sizeof(InputState)));

class Joypads {
  public:
    explicit Joypads(InputState& state) noexcept : s(state) {}

    void power_on() noexcept {
        // What a player holds outlives the power switch.
        for (unsigned port = 0; port < 2; ++port) {
            s.last_read_cycle[port] = kNever - 1;
            s.shift[port] = 0;
            s.clock_pending[port] = 0;
        }
        s.out_written = s.out = 0;
    }

    /// $4016 / $4017 bits 0-4 in `cycle`.
    std::uint8_t read(unsigned port, std::uint64_t cycle) noexcept {
        const bool continues = cycle - s.last_read_cycle[port] == 1;
        s.last_read_cycle[port] = cycle;
        if (s.out & 1) {
            s.shift[port] = s.buttons[port];
        } else {
            if (s.clock_pending[port] && !continues) {
                s.shift[port] = static_cast<std::uint8_t>((s.shift[port] >> 1) | 0x80);
            }
            s.clock_pending[port] = 1;
        }
        return peek(port);
    }
    std::uint8_t peek(unsigned port) const noexcept { return s.shift[port] & 1; }

    void write(std::uint8_t value) noexcept { s.out_written = value & 7; }
    bool settling() const noexcept { return s.out != s.out_written; }
    void end_get_cycle() noexcept {
        if ((s.out | s.out_written) & 1) {
            for (unsigned port = 0; port < 2; ++port) {
                s.shift[port] = s.buttons[port];
                s.clock_pending[port] = 0;
            }
        }
        s.out = s.out_written;
    }

  private:
    InputState& s;
};

}  // namespace nes
