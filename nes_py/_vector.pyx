"""The engine of the vector environments: many environments of the C++ core and the threads that step them.

Arguments are checked here only for memory safety; ``nes_py.vector`` checks their meaning.
"""

import sys

import numpy as np

from nes_py._enums import check_names
from nes_py._openmp import effective_threads
from nes_py.errors import UnsupportedBoardError
from nes_py._code import OPERATIONS
from nes_py._limits import LONGEST_SCRIPT
from nes_py.game import ENCODINGS, MEMORIES

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_CheckSignals
from cpython.ref cimport PyObject
from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.memory cimport make_shared, shared_ptr
from libcpp.vector cimport vector

from nes_py._console cimport Console, ConstSavedState, Options, SavedState
from nes_py._env cimport (
    Environment,
    EnvironmentOptions,
    FieldMap,
    Interruption,
    Arrays,
    Autoreset,
    Batch,
    Colour,
    Condition,
    ConstSharedConfig,
    Encoding,
    Instruction,
    Job,
    JobKind,
    Memory,
    ObjectTable,
    Operation,
    Pcg64,
    Position,
    PictureOptions,
    ProgramResult,
    RewardTerm,
    Rules,
    Semantics,
    SharedConfig,
    Variable,
    kNoAddress,
    kMostJumps,
    kNoCode,
    kTooLong,
    run_row,
    run_start as run_core_start,
)
from nes_py._openmp cimport Workers
from nes_py.emulator cimport (
    BusyFlag,
    BusyGuard,
    Machine,
    MemoryView,
    NESEmulator,
    OutputBuffer,
    SharedRom,
    Snapshot,
    build_emulator,
    core_options,
    core_palette,
    output_buffer,
    timing_of,
    view_of,
)

cdef extern from "Python.h":
    Py_ssize_t Py_REFCNT(PyObject* object) noexcept

cdef enum:
    RAM_SIZE = 2048
    OBJECT_BYTES = 10
    SPRITES = 64

# The core's enumerators, by the names that they have in declarations.
_ENCODINGS = {
    "byte": <int>Encoding.byte,
    "little": <int>Encoding.little,
    "big": <int>Encoding.big,
    "bcd": <int>Encoding.bcd,
    "digits": <int>Encoding.digits,
    "bcd_little": <int>Encoding.bcd_little,
    "low_digits": <int>Encoding.low_digits,
    "low_digits_little": <int>Encoding.low_digits_little,
    "count": <int>Encoding.count,
}
_MEMORIES = {"ram": <int>Memory.ram, "prg_ram": <int>Memory.prg_ram}
_OPERATIONS = {
    "constant": <int>Operation.constant,
    "load": <int>Operation.load,
    "read": <int>Operation.read,
    "negate": <int>Operation.negate,
    "absolute": <int>Operation.absolute,
    "logical_not": <int>Operation.logical_not,
    "bit_not": <int>Operation.bit_not,
    "add": <int>Operation.add,
    "subtract": <int>Operation.subtract,
    "multiply": <int>Operation.multiply,
    "divide": <int>Operation.divide,
    "floor_divide": <int>Operation.floor_divide,
    "modulo": <int>Operation.modulo,
    "bit_and": <int>Operation.bit_and,
    "bit_or": <int>Operation.bit_or,
    "bit_xor": <int>Operation.bit_xor,
    "shift_left": <int>Operation.shift_left,
    "shift_right": <int>Operation.shift_right,
    "equal": <int>Operation.equal,
    "not_equal": <int>Operation.not_equal,
    "less": <int>Operation.less,
    "less_equal": <int>Operation.less_equal,
    "greater": <int>Operation.greater,
    "greater_equal": <int>Operation.greater_equal,
    "minimum": <int>Operation.minimum,
    "maximum": <int>Operation.maximum,
    "random": <int>Operation.random,
    "jump": <int>Operation.jump,
    "jump_if_false": <int>Operation.jump_if_false,
    "jump_if_false_or_pop": <int>Operation.jump_if_false_or_pop,
    "jump_if_true_or_pop": <int>Operation.jump_if_true_or_pop,
    "store": <int>Operation.store,
    "write": <int>Operation.write,
    "frame": <int>Operation.frame,
    "remember": <int>Operation.remember,
    "fail": <int>Operation.fail,
    "stop": <int>Operation.stop,
}
_AUTORESET_MODES = {
    "NextStep": <int>Autoreset.next_step,
    "SameStep": <int>Autoreset.same_step,
    "Disabled": <int>Autoreset.disabled,
}
check_names("encoding", _ENCODINGS, ENCODINGS)
check_names("memory", _MEMORIES, MEMORIES)
check_names("operation", _OPERATIONS, OPERATIONS)

#: A start state chosen by the environment's own generator.
ANY_START = 0xFFFFFFFF

# Reference counts are not reliable without the GIL.
_COUNTS_REFERENCES = sys.implementation.name == "cpython" and getattr(sys, "_is_gil_enabled", lambda: True)()


# --- from declarations to structs of the core ---


# These write to where the result belongs: what a copy of a returned struct throws, nobody would catch.


cdef Variable core_variable(object one):
    cdef Variable variable
    variable.address = one.offset
    variable.size = one.size
    variable.encoding = <Encoding><int>_ENCODINGS[one.encoding]
    variable.memory = <Memory><int>_MEMORIES[one.memory]
    variable.is_signed = one.signed
    variable.group = one.group
    for byte in one.counted:
        variable.set[<int>byte >> 6] |= (<uint64_t>1) << (<int>byte & 63)
    return variable


cdef int core_rules(object game, object compiled, Rules* rules) except -1:
    """Write the rules of a game with the code that ``compile_game`` made of it."""
    cdef Instruction instruction
    cdef RewardTerm term
    for one in (*(each for each in game.variables.values() if not each.is_computed), *compiled.writes):
        rules.variables.push_back(core_variable(one))
    rules.readings = compiled.readings
    rules.values = compiled.values
    rules.slots = compiled.slots
    rules.parameters = compiled.parameters
    rules.memories = compiled.memories
    rules.terms = compiled.terms
    for operation, argument, constant in compiled.code:
        instruction.operation = <Operation><int>_OPERATIONS[operation]
        instruction.argument = argument
        instruction.constant = constant
        rules.code.push_back(instruction)
    for reward, code in zip(game.rewards, compiled.rewards, strict=True):
        term.code = code
        term.weight = reward.weight
        term.low, term.high = reward.clip
        rules.rewards.push_back(term)
    rules.reward_low, rules.reward_high = game.reward_range
    entries = compiled.entries
    rules.compute = entries.get("compute", kNoCode)
    rules.update = entries.get("update", kNoCode)
    rules.terminated = entries.get("terminated", kNoCode)
    rules.truncated = entries.get("truncated", kNoCode)
    rules.begin = entries.get("begin", kNoCode)
    rules.after_reset = entries.get("after_reset", kNoCode)
    rules.after_step = entries.get("after_step", kNoCode)
    rules.start = entries.get("start", kNoCode)
    for code in compiled.columns.values():
        rules.infos.push_back(code)
    rules.lives = compiled.lives
    rules.start_info = compiled.start_column
    return 0


