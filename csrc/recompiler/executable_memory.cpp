#include "recompiler/executable_memory.hpp"

#include <cstring>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#include <unistd.h>
#define NES_HAS_MMAP 1
#elif defined(_WIN32)
#define WIN32_LEAN_AND_MEAN
#if !defined(NOMINMAX)
#define NOMINMAX
#endif
#include <windows.h>
#endif

namespace nes::recompiler {

#if defined(NES_HAS_MMAP)

ExecutableMemory::ExecutableMemory(std::size_t size) noexcept : size_(size) {
    page_ = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    void* base = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (base != MAP_FAILED) base_ = static_cast<std::uint8_t*>(base);
}

ExecutableMemory::~ExecutableMemory() {
    if (base_) munmap(base_, size_);
}

bool ExecutableMemory::add(std::span<const std::uint8_t> code) noexcept {
    if (code.empty()) return true;
    const std::size_t rounded = (code.size() + page_ - 1) / page_ * page_;
    if (!base_ || rounded > free()) return false;
    std::uint8_t* const start = next();
    if (mprotect(start, rounded, PROT_READ | PROT_WRITE) != 0) return false;
    std::memcpy(start, code.data(), code.size());
    // A system that forbids what was writable to become executable says so here.
    if (mprotect(start, rounded, PROT_READ | PROT_EXEC) != 0) return false;
    __builtin___clear_cache(reinterpret_cast<char*>(start), reinterpret_cast<char*>(start + rounded));
    used_ += rounded;
    return true;
}

#elif defined(_WIN32)

ExecutableMemory::ExecutableMemory(std::size_t size) noexcept : size_(size) {
    SYSTEM_INFO system;
    GetSystemInfo(&system);
    page_ = system.dwPageSize;
    base_ = static_cast<std::uint8_t*>(VirtualAlloc(nullptr, size, MEM_RESERVE, PAGE_NOACCESS));
}

ExecutableMemory::~ExecutableMemory() {
    if (base_) VirtualFree(base_, 0, MEM_RELEASE);
}

bool ExecutableMemory::add(std::span<const std::uint8_t> code) noexcept {
    if (code.empty()) return true;
    const std::size_t rounded = (code.size() + page_ - 1) / page_ * page_;
    if (!base_ || rounded > free()) return false;
    std::uint8_t* const start = next();
    if (!VirtualAlloc(start, rounded, MEM_COMMIT, PAGE_READWRITE)) return false;
    std::memcpy(start, code.data(), code.size());
    DWORD before = 0;
    // A process that forbids dynamic code (a mitigation policy) says so here.
    if (!VirtualProtect(start, rounded, PAGE_EXECUTE_READ, &before)) return false;
    FlushInstructionCache(GetCurrentProcess(), start, rounded);
    used_ += rounded;
    return true;
}

#else

ExecutableMemory::ExecutableMemory(std::size_t size) noexcept : size_(size) {}
ExecutableMemory::~ExecutableMemory() = default;
bool ExecutableMemory::add(std::span<const std::uint8_t>) noexcept { return false; }

#endif

}  // namespace nes::recompiler
