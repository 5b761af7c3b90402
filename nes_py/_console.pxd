# The C++ core as Cython sees it: csrc/console.hpp and what it includes.

from libc.stddef cimport size_t
from libc.stdint cimport uint8_t, uint16_t, uint32_t, uint64_t
from libcpp cimport bool as cbool
from libcpp.memory cimport shared_ptr
from libcpp.string cimport string
from libcpp.vector cimport vector


cdef extern from "recompiler/code_cache.hpp" namespace "nes::recompiler":
    cbool recompiler_enabled "nes::recompiler::enabled"() noexcept nogil

    cdef cppclass CodeCache:
        size_t code_bytes() noexcept nogil
        size_t table_bytes() noexcept nogil


cdef extern from "cartridge/rom.hpp" namespace "nes":
    cdef enum class Mirroring(unsigned char):
        horizontal
        vertical
        single_0
        single_1
        four_screen

    cdef enum class Region(unsigned char):
        ntsc
        pal
        dendy

    cdef cppclass Rom:
        uint16_t mapper
        uint8_t submapper
        cbool nes2
        cbool battery
        cbool has_trainer
        Mirroring mirroring
        Region region
        cbool multi_region
        uint8_t console_type
        uint8_t expansion_device
        uint8_t vs_ppu
        uint32_t prg_ram_size
        uint32_t prg_nvram_size
        uint32_t chr_ram_size
        uint32_t chr_nvram_size
        vector[uint8_t] prg
        vector[uint8_t] chr
        vector[uint8_t] trainer
        uint64_t hash
        shared_ptr[CodeCache] code  # null where nothing is recompiled
        vector[string] notes

    ctypedef const Rom ConstRom "const nes::Rom"

    # RomError derives from std::runtime_error, which Cython turns into RuntimeError.
    shared_ptr[ConstRom] load_rom(const uint8_t* data, size_t size) except + nogil
    string mapper_name(unsigned mapper) except +


cdef extern from "cartridge/board.hpp" namespace "nes":
    string why_unsupported(unsigned mapper) except +
    cbool board_is_supported(unsigned mapper, unsigned submapper) noexcept nogil


cdef extern from "video/palette.hpp" namespace "nes":
    cdef cppclass Palette:
        pass

    ctypedef const Palette ConstPalette "const nes::Palette"

    shared_ptr[ConstPalette] make_palette(const uint8_t* colours, cbool has_emphasis) except +


cdef extern from "machine/options.hpp" namespace "nes":
    cdef enum class RamFill(unsigned char):
        zero
        ones
        pattern
        noise

    cdef enum class Policy(unsigned char):
        fast
        reference

    cdef enum class RegionOption(unsigned char):
        from_header
        ntsc
        pal
        dendy

    cdef enum class Device(unsigned char):
        joypads
        four_score
        zapper
        arkanoid
        vs_system

    cdef enum class ConsoleModel(unsigned char):
        famicom
        nes

    cdef enum class FrameBoundary(unsigned char):
        vblank
        nes_py

    cdef enum class Timing(unsigned char):
        hardware
        nes_py

    cdef cppclass Freeze:
        uint16_t address
        uint8_t value

    cdef cppclass Options:
        Policy policy
        RamFill ram_fill
        uint64_t seed
        RegionOption region
        Device device
        FrameBoundary frame_boundary
        Timing timing
        cbool whole_pictures
        vector[Freeze] freezes
        ConsoleModel console
        shared_ptr[ConstPalette] palette


cdef extern from "audio/synthesizer.hpp" namespace "nes":
    cdef enum:
        LOWEST_SAMPLE_RATE "nes::Synthesizer::kLowestRate"
        HIGHEST_SAMPLE_RATE "nes::Synthesizer::kHighestRate"


cdef extern from "machine/saved_state.hpp" namespace "nes":
    cdef cppclass SavedState:
        size_t size() noexcept nogil
        cbool equals(const SavedState& other) noexcept nogil

    ctypedef const SavedState ConstSavedState "const nes::SavedState"


cdef extern from "machine/console.hpp" namespace "nes":
    cdef cppclass CpuTrace:
        uint16_t pc
        uint8_t a
        uint8_t x
        uint8_t y
        uint8_t p
        uint8_t s
        uint64_t cycle
        int scanline
        int dot

    cdef cppclass Console:
        # RomError and StateError derive from std::runtime_error: RuntimeError here.
        Console(shared_ptr[ConstRom] rom, const Options& options) except + nogil
        FrameBoundary frame_boundary() noexcept nogil
        void set_frame_boundary(FrameBoundary boundary) noexcept nogil
        void power_on() noexcept nogil
        void power_on(cbool keep_memory) noexcept nogil
        void soft_reset() noexcept nogil
        void step(uint32_t frames, cbool render) noexcept nogil
        void step_instruction() noexcept nogil
        CpuTrace trace() noexcept nogil
        void set_pc(uint16_t pc) noexcept nogil
        uint64_t frame_count() noexcept nogil
        uint64_t cpu_cycles() noexcept nogil
        cbool jammed() noexcept nogil
        uint8_t* ram() noexcept nogil
        uint8_t* oam() noexcept nogil
        uint8_t* controller(unsigned port) noexcept nogil
        uint8_t* prg_ram() noexcept nogil
        size_t prg_ram_size() noexcept nogil
        uint8_t* prg_nvram() noexcept nogil
        size_t prg_nvram_size() noexcept nogil
        uint8_t* index_buffer() noexcept nogil
        uint8_t* rgb_buffer() noexcept nogil
        void write_rgb(uint8_t* out) noexcept nogil
        void write_gray(uint8_t* out) noexcept nogil
        void write_tiles(uint8_t* out) noexcept nogil
        void write_objects(uint8_t* out, unsigned limit) noexcept nogil
        void write_scroll(uint8_t* out) noexcept nogil
        void set_sample_rate(unsigned hz) except + nogil
        unsigned sample_rate() noexcept nogil
        size_t audio_size() noexcept nogil
        void read_audio(float* out, size_t count) noexcept nogil
        void copy_audio(float* out, size_t count) noexcept nogil
        uint8_t peek(uint16_t address) noexcept nogil
        void poke(uint16_t address, uint8_t value) noexcept nogil
        uint8_t peek_ppu(uint16_t address) noexcept nogil
        void poke_ppu(uint16_t address, uint8_t value) noexcept nogil
        size_t state_size() noexcept nogil
        void save(uint8_t* out) noexcept nogil
        void load(const uint8_t* data) noexcept nogil
        shared_ptr[ConstSavedState] save_state() except + nogil
        void load_saved "load"(const SavedState& state) noexcept nogil
        void share_picture() noexcept nogil
        const uint8_t* raw_state() noexcept nogil
        vector[uint8_t] serialize() except + nogil
        void load_serialized(const uint8_t* data, size_t size) except + nogil

        @staticmethod
        string difference(const Console& a, const Console& b) except +
