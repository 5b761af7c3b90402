#include "machine/run.hpp"
#include "machine/step.hpp"

namespace nes {

void reference_step(Console::Machine& machine) noexcept {
    ExactBus<ReferencePolicy> bus(machine);
    step_cpu(machine.state->cpu, bus);
}

void reference_run(Console::Machine& machine, std::uint64_t frame, std::uint64_t cycle) noexcept {
    ExactBus<ReferencePolicy> bus(machine);
    while (machine.state->ppu.frame < frame && machine.state->cpu.cycle < cycle) step_cpu(machine.state->cpu, bus);
}

}  // namespace nes
