// The loop that several threads share, the thread pool, and the choice of how many threads a loop pays for.
//
// ThreadSanitizer runs this too. It does not see how OpenMP's threads wait for each other, so threads that are started
// and joined for each loop stand in for OpenMP here.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "check.hpp"
#include "env/parallel_loop.hpp"
#include "env/thread_pool.hpp"
#include "env/worker_tuner.hpp"

namespace {

using namespace nes::env;
using namespace std::chrono_literals;

// Rows that nobody may run twice, and memory that is not atomic, so that a missing wait is a race.
struct Table {
    explicit Table(std::size_t rows) : counts(rows), workers(rows) {}
    std::vector<int> counts;
    std::vector<std::uint32_t> workers;

    static void count(void* table, std::size_t row, std::uint32_t worker) {
        auto& self = *static_cast<Table*>(table);
        ++self.counts[row];
        self.workers[row] = worker;
    }
};

void work(void* loop, std::uint32_t worker) { static_cast<ParallelLoop*>(loop)->work(worker); }

using Engine = std::function<void(ParallelLoop&, std::uint32_t)>;

void every_row_once(const std::string& name, const Engine& run) {
    for (const std::size_t rows : {1u, 2u, 7u, 64u}) {
        check::context = name + ", " + std::to_string(rows) + " rows";
        ParallelLoop loop(8);
        loop.spread(true);
        Table table(rows);
        for (int round = 1; round <= 60; ++round) {
            // The number of workers changes from loop to loop.
            const auto workers = static_cast<std::uint32_t>(round % 8 + 1);
            loop.begin(Table::count, &table, rows, workers, round % 3 != 0);
            run(loop, workers);
            CHECK_EQ(std::count(table.counts.begin(), table.counts.end(), round), static_cast<std::ptrdiff_t>(rows));
            for (const std::uint32_t worker : table.workers) CHECK(worker < workers);
        }
        std::uint64_t done = 0;
        for (std::uint32_t worker = 0; worker < 8; ++worker) done += loop.times(worker).rows;
        CHECK_EQ(done, 60 * rows);
        loop.clear_times();
        CHECK_EQ(loop.times(0).loops, 0u);
    }
}

void engines() {
    every_row_once("in turns", [](ParallelLoop& loop, std::uint32_t workers) {
        for (std::uint32_t worker = 0; worker < workers; ++worker) loop.work(worker);
    });
    every_row_once("a thread for each", [](ParallelLoop& loop, std::uint32_t workers) {
        std::vector<std::thread> threads;
        for (std::uint32_t worker = 1; worker < workers; ++worker)
            threads.emplace_back([&loop, worker] { loop.work(worker); });
        loop.work(0);
        for (std::thread& thread : threads) thread.join();
    });
    for (const std::chrono::nanoseconds spin : {0ns, 50'000ns, 10'000'000ns}) {
        ThreadPool pool(8, spin);
        every_row_once("a pool that spins " + std::to_string(spin.count()) + " ns",
                       [&pool](ParallelLoop& loop, std::uint32_t workers) { pool.run(work, &loop, workers); });
    }
}

void rows_stay_with_their_worker() {
    check::context = "rows stay with their worker";
    ThreadPool pool(4, 0ns);
    ParallelLoop loop(4);
    Table table(10);
    for (int round = 0; round < 20; ++round) {
        loop.begin(Table::count, &table, 10, 4, false);
        pool.run(work, &loop, 4);
        for (std::size_t row = 0; row < 10; ++row) {
            const std::uint32_t worker = table.workers[row];
            CHECK(row >= 10 * worker / 4 && row < 10 * (worker + 1) / 4);
        }
    }
}

// Between two loops nothing happens for longer than threads spin, or almost nothing.
void pool_sleeps_and_wakes() {
    check::context = "the pool sleeps and wakes";
    for (const std::chrono::nanoseconds spin : {0ns, 20'000ns}) {
        ThreadPool pool(5, spin);
        ParallelLoop loop(5);
        Table table(5);
        for (int round = 1; round <= 300; ++round) {
            loop.begin(Table::count, &table, 5, 5, true);
            pool.run(work, &loop, 5);
            CHECK_EQ(std::accumulate(table.counts.begin(), table.counts.end(), 0), 5 * round);
            if (round % 30 == 0) std::this_thread::sleep_for(300us);
            if (round % 7 == 0) std::this_thread::sleep_for(10us);
        }
    }
}

void pools_come_and_go() {
    check::context = "pools come and go";
    for (std::uint32_t workers = 1; workers < 40; ++workers) {
        const std::unique_ptr<ThreadPool> pool(
            ThreadPool::create(workers, std::chrono::nanoseconds(workers % 3 * 1000)));
        CHECK(pool != nullptr);
        if (workers % 2 == 0) continue;  // it ends before it has done anything
        ParallelLoop loop(workers);
        Table table(100);
        loop.begin(Table::count, &table, 100, workers, true);
        pool->run(work, &loop, workers);
        CHECK_EQ(std::accumulate(table.counts.begin(), table.counts.end(), 0), 100);
    }
}

// A machine in which a loop costs `serial` nanoseconds of work and `overhead` for each thread but the first.
struct Machine {
    double serial;
    double overhead;
    std::uint32_t workers = 1;
    double now() const { return serial / workers + overhead * (workers - 1); }
    std::uint64_t busy() const { return static_cast<std::uint64_t>(serial); }
};

std::uint32_t settled(WorkerTuner& tuner, double serial, double overhead) {
    std::vector<std::uint32_t> chosen;
    for (int loop = 0; loop < 4000; ++loop) {
        Machine machine{serial, overhead, tuner.workers()};
        chosen.push_back(machine.workers);
        tuner.record(machine.now(), machine, 1.0);
    }
    // What it uses most of the time; now and then it tries another number.
    std::sort(chosen.begin() + 2000, chosen.end());
    return chosen[3000];
}

void tuner() {
    check::context = "tuner";
    const auto fresh = [](std::uint32_t most, double serial, double overhead) {
        WorkerTuner tuner(most);
        return settled(tuner, serial, overhead);
    };
    CHECK_EQ(fresh(1, 1e6, 1e3), 1u);
    CHECK_EQ(fresh(2, 1e6, 1e3), 2u);
    CHECK_EQ(fresh(2, 20e3, 60e3), 1u);
    CHECK_EQ(fresh(2, 20e3, 2e3), 2u);
    CHECK_EQ(fresh(64, 64e6, 100.0), 64u);
    CHECK_EQ(fresh(64, 100e3, 100e3), 1u);
    CHECK_EQ(fresh(64, 100e3, 1e3), 8u);  // 8: 19.5 us, 16: 21.3 us
    // It follows when that changes, in both directions.
    WorkerTuner tuner(2);
    CHECK_EQ(settled(tuner, 1e6, 1e3), 2u);
    CHECK_EQ(settled(tuner, 20e3, 60e3), 1u);
    CHECK_EQ(settled(tuner, 20e3, 1e3), 2u);
}

}  // namespace

int main() {
    engines();
    rows_stay_with_their_worker();
    pool_sleeps_and_wakes();
    pools_come_and_go();
    tuner();
    return check::result();
}
