// x86-64 (Intel SDM volume 2), with the calling convention of the system (System V ABI, AMD64 supplement; Microsoft's "x64
// calling convention"), on which only thunk(), entry() and exit() depend.
//
//   rbx  the context       r8d  A    esi  carry             eax  t
//   rbp  RAM               r9d  X    edi  zero result       edx  u
//   r12  cycle             r10d Y    r15d negative result   ecx  w
//   r13  read pages        r11d S
//   r14  write pages
//
// Between two blocks the stack is aligned to 16. A subroutine's frame is the return address of the 6502, below it the host's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
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
        const std::int32_t offset = static_cast<std::int32_t>(position) - static_cast<std::int32_t>(jump + 4);
        for (unsigned i = 0; i < 4; ++i) code_[jump + i] = static_cast<std::uint8_t>(offset >> (8 * i));
    }
    void bind(Jump jump) noexcept { bind(jump, here()); }

    // --- registers ---

    void move(Reg to, Reg from) { rr(0x8B, host(to), host(from)); }
    void set(Reg to, std::uint32_t value) {
        if (value == 0) return rr(0x33, host(to), host(to));
        if (host(to) >= 8) byte(0x41);
        byte(static_cast<std::uint8_t>(0xB8 + (host(to) & 7)));
        word32(value);
    }
    void set_nz(Reg from) {
        move(Reg::z, from);
        move(Reg::n, from);
    }
    void set_nz(std::uint8_t value) {
        set(Reg::z, value);
        set(Reg::n, value);
    }
    void and_(Reg to, Reg from) { rr(0x23, host(to), host(from)); }
    void or_(Reg to, Reg from) { rr(0x0B, host(to), host(from)); }
    void xor_(Reg to, Reg from) { rr(0x33, host(to), host(from)); }
    void and_imm(Reg to, std::uint32_t value) { r_imm(4, host(to), value); }
    void or_imm(Reg to, std::uint32_t value) { r_imm(1, host(to), value); }
    void xor_imm(Reg to, std::uint32_t value) { r_imm(6, host(to), value); }
    void add(Reg to, Reg from) { rr(0x03, host(to), host(from)); }
    /// to = from + value
    void add_imm(Reg to, Reg from, std::uint32_t value) {
        mem(0x8D, host(to), Mem{host(from), kNone, static_cast<std::int32_t>(value)});
    }
    /// As a byte.
    void add8(Reg to, std::uint8_t value) { r8_imm(0, host(to), value); }
    void narrow(Reg reg) { rr8_op2(0xB6, host(reg), host(reg)); }
    void shift_left(Reg reg, std::uint8_t bits) {
        rex(false, 0, 0, host(reg), false);
        byte(0xC1);
        byte(modrm(3, 4, host(reg)));
        byte(bits);
    }

    // --- arithmetic with flags; the operand is t ---

    void adc() {
        bit_of_carry();
        rr8(0x12, host(Reg::a), host(Reg::t));  // adc r8b, al: CF and OF are C and V
        set_if(0x2, host(Reg::c));
        set_if(0x0, Mem{kContext, kNone, offset(&Context::overflow)});
        set_nz(Reg::a);
    }
    void compare(Reg reg) {
        move(Reg::z, reg);
        rr8(0x2A, host(Reg::z), host(Reg::t));
        set_if(0x3, host(Reg::c));
        move(Reg::n, Reg::z);
    }
    void bit() {
        move(Reg::z, Reg::a);
        and_(Reg::z, Reg::t);
        move(Reg::n, Reg::t);
        move(Reg::w, Reg::t);
        shift_right(Reg::w, 6);
        and_imm(Reg::w, 1);
        mem8(0x88, host(Reg::w), Mem{kContext, kNone, offset(&Context::overflow)});
    }
    void asl(Reg reg) {
        rr8(0x02, host(reg), host(reg));
        set_if(0x2, host(Reg::c));
        set_nz(reg);
    }
    void lsr(Reg reg) {
        shift8(5, host(reg));
        set_if(0x2, host(Reg::c));
        set_nz(reg);
    }
    void rol(Reg reg) {
        bit_of_carry();
        rr8(0x12, host(reg), host(reg));
        set_if(0x2, host(Reg::c));
        set_nz(reg);
    }
    void ror(Reg reg) {
        bit_of_carry();
        shift8(3, host(reg));
        set_if(0x2, host(Reg::c));
        set_nz(reg);
    }
    void shift_right(Reg reg, std::uint8_t bits) {
        rex(false, 0, kNone, host(reg), false);
        byte(0xC1);
        byte(modrm(3, 5, host(reg)));
        byte(bits);
    }
    /// to = 1 where `of` is zero, else 0.
    void set_if_zero(Reg to, Reg of) {
        test(of);
        set_if(kEqual, host(to));
        narrow(to);
    }

    // --- the flags that are in the context ---

    using Flag = std::uint8_t Context::*;
    void set_flag(Flag flag, std::uint8_t value) { store8_imm(offset(flag), value); }
    void store_flag(Flag flag, Reg from) { mem8(0x88, host(from), Mem{kContext, kNone, offset(flag)}); }
    void load_flag(Reg to, Flag flag) { mem_op2(0xB6, host(to), Mem{kContext, kNone, offset(flag)}); }
    Jump jump_if_flag(Flag flag) { return compare_flag(flag, kNotEqual); }

    // --- RAM ---

    void load_ram(Reg to, std::uint16_t at) { mem_op2(0xB6, host(to), Mem{kRam, kNone, at}); }
    void load_ram(Reg to, Reg index, std::uint16_t at) { mem_op2(0xB6, host(to), Mem{kRam, host(index), at}); }
    void load_ram_word(Reg to, std::uint16_t at) { mem_op2(0xB7, host(to), Mem{kRam, kNone, at}); }
    void store_ram(std::uint16_t at, Reg from) { mem8(0x88, host(from), Mem{kRam, kNone, at}); }
    void store_ram(Reg index, std::uint16_t at, Reg from) { mem8(0x88, host(from), Mem{kRam, host(index), at}); }
    void store_ram_imm(Reg index, std::uint16_t at, std::uint8_t value) {
        const Mem to{kRam, host(index), at};
        rex(false, 0, to.index, to.base, false);
        byte(0xC6);
        address(0, to);
        byte(value);
    }

    // --- memory through the page tables: 2 KB each ---

    /// to = the byte at the address in `at`; jumps where there is none. Changes w.
    Jump load_page(Reg to, Reg at) {
        page_of(kReadPages, at);
        const Jump none = jump_if(kEqual);
        move(Reg::w, at);
        and_imm(Reg::w, 0x7FF);
        mem_op2(0xB6, host(to), Mem{kPointer, host(Reg::w), 0});
        return none;
    }
    /// The byte at the address in `at` becomes `from`, which is not t; jumps where nothing can be written. Changes t and w.
    Jump store_page(Reg at, Reg from) {
        page_of(kWritePages, at);
        const Jump none = jump_if(kEqual);
        move(Reg::w, at);
        and_imm(Reg::w, 0x7FF);
        mem8(0x88, host(from), Mem{kPointer, host(Reg::w), 0});
        return none;
    }
    /// Jumps where the address in `at` is no memory that can be read. Changes t.
    Jump check_page(Reg at) {
        page_of(kReadPages, at);
        return jump_if(kEqual);
    }
    /// Jumps where it is none that can be written. Changes t.
    Jump check_writable_page(Reg at) {
        page_of(kWritePages, at);
        return jump_if(kEqual);
    }
    /// The same for addresses that are known.
    Jump load_page(Reg to, std::uint16_t at) {
        pointer_of(kReadPages, at);
        const Jump none = jump_if(kEqual);
        mem_op2(0xB6, host(to), Mem{kPointer, kNone, at & 0x7FF});
        return none;
    }
    Jump store_page(std::uint16_t at, Reg from) {
        pointer_of(kWritePages, at);
        const Jump none = jump_if(kEqual);
        mem8(0x88, host(from), Mem{kPointer, kNone, at & 0x7FF});
        return none;
    }
    Jump check_page(std::uint16_t at) { return check_entry(kReadPages, at); }
    Jump check_writable_page(std::uint16_t at) { return check_entry(kWritePages, at); }
    /// Jumps where the page that `at` lies in is not the one at `page`. Changes t.
    Jump check_mapping(std::uint16_t at, const std::uint8_t* page) {
        set_pointer(kPointer, page);
        const Mem entry{kReadPages, kNone, (at >> 11) * 8};
        rex(true, kPointer, kNone, entry.base, false);
        byte(0x3B);
        address(kPointer, entry);
        return jump_if(kNotEqual);
    }

    /// Appends jumps for the case that the memory from `at` on, within its page, is not `bytes` now. Changes t and w.
    void check_bytes(std::uint16_t at, std::span<const std::uint8_t> bytes, std::vector<Jump>& different) {
        pointer_of(kReadPages, at);
        different.push_back(jump_if(kEqual));
        std::size_t done = 0;
        const auto place = [&] { return Mem{kPointer, kNone, static_cast<std::int32_t>((at & 0x7FF) + done)}; };
        for (; bytes.size() - done >= 8; done += 8) {
            std::uint64_t value = 0;
            for (unsigned i = 0; i < 8; ++i) value |= std::uint64_t{bytes[done + i]} << (8 * i);
            set64(host(Reg::w), value);
            mem(0x3B, host(Reg::w), place(), true);
            different.push_back(jump_if(kNotEqual));
        }
        for (; done < bytes.size(); ++done) {
            byte(0x80);
            address(7, place());
            byte(bytes[done]);
            different.push_back(jump_if(kNotEqual));
        }
    }

    // --- the clock and the bus ---

    void add_cycles(std::uint32_t count) {
        if (count == 0) return;
        rex(true, 0, kNone, kCycle, false);
        byte(0x81);
        byte(modrm(3, 0, kCycle));
        word32(count);
    }
    /// One more cycle where the low byte of `index` plus that of `base` carries. Changes w.
    void add_cycle_if_carry(Reg index, std::uint8_t base) {
        move(Reg::w, index);
        r8_imm(0, host(Reg::w), base);
        add_carry_to_cycles();
    }
    /// The same for a sum whose low byte is that of `sum`: it carried when that is less than what was added.
    void add_cycle_if_carried(Reg sum, Reg added) {
        rr8(0x3A, host(sum), host(added));
        add_carry_to_cycles();
    }
    /// Jumps where it carries. Changes w.
    Jump jump_if_carry(Reg index, std::uint8_t base) {
        move(Reg::w, index);
        r8_imm(0, host(Reg::w), base);
        return jump_if(kCarry);
    }
    void set_data_bus(std::uint8_t value) { store8_imm(offset(&Context::data_bus), value); }
    void set_data_bus(Reg from) { mem8(0x88, host(from), Mem{kContext, kNone, offset(&Context::data_bus)}); }
    void set_pc(std::uint16_t value) {
        rex(false, 0, kNone, kContext, false);
        byte(0xC7);
        address(0, Mem{kContext, kNone, offset(&Context::pc)});
        word32(value);
    }
    void set_pc(Reg from) { mem(0x89, host(from), Mem{kContext, kNone, offset(&Context::pc)}, false); }

    // --- jumps ---

    Jump jump() {
        byte(0xE9);
        word32(0);
        return here() - 4;
    }
    Jump jump_if(Condition condition) {
        switch (condition) {
            case Condition::carry_clear: test(Reg::c); return jump_if(kEqual);
            case Condition::carry_set: test(Reg::c); return jump_if(kNotEqual);
            case Condition::zero_clear: test(Reg::z); return jump_if(kNotEqual);
            case Condition::zero_set: test(Reg::z); return jump_if(kEqual);
            case Condition::negative_clear: test8(Reg::n); return jump_if(kNotSign);
            case Condition::negative_set: test8(Reg::n); return jump_if(kSign);
            default: break;
        }
        return compare_flag(&Context::overflow, condition == Condition::overflow_clear ? kEqual : kNotEqual);
    }
    void jump_to(const void* target) {
        byte(0xE9);
        relative(target);
    }
    /// Jumps where *`slot` points to.
    void jump_through(const void* slot) {
        set_pointer(kPointer, slot);
        byte(0xFF);
        byte(modrm(0, 4, kPointer));
    }
    /// Jumps where `cycles` more reach the limit. Changes t.
    Jump check_limit(std::uint32_t cycles) {
        mem(0x8D, kPointer, Mem{kCycle, kNone, static_cast<std::int32_t>(cycles)}, true);
        mem(0x3B, kPointer, Mem{kContext, kNone, offset(&Context::limit)}, true);
        return jump_if(kNotBelow);
    }

    // --- subroutines ---

    /// Jumps where the host's stack is used up.
    Jump check_stack() {
        mem(0x3B, kStack, Mem{kContext, kNone, offset(&Context::stack_limit)}, true);
        return jump_if(kBelow);
    }
    void push_frame(std::uint16_t return_address) {
        byte(0x68);
        word32(return_address);
    }
    void call_to(const void* target) {
        byte(0xE8);
        relative(target);
    }
    Jump call() {
        byte(0xE8);
        word32(0);
        return here() - 4;
    }
    void call_through(const void* slot) {
        set_pointer(kPointer, slot);
        byte(0xFF);
        byte(modrm(0, 2, kPointer));
    }
    void pop_frame() {
        rex(true, 0, kNone, kStack, false);
        byte(0x83);
        byte(modrm(3, 0, kStack));
        byte(8);
    }
    /// Jumps where the frame on top is not of a call that returns to the address in `reg`.
    Jump check_frame(Reg reg) {
        mem(0x3B, host(reg), Mem{kStack, kNone, 8}, false);
        return jump_if(kNotEqual);
    }
    /// The same for the frame below it.
    Jump check_second_frame(Reg reg) {
        mem(0x3B, host(reg), Mem{kStack, kNone, 24}, false);
        return jump_if(kNotEqual);
    }
    void drop_frame() { stack_pointer(0, 16); }
    void return_() { byte(0xC3); }
    /// From code that pushed nothing.
    void return_to_caller() { byte(0xC3); }

    // --- what is there once ---

    /// u: the address. `cycles`: those of the block before the access. t becomes the byte; jumps where it is not served.
    Jump call_read(const void* thunk, std::uint8_t open_bus, std::uint32_t cycles) {
        set(Reg::w, open_bus);
        mem(0x8D, kPointer, Mem{kCycle, kNone, static_cast<std::int32_t>(cycles)}, true);
        call_to(thunk);
        test(Reg::t);
        return jump_if(kSign);
    }
    struct WriteJumps {
        Jump declined;
        Jump leave;
    };
    /// u: the address.
    WriteJumps call_write(const void* thunk, Reg value, std::uint32_t cycles) {
        move(Reg::w, value);
        mem(0x8D, kPointer, Mem{kCycle, kNone, static_cast<std::int32_t>(cycles)}, true);
        call_to(thunk);
        test(Reg::t);
        const Jump declined = jump_if(kSign);
        return {declined, jump_if(kNotEqual)};
    }
    /// Calls Context::read or ::write: u the address, w the second value, t (64 bits) the cycle.
    void thunk(std::size_t function) {
        for (const Saved& one : kSavedByThunk) mem(0x89, host(one.reg), Mem{kContext, kNone, one.at}, false);
        stack_pointer(5, 8 + kShadowSpace);
#if defined(_WIN32)
        rr(0x8B, 9, host(Reg::w));  // u is the second argument already
        rr64(0x8B, 8, kPointer);
#else
        rr(0x8B, 6, host(Reg::u));  // w is the fourth argument already
        rr64(0x8B, 2, kPointer);
#endif
        rr64(0x8B, kFirstArgument, kContext);
        const Mem target{kContext, kNone, static_cast<std::int32_t>(function)};
        rex(false, 0, kNone, target.base, false);
        byte(0xFF);
        address(2, target);
        stack_pointer(0, 8 + kShadowSpace);
        for (const Saved& one : kSavedByThunk) mem(0x8B, host(one.reg), Mem{kContext, kNone, one.at}, false);
        return_();
    }
    /// Goes on at the block at Context::pc; `tables` has 16 pointers to PageCode for memory that is no PRG-ROM, and 16 for each
    /// 2 KB of PRG-ROM. Leaves with `exit`, and t zero, where there is none.
    void lookup(const std::uint8_t* prg, std::uint32_t size, const void* tables, std::uint32_t exit) {
        mem(0x8B, host(Reg::t), Mem{kContext, kNone, offset(&Context::pc)}, false);
        shift_right(Reg::t, 11);
        set(Reg::u, 0);
        r_imm(7, host(Reg::t), 16);
        const Jump below = jump_if(kBelow);  // $8000
        // rdx = where the page lies in PRG-ROM
        rex(true, 2, kPointer, kReadPages, false);
        byte(0x8B);
        byte(modrm(1, 2, 4));
        byte(static_cast<std::uint8_t>((3 << 6) | ((kPointer & 7) << 3) | (kReadPages & 7)));
        byte(0);
        set_pointer(kSpare, prg);
        rr64(0x2B, 2, kSpare);
        // An odd place would lie between two pages; rotated, it is far outside.
        rex(true, 0, kNone, 2, false);
        byte(0xC1);
        byte(modrm(3, 1, 2));
        byte(11);
        rex(true, 0, kNone, 2, false);
        byte(0x81);
        byte(modrm(3, 7, 2));
        word32(size >> 11);
        const Jump outside = jump_if(kNotBelow);
        and_imm(Reg::t, 15);
        add_imm(Reg::u, Reg::u, 1);
        shift_left(Reg::u, 4);
        bind(below);
        or_(Reg::u, Reg::t);
        set_pointer(kPointer, tables);
        rex(true, kPointer, 2, kPointer, false);
        byte(0x8B);
        byte(modrm(1, kPointer, 4));
        byte(static_cast<std::uint8_t>((3 << 6) | (2 << 3) | kPointer));
        byte(0);
        rr64(0x85, kPointer, kPointer);
        const Jump missing = jump_if(kEqual);
        mem(0x8B, host(Reg::w), Mem{kContext, kNone, offset(&Context::pc)}, false);
        and_imm(Reg::w, 0x7FF);
        byte(0xFF);  // jmp [rax + rcx * 8]
        byte(modrm(0, 4, 4));
        byte(static_cast<std::uint8_t>((3 << 6) | (1 << 3) | kPointer));
        for (const Jump jump : {outside, missing}) bind(jump);
        set(Reg::t, 0);
        bind(this->jump(), exit);
    }
    /// Exit run(Context*, const void* code)
    void entry() {
        for (const int reg : kKept) push_or_pop(0x50, reg);
        rr64(0x8B, kContext, kFirstArgument);
        mem(0x89, kStack, Mem{kContext, kNone, offset(&Context::saved_stack)}, true);
        mem(0x8D, kPointer, Mem{kStack, kNone, -kDeepestStack}, true);
        mem(0x89, kPointer, Mem{kContext, kNone, offset(&Context::stack_limit)}, true);
        rr64(0x8B, kPointer, kSecondArgument);
        mem(0x8B, kRam, Mem{kContext, kNone, offset(&Context::ram)}, true);
        mem(0x8B, kCycle, Mem{kContext, kNone, offset(&Context::cycle)}, true);
        mem(0x8B, kReadPages, Mem{kContext, kNone, offset(&Context::read_page)}, true);
        mem(0x8B, kWritePages, Mem{kContext, kNone, offset(&Context::write_page)}, true);
        for (const Saved& one : kRegisters) mem(0x8B, host(one.reg), Mem{kContext, kNone, one.at}, false);
        // Two frames that no return matches: check_second_frame looks at the second. The registers, an even number, and the
        // return address leave the stack 8 short of 16.
        stack_pointer(5, 8);
        for (unsigned frame = 0; frame < 2; ++frame) {
            byte(0x68);
            word32(0x7FFFFFFF);
            byte(0x68);
            word32(0);
        }
        byte(0xFF);
        byte(modrm(3, 4, kPointer));
    }
    /// Where all exits go; t is the Exit.
    void exit() {
        for (const Saved& one : kRegisters) mem(0x89, host(one.reg), Mem{kContext, kNone, one.at}, false);
        mem(0x89, kCycle, Mem{kContext, kNone, offset(&Context::cycle)}, true);
        mem(0x8B, kStack, Mem{kContext, kNone, offset(&Context::saved_stack)}, true);
        for (std::size_t i = std::size(kKept); i-- > 0;) push_or_pop(0x58, kKept[i]);
        return_();
    }

  private:
    static constexpr int kPointer = 0, kContext = 3, kStack = 4, kRam = 5, kCycle = 12, kReadPages = 13,
                         kWritePages = 14;
    static constexpr int kSpare = 1;  // rcx, reloaded behind its use
