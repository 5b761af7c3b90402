from libc.stddef cimport size_t

from nes_py._parallel cimport ParallelLoop, Task, ThreadPool, WorkerTuner


cdef class Workers:
    cdef readonly int count
    cdef readonly str engine
    cdef int most  # workers that run at a time
    cdef int blocktime  # milliseconds; -1: not LLVM's OpenMP
    cdef bint uses_openmp
    cdef bint tunes
    cdef long spin  # nanoseconds
    cdef ParallelLoop* loop
    cdef WorkerTuner* tuner
    cdef ThreadPool* pool  # NULL: none is needed, or there are no threads
    cdef unsigned forks  # of this process when the pool was made
    cdef ThreadPool* own_pool(self) noexcept nogil
    cdef void run(self, Task task, void* context, size_t rows, double units, bint helps=*) noexcept nogil
