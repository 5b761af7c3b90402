// Environments of the core: resizing, numbers from RAM, the generator, and a batch stepped by a team of threads, which is
// what ThreadSanitizer looks at.
#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "check.hpp"
#include "env/batch.hpp"
#include "env/parallel_loop.hpp"
#include "env/preprocess.hpp"
#include "env/random.hpp"
#include "env/thread_pool.hpp"
#include "video/convert.hpp"
#include "video/resize.hpp"

namespace {

using namespace nes;
using namespace nes::env;

// NROM whose program counts frames and the buttons held, and paints with what it counted.
std::vector<std::uint8_t> program_rom() {
    std::vector<std::uint8_t> rom(16 + 0x4000 + 0x2000);
    const std::uint8_t header[] = {'N', 'E', 'S', 0x1A, 1, 1};
    std::memcpy(rom.data(), header, sizeof(header));
    const std::uint8_t program[] = {
        0x78, 0xA2, 0xFF, 0x9A,        // SEI; LDX #$FF; TXS
        0xA9, 0x80, 0x8D, 0x00, 0x20,  // NMI on
        0xA9, 0x0A, 0x8D, 0x01, 0x20,  // background on
        0x4C, 0x04, 0xC0,              // again: the PPU ignores writes for a frame after power-on
    };
    const std::uint8_t nmi[] = {
        0xE6, 0x10,                                      // INC frames
        0xA9, 0x01, 0x8D, 0x16, 0x40,                    // strobe
        0xA9, 0x00, 0x8D, 0x16, 0x40,                    //
        0xAD, 0x16, 0x40, 0x29, 0x01, 0x18, 0x65, 0x11,  // A held: add to a sum
        0x85, 0x11,                                      //
        0xA9, 0x3F, 0x8D, 0x06, 0x20,                    // backdrop colour = frames + sum
        0xA9, 0x00, 0x8D, 0x06, 0x20,                    //
        0x18, 0xA5, 0x10, 0x65, 0x11, 0x8D, 0x07, 0x20,  //
        0xA9, 0x00, 0x8D, 0x05, 0x20, 0x8D, 0x05, 0x20,  //
        0xA9, 0x80, 0x8D, 0x00, 0x20, 0x40,              // RTI
    };
    std::memcpy(&rom[16], program, sizeof(program));
    std::memcpy(&rom[16 + 0x100], nmi, sizeof(nmi));
    const std::uint8_t vectors[] = {0x00, 0xC1, 0x00, 0xC0, 0x00, 0xC0};
    std::memcpy(&rom[16 + 0x3FFA], vectors, sizeof(vectors));
    return rom;
}

void resizing() {
    check::context = "resize";
    std::vector<std::uint8_t> picture(240 * 256), gray(240 * 256);
    std::uint32_t seed = 1;
    for (auto& pixel : picture) pixel = static_cast<std::uint8_t>((seed = seed * 1664525u + 1013904223u) >> 26);
    indices_to_gray(Palette::standard(), picture.data(), picture.size(), gray.data());
    ResizeScratch scratch;
    for (const auto [height, width, crop] :
         {std::array{84u, 84u, 0u}, {60u, 101u, 9u}, {1u, 1u, 0u}, {240u, 256u, 0u}}) {
        PictureOptions options;
        options.height = height;
        options.width = width;
        options.crop_top = crop;
        options.crop_left = crop;
        const Preprocess preprocess(options);
        std::vector<std::uint8_t> out(preprocess.size());
        preprocess.write(picture.data(), nullptr, out.data(), scratch);
        const double step_y = (240.0 - crop) / height, step_x = (256.0 - crop) / width;
        double worst = 0.0;
        for (unsigned y = 0; y < height; ++y) {
            for (unsigned x = 0; x < width; ++x) {
                double sum = 0.0;
                for (unsigned sy = 0; sy + crop < 240; ++sy) {
                    const double dy = std::min((y + 1) * step_y, sy + 1.0) - std::max(y * step_y, double(sy));
                    if (dy <= 0.0) continue;
                    for (unsigned sx = 0; sx + crop < 256; ++sx) {
                        const double dx = std::min((x + 1) * step_x, sx + 1.0) - std::max(x * step_x, double(sx));
                        if (dx > 0.0) sum += dy * dx * gray[(sy + crop) * 256 + sx + crop];
                    }
                }
                worst = std::max(worst, std::abs(sum / (step_y * step_x) - out[y * width + x]));
            }
        }
        CHECK(worst <= 0.5001);
    }
}

// Every way of resizing that this processor can go writes the same bytes, and none beyond their end.
void ways_of_resizing() {
    constexpr std::size_t kGuard = 64;
    std::mt19937 random(7);
    const auto between = [&](std::uint32_t low, std::uint32_t high) {
        return low + static_cast<std::uint32_t>(random()) % (high - low + 1);
    };
    std::vector<std::uint8_t> picture(240 * 256), before(picture.size());
    // Any byte: a picture can be written to from outside.
    for (auto& pixel : picture) pixel = static_cast<std::uint8_t>(random());
    for (auto& pixel : before) pixel = static_cast<std::uint8_t>(random());
    const std::vector<Resizer> ways = resizers();
    ResizeScratch scratch;
    for (unsigned round = 0; round < 400; ++round) {
        PictureOptions options;
        options.colour = static_cast<Colour>(round % 3);
        if (round >= 6) {
            options.crop_top = between(0, 100);
            options.crop_bottom = between(0, 100);
            options.crop_left = between(0, 120);
            options.crop_right = between(0, 120);
            const std::uint32_t height = 240 - options.crop_top - options.crop_bottom;
            const std::uint32_t width = 256 - options.crop_left - options.crop_right;
            options.height = round % 5 ? between(1, height) : 0;
            options.width = round % 7 ? between(1, width) : 0;
        }
        // What would overflow first.
        if (round % 10 == 9)
            std::fill(picture.begin(), picture.end(), static_cast<std::uint8_t>(round % 20 ? 0x0D : 0x30));
        const Preprocess preprocess(options);
        for (const bool pooled : {false, true}) {
            const std::uint8_t* second = pooled ? before.data() : nullptr;
            std::vector<std::uint8_t> expected(preprocess.size() + kGuard, 0xA5);
            preprocess.write(ways.front(), picture.data(), second, expected.data(), scratch);
            for (const Resizer& way : ways) {
                check::context = std::string("resize, ") + way.name + ", round " + std::to_string(round);
                std::vector<std::uint8_t> out(preprocess.size() + kGuard, 0xA5);
                preprocess.write(way, picture.data(), second, out.data(), scratch);
                CHECK(out == expected);
            }
        }
    }
}

// What is written of a picture whose size is kept: the same as otherwise, in either order.
void kept_size() {
    std::mt19937 random(9);
    const auto below = [&](std::uint32_t count) { return static_cast<std::uint32_t>(random()) % count; };
    std::vector<std::uint8_t> picture(240 * 256);
    std::vector<LineEmphasis> emphasis(240);
    ResizeScratch scratch;
    for (unsigned round = 0; round < 60; ++round) {
        for (std::uint8_t& index : picture) index = static_cast<std::uint8_t>(below(256));
        PictureOptions options;
        options.colour = round % 3 == 0 ? Colour::gray : Colour::rgb;
        options.width = options.height = 0;
        if (round % 4) options.crop_top = below(100), options.crop_bottom = below(100);
        if (round % 4 > 1) options.crop_left = below(100), options.crop_right = below(100);
        for (LineEmphasis& line : emphasis) {
            line = LineEmphasis{};
            for (std::uint32_t i = below(4), x = 0; i > 0; --i, x += 1 + below(90)) {
                line.set(x, static_cast<std::uint8_t>(below(8)));
            }
        }
        const Preprocess preprocess(options);
        CHECK(preprocess.keeps_size());
        const std::size_t size = preprocess.size(), planes = preprocess.planes(), cells = size / planes;
        for (const bool emphasised : {false, true}) {
            check::context = "kept size, round " + std::to_string(round) + (emphasised ? ", emphasised" : "");
            const SeenPicture seen{picture.data(), emphasised ? emphasis.data() : nullptr};
            std::vector<std::uint8_t> expected(size), out(size, 0xA5), last(size, 0xA5), woven(size);
            preprocess.write(seen, {}, expected.data(), scratch);
            preprocess.write_kept_size(seen, false, out.data());
            CHECK(out == expected);
            for (std::size_t i = 0; i < size; ++i) woven[i % cells * planes + i / cells] = expected[i];
            preprocess.write_kept_size(seen, true, last.data());
            CHECK(last == woven);
        }
    }
}

// Of numpy.random.PCG64(12345): a Generator's integers(1000), five times, then random().
void generator() {
    check::context = "generator";
    Pcg64 random;
    random.state_high = 0x1905e0335aae9634u;
    random.state_low = 0x9199b0d09775add5u;
    random.increment_high = 0xc9c7353e6e2b1f28u;
    random.increment_low = 0x7d761f2d4027fae7u;
    const std::uint32_t expected[] = {699, 227, 788, 316, 204};
    for (const std::uint32_t value : expected) CHECK_EQ(random.below(1000), value);
    CHECK_EQ(random.uniform(), 0.6762546707509746);
}

struct Run {
    std::vector<std::uint8_t> images;
    std::vector<double> rewards;
    std::vector<std::uint8_t> ends;

