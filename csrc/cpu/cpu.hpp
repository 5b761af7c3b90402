// The 6502 of the RP2A03: addressing modes, interrupts and the order of bus accesses. It knows no NES; everything
// it does to the outside goes through Bus:
//
//   read(address)          one cycle; may be stretched by RDY (DMA)
//   fetch(address)         the same for a byte of the instruction
//   fetch_opcode(address)  the same for its first byte
//   dummy_opcode(address)  the same for an opcode that an interrupt replaces
//   read_vector(address)   the same for a byte of an interrupt's vector
//   fetch_word(address)    the same for two bytes, in two cycles
//   dummy_fetch(address)   one cycle whose value is not used, in the page of the last byte fetched or in the one after it
//   dummy_read(address)    one cycle whose value is not used
//   write(address, value)  one cycle
//   write_back(address, value)
//                          the same for the old value that a read-modify-write instruction writes first
//   branched_across_page(), modifies_across_page()
//                          a branch has gone into another page; the index of a read-modify-write instruction carries
//   may_set_interrupt_disable(value)
//                          whether this bus can serve an instruction that gives the interrupt flag this value
//   looped_back(registers) a jump or branch has gone to a lower address
//   readable(address), writable(address, value)
//                          whether this bus can serve the access, as the last one of an instruction
//   is_memory(address), is_memory_to_modify(address)
//                          whether it can serve any access: memory without side effects
//
// Where the bus says no the instruction is left before its first side effect, and execute() returns false for the
// caller to repeat it on a bus that can.
//
// Sources: NESdev "CPU addressing modes", "CPU interrupts", "Programming with unofficial opcodes", "CPU unofficial
// opcodes".
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/inline.hpp"
#include "cpu/cpu_state.hpp"
#include "cpu/opcodes.hpp"

namespace nes {

template <class Bus>
class Cpu {
  public:
    Cpu(CpuState& registers, Bus& bus) noexcept : r(registers), bus_(bus) {}

    NES_INLINE CpuState& registers() noexcept { return r; }
    NES_INLINE Bus& bus() noexcept { return bus_; }

    /// Runs the instruction at PC. False: the bus could not serve it; nothing but `pc` and the
    /// bus's clock has moved.
    NES_INLINE bool execute() noexcept;

