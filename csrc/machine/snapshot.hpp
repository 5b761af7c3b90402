// The portable form of a console's state, and the comparison of two states.
//
// All numbers are little-endian:
//
//   offset  size  what
//   0       8     "NESPYSNP"
//   8       4     format version
//   12      2     mapper number
//   14      1     submapper number
//   15      1     region: 0 NTSC, 1 PAL, 2 Dendy
//   16      8     hash of the ROM's contents
//   24      4     length of the payload
//   28      4     PRG-RAM in bytes
//   32      n     payload: the fields of State in their order, PRG-RAM, CHR-RAM, picture and its emphasis;
//                   the same of the last whole picture where the option whole_pictures is on
//   32 + n  8     FNV-1a (64 bits) of everything before it
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cartridge/board.hpp"
#include "machine/console.hpp"

namespace nes {

inline constexpr std::uint32_t kSnapshotVersion = 4;

std::vector<std::uint8_t> write_snapshot(const Rom& rom, Region region, const Board& board, const std::uint8_t* block,
                                         std::size_t block_size);

/// The block of a console with blocks of that size. Throws StateError when `data` is no snapshot of this ROM, or holds values that no console can be in.
std::vector<std::uint8_t> read_snapshot(const Rom& rom, Region region, Timing timing, const Board& board,
                                        std::size_t block_size, const std::uint8_t* data, std::size_t size);

/// The fields of the payload in their order, without a gap.
std::vector<StateField> describe_snapshot(const Rom& rom, const Board& board, std::size_t block_size);

/// "ppu.v: 0x2000 != 0x2400" and the like for the first field that differs; empty for equal blocks.
std::string describe_difference(const Rom& rom, const Board& board, const std::uint8_t* a, const std::uint8_t* b,
                                std::size_t block_size);

}  // namespace nes
