// What multicarts share. For the files in this folder only.
#pragma once

#include "cartridge/boards/common.hpp"

namespace nes::boards {

inline void chr_and_mirroring(Cartridge& cart, int bank, bool horizontal) {
    cart.map_chr(0x0000, 8 * kKB, bank);
    cart.mirror(horizontal_if(horizontal));
}

/// 8 KB of CHR-RAM, which multicarts protect while an NROM game runs.
inline void chr_ram_and_mirroring(Cartridge& cart, bool is_protected, bool horizontal) {
    chr_and_mirroring(cart, 0, horizontal);
    if (is_protected) protect_chr(cart);
}

/// 16 KB that are switched and 16 KB that are not.
inline void map_unrom(Cartridge& cart, int bank, int fixed) {
    cart.map_prg(0x8000, 16 * kKB, bank);
    cart.map_prg(0xC000, 16 * kKB, fixed);
}

struct MulticartState {
    std::uint16_t address[2];  // of writes, where the address is what counts
    std::uint8_t value[11];
    std::uint8_t games;  // what the reset button counts
};

inline bool write_nothing(MulticartState&, const Cartridge&, std::uint16_t, std::uint8_t) { return false; }

/// A board of a few registers and gates: `write` takes a write at $4020-$FFFF and says whether banks move; `decode` sets the
/// page tables from the registers.
class MulticartBoard final : public Board {
  public:
    struct Wiring {
        void (*decode)(Cartridge&, const MulticartState&);
        bool (*write)(MulticartState&, const Cartridge&, std::uint16_t address, std::uint8_t value);
        void (*power_on)(MulticartState&, const Cartridge&) = nullptr;  // where the registers are not all clear
        bool cleared_by_reset = true;
        bool counts_resets = false;
        void (*reset)(MulticartState&) = nullptr;  // in place of clearing all
        /// What a read of an address without a page gives.
        std::uint8_t (*read)(const Cartridge&, const MulticartState&, std::uint16_t address,
                             std::uint8_t open_bus) = nullptr;
    };

    MulticartBoard(Cartridge& cartridge, const Wiring& wiring) noexcept : Board(cartridge), wiring_(wiring) {}

    void power_on() noexcept override {
        regs() = {};
        if (wiring_.power_on != nullptr) wiring_.power_on(regs(), cart);
    }
    void reset() noexcept override {
        const std::uint8_t games = regs().games;
        if (wiring_.reset != nullptr) {
            wiring_.reset(regs());
        } else if (wiring_.cleared_by_reset) {
            power_on();
        }
        regs().games = wiring_.counts_resets ? static_cast<std::uint8_t>(games + 1) : games;
        map();
    }
    void map() noexcept override { wiring_.decode(cart, regs()); }
    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        return wiring_.read == nullptr ? open_bus : wiring_.read(cart, regs(), address, open_bus);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (wiring_.write(regs(), cart, address, value)) map();
    }
    std::span<const Field> fields() const noexcept override;

  private:
    MulticartState& regs() const noexcept { return overlay<MulticartState>(); }

    Wiring wiring_;
};

inline std::unique_ptr<Board> make_multicart(Cartridge& cart, const MulticartBoard::Wiring& wiring) {
    return std::make_unique<MulticartBoard>(cart, wiring);
}

}  // namespace nes::boards