    // The parts of it, for a caller with a way of its own from one to the other.
    template <unsigned code>
    using Opcode = std::integral_constant<unsigned, code>;
    NES_INLINE std::uint8_t fetch_opcode() noexcept { return bus_.fetch_opcode(r.pc++); }
#define NES_INSTRUCTION(code, ...) \
    NES_INLINE bool instruction(Opcode<0x##code>) noexcept { __VA_ARGS__; }
    NES_OPCODES(NES_INSTRUCTION)
#undef NES_INSTRUCTION

    /// Runs the seven cycles that enter an interrupt handler when the opcode was replaced by one.
    void enter_interrupt() noexcept {
        bus_.dummy_opcode(r.pc);
        bus_.dummy_read(r.pc);
        interrupt_sequence(false);
    }

    /// The reset sequence: an interrupt whose pushes are turned into reads.
    void enter_reset() noexcept {
        bus_.dummy_read(r.pc);
        bus_.dummy_read(r.pc);
        for (int i = 0; i < 3; ++i) bus_.dummy_read(stack(r.s--));
        r.interrupt_disable = 1;
        const std::uint8_t low = bus_.read(0xFFFC);
        r.pc = word(low, bus_.read(0xFFFD));
    }

  private:
    using u8 = std::uint8_t;
    using u16 = std::uint16_t;

    static constexpr u16 word(u8 low, u8 high) noexcept { return static_cast<u16>(low | (high << 8)); }
    static constexpr u16 stack(u8 s) noexcept { return static_cast<u16>(0x0100 | s); }

    NES_INLINE u8 fetch() noexcept { return bus_.fetch(r.pc++); }

    NES_INLINE void push(u8 value) noexcept { bus_.write(stack(r.s--), value); }
    NES_INLINE u8 pull() noexcept { return bus_.read(stack(++r.s)); }
    NES_INLINE void set_nz(u8 result) noexcept { r.zero_result = r.negative_result = result; }

    // The pushes, the choice of the vector and its fetch. An NMI that arrives before the cycle in which the status is
    // pushed takes the vector of the interrupt that is under way.
    void interrupt_sequence(bool from_brk) noexcept {
        push(static_cast<u8>(r.pc >> 8));
        push(static_cast<u8>(r.pc));
        push(pack_status(r) | (from_brk ? kFlagBreak : 0));
        r.interrupt_disable = 1;
        u16 vector = 0xFFFE;
        if (r.nmi_polled) {
            r.nmi_pending = 0;
            vector = 0xFFFA;
        }
        const u8 low = bus_.read_vector(vector);
        r.pc = word(low, bus_.read_vector(vector + 1));
        // The sequence does not poll: the handler's first instruction always runs.
        r.nmi_polled = 0;
        r.irq_polled = 0;
    }

    // --- addressing modes: each does all cycles before the access itself and returns its address ---

    NES_INLINE u16 zero_page() noexcept { return fetch(); }

    NES_INLINE u16 zero_page_indexed(u8 index) noexcept {
        const u8 base = fetch();
        bus_.dummy_read(base);
        return static_cast<u8>(base + index);
    }

    NES_INLINE u16 absolute() noexcept {
        const u16 address = bus_.fetch_word(r.pc);
        r.pc += 2;
        return address;
    }

    NES_INLINE u16 pointer_at_zero_page(u8 pointer) noexcept {
        const u8 low = bus_.read(pointer);
        return word(low, bus_.read(static_cast<u8>(pointer + 1)));
    }

    NES_INLINE u16 indexed_indirect() noexcept {
        const u8 pointer = fetch();
        bus_.dummy_read(pointer);
        return pointer_at_zero_page(static_cast<u8>(pointer + r.x));
    }

    // Adds an index to an address. The low byte is added first; the cycle in which the carry reaches the
    // high byte reads from the address without it. Reads skip that cycle when there is no carry.
    struct Indexed {
        u16 uncorrected;  // high byte of the base, low byte of the sum
        u16 address;
    };
    static constexpr Indexed add_index(u16 base, u8 index) noexcept {
        const u16 address = static_cast<u16>(base + index);
        return {static_cast<u16>((base & 0xFF00) | (address & 0x00FF)), address};
    }

    // --- kinds of instructions ---

    template <void (Cpu::*Operation)(u8)>
    NES_INLINE bool read_from(u16 address) noexcept {
        if (!bus_.readable(address)) return false;
        (this->*Operation)(bus_.read(address));
        return true;
    }

    template <void (Cpu::*Operation)(u8)>
    NES_INLINE bool read_from(Indexed at) noexcept {
        if (at.uncorrected != at.address) {
            if (!bus_.is_memory(at.uncorrected) || !bus_.readable(at.address)) return false;
            bus_.dummy_read(at.uncorrected);
        }
        return read_from<Operation>(at.address);
    }

    NES_INLINE bool write_to(u16 address, u8 value) noexcept {
        if (!bus_.writable(address, value)) return false;
        bus_.write(address, value);
        return true;
    }

    NES_INLINE bool write_to(Indexed at, u8 value) noexcept {
        if (!bus_.is_memory(at.uncorrected) || !bus_.writable(at.address, value)) return false;
        bus_.dummy_read(at.uncorrected);
        bus_.write(at.address, value);
        return true;
    }

    template <u8 (Cpu::*Operation)(u8)>
    NES_INLINE bool modify(u16 address) noexcept {
        if (!bus_.is_memory_to_modify(address)) return false;
        const u8 old = bus_.read(address);
        bus_.write_back(address, old);
        bus_.write(address, (this->*Operation)(old));
        return true;
    }

    template <u8 (Cpu::*Operation)(u8)>
    NES_INLINE bool modify(Indexed at) noexcept {
        if (!bus_.is_memory(at.uncorrected) || !bus_.is_memory_to_modify(at.address)) return false;
        bus_.dummy_read(at.uncorrected);
        if (at.uncorrected != at.address) bus_.modifies_across_page();
        return modify<Operation>(at.address);
    }

    // The unofficial stores SHA, SHX, SHY and SHS drive `value` AND the high byte of the base plus one. When the
    // index carries, the same AND lands on the high byte of the address. When RDY holds the CPU in the
    // cycle before the write, the AND is lost. (NESdev "CPU unofficial opcodes"; AccuracyCoin.)
    NES_INLINE bool store_and_high(u16 base, u8 index, u8 value) noexcept {
        const Indexed at = add_index(base, index);
        if (!Bus::kServesEverything) return false;
        bus_.dummy_read(at.uncorrected);
        const u8 high_plus_one = static_cast<u8>((base >> 8) + 1);
        const u8 stored = r.halted_by_dma ? value : (value & high_plus_one);
        const u16 address =
            at.uncorrected == at.address ? at.address : word(static_cast<u8>(at.address), value & high_plus_one);
        bus_.write(address, stored);
        return true;
    }

    NES_INLINE bool implied() noexcept {
        bus_.dummy_fetch(r.pc);
        return true;
    }

    // A branch polls as its operand is fetched and, when it crosses a page, once more before its last cycle; what the
    // first poll saw is kept. The cycle of a branch that is taken within a page adds no poll.
    NES_INLINE bool branch(bool taken) noexcept {
        const u8 offset = fetch();
        if (!taken) return true;
        const u16 target = static_cast<u16>(r.pc + static_cast<std::int8_t>(offset));
        const u16 uncorrected = static_cast<u16>((r.pc & 0xFF00) | (target & 0x00FF));
        const u8 irq_polled = r.irq_polled;
        const u8 nmi_polled = r.nmi_polled;
        bus_.dummy_fetch(r.pc);
        if (uncorrected == target) {
            r.irq_polled = irq_polled;
            r.nmi_polled = nmi_polled;
        } else {
            bus_.dummy_fetch(uncorrected);
            bus_.branched_across_page();
            r.irq_polled |= irq_polled;
            r.nmi_polled |= nmi_polled;
        }
        const bool backward = target < r.pc;
        r.pc = target;
        if (backward) bus_.looped_back(r);
        return true;
    }

    // --- operations ---

    NES_INLINE void lda(u8 v) noexcept { set_nz(r.a = v); }
    NES_INLINE void ldx(u8 v) noexcept { set_nz(r.x = v); }
    NES_INLINE void ldy(u8 v) noexcept { set_nz(r.y = v); }
    NES_INLINE void ora(u8 v) noexcept { set_nz(r.a |= v); }
    NES_INLINE void and_(u8 v) noexcept { set_nz(r.a &= v); }
    NES_INLINE void eor(u8 v) noexcept { set_nz(r.a ^= v); }
    NES_INLINE void adc(u8 v) noexcept {
        const unsigned sum = r.a + v + r.carry;
        r.overflow = ((~(r.a ^ v) & (r.a ^ sum)) >> 7) & 1;
        r.carry = static_cast<u8>(sum >> 8);
        set_nz(r.a = static_cast<u8>(sum));
    }
    NES_INLINE void sbc(u8 v) noexcept { adc(static_cast<u8>(~v)); }
    NES_INLINE void compare(u8 reg, u8 v) noexcept {
        r.carry = reg >= v;
        set_nz(static_cast<u8>(reg - v));
    }
    NES_INLINE void cmp(u8 v) noexcept { compare(r.a, v); }
    NES_INLINE void cpx(u8 v) noexcept { compare(r.x, v); }
    NES_INLINE void cpy(u8 v) noexcept { compare(r.y, v); }
    NES_INLINE void bit(u8 v) noexcept {
        r.zero_result = r.a & v;
        r.negative_result = v;
        r.overflow = (v >> 6) & 1;
    }
    NES_INLINE void nop(u8) noexcept {}

    NES_INLINE u8 asl(u8 v) noexcept {
        r.carry = v >> 7;
        set_nz(v = static_cast<u8>(v << 1));
        return v;
    }
    NES_INLINE u8 lsr(u8 v) noexcept {
        r.carry = v & 1;
        set_nz(v >>= 1);
        return v;
    }
    NES_INLINE u8 rol(u8 v) noexcept {
        const u8 in = r.carry;
        r.carry = v >> 7;
        set_nz(v = static_cast<u8>((v << 1) | in));
        return v;
    }
    NES_INLINE u8 ror(u8 v) noexcept {
        const u8 in = r.carry;
        r.carry = v & 1;
        set_nz(v = static_cast<u8>((v >> 1) | (in << 7)));
        return v;
    }
    NES_INLINE u8 inc(u8 v) noexcept {
        set_nz(++v);
        return v;
    }
    NES_INLINE u8 dec(u8 v) noexcept {
        set_nz(--v);
        return v;
    }

    // Unofficial: two operations in one.
    NES_INLINE u8 slo(u8 v) noexcept {
        v = asl(v);
        ora(v);
        return v;
    }
    NES_INLINE u8 rla(u8 v) noexcept {
        v = rol(v);
        and_(v);
        return v;
    }
    NES_INLINE u8 sre(u8 v) noexcept {
        v = lsr(v);
        eor(v);
        return v;
    }
    NES_INLINE u8 rra(u8 v) noexcept {
        v = ror(v);
        adc(v);
        return v;
    }
    NES_INLINE u8 dcp(u8 v) noexcept {
        cmp(--v);
        return v;
    }
    NES_INLINE u8 isc(u8 v) noexcept {
        sbc(++v);
        return v;
    }
    NES_INLINE void lax(u8 v) noexcept { set_nz(r.a = r.x = v); }
    NES_INLINE void anc(u8 v) noexcept {
        and_(v);
        r.carry = r.a >> 7;
    }
    NES_INLINE void asr(u8 v) noexcept { r.a = lsr(r.a & v); }
    NES_INLINE void arr(u8 v) noexcept {
        r.a = ror(r.a & v);
        r.carry = (r.a >> 6) & 1;
        r.overflow = ((r.a >> 6) ^ (r.a >> 5)) & 1;
    }
    // The accumulator takes part through the analog strength of the bus drivers; $FF is what the RP2A03G shows.
    static constexpr u8 kUnstableMagic = 0xFF;
    NES_INLINE void ane(u8 v) noexcept { set_nz(r.a = (r.a | kUnstableMagic) & r.x & v); }
    NES_INLINE void lxa(u8 v) noexcept { set_nz(r.a = r.x = (r.a | kUnstableMagic) & v); }
    NES_INLINE void axs(u8 v) noexcept {
        const u8 ax = r.a & r.x;
        r.carry = ax >= v;
        set_nz(r.x = static_cast<u8>(ax - v));
    }
    NES_INLINE void lae(u8 v) noexcept { set_nz(r.a = r.x = r.s = v & r.s); }

    // --- instructions that fit no common pattern (instructions.hpp) ---

    NES_INLINE bool set_interrupt_disable(u8 value) noexcept;
    NES_INLINE bool plp() noexcept;
    NES_INLINE bool rti() noexcept;
    NES_INLINE bool php() noexcept;
    NES_INLINE bool pha() noexcept;
    NES_INLINE bool pla() noexcept;
    NES_INLINE bool jsr() noexcept;
    NES_INLINE bool rts() noexcept;
    NES_INLINE bool jmp() noexcept;
    NES_INLINE bool jmp_indirect() noexcept;
    NES_INLINE bool shs() noexcept;
    NES_INLINE bool brk() noexcept;
    NES_INLINE bool jam() noexcept;

    // With a bus that serves only some accesses the CPU works on its own copies: the compiler can keep them in
    // machine registers as long as nothing else knows where they are.
    std::conditional_t<Bus::kServesEverything, CpuState&, CpuState> r;
    std::conditional_t<Bus::kServesEverything, Bus&, Bus> bus_;
};

}  // namespace nes

#include "cpu/instructions.hpp"
