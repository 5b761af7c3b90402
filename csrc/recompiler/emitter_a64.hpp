// AArch64, AAPCS64 (Arm Architecture Reference Manual, A64 base instructions; Procedure Call Standard for AArch64).
//
//   x19  the context       w24  A    w28  carry             w9   t
//   x20  RAM               w25  X    w10  zero result       w11  u
//   x21  cycle             w26  Y    w12  negative result   w13  w
//   x22  read pages        w27  S
//   x23  write pages
//
// x14 to x17 are for the emitter's own use; x18 is left to the system. The stack stays aligned to 16: a subroutine's frame is
// the host's return address and, 8 above it, the 6502's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "recompiler/context.hpp"
#include "recompiler/emitter.hpp"

namespace nes::recompiler {

class Emitter {
  public:
    /// `base`: where the first byte will lie.
    explicit Emitter(std::uint8_t* base) : base_(base) {}

    const std::vector<std::uint8_t>& code() const noexcept { return code_; }
    std::uint32_t here() const noexcept { return static_cast<std::uint32_t>(code_.size()); }
    const void* address(std::uint32_t position) const noexcept { return base_ + position; }
    /// Lets `jump` go to `position`.
    void bind(Jump jump, std::uint32_t position) noexcept {
        std::uint32_t word = 0;
        for (unsigned i = 0; i < 4; ++i) word |= std::uint32_t{code_[jump + i]} << (8 * i);
        const std::int32_t offset = (static_cast<std::int32_t>(position) - static_cast<std::int32_t>(jump)) / 4;
        // B and BL have 26 bits, B.cond, CBZ and CBNZ 19.
        if ((word & 0x7C000000) == 0x14000000) {
            word = (word & 0xFC000000) | (static_cast<std::uint32_t>(offset) & 0x03FFFFFF);
        } else {
            word = (word & 0xFF00001F) | ((static_cast<std::uint32_t>(offset) & 0x7FFFF) << 5);
        }
        for (unsigned i = 0; i < 4; ++i) code_[jump + i] = static_cast<std::uint8_t>(word >> (8 * i));
    }
    void bind(Jump jump) noexcept { bind(jump, here()); }

    // --- registers ---

    void move(Reg to, Reg from) { move32(host(to), host(from)); }
    void set(Reg to, std::uint32_t value) { set32(host(to), value); }
    void set_nz(Reg from) {
        move(Reg::z, from);
        move(Reg::n, from);
    }
    void set_nz(std::uint8_t value) {
        set(Reg::z, value);
        set(Reg::n, value);
    }
    void and_(Reg to, Reg from) { rrr(0x0A000000, host(to), host(to), host(from)); }
    void or_(Reg to, Reg from) { rrr(0x2A000000, host(to), host(to), host(from)); }
    void xor_(Reg to, Reg from) { rrr(0x4A000000, host(to), host(to), host(from)); }
    void and_imm(Reg to, std::uint32_t value) {
        set32(kScratch, value);
        rrr(0x0A000000, host(to), host(to), kScratch);
    }
    void or_imm(Reg to, std::uint32_t value) {
        set32(kScratch, value);
        rrr(0x2A000000, host(to), host(to), kScratch);
    }
    void xor_imm(Reg to, std::uint32_t value) {
        set32(kScratch, value);
        rrr(0x4A000000, host(to), host(to), kScratch);
    }
    void add(Reg to, Reg from) { rrr(0x0B000000, host(to), host(to), host(from)); }
    /// to = from + value
    void add_imm(Reg to, Reg from, std::uint32_t value) {
        set32(kScratch, value);
        rrr(0x0B000000, host(to), host(from), kScratch);
    }
    /// As a byte.
    void add8(Reg to, std::uint8_t value) {
        word(0x11000000 | std::uint32_t{value} << 10 | host(to) << 5 | host(to));
        narrow(to);
    }
    void narrow(Reg reg) { narrow32(host(reg)); }
    void shift_left(Reg reg, std::uint8_t bits) {
        word(0x53000000 | ((32u - bits) & 31) << 16 | (31u - bits) << 10 | host(reg) << 5 | host(reg));
    }
    void shift_right(Reg reg, std::uint8_t bits) { shift_right32(host(reg), host(reg), bits); }
    /// to = 1 where `of` is zero, else 0.
    void set_if_zero(Reg to, Reg of) {
        compare_imm(host(of), 0);
        set_if(host(to), kEqual);
    }

