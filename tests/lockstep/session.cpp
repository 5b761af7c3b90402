#include "session.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <deque>
#include <utility>

#include "machine/console.hpp"
#include "machine/options.hpp"
#include "random.hpp"
#include "sound.hpp"

namespace lockstep {

namespace {

using nes::Console;
using nes::Options;
using nes::Policy;

std::string format(const char* pattern, ...) {
    char text[512];
    va_list arguments;
    va_start(arguments, pattern);
    std::vsnprintf(text, sizeof(text), pattern, arguments);
    va_end(arguments);
    return text;
}

// What happens from outside during one frame.
struct FramePlan {
    std::uint8_t buttons[4] = {0, 0, 0, 0};
    bool draw = true;
    bool reset = false;
    bool restart = false;         // power, with all memory kept
    bool other_boundary = false;  // steps end in the other place from now on
    enum class Restore { none, own, of_the_other } restore = Restore::none;
    int poke = -1;  // an address in RAM
    std::uint8_t poke_value = 0;
    std::vector<unsigned> stops;  // CPU cycles after the frame begins, ascending
};

// How buttons are pressed, and how often the run is interrupted.
struct Habits {
    explicit Habits(Random& random)
        : start_only(random.chance(40)),
          hold(random.between(1, 30)),
          stop_percent(random.pick({0u, 15u, 40u})),
          draw_percent(random.pick({100u, 70u, 25u, 0u})),
          meddles(random.chance(40)) {}
    bool start_only;  // Start is pressed once: test programs go on by themselves
    unsigned hold;
    unsigned stop_percent;
    unsigned draw_percent;
    bool meddles;
};

Options make_options(const Subject& subject, std::uint64_t seed, Policy policy) {
    Random random(seed ^ 0x6F7074696F6E73u);
    Options options;
    options.policy = policy;
    options.ram_fill = random.pick(
        {nes::RamFill::zero, nes::RamFill::zero, nes::RamFill::ones, nes::RamFill::pattern, nes::RamFill::noise});
    options.seed = random.bits();
    options.region = random.pick({nes::RegionOption::from_header, nes::RegionOption::from_header,
                                  nes::RegionOption::from_header, nes::RegionOption::from_header,
                                  nes::RegionOption::from_header, nes::RegionOption::pal, nes::RegionOption::dendy});
    options.device =
        random.pick({nes::Device::joypads, nes::Device::joypads, nes::Device::joypads, nes::Device::four_score,
                     nes::Device::zapper, nes::Device::arkanoid, nes::Device::vs_system});
    if (random.chance(20))
        options.freezes.push_back({static_cast<std::uint16_t>(random.below(0x100) + 0x10), random.byte()});
    if (subject.region) options.region = *subject.region;
    if (random.chance(50)) options.frame_boundary = nes::FrameBoundary::nes_py;
    options.whole_pictures = random.chance(25);
    return options;
}

std::vector<FramePlan> make_plan(std::uint64_t seed, unsigned frames) {
    Random random(seed);
    const Habits habits(random);
    std::vector<FramePlan> plan(frames);
    Random others(seed ^ 0x64657669636573u);  // what is done with the devices beside two pads
    std::uint8_t held[2] = {0, 0};
    for (unsigned i = 0; i < frames; ++i) {
        FramePlan& frame = plan[i];
        if (habits.start_only) {
            frame.buttons[0] = i >= 120 && i < 126 ? 0x08 : 0;
        } else {
            for (std::uint8_t& buttons : held) {
                if (random.below(habits.hold) == 0) {
                    buttons = random.byte();
                    if (random.chance(75)) buttons &= 0xF3;
                }
            }
            std::copy(held, held + 2, frame.buttons);
            if (i > 20 && i < 60) frame.buttons[0] = i % 16 < 8 ? 0x08 : 0;
        }
        if (i > 0) std::copy(plan[i - 1].buttons + 2, plan[i - 1].buttons + 4, frame.buttons + 2);
        if (others.chance(20)) frame.buttons[2] = others.byte();
        if (others.chance(20)) frame.buttons[3] = others.byte();
        frame.other_boundary = others.chance(3);
        frame.draw = random.chance(habits.draw_percent);
        if (random.chance(habits.stop_percent)) {
            for (unsigned n = random.between(1, 3); n > 0; --n) frame.stops.push_back(random.below(29000));
            if (random.chance(10)) frame.stops.assign(1, random.below(40));
            std::sort(frame.stops.begin(), frame.stops.end());
        }
        if (!habits.meddles) continue;
        frame.reset = random.below(80) == 0;
        frame.restart = others.below(80) == 0;
        if (random.below(20) == 0) {
            frame.restore = random.chance(50) ? FramePlan::Restore::own : FramePlan::Restore::of_the_other;
        }
        if (random.below(30) == 0) {
            frame.poke = static_cast<int>(random.below(0x800));
            frame.poke_value = random.byte();
        }
    }
    return plan;
}

// Of the sessions, so many have the sound on.
constexpr unsigned kHeardPercent = 25;
constexpr unsigned kSampleRate = 8000;

class Pair {
  public:
    Pair(const Subject& subject, std::uint64_t seed)
        : fast(subject.rom, make_options(subject, seed, Policy::fast)),
          reference(subject.rom, make_options(subject, seed, Policy::reference)) {
        if (!Random(seed ^ 0x736F756E64u).chance(kHeardPercent)) return;
        for (Console* console : {&fast, &reference}) console->set_sample_rate(kSampleRate);
    }

