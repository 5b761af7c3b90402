// What is fuzzed: functions that take any bytes and abort when something that must hold does not.
//
// entry.cpp makes a libFuzzer program of each (`make fuzz`); replay.cpp runs them over the files in corpus/, as one of
// the native tests.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cartridge/board.hpp"
#include "cartridge/rom.hpp"

namespace fuzz {

using Bytes = std::span<const std::uint8_t>;

/// Any bytes as a ROM file: refused with RomError, or playable.
void rom(Bytes input);
/// Any bytes as a serialized state, and good states with altered bytes: refused and without effect, or playable.
void snapshot(Bytes input);
/// Any program on any board, any buttons, any stops: both policies agree.
void machine(Bytes input);

/// Ends the program, which the fuzzer takes for a finding.
[[noreturn]] inline void fail(const std::string& what) {
    std::fprintf(stderr, "fuzz: %s\n", what.c_str());
    std::abort();
}

/// Deals out the input; zeros when it is used up.
class Reader {
  public:
    explicit Reader(Bytes input) : rest_(input) {}

    bool empty() const { return rest_.empty(); }
    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const std::uint8_t value = rest_.front();
        rest_ = rest_.subspan(1);
        return value;
    }
    unsigned word() {
        const unsigned low = byte();
        return low | unsigned{byte()} << 8;
    }
    Bytes take(std::size_t size) {
        const Bytes part = rest_.first(size < rest_.size() ? size : rest_.size());
        rest_ = rest_.subspan(part.size());
        return part;
    }
    Bytes rest() const { return rest_; }

  private:
    Bytes rest_;
};

/// A cartridge by a few bytes of the input: any board of the table, and what memory it has.
struct Cartridge {
    unsigned board = 0;          // line of the table of boards, modulo its length
    std::uint8_t sizes = 0;      // bits 0-1 PRG-ROM, 2-3 CHR-ROM, 4-5 PRG-RAM, 6-7 CHR-RAM
    std::uint8_t flags = 0;      // bits 0-1 mirroring of the header, 2-3 region, 4 battery
    std::uint16_t nmi = 0x0200;  // the vectors
    std::uint16_t reset = 0x0200;
    std::uint16_t irq = 0x0200;
    std::uint8_t filler = 0xEA;  // what PRG-ROM is full of, changed a little by the number of the page

    auto operator<=>(const Cartridge&) const = default;
};

/// The ROM. Every 2 KB page of PRG-ROM ends with the vectors. Throws nes::RomError.
std::shared_ptr<const nes::Rom> load(const Cartridge& cartridge);

}  // namespace fuzz
