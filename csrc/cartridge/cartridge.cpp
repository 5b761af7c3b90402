// Page tables of a cartridge.
#include "cartridge/cartridge.hpp"

namespace nes {
namespace {

constexpr std::uint32_t kCpuPage = 1u << Cartridge::kCpuPageBits;
constexpr std::uint32_t kPpuPage = 1u << Cartridge::kPpuPageBits;
constexpr unsigned kFirstNametablePage = 8;

/// Walks through bank `bank` of a chip page by page. One rule covers banks beyond the end (they wrap), negative
/// banks and windows larger than the chip (it repeats inside).
class BankWalk {
  public:
    BankWalk(std::size_t chip_size, std::uint32_t window, int bank) noexcept : size_(chip_size) {
        const auto size = static_cast<std::int64_t>(chip_size);
        const std::int64_t start = std::int64_t{bank} * window;
        const bool inside = start >= 0 && start < size;
        offset_ = static_cast<std::size_t>(inside ? start : ((start % size) + size) % size);
    }
    /// Where the present page lies in the chip; then goes on to the next one, `page_size` bytes further.
    std::size_t next(std::uint32_t page_size) noexcept {
        const std::size_t present = offset_;
        offset_ += page_size;
        while (offset_ >= size_) offset_ -= size_;
        return present;
    }

  private:
    std::size_t size_;
    std::size_t offset_;
};

}  // namespace

void Cartridge::map_prg(std::uint16_t address, std::uint32_t size, int bank) noexcept {
    BankWalk walk(rom->prg.size(), size, bank);
    for (std::uint32_t start = 0; start < size; start += kCpuPage) {
        const unsigned page = ((address + start) >> kCpuPageBits) & 31u;
        cpu_read_page[page] = rom->prg.data() + walk.next(kCpuPage);
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
    BankWalk walk(usable, size, bank);
    for (std::uint32_t start = 0; start < size; start += kCpuPage) {
        const unsigned page = ((address + start) >> kCpuPageBits) & 31u;
        std::uint8_t* const memory = prg_ram + walk.next(kCpuPage);
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
    const unsigned first = address >> kPpuPageBits;
    const unsigned end = (address + size) >> kPpuPageBits;
    if (rom->chr.empty()) {
        for (unsigned page = first; page < end; ++page) map_ppu_page(page, nullptr, nullptr);
        return;
    }
    BankWalk walk(rom->chr.size(), size, bank);
    for (unsigned page = first; page < end; ++page) map_ppu_page(page, rom->chr.data() + walk.next(kPpuPage), nullptr);
}

void Cartridge::map_chr_ram(std::uint16_t address, std::uint32_t size, int bank) noexcept {
    const unsigned first = address >> kPpuPageBits;
    const unsigned end = (address + size) >> kPpuPageBits;
    const std::size_t usable = chr_ram == nullptr ? 0 : rom->chr_ram_size / kPpuPage * kPpuPage;
    if (usable == 0) {
        for (unsigned page = first; page < end; ++page) map_ppu_page(page, nullptr, nullptr);
        return;
    }
    BankWalk walk(usable, size, bank);
    for (unsigned page = first; page < end; ++page) {
        std::uint8_t* const memory = chr_ram + walk.next(kPpuPage);
        map_ppu_page(page, memory, memory);
    }
}

void Cartridge::map_nametable(unsigned slot, unsigned page) noexcept {
    std::uint8_t* const memory = ciram + (page & 3u) * kPpuPage;
    map_nametable(slot, memory, memory);
}

void Cartridge::map_nametable(unsigned slot, const std::uint8_t* readable, std::uint8_t* writable) noexcept {
    map_ppu_page(kFirstNametablePage + (slot & 3u), readable, writable);
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
