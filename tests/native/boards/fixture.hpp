// A cartridge outside a console, with a ROM whose pages say which they are.
#pragma once

#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../check.hpp"
#include "cartridge/board.hpp"
#include "ppu/ppu_state.hpp"

namespace nes::test {

/// What a test wants of a header. Sizes in KB.
struct Image {
    unsigned mapper = 0;
    unsigned submapper = 0;
    unsigned prg = 32;
    unsigned chr = 8;
    unsigned prg_ram = 8;
    unsigned chr_ram = 0;
    bool nes2 = true;
    bool vertical = false;
    bool four_screen = false;
    bool battery = false;
};

inline unsigned shift_of(unsigned bytes) {
    unsigned shift = 0;
    while (bytes != 0 && (64u << shift) < bytes) ++shift;
    return bytes == 0 ? 0 : shift;
}

/// The file: page n of PRG-ROM (2 KB) and of CHR-ROM (1 KB) begins with n as 16 bits; the rest is $FF, which
/// wins no bus conflict.
inline std::vector<std::uint8_t> build(const Image& image) {
    std::vector<std::uint8_t> file(16 + (std::size_t{image.prg} + image.chr) * 1024, 0xFF);
    const auto byte = [](unsigned value) { return static_cast<std::uint8_t>(value); };
    std::memcpy(file.data(), "NES\x1A", 4);
    file[4] = byte(image.prg / 16);
    file[5] = byte(image.chr / 8);
    file[6] = byte((image.mapper & 15) << 4 | (image.four_screen ? 8u : 0u) | (image.battery ? 2u : 0u) |
                   (image.vertical ? 1u : 0u));
    file[7] = byte((image.mapper & 0xF0) | (image.nes2 ? 8u : 0u));
    for (unsigned i = 8; i < 16; ++i) file[i] = 0;
    if (image.nes2) {
        file[8] = byte(image.mapper >> 8 | image.submapper << 4);
        file[9] = byte((image.prg / 16) >> 8 | (image.chr / 8) >> 8 << 4);
        const unsigned ram = shift_of(image.prg_ram * 1024);
        file[10] = byte(image.battery ? ram << 4 : ram);
        file[11] = byte(shift_of(image.chr_ram * 1024));
    }
    for (unsigned page = 0; page < image.prg / 2; ++page) {
        file[16 + page * 2048u] = byte(page);
        file[16 + page * 2048u + 1] = byte(page >> 8);
    }
    for (unsigned page = 0; page < image.chr; ++page) {
        const std::size_t start = 16 + (std::size_t{image.prg} + page) * 1024;
        file[start] = byte(page);
        file[start + 1] = byte(page >> 8);
    }
    return file;
}

/// Everything a board sees of a console.
class Fixture {
  public:
    explicit Fixture(const Image& image) {
        const std::vector<std::uint8_t> file = build(image);
        rom = load_rom(file.data(), file.size());
        prg_ram.assign(rom->prg_ram_size, 0);
        chr_ram.assign(rom->chr_ram_size, 0);
        cart.rom = rom.get();
        cart.state = &state;
        cart.prg_ram = prg_ram.empty() ? nullptr : prg_ram.data();
        cart.chr_ram = chr_ram.empty() ? nullptr : chr_ram.data();
        cart.ppu = &ppu;
        cart.ciram = ciram;
        board = make_board(cart);
        board->power_on();
        board->map();
    }

    void write(unsigned address, unsigned value) { write_at(address, value, cycle += 4); }
    /// A write on the very next cycle, as read-modify-write instructions do.
    void write_next(unsigned address, unsigned value) { write_at(address, value, ++cycle); }
    void write_at(unsigned address, unsigned value, std::uint64_t at) {
        cycle = at;
        const auto where = static_cast<std::uint16_t>(address);
        const auto byte = static_cast<std::uint8_t>(value);
        if (std::uint8_t* page = cart.cpu_write_page[where >> 11]) {
            page[where & 0x7FF] = byte;
        } else {
            if (board->counts_cpu_cycles) board->run_to(cycle);
            board->cpu_write(where, byte, cycle);
        }
    }
    unsigned read(unsigned address, unsigned open_bus = 0xEE) {
        const auto where = static_cast<std::uint16_t>(address);
        const std::uint8_t* page = cart.cpu_read_page[where >> 11];
        if (page != nullptr) return page[where & 0x7FF];
        const auto bus = static_cast<std::uint8_t>(open_bus);
        if (board->counts_cpu_cycles) board->run_to(cycle);
        CHECK_EQ(board->cpu_peek(where, bus), board->cpu_peek(where, bus));
        return board->cpu_read(where, bus);
    }
    /// The 2 KB page of PRG-ROM at an address; -1 when there is none.
    int prg(unsigned address) const {
        const std::uint8_t* page = cart.cpu_read_page[address >> 11 & 31];
        if (page == nullptr) return -1;
        if (page < rom->prg.data() || page >= rom->prg.data() + rom->prg.size()) return -2;
        return page[0] | page[1] << 8;
    }
    /// The 1 KB page of CHR-ROM at an address; -1 for nothing, 1000 + page for CHR-RAM, 2000 + page for CIRAM.
    int chr(unsigned address) const {
        const std::uint8_t* page = cart.ppu_read_page[address >> 10];
        if (page == nullptr) return -1;
        if (!chr_ram.empty() && page >= chr_ram.data() && page < chr_ram.data() + chr_ram.size()) {
            return 1000 + static_cast<int>((page - chr_ram.data()) / 1024);
        }
        if (page >= ciram && page < ciram + sizeof ciram) return 2000 + static_cast<int>((page - ciram) / 1024);
        return page[0] | page[1] << 8;
    }
    /// The CIRAM pages of the four nametables, as "0011"; C for a page of CHR-ROM, R for CHR-RAM.
    std::string nametables() const {
        std::string text;
        for (unsigned slot = 0; slot < 4; ++slot) {
            const int page = chr(0x2000 + slot * 0x400);
            text += page >= 2000 ? static_cast<char>('0' + page - 2000) : page >= 1000 ? 'R' : page < 0 ? '-' : 'C';
        }
        return text;
    }
    bool irq() const { return state.irq != 0; }

    /// Saves and restores: every page table must come back from the registers alone.
    bool survives_restore() {
        const auto read_pages = cart.cpu_read_page;
        const auto write_pages = cart.cpu_write_page;
        const auto ppu_read = cart.ppu_read_page;
        const auto ppu_write = cart.ppu_write_page;
        const CartridgeState saved = state;
        cart.cpu_read_page.fill(nullptr);
        cart.cpu_write_page.fill(nullptr);
        cart.ppu_read_page.fill(nullptr);
        cart.ppu_write_page.fill(nullptr);
        std::memset(&state, 0xA5, sizeof state);
        board->map();
        state = saved;
        board->map();
        return read_pages == cart.cpu_read_page && write_pages == cart.cpu_write_page &&
               ppu_read == cart.ppu_read_page && ppu_write == cart.ppu_write_page;
    }

    std::shared_ptr<const Rom> rom;
    std::vector<std::uint8_t> prg_ram;
    std::vector<std::uint8_t> chr_ram;
    CartridgeState state{};
    PpuState ppu{};
    std::uint8_t ciram[4096]{};
    Cartridge cart;
    std::unique_ptr<Board> board;
    std::uint64_t cycle = 100;
};

}  // namespace nes::test
