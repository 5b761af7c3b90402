// The screen as a small grid of classes that a declaration names: nes_py.semantic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "machine/console.hpp"

namespace nes::env {

// Addresses are those of the CPU bus: $0000-$07FF is RAM, $6000-$7FFF PRG-RAM.
inline constexpr std::uint32_t kNoAddress = ~std::uint32_t{0};

/// Where a position is, in pixels: a byte, and above it another one where there is one.
struct Position {
    std::uint32_t low = kNoAddress;  // none: 0
    std::uint32_t high = kNoAddress;
};

/// A byte that selects by its value, for instance which kind of level it is.
struct Condition {
    std::uint32_t address = 0;
    bool holds[256] = {};
};

/// Objects of a game, one behind the other: each address is that of the first, the next one's is `stride` further.
struct ObjectTable {
    std::uint32_t count = 1;
    std::uint32_t stride = 1;
    Position x, y;
    std::uint32_t kind = kNoAddress;    // its byte selects the class; without one it is classes[0]
    std::uint32_t active = kNoAddress;  // its byte is 0 where there is no object
    std::uint8_t classes[256] = {};     // 0: no object
    std::int32_t dx = 0, dy = 0;        // from the position to the left upper corner
    std::int32_t width = 16, height = 16;
    bool in_level = false;        // positions are those in the level: the camera's is taken away
    std::vector<Condition> when;  // it counts while all of them hold
};

/// A game's own map of its field, of cells with a byte each.
struct FieldMap {
    std::uint32_t address = 0;
    std::uint32_t rows = 1, columns = 1;
    std::uint32_t row_stride = 1, column_stride = 1;
    std::uint32_t page_columns = 1, page_stride = 0;  // columns of a page, bytes from one page to the next
    std::int32_t x = 0, y = 0;                        // the left upper corner of the first cell
    std::int32_t width = 16, height = 16;             // of a cell
    std::uint8_t classes[256] = {};                   // by the cell's byte
    bool in_level = false;
    bool wraps = false;           // behind the last column the first one follows
    std::vector<Condition> when;  // it counts while all of them hold
};

struct Semantics {
    static constexpr std::uint32_t kRows = 30, kColumns = 32;

    std::uint8_t tiles[512] = {};    // class by number, from 256 on that of patterns at $1000
    std::uint8_t sprites[256] = {};  // class by number
    bool has_tiles = false, has_sprites = false;
    std::uint32_t first_row = 0, end_row = kRows;  // of cells whose tiles count
    Position camera_x, camera_y;
    std::vector<FieldMap> maps;
    std::vector<ObjectTable> tables;
    std::uint32_t cell = 1;               // side in tiles, 1 or 2
    std::uint8_t around = 0;              // the class that is in the middle of the window; 0: the window stays
    std::int32_t row = 0, column = 0;     // of the screen, in the corner of a window that stays
    std::uint32_t rows = 0, columns = 0;  // of the window

    std::uint32_t size() const noexcept { return rows * columns; }
    /// Writes size() classes, each the highest of its cell. What is not on the screen is 0; with `around` everything is if there is no
    /// object of that class on the screen, and the first one counts if there are several.
    void write(Console& console, std::uint8_t* out) const noexcept;
};

}  // namespace nes::env
