// The bus of option timing="nes-py": what nes-py 8 and 9 do in place of what the hardware does, so that what was recorded
// there can be replayed.
//
// An instruction makes all its accesses in its first CPU cycle, after the three dots of that cycle, and then waits. Nothing
// reads in between: reads whose value nobody uses do not happen, and a read-modify-write instruction writes once. There is
// no APU, no open bus, and no DMA unit: what OAM DMA takes is added to the storing instruction.
//
// Interrupts are run_nes_py.cpp's.
#pragma once

#include <cstdint>

#include "base/inline.hpp"
#include "cpu/cpu_state.hpp"
#include "machine/machine.hpp"

namespace nes {

class NesPyBus {
  public:
    static constexpr bool kServesEverything = true;

    explicit NesPyBus(Console::Machine& machine) noexcept : machine_(machine), s(*machine.state) {}

    /// To be called before each instruction: its accesses belong to this cycle.
    NES_INLINE void begin_instruction() noexcept { first_cycle_ = s.cpu.cycle; }
    /// Whether an access since begin_watch() may have moved the next interrupt.
    NES_INLINE bool interrupts_may_have_moved() const noexcept { return moved_; }
    NES_INLINE void begin_watch() noexcept { moved_ = false; }

    static constexpr bool readable(std::uint16_t) noexcept { return true; }
    static constexpr bool writable(std::uint16_t, std::uint8_t) noexcept { return true; }
    static constexpr bool is_memory(std::uint16_t) noexcept { return true; }
    static constexpr bool is_memory_to_modify(std::uint16_t) noexcept { return true; }
    static constexpr bool may_set_interrupt_disable(std::uint8_t) noexcept { return true; }
    static void looped_back(const CpuState&) noexcept {}

    // It takes a cycle more than on hardware.
    NES_INLINE void branched_across_page() noexcept { ++s.cpu.cycle; }
    NES_INLINE void modifies_across_page() noexcept { ++s.cpu.cycle; }

    NES_INLINE std::uint8_t read(std::uint16_t address) noexcept {
        ++s.cpu.cycle;
        const std::uint8_t* page = machine_.cartridge.cpu_read_page[address >> Cartridge::kCpuPageBits];
        return NES_LIKELY(page != nullptr) ? page[address & 0x7FF] : read_register(address);
    }
    NES_INLINE std::uint8_t fetch(std::uint16_t address) noexcept { return read(address); }
    NES_INLINE std::uint8_t fetch_opcode(std::uint16_t address) noexcept { return read(address); }
    NES_INLINE std::uint8_t read_vector(std::uint16_t address) noexcept { return read(address); }
    NES_INLINE std::uint16_t fetch_word(std::uint16_t address) noexcept {
        const std::uint8_t low = read(address);
        return static_cast<std::uint16_t>(low | (read(static_cast<std::uint16_t>(address + 1)) << 8));
    }
    NES_INLINE void dummy_opcode(std::uint16_t) noexcept { ++s.cpu.cycle; }
    NES_INLINE void dummy_fetch(std::uint16_t) noexcept { ++s.cpu.cycle; }
    NES_INLINE void dummy_read(std::uint16_t) noexcept { ++s.cpu.cycle; }
    NES_INLINE void write_back(std::uint16_t, std::uint8_t) noexcept { ++s.cpu.cycle; }

    NES_INLINE void write(std::uint16_t address, std::uint8_t value) noexcept {
        ++s.cpu.cycle;
        std::uint8_t* page = machine_.cartridge.cpu_write_page[address >> Cartridge::kCpuPageBits];
        if (NES_LIKELY(page != nullptr)) {
            page[address & 0x7FF] = value;
        } else {
            write_register(address, value);
        }
    }

    /// Brings the PPU to the dots that an instruction which begins in `cycle` finds gone by.
    void run_ppu_for(std::uint64_t cycle) noexcept { run_ppu(3 * cycle + 3); }
    /// Brings the PPU to `clock` dots.
    void run_ppu(std::uint64_t clock) noexcept;
    /// The first cycle in which an instruction finds the next vertical blank begun, or the cartridge's interrupt raised, when no
    /// register is written; it may be too early.
    std::uint64_t next_event() noexcept;

  private:
    void repeat_sprites() noexcept;
    void catch_up(std::uint64_t clock) noexcept;
    bool board_counts_lines() const noexcept;
    NES_NOINLINE std::uint8_t read_register(std::uint16_t address) noexcept;
    NES_NOINLINE void write_register(std::uint16_t address, std::uint8_t value) noexcept;
    std::uint8_t read_pad(unsigned port) noexcept;
    std::uint8_t read_ppu(unsigned reg) noexcept;
    void write_ppu(unsigned reg, std::uint8_t value) noexcept;
    void copy_to_oam(std::uint8_t page) noexcept;
    void increment_v() noexcept;

    Console::Machine& machine_;
    State& s;
    std::uint64_t first_cycle_ = 0;
    bool moved_ = false;
};

}  // namespace nes
