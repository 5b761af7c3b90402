from libc.stdint cimport uint32_t


cdef extern from "env/thread_pool.hpp" namespace "nes::env":
    ctypedef void (*Work "nes::env::ThreadPool::Work")(void* context, uint32_t worker) noexcept nogil

    cdef cppclass ThreadPool:
        ThreadPool(uint32_t workers) except +
        void run(Work work, void* context) noexcept nogil


cdef bint in_forked_child() noexcept nogil


cdef class Workers:
    cdef readonly int count
    cdef ThreadPool* pool  # NULL: one thread, or OpenMP's
    cdef void run(self, Work work, void* context) noexcept nogil
