#include "ppu/fast/tile_cache.hpp"

#include <cstring>

namespace nes {

namespace {

// Eight plane bits, the leftmost pixel's most significant, to eight nibbles of 0 or 1, the leftmost lowest.
constexpr auto kNibbles = [] {
    struct Table {
        std::uint32_t of[256];
    } table{};
    for (unsigned value = 0; value < 256; ++value) {
        for (unsigned i = 0; i < 8; ++i) table.of[value] |= ((value >> (7 - i)) & 1u) << (4 * i);
    }
    return table;
}();

void store(std::uint32_t& place, std::uint32_t packed) noexcept {
    // The bytes in memory order are what expand_pixels reads.
    const std::uint8_t bytes[4] = {static_cast<std::uint8_t>(packed), static_cast<std::uint8_t>(packed >> 8),
                                   static_cast<std::uint8_t>(packed >> 16), static_cast<std::uint8_t>(packed >> 24)};
    std::memcpy(&place, bytes, 4);
}

// Inline, unlike memcmp() in front of most compilers.
template <std::size_t kBytes>
bool same(const void* a, const void* b) noexcept {
    static_assert(kBytes % 8 == 0);
    std::uint64_t differences = 0;
    for (std::size_t i = 0; i < kBytes; i += 8) {
        std::uint64_t left;
        std::uint64_t right;
        std::memcpy(&left, static_cast<const std::uint8_t*>(a) + i, 8);
        std::memcpy(&right, static_cast<const std::uint8_t*>(b) + i, 8);
        differences |= left ^ right;
    }
    return differences == 0;
}

std::uint64_t hash(const std::uint8_t* names, const std::uint8_t* attributes) noexcept {
    constexpr std::uint64_t kFactors[] = {0x9E3779B97F4A7C15u, 0xBF58476D1CE4E5B9u, 0x94D049BB133111EBu,
                                          0xD6E8FEB86659FD93u};
    std::uint64_t sum;
    std::memcpy(&sum, attributes, 8);
    sum *= 0xC2B2AE3D27D4EB4Fu;
    for (unsigned i = 0; i < 4; ++i) {
        std::uint64_t word;
        std::memcpy(&word, names + 8 * i, 8);
        sum += (word ^ (word >> 32)) * kFactors[i];
    }
    return sum * 0x9E3779B97F4A7C15u;
}

}  // namespace

TileCache::Row& TileCache::refreshed(const std::uint8_t* page, unsigned slot, unsigned coarse_y,
                                     const Patterns& patterns) noexcept {
    const std::uint8_t* names = page + coarse_y * 32;
    const std::uint8_t* attributes = page + 0x3C0 + (coarse_y >> 2) * 8;
    Row& row = rows_[way_bits_ ? hash(names, attributes) >> (64 - way_bits_) : 0].of_nametable[slot][coarse_y];
    const bool patterns_same =
        row.filled && row.pattern_version == patterns.version && same<sizeof(row.pattern)>(row.pattern, patterns.page);
    if (patterns_same && same<sizeof(row.names)>(row.names, names) &&
        same<sizeof(row.attributes)>(row.attributes, attributes)) {
        return row;
    }
    const unsigned attribute_shift = (coarse_y & 2) * 2;
    for (unsigned column = 0; column < 32; ++column) {
        const std::uint8_t name = names[column];
        const std::uint8_t attribute = attributes[column >> 2];
        if (patterns_same && row.names[column] == name && row.attributes[column >> 2] == attribute) continue;
        const std::uint32_t palette = ((attribute >> (attribute_shift + (column & 2))) & 3u) * 0x44444444u;
        const std::uint8_t* bytes = patterns.page[name >> 6] + ((name & 63) << 4);
        for (unsigned line = 0; line < 8; ++line) {
            store(row.pixels[line][column], palette | kNibbles.of[bytes[line]] | (kNibbles.of[bytes[line + 8]] << 1));
        }
    }
    std::memcpy(row.names, names, sizeof(row.names));
    std::memcpy(row.attributes, attributes, sizeof(row.attributes));
    std::memcpy(row.pattern, patterns.page, sizeof(row.pattern));
    row.pattern_version = patterns.version;
    row.filled = 1;
    return row;
}

}  // namespace nes
