// Rows of background tiles, decoded once and kept as pixels.
//
// A cached row is known by the bytes that it was made from: 32 names, 8 attributes, and the pattern memory behind them. It
// is valid as long as those are the same, so writes to nametables, bank switches and restored states need not invalidate it.
// Writes to pattern memory (CHR-RAM) are counted.
#pragma once

#include <cstdint>

namespace nes {

class TileCache {
  public:
    static constexpr unsigned kRowBytes = 128;  // 256 pixels, four bits each: palette * 4 + colour, left pixel low

    /// Bytes before and after a row that may be read; their values do not matter.
    static constexpr unsigned kReadAhead = 32;

    /// The pixels of tile row `coarse_y` (0-31) of the 1 KB nametable `page`, at line `fine_y` (0-7) of the row. `pattern`:
    /// the four 1 KB pages of the pattern table, `pattern_version`: changes whenever their bytes do.
    const std::uint8_t* row(const std::uint8_t* page, unsigned coarse_y, unsigned fine_y,
                            const std::uint8_t* const pattern[4], std::uint32_t pattern_version) noexcept {
        const unsigned slot = (reinterpret_cast<std::uintptr_t>(page) >> 10) & 1;
        const std::uint8_t* key = page + coarse_y * 32;
        if (checked_[slot] != key) {
            Row& found = rows_.of_nametable[slot][coarse_y];
            refresh(found, page, coarse_y, pattern, pattern_version);
            checked_[slot] = key;
            checked_row_[slot] = &found;
        }
        return reinterpret_cast<const std::uint8_t*>(checked_row_[slot]->pixels[fine_y]);
    }

    /// To be called when any memory may have changed since the last row().
    void recheck() noexcept { checked_[0] = checked_[1] = nullptr; }

  private:
    struct Row {  // begins with more than kReadAhead bytes
        std::uint8_t names[32];
        std::uint8_t attributes[8];
        const std::uint8_t* pattern[4];
        std::uint32_t pattern_version;
        std::uint32_t filled;
        std::uint32_t pixels[8][32];
    };

    void refresh(Row& row, const std::uint8_t* page, unsigned coarse_y, const std::uint8_t* const pattern[4],
                 std::uint32_t pattern_version) noexcept;

    struct Rows {
        Row of_nametable[2][32];
        std::uint8_t margin[kReadAhead];  // behind the last row
    };

    Rows rows_ = {};
    // The rows compared last, one for each of two nametables.
    const std::uint8_t* checked_[2] = {};
    Row* checked_row_[2] = {};
};

}  // namespace nes
