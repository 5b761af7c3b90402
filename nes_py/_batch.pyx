"""Many emulators of one ROM, stepped together by several threads.

They have no rewards and no episodes. The vector environments, which have both, use the same loop.
"""

import numpy as np

from nes_py._openmp import effective_threads, wait_policy_of
from nes_py.devices import DEVICES
from nes_py.errors import shown

cimport cython
from cpython.exc cimport PyErr_CheckSignals
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcmp, memcpy
from libcpp.vector cimport vector

from nes_py._console cimport Console
from nes_py._openmp cimport Workers
from nes_py.emulator cimport Ahead, BusyFlag, BusyGuard, Machine, NESEmulator, OutputBuffer, output_buffer

cdef enum:
    RAM_SIZE = 2048
    # About 80 GB. More is a mistake, and the system would rather kill the process than refuse the memory.
    LARGEST_BATCH = 1 << 20
    # Frames of all emulators together that one thread runs between two checks for Ctrl-C.
    FRAMES_WITHOUT_SIGNAL_CHECK = 100
    PICTURE_SIZE = 240 * 256 * 3
    PORTS = 4  # input bytes of each console, used or not


cdef struct Job:
    # What a step asks of each console.
    Console** consoles
    const uint8_t* chosen
    const uint8_t* buttons  # ports for each console
    uint8_t** targets  # addresses of the pictures, NULL for none
    Py_ssize_t ports
    uint32_t frames  # 0: only the pictures
    bint last  # whether they include the call's last frame
    bint render


cdef struct StepTask:
    # The next step of one console, run on a copy of it.
    Console* console
    Console* copy
    BusyFlag* claim
    uint8_t* before
    uint8_t* target  # address of the picture, NULL for none
    uint8_t ports[PORTS]
    bint chosen


def _rebuild(emulators, num_threads, wait_policy):
    """Unpickle a batch."""
    return Batch.of(emulators, num_threads, wait_policy=wait_policy)


