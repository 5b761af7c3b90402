// The MMC3 and what is built on it. For the files in this folder only.
#pragma once

#include "cartridge/boards/common.hpp"

namespace nes::boards {

struct Mmc3Registers {
    std::uint64_t a12_fell;  // dot at which PPU A12 went low
    std::uint64_t irq_due;   // CPU cycle of an interrupt that comes late (TC0690, RAMBO-1); 0: none
    std::uint64_t now;       // CPU cycle the counter was brought to (RAMBO-1)
    std::uint8_t select;     // $8000: CP...RRR: CHR inversion, PRG mode, register
    std::uint8_t bank[8];    // $8001: R0-R7
    std::uint8_t mirroring;  // $A000
    std::uint8_t ram;        // $A001: EW......: enable, write-protect (MMC6: HhLl....)
    std::uint8_t irq_latch;  // $C000
    std::uint8_t irq_counter;
    std::uint8_t irq_reload;   // $C001 asks for a reload at the next clock
    std::uint8_t irq_enabled;  // $E000/$E001
    std::uint8_t a12;          // level of PPU A12
    std::uint8_t outer[16];    // what boards with more logic than an MMC3 add
};

// Bits of Mmc3Registers::select.
constexpr std::uint8_t kSelectPrgMode = 0x40;
constexpr std::uint8_t kSelectChrInversion = 0x80;

/// NESdev "MMC3". Boards that wire its outputs differently override the map_ functions.
class Mmc3 : public Board {
  public:
    enum class Irq : std::uint8_t { sharp, nec };

    explicit Mmc3(Cartridge& cartridge, Irq irq = Irq::sharp) noexcept : Board(cartridge), irq_(irq) {
        watches_ppu_bus = true;
        watches_a12_only = true;
    }

    void power_on() noexcept override;
    void map() noexcept override;
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override;
    void ppu_bus(std::uint16_t address, std::uint64_t dot) noexcept override;
    void a12_lines(std::uint64_t start, unsigned count, A12Change first, A12Change second) noexcept override;
    std::span<const Field> fields() const noexcept override;
    unsigned a12_edges_until_irq() const noexcept override;
    bool write_needs_ppu_sync(std::uint16_t address, std::uint8_t value) const noexcept override;
    bool write_moves_banks_only(std::uint16_t address) const noexcept override {
        return address >= 0x8000 && address < 0xC000;
    }

  protected:
    Mmc3Registers& regs() const noexcept { return overlay<Mmc3Registers>(); }

    /// An 8 KB PRG window and the bank the chip gives for it; negative banks count from the end.
    virtual void map_prg_bank(std::uint16_t address, int bank) noexcept { cart.map_prg(address, 8 * kKB, bank); }
    /// A 1 KB CHR window and the bank the chip gives for it.
    virtual void map_chr_bank(std::uint16_t address, int bank) noexcept { cart.map_chr(address, kKB, bank); }
    virtual void map_mirroring() noexcept;
    virtual void map_ram() noexcept;

    virtual void map_prg_banks() noexcept;
    virtual void map_chr_banks() noexcept;
    void write_mmc3(std::uint16_t address, std::uint8_t value) noexcept;

    /// A rise of A12 that passed the filter.
    virtual void clock_irq(std::uint64_t dot) noexcept;
    /// The counter asks for an interrupt.
    virtual void raise_irq(std::uint64_t /*dot*/) noexcept { cart.state->irq = 1; }

    // A12 must have been low for this many falling edges of M2 before a rise counts. It keeps the many
    // rises within a row of background fetches from counting one by one.
    std::uint64_t a12_filter_cycles_ = 3;

  private:
    Irq irq_;
};

}  // namespace nes::boards
