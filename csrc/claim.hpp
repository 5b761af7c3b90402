// Who uses a console: one thread at a time, and a second one is told.
#pragma once

#include <atomic>

namespace nes {

/// Taken and released once for each call from outside, never while a console runs.
class Claim {
  public:
    /// False when somebody has it.
    bool take() noexcept { return !taken_.exchange(true, std::memory_order_acquire); }
    void release() noexcept { taken_.store(false, std::memory_order_release); }
    bool taken() const noexcept { return taken_.load(std::memory_order_acquire); }

  private:
    std::atomic<bool> taken_{false};
};

}  // namespace nes
