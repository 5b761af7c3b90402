// What several boards share. For the files in this folder only.
#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "base/timing.hpp"
#include "cartridge/board.hpp"

namespace nes::boards {

constexpr std::uint32_t kKB = 1024;

/// Bits `first` and up of what was written, `count` of them.
constexpr int bits(unsigned value, unsigned first, unsigned count) {
    return static_cast<int>(value >> first & ((1u << count) - 1));
}
constexpr bool bit(unsigned value, unsigned number) { return (value >> number & 1) != 0; }

/// What a register latches when the ROM drives the data bus against the CPU: a low bit wins
/// (NESdev "Bus conflict").
inline std::uint8_t bus_conflict(const Cartridge& cart, std::uint16_t address, std::uint8_t value) {
    const std::uint8_t* const page = cart.cpu_read_page[address >> Cartridge::kCpuPageBits];
    if (page == nullptr) return value;
    return static_cast<std::uint8_t>(value & page[address & 0x7FFu]);
}

/// The mirroring of MMC1-like two-bit registers that list single-screen first.
inline Mirroring single_first(unsigned bits) {
    static constexpr Mirroring kOrder[4] = {Mirroring::single_0, Mirroring::single_1, Mirroring::vertical,
                                            Mirroring::horizontal};
    return kOrder[bits & 3u];
}

/// The mirroring of VRC-like two-bit registers that list vertical first.
inline Mirroring vertical_first(unsigned bits) {
    static constexpr Mirroring kOrder[4] = {Mirroring::vertical, Mirroring::horizontal, Mirroring::single_0,
                                            Mirroring::single_1};
    return kOrder[bits & 3u];
}

/// Cycles from `now` to `cycle`; `now` becomes `cycle`. None when a hostile state lies in the future.
inline std::uint64_t elapsed(std::uint64_t& now, std::uint64_t cycle) {
    if (cycle <= now) return 0;
    const std::uint64_t cycles = cycle - now;
    now = cycle;
    return cycles;
}

/// Disconnects the pattern tables: the PPU reads a floating bus.
inline void unmap_chr(Cartridge& cart) {
    for (unsigned page = 0; page < 8; ++page) cart.map_ppu_page(page, nullptr, nullptr);
}

/// A bank of `size` bytes at a window numbered from `base`.
inline void map_chr_window(Cartridge& cart, unsigned index, std::uint32_t size, int bank, unsigned base = 0) {
    cart.map_chr(static_cast<std::uint16_t>(base + index * size), size, bank);
}

/// NROM as multicarts have it; `bank` counts 16 KB. Of 32 KB PRG A14 is CPU A14; otherwise one bank shows twice.
inline void map_nrom(Cartridge& cart, int bank, bool nrom_256) {
    if (nrom_256) {
        cart.map_prg(0x8000, 32 * kKB, bank >> 1);
    } else {
        cart.map_prg(0x8000, 16 * kKB, bank);
        cart.map_prg(0xC000, 16 * kKB, bank);
    }
}

/// PRG-ROM that is not switched: 32 KB, or 48 KB whose first 2 KB are left out (NESdev "NROM-368").
inline void map_fixed_prg(Cartridge& cart) {
    constexpr std::uint32_t kPage = 1u << Cartridge::kCpuPageBits;
    if (cart.rom->prg.size() != 48 * kKB) return cart.map_prg(0x8000, 32 * kKB, 0);
    for (std::uint32_t at = kPage; at < 48 * kKB; at += kPage) {
        cart.map_prg(static_cast<std::uint16_t>(0x4000 + at), kPage, static_cast<int>(at / kPage));
    }
}

/// A bank of 32 KB PRG-ROM and a bank of 8 KB CHR, with the mirroring that is soldered.
inline void map_32k_8k(Cartridge& cart, int prg, int chr) {
    cart.map_prg(0x8000, 32 * kKB, prg);
    cart.map_chr(0x0000, 8 * kKB, chr);
    cart.mirror(cart.rom->mirroring);
}

/// CHR-RAM that cannot be written to now.
inline void protect_chr(Cartridge& cart) {
    for (unsigned page = 0; page < 8; ++page) cart.map_ppu_page(page, cart.ppu_read_page[page], nullptr);
}

/// The byte of PRG-ROM at `offset`, which wraps.
inline std::uint8_t prg_byte(const Cartridge& cart, std::size_t offset) {
    return cart.rom->prg[offset % cart.rom->prg.size()];
}

inline Mirroring horizontal_if(bool horizontal) { return horizontal ? Mirroring::horizontal : Mirroring::vertical; }

/// The registers of a board that is one latch: what was last written, and where.
struct Latch {
    std::uint16_t address;
    std::uint8_t value;
    std::uint8_t extra;  // of boards that keep something beside the latch
};

/// A board whose whole logic is one latch and some gates. `Decode` sets the page tables from the latch.
class LatchBoard final : public Board {
  public:
    using Decode = void (*)(Cartridge&, const Latch&);
    /// What a read of an address without a page gives.
    using Read = std::uint8_t (*)(const Cartridge&, const Latch&, std::uint16_t address, std::uint8_t open_bus);
    struct Wiring {
        std::uint16_t mask = 0x8000;  // the latch takes a write at address when address & mask == match
        std::uint16_t match = 0x8000;
        bool bus_conflicts = false;
        bool cleared_by_reset = false;  // most latches are not
        std::uint8_t power_on_value = 0;
        std::uint16_t lock = 0;  // bits of the latched address that close the latch until the reset
        Read read = nullptr;
    };

    LatchBoard(Cartridge& cartridge, Decode decode, const Wiring& wiring) noexcept
        : Board(cartridge),
          decode_(decode),
          wiring_(wiring) {}

    void power_on() noexcept override { overlay<Latch>() = {0x8000, wiring_.power_on_value, 0}; }
    void reset() noexcept override {
        if (!wiring_.cleared_by_reset) return;
        power_on();
        map();
    }
    void map() noexcept override { decode_(cart, overlay<Latch>()); }
    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        return wiring_.read == nullptr ? open_bus : wiring_.read(cart, overlay<Latch>(), address, open_bus);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if ((address & wiring_.mask) != wiring_.match || (overlay<Latch>().address & wiring_.lock) != 0) return;
        if (wiring_.bus_conflicts) value = bus_conflict(cart, address, value);
        overlay<Latch>() = {address, value, 0};
        map();
    }
    std::span<const Field> fields() const noexcept override { return latch_fields(); }
    static std::span<const Field> latch_fields() noexcept;

  private:
    Decode decode_;
    Wiring wiring_;
};

constexpr LatchBoard::Wiring kBusConflicts{.bus_conflicts = true};

inline std::unique_ptr<Board> make_latch(Cartridge& cart, LatchBoard::Decode decode, const LatchBoard::Wiring& wiring) {
    return std::make_unique<LatchBoard>(cart, decode, wiring);
}
inline std::unique_ptr<Board> make_latch(Cartridge& cart, LatchBoard::Decode decode) {
    return make_latch(cart, decode, LatchBoard::Wiring{});
}

}  // namespace nes::boards