cdef int check_memory(object game, object compiled, size_t prg_ram_size) except -1:
    """Check that the cartridge has the memory that a game names."""
    named = [(f"variables.{name}", one) for name, one in game.variables.items() if not one.is_computed]
    for where, variable in (*named, *(("write", one) for one in compiled.writes)):
        if variable.memory == "prg_ram" and variable.offset + variable.size > prg_ram_size:
            raise ValueError(
                f"{where}: ${variable.address:04X} is outside the cartridge's RAM of {prg_ram_size} bytes"
            )
    return 0


def run_start(NESEmulator emulator not None, game, compiled, parameters):
    """Power on and run the program of a start; ``parameters``: their values, floats.

    Returns:
        tuple: the parameters and memories at its end, floats; and None, or what failed.
    """
    cdef Machine machine = emulator.idle_machine()
    cdef Rules rules
    cdef vector[double] slots
    cdef ProgramResult result
    check_memory(game, compiled, machine.console.prg_ram_size())
    core_rules(game, compiled, &rules)
    emulator.reset()
    slots.resize(compiled.slots)
    for number, value in enumerate(parameters):
        slots[<size_t>(rules.parameters + <uint32_t>number)] = value
    failed = None
    cdef uint32_t most_frames = LONGEST_SCRIPT
    cdef BusyGuard guard
    if not guard.take(machine.claim):
        raise RuntimeError("the emulator is being stepped by another thread")
    with nogil:
        result = run_core_start(rules, machine.console[0], slots.data(), most_frames)
    if result.failed:
        too_long = f"start: it does not end within {LONGEST_SCRIPT} frames and {kMostJumps} turns of loops"
        failed = too_long if result.place == kTooLong else compiled.places[result.place]
    return [slots[<size_t>place] for place in range(compiled.parameters, compiled.terms)], failed


cdef int core_position(object position, Position* result) except -1:
    low, high = (None, None) if position is None else position
    result.low = kNoAddress if low is None else <uint32_t>low
    result.high = kNoAddress if high is None else <uint32_t>high
    return 0


cdef int core_conditions(object conditions, vector[Condition]* result) except -1:
    cdef Condition condition
    cdef Py_ssize_t number
    result.clear()
    for address, values in conditions:
        condition.address = address
        for number in range(256):
            condition.holds[number] = values[number]
        result.push_back(condition)
    return 0


cdef int core_semantics(object semantics, size_t prg_ram_size, Semantics* result) except -1:
    """Write what tiles and objects mean; check that the cartridge has the memory that they name."""
    cdef FieldMap field
    cdef ObjectTable table
    cdef Py_ssize_t number
    if semantics.end_of_prg_ram > prg_ram_size:
        last = 0x6000 + semantics.end_of_prg_ram - 1
        raise ValueError(f"semantic: {last:#06x} is outside the cartridge's RAM of {prg_ram_size} bytes")
    for number in range(512):
        result.tiles[number] = semantics.tiles[number]
    for number in range(256):
        result.sprites[number] = semantics.sprites[number]
    result.has_tiles = any(semantics.tiles)
    result.has_sprites = any(semantics.sprites)
    result.first_row, result.end_row = semantics.tile_rows
    core_position(semantics.camera[0], &result.camera_x)
    core_position(semantics.camera[1], &result.camera_y)
    for one in semantics.maps:
        field.address = one.address
        field.rows, field.columns = one.shape
        field.row_stride, field.column_stride = one.strides
        field.page_columns, field.page_stride = one.page
        field.x, field.y = one.position
        field.width, field.height = one.size
        for number in range(256):
            field.classes[number] = one.kinds[number]
        field.in_level = one.in_level
        field.wraps = one.wraps
        core_conditions(one.when, &field.when)
        result.maps.push_back(field)
    for one in semantics.objects:
        table.count = one.count
        table.stride = one.stride
        core_position(one.x, &table.x)
        core_position(one.y, &table.y)
        table.kind = kNoAddress if one.kind is None else <uint32_t>one.kind
        table.active = kNoAddress if one.active is None else <uint32_t>one.active
        for number in range(256):
            table.classes[number] = one.kinds[number]
        table.dx, table.dy = one.offset
        table.width, table.height = one.size
        table.in_level = one.in_level
        core_conditions(one.when, &table.when)
        result.tables.push_back(table)
    result.cell = semantics.cell // 8
    result.around = semantics.around
    result.row, result.column = semantics.corner
    result.rows, result.columns = semantics.shape
    return 0


cdef PictureOptions core_picture(object options, bytes palette, Colour colour, bint resized):
    cdef PictureOptions result
    result.colour = colour
    result.crop_top, result.crop_bottom, result.crop_left, result.crop_right = options.crop
    result.height = (options.img_height or 0) if resized else 0
    result.width = (options.img_width or 0) if resized else 0
    result.palette = core_palette(palette)
    return result


cdef EnvironmentOptions core_environment(object options):
    cdef EnvironmentOptions result
    result.frameskip = options.frameskip
    result.maxpool = options.maxpool
    result.noop_max = options.noop_max
    result.repeat_action_probability = options.repeat_action_probability
    result.clip_reward = options.reward_clipping is not False
    result.reward_low, result.reward_high = options.reward_clipping or (0.0, 0.0)
    result.episodic_life = options.episodic_life
    result.max_frames = options.max_num_frames_per_episode or 0
    result.max_steps = options.max_episode_steps or 0
    result.ports = options.inputs
    result.stack = options.stack_num
    result.stack_repeats = options.stack_padding == "reset"
    result.channels_last = options.layout == "hwc"
    result.autoreset = <Autoreset><int>_AUTORESET_MODES[options.autoreset_mode.value]
    result.wants_image = "image" in options.observations
    result.wants_index = "index" in options.observations
    result.wants_ram = "ram" in options.observations
    result.wants_tiles = "tiles" in options.observations
    result.wants_objects = "objects" in options.observations
    result.wants_semantic = "semantic" in options.observations
    result.objects = options.objects or 0
    return result


# --- memory ---


cdef class Engine


