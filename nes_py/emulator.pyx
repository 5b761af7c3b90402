"""One emulated NES.

``NESEmulator`` is the console alone: buttons in, pictures and memory out, states saved and restored. It has no
rewards and no episodes; those are in ``nes_py.NESEnv``.
"""

import operator
import warnings
import weakref
from collections import namedtuple
from copy import deepcopy

import numpy as np

from nes_py import _codes
from nes_py._cartridge import MIRRORINGS, REGIONS, read_header
from nes_py._digests import sha256
from nes_py._enums import check_names
from nes_py._foreign import state as foreign_state
from nes_py._palette import arcade_palette, read_palette
from nes_py._rom import RomInfo, read_rom
from nes_py._timing import TIMINGS, check_nes_py_timing
from nes_py._values import is_flag, plain_text
from nes_py.devices import DEVICES
from nes_py.errors import RomError, StateError, UnsupportedBoardError, shown

cimport cython
from cpython.buffer cimport (
    PyBUF_C_CONTIGUOUS,
    PyBUF_FORMAT,
    PyBUF_WRITABLE,
    PyBuffer_Release,
    PyObject_GetBuffer,
)
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_CheckSignals
from cpython.pythread cimport PyThread_get_thread_ident
from cython.operator cimport dereference
from libc.stdint cimport uint8_t, uint16_t, uint32_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcmp
from libcpp.memory cimport shared_ptr
from libcpp.string cimport string
from libcpp.vector cimport vector

from nes_py._console cimport (
    ConsoleModel,
    ConstPalette,
    CpuTrace as CoreTrace,
    Device,
    FrameBoundary,
    Freeze,
    HIGHEST_SAMPLE_RATE,
    LOWEST_SAMPLE_RATE,
    Options,
    Policy,
    RamFill,
    Rom,
    RegionOption,
    Timing,
    load_rom,
    make_palette,
    mapper_name,
)

cdef enum:
    WIDTH = 256
    HEIGHT = 240
    RAM_SIZE = 2048
    OAM_SIZE = 256
    SPRITES = 64
    OBJECT_BYTES = 10
    PORTS = 4
    # Frames between two checks for Ctrl-C.
    FRAMES_WITHOUT_SIGNAL_CHECK = 50
    # A tenth of a second each. A process forked during a step would otherwise wait forever.
    TURNS_OF_A_READER = 600

CpuTrace = namedtuple("CpuTrace", "pc a x y p s cycle scanline dot")
CpuTrace.__doc__ = """The CPU between two instructions: registers, CPU cycles since power-on, and the PPU's position.

``scanline`` is 0 to 239 in the picture, 241 on the first line of vertical blank and 261 on the pre-render line;
``dot`` is 0 to 340.
"""

# NESdev "Cycle reference chart": dots per second divided by dots per frame. NTSC skips a dot in every second frame.
_FRAME_RATES = {
    "ntsc": 236.25e6 / 11 / 4 / (341 * 262 - 0.5),
    "pal": 26601712.5 / 5 / (341 * 312),
    "dendy": 26601712.5 / 5 / (341 * 312),
}
# The core's enumerators, by the names that the options have for them.
_RAM_FILLS = {
    "zero": <int>RamFill.zero,
    "ones": <int>RamFill.ones,
    "pattern": <int>RamFill.pattern,
    "noise": <int>RamFill.noise,
}
_POLICIES = {"fast": <int>Policy.fast, "reference": <int>Policy.reference}
_REGIONS = {"ntsc": <int>RegionOption.ntsc, "pal": <int>RegionOption.pal, "dendy": <int>RegionOption.dendy}
_DEVICES = {
    "joypads": <int>Device.joypads,
    "four_score": <int>Device.four_score,
    "zapper": <int>Device.zapper,
    "arkanoid": <int>Device.arkanoid,
    "vs_system": <int>Device.vs_system,
}
_CONSOLES = {"famicom": <int>ConsoleModel.famicom, "nes": <int>ConsoleModel.nes}
_FRAME_BOUNDARIES = {"vblank": <int>FrameBoundary.vblank, "nes-py": <int>FrameBoundary.nes_py}
_TIMINGS = {"hardware": <int>Timing.hardware, "nes-py": <int>Timing.nes_py}
check_names("region", _REGIONS, REGIONS.values())
check_names("device", _DEVICES, DEVICES)
check_names("timing", _TIMINGS, TIMINGS)
_OPTIONS = (
    "policy",
    "ram_fill",
    "seed",
    "region",
    "device",
    "cheats",
    "console",
    "frame_boundary",
    "whole_pictures",
    "timing",
    "palette",
)
cdef Py_ssize_t _TIMING = _OPTIONS.index("timing")

_BUSY = "the emulator is being stepped by another thread"

# Weak, so that an unused ROM is freed.
_shared_roms = weakref.WeakValueDictionary()


# --- arguments ---


cdef Py_ssize_t bounded(object value, str name, Py_ssize_t low, Py_ssize_t high) except? -1:
    """Return an integer argument, or raise ValueError if it is not in [low, high]."""
    cdef Py_ssize_t number
    cdef bint fits = True
    try:
        number = value
        fits = low <= number <= high
    except OverflowError:
        fits = False
    if not fits:
        raise ValueError(f"{name} must be in {low}..{high}, not {shown(value)}")
    return number


def _one_of(value, str name, dict choices):
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a str, not {type(value).__name__}")
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, not {shown(value)}")
    return plain_text(value)


def _boundary_of(boundary, str region):
    """Return the frame boundary of a console of this region; only NTSC has steps of nes-py."""
    if region == "ntsc":
        return "nes-py" if boundary is None else boundary
    if boundary == "nes-py":
        warnings.warn(
            f"frame_boundary='nes-py' needs an NTSC console; steps of this {region} console end at vertical blank",
            stacklevel=3,
        )
    return "vblank"


cdef class OutputBuffer:
    """The memory of an array that will be written to, checked where it is: a subclass may say anything of itself."""

    def __cinit__(self):
        self.data = NULL

    def __dealloc__(self):
        if self.data != NULL:
            PyBuffer_Release(&self.buffer)

    cdef int take(self, array, tuple shape, str code, str name) except -1:
        """Take an array of this shape and of the struct module's type ``code``."""
        cdef int axis
        cdef bint fits
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{name} must be a numpy array, not {type(array).__name__}")
        dtype = np.dtype(code)
        if array.dtype != dtype:
            raise TypeError(f"{name} must have dtype {dtype}, not {array.dtype}")
        if array.shape != shape:
            raise ValueError(f"{name} must have shape {shape}, not {array.shape}")
        if not array.flags.c_contiguous:
            raise ValueError(f"{name} must be C-contiguous")
        if not array.flags.writeable:
            raise ValueError(f"{name} must be writable")
        try:
            PyObject_GetBuffer(array, &self.buffer, PyBUF_C_CONTIGUOUS | PyBUF_WRITABLE | PyBUF_FORMAT)
        except BufferError as error:
            raise ValueError(f"{name} cannot be written to: {error}") from None
        self.data = <uint8_t*>self.buffer.buf
        fits = (
            self.buffer.ndim == len(shape)
            and self.buffer.itemsize == dtype.itemsize
            and self.buffer.format != NULL
            # A uint32 is either, by platform.
            and self.buffer.format.decode("latin-1") in (("I", "L") if code == "I" else (code,))
        )
        for axis in range(len(shape)):
            fits = fits and self.buffer.shape[axis] == shape[axis]
        if not fits:
            PyBuffer_Release(&self.buffer)
            self.data = NULL
            raise ValueError(f"{name} must have shape {shape} and dtype {dtype}; its memory is of another form")
        return 0


