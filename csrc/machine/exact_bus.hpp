// What the CPU is connected to, and the clock: each access is one CPU cycle, in which the other chips move on.
//
//   $0000-$1FFF  2 KB of RAM, four times
//   $2000-$3FFF  PPU registers, every 8 bytes
//   $4000-$401F  APU, controllers, OAM DMA
//   $4020-$FFFF  cartridge
//
// Sources: NESdev "CPU memory map", "Open bus behavior", "DMA", "CPU interrupts"; AccuracyCoin "Internal Data Bus".
#pragma once

#include <cstdint>

#include "base/inline.hpp"
#include "base/timing.hpp"
#include "machine/machine.hpp"

namespace nes {

/// How the other chips keep up with the CPU.
struct ReferencePolicy {
    static constexpr bool kLazy = false;  // brought to the exact dot and cycle at every access
};
struct FastPolicy {
    static constexpr bool kLazy = true;  // only where it can be observed
};

template <class Policy>
class ExactBus {
  public:
    static constexpr bool kServesEverything = true;

    explicit ExactBus(Console::Machine& machine) noexcept : machine_(machine), s(*machine.state) {}

    static constexpr bool readable(std::uint16_t) noexcept { return true; }
    static constexpr bool writable(std::uint16_t, std::uint8_t) noexcept { return true; }
    static constexpr bool is_memory(std::uint16_t) noexcept { return true; }
    static constexpr bool is_memory_to_modify(std::uint16_t) noexcept { return true; }
    static constexpr bool may_set_interrupt_disable(std::uint8_t) noexcept { return true; }
    static void looped_back(const CpuState&) noexcept {}
    static void branched_across_page() noexcept {}
    static void modifies_across_page() noexcept {}

    // The RP2A07 of the PAL console lets DMA halt the CPU only where it fetches an opcode, so that no read of a register is
    // repeated (NESdev "APU DMC", "Conflict with controller and PPU read").
    std::uint8_t read(std::uint16_t address) noexcept { return read(address, machine_.region != Region::pal); }
    std::uint8_t fetch(std::uint16_t address) noexcept { return read(address); }
    std::uint8_t fetch_opcode(std::uint16_t address) noexcept { return read(address, true); }
    void dummy_opcode(std::uint16_t address) noexcept { read(address, true); }
    std::uint8_t read_vector(std::uint16_t address) noexcept {
        if (machine_.board->watches_nmi_vector && address < 0xFFFC) tell_nmi_vector();
        return read(address);
    }
    std::uint16_t fetch_word(std::uint16_t address) noexcept {
        const std::uint8_t low = read(address);
        return static_cast<std::uint16_t>(low | (read(static_cast<std::uint16_t>(address + 1)) << 8));
    }
    void dummy_fetch(std::uint16_t address) noexcept { dummy_read(address); }
    void dummy_read(std::uint16_t address) noexcept { read(address); }

    void write(std::uint16_t address, std::uint8_t value) noexcept {
        begin_cycle();
        s.cpu.data_bus = s.cpu.internal_data_bus = value;
        if constexpr (!Policy::kLazy) run_ppu(kDotsBeforeAccess);
        if (std::uint8_t* page = machine_.cartridge.cpu_write_page[address >> Cartridge::kCpuPageBits]) {
            page[address & 0x7FF] = value;
        } else {
            write_register(address, value);
        }
        end_cycle();
    }
    void write_back(std::uint16_t address, std::uint8_t value) noexcept { write(address, value); }

  private:
    std::uint8_t read(std::uint16_t address, bool may_halt) noexcept {
        begin_cycle();
        s.cpu.halted_by_dma = 0;
        if (may_halt) {
            if (Policy::kLazy && s.dma.oam_active && oam_dma_at_once(address)) begin_cycle();
            while (dma_wanted()) {
                s.cpu.halted_by_dma = 1;
                dma_cycle(address);
                end_cycle();
                begin_cycle();
            }
        }
        const std::uint8_t value = access(address);
        end_cycle();
        return value;
    }

    // The board finds the PPU as the last cycle left it.
    NES_NOINLINE void tell_nmi_vector() noexcept {
        if constexpr (Policy::kLazy) {
            machine_.ppu.catch_up(machine_.dots.dots_at(s.cpu.cycle - 1) + kDotsBeforeSample);
        }
        machine_.board->nmi_vector_read();
        machine_.ppu.invalidate_board_irq();
    }

    // --- the clock ---

    void begin_cycle() noexcept { machine_.apu.begin_cycle(s.cpu.cycle); }

    void run_ppu(unsigned dots) noexcept {
        const std::uint64_t clock = machine_.dots.dots_at(s.cpu.cycle) + dots;
        if constexpr (Policy::kLazy) {
            machine_.ppu.catch_up(clock);
        } else {
            machine_.ppu.run_to(clock);
        }
    }

