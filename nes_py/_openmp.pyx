"""The threads of a batch: how many, which ones, and how they wait."""

import math
import os

from cpython.pycapsule cimport PyCapsule_GetName, PyCapsule_GetPointer
from libc.stdint cimport uint32_t, uint64_t

from nes_py._parallel cimport (
    ParallelLoop,
    Task,
    ThreadPool,
    WorkerTimes,
    WorkerTuner,
    create_pool,
    nanoseconds,
    now,
    pause_cpu,
)

from nes_py.errors import shown

cdef extern from *:
    """
    static volatile unsigned nes_forks = 0;
    #if defined(_WIN32)
    static void nes_count_forks(void) {}
    #else
    #include <pthread.h>
    static void nes_forked(void) { nes_forks = nes_forks + 1; }
    static void nes_count_forks(void) { pthread_atfork(NULL, NULL, nes_forked); }
    #endif
    """
    unsigned nes_forks
    void nes_count_forks() noexcept

cdef enum:
    # OpenMP ends the process when it cannot start a thread, so a mistake is found here.
    LARGEST_TEAM = 1024
    # Nanoseconds that a thread looks for work before it sleeps. "auto": longer than Python takes between two steps
    # without a learner, too short to be missed by one.
    AUTO_SPIN = 50_000
    ACTIVE_SPIN = 10_000_000

WAIT_POLICIES = ("auto", "active", "passive")

nes_count_forks()


# --- OpenMP ---


cdef long spins_in(double duration) noexcept:
    """Return how many turns of a loop that waits take so many nanoseconds."""
    cdef uint64_t begin
    cdef double best = 1e9
    cdef int _round, _turn
    for _round in range(3):
        begin = now()
        for _turn in range(500):
            pause_cpu()
        best = min(best, <double>(now() - begin) / 500)
    return <long>(duration / max(best, 0.1))


def _mapped_libraries():
    try:
        with open("/proc/self/maps") as file:
            return file.read()
    except OSError:
        return ""


def _load_openmp():
    """Import the module that is linked with OpenMP.

    GNU's library reads the variable ``GOMP_SPINCOUNT`` once, when it is loaded. Without it, idle threads spin for
    milliseconds and take the CPU from a learner. So it is set here, unless the user has set it or ``OMP_WAIT_POLICY``.
    It has no effect if another module loaded the library before. It is removed again, so that child processes do not
    inherit it.

    Returns:
        tuple: the module, and who decided how the threads wait: ``"nes_py"``, ``"user"`` or ``"other"``.
    """
    told = any(name in os.environ for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "KMP_BLOCKTIME"))
    before = _mapped_libraries()
    if not told:
        os.environ["GOMP_SPINCOUNT"] = str(spins_in(AUTO_SPIN))
    try:
        from nes_py import _prange
    finally:
        if not told:
            del os.environ["GOMP_SPINCOUNT"]
    if told:
        return _prange, "user"
    if _prange.is_llvm:
        return _prange, "nes_py"
    return _prange, "other" if _prange.library and os.path.realpath(_prange.library) in before else "nes_py"


_prange, _decided_by = _load_openmp()

#: Whether the package was built with OpenMP. Without it a batch is stepped by threads of the project's own.
openmp_enabled = _prange.openmp_enabled

cdef void* function_of(str name) except NULL:
    # Not by cimport, which would import the module before the environment is set.
    capsule = _prange.__pyx_capi__[name]
    return PyCapsule_GetPointer(capsule, PyCapsule_GetName(capsule))

cdef void (*run_prange)(ParallelLoop* loop, int workers) noexcept nogil
cdef void (*set_blocktime)(int milliseconds) noexcept nogil
run_prange = <void (*)(ParallelLoop*, int) noexcept nogil>function_of("run")
set_blocktime = <void (*)(int) noexcept nogil>function_of("set_blocktime")


def openmp_facts():
    """Return what runs OpenMP's loops and how its threads wait, a dict of strings.

    Returns:
        dict: ``library``: the path of the library, ``decided_by``: who said how its threads wait: ``"nes_py"``, the
            ``"user"`` with a variable such as ``OMP_WAIT_POLICY``, or ``"other"``: a module that loaded it before.
    """
    return {"library": _prange.library, "decided_by": _decided_by}


def forked_child():
    """Return whether this process is a fork of one that had imported this module.

    The threads of the parent do not exist in a forked child, and GNU OpenMP would wait for them forever.
    So a forked child never enters OpenMP; its batches use the project's own thread pool.
    """
    return nes_forks != 0


_forced_engine = None
_tunes = True


def _use_engine(name=None, tunes=True):
    """For tests and benchmarks: choose the engine of all ``Workers`` constructed from now on.

    Args:
        name (str | None): ``"openmp"`` or ``"threads"``; None: the usual choice.
        tunes (bool): False: always use all threads, even for short loops and with more threads than CPUs.
    """
    global _forced_engine, _tunes
    _forced_engine, _tunes = name, tunes


def wait_policy_of(wait_policy, waiting=None):
    """Return a wait policy that was given by its name, or by the old name ``waiting``.

    Raises:
        ValueError: there is no such policy, or the two contradict each other.
    """
    if wait_policy not in WAIT_POLICIES:
        raise ValueError(f"wait_policy must be 'auto', 'active' or 'passive', not {shown(wait_policy)}")
    if waiting is None:
        return wait_policy
    policy = "active" if waiting == "spin" else waiting
    if policy not in WAIT_POLICIES:
        raise ValueError(f"waiting must be 'passive' or 'spin', not {shown(waiting)}")
    if wait_policy not in ("auto", policy):
        raise ValueError(f"waiting={waiting!r} contradicts wait_policy={wait_policy!r}: it is the old name, omit it")
    return policy