cdef OutputBuffer output_buffer(array, tuple shape, str code, str name):
    """Return the memory of a caller's array."""
    cdef OutputBuffer buffer = OutputBuffer.__new__(OutputBuffer)
    buffer.take(array, shape, code, name)
    return buffer


cdef str text_of(const string& text):
    """Return a text of the core; without a copy of it, whose failure Cython would not report."""
    return text.data()[:text.size()].decode("utf-8", "replace")


# --- ROMs ---


cdef class SharedRom:
    """A ROM and the contents of its file."""


cdef object describe(const Rom* rom, bytes digest):
    """Return the RomInfo of one of the core's ROMs."""
    notes = []
    cdef size_t index
    for index in range(rom.notes.size()):
        notes.append(text_of(rom.notes[index]))
    return RomInfo(
        mapper=rom.mapper,
        submapper=rom.submapper,
        board=text_of(mapper_name(rom.mapper)),
        nes2=rom.nes2,
        battery=rom.battery,
        has_trainer=rom.has_trainer,
        mirroring=MIRRORINGS[<int>rom.mirroring],
        region=REGIONS[<int>rom.region],
        console_type=rom.console_type,
        expansion_device=rom.expansion_device,
        prg_rom_size=rom.prg.size(),
        chr_rom_size=rom.chr.size(),
        prg_ram_size=rom.prg_ram_size,
        chr_ram_size=rom.chr_ram_size,
        hash=f"{rom.hash:016x}",
        sha256=digest.hex(),
        notes=tuple(notes),
    )


cdef SharedRom open_rom(bytes content, str path):
    """Return the ROM with these contents; equal contents share one ROM."""
    cdef bytes digest = sha256(content)
    cdef SharedRom shared = _shared_roms.get(digest)
    if shared is not None:
        return shared
    shared = SharedRom.__new__(SharedRom)
    shared.content = content
    try:
        shared.rom = load_rom(<const uint8_t*><const char*>content, len(content))
    except RuntimeError as error:
        raise RomError(str(error), path) from None
    shared.info = describe(shared.rom.get(), digest)
    # Another thread may have opened it meanwhile.
    return _shared_roms.setdefault(digest, shared)


# --- the machine ---


cdef class Machine:
    """Owner of one console of the core."""

    def __cinit__(self):
        self.console = NULL

    def __dealloc__(self):
        del self.console

    cdef Ahead next_step(self):
        """Return the step that runs ahead, or None."""
        cdef Ahead ahead
        with cython.critical_section(self):
            ahead = self.ahead
        return ahead

    cdef int run_ahead(self, Ahead ahead) except -1:
        with cython.critical_section(self):
            self.ahead = ahead
        return 0

    cdef bint take(self) except -1:
        """Claim the console for this thread; return False if another thread has it."""
        if self.claim.wanted():
            # Between two steps the GIL is released only for a moment, in which a reader rarely gets it.
            with nogil:
                self.claim.let_readers_pass()
        if not self.claim.take():
            return False
        self.owner = PyThread_get_thread_ident()
        return True

    cdef int queue(self) except -1:
        """Wait as a reader until no thread runs the console; call ``self.claim.leave_queue`` after reading."""
        if self.claim.busy() and self.owner == PyThread_get_thread_ident():
            # Called by a signal handler during a run.
            raise RuntimeError(_BUSY)
        cdef int turns = TURNS_OF_A_READER
        self.claim.queue()
        try:
            # No thread takes it while this thread has the GIL.
            while self.claim.taken():
                if turns == 0:
                    raise RuntimeError(_BUSY)
                turns -= 1
                with nogil:
                    self.claim.wait()
                PyErr_CheckSignals()
        except BaseException:
            self.claim.leave_queue()
            raise
        return 0


cdef class Ahead:
    """A step that runs ahead on a copy of a machine."""

    def __cinit__(self):
        self.copy = NULL
        self.before = NULL

    def __dealloc__(self):
        del self.copy
        free(self.before)

    cdef int prepare(self, Machine machine) except -1:
        """Create the copy."""
        cdef Options options
        core_options(machine.options, &options)
        self.copy = new Console(machine.rom.rom, options)
        self.before = <uint8_t*>malloc(self.copy.state_size())
        if self.before == NULL:
            raise MemoryError()
        self.wanted = True
        return 0

    cdef bint take(self, Machine machine) noexcept:
        """Move the machine to the end of its step, if that result is available."""
        if not self.ready:
            return False
        self.ready = False
        # The whole state: a program may write to any memory, and to the picture.
        if memcmp(machine.console.raw_state(), self.before, self.copy.state_size()) != 0:
            return False
        machine.console.load(self.copy.raw_state())
        self.taken = True
        return True

    cdef object take_picture(self, Machine machine):
        """Return the picture once, while the machine still shows it; else None."""
        if not self.taken or memcmp(machine.console.raw_state(), self.copy.raw_state(), self.copy.state_size()) != 0:
            return None
        self.wanted = True
        picture, self.picture = self.picture, None
        return picture

    cdef int invalidate(self) except -1:
        self.ready = self.taken = False
        self.picture = None
        return 0


cdef str timing_of(tuple options):
    """Return the timing in validated options."""
    return options[_TIMING]


cdef shared_ptr[ConstPalette] core_palette(bytes colours) except *:
    """Return the core's palette for the bytes that ``read_palette`` returns; null for None."""
    cdef shared_ptr[ConstPalette] result
    if colours is not None:
        result = make_palette(<const uint8_t*><const char*>colours, len(colours) == 8 * 64 * 3)
    return result


cdef int core_options(tuple options, Options* result) except -1:
    """Write the core's options for a caller's validated ones. Not returned: nobody catches what a copy throws."""
    policy, ram_fill, seed, region, device, freezes, console, frame_boundary, whole_pictures, timing, palette = options
    cdef Freeze core_freeze
    result.policy = <Policy><int>_POLICIES[policy]
    result.ram_fill = <RamFill><int>_RAM_FILLS[ram_fill]
    result.seed = seed
    result.region = RegionOption.from_header if region is None else <RegionOption><int>_REGIONS[region]
    result.device = <Device><int>_DEVICES[device]
    result.console = <ConsoleModel><int>_CONSOLES[console]
    result.frame_boundary = <FrameBoundary><int>_FRAME_BOUNDARIES[frame_boundary]
    result.whole_pictures = whole_pictures
    result.timing = <Timing><int>_TIMINGS[timing]
    result.palette = core_palette(palette)
    for freeze in freezes:
        core_freeze.address, core_freeze.value = freeze.address, freeze.value
        result.freezes.push_back(core_freeze)
    return 0


cdef Machine build_machine(SharedRom rom, tuple options, str path):
    """Return a new machine after power-on."""
    cdef Machine machine = Machine.__new__(Machine)
    cdef Options given
    core_options(options, &given)
    machine.rom = rom
    machine.options = options
    machine.region = options[3] or rom.info.region
    try:
        machine.console = new Console(rom.rom, given)
    except RuntimeError as error:
        raise UnsupportedBoardError(str(error), path) from None
    return machine


