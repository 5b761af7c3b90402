"""Information of the core about cartridges, without running one: its boards, and ROM headers."""

from libc.stddef cimport size_t
from libc.stdint cimport uint8_t, uint32_t, uint64_t
from libcpp.memory cimport shared_ptr
from libcpp.string cimport string
from libcpp.vector cimport vector

from nes_py._console cimport ConstRom, Mirroring, Options, Region, load_rom, mapper_name
from nes_py._console cimport recompiler_enabled as core_recompiler_enabled
from nes_py._console cimport why_unsupported as core_why_unsupported

from nes_py.errors import RomError, UnsupportedBoardError


cdef extern from "cartridge/board.hpp" namespace "nes":
    cdef cppclass BoardDescription:
        unsigned mapper
        int submapper
        string name
        string missing

    vector[BoardDescription] describe_boards() except +

cdef extern from "machine/console.hpp" namespace "nes":
    cdef cppclass StateField:
        string name
        uint64_t offset
        uint32_t element_size
        uint64_t count

    cdef cppclass Console:
        Console(shared_ptr[ConstRom] rom, const Options& options) except +
        vector[StateField] state_fields() except +

cdef extern from "machine/snapshot.hpp" namespace "nes":
    const uint32_t kSnapshotVersion


#: The version of the serialized form of states that this build writes.
state_version = kSnapshotVersion

# Names of the core's enumerators, by number.
MIRRORINGS = {
    <int>Mirroring.horizontal: "horizontal",
    <int>Mirroring.vertical: "vertical",
    <int>Mirroring.single_0: "single_0",
    <int>Mirroring.single_1: "single_1",
    <int>Mirroring.four_screen: "four_screen",
}
REGIONS = {<int>Region.ntsc: "ntsc", <int>Region.pal: "pal", <int>Region.dendy: "dendy"}


cdef str text_of(const string& text):
    """Return a text of the core; without a copy of it, whose failure Cython would not report."""
    return text.data()[:text.size()].decode("utf-8", "replace")


def boards():
    """Return the table of boards: tuples (mapper, submapper, name, missing).

    The submapper is None in the row of all submappers without a row of their own. ``missing`` lists the features that
    are not emulated, and is empty for a complete board.
    """
    cdef vector[BoardDescription] lines = describe_boards()
    cdef const BoardDescription* line
    cdef size_t index
    table = []
    for index in range(lines.size()):
        line = &lines[index]
        table.append(
            (line.mapper, None if line.submapper < 0 else line.submapper, text_of(line.name), text_of(line.missing))
        )
    return table


def why_unsupported(unsigned mapper):
    """Return a sentence that says why a mapper number is not supported."""
    return text_of(core_why_unsupported(mapper))


def recompiler_enabled():
    """Return whether the code of a ROM that is loaded now would be recompiled."""
    return core_recompiler_enabled()


def name_of_mapper(unsigned mapper):
    """Return the common name of a mapper number, supported or not; empty for a number without a name."""
    return text_of(mapper_name(mapper))


def read_header(bytes content not None, path=None):
    """Return the contents of a ROM's header, as a dict. The board need not be supported.

    Args:
        content (bytes): the whole file.
        path (str | None): its name, for error messages.

    Raises:
        RomError: not a ROM, or damaged.
    """
    cdef shared_ptr[ConstRom] rom
    cdef size_t index
    try:
        rom = load_rom(<const uint8_t*><const char*>content, len(content))
    except RuntimeError as error:
        raise RomError(str(error), path) from None
    notes = []
    for index in range(rom.get().notes.size()):
        notes.append(text_of(rom.get().notes[index]))
    return {
        "mapper": rom.get().mapper,
        "submapper": rom.get().submapper,
        "nes2": rom.get().nes2,
        "battery": rom.get().battery,
        "has_trainer": rom.get().has_trainer,
        "mirroring": MIRRORINGS[<int>rom.get().mirroring],
        "region": REGIONS[<int>rom.get().region],
        "multi_region": rom.get().multi_region,
        "console_type": rom.get().console_type,
        "expansion_device": rom.get().expansion_device,
        "prg_rom_size": rom.get().prg.size(),
        "chr_rom_size": rom.get().chr.size(),
        "prg_ram_size": rom.get().prg_ram_size,
        "prg_nvram_size": rom.get().prg_nvram_size,
        "chr_ram_size": rom.get().chr_ram_size,
        "chr_nvram_size": rom.get().chr_nvram_size,
        "hash": f"{rom.get().hash:016x}",
        "notes": notes,
    }


def state_fields(bytes content not None):
    """Return the fields of a serialized state of a ROM: tuples (name, offset, element size, count), without gaps.

    The offset is in bytes from the start of the payload, which begins 32 bytes into the serialized form.

    Raises:
        RomError: not a ROM, damaged, or of an unsupported board.
    """
    cdef shared_ptr[ConstRom] rom
    cdef Options options
    cdef Console* console
    cdef vector[StateField] fields
    cdef const StateField* field
    cdef size_t index
    try:
        rom = load_rom(<const uint8_t*><const char*>content, len(content))
    except RuntimeError as error:
        raise RomError(str(error)) from None
    try:
        console = new Console(rom, options)
    except RuntimeError as error:
        raise UnsupportedBoardError(str(error)) from None
    try:
        fields = console.state_fields()
    finally:
        del console
    table = []
    for index in range(fields.size()):
        field = &fields[index]
        table.append((text_of(field.name), field.offset, field.element_size, field.count))
    return table