cdef class Batch:
    """Several emulators of one ROM.

    A batch can be pickled and deep-copied: the copy has its own consoles in the same state and its own threads.

    The results depend neither on the number of threads nor on the position of an emulator in the batch.

    Args:
        rom (str | os.PathLike | bytes | bytearray | memoryview): see ``NESEmulator``.
        count (int): number of emulators, 1 to 2**20.
        num_threads (int | None): number of threads that step them, at most ``count``. None: ``OMP_NUM_THREADS``, else
            ``SLURM_CPUS_PER_TASK``, else the CPUs available to this process. A single thread never enters OpenMP.
        wait_policy (str): what threads do between steps: ``"auto"``: spin for about 50 microseconds, then sleep;
            ``"active"``: spin for up to 10 milliseconds; ``"passive"``: sleep at once.
        waiting (str | None): the old name of ``wait_policy``: ``"passive"``, or ``"spin"`` for ``"active"``.
        **options: passed to each ``NESEmulator``: ``policy``, ``ram_fill``, ``seed``, ``region``,
            ``device``, ``cheats``, ``console``.

    Attributes:
        emulators (tuple[NESEmulator, ...]): the emulators, for their views and states. The batch continues to step
            the machine of a closed one.
        num_threads (int): number of threads that step them.
        engine (str): what runs the steps: ``"openmp"``; ``"threads"``: the project's own; ``"single"``: one thread.
    """

    cdef readonly tuple emulators
    cdef readonly int num_threads
    cdef Workers workers
    cdef str wait_policy
    cdef list machines
    cdef Py_ssize_t inputs  # input bytes that all of the emulators have
    cdef vector[Console*] consoles

    def __init__(self, rom, count, num_threads=None, *, wait_policy="auto", waiting=None, **options):
        if not hasattr(count, "__index__"):
            raise TypeError(f"count must be an integer, not {shown(count)}")
        count = count.__index__()
        if not 1 <= count <= LARGEST_BATCH:
            raise ValueError(f"count must be in 1..{LARGEST_BATCH}, not {shown(count)}")
        threads = effective_threads(num_threads, count)
        first = NESEmulator(rom, **options)
        # By its contents from here on: a file that changes meanwhile must not result in a mixed batch.
        content = (<NESEmulator>first).open_machine().rom.content
        emulators = [first]
        emulators.extend(NESEmulator(content, **first.options) for _ in range(count - 1))
        machines = [(<NESEmulator>emulator).open_machine() for emulator in emulators]
        self.take(tuple(emulators), machines, threads, wait_policy_of(wait_policy, waiting))

    @staticmethod
    def of(emulators, num_threads=None, *, wait_policy="auto", waiting=None):
        """Return a batch of existing emulators, which may have different ROMs.

        Args:
            emulators (Sequence[NESEmulator]): at least one, without duplicates.
            num_threads (int | None): see ``Batch``.
            wait_policy (str): see ``Batch``.
            waiting (str | None): see ``Batch``.

        Raises:
            TypeError: one is not an ``NESEmulator``.
            ValueError: the list is empty or has duplicates, or an emulator is closed.
        """
        cdef Batch batch = Batch.__new__(Batch)
        members = tuple(emulators)
        if not members:
            raise ValueError("a batch needs at least one emulator")
        machines = []
        for emulator in members:
            if not isinstance(emulator, NESEmulator):
                raise TypeError(f"a batch is made of NESEmulator, not {type(emulator).__name__}")
            machine = (<NESEmulator>emulator).idle_machine()
            if any(machine is other for other in machines):
                raise ValueError("an emulator is in the batch twice")
            machines.append(machine)
        threads = effective_threads(num_threads, len(members))
        batch.take(members, machines, threads, wait_policy_of(wait_policy, waiting))
        return batch

    cdef int take(self, tuple emulators, list machines, int threads, str wait_policy) except -1:
        """Become a batch of these, or change nothing."""
        cdef vector[Console*] consoles
        cdef Workers workers = Workers(threads, wait_policy)
        for machine in machines:
            consoles.push_back((<Machine>machine).console)
        cdef Py_ssize_t inputs = min(DEVICES[emulator.options["device"]].inputs for emulator in emulators)
        with cython.critical_section(self):
            # Another thread, or a conversion of an argument, may have come first.
            if self.machines is not None:
                raise RuntimeError("the batch is already initialized")
            self.inputs = inputs
            self.consoles.swap(consoles)
            self.num_threads = threads
            self.wait_policy = wait_policy
            self.workers = workers
            self.emulators = emulators
            self.machines = machines
        return 0

    cdef int check(self) except -1:
        if self.machines is None:
            raise RuntimeError("the batch has no emulators: its __init__ was not called or failed")
        return 0

    def __len__(self):
        self.check()
        return len(self.emulators)

    def __reduce__(self):
        self.check()
        return _rebuild, (self.emulators, self.num_threads, self.wait_policy)

    @property
    def engine(self):  # noqa: D102, described with the class's attributes
        self.check()
        return self.workers.engine

    cdef int claim(self) except -1:
        """Mark all machines as in use, or none of them."""
        cdef Machine machine
        cdef Machine other
        self.check()
        for machine in self.machines:
            if machine.take():
                continue
            for other in self.machines:
                if other is machine:
                    break
                other.claim.release()
            raise RuntimeError("an emulator of the batch is being stepped by another thread")
        return 0

    cdef int release(self) except -1:
        cdef Machine machine
        for machine in self.machines:
            machine.claim.release()
        return 0

    cdef void share_out(self, Job* job) noexcept:
        """Run a job on the threads; the emulators are claimed."""
        cdef double units = 0
        cdef size_t index
        job.consoles = self.consoles.data()
        for index in range(self.consoles.size()):
            units += job.chosen[index] * job.frames
        with nogil:
            # Frames differ in cost, and a thread that shares its CPU with others is late: who is done helps.
            self.workers.run(run_row, job, self.consoles.size(), units)

    def step(self, actions, frames=1, bint render=True, mask=None, output=None):
        """Hold buttons and run every emulator for some frames. The GIL is released.

        Args:
            actions (numpy.ndarray): uint8, one row per emulator: (count,) for controller 0, or (count, n) for the
                first n of ``NESEmulator.controller``, 2 or as many as the device has.
            frames (int): number of frames for which the buttons are held, at least 1. Ctrl-C interrupts a long run,
                with all emulators at the same frame.
            render (bool): whether to draw the last of them.
            mask (numpy.ndarray | None): bool (count,): which emulators to run; None: all.
            output (numpy.ndarray | None): a C-contiguous, writable uint8 array (count, 240, 256, 3) for the pictures
                of the emulators that run.

        Raises:
            TypeError: ``actions`` or ``output`` is not uint8, or ``mask`` not bool.
            ValueError: an array has another shape, ``output`` is not contiguous or is read-only, or ``frames`` is out
                of range.
            RuntimeError: another thread is stepping one of the emulators.
        """
        self.check()
        actions = np.asarray(actions)
        cdef Py_ssize_t count = len(self.machines)
        if actions.dtype != np.uint8:
            raise TypeError(f"actions must have dtype uint8, not {actions.dtype}")
        cdef Py_ssize_t inputs = self.inputs
        if actions.shape != (count,) and actions.shape not in [(count, n) for n in range(2, inputs + 1)]:
            raise ValueError(
                f"actions must have shape ({count},) or ({count}, n), n in 2..{inputs}, not {actions.shape}"
            )
        if not hasattr(frames, "__index__"):
            raise TypeError(f"frames must be an integer, not {shown(frames)}")
        frames = frames.__index__()
        if not 1 <= frames < 2**31:
            raise ValueError(f"frames must be in 1..2**31 - 1, not {shown(frames)}")
        if mask is not None and (getattr(mask, "dtype", None) != np.bool_ or mask.shape != (count,)):
            raise TypeError(f"mask must be a bool array of shape ({count},)")
        cdef OutputBuffer pictures = None
        if output is not None:
            pictures = output_buffer(output, (count, 240, 256, 3), "B", "output")
        # A copy: the caller's array may overlap `output` or be modified by another thread.
        cdef const uint8_t[:, ::1] buttons = np.array(actions, order="C").reshape(count, -1)
        cdef vector[uint8_t] chosen
        cdef vector[uint8_t*] targets
        cdef Py_ssize_t ports = buttons.shape[1]
        cdef uint32_t left = frames
        cdef uint32_t turn
        cdef bint whole
        cdef Py_ssize_t index
        chosen.resize(count, 1)
        targets.resize(count, NULL)
        for index in range(count):
            if mask is not None and not mask[index]:
                chosen[index] = 0
            if pictures is not None:
                targets[index] = pictures.data + index * PICTURE_SIZE
        cdef Job job
        job.chosen = chosen.data()
        job.buttons = &buttons[0, 0]
        job.targets = targets.data()
        job.ports = ports
        turn = <uint32_t>max(1, FRAMES_WITHOUT_SIGNAL_CHECK * self.num_threads // count)
        self.claim()
        try:
            while left:
                whole = left <= turn
                job.frames = left if whole else turn
                job.last = whole
                job.render = whole and render
                self.share_out(&job)
                left -= job.frames
                if left:
                    PyErr_CheckSignals()
        finally:
            self.release()

    def reset(self):
        """Turn every console off and on.

        Raises:
            RuntimeError: another thread is stepping one of the emulators.
        """
        cdef size_t index
        self.claim()
        try:
            for index in range(self.consoles.size()):
                self.consoles[index].power_on()
        finally:
            self.release()

    def screens(self, output=None):
        """Return copies of the pictures.

        Args:
            output (numpy.ndarray | None): a C-contiguous, writable uint8 array (count, 240, 256, 3) to fill.

        Returns:
            numpy.ndarray: ``output``, or a new array of the same shape, RGB.

        Raises:
            TypeError: ``output`` is not an array or has another dtype.
            ValueError: it has another shape, is not C-contiguous or is read-only.
            RuntimeError: another thread is stepping one of the emulators.
        """
        self.check()
        cdef Py_ssize_t count = len(self.machines)
        if output is None:
            output = np.empty((count, 240, 256, 3), np.uint8)
        cdef OutputBuffer pixels = output_buffer(output, (count, 240, 256, 3), "B", "output")
        cdef vector[uint8_t] chosen
        cdef vector[uint8_t*] targets
        cdef Py_ssize_t index
        chosen.resize(count, 1)
        for index in range(count):
            targets.push_back(pixels.data + index * PICTURE_SIZE)
        cdef Job job
        job.chosen = chosen.data()
        job.buttons = NULL
        job.targets = targets.data()
        job.ports = 0
        job.frames = 0
        job.last = True
        job.render = False
        self.claim()
        try:
            self.share_out(&job)
        finally:
            self.release()
        return output

    def take_busy_times(self):
        """Return the nanoseconds of work of each thread since the last call, int64 (num_threads,)."""
        self.check()
        times = np.array([busy for busy, *_ in self.workers.times()], np.int64)
        self.workers.clear_times()
        return times

    def rams(self, output=None):
        """Return copies of the RAM of all emulators.

        Args:
            output (numpy.ndarray | None): a C-contiguous, writable uint8 array (count, 2048) to fill.

        Returns:
            numpy.ndarray: ``output``, or a new array of the same shape.

        Raises:
            TypeError: ``output`` is not an array or has another dtype.
            ValueError: it has another shape, is not C-contiguous or is read-only.
            RuntimeError: another thread is stepping one of the emulators.
        """
        self.check()
        cdef Py_ssize_t count = len(self.machines)
        if output is None:
            output = np.empty((count, RAM_SIZE), np.uint8)
        cdef OutputBuffer values = output_buffer(output, (count, RAM_SIZE), "B", "output")
        cdef Py_ssize_t index
        self.claim()
        try:
            for index in range(count):
                memcpy(values.data + index * RAM_SIZE, self.consoles[index].ram(), RAM_SIZE)
        finally:
            self.release()
        return output


cdef class Lookahead:
    """Steps of several emulators, run ahead in parallel on copies of them.

    ``run`` does not change the emulators. The next drawn frame of an emulator is taken
    from its copy if the emulator is still in the state that the copy started from, with the same buttons; otherwise the
    emulator runs it. So the results are those of emulators that run their frames themselves, in all
    circumstances. Copies and states take about 220 KB per emulator.

    Args:
        emulators (Iterable[NESEmulator]): without duplicates; they may have different ROMs.
        num_threads (int | None): see ``Batch``.

    Attributes:
        num_threads (int): number of threads that run the copies.

    Raises:
        TypeError: one is not an ``NESEmulator``.
        ValueError: one is a duplicate or closed.
    """

    cdef readonly int num_threads
    cdef Workers workers
    cdef list machines
    cdef list aheads
    cdef vector[StepTask] tasks
    cdef BusyFlag claim  # held by the thread in run()

    def __init__(self, emulators, num_threads=None):
        cdef Ahead ahead
        machines = []
        aheads = []
        for emulator in emulators:
            if not isinstance(emulator, NESEmulator):
                raise TypeError(f"an emulator must be an NESEmulator, not {type(emulator).__name__}")
            machine = (<NESEmulator>emulator).idle_machine()
            if any(machine is other for other in machines):
                raise ValueError("an emulator is in the list twice")
            ahead = Ahead.__new__(Ahead)
            ahead.prepare(machine)
            machines.append(machine)
            aheads.append(ahead)
        cdef int threads = effective_threads(num_threads, max(1, len(machines)))
        workers = Workers(threads, "auto")
        with cython.critical_section(self):
            # Another thread, or a conversion of an argument, may have come first.
            if self.machines is not None:
                raise RuntimeError("it is already initialized")
            self.tasks.resize(len(machines))
            self.workers = workers
            self.num_threads = threads
            self.aheads = aheads
            self.machines = machines

    cdef int check(self) except -1:
        if self.machines is None:
            raise RuntimeError("there are no emulators: __init__ was not called or failed")
        return 0

    def __len__(self):
        self.check()
        return len(self.machines)

    def run(self, inputs):
        """Run a drawn frame ahead for each emulator, with the buttons that it is expected to hold.

        Args:
            inputs (Sequence): for each emulator the expected bytes of its controllers, ``bytes``, starting with
                controller 0 (the others do not change); or None if unknown.
        """
        self.check()
        cdef Py_ssize_t count = len(self.machines)
        cdef Py_ssize_t index, port
        cdef Machine machine
        cdef Ahead ahead
        cdef StepTask* task
        cdef bytes given
        cdef uint8_t[:, :, ::1] pixels
        if len(inputs) != count:
            raise ValueError(f"there must be inputs for {count} emulators, not {len(inputs)}")
        cdef BusyGuard guard
        if not guard.take(self.claim):
            return  # there is nothing to do
        for index in range(count):
            machine = <Machine>self.machines[index]
            ahead = <Ahead>self.aheads[index]
            ahead.invalidate()
            task = &self.tasks[index]
            task.chosen = False
            # Sound must be generated by the emulator itself.
            if inputs[index] is None or machine.console.sample_rate() != 0:
                continue
            given = inputs[index]
            task.console = machine.console
            task.copy = ahead.copy
            task.claim = &machine.claim
            task.before = ahead.before
            task.target = NULL
            for port in range(PORTS):
                task.ports[port] = given[port] if port < len(given) else machine.console.controller(port)[0]
            if ahead.wanted:
                picture = np.empty((240, 256, 3), np.uint8)
                pixels = picture
                task.target = &pixels[0, 0, 0]
                ahead.picture = picture
            task.chosen = True
        # Claimed until they are copied; readers in other threads wait for that.
        for index in range(count):
            task = &self.tasks[index]
            if task.chosen:
                task.chosen = (<Machine>self.machines[index]).take()
        with nogil:
            self.workers.run(run_task, self.tasks.data(), count, count)
        for index in range(count):
            if self.tasks[index].chosen:
                machine = <Machine>self.machines[index]
                ahead = <Ahead>self.aheads[index]
                ahead.ready = True
                machine.run_ahead(ahead)

    def finish(self):
        """Discard the results; return the indices (list[int]) of emulators that have not used theirs."""
        cdef Py_ssize_t index
        cdef Ahead ahead
        cdef Machine machine
        cdef BusyGuard guard
        self.check()
        missed = []
        if not guard.take(self.claim):
            return missed
        for index in range(len(self.machines)):
            ahead = <Ahead>self.aheads[index]
            if self.tasks[index].chosen:
                if not ahead.taken:
                    missed.append(index)
                elif ahead.picture is not None:
                    ahead.wanted = False
            self.tasks[index].chosen = False
            ahead.invalidate()
            machine = <Machine>self.machines[index]
            if machine.next_step() is ahead:
                machine.run_ahead(None)
        return missed


cdef void run_task(void* tasks, size_t row, uint32_t worker) noexcept nogil:
    cdef StepTask* task = &(<StepTask*>tasks)[row]
    cdef Console* copy
    cdef size_t size
    cdef Py_ssize_t port
    if not task.chosen:
        return
    copy = task.copy
    size = copy.state_size()
    memcpy(task.before, task.console.raw_state(), size)
    task.claim.release()
    # If the emulator used the last result, the copy is already equal, and its cache of decoded tiles stays valid.
    if memcmp(copy.raw_state(), task.before, size) != 0:
        copy.load(task.before)
    for port in range(PORTS):
        copy.controller(<unsigned>port)[0] = task.ports[port]
        task.before[copy.controller(<unsigned>port) - copy.raw_state()] = task.ports[port]
    copy.step(1, True)
    if task.target != NULL:
        copy.write_rgb(task.target)


cdef void run_row(void* context, size_t index, uint32_t worker) noexcept nogil:
    cdef const Job* job = <const Job*>context
    cdef Console* console = job.consoles[index]
    cdef Py_ssize_t port
    if not job.chosen[index]:
        return
    for port in range(job.ports):
        console.controller(<unsigned>port)[0] = job.buttons[<Py_ssize_t>index * job.ports + port]
    if job.frames:
        console.step(job.frames, job.render)
    if job.last and job.targets[index] != NULL:
        console.write_rgb(job.targets[index])


__all__ = ["Batch", "Lookahead"]
