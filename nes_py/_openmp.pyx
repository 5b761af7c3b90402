"""OpenMP support of the build, and the number of threads of a batch."""

import math
import os

from cython.parallel cimport prange
from libc.stdint cimport uint32_t

cdef extern from *:
    """
    #ifdef _OPENMP
    static const int nes_built_with_openmp = 1;
    #else
    static const int nes_built_with_openmp = 0;
    #endif
    """
    const int nes_built_with_openmp

#: Whether the package was built with OpenMP. Without it the threads of a batch always sleep while they wait.
openmp_enabled = bool(nes_built_with_openmp)

# More threads than any machine has CPUs; OpenMP ends the process if it cannot start one.
cdef enum:
    LARGEST_TEAM = 1024

cdef bint _forked = False


def _after_fork():
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


cdef bint in_forked_child() noexcept nogil:
    return _forked


def forked_child():
    """Return whether this process is a fork of one that had imported this module.

    The threads of the parent do not exist in a forked child, and GNU OpenMP would wait for them forever.
    So a forked child runs its batches in one thread. A child started with the
    multiprocessing start method "spawn" or "forkserver" has no such limit.
    """
    return bool(_forked)


def _count_from_environment(name):
    """Return the number in an environment variable, None if it has none."""
    # OMP_NUM_THREADS may hold one number per nesting level ("4,2"); the first is ours.
    text = os.environ.get(name, "").split(",")[0].strip()
    return int(text) if text.isdecimal() and int(text) > 0 else None


def _quota_of_file(folder):
    """Return the CPU quota of one cgroup directory, None if it sets no limit."""
    try:
        with open(os.path.join(folder, "cpu.max")) as file:  # version 2: "max 100000" or "150000 100000"
            quota, period = file.read().split()
        return int(quota) / int(period) if quota != "max" else None
    except (OSError, ValueError):
        pass
    try:
        with open(os.path.join(folder, "cpu.cfs_quota_us")) as file:  # version 1: -1 is no limit
            quota = int(file.read())
        with open(os.path.join(folder, "cpu.cfs_period_us")) as file:
            period = int(file.read())
        return quota / period if quota > 0 and period > 0 else None
    except (OSError, ValueError):
        return None


def _cgroup_folders(root="/sys/fs/cgroup", table="/proc/self/cgroup"):
    """Yield the cgroup directories of this process, from the innermost outwards."""
    try:
        with open(table) as file:
            lines = file.read().splitlines()
    except OSError:
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        names = controllers.split(",")
        if controllers and "cpu" not in names:
            continue
        base = os.path.join(root, controllers) if controllers else root
        parts = [part for part in path.split("/") if part and part != ".."]
        for depth in range(len(parts), -1, -1):
            yield os.path.join(base, *parts[:depth])


def _container_quota(root="/sys/fs/cgroup", table="/proc/self/cgroup"):
    """Return the smallest CPU quota of this process's containers, None without one."""
    quotas = [quota for quota in map(_quota_of_file, _cgroup_folders(root, table)) if quota is not None]
    return min(quotas) if quotas else None


def available_cpus():
    """Return how many CPUs this process may use: its affinity mask, limited by its container's quota."""
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    quota = _container_quota()
    return count if quota is None else max(1, min(count, math.ceil(quota)))


def max_threads():
    """Return the default number of threads of a batch.

    It is the first of these that is set: ``OMP_NUM_THREADS``, ``SLURM_CPUS_PER_TASK``, the number of
    CPUs this process may use (affinity mask and container quota). It is 1 in a forked child.
    """
    if _forked:
        return 1
    for name in ("OMP_NUM_THREADS", "SLURM_CPUS_PER_TASK"):
        count = _count_from_environment(name)
        if count is not None:
            return count
    return available_cpus()


def effective_threads(num_threads, work):
    """Return how many threads to use for ``work`` equal pieces of work.

    Args:
        num_threads: the caller's argument, None for ``max_threads()``.
        work: the number of pieces; the result is never larger.

    Raises:
        TypeError: ``num_threads`` is neither None nor an integer.
        ValueError: ``num_threads`` is less than 1 or more than 1024.
    """
    if num_threads is None:
        count = max_threads()
    else:
        if isinstance(num_threads, bool) or not hasattr(num_threads, "__index__"):
            raise TypeError(f"num_threads must be an integer or None, not {num_threads!r}")
        count = num_threads.__index__()
        if not 1 <= count <= LARGEST_TEAM:
            raise ValueError(f"num_threads must be in 1..{LARGEST_TEAM}, not {count}")
        if _forked:
            count = 1
    return max(1, min(count, work, LARGEST_TEAM))


cdef class Workers:
    """The threads that share the rows of a loop; the one that begins the loop is the first of them.

    Args:
        count (int): number of threads, at least 1. One is the caller alone: no OpenMP and no other thread is used.
        waiting (str): what they do between two loops: ``"passive"``: sleep; ``"spin"``: use OpenMP's threads, which
            spin for a while and so start sooner. Without OpenMP all are passive.
        cpus (Iterable[int]): the CPUs to run them on, -1 for any; of those that are missing: any.

    Raises:
        ValueError: ``waiting`` is neither.
        RuntimeError: the system cannot create more threads.
    """

    def __cinit__(self, int count, str waiting, cpus=()):
        cdef int worker
        if waiting not in ("passive", "spin"):
            raise ValueError(f"waiting must be 'passive' or 'spin', not {waiting!r}")
        self.count = count
        self.pool = NULL
        self.loop = new ParallelLoop(<uint32_t>count)
        for worker, cpu in zip(range(count), cpus):
            self.loop.pin(worker, cpu)
        if count > 1 and (waiting == "passive" or not openmp_enabled):
            try:
                self.pool = new ThreadPool(<uint32_t>count)
            except RuntimeError as error:
                raise RuntimeError(
                    f"the system cannot create {count} threads ({error}); num_threads= reduces the number"
                ) from None

    def __dealloc__(self):
        # The threads do not exist in a forked child, and no one can wait for them there.
        if not in_forked_child():
            del self.pool
        del self.loop

    cdef void run(self, Task task, void* context, size_t rows, bint helps) noexcept nogil:
        """Call ``task`` for each of the rows; ``helps`` as for ``ParallelLoop.begin``."""
        cdef int worker
        self.loop.begin(task, context, rows, helps)
        if self.count == 1:
            self.loop.work(0)
        elif in_forked_child():
            for worker in range(self.count):
                self.loop.work(worker)
        elif self.pool != NULL:
            self.pool.run(work, self.loop)
        else:
            # Each worker steps its own rows first and then helps the others.
            for worker in prange(self.count, schedule="static", chunksize=1, num_threads=self.count):
                self.loop.work(worker)

    def times(self):
        """Return busy nanoseconds, loops, rows and the last CPU of each worker."""
        cdef WorkerTimes times
        cdef int worker
        table = []
        for worker in range(self.count):
            times = self.loop.times(worker)
            table.append((times.busy, times.loops, times.rows, times.cpu))
        return table

    def clear_times(self):
        """Begin to count anew."""
        self.loop.clear_times()


cdef void work(void* loop, uint32_t worker) noexcept nogil:
    (<ParallelLoop*>loop).work(worker)
