// The MMC1 and what is built on it. For the files in this folder only.
#pragma once

#include "cartridge/boards/common.hpp"

namespace nes::boards {

struct Mmc1Registers {
    std::uint64_t last_write;  // CPU cycle of the last write to the serial port
    std::uint64_t now;         // NES-EVENT: the cycle the timer was brought to
    std::uint32_t timer;       // NES-EVENT: cycles counted
    std::uint8_t shift;        // bits come in at the top (bit 4), the first ends up lowest
    std::uint8_t count;        // bits received, 0-4
    std::uint8_t control;      // CPPMM: CHR mode, PRG mode, mirroring
    std::uint8_t chr[2];
    std::uint8_t prg;     // EBBBB: PRG-RAM disable, bank
    std::uint8_t unlock;  // NES-EVENT: 0 locked, 1 timer bit seen low, 2 unlocked
    std::uint8_t reserved[5];
};

/// NESdev "MMC1". Boards that wire its outputs differently override map().
class Mmc1 : public Board {
  public:
    struct Variant {
        bool mmc1a = false;      // bit 4 of the PRG register does not disable PRG-RAM
        bool fixed_prg = false;  // SEROM, SHROM and SH1ROM leave the PRG lines unconnected
    };

    explicit Mmc1(Cartridge& cartridge) noexcept : Mmc1(cartridge, Variant{}) {}
    Mmc1(Cartridge& cartridge, const Variant& variant) noexcept : Board(cartridge), variant_(variant) {}

    void power_on() noexcept override;
    void map() noexcept override;
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override;
    std::span<const Field> fields() const noexcept override;

  protected:
    Mmc1Registers& regs() const noexcept { return overlay<Mmc1Registers>(); }
    /// Called when the five bits of register 0-3 have arrived.
    virtual void register_written(unsigned /*index*/) noexcept {}

  private:
    bool chr_lines_are_free() const noexcept;
    void map_chr_banks(const Mmc1Registers& r) noexcept;
    void map_prg_banks(const Mmc1Registers& r) noexcept;
    void map_ram(const Mmc1Registers& r) noexcept;

    Variant variant_;
};

}  // namespace nes::boards
