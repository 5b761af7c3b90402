#include "quick_bus.hpp"

namespace nes {

bool QuickBus::bus_may_move(Console::Parts& parts, std::uint64_t cycle) noexcept {
    constexpr std::uint64_t kInstructionDots = 8 * 4;
    const std::uint64_t clock = parts.dots.dots_at(cycle);
    parts.ppu.catch_up(clock);
    return parts.board->watches_a12_only && parts.board->rises_before_irq() > 1 &&
           parts.ppu.bus_is_free(clock + kInstructionDots);
}

QuickBus::Effect QuickBus::read_register(Console::Parts& parts, std::uint16_t address, std::uint64_t cycle,
                                         std::uint8_t open_bus) noexcept {
    const std::uint64_t clock = parts.dots.dots_at(cycle) + kDotsBeforeAccess;
    if (address < 0x4000) {
        if ((address & 7) == 2) {
            const std::uint8_t value = parts.ppu.read_status_at(clock);
            // A read that has cleared the vblank flag will not see it again.
            const bool repeats = value == parts.ppu.peek(2);
            return {value, repeats ? parts.dots.first_cycle_at(parts.ppu.next_status_change() - kDotsBeforeAccess) : 0};
        }
        parts.ppu.catch_up(clock);
        return {parts.ppu.read(address & 7), 0};
    }
    if (address == 0x4016 || address == 0x4017) {
        if (parts.ports.looks_at_picture()) parts.ppu.catch_up(clock);
        return {static_cast<std::uint8_t>((open_bus & 0xE0) | parts.ports.read(address & 1, cycle)), 0};
    }
    if (address < 0x4020) return {open_bus, kNever};
    parts.ppu.catch_up(clock);
    return {parts.board->cpu_read(address, open_bus), 0};
}

void QuickBus::write_register(Console::Parts& parts, std::uint16_t address, std::uint8_t value,
                              std::uint64_t cycle) noexcept {
    if (address >= 0x4000 && address < 0x4020) {
        parts.apu.run_to(cycle);
        parts.apu.write(address, value, cycle);
        return;
    }
    const std::uint64_t clock = parts.dots.dots_at(cycle) + kDotsBeforeAccess;
    if (address >= 0x4020) parts.announce_board_write(cycle);
    if (address < 0x4000) {
        parts.ppu.write_at(address & 7, value, clock);
    } else if (parts.board->watches_ppu_bus) {
        if (parts.board->write_concerns_ppu(address, value)) parts.ppu.catch_up(clock);
        parts.board->cpu_write(address, value, cycle);
    } else {
        // Most writes switch banks that the PPU does not see: it is brought up only when they do, with the old ones.
        Cartridge& cart = parts.cartridge;
        auto read_page = cart.ppu_read_page;
        auto write_page = cart.ppu_write_page;
        const std::uint32_t version = cart.ppu_map_version;
        parts.board->cpu_write(address, value, cycle);
        if (cart.ppu_map_version == version) return;
        read_page.swap(cart.ppu_read_page);
        write_page.swap(cart.ppu_write_page);
        parts.ppu.catch_up(clock);
        cart.ppu_read_page = read_page;
        cart.ppu_write_page = write_page;
        ++cart.ppu_map_version;
    }
}

}  // namespace nes