@cython.auto_pickle(False)
cdef class MemoryView:
    """Memory of a console with the buffer protocol. Arrays made from it keep the console's owner alive."""

    def __getbuffer__(self, Py_buffer* buffer, int flags):
        if self.data == NULL:
            raise BufferError("it shows no memory")
        buffer.buf = self.data
        buffer.obj = self
        buffer.len = self.size
        buffer.readonly = 0
        buffer.itemsize = 1
        buffer.format = NULL
        if flags & PyBUF_FORMAT:
            buffer.format = b"B"
        buffer.ndim = self.dimensions
        buffer.shape = self.shape
        buffer.strides = self.strides
        buffer.suboffsets = NULL
        buffer.internal = NULL


cdef MemoryView view_of(object owner, uint8_t* data, tuple shape):
    """Return a view of contiguous bytes that belong to an owner."""
    cdef MemoryView view = MemoryView.__new__(MemoryView)
    cdef Py_ssize_t stride = 1
    cdef int axis
    view.owner = owner
    view.data = data
    view.dimensions = len(shape)
    for axis in range(view.dimensions - 1, -1, -1):
        view.shape[axis] = shape[axis]
        view.strides[axis] = stride
        stride *= view.shape[axis]
    view.size = stride
    return view


# --- saved states ---


cdef class Snapshot:
    """The complete state of a console at one moment, with its picture.

    ``NESEmulator.dump_state`` returns one. It is immutable, is independent of the emulator, and can be loaded any
    number of times into any emulator of the same ROM. Within a process it is a plain copy of memory.
    ``bytes(snapshot)``, pickling and ``numpy.asarray(snapshot)`` (uint8, one dimension) return a portable form with a
    version, the ROM's hash and a checksum. ``Snapshot.from_bytes`` converts it back.

    Two snapshots are equal if they contain the same state of the same ROM.
    """

    def __init__(self):
        raise TypeError("snapshots come from NESEmulator.dump_state() or Snapshot.from_bytes()")

    cdef int take(self, Machine machine) except -1:
        """Save the state of a machine."""
        self.adopt(machine.console.save_state(), machine.rom, machine.options, machine.region)
        return 0

    cdef void adopt(self, shared_ptr[ConstSavedState] saved, SharedRom rom, tuple options, str region) noexcept:
        """Become the snapshot of this state, unless another thread came first."""
        with cython.critical_section(self):
            if self.saved.get() == NULL:
                self.rom = rom
                self.options = options
                self.region = region
                self.saved = saved

    cdef shared_ptr[ConstSavedState] state(self) noexcept:
        """Return the saved state, or null; what belongs to it does not change once there is one."""
        cdef shared_ptr[ConstSavedState] saved
        with cython.critical_section(self):
            saved = self.saved
        return saved

    @staticmethod
    def from_bytes(data):
        """Return a snapshot from its portable form.

        Args:
            data (bytes-like): the result of ``bytes(snapshot)``, or a uint8 array of it. It is copied.

        Returns:
            Snapshot: validated when it is loaded, because only an emulator knows its ROM.

        Raises:
            TypeError: ``data`` is not bytes-like.
        """
        try:
            content = memoryview(data).tobytes()
        except TypeError:
            raise TypeError(f"a state must be a Snapshot or bytes-like, not {type(data).__name__}") from None
        cdef Snapshot snapshot = Snapshot.__new__(Snapshot)
        snapshot.serialized = content
        return snapshot

    cdef bytes portable(self):
        """Return the portable form."""
        cdef bytes known
        with cython.critical_section(self):
            known = self.serialized
        if known is None:
            if self.state().get() == NULL:
                raise StateError("the snapshot is empty: snapshots come from dump_state() or Snapshot.from_bytes()")
            known = serialize(self)
            with cython.critical_section(self):
                self.serialized = known
        return known

    def __bytes__(self):
        return self.portable()

    def __array__(self, dtype=None, copy=None):
        array = np.frombuffer(bytes(self), np.uint8)
        if dtype is not None and np.dtype(dtype) != np.uint8:
            if copy is False:
                raise ValueError(f"a snapshot is uint8: {np.dtype(dtype)} needs a copy")
            return array.astype(dtype)
        return array.copy() if copy else array

    def __eq__(self, other):
        if not isinstance(other, Snapshot):
            return NotImplemented
        cdef Snapshot that = <Snapshot>other
        cdef shared_ptr[ConstSavedState] mine = self.state()
        cdef shared_ptr[ConstSavedState] theirs = that.state()
        if (
            mine.get() != NULL
            and theirs.get() != NULL
            and self.rom is that.rom
            and self.region == that.region
            and mine.get().equals(dereference(theirs))
        ):
            return True
        return bytes(self) == bytes(that)

    def __hash__(self):
        return hash(bytes(self))

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def __reduce__(self):
        return Snapshot.from_bytes, (bytes(self),)


cdef bytes serialize(Snapshot snapshot):
    """Return the portable form of a raw state, which only a console can compute."""
    cdef Machine machine = build_machine(snapshot.rom, snapshot.options, None)
    machine.console.load_saved(dereference(snapshot.saved))
    cdef vector[uint8_t] data = machine.console.serialize()
    return PyBytes_FromStringAndSize(<const char*>data.data(), data.size())


# --- RAM values ---

# Encoding numbers in the arrays of NESEmulator.read_ram_values.
cdef enum:
    ENCODING_BYTE
    ENCODING_LITTLE
    ENCODING_BIG
    ENCODING_BCD
    ENCODING_DIGITS

RAM_ENCODING_NUMBERS = {
    "byte": ENCODING_BYTE,
    "little": ENCODING_LITTLE,
    "big": ENCODING_BIG,
    "bcd": ENCODING_BCD,
    "digits": ENCODING_DIGITS,
}


cdef uint32_t decode(const uint8_t* data, unsigned size, unsigned encoding) noexcept nogil:
    """Return the number that `size` bytes of RAM encode, modulo 2**32."""
    cdef uint32_t value = 0
    cdef unsigned index
    for index in range(size):
        if encoding == ENCODING_LITTLE:
            # Modulo 2**32: bytes beyond the fourth do not matter.
            if index < 4:
                value |= <uint32_t>data[index] << (8 * index)
        elif encoding == ENCODING_BCD:
            value = value * 100 + (data[index] >> 4) * 10 + (data[index] & 0x0F)
        elif encoding == ENCODING_DIGITS:
            value = value * 10 + data[index]
        else:
            value = value << 8 | data[index]
    return value


# --- the emulator ---


def _rebuild(cls, content, options, state, attributes):
    """Unpickle an emulator."""
    cdef NESEmulator emulator = cls.__new__(cls)
    NESEmulator.__init__(emulator, content, **options)
    emulator.load_state(Snapshot.from_bytes(state))
    if attributes:
        emulator.__dict__.update(attributes)
    return emulator


cdef NESEmulator build_emulator(SharedRom rom, tuple options):
    """Return an emulator with validated options."""
    cdef NESEmulator emulator = NESEmulator.__new__(NESEmulator)
    switch_on(emulator, rom, options, None)
    return emulator


