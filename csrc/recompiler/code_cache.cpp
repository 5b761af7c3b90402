#include "recompiler/code_cache.hpp"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <new>

#include "recompiler/emitter.hpp"
#include "recompiler/translator.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <unistd.h>
#endif

namespace nes::recompiler {

namespace {

// Of one ROM.
constexpr std::size_t kLargestCode = 8u << 20;
// A block is compiled when it was looked up this often. Code that runs once, as most of what a reset does, is not worth it.
constexpr std::uint8_t kThreshold = 8;
// It waits for others at most this many visits more.
constexpr unsigned kPatience = 24;
// Bytes of machine code that a place needs, with what it reaches: what is usual in a game that has run for a while.
constexpr std::size_t kUsualCode = 512;
constexpr std::size_t kFewestCandidates = 16;

#if NES_RECOMPILER
template <class Function>
Function function_at(const void* code) noexcept {
    return reinterpret_cast<Function>(const_cast<void*>(code));
}

// Windows has no fork.
long this_process() noexcept {
#if defined(_WIN32)
    return 1;
#else
    return static_cast<long>(getpid());
#endif
}

bool switched_off() noexcept {
    const char* const text = std::getenv("NES_PY_NO_JIT");
    return text && *text && !(text[0] == '0' && text[1] == '\0');
}

// For tests, in which everything is to be compiled.
std::uint8_t threshold() noexcept {
    const char* const text = std::getenv("NES_PY_JIT_THRESHOLD");
    const long value = text ? std::strtol(text, nullptr, 10) : 0;
    return value >= 1 && value <= 255 ? static_cast<std::uint8_t>(value) : kThreshold;
}

// Whether memory that was written can be executed afterwards.
bool memory_can_be_executed() noexcept {
    try {
        ExecutableMemory memory(1u << 16);
        Emitter emitter(memory.next());
        emitter.return_to_caller();
        const std::uint8_t* const code = memory.next();
        if (!memory.available() || !memory.add(emitter.code())) return false;
        function_at<void (*)()>(code)();
        return true;
    } catch (const std::bad_alloc&) {
        return false;
    }
}
#endif

}  // namespace

bool enabled() noexcept {
#if NES_RECOMPILER
    static const bool possible = memory_can_be_executed();
    return possible && !switched_off();
#else
    return false;
#endif
}

#if NES_RECOMPILER

CodeCache::CodeCache(const std::uint8_t* prg, std::size_t size)
    : prg_(prg),
      size_(size / PageCode::kSize * PageCode::kSize),
      threshold_(threshold()),
      // With 1 everything is to be compiled at once.
      latest_(static_cast<std::uint8_t>(threshold_ == 1 ? 1u : std::min(threshold_ + kPatience, 255u))) {}

bool CodeCache::prepare() noexcept {
    try {
        std::call_once(prepared_, [this] {
            pages_ = std::vector<std::atomic<PageCode*>>((size_ / PageCode::kSize + 1) * 16);
            memory_ = std::make_unique<ExecutableMemory>(kLargestCode);
            candidates_.resize(std::max(kFewestCandidates, memory_->page_size() / kUsualCode));
            if (size_ > 0 && memory_->available()) make_stubs();
        });
    } catch (const std::exception&) {
        return false;  // no memory
    }
    return available();
}

CodeCache::~CodeCache() {
    for (std::atomic<PageCode*>& page : pages_) delete page.load(std::memory_order_relaxed);
}

PageCode* CodeCache::make_page(std::atomic<PageCode*>& place) noexcept {
    PageCode* const made = new (std::nothrow) PageCode(stubs_.cold);
    if (!made) return nullptr;
    PageCode* expected = nullptr;
    if (place.compare_exchange_strong(expected, made, std::memory_order_acq_rel)) {
        page_count_.fetch_add(1, std::memory_order_relaxed);
        return made;
    }
    delete made;
    return expected;
}

void CodeCache::make_stubs() {
    Emitter emitter(memory_->next());
    const std::uint32_t enter = emitter.here();
    emitter.entry();
    const std::uint32_t exit = emitter.here();
    emitter.exit();
    std::uint32_t stubs[3];
    for (unsigned i = 0; i < 3; ++i) {
        constexpr Exit kExits[] = {Exit::lookup, Exit::interpret, Exit::idle};
        stubs[i] = emitter.here();
        emitter.set(Reg::t, static_cast<std::uint32_t>(kExits[i]));
        emitter.bind(emitter.jump(), exit);
    }
    const std::uint32_t lookup = emitter.here();
    static_assert(sizeof(std::atomic<PageCode*>) == sizeof(void*) && static_cast<int>(Exit::lookup) == 0);
    emitter.lookup(prg_, static_cast<std::uint32_t>(size_), pages_.data(), exit);
    const std::uint32_t read = emitter.here();
    emitter.thunk(offsetof(Context, read));
    const std::uint32_t write = emitter.here();
    emitter.thunk(offsetof(Context, write));
    if (!memory_->add(emitter.code())) return;
    stubs_.cold = emitter.address(stubs[0]);
    stubs_.interpret = emitter.address(stubs[1]);
    stubs_.idle = emitter.address(stubs[2]);
    stubs_.exit = emitter.address(exit);
    stubs_.lookup = emitter.address(lookup);
    stubs_.read = emitter.address(read);
    stubs_.write = emitter.address(write);
    stubs_.enter = function_at<Exit (*)(Context*, const void*)>(emitter.address(enter));
}

const void* CodeCache::warm_up(PageCode& page, std::uint16_t pc, const std::uint8_t* const* read_page) noexcept {
    if (full_.load(std::memory_order_relaxed)) return stubs_.cold;
    const unsigned offset = pc & (PageCode::kSize - 1);
    // Counts of several threads may get lost; that delays a block, no more.
    const unsigned visits = page.visits[offset].load(std::memory_order_relaxed) + 1u;
    // Code in RAM is what it is now.
    const bool at_once = visits >= latest_ || (pc < 0x8000 && visits >= threshold_);
    if (!at_once) {
        page.visits[offset].store(static_cast<std::uint8_t>(visits), std::memory_order_relaxed);
        if (visits != threshold_) return stubs_.cold;
    }
    long owner = 0;
    const long self = this_process();
    while (!compiling_.compare_exchange_weak(owner, self, std::memory_order_acquire)) {
        if (owner == self) return stubs_.cold;
    }
    // Taken over from another process, in the middle of its work: the places come back at their latest visit.
    if (owner != 0) candidate_count_ = 0;
    if (page.entry[offset].load(std::memory_order_relaxed) == stubs_.cold) {
        const auto end = candidates_.begin() + static_cast<std::ptrdiff_t>(candidate_count_);
        const bool is_known = std::any_of(candidates_.begin(), end,
                                          [&](const Candidate& one) { return one.page == &page && one.pc == pc; });
        if (!is_known) {
            Candidate& added = candidates_[candidate_count_];
            added.page = &page;
            added.pc = pc;
            std::copy_n(read_page, added.read_page.size(), added.read_page.begin());
            ++candidate_count_;
        }
        if (at_once || candidate_count_ == candidates_.size()) compile_candidates();
    }
    compiling_.store(0, std::memory_order_release);
    return page.entry[offset].load(std::memory_order_relaxed);
}

void CodeCache::compile_candidates() noexcept {
    const std::size_t count = candidate_count_;
    candidate_count_ = 0;
    try {
        std::vector<std::uint8_t> code;
        std::vector<Publication> publications;
        for (std::size_t i = 0; i < count; ++i) {
            const Candidate& one = candidates_[i];
            Translator translator(*this, *one.page, one.pc, one.read_page.data(), memory_->next() + code.size(),
                                  publications);
            // What was reached from another place is translated already.
            if (translator.is_known(one.pc)) continue;
            translator.run();
            code.insert(code.end(), translator.code().begin(), translator.code().end());
            translator.publish();
        }
        if (!memory_->add(code)) {
            full_.store(true, std::memory_order_relaxed);
            return;
        }
        for (const Publication& one : publications) one.entry->store(one.code, std::memory_order_release);
    } catch (const std::bad_alloc&) {
        full_.store(true, std::memory_order_relaxed);
    }
}

Exit run(CodeCache& cache, Context& context, const void* code) noexcept {
    const Stubs& stubs = cache.stubs();
    for (;;) {
        const Exit exit = stubs.enter(&context, code);
        if (exit != Exit::lookup || context.cycle >= context.limit) return exit;
        code = cache.find(static_cast<std::uint16_t>(context.pc), context.read_page);
        if (code == stubs.cold) return Exit::lookup;
        if (code == stubs.interpret) return Exit::interpret;
        if (code == stubs.idle) return Exit::idle;
    }
}

#else

CodeCache::CodeCache(const std::uint8_t* prg, std::size_t)
    : prg_(prg),
      size_(0),
      threshold_(kThreshold),
      latest_(kThreshold) {}
bool CodeCache::prepare() noexcept { return false; }
CodeCache::~CodeCache() = default;
PageCode* CodeCache::make_page(std::atomic<PageCode*>&) noexcept { return nullptr; }
const void* CodeCache::warm_up(PageCode&, std::uint16_t, const std::uint8_t* const*) noexcept { return nullptr; }
void CodeCache::compile_candidates() noexcept {}
void CodeCache::make_stubs() {}
Exit run(CodeCache&, Context&, const void*) noexcept { return Exit::interpret; }

#endif

}  // namespace nes::recompiler
