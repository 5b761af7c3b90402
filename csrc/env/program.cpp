#include "env/program.hpp"

#include <algorithm>
#include <cmath>

#include "env/rules.hpp"
#include "machine/console.hpp"

namespace nes::env {

namespace {

// Integers up to here are exact. A forged state may hold any number.
constexpr double kLargest = 9007199254740992.0;

std::int64_t integer(double value) noexcept {
    return value >= -kLargest && value <= kLargest ? static_cast<std::int64_t>(value) : 0;
}

std::uint8_t* bytes_of(const Variable& variable, Console& console) noexcept {
    return (variable.memory == Memory::ram ? console.ram() : console.prg_ram()) + variable.address;
}

double count(const Variable& variable, const std::uint8_t* data) noexcept {
    std::uint32_t result = 0;
    for (std::uint32_t first = 0; first < variable.size; first += variable.group) {
        bool found = false;
        for (std::uint32_t i = first; i < first + variable.group; ++i) {
            found = found || (variable.set[data[i] >> 6] >> (data[i] & 63) & 1) != 0;
        }
        result += found;
    }
    return result;
}

double shifted(double value, double distance) noexcept {
    const std::int64_t number = integer(value), bits = integer(distance);
    if (bits >= 0) return bits < 53 ? std::ldexp(static_cast<double>(number), static_cast<int>(bits)) : 0.0;
    return static_cast<double>(bits > -63 ? number >> -bits : (number < 0 ? -1 : 0));
}

// As Python's: the remainder has the divisor's sign.
double modulo(double value, double divisor) noexcept {
    if (divisor == 0.0) return 0.0;
    const double rest = std::fmod(value, divisor);
    return rest != 0.0 && (rest < 0.0) != (divisor < 0.0) ? rest + divisor : rest;
}

double floor_divided(double value, double divisor) noexcept {
    return divisor == 0.0 ? 0.0 : std::floor((value - modulo(value, divisor)) / divisor + 0.5);
}

}  // namespace

double decode(const Variable& variable, const std::uint8_t* data) noexcept {
    if (variable.encoding == Encoding::count) return count(variable, data);
    std::int64_t value = 0;
    const std::uint8_t* last = data + variable.size - 1;
    for (int i = 0; i < static_cast<int>(variable.size); ++i) {
        switch (variable.encoding) {
            case Encoding::byte:
            case Encoding::big: value = value << 8 | data[i]; break;
            case Encoding::little: value |= static_cast<std::int64_t>(data[i]) << (8 * i); break;
            case Encoding::bcd: value = value * 100 + (data[i] >> 4) * 10 + (data[i] & 0x0F); break;
            case Encoding::digits: value = value * 10 + data[i]; break;
            case Encoding::bcd_little: value = value * 100 + (last[-i] >> 4) * 10 + (last[-i] & 0x0F); break;
            case Encoding::low_digits: value = value * 10 + (data[i] & 0x0F); break;
            case Encoding::low_digits_little: value = value * 10 + (last[-i] & 0x0F); break;
            case Encoding::count: break;
        }
    }
    if (variable.is_signed && (value >> (8 * variable.size - 1))) value -= std::int64_t{1} << (8 * variable.size);
    return static_cast<double>(value);
}

ProgramResult run_code(const Rules& rules, std::uint32_t entry, Console& console, double* slots, Pcg64* random,
                       const FrameRunner& frames) noexcept {
    const Instruction* const code = rules.code.data();
    double stack[kStackDepth + 1];
    double* top = stack;  // what is on top, if anything is; the first place is never used
    std::uint32_t frames_run = 0, jumps = 0;
    const auto unary = [&](auto operation) { *top = operation(*top); };
    const auto binary = [&](auto operation) {
        const double right = *top--;
        *top = operation(*top, right);
    };
    for (const Instruction* at = code + entry;; ++at) {
        // `at` is increased behind a jump too.
        const auto jump = [&] {
            if (code + at->argument <= at) ++jumps;
            at = code + at->argument - 1;
        };
        switch (at->operation) {
            case Operation::constant: *++top = at->constant; break;
            case Operation::load: *++top = slots[at->argument]; break;
            case Operation::read: {
                const Variable& variable = rules.variables[at->argument];
                *++top = decode(variable, bytes_of(variable, console));
                break;
            }
            case Operation::negate: unary([](double a) { return 0.0 - a; }); break;
            case Operation::absolute: unary([](double a) { return std::fabs(a); }); break;
            case Operation::logical_not: unary([](double a) { return a == 0.0 ? 1.0 : 0.0; }); break;
            case Operation::bit_not: unary([](double a) { return static_cast<double>(~integer(a)); }); break;
            case Operation::add: binary([](double a, double b) { return a + b; }); break;
            case Operation::subtract: binary([](double a, double b) { return a - b; }); break;
            case Operation::multiply: binary([](double a, double b) { return a * b; }); break;
            case Operation::divide: binary([](double a, double b) { return b == 0.0 ? 0.0 : a / b; }); break;
            case Operation::floor_divide: binary(floor_divided); break;
            case Operation::modulo: binary(modulo); break;
            case Operation::bit_and:
                binary([](double a, double b) { return static_cast<double>(integer(a) & integer(b)); });
                break;
            case Operation::bit_or:
                binary([](double a, double b) { return static_cast<double>(integer(a) | integer(b)); });
                break;
            case Operation::bit_xor:
                binary([](double a, double b) { return static_cast<double>(integer(a) ^ integer(b)); });
                break;
            case Operation::shift_left: binary(shifted); break;
            case Operation::shift_right: binary([](double a, double b) { return shifted(a, 0.0 - b); }); break;
            case Operation::equal: binary([](double a, double b) { return a == b ? 1.0 : 0.0; }); break;
            case Operation::not_equal: binary([](double a, double b) { return a != b ? 1.0 : 0.0; }); break;
            case Operation::less: binary([](double a, double b) { return a < b ? 1.0 : 0.0; }); break;
            case Operation::less_equal: binary([](double a, double b) { return a <= b ? 1.0 : 0.0; }); break;
            case Operation::greater: binary([](double a, double b) { return a > b ? 1.0 : 0.0; }); break;
            case Operation::greater_equal: binary([](double a, double b) { return a >= b ? 1.0 : 0.0; }); break;
            case Operation::minimum: binary([](double a, double b) { return b < a ? b : a; }); break;
            case Operation::maximum: binary([](double a, double b) { return b > a ? b : a; }); break;
            case Operation::random: {
                const std::int64_t limit = std::clamp<std::int64_t>(integer(*top), 0, 0xFFFFFFFF);
                *top = random ? random->below(static_cast<std::uint32_t>(limit)) : 0.0;
                break;
            }
            case Operation::jump: jump(); break;
            case Operation::jump_if_false:
                if (*top-- == 0.0) jump();
                break;
            case Operation::jump_if_false_or_pop:
                if (*top == 0.0)
                    jump();
                else
                    --top;
                break;
            case Operation::jump_if_true_or_pop:
                if (*top != 0.0)
                    jump();
                else
                    --top;
                break;
            case Operation::store: slots[at->argument] = *top--; break;
            case Operation::write:
                *bytes_of(rules.variables[at->argument], console) = static_cast<std::uint8_t>(integer(*top--));
                break;
            case Operation::frame:
                if (++frames_run > frames.most) return {0.0, true, kTooLong};
                frames.run(frames.context, static_cast<std::uint8_t>(at->argument));
                break;
            case Operation::remember: rules.read(console, slots + rules.values); break;
            case Operation::fail: return {0.0, true, at->argument};
            case Operation::stop: return {top > stack ? *top : 0.0, false, 0};
        }
        if (jumps > kMostJumps) return {0.0, true, kTooLong};
    }
}

ProgramResult run_start(const Rules& rules, Console& console, double* slots, std::uint32_t most_frames) noexcept {
    FrameRunner frames;
    frames.most = most_frames;
    frames.context = &console;
    frames.run = [](void* context, std::uint8_t buttons) noexcept {
        Console& played = *static_cast<Console*>(context);
        *played.controller(0) = buttons;
        played.step(1, true);
    };
    ProgramResult result;
    if (rules.start != kNoCode) result = run_code(rules, rules.start, console, slots, nullptr, frames);
    *console.controller(0) = 0;
    return result;
}

}  // namespace nes::env
