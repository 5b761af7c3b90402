// What a game means, declared: numbers in RAM, and from them rewards and the end of an episode.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

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
};

enum class Memory : std::uint8_t { ram, prg_ram };

/// A number that the game keeps in memory. The range was checked against the console's memory before.
struct Variable {
    std::uint32_t address = 0;  // offset in the memory
    std::uint8_t size = 1;      // bytes
    Encoding encoding = Encoding::byte;
    Memory memory = Memory::ram;
    bool is_signed = false;  // two's complement of `size` bytes
};

enum class Comparison : std::uint8_t { equal, not_equal, less, less_equal, greater, greater_equal };

/// Compares a variable, or how much it changed in this frame, with a number.
struct Condition {
    std::uint32_t variable = 0;
    Comparison comparison = Comparison::equal;
    bool delta = false;
    std::int64_t operand = 0;
};

/// True when all conditions of any of its groups are. Without groups: never.
struct ConditionSet {
    std::vector<Condition> conditions;
    std::vector<std::uint32_t> group_ends;  // index behind the last condition of each group
};

struct RewardTerm {
    enum class Kind : std::uint8_t { value, delta, condition };
    Kind kind = Kind::value;
    std::uint32_t variable = 0;
    ConditionSet condition;
    double weight = 1.0;
    double low = 0.0, high = 0.0;  // the value or delta is clipped to these before it is weighted
};

/// What one frame brought.
struct FrameOutcome {
    double reward = 0.0;
    bool terminated = false;
    bool truncated = false;
};

/// Immutable; shared by all environments of a batch.
struct Rules {
    std::vector<Variable> variables;
    std::vector<RewardTerm> rewards;
    double reward_low = 0.0, reward_high = 0.0;  // of one frame
    ConditionSet terminated;
    ConditionSet truncated;
    std::int32_t lives = -1;  // the variable that counts them; -1: none

    bool may_end() const noexcept { return !terminated.group_ends.empty() || !truncated.group_ends.empty(); }

    /// Reads all variables.
    void read(Console& console, std::int64_t* values) const noexcept;
    /// Judges the frame between two readings.
    FrameOutcome judge(const std::int64_t* before, const std::int64_t* after) const noexcept;
};

}  // namespace nes::env