    std::string difference() {
        const std::string found = Console::difference(fast, reference);
        return found.empty() ? sound_difference(fast, reference) : found;
    }

    void begin(const FramePlan& frame) {
        if (frame.restore != FramePlan::Restore::none) {
            std::vector<std::uint8_t> state(fast.state_size());
            (frame.restore == FramePlan::Restore::own ? fast : reference).save(state.data());
            fast.load(state.data());
            reference.load(state.data());
        }
        for (Console* console : {&fast, &reference}) {
            for (unsigned port = 0; port < 4; ++port) console->controller(port)[0] = frame.buttons[port];
            if (frame.poke >= 0) console->ram()[frame.poke] = frame.poke_value;
            if (frame.reset || console->jammed()) console->soft_reset();
            if (frame.restart) console->power_on(true);
            if (frame.other_boundary) {
                console->set_frame_boundary(console->frame_boundary() == nes::FrameBoundary::vblank
                                                ? nes::FrameBoundary::nes_py
                                                : nes::FrameBoundary::vblank);
            }
        }
    }

    void run_until(std::uint64_t cycle) {
        fast.run_until(cycle);
        reference.run_until(cycle);
    }

    // To the end of the frame that began when the frame count was `number`.
    void finish(std::uint64_t number, bool draw) {
        for (Console* console : {&fast, &reference}) {
            if (console->frame_count() == number) console->step(1, draw);
        }
    }

    std::vector<std::uint8_t> save() const {
        std::vector<std::uint8_t> state(reference.state_size());
        reference.save(state.data());
        return state;
    }

    void load(const std::vector<std::uint8_t>& state) {
        for (Console* console : {&fast, &reference}) {
            console->load(state.data());
            console->drop_audio();
        }
    }

