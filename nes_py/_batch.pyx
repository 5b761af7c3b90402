"""Many emulators of one ROM, stepped together by a team of threads.

No rewards, no episodes: those belong to the vector environments, which are built on the same loop.
"""

import numpy as np

from nes_py._openmp import effective_threads
from nes_py.emulator import _checked_output

from cpython.exc cimport PyErr_CheckSignals
from cython.parallel cimport prange
from libc.stdint cimport uint8_t, uint32_t
from libc.string cimport memcpy
from libcpp.vector cimport vector

from nes_py._console cimport Console
from nes_py._openmp cimport in_forked_child
from nes_py.emulator cimport Machine, NESEmulator

cdef enum:
    RAM_SIZE = 2048
    # Some 80 GB; more is a mistake, and the system would rather end the process than refuse it the memory.
    LARGEST_BATCH = 1 << 20
    # Frames of all emulators together that one thread runs between two looks for Ctrl-C.
    FRAMES_WITHOUT_SIGNAL_CHECK = 100


cdef struct Job:
    # What a step asks of each console.
    Console** consoles
    const uint8_t* chosen
    const uint8_t* buttons  # ports for each console
    uint8_t** targets  # where pictures go, NULL for nowhere
    Py_ssize_t ports
    uint32_t frames
    bint last  # the call's last frame is among them
    bint render


