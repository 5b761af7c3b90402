# Environments of the C++ core as Cython sees them: csrc/env.

from libc.stddef cimport size_t
from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.memory cimport shared_ptr
from libcpp.vector cimport vector

from nes_py._console cimport Console, ConstPalette, ConstRom, ConstSavedState, Options, SavedState


cdef extern from "env/random.hpp" namespace "nes::env":
    cdef cppclass Pcg64:
        uint64_t state_high
        uint64_t state_low
        uint64_t increment_high
        uint64_t increment_low
        uint32_t spare
        uint32_t has_spare


cdef extern from "env/program.hpp" namespace "nes::env":
    cdef enum class Encoding(unsigned char):
        byte
        little
        big
        bcd
        digits
        bcd_little
        low_digits
        low_digits_little
        count

    cdef enum class Memory(unsigned char):
        ram
        prg_ram

    cdef enum class Operation(unsigned char):
        constant
        load
        read
        negate
        absolute
        logical_not
        bit_not
        add
        subtract
        multiply
        divide
        floor_divide
        modulo
        bit_and
        bit_or
        bit_xor
        shift_left
        shift_right
        equal
        not_equal
        less
        less_equal
        greater
        greater_equal
        minimum
        maximum
        random
        jump
        jump_if_false
        jump_if_false_or_pop
        jump_if_true_or_pop
        store
        write
        frame
        remember
        fail
        stop

    cdef cppclass Variable:
        uint32_t address
        uint32_t size
        Encoding encoding
        Memory memory
        cbool is_signed
        uint32_t group
        uint64_t set[4]

    cdef cppclass Instruction:
        Operation operation
        uint32_t argument
        double constant

    cdef cppclass ProgramResult:
        double value
        cbool failed
        uint32_t place

    const uint32_t kNoCode
    const uint32_t kTooLong
    const uint32_t kMostJumps

    ProgramResult run_start(
        const Rules& rules, Console& console, double* slots, uint32_t most_frames
    ) noexcept nogil


cdef extern from "env/rules.hpp" namespace "nes::env":
    cdef cppclass RewardTerm:
        uint32_t code
        double weight
        double low
        double high

    cdef cppclass Rules:
        vector[Variable] variables
        uint32_t readings
        uint32_t values
        uint32_t slots
        uint32_t parameters
        uint32_t memories
        uint32_t terms
        vector[Instruction] code
        uint32_t compute
        vector[RewardTerm] rewards
        double reward_low
        double reward_high
        uint32_t update
        uint32_t terminated
        uint32_t truncated
        uint32_t begin
        uint32_t after_reset
        uint32_t after_step
        uint32_t start
        vector[uint32_t] infos
        int32_t lives
        int32_t start_info


cdef extern from "env/preprocess.hpp" namespace "nes::env":
    cdef enum class Colour(unsigned char):
        gray
        rgb
        index

    cdef cppclass PictureOptions:
        Colour colour
        uint32_t crop_top
        uint32_t crop_bottom
        uint32_t crop_left
        uint32_t crop_right
        uint32_t height
        uint32_t width
        shared_ptr[ConstPalette] palette


cdef extern from "env/semantic.hpp" namespace "nes::env":
    const uint32_t kNoAddress

    cdef cppclass Position:
        uint32_t low
        uint32_t high

    cdef cppclass Condition:
        uint32_t address
        cbool holds[256]

    cdef cppclass ObjectTable:
        uint32_t count
        uint32_t stride
        Position x
        Position y
        uint32_t kind
        uint32_t active
        uint8_t classes[256]
        int32_t dx
        int32_t dy
        int32_t width
        int32_t height
        cbool in_level
        vector[Condition] when

    cdef cppclass FieldMap:
        uint32_t address
        uint32_t rows
        uint32_t columns
        uint32_t row_stride
        uint32_t column_stride
        uint32_t page_columns
        uint32_t page_stride
        int32_t x
        int32_t y
        int32_t width
        int32_t height
        uint8_t classes[256]
        cbool in_level
        cbool wraps
        vector[Condition] when

    cdef cppclass Semantics:
        uint8_t tiles[512]
        uint8_t sprites[256]
        cbool has_tiles
        cbool has_sprites
        uint32_t first_row
        uint32_t end_row
        Position camera_x
        Position camera_y
        vector[FieldMap] maps
        vector[ObjectTable] tables
        uint32_t cell
        uint8_t around
        int32_t row
        int32_t column
        uint32_t rows
        uint32_t columns