    // --- the flags that are in the context ---

    using Flag = std::uint8_t Context::*;
    void set_flag(Flag flag, std::uint8_t value) { store8_imm(offset(flag), value); }
    void store_flag(Flag flag, Reg from) { store8(host(from), kContext, offset(flag)); }
    void load_flag(Reg to, Flag flag) { load8(host(to), kContext, offset(flag)); }
    Jump jump_if_flag(Flag flag) {
        load8(kScratch, kContext, offset(flag));
        return jump_if_not_zero(kScratch);
    }

    // --- arithmetic with flags; the operand is t ---

    void adc() {
        const unsigned a = host(Reg::a), t = host(Reg::t), c = host(Reg::c);
        rrr(0x0B000000, kScratch, a, t);
        rrr(0x0B000000, kScratch, kScratch, c);
        // Overflow: both operands differ in sign from the sum.
        rrr(0x4A000000, kScratch2, a, kScratch);
        rrr(0x4A000000, kScratch3, t, kScratch);
        rrr(0x0A000000, kScratch2, kScratch2, kScratch3);
        extract(kScratch2, kScratch2, 7, 1);
        store8(kScratch2, kContext, offset(&Context::overflow));
        shift_right32(c, kScratch, 8);
        move32(a, kScratch);
        narrow32(a);
        set_nz(Reg::a);
    }
    void compare(Reg reg) {
        rrr(0x6B000000, host(Reg::z), host(reg), host(Reg::t));  // SUBS
        set_if(host(Reg::c), kNotBelow);
        narrow(Reg::z);
        move(Reg::n, Reg::z);
    }
    void bit() {
        rrr(0x0A000000, host(Reg::z), host(Reg::a), host(Reg::t));
        move(Reg::n, Reg::t);
        extract(kScratch, host(Reg::t), 6, 1);
        store8(kScratch, kContext, offset(&Context::overflow));
    }
    void asl(Reg reg) {
        shift_right32(host(Reg::c), host(reg), 7);
        shift_left(reg, 1);
        narrow(reg);
        set_nz(reg);
    }
    void lsr(Reg reg) {
        extract(host(Reg::c), host(reg), 0, 1);
        shift_right(reg, 1);
        set_nz(reg);
    }
    void rol(Reg reg) {
        move32(kScratch, host(Reg::c));
        shift_right32(host(Reg::c), host(reg), 7);
        shift_left(reg, 1);
        rrr(0x2A000000, host(reg), host(reg), kScratch);
        narrow(reg);
        set_nz(reg);
    }
    void ror(Reg reg) {
        move32(kScratch, host(Reg::c));
        extract(host(Reg::c), host(reg), 0, 1);
        shift_right(reg, 1);
        word(0x2A000000 | kScratch << 16 | 7u << 10 | host(reg) << 5 | host(reg));  // ORR with LSL 7
        set_nz(reg);
    }

    // --- RAM ---

    void load_ram(Reg to, std::uint16_t at) { load8(host(to), kRam, at); }
    void load_ram(Reg to, Reg index, std::uint16_t at) { load8(host(to), indexed(index, at), 0); }
    void load_ram_word(Reg to, std::uint16_t at) {
        load8(kScratch, kRam, at + 1);
        load8(host(to), kRam, at);
        word(0x2A000000 | kScratch << 16 | 8u << 10 | host(to) << 5 | host(to));  // ORR with LSL 8
    }
    void store_ram(std::uint16_t at, Reg from) { store8(host(from), kRam, at); }
    void store_ram(Reg index, std::uint16_t at, Reg from) { store8(host(from), indexed(index, at), 0); }
    void store_ram_imm(Reg index, std::uint16_t at, std::uint8_t value) {
        const unsigned pointer = indexed(index, at);
        set32(kScratch, value);
        store8(kScratch, pointer, 0);
    }

    // --- memory through the page tables: 2 KB each ---