def _engine_of(count, wait_policy):
    """Return what runs a loop: ``"single"``, ``"openmp"`` or ``"threads"``."""
    if count == 1:
        return "single"
    if not openmp_enabled or forked_child():
        return "threads"
    if _forced_engine is not None:
        return _forced_engine
    # GNU's threads wait in the same way in the whole process, LLVM's as each loop asks for.
    if wait_policy == "auto" or _prange.is_llvm or os.environ.get("OMP_WAIT_POLICY", "").lower() == wait_policy:
        return "openmp"
    return "threads"


# --- how many ---


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
    CPUs this process may use (affinity mask and container quota).
    """
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
            raise TypeError(f"num_threads must be an integer or None, not {shown(num_threads)}")
        count = num_threads.__index__()
        if not 1 <= count <= LARGEST_TEAM:
            raise ValueError(f"num_threads must be in 1..{LARGEST_TEAM}, not {shown(count)}")
    return max(1, min(count, work, LARGEST_TEAM))


# --- the threads ---


cdef class Workers:
    """The threads that share the rows of a loop; the one that begins the loop is the first of them.

    No more of them run at a time than there are CPUs, and fewer where the loops are too short for more.

    Args:
        count (int): number of threads, at least 1. One is the caller alone: no OpenMP and no other thread is used.
        wait_policy (str): what they do between two loops: ``"auto"``: spin for about 50 microseconds, then sleep;
            ``"active"``: spin for up to 10 milliseconds; ``"passive"``: sleep at once.
        cpus (Iterable[int]): the CPUs to run them on, -1 for any; of those that are missing: any.

    Attributes:
        count (int): how many.
        engine (str): what runs the loops: ``"openmp"``; ``"threads"``: the project's own thread pool; ``"single"``: the
            caller alone.

    Raises:
        ValueError: there is no such policy.
        RuntimeError: the system cannot create more threads.
    """

    def __cinit__(self, int count, str wait_policy, cpus=()):
        cdef int worker
        wait_policy_of(wait_policy)
        self.count = count
        self.most = max(1, min(count, available_cpus())) if _tunes else count
        self.tunes = _tunes
        self.engine = _engine_of(self.most, wait_policy)
        self.uses_openmp = self.engine == "openmp"
        self.spin = {"auto": AUTO_SPIN, "active": ACTIVE_SPIN, "passive": 0}[wait_policy]
        self.blocktime = self.spin // 1_000_000 if _prange.is_llvm and _decided_by != "user" else -1
        self.pool = NULL
        self.forks = nes_forks
        self.loop = new ParallelLoop(<uint32_t>count)
        self.loop.spread(wait_policy != "passive")
        self.tuner = new WorkerTuner(<uint32_t>self.most)
        for worker, cpu in zip(range(count), cpus):
            self.loop.pin(worker, cpu)
        if self.most > 1:
            try:
                self.pool = new ThreadPool(<uint32_t>self.most, nanoseconds(self.spin))
            except RuntimeError as error:
                raise RuntimeError(
                    f"the system cannot create {count} threads ({error}); num_threads= reduces the number"
                ) from None
            if self.uses_openmp:
                # It ends the process when it cannot start a thread: now we know that it can.
                del self.pool
                self.pool = NULL

    def __dealloc__(self):
        # The threads do not exist in a forked child, and no one can wait for them there.
        if self.forks == nes_forks:
            del self.pool
        del self.tuner
        del self.loop

    cdef ThreadPool* own_pool(self) noexcept nogil:
        """Return a pool whose threads are of this process; NULL where the system has no threads."""
        if self.forks != nes_forks:
            self.forks = nes_forks
            self.pool = create_pool(<uint32_t>self.most, nanoseconds(self.spin))
        return self.pool

    cdef void run(self, Task task, void* context, size_t rows, double units, bint helps=True) noexcept nogil:
        """Call ``task`` for each of the rows.

        ``units``: how much there is to do in all, in any unit that stays the same for this object; 0: it is not known,
        and all threads take part. ``helps``: as for ``ParallelLoop.begin``.
        """
        cdef uint32_t workers = <uint32_t>self.most if units <= 0 or not self.tunes else self.tuner.workers()
        cdef bint measured = units > 0 and self.tunes and workers <= rows
        cdef uint64_t begun = now()
        cdef ThreadPool* pool
        cdef uint32_t worker
        if workers > rows:
            workers = <uint32_t>rows if rows > 0 else 1
        self.loop.begin(task, context, rows, workers, helps)
        if workers == 1:
            self.loop.work(0)
        elif self.uses_openmp and nes_forks == 0:
            if self.blocktime >= 0:
                set_blocktime(self.blocktime)
            run_prange(self.loop, <int>workers)
        else:
            pool = self.own_pool()
            if pool != NULL:
                pool.run(work, self.loop, workers)
            else:
                for worker in range(workers):
                    self.loop.work(worker)
        if measured:
            self.tuner.record(<double>(now() - begun), self.loop[0], units)

    @property
    def active(self):
        """How many threads the next loop of measured work will use."""
        return self.tuner.workers()

    def time_empty_loops(self, int loops, double gap=0.0):
        """For benchmarks: return what a loop without work takes, ``gap`` seconds after the one before, in seconds."""
        cdef int _loop
        cdef uint64_t begun, end
        cdef uint64_t wall = 0
        cdef uint64_t pause = <uint64_t>(gap * 1e9)
        with nogil:
            for _loop in range(loops):
                begun = now()
                self.run(do_nothing, NULL, self.count, 0)
                end = now()
                wall += end - begun
                while now() - end < pause:
                    pause_cpu()
        return wall / 1e9 / loops

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


cdef void do_nothing(void* context, size_t row, uint32_t worker) noexcept nogil:
    pass
