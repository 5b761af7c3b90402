#include "team.hpp"

namespace nes::env {

Team::Team(std::uint32_t workers) {
    threads_.reserve(workers);
    try {
        for (std::uint32_t worker = 1; worker < workers; ++worker)
            threads_.emplace_back([this, worker] { serve(worker); });
    } catch (...) {
        stop();
        throw;
    }
}

Team::~Team() { stop(); }

void Team::stop() noexcept {
    {
        const std::lock_guard lock(mutex_);
        stops_ = true;
    }
    begun_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void Team::run(Work work, void* context) noexcept {
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

void Team::serve(std::uint32_t worker) noexcept {
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
