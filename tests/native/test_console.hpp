// Consoles that run the programs of the tests, under each of the two policies.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "assembler.hpp"
#include "cartridge/rom.hpp"
#include "check.hpp"
#include "machine/console.hpp"

namespace nes::test {

/// Tiles of the CHR-ROM: each pixel of tile n is of colour n for 0 to 3, of tile 4 only the top left one (colour 1), of tile 5
/// only the bottom right one, of tile 6 only the top row; all others are empty. Both tables hold the same, but for tile 7: solid
/// in the upper table, empty in the lower one.
inline std::vector<std::uint8_t> chr_tiles() {
    std::vector<std::uint8_t> chr(8192, 0);
    for (unsigned table = 0; table < 2; ++table) {
        std::uint8_t* tiles = chr.data() + table * 4096;
        for (unsigned tile = 1; tile < 4; ++tile) {
            for (unsigned row = 0; row < 8; ++row) {
                if (tile & 1) tiles[tile * 16 + row] = 0xFF;
                if (tile & 2) tiles[tile * 16 + 8 + row] = 0xFF;
            }
        }
        tiles[4 * 16] = 0x80;
        tiles[5 * 16 + 7] = 0x01;
        tiles[6 * 16] = 0xFF;
        for (unsigned row = 0; row < 8 && table == 1; ++row) tiles[7 * 16 + row] = 0xFF;
    }
    return chr;
}

/// A cartridge without logic (NROM) whose program begins at `reset`; `nmi` and `irq` are its handlers where they are labels.
struct Cart {
    explicit Cart(const std::string& text, bool vertical = false, bool chr_ram = false) : code(text) {
        const std::vector<std::uint8_t> tiles = chr_tiles();
        file.assign(16, 0);
        file[0] = 'N', file[1] = 'E', file[2] = 'S', file[3] = 0x1A;
        file[4] = 2;
        file[5] = chr_ram ? 0 : 1;
        file[6] = vertical ? 1 : 0;
        file.insert(file.end(), code.memory().begin() + 0x8000, code.memory().end());
        const char* const names[3] = {"nmi", "reset", "irq"};
        for (unsigned i = 0; i < 3; ++i) {
            const unsigned target = code.has(names[i]) ? code.address_of(names[i]) : 0x8000;
            file[16 + 0x7FFA + 2 * i] = static_cast<std::uint8_t>(target);
            file[16 + 0x7FFB + 2 * i] = static_cast<std::uint8_t>(target >> 8);
        }
        if (!chr_ram) file.insert(file.end(), tiles.begin(), tiles.end());
        rom = load_rom(file.data(), file.size());
    }

    Assembler code;
    std::vector<std::uint8_t> file;
    std::shared_ptr<const Rom> rom;
};

inline constexpr Policy kPolicies[] = {Policy::fast, Policy::reference};
inline const char* name_of(Policy policy) { return policy == Policy::fast ? "fast" : "reference"; }

/// What programs end with: `jmp done`.
inline constexpr const char* kDone = R"(
done:   lda #1
        sta $07FF
stop:   jmp stop
)";

inline std::string hex_list(const std::uint8_t* bytes, std::size_t count) {
    std::string text;
    char two[4];
    for (std::size_t i = 0; i < count; ++i) {
        std::snprintf(two, sizeof two, i ? " %02X" : "%02X", bytes[i]);
        text += two;
    }
    return text;
}

/// Runs `text` under both policies until it is done, compares the consoles after every frame, and in the end RAM from $10 on
/// with `expected`. Every other frame is drawn.
inline void expect(const std::string& what, const std::string& text, const std::vector<std::uint8_t>& expected,
                   bool vertical = false, bool chr_ram = false, Options options = {}) {
    check::context = what;
    const Cart cart(text + kDone, vertical, chr_ram);
    Console fast(cart.rom, options);
    options.policy = Policy::reference;
    Console reference(cart.rom, options);
    for (unsigned frame = 0; frame < 60 && reference.ram()[0x7FF] == 0; ++frame) {
        fast.step(1, frame & 1);
        reference.step(1, frame & 1);
        const std::string difference = Console::difference(fast, reference);
        CHECK_EQ(difference, std::string());
        if (!difference.empty()) break;
    }
    CHECK(reference.ram()[0x7FF] != 0);
    CHECK_EQ(hex_list(reference.ram() + 0x10, expected.size()), hex_list(expected.data(), expected.size()));
    CHECK_EQ(hex_list(fast.ram() + 0x10, expected.size()), hex_list(expected.data(), expected.size()));
}

/// The CPU cycle in which the program comes to `label` for the first time, which must be the same under both policies; 0 when it
/// does not come there within a second. `look` is called with each console there.
template <class Look>
std::uint64_t arrive(const Cart& cart, const std::string& label, Look look, Options options = {}) {
    const unsigned address = cart.code.address_of(label);
    options.policy = Policy::reference;
    Console reference(cart.rom, options);
    while (reference.trace().pc != address && reference.cpu_cycles() < 2000000) reference.step_instruction();
    CHECK(reference.trace().pc == address);
    if (reference.trace().pc != address) return 0;
    options.policy = Policy::fast;
    Console fast(cart.rom, options);
    const std::uint64_t cycle = reference.cpu_cycles();
    while (fast.cpu_cycles() < cycle) fast.run_until(cycle);
    CHECK_EQ(fast.cpu_cycles(), cycle);
    CHECK_EQ(fast.trace().pc, address);
    CHECK_EQ(Console::difference(fast, reference), std::string());
    look(fast);
    look(reference);
    return cycle;
}

inline std::uint64_t arrive(const Cart& cart, const std::string& label, Options options = {}) {
    return arrive(cart, label, [](const Console&) {}, options);
}

/// Puts the numbers of `values` in the places {0}, {1}, ... of `text`.
inline std::string fill(std::string text, const std::vector<std::string>& values) {
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::string place = "{" + std::to_string(i) + "}";
        for (std::size_t at; (at = text.find(place)) != std::string::npos;) text.replace(at, place.size(), values[i]);
    }
    return text;
}

}  // namespace nes::test
