// Memory for machine code. A page is written first and executed later, never both at once (W^X).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace nes::recompiler {

class ExecutableMemory {
  public:
    /// Reserves `size` bytes of addresses. available() tells whether the system allowed it.
    explicit ExecutableMemory(std::size_t size) noexcept;
    ~ExecutableMemory();
    ExecutableMemory(const ExecutableMemory&) = delete;
    ExecutableMemory& operator=(const ExecutableMemory&) = delete;

    bool available() const noexcept { return base_ != nullptr; }
    /// Where the next code will lie; code may depend on it.
    std::uint8_t* next() const noexcept { return base_ + used_; }
    std::size_t free() const noexcept { return size_ - used_; }
    std::size_t used() const noexcept { return used_; }
    /// Bytes of a page of the system: code that is added takes whole ones.
    std::size_t page_size() const noexcept { return page_; }
    /// Copies `code` to next() and makes it executable. False when the system refuses; then nothing more will be added.
    bool add(std::span<const std::uint8_t> code) noexcept;

  private:
    std::uint8_t* base_ = nullptr;
    std::size_t size_;
    std::size_t used_ = 0;  // whole pages
    std::size_t page_ = 4096;
};

}  // namespace nes::recompiler
