// The opcode table and the instructions that fit no common pattern.
#pragma once

#include "cpu.hpp"

namespace nes {

// CLI, SEI and PLP change the flag in their last cycle, after that cycle's poll: the old value decides
// whether an interrupt comes directly behind them.
template <class Bus>
NES_INLINE bool Cpu<Bus>::set_interrupt_disable(u8 value) noexcept {
    if (!Bus::kServesEverything) return false;
    bus_.dummy_read(r.pc);
    r.interrupt_disable = value;
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::plp() noexcept {
    if (!Bus::kServesEverything) return false;
    bus_.dummy_read(r.pc);
    bus_.dummy_read(stack(r.s));
    unpack_status(r, pull());
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::rti() noexcept {
    if (!Bus::kServesEverything) return false;
    bus_.dummy_read(r.pc);
    bus_.dummy_read(stack(r.s));
    unpack_status(r, pull());
    const u8 low = pull();
    r.pc = word(low, pull());
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::php() noexcept {
    bus_.dummy_read(r.pc);
    push(pack_status(r) | kFlagBreak);
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::pha() noexcept {
    bus_.dummy_read(r.pc);
    push(r.a);
    return true;
}

template <class Bus>
NES_INLINE bool Cpu<Bus>::pla() noexcept {
    bus_.dummy_read(r.pc);
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
    bus_.dummy_read(r.pc);
    bus_.dummy_read(stack(r.s));
    const u8 low = pull();
    r.pc = word(low, pull());
    if (!bus_.plain(r.pc)) {
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
    if (!bus_.plain(pointer)) return false;
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
    switch (fetch()) {
            // clang-format off
        case 0x00: return brk();
        case 0x01: return read_from<&Cpu::ora>(indexed_indirect());
        case 0x02: return jam();
        case 0x03: return modify<&Cpu::slo>(indexed_indirect());
        case 0x04: return read_from<&Cpu::nop>(zero_page());
        case 0x05: return read_from<&Cpu::ora>(zero_page());
        case 0x06: return modify<&Cpu::asl>(zero_page());
        case 0x07: return modify<&Cpu::slo>(zero_page());
        case 0x08: return php();
        case 0x09: ora(fetch()); return true;
        case 0x0A: implied(); r.a = asl(r.a); return true;
        case 0x0B: anc(fetch()); return true;
        case 0x0C: return read_from<&Cpu::nop>(absolute());
        case 0x0D: return read_from<&Cpu::ora>(absolute());
        case 0x0E: return modify<&Cpu::asl>(absolute());
        case 0x0F: return modify<&Cpu::slo>(absolute());
        case 0x10: return branch(!(r.negative_result & 0x80));
        case 0x11: return read_from<&Cpu::ora>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0x12: return jam();
        case 0x13: return modify<&Cpu::slo>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0x14: return read_from<&Cpu::nop>(zero_page_indexed(r.x));
        case 0x15: return read_from<&Cpu::ora>(zero_page_indexed(r.x));
        case 0x16: return modify<&Cpu::asl>(zero_page_indexed(r.x));
        case 0x17: return modify<&Cpu::slo>(zero_page_indexed(r.x));
        case 0x18: implied(); r.carry = 0; return true;
        case 0x19: return read_from<&Cpu::ora>(add_index(absolute(), r.y));
        case 0x1A: return implied();
        case 0x1B: return modify<&Cpu::slo>(add_index(absolute(), r.y));
        case 0x1C: return read_from<&Cpu::nop>(add_index(absolute(), r.x));
        case 0x1D: return read_from<&Cpu::ora>(add_index(absolute(), r.x));
        case 0x1E: return modify<&Cpu::asl>(add_index(absolute(), r.x));
        case 0x1F: return modify<&Cpu::slo>(add_index(absolute(), r.x));
        case 0x20: return jsr();
        case 0x21: return read_from<&Cpu::and_>(indexed_indirect());
        case 0x22: return jam();
        case 0x23: return modify<&Cpu::rla>(indexed_indirect());
        case 0x24: return read_from<&Cpu::bit>(zero_page());
        case 0x25: return read_from<&Cpu::and_>(zero_page());
        case 0x26: return modify<&Cpu::rol>(zero_page());
        case 0x27: return modify<&Cpu::rla>(zero_page());
        case 0x28: return plp();
        case 0x29: and_(fetch()); return true;
        case 0x2A: implied(); r.a = rol(r.a); return true;
        case 0x2B: anc(fetch()); return true;
        case 0x2C: return read_from<&Cpu::bit>(absolute());
        case 0x2D: return read_from<&Cpu::and_>(absolute());
        case 0x2E: return modify<&Cpu::rol>(absolute());
        case 0x2F: return modify<&Cpu::rla>(absolute());
        case 0x30: return branch(r.negative_result & 0x80);
        case 0x31: return read_from<&Cpu::and_>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0x32: return jam();
        case 0x33: return modify<&Cpu::rla>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0x34: return read_from<&Cpu::nop>(zero_page_indexed(r.x));
        case 0x35: return read_from<&Cpu::and_>(zero_page_indexed(r.x));
        case 0x36: return modify<&Cpu::rol>(zero_page_indexed(r.x));
        case 0x37: return modify<&Cpu::rla>(zero_page_indexed(r.x));
        case 0x38: implied(); r.carry = 1; return true;
        case 0x39: return read_from<&Cpu::and_>(add_index(absolute(), r.y));
        case 0x3A: return implied();
        case 0x3B: return modify<&Cpu::rla>(add_index(absolute(), r.y));
        case 0x3C: return read_from<&Cpu::nop>(add_index(absolute(), r.x));
        case 0x3D: return read_from<&Cpu::and_>(add_index(absolute(), r.x));
        case 0x3E: return modify<&Cpu::rol>(add_index(absolute(), r.x));
        case 0x3F: return modify<&Cpu::rla>(add_index(absolute(), r.x));
        case 0x40: return rti();
        case 0x41: return read_from<&Cpu::eor>(indexed_indirect());
        case 0x42: return jam();
        case 0x43: return modify<&Cpu::sre>(indexed_indirect());
        case 0x44: return read_from<&Cpu::nop>(zero_page());
        case 0x45: return read_from<&Cpu::eor>(zero_page());
        case 0x46: return modify<&Cpu::lsr>(zero_page());
        case 0x47: return modify<&Cpu::sre>(zero_page());
        case 0x48: return pha();
        case 0x49: eor(fetch()); return true;
        case 0x4A: implied(); r.a = lsr(r.a); return true;
        case 0x4B: asr(fetch()); return true;
        case 0x4C: return jmp();
        case 0x4D: return read_from<&Cpu::eor>(absolute());
        case 0x4E: return modify<&Cpu::lsr>(absolute());
        case 0x4F: return modify<&Cpu::sre>(absolute());
        case 0x50: return branch(!r.overflow);
        case 0x51: return read_from<&Cpu::eor>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0x52: return jam();
        case 0x53: return modify<&Cpu::sre>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0x54: return read_from<&Cpu::nop>(zero_page_indexed(r.x));
        case 0x55: return read_from<&Cpu::eor>(zero_page_indexed(r.x));
        case 0x56: return modify<&Cpu::lsr>(zero_page_indexed(r.x));
        case 0x57: return modify<&Cpu::sre>(zero_page_indexed(r.x));
        case 0x58: return set_interrupt_disable(0);
        case 0x59: return read_from<&Cpu::eor>(add_index(absolute(), r.y));
        case 0x5A: return implied();
        case 0x5B: return modify<&Cpu::sre>(add_index(absolute(), r.y));
        case 0x5C: return read_from<&Cpu::nop>(add_index(absolute(), r.x));
        case 0x5D: return read_from<&Cpu::eor>(add_index(absolute(), r.x));
        case 0x5E: return modify<&Cpu::lsr>(add_index(absolute(), r.x));
        case 0x5F: return modify<&Cpu::sre>(add_index(absolute(), r.x));
        case 0x60: return rts();
        case 0x61: return read_from<&Cpu::adc>(indexed_indirect());
        case 0x62: return jam();
        case 0x63: return modify<&Cpu::rra>(indexed_indirect());
        case 0x64: return read_from<&Cpu::nop>(zero_page());
        case 0x65: return read_from<&Cpu::adc>(zero_page());
        case 0x66: return modify<&Cpu::ror>(zero_page());
        case 0x67: return modify<&Cpu::rra>(zero_page());
        case 0x68: return pla();
        case 0x69: adc(fetch()); return true;
        case 0x6A: implied(); r.a = ror(r.a); return true;
        case 0x6B: arr(fetch()); return true;
        case 0x6C: return jmp_indirect();
        case 0x6D: return read_from<&Cpu::adc>(absolute());
        case 0x6E: return modify<&Cpu::ror>(absolute());
        case 0x6F: return modify<&Cpu::rra>(absolute());
        case 0x70: return branch(r.overflow);
        case 0x71: return read_from<&Cpu::adc>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0x72: return jam();
        case 0x73: return modify<&Cpu::rra>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0x74: return read_from<&Cpu::nop>(zero_page_indexed(r.x));
        case 0x75: return read_from<&Cpu::adc>(zero_page_indexed(r.x));
        case 0x76: return modify<&Cpu::ror>(zero_page_indexed(r.x));
        case 0x77: return modify<&Cpu::rra>(zero_page_indexed(r.x));
        case 0x78: return set_interrupt_disable(1);
        case 0x79: return read_from<&Cpu::adc>(add_index(absolute(), r.y));
        case 0x7A: return implied();
        case 0x7B: return modify<&Cpu::rra>(add_index(absolute(), r.y));
        case 0x7C: return read_from<&Cpu::nop>(add_index(absolute(), r.x));
        case 0x7D: return read_from<&Cpu::adc>(add_index(absolute(), r.x));
        case 0x7E: return modify<&Cpu::ror>(add_index(absolute(), r.x));
        case 0x7F: return modify<&Cpu::rra>(add_index(absolute(), r.x));
        case 0x80: nop(fetch()); return true;
        case 0x81: return write_to(indexed_indirect(), r.a);
        case 0x82: nop(fetch()); return true;
        case 0x83: return write_to(indexed_indirect(), r.a & r.x);
        case 0x84: return write_to(zero_page(), r.y);
        case 0x85: return write_to(zero_page(), r.a);
        case 0x86: return write_to(zero_page(), r.x);
        case 0x87: return write_to(zero_page(), r.a & r.x);
        case 0x88: implied(); set_nz(--r.y); return true;
        case 0x89: nop(fetch()); return true;
        case 0x8A: implied(); set_nz(r.a = r.x); return true;
        case 0x8B: ane(fetch()); return true;
        case 0x8C: return write_to(absolute(), r.y);
        case 0x8D: return write_to(absolute(), r.a);
        case 0x8E: return write_to(absolute(), r.x);
        case 0x8F: return write_to(absolute(), r.a & r.x);
        case 0x90: return branch(!r.carry);
        case 0x91: return write_to(add_index(pointer_at_zero_page(fetch()), r.y), r.a);
        case 0x92: return jam();
        case 0x93: return store_and_high(pointer_at_zero_page(fetch()), r.y, r.a & r.x);
        case 0x94: return write_to(zero_page_indexed(r.x), r.y);
        case 0x95: return write_to(zero_page_indexed(r.x), r.a);
        case 0x96: return write_to(zero_page_indexed(r.y), r.x);
        case 0x97: return write_to(zero_page_indexed(r.y), r.a & r.x);
        case 0x98: implied(); set_nz(r.a = r.y); return true;
        case 0x99: return write_to(add_index(absolute(), r.y), r.a);
        case 0x9A: implied(); r.s = r.x; return true;
        case 0x9B: return shs();
        case 0x9C: return store_and_high(absolute(), r.x, r.y);
        case 0x9D: return write_to(add_index(absolute(), r.x), r.a);
        case 0x9E: return store_and_high(absolute(), r.y, r.x);
        case 0x9F: return store_and_high(absolute(), r.y, r.a & r.x);
        case 0xA0: ldy(fetch()); return true;
        case 0xA1: return read_from<&Cpu::lda>(indexed_indirect());
        case 0xA2: ldx(fetch()); return true;
        case 0xA3: return read_from<&Cpu::lax>(indexed_indirect());
        case 0xA4: return read_from<&Cpu::ldy>(zero_page());
        case 0xA5: return read_from<&Cpu::lda>(zero_page());
        case 0xA6: return read_from<&Cpu::ldx>(zero_page());
        case 0xA7: return read_from<&Cpu::lax>(zero_page());
        case 0xA8: implied(); set_nz(r.y = r.a); return true;
        case 0xA9: lda(fetch()); return true;
        case 0xAA: implied(); set_nz(r.x = r.a); return true;
        case 0xAB: lxa(fetch()); return true;
        case 0xAC: return read_from<&Cpu::ldy>(absolute());
        case 0xAD: return read_from<&Cpu::lda>(absolute());
        case 0xAE: return read_from<&Cpu::ldx>(absolute());
        case 0xAF: return read_from<&Cpu::lax>(absolute());
        case 0xB0: return branch(r.carry);
        case 0xB1: return read_from<&Cpu::lda>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0xB2: return jam();
        case 0xB3: return read_from<&Cpu::lax>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0xB4: return read_from<&Cpu::ldy>(zero_page_indexed(r.x));
        case 0xB5: return read_from<&Cpu::lda>(zero_page_indexed(r.x));
        case 0xB6: return read_from<&Cpu::ldx>(zero_page_indexed(r.y));
        case 0xB7: return read_from<&Cpu::lax>(zero_page_indexed(r.y));
        case 0xB8: implied(); r.overflow = 0; return true;
        case 0xB9: return read_from<&Cpu::lda>(add_index(absolute(), r.y));
        case 0xBA: implied(); set_nz(r.x = r.s); return true;
        case 0xBB: return read_from<&Cpu::lae>(add_index(absolute(), r.y));
        case 0xBC: return read_from<&Cpu::ldy>(add_index(absolute(), r.x));
        case 0xBD: return read_from<&Cpu::lda>(add_index(absolute(), r.x));
        case 0xBE: return read_from<&Cpu::ldx>(add_index(absolute(), r.y));
        case 0xBF: return read_from<&Cpu::lax>(add_index(absolute(), r.y));
        case 0xC0: cpy(fetch()); return true;
        case 0xC1: return read_from<&Cpu::cmp>(indexed_indirect());
        case 0xC2: nop(fetch()); return true;
        case 0xC3: return modify<&Cpu::dcp>(indexed_indirect());
        case 0xC4: return read_from<&Cpu::cpy>(zero_page());
        case 0xC5: return read_from<&Cpu::cmp>(zero_page());
        case 0xC6: return modify<&Cpu::dec>(zero_page());
        case 0xC7: return modify<&Cpu::dcp>(zero_page());
        case 0xC8: implied(); set_nz(++r.y); return true;
        case 0xC9: cmp(fetch()); return true;
        case 0xCA: implied(); set_nz(--r.x); return true;
        case 0xCB: axs(fetch()); return true;
        case 0xCC: return read_from<&Cpu::cpy>(absolute());
        case 0xCD: return read_from<&Cpu::cmp>(absolute());
        case 0xCE: return modify<&Cpu::dec>(absolute());
        case 0xCF: return modify<&Cpu::dcp>(absolute());
        case 0xD0: return branch(r.zero_result != 0);
        case 0xD1: return read_from<&Cpu::cmp>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0xD2: return jam();
        case 0xD3: return modify<&Cpu::dcp>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0xD4: return read_from<&Cpu::nop>(zero_page_indexed(r.x));
        case 0xD5: return read_from<&Cpu::cmp>(zero_page_indexed(r.x));
        case 0xD6: return modify<&Cpu::dec>(zero_page_indexed(r.x));
        case 0xD7: return modify<&Cpu::dcp>(zero_page_indexed(r.x));
        case 0xD8: implied(); r.decimal = 0; return true;
        case 0xD9: return read_from<&Cpu::cmp>(add_index(absolute(), r.y));
        case 0xDA: return implied();
        case 0xDB: return modify<&Cpu::dcp>(add_index(absolute(), r.y));
        case 0xDC: return read_from<&Cpu::nop>(add_index(absolute(), r.x));
        case 0xDD: return read_from<&Cpu::cmp>(add_index(absolute(), r.x));
        case 0xDE: return modify<&Cpu::dec>(add_index(absolute(), r.x));
        case 0xDF: return modify<&Cpu::dcp>(add_index(absolute(), r.x));
        case 0xE0: cpx(fetch()); return true;
        case 0xE1: return read_from<&Cpu::sbc>(indexed_indirect());
        case 0xE2: nop(fetch()); return true;
        case 0xE3: return modify<&Cpu::isc>(indexed_indirect());
        case 0xE4: return read_from<&Cpu::cpx>(zero_page());
        case 0xE5: return read_from<&Cpu::sbc>(zero_page());
        case 0xE6: return modify<&Cpu::inc>(zero_page());
        case 0xE7: return modify<&Cpu::isc>(zero_page());
        case 0xE8: implied(); set_nz(++r.x); return true;
        case 0xE9: sbc(fetch()); return true;
        case 0xEA: return implied();
        case 0xEB: sbc(fetch()); return true;
        case 0xEC: return read_from<&Cpu::cpx>(absolute());
        case 0xED: return read_from<&Cpu::sbc>(absolute());
        case 0xEE: return modify<&Cpu::inc>(absolute());
        case 0xEF: return modify<&Cpu::isc>(absolute());
        case 0xF0: return branch(r.zero_result == 0);
        case 0xF1: return read_from<&Cpu::sbc>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0xF2: return jam();
        case 0xF3: return modify<&Cpu::isc>(add_index(pointer_at_zero_page(fetch()), r.y));
        case 0xF4: return read_from<&Cpu::nop>(zero_page_indexed(r.x));
        case 0xF5: return read_from<&Cpu::sbc>(zero_page_indexed(r.x));
        case 0xF6: return modify<&Cpu::inc>(zero_page_indexed(r.x));
        case 0xF7: return modify<&Cpu::isc>(zero_page_indexed(r.x));
        case 0xF8: implied(); r.decimal = 1; return true;
        case 0xF9: return read_from<&Cpu::sbc>(add_index(absolute(), r.y));
        case 0xFA: return implied();
        case 0xFB: return modify<&Cpu::isc>(add_index(absolute(), r.y));
        case 0xFC: return read_from<&Cpu::nop>(add_index(absolute(), r.x));
        case 0xFD: return read_from<&Cpu::sbc>(add_index(absolute(), r.x));
        case 0xFE: return modify<&Cpu::inc>(add_index(absolute(), r.x));
        case 0xFF: return modify<&Cpu::isc>(add_index(absolute(), r.x));
            // clang-format on
    }
    return true;  // not reached: every opcode has its case
}

}  // namespace nes
