// The contents of a cartridge's ROM chips and what its header says. Immutable once loaded; every
// console that plays the same game shares one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/export.hpp"

namespace nes {

namespace recompiler {
class CodeCache;
}

enum class Mirroring : std::uint8_t { horizontal, vertical, single_0, single_1, four_screen };
enum class Region : std::uint8_t { ntsc, pal, dendy };

/// A ROM that cannot be played; `what()` says why, for people, without the file's name.
class NES_PY_API RomError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct Rom {
    std::uint16_t mapper = 0;
    std::uint8_t submapper = 0;
    bool nes2 = false;     // header is NES 2.0
    bool battery = false;  // some of the RAM is kept by a battery
    bool has_trainer = false;
    Mirroring mirroring = Mirroring::horizontal;  // as soldered; boards may override it
    Region region = Region::ntsc;
    bool multi_region = false;
    std::uint8_t console_type = 0;      // 0 NES/Famicom, 1 Vs. System, 2 Playchoice 10, 3 extended
    std::uint8_t expansion_device = 0;  // NES 2.0 byte 15
    std::uint8_t vs_ppu = 0;            // of a Vs. System, NES 2.0 byte 13: 0 RP2C03, 2-5 RP2C04, 8-11 RC2C05

    // Bytes. The header of iNES 1 does not say; the loader then gives what such boards had.
    std::uint32_t prg_ram_size = 0;  // volatile and battery-backed together, as mapped at $6000
    std::uint32_t prg_nvram_size = 0;
    std::uint32_t chr_ram_size = 0;
    std::uint32_t chr_nvram_size = 0;

    std::vector<std::uint8_t> prg;
    std::vector<std::uint8_t> chr;      // empty when the board has CHR-RAM
    std::vector<std::uint8_t> trainer;  // 512 bytes for $7000, or empty

    std::uint64_t hash = 0;  // FNV-1a over trainer, PRG and CHR, and mapper and submapper: what a state belongs to

    std::shared_ptr<recompiler::CodeCache> code;  // of `prg`; null where nothing is recompiled

    std::vector<std::string> notes;  // what was odd about the header and how it was read
};

/// Reads an iNES or NES 2.0 file image. Throws RomError.
NES_PY_API std::shared_ptr<const Rom> load_rom(const std::uint8_t* data, std::size_t size);

/// "MMC3 (TxROM)" and the like; empty for a number nobody has named.
NES_PY_API std::string mapper_name(unsigned mapper);

}  // namespace nes