cdef extern from "env/environment.hpp" namespace "nes::env":
    cdef enum class Autoreset(unsigned char):
        next_step
        same_step
        disabled

    cdef cppclass EnvironmentOptions:
        uint32_t frameskip
        cbool maxpool
        uint32_t noop_max
        double repeat_action_probability
        cbool clip_reward
        double reward_low
        double reward_high
        cbool episodic_life
        uint64_t max_frames
        uint64_t max_steps
        uint32_t ports
        uint32_t stack
        cbool stack_repeats
        cbool channels_last
        Autoreset autoreset
        cbool wants_image
        cbool wants_index
        cbool wants_ram
        cbool wants_tiles
        cbool wants_objects
        cbool wants_semantic
        uint32_t objects

    cdef cppclass SharedConfig:
        SharedConfig(
            const EnvironmentOptions&, const PictureOptions&, const PictureOptions&, Rules, Semantics
        ) except +
        vector[shared_ptr[ConstSavedState]] starts
        vector[vector[double]] start_slots
        void draw(cbool on) noexcept nogil

    ctypedef const SharedConfig ConstSharedConfig "const nes::env::SharedConfig"

    cdef cppclass Scratch:
        pass

    cdef cppclass Environment:
        Console& console() noexcept nogil
        Pcg64& random() noexcept nogil
        cbool begun() noexcept nogil
        cbool over() noexcept nogil
        void end_episode() noexcept nogil
        size_t episode_size() noexcept nogil
        void save_episode(uint8_t* out) noexcept nogil
        const char* impossible_value(const uint8_t* episode) noexcept nogil
        cbool has_start(const uint8_t* episode) noexcept nogil
        size_t whole_size() noexcept nogil
        void load_whole(const uint8_t* data) noexcept nogil
        void load_episode(const uint8_t* data, cbool with_random) noexcept nogil
        void adopt(const SavedState& state, Scratch& scratch) noexcept nogil


cdef extern from "env/batch.hpp" namespace "nes::env":
    cdef cppclass Arrays:
        uint8_t* image
        uint8_t* index
        uint8_t* ram
        uint8_t* tiles
        uint8_t* objects
        uint8_t* semantic
        uint8_t* final_image
        uint8_t* final_index
        uint8_t* final_ram
        uint8_t* final_tiles
        uint8_t* final_objects
        uint8_t* final_semantic
        double* reward
        uint8_t* terminated
        uint8_t* truncated
        uint8_t* life_lost
        double* values
        double* final_values
        uint8_t* began

    cdef enum class JobKind "nes::env::Job::Kind"(unsigned char):
        build
        reset
        step
        render

    cdef cppclass Interruption:
        cbool (*asked)(void* context) noexcept
        void* context

    cdef cppclass Job:
        JobKind kind
        size_t rows
        Arrays arrays
        const uint8_t* mask
        const uint32_t* starts
        cbool whole
        const uint32_t* environments
        const uint8_t* buttons
        const uint8_t* only_show
        uint8_t* undo
        Interruption* interruption
        uint8_t* pictures

    cdef cppclass Batch:
        Batch(
            shared_ptr[ConstRom] rom,
            const Options& options,
            shared_ptr[ConstSharedConfig] setup,
            size_t count,
            uint32_t workers
        ) except +
        Environment& environment(size_t index) noexcept nogil
        uint8_t* memory() noexcept nogil
        size_t memory_stride() noexcept nogil
        Job job(JobKind kind) noexcept nogil
        void check_built() except +
        cbool was_stepped(size_t row) noexcept nogil
        Scratch& scratch(uint32_t worker) noexcept nogil

    void run_row "nes::env::Batch::run"(void* job, size_t row, uint32_t worker) noexcept nogil