cdef class Batch:
    """A number of emulators of one ROM.

    The results depend neither on the number of threads nor on the place of an emulator in the batch. In a process
    forked from one that uses this package a batch runs in one thread, because the parent's team of threads does not
    exist there and GNU OpenMP would wait for it for ever.

    Args:
        rom (str | os.PathLike | bytes | bytearray | memoryview): as for ``NESEmulator``.
        count (int): how many emulators, 1 to 2**20.
        num_threads (int | None): how many threads step them, never more than ``count``. None: ``OMP_NUM_THREADS``, else
            ``SLURM_CPUS_PER_TASK``, else the CPUs that this process may use. One thread never enters OpenMP.
        **options: passed to each ``NESEmulator``: ``policy``, ``ram_fill``, ``seed``, ``region``.

    Attributes:
        emulators (tuple[NESEmulator, ...]): the emulators, for their views and states. The batch goes on stepping the
            machine of one that is closed.
        num_threads (int): how many threads step them.
    """

    cdef readonly tuple emulators
    cdef readonly int num_threads
    cdef list machines
    cdef vector[Console*] consoles

    def __init__(self, rom, count, num_threads=None, **options):
        if not hasattr(count, "__index__"):
            raise TypeError(f"count must be an integer, not {count!r}")
        count = count.__index__()
        if not 1 <= count <= LARGEST_BATCH:
            raise ValueError(f"count must be in 1..{LARGEST_BATCH}, not {count}")
        threads = effective_threads(num_threads, count)
        if self.machines is not None:
            raise RuntimeError("the batch is built already")
        first = NESEmulator(rom, **options)
        # By its contents from here on, so that a file that changes meanwhile cannot make a mixed batch.
        content = (<NESEmulator>first).machine.rom.content
        emulators = [first]
        emulators.extend(NESEmulator(content, **options) for _ in range(count - 1))
        self.machines = []
        for emulator in emulators:
            self.machines.append((<NESEmulator>emulator).machine)
            self.consoles.push_back((<NESEmulator>emulator).machine.console)
        self.num_threads = threads
        self.emulators = tuple(emulators)

    @staticmethod
    def of(emulators, num_threads=None):
        """Return a batch of emulators that there are already; they may play different ROMs.

        Args:
            emulators (Sequence[NESEmulator]): at least one, none of them twice.
            num_threads (int | None): as for ``Batch``.

        Raises:
            TypeError: one is no ``NESEmulator``.
            ValueError: there are none, one is in it twice, or one is closed.
        """
        cdef Batch batch = Batch.__new__(Batch)
        members = tuple(emulators)
        if not members:
            raise ValueError("a batch needs at least one emulator")
        batch.machines = []
        for emulator in members:
            if not isinstance(emulator, NESEmulator):
                raise TypeError(f"a batch is made of NESEmulator, not {type(emulator).__name__}")
            machine = (<NESEmulator>emulator).idle_machine()
            if any(machine is other for other in batch.machines):
                raise ValueError("an emulator is in the batch twice")
            batch.machines.append(machine)
            batch.consoles.push_back((<Machine>machine).console)
        batch.num_threads = effective_threads(num_threads, len(members))
        batch.emulators = members
        return batch

    def __len__(self):
        return len(self.emulators)

    cdef int claim(self) except -1:
        """Mark all machines as in use, or none of them."""
        cdef Machine machine
        cdef Machine other
        for machine in self.machines:
            if machine.claim.take():
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

    cdef int threads(self) noexcept:
        return 1 if in_forked_child() else self.num_threads

    def step(self, actions, frames=1, bint render=True, mask=None, output=None):
        """Hold buttons and run every emulator for some frames. The GIL is released.

        Args:
            actions (numpy.ndarray): uint8, one row for each emulator: (count,) for controller 0, or (count, 2) for both
                controllers. Bits as in ``NESEmulator.controller``.
            frames (int): how many frames the buttons are held, at least 1. Ctrl-C ends a long run early, with all
                emulators at the same frame.
            render (bool): whether the last of them is drawn.
            mask (numpy.ndarray | None): bool (count,): which emulators are run; None: all.
            output (numpy.ndarray | None): a C-contiguous, writable uint8 array (count, 240, 256, 3) that the pictures
                of those that were run are written to.

        Raises:
            TypeError: ``actions`` or ``output`` is not uint8, or ``mask`` not bool.
            ValueError: an array has another shape, ``output`` is not contiguous or read-only, or ``frames`` is out of
                range.
            RuntimeError: another thread is stepping one of the emulators.
        """
        actions = np.asarray(actions)
        cdef Py_ssize_t count = len(self.machines)
        if actions.dtype != np.uint8:
            raise TypeError(f"actions must have dtype uint8, not {actions.dtype}")
        if actions.shape != (count,) and actions.shape != (count, 2):
            raise ValueError(f"actions must have shape ({count},) or ({count}, 2), not {actions.shape}")
        if not hasattr(frames, "__index__"):
            raise TypeError(f"frames must be an integer, not {frames!r}")
        frames = frames.__index__()
        if not 1 <= frames < 2**31:
            raise ValueError(f"frames must be in 1..2**31 - 1, not {frames}")
        if mask is not None and (getattr(mask, "dtype", None) != np.bool_ or mask.shape != (count,)):
            raise TypeError(f"mask must be a bool array of shape ({count},)")
        if output is not None:
            _checked_output(output, (count, 240, 256, 3), np.uint8)
        # A copy: the caller's array may lie in `output` or be written to by another thread.
        cdef const uint8_t[:, ::1] buttons = np.array(actions, order="C").reshape(count, -1)
        cdef uint8_t[:, :, :, ::1] pictures = output
        cdef vector[uint8_t] chosen
        cdef vector[uint8_t*] targets
        cdef Py_ssize_t ports = buttons.shape[1]
        cdef uint32_t left = frames
        cdef uint32_t turn
        cdef bint whole
        cdef int threads = self.threads()
        cdef Py_ssize_t index
        chosen.resize(count, 1)
        targets.resize(count, NULL)
        for index in range(count):
            if mask is not None and not mask[index]:
                chosen[index] = 0
            if output is not None:
                targets[index] = &pictures[index, 0, 0, 0]
        cdef Job job
        job.consoles = self.consoles.data()
        job.chosen = chosen.data()
        job.buttons = &buttons[0, 0]
        job.targets = targets.data()
        job.ports = ports
        turn = <uint32_t>max(1, FRAMES_WITHOUT_SIGNAL_CHECK * threads // count)
        self.claim()
        try:
            while left:
                whole = left <= turn
                job.frames = left if whole else turn
                job.last = whole
                job.render = whole and render
                with nogil:
                    if threads == 1:
                        for index in range(count):
                            run(&job, index)
                    else:
                        # Dynamic: frames differ in cost, and a thread that shares its CPU with others is late.
                        for index in prange(count, schedule="dynamic", num_threads=threads):
                            run(&job, index)
                left -= job.frames
                if left:
                    PyErr_CheckSignals()
        finally:
            self.release()

    def reset(self):
        """Switch every console off and on.

        Raises:
            RuntimeError: another thread is stepping one of the emulators.
        """
        cdef Py_ssize_t count = len(self.machines)
        cdef Py_ssize_t index
        self.claim()
        try:
            for index in range(count):
                self.consoles[index].power_on()
        finally:
            self.release()

    def screens(self, output=None):
        """Return copies of the pictures.

        Args:
            output (numpy.ndarray | None): a C-contiguous, writable uint8 array (count, 240, 256, 3) to fill.

        Returns:
            numpy.ndarray: ``output``, or a new array of that kind, RGB.

        Raises:
            TypeError: ``output`` is no array or of another dtype.
            ValueError: it is of another shape, not C-contiguous or read-only.
            RuntimeError: another thread is stepping one of the emulators.
        """
        cdef Py_ssize_t count = len(self.machines)
        output = _checked_output(output, (count, 240, 256, 3), np.uint8)
        cdef uint8_t[:, :, :, ::1] pixels = output
        cdef int threads = self.threads()
        cdef Py_ssize_t index
        self.claim()
        try:
            with nogil:
                if threads == 1:
                    for index in range(count):
                        self.consoles[index].write_rgb(&pixels[index, 0, 0, 0])
                else:
                    for index in prange(count, schedule="static", num_threads=threads):
                        self.consoles[index].write_rgb(&pixels[index, 0, 0, 0])
        finally:
            self.release()
        return output

    def rams(self, output=None):
        """Return copies of the RAM of all emulators.

        Args:
            output (numpy.ndarray | None): a C-contiguous, writable uint8 array (count, 2048) to fill.

        Returns:
            numpy.ndarray: ``output``, or a new array of that kind.

        Raises:
            TypeError: ``output`` is no array or of another dtype.
            ValueError: it is of another shape, not C-contiguous or read-only.
            RuntimeError: another thread is stepping one of the emulators.
        """
        cdef Py_ssize_t count = len(self.machines)
        output = _checked_output(output, (count, RAM_SIZE), np.uint8)
        cdef uint8_t[:, ::1] values = output
        cdef Py_ssize_t index
        self.claim()
        try:
            for index in range(count):
                memcpy(&values[index, 0], self.consoles[index].ram(), RAM_SIZE)
        finally:
            self.release()
        return output


cdef void run(const Job* job, Py_ssize_t index) noexcept nogil:
    cdef Console* console = job.consoles[index]
    cdef Py_ssize_t port
    if not job.chosen[index]:
        return
    for port in range(job.ports):
        console.controller(<unsigned>port)[0] = job.buttons[index * job.ports + port]
    console.step(job.frames, job.render)
    if job.last and job.targets[index] != NULL:
        console.write_rgb(job.targets[index])


__all__ = ["Batch"]