cdef int switch_on(NESEmulator emulator, SharedRom rom, tuple options, str path) except -1:
    """Attach a machine to a blank emulator."""
    cdef Machine machine = build_machine(rom, options, path)
    ram = view_of(machine, machine.console.ram(), (RAM_SIZE,))
    with cython.critical_section(emulator):
        if emulator.machine is not None:
            raise RuntimeError("the emulator is already initialized")
        emulator.ram_bytes = ram
        emulator.screen_bytes = None
        emulator.machine = machine
    return 0


cdef int run(Machine machine, uint32_t left, bint render) except -1:
    """Run frames of a claimed machine."""
    cdef Console* console = machine.console
    cdef Ahead ahead = machine.next_step()
    # The sound of a step that ran on a copy is lost.
    if ahead is not None and left == 1 and render and console.sample_rate() == 0 and ahead.take(machine):
        return 0
    while left > FRAMES_WITHOUT_SIGNAL_CHECK:
        with nogil:
            console.step(FRAMES_WITHOUT_SIGNAL_CHECK, False)
        left -= FRAMES_WITHOUT_SIGNAL_CHECK
        PyErr_CheckSignals()
    if left > 0:
        with nogil:
            console.step(left, render)
    return 0


cdef class NESEmulator:
    """One NES with one cartridge, powered on.

    Arrays that the methods call *views* show the memory of the console itself: they change as it runs, writing to them
    writes to the console, and they stay valid as long as they are referenced, even after ``close``.

    Several emulators can run in parallel threads: ``step`` releases the GIL. Only one thread may use an emulator at
    a time; a second one gets a ``RuntimeError`` during a step.

    Emulators can be pickled and deep-copied: the copy has its own console in the same state.

    Args:
        rom (str | os.PathLike | bytes | bytearray | memoryview): a ROM file (iNES or NES 2.0), its contents, or the
            name of a bundled game.
        policy (str): ``"fast"``, or ``"reference"`` for slow and simple emulation; both give the same bytes.
        ram_fill (str): contents of RAM at power-on: ``"zero"``, ``"ones"``, ``"pattern"`` (four bytes 0x00, four bytes
            0xFF, and so on) or ``"noise"``.
        seed (int): seed of the noise, 0 to 2**64 - 1.
        region (str | None): ``"ntsc"``, ``"pal"`` or ``"dendy"``; None uses the ROM's header.
        device (str): what is plugged into the controller ports: ``"joypads"``, ``"four_score"``, ``"zapper"``,
            ``"arkanoid"`` or ``"vs_system"``, see ``nes_py.devices``.
        cheats (Iterable): Game Genie codes and frozen RAM, see ``nes_py.cheats``.
        console (str): ``"famicom"``, or ``"nes"``, whose PPU ignores writes to most of its registers for about a frame
            after power-on, and is reset by the reset button.
        frame_boundary (str | None): where steps end. ``"vblank"``, the default: at the start of vertical blank.
            ``"nes-py"``: every 29,781 CPU cycles, as in nes-py 8 and 9, on NTSC consoles only. None:
            ``"nes-py"`` on an NTSC console, else ``"vblank"``. The emulated program runs the same way.
        whole_pictures (bool): with the boundary ``"nes-py"`` a step ends within a frame. The picture then has the new
            frame's lines at the top and the previous frame's lines below. True returns the last whole frame.
        timing (str): ``"hardware"``, or ``"nes-py"``: the inexact timing of nes-py 8 and 9, to reproduce recordings
            made there. It implies the frame boundary ``"nes-py"`` and supports only NTSC consoles with
            joypads, some boards and no sound; ``policy`` has no effect.
        palette (str | os.PathLike | bytes | numpy.ndarray | None): the colours of RGB and grey pictures: a ``.pal``
            file or its contents, red, green and blue of 64 colours (192 bytes), or of 512 (1,536 bytes): 64 for each
            emphasis (bits 5 to 7 of ``$2001``, red first); uint8 arrays (64, 3), (512, 3) or (8, 64, 3). None: the
            colours of nes-py 9, or of the PPU that the header of a Vs. System names. Of 64 colours the emphasised ones
            are computed.

    Attributes:
        width (int): 256, the width of the picture in pixels.
        height (int): 240, its height.

    Raises:
        RomError: a ``ValueError`` that names the file and what is wrong with it.
        TypeError: an argument of the wrong type.
        ValueError: an option that does not exist or is out of range.
    """

    width = WIDTH
    height = HEIGHT

    def __init__(
        self,
        rom,
        *,
        policy="fast",
        ram_fill="zero",
        seed=0,
        region=None,
        device="joypads",
        cheats=(),
        console="famicom",
        frame_boundary=...,
        whole_pictures=False,
        timing="hardware",
        palette=None,
    ):
        seed = operator.index(seed)
        if not 0 <= seed < 2**64:
            raise ValueError(f"seed must be in 0..2**64 - 1, not {shown(seed)}")
        if region is not None:
            region = _one_of(region, "region", _REGIONS)
        options = (
            _one_of(policy, "policy", _POLICIES),
            _one_of(ram_fill, "ram_fill", _RAM_FILLS),
            seed,
            region,
            _one_of(device, "device", _DEVICES),
        )
        codes, freezes = _codes.parse(cheats)
        options += (freezes, _one_of(console, "console", _CONSOLES))
        if frame_boundary is not None and frame_boundary is not ...:
            frame_boundary = _one_of(frame_boundary, "frame_boundary", _FRAME_BOUNDARIES)
        if not is_flag(whole_pictures):
            raise TypeError(f"whole_pictures must be True or False, not {shown(whole_pictures)}")
        whole_pictures = bool(whole_pictures)
        timing = _one_of(timing, "timing", _TIMINGS)
        colours = read_palette(palette)
        content, path = read_rom(rom)
        if codes:
            content = _codes.write_codes(content, read_header(content, path), codes)
        if self.current() is not None:
            raise RuntimeError("the emulator is already initialized")
        cdef SharedRom shared = open_rom(content, path)
        if colours is None and shared.info.console_type == 1:
            colours = arcade_palette(shared.rom.get().vs_ppu)
        if timing == "nes-py":
            check_nes_py_timing(region or shared.info.region, device, shared.info.mapper, shared.info.board)
            if frame_boundary == "vblank":
                raise ValueError("timing='nes-py' needs frame_boundary='nes-py', not 'vblank'")
            boundary = "nes-py"
        elif frame_boundary is ...:
            boundary = "vblank"
        else:
            boundary = _boundary_of(frame_boundary, region or shared.info.region)
        switch_on(self, shared, (*options, boundary, whole_pictures, timing, colours), path)

    def __repr__(self):
        cdef Machine machine = self.current()
        if machine is None:
            return f"<{type(self).__name__}, closed>"
        info = machine.rom.info
        return f"<{type(self).__name__} with {info.board or f'mapper {info.mapper}'}, ROM {info.hash}>"

    cdef Machine current(self):
        """Return the machine; None once closed. Without the GIL another thread may close the emulator at any time."""
        cdef Machine machine
        with cython.critical_section(self):
            machine = self.machine
        return machine

    cdef Machine open_machine(self):
        """Return the machine, or raise ValueError."""
        cdef Machine machine = self.current()
        if machine is None:
            raise ValueError("the emulator is closed")
        return machine

    cdef Machine idle_machine(self):
        """Return the machine, for what does not change in it."""
        # Arguments are converted before this call: a conversion may run arbitrary code and let another thread start.
        cdef Machine machine = self.open_machine()
        if machine.claim.busy():
            raise RuntimeError(_BUSY)
        return machine

    cdef Machine claimed(self, BusyGuard* guard):
        """Return the machine, which no other call uses for as long as ``guard`` lives."""
        cdef Machine machine = self.open_machine()
        if not guard.take(machine.claim):
            raise RuntimeError(_BUSY)
        if self.current() is not machine:
            # Closed between the two; no call closes it while the machine is claimed.
            guard.release()
            raise ValueError("the emulator is closed")
        machine.owner = PyThread_get_thread_ident()
        return machine

    cdef Machine readable_machine(self):
        """Return the machine when no other thread steps it."""
        cdef Machine machine = self.open_machine()
        if machine.claim.taken():
            machine.queue()
            machine.claim.leave_queue()
        return self.idle_machine()

    # --- lifetime ---

    @property
    def closed(self):
        """bool: whether ``close`` has been called."""
        return self.current() is None

    def close(self):
        """Release the console. Views stay valid; any other use raises ValueError from now on.

        Closing twice is not an error.

        Raises:
            RuntimeError: another thread is stepping the emulator.
        """
        if self.current() is None:
            return
        cdef BusyGuard guard
        cdef Machine machine = self.claimed(&guard)
        self.ram_bytes = None
        self.screen_bytes = None
        with cython.critical_section(self):
            self.machine = None
        # Before the machine is gone, which has the flag.
        guard.release()
        del machine

    def __enter__(self):
        self.idle_machine()
        return self

    def __exit__(self, *exception):
        self.close()

    def __copy__(self):
        return self.__deepcopy__({})

    def __deepcopy__(self, memo):
        cdef Machine machine = self.idle_machine()
        cdef NESEmulator twin = type(self).__new__(type(self))
        switch_on(twin, machine.rom, machine.options, None)
        twin.load_state(self.dump_state())
        memo[id(self)] = twin
        attributes = getattr(self, "__dict__", None)
        if attributes:
            twin.__dict__.update(deepcopy(attributes, memo))
        return twin

    def __reduce__(self):
        cdef Machine machine = self.readable_machine()
        return _rebuild, (
            type(self),
            machine.rom.content,
            self.options,
            bytes(self.dump_state()),
            getattr(self, "__dict__", None) or None,
        )

    # --- running ---

    def reset(self, bint keep_memory=False):
        """Turn the console off and on, which resets everything.

        Args:
            keep_memory (bool): the RAM, the video memory, the palette and the cartridge with its registers and RAM
                keep their contents. This is what ``reset`` of nes-py 8 and 9 does without a backup. ``cpu_cycles`` and
                ``frame_count`` continue.
        """
        cdef BusyGuard guard
        self.claimed(&guard).console.power_on(keep_memory)

    def soft_reset(self):
        """Press the reset button: the CPU starts at its reset vector, RAM keeps its contents."""
        cdef BusyGuard guard
        self.claimed(&guard).console.soft_reset()

    def step(self, frames=1, bint render=True):
        """Run whole frames; each ends at the next ``frame_boundary``. The GIL is released.

        Args:
            frames (int): number of frames, at least 0. Ctrl-C interrupts a long run.
            render (bool): whether to draw the last frame. Skipping it saves time and changes nothing else;
                the screen then keeps the last drawn picture. With the boundary ``"nes-py"`` a few lines are drawn
                nevertheless, because the next picture contains them.

        Raises:
            ValueError: ``frames`` is negative or above 2**31 - 1.
            RuntimeError: another thread is stepping the emulator.
        """
        cdef uint32_t left = <uint32_t>bounded(frames, "frames", 0, 2**31 - 1)
        cdef Machine machine = self.idle_machine()
        if not machine.take():
            raise RuntimeError(_BUSY)
        try:
            run(machine, left, render)
        finally:
            machine.claim.release()

    def frame_advance(self, action):
        """Hold the buttons of controller 0 and run one drawn frame.

        Args:
            action (int): the buttons, as in ``controller``, 0 to 255.
        """
        cdef uint8_t buttons = <uint8_t>bounded(action, "action", 0, 255)
        cdef Machine machine = self.idle_machine()
        if not machine.take():
            raise RuntimeError(_BUSY)
        try:
            machine.console.controller(0)[0] = buttons
            run(machine, 1, True)
        finally:
            machine.claim.release()

    def step_instruction(self):
        """Run one CPU instruction, or one interrupt entry."""
        cdef BusyGuard guard
        self.claimed(&guard).console.step_instruction()

    def trace(self):
        """Return the CPU's registers and the time, a ``CpuTrace``."""
        cdef BusyGuard guard
        cdef CoreTrace trace = self.claimed(&guard).console.trace()
        return CpuTrace(
            trace.pc, trace.a, trace.x, trace.y, trace.p, trace.s, trace.cycle, trace.scanline, trace.dot
        )

    def set_pc(self, address):
        """Set the CPU's program counter to ``address`` (0 to 0xFFFF); for tests."""
        cdef uint16_t place = <uint16_t>bounded(address, "address", 0, 0xFFFF)
        cdef BusyGuard guard
        self.claimed(&guard).console.set_pc(place)

    @property
    def timing(self):
        """str: the constructor's option, ``"hardware"`` or ``"nes-py"``."""
        return timing_of(self.idle_machine().options)

    @property
    def frame_boundary(self):
        """str: where steps end, ``"vblank"`` or ``"nes-py"``.

        ``reset`` sets it to the constructor's value. A state stores it: ``load_state`` sets it to the boundary that the
        state was made with. On a console that is not NTSC it is always ``"vblank"``.
        """
        cdef BusyGuard guard
        return "nes-py" if self.claimed(&guard).console.frame_boundary() == FrameBoundary.nes_py else "vblank"

    @frame_boundary.setter
    def frame_boundary(self, boundary):
        _one_of(boundary, "frame_boundary", _FRAME_BOUNDARIES)
        if boundary == "vblank" and self.timing == "nes-py":
            raise ValueError("timing='nes-py' needs frame_boundary='nes-py', not 'vblank'")
        cdef FrameBoundary chosen = <FrameBoundary><int>_FRAME_BOUNDARIES[
            _boundary_of(boundary, self.idle_machine().region)
        ]
        cdef BusyGuard guard
        self.claimed(&guard).console.set_frame_boundary(chosen)

    @property
    def frame_count(self):
        """int: vertical blanks since power-on."""
        cdef BusyGuard guard
        return self.claimed(&guard).console.frame_count()

    @property
    def cpu_cycles(self):
        """int: CPU cycles since power-on."""
        cdef BusyGuard guard
        return self.claimed(&guard).console.cpu_cycles()

    @property
    def jammed(self):
        """bool: whether the CPU has run an instruction that halts it; only a reset helps."""
        cdef BusyGuard guard
        return self.claimed(&guard).console.jammed()

    @property
    def rom_data(self):
        """bytes: the contents of the ROM file, with Game Genie codes applied."""
        return self.idle_machine().rom.content

    @property
    def options(self):
        """dict: keyword arguments that create an equal emulator from ``rom_data``; ``region`` may be None.

        ``cheats`` contains only the freezes: ``rom_data`` already includes the codes.
        """
        return dict(zip(_OPTIONS, self.idle_machine().options, strict=True))

    @property
    def rom_info(self):
        """RomInfo: a description of the ROM and its header."""
        return self.idle_machine().rom.info

    # --- pictures ---

    def screen_buffer(self):
        """Return the picture as a view: uint8 (240, 256, 3), RGB, C-contiguous, writable.

        After the first call each drawn step updates it, which costs a little time.
        """
        cdef BusyGuard guard
        cdef Machine machine = self.claimed(&guard)
        cdef uint8_t* data
        # Once: it would overwrite what a program has drawn into the view.
        if self.screen_bytes is None:
            data = machine.console.rgb_buffer()
            if data == NULL:
                raise MemoryError()
            self.screen_bytes = view_of(machine, data, (HEIGHT, WIDTH, 3))
        return np.asarray(self.screen_bytes)

    def index_buffer(self):
        """Return the picture as palette indices 0 to 63, a view: uint8 (240, 256)."""
        cdef BusyGuard guard
        cdef Machine machine = self.claimed(&guard)
        machine.console.share_picture()
        return np.asarray(view_of(machine, machine.console.index_buffer(), (HEIGHT, WIDTH)))

    def screen_rgb(self, output=None):
        """Return a copy of the picture.

        Args:
            output (numpy.ndarray | None): a C-contiguous, writable uint8 array (240, 256, 3) to fill.

        Returns:
            numpy.ndarray: ``output``, or a new array of the same shape, RGB.

        Raises:
            TypeError: ``output`` is not an array or has another dtype.
            ValueError: it has another shape, is not C-contiguous or is read-only.
        """
        cdef BusyGuard guard
        cdef Machine machine
        cdef Ahead ahead
        cdef Py_buffer buffer
        cdef OutputBuffer memory = None
        if output is not None:
            memory = output_buffer(output, (HEIGHT, WIDTH, 3), "B", "output")
        machine = self.claimed(&guard)
        if memory is not None:
            machine.console.write_rgb(memory.data)
            return output
        ahead = machine.next_step()
        if ahead is not None:
            output = ahead.take_picture(machine)
            if output is not None:
                return output
        output = np.empty((HEIGHT, WIDTH, 3), np.uint8)
        PyObject_GetBuffer(output, &buffer, PyBUF_WRITABLE)
        machine.console.write_rgb(<uint8_t*>buffer.buf)
        PyBuffer_Release(&buffer)
        return output

    def screen_gray(self, output=None):
        """Return the picture in grey, ``(77 r + 150 g + 29 b) >> 8``.

        Args:
            output (numpy.ndarray | None): a C-contiguous, writable uint8 array (240, 256) to fill.

        Returns:
            numpy.ndarray: ``output``, or a new array of the same shape.

        Raises:
            TypeError: ``output`` is not an array or has another dtype.
            ValueError: it has another shape, is not C-contiguous or is read-only.
        """
        cdef BusyGuard guard
        if output is None:
            output = np.empty((HEIGHT, WIDTH), np.uint8)
        cdef OutputBuffer memory = output_buffer(output, (HEIGHT, WIDTH), "B", "output")
        self.claimed(&guard).console.write_gray(memory.data)
        return output

    # --- tiles and objects ---

    def tiles(self, output=None):
        """Return the background of the last frame as tile numbers, at their places on the screen.

        The frame need not have been drawn. A cell of 8 x 8 pixels has the tile in its middle, at the scroll position of
        the line there, so that parts of the screen with other positions, such as a status bar, are right. What the
        tile is, is read from video memory as it is now.

        Args:
            output (numpy.ndarray | None): a C-contiguous, writable uint8 array (2, 30, 32) to fill.

        Returns:
            numpy.ndarray: ``output``, or a new array of the same shape. First the tile numbers. Then, for each cell,
                the palette (0 to 3), plus 4 if the pattern is in the table at $1000, plus 8. Where the
                background is not shown, both are 0.

        Raises:
            TypeError: ``output`` is not an array or has another dtype.
            ValueError: it has another shape, is not C-contiguous or is read-only.
        """
        cdef BusyGuard guard
        if output is None:
            output = np.empty((2, 30, 32), np.uint8)
        cdef OutputBuffer memory = output_buffer(output, (2, 30, 32), "B", "output")
        self.claimed(&guard).console.write_tiles(memory.data)
        return output

    def objects(self, limit=None, output=None):
        """Return the sprites, or groups of sprites, as rows of ten numbers.

        The columns are x and y of the upper left corner, width and height in pixels, tile number, palette (0 to 3),
        flipped in x, flipped in y, behind the background, and how many sprites are visible: those of which the last
        frame, drawn or not, showed a line. A y of 240 or more is below the screen. Numbers above 255 are 255.

        Args:
            limit (int | None): None: the 64 sprites in their order in OAM. A number of 1 to 64: groups of visible
                sprites that share an edge or overlap and have the same palette, in the order of their first sprite in
                OAM, which gives tile, palette and flags; rows behind the last group are 0.
            output (numpy.ndarray | None): a C-contiguous, writable uint8 array (64 or ``limit``, 10) to fill.

        Returns:
            numpy.ndarray: ``output``, or a new array of the same shape.

        Raises:
            TypeError: ``output`` is not an array or has another dtype.
            ValueError: ``limit`` is out of range; ``output`` has another shape, is not C-contiguous or is read-only.
        """
        cdef unsigned groups = 0 if limit is None else <unsigned>bounded(limit, "limit", 1, SPRITES)
        cdef BusyGuard guard
        if output is None:
            output = np.empty((groups or SPRITES, OBJECT_BYTES), np.uint8)
        cdef OutputBuffer memory = output_buffer(output, (groups or SPRITES, OBJECT_BYTES), "B", "output")
        self.claimed(&guard).console.write_objects(memory.data, groups)
        return output

    def scroll(self):
        """Return the scroll position of each line of the last frame: uint8 (240, 4), a new array.

        The columns are x and y of the line's first pixel within its nametable, the number of the nametable (0 to 3),
        and flags: 1 if the background's patterns are in the table at $1000, 2 if the background is shown, 4 if
        sprites are shown, 8 and 16 if the left eight pixels of background and sprites are shown too. A line is noted
        when its first pixel is due: what a program changes after that shows in the next line.
        """
        cdef BusyGuard guard
        output = np.empty((HEIGHT, 4), np.uint8)
        cdef uint8_t[:, ::1] data = output
        self.claimed(&guard).console.write_scroll(&data[0, 0])
        return output

    # --- sound ---

    @property
    def frame_rate(self):
        """float: frames per second of the real console, about 60.0988 on NTSC consoles and 50.007 on others."""
        return _FRAME_RATES[self.idle_machine().region]

    @property
    def sample_rate(self):
        """int | None: audio samples per second, 8000 to 192000; None, the default, turns sound off at no cost.

        A second is emulated time, about 60.1 frames on NTSC consoles and 50.0 on others, at any stepping speed.
        Setting the rate restarts the sound and discards what ``audio`` has not returned. It is a setting and not part
        of the state: copies and pickles of an emulator have their sound off.

        Raises:
            ValueError: the rate is out of range.
        """
        cdef BusyGuard guard
        return self.claimed(&guard).console.sample_rate() or None

    @sample_rate.setter
    def sample_rate(self, rate):
        cdef Machine machine = self.idle_machine()
        cdef unsigned hz = 0
        if rate is not None:
            hz = <unsigned>bounded(rate, "sample_rate", LOWEST_SAMPLE_RATE, HIGHEST_SAMPLE_RATE)
            if timing_of(machine.options) != "hardware":
                raise ValueError("timing='nes-py' has no sound: nes-py has no APU")
        cdef BusyGuard guard
        self.claimed(&guard).console.set_sample_rate(hz)

    def audio(self):
        """Return the sound since the last call, of the console and of the cartridge's sound chip.

        Samples are in units of the DACs' range; those of games are mostly between -0.3 and 0.3, and louder with some
        sound chips. They pass through the filters of the ``console`` (``"famicom"``: high-pass at 37 Hz; ``"nes"``:
        high-pass at 90 and 440 Hz, low-pass at 14 kHz) and have a delay of 16 samples. Samples are the same with both
        policies and on every platform.

        ``reset`` and ``load_state`` restart the sound from silence, with all waveforms at their start. What plays
        after them depends only on the state and the buttons. The sound from before them is still returned; if it was
        cut off, it fades in 2 milliseconds, which are added.

        Returns:
            numpy.ndarray: float32 (samples,), mono, a new array. The buffer holds the last 524,288 samples; older
            ones are lost.

        Raises:
            ValueError: the sound is off.
        """
        cdef BusyGuard guard
        cdef Machine machine = self.claimed(&guard)
        if machine.console.sample_rate() == 0:
            raise ValueError("the sound is off: set sample_rate, to 48000 for example")
        cdef size_t count = machine.console.audio_size()
        samples = np.empty(count, np.float32)
        cdef float[::1] data = samples
        if count > 0:
            machine.console.read_audio(&data[0], count)
        return samples

    # --- memory and controllers ---

    def memory_buffer(self):
        """Return the RAM at $0000 to $07FF as a view: uint8 (2048,), writable."""
        cdef BusyGuard guard
        self.claimed(&guard)
        return np.asarray(self.ram_bytes)

    def controller(self, port):
        """Return the buttons of a controller as a view: uint8 (1,), writable.

        Bit 0 is A, then B, Select, Start, Up, Down, Left and Right. They stay held until you change them.

        Args:
            port (int): 0 or 1. Other values of the option ``device`` have more inputs, and some are not buttons but the
                device's values: see ``nes_py.devices.DEVICES``.

        Raises:
            ValueError: the controller does not exist.
        """
        cdef BusyGuard guard
        cdef Machine machine = self.idle_machine()
        cdef Py_ssize_t inputs = DEVICES[machine.options[_OPTIONS.index("device")]].inputs
        cdef unsigned number = <unsigned>bounded(port, "port", 0, inputs - 1)
        # The conversion of `port` may have run arbitrary code.
        machine = self.claimed(&guard)
        return np.asarray(view_of(machine, machine.console.controller(number), (1,)))

    @property
    def oam(self):
        """numpy.ndarray: the OAM (sprite memory) as a view: uint8 (256,), writable."""
        cdef BusyGuard guard
        cdef Machine machine = self.claimed(&guard)
        return np.asarray(view_of(machine, machine.console.oam(), (OAM_SIZE,)))

    @property
    def prg_ram(self):
        """numpy.ndarray: the cartridge's RAM at $6000 as a view: uint8, writable; empty if there is none."""
        cdef BusyGuard guard
        cdef Machine machine = self.claimed(&guard)
        cdef size_t size = machine.console.prg_ram_size()
        if size == 0 or machine.console.prg_ram() == NULL:
            return np.empty(0, np.uint8)
        return np.asarray(view_of(machine, machine.console.prg_ram(), (size,)))

    @property
    def save_ram(self):
        """numpy.ndarray: the battery-backed RAM of the cartridge as a view: uint8 (n,), writable.

        Empty if there is no battery. Games store their scores and save files in it. The emulator reads and writes no
        file: ``emulator.save_ram.tofile("game.sav")`` saves it, and
        ``emulator.save_ram[:] = numpy.fromfile("game.sav", "uint8")`` loads it. It is part of the console's state, and
        ``reset`` clears it, so that results do not depend on earlier runs.
        """
        cdef BusyGuard guard
        cdef Machine machine = self.claimed(&guard)
        cdef size_t size = machine.console.prg_nvram_size()
        if size == 0:
            return np.empty(0, np.uint8)
        return np.asarray(view_of(machine, machine.console.prg_nvram(), (size,)))

    def peek(self, address):
        """Return the byte at a CPU address (0 to 0xFFFF) without side effects.

        Registers that cannot be read without side effects return 0.
        """
        cdef uint16_t place = <uint16_t>bounded(address, "address", 0, 0xFFFF)
        cdef BusyGuard guard
        return self.claimed(&guard).console.peek(place)

    def poke(self, address, value):
        """Write a byte (0 to 255) at a CPU address; only RAM and cartridge RAM can be written."""
        cdef uint16_t place = <uint16_t>bounded(address, "address", 0, 0xFFFF)
        cdef uint8_t byte = <uint8_t>bounded(value, "value", 0, 255)
        cdef BusyGuard guard
        self.claimed(&guard).console.poke(place, byte)

    def peek_ppu(self, address):
        """Return the byte at a PPU address (0 to 0x3FFF) without side effects."""
        cdef uint16_t place = <uint16_t>bounded(address, "address", 0, 0x3FFF)
        cdef BusyGuard guard
        return self.claimed(&guard).console.peek_ppu(place)

    def poke_ppu(self, address, value):
        """Write a byte (0 to 255) at a PPU address; only RAM and the palette can be written."""
        cdef uint16_t place = <uint16_t>bounded(address, "address", 0, 0x3FFF)
        cdef uint8_t byte = <uint8_t>bounded(value, "value", 0, 255)
        cdef BusyGuard guard
        self.claimed(&guard).console.poke_ppu(place, byte)

    def read_ram_values(
        self,
        const uint16_t[::1] addresses,
        const uint8_t[::1] sizes,
        const uint8_t[::1] encodings,
        output=None,
    ):
        """Read numbers from RAM, as described in ``nes_py.ram.normalize_ram_read_specs``.

        Args:
            addresses (numpy.ndarray): uint16 (n,), first byte of each number.
            sizes (numpy.ndarray): uint8 (n,), bytes of each number.
            encodings (numpy.ndarray): uint8 (n,), values of ``nes_py.ram.RAM_READ_ENCODINGS``.
            output (numpy.ndarray | None): a C-contiguous, writable uint32 array (n,) to fill.

        Returns:
            numpy.ndarray: ``output``, or a new uint32 array; each number is modulo 2**32.

        Raises:
            ValueError: the arrays differ in length, or a number is outside RAM.
        """
        cdef Py_ssize_t count = addresses.shape[0]
        cdef Py_ssize_t index
        cdef unsigned address, size, encoding
        cdef BusyGuard guard
        if output is None:
            output = np.empty(count, np.uint32)
        cdef OutputBuffer memory = output_buffer(output, (count,), "I", "output")
        cdef uint32_t* values = <uint32_t*>memory.data
        if sizes.shape[0] != count or encodings.shape[0] != count:
            raise ValueError("addresses, sizes and encodings must have the same length")
        for index in range(count):
            if addresses[index] + sizes[index] > RAM_SIZE or encodings[index] > ENCODING_DIGITS:
                raise ValueError(f"number {index} is outside RAM or has an unknown encoding")
        cdef const uint8_t* ram = self.claimed(&guard).console.ram()
        for index in range(count):
            # Each is read once: the arrays may lie in the output, or in memory that another thread writes to.
            address, size, encoding = addresses[index], sizes[index], encodings[index]
            if address + size <= RAM_SIZE:
                values[index] = decode(ram + address, size, encoding)
        return output

    # --- states ---

    def dump_state(self):
        """Return the state of the console with its picture, a ``Snapshot``."""
        cdef BusyGuard guard
        cdef Snapshot snapshot = Snapshot.__new__(Snapshot)
        snapshot.take(self.claimed(&guard))
        return snapshot

    def load_state(self, state):
        """Load a saved state.

        Args:
            state (Snapshot | bytes-like): the result of ``dump_state`` of any emulator of the same ROM, or its portable
                form (bytes or a uint8 array).

        Raises:
            StateError: a ``ValueError``: the state is damaged, of another version or of another ROM. The console is
                unchanged.
            TypeError: ``state`` has another type.
        """
        cdef Snapshot snapshot = <Snapshot>(state if isinstance(state, Snapshot) else Snapshot.from_bytes(state))
        cdef BusyGuard guard
        cdef Machine machine = self.claimed(&guard)
        cdef const Rom* theirs
        cdef const Rom* ours = machine.rom.rom.get()
        cdef shared_ptr[ConstSavedState] saved = snapshot.state()
        if saved.get() != NULL:
            theirs = snapshot.rom.rom.get()
            if theirs.hash != ours.hash:
                raise StateError(
                    f"the state is of ROM {snapshot.rom.info.hash}, the emulator plays {machine.rom.info.hash}"
                )
            if theirs.prg_ram_size != ours.prg_ram_size or theirs.chr_ram_size != ours.chr_ram_size:
                raise StateError(
                    f"the state was made with a header that declares {theirs.prg_ram_size} bytes of PRG-RAM and "
                    f"{theirs.chr_ram_size} of CHR-RAM; that of this ROM declares {ours.prg_ram_size} and "
                    f"{ours.chr_ram_size}"
                )
            if snapshot.options is not machine.options and timing_of(snapshot.options) != timing_of(machine.options):
                raise StateError(
                    f"the state was made with timing={timing_of(snapshot.options)!r}, "
                    f"the emulator has timing={timing_of(machine.options)!r}"
                )
            if snapshot.region != machine.region:
                raise StateError(f"the state is of a {snapshot.region} console, the emulator is {machine.region}")
        if saved.get() != NULL and saved.get().size() == machine.console.state_size():
            machine.console.load_saved(dereference(saved))
        elif saved.get() != NULL:
            # From an emulator with another value of whole_pictures.
            load_serialized(machine, snapshot.portable())
        else:
            load_serialized(machine, snapshot.portable())
            try:
                # From now on it loads as fast as a snapshot made in this process.
                snapshot.take(machine)
            except MemoryError:
                pass


