// The fast policy: instructions run whole while nothing can come in between, and cycle by cycle where something may.
// Built without -ftree-slp-vectorize: see GCC_FLAGS in setup.py.
#include <algorithm>

#include "cpu/successors.hpp"
#include "machine/fast_bus.hpp"
#include "machine/run.hpp"
#include "machine/step.hpp"
#include "recompiler/code_cache.hpp"
#include "recompiler/context.hpp"

namespace nes {

namespace {

// The longest instruction that the fast bus can run takes eight cycles.
constexpr std::uint64_t kLongestInstruction = 8;

// Whether the machine is at rest but for the CPU: nothing latched, nothing on its way through a pipeline.
bool can_run_fast(const Console::Machine& machine) noexcept {
    const CpuState& cpu = machine.state->cpu;
    const bool irq = (machine.apu.irq() || machine.state->cartridge.irq) && !cpu.interrupt_disable;
    return !irq && !(cpu.nmi_pending | cpu.nmi_polled | cpu.irq_asserted | cpu.irq_polled | cpu.jammed) &&
           !(machine.state->dma.oam_active | machine.state->dma.dmc_stage) && !machine.apu.write_pending() &&
           !machine.ports.write_pending();
}

// A cycle before which nothing happens that an instruction would have to notice.
std::uint64_t next_event(Console::Machine& machine) noexcept {
    const std::uint64_t vblank = machine.dots.first_cycle_at(machine.ppu.next_vblank_rise() - kDotsBeforeSample);
    std::uint64_t next = std::min(vblank, machine.apu.next_event());
    if (machine.board->counts_cpu_cycles) next = std::min(next, machine.board->next_irq());
    if (machine.board->watches_ppu_bus) {
        next = std::min(next, machine.dots.first_cycle_at(machine.ppu.next_board_irq() - kDotsBeforeSample));
    }
    return next;
}

// Where the PPU stands after the last cycle.
std::uint64_t sampled_dots(const Console::Machine& machine) noexcept {
    return machine.dots.dots_at(machine.state->cpu.cycle - 1) + kDotsBeforeSample;
}

// --- recompiled code ---

std::int32_t read_for_code(recompiler::Context* context, std::uint32_t address, std::uint64_t cycle,
                           std::uint32_t open_bus) noexcept {
    Console::Machine& machine = *static_cast<Console::Machine*>(context->machine);
    const auto at = static_cast<std::uint16_t>(address);
    const bool passive = !machine.board->watches_ppu_bus && !machine.board->counts_cpu_cycles;
    if (!FastBus::serves_read(machine, at, cycle, machine.board->watches_ppu_bus, passive)) return -1;
    return FastBus::read_register(machine, at, cycle, static_cast<std::uint8_t>(open_bus)).value;
}

std::int32_t write_for_code(recompiler::Context* context, std::uint32_t address, std::uint64_t cycle,
                            std::uint32_t value) noexcept {
    Console::Machine& machine = *static_cast<Console::Machine*>(context->machine);
    const auto at = static_cast<std::uint16_t>(address);
    const bool sees_ppu = machine.board->watches_ppu_bus;
    const bool passive = !sees_ppu && !machine.board->counts_cpu_cycles;
    const auto byte = static_cast<std::uint8_t>(value);
    if (!FastBus::serves_write(machine, at, byte, cycle, sees_ppu, passive)) return -1;
    FastBus::write_register(machine, at, byte, cycle);
    if (FastBus::write_ends_run(at, sees_ppu)) context->limit = 0;
    // Banks may have moved.
    return at >= 0x4020 || context->limit == 0;
}

void prepare(recompiler::Context& context, Console::Machine& machine) noexcept {
    context.ram = machine.state->ram;
    context.read_page = machine.cartridge.cpu_read_page.data();
    context.write_page = machine.cartridge.cpu_write_page.data();
    context.read = read_for_code;
    context.write = write_for_code;
    context.machine = &machine;
}

NES_INLINE void enter(recompiler::Context& context, const CpuState& r, const FastBus& bus, std::uint64_t end) noexcept {
    context.limit = end;
    context.cycle = bus.cycle();
    context.data_bus = bus.data_bus();
    context.pc = r.pc;
    context.a = r.a;
    context.x = r.x;
    context.y = r.y;
    context.s = r.s;
    context.carry = r.carry;
    context.zero_result = r.zero_result;
    context.negative_result = r.negative_result;
    context.overflow = r.overflow;
    context.decimal = r.decimal;
    context.interrupt_disable = r.interrupt_disable;
    context.irq = !bus.may_set_interrupt_disable(0);
}

NES_INLINE void leave(const recompiler::Context& context, CpuState& r, FastBus& bus) noexcept {
    if (context.limit == 0) bus.set_limit(0);
    bus.resume(context.cycle, context.data_bus);
    r.pc = static_cast<std::uint16_t>(context.pc);
    r.a = static_cast<std::uint8_t>(context.a);
    r.x = static_cast<std::uint8_t>(context.x);
    r.y = static_cast<std::uint8_t>(context.y);
    r.s = static_cast<std::uint8_t>(context.s);
    r.carry = static_cast<std::uint8_t>(context.carry);
    r.zero_result = static_cast<std::uint8_t>(context.zero_result);
    r.negative_result = static_cast<std::uint8_t>(context.negative_result);
    r.overflow = context.overflow;
    r.decimal = context.decimal;
    r.interrupt_disable = context.interrupt_disable;
}

// What instructions change. A copy of the whole struct, in words, would wait until the bytes in it have been stored.
NES_INLINE void keep(const CpuState& r, CpuState& kept) noexcept {
    kept.cycle = r.cycle;
    kept.pc = r.pc;
    kept.a = r.a;
    kept.x = r.x;
    kept.y = r.y;
    kept.s = r.s;
    kept.carry = r.carry;
    kept.zero_result = r.zero_result;
    kept.interrupt_disable = r.interrupt_disable;
    kept.decimal = r.decimal;
    kept.overflow = r.overflow;
    kept.negative_result = r.negative_result;
    kept.data_bus = r.data_bus;
    kept.internal_data_bus = r.internal_data_bus;
    kept.jammed = r.jammed;
    kept.nmi_line = r.nmi_line;
    kept.halted_by_dma = r.halted_by_dma;
}

constexpr bool transfers_control(std::uint8_t opcode) {
    return (opcode & 0x1F) == 0x10 || opcode == 0x20 || opcode == 0x4C || opcode == 0x60 || opcode == 0x6C;
}

// Runs instructions on the fast bus; leaves the machine between two instructions.
// No instruction begins at `limit` or later; recompiled code knows how long it takes, and goes on up to `end`.
NES_NOINLINE void run_on_fast_bus(Console::Machine& machine, std::uint64_t limit, std::uint64_t end) noexcept {
    const std::uint64_t release =
        machine.state->ppu.vblank ? machine.dots.first_cycle_at(machine.ppu.next_vblank_change() - kDotsBeforeSample)
                                  : 0;
    FastBus fast_bus(machine, limit);
    Cpu<FastBus> cpu(machine.state->cpu, fast_bus);
    CpuState& registers = cpu.registers();
    FastBus& bus = cpu.bus();
    std::uint16_t pc;
    std::uint64_t cycle;
    // Recompiled code is looked for where a block may begin, until one does not end before the limit.
    recompiler::CodeCache* code = machine.code;
    recompiler::Context context;
    if (code) prepare(context, machine);
    std::uint64_t limit_behind = kNever;  // the real one, while one instruction is interpreted
    // Ends the loop where the next instruction has to be left to the other bus.
#define NES_NEXT                      \
    if (!bus.may_go_on()) goto ended; \
    pc = registers.pc;                \
    cycle = bus.cycle();              \
    if (NES_UNLIKELY(!bus.fetchable(pc))) goto ended;
block:
    if (code) {
        if (!bus.may_go_on()) goto ended;
        const void* const block = code->find(registers.pc, context.read_page);
        if (block == code->stubs().interpret) {
            limit_behind = bus.limit();
            bus.set_limit(bus.cycle() + 1);
        } else if (block != code->stubs().cold && block != code->stubs().idle) {
            enter(context, registers, bus, end);
            const recompiler::Exit exit = recompiler::run(*code, context, block);
            leave(context, registers, bus);
            if (exit == recompiler::Exit::limit) code = nullptr;
            if (exit == recompiler::Exit::interpret) {
                limit_behind = bus.limit();
                if (bus.may_go_on()) bus.set_limit(bus.cycle() + 1);
            }
        }
    }
#if defined(__GNUC__) && !defined(__clang__)
    // A jump at the end of each instruction: the branch predictor keeps a history for each of them. Clang merges the jumps
    // again and then keeps the CPU's registers in memory, which is twice as slow.
    // Comparisons with the likely opcodes come first: a game's frame has more indirect jumps than the predictor remembers,
    // and it remembers many times as many conditional ones.
#define NES_ADDRESS(code, ...) &&opcode_##code,
#define NES_TRY(opcode, rank) \
    if (next == kSuccessors[0x##opcode][rank]) goto* instructions[kSuccessors[0x##opcode][rank] & 0xFF];
#define NES_RUN(opcode, ...)                                                                                 \
    opcode_##opcode : if (NES_UNLIKELY(!cpu.instruction(Cpu<FastBus>::Opcode<0x##opcode>{}))) goto declined; \
    if (transfers_control(0x##opcode) && code && registers.pc >= 0x6000) goto block;                         \
    NES_NEXT next = cpu.fetch_opcode();                                                                      \
    NES_TRY(opcode, 0) NES_TRY(opcode, 1) NES_TRY(opcode, 2) NES_TRY(opcode, 3) goto* instructions[next];
    static_assert(kMostSuccessors == 4);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"  // addresses of labels
    static const void* const instructions[256] = {NES_OPCODES(NES_ADDRESS)};
    int next;
    NES_NEXT goto* instructions[cpu.fetch_opcode()];
    NES_OPCODES(NES_RUN)
#pragma GCC diagnostic pop
#undef NES_RUN
#undef NES_TRY
#undef NES_ADDRESS
#else
    for (;;) {
        NES_NEXT
        const std::uint8_t opcode = bus.peek(pc);
        if (NES_UNLIKELY(!cpu.execute())) goto declined;
        if (transfers_control(opcode) && code) goto block;
    }
#endif
#undef NES_NEXT
declined:
    registers.pc = pc;
    bus.rewind(cycle);
ended:
    if (limit_behind != kNever && !bus.may_go_on()) {
        // The one instruction is done, unless it was left to the other bus.
        if (bus.limit() != 0) bus.set_limit(limit_behind);
        limit_behind = kNever;
        goto block;
    }
    if (bus.cycle() != registers.cycle) {
        registers.cycle = bus.cycle();
        registers.data_bus = registers.internal_data_bus = bus.data_bus();
        registers.halted_by_dma = 0;
        machine.ports.finish_run(registers.cycle - 1);
    }
    // The end of vertical blank, or a read of ppustatus before, lets the line go.
    if (registers.nmi_line && registers.cycle > release) registers.nmi_line = 0;
    keep(registers, machine.state->cpu);
    machine.apu.run_to(registers.cycle - 1);
}

}  // namespace

void fast_run(Console::Machine& machine, std::uint64_t frame, std::uint64_t cycle) noexcept {
    ExactBus<FastPolicy> bus(machine);
    State& s = *machine.state;
    while (s.ppu.frame < frame && s.cpu.cycle < cycle) {
        if (can_run_fast(machine)) {
            const std::uint64_t event = next_event(machine);
            if (event > s.cpu.cycle + 2 * kLongestInstruction) {
                // An event must not fall into an instruction. `cycle` may: that instruction is the last one.
                run_on_fast_bus(machine, std::min(event - kLongestInstruction, cycle), std::min(event, cycle));
                if (s.cpu.cycle >= cycle) break;
            }
        }
        step_cpu(s.cpu, bus);
    }
    machine.ppu.catch_up(sampled_dots(machine));
    if (machine.board->counts_cpu_cycles) machine.board->run_to(s.cpu.cycle - 1);
    // A read of ppustatus, or the end of vertical blank, may have let the line go meanwhile.
    s.cpu.nmi_line = machine.ppu.nmi();
}

void fast_step(Console::Machine& machine) noexcept { fast_run(machine, kNever, machine.state->cpu.cycle + 1); }

}  // namespace nes
