// Judges one hardware test ROM. No Python: this is what the core is developed against.
//
// Usage: see usage() below, or run the program without arguments. It prints one line,
// "PASS name" or "FAIL name: why", and exits with 0, 1, or 2 when it was called wrongly.
// How test programs report is told by the names of the protocols:
//   blargg_6000   status byte at $6000, signature DE B0 61 at $6001, text at $6004
//   blargg_zp     one byte of RAM has the passing value after so many frames
//   nametable     the screen, read as ASCII, has the passing text after so many frames
//   trace         nestest from $C000, compared instruction by instruction with its log
//   accuracycoin  many tests in one ROM, one result byte for each
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cartridge/rom.hpp"
#include "machine/console.hpp"
#include "machine/options.hpp"

namespace {

/// The command line makes no sense; `what()` says which part.
class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct ButtonPress {
    unsigned frame;    // frames that have been run when it begins
    unsigned buttons;  // A B Select Start Up Down Left Right, A = bit 0
    unsigned held;     // frames
};

struct Arguments {
    std::string rom_path;
    std::string protocol = "blargg_6000";
    unsigned frames = 0;  // 0: the protocol's own limit
    std::uint16_t address = 0xF8;
    unsigned pass_value = 1;
    std::string pass_text;  // alternatives, split by |
    std::string fail_text;
    std::vector<ButtonPress> input;
    bool needs_reset = false;
    std::string log_path;
    std::string results_path;
    int dot_offset = 0;  // added to the log's PPU position
    nes::Options options;
};

struct Verdict {
    bool passed = false;
    std::string detail;                  // one line
    std::vector<std::string> more = {};  // further lines
};

void usage(std::FILE* out) {
    std::fputs(
        "usage: run_rom ROM [options]\n"
        "  --protocol blargg_6000|blargg_zp|nametable|trace|accuracycoin   (default: blargg_6000)\n"
        "  --frames N                 give up (blargg_6000, accuracycoin) or judge (others) after N frames\n"
        "  --addr 0xF8 --pass 1       blargg_zp: address and passing value\n"
        "  --pass-text 'A|B'          nametable: any of these passes\n"
        "  --fail-text 'X|Y'          nametable: any of these fails\n"
        "  --input 60:1:8,100:2:8     frame:buttons:frames held, buttons A=1 B=2 Select=4 Start=8 Up=16 ...\n"
        "  --needs-reset              blargg_6000: fail when the reset button was never asked for\n"
        "  --log nestest.log          trace: the log to compare with\n"
        "  --dot-offset N             trace: add N dots to the log's PPU positions\n"
        "  --results FILE             accuracycoin: lines NAME ADDRESS\n"
        "  --policy fast|reference    (default: fast)\n"
        "  --ram-fill zero|ones|pattern|noise   (default: zero)\n"
        "  --seed N                   seed of --ram-fill noise\n",
        out);
}

std::vector<std::string> split(const std::string& text, char separator) {
    std::vector<std::string> parts;
    std::size_t start = 0;
    for (;;) {
        const std::size_t end = text.find(separator, start);
        parts.push_back(text.substr(start, end - start));
        if (end == std::string::npos) return parts;
        start = end + 1;
    }
}

/// Decimal, or hexadecimal after 0x or $.
std::uint64_t parse_number(const std::string& text) {
    const bool dollar = text.starts_with('$');
    const std::string digits = dollar ? text.substr(1) : text;
    const bool hexadecimal = dollar || digits.starts_with("0x") || digits.starts_with("0X");
    std::size_t used = 0;
    std::uint64_t value = 0;
    try {
        if (!digits.starts_with('-')) value = std::stoull(digits, &used, hexadecimal ? 16 : 10);
    } catch (const std::exception&) {
        used = 0;
    }
    if (used == 0 || used != digits.size()) throw UsageError("'" + text + "' is not a number");
    return value;
}

std::vector<ButtonPress> parse_input(const std::string& text) {
    std::vector<ButtonPress> presses;
    for (const std::string& item : split(text, ',')) {
        const std::vector<std::string> parts = split(item, ':');
        if (parts.size() != 3) throw UsageError("--input wants frame:buttons:frames, not '" + item + "'");
        presses.push_back({static_cast<unsigned>(parse_number(parts[0])), static_cast<unsigned>(parse_number(parts[1])),
                           static_cast<unsigned>(parse_number(parts[2]))});
    }
    return presses;
}

nes::RamFill parse_ram_fill(const std::string& text) {
    if (text == "zero") return nes::RamFill::zero;
    if (text == "ones") return nes::RamFill::ones;
    if (text == "pattern") return nes::RamFill::pattern;
    if (text == "noise") return nes::RamFill::noise;
    throw UsageError("--ram-fill is zero, ones, pattern or noise, not '" + text + "'");
}

nes::Policy parse_policy(const std::string& text) {
    if (text == "fast") return nes::Policy::fast;
    if (text == "reference") return nes::Policy::reference;
    throw UsageError("--policy is fast or reference, not '" + text + "'");
}

Arguments parse_arguments(const std::vector<std::string>& words) {
    Arguments arguments;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (!word.starts_with("--")) {
            if (!arguments.rom_path.empty()) throw UsageError("two ROMs given: '" + word + "'");
            arguments.rom_path = word;
            continue;
        }
        if (word == "--needs-reset") {
            arguments.needs_reset = true;
            continue;
        }
        if (i + 1 == words.size()) throw UsageError(word + " is unknown or wants a value");
        const std::string& value = words[++i];
        if (word == "--protocol")
            arguments.protocol = value;
        else if (word == "--frames")
            arguments.frames = static_cast<unsigned>(parse_number(value));
        else if (word == "--addr")
            arguments.address = static_cast<std::uint16_t>(parse_number(value));
        else if (word == "--pass")
            arguments.pass_value = static_cast<unsigned>(parse_number(value));
        else if (word == "--pass-text")
            arguments.pass_text = value;
        else if (word == "--fail-text")
            arguments.fail_text = value;
        else if (word == "--input")
            arguments.input = parse_input(value);
        else if (word == "--log")
            arguments.log_path = value;
        else if (word == "--results")
            arguments.results_path = value;
        else if (word == "--dot-offset")
            arguments.dot_offset = std::atoi(value.c_str());
        else if (word == "--policy")
            arguments.options.policy = parse_policy(value);
        else if (word == "--ram-fill")
            arguments.options.ram_fill = parse_ram_fill(value);
        else if (word == "--seed")
            arguments.options.seed = parse_number(value);
        else
            throw UsageError("unknown option " + word);
    }
    if (arguments.rom_path.empty()) throw UsageError("no ROM given");
    return arguments;
}

