// The input: a byte for the kind, then for kind 0 a whole state, else
//
//   two bytes  the board
//   three      sizes, flags, frames before the state is taken
//   four each  offset (three bytes, modulo the size) and the new value of a byte
//
// The checksum is made to fit, or only the values that a checksum protects would never be reached.
#include <algorithm>

#include "machine/console.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

constexpr std::size_t kChecksumSize = 8;

// A program that draws with sprites, and takes both kinds of interrupt, in $0200.
constexpr std::uint8_t kProgram[] = {
    0xA9, 0x80, 0x8D, 0x00, 0x20,  // LDA #$80, STA $2000
    0xA9, 0x1E, 0x8D, 0x01, 0x20,  // LDA #$1E, STA $2001
    0xA9, 0x1F, 0x8D, 0x15, 0x40,  // LDA #$1F, STA $4015
    0xA9, 0x03, 0x8D, 0x14, 0x40,  // LDA #$03, STA $4014
    0x58, 0xE6, 0x10,              // CLI, INC $10
    0x4C, 0x00, 0x02,              // JMP $0200
};
constexpr std::uint16_t kInterrupt = 0x0280;  // RTI

void seal(std::vector<std::uint8_t>& state) {
    std::uint64_t hash = 0xCBF29CE484222325u;
    for (std::size_t i = 0; i + kChecksumSize < state.size(); ++i) hash = (hash ^ state[i]) * 0x100000001B3u;
    for (std::size_t i = 0; i < kChecksumSize; ++i) {
        state[state.size() - kChecksumSize + i] = static_cast<std::uint8_t>(hash >> (8 * i));
    }
}

/// Whether it was taken; when not, the console must be what it was.
bool restore(nes::Console& console, const std::vector<std::uint8_t>& state) {
    const std::vector<std::uint8_t> before = console.serialize();
    try {
        console.load_serialized(state.data(), state.size());
        return true;
    } catch (const nes::StateError& error) {
        if (error.what()[0] == '\0') fail("a state was refused without a reason");
        if (console.serialize() != before) fail("a state that was refused has changed the console");
        return false;
    }
}

/// The console goes on, whatever the state says.
void use(nes::Console& console) {
    console.set_sample_rate(8000);
    console.controller(0)[0] = 0x5A;
    console.run_until(console.cpu_cycles() + 500);
    console.step(1, true);
    for (unsigned address = 0; address < 0x10000; address += 0x3F) {
        console.poke(static_cast<std::uint16_t>(address), console.peek(static_cast<std::uint16_t>(address)));
        console.poke_ppu(static_cast<std::uint16_t>(address), console.peek_ppu(static_cast<std::uint16_t>(address)));
    }
    const std::vector<std::uint8_t> state = console.serialize();
    nes::Console twin(console.shared_rom(), console.options());
    try {
        twin.load_serialized(state.data(), state.size());
    } catch (const nes::StateError& error) {
        fail(std::string("a console refuses its own state: ") + error.what());
    }
    if (const std::string found = nes::Console::difference(console, twin); !found.empty()) {
        fail("a state that was loaded is another one: " + found);
    }
    console.soft_reset();
    console.run_until(console.cpu_cycles() + 2000);
    console.power_on();
}

}  // namespace

void snapshot(Bytes input) {
    Reader reader(input);
    const std::uint8_t kind = reader.byte();
    if (kind == 0) {
        nes::Console console(load({}));
        const Bytes rest = reader.rest();
        if (restore(console, {rest.begin(), rest.end()})) use(console);
        return;
    }
    Cartridge cartridge;
    cartridge.nmi = cartridge.irq = kInterrupt;
    cartridge.board = reader.word();
    cartridge.sizes = reader.byte();
    cartridge.flags = reader.byte();
    const unsigned frames = reader.byte() % 4u;
    std::unique_ptr<nes::Console> console;
    try {
        console = std::make_unique<nes::Console>(
            load(cartridge), nes::Options{.policy = (kind & 2) != 0 ? nes::Policy::reference : nes::Policy::fast});
    } catch (const nes::RomError&) {
        return;  // memory that the board cannot have
    }
    std::copy(std::begin(kProgram), std::end(kProgram), console->ram() + 0x0200);
    console->ram()[kInterrupt] = 0x40;
    console->step(frames, false);
    std::vector<std::uint8_t> state = console->serialize();
    while (!reader.empty()) {
        const std::size_t low = reader.word();
        const std::size_t offset = low | std::size_t{reader.byte()} << 16;
        state[offset % state.size()] = reader.byte();
    }
    seal(state);
    if (restore(*console, state)) use(*console);
}

}  // namespace fuzz
