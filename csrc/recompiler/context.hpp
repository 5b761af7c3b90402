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

/// The order is known to the emitters by offsetof only. One for each run, which sets what it uses; nothing of it is saved.
struct Context {
    std::uint64_t limit;  // all blocks end before this cycle
    std::uint64_t cycle;
    void* saved_stack;           // the host's, to which every exit returns
    std::uintptr_t stack_limit;  // subroutines nest no deeper than this
    std::uint8_t* ram;
    const std::uint8_t* const* read_page;
    std::uint8_t* const* write_page;

    // As CpuState's, widened so that they move with one instruction.
    std::uint32_t pc;
    std::uint32_t a, x, y, s;
    std::uint32_t carry, zero_result, negative_result;
    std::uint8_t overflow, decimal, interrupt_disable;
    std::uint8_t irq;  // an interrupt is asked for: the flag is not cleared here
    std::uint8_t data_bus;

    /// A read of `address` that is no memory, in `cycle`: the byte, or -1 where the fast bus does not serve it.
    std::int32_t (*read)(Context* context, std::uint32_t address, std::uint64_t cycle, std::uint32_t open_bus);
    /// A write: 0, or 1 when the code must be left behind it, or -1 where the fast bus does not serve it.
    std::int32_t (*write)(Context* context, std::uint32_t address, std::uint64_t cycle, std::uint32_t value);
    void* machine;  // whatever `read` and `write` need
};

}  // namespace nes::recompiler
