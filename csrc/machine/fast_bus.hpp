// The bus of the fast policy. As long as no interrupt, DMA or end of a frame can fall into an instruction, instructions run
// whole, on a cycle counter, and the other chips see only the accesses to their registers.
//
// It can access memory at any point of an instruction, and most registers in an instruction's last cycle, after which nothing
// of the instruction is left to be disturbed. It declines everything else, which then runs on ExactBus.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "base/inline.hpp"
#include "base/timing.hpp"
#include "machine/machine.hpp"

namespace nes {

class FastBus {
  public:
    static constexpr bool kServesEverything = false;

    FastBus(Console::Machine& machine, std::uint64_t limit) noexcept
        : machine_(machine),
          read_page_(machine.cartridge.cpu_read_page.data()),
          write_page_(machine.cartridge.cpu_write_page.data()),
          cycle_(machine.state->cpu.cycle),
          limit_(limit),
          board_is_passive_(!machine.board->watches_ppu_bus && !machine.board->counts_cpu_cycles),
          board_sees_ppu_(machine.board->watches_ppu_bus),
          irq_(machine.apu.irq() || machine.state->cartridge.irq),
          data_bus_(machine.state->cpu.data_bus) {}

    /// Whether an instruction may make the interrupt flag `value`: nothing waits for it to be cleared.
    bool may_set_interrupt_disable(std::uint8_t value) const noexcept { return value || !irq_; }
    std::uint64_t cycle() const noexcept { return cycle_; }
    void rewind(std::uint64_t cycle) noexcept { cycle_ = cycle; }
    bool may_go_on() const noexcept { return cycle_ < limit_; }
    std::uint8_t data_bus() const noexcept { return data_bus_; }

    /// Whether an instruction at `pc` can be fetched: its bytes lie in one page of memory, or in two that are neighbours there too.
    NES_INLINE bool fetchable(std::uint16_t pc) noexcept {
        if (NES_LIKELY(static_cast<std::uint32_t>(pc) - code_start_ <= kLastFetch)) return true;
        const std::uint8_t* page = read_page_[pc >> kBits];
        if (page == nullptr) return false;
        if ((pc & kPageMask) > kLastFetch && (pc > kLastPage || read_page_[(pc >> kBits) + 1] != page + kPageSize)) {
            return false;
        }
        code_start_ = pc & ~kPageMask;
        code_ = reinterpret_cast<std::uintptr_t>(page) - code_start_;
        return true;
    }
    /// The byte at an address that is fetchable, without a cycle.
    NES_INLINE std::uint8_t peek(std::uint16_t pc) const noexcept { return *code(pc); }
    NES_INLINE std::uint8_t fetch(std::uint16_t pc) noexcept {
        dummy_fetch(pc);
        return data_bus_;
    }
    NES_INLINE std::uint8_t fetch_opcode(std::uint16_t pc) noexcept { return fetch(pc); }
    NES_INLINE std::uint16_t fetch_word(std::uint16_t pc) noexcept {
        std::uint16_t word;
        std::memcpy(&word, code(pc), sizeof(word));
        if constexpr (std::endian::native == std::endian::big)
            word = static_cast<std::uint16_t>((word >> 8) | (word << 8));
        data_bus_ = static_cast<std::uint8_t>(word >> 8);
        cycle_ += 2;
        return word;
    }
    NES_INLINE void dummy_fetch(std::uint16_t pc) noexcept {
        data_bus_ = *code(pc);
        ++cycle_;
    }

    NES_INLINE bool is_memory(std::uint16_t address) const noexcept { return read_page_[address >> kBits]; }
    NES_INLINE bool is_memory_to_modify(std::uint16_t address) const noexcept {
        return write_page_[address >> kBits] && read_page_[address >> kBits];
    }
    NES_INLINE bool readable(std::uint16_t address) const noexcept {
        if (NES_LIKELY(is_memory(address))) return true;
        return serves_read(machine_, address, cycle_, board_sees_ppu_, board_is_passive_);
    }
    NES_INLINE bool writable(std::uint16_t address, std::uint8_t value) const noexcept {
        if (NES_LIKELY(write_page_[address >> kBits] != nullptr)) return true;
        return serves_write(machine_, address, value, cycle_, board_sees_ppu_, board_is_passive_);
    }

