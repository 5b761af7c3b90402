// Threads that wait for work: a short spin, then sleep. All in this header, so that a module can have them without the core.
//
// What runs a batch where OpenMP cannot: in a build without it and in a forked child; and where OpenMP has one way to
// wait for the whole process and the batch asks for another. No lock is shared: each worker waits on a word of its own,
// is woken by another worker (a tree, so that the caller wakes a few only), and arrives at a counter.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <thread>
#include <vector>

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif
#if defined(__x86_64__) || defined(__i386__) || defined(_M_X64) || defined(_M_IX86)
#include <immintrin.h>
#endif

namespace nes::env {

/// Tells the CPU that this is a loop that waits.
inline void pause_cpu() noexcept {
#if defined(__x86_64__) || defined(__i386__) || defined(_M_X64) || defined(_M_IX86)
    _mm_pause();
#elif defined(__aarch64__) || defined(__arm__)
    asm volatile("yield" ::: "memory");
#else
    std::atomic_signal_fence(std::memory_order_seq_cst);
#endif
}

class ThreadPool {
  public:
    // Must not throw; Cython cannot write that into the type.
    using Work = void (*)(void* context, std::uint32_t worker);

    /// The caller of `run` is the first of the workers. `spin`: how long a thread looks for work, or for the end of it,
    /// before it sleeps. Throws std::system_error when a thread cannot be had.
    ThreadPool(std::uint32_t workers, std::chrono::nanoseconds spin);
    /// Not in a process that was forked since: its threads do not exist there.
    ~ThreadPool() { stop(); }
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    /// A new one, or null where the system has no threads or memory left.
    static ThreadPool* create(std::uint32_t workers, std::chrono::nanoseconds spin) noexcept {
        try {
            return new ThreadPool(workers, spin);
        } catch (const std::exception&) {
            return nullptr;
        }
    }

    /// Lets the first `workers` call `work` once, all at the same time, and returns when all have.
    void run(Work work, void* context, std::uint32_t workers) noexcept;

  private:
    // The lowest bit says that who waits for the word to change is asleep; the rest counts.
    static constexpr std::uint32_t kAsleep = 1;
    static constexpr std::uint32_t kOne = 2;
    static constexpr std::uint32_t kChildren = 4;  // that each worker wakes

    // A cache line of its own, so that nobody else is disturbed.
    struct alignas(64) Word {
        std::atomic<std::uint32_t> value{0};
    };

    static void sleep(std::atomic<std::uint32_t>& word, std::uint32_t value) noexcept;
    static void wake(std::atomic<std::uint32_t>& word) noexcept;
    template <class Condition>
    bool spin(Condition condition) const noexcept;
    void serve(std::uint32_t worker) noexcept;
    void wake_children(std::uint32_t worker, std::uint32_t workers) noexcept;
    std::uint32_t wait_for_work(Word& word, std::uint32_t seen) const noexcept;
    void wait_for_all() noexcept;
    void stop() noexcept;

    std::chrono::nanoseconds spin_;
    std::vector<Word> begun_;  // changes when the worker is to begin
    Word left_;                // workers that have not arrived
    Work work_ = nullptr;      // null: the threads end
    void* context_ = nullptr;
    std::uint32_t workers_ = 0;  // that take part
    std::vector<std::thread> threads_;
};

inline ThreadPool::ThreadPool(std::uint32_t workers, std::chrono::nanoseconds spin) : spin_(spin), begun_(workers) {
    threads_.reserve(workers);
    try {
        for (std::uint32_t worker = 1; worker < workers; ++worker)
            threads_.emplace_back([this, worker] { serve(worker); });
    } catch (...) {
        stop();
        throw;
    }
}

inline void ThreadPool::stop() noexcept {
    work_ = nullptr;
    workers_ = static_cast<std::uint32_t>(threads_.size()) + 1;
    wake_children(0, workers_);
    for (std::thread& thread : threads_) thread.join();
}

inline void ThreadPool::run(Work work, void* context, std::uint32_t workers) noexcept {
    work_ = work;
    context_ = context;
    workers_ = workers;
    left_.value.store((workers - 1) * kOne, std::memory_order_relaxed);
    wake_children(0, workers);  // what was written above is seen by whoever is woken
    work(context, 0);
    wait_for_all();
}

inline void ThreadPool::serve(std::uint32_t worker) noexcept {
    Word& word = begun_[worker];
    for (std::uint32_t seen = 0;;) {
        seen = wait_for_work(word, seen);
        const Work work = work_;
        wake_children(worker, workers_);
        if (!work) return;
        work(context_, worker);
        const std::uint32_t before = left_.value.fetch_sub(kOne, std::memory_order_acq_rel);
        if (before == (kOne | kAsleep)) wake(left_.value);
    }
}

inline void ThreadPool::wake_children(std::uint32_t worker, std::uint32_t workers) noexcept {
    for (std::uint32_t child = worker * kChildren + 1; child <= worker * kChildren + kChildren; ++child) {
        if (child >= workers) return;
        std::atomic<std::uint32_t>& word = begun_[child].value;
        // Only the worker itself marks the word in between, and only one that has arrived is given work.
        const std::uint32_t next = (word.load(std::memory_order_relaxed) & ~kAsleep) + kOne;
        if (word.exchange(next, std::memory_order_acq_rel) & kAsleep) wake(word);
    }
}

inline std::uint32_t ThreadPool::wait_for_work(Word& word, std::uint32_t seen) const noexcept {
    std::atomic<std::uint32_t>& value = word.value;
    const auto changed = [&] { return (value.load(std::memory_order_acquire) & ~kAsleep) != seen; };
    if (!spin(changed)) {
        std::uint32_t expected = seen;
        if (value.compare_exchange_strong(expected, seen | kAsleep, std::memory_order_acquire)) {
            while (!changed()) sleep(value, seen | kAsleep);
        }
    }
    return value.load(std::memory_order_acquire);
}

inline void ThreadPool::wait_for_all() noexcept {
    std::atomic<std::uint32_t>& left = left_.value;
    if (spin([&] { return left.load(std::memory_order_acquire) == 0; })) return;
    std::uint32_t now = left.fetch_or(kAsleep, std::memory_order_acq_rel) | kAsleep;
    while (now != kAsleep) {
        sleep(left, now);
        now = left.load(std::memory_order_acquire);
    }
}

template <class Condition>
bool ThreadPool::spin(Condition condition) const noexcept {
    if (condition()) return true;
    if (spin_.count() <= 0) return false;
    const auto end = std::chrono::steady_clock::now() + spin_;
    do {
        for (int turn = 0; turn < 16; ++turn) {
            pause_cpu();
            if (condition()) return true;
        }
    } while (std::chrono::steady_clock::now() < end);
    return false;
}

// Returns when the word may have changed.
inline void ThreadPool::sleep(std::atomic<std::uint32_t>& word, std::uint32_t value) noexcept {
#if defined(SYS_futex)
    syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, nullptr, nullptr, 0);
#else
    word.wait(value, std::memory_order_acquire);
#endif
}

inline void ThreadPool::wake(std::atomic<std::uint32_t>& word) noexcept {
#if defined(SYS_futex)
    syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
#else
    word.notify_one();
#endif
}

}  // namespace nes::env
