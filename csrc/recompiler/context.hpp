// What recompiled code shares with the C++ around it: the CPU's registers on the way in and out, the memory that it reaches
// and the functions for what it does not do itself.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nes::recompiler {

/// Why recompiled code came back.
enum class Exit : std::uint32_t {
    lookup,     // `pc` has no code that is known here: look it up
    interpret,  // the instruction at `pc` is one for the interpreter
    idle,       // a loop that may be waiting begins at `pc`: the interpreter skips its turns
    limit,      // the block at `pc` may reach the limit
};

/// The order is known to the emitters by offsetof only. One for each run; nothing of it is saved.
struct Context {
    std::uint64_t limit = 0;  // all blocks end before this cycle
    std::uint64_t cycle = 0;
    void* saved_stack = nullptr;     // the host's, to which every exit returns
    std::uintptr_t stack_limit = 0;  // subroutines nest no deeper than this
    std::uint8_t* ram = nullptr;
    const std::uint8_t* const* read_page = nullptr;
    std::uint8_t* const* write_page = nullptr;

    // As CpuState's, widened so that they move with one instruction.
    std::uint32_t pc = 0;
    std::uint32_t a = 0, x = 0, y = 0, s = 0;
    std::uint32_t carry = 0, zero_result = 0, negative_result = 0;
    std::uint8_t overflow = 0, decimal = 0, interrupt_disable = 0;
    std::uint8_t irq = 0;  // an interrupt is asked for: the flag is not cleared here
    std::uint8_t data_bus = 0;

    /// A read of `address` that is no memory, in `cycle`: the byte, or -1 where the fast bus does not serve it.
    std::int32_t (*read)(Context* context, std::uint32_t address, std::uint64_t cycle,
                         std::uint32_t open_bus) = nullptr;
    /// A write: 0, or 1 when the code must be left behind it, or -1 where the fast bus does not serve it.
    std::int32_t (*write)(Context* context, std::uint32_t address, std::uint64_t cycle, std::uint32_t value) = nullptr;
    void* machine = nullptr;  // whatever `read` and `write` need
};

}  // namespace nes::recompiler
