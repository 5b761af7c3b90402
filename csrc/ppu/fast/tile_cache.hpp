// Rows of background tiles, decoded once and kept as pixels.
//
// A cached row is known by the bytes that it was made from: 32 names, 8 attributes, and the pattern memory behind them. It
// is valid as long as those are the same, so writes to nametables, bank switches and restored states need not invalidate it.
// Writes to pattern memory (CHR-RAM) are counted. So consoles of one ROM that run one after the other may share a cache.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>

namespace nes {

/// Where the tiles of the background are.
struct Patterns {
    const std::uint8_t* const* page;  // four of 1 KB
    std::uint64_t version;            // changes whenever their bytes do; of pages in ROM always 0
};

class TileCache {
  public:
    /// `ways`: how many rows it keeps for a place in a nametable, a power of two. More than one for several consoles.
    explicit TileCache(unsigned ways = 1)
        : way_bits_(static_cast<unsigned>(std::countr_zero(ways))),
          rows_(std::make_unique<Rows[]>(ways)) {}

    static constexpr unsigned kRowBytes = 128;  // 256 pixels, four bits each: palette * 4 + colour, left pixel low

    /// Bytes before and after a row that may be read; their values do not matter.
    static constexpr unsigned kReadAhead = 32;

    /// The pixels of tile row `coarse_y` (0-31) of the 1 KB nametable `page`, at line `fine_y` (0-7) of the row. `slot`: 0
    /// or 1, where it is kept. `patterns()` is called when they have to be compared.
    template <class GetPatterns>
    const std::uint8_t* row(const std::uint8_t* page, unsigned slot, unsigned coarse_y, unsigned fine_y,
                            GetPatterns patterns) noexcept {
        const std::uint8_t* key = page + coarse_y * 32;
        if (checked_[slot] != key) {
            checked_row_[slot] = &refreshed(page, slot, coarse_y, patterns());
            checked_[slot] = key;
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
        std::uint64_t pattern_version;
        std::uint64_t filled;
        std::uint32_t pixels[8][32];
    };

    Row& refreshed(const std::uint8_t* page, unsigned slot, unsigned coarse_y, const Patterns& patterns) noexcept;

    struct Rows {
        Row of_nametable[2][32];
        std::uint8_t margin[kReadAhead];  // behind the last row
    };

    unsigned way_bits_;
    std::unique_ptr<Rows[]> rows_;  // one for each way
    // The rows compared last, one for each of two nametables.
    const std::uint8_t* checked_[2] = {};
    Row* checked_row_[2] = {};
};

}  // namespace nes
