// The two controller ports and what is plugged in.
//
// NESdev "Controller reading". A device's shift register is clocked as a read of its port ends: reads in adjacent CPU cycles are
// one read to it. What $4016 is told reaches the devices as a get cycle ends.
#pragma once

#include <cstdint>

#include "base/timing.hpp"
#include "input/arkanoid.hpp"
#include "input/four_score.hpp"
#include "input/input_state.hpp"
#include "input/joypad.hpp"
#include "input/vs_system.hpp"
#include "input/zapper.hpp"
#include "machine/options.hpp"

namespace nes {

class Ports {
  public:
    /// `swapped`: the first player's stick of a Vs. System is the one at $4017.
    Ports(InputState& state, Device device, bool swapped, const PpuState& ppu, const Picture& picture) noexcept
        : s(state),
          device_(device),
          swapped_(swapped),
          zapper_(ppu, picture) {}

    void power_on() noexcept {
        // What a player holds outlives the power switch.
        for (unsigned port = 0; port < 2; ++port) {
            s.last_read_cycle[port] = kNever - 1;
            s.shift[port] = 0;
            s.clock_pending[port] = 0;
        }
        s.out_written = s.out = 0;
    }

    /// Whether a read goes by the picture: it must be drawn, up to the dot of the read.
    bool looks_at_picture() const noexcept { return device_ == Device::zapper; }

    /// The bits of $4016 / $4017 that nothing drives.
    std::uint8_t open_bits() const noexcept { return device_ == Device::vs_system ? 0x00 : 0xE0; }

    /// $4016 / $4017 in `cycle`, without the open bits.
    std::uint8_t read(unsigned port, std::uint64_t cycle) noexcept {
        const bool continues = cycle - s.last_read_cycle[port] == 1;
        s.last_read_cycle[port] = cycle;
        if (s.out & 1) {
            s.shift[port] = loaded(port);
        } else {
            if (s.clock_pending[port] && !continues) s.shift[port] = (s.shift[port] >> 1) | 0x80000000u;
            s.clock_pending[port] = 1;
        }
        return peek(port);
    }
    std::uint8_t peek(unsigned port) const noexcept {
        if (port == 1 && device_ == Device::zapper)
            return zapper_.port(s.controllers[1], s.controllers[2], s.controllers[3]);
        if (port == 1 && device_ == Device::arkanoid) return arkanoid_port(s.shift[1], s.controllers[2]);
        if (device_ == Device::vs_system) return vs_port(port, s.shift[port] & 1, s.controllers[2], s.controllers[3]);
        return s.shift[port] & 1;
    }

    void write(std::uint8_t value) noexcept { s.out_written = value & 7; }
    bool write_pending() const noexcept { return s.out != s.out_written; }
    void end_get_cycle() noexcept {
        if ((s.out | s.out_written) & 1) {
            for (unsigned port = 0; port < 2; ++port) {
                s.shift[port] = loaded(port);
                s.clock_pending[port] = 0;
            }
        }
        s.out = s.out_written;
    }

    // The same for instructions that run whole. Each has a get cycle, before its last cycle, in which it reads or writes.
    void write_at_end(std::uint8_t value, std::uint64_t cycle) noexcept {
        end_get_cycle();
        write(value);
        written_in_ = cycle;
        if (!is_put(cycle)) end_get_cycle();
    }
    /// Before a read of a later instruction.
    void finish_write() noexcept {
        if (write_pending()) end_get_cycle();
    }
    /// After the instruction that ends in `cycle`: its write may still wait for a get cycle.
    void finish_run(std::uint64_t cycle) noexcept {
        if (!write_pending() || written_in_ != cycle) end_get_cycle();
    }

  private:
    std::uint32_t loaded(unsigned port) const noexcept {
        if (device_ == Device::four_score) return four_score_bits(port, s.controllers[port], s.controllers[port + 2]);
        if (device_ == Device::arkanoid && port == 1) return arkanoid_bits(s.controllers[1]);
        return joypad_bits(s.controllers[swapped_ ? port ^ 1u : port]);
    }

    InputState& s;
    Device device_;
    bool swapped_;
    Zapper zapper_;
    std::uint64_t written_in_ = 0;  // by write_at_end(); not known beyond the run
};

}  // namespace nes
