#include "env/batch.hpp"

#include <chrono>

#if defined(__linux__)
#include <sched.h>
#endif

namespace nes::env {

namespace {

// Runs the calling thread on one CPU for as long as this lives. A hint: where it cannot be done nothing happens.
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

std::int32_t current_cpu() noexcept {
#if defined(__linux__)
    return sched_getcpu();
#else
    return -1;
#endif
}

std::uint64_t now() noexcept {
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
            .count());
}

}  // namespace

Batch::Batch(std::shared_ptr<const Rom> rom, const Options& options, std::shared_ptr<const SharedConfig> config,
             std::size_t count, std::uint32_t workers)
    : rom_(std::move(rom)),
      options_(options),
      config_(std::move(config)),
      count_(count),
      workers_(workers),
      // An odd number of cache lines: the same field of all consoles would otherwise share a few sets of the cache.
      memory_stride_((Console::memory_size(*rom_, options_) / 64 | 1) * 64),
      built_(count),
      lanes_(workers),
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

void Batch::share(Kind kind, std::size_t rows) noexcept {
    kind_ = kind;
    rows_ = rows;
    for (std::uint32_t i = 0; i < workers_; ++i) {
        lanes_[i].next.store(rows * i / workers_, std::memory_order_relaxed);
        lanes_[i].end = rows * (i + 1) / workers_;
    }
}

void Batch::begin_build() noexcept { share(Kind::build, count_); }

void Batch::finish_build() {
    for (Lane& lane : lanes_) {
        if (lane.error) std::rethrow_exception(lane.error);
    }
}

void Batch::begin_reset(const std::uint8_t* mask, const std::uint32_t* starts, bool whole,
                        const Arrays& arrays) noexcept {
    environments_ = nullptr;
    mask_ = mask;
    starts_ = starts;
    whole_ = whole;
    arrays_ = arrays;
    share(Kind::reset, count_);
}

void Batch::begin_step(const std::uint32_t* environments, std::size_t rows, const std::uint8_t* buttons,
                       const std::uint8_t* only_show, const Arrays& arrays) noexcept {
    environments_ = environments;
    buttons_ = buttons;
    only_show_ = only_show;
    arrays_ = arrays;
    share(Kind::step, rows);
}

void Batch::begin_render(std::uint8_t* out) noexcept {
    environments_ = nullptr;
    pictures_ = out;
    share(Kind::render, count_);
}

void Batch::work(std::uint32_t worker, std::int32_t cpu) noexcept {
    const Pin pin(cpu);
    Lane& own = lanes_[worker];
    const std::uint64_t begin = measures_ ? now() : 0;
    for (std::uint32_t offset = 0; offset < workers_; ++offset) {
        Lane& lane = lanes_[(worker + offset) % workers_];
        // Building is not shared out again: it decides where memory lies.
        if (offset > 0 && kind_ == Kind::build) break;
        for (;;) {
            const std::size_t row = lane.next.fetch_add(1, std::memory_order_relaxed);
            if (row >= lane.end) break;
            run(row, own);
            if (measures_) ++own.times.environments;
        }
    }
    if (measures_) {
        own.times.busy += now() - begin;
        own.times.cpu = current_cpu();
        ++own.times.jobs;
    }
}

void Batch::run(std::size_t row, Lane& lane) noexcept {
    if (kind_ == Kind::build) return build(row, lane);
    Environment& environment = *storage(environments_ ? environments_[row] : row);
    if (kind_ == Kind::render) {
        environment.console().write_rgb(pictures_ + row * (Console::kWidth * Console::kHeight * 3));
        return;
    }
    const OutputRow places = output_row(row);
    Status status = Status::ok;
    if (kind_ == Kind::reset) {
        if (!mask_ || mask_[row]) {
            environment.reset(starts_ ? starts_[row] : Environment::kAnyStart, whole_, places, *lane.scratch);
        } else {
            environment.show(places, false);
        }
    } else if (only_show_ && only_show_[row]) {
        environment.show(places, true);
    } else {
        status = environment.step(buttons_ + row * config_->options.ports, places, *lane.scratch);
    }
    statuses_[row] = status;
}

void Batch::build(std::size_t index, Lane& lane) noexcept {
    if (lane.error) return;
    try {
        new (environments_memory_.get() + index * kEnvironmentStride)
            Environment(*config_, rom_, options_, memory_.get() + index * memory_stride_);
        built_[index] = 1;
        if (!lane.scratch) lane.scratch = std::make_unique<Scratch>(*config_, storage(index)->console().machine_size());
    } catch (...) {
        lane.error = std::current_exception();
    }
}

OutputRow Batch::output_row(std::size_t row) const noexcept {
    const auto place = [row](auto* array, std::size_t size) { return array ? array + row * size : nullptr; };
    const std::size_t stack = config_->options.stack;
    const std::size_t image = config_->image.size() * stack, index = config_->index.size() * stack;
    const std::size_t values = config_->rules.variables.size();
    OutputRow output;
    output.image = place(arrays_.image, image);
    output.index = place(arrays_.index, index);
    output.ram = place(arrays_.ram, Console::kRamSize);
    output.final_image = place(arrays_.final_image, image);
    output.final_index = place(arrays_.final_index, index);
    output.final_ram = place(arrays_.final_ram, Console::kRamSize);
    output.reward = place(arrays_.reward, 1);
    output.terminated = place(arrays_.terminated, 1);
    output.truncated = place(arrays_.truncated, 1);
    output.life_lost = place(arrays_.life_lost, 1);
    output.values = place(arrays_.values, values);
    output.final_values = place(arrays_.final_values, values);
    output.began = place(arrays_.began, 1);
    return output;
}

std::size_t Batch::first_refused(Status& status) const noexcept {
    for (std::size_t row = 0; row < rows_; ++row) {
        if (statuses_[row] != Status::ok) {
            status = statuses_[row];
            return row;
        }
    }
    return count_;
}

void Batch::clear_times() noexcept {
    for (Lane& lane : lanes_) lane.times = {};
}

}  // namespace nes::env
