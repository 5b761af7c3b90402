#include "env/rules.hpp"

#include <algorithm>

#include "machine/console.hpp"

namespace nes::env {

namespace {

std::int64_t decode(const Variable& variable, const std::uint8_t* data) noexcept {
    std::int64_t value = 0;
    const std::uint8_t* last = data + variable.size - 1;
    for (int i = 0; i < variable.size; ++i) {
        switch (variable.encoding) {
            case Encoding::byte:
            case Encoding::big: value = value << 8 | data[i]; break;
            case Encoding::little: value |= static_cast<std::int64_t>(data[i]) << (8 * i); break;
            case Encoding::bcd: value = value * 100 + (data[i] >> 4) * 10 + (data[i] & 0x0F); break;
            case Encoding::digits: value = value * 10 + data[i]; break;
            case Encoding::bcd_little: value = value * 100 + (last[-i] >> 4) * 10 + (last[-i] & 0x0F); break;
            case Encoding::low_digits: value = value * 10 + (data[i] & 0x0F); break;
            case Encoding::low_digits_little: value = value * 10 + (last[-i] & 0x0F); break;
        }
    }
    if (variable.is_signed && (value >> (8 * variable.size - 1))) value -= std::int64_t{1} << (8 * variable.size);
    return value;
}

// The differences of values that a console can have are small; those of a forged state wrap around.
std::int64_t difference(std::int64_t after, std::int64_t before) noexcept {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(after) - static_cast<std::uint64_t>(before));
}

bool holds(const ConditionSet& set, const std::int64_t* before, const std::int64_t* after) noexcept {
    std::uint32_t at = 0;
    for (const std::uint32_t end : set.group_ends) {
        bool all = true;
        for (; at < end; ++at) {
            const Condition& c = set.conditions[at];
            const std::int64_t value = c.delta ? difference(after[c.variable], before[c.variable]) : after[c.variable];
            bool is = false;
            switch (c.comparison) {
                case Comparison::equal: is = value == c.operand; break;
                case Comparison::not_equal: is = value != c.operand; break;
                case Comparison::less: is = value < c.operand; break;
                case Comparison::less_equal: is = value <= c.operand; break;
                case Comparison::greater: is = value > c.operand; break;
                case Comparison::greater_equal: is = value >= c.operand; break;
            }
            all = all && is;
        }
        if (all) return true;
    }
    return false;
}

}  // namespace

void Rules::read(Console& console, std::int64_t* values) const noexcept {
    for (const Variable& variable : variables) {
        const std::uint8_t* memory = variable.memory == Memory::ram ? console.ram() : console.prg_ram();
        *values++ = decode(variable, memory + variable.address);
    }
}

FrameOutcome Rules::judge(const std::int64_t* before, const std::int64_t* after) const noexcept {
    FrameOutcome outcome;
    for (const RewardTerm& term : rewards) {
        double amount = 0.0;
        switch (term.kind) {
            case RewardTerm::Kind::value: amount = static_cast<double>(after[term.variable]); break;
            case RewardTerm::Kind::delta:
                amount = static_cast<double>(difference(after[term.variable], before[term.variable]));
                break;
            case RewardTerm::Kind::condition: amount = holds(term.condition, before, after) ? 1.0 : 0.0; break;
        }
        outcome.reward += term.weight * std::clamp(amount, term.low, term.high);
    }
    outcome.reward = std::clamp(outcome.reward, reward_low, reward_high);
    outcome.terminated = holds(terminated, before, after);
    outcome.truncated = holds(truncated, before, after);
    return outcome;
}

}  // namespace nes::env
