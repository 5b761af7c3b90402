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
#include "env/batch.hpp"
#include "machine/console.hpp"
#include "video/convert.hpp"
#include "video/resize.hpp"

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

using Row = std::function<void(const std::string& name, unsigned count, const std::function<void(unsigned)>& work)>;

// Frame-skip 4, the last frame in grey, 84 by 84, four of them stacked: a loop written by hand, and a batch of one.
void skipping(const std::shared_ptr<const nes::Rom>& rom, nes::Console& console, const Row& row) {
    using namespace nes::env;
    const auto setup = std::make_shared<SharedConfig>(EnvironmentOptions{}, PictureOptions{},
                                                      PictureOptions{Colour::index, 0, 0, 0, 0, 0, 0}, Rules{});
    setup->starts.push_back(console.save_state());
    const std::size_t size = setup->image.size();
    std::vector<std::uint8_t> ring(4 * size), stack(4 * size);
    nes::ResizeScratch scratch;
    std::size_t head = 0;
    row("skip4_loop", 20, [&](unsigned n) {
        for (; n > 0; --n) {
            console.step(3, false);
            console.step(1, true);
            setup->image.write(console.index_buffer(), nullptr, ring.data() + size * head, scratch);
            head = (head + 1) % 4;
            for (std::size_t i = 0; i < 4; ++i) {
                std::copy_n(ring.data() + size * ((head + i) % 4), size, stack.data() + size * i);
            }
        }
    });
    Batch batch(rom, nes::Options{}, setup, 1, 1);
    Job build = batch.job(Job::Kind::build);
    Batch::run(&build, 0, 0);
    batch.check_built();
    double reward = 0.0;
    std::uint8_t flags[3] = {};
    Arrays arrays;
    arrays.image = stack.data();
    arrays.reward = &reward;
    arrays.terminated = flags;
    arrays.truncated = flags + 1;
    arrays.began = flags + 2;
    Job reset = batch.job(Job::Kind::reset);
    reset.arrays = arrays;
    Batch::run(&reset, 0, 0);
    const std::uint8_t buttons = 0;
    Job step = batch.job(Job::Kind::step);
    step.arrays = arrays;
    step.buttons = &buttons;
    row("skip4_batch", 20, [&](unsigned n) {
        for (; n > 0; --n) {
            Batch::run(&step, 0, 0);
        }
    });
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
    std::shared_ptr<const nes::SavedState> state = console.save_state();
    std::vector<std::uint8_t> colours(std::size_t{3} * nes::Console::kWidth * nes::Console::kHeight);
    std::string text = "{\"state_bytes\": " + std::to_string(state->size());
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
        for (; n > 0; --n) state = console.save_state();
    });
    row("load", 100, [&](unsigned n) {
        for (; n > 0; --n) console.load(*state);
    });
    row("save_load", 100, [&](unsigned n) {
        for (; n > 0; --n) {
            state = console.save_state();
            console.load(*state);
        }
    });
    row("construct", 10, [&](unsigned n) {
        for (; n > 0; --n) (void)std::make_unique<nes::Console>(rom);
    });
    for (const nes::Converter& converter : nes::converters()) {
        const auto convert = [&](nes::Converter::Function function) {
            return [&, function](unsigned n) {
                for (; n > 0; --n)
                    function(nes::Palette::standard(), console.index_buffer(),
                             nes::Console::kWidth * nes::Console::kHeight, colours.data());
            };
        };
        row(std::string("rgb_") + converter.name, 10, convert(converter.to_rgb));
        row(std::string("gray_") + converter.name, 10, convert(converter.to_gray));
    }
    for (const nes::Resizer& way : nes::resizers()) {
        const nes::env::Preprocess preprocess{nes::env::PictureOptions{}};
        nes::ResizeScratch scratch;
        row(std::string("resize_") + way.name, 10, [&](unsigned n) {
            for (; n > 0; --n) preprocess.write(way, console.index_buffer(), nullptr, colours.data(), scratch);
        });
    }
    skipping(rom, console, row);
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
