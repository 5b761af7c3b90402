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

    /// Runs `worker` on this CPU while it works, where the system can do that; -1: anywhere.
    void pin(std::uint32_t worker, std::int32_t cpu) noexcept { lanes_[worker].pinned = cpu; }

    /// Shares `rows` out. `helps`: a worker that is done takes rows of the others; without it a row always belongs to the
    /// same worker, as in the loop that decides where memory lies.
    void begin(Task task, void* context, std::size_t rows, bool helps) noexcept {
        task_ = task;
        context_ = context;
        helps_ = helps;
        const std::size_t count = lanes_.size();
        for (std::size_t i = 0; i < count; ++i) {
            lanes_[i].next.store(rows * i / count, std::memory_order_relaxed);
            lanes_[i].end = rows * (i + 1) / count;
        }
    }

    /// Does the worker's share, then what others have not begun.
    void work(std::uint32_t worker) noexcept;

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
        WorkerTimes times;
    };

    static std::uint64_t now() noexcept {
        const auto since = std::chrono::steady_clock::now().time_since_epoch();
        return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
    }

    Task task_ = nullptr;
    void* context_ = nullptr;
    bool helps_ = true;
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
    const std::size_t count = lanes_.size();
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
    own.times.busy += now() - begin;
    own.times.rows += rows;
    ++own.times.loops;
#if defined(__linux__)
    own.times.cpu = sched_getcpu();
#endif
}

}  // namespace nes::env
