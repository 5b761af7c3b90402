// From 6502 code in a page of PRG-ROM to machine code: the block that was asked for and those that it reaches in the page.
//
// What an instruction does is in csrc/cpu; here is the same once more, for the official opcodes but BRK, and for
// memory. Whatever else comes up is left to the interpreter, with the machine as it was before the
// instruction. The lockstep compares the two.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "recompiler/code_cache.hpp"
#include "recompiler/emitter.hpp"

#if NES_RECOMPILER

namespace nes::recompiler {

class Translator {
  public:
    /// `read_page` says what is mapped; `base` where the code will lie. `publications`: what other translations found that
    /// will become executable together with this one.
    Translator(CodeCache& cache, PageCode& page, std::uint16_t pc, const std::uint8_t* const* read_page,
               std::uint8_t* base, std::vector<Publication>& publications);

    /// Whether there is something at `pc` of the page, or will be.
    bool is_known(std::uint16_t pc) const noexcept { return known(pc) != cache_.stubs().cold; }

    void run();
    std::span<const std::uint8_t> code() const noexcept { return emit_.code(); }
    /// Adds what was found to the publications.
    void publish();

  private:
    // What the data bus holds, as far as it is not in the context yet.
    struct Bus {
        enum Kind : std::uint8_t { stored, constant, reg } kind = stored;
        std::uint8_t value = 0;
        Reg source = Reg::a;
    };
    // Where and with what code is left.
    struct Place {
        std::uint16_t pc;
        std::uint32_t cycles;
        Bus bus;
    };
    struct Cold {
        enum Kind : std::uint8_t { leave, leave_for_good, read, write, unpredicted_return } kind;
        Jump from;
        Exit exit;
        Place place;
        // Of a register access: the address, in `address` or in u, the value, where to go on.
        bool address_is_known;
        std::uint16_t address;
        bool index_may_carry;
        Reg index, value;
        std::uint32_t access_cycles;
        std::uint32_t resume;
        Place after;
    };
    struct Block {
        std::uint16_t pc;
        std::uint32_t position;
    };
    struct Fixup {
        Jump jump;
        std::uint16_t target;
    };

    std::uint8_t at(std::uint32_t pc) const noexcept { return memory_[pc & (PageCode::kSize - 1)]; }
    bool in_page(std::uint16_t pc) const noexcept {
        return (pc & ~(PageCode::kSize - 1)) == base_pc_ && (pc & (PageCode::kSize - 1)) <= kLastFetch;
    }

    bool in_ram() const noexcept { return base_pc_ < 0x8000; }
    const void* known(std::uint16_t pc) const noexcept;
    void check_code(std::uint16_t pc, std::uint32_t end, const Place& place);
    bool may_change_code(std::uint16_t pc) const noexcept;
    bool waits(std::uint16_t head) const noexcept;
    void chain(std::uint16_t pc);
    bool instruction(std::uint16_t pc);
    void load(std::uint16_t pc);
    void load_address(std::uint16_t pc);
    void indexed_indirect(std::uint8_t low);
    void indirect_indexed(std::uint16_t pc);
    void store(std::uint16_t pc, Reg value);
    void modify(std::uint16_t pc);
    void branch(std::uint16_t pc);
    void call(std::uint16_t pc);
    void return_(std::uint16_t pc);
    void return_from_interrupt(std::uint16_t pc);
    void push_status();
    void unpack_status();
    void jump_indirect(std::uint16_t pc);
    void edge(std::uint16_t target, bool eager);

    Place place(std::uint16_t pc) const noexcept { return {pc, cycles_, bus_}; }
    void leave(const Place& place, Exit exit);
    void leave_for_good(const Place& place, Exit exit);
    void leave_if(Jump jump, Exit exit, const Place& place, Cold::Kind kind = Cold::leave);
    void decline_if(Jump jump, std::uint16_t pc) { leave_if(jump, Exit::interpret, place(pc)); }
    void set_bus(std::uint8_t value) noexcept { bus_ = {Bus::constant, value, Reg::a}; }
    void set_bus(Reg reg);
    void settle(const Bus& bus);
    void finish_cold();

    static constexpr std::uint32_t kLastFetch = 0x7FD;  // where the longest instruction ends with the page
    static constexpr unsigned kLongestBlock = 24;       // instructions
    static constexpr unsigned kMostBlocks = 96;

    CodeCache& cache_;
    PageCode& page_;
    const std::uint8_t* const* read_page_;
    const std::uint8_t* memory_;
    std::uint16_t base_pc_;
    Emitter emit_;
    std::uint32_t cycles_ = 0;  // of the block so far
    Bus bus_;
    std::uint16_t next_ = 0;  // where an instruction goes on that falls through
    std::vector<Publication>& publications_;
    std::vector<std::uint16_t> wanted_;
    std::vector<Block> blocks_;
    std::vector<std::uint16_t> idle_;
    std::vector<std::uint16_t> declined_;
    std::vector<Fixup> fixups_;
    std::vector<Cold> cold_;
};

}  // namespace nes::recompiler

#endif