    // Whether this cycle's sample of the interrupt inputs can differ from the last one without a register access.
    void run_ppu_for_sample() noexcept {
        if constexpr (Policy::kLazy) {
            const std::uint64_t clock = machine_.dots.dots_at(s.cpu.cycle) + kDotsBeforeSample;
            if (clock < machine_.ppu.next_interrupt_change()) return;
        }
        run_ppu(kDotsBeforeSample);
    }

    // The interrupt inputs are sampled in every cycle. An instruction uses the sample of its last cycle but one; hence
    // the copies (NESdev "CPU interrupts").
    void end_cycle() noexcept {
        run_ppu_for_sample();
        if (machine_.board->counts_cpu_cycles) machine_.board->run_to(s.cpu.cycle);
        if (is_put(s.cpu.cycle)) {
            machine_.apu.end_put_cycle();
        } else {
            machine_.ports.end_get_cycle();
        }
        s.cpu.nmi_polled = s.cpu.nmi_pending;
        const bool nmi = machine_.ppu.nmi();
        if (nmi && !s.cpu.nmi_line) s.cpu.nmi_pending = 1;
        s.cpu.nmi_line = nmi;
        s.cpu.irq_polled = s.cpu.irq_asserted;
        s.cpu.irq_asserted = (machine_.apu.irq() || s.cartridge.irq) && !s.cpu.interrupt_disable;
        ++s.cpu.cycle;
    }

    // --- accesses ---

    std::uint8_t access(std::uint16_t address) noexcept {
        if constexpr (!Policy::kLazy) run_ppu(kDotsBeforeAccess);
        if ((address & 0xFFE0) == 0x4000) return read_internal(address, s.cpu.data_bus);
        return s.cpu.data_bus = s.cpu.internal_data_bus = read_external(address);
    }

    // Whatever answers on the external data bus.
    std::uint8_t read_external(std::uint16_t address) noexcept {
        if (const std::uint8_t* page = machine_.cartridge.cpu_read_page[address >> Cartridge::kCpuPageBits]) {
            return page[address & 0x7FF];
        }
        if (address < 0x4000) {
            if constexpr (Policy::kLazy) run_ppu(kDotsBeforeAccess);
            return machine_.ppu.read(address & 7);
        }
        if (address < 0x4020) return s.cpu.data_bus;
        if constexpr (Policy::kLazy) run_ppu(kDotsBeforeAccess);
        if (machine_.board->counts_cpu_cycles) machine_.board->run_to(s.cpu.cycle - 1);
        machine_.sync_audio(s.cpu.cycle);
        const std::uint8_t value = machine_.board->cpu_read(address, s.cpu.data_bus);
        machine_.follow_cartridge();
        return value;
    }

    // The registers within the RP2A03 itself, selected by the low five bits of the address. `external` is what is on
    // the external bus otherwise. A read of $4015 stays inside: its value, and bit 5 from what the inside
    // floats at, never reaches the external bus.
    std::uint8_t read_internal(std::uint16_t address, std::uint8_t external) noexcept {
        switch (address & 0x1F) {
            case 0x15:
                s.cpu.data_bus = external;
                return s.cpu.internal_data_bus =
                           static_cast<std::uint8_t>(machine_.apu.read_status() | (s.cpu.internal_data_bus & 0x20));
            case 0x16:
            case 0x17:
                if (Policy::kLazy && machine_.ports.looks_at_picture()) run_ppu(kDotsBeforeAccess);
                external = static_cast<std::uint8_t>((external & machine_.ports.open_bits()) |
                                                     machine_.ports.read(address & 1, s.cpu.cycle));
                [[fallthrough]];
            default: return s.cpu.data_bus = s.cpu.internal_data_bus = external;
        }
    }

    void write_register(std::uint16_t address, std::uint8_t value) noexcept {
        if (Policy::kLazy && address >= 0x4020 && machine_.board->write_needs_ppu_sync(address, value)) {
            run_ppu(kDotsBeforeAccess);
        }
        if (address < 0x4000) {
            if constexpr (Policy::kLazy) {
                machine_.ppu.write_at(address & 7, value, machine_.dots.dots_at(s.cpu.cycle) + kDotsBeforeAccess);
            } else {
                machine_.ppu.write(address & 7, value);
            }
        } else if (address >= 0x4020) {
            if (machine_.board->counts_cpu_cycles) machine_.board->run_to(s.cpu.cycle - 1);
            machine_.sync_audio(s.cpu.cycle);
            machine_.board->cpu_write(address, value, s.cpu.cycle);
            machine_.follow_cartridge();
            if (!machine_.board->write_moves_banks_only(address)) machine_.ppu.invalidate_board_irq();
        } else if (address == 0x4014) {
            s.dma.oam_page = value;
            s.dma.oam_active = 1;
            s.dma.oam_halted = 0;
            s.dma.oam_latch_full = 0;
            s.dma.oam_index = 0;
        } else if (address == 0x4016) {
            machine_.ports.write(value);
            if (machine_.board->watches_out_port) {
                if constexpr (Policy::kLazy) run_ppu(kDotsBeforeAccess);
                machine_.board->cpu_write(address, value, s.cpu.cycle);
            }
        } else {
            machine_.apu.write(address, value, s.cpu.cycle);
        }
    }