#if defined(_WIN32)
    static constexpr int kFirstArgument = 1, kSecondArgument = 2;
    static constexpr int kKept[] = {3, 5, 6, 7, 12, 13, 14, 15};  // registers that belong to the caller
    static constexpr int kShadowSpace = 32;  // bytes above the return address, for the function called
#else
    static constexpr int kFirstArgument = 7, kSecondArgument = 6;
    static constexpr int kKept[] = {3, 5, 12, 13, 14, 15};
    static constexpr int kShadowSpace = 0;
#endif
    static_assert(std::size(kKept) % 2 == 0);
    static constexpr int kNone = -1;
    static constexpr int kDeepestStack = 4096;  // bytes: 255 subroutines, twice what a 6502's stack holds
    static constexpr std::uint8_t kBelow = 0x2, kCarry = 0x2, kNotBelow = 0x3, kEqual = 0x4, kNotEqual = 0x5,
                                  kSign = 0x8, kNotSign = 0x9;

    struct Mem {
        int base, index;
        std::int32_t displacement;
    };
    struct Saved {
        Reg reg;
        std::int32_t at;
    };

    template <class T>
    static std::int32_t offset(T Context::* member) noexcept {
        static const Context context{};
        return static_cast<std::int32_t>(reinterpret_cast<const std::uint8_t*>(&(context.*member)) -
                                         reinterpret_cast<const std::uint8_t*>(&context));
    }

    static constexpr Saved kRegisters[] = {
        {Reg::a, offsetof(Context, a)},
        {Reg::x, offsetof(Context, x)},
        {Reg::y, offsetof(Context, y)},
        {Reg::s, offsetof(Context, s)},
        {Reg::c, offsetof(Context, carry)},
        {Reg::z, offsetof(Context, zero_result)},
        {Reg::n, offsetof(Context, negative_result)},
    };
    // The others are kept by the functions that are called.
    static constexpr Saved kSavedByThunk[] = {
        {Reg::a, offsetof(Context, a)}, {Reg::x, offsetof(Context, x)},     {Reg::y, offsetof(Context, y)},
        {Reg::s, offsetof(Context, s)}, {Reg::c, offsetof(Context, carry)}, {Reg::z, offsetof(Context, zero_result)},
    };

    static constexpr int host(Reg reg) noexcept {
        constexpr int kHost[] = {8, 9, 10, 11, 6, 7, 15, 0, 2, 1};
        return kHost[static_cast<int>(reg)];
    }

    void byte(std::uint8_t value) { code_.push_back(value); }
    void word32(std::uint32_t value) {
        for (unsigned i = 0; i < 4; ++i) byte(static_cast<std::uint8_t>(value >> (8 * i)));
    }
    static std::uint8_t modrm(int mod, int reg, int rm) noexcept {
        return static_cast<std::uint8_t>((mod << 6) | ((reg & 7) << 3) | (rm & 7));
    }
    // `bytes`: byte registers, of which the fifth to eighth want a prefix.
    void rex(bool wide, int reg, int index, int base, bool bytes) {
        int prefix = 0x40;
        if (wide) prefix |= 8;
        if (reg >= 8) prefix |= 4;
        if (index >= 8) prefix |= 2;
        if (base >= 8) prefix |= 1;
        if (prefix != 0x40 || bytes) byte(static_cast<std::uint8_t>(prefix));
    }
    void address(int reg, const Mem& m) {
        const bool small = m.displacement >= -128 && m.displacement < 128;
        const int mod = small ? 1 : 2;
        if (m.index == kNone && (m.base & 7) != 4) {
            byte(modrm(mod, reg, m.base));
        } else {
            byte(modrm(mod, reg, 4));
            byte(modrm(0, m.index == kNone ? 4 : m.index, m.base));
        }
        if (small) {
            byte(static_cast<std::uint8_t>(m.displacement));
        } else {
            word32(static_cast<std::uint32_t>(m.displacement));
        }
    }
    void mem(std::uint8_t opcode, int reg, const Mem& m, bool wide = false) {
        rex(wide, reg, m.index, m.base, false);
        byte(opcode);
        address(reg, m);
    }
    void mem8(std::uint8_t opcode, int reg, const Mem& m) {
        rex(false, reg, m.index, m.base, true);
        byte(opcode);
        address(reg, m);
    }
    void mem_op2(std::uint8_t opcode, int reg, const Mem& m) {
        rex(false, reg, m.index, m.base, false);
        byte(0x0F);
        byte(opcode);
        address(reg, m);
    }
    void rr(std::uint8_t opcode, int reg, int rm) {
        rex(false, reg, kNone, rm, false);
        byte(opcode);
        byte(modrm(3, reg, rm));
    }
    void rr64(std::uint8_t opcode, int reg, int rm) {
        rex(true, reg, kNone, rm, false);
        byte(opcode);
        byte(modrm(3, reg, rm));
    }
    void rr8(std::uint8_t opcode, int reg, int rm) {
        rex(false, reg, kNone, rm, true);
        byte(opcode);
        byte(modrm(3, reg, rm));
    }
    void rr8_op2(std::uint8_t opcode, int reg, int rm) {
        rex(false, reg, kNone, rm, true);
        byte(0x0F);
        byte(opcode);
        byte(modrm(3, reg, rm));
    }
    void r_imm(int operation, int reg, std::uint32_t value) {
        rex(false, 0, kNone, reg, false);
        byte(0x81);
        byte(modrm(3, operation, reg));
        word32(value);
    }
    void r8_imm(int operation, int reg, std::uint8_t value) {
        rex(false, 0, kNone, reg, true);
        byte(0x80);
        byte(modrm(3, operation, reg));
        byte(value);
    }
    void shift8(int operation, int reg) {
        rex(false, 0, kNone, reg, true);
        byte(0xD0);
        byte(modrm(3, operation, reg));
    }
    void set_if(std::uint8_t condition, int reg) {
        rex(false, 0, kNone, reg, true);
        byte(0x0F);
        byte(static_cast<std::uint8_t>(0x90 + condition));
        byte(modrm(3, 0, reg));
    }
    void set_if(std::uint8_t condition, const Mem& m) {
        rex(false, 0, m.index, m.base, false);
        byte(0x0F);
        byte(static_cast<std::uint8_t>(0x90 + condition));
        address(0, m);
    }
    // bt esi, 0: the host's carry becomes the 6502's.
    void bit_of_carry() {
        byte(0x0F);
        byte(0xBA);
        byte(modrm(3, 4, host(Reg::c)));
        byte(0);
    }
    void add_carry_to_cycles() {
        rex(true, 0, kNone, kCycle, false);
        byte(0x83);
        byte(modrm(3, 2, kCycle));
        byte(0);
    }
    void store8_imm(std::int32_t at, std::uint8_t value) {
        byte(0xC6);
        address(0, Mem{kContext, kNone, at});
        byte(value);
    }
    Jump compare_flag(Flag flag, std::uint8_t condition) {
        byte(0x80);  // cmp byte [rbx + flag], 0
        address(7, Mem{kContext, kNone, offset(flag)});
        byte(0);
        return jump_if(condition);
    }
    void test(Reg reg) { rr(0x85, host(reg), host(reg)); }
    void test8(Reg reg) { rr8(0x84, host(reg), host(reg)); }
    Jump jump_if(std::uint8_t condition) {
        byte(0x0F);
        byte(static_cast<std::uint8_t>(0x80 + condition));
        word32(0);
        return here() - 4;
    }
    void relative(const void* target) {
        const auto end = reinterpret_cast<std::intptr_t>(base_) + here() + 4;
        word32(static_cast<std::uint32_t>(reinterpret_cast<std::intptr_t>(target) - end));
    }
    void set_pointer(int reg, const void* value) { set64(reg, reinterpret_cast<std::uint64_t>(value)); }
    void set64(int reg, std::uint64_t bits) {
        rex(true, 0, kNone, reg, false);
        byte(static_cast<std::uint8_t>(0xB8 + (reg & 7)));
        word32(static_cast<std::uint32_t>(bits));
        word32(static_cast<std::uint32_t>(bits >> 32));
    }
    // rax = table[at >> 11], and whether it is null.
    void page_of(int table, Reg at) {
        move(Reg::t, at);
        shift_right(Reg::t, 11);
        rex(true, kPointer, kPointer, table, false);
        byte(0x8B);
        byte(modrm(1, kPointer, 4));
        byte(static_cast<std::uint8_t>((3 << 6) | ((kPointer & 7) << 3) | (table & 7)));
        byte(0);
        rr64(0x85, kPointer, kPointer);
    }
    void pointer_of(int table, std::uint16_t at) {
        mem(0x8B, kPointer, Mem{table, kNone, (at >> 11) * 8}, true);
        rr64(0x85, kPointer, kPointer);
    }
    Jump check_entry(int table, std::uint16_t at) {
        const Mem entry{table, kNone, (at >> 11) * 8};
        rex(true, 0, kNone, entry.base, false);
        byte(0x83);
        address(7, entry);
        byte(0);
        return jump_if(kEqual);
    }
    void push_or_pop(int opcode, int reg) {
        if (reg >= 8) byte(0x41);
        byte(static_cast<std::uint8_t>(opcode + (reg & 7)));
    }
    void stack_pointer(int operation, std::uint8_t bytes) {
        rex(true, 0, kNone, kStack, false);
        byte(0x83);
        byte(modrm(3, operation, kStack));
        byte(bytes);
    }

    std::uint8_t* base_;
    std::vector<std::uint8_t> code_;
};

}  // namespace nes::recompiler