    NES_INLINE std::uint8_t read(std::uint16_t address) noexcept {
        const std::uint8_t* page = read_page_[address >> kBits];
        if (NES_LIKELY(page != nullptr)) {
            data_bus_ = page[address & 0x7FF];
        } else {
            const Effect effect = read_register(machine_, address, cycle_, data_bus_);
            data_bus_ = effect.value;
            if (effect.stable_until < stable_until_) stable_until_ = effect.stable_until;
        }
        ++cycle_;
        return data_bus_;
    }
    NES_INLINE std::uint8_t read_vector(std::uint16_t address) noexcept { return read(address); }
    NES_INLINE void dummy_read(std::uint16_t address) noexcept {
        data_bus_ = read_page_[address >> kBits][address & 0x7FF];
        ++cycle_;
    }
    NES_INLINE void write(std::uint16_t address, std::uint8_t value) noexcept {
        data_bus_ = value;
        std::uint8_t* page = write_page_[address >> kBits];
        stable_until_ = 0;
        if (NES_LIKELY(page != nullptr)) {
            page[address & 0x7FF] = value;
        } else {
            write_register(machine_, address, value, cycle_);
            code_start_ = kNoCode;  // banks may have moved
            if (write_ends_run(address, board_sees_ppu_)) limit_ = 0;
        }
        ++cycle_;
    }

    NES_INLINE void write_back(std::uint16_t address, std::uint8_t value) noexcept { write(address, value); }

    static void branched_across_page() noexcept {}
    static void modifies_across_page() noexcept {}

    // Idle loops. When the CPU comes back to the head of a loop with the registers that it had there before, has
    // written nothing, and what it read cannot change yet, it will go round in the same way: whole turns are taken at once.
    NES_INLINE void looped_back(const CpuState& r) noexcept {
        if (r.pc == head_pc_ && stable_until_ != 0 && same_registers(r)) {
            const std::uint64_t end = stable_until_ < limit_ ? stable_until_ : limit_;
            if (cycle_ < end) {
                const std::uint64_t turn = cycle_ - head_cycle_;
                // The last turn within the bound is run as usual: what it reads lies before the bound.
                const std::uint64_t turns = (end - cycle_) / turn;
                cycle_ += turns * turn;
            }
        }
        head_pc_ = r.pc;
        head_cycle_ = cycle_;
        head_ = {r.a, r.x, r.y, r.s, r.carry, r.zero_result, r.overflow, r.negative_result, r.decimal};
        stable_until_ = kNever;
    }

    // --- registers, for recompiled code as well ---

    NES_INLINE static bool serves_read(Console::Machine& machine, std::uint16_t address, std::uint64_t cycle,
                                       bool board_sees_ppu, bool board_is_passive) noexcept {
        if (address < 0x4000) return !board_sees_ppu || (address & 7) != 7 || bus_may_move(machine, cycle);
        return address != 0x4015 && (address < 0x4020 || board_is_passive);
    }
    // Not what can raise an interrupt, start a DMA or take effect some cycles later.
    NES_INLINE static bool serves_write(Console::Machine& machine, std::uint16_t address, std::uint8_t value,
                                        std::uint64_t cycle, bool board_sees_ppu, bool board_is_passive) noexcept {
        if (address < 0x4000) {
            const unsigned reg = address & 7;
            if (reg == 0 && machine.ppu.raises_nmi(value)) return false;
            // ppuctrl can move A12 in the dot after the write, and with it the interrupt that this cycle samples.
            return !board_sees_ppu || (reg > 0 && reg < 6) || bus_may_move(machine, cycle);
        }
        if (address >= 0x4020) return board_is_passive || machine.board->write_moves_banks_only(address);
        if (address == 0x4016) return !machine.board->watches_out_port;
        return address < 0x4010 || (address > 0x4010 && address < 0x4014);
    }
    // Whether a write decides when a board that follows A12 interrupts, as ppumask and OAM do: the limit was set without it.
    static bool write_ends_run(std::uint16_t address, bool board_sees_ppu) noexcept {
        return board_sees_ppu && address < 0x4000 && (address & 7) < 5;
    }

