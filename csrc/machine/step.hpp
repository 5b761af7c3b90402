// One step of the CPU on a bus that serves everything.
#pragma once

#include "cpu/cpu.hpp"
#include "machine/exact_bus.hpp"

namespace nes {

template <class Bus>
NES_INLINE void step_cpu(CpuState& registers, Bus& bus) noexcept {
    Cpu<Bus> cpu(registers, bus);
    if (NES_UNLIKELY(registers.jammed)) {
        bus.read(0xFFFF);
    } else if (NES_UNLIKELY(registers.nmi_polled || registers.irq_polled)) {
        cpu.enter_interrupt();
    } else {
        cpu.execute();
    }
}

}  // namespace nes
