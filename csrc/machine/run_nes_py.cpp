// The loop of option timing="nes-py", and its way to switch a console on.
#include <algorithm>

#include "cpu/cpu.hpp"
#include "machine/run.hpp"
#include "nes_py_timing/nes_py_bus.hpp"

namespace nes {

namespace {

// What happens between two instructions.
bool take_interrupt(Console::Machine& machine, NesPyBus& bus) noexcept {
    State& s = *machine.state;
    bus.run_ppu_for(s.cpu.cycle);
    if (machine.board->counts_cpu_cycles) machine.board->run_to(s.cpu.cycle);
    const bool nmi = s.cpu.nmi_pending;
    const bool irq = s.cartridge.irq && !s.cpu.interrupt_disable;
    if (!nmi && !irq) return false;
    s.cpu.nmi_polled = nmi;
    bus.begin_instruction();
    Cpu(s.cpu, bus).enter_interrupt();
    return true;
}

}  // namespace

void nes_py_step(Console::Machine& machine) noexcept {
    NesPyBus bus(machine);
    if (take_interrupt(machine, bus)) return;
    bus.begin_instruction();
    Cpu(machine.state->cpu, bus).execute();
}

void nes_py_run(Console::Machine& machine, std::uint64_t frame, std::uint64_t cycle) noexcept {
    NesPyBus bus(machine);
    State& s = *machine.state;
    Cpu<NesPyBus> cpu(s.cpu, bus);
    while (s.ppu.frame < frame && s.cpu.cycle < cycle) {
        const std::uint64_t event = (s.cpu.nmi_pending || s.cartridge.irq) ? s.cpu.cycle : bus.next_event();
        if (NES_UNLIKELY(s.cpu.jammed)) {
            s.cpu.cycle = std::min(std::max(event, s.cpu.cycle + 1), cycle);
            bus.run_ppu_for(s.cpu.cycle);
            s.cpu.nmi_pending = 0;
            continue;
        }
        std::uint64_t limit = std::min(event, cycle);
        if (s.cpu.cycle >= event) {
            if (take_interrupt(machine, bus)) continue;
            limit = 0;  // one instruction
        }
        bus.begin_watch();
        do {
            bus.begin_instruction();
            cpu.execute();
        } while (s.cpu.cycle < limit && !bus.interrupts_may_have_moved() && !s.cpu.jammed);
    }
    bus.run_ppu(3 * std::min(s.cpu.cycle, cycle));
}

void nes_py_power_on(Console::Machine& machine) noexcept {
    State& s = *machine.state;
    // Its first line is the pre-render line, with a dot before it.
    s.ppu.scanline = 260;
    s.ppu.dot = 340;
    s.ppu.clock = 3 * s.cpu.cycle;
    s.ppu.write_block = 0;
    s.ppu.mask = s.ppu.ppumask = 0x1E;  // rendering is on from the start
    s.cpu.data_bus = s.cpu.internal_data_bus = 0;
    machine.ppu.invalidate();
}

}  // namespace nes
