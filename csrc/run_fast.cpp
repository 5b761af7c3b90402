// The fast policy: instructions run whole while nothing can come in between, and cycle by cycle where something may.
#if defined(__GNUC__) && !defined(__clang__)
// GCC would pack two of the CPU's registers into one of the machine's, and take them apart in every instruction: two and a
// half times slower.
#pragma GCC optimize("no-tree-slp-vectorize")
#endif

#include <algorithm>

#include "bus/quick_bus.hpp"
#include "run.hpp"
#include "step.hpp"

namespace nes {

namespace {

// The longest instruction that the quick bus serves takes eight cycles.
constexpr std::uint64_t kLongestInstruction = 8;

// Whether the machine is at rest but for the CPU: nothing latched, nothing on its way through a pipeline.
bool quiet(const Console::Parts& parts) noexcept {
    const CpuState& cpu = parts.state->cpu;
    const bool irq = (parts.apu.irq() || parts.state->cartridge.irq) && !cpu.interrupt_disable;
    return !irq && !(cpu.nmi_pending | cpu.nmi_polled | cpu.irq_asserted | cpu.irq_polled | cpu.jammed) &&
           !(parts.state->dma.oam_active | parts.state->dma.dmc_stage) && !parts.apu.settling() &&
           !parts.ports.settling();
}

// A cycle before which nothing happens that an instruction would have to notice.
std::uint64_t next_event(Console::Parts& parts) noexcept {
    const std::uint64_t vblank = parts.dots.first_cycle_at(parts.ppu.next_vblank_rise() - kDotsBeforeSample);
    std::uint64_t next = std::min(vblank, parts.apu.next_noticeable());
    if (parts.board->counts_cpu_cycles) next = std::min(next, parts.board->next_irq());
    if (parts.board->watches_ppu_bus) {
        next = std::min(next, parts.dots.first_cycle_at(parts.ppu.next_board_irq() - kDotsBeforeSample));
    }
    return next;
}

// Where the PPU stands after the last cycle.
std::uint64_t sampled_dots(const Console::Parts& parts) noexcept {
    return parts.dots.dots_at(parts.state->cpu.cycle - 1) + kDotsBeforeSample;
}

// Runs instructions on the quick bus; leaves the machine between two instructions.
NES_NOINLINE void run_quickly(Console::Parts& parts, std::uint64_t limit) noexcept {
    const std::uint64_t release =
        parts.state->ppu.vblank ? parts.dots.first_cycle_at(parts.ppu.next_vblank_change() - kDotsBeforeSample) : 0;
    QuickBus quick_bus(parts, limit);
    Cpu<QuickBus> cpu(parts.state->cpu, quick_bus);
    CpuState& registers = cpu.registers();
    QuickBus& bus = cpu.bus();
    std::uint16_t pc;
    std::uint64_t cycle;
    // Ends the loop where the next instruction has to be left to the other bus.
#define NES_NEXT                      \
    if (!bus.may_go_on()) goto ended; \
    pc = registers.pc;                \
    cycle = bus.cycle();              \
    if (NES_UNLIKELY(!bus.fetchable(pc))) goto ended;
#if defined(__GNUC__) && !defined(__clang__)
    // A jump behind each instruction: what comes after the one is foretold apart from what comes after another. Clang gathers
    // them again, and keeps the CPU's registers in memory then: with this it would be twice as slow.
#define NES_ADDRESS(code, ...) &&opcode_##code,
#define NES_RUN(code, ...)                                                                                \
    opcode_##code : if (NES_UNLIKELY(!cpu.instruction(Cpu<QuickBus>::Opcode<0x##code>{}))) goto declined; \
    NES_NEXT goto* instructions[cpu.fetch_opcode()];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"  // addresses of labels
    static const void* const instructions[256] = {NES_OPCODES(NES_ADDRESS)};
    NES_NEXT goto* instructions[cpu.fetch_opcode()];
    NES_OPCODES(NES_RUN)
#pragma GCC diagnostic pop
#undef NES_RUN
#undef NES_ADDRESS
#else
    for (;;) {
        NES_NEXT
        if (NES_UNLIKELY(!cpu.execute())) goto declined;
    }
#endif
#undef NES_NEXT
declined:
    registers.pc = pc;
    bus.rewind(cycle);
ended:
    if (bus.cycle() != registers.cycle) {
        registers.cycle = bus.cycle();
        registers.data_bus = registers.internal_data_bus = bus.data_bus();
        registers.halted_by_dma = 0;
        // While the strobe is high the pads are loaded in every get cycle, and each instruction has one.
        parts.ports.end_get_cycle();
    }
    // The end of vertical blank, or a read of ppustatus before, lets the line go.
    if (registers.nmi_line && registers.cycle > release) registers.nmi_line = 0;
    parts.state->cpu = registers;
    parts.apu.run_to(registers.cycle - 1);
}

}  // namespace

void fast_step(Console::Parts& parts) noexcept {
    CpuBus<FastPolicy> bus(parts);
    step_cpu(parts.state->cpu, bus);
    parts.ppu.catch_up(sampled_dots(parts));
}

void fast_run(Console::Parts& parts, std::uint64_t frame, std::uint64_t cycle) noexcept {
    CpuBus<FastPolicy> bus(parts);
    State& s = *parts.state;
    while (s.ppu.frame < frame && s.cpu.cycle < cycle) {
        if (quiet(parts)) {
            const std::uint64_t event = next_event(parts);
            if (event > s.cpu.cycle + 2 * kLongestInstruction) {
                // An event must not fall into an instruction. `cycle` may: that instruction is the last one.
                run_quickly(parts, std::min(event - kLongestInstruction, cycle));
                if (s.cpu.cycle >= cycle) break;
            }
        }
        step_cpu(s.cpu, bus);
    }
    parts.ppu.catch_up(sampled_dots(parts));
    if (parts.board->counts_cpu_cycles) parts.board->run_to(s.cpu.cycle - 1);
    // A read of ppustatus, or the end of vertical blank, may have let the line go meanwhile.
    s.cpu.nmi_line = parts.ppu.nmi();
}

}  // namespace nes
