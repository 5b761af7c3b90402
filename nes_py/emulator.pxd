# What other Cython modules of the package need to know of an emulator.

from libc.stddef cimport size_t
from libc.stdint cimport uint8_t
from libcpp cimport bool as cbool
from libcpp.memory cimport shared_ptr
from libcpp.string cimport string

from nes_py._console cimport Console, ConstPalette, ConstRom, ConstSavedState, Options


cdef extern from "base/busy_flag.hpp" namespace "nes":
    cdef cppclass BusyFlag:
        cbool take() noexcept nogil
        void release() noexcept nogil
        cbool taken() noexcept nogil
        cbool busy() noexcept nogil
        void queue() noexcept nogil
        void leave_queue() noexcept nogil
        cbool wanted() noexcept nogil
        cbool wait() noexcept nogil
        void let_readers_pass() noexcept nogil

    cdef cppclass BusyGuard:
        cbool take(BusyFlag& flag) noexcept nogil
        void release() noexcept nogil


cdef class SharedRom:
    # One ROM, shared by all emulators that play it.
    cdef shared_ptr[ConstRom] rom
    cdef bytes content
    cdef readonly object info
    cdef object __weakref__


cdef class Machine

cdef class Ahead:
    # A step of a machine that was run ahead, on a copy of it. The machine takes the result over when it is asked for
    # that step and stands where the copy stood; otherwise it runs the step itself. Nobody can tell the difference.
    cdef Console* copy  # a step further than `before`
    cdef uint8_t* before  # the raw state that the step begins with, buttons included
    cdef object picture  # of the copy, RGB; None when there is none or it was handed out
    cdef bint ready  # there is a result that was not taken over yet
    cdef bint taken  # it was
    cdef bint wanted  # the last picture was asked for

    cdef int prepare(self, Machine machine) except -1
    cdef bint take(self, Machine machine) noexcept
    cdef object take_picture(self, Machine machine)
    cdef int invalidate(self) except -1


cdef class Machine:
    # A console and who is using it. Whatever points into the console's memory holds a reference to this.
    cdef Console* console
    cdef SharedRom rom
    cdef tuple options  # as the constructor of NESEmulator takes them, of the cheats the freezes: its _OPTIONS
    cdef str region  # the one in effect
    cdef BusyFlag claim  # of the thread that runs the console without the GIL
    cdef unsigned long owner  # that thread
    cdef Ahead ahead  # None: nothing was run ahead

    cdef Ahead next_step(self)
    cdef int run_ahead(self, Ahead ahead) except -1
    cdef bint take(self) except -1
    cdef int queue(self) except -1


cdef class OutputBuffer:
    cdef Py_buffer buffer
    cdef uint8_t* data  # NULL until it was taken

    cdef int take(self, array, tuple shape, str code, str name) except -1


cdef class MemoryView:
    cdef object owner
    cdef uint8_t* data
    cdef Py_ssize_t size
    cdef int dimensions
    cdef Py_ssize_t shape[3]
    cdef Py_ssize_t strides[3]


cdef str timing_of(tuple options)
cdef shared_ptr[ConstPalette] core_palette(bytes colours) except *
cdef int core_options(tuple options, Options* result) except -1
cdef NESEmulator build_emulator(SharedRom rom, tuple options)
cdef OutputBuffer output_buffer(array, tuple shape, str code, str name)
cdef str text_of(const string& text)
cdef MemoryView view_of(object owner, uint8_t* data, tuple shape)


cdef class Snapshot:
    # `saved`, `serialized` or both; neither is ever changed once it is there.
    cdef shared_ptr[ConstSavedState] saved
    cdef SharedRom rom
    cdef tuple options
    cdef str region
    cdef bytes serialized
    # What somebody drew into the live view before it was taken, an array, or None. Within the process only.
    cdef public object _drawn

    cdef int take(self, Machine machine) except -1
    cdef void adopt(self, shared_ptr[ConstSavedState] saved, SharedRom rom, tuple options, str region) noexcept
    cdef shared_ptr[ConstSavedState] state(self) noexcept
    cdef bytes portable(self)


cdef class Turn:
    cdef BusyFlag flag
    cdef str what


cdef class NESEmulator:
    cdef Machine machine  # None once closed
    cdef uint8_t[::1] ram_bytes
    cdef uint8_t[:, :, ::1] screen_bytes  # None until somebody asks for it
    cdef object __weakref__

    cdef Machine current(self)
    cdef Machine open_machine(self)
    cdef Machine idle_machine(self)
    cdef Machine claimed(self, BusyGuard* guard)
    cdef Machine readable_machine(self)
