from libc.stdint cimport uint32_t


cdef extern from "env/team.hpp" namespace "nes::env":
    ctypedef void (*Work "nes::env::Team::Work")(void* context, uint32_t worker) noexcept nogil

    cdef cppclass Team:
        Team(uint32_t workers) except +
        void run(Work work, void* context) noexcept nogil


cdef bint in_forked_child() noexcept nogil


cdef class Workers:
    cdef readonly int count
    cdef Team* team  # NULL: one thread, or OpenMP's
    cdef void run(self, Work work, void* context) noexcept nogil