cdef int load_serialized(Machine machine, bytes data) except -1:
    """Load a portable state, or raise StateError and leave the machine unchanged."""
    try:
        machine.console.load_serialized(<const uint8_t*><const char*>data, len(data))
    except RuntimeError as error:
        found = "" if data.startswith(b"NESPYSNP") else foreign_state(data)
        raise StateError(f"not a state of this package but {found}" if found else str(error)) from None
    return 0


# --- one call at a time ---


cdef class Turn:
    """Lets one call at a time use an object: another one, of another thread or from within the first, is refused.

    Args:
        what (str): the object, for the error message.
    """

    def __init__(self, str what not None):
        self.what = what

    def __reduce__(self):
        return Turn, (self.what,)

    def alone(self, function, *arguments):
        """Call a function while no other one is called this way.

        Raises:
            RuntimeError: another one is.
        """
        cdef BusyGuard guard
        if not guard.take(self.flag):
            raise RuntimeError(f"{self.what} in use by another thread, or by the call that led to this one")
        return function(*arguments)


# --- for nes_py.NESEnv ---


def when_idle(NESEmulator emulator not None, function, *arguments):
    """Call a function that reads from an emulator, when no other thread steps it.

    Raises:
        RuntimeError: this thread is stepping it, or another has been for more than a minute.
    """
    cdef Machine machine = emulator.current()
    if machine is None or not machine.claim.taken():
        return function(*arguments)
    machine.queue()
    try:
        return function(*arguments)
    finally:
        machine.claim.leave_queue()