    /// to = the byte at the address in `at`; jumps where there is none. Changes w.
    Jump load_page(Reg to, Reg at) {
        const Jump none = page_of(kReadPages, at);
        extract(host(Reg::w), host(at), 0, 11);
        rrr64(0x8B000000, kPointer, kPointer, host(Reg::w));
        load8(host(to), kPointer, 0);
        return none;
    }
    /// The byte at the address in `at` becomes `from`; jumps where nothing can be written. Changes w.
    Jump store_page(Reg at, Reg from) {
        const Jump none = page_of(kWritePages, at);
        extract(host(Reg::w), host(at), 0, 11);
        rrr64(0x8B000000, kPointer, kPointer, host(Reg::w));
        store8(host(from), kPointer, 0);
        return none;
    }
    /// Jumps where the address in `at` is no memory that can be read.
    Jump check_page(Reg at) { return page_of(kReadPages, at); }
    Jump check_writable_page(Reg at) { return page_of(kWritePages, at); }
    /// The same for addresses that are known.
    Jump load_page(Reg to, std::uint16_t at) {
        const Jump none = page_of(kReadPages, at);
        load8(host(to), kPointer, at & 0x7FF);
        return none;
    }
    Jump store_page(std::uint16_t at, Reg from) {
        const Jump none = page_of(kWritePages, at);
        store8(host(from), kPointer, at & 0x7FF);
        return none;
    }
    Jump check_page(std::uint16_t at) { return page_of(kReadPages, at); }
    Jump check_writable_page(std::uint16_t at) { return page_of(kWritePages, at); }
    /// Jumps where the page that `at` lies in is not the one at `page`.
    Jump check_mapping(std::uint16_t at, const std::uint8_t* page) {
        load64(kPointer, kReadPages, (at >> 11) * 8);
        set64(kPointer2, reinterpret_cast<std::uint64_t>(page));
        word(0xEB00001F | kPointer2 << 16 | kPointer << 5);  // CMP
        return jump_if(kNotEqual);
    }

    /// Appends jumps for the case that the memory from `at` on, within its page, is not `bytes` now.
    void check_bytes(std::uint16_t at, std::span<const std::uint8_t> bytes, std::vector<Jump>& different) {
        different.push_back(page_of(kReadPages, at));
        word(0x91000000 | std::uint32_t{at & 0x7FFu} << 10 | kPointer << 5 | kPointer);
        std::size_t done = 0;
        for (; bytes.size() - done >= 8; done += 8) {
            std::uint64_t value = 0;
            for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{bytes[done + i]} << (8 * i);
            set64(kPointer2, value);
            word(0xF8400000 | static_cast<std::uint32_t>(done) << 12 | kPointer << 5 | kScratch);  // LDUR
            word(0xEB00001F | kPointer2 << 16 | kScratch << 5);
            different.push_back(jump_if(kNotEqual));
        }
        for (; done < bytes.size(); ++done) {
            load8(kScratch, kPointer, static_cast<std::int32_t>(done));
            compare_imm(kScratch, bytes[done]);
            different.push_back(jump_if(kNotEqual));
        }
    }

    // --- the clock and the bus ---

    void add_cycles(std::uint32_t count) {
        if (count) word(0x91000000 | count << 10 | kCycle << 5 | kCycle);
    }
    /// One more cycle where the low byte of `index` plus `base` carries. Changes w.
    void add_cycle_if_carry(Reg index, std::uint8_t base) {
        word(0x11000000 | std::uint32_t{base} << 10 | host(index) << 5 | host(Reg::w));
        word(0x8B400000 | host(Reg::w) << 16 | 8u << 10 | kCycle << 5 | kCycle);  // ADD with LSR 8
    }
    /// The same for a sum whose low byte is that of `sum`: it carried when that is less than what was added.
    void add_cycle_if_carried(Reg sum, Reg added) {
        extract(kScratch, host(sum), 0, 8);
        word(0x6B00001F | host(added) << 16 | kScratch << 5);  // CMP
        set_if(kScratch, kBelow);
        rrr64(0x8B000000, kCycle, kCycle, kScratch);
    }
    /// Jumps where it carries. Changes w.
    Jump jump_if_carry(Reg index, std::uint8_t base) {
        word(0x11000000 | std::uint32_t{base} << 10 | host(index) << 5 | host(Reg::w));
        shift_right(Reg::w, 8);
        return jump_if_not_zero(host(Reg::w));
    }
    void set_data_bus(std::uint8_t value) { store8_imm(offset(&Context::data_bus), value); }
    void set_data_bus(Reg from) { store8(host(from), kContext, offset(&Context::data_bus)); }
    void set_pc(std::uint16_t value) {
        set32(kScratch, value);
        store32(kScratch, kContext, offset(&Context::pc));
    }
    void set_pc(Reg from) { store32(host(from), kContext, offset(&Context::pc)); }

