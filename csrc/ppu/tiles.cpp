// The picture as tiles and objects: what the PPU's memory holds, in the places where the picture shows it.
#include <algorithm>
#include <bit>
#include <cstring>

#include "ppu/ppu.hpp"

namespace nes {

namespace {

constexpr unsigned kTile = 8;  // pixels, in both directions
constexpr unsigned kSpritesInLine = 8;
constexpr unsigned kLastByte = 255;

// A row of write_objects().
struct Object {
    unsigned left, top, right, bottom;  // the last two behind it
    std::uint8_t tile;
    std::uint8_t attributes;
    unsigned visible;  // how many of its sprites are

    void write(std::uint8_t* out) const noexcept {
        const auto byte = [](unsigned value) { return static_cast<std::uint8_t>(std::min(value, kLastByte)); };
        out[0] = byte(left);
        out[1] = byte(top);
        out[2] = byte(right - left);
        out[3] = byte(bottom - top);
        out[4] = tile;
        out[5] = attributes & 3;
        out[6] = (attributes >> 6) & 1;
        out[7] = attributes >> 7;
        out[8] = (attributes >> 5) & 1;
        out[9] = byte(visible);
    }
};

// Whether two boxes of one size share pixels or an edge; a corner is not enough.
bool touch(const Object& a, const Object& b) noexcept {
    const auto apart = [](unsigned one, unsigned other) { return one < other ? other - one : one - other; };
    const unsigned across = apart(a.left, b.left), down = apart(a.top, b.top);
    const unsigned width = a.right - a.left, height = a.bottom - a.top;
    return across <= width && down <= height && (across < width || down < height);
}

}  // namespace

void Ppu::write_tiles(std::uint8_t* out) const noexcept {
    constexpr unsigned kColumns = Picture::kWidth / kTile, kRows = Picture::kHeight / kTile;
    std::uint8_t* kinds = out + kColumns * kRows;
    for (unsigned row = 0; row < kRows; ++row, out += kColumns, kinds += kColumns) {
        const unsigned line = row * kTile + kTile / 2;
        const unsigned flags = scroll_.flags[line];
        if (!(flags & ScrollLog::kBackground)) {
            std::memset(out, 0, kColumns);
            std::memset(kinds, 0, kColumns);
            continue;
        }
        const unsigned kind = kTileShown | ((flags & ScrollLog::kUpperPatterns) ? kTileUpper : 0);
        const unsigned coarse_y = scroll_.y[line] / kTile;
        unsigned place = (scroll_.x[line] + kTile / 2) / kTile;
        unsigned nametable = (flags & ScrollLog::kNametable) ^ (place / kColumns);
        place %= kColumns;
        for (unsigned column = 0; column < kColumns; nametable ^= 1, place = 0) {
            const std::uint8_t* page = cart_.ppu_read_page[8 + nametable];
            const auto at = [&](unsigned offset) {
                return page ? page[offset]
                            : peek_memory(static_cast<std::uint16_t>(0x2000 + nametable * 0x400 + offset));
            };
            for (; place < kColumns && column < kColumns; ++place, ++column) {
                out[column] = at(coarse_y * kColumns + place);
                const unsigned attributes = at(0x3C0 + (coarse_y / 4) * 8 + place / 4);
                kinds[column] =
                    static_cast<std::uint8_t>(kind | ((attributes >> ((coarse_y & 2) * 2 + (place & 2))) & 3));
            }
        }
    }
}

// Those of the 64 sprites of which the last picture showed a line: eight of a line at most, as evaluation finds them.
std::uint64_t Ppu::sprites_in_picture() const noexcept {
    std::uint8_t found[Picture::kHeight] = {};
    std::uint64_t visible = 0;
    const unsigned height = sprite_height();
    for (unsigned i = 0; i < 64; ++i) {
        const std::uint8_t* sprite = &s.oam[i * 4];
        // A sprite shows one line below its Y.
        const unsigned end = std::min(sprite[0] + 1u + height, Picture::kHeight);
        // All of it lies in the left eight pixels.
        const unsigned needed = ScrollLog::kSprites | (sprite[3] == 0 ? ScrollLog::kLeftSprites : 0);
        for (unsigned line = sprite[0] + 1u; line < end; ++line) {
            if (found[line]++ < kSpritesInLine && (scroll_.flags[line] & needed) == needed) {
                visible |= std::uint64_t{1} << i;
            }
        }
    }
    return visible;
}

void Ppu::write_objects(std::uint8_t* out, unsigned limit) const noexcept {
    const std::uint64_t visible = sprites_in_picture();
    const unsigned height = sprite_height();
    const auto object = [&](unsigned i) {
        const std::uint8_t* sprite = &s.oam[i * 4];
        const unsigned top = sprite[0] + 1u;
        return Object{sprite[3],
                      top,
                      sprite[3] + kTile,
                      top + height,
                      sprite[1],
                      sprite[2],
                      static_cast<unsigned>((visible >> i) & 1)};
    };
    if (limit == 0) {
        for (unsigned i = 0; i < 64; ++i, out += kObjectBytes) object(i).write(out);
        return;
    }
    std::memset(out, 0, std::size_t{limit} * kObjectBytes);
    std::uint64_t left = visible;
    for (; left && limit > 0; --limit, out += kObjectBytes) {
        const unsigned first = static_cast<unsigned>(std::countr_zero(left));
        Object group = object(first);
        group.visible = 0;
        // What touches one of the group belongs to it as well.
        std::uint64_t reached = std::uint64_t{1} << first;
        left &= left - 1;
        while (reached) {
            const Object one = object(static_cast<unsigned>(std::countr_zero(reached)));
            reached &= reached - 1;
            group.left = std::min(group.left, one.left);
            group.top = std::min(group.top, one.top);
            group.right = std::max(group.right, one.right);
            group.bottom = std::max(group.bottom, one.bottom);
            ++group.visible;
            for (std::uint64_t others = left; others; others &= others - 1) {
                const unsigned i = static_cast<unsigned>(std::countr_zero(others));
                const Object other = object(i);
                if (((other.attributes ^ one.attributes) & 3) != 0 || !touch(one, other)) continue;
                reached |= std::uint64_t{1} << i;
                left &= ~(std::uint64_t{1} << i);
            }
        }
        group.write(out);
    }
}

void Ppu::write_scroll(std::uint8_t* out) const noexcept {
    for (unsigned line = 0; line < ScrollLog::kLines; ++line, out += kScrollBytes) {
        out[0] = scroll_.x[line];
        out[1] = scroll_.y[line];
        out[2] = scroll_.flags[line] & ScrollLog::kNametable;
        out[3] = scroll_.flags[line] >> 2;
    }
}

}  // namespace nes