std::string hexadecimal(unsigned value, int digits) {
    std::array<char, 16> text{};
    std::snprintf(text.data(), text.size(), "$%0*X", digits, value);
    return text.data();
}

/// Squeezes control characters, bytes that are no text, and runs of blanks into one blank.
std::string one_line(std::string_view text) {
    std::string line;
    for (const char character : text) {
        const bool visible = character > ' ' && character <= '~';
        if (visible)
            line += character;
        else if (!line.empty() && line.back() != ' ')
            line += ' ';
    }
    while (!line.empty() && line.back() == ' ') line.pop_back();
    return line;
}

/// One of the four nametables as 30 rows of 32 characters.
std::string nametable_text(const nes::Console& console, unsigned table) {
    std::string text(960, ' ');
    for (unsigned i = 0; i < text.size(); ++i) {
        text[i] = static_cast<char>(console.peek_ppu(static_cast<std::uint16_t>(0x2000 + 0x400 * table + i)));
    }
    return text;
}

/// What the screen says, for people: the first nametable that says anything.
std::string screen_text(const nes::Console& console) {
    for (unsigned table = 0; table < 4; ++table) {
        const std::string line = one_line(nametable_text(console, table));
        if (line.size() > 3) return line;
    }
    return {};
}

void press_buttons(nes::Console& console, const std::vector<ButtonPress>& input, unsigned frame) {
    unsigned buttons = 0;
    for (const ButtonPress& press : input) {
        if (frame >= press.frame && frame - press.frame < press.held) buttons |= press.buttons;
    }
    *console.controller(0) = static_cast<std::uint8_t>(buttons);
}

void run_frames(nes::Console& console, const Arguments& arguments, unsigned frames) {
    for (unsigned frame = 0; frame < frames; ++frame) {
        press_buttons(console, arguments.input, frame);
        console.step(1, false);
    }
}

