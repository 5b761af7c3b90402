#include "env/rules.hpp"

#include <algorithm>
#include <cmath>

#include "machine/console.hpp"

namespace nes::env {

void Rules::read(Console& console, double* out) const noexcept {
    for (std::uint32_t i = 0; i < readings; ++i) {
        const std::uint8_t* memory = variables[i].memory == Memory::ram ? console.ram() : console.prg_ram();
        *out++ = decode(variables[i], memory + variables[i].address);
    }
}

FrameOutcome Rules::judge(Console& console, double* slots) const noexcept {
    std::copy_n(slots, values, slots + values);
    read(console, slots);
    if (compute != kNoCode) evaluate(compute, console, slots);
    // Neumaier's sum: that of Python's sum() since 3.12, and independent of the terms' order but for rare cases.
    double sum = 0.0, lost = 0.0;
    double* term_slot = slots + terms;
    for (const RewardTerm& term : rewards) {
        const double amount = term.weight * std::clamp(evaluate(term.code, console, slots), term.low, term.high);
        *term_slot++ = amount;
        const double next = sum + amount;
        lost += std::fabs(sum) >= std::fabs(amount) ? (sum - next) + amount : (amount - next) + sum;
        sum = next;
    }
    if (std::isfinite(lost)) sum += lost;
    *term_slot++ = sum;
    FrameOutcome outcome;
    *term_slot = outcome.reward = std::clamp(sum, reward_low, reward_high);
    if (update != kNoCode) {
        evaluate(update, console, slots);
        if (compute != kNoCode) evaluate(compute, console, slots);
    }
    outcome.terminated = terminated != kNoCode && evaluate(terminated, console, slots) != 0.0;
    outcome.truncated = truncated != kNoCode && evaluate(truncated, console, slots) != 0.0;
    return outcome;
}

void Rules::begin_episode(Console& console, double* slots) const noexcept {
    read(console, slots);
    if (compute != kNoCode) evaluate(compute, console, slots);
    if (begin != kNoCode) {
        evaluate(begin, console, slots);
        if (compute != kNoCode) evaluate(compute, console, slots);
    }
    std::copy_n(slots, values, slots + values);
    std::fill_n(slots + terms, rewards.size() + 2, 0.0);
}

void Rules::write_infos(Console& console, double* slots, double* out) const noexcept {
    for (const std::uint32_t info : infos) *out++ = evaluate(info, console, slots);
}

}  // namespace nes::env
