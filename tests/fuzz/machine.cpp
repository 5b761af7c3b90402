// The input:
//
//   two bytes  the board
//   three      sizes, flags, what PRG-ROM is full of
//   four       the vectors of NMI and IRQ
//   one        bit 0: the code is a script of register accesses, not instructions as they are
//              bit 1: frames are drawn; bit 2: the sound is on; bits 4-7: how many turns there are
//   two        how many bytes of code
//   n          the code, for $0200
//   the rest   what is done from outside, see `turn`
#include <algorithm>

#include "../lockstep/sound.hpp"
#include "machine/console.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

constexpr std::uint16_t kCode = 0x0200;
constexpr std::size_t kCodeSize = 0x0600 - 3;
constexpr unsigned kCyclesPerFrame = 29781;
constexpr unsigned kSampleRate = 8000;
constexpr unsigned kFirstRun = 8000;  // from the beginning of vertical blank into the picture

class Pair {
  public:
    Pair(const std::shared_ptr<const nes::Rom>& rom)
        : fast(rom, {.policy = nes::Policy::fast}),
          reference(rom, {.policy = nes::Policy::reference}) {}

    template <class Action>
    void both(Action action) {
        action(fast);
        action(reference);
    }

    void compare(unsigned number) {
        std::string found = nes::Console::difference(fast, reference);
        if (found.empty()) found = lockstep::sound_difference(fast, reference);
        if (found.empty()) return;
        const nes::CpuTrace at = reference.trace();
        fail("turn " + std::to_string(number) + ", frame " + std::to_string(reference.frame_count()) + ", cycle " +
             std::to_string(at.cycle) + ", PC " + std::to_string(at.pc) + ", mapper " +
             std::to_string(reference.rom().mapper) + "." + std::to_string(reference.rom().submapper) + ": " + found +
             " (fast != reference)");
    }

    nes::Console fast;
    nes::Console reference;
};

/// Four bytes of a script: the kind, the value, the address. They become loads, stores and waits.
void translate(Reader& reader, std::vector<std::uint8_t>& code) {
    const std::uint8_t kind = reader.byte();
    const std::uint8_t value = reader.byte();
    std::uint16_t address = static_cast<std::uint16_t>(reader.word());
    // Three out of four go to registers of the console.
    switch (kind & 3) {
        case 0: address = static_cast<std::uint16_t>(0x2000 | (address & 7)); break;
        case 1: address = static_cast<std::uint16_t>(0x4000 | (address & 31)); break;
        case 2: address = static_cast<std::uint16_t>(0x4020 | address); break;
        default: break;
    }
    const auto low = static_cast<std::uint8_t>(address & 0xFF);
    const auto high = static_cast<std::uint8_t>(address >> 8);
    switch (kind >> 2 & 7) {
        case 0: code.insert(code.end(), {0xAD, low, high}); break;                // LDA
        case 1: code.insert(code.end(), {0xA2, value, 0xCA, 0xD0, 0xFD}); break;  // a wait of 5 * value cycles
        case 2: code.insert(code.end(), {0xEE, low, high}); break;                // INC, which writes twice
        case 3: code.insert(code.end(), {0x2C, low, high, 0x10, 0xFB}); break;    // waits until bit 7 is set
        case 4: code.insert(code.end(), {0xA2, value, 0xA9, value, 0x9D, low, high}); break;  // STA address,X
        case 5: code.push_back(value & 1 ? 0x58 : 0x78); break;                               // CLI, SEI
        default: code.insert(code.end(), {0xA9, value, 0x8D, low, high}); break;              // LDA, STA
    }
}

