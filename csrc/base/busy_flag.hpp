// Whether a console is in use. One thread at a time uses it; a second one gets an error, or waits if it only reads.
#pragma once

#include <atomic>
#include <chrono>
#include <thread>

namespace nes {

/// Taken and released once for each call from outside, never while a console runs.
class BusyFlag {
  public:
    /// False when it is taken.
    bool take() noexcept {
        return try_take() || soon([this] { return !taken() && try_take(); });
    }

    /// Whether it is taken for longer than a brief call takes.
    bool busy() const noexcept {
        return taken() && !soon([this] { return !taken(); });
    }

    void release() noexcept { taken_.store(false, std::memory_order_release); }
    bool taken() const noexcept { return taken_.load(std::memory_order_acquire); }

    /// A reader announces that it waits; otherwise a thread that steps in a loop would always win.
    void queue() noexcept { readers_.fetch_add(1, std::memory_order_relaxed); }
    void leave_queue() noexcept { readers_.fetch_sub(1, std::memory_order_relaxed); }
    bool wanted() const noexcept { return readers_.load(std::memory_order_relaxed) > 0; }

    /// Sleep until it is free, or a moment has passed. False when it is not free.
    bool wait() const noexcept {
        for (int nap = 0; nap < kNaps && taken(); ++nap) std::this_thread::sleep_for(kNap);
        return !taken();
    }

    /// Sleep until no reader waits any more, or a moment has passed.
    void let_readers_pass() const noexcept {
        for (int nap = 0; nap < kNaps && wanted(); ++nap) std::this_thread::sleep_for(kNap);
    }

  private:
    bool try_take() noexcept { return !taken_.exchange(true, std::memory_order_acquire); }

    /// Try for as long as a brief call may take, and return whether it succeeded.
    template <class Try>
    static bool soon([[maybe_unused]] const Try& tried) noexcept {
#ifdef Py_GIL_DISABLED
        // Without the GIL a call that only reads a number has the flag for a moment, which is to refuse nobody. With the
        // GIL such calls are apart, and only a run can have the flag.
        // Several turns, since the one who has it may have been suspended, and many tries in each, since others try as well.
        constexpr int kTurns = 4;
        constexpr int kTries = 2000;
        for (int turn = 0; turn < kTurns; ++turn) {
            for (int i = 0; i < kTries; ++i) {
                if (tried()) return true;
            }
            std::this_thread::yield();
        }
#endif
        return false;
    }

    static constexpr std::chrono::microseconds kNap{50};
    // A tenth of a second: Ctrl-C is checked in between, and a delayed reader delays no other thread for long.
    static constexpr int kNaps = 2000;

    std::atomic<bool> taken_{false};
    std::atomic<int> readers_{0};
};

/// Holds a flag until the end of the function that took it, however that ends.
class BusyGuard {
  public:
    BusyGuard() = default;
    ~BusyGuard() { release(); }
    BusyGuard(const BusyGuard&) = delete;
    BusyGuard& operator=(const BusyGuard&) = delete;

    /// False if another thread has the flag.
    bool take(BusyFlag& flag) noexcept {
        if (!flag.take()) return false;
        flag_ = &flag;
        return true;
    }
    void release() noexcept {
        if (flag_) flag_->release();
        flag_ = nullptr;
    }

  private:
    BusyFlag* flag_ = nullptr;
};

}  // namespace nes
