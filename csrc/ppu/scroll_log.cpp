#include "ppu/scroll_log.hpp"

#include <algorithm>
#include <cstring>

#include "ppu/background.hpp"
#include "ppu/ppu.hpp"

namespace nes {

namespace {

constexpr unsigned kNametableRows = 240;

using Rows = std::array<std::uint8_t, 256>;

constexpr Rows count_rows() {
    Rows rows{};
    for (unsigned i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::uint8_t>(i);
    return rows;
}

constexpr Rows kRows = count_rows();

constexpr int x_of(std::uint16_t v, unsigned fine_x) { return static_cast<int>(((v & 31u) << 3) | fine_x); }
constexpr unsigned y_of(std::uint16_t v) { return ((v >> 2) & 0xF8u) | ((v >> 12) & 7u); }
constexpr unsigned nametable_of(std::uint16_t v) { return (v >> 10) & 3u; }

}  // namespace

void ScrollLog::note(unsigned line, unsigned count, std::uint16_t v, unsigned fine_x, std::uint8_t kind) noexcept {
    const unsigned end = std::min(line + count, kLines);
    if (line >= end) return;
    std::memset(x + line, x_of(v, fine_x), end - line);
    unsigned row = y_of(v);
    unsigned nametable = nametable_of(v);
    while (line < end) {
        // Below the picture the rows come back without a switch of the nametable.
        const bool in_picture = row < kNametableRows;
        const unsigned length = std::min(end - line, (in_picture ? kNametableRows : 256u) - row);
        std::memcpy(y + line, &kRows[row], length);
        std::memset(flags + line, static_cast<int>(kind | nametable), length);
        line += length;
        row = 0;
        if (in_picture) nametable ^= 2;
    }
}

void ScrollLog::note_still(unsigned line, unsigned count, std::uint16_t v, unsigned fine_x,
                           std::uint8_t kind) noexcept {
    const unsigned end = std::min(line + count, kLines);
    if (line >= end) return;
    std::memset(x + line, x_of(v, fine_x), end - line);
    std::memset(y + line, static_cast<int>(y_of(v)), end - line);
    std::memset(flags + line, static_cast<int>(kind | nametable_of(v)), end - line);
}

// The `count` lines from here on, in dot 0 of the first or, before v moves, in dot 1.
void Ppu::note_lines(unsigned count) noexcept {
    const std::uint8_t flags = ScrollLog::flags_of(s.ppuctrl, s.mask);
    if (!rendering()) return scroll_.note_still(s.scanline, count, s.v, s.fine_x, flags);
    // Its first two tiles were fetched in the line before.
    const unsigned column = s.v & 31u;
    const auto first = static_cast<std::uint16_t>(column < 2 ? (s.v ^ 0x0400) + 30 : s.v - 2);
    scroll_.note(s.scanline, 1, first, s.fine_x, flags);
    if (count == 1) return;
    const auto next = static_cast<std::uint16_t>((next_row(s.v) & ~kHorizontalBits) | (s.t & kHorizontalBits));
    scroll_.note(s.scanline + 1u, count - 1, next, s.fine_x, flags);
}

}  // namespace nes