cdef class Output:
    """The output arrays of one step: observations by name, rewards, flags, variables."""

    cdef readonly dict observations
    cdef readonly dict final_observations
    cdef readonly object rewards
    cdef readonly object terminated
    cdef readonly object truncated
    cdef readonly object life_lost
    cdef readonly object values
    cdef readonly object final_values
    cdef readonly object began
    cdef readonly Py_ssize_t rows
    cdef readonly bint is_given  # the observations are a caller's arrays
    cdef tuple views  # see shared()
    cdef Arrays arrays
    cdef Engine engine  # whose environments write to them
    cdef list memory  # OutputBuffer of each array of a caller

    def any_over(self):
        """Return whether an episode ended in the step."""
        cdef Py_ssize_t row
        for row in range(self.rows):
            if self.arrays.terminated[row] or self.arrays.truncated[row]:
                return True
        return False

    def tally(self, double[::1] rewards, int64_t[::1] lengths):
        """Add the rewards, and a step each, to those of the rows; return whether an episode began or ended in one."""
        cdef Py_ssize_t row
        cdef bint changes = False
        if not rewards.shape[0] == lengths.shape[0] == self.rows:
            raise ValueError(f"rewards and lengths must have {self.rows} rows")
        for row in range(self.rows):
            rewards[row] += self.arrays.reward[row]
            lengths[row] += 1
            changes |= self.arrays.terminated[row] | self.arrays.truncated[row] | self.arrays.began[row]
        return changes

    def shared(self):
        """Return the observations, rewards, terminated and truncated for a caller to keep: the same arrays each time.

        They are views: the core keeps pointers into its arrays, while shape, type and flags of a view are the caller's.
        """
        if self.views is None:
            arrays = self.observations
            self.views = (
                arrays if self.is_given else {name: array.view() for name, array in arrays.items()},
                self.rewards.view(),
                self.terminated.view(),
                self.truncated.view(),
            )
        return self.views

    def is_free(self):
        """Return whether no one else holds a reference to the returned arrays."""
        if not _COUNTS_REFERENCES:
            return False
        for array in self.observations.values():
            # The dict and the variable of this loop.
            if Py_REFCNT(<PyObject*>array) > 2:
                return False
        return True


cdef int put_buttons(object actions, const uint8_t[::1] table, uint8_t* buttons, Py_ssize_t rows) except -1:
    """Put ``table[action]`` of each action into ``buttons``; return whether ``actions`` has ``rows`` valid numbers."""
    cdef const int64_t[:] numbers
    cdef int64_t number
    cdef Py_ssize_t index
    try:
        numbers = actions
    except (BufferError, TypeError, ValueError):
        return False
    if numbers.shape[0] != rows:
        return False
    for index in range(rows):
        # Read once: another thread may write to the array meanwhile.
        number = numbers[index]
        if not 0 <= number < table.shape[0]:
            return False
        buttons[index] = table[number]
    return True


def look_up_buttons(actions, const uint8_t[::1] table, Py_ssize_t rows):
    """Return ``table[action]`` for each action, uint8 (rows, 1).

    Returns None if ``actions`` is anything but a buffer of ``rows`` valid 64-bit numbers: then they need a closer look.
    """
    result = np.empty((rows, 1), np.uint8)
    cdef uint8_t[:, ::1] bytes_of = result
    cdef uint8_t* buttons = &bytes_of[0, 0] if rows else NULL
    return result if put_buttons(actions, table, buttons, rows) else None


# --- the engine ---

cdef enum:
    # A step of so many frames may take long; with the reference policy all do.
    FRAMES_WITHOUT_SIGNAL_CHECK = 64


cdef inline int64_t whole_number(double value) noexcept:
    """Return a number without its fraction: 0 for what is not a number, 2**62 or its negative for one too large."""
    if value != value:
        return 0
    if value >= 2.0**63:
        return <int64_t>1 << 62
    if value < -(2.0**63):
        return -(<int64_t>1 << 62)
    return <int64_t>value


@cython.auto_pickle(False)
cdef class Columns:
    """Which columns of the core's output become arrays of which type.

    Args:
        int64 (Sequence[int]): columns that become int64; the next three are those of the other types.
        uint8 (Sequence[int]): the lowest byte of the whole number.
        bool_ (Sequence[int]): whether it is not 0.
        float64 (Sequence[int]): as they are.
    """

    cdef const int64_t[::1] int64
    cdef const int64_t[::1] uint8
    cdef const int64_t[::1] bool_
    cdef const int64_t[::1] float64
    cdef Py_ssize_t last

    def __cinit__(self, int64, uint8, bool_, float64):
        int64, uint8, bool_, float64 = list(int64), list(uint8), list(bool_), list(float64)
        places = int64 + uint8 + bool_ + float64
        if min(places, default=0) < 0:
            raise IndexError(f"there is no column {min(places)}")
        self.last = max(places, default=-1)
        self.int64, self.uint8 = np.array(int64, np.int64), np.array(uint8, np.int64)
        self.bool_, self.float64 = np.array(bool_, np.int64), np.array(float64, np.int64)

    def convert(self, const double[:, :] values):
        """Return four new arrays (columns, rows) from ``values`` (rows, all columns): int64, uint8, bool, float64."""
        cdef Py_ssize_t rows = values.shape[0]
        cdef Py_ssize_t row, i
        if self.last >= values.shape[1]:
            raise IndexError(f"there is no column {self.last}, only {values.shape[1]} of them")
        int64 = np.empty((self.int64.shape[0], rows), np.int64)
        uint8 = np.empty((self.uint8.shape[0], rows), np.uint8)
        bytes_of_bool = np.empty((self.bool_.shape[0], rows), np.uint8)
        float64 = np.empty((self.float64.shape[0], rows), np.float64)
        cdef int64_t[:, ::1] to_int64 = int64
        cdef uint8_t[:, ::1] to_uint8 = uint8
        cdef uint8_t[:, ::1] to_bool = bytes_of_bool
        cdef double[:, ::1] to_float64 = float64
        for i in range(self.int64.shape[0]):
            for row in range(rows):
                to_int64[i, row] = whole_number(values[row, self.int64[i]])
        for i in range(self.uint8.shape[0]):
            for row in range(rows):
                to_uint8[i, row] = <uint8_t>whole_number(values[row, self.uint8[i]])
        for i in range(self.bool_.shape[0]):
            for row in range(rows):
                to_bool[i, row] = values[row, self.bool_[i]] != 0.0
        for i in range(self.float64.shape[0]):
            for row in range(rows):
                to_float64[i, row] = values[row, self.float64[i]]
        return int64, uint8, bytes_of_bool.view(np.bool_), float64


cdef cbool ask_for_signals(void* engine) noexcept with gil:
    """Run signal handlers, in the main thread; return whether one raised something."""
    try:
        PyErr_CheckSignals()
    except BaseException as error:
        (<Engine>engine).raised = error
        return True
    return False


cdef struct NewGenerator:
    size_t index
    Pcg64 random


cdef struct NewState:
    Py_ssize_t index
    const SavedState* console
    const uint8_t* episode  # NULL: one begins


