// Many environments of one ROM. A Job describes an operation on them; a ParallelLoop distributes its rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <new>
#include <vector>

#include "base/export.hpp"
#include "env/environment.hpp"

namespace nes::env {

class Batch;

/// One thing that is asked of the environments of a batch, row by row. All pointers stay valid until it is done.
struct Job {
    enum class Kind : std::uint8_t {
        build,   // construct them; for all
        reset,   // begin episodes; for all
        step,    // for `environments`
        render,  // write pictures; for all
    };

    Batch* batch = nullptr;
    Kind kind = Kind::build;
    std::size_t rows = 0;
    Arrays arrays;  // reset, step

    // reset
    const std::uint8_t* mask = nullptr;     // which begin an episode, the others only show themselves again; null: all
    const std::uint32_t* starts = nullptr;  // where each begins, Environment::kAnyStart to choose; null: all choose
    bool whole = true;                      // begin the game anew even where only a life was lost

    // step
    const std::uint32_t* environments = nullptr;  // which take part; null: all, in their order
    const std::uint8_t* buttons = nullptr;        // rows x ports
    const std::uint8_t* only_show = nullptr;  // rows whose episode has just begun and that are not stepped; null: none
    std::uint8_t* undo = nullptr;  // where each row is saved before, Environment::whole_size() bytes; null: nowhere

    Interruption* interruption = nullptr;  // stops it, with some rows in the middle of their step; null: nothing does

    // render
    std::uint8_t* pictures = nullptr;  // rows x 240 x 256 x 3
};

class NES_PY_API Batch {
  public:
    /// Only reserves memory; a job of the kind build makes the consoles. Throws std::bad_alloc.
    Batch(std::shared_ptr<const Rom> rom, const Options& options, std::shared_ptr<const SharedConfig> config,
          std::size_t count, std::uint32_t workers);
    ~Batch();
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    std::size_t size() const noexcept { return count_; }
    Environment& environment(std::size_t index) noexcept { return *storage(index); }
    /// The consoles' memory: one every memory_stride() bytes.
    std::uint8_t* memory() noexcept { return memory_.get(); }
    std::size_t memory_stride() const noexcept { return memory_stride_; }

    /// A job of all environments.
    Job job(Job::Kind kind) noexcept {
        Job job;
        job.batch = this;
        job.kind = kind;
        job.rows = count_;
        return job;
    }
    /// One row of a Job: the task of a ParallelLoop. The worker that will step an environment builds it, so that its
    /// memory is near: nobody helps with a job of the kind build, and all workers take part in it.
    static void run(void* job, std::size_t row, std::uint32_t worker) noexcept;

    /// Throws what building threw.
    void check_built();
    /// The first row of the last job that was refused, or size() when none was.
    std::size_t first_refused(const Job& job, Status& status) const noexcept;

    /// Whether a row of the last job, a step that may have been stopped, has changed.
    bool was_stepped(std::size_t row) const noexcept { return statuses_[row] != Status::not_run; }

    Scratch& scratch(std::uint32_t worker) noexcept { return *workers_[worker].scratch; }

  private:
    struct alignas(64) Worker {
        std::unique_ptr<Scratch> scratch;
        std::exception_ptr error;
    };

    struct Free {
        void operator()(std::uint8_t* p) const noexcept { ::operator delete(p, std::align_val_t{64}); }
    };
    using Memory = std::unique_ptr<std::uint8_t, Free>;

    Environment* storage(std::size_t index) noexcept {
        return std::launder(reinterpret_cast<Environment*>(environments_memory_.get() + index * kEnvironmentStride));
    }
    void build(std::size_t index, Worker& worker) noexcept;
    Status reset(const Job& job, std::size_t row, Scratch& scratch) noexcept;
    Status step(const Job& job, std::size_t row, Scratch& scratch) noexcept;

    static constexpr std::size_t kEnvironmentStride = (sizeof(Environment) + 63) / 64 * 64;

    std::shared_ptr<const Rom> rom_;
    Options options_;
    std::shared_ptr<const SharedConfig> config_;
    std::size_t count_;
    std::size_t memory_stride_;
    Memory memory_;
    Memory environments_memory_;
    std::vector<std::uint8_t> built_;
    std::vector<Worker> workers_;
    std::vector<Status> statuses_;
};

}  // namespace nes::env
