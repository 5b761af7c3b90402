// Page tables of a cartridge.
#include "cartridge.hpp"

namespace nes {
namespace {

constexpr std::uint32_t kCpuPage = 1u << Cartridge::kCpuPageBits;
constexpr std::uint32_t kPpuPage = 1u << Cartridge::kPpuPageBits;
constexpr unsigned kFirstNametablePage = 8;

/// Where byte `page * page_size` of bank `bank` lies in a chip of `chip_size` bytes. One rule covers banks
/// beyond the end (they wrap), negative banks and windows larger than the chip (it repeats inside).
std::size_t chip_offset(std::size_t chip_size, std::uint32_t window, int bank, std::uint32_t page_start) {
    const auto size = static_cast<std::int64_t>(chip_size);
    const std::int64_t start = std::int64_t{bank} * window;
    return static_cast<std::size_t>((((start + page_start) % size) + size) % size);
}

}  // namespace

void Cartridge::map_prg(std::uint16_t address, std::uint32_t size, int bank) noexcept {
    for (std::uint32_t start = 0; start < size; start += kCpuPage) {
        const unsigned page = ((address + start) >> kCpuPageBits) & 31u;
        cpu_read_page[page] = rom->prg.data() + chip_offset(rom->prg.size(), size, bank, start);
        cpu_write_page[page] = nullptr;
    }
}

void Cartridge::map_prg_ram(std::uint16_t address, std::uint32_t size, int bank, bool writable) noexcept {
    // A chip smaller than a page (inside an MMC6 or an X1-005) is its board's own business.
    const std::size_t usable = prg_ram == nullptr ? 0 : rom->prg_ram_size / kCpuPage * kCpuPage;
    if (usable == 0) {
        unmap_cpu(address, size);
        return;
    }
    for (std::uint32_t start = 0; start < size; start += kCpuPage) {
        const unsigned page = ((address + start) >> kCpuPageBits) & 31u;
        std::uint8_t* const memory = prg_ram + chip_offset(usable, size, bank, start);
        cpu_read_page[page] = memory;
        cpu_write_page[page] = writable ? memory : nullptr;
    }
}

void Cartridge::unmap_cpu(std::uint16_t address, std::uint32_t size) noexcept {
    for (std::uint32_t start = 0; start < size; start += kCpuPage) {
        const unsigned page = ((address + start) >> kCpuPageBits) & 31u;
        cpu_read_page[page] = nullptr;
        cpu_write_page[page] = nullptr;
    }
}

void Cartridge::map_chr(std::uint16_t address, std::uint32_t size, int bank) noexcept {
    if (rom->chr.empty()) {
        map_chr_ram(address, size, bank);
    } else {
        map_chr_rom(address, size, bank);
    }
}

void Cartridge::map_chr_rom(std::uint16_t address, std::uint32_t size, int bank) noexcept {
    for (std::uint32_t start = 0; start < size; start += kPpuPage) {
        const unsigned page = (address + start) >> kPpuPageBits;
        if (page >= ppu_read_page.size()) break;
        ppu_read_page[page] =
            rom->chr.empty() ? nullptr : rom->chr.data() + chip_offset(rom->chr.size(), size, bank, start);
        ppu_write_page[page] = nullptr;
    }
    ++ppu_map_version;
}

void Cartridge::map_chr_ram(std::uint16_t address, std::uint32_t size, int bank) noexcept {
    const std::size_t usable = chr_ram == nullptr ? 0 : rom->chr_ram_size / kPpuPage * kPpuPage;
    for (std::uint32_t start = 0; start < size; start += kPpuPage) {
        const unsigned page = (address + start) >> kPpuPageBits;
        if (page >= ppu_read_page.size()) break;
        std::uint8_t* const memory = usable == 0 ? nullptr : chr_ram + chip_offset(usable, size, bank, start);
        ppu_read_page[page] = memory;
        ppu_write_page[page] = memory;
    }
    ++ppu_map_version;
}

void Cartridge::map_nametable(unsigned slot, unsigned page) noexcept {
    std::uint8_t* const memory = ciram + (page & 3u) * kPpuPage;
    map_nametable(slot, memory, memory);
}

void Cartridge::map_nametable(unsigned slot, const std::uint8_t* readable, std::uint8_t* writable) noexcept {
    const unsigned page = kFirstNametablePage + (slot & 3u);
    ppu_read_page[page] = readable;
    ppu_write_page[page] = writable;
    ++ppu_map_version;
}

void Cartridge::mirror(Mirroring mirroring) noexcept {
    // Page of CIRAM in each of the four slots, NESdev "Mirroring".
    static constexpr std::uint8_t kPages[5][4] = {
        {0, 0, 1, 1},  // horizontal
        {0, 1, 0, 1},  // vertical
        {0, 0, 0, 0},  // single_0
        {1, 1, 1, 1},  // single_1
        {0, 1, 2, 3},  // four_screen
    };
    const auto& pages = kPages[static_cast<unsigned>(mirroring) % 5u];
    for (unsigned slot = 0; slot < 4; ++slot) map_nametable(slot, pages[slot]);
}

}  // namespace nes