    bool operator==(const Run&) const = default;
};

Run run(const std::shared_ptr<const Rom>& rom, std::uint32_t workers, Autoreset autoreset) {
    constexpr std::size_t kCount = 5;
    EnvironmentOptions options;
    options.autoreset = autoreset;
    options.noop_max = 5;
    options.repeat_action_probability = 0.25;
    options.maxpool = true;
    Rules rules;
    rules.variables = {{0x10, 1, Encoding::byte, Memory::ram, false}, {0x11, 1, Encoding::byte, Memory::ram, true}};
    rules.readings = rules.values = 2;
    // Values of this frame and the one before, the number of the start, the term, the sum and the reward.
    rules.parameters = 4;
    rules.memories = rules.terms = 5;
    rules.slots = 8;
    rules.code = {{},
                  {Operation::load, 1, 0.0},
                  {Operation::load, 3, 0.0},
                  {Operation::subtract, 0, 0.0},
                  {},
                  {Operation::load, 1, 0.0},
                  {Operation::constant, 0, 21.0},
                  {Operation::greater_equal, 0, 0.0},
                  {},
                  {Operation::load, 0, 0.0},
                  {},
                  {Operation::load, 1, 0.0},
                  {}};
    RewardTerm term;
    term.code = 1;
    term.low = -INFINITY;
    term.high = INFINITY;
    rules.rewards = {term};
    rules.reward_low = -INFINITY;
    rules.reward_high = INFINITY;
    rules.terminated = 5;
    rules.infos = {9, 11};
    auto config = std::make_shared<SharedConfig>(options, PictureOptions{},
                                                 PictureOptions{Colour::index, 0, 0, 0, 0, 0, 0}, rules);
    Console console(rom);
    console.step(4, true);
    config->starts.push_back(console.save_state());

    Batch batch(rom, Options{}, config, kCount, workers);
    ThreadPool pool(workers, std::chrono::microseconds(50));
    ParallelLoop loop(workers);
    const auto perform = [&](Job& job) {
        loop.begin(Batch::run, &job, job.rows, workers, job.kind != Job::Kind::build);
        pool.run([](void* shared, std::uint32_t worker) { static_cast<ParallelLoop*>(shared)->work(worker); }, &loop,
                 workers);
    };
    Job build = batch.job(Job::Kind::build);
    perform(build);
    batch.check_built();
    for (std::size_t i = 0; i < kCount; ++i) batch.environment(i).random() = {i, i * 7919 + 1, 0, 2 * i + 1, 0, 0};

    const std::size_t size = config->image.size() * options.stack;
    std::vector<std::uint8_t> images(kCount * size), last(images), flags(4 * kCount);
    std::vector<double> rewards(kCount);
    std::vector<double> values(2 * 2 * kCount);
    Arrays arrays;
    arrays.image = images.data();
    arrays.final_image = last.data();
    arrays.reward = rewards.data();
    arrays.terminated = flags.data();
    arrays.truncated = flags.data() + kCount;
    arrays.began = flags.data() + 2 * kCount;
    arrays.life_lost = flags.data() + 3 * kCount;
    arrays.values = values.data();
    arrays.final_values = values.data() + 2 * kCount;
    Run result;
    const auto keep = [&] {
        result.images.insert(result.images.end(), images.begin(), images.end());
        result.rewards.insert(result.rewards.end(), rewards.begin(), rewards.end());
        result.ends.insert(result.ends.end(), flags.begin(), flags.end());
    };
    Job reset = batch.job(Job::Kind::reset);
    reset.arrays = arrays;
    perform(reset);
    keep();
    for (unsigned step = 0; step < 12; ++step) {
        std::vector<std::uint8_t> buttons(kCount);
        for (std::size_t i = 0; i < kCount; ++i) buttons[i] = static_cast<std::uint8_t>((step + i) % 3 != 0);
        Job job = batch.job(Job::Kind::step);
        job.arrays = arrays;
        job.buttons = buttons.data();
        perform(job);
        Status status = Status::ok;
        CHECK_EQ(batch.first_refused(job, status), kCount);
        keep();
    }
    return result;
}

void threads() {
    const std::vector<std::uint8_t> file = program_rom();
    const auto rom = load_rom(file.data(), file.size());
    for (const Autoreset autoreset : {Autoreset::next_step, Autoreset::same_step}) {
        check::context = "threads";
        const Run alone = run(rom, 1, autoreset);
        double total = 0.0;
        for (const double reward : alone.rewards) total += reward;
        std::size_t ends = 0;
        for (const std::uint8_t flag : alone.ends) ends += flag;
        CHECK(total > 60.0);
        CHECK(ends >= 5);
        for (const std::uint32_t workers : {2u, 5u}) CHECK(run(rom, workers, autoreset) == alone);
    }
}

// What an environment remembers of its game, in states: a parameter and the number of the start, a memory, and infos.
void states() {
    check::context = "states";
    const std::vector<std::uint8_t> file = program_rom();
    const auto rom = load_rom(file.data(), file.size());
    EnvironmentOptions options;
    options.wants_image = false;
    options.wants_ram = true;
    Rules rules;
    rules.parameters = 0;
    rules.memories = 2;
    rules.terms = 3;
    rules.slots = 5;
    rules.code = {{}, {Operation::load, 0, 0.0}, {}, {Operation::load, 1, 0.0}, {}, {Operation::load, 2, 0.0}, {}};
    rules.infos = {1, 3, 5};
    rules.start_info = 1;
    auto config = std::make_shared<SharedConfig>(options, PictureOptions{},
                                                 PictureOptions{Colour::index, 0, 0, 0, 0, 0, 0}, rules);
    Console console(rom);
    console.step(4, true);
    for (int i = 0; i < 2; ++i) config->starts.push_back(console.save_state());
    const double infinite = INFINITY, odd = std::bit_cast<double>(std::uint64_t{0xFFF8'0000'1234'5678});
    config->start_slots = {{7.0, -2.0, infinite}, {9.0, -4.0, odd}};
    Batch batch(rom, Options{}, config, 2, 1);
    Job build = batch.job(Job::Kind::build);
    for (std::size_t row = 0; row < 2; ++row) Batch::run(&build, row, 0);
    batch.check_built();

    // A state of the console begins an episode at the first start, whatever was before.
    std::uint8_t ram[2][Console::kRamSize], flags[6];
    double rewards[2], values[2][3];
    Job reset = batch.job(Job::Kind::reset);
    reset.arrays.ram = ram[0];
    reset.arrays.reward = rewards;
    reset.arrays.terminated = flags;
    reset.arrays.truncated = flags + 2;
    reset.arrays.began = flags + 4;
    reset.arrays.values = values[0];
    const std::uint32_t starts[] = {0, 1};
    reset.starts = starts;
    const auto begin = [&] {
        for (std::size_t row = 0; row < 2; ++row) Batch::run(&reset, row, 0);
    };
    Environment &first = batch.environment(0), &second = batch.environment(1);
    const std::size_t size = first.episode_size();
    std::vector<std::uint8_t> one(size), other(size);
    const auto are_equal = [&] {
        first.save_episode(one.data());
        second.save_episode(other.data());
        return one == other;
    };
    first.adopt(*config->starts[0], batch.scratch(0));
    const bool unbegun_is_equal = (second.adopt(*config->starts[0], batch.scratch(0)), are_equal());
    CHECK(unbegun_is_equal);
    begin();
    CHECK_EQ(values[0][0], 7.0);
    CHECK_EQ(values[1][0], 9.0);
    CHECK(!are_equal());
    for (Environment* each : {&first, &second}) each->adopt(*config->starts[0], batch.scratch(0));
    CHECK(are_equal());

    // Memories come back bit by bit.
    begin();
    CHECK_EQ(values[0][2], infinite);
    CHECK_EQ(std::bit_cast<std::uint64_t>(values[1][2]), std::bit_cast<std::uint64_t>(odd));
    second.save_episode(one.data());
    first.load_episode(one.data(), true);
    CHECK(are_equal());
    std::vector<std::uint8_t> whole(first.whole_size()), again(first.whole_size());
    first.save_whole(whole.data());
    first.load_whole(whole.data());
    first.save_whole(again.data());
    CHECK(whole == again);

    // The number of the start is one of those here, or a place from a state of version 10.0.
    const auto numbered = [&](double number, double shown, double parameter) {
        std::vector<std::uint8_t> episode = one;
        const double slots[] = {parameter, number}, infos[] = {parameter, shown};
        std::memcpy(episode.data() + size - 8 * sizeof(double), slots, sizeof(slots));
        std::memcpy(episode.data() + size - 3 * sizeof(double), infos, sizeof(infos));
        return first.has_start(episode.data());
    };
    CHECK(first.has_start(one.data()));
    CHECK(numbered(-2.0, -2.0, 7.0));
    CHECK(numbered(0.0, 0.0, 7.0));
    CHECK(numbered(1.0, 1.0, 9.0));
    CHECK(!numbered(0.0, 0.0, 9.0));
    CHECK(!numbered(-2.0, -4.0, 7.0));
    for (const double number : {-1.0, -3.0, -5.0, 0.5, 2.0, 1e300, -1e300, infinite, -infinite, odd}) {
        for (const double parameter : {7.0, 9.0}) CHECK(!numbered(number, number, parameter));
    }
}

// How many frames a program runs.
void lengths() {
    check::context = "lengths";
    const std::vector<std::uint8_t> file = program_rom();
    const auto rom = load_rom(file.data(), file.size());
    Console console(rom);
    Rules rules;
    rules.slots = 1;
    rules.code = {{}, {Operation::frame, 0, 0.0}, {Operation::jump, 1, 0.0}};
    rules.start = 1;
    double slots[1] = {};
    std::uint32_t count = 0;
    const auto run = [](void* context, std::uint8_t) noexcept { ++*static_cast<std::uint32_t*>(context); };
    for (const std::uint32_t most : {3u, kMostFrames, 216'000u}) {
        count = 0;
        const ProgramResult result = run_code(rules, 1, console, slots, nullptr, {run, &count, most});
        CHECK(result.failed && result.place == kTooLong);
        CHECK_EQ(count, most);
    }
    const std::uint64_t before = console.frame_count();
    CHECK(run_start(rules, console, slots, 12).failed);
    CHECK_EQ(console.frame_count() - before, 12u);
}

}  // namespace

int main() {
    resizing();
    ways_of_resizing();
    kept_size();
    generator();
    threads();
    states();
    lengths();
    return check::result();
}
