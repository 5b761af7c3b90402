#include "run.hpp"
#include "step.hpp"

namespace nes {

void reference_step(Console::Parts& parts) noexcept {
    CpuBus<ReferencePolicy> bus(parts);
    step_cpu(parts.state->cpu, bus);
}

void reference_run(Console::Parts& parts, std::uint64_t frame, std::uint64_t cycle) noexcept {
    CpuBus<ReferencePolicy> bus(parts);
    while (parts.state->ppu.frame < frame && parts.state->cpu.cycle < cycle) step_cpu(parts.state->cpu, bus);
}

}  // namespace nes