def recompiled_bytes(NESEmulator emulator not None):
    """Return the bytes of recompiled code of an emulator's ROM and of its tables; None where nothing is recompiled."""
    cdef SharedRom shared = emulator.idle_machine().rom
    if shared.rom.get().code.get() == NULL:
        return None
    return shared.rom.get().code.get().code_bytes(), shared.rom.get().code.get().table_bytes()


def keep_inputs(NESEmulator emulator not None, function, *arguments):
    """Call a function that loads a state or resets, and keep the inputs on the controllers."""
    cdef BusyGuard guard
    cdef Machine machine = emulator.claimed(&guard)
    cdef Console* console = machine.console
    cdef uint8_t[PORTS] held
    cdef int port
    for port in range(PORTS):
        held[port] = console.controller(port)[0]
    guard.release()
    result = function(*arguments)
    emulator.claimed(&guard)
    for port in range(PORTS):
        console.controller(port)[0] = held[port]
    return result


def hold_and_advance(NESEmulator emulator not None, places, values):
    """Hold inputs, bytes for the ports ``places``, for one drawn frame."""
    cdef uint8_t[PORTS] held
    cdef uint8_t[PORTS] chosen
    cdef int port
    for port in range(PORTS):
        chosen[port] = False
    for place, value in zip(places, values, strict=True):
        port = <int>bounded(place, "port", 0, PORTS - 1)
        held[port] = <uint8_t>bounded(value, "input", 0, 255)
        chosen[port] = True
    cdef Machine machine = emulator.idle_machine()
    if not machine.take():
        raise RuntimeError(_BUSY)
    try:
        for port in range(PORTS):
            if chosen[port]:
                machine.console.controller(port)[0] = held[port]
        run(machine, 1, True)
    finally:
        machine.claim.release()


def another_handle(NESEmulator emulator not None):
    """Return a second emulator with the same machine, which stays open when the first is closed."""
    cdef BusyGuard guard
    cdef Machine machine = emulator.claimed(&guard)
    cdef NESEmulator other = NESEmulator.__new__(NESEmulator)
    other.ram_bytes = emulator.ram_bytes
    other.screen_bytes = emulator.screen_bytes
    other.machine = machine
    return other


# The package adds VectorEmulator, which is built on the batch.
__all__ = ["CpuTrace", "NESEmulator", "Snapshot", "VectorEmulator"]
