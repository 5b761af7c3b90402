#include "env/semantic.hpp"

#include <algorithm>
#include <cstring>

namespace nes::env {

namespace {

constexpr std::int32_t kTile = 8;
constexpr std::uint32_t kPrgRam = 0x6000;

class Contents {
  public:
    explicit Contents(Console& console) noexcept : ram_(console.ram()), prg_ram_(console.prg_ram()) {}

    const std::uint8_t* at(std::uint32_t address) const noexcept {
        return address < kPrgRam ? ram_ + address : prg_ram_ + (address - kPrgRam);
    }
    std::int32_t read(const Position& position, std::uint32_t offset = 0) const noexcept {
        const std::int32_t low = position.low == kNoAddress ? 0 : *at(position.low + offset);
        return low + (position.high == kNoAddress ? 0 : *at(position.high + offset) << 8);
    }
    bool hold(const std::vector<Condition>& conditions) const noexcept {
        return std::all_of(conditions.begin(), conditions.end(),
                           [this](const Condition& one) { return one.holds[*at(one.address)]; });
    }

  private:
    const std::uint8_t* ram_;
    const std::uint8_t* prg_ram_;
};

constexpr std::int32_t floor_of(std::int32_t value, std::int32_t divisor) noexcept {
    return value / divisor - (value % divisor < 0);
}

struct Range {
    std::int32_t first, end;
};

// The cells of a screen, of `count` in this direction, whose middle lies in a stretch.
Range cells_of(std::int32_t start, std::int32_t length, std::uint32_t count) noexcept {
    const auto first_from = [](std::int32_t edge) { return floor_of(edge + kTile / 2 - 1, kTile); };
    Range range{first_from(start), first_from(start + length)};
    if (range.first == range.end) {
        range.first = floor_of(start + length / 2, kTile);
        range.end = range.first + 1;
    }
    return {std::max(range.first, 0), std::min(range.end, static_cast<std::int32_t>(count))};
}

// The classes of the cells of a screen, and where the first object of one class is.
struct Screen {
    std::uint8_t classes[Semantics::kRows][Semantics::kColumns];
    std::uint8_t around = 0;
    bool found = false;
    std::int32_t x = 0, y = 0;  // its middle

    // An object, in the cells whose middle lies in its box, or in that of its own middle if there are none.
    void add(std::uint8_t kind, std::int32_t left, std::int32_t top, std::int32_t width, std::int32_t height) noexcept {
        if (kind == 0) return;
        const Range rows = cells_of(top, height, Semantics::kRows);
        const Range columns = cells_of(left, width, Semantics::kColumns);
        bool seen = false;
        for (std::int32_t row = rows.first; row < rows.end; ++row) {
            for (std::int32_t column = columns.first; column < columns.end; ++column) {
                std::uint8_t& cell = classes[row][column];
                cell = std::max(cell, kind);
                seen = true;
            }
        }
        if (seen && kind == around && !found) {
            found = true;
            x = left + width / 2;
            y = top + height / 2;
        }
    }

    void add_tiles(const Semantics& semantics, const Console& console) noexcept {
        std::uint8_t seen[Console::kTileBytes];
        console.write_tiles(seen);
        for (std::uint32_t row = semantics.first_row; row < semantics.end_row; ++row) {
            const std::uint8_t* numbers = seen + std::size_t{row} * Semantics::kColumns;
            const std::uint8_t* kinds = numbers + Console::kTileBytes / 2;
            for (std::uint32_t column = 0; column < Semantics::kColumns; ++column) {
                if (kinds[column] == 0) continue;  // switched off
                classes[row][column] = semantics.tiles[numbers[column] + ((kinds[column] & 4) ? 256u : 0u)];
            }
        }
    }

