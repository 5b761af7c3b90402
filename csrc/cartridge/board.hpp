// A cartridge board: bank switching and interrupts.
//
// A board object holds no state of its own beside references: its registers live in
// CartridgeState::board, so that a snapshot of a console is one copy of bytes. It never sees mapper
// numbers (board_table.cpp turns those into a board) and never throws.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "audio/expansion.hpp"
#include "base/export.hpp"
#include "base/fields.hpp"
#include "cartridge/cartridge.hpp"

namespace nes {

class Board {
  public:
    explicit Board(Cartridge& cartridge) noexcept : cart(cartridge) {}
    virtual ~Board() = default;
    Board(const Board&) = delete;
    Board& operator=(const Board&) = delete;

    /// Registers as they are when the power comes on. The state is all zero before the call.
    virtual void power_on() noexcept {}
    /// The console's reset button, for the few boards that see it.
    virtual void reset() noexcept {}
    /// Rebuilds all page tables from the registers (after power-on and after a restore).
    virtual void map() noexcept = 0;

    /// A CPU read in $4020-$FFFF of an address without a page. `open_bus` is what the bus floats at.
    virtual std::uint8_t cpu_read(std::uint16_t /*address*/, std::uint8_t open_bus) noexcept { return open_bus; }
    /// As cpu_read, without side effects, for debuggers.
    virtual std::uint8_t cpu_peek(std::uint16_t /*address*/, std::uint8_t open_bus) const noexcept { return open_bus; }
    /// A CPU write in $4020-$FFFF of an address without a writable page, at the end of CPU cycle
    /// `cycle` (counted from power-on).
    virtual void cpu_write(std::uint16_t /*address*/, std::uint8_t /*value*/, std::uint64_t /*cycle*/) noexcept {}

    /// The CPU is about to fetch a byte of its NMI vector for an interrupt, when `watches_nmi_vector`.
    virtual void nmi_vector_read() noexcept {}

    /// A PPU read of an address without a page. `open_bus` is what the bus floats at.
    virtual std::uint8_t ppu_read(std::uint16_t /*address*/, std::uint8_t open_bus) noexcept { return open_bus; }
    /// As ppu_read, without side effects.
    virtual std::uint8_t ppu_peek(std::uint16_t /*address*/, std::uint8_t open_bus) const noexcept { return open_bus; }

    /// A PPU write to an address without a writable page, such as CHR-ROM.
    virtual void ppu_write(std::uint16_t /*address*/, std::uint8_t /*value*/) noexcept {}

    /// The PPU puts `address` (14 bits) on its bus during dot `dot` (counted from power-on). Called for every
    /// access, in order, when `watches_ppu_bus`. `cart.dots` tells its CPU cycle.
    virtual void ppu_bus(std::uint16_t /*address*/, std::uint64_t /*dot*/) noexcept {}

    /// The same for `count` lines of 341 dots from `start` on, in each of which A12 alone changes, twice. Only called when
    /// `watches_a12_only`.
    struct A12Change {
        unsigned dot;
        bool high;
    };
    virtual void a12_lines(std::uint64_t start, unsigned count, A12Change first, A12Change second) noexcept {
        for (; count > 0; --count, start += 341) {
            ppu_bus(first.high ? 0x1000 : 0, start + first.dot);
            ppu_bus(second.high ? 0x1000 : 0, start + second.dot);
        }
    }

    /// Brings a counter that counts CPU cycles to the end of `cycle`, when `counts_cpu_cycles`.
    virtual void run_to(std::uint64_t /*cycle*/) noexcept {}
    /// The cycle at the end of which run_to would raise the interrupt if nothing is written before;
    /// ~0 for never.
    virtual std::uint64_t next_irq() const noexcept { return ~std::uint64_t{0}; }

    /// The sound that the cartridge adds, which listens to the board's registers; null for most.
    virtual std::unique_ptr<ExpansionSound> make_sound() const { return nullptr; }

    /// Names of the registers in CartridgeState::board.
    virtual std::span<const Field> fields() const noexcept { return {}; }

    /// For boards that count rises of PPU A12: the rise of those that count from now on that may raise the interrupt,
    /// 1 for the next one; kNoRise when none will before a register is written.
    virtual unsigned a12_edges_until_irq() const noexcept { return 1; }
    static constexpr unsigned kNoRise = ~0u;
    /// Whether a write must find the PPU at its dot: it changes what the PPU sees, or what depends on where the PPU is.
    virtual bool write_needs_ppu_sync(std::uint16_t /*address*/, std::uint8_t /*value*/) const noexcept { return true; }

    /// Whether a write leaves the interrupt alone, now and later: it moves banks only.
    virtual bool write_moves_banks_only(std::uint16_t /*address*/) const noexcept { return false; }

    /// The first of the registers in a saved state with a value that they cannot have when the PPU has processed `clock` dots
    /// and the CPU `cycle` cycles; null if there is none.
    virtual const char* impossible_value(const std::uint8_t* /*registers*/, std::uint64_t /*clock*/,
                                         std::uint64_t /*cycle*/) const noexcept {
        return nullptr;
    }

    bool watches_ppu_bus = false;
    bool watches_a12_only = false;  // of the addresses on the PPU's bus only A12 matters, and no rise after a short low
    bool counts_cpu_cycles = false;
    bool watches_nmi_vector = false;
    bool watches_out_port = false;  // writes to $4016 (OUT0-OUT2) go to cpu_write as well

  protected:
    /// The board's registers, as its own struct.
    template <class Registers>
    Registers& overlay() const noexcept {
        static_assert(std::is_trivially_copyable_v<Registers>);
        static_assert(std::has_unique_object_representations_v<Registers>, "padding would be saved");
        static_assert(sizeof(Registers) <= sizeof(CartridgeState::board));
        static_assert(alignof(Registers) <= 8);
        return *reinterpret_cast<Registers*>(cart.state->board);
    }

    Cartridge& cart;
};

/// The board that a ROM needs. Throws RomError that names the mapper when there is none.
std::unique_ptr<Board> make_board(Cartridge& cartridge);

/// A line of the table of boards, for people.
struct BoardDescription {
    unsigned mapper;
    int submapper;  // -1: every submapper without a line of its own
    std::string name;
    std::string missing;  // what the board had and this one has not; empty when it is whole
};
NES_PY_API std::vector<BoardDescription> describe_boards();

/// Why make_board finds no board for a mapper, for people: "mapper 20 (Famicom Disk System) is not supported: ...".
NES_PY_API std::string why_unsupported(unsigned mapper);

/// Whether make_board would find a board, without building one.
NES_PY_API bool board_is_supported(unsigned mapper, unsigned submapper) noexcept;

}  // namespace nes