    // --- jumps ---

    Jump jump() {
        word(0x14000000);
        return here() - 4;
    }
    Jump jump_if(Condition condition) {
        switch (condition) {
            case Condition::carry_clear: return jump_if_zero(host(Reg::c));
            case Condition::carry_set: return jump_if_not_zero(host(Reg::c));
            case Condition::zero_clear: return jump_if_not_zero(host(Reg::z));
            case Condition::zero_set: return jump_if_zero(host(Reg::z));
            case Condition::negative_clear: extract(kScratch, host(Reg::n), 7, 1); return jump_if_zero(kScratch);
            case Condition::negative_set: extract(kScratch, host(Reg::n), 7, 1); return jump_if_not_zero(kScratch);
            default: break;
        }
        load8(kScratch, kContext, offset(&Context::overflow));
        return condition == Condition::overflow_clear ? jump_if_zero(kScratch) : jump_if_not_zero(kScratch);
    }
    void jump_to(const void* target) { word(0x14000000 | relative(target)); }
    /// Jumps where *`slot` points to.
    void jump_through(const void* slot) {
        set64(kPointer, reinterpret_cast<std::uint64_t>(slot));
        load64(kPointer, kPointer, 0);
        word(0xD61F0000 | kPointer << 5);  // BR
    }
    /// Jumps where `cycles` more reach the limit.
    Jump check_limit(std::uint32_t cycles) {
        word(0x91000000 | cycles << 10 | kCycle << 5 | kPointer);
        load64(kPointer2, kContext, offset(&Context::limit));
        word(0xEB00001F | kPointer2 << 16 | kPointer << 5);
        return jump_if(kNotBelow);
    }

    // --- subroutines ---

    /// Jumps where the host's stack is used up.
    Jump check_stack() {
        load64(kPointer2, kContext, offset(&Context::stack_limit));
        word(0xEB2063FF | kPointer2 << 16);  // CMP sp, x
        return jump_if(kBelow);
    }
    // BL would leave the host's address in x30, where a second call overwrites it: the caller pushes both addresses.
    void push_frame(std::uint16_t return_address) { set32(kFrame, return_address); }
    void call_to(const void* target) {
        push_host_address();
        word(0x14000000 | relative(target));
    }
    Jump call() {
        push_host_address();
        return jump();
    }
    void call_through(const void* slot) {
        set64(kPointer, reinterpret_cast<std::uint64_t>(slot));
        load64(kPointer, kPointer, 0);
        push_host_address();
        word(0xD61F0000 | kPointer << 5);
    }
    void pop_frame() {}
    /// Jumps where the frame on top is not of a call that returns to the address in `reg`.
    Jump check_frame(Reg reg) {
        load64(kPointer, kStack, 8);
        word(0x6B00001F | kPointer << 16 | host(reg) << 5);
        return jump_if(kNotEqual);
    }
    /// The same for the frame below it.
    Jump check_second_frame(Reg reg) {
        load64(kPointer, kStack, 24);
        word(0x6B00001F | kPointer << 16 | host(reg) << 5);
        return jump_if(kNotEqual);
    }
    void drop_frame() { word(0x91000000 | 16u << 10 | kStack << 5 | kStack); }
    void return_() {
        word(0xA8C10000 | kPointer2 << 10 | kStack << 5 | 30);  // LDP x30, x15, [sp], 16
        word(0xD65F03C0);
    }
    /// From code that pushed nothing.
    void return_to_caller() { word(0xD65F03C0); }

    // --- what is there once ---

