# The loop that several threads share and the threads of the project's own, as Cython sees them: csrc/env.

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libcpp cimport bool as cbool


cdef extern from "<chrono>" namespace "std::chrono" nogil:
    cdef cppclass nanoseconds:
        nanoseconds(int64_t count)


cdef extern from "env/parallel_loop.hpp" namespace "nes::env":
    ctypedef void (*Task "nes::env::ParallelLoop::Task")(void* context, size_t row, uint32_t worker) noexcept nogil

    cdef cppclass WorkerTimes:
        uint64_t busy
        uint64_t loops
        uint64_t rows
        int32_t cpu

    cdef cppclass ParallelLoop:
        ParallelLoop(uint32_t workers) except +
        void spread(cbool on) noexcept nogil
        void pin(uint32_t worker, int32_t cpu) noexcept nogil
        void begin(Task task, void* context, size_t rows, uint32_t workers, cbool helps) noexcept nogil
        void work(uint32_t worker) noexcept nogil
        const WorkerTimes& times(uint32_t worker) noexcept nogil
        void clear_times() noexcept nogil

    uint64_t now "nes::env::ParallelLoop::now"() noexcept nogil


cdef extern from "env/worker_tuner.hpp" namespace "nes::env":
    cdef cppclass WorkerTuner:
        WorkerTuner(uint32_t most) except +
        uint32_t workers() noexcept nogil
        void record(double wall, const ParallelLoop& loop, double units) noexcept nogil


cdef extern from "env/thread_pool.hpp" namespace "nes::env":
    ctypedef void (*Work "nes::env::ThreadPool::Work")(void* context, uint32_t worker) noexcept nogil

    cdef cppclass ThreadPool:
        ThreadPool(uint32_t workers, nanoseconds spin) except +
        void run(Work work, void* context, uint32_t workers) noexcept nogil

    ThreadPool* create_pool "nes::env::ThreadPool::create"(uint32_t workers, nanoseconds spin) noexcept nogil
    void pause_cpu() noexcept nogil
