// The execution policies. Both give the same bytes; run_reference.cpp is the simple one.
#pragma once

#include <cstdint>

#include "machine/machine.hpp"

namespace nes {

/// One instruction or interrupt entry.
void reference_step(Console::Machine& machine) noexcept;
void fast_step(Console::Machine& machine) noexcept;

/// Whole instructions, until `frame` vertical blanks have begun or CPU cycle `cycle` is reached.
void reference_run(Console::Machine& machine, std::uint64_t frame, std::uint64_t cycle) noexcept;
void fast_run(Console::Machine& machine, std::uint64_t frame, std::uint64_t cycle) noexcept;

/// The same with the timing of nes-py, where other bytes come out. nes_py_power_on() completes Machine::power_on().
void nes_py_power_on(Console::Machine& machine) noexcept;
void nes_py_step(Console::Machine& machine) noexcept;
void nes_py_run(Console::Machine& machine, std::uint64_t frame, std::uint64_t cycle) noexcept;

}  // namespace nes