    struct Effect {
        std::uint8_t value;
        std::uint64_t stable_until;  // cycle before which the same read gives the same value and does nothing more
    };
    // What is not inlined takes no `this`: the compiler is to keep this object in registers.
    NES_NOINLINE static Effect read_register(Console::Machine& machine, std::uint16_t address, std::uint64_t cycle,
                                             std::uint8_t open_bus) noexcept;
    NES_NOINLINE static void write_register(Console::Machine& machine, std::uint16_t address, std::uint8_t value,
                                            std::uint64_t cycle) noexcept;

    // --- for a run that recompiled code takes over and gives back ---

    std::uint64_t limit() const noexcept { return limit_; }
    void set_limit(std::uint64_t limit) noexcept { limit_ = limit; }
    void resume(std::uint64_t cycle, std::uint8_t data_bus) noexcept {
        cycle_ = cycle;
        data_bus_ = data_bus;
        code_start_ = kNoCode;  // banks may have moved
        // Writes were made: no turn of a loop is known.
        head_pc_ = 0x10000;
        stable_until_ = 0;
    }

  private:
    NES_INLINE const std::uint8_t* code(std::uint16_t pc) const noexcept {
        return reinterpret_cast<const std::uint8_t*>(code_ + pc);  // NOLINT(performance-no-int-to-ptr): see code_
    }

    static constexpr unsigned kBits = Cartridge::kCpuPageBits;
    static constexpr std::uint32_t kPageSize = 1u << kBits;
    static constexpr std::uint32_t kPageMask = kPageSize - 1;
    static constexpr std::uint32_t kLastPage = 0x10000 - kPageSize;
    static constexpr std::uint32_t kLastFetch = kPageSize - 3;  // of an instruction of three bytes
    static constexpr std::uint32_t kNoCode = 0xFFFFFFFF - 0x20000;

    struct Registers {
        std::uint8_t a, x, y, s, carry, zero_result, overflow, negative_result, decimal;
    };

    NES_INLINE bool same_registers(const CpuState& r) const noexcept {
        return r.a == head_.a && r.x == head_.x && r.y == head_.y && r.s == head_.s && r.carry == head_.carry &&
               r.zero_result == head_.zero_result && r.overflow == head_.overflow &&
               r.negative_result == head_.negative_result && r.decimal == head_.decimal;
    }

    // Whether this instruction can move the address that the PPU shows the board: it is not drawing, and a rise of A12
    // that comes of it does not interrupt yet.
    NES_NOINLINE static bool bus_may_move(Console::Machine& machine, std::uint64_t cycle) noexcept;

    Console::Machine& machine_;
    const std::uint8_t* const* read_page_;
    std::uint8_t* const* write_page_;
    std::uint64_t cycle_;
    std::uint64_t limit_;
    std::uintptr_t code_ = 0;  // where address 0 would lie, were all memory laid out as the page that PC is in
    std::uint32_t code_start_ = kNoCode;  // the address of that page
    std::uint64_t stable_until_ = 0;
    std::uint64_t head_cycle_ = 0;
    std::uint32_t head_pc_ = 0x10000;
    Registers head_{};
    bool board_is_passive_;
    bool board_sees_ppu_;
    bool irq_;  // an interrupt is asked for and masked; what raises one later lies behind the limit
    std::uint8_t data_bus_;
};

}  // namespace nes
