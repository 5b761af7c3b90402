from libc.stddef cimport size_t
from libc.stdint cimport int32_t, uint32_t, uint64_t
from libcpp cimport bool as cbool


cdef extern from "env/parallel_loop.hpp" namespace "nes::env":
    ctypedef void (*Task "nes::env::ParallelLoop::Task")(void* context, size_t row, uint32_t worker) noexcept nogil

    cdef cppclass WorkerTimes:
        uint64_t busy
        uint64_t loops
        uint64_t rows
        int32_t cpu

    cdef cppclass ParallelLoop:
        ParallelLoop(uint32_t workers) except +
        void pin(uint32_t worker, int32_t cpu) noexcept nogil
        void begin(Task task, void* context, size_t rows, cbool helps) noexcept nogil
        void work(uint32_t worker) noexcept nogil
        const WorkerTimes& times(uint32_t worker) noexcept nogil
        void clear_times() noexcept nogil


cdef extern from "env/thread_pool.hpp" namespace "nes::env":
    ctypedef void (*Work "nes::env::ThreadPool::Work")(void* context, uint32_t worker) noexcept nogil

    cdef cppclass ThreadPool:
        ThreadPool(uint32_t workers) except +
        void run(Work work, void* context) noexcept nogil


cdef bint in_forked_child() noexcept nogil


cdef class Workers:
    cdef readonly int count
    cdef ParallelLoop* loop
    cdef ThreadPool* pool  # NULL: one thread, or OpenMP's
    cdef void run(self, Task task, void* context, size_t rows, bint helps) noexcept nogil
