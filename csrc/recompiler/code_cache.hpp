// The recompiled code of one ROM, shared by all consoles that play it.
//
// A block is found by the place of its first instruction in PRG-ROM and by where that place is mapped, so a bank switch
// costs nothing. A block in PRG-RAM is found by its address, and compares itself with what is there. Reading takes no lock.
// One thread at a time compiles; another that wants to goes on interpreting.
//
// Executable memory comes in pages of the system, and most places need a few hundred bytes: several are compiled together.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/export.hpp"
#include "recompiler/context.hpp"
#include "recompiler/executable_memory.hpp"

namespace nes::recompiler {

/// Whether recompiled code can run in this process: there is an emitter for this CPU, the system lets memory become
/// executable, and NES_PY_NO_JIT is not set.
NES_PY_API bool enabled() noexcept;

/// The code of the 2 KB of PRG-ROM that are mapped at one place.
struct PageCode {
    static constexpr std::uint32_t kSize = 0x800;

    explicit PageCode(const void* cold) noexcept {
        for (std::atomic<const void*>& one : entry) one.store(cold, std::memory_order_relaxed);
    }

    std::atomic<const void*>
        entry[kSize];  // where the instruction at that offset begins a block; else one of the stubs
    std::atomic<std::uint8_t> visits[kSize] = {};  // of the offsets that have none
};

/// What an entry of a page will hold once the code is executable.
struct Publication {
    std::atomic<const void*>* entry;
    const void* code;
};

/// Code that stands in for a block.
struct Stubs {
    const void* cold = nullptr;       // exits: nothing is known of the place
    const void* interpret = nullptr;  // exits: the instruction is one for the interpreter
    const void* idle = nullptr;       // exits: a loop waits here, and the interpreter skips its turns
    const void* exit = nullptr;       // with the Exit in t
    const void* lookup = nullptr;     // goes on at Context::pc
    const void* read = nullptr;       // calls Context::read
    const void* write = nullptr;
    Exit (*enter)(Context* context, const void* code) = nullptr;
};

class CodeCache {
  public:
    /// `prg` outlives the cache.
    CodeCache(const std::uint8_t* prg, std::size_t size);
    ~CodeCache();
    CodeCache(const CodeCache&) = delete;
    CodeCache& operator=(const CodeCache&) = delete;

    /// Reserves memory for code, once for all consoles; false where there is none. Before any find().
    bool prepare() noexcept;
    bool available() const noexcept { return stubs_.enter != nullptr; }
    const Stubs& stubs() const noexcept { return stubs_; }

    /// The block at `pc`, or a stub. Compiles what was asked for often.
    const void* find(std::uint16_t pc, const std::uint8_t* const* read_page) noexcept {
        PageCode* page = page_at(pc, read_page[pc >> 11]);
        if (!page) return stubs_.cold;
        const unsigned offset = pc & (PageCode::kSize - 1);
        const void* code = page->entry[offset].load(std::memory_order_acquire);
        if (code != stubs_.cold) return code;
        return warm_up(*page, pc, read_page);
    }

    /// The code of what is mapped at the 2 KB around `pc`, which are at `memory`; null where nothing is recompiled. Blocks in
    /// PRG-RAM, at $6000-$7FFF, compare themselves with what is there before they run.
    PageCode* page_at(std::uint16_t pc, const std::uint8_t* memory) noexcept {
        std::size_t place = pc >> 11;
        if (pc >= 0x8000) {
            const std::uintptr_t offset =
                reinterpret_cast<std::uintptr_t>(memory) - reinterpret_cast<std::uintptr_t>(prg_);
            if (offset >= size_ || offset % PageCode::kSize) return nullptr;
            place = (offset / PageCode::kSize + 1) * 16 + (place & 15);
        } else if (pc < 0x6000 || !memory) {
            return nullptr;
        }
        PageCode* page = pages_[place].load(std::memory_order_acquire);
        return page ? page : make_page(pages_[place]);
    }

    /// Bytes of machine code and of tables.
    std::size_t code_bytes() const noexcept { return memory_ ? memory_->used() : 0; }
    std::size_t table_bytes() const noexcept { return page_count_.load(std::memory_order_relaxed) * sizeof(PageCode); }

  private:
    PageCode* make_page(std::atomic<PageCode*>& place) noexcept;
    // A place that was visited often, and what was mapped then. A page of RAM may be gone when it is compiled: of those only
    // the addresses count.
    struct Candidate {
        PageCode* page;
        std::uint16_t pc;
        std::array<const std::uint8_t*, 32> read_page;
    };

    const void* warm_up(PageCode& page, std::uint16_t pc, const std::uint8_t* const* read_page) noexcept;
    void compile_candidates() noexcept;
    void make_stubs();

    const std::uint8_t* prg_;
    std::size_t size_;                           // whole pages only
    std::vector<std::atomic<PageCode*>> pages_;  // 16 places for what is no PRG-ROM, and 16 for each 2 KB of it
    std::atomic<std::size_t> page_count_{0};
    std::once_flag prepared_;
    std::unique_ptr<ExecutableMemory> memory_;
    Stubs stubs_;
    std::uint8_t threshold_;
    std::uint8_t latest_;  // visit at which a place is compiled even if it is alone
    std::atomic<bool> full_{false};
    // Of the thread that compiles. The vector keeps its size.
    std::vector<Candidate> candidates_;
    std::size_t candidate_count_ = 0;
    // The process that compiles. A child that was forked meanwhile does not wait for a thread that it has not got.
    std::atomic<long> compiling_{0};
};

/// Runs blocks from `code` on until something else is to be done at context.pc.
Exit run(CodeCache& cache, Context& context, const void* code) noexcept;

}  // namespace nes::recompiler