cdef class Engine:
    """Several environments of one ROM, and the actions that were sent to them.

    What changes environments does so in one go: everything is checked and allocated before, and no Python code, not
    even that of a signal handler, runs in between; but one can stop a step that takes long.

    Args:
        emulator (NESEmulator): of the ROM; only its ROM is used.
        count (int): number of environments.
        options (nes_py.options.EnvOptions): the options of all environments.
        starts (list[Snapshot]): start states of episodes; raw states of this ROM.
        cpus: the CPUs of the threads, or None.
        compiled (nes_py._code.Compiled): the code of the declared game.
        start_slots (list[list[float]]): the parameters and memories of each start.
        draws (bool): False: nobody looks at pictures.
    """

    cdef readonly Py_ssize_t count
    cdef readonly int num_threads
    cdef readonly tuple image_shape
    cdef readonly tuple index_shape
    cdef readonly tuple tiles_shape
    cdef readonly tuple objects_shape
    cdef readonly tuple semantic_shape
    cdef SharedRom rom
    cdef tuple console_options
    cdef str region
    cdef size_t state_size
    cdef shared_ptr[ConstSharedConfig] setup
    cdef shared_ptr[SharedConfig] drawing  # the same, to set what may change
    cdef Batch* batch
    cdef Workers workers
    cdef Py_ssize_t variables
    cdef int ports
    cdef tuple observations
    cdef bint has_final
    cdef bint manual_reset
    cdef BusyFlag busy
    cdef readonly list seeds  # of each environment's generator: int | None
    # How often environments, or actions that wait, have changed: after an exception, whether a call had an effect.
    cdef readonly uint64_t changes
    # Environments with an action that was not run yet, the one that waits longest first.
    cdef vector[uint32_t] queue
    cdef vector[uint8_t] pending  # of each environment: it has an action, or a result that was not fetched
    cdef vector[uint8_t] fresh  # of each: it was reset, and its first observation is to be shown
    cdef vector[uint8_t] sent  # the actions, `ports` for each
    cdef readonly tuple unfetched  # Output and environments (uint32) of the last `receive`, until `fetched`
    cdef bint stoppable  # by a signal handler, because a step may take long
    cdef object raised  # by a signal handler during a step
    cdef vector[uint8_t] before  # the environments as they were before the last step that may be undone
    cdef object table_owner  # of `table`
    cdef const uint8_t[::1] table  # the buttons of each action of `step_plainly`
    cdef vector[uint8_t] held  # the buttons of a step of `step_plainly`

    def __cinit__(self):
        self.batch = NULL

    def __dealloc__(self):
        del self.batch

    def __init__(self, NESEmulator emulator not None, count, options, starts, cpus, compiled, start_slots, draws=True):
        cdef Machine machine = emulator.idle_machine()
        cdef shared_ptr[SharedConfig] setup
        cdef shared_ptr[ConstSavedState] saved
        cdef vector[double] slots
        cdef Snapshot start
        cdef BusyGuard guard
        if not guard.take(self.busy) or self.batch != NULL:
            raise RuntimeError("the engine is already initialized")
        self.count = count
        self.num_threads = effective_threads(options.num_threads, count)
        self.rom = machine.rom
        self.console_options = machine.options
        self.region = machine.region
        self.state_size = machine.console.state_size()
        self.observations = options.observations
        self.has_final = options.autoreset_mode.value == "SameStep"
        self.manual_reset = options.autoreset_mode.value == "Disabled"
        self.stoppable = options.policy == "reference" or options.frameskip >= FRAMES_WITHOUT_SIGNAL_CHECK
        self.variables = len(compiled.columns)
        self.ports = options.inputs
        check_memory(options.declared_game, compiled, machine.console.prg_ram_size())
        colours = emulator.options["palette"] if options.palette is None else options.palette
        cdef Rules rules
        cdef Options given
        cdef Batch* batch = NULL
        core_rules(options.declared_game, compiled, &rules)
        core_options(machine.options, &given)
        cdef Semantics semantics
        if options.semantics is not None:
            core_semantics(options.semantics, machine.console.prg_ram_size(), &semantics)
        setup = make_shared[SharedConfig](
            core_environment(options),
            core_picture(options, colours, Colour.gray if options.grayscale else Colour.rgb, True),
            core_picture(options, colours, Colour.index, False),
            rules,
            semantics,
        )
        for start in starts:
            saved = start.state()
            if saved.get() == NULL or saved.get().size() != machine.console.state_size():
                raise ValueError("a start is not a state of this ROM in memory")
            setup.get().starts.push_back(saved)
        for values in start_slots:
            if len(values) != compiled.terms - compiled.parameters or len(start_slots) != len(starts):
                raise ValueError("the parameters and memories of a start do not fit")
            # Not converted from a list: what that throws, nobody would catch.
            slots.clear()
            for value in values:
                slots.push_back(value)
            setup.get().start_slots.push_back(slots)
        setup.get().draw(draws)
        self.setup = <shared_ptr[ConstSharedConfig]>setup
        self.drawing = setup
        top, bottom, left, right = options.crop
        height, width = 240 - top - bottom, 256 - left - right
        self.image_shape = self.shape(
            options, options.img_height or height, options.img_width or width, 1 if options.grayscale else 3
        )
        self.index_shape = self.shape(options, height, width, 1)
        self.tiles_shape = self.shape(options, 30, 32, 2)
        self.objects_shape = self.shape(options, options.objects or SPRITES, OBJECT_BYTES, 1)
        self.semantic_shape = self.shape(options, semantics.rows, semantics.columns, 1)
        self.workers = Workers(self.num_threads, options.wait_policy, cpus)
        self.seeds = [None] * self.count
        self.queue.reserve(self.count)
        self.pending.resize(self.count, 0)
        self.fresh.resize(self.count, 0)
        self.sent.resize(self.count * self.ports, 0)
        batch = new Batch(machine.rom.rom, given, self.setup, self.count, <uint32_t>self.num_threads)
        cdef Job job
        try:
            job = batch.job(JobKind.build)
            self.run(&job)
            batch.check_built()
        except BaseException as error:
            del batch
            if isinstance(error, RuntimeError):
                raise UnsupportedBoardError(str(error), None) from None
            raise
        self.batch = batch
        self.workers.clear_times()

    def draw(self, bint on):
        """Draw the last frame of each step, or draw none; at any time."""
        self.check()
        self.drawing.get().draw(on)

    def __reduce__(self):
        raise TypeError("an Engine has threads and consoles of its own; pickle the NESVectorEnv instead")

    @property
    def rom_content(self):
        """The ROM, bytes."""
        self.check()
        return self.rom.content

    @staticmethod
    def shape(options, height, width, colours):
        """Return the shape of an observation of stacked pictures."""
        channels = options.stack_num * colours
        return (channels, height, width) if options.layout == "chw" else (height, width, channels)

    # --- the threads ---

    cdef int check(self) except -1:
        if self.batch == NULL:
            raise RuntimeError("there are no environments: __init__ was not called or failed")
        return 0

    cdef int claim(self, BusyGuard* guard) except -1:
        """Keep other threads out for as long as ``guard`` lives."""
        self.check()
        if not guard.take(self.busy):
            raise RuntimeError("the environments are being stepped by another thread")
        return 0

    cdef void run(self, Job* job) noexcept:
        """Let the threads do a job. The worker that builds an environment is the one that steps it, so nobody helps."""
        cdef double units = job.rows if job.kind == JobKind.step else 0
        with nogil:
            self.workers.run(run_row, job, job.rows, units, job.kind != JobKind.build)

    cdef int run_step(self, Job* job) except -1:
        """Let the threads do a step. A signal handler can stop one that takes long; then nothing has changed."""
        cdef Interruption interruption
        cdef size_t size
        cdef size_t row
        if not self.stoppable:
            self.run(job)
            return 0
        size = self.batch.environment(0).whole_size()
        self.before.resize(self.count * size)
        interruption.asked = ask_for_signals
        interruption.context = <void*>self
        job.interruption = &interruption
        job.undo = self.before.data()
        self.raised = None
        self.run(job)
        if self.raised is None and not ask_for_signals(<void*>self):
            # None has come since the step asked for them last.
            return 0
        for row in range(job.rows):
            if self.batch.was_stepped(row):
                self.batch.environment(job.environments[row] if job.environments != NULL else row).load_whole(
                    self.before.data() + row * size
                )
        error, self.raised = self.raised, None
        raise error

    @property
    def engine(self):
        """What runs the steps: ``"openmp"``, ``"threads"`` (the project's own) or ``"single"``: one thread."""
        self.check()
        return self.workers.engine

    @property
    def active(self):
        """How many threads the next step will use."""
        self.check()
        return self.workers.active

    # --- arrays ---

    def new_output(self, Py_ssize_t rows, out=None, rewards=None, terminated=None, truncated=None):
        """Return arrays for ``rows`` environments.

        Args:
            rows (int): number of environments.
            out (dict | None): observations by name to use instead of new arrays.
            rewards (numpy.ndarray | None): float64 (rows,), to use instead of a new array.
            terminated (numpy.ndarray | None): bool (rows,), the same.
            truncated (numpy.ndarray | None): bool (rows,), the same.
        """
        cdef Output output = Output.__new__(Output)
        output.rows = rows
        self.check()
        if rows < 1:
            raise ValueError(f"there must be arrays for at least 1 environment, not {rows}")
        shapes = {
            "image": (rows, *self.image_shape),
            "index": (rows, *self.index_shape),
            "ram": (rows, RAM_SIZE),
            "tiles": (rows, *self.tiles_shape),
            "objects": (rows, *self.objects_shape),
            "semantic": (rows, *self.semantic_shape),
        }
        given = out or {}
        output.engine = self
        output.is_given = out is not None
        output.memory = []
        output.observations = {
            name: given[name] if name in given else np.empty(shapes[name], np.uint8) for name in self.observations
        }
        output.final_observations = {}
        if self.has_final:
            # Not written if no episode ends.
            output.final_observations = {name: np.empty(shapes[name], np.uint8) for name in self.observations}
        output.rewards = np.zeros(rows, np.float64) if rewards is None else rewards
        output.terminated = np.zeros(rows, np.bool_) if terminated is None else terminated
        output.truncated = np.zeros(rows, np.bool_) if truncated is None else truncated
        output.life_lost = np.zeros(rows, np.bool_)
        output.values = np.zeros((rows, self.variables), np.float64)
        output.final_values = np.zeros((rows, self.variables), np.float64)
        output.began = np.zeros(rows, np.bool_)
        # A memory view refuses another type, a gap between elements and memory that cannot be written.
        cdef double[::1] rewards_data = output.rewards
        cdef uint8_t[::1] terminated_data = np.asarray(output.terminated).view(np.uint8)
        cdef uint8_t[::1] truncated_data = np.asarray(output.truncated).view(np.uint8)
        if not rows == rewards_data.shape[0] == terminated_data.shape[0] == truncated_data.shape[0]:
            raise ValueError(f"rewards, terminated and truncated must have {rows} rows")
        cdef uint8_t[::1] life_lost = output.life_lost.view(np.uint8)
        cdef uint8_t[::1] began = output.began.view(np.uint8)
        cdef double[:, ::1] values, final_values
        cdef dict now = {}
        cdef dict final = {}
        cdef OutputBuffer memory
        for arrays_of, table in ((output.observations, now), (output.final_observations, final)):
            for name, array in arrays_of.items():
                memory = output_buffer(array, shapes[name], "B", f"the {name} of out")
                table[name] = <size_t>memory.data
                # Arrays that were made here are not held twice: is_free counts who has them.
                if array is given.get(name):
                    output.memory.append(memory)
        memory = None
        cdef Arrays arrays
        arrays.image = <uint8_t*><size_t>now.get("image", 0)
        arrays.index = <uint8_t*><size_t>now.get("index", 0)
        arrays.ram = <uint8_t*><size_t>now.get("ram", 0)
        arrays.tiles = <uint8_t*><size_t>now.get("tiles", 0)
        arrays.objects = <uint8_t*><size_t>now.get("objects", 0)
        arrays.semantic = <uint8_t*><size_t>now.get("semantic", 0)
        arrays.final_image = <uint8_t*><size_t>final.get("image", 0)
        arrays.final_index = <uint8_t*><size_t>final.get("index", 0)
        arrays.final_ram = <uint8_t*><size_t>final.get("ram", 0)
        arrays.final_tiles = <uint8_t*><size_t>final.get("tiles", 0)
        arrays.final_objects = <uint8_t*><size_t>final.get("objects", 0)
        arrays.final_semantic = <uint8_t*><size_t>final.get("semantic", 0)
        arrays.reward = &rewards_data[0]
        arrays.terminated = &terminated_data[0]
        arrays.truncated = &truncated_data[0]
        arrays.life_lost = &life_lost[0]
        arrays.began = &began[0]
        arrays.values = NULL
        arrays.final_values = NULL
        if self.variables:
            values, final_values = output.values, output.final_values
            arrays.values = &values[0, 0]
            arrays.final_values = &final_values[0, 0]
        output.arrays = arrays
        return output

    # --- running ---

    cdef int check_output(self, Output output, Py_ssize_t rows) except -1:
        if output.engine is not self or output.rows != rows:
            raise ValueError(f"the arrays are not for {rows} of these environments")
        return 0

    def random_state(self, Py_ssize_t index):
        """Return the state of one environment's generator, that of a ``numpy.random.PCG64``."""
        self.check_index(index)
        cdef BusyGuard guard
        self.claim(&guard)
        cdef Pcg64* random = &self.batch.environment(index).random()
        return {
            "bit_generator": "PCG64",
            "state": {
                "state": (<object>random.state_high) << 64 | random.state_low,
                "inc": (<object>random.increment_high) << 64 | random.increment_low,
            },
            "has_uint32": random.has_spare,
            "uinteger": random.spare,
        }

    def seed(self, seeds):
        """Seed generators.

        Args:
            seeds (list): tuples: the environment, the seed (int or None), and the ``state`` and ``inc`` of a
                ``numpy.random.PCG64``; with a fifth entry, its ``uinteger``, that half of a number is drawn next.
        """
        cdef vector[NewGenerator] generators
        self.check()
        numbers = self.read_seeds(seeds, &generators)
        cdef BusyGuard guard
        self.claim(&guard)
        self.seed_all(&generators, numbers)

    cdef list read_seeds(self, seeds, vector[NewGenerator]* generators):
        """Convert the seeds; return a copy of ``self.seeds`` with them."""
        cdef NewGenerator one
        numbers = list(self.seeds)
        for index, number, state, increment, *spare in seeds or ():
            one.index = index
            if one.index >= <size_t>self.count:
                raise IndexError(f"there is no environment {index}, only 0 to {self.count - 1}")
            one.random.state_high = <uint64_t>(state >> 64)
            one.random.state_low = <uint64_t>(state & 0xFFFFFFFFFFFFFFFF)
            one.random.increment_high = <uint64_t>(increment >> 64)
            one.random.increment_low = <uint64_t>(increment & 0xFFFFFFFFFFFFFFFF)
            one.random.has_spare = len(spare) != 0
            one.random.spare = spare[0] if spare else 0
            generators.push_back(one)
            numbers[one.index] = number
        return numbers

    cdef void seed_all(self, const vector[NewGenerator]* generators, list numbers) noexcept:
        cdef size_t i
        for i in range(generators.size()):
            (&self.batch.environment(generators[0][i].index).random())[0] = generators[0][i].random
        self.seeds = numbers

    def reset(self, Output output not None, mask, starts, bint whole, seeds=None, bint fetch=False):
        """Start episodes of all environments, or by the bool array ``mask``. ``starts``: uint32, one each, or None.

        ``seeds``: as for ``seed``. ``fetch``: the first observations are fetched by ``receive``. Actions that were sent
        to the environments that are reset are dropped.
        """
        cdef const uint8_t[::1] chosen
        cdef const uint32_t[::1] begins
        cdef const uint8_t* mask_data = NULL
        cdef const uint32_t* start_data = NULL
        cdef vector[NewGenerator] generators
        cdef Py_ssize_t index
        self.check()
        self.check_output(output, self.count)
        if mask is not None:
            chosen = np.asarray(mask).view(np.uint8)
            if chosen.shape[0] != self.count:
                raise ValueError("mask has the wrong length")
            mask_data = &chosen[0]
        if starts is not None:
            begins = starts
            if begins.shape[0] != self.count:
                raise ValueError("starts has the wrong length")
            for index in range(self.count):
                if begins[index] != 0xFFFFFFFF and begins[index] >= self.setup.get().starts.size():
                    raise ValueError(f"there is no start {begins[index]}")
            start_data = &begins[0]
        numbers = self.read_seeds(seeds, &generators)
        cdef BusyGuard guard
        self.claim(&guard)
        self.seed_all(&generators, numbers)
        cdef Job job = self.batch.job(JobKind.reset)
        job.arrays = output.arrays
        job.mask = mask_data
        job.starts = start_data
        job.whole = whole
        self.run(&job)
        self.drop_actions(mask_data, fetch)
        self.changes += 1

    def show(self, Output output not None):
        """Write the present observations."""
        self.check()
        self.check_output(output, self.count)
        cdef vector[uint8_t] nobody
        nobody.resize(self.count, 0)
        cdef BusyGuard guard
        self.claim(&guard)
        cdef Job job = self.batch.job(JobKind.reset)
        job.arrays = output.arrays
        job.mask = nobody.data()
        self.run(&job)

    def step(self, Output output not None, const uint8_t[:, ::1] buttons, bint undoable=False):
        """Step all environments with ``buttons``, one row each. ``undoable``: ``undo`` can take it back.

        Raises:
            RuntimeError: one cannot be stepped: ``unready`` tells why. None was.
        """
        cdef Py_ssize_t index
        self.check()
        if buttons.shape[0] != self.count or buttons.shape[1] != self.ports:
            raise ValueError("buttons have the wrong shape")
        self.check_output(output, self.count)
        cdef BusyGuard guard
        self.claim(&guard)
        if undoable:
            self.before.resize(self.count * self.batch.environment(0).whole_size())
        index = self.first_unready()
        if index < self.count:
            raise RuntimeError(f"environment {index} cannot be stepped")
        cdef Job job = self.batch.job(JobKind.step)
        job.arrays = output.arrays
        job.buttons = &buttons[0, 0]
        if undoable:
            job.undo = self.before.data()
        self.run_step(&job)
        self.changes += 1

    def step_plainly(self, actions, table, list outputs, bint copies):
        """Step all environments, whose actions are places in ``table``, as far as nothing needs a closer look.

        This is the quick way of the most usual step: as few Python objects are made as can be.

        Args:
            actions: of each environment, a buffer of int64.
            table (numpy.ndarray): the buttons of each action, uint8.
            outputs (list[Output]): the results are put into the first of them that fits.
            copies (bool): one whose arrays somebody holds does not fit.

        Returns:
            Output | None: None: something needs a closer look, and nothing has happened.
        """
        cdef Output output
        self.check()
        if self.ports != 1 or not self.queue.empty() or self.unfetched is not None:
            return None
        for output in outputs:
            if output.engine is self and output.rows == self.count and not (copies and not output.is_free()):
                break
        else:
            return None
        if table is not self.table_owner:
            self.table = table
            self.table_owner = table
        cdef BusyGuard guard
        self.claim(&guard)
        self.held.resize(self.count)
        if self.first_unready() < self.count or not put_buttons(actions, self.table, self.held.data(), self.count):
            return None
        cdef Job job = self.batch.job(JobKind.step)
        job.arrays = output.arrays
        job.buttons = self.held.data()
        self.run_step(&job)
        self.changes += 1
        return output

    def undo(self):
        """Take all environments back to where the last step began, which was ``undoable``."""
        cdef size_t size
        cdef Py_ssize_t index
        cdef BusyGuard guard
        self.claim(&guard)
        size = self.batch.environment(0).whole_size()
        if self.before.size() != self.count * size:
            raise RuntimeError("no step can be undone")
        for index in range(self.count):
            self.batch.environment(index).load_whole(self.before.data() + index * size)
        self.changes -= 1

    # --- actions that were sent ---

    cdef void drop_actions(self, const uint8_t* mask, bint fetch) noexcept:
        """Forget the actions of the environments that were reset; ``fetch``: they have a first observation."""
        cdef size_t place = 0
        cdef size_t kept = 0
        cdef uint32_t index
        if mask == NULL:
            self.unfetched = None
        for place in range(self.queue.size()):
            index = self.queue[place]
            if mask == NULL or mask[index]:
                self.pending[index] = self.fresh[index] = 0
            else:
                self.queue[kept] = index
                kept += 1
        if mask == NULL:
            # Also those of results that were not fetched.
            for index in range(<uint32_t>self.count):
                self.pending[index] = 0
        self.shorten_queue(0, kept)
        if fetch:
            for index in range(<uint32_t>self.count):
                self.queue.push_back(index)  # there is room for all
                self.pending[index] = self.fresh[index] = 1

    cdef void shorten_queue(self, size_t first, size_t count) noexcept:
        """Keep ``count`` entries from ``first`` on."""
        cdef size_t place
        for place in range(count):
            self.queue[place] = self.queue[first + place]
        while self.queue.size() > count:
            self.queue.pop_back()

    @property
    def waiting(self):
        """How many environments have an action that was not run."""
        return self.queue.size()

    def is_pending(self, Py_ssize_t index):
        """Return whether an environment has an action, or a result that was not fetched."""
        self.check_index(index)
        return self.pending[index] != 0

    def next_to_step(self, Py_ssize_t rows):
        """Return the environments that ``receive`` would step now, without those that it would only show."""
        cdef Py_ssize_t place
        return [
            self.queue[place]
            for place in range(min(rows, <Py_ssize_t>self.queue.size()))
            if not self.fresh[self.queue[place]]
        ]

    def send(self, const uint32_t[::1] environments, const uint8_t[:, ::1] buttons):
        """Put actions into the queue. Callers have checked that none of these environments is pending, and that each is
        there once.
        """
        cdef Py_ssize_t row, port
        cdef Py_ssize_t count = environments.shape[0]
        if buttons.shape[0] != count or buttons.shape[1] != self.ports:
            raise ValueError("buttons have the wrong shape")
        cdef BusyGuard guard
        self.claim(&guard)
        if <Py_ssize_t>self.queue.size() + count > self.count:
            raise ValueError("an environment is there twice")
        for row in range(count):
            if environments[row] >= <uint32_t>self.count or self.pending[environments[row]]:
                raise ValueError(f"environment {environments[row]} cannot have an action")
        for row in range(count):
            self.queue.push_back(environments[row])  # there is room for all
            self.pending[environments[row]] = 1
            self.fresh[environments[row]] = 0
            for port in range(self.ports):
                self.sent[environments[row] * self.ports + port] = buttons[row, port]
        self.changes += 1

    def receive(self, Output output not None):
        """Step the environments that wait longest, one for each row of ``output``; then ``unfetched`` is set."""
        cdef Py_ssize_t rows = output.rows
        cdef Py_ssize_t row
        cdef int port
        self.check()
        self.check_output(output, rows)
        numbers = np.empty(rows, np.uint32)
        buttons = np.empty((rows, self.ports), np.uint8)
        shown = np.empty(rows, np.uint8)
        result = (output, numbers)
        cdef uint32_t[::1] members = numbers
        cdef uint8_t[:, ::1] held = buttons
        cdef uint8_t[::1] only_show = shown
        cdef BusyGuard guard
        self.claim(&guard)
        if self.unfetched is not None or <Py_ssize_t>self.queue.size() < rows:
            raise RuntimeError("a result was not fetched, or there are too few actions")
        for row in range(rows):
            members[row] = self.queue[row]
            only_show[row] = self.fresh[members[row]]
            if not only_show[row] and not self.is_ready(members[row]):
                raise RuntimeError(f"environment {members[row]} cannot be stepped")
            for port in range(self.ports):
                held[row, port] = self.sent[members[row] * self.ports + port]
        cdef Job job = self.batch.job(JobKind.step)
        job.rows = rows
        job.arrays = output.arrays
        job.environments = &members[0]
        job.buttons = &held[0, 0]
        job.only_show = &only_show[0]
        self.run_step(&job)
        self.unfetched = result
        self.shorten_queue(rows, self.queue.size() - rows)
        self.changes += 1

    def fetched(self, result):
        """Forget the result of ``receive``; return what was made of it, so that no exception comes in between."""
        cdef Py_ssize_t row
        cdef const uint32_t[::1] members
        if self.unfetched is None:
            return result
        members = self.unfetched[1]
        for row in range(members.shape[0]):
            self.pending[members[row]] = self.fresh[members[row]] = 0
        self.unfetched = None
        return result

    def sent_actions(self):
        """Return the actions that were not run, and the seeds, for ``resume`` of other environments."""
        cdef size_t place
        cdef BusyGuard guard
        self.claim(&guard)
        if self.unfetched is not None:
            raise RuntimeError("a result was not fetched: call recv() first")
        queue = [self.queue[place] for place in range(self.queue.size())]
        return (
            queue,
            [self.fresh[index] != 0 for index in queue],
            [[self.sent[index * self.ports + port] for port in range(self.ports)] for index in queue],
            list(self.seeds),
        )

    def resume(self, sent):
        """Take over the result of ``sent_actions``; nothing was sent yet."""
        queue, fresh, buttons, seeds = sent
        if len(seeds) != self.count:
            raise ValueError("there must be a seed for each environment")
        if queue:
            self.send(np.array(queue, np.uint32), np.array(buttons, np.uint8).reshape(len(queue), self.ports))
            for index, one in zip(queue, fresh, strict=True):
                self.fresh[<size_t>index] = <bint>one
        self.seeds = list(seeds)

    def unready(self, environments=None):
        """Return the first environment that cannot be stepped and why, or None: ``(index, has begun)``."""
        cdef Py_ssize_t index
        self.check()
        if environments is None:
            index = self.first_unready()
            return (index, self.batch.environment(index).begun()) if index < self.count else None
        for number in environments:
            index = number
            self.check_index(index)
            if not self.is_ready(index):
                return index, self.batch.environment(index).begun()
        return None

    cdef Py_ssize_t first_unready(self) noexcept:
        """Return the first environment that cannot be stepped, or how many there are."""
        cdef Py_ssize_t index = 0
        while index < self.count and self.is_ready(index):
            index += 1
        return index

    cdef bint is_ready(self, Py_ssize_t index) noexcept:
        cdef Environment* environment = &self.batch.environment(index)
        return environment.begun() and not (self.manual_reset and environment.over())

    def end_episodes(self, const uint8_t[::1] ended):
        """Mark episodes as over, by a mask."""
        cdef Py_ssize_t index
        if ended.shape[0] != self.count:
            raise ValueError("the mask has the wrong length")
        cdef BusyGuard guard
        self.claim(&guard)
        for index in range(self.count):
            if ended[index]:
                self.batch.environment(index).end_episode()

    def render(self):
        """Return all pictures, a new uint8 array (count, 240, 256, 3), RGB."""
        self.check()
        pictures = np.empty((self.count, 240, 256, 3), np.uint8)
        cdef uint8_t[:, :, :, ::1] data = pictures
        cdef BusyGuard guard
        self.claim(&guard)
        cdef Job job = self.batch.job(JobKind.render)
        job.pictures = &data[0, 0, 0, 0]
        self.run(&job)
        return pictures

    # --- sound ---

    def set_sample_rate(self, unsigned hz):
        """Turn the sound of all environments on, or off with 0."""
        cdef Py_ssize_t index
        cdef BusyGuard guard
        self.claim(&guard)
        for index in range(self.count):
            self.batch.environment(index).console().set_sample_rate(hz)

    def sounds(self, environments=None):
        """Return what environments, or all of them, have played in their last step.

        Returns:
            tuple: samples float32 (rows, n), padded with zeros, and their numbers int64 (rows,).
        """
        members = np.arange(self.count, dtype=np.uint32) if environments is None else environments
        cdef const uint32_t[::1] member = members
        cdef Py_ssize_t rows = member.shape[0]
        cdef Py_ssize_t row
        for row in range(rows):
            self.check_index(member[row])
        lengths = np.zeros(rows, np.int64)
        cdef int64_t[::1] length = lengths
        cdef BusyGuard guard
        self.claim(&guard)
        for row in range(rows):
            length[row] = self.batch.environment(member[row]).console().audio_size()
        samples = np.zeros((rows, lengths.max(initial=0)), np.float32)
        cdef float[:, ::1] data = samples
        for row in range(rows):
            if length[row] > 0:
                self.batch.environment(member[row]).console().copy_audio(&data[row, 0], length[row])
        return samples, lengths

    # --- memory and states ---

    cdef int check_index(self, Py_ssize_t index) except -1:
        self.check()
        if not 0 <= index < self.count:
            raise IndexError(f"there is no environment {index}, only 0 to {self.count - 1}")
        # A caller that asks for one environment will read or change it.
        if self.busy.busy():
            raise RuntimeError("the environments are being stepped by another thread")
        return 0

    cdef MemoryView view(self, uint8_t* first, tuple shape):
        cdef MemoryView view = view_of(self, first, shape)
        view.strides[0] = self.batch.memory_stride()
        return view

    def ram(self):
        """Return the RAM of all environments as a view: uint8 (count, 2048), writable."""
        self.check()
        return np.asarray(self.view(self.batch.environment(0).console().ram(), (self.count, RAM_SIZE)))

    def screens(self):
        """Return all pictures as a view: palette indices, uint8 (count, 240, 256), writable."""
        cdef Py_ssize_t index
        self.check()
        for index in range(self.count):
            self.batch.environment(index).console().share_picture()
        return np.asarray(self.view(self.batch.environment(0).console().index_buffer(), (self.count, 240, 256)))

    def prg_ram(self):
        """Return the cartridge RAM of all environments as a view: uint8 (count, n), writable."""
        self.check()
        cdef size_t size = self.batch.environment(0).console().prg_ram_size()
        if size == 0:
            return np.empty((self.count, 0), np.uint8)
        return np.asarray(self.view(self.batch.environment(0).console().prg_ram(), (self.count, size)))

    def save_ram(self):
        """Return the battery-backed RAM of all environments as a view: uint8 (count, n), writable."""
        self.check()
        cdef size_t size = self.batch.environment(0).console().prg_nvram_size()
        if size == 0:
            return np.empty((self.count, 0), np.uint8)
        return np.asarray(self.view(self.batch.environment(0).console().prg_nvram(), (self.count, size)))

    def snapshot(self, Py_ssize_t index):
        """Return the state of one console, a ``Snapshot``."""
        self.check_index(index)
        cdef Console* console = &self.batch.environment(index).console()
        cdef Snapshot snapshot = Snapshot.__new__(Snapshot)
        cdef BusyGuard guard
        self.claim(&guard)
        snapshot.adopt(console.save_state(), self.rom, self.console_options, self.region)
        return snapshot

    def raw_snapshot(self, state):
        """Return the raw state of this ROM for a ``Snapshot`` or its bytes.

        Raises:
            StateError: a ``ValueError``: it is damaged or of another ROM.
            TypeError: it is something else.
        """
        cdef Snapshot snapshot
        cdef shared_ptr[ConstSavedState] saved
        if isinstance(state, Snapshot):
            snapshot = <Snapshot>state
            saved = snapshot.state()
            if (
                saved.get() != NULL
                and saved.get().size() == self.state_size
                and snapshot.rom is self.rom
                and snapshot.region == self.region
                and timing_of(snapshot.options) == timing_of(self.console_options)
            ):
                return snapshot
        with build_emulator(self.rom, self.console_options) as emulator:
            emulator.load_state(state)
            return emulator.dump_state()

    def clone(self, Py_ssize_t source, targets):
        """Copy an environment into others, without its generator."""
        self.check_index(source)
        cdef Environment* origin = &self.batch.environment(source)
        cdef vector[uint8_t] console
        cdef vector[uint8_t] episode
        cdef Py_ssize_t index
        for index in targets:
            self.check_index(index)
        console.resize(origin.console().state_size())
        episode.resize(origin.episode_size())
        cdef BusyGuard guard
        self.claim(&guard)
        origin.console().save(console.data())
        origin.save_episode(episode.data())
        for index in targets:
            self.batch.environment(index).console().load(console.data())
            self.batch.environment(index).load_episode(episode.data(), False)

    def load(self, indices, snapshots, episodes):
        """Load states, raw ones of this ROM, and results of ``episode``, or start an episode there where that is None.

        Raises:
            ValueError: an episode holds a value that it cannot have, or began at a start that is not one of these.
                None of the states was loaded.
        """
        cdef Py_ssize_t row
        cdef Py_ssize_t count = len(indices)
        cdef vector[NewState] states
        cdef NewState one
        cdef const uint8_t[::1] data
        cdef const char* field
        self.check()
        snapshots, episodes = list(snapshots), [None if each is None else bytes(each) for each in episodes]
        if len(snapshots) != count or len(episodes) != count:
            raise ValueError("there must be a state for each environment")
        for row in range(count):
            one.index = indices[row]
            self.check_index(one.index)
            if not isinstance(snapshots[row], Snapshot):
                raise TypeError(f"a state must be a Snapshot, not {type(snapshots[row]).__name__}")
            one.console = (<Snapshot>snapshots[row]).state().get()  # which the snapshot keeps
            one.episode = NULL
            if one.console == NULL or one.console.size() != self.state_size:
                raise ValueError("the state is not a state of this ROM in memory")
            if episodes[row] is not None:
                if len(episodes[row]) != <Py_ssize_t>self.batch.environment(0).episode_size():
                    raise ValueError(
                        f"the state is damaged: its episode has {len(episodes[row])} bytes instead of "
                        f"{self.batch.environment(0).episode_size()}"
                    )
                data = episodes[row]
                one.episode = &data[0]
                field = self.batch.environment(0).impossible_value(one.episode)
                if field != NULL:
                    raise ValueError(f"the state is damaged: {field.decode()} of its episode cannot be like that")
                if not self.batch.environment(0).has_start(one.episode):
                    raise ValueError(
                        "the episode of the state began at a start that these environments do not have, and info "
                        "reports its parameters: their option states must contain the start"
                    )
            states.push_back(one)
        cdef BusyGuard guard
        self.claim(&guard)
        for row in range(count):
            self.batch.environment(states[row].index).adopt(states[row].console[0], self.batch.scratch(0))
            if states[row].episode != NULL:
                self.batch.environment(states[row].index).load_episode(states[row].episode, True)
        self.changes += 1

    def episode(self, Py_ssize_t index):
        """Return the state of an environment other than its console, as bytes."""
        self.check_index(index)
        cdef Environment* environment = &self.batch.environment(index)
        cdef bytes data = PyBytes_FromStringAndSize(NULL, environment.episode_size())
        cdef BusyGuard guard
        self.claim(&guard)
        environment.save_episode(<uint8_t*><char*>data)
        return data

    # --- timing ---

    def times(self):
        """Return busy nanoseconds, loops, environments and the last CPU of each worker, int64 (workers, 4)."""
        self.check()
        return np.array(self.workers.times(), np.int64)

    def clear_times(self):
        """Reset the counters."""
        self.check()
        self.workers.clear_times()


__all__ = ["ANY_START", "Columns", "Engine", "Output", "look_up_buttons", "run_start"]
