#include "quick_bus.hpp"

namespace nes {

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
    if (address < 0x4000) {
        parts.ppu.write_at(address & 7, value, parts.dots.dots_at(cycle) + kDotsBeforeAccess);
    } else {
        parts.ppu.catch_up(parts.dots.dots_at(cycle) + kDotsBeforeAccess);
        parts.board->cpu_write(address, value, cycle);
    }
}

}  // namespace nes
