#include "machine/fast_bus.hpp"

namespace nes {

bool FastBus::bus_may_move(Console::Machine& machine, std::uint64_t cycle) noexcept {
    constexpr std::uint64_t kInstructionDots = 8 * 4;
    // No rise interrupts before a register of the board is written, wherever the PPU is.
    if (machine.board->watches_a12_only && machine.board->a12_edges_until_irq() == Board::kNoRise) return true;
    const std::uint64_t clock = machine.dots.dots_at(cycle);
    machine.ppu.catch_up(clock);
    return machine.board->watches_a12_only && machine.board->a12_edges_until_irq() > 1 &&
           machine.ppu.bus_is_free(clock + kInstructionDots);
}

FastBus::Effect FastBus::read_register(Console::Machine& machine, std::uint16_t address, std::uint64_t cycle,
                                       std::uint8_t open_bus) noexcept {
    const std::uint64_t clock = machine.dots.dots_at(cycle) + kDotsBeforeAccess;
    if (address < 0x4000) {
        if ((address & 7) == 2) {
            const std::uint8_t value = machine.ppu.read_status_at(clock);
            // A read that has cleared the vblank flag will not see it again.
            const bool repeats = value == machine.ppu.peek(2);
            return {value,
                    repeats ? machine.dots.first_cycle_at(machine.ppu.next_status_change() - kDotsBeforeAccess) : 0};
        }
        machine.ppu.catch_up(clock);
        return {machine.ppu.read(address & 7), 0};
    }
    if (address == 0x4016 || address == 0x4017) {
        machine.ports.finish_write();
        if (machine.ports.looks_at_picture()) machine.ppu.catch_up(clock);
        return {
            static_cast<std::uint8_t>((open_bus & machine.ports.open_bits()) | machine.ports.read(address & 1, cycle)),
            0};
    }
    if (address < 0x4020) return {open_bus, kNever};
    machine.ppu.catch_up(clock);
    return {machine.board->cpu_read(address, open_bus), 0};
}

void FastBus::write_register(Console::Machine& machine, std::uint16_t address, std::uint8_t value,
                             std::uint64_t cycle) noexcept {
    if (address == 0x4016) {
        machine.ports.write_at_end(value, cycle);
        return;
    }
    if (address >= 0x4000 && address < 0x4020) {
        machine.apu.run_to(cycle);
        machine.apu.write(address, value, cycle);
        return;
    }
    const std::uint64_t clock = machine.dots.dots_at(cycle) + kDotsBeforeAccess;
    if (address >= 0x4020) machine.sync_audio(cycle);
    if (address < 0x4000) {
        machine.ppu.write_at(address & 7, value, clock);
    } else if (machine.board->watches_ppu_bus) {
        if (machine.board->write_needs_ppu_sync(address, value)) machine.ppu.catch_up(clock);
        machine.board->cpu_write(address, value, cycle);
        machine.follow_cartridge();
    } else {
        // Most writes switch banks that the PPU does not see: it is brought up only when they do, with the old ones.
        Cartridge& cart = machine.cartridge;
        auto read_page = cart.ppu_read_page;
        auto write_page = cart.ppu_write_page;
        const std::uint32_t version = cart.ppu_map_version;
        machine.board->cpu_write(address, value, cycle);
        machine.follow_cartridge();
        if (cart.ppu_map_version == version) return;
        read_page.swap(cart.ppu_read_page);
        write_page.swap(cart.ppu_write_page);
        machine.ppu.catch_up(clock);
        cart.ppu_read_page = read_page;
        cart.ppu_write_page = write_page;
        ++cart.ppu_map_version;
    }
}

}  // namespace nes
