// The instructions that fit no common pattern, and the way from an opcode to its instruction.
#pragma once

#include "cpu/cpu.hpp"

namespace nes {

// CLI, SEI and PLP change the flag in their last cycle, after that cycle's poll: the old value decides
// whether an interrupt comes directly after them.
template <class Bus>
NES_INLINE bool Cpu<Bus>::set_interrupt_disable(u8 value) noexcept {
    if (!bus_.may_set_interrupt_disable(value)) return false;
    bus_.dummy_fetch(r.pc);
    r.interrupt_disable = value;
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::plp() noexcept {
    bus_.dummy_fetch(r.pc);
    bus_.dummy_read(stack(r.s));
    const u8 status = pull();
    if (!bus_.may_set_interrupt_disable(status & kFlagInterruptDisable)) {
        --r.s;
        return false;
    }
    unpack_status(r, status);
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::rti() noexcept {
    bus_.dummy_fetch(r.pc);
    bus_.dummy_read(stack(r.s));
    const u8 status = pull();
    if (!bus_.may_set_interrupt_disable(status & kFlagInterruptDisable)) {
        --r.s;
        return false;
    }
    unpack_status(r, status);
    const u8 low = pull();
    r.pc = word(low, pull());
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::php() noexcept {
    bus_.dummy_fetch(r.pc);
    push(pack_status(r) | kFlagBreak);
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::pha() noexcept {
    bus_.dummy_fetch(r.pc);
    push(r.a);
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::pla() noexcept {
    bus_.dummy_fetch(r.pc);
    bus_.dummy_read(stack(r.s));
    set_nz(r.a = pull());
    return true;
}

// JSR fetches the high byte of its target last, after the pushes: code that runs from the stack page
// sees the pushed bytes.
template <class Bus>
NES_INLINE bool Cpu<Bus>::jsr() noexcept {
    const u8 low = fetch();
    bus_.dummy_read(stack(r.s));
    push(static_cast<u8>(r.pc >> 8));
    push(static_cast<u8>(r.pc));
    r.pc = word(low, bus_.read(r.pc));
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::rts() noexcept {
    bus_.dummy_fetch(r.pc);
    bus_.dummy_read(stack(r.s));
    const u8 low = pull();
    r.pc = word(low, pull());
    if (!bus_.is_memory(r.pc)) {
        r.s = static_cast<u8>(r.s - 2);
        return false;
    }
    bus_.dummy_read(r.pc++);
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::jmp() noexcept {
    const u16 target = absolute();
    const bool backward = target < r.pc;
    r.pc = target;
    if (backward) bus_.looped_back(r);
    return true;
}

// The pointer's high byte comes from the same page: its address has no carry.
template <class Bus>
NES_INLINE bool Cpu<Bus>::jmp_indirect() noexcept {
    const u16 pointer = absolute();
    if (!bus_.is_memory(pointer)) return false;
    const u8 low = bus_.read(pointer);
    r.pc = word(low, bus_.read(static_cast<u16>((pointer & 0xFF00) | static_cast<u8>(pointer + 1))));
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::shs() noexcept {
    if (!Bus::kServesEverything) return false;
    const u16 base = absolute();
    r.s = r.a & r.x;
    return store_and_high(base, r.y, r.s);
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::brk() noexcept {
    if (!Bus::kServesEverything) return false;
    fetch();
    interrupt_sequence(true);
    return true;
}

// KIL: the sequencer stops with $FFFF on the address bus until the power goes or reset is pressed.
template <class Bus>
NES_INLINE bool Cpu<Bus>::jam() noexcept {
    if (!Bus::kServesEverything) return false;
    bus_.dummy_read(r.pc);
    r.jammed = 1;
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::execute() noexcept {
#define NES_CASE(code, ...) \
    case 0x##code: return instruction(Opcode<0x##code>{});
    switch (fetch_opcode()) { NES_OPCODES(NES_CASE) }
#undef NES_CASE
    return true;  // not reached: every opcode has its case
}

}  // namespace nes