    /// u: the address. `cycles`: those of the block before the access. t becomes the byte; jumps where it is not served.
    Jump call_read(const void* thunk, std::uint8_t open_bus, std::uint32_t cycles) {
        set(Reg::w, open_bus);
        word(0x91000000 | cycles << 10 | kCycle << 5 | kPointer);
        word(0x94000000 | relative(thunk));
        return jump_if_negative(host(Reg::t));
    }
    struct WriteJumps {
        Jump declined;
        Jump leave;
    };
    /// u: the address.
    WriteJumps call_write(const void* thunk, Reg value, std::uint32_t cycles) {
        move(Reg::w, value);
        word(0x91000000 | cycles << 10 | kCycle << 5 | kPointer);
        word(0x94000000 | relative(thunk));
        const Jump declined = jump_if_negative(host(Reg::t));
        return {declined, jump_if_not_zero(host(Reg::t))};
    }
    /// Calls Context::read or ::write: u the address, w the second value, kPointer the cycle.
    void thunk(std::size_t function) {
        word(0xA9BF0000 | kStack << 5 | 31u << 10 | 30);  // STP x30, xzr, [sp, -16]!
        store32(host(Reg::z), kContext, offsetof(Context, zero_result));
        store32(host(Reg::n), kContext, offsetof(Context, negative_result));
        move64(0, kContext);
        move32(1, host(Reg::u));
        move64(2, kPointer);
        move32(3, host(Reg::w));
        load64(kPointer, kContext, static_cast<std::int32_t>(function));
        word(0xD63F0000 | kPointer << 5);  // BLR
        move32(host(Reg::t), 0);
        load32(host(Reg::z), kContext, offsetof(Context, zero_result));
        load32(host(Reg::n), kContext, offsetof(Context, negative_result));
        word(0xA8C17C00 | kStack << 5 | 30);  // LDP x30, xzr, [sp], 16
        word(0xD65F03C0);
    }
    /// Goes on at the block at Context::pc; `tables` has 16 pointers to PageCode for memory that is no PRG-ROM, and 16 for each
    /// 2 KB of PRG-ROM. Leaves with `exit`, and t zero, where there is none.
    void lookup(const std::uint8_t* prg, std::uint32_t size, const void* tables, std::uint32_t exit) {
        const unsigned t = host(Reg::t), u = host(Reg::u), w = host(Reg::w);
        load32(w, kContext, offset(&Context::pc));
        shift_right32(t, w, 11);
        set32(u, 0);
        compare_imm(t, 16);
        const Jump below = jump_if(kBelow);                // $8000
        word(0xF8607800 | t << 16 | kReadPages << 5 | u);  // LDR x11, [pages, x9, LSL 3]
        set64(kPointer, reinterpret_cast<std::uint64_t>(prg));
        word(0xCB000000 | kPointer << 16 | u << 5 | u);  // SUB
        set64(kPointer, size);
        word(0xEB00001F | kPointer << 16 | u << 5);  // CMP
        const Jump outside = jump_if(kNotBelow);
        extract(kScratch, u, 0, 11);
        const Jump between = jump_if_not_zero(kScratch);
        extract(t, t, 0, 4);
        word(0xD34BFC00 | u << 5 | u);  // LSR x11, x11, 11
        word(0x11000400 | u << 5 | u);  // ADD w11, w11, 1
        bind(below);
        word(0xAA001000 | u << 16 | t << 5 | u);  // ORR x11, x9, x11, LSL 4
        set64(kPointer, reinterpret_cast<std::uint64_t>(tables));
        word(0xF8607800 | u << 16 | kPointer << 5 | kPointer);  // LDR x16, [x16, x11, LSL 3]
        word(0xB4000000 | kPointer);                            // CBZ
        const Jump missing = here() - 4;
        extract(w, w, 0, 11);
        word(0xF8607800 | w << 16 | kPointer << 5 | kPointer);
        word(0xD61F0000 | kPointer << 5);  // BR
        for (const Jump jump : {outside, between, missing}) bind(jump);
        set(Reg::t, 0);
        bind(this->jump(), exit);
    }
    /// Exit run(Context*, const void* code)
    void entry() {
        for (const unsigned first : {29u, 27u, 25u, 23u, 21u, 19u}) {
            const unsigned second = first == 29 ? 30 : first + 1;
            word(0xA9BF0000 | second << 10 | kStack << 5 | first);  // STP first, second, [sp, -16]!
        }
        move64(kContext, 0);
        word(0x91000000 | kStack << 5 | kPointer);  // MOV x, sp
        store64(kPointer, kContext, offset(&Context::saved_stack));
        word(0xD1000000 | (kDeepestStack >> 12) << 10 | 1u << 22 | kPointer << 5 | kPointer);  // SUB, LSL 12
        store64(kPointer, kContext, offset(&Context::stack_limit));
        load64(kRam, kContext, offset(&Context::ram));
        load64(kCycle, kContext, offset(&Context::cycle));
        load64(kReadPages, kContext, offset(&Context::read_page));
        load64(kWritePages, kContext, offset(&Context::write_page));
        for (const Saved& one : kRegisters) load32(host(one.reg), kContext, one.at);
        // Two frames that no return matches: check_second_frame looks at the second.
        set32(kPointer, 0x7FFFFFFF);
        for (unsigned frame = 0; frame < 2; ++frame) {
            word(0xA9BF0000 | kPointer << 10 | kStack << 5 | 31);  // STP xzr, x, [sp, -16]!
        }
        word(0xD61F0000 | 1u << 5);  // BR x1
    }
    /// Where all exits go; t is the Exit.
    void exit() {
        for (const Saved& one : kRegisters) store32(host(one.reg), kContext, one.at);
        store64(kCycle, kContext, offset(&Context::cycle));
        move32(0, host(Reg::t));
        load64(kPointer, kContext, offset(&Context::saved_stack));
        word(0x91000000 | kPointer << 5 | kStack);  // MOV sp, x
        for (const unsigned first : {19u, 21u, 23u, 25u, 27u, 29u}) {
            const unsigned second = first == 29 ? 30 : first + 1;
            word(0xA8C10000 | second << 10 | kStack << 5 | first);  // LDP first, second, [sp], 16
        }
        word(0xD65F03C0);
    }