    Console fast;
    Console reference;
};

std::string where(const Console& console) {
    const nes::CpuTrace t = console.trace();
    return format("cycle %llu, scanline %d, dot %d, PC $%04X", static_cast<unsigned long long>(t.cycle), t.scanline,
                  t.dot, t.pc);
}

std::string instruction_line(const Console& console) {
    const nes::CpuTrace t = console.trace();
    return format("    $%04X  %02X %02X %02X  A %02X X %02X Y %02X P %02X S %02X  cycle %llu  scanline %3d dot %3d\n",
                  t.pc, console.peek(t.pc), console.peek(static_cast<std::uint16_t>(t.pc + 1)),
                  console.peek(static_cast<std::uint16_t>(t.pc + 2)), t.a, t.x, t.y, t.p, t.s,
                  static_cast<unsigned long long>(t.cycle), t.scanline, t.dot);
}

// What the reference does from `state` until `end`: the first and the last instructions of it, and a few more.
std::string listing(const Subject& subject, std::uint64_t seed, const std::vector<std::uint8_t>& state,
                    std::uint64_t end) {
    constexpr std::size_t kFirst = 8;
    constexpr std::size_t kLast = 20;
    constexpr unsigned kAfter = 6;
    Console console(subject.rom, make_options(subject, seed, Policy::reference));
    console.load(state.data());
    std::string text;
    std::deque<std::string> last;
    std::uint64_t count = 0;
    for (unsigned after = 0; after < kAfter; ++count) {
        std::string line = instruction_line(console);
        if (console.cpu_cycles() >= end && after++ == 0) line.insert(0, "  the consoles were found to differ here:\n");
        if (count < kFirst) {
            text += line;
        } else {
            last.push_back(std::move(line));
        }
        if (last.size() > kLast + after) last.pop_front();
        const std::uint64_t before = console.cpu_cycles();
        console.step_instruction();
        if (console.cpu_cycles() == before) break;
    }
    if (count > kFirst + last.size()) text += "    ...\n";
    for (const std::string& line : last) text += line;
    return text;
}

// Looks for the shortest stretch within the frame that begins with `state` and is over at `end` in which the difference
// comes about: every stop makes the fast policy leave its quick paths, so the stretch is shortened from one end at a time.
std::string narrow(const Subject& subject, std::uint64_t seed, const std::vector<std::uint8_t>& state,
                   std::uint64_t end) {
    Pair pair(subject, seed);
    const auto compare = [&](const std::vector<std::uint8_t>& from, std::uint64_t until) {
        pair.load(from);
        pair.run_until(until);
        return pair.difference();
    };
    pair.load(state);
    const std::uint64_t start = pair.reference.cpu_cycles();
    std::string found = compare(state, end);
    if (found.empty()) {
        return "  A console restored to the beginning of the frame does not differ at the same cycle: something "
               "outside of "
               "the\n  state (a cache, a prediction) was out of date. The frame, by the reference:\n" +
               listing(subject, seed, state, end);
    }
    std::uint64_t high = end;
    for (std::uint64_t low = start; high - low > 1;) {
        const std::uint64_t middle = low + (high - low) / 2;
        const std::string here = compare(state, middle);
        if (here.empty()) {
            low = middle;
        } else {
            high = middle;
            found = here;
        }
    }
    const auto reference_at = [&](std::uint64_t cycle) {
        pair.reference.load(state.data());
        pair.reference.run_until(cycle);
        return pair.save();
    };
    std::uint64_t from = start;
    for (std::uint64_t above = high; above - from > 1;) {
        const std::uint64_t middle = from + (above - from) / 2;
        const std::string here = compare(reference_at(middle), high);
        if (here.empty()) {
            above = middle;
        } else {
            from = middle;
            found = here;
        }
    }
    const std::vector<std::uint8_t> last = reference_at(from);
    const std::string beginning = where(pair.reference);
    pair.reference.run_until(high);
    return "  Differs when run from " + beginning + "\n  until " + where(pair.reference) + ": " + found + "\n" +
           listing(subject, seed, last, high);
}

}  // namespace

std::optional<Difference> run_session(const Subject& subject, std::uint64_t seed, unsigned frames) {
    const std::vector<FramePlan> plan = make_plan(seed, frames);
    Pair pair(subject, seed);
    std::string found = pair.difference();
    if (!found.empty()) return Difference{subject.name + ": differs after power-on: " + found, ""};
    for (unsigned i = 0; i < frames; ++i) {
        const FramePlan& frame = plan[i];
        pair.begin(frame);
        const std::vector<std::uint8_t> beginning = pair.save();
        const std::uint64_t start = pair.reference.cpu_cycles();
        const std::uint64_t number = pair.reference.frame_count();
        const auto report = [&](const char* when) {
            std::string summary = format("%s, seed %llu: frame %u (%s, %s), %s: ", subject.name.c_str(),
                                         static_cast<unsigned long long>(seed), i, when,
                                         frame.draw ? "drawn" : "not drawn", where(pair.reference).c_str());
            if (pair.fast.cpu_cycles() != pair.reference.cpu_cycles()) {
                summary +=
                    format("fast stands at cycle %llu; ", static_cast<unsigned long long>(pair.fast.cpu_cycles()));
            }
            const std::uint64_t end = std::max(pair.fast.cpu_cycles(), pair.reference.cpu_cycles());
            return Difference{summary + found + " (fast != reference)", narrow(subject, seed, beginning, end)};
        };
        for (const unsigned stop : frame.stops) {
            if (pair.reference.frame_count() != number) break;
            pair.run_until(start + stop);
            if (!(found = pair.difference()).empty()) return report("at a stop within it");
        }
        pair.finish(number, frame.draw);
        if (!(found = pair.difference()).empty()) return report("at its end");
    }
    return std::nullopt;
}

}  // namespace lockstep
