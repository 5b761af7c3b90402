// A loop over rows that several threads share. All in this header, so that a module can have it without the core.
//
// The threads belong to the caller (OpenMP, ThreadPool): each of the workers calls `work` once, at the same time or in
// turns. What a row does is the task's business: a console of a batch, an environment, a copy that is run ahead.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#if defined(__linux__)
#include <sched.h>
#endif

namespace nes::env {

/// What a worker did, for those who tune. Times in nanoseconds.
struct WorkerTimes {
    std::uint64_t busy = 0;
    std::uint64_t loops = 0;
    std::uint64_t rows = 0;
    std::int32_t cpu = -1;  // where it ran last; -1 where the system does not tell
};

class ParallelLoop {
  public:
    // Must not throw; Cython cannot write that into the type.
    using Task = void (*)(void* context, std::size_t row, std::uint32_t worker);

    /// `workers`: at least 1.
    explicit ParallelLoop(std::uint32_t workers) : lanes_(workers) {}
    ParallelLoop(const ParallelLoop&) = delete;
    ParallelLoop& operator=(const ParallelLoop&) = delete;

    std::uint32_t workers() const noexcept { return static_cast<std::uint32_t>(lanes_.size()); }

    /// Whether workers leave the caller's CPU; for threads that spin.
    void spread(bool on) noexcept { spreads_ = on; }
    /// Runs `worker` on this CPU while it works, where the system can do that; -1: anywhere.
    void pin(std::uint32_t worker, std::int32_t cpu) noexcept { lanes_[worker].pinned = cpu; }

    /// Shares `rows` out among the first `workers`. `helps`: a worker that is done takes rows of the others; without it a
    /// row always belongs to the same worker, as in the loop that decides where memory lies.
    void begin(Task task, void* context, std::size_t rows, std::uint32_t workers, bool helps) noexcept {
        task_ = task;
        context_ = context;
        active_ = workers;
        helps_ = helps;
        caller_cpu_ = current_cpu();
        for (std::size_t i = 0; i < workers; ++i) {
            lanes_[i].next.store(rows * i / workers, std::memory_order_relaxed);
            lanes_[i].end = rows * (i + 1) / workers;
        }
    }

    /// Does the worker's share, then what others have not begun. Each worker of the loop calls it once.
    void work(std::uint32_t worker) noexcept;

    /// Nanoseconds that all workers of the last loop worked in it.
    std::uint64_t busy() const noexcept {
        std::uint64_t sum = 0;
        for (std::size_t i = 0; i < active_; ++i) sum += lanes_[i].last;
        return sum;
    }
    static std::uint64_t now() noexcept {
        const auto since = std::chrono::steady_clock::now().time_since_epoch();
        return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
    }

    const WorkerTimes& times(std::uint32_t worker) const noexcept { return lanes_[worker].times; }
    void clear_times() noexcept {
        for (Lane& lane : lanes_) lane.times = {};
    }

  private:
    // A worker's share of the rows. Each on a cache line of its own.
    struct alignas(64) Lane {
        std::atomic<std::size_t> next{0};
        std::size_t end = 0;
        std::int32_t pinned = -1;
        std::int32_t shared_cpu = 0;  // loops in a row on the caller's CPU
        std::uint64_t last = 0;       // nanoseconds in the last loop
        WorkerTimes times;
    };

    static std::int32_t current_cpu() noexcept {
#if defined(__linux__)
        return sched_getcpu();
#else
        return -1;
#endif
    }
    void leave_cpu_of_caller(Lane& lane) noexcept;

    Task task_ = nullptr;
    void* context_ = nullptr;
    std::size_t active_ = 0;  // workers of this loop
    bool helps_ = true;
    bool spreads_ = false;
    std::int32_t caller_cpu_ = -1;
    std::vector<Lane> lanes_;
};

/// Keeps the calling thread on one CPU for as long as this lives. A hint: where it cannot be done nothing happens.
class Pin {
  public:
    explicit Pin([[maybe_unused]] std::int32_t cpu) noexcept {
#if defined(__linux__)
        if (cpu < 0 || cpu >= CPU_SETSIZE || sched_getaffinity(0, sizeof(before_), &before_) != 0) return;
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(static_cast<unsigned>(cpu), &one);
        pinned_ = sched_setaffinity(0, sizeof(one), &one) == 0;
#endif
    }
    ~Pin() {
#if defined(__linux__)
        if (pinned_) sched_setaffinity(0, sizeof(before_), &before_);
#endif
    }
    Pin(const Pin&) = delete;
    Pin& operator=(const Pin&) = delete;

  private:
#if defined(__linux__)
    cpu_set_t before_;
    bool pinned_ = false;
#endif
};

inline void ParallelLoop::work(std::uint32_t worker) noexcept {
    Lane& own = lanes_[worker];
    const Pin pin(own.pinned);
    const std::uint64_t begin = now();
    const std::size_t count = active_;
    std::size_t rows = 0;
    for (std::size_t offset = 0; offset < (helps_ ? count : 1); ++offset) {
        const std::size_t other = worker + offset;
        Lane& lane = lanes_[other < count ? other : other - count];
        // A look first: a read is shared by all who are done, and a fetch_add would take the line away from its owner.
        while (lane.next.load(std::memory_order_relaxed) < lane.end) {
            const std::size_t row = lane.next.fetch_add(1, std::memory_order_relaxed);
            if (row >= lane.end) break;
            task_(context_, row, worker);
            ++rows;
        }
    }
    own.last = now() - begin;
    own.times.busy += own.last;
    own.times.rows += rows;
    ++own.times.loops;
    own.times.cpu = current_cpu();
    if (spreads_ && worker != 0) leave_cpu_of_caller(own);
}

// Linux wakes a thread on the CPU of the one that wakes it when no other is idle, and leaves it there: a worker
// that spins then keeps the caller from running. It moves to any other CPU that it may use.
inline void ParallelLoop::leave_cpu_of_caller([[maybe_unused]] Lane& lane) noexcept {
#if defined(__linux__)
    constexpr std::int32_t kLoops = 4, kPause = 64;
    if (lane.times.cpu != caller_cpu_ || lane.pinned >= 0) {
        lane.shared_cpu = 0;
    } else if (++lane.shared_cpu >= kLoops) {
        lane.shared_cpu = -kPause;
        cpu_set_t all, others;
        if (sched_getaffinity(0, sizeof(all), &all) != 0 || CPU_COUNT(&all) < 2) return;
        others = all;
        CPU_CLR(static_cast<unsigned>(caller_cpu_), &others);
        if (sched_setaffinity(0, sizeof(others), &others) == 0) sched_setaffinity(0, sizeof(all), &all);
    }
#endif
}

}  // namespace nes::env