  private:
    static constexpr unsigned kContext = 19, kRam = 20, kCycle = 21, kReadPages = 22, kWritePages = 23, kStack = 31;
    static constexpr unsigned kScratch = 14, kPointer2 = 15, kScratch2 = 15, kPointer = 16, kScratch3 = 17, kFrame = 17;
    static constexpr std::uint32_t kDeepestStack = 4096;
    static constexpr unsigned kEqual = 0, kNotEqual = 1, kNotBelow = 2, kBelow = 3;

    struct Saved {
        Reg reg;
        std::int32_t at;
    };
    static constexpr Saved kRegisters[] = {
        {Reg::a, offsetof(Context, a)},
        {Reg::x, offsetof(Context, x)},
        {Reg::y, offsetof(Context, y)},
        {Reg::s, offsetof(Context, s)},
        {Reg::c, offsetof(Context, carry)},
        {Reg::z, offsetof(Context, zero_result)},
        {Reg::n, offsetof(Context, negative_result)},
    };

    template <class T>
    static std::int32_t offset(T Context::* member) noexcept {
        static const Context context{};
        return static_cast<std::int32_t>(reinterpret_cast<const std::uint8_t*>(&(context.*member)) -
                                         reinterpret_cast<const std::uint8_t*>(&context));
    }
    static constexpr unsigned host(Reg reg) noexcept {
        constexpr unsigned kHost[] = {24, 25, 26, 27, 28, 10, 12, 9, 11, 13};
        return kHost[static_cast<unsigned>(reg)];
    }

    void word(std::uint32_t value) {
        for (unsigned i = 0; i < 4; ++i) code_.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    }
    void rrr(std::uint32_t opcode, unsigned to, unsigned a, unsigned b) { word(opcode | b << 16 | a << 5 | to); }
    void rrr64(std::uint32_t opcode, unsigned to, unsigned a, unsigned b) { rrr(opcode, to, a, b); }
    void move32(unsigned to, unsigned from) { word(0x2A0003E0 | from << 16 | to); }
    void move64(unsigned to, unsigned from) { word(0xAA0003E0 | from << 16 | to); }
    void set32(unsigned to, std::uint32_t value) {
        word(0x52800000 | (value & 0xFFFF) << 5 | to);
        if (value >> 16) word(0x72A00000 | (value >> 16) << 5 | to);
    }
    void set64(unsigned to, std::uint64_t value) {
        word(0xD2800000 | static_cast<std::uint32_t>(value & 0xFFFF) << 5 | to);
        for (unsigned i = 1; i < 4; ++i) {
            const auto part = static_cast<std::uint32_t>((value >> (16 * i)) & 0xFFFF);
            if (part) word(0xF2800000 | i << 21 | part << 5 | to);
        }
    }
    // UBFM: `bits` bits from bit `from` on.
    void extract(unsigned to, unsigned of, unsigned from, unsigned bits) {
        word(0x53000000 | from << 16 | (from + bits - 1) << 10 | of << 5 | to);
    }
    void narrow32(unsigned reg) { extract(reg, reg, 0, 8); }
    void shift_right32(unsigned to, unsigned of, unsigned bits) { extract(to, of, bits, 32 - bits); }
    void compare_imm(unsigned reg, std::uint32_t value) { word(0x7100001F | value << 10 | reg << 5); }
    // CSINC of the zero register under the opposite condition.
    void set_if(unsigned to, unsigned condition) { word(0x1A9F07E0 | (condition ^ 1u) << 12 | to); }

