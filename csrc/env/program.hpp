// Expressions and programs of declared games: code for a small stack machine over floating-point numbers.
//
// nes_py/_code.py translates a declaration to this code and checks everything that can be checked: the depth of the
// stack, the targets of jumps, and that slots and addresses exist. Running it neither allocates nor throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/export.hpp"
#include "env/random.hpp"

namespace nes {
class Console;
}

namespace nes::env {

enum class Encoding : std::uint8_t {
    byte,
    little,  // least significant byte first
    big,
    bcd,     // two decimal digits a byte, most significant first
    digits,  // one decimal digit a byte, most significant first
    bcd_little,
    low_digits,  // one decimal digit in the lower half of each byte
    low_digits_little,
    count,  // of groups of bytes, those with a byte of a set
};

enum class Memory : std::uint8_t { ram, prg_ram };

/// A number that the game keeps in memory. The range was checked against the console's memory before.
struct Variable {
    std::uint32_t address = 0;  // offset in the memory
    std::uint32_t size = 1;     // bytes
    Encoding encoding = Encoding::byte;
    Memory memory = Memory::ram;
    bool is_signed = false;     // two's complement of `size` bytes
    std::uint32_t group = 1;    // of `count`: bytes of a group
    std::uint64_t set[4] = {};  // of `count`: a bit for each byte that counts
};

enum class Operation : std::uint8_t {
    constant,  // pushes `constant`
    load,      // pushes the slot `argument`
    read,      // pushes the variable `argument` as it is in memory now
    negate,
    absolute,
    logical_not,
    bit_not,
    add,
    subtract,
    multiply,
    divide,  // by zero: 0
    floor_divide,
    modulo,
    bit_and,
    bit_or,
    bit_xor,
    shift_left,
    shift_right,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    minimum,
    maximum,
    random,  // pops a count, pushes a random integer below it
    jump,    // to `argument`
    jump_if_false,
    jump_if_false_or_pop,  // keeps the value when it jumps
    jump_if_true_or_pop,
    store,     // pops to the slot `argument`
    write,     // pops to the byte in memory where the variable `argument` is
    frame,     // runs a frame with the buttons `argument`
    remember,  // takes the variables as they are now for those of the frame before
    fail,      // ends the program; `argument` says where
    stop,
};

struct Instruction {
    Operation operation = Operation::stop;
    std::uint32_t argument = 0;
    double constant = 0.0;
};

/// A program that runs longer does not end, as far as anybody can tell: ten minutes, and as many turns of loops.
constexpr std::uint32_t kMostFrames = 36'000, kMostJumps = 1'000'000;

/// Runs a frame with these buttons of the first controller.
struct FrameRunner {
    void (*run)(void* context, std::uint8_t buttons) noexcept = nullptr;
    void* context = nullptr;
    std::uint32_t most = kMostFrames;  // a program that runs more is stopped
};

struct ProgramResult {
    double value = 0.0;  // of an expression
    bool failed = false;
    std::uint32_t place = 0;  // where it failed; kTooLong: it ran too long
};

struct Rules;

constexpr std::uint32_t kNoCode = ~std::uint32_t{0};
constexpr std::uint32_t kTooLong = ~std::uint32_t{0};
constexpr unsigned kStackDepth = 64;

/// The number that a variable has in memory.
double decode(const Variable& variable, const std::uint8_t* data) noexcept;

/// Runs the code from `entry` on.
ProgramResult run_code(const Rules& rules, std::uint32_t entry, Console& console, double* slots, Pcg64* random,
                       const FrameRunner& frames) noexcept;
/// Runs the program of a start, of `most_frames` at most, on a console that has been switched on.
NES_PY_API ProgramResult run_start(const Rules& rules, Console& console, double* slots,
                                   std::uint32_t most_frames) noexcept;

}  // namespace nes::env