void turn(Pair& pair, Reader& reader, bool draw) {
    const std::uint8_t what = reader.byte();
    const unsigned argument = reader.word();
    switch (what & 7) {
        case 0:
            pair.both([&](nes::Console& c) { *c.controller(argument & 1) = static_cast<std::uint8_t>(argument >> 8); });
            break;
        case 1: pair.both([&](nes::Console& c) { c.run_until(c.cpu_cycles() + argument % kCyclesPerFrame); }); break;
        case 2:
            pair.both(
                [&](nes::Console& c) { c.ram()[argument & 0x7FF] = static_cast<std::uint8_t>(what | argument >> 11); });
            break;
        case 3:
            pair.both([&](nes::Console& c) {
                switch (argument & 3) {
                    case 0: c.power_on(true); break;
                    case 1: c.set_frame_boundary(nes::FrameBoundary::nes_py); break;
                    case 2: c.set_frame_boundary(nes::FrameBoundary::vblank); break;
                    default: c.soft_reset(); break;
                }
            });
            break;
        case 4: {
            std::vector<std::uint8_t> state(pair.fast.state_size());
            ((argument & 1) != 0 ? pair.fast : pair.reference).save(state.data());
            pair.both([&](nes::Console& c) { c.load(state.data()); });
            break;
        }
        case 5:
            pair.both([&](nes::Console& c) {
                c.oam()[argument & 0xFF] =
                    static_cast<std::uint8_t>((argument >> 8) & ((argument & 3) == 2 ? 0xE3 : 0xFF));
            });
            break;
        case 6: pair.both([&](nes::Console& c) { c.poke_ppu(static_cast<std::uint16_t>(argument), what); }); break;
        default: pair.both([&](nes::Console& c) { c.step(1, draw); }); break;
    }
}

}  // namespace

void machine(Bytes input) {
    Reader reader(input);
    Cartridge cartridge;
    cartridge.board = reader.word();
    cartridge.sizes = reader.byte();
    cartridge.flags = reader.byte();
    cartridge.filler = reader.byte();
    cartridge.nmi = static_cast<std::uint16_t>(reader.word());
    cartridge.irq = static_cast<std::uint16_t>(reader.word());
    const std::uint8_t mode = reader.byte();
    const Bytes source = reader.take(reader.word() % (kCodeSize + 1));

    std::unique_ptr<Pair> pair;
    try {
        pair = std::make_unique<Pair>(load(cartridge));
    } catch (const nes::RomError&) {
        return;  // memory that the board cannot have
    }

    std::vector<std::uint8_t> code;
    if ((mode & 1) != 0) {
        for (Reader script(source); !script.empty() && code.size() < kCodeSize;) translate(script, code);
    } else {
        code.assign(source.begin(), source.end());
    }
    code.resize(std::min(code.size(), kCodeSize));
    const std::uint16_t again = kCode;
    code.insert(code.end(), {0x4C, again & 0xFF, again >> 8});

    // The PPU takes no writes before its first frame is over: that one is spent in an empty loop.
    constexpr std::uint8_t kLoop[] = {0x4C, kCode & 0xFF, kCode >> 8};
    pair->both([&](nes::Console& c) { std::copy(std::begin(kLoop), std::end(kLoop), c.ram() + kCode); });
    pair->fast.step(2, false);
    std::vector<std::uint8_t> state(pair->fast.state_size());
    pair->fast.save(state.data());
    pair->both([&](nes::Console& c) {
        c.load(state.data());
        std::copy(code.begin(), code.end(), c.ram() + kCode);
        // Something to come back to from a handler that is anywhere in the first pages.
        c.ram()[0x0100] = c.ram()[0x0000] = 0x40;
        c.set_pc(kCode);
    });
    if ((mode & 4) != 0) pair->both([](nes::Console& c) { c.set_sample_rate(kSampleRate); });
    const bool draw = (mode & 2) != 0;
    pair->both([&](nes::Console& c) { c.run_until(c.cpu_cycles() + kFirstRun); });
    pair->compare(0);
    const unsigned turns = mode >> 4;
    for (unsigned number = 1; number <= turns && !reader.empty(); ++number) {
        turn(*pair, reader, draw);
        pair->compare(number);
    }
}

}  // namespace fuzz