    void load8(unsigned to, unsigned base, std::int32_t at) { word(0x39400000 | bits12(at) << 10 | base << 5 | to); }
    void store8(unsigned from, unsigned base, std::int32_t at) {
        word(0x39000000 | bits12(at) << 10 | base << 5 | from);
    }
    void load32(unsigned to, unsigned base, std::int32_t at) {
        word(0xB9400000 | bits12(at / 4) << 10 | base << 5 | to);
    }
    void store32(unsigned from, unsigned base, std::int32_t at) {
        word(0xB9000000 | bits12(at / 4) << 10 | base << 5 | from);
    }
    void load64(unsigned to, unsigned base, std::int32_t at) {
        word(0xF9400000 | bits12(at / 8) << 10 | base << 5 | to);
    }
    void store64(unsigned from, unsigned base, std::int32_t at) {
        word(0xF9000000 | bits12(at / 8) << 10 | base << 5 | from);
    }
    static std::uint32_t bits12(std::int32_t value) noexcept { return static_cast<std::uint32_t>(value) & 0xFFF; }
    void store8_imm(std::int32_t at, std::uint8_t value) {
        set32(kScratch, value);
        store8(kScratch, kContext, at);
    }
    // RAM + index + at
    unsigned indexed(Reg index, std::uint16_t at) {
        rrr64(0x8B000000, kPointer, kRam, host(index));
        if (at) word(0x91000000 | bits12(at) << 10 | kPointer << 5 | kPointer);
        return kPointer;
    }

    Jump jump_if(unsigned condition) {
        word(0x54000000 | condition);
        return here() - 4;
    }
    Jump jump_if_zero(unsigned reg) {
        word(0x34000000 | reg);
        return here() - 4;
    }
    Jump jump_if_not_zero(unsigned reg) {
        word(0x35000000 | reg);
        return here() - 4;
    }
    Jump jump_if_negative(unsigned reg) {
        compare_imm(reg, 0);
        return jump_if(4u);  // MI
    }
    std::uint32_t relative(const void* target) const noexcept {
        const auto from = reinterpret_cast<std::intptr_t>(base_) + here();
        return static_cast<std::uint32_t>((reinterpret_cast<std::intptr_t>(target) - from) / 4) & 0x03FFFFFF;
    }
    // kPointer = table[at >> 11]; jumps where that is null.
    Jump page_of(unsigned table, Reg at) {
        shift_right32(kScratch, host(at), 11);
        word(0xF8607800 | kScratch << 16 | table << 5 | kPointer);  // LDR x, [table, x14, LSL 3]
        word(0xB4000000 | kPointer);                                // CBZ
        return here() - 4;
    }
    Jump page_of(unsigned table, std::uint16_t at) {
        load64(kPointer, table, (at >> 11) * 8);
        word(0xB4000000 | kPointer);
        return here() - 4;
    }
    // Pushes the frame. The jump is the instruction behind it.
    void push_host_address() {
        word(0x10000000 | 3u << 5 | 30);                     // ADR x30, 12 bytes from here
        word(0xA9BF0000 | kFrame << 10 | kStack << 5 | 30);  // STP x30, x17, [sp, -16]!
    }

    std::uint8_t* base_;
    std::vector<std::uint8_t> code_;
};

}  // namespace nes::recompiler