std::string jam_note(const nes::Console& console) {
    if (!console.jammed()) return {};
    return " (the CPU stopped at a KIL opcode, PC " + hexadecimal(console.trace().pc, 4) + ")";
}

// blargg_6000

bool has_signature(const nes::Console& console) {
    return console.peek(0x6001) == 0xDE && console.peek(0x6002) == 0xB0 && console.peek(0x6003) == 0x61;
}

std::string report_text(const nes::Console& console) {
    std::string text;
    for (unsigned address = 0x6004; address < 0x7000; ++address) {
        const std::uint8_t byte = console.peek(static_cast<std::uint16_t>(address));
        if (byte == 0) break;
        text += static_cast<char>(byte);
    }
    return one_line(text);
}

Verdict judge_status_byte(nes::Console& console, const Arguments& arguments) {
    constexpr unsigned kResetDelay = 10;  // frames; the programs ask for at least 100 ms
    constexpr unsigned kResetRetry = 60;  // frames after which an ignored reset is pressed again
    constexpr std::uint8_t kRunning = 0x80;
    constexpr std::uint8_t kWantsReset = 0x81;

    const unsigned limit = arguments.frames != 0 ? arguments.frames : 6000;
    bool reported = false;
    bool pressed = false;  // since the program last asked
    unsigned waited = 0;   // frames since it asked, or since reset was pressed
    unsigned resets = 0;
    for (unsigned frame = 0; frame < limit; ++frame) {
        press_buttons(console, arguments.input, frame);
        console.step(1, false);
        if (!has_signature(console)) continue;
        reported = true;
        const std::uint8_t status = console.peek(0x6000);
        if (status < kRunning) {
            if (status != 0) return {false, "code " + std::to_string(status) + ": " + report_text(console)};
            if (arguments.needs_reset && resets == 0) return {false, "ended without asking for a reset"};
            return {true, report_text(console)};
        }
        if (status != kWantsReset) {
            pressed = false;
            waited = 0;
            continue;
        }
        ++waited;
        if (waited >= (pressed ? kResetRetry : kResetDelay)) {
            console.soft_reset();
            pressed = true;
            waited = 0;
            ++resets;
        }
    }
    const std::string frames = std::to_string(limit) + " frames" + jam_note(console);
    if (!reported) {
        return {false, "no report at $6000 after " + frames + ", PC " + hexadecimal(console.trace().pc, 4) +
                           "; the screen says: " + screen_text(console)};
    }
    return {false, "still running (status " + hexadecimal(console.peek(0x6000), 2) + ") after " + frames + ", PC " +
                       hexadecimal(console.trace().pc, 4) + "; " + report_text(console)};
}

// blargg_zp

Verdict judge_byte(nes::Console& console, const Arguments& arguments) {
    run_frames(console, arguments, arguments.frames != 0 ? arguments.frames : 300);
    const unsigned value = console.peek(arguments.address);
    if (value == arguments.pass_value) return {true, screen_text(console)};
    return {false, hexadecimal(arguments.address, 2) + " is " + std::to_string(value) + ", not " +
                       std::to_string(arguments.pass_value) + jam_note(console) +
                       "; the screen says: " + screen_text(console)};
}

// nametable

bool screen_has_any(const nes::Console& console, const std::string& alternatives) {
    if (alternatives.empty()) return false;
    for (unsigned table = 0; table < 4; ++table) {
        const std::string text = nametable_text(console, table);
        for (const std::string& wanted : split(alternatives, '|')) {
            if (text.find(wanted) != std::string::npos) return true;
        }
    }
    return false;
}

Verdict judge_screen(nes::Console& console, const Arguments& arguments) {
    if (arguments.pass_text.empty()) throw UsageError("protocol nametable wants --pass-text");
    run_frames(console, arguments, arguments.frames != 0 ? arguments.frames : 300);
    const bool failed = screen_has_any(console, arguments.fail_text);
    if (!failed && screen_has_any(console, arguments.pass_text)) return {true, screen_text(console)};
    return {false, "the screen says: " + screen_text(console) + jam_note(console)};
}

// trace

struct LogLine {
    unsigned pc, a, x, y, p, s;
    int scanline, dot;
    unsigned long long cycle;
};

