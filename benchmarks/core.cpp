// What the core does without Python: prints one JSON object, nanoseconds for each row. Usage: bench_core ROM [seconds [frames]];
// with the word `frames` only emulation is run, for profiles.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "cartridge/rom.hpp"
#include "console.hpp"
#include "video/convert.hpp"

namespace {

// The least time that one of many stretches of `work(count)` took, in nanoseconds for each.
double best(double seconds, unsigned count, const std::function<void(unsigned)>& work) {
    using Clock = std::chrono::steady_clock;
    double least = 1e30;
    const auto start = Clock::now();
    do {
        const auto before = Clock::now();
        work(count);
        least = std::min(least, std::chrono::duration<double, std::nano>(Clock::now() - before).count() / count);
    } while (std::chrono::duration<double>(Clock::now() - start).count() < seconds);
    return least;
}

int run(const std::string& path, double seconds, bool frames_only) {
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    const auto rom = nes::load_rom(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    nes::Console console(rom);
    for (int i = 0; i < 400; ++i) {
        console.controller(0)[0] = i % 40 < 5 ? 0x08 : 0;
        console.step(1, true);
    }
    std::vector<std::uint8_t> state(console.state_size());
    std::vector<std::uint8_t> colours(std::size_t{3} * nes::Console::kWidth * nes::Console::kHeight);
    std::string text = "{\"state_bytes\": " + std::to_string(state.size());
    const auto row = [&](const std::string& name, unsigned count, const std::function<void(unsigned)>& work) {
        char number[32];
        std::snprintf(number, sizeof(number), "%.1f", best(seconds, count, work));
        text += ", \"" + name + "\": " + number;
    };
    row("frame_plain", 20, [&](unsigned n) {
        for (; n > 0; --n) console.step(1, false);
    });
    row("frame_drawn", 20, [&](unsigned n) {
        for (; n > 0; --n) console.step(1, true);
    });
    if (frames_only) {
        std::printf("%s}\n", text.c_str());
        return 0;
    }
    row("save", 100, [&](unsigned n) {
        for (; n > 0; --n) console.save(state.data());
    });
    row("load", 100, [&](unsigned n) {
        for (; n > 0; --n) console.load(state.data());
    });
    row("save_load", 100, [&](unsigned n) {
        for (; n > 0; --n) {
            console.save(state.data());
            console.load(state.data());
        }
    });
    row("construct", 10, [&](unsigned n) {
        for (; n > 0; --n) std::make_unique<nes::Console>(rom);
    });
    for (const nes::Converter& converter : nes::converters()) {
        const auto convert = [&](nes::Converter::Function function) {
            return [&, function](unsigned n) {
                for (; n > 0; --n)
                    function(console.index_buffer(), nes::Console::kWidth * nes::Console::kHeight, colours.data());
            };
        };
        row(std::string("rgb_") + converter.name, 10, convert(converter.to_rgb));
        row(std::string("gray_") + converter.name, 10, convert(converter.to_gray));
    }
    std::printf("%s}\n", text.c_str());
    return 0;
}

}  // namespace

int main(int count, char** words) {
    if (count < 2) {
        std::fputs("usage: bench_core ROM [seconds for each row [frames]]\n", stderr);
        return 2;
    }
    try {
        return run(words[1], count > 2 ? std::atof(words[2]) : 0.3, count > 3 && std::string(words[3]) == "frames");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bench_core: %s: %s\n", words[1], error.what());
        return 2;
    }
}
