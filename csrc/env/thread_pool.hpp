// Threads that sleep between two pieces of work. All in this header, so that a module can have them without the core.
//
// OpenMP's own threads spin for milliseconds after each loop unless an environment variable was set before the library was
// loaded, which is not ours to set: they take the CPU from whoever trains, and from each other on a shared machine.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>
#include <vector>

namespace nes::env {

class ThreadPool {
  public:
    // Must not throw; Cython cannot write that into the type.
    using Work = void (*)(void* context, std::uint32_t worker);

    /// The caller of `run` is the first of the workers. Throws std::system_error when a thread cannot be had.
    explicit ThreadPool(std::uint32_t workers);
    /// Not in a process that was forked since: its threads do not exist there.
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;

    /// Lets each worker call `work` once, all at the same time, and returns when all have.
    void run(Work work, void* context) noexcept;

  private:
    void serve(std::uint32_t worker) noexcept;
    void stop() noexcept;

    std::mutex mutex_;
    std::condition_variable begun_;
    std::condition_variable done_;
    std::uint64_t round_ = 0;
    std::uint32_t busy_ = 0;
    bool stops_ = false;
    Work work_ = nullptr;
    void* context_ = nullptr;
    std::vector<std::thread> threads_;
};

inline ThreadPool::ThreadPool(std::uint32_t workers) {
    threads_.reserve(workers);
    try {
        for (std::uint32_t worker = 1; worker < workers; ++worker)
            threads_.emplace_back([this, worker] { serve(worker); });
    } catch (...) {
        stop();
        throw;
    }
}

inline ThreadPool::~ThreadPool() { stop(); }

inline void ThreadPool::stop() noexcept {
    {
        const std::lock_guard lock(mutex_);
        stops_ = true;
    }
    begun_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

inline void ThreadPool::run(Work work, void* context) noexcept {
    {
        const std::lock_guard lock(mutex_);
        work_ = work;
        context_ = context;
        busy_ = static_cast<std::uint32_t>(threads_.size());
        ++round_;
    }
    begun_.notify_all();
    work(context, 0);
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return busy_ == 0; });
}

inline void ThreadPool::serve(std::uint32_t worker) noexcept {
    std::uint64_t seen = 0;
    std::unique_lock lock(mutex_);
    for (;;) {
        begun_.wait(lock, [&] { return stops_ || round_ != seen; });
        if (stops_) return;
        seen = round_;
        lock.unlock();
        work_(context_, worker);
        lock.lock();
        if (--busy_ == 0) done_.notify_one();
    }
}

}  // namespace nes::env
