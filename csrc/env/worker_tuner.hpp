// How many workers a loop pays for. A loop of a few microseconds is done before another thread is awake; how long that
// takes depends on the machine, on what else it does and on the time between two loops, so it is tried out.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace nes::env {

/// Decides between all workers, half of them, a quarter ... and one, by the time that loops took. Results do not depend
/// on it.
class WorkerTuner {
  public:
    explicit WorkerTuner(std::uint32_t most) : most_(most), chosen_(most) {}

    /// For the next loop.
    std::uint32_t workers() const noexcept { return chosen_; }

    /// What a loop took with that many, in nanoseconds. `units`: how much there was to do, in any unit that stays the
    /// same. `loop.busy()`: nanoseconds that all its workers worked.
    template <class Loop>
    void record(double wall, const Loop& loop, double units) noexcept;

  private:
    static constexpr int kWindow = 8;     // loops that are measured together
    static constexpr int kSkipped = 2;    // after a change: threads may still sleep
    static constexpr int kWarmUp = 8;     // caches, pages, clocks
    static constexpr int kFirstWait = 4;  // windows until a neighbour is tried
    static constexpr int kLongestWait = 64;
    static constexpr double kGain = 0.95;     // a change must pay
    static constexpr double kShortest = 5e3;  // nanoseconds; no thread begins sooner

    void finish_window(double cost) noexcept;
    void try_neighbour() noexcept;
    void choose(std::uint32_t workers) noexcept {
        chosen_ = workers;
        skipped_ = kSkipped;
        filled_ = 0;
    }

    std::uint32_t most_;
    std::uint32_t chosen_;
    std::uint32_t home_ = 0;      // where to return to from a trial; 0: none is going on
    double cost_ = 0.0;           // of a unit, with the usual number
    bool last_was_more_ = false;  // the last trial was of more workers
    int skipped_ = kWarmUp;
    int wait_ = kFirstWait, left_ = 1;
    int filled_ = 0;
    std::array<double, kWindow> window_{};
    double wall_ = 0.0, busy_ = 0.0;  // of the window before a decision
};

template <class Loop>
void WorkerTuner::record(double wall, const Loop& loop, double units) noexcept {
    if (most_ == 1 || units <= 0.0) return;
    if (skipped_ > 0) {
        --skipped_;
        return;
    }
    if (home_ == 0 && left_ == 1) {
        if (filled_ == 0) wall_ = busy_ = 0.0;
        wall_ += wall;
        busy_ += static_cast<double>(loop.busy());
    }
    window_[static_cast<std::size_t>(filled_)] = wall / units;
    if (++filled_ < kWindow) return;
    filled_ = 0;
    // The lower quartile: what else the machine does makes loops longer, never shorter.
    const auto quartile = window_.begin() + kWindow / 4;
    std::nth_element(window_.begin(), quartile, window_.end());
    finish_window(*quartile);
}

inline void WorkerTuner::finish_window(double cost) noexcept {
    if (home_ != 0) {
        if (cost < kGain * cost_) {
            cost_ = cost;
            left_ = wait_ = kFirstWait;
        } else {
            left_ = wait_ = std::min(2 * wait_, kLongestWait);
            choose(home_);
        }
        home_ = 0;
        return;
    }
    cost_ = cost_ == 0.0 ? cost : (cost_ + cost) / 2;
    if (--left_ > 0) return;
    left_ = wait_;
    try_neighbour();
}

inline void WorkerTuner::try_neighbour() noexcept {
    // Half of them cannot be faster unless more is lost to waking and waiting than each worker works; somewhat earlier,
    // because a worker that shares its CPU seems to work longer.
    const double share = busy_ / chosen_;
    const bool fewer = chosen_ > 1 && wall_ - share > share / 2;
    const bool more = chosen_ < most_ && wall_ > kShortest * kWindow;
    if (!fewer && !more) return;
    last_was_more_ = more && (!fewer || !last_was_more_);
    home_ = chosen_;
    choose(last_was_more_ ? std::min(most_, chosen_ * 2) : (chosen_ + 1) / 2);
}

}  // namespace nes::env
