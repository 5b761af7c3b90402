from nes_py._parallel cimport ParallelLoop


cdef void run(ParallelLoop* loop, int workers) noexcept nogil
cdef void set_blocktime(int milliseconds) noexcept nogil
