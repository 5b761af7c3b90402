// Boards that put an outer bank register and some gates around an MMC3 or a clone of it: multicarts, mostly.
// For the files in this folder only.
#pragma once

#include "cartridge/boards/mmc3.hpp"

namespace nes::boards {

/// What the gates make of the chip's banks, by the registers.
struct OuterBanks {
    int prg_mask = 0x3F;  // 8 KB banks: (the chip's & mask) | base
    int prg_base = 0;
    int chr_mask = 0xFF;  // 1 KB banks
    int chr_base = 0;
    int chr_base_right = -1;  // of the right pattern table, where it differs
    int nrom = -1;            // a 16 KB bank (32 KB with nrom_256) in place of the chip's
    bool nrom_256 = false;
    int unrom = -1;         // the fixed 16 KB bank, with the one at $8000 in `nrom`
    int chr_8k = -1;        // an 8 KB bank in place of the chip's
    bool chr_ram = false;   // CHR-RAM in place of CHR-ROM
    bool prg_open = false;  // PRG-ROM does not answer
    bool chr_protected = false;
    int mirroring = -1;  // a Mirroring in place of the chip's
};

class OuterMmc3 : public Mmc3 {
  public:
    struct Wiring {
        OuterBanks (*decode)(const Cartridge&, const Mmc3Registers&) = nullptr;
        /// Takes a write at $4020-$7FFF; says whether banks move.
        bool (*write)(Mmc3Registers&, const Cartridge&, std::uint16_t address, std::uint8_t value) = nullptr;
        /// The register is in place of the chip's RAM: only while $A001 enables and does not protect that.
        bool needs_ram = false;
        /// Looks at a write at $8000-$FFFF that the chip has taken; says whether banks move.
        bool (*follow)(Mmc3Registers&, const Cartridge&, std::uint16_t address, std::uint8_t value) = nullptr;
        /// Turns a write at $8000-$FFFF into what reaches the chip.
        void (*scramble)(const Mmc3Registers&, std::uint16_t& address, std::uint8_t& value) = nullptr;
        void (*power_on)(Mmc3Registers&, const Cartridge&) = nullptr;  // where `outer` is not all clear
        bool cleared_by_reset = true;
        bool counts_resets = false;  // in outer[7]
        Irq irq = Irq::sharp;
        /// What a read of an address without a page gives.
        std::uint8_t (*read)(const Cartridge&, const Mmc3Registers&, std::uint16_t address,
                             std::uint8_t open_bus) = nullptr;
    };

    OuterMmc3(Cartridge& cartridge, const Wiring& wiring) noexcept : Mmc3(cartridge, wiring.irq), wiring_(wiring) {}

    void power_on() noexcept override {
        Mmc3::power_on();
        clear();
    }
    void reset() noexcept override {
        auto& r = regs();
        const std::uint8_t games = r.outer[7];
        if (wiring_.cleared_by_reset) clear();
        if (wiring_.counts_resets) r.outer[7] = static_cast<std::uint8_t>(games + 1);
        map();
    }
    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        return wiring_.read == nullptr ? open_bus : wiring_.read(cart, regs(), address, open_bus);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = regs();
        if (address < 0x8000) {
            if (address >= 0x6000) write_ram(address, value);
            if (wiring_.write == nullptr || (wiring_.needs_ram && (r.ram & 0xC0) != 0x80)) return;
            if (wiring_.write(r, cart, address, value)) map();
            return;
        }
        std::uint16_t real_address = address;
        std::uint8_t real_value = value;
        if (wiring_.scramble != nullptr) wiring_.scramble(r, real_address, real_value);
        write_mmc3(real_address, real_value);
        if (wiring_.follow != nullptr && wiring_.follow(r, cart, address, value)) map();
    }
    bool write_needs_ppu_sync(std::uint16_t address, std::uint8_t value) const noexcept override {
        return special(address) || Mmc3::write_needs_ppu_sync(address, value);
    }
    bool write_moves_banks_only(std::uint16_t address) const noexcept override {
        return !special(address) && Mmc3::write_moves_banks_only(address);
    }

  protected:
    void map_prg_banks() noexcept override {
        banks_ = decode();
        if (banks_.prg_open) {
            cart.unmap_cpu(0x8000, 32 * kKB);
        } else if (banks_.unrom >= 0) {
            cart.map_prg(0x8000, 16 * kKB, banks_.nrom);
            cart.map_prg(0xC000, 16 * kKB, banks_.unrom);
        } else if (banks_.nrom >= 0) {
            map_nrom(cart, banks_.nrom, banks_.nrom_256);
        } else {
            Mmc3::map_prg_banks();
        }
    }
    void map_chr_banks() noexcept override {
        banks_ = decode();
        if (banks_.chr_ram) {
            cart.map_chr_ram(0x0000, 8 * kKB, banks_.chr_8k >= 0 ? banks_.chr_8k : 0);
        } else if (banks_.chr_8k >= 0) {
            cart.map_chr(0x0000, 8 * kKB, banks_.chr_8k);
        } else {
            Mmc3::map_chr_banks();
        }
        if (banks_.chr_protected) protect_chr(cart);
    }
    void map_prg_bank(std::uint16_t address, int bank) noexcept override {
        cart.map_prg(address, 8 * kKB, (bank & banks_.prg_mask) | banks_.prg_base);
    }
    void map_chr_bank(std::uint16_t address, int bank) noexcept override {
        const bool right = address >= 0x1000 && banks_.chr_base_right >= 0;
        cart.map_chr(address, kKB, (bank & banks_.chr_mask) | (right ? banks_.chr_base_right : banks_.chr_base));
    }
    void map_mirroring() noexcept override {
        const int mirroring = decode().mirroring;
        if (mirroring >= 0) {
            cart.mirror(static_cast<Mirroring>(mirroring));
        } else {
            Mmc3::map_mirroring();
        }
    }
    // Writes go by way of the board, which sees them as well.
    void map_ram() noexcept override {
        Mmc3::map_ram();
        if (wiring_.write == nullptr) return;
        for (unsigned page = 0x6000 >> Cartridge::kCpuPageBits; page < 0x8000 >> Cartridge::kCpuPageBits; ++page) {
            cart.cpu_write_page[page] = nullptr;
        }
    }

  private:
    OuterBanks decode() const noexcept { return wiring_.decode(cart, regs()); }
    void clear() noexcept {
        auto& r = regs();
        for (std::uint8_t& value : r.outer) value = 0;
        if (wiring_.power_on != nullptr) wiring_.power_on(r, cart);
    }
    void write_ram(std::uint16_t address, std::uint8_t value) noexcept {
        const bool obeyed = cart.rom->nes2 || !cart.rom->battery;
        const std::uint8_t* const page = cart.cpu_read_page[address >> Cartridge::kCpuPageBits];
        if (page == nullptr || (obeyed && (regs().ram & 0x40) != 0)) return;
        cart.prg_ram[(page - cart.prg_ram) + (address & 0x7FF)] = value;
    }
    /// Writes that may do more than an MMC3's.
    bool special(std::uint16_t address) const noexcept {
        return address < 0x8000 || wiring_.scramble != nullptr || wiring_.follow != nullptr;
    }

    Wiring wiring_;
    OuterBanks banks_;  // as the functions above last read them from the registers
};

inline std::unique_ptr<Board> make_outer(Cartridge& cart, const OuterMmc3::Wiring& wiring) {
    return std::make_unique<OuterMmc3>(cart, wiring);
}

}  // namespace nes::boards