    // --- DMA ---

    // A request of the DMC that is withdrawn before its second stage has no effect.
    bool dma_wanted() noexcept {
        if (s.dma.dmc_stage == 1 && !machine_.apu.dmc_wants_byte()) s.dma.dmc_stage = 0;
        return s.dma.oam_active || s.dma.dmc_stage > 0 || machine_.apu.dmc_wants_byte();
    }

    // Reads for the DMA unit. The registers inside the chip decode the DMA's address while the halted CPU has one of
    // their addresses on its own bus.
    std::uint8_t dma_read(std::uint16_t address, std::uint16_t cpu_address) noexcept {
        if constexpr (!Policy::kLazy) run_ppu(kDotsBeforeAccess);
        const std::uint8_t external = read_external(address);
        if ((cpu_address & 0xFFE0) == 0x4000) return read_internal(address, external);
        return s.cpu.data_bus = s.cpu.internal_data_bus = external;
    }

    // A whole OAM DMA in one go, when it copies plain memory and nothing can come in between.
    NES_NOINLINE bool oam_dma_at_once(std::uint16_t cpu_address) noexcept {
        constexpr std::uint64_t kLongest = 514;
        const std::uint8_t* page = machine_.cartridge.cpu_read_page[s.dma.oam_page >> 3];
        if (!page || !machine_.cartridge.cpu_read_page[cpu_address >> Cartridge::kCpuPageBits]) return false;
        if (s.dma.oam_halted || s.dma.dmc_stage || machine_.apu.write_pending() || machine_.ports.write_pending())
            return false;
        if (machine_.apu.dmc_wants_byte() || machine_.apu.next_event() <= s.cpu.cycle + kLongest) return false;
        if (machine_.board->counts_cpu_cycles) return false;
        run_ppu(kDotsBeforeAccess);
        const std::uint64_t end = machine_.dots.dots_at(s.cpu.cycle + kLongest + 2);
        if (machine_.ppu.next_board_irq() <= end || !machine_.ppu.leaves_oam_alone(end)) return false;
        machine_.ppu.copy_to_oam(page + ((s.dma.oam_page & 7) << 8));
        s.dma.oam_latch = s.cpu.data_bus = s.cpu.internal_data_bus = page[((s.dma.oam_page & 7) << 8) | 0xFF];
        s.dma.oam_latch_full = 0;
        s.dma.oam_index = 256;
        s.dma.oam_active = 0;
        s.dma.oam_halted = 1;
        s.cpu.halted_by_dma = 1;
        // The halt, one more cycle when the next is no get cycle, and 256 pairs.
        s.cpu.cycle += is_put(s.cpu.cycle) ? 513 : 514;
        machine_.apu.run_to(s.cpu.cycle - 1);
        s.cpu.nmi_polled = s.cpu.nmi_pending;
        s.cpu.irq_asserted = (machine_.apu.irq() || s.cartridge.irq) && !s.cpu.interrupt_disable;
        s.cpu.irq_polled = s.cpu.irq_asserted;
        return true;
    }

    NES_NOINLINE void dma_cycle(std::uint16_t cpu_address) noexcept {
        const bool put = is_put(s.cpu.cycle);
        const bool dmc = machine_.apu.dmc_wants_byte() || s.dma.dmc_stage == 2;
        if (dmc && s.dma.dmc_stage == 2 && !put) {
            s.dma.dmc_stage = 0;
            machine_.apu.dmc_deliver(dma_read(machine_.apu.dmc_address(), cpu_address));
            return;
        }
        if (dmc && s.dma.dmc_stage < 2) ++s.dma.dmc_stage;
        if (s.dma.oam_active && s.dma.oam_halted && !put) {
            s.dma.oam_latch =
                dma_read(static_cast<std::uint16_t>((s.dma.oam_page << 8) | (s.dma.oam_index & 0xFF)), cpu_address);
            s.dma.oam_latch_full = 1;
        } else if (s.dma.oam_active && s.dma.oam_latch_full) {
            run_ppu(kDotsBeforeAccess);
            s.cpu.data_bus = s.cpu.internal_data_bus = s.dma.oam_latch;
            machine_.ppu.write(4, s.dma.oam_latch);
            s.dma.oam_latch_full = 0;
            if (++s.dma.oam_index == 256) s.dma.oam_active = 0;
        } else {
            access(cpu_address);
        }
        if (s.dma.oam_active) s.dma.oam_halted = 1;
    }

    Console::Machine& machine_;
    State& s;
};

}  // namespace nes
