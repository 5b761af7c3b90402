// The PPU's side of the cartridge connector.
#include "ppu/ppu.hpp"

namespace nes {

namespace {

// $3000-$3EFF mirrors $2000-$2EFF; the palette lies over the rest of the mirror.
constexpr unsigned page_of(std::uint16_t address) {
    unsigned page = (address & 0x3FFF) >> Cartridge::kPpuPageBits;
    return page >= 12 ? page - 4 : page;
}

}  // namespace

std::uint8_t Ppu::read_memory(std::uint16_t address) noexcept {
    set_bus(address);
    const std::uint8_t* page = cart_.ppu_read_page[page_of(address)];
    // With nothing on the cartridge side the bus floats at the low address bits that it carried before.
    return s.bus_data =
               page ? page[address & 0x3FF] : board_.ppu_read(address & 0x3FFF, static_cast<std::uint8_t>(address));
}

void Ppu::write_memory(std::uint16_t address, std::uint8_t value) noexcept {
    set_bus(address);
    std::uint8_t* page = cart_.ppu_write_page[page_of(address)];
    if (!page) return board_.ppu_write(address & 0x3FFF, value);
    page[address & 0x3FF] = value;
    // A board may show one memory at several places, at the same time or later: the console's nametables as patterns (mappers
    // 19 and 218), or CHR-RAM as nametables.
    ++(in_ciram(page) ? ciram_version_ : pattern_version_);
}

std::uint8_t Ppu::peek_memory(std::uint16_t address) const noexcept {
    address &= 0x3FFF;
    if (address >= 0x3F00) return s.palette[palette_slot(address)];
    const std::uint8_t* page = cart_.ppu_read_page[page_of(address)];
    return page ? page[address & 0x3FF] : board_.ppu_peek(address, static_cast<std::uint8_t>(address));
}

void Ppu::poke_memory(std::uint16_t address, std::uint8_t value) noexcept {
    address &= 0x3FFF;
    invalidate();
    invalidate_patterns();
    if (address >= 0x3F00) {
        s.palette[palette_slot(address)] = value & 0x3F;
    } else if (std::uint8_t* page = cart_.ppu_write_page[page_of(address)]) {
        page[address & 0x3FF] = value;
    }
}

}  // namespace nes