    void add_map(const FieldMap& map, const Contents& contents, std::int32_t left, std::int32_t top) noexcept {
        const std::uint8_t* cells = contents.at(map.address);
        std::uint32_t offsets[Semantics::kColumns];
        const auto columns = static_cast<std::int32_t>(map.columns);
        for (std::int32_t i = 0; i < static_cast<std::int32_t>(Semantics::kColumns); ++i) {
            std::int32_t column = floor_of(i * kTile + kTile / 2 + left - map.x, map.width);
            if (map.wraps) column -= floor_of(column, columns) * columns;
            const auto place = static_cast<std::uint32_t>(column);
            offsets[i] = column < 0 || column >= columns ? kNoAddress
                                                         : place / map.page_columns * map.page_stride +
                                                               place % map.page_columns * map.column_stride;
        }
        std::uint8_t line[Semantics::kColumns];
        std::int32_t last = -1;
        for (std::int32_t screen_row = 0; screen_row < static_cast<std::int32_t>(Semantics::kRows); ++screen_row) {
            const std::int32_t row = floor_of(screen_row * kTile + kTile / 2 + top - map.y, map.height);
            if (row < 0 || row >= static_cast<std::int32_t>(map.rows)) continue;
            // Rows of the screen that lie in one row of the map are the same.
            if (row != last) {
                const std::uint8_t* place = cells + static_cast<std::uint32_t>(row) * map.row_stride;
                for (std::uint32_t i = 0; i < Semantics::kColumns; ++i) {
                    line[i] = offsets[i] == kNoAddress ? std::uint8_t{0} : map.classes[place[offsets[i]]];
                }
                last = row;
            }
            std::uint8_t* cell = classes[screen_row];
            for (std::uint32_t i = 0; i < Semantics::kColumns; ++i) cell[i] = std::max(cell[i], line[i]);
        }
    }

    void add_objects(const ObjectTable& table, const Contents& contents, std::int32_t left, std::int32_t top) noexcept {
        for (std::uint32_t i = 0; i < table.count; ++i) {
            const std::uint32_t offset = i * table.stride;
            if (table.active != kNoAddress && *contents.at(table.active + offset) == 0) continue;
            const std::uint8_t kind = table.kind == kNoAddress ? std::uint8_t{0} : *contents.at(table.kind + offset);
            add(table.classes[kind], contents.read(table.x, offset) + table.dx - left,
                contents.read(table.y, offset) + table.dy - top, table.width, table.height);
        }
    }

    void add_sprites(const Semantics& semantics, const Console& console) noexcept {
        std::uint8_t objects[Console::kObjects * Console::kObjectBytes];
        console.write_objects(objects);
        for (std::size_t i = 0; i < Console::kObjects; ++i) {
            const std::uint8_t* object = objects + i * Console::kObjectBytes;
            if (object[9]) add(semantics.sprites[object[4]], object[0], object[1], object[2], object[3]);
        }
    }
};

}  // namespace

void Semantics::write(Console& console, std::uint8_t* out) const noexcept {
    Screen screen;
    std::memset(screen.classes, 0, sizeof(screen.classes));
    screen.around = around;
    const Contents contents(console);
    const std::int32_t left = contents.read(camera_x), top = contents.read(camera_y);
    if (has_tiles) screen.add_tiles(*this, console);
    for (const FieldMap& map : maps) {
        if (!contents.hold(map.when)) continue;
        screen.add_map(map, contents, map.in_level ? left : 0, map.in_level ? top : 0);
    }
    for (const ObjectTable& table : tables) {
        if (!contents.hold(table.when)) continue;
        screen.add_objects(table, contents, table.in_level ? left : 0, table.in_level ? top : 0);
    }
    if (has_sprites) screen.add_sprites(*this, console);
    std::memset(out, 0, size());
    if (around && !screen.found) return;
    std::int32_t first_line = row, first_place = column;
    if (around) {
        const auto side = static_cast<std::int32_t>(cell) * kTile;
        first_line = floor_of(screen.y, side) - static_cast<std::int32_t>(rows / 2);
        first_place = floor_of(screen.x, side) - static_cast<std::int32_t>(columns / 2);
    }
    const auto lines = static_cast<std::int32_t>(kRows / cell), places = static_cast<std::int32_t>(kColumns / cell);
    const std::int32_t line_end = std::min(first_line + static_cast<std::int32_t>(rows), lines);
    const std::int32_t place_end = std::min(first_place + static_cast<std::int32_t>(columns), places);
    const std::int32_t place_first = std::max(first_place, 0);
    if (place_first >= place_end) return;
    for (std::int32_t line = std::max(first_line, 0); line < line_end; ++line) {
        std::uint8_t* target =
            out + static_cast<std::ptrdiff_t>(line - first_line) * columns + (place_first - first_place);
        if (cell == 1) {
            std::memcpy(target, screen.classes[line] + place_first, static_cast<std::size_t>(place_end - place_first));
            continue;
        }
        const std::uint8_t* upper = screen.classes[line * 2];
        const std::uint8_t* lower = upper + kColumns;
        for (std::int32_t place = place_first; place < place_end; ++place) {
            const std::int32_t at = place * 2;
            *target++ = std::max(std::max(upper[at], upper[at + 1]), std::max(lower[at], lower[at + 1]));
        }
    }
}

}  // namespace nes::env
