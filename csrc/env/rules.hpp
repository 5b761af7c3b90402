// What a game means, declared: numbers in memory, and from them rewards, the end of an episode and what info reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "env/program.hpp"

namespace nes {
class Console;
}

namespace nes::env {

struct RewardTerm {
    std::uint32_t code = kNoCode;
    double weight = 1.0;
    double low = 0.0, high = 0.0;  // the expression's value is clipped to these before it is weighted
};

/// What one frame brought.
struct FrameOutcome {
    double reward = 0.0;
    bool terminated = false;
    bool truncated = false;
};

/// Immutable; shared by all environments of a batch.
///
/// What an environment remembers of its game are its slots:
/// values of this frame (the variables, then the computed ones), the same of the frame before, parameters, memories,
/// terms of the reward, the reward, and room for the work of programs.
struct Rules {
    std::vector<Variable> variables;  // read in each frame: the first `readings` of them; the others only by programs
    std::uint32_t readings = 0;
    std::uint32_t values = 0;  // variables and computed values
    std::uint32_t slots = 0;
    std::uint32_t parameters = 0;  // the slot of the first parameter; the last one is the number of the start
    std::uint32_t memories = 0;    // the slot of the first memory
    std::uint32_t terms = 0;       // the slot of the first reward term; two more: their sum, and the frame's reward

    std::vector<Instruction> code;
    std::uint32_t compute = kNoCode;  // the computed values
    std::vector<RewardTerm> rewards;
    double reward_low = 0.0, reward_high = 0.0;  // of one frame
    std::uint32_t update = kNoCode;              // the memories after a frame
    std::uint32_t terminated = kNoCode;
    std::uint32_t truncated = kNoCode;
    std::uint32_t begin = kNoCode;        // the memories when an episode begins
    std::uint32_t after_reset = kNoCode;  // programs
    std::uint32_t after_step = kNoCode;
    std::uint32_t start = kNoCode;
    std::vector<std::uint32_t> infos;  // expressions
    std::int32_t lives = -1;           // the value that counts them; -1: none
    std::int32_t start_info = -1;      // the info with the number of the start; -1: nobody needs the number

    bool may_end() const noexcept { return terminated != kNoCode || truncated != kNoCode || after_step != kNoCode; }
    std::size_t parameter_count() const noexcept { return memories - parameters; }
    std::size_t memory_count() const noexcept { return terms - memories; }

    /// Reads the variables.
    void read(Console& console, double* values) const noexcept;
    /// Judges the frame that has just been run.
    FrameOutcome judge(Console& console, double* slots) const noexcept;
    /// Begins an episode with the console as it is.
    void begin_episode(Console& console, double* slots) const noexcept;
    void write_infos(Console& console, double* slots, double* out) const noexcept;

  private:
    double evaluate(std::uint32_t entry, Console& console, double* slots) const noexcept {
        return run_code(*this, entry, console, slots, nullptr, {}).value;
    }
};

}  // namespace nes::env
