"""The OpenMP loop that steps a batch, and which library of OpenMP runs it.

Only this module is linked with OpenMP. ``nes_py._openmp`` imports it, and so decides how OpenMP's threads wait: GNU's
library reads that from the environment once, when it is loaded.
"""

from cython.parallel cimport prange

from nes_py._parallel cimport ParallelLoop

cdef extern from *:
    """
    #ifdef _OPENMP
    static const int nes_built_with_openmp = 1;
    #else
    static const int nes_built_with_openmp = 0;
    #endif

    typedef void (*nes_set_blocktime)(int);

    #if defined(_OPENMP) && (defined(__linux__) || defined(__APPLE__))
    #include <dlfcn.h>
    #include <omp.h>

    /* The library whose threads run the loop: another one may have been loaded first and have the same symbols. */
    static const char* nes_openmp_library(void) {
        Dl_info info;
        return dladdr((void*)&omp_get_max_threads, &info) && info.dli_fname ? info.dli_fname : "";
    }

    /* LLVM's and Intel's: how long threads spin after a loop, milliseconds. */
    static nes_set_blocktime nes_find_blocktime(void) {
        void* handle = dlopen(nes_openmp_library(), RTLD_LAZY | RTLD_NOLOAD);
        return handle ? (nes_set_blocktime)dlsym(handle, "kmp_set_blocktime") : 0;
    }
    #else
    static const char* nes_openmp_library(void) { return ""; }
    static nes_set_blocktime nes_find_blocktime(void) { return 0; }
    #endif
    """
    const int nes_built_with_openmp
    const char* nes_openmp_library() noexcept
    ctypedef void (*SetBlocktime "nes_set_blocktime")(int milliseconds) noexcept nogil
    SetBlocktime nes_find_blocktime() noexcept

#: Whether the package was built with OpenMP.
openmp_enabled = bool(nes_built_with_openmp)

#: The path of the library whose threads run the loop; empty where the system does not tell.
library = nes_openmp_library().decode(errors="replace")

cdef SetBlocktime _set_blocktime = nes_find_blocktime()

#: Whether it is LLVM's or Intel's library, which lets each caller say how long threads spin.
is_llvm = _set_blocktime != NULL


cdef void set_blocktime(int milliseconds) noexcept nogil:
    if _set_blocktime != NULL:
        _set_blocktime(milliseconds)


cdef void run(ParallelLoop* loop, int workers) noexcept nogil:
    cdef int worker
    # Each worker steps its own rows first and then helps the others.
    for worker in prange(workers, schedule="static", chunksize=1, num_threads=workers):
        loop.work(worker)
