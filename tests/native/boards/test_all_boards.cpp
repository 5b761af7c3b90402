// What must hold for every board there is, whatever is written to it.
#include <algorithm>

#include "program.hpp"
#include "tests.hpp"

namespace nes::test {
namespace {

std::vector<Image> every_board() {
    std::vector<Image> images;
    for (const BoardDescription& line : describe_boards()) {
        const unsigned mapper = line.mapper;
        const unsigned submapper = line.submapper < 0 ? 0 : static_cast<unsigned>(line.submapper);
        images.push_back(
            {.mapper = mapper, .submapper = submapper, .prg = 512, .chr = 128, .prg_ram = 8, .chr_ram = 32});
        // Sizes that are no power of two, and none at all.
        images.push_back({.mapper = mapper,
                          .submapper = submapper,
                          .prg = 48,
                          .chr = 24,
                          .prg_ram = 2,
                          .chr_ram = 8,
                          .battery = true});
        images.push_back({.mapper = mapper,
                          .submapper = submapper,
                          .prg = 16,
                          .chr = 0,
                          .prg_ram = 0,
                          .chr_ram = 0,
                          .four_screen = true});
        if (mapper < 256 && submapper == 0) {
            images.push_back({.mapper = mapper, .prg = 1536, .chr = 0, .nes2 = false});
        }
    }
    return images;
}

void name(const char* test, const Image& image) {
    check::context = std::string(test) + ", mapper " + std::to_string(image.mapper) + "." +
                     std::to_string(image.submapper) + ", " + std::to_string(image.prg) + " KB";
}

void random_write(Fixture& f, Noise& noise) {
    const unsigned address = noise.next(4) != 0 ? 0x8000 + noise.next(0x8000) : 0x4020 + noise.next(0x3FE0);
    // Registers sit at round addresses more often than chance hits them.
    f.write_at(noise.next(2) != 0 ? address & 0xFFF3 : address, noise.next(256), f.cycle + 1 + noise.next(40));
}

/// Every page must lie inside a chip: read all of them (under a sanitizer this finds strays).
void touch_everything(Fixture& f) {
    for (unsigned address = 0x4020; address < 0x10000; address += 0x1FF) f.read(address);
    for (const std::uint8_t* page : f.cart.ppu_read_page) {
        if (page != nullptr) CHECK(page[0] + page[1023] >= 0);
    }
    for (std::uint8_t* page : f.cart.ppu_write_page) {
        if (page != nullptr) page[1023] = page[0];
    }
    for (std::uint8_t* page : f.cart.cpu_write_page) {
        if (page != nullptr) page[2047] = page[0];
    }
}

/// map() alone brings back every page table, whatever led to the state.
void test_restore(const Image& image) {
    name("restore", image);
    Fixture f(image);
    Noise noise(image.mapper);
    std::uint64_t dot = 1000;
    for (int round = 0; round < 12; ++round) {
        for (int i = 0; i < 20; ++i) {
            random_write(f, noise);
            f.board->ppu_bus(static_cast<std::uint16_t>(noise.next(0x3000)), dot += 1 + noise.next(60));
        }
        CHECK(f.survives_restore());
        touch_everything(f);
    }
    f.board->reset();
    CHECK(f.survives_restore());
}

/// A state from outside may hold anything: no register may lead out of a chip, and nothing may hang.
void test_hostile(const Image& image) {
    name("hostile state", image);
    Fixture f(image);
    Noise noise(image.mapper + 7);
    std::uint64_t dot = 1000;
    for (int round = 0; round < 12; ++round) {
        for (std::uint8_t& byte : f.state.board) byte = static_cast<std::uint8_t>(noise.next(256));
        // Times near the present, so that counters run as well as stand still.
        if (round % 2 != 0) std::memset(f.state.board, 0, 8);
        f.board->map();
        touch_everything(f);
        f.cycle += 1'000'000'000;
        f.board->run_to(f.cycle);
        for (int i = 0; i < 30; ++i) {
            random_write(f, noise);
            f.board->ppu_bus(static_cast<std::uint16_t>(noise.next(0x4000)), dot += noise.next(100));
            CHECK(f.board->next_irq() >= 1);
        }
        touch_everything(f);
    }
}

/// The list of fields names every byte of a board's registers, so what it does not name stays untouched.
void test_fields(const Image& image) {
    name("fields", image);
    Fixture f(image);
    std::uint32_t end = 0;
    for (const Field& field : f.board->fields()) {
        CHECK_EQ(field.offset, end);
        end += field.element_size * field.count;
    }
    CHECK(end <= sizeof f.state.board);
    Noise noise(image.mapper + 3);
    for (int i = 0; i < 500; ++i) random_write(f, noise);
    for (std::size_t i = end; i < sizeof f.state.board; ++i) CHECK_EQ(f.state.board[i], 0);
}

/// Counters of CPU cycles: brought up in steps or in leaps they agree, and next_irq foretells the cycle.
void test_counter(const Image& image) {
    name("counter", image);
    Fixture steps(image);
    Fixture leaps(image);
    if (!steps.board->counts_cpu_cycles) return;
    unsigned interrupts = 0;
    Noise noise(image.mapper + 11);
    for (int round = 0; round < 400; ++round) {
        const unsigned address = 0x4020 + noise.next(0xBFE0);
        const unsigned where = noise.next(2) != 0 ? address & 0xFF0F : address;
        const unsigned value = noise.next(3) != 0 ? noise.next(256) : 0;
        const std::uint64_t at = steps.cycle + 1 + noise.next(300);
        while (steps.cycle < at) {
            const bool before = steps.irq();
            const std::uint64_t foretold = steps.board->next_irq();
            steps.board->run_to(++steps.cycle);
            if (!before && steps.irq()) {
                ++interrupts;
                CHECK_EQ(foretold, steps.cycle);
            } else if (!before) {
                CHECK(foretold > steps.cycle);
            }
        }
        steps.write_at(where, value, at);
        leaps.write_at(where, value, at);
        if (noise.next(4) != 0) continue;
        leaps.board->run_to(at);  // the write may have gone to RAM
        const bool equal = std::equal(std::begin(steps.state.board), std::end(steps.state.board), leaps.state.board) &&
                           steps.state.irq == leaps.state.irq;
        CHECK(equal);
        if (!equal) return;
    }
    (void)interrupts;  // many boards need a long program to get one; test_counters.cpp has those
}

}  // namespace

void test_all_boards() {
    for (const Image& image : every_board()) {
        test_restore(image);
        test_hostile(image);
        test_fields(image);
        test_counter(image);
    }
}

}  // namespace nes::test