/// Reads a line such as
/// C000  4C F5 C5  JMP $C5F5      A:00 X:00 Y:00 P:24 SP:FD PPU:  0, 21 CYC:7
bool parse_log_line(const std::string& text, LogLine& line) {
    const std::size_t registers = text.find("A:", 16);
    if (registers == std::string::npos) return false;
    return std::sscanf(text.c_str(), "%4x", &line.pc) == 1 &&
           std::sscanf(text.c_str() + registers, "A:%x X:%x Y:%x P:%x SP:%x PPU:%d,%d CYC:%llu", &line.a, &line.x,
                       &line.y, &line.p, &line.s, &line.scanline, &line.dot, &line.cycle) == 8;
}

/// Names what differs, "" when nothing does.
std::string trace_difference(const LogLine& wanted, const nes::CpuTrace& got, int dot_offset) {
    std::string text;
    const auto compare = [&text](const char* name, unsigned wants, unsigned has, int digits) {
        if (wants != has) {
            text += std::string(text.empty() ? "" : ", ") + name + " is " + hexadecimal(has, digits) + " not " +
                    hexadecimal(wants, digits);
        }
    };
    compare("PC", wanted.pc, got.pc, 4);
    compare("A", wanted.a, got.a, 2);
    compare("X", wanted.x, got.x, 2);
    compare("Y", wanted.y, got.y, 2);
    compare("P", wanted.p, got.p, 2);
    compare("SP", wanted.s, got.s, 2);
    // In dots since the top of the picture; the log begins with scanline 0 and ends before line 261.
    const int position = wanted.scanline * 341 + wanted.dot + dot_offset;
    if (position != got.scanline * 341 + got.dot) {
        text += std::string(text.empty() ? "" : ", ") + "PPU is " + std::to_string(got.scanline) + "," +
                std::to_string(got.dot) + " not " + std::to_string(position / 341) + "," +
                std::to_string(position % 341);
    }
    if (wanted.cycle != got.cycle) {
        text += std::string(text.empty() ? "" : ", ") + "CYC is " + std::to_string(got.cycle) + " not " +
                std::to_string(wanted.cycle);
    }
    return text;
}

Verdict judge_trace(nes::Console& console, const Arguments& arguments) {
    constexpr unsigned kResetCycles = 7;
    constexpr std::uint16_t kAutomatedStart = 0xC000;  // nestest's entry point that needs no screen
    constexpr unsigned kContext = 4;                   // lines of the log shown before the first difference

    std::ifstream log(arguments.log_path);
    if (!log) throw UsageError("cannot read the log '" + arguments.log_path + "' (--log)");
    // The reset sequence may be run by the constructor or by the first step.
    for (unsigned i = 0; i < kResetCycles && console.trace().cycle < kResetCycles; ++i) console.step_instruction();
    console.set_pc(kAutomatedStart);

    std::vector<std::string> lines;
    for (std::string text; std::getline(log, text);) {
        while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.pop_back();
        if (text.empty()) continue;
        lines.push_back(text);
        LogLine wanted{};
        if (!parse_log_line(text, wanted)) {
            throw UsageError("line " + std::to_string(lines.size()) + " of the log cannot be read");
        }
        const std::string difference = trace_difference(wanted, console.trace(), arguments.dot_offset);
        if (!difference.empty()) {
            Verdict verdict{false, "line " + std::to_string(lines.size()) + ": " + difference};
            const std::size_t first = lines.size() > kContext + 1 ? lines.size() - kContext - 1 : 0;
            for (std::size_t i = first; i < lines.size(); ++i) {
                verdict.more.push_back((i + 1 == lines.size() ? "> " : "  ") + lines[i]);
            }
            return verdict;
        }
        console.step_instruction();
    }
    if (lines.empty()) return {false, "the log is empty"};
    const unsigned official = console.peek(0x02);
    const unsigned unofficial = console.peek(0x03);
    if (official != 0 || unofficial != 0) {
        return {false,
                "the log agrees, but $02 is " + hexadecimal(official, 2) + " and $03 is " + hexadecimal(unofficial, 2)};
    }
    return {true, std::to_string(lines.size()) + " lines agree"};
}

// accuracycoin

