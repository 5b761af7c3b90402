// What is soldered around a board's logic: memory chips, and the page tables through which the CPU
// and the PPU reach them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/timing.hpp"
#include "cartridge/rom.hpp"

namespace nes {

struct PpuState;

/// Everything on a cartridge that changes, but for its RAM chips. Copied as bytes.
struct CartridgeState {
    // The registers of the board that is fitted: each board overlays its own struct (Board::overlay).
    alignas(8) std::uint8_t board[240];
    std::uint8_t irq;  // the cartridge pulls the CPU's /IRQ low
    std::uint8_t reserved[7];
};

/// The memory seen through the cartridge connector. Page tables are derived from the state: they are
/// not saved, Board::map() rebuilds them.
///
/// CPU pages are 2 KB: entry address >> 11. A null entry is no plain memory there: the access goes
/// to Board::cpu_read / cpu_write, or a read of the PPU to Board::ppu_read. PPU pages are 1 KB for $0000-$2FFF (pattern tables and nametables);
/// $3000-$3EFF mirrors $2000-$2EFF.
struct Cartridge {
    static constexpr unsigned kCpuPageBits = 11;
    static constexpr unsigned kPpuPageBits = 10;

    const Rom* rom = nullptr;
    CartridgeState* state = nullptr;
    std::uint8_t* prg_ram = nullptr;     // rom->prg_ram_size bytes, in the console's state block
    std::uint8_t* chr_ram = nullptr;     // rom->chr_ram_size bytes, in the console's state block
    const PpuState* ppu = nullptr;       // for boards that listen to what the CPU tells the PPU
    DotClock dots;                       // the console's
    std::uint16_t prerender_line = 261;  // of its PPU
    std::uint8_t* ciram = nullptr;       // 4 KB: 2 KB of the console, 2 KB more with four-screen boards

    std::array<const std::uint8_t*, 32> cpu_read_page{};
    std::array<std::uint8_t*, 32> cpu_write_page{};
    std::array<const std::uint8_t*, 12> ppu_read_page{};
    std::array<std::uint8_t*, 12> ppu_write_page{};

    // Counts changes of the PPU page tables, so that a renderer can tell that a cached row is stale.
    std::uint32_t ppu_map_version = 0;

    // --- for boards: banks wrap modulo the size of the chip; negative banks count from the end ---

    /// Maps `size` bytes (a multiple of 2 KB) of PRG-ROM at `address`: bank `bank` of that size.
    void map_prg(std::uint16_t address, std::uint32_t size, int bank) noexcept;
    /// Maps PRG-RAM, readable and (when `writable`) writable; nothing when there is none.
    void map_prg_ram(std::uint16_t address, std::uint32_t size, int bank, bool writable = true) noexcept;
    /// Leaves open bus (or the board's own registers) at an address range.
    void unmap_cpu(std::uint16_t address, std::uint32_t size) noexcept;
    /// Maps `size` bytes (a multiple of 1 KB) of CHR: ROM when the cartridge has it, else CHR-RAM.
    void map_chr(std::uint16_t address, std::uint32_t size, int bank) noexcept;
    void map_chr_rom(std::uint16_t address, std::uint32_t size, int bank) noexcept;
    void map_chr_ram(std::uint16_t address, std::uint32_t size, int bank) noexcept;
    /// Page `page` (0-11, 1 KB each) of the PPU's space shows any memory, or none; pages beyond are ignored.
    void map_ppu_page(unsigned page, const std::uint8_t* readable, std::uint8_t* writable) noexcept {
        if (page >= ppu_read_page.size()) return;
        if (ppu_read_page[page] == readable && ppu_write_page[page] == writable) return;
        ppu_read_page[page] = readable;
        ppu_write_page[page] = writable;
        ++ppu_map_version;
    }
    /// Nametable `slot` (0-3, $2000 + slot * $400) shows 1 KB page `page` (0-3) of CIRAM.
    void map_nametable(unsigned slot, unsigned page) noexcept;
    /// Nametable `slot` shows any memory; `writable` may be null.
    void map_nametable(unsigned slot, const std::uint8_t* readable, std::uint8_t* writable) noexcept;
    void mirror(Mirroring mirroring) noexcept;
};

}  // namespace nes
