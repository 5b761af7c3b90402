#include "env/batch.hpp"

#include <algorithm>

namespace nes::env {

Batch::Batch(std::shared_ptr<const Rom> rom, const Options& options, std::shared_ptr<const SharedConfig> config,
             std::size_t count, std::uint32_t workers)
    : rom_(std::move(rom)),
      options_(options),
      config_(std::move(config)),
      count_(count),
      // An odd number of cache lines: the same field of all consoles would otherwise share a few sets of the cache.
      memory_stride_((Console::memory_size(*rom_, options_) / 64 | 1) * 64),
      built_(count),
      workers_(workers),
      statuses_(count) {
    while (memory_stride_ < Console::memory_size(*rom_, options_)) memory_stride_ += 128;
    memory_.reset(static_cast<std::uint8_t*>(::operator new(count * memory_stride_, std::align_val_t{64})));
    environments_memory_.reset(
        static_cast<std::uint8_t*>(::operator new(count * kEnvironmentStride, std::align_val_t{64})));
}

Batch::~Batch() {
    for (std::size_t i = 0; i < count_; ++i) {
        if (built_[i]) storage(i)->~Environment();
    }
}

void Batch::run(void* context, std::size_t row, std::uint32_t worker) noexcept {
    const Job& job = *static_cast<const Job*>(context);
    Batch& batch = *job.batch;
    switch (job.kind) {
        case Job::Kind::build: return batch.build(row, batch.workers_[worker]);
        case Job::Kind::reset: batch.statuses_[row] = batch.reset(job, row, batch.scratch(worker)); return;
        case Job::Kind::step: {
            Scratch& scratch = batch.scratch(worker);
            scratch.interruption = job.interruption;
            scratch.asks = worker == 0;
            batch.statuses_[row] = scratch.stopped() ? Status::not_run : batch.step(job, row, scratch);
            scratch.interruption = nullptr;
            return;
        }
        case Job::Kind::render:
            batch.environment(row).console().write_rgb(job.pictures + row * (Console::kWidth * Console::kHeight * 3));
            return;
    }
}

void Batch::build(std::size_t index, Worker& worker) noexcept {
    if (worker.error) return;
    try {
        new (environments_memory_.get() + index * kEnvironmentStride)
            Environment(*config_, rom_, options_, memory_.get() + index * memory_stride_);
        built_[index] = 1;
        if (!worker.scratch) {
            worker.scratch = std::make_unique<Scratch>(*config_, storage(index)->console().machine_size());
        }
    } catch (...) {
        worker.error = std::current_exception();
    }
}

void Batch::check_built() {
    for (Worker& worker : workers_) {
        if (worker.error) std::rethrow_exception(worker.error);
    }
}

Status Batch::reset(const Job& job, std::size_t row, Scratch& scratch) noexcept {
    const OutputRow output = job.arrays.row(*config_, row);
    if (!job.mask || job.mask[row]) {
        environment(row).reset(job.starts ? job.starts[row] : Environment::kAnyStart, job.whole, output, scratch);
        environment(row).console().drop_audio();
    } else {
        environment(row).show(output, false);
    }
    return Status::ok;
}

Status Batch::step(const Job& job, std::size_t row, Scratch& scratch) noexcept {
    Environment& stepped = environment(job.environments ? job.environments[row] : row);
    const OutputRow output = job.arrays.row(*config_, row);
    if (job.undo) stepped.save_whole(job.undo + row * stepped.whole_size());
    if (!job.only_show || !job.only_show[row]) {
        return stepped.step(job.buttons + row * config_->options.ports, output, scratch);
    }
    stepped.show(output, true);
    return Status::ok;
}

std::size_t Batch::first_refused(const Job& job, Status& status) const noexcept {
    const auto begin = statuses_.begin(), end = begin + static_cast<std::ptrdiff_t>(job.rows);
    const auto refused = std::find_if(begin, end, [](Status each) { return each != Status::ok; });
    if (refused == end) return count_;
    status = *refused;
    return static_cast<std::size_t>(refused - begin);
}

}  // namespace nes::env