std::vector<std::pair<std::string, std::uint16_t>> read_result_addresses(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw UsageError("cannot read the result addresses '" + path + "' (--results)");
    std::vector<std::pair<std::string, std::uint16_t>> results;
    for (std::string name, address; file >> name >> address;) {
        results.emplace_back(name, static_cast<std::uint16_t>(parse_number(address)));
    }
    if (results.empty()) throw UsageError("no result addresses in '" + path + "'");
    return results;
}

Verdict judge_accuracycoin(nes::Console& console, const Arguments& arguments) {
    constexpr unsigned kMenuFrames = 120;  // until the menu listens
    constexpr unsigned kHoldFrames = 6;
    constexpr unsigned kStartPatience = 120;  // frames in which the tests must begin
    constexpr std::uint8_t kStartButton = 8;
    constexpr std::uint16_t kRunningFlag = 0x35;

    const auto addresses = read_result_addresses(arguments.results_path);
    const unsigned limit = arguments.frames != 0 ? arguments.frames : 6000;
    bool started = false;
    bool ended = false;
    unsigned frame = 0;
    for (; frame < limit && !ended && !console.jammed(); ++frame) {
        const bool hold = frame >= kMenuFrames && frame < kMenuFrames + kHoldFrames;
        *console.controller(0) = hold ? kStartButton : 0;
        console.step(1, false);
        if (frame < kMenuFrames) continue;
        const bool running = console.peek(kRunningFlag) != 0;
        started = started || running;
        ended = started && !running;
        if (!started && frame > kMenuFrames + kHoldFrames + kStartPatience) break;
    }

    Verdict verdict;
    unsigned passed = 0;
    for (const auto& [name, address] : addresses) {
        const unsigned result = console.peek(address);
        if ((result & 3) == 1) {
            ++passed;
        } else if (result == 0 || result == 0xFF) {
            verdict.more.push_back("  " + name + (result == 0 ? ": not run" : ": skipped"));
        } else {
            verdict.more.push_back("  " + name + ": error " + std::to_string(result >> 2) + " (" +
                                   hexadecimal(address, 4) + " = " + hexadecimal(result, 2) + ")");
        }
    }
    verdict.detail = std::to_string(passed) + " of " + std::to_string(addresses.size()) + " passed, " +
                     std::to_string(frame) + " frames";
    if (!started)
        verdict.detail += ", the tests did not begin; the screen says: " + screen_text(console);
    else if (!ended)
        verdict.detail += ", the tests did not end, PC " + hexadecimal(console.trace().pc, 4);
    verdict.detail += jam_note(console);
    verdict.passed = ended && passed == addresses.size();
    return verdict;
}

std::vector<std::uint8_t> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw UsageError("cannot read the ROM '" + path + "'");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

Verdict judge(const Arguments& arguments) {
    const std::vector<std::uint8_t> image = read_file(arguments.rom_path);
    std::shared_ptr<const nes::Rom> rom;
    std::unique_ptr<nes::Console> console;
    try {
        rom = nes::load_rom(image.data(), image.size());
        console = std::make_unique<nes::Console>(rom, arguments.options);
    } catch (const nes::RomError& error) {
        return {false, std::string("cannot be loaded: ") + error.what()};
    }
    if (arguments.protocol == "blargg_6000") return judge_status_byte(*console, arguments);
    if (arguments.protocol == "blargg_zp") return judge_byte(*console, arguments);
    if (arguments.protocol == "nametable") return judge_screen(*console, arguments);
    if (arguments.protocol == "trace") return judge_trace(*console, arguments);
    if (arguments.protocol == "accuracycoin") return judge_accuracycoin(*console, arguments);
    throw UsageError("unknown protocol '" + arguments.protocol + "'");
}

}  // namespace

int main(int count, char** words) {
    if (count < 2) {
        usage(stderr);
        return 2;
    }
    try {
        const Arguments arguments = parse_arguments({words + 1, words + count});
        const Verdict verdict = judge(arguments);
        const std::string name = std::filesystem::path(arguments.rom_path).stem().string();
        std::printf("%s %s%s%s\n", verdict.passed ? "PASS" : "FAIL", name.c_str(), verdict.detail.empty() ? "" : ": ",
                    verdict.detail.c_str());
        for (const std::string& line : verdict.more) std::printf("%s\n", line.c_str());
        return verdict.passed ? 0 : 1;
    } catch (const UsageError& error) {
        std::fprintf(stderr, "run_rom: %s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "run_rom: %s\n", error.what());
        return 2;
    }
}
