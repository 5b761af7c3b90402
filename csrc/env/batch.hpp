// Many environments of one ROM and the work that a team of threads shares.
//
// The team itself belongs to the caller: each of its members calls `work` once, at the same time or in turns, and returns
// when there is no more to do.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <vector>

#include "env/environment.hpp"

namespace nes::env {

/// The batch's arrays, a row for each environment that takes part; null where nobody wants one.
struct Arrays {
    std::uint8_t* image = nullptr;  // rows x stack x planes x height x width, or channels last
    std::uint8_t* index = nullptr;
    std::uint8_t* ram = nullptr;
    std::uint8_t* final_image = nullptr;  // written for rows whose episode ended, in the mode same_step
    std::uint8_t* final_index = nullptr;
    std::uint8_t* final_ram = nullptr;
    double* reward = nullptr;
    std::uint8_t* terminated = nullptr;
    std::uint8_t* truncated = nullptr;
    std::uint8_t* life_lost = nullptr;
    std::int64_t* values = nullptr;  // rows x variables
    std::int64_t* final_values = nullptr;
    std::uint8_t* began = nullptr;
};

/// What a worker did, for those who tune. Times in nanoseconds.
struct WorkerTimes {
    std::uint64_t busy = 0;
    std::uint64_t jobs = 0;
    std::uint64_t environments = 0;
    std::int32_t cpu = -1;  // where it ran last; -1 where the system does not tell
};

class Batch {
  public:
    /// Only reserves memory; consoles are built by `work` after `begin_build`. Throws std::bad_alloc.
    Batch(std::shared_ptr<const Rom> rom, const Options& options, std::shared_ptr<const SharedConfig> config,
          std::size_t count, std::uint32_t workers);
    ~Batch();
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    std::size_t size() const noexcept { return count_; }
    std::uint32_t workers() const noexcept { return workers_; }
    Environment& environment(std::size_t index) noexcept { return *storage(index); }
    /// The consoles' memory: one every memory_stride() bytes.
    std::uint8_t* memory() noexcept { return memory_.get(); }
    std::size_t memory_stride() const noexcept { return memory_stride_; }

    /// The worker that will step an environment builds it, so that its memory is near.
    void begin_build() noexcept;
    /// Throws what building threw.
    void finish_build();

    /// For all environments. `mask`: which begin an episode, the others only show themselves again; null for all.
    /// `starts`: where each begins, Environment::kAnyStart to choose. `whole`: begin the game anew even where only a life was
    /// lost. All pointers stay valid until the work is done.
    void begin_reset(const std::uint8_t* mask, const std::uint32_t* starts, bool whole, const Arrays& arrays) noexcept;
    /// `environments`: which take part, row by row; null for all. `buttons`: rows x ports. `only_show`: rows whose
    /// episode has just begun and that are not stepped; null for none.
    void begin_step(const std::uint32_t* environments, std::size_t rows, const std::uint8_t* buttons,
                    const std::uint8_t* only_show, const Arrays& arrays) noexcept;
    /// Writes the pictures of all, 240 x 256 x 3 each.
    void begin_render(std::uint8_t* out) noexcept;

    /// `cpu` >= 0: run there meanwhile, where the system can do that.
    void work(std::uint32_t worker, std::int32_t cpu = -1) noexcept;

    /// The first row that was refused, or size() when none was.
    std::size_t first_refused(Status& status) const noexcept;

    void measure(bool on) noexcept { measures_ = on; }
    const WorkerTimes& times(std::uint32_t worker) const noexcept { return lanes_[worker].times; }
    void clear_times() noexcept;
    Scratch& scratch(std::uint32_t worker) noexcept { return *lanes_[worker].scratch; }

  private:
    enum class Kind : std::uint8_t { build, reset, step, render };

    // A worker's share of the rows; whoever is done helps the others. Each on a cache line of its own.
    struct alignas(64) Lane {
        std::atomic<std::size_t> next{0};
        std::size_t end = 0;
        std::unique_ptr<Scratch> scratch;
        std::exception_ptr error;
        WorkerTimes times;
    };

    struct Free {
        void operator()(std::uint8_t* p) const noexcept { ::operator delete(p, std::align_val_t{64}); }
    };
    using Memory = std::unique_ptr<std::uint8_t, Free>;

    Environment* storage(std::size_t index) noexcept {
        return std::launder(reinterpret_cast<Environment*>(environments_memory_.get() + index * kEnvironmentStride));
    }
    void share(Kind kind, std::size_t rows) noexcept;
    void run(std::size_t row, Lane& lane) noexcept;
    void build(std::size_t index, Lane& lane) noexcept;
    OutputRow output_row(std::size_t row) const noexcept;

    static constexpr std::size_t kEnvironmentStride = (sizeof(Environment) + 63) / 64 * 64;

    std::shared_ptr<const Rom> rom_;
    Options options_;
    std::shared_ptr<const SharedConfig> config_;
    std::size_t count_;
    std::uint32_t workers_;
    std::size_t memory_stride_;
    Memory memory_;
    Memory environments_memory_;
    std::vector<std::uint8_t> built_;
    std::vector<Lane> lanes_;
    std::vector<Status> statuses_;
    bool measures_ = false;

    Kind kind_ = Kind::build;
    std::size_t rows_ = 0;
    const std::uint32_t* environments_ = nullptr;
    const std::uint8_t* mask_ = nullptr;
    const std::uint32_t* starts_ = nullptr;
    const std::uint8_t* buttons_ = nullptr;
    const std::uint8_t* only_show_ = nullptr;
    std::uint8_t* pictures_ = nullptr;
    bool whole_ = false;
    Arrays arrays_;
};

}  // namespace nes::env
