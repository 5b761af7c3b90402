// The pixels of a line, or of a part of one: the background from decoded rows of tiles, the sprites over it.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "ppu/fast/line.hpp"
#include "ppu/ppu.hpp"
#include "video/expand.hpp"

namespace nes {

namespace {

static_assert(std::endian::native == std::endian::little,
              "big-endian machines are not supported: pixels are taken out of words, the leftmost lowest");

constexpr std::uint64_t kEachByte = 0x0101010101010101;

using BytesOfBits = std::array<std::uint64_t, 256>;

// The bits of a byte, the highest first or the lowest first, as bytes of $FF and $00, the lowest first.
constexpr BytesOfBits bytes_of_bits(bool lowest_first) {
    BytesOfBits table{};
    for (unsigned value = 0; value < 256; ++value) {
        for (unsigned i = 0; i < 8; ++i) {
            if ((value >> (lowest_first ? i : 7 - i)) & 1) table[value] |= std::uint64_t{0xFF} << (8 * i);
        }
    }
    return table;
}

constexpr BytesOfBits kBytesOfBits = bytes_of_bits(false);
constexpr BytesOfBits kBytesOfBitsMirrored = bytes_of_bits(true);

// The bytes from number `first` on, of the eight of a word.
constexpr std::uint64_t bytes_from(unsigned first) { return first < 8 ? ~std::uint64_t{0} << (8 * first) : 0; }

// Which of the eight pixels from `position` on are not of colour 0, as bytes of $FF and $00. Four bits for a pixel come in,
// those of the left one of two in the lower half of their byte.
std::uint64_t opaque_bytes(const std::uint8_t* packed, unsigned position) {
    std::uint64_t word = 0;
    std::memcpy(&word, packed + (position >> 1), 5);
    word >>= (position & 1) * 4;
    word = (word | (word >> 1)) & 0x11111111;
    word = (word | (word << 16)) & 0x0000FFFF0000FFFF;
    word = (word | (word << 8)) & 0x00FF00FF00FF00FF;
    word = (word | (word << 4)) & 0x0101010101010101;
    return word * 0xFF;
}

}  // namespace

// The decoded row of a nametable in which `v` lies.
const std::uint8_t* Ppu::row_of_tiles(unsigned nametable, std::uint16_t v) noexcept {
    const std::uint8_t* const page = cart_.ppu_read_page[8 + nametable];
    const unsigned slot = (offset_in(cart_.ciram, page) >> Cartridge::kPpuPageBits) & 1;
    return tiles_->row(page, slot, (v >> 5) & 31, (v >> 12) & 7, [&] {
        const std::uint8_t* const* pattern = &cart_.ppu_read_page[(s.ppuctrl & 0x10) ? 4 : 0];
        const std::vector<std::uint8_t>& rom = cart_.rom->chr;
        const auto in_rom = [&](const std::uint8_t* each) { return offset_in(rom.data(), each) < rom.size(); };
        if (std::all_of(pattern, pattern + 4, in_rom)) return Patterns{pattern, 0};
        const bool shows_ciram =
            std::any_of(pattern, pattern + 4, [&](const std::uint8_t* each) { return in_ciram(each); });
        return Patterns{pattern, (std::uint64_t{shows_ciram ? ciram_version_ : 0} << 32) | pattern_version_};
    });
}

// The tiles from `v` on: at least 33 of them. With room for two more in front.
std::uint8_t* Ppu::pack_tiles(std::uint16_t v, LineTiles& tiles) noexcept {
    const unsigned column = v & 31;
    const unsigned nametable = (v >> 10) & 3;
    std::uint8_t* const first = tiles.bytes + LineTiles::kMargin;
    std::memcpy(first, row_of_tiles(nametable, v), TileCache::kRowBytes);
    if (column != 0 || s.fine_x != 0) {
        std::memcpy(first + TileCache::kRowBytes, row_of_tiles(nametable ^ 1, v), TileCache::kRowBytes);
    }
    return first + column * LineTiles::kTileBytes;
}

// The two tiles that wait in the shift registers.
void Ppu::pack_shift_registers(std::uint8_t* out) const noexcept {
    for (unsigned pixel = 0; pixel < 16; pixel += 2) {
        unsigned byte = 0;
        for (unsigned i = 0; i < 2; ++i) {
            const unsigned bit = 15 - pixel - i;
            const unsigned value = ((s.pattern_low >> bit) & 1) | (((s.pattern_high >> bit) & 1) << 1) |
                                   (((s.attribute_low >> bit) & 1) << 2) | (((s.attribute_high >> bit) & 1) << 3);
            byte |= value << (4 * i);
        }
        out[pixel / 2] = static_cast<std::uint8_t>(byte);
    }
}

// The colour of each four-bit pixel: those of colour 0 show the backdrop.
void Ppu::refresh_colours() noexcept {
    if (colours_valid_ && colours_mask_ == s.mask) return;
    colours_valid_ = true;
    colours_mask_ = s.mask;
    const std::uint8_t colour_mask = (s.mask & kGreyscale) ? 0x30 : 0x3F;
    for (unsigned i = 0; i < 32; ++i) colours_[i] = s.palette[(i & 3) ? i : 0] & colour_mask;
}

// Pixels `first` to `end` of the line. `packed`: the tiles from pixel `first` on, fine_x not yet applied; the sprites'
// places count from there too.
void Ppu::draw_pixels(unsigned first, unsigned end, const std::uint8_t* packed, const LineSprites& sprites) noexcept {
    const std::size_t start = s.scanline * Picture::kWidth + first;
    const bool whole = end - first == Picture::kWidth;
    alignas(64) std::uint8_t part[Picture::kWidth + 32];
    std::uint8_t* const row = whole ? picture_.index + start : part;
    const std::size_t blocks = whole ? Picture::kWidth / 32 : (end - first + 31) / 32;
    if (!(s.mask & kShowBackground)) {
        std::memset(row, colours_[0], 32 * blocks);
    } else {
        expand_pixels(packed + s.fine_x / 2, s.fine_x & 1, blocks, colours_, row);
    }
    finish_pixels(row, first, packed, sprites);
    if (!whole) std::memcpy(picture_.index + start, part, end - first);
    note_emphasis(first);
}

// A whole line without sprites that begins with the tile at `v`, right out of the decoded rows. False: it has to be packed,
// and nothing is drawn yet.
bool Ppu::draw_background_directly(std::uint16_t v) noexcept {
    if (!(s.mask & kShowBackground)) return false;
    const unsigned nametable = (v >> 10) & 3;
    const std::uint8_t* const left = row_of_tiles(nametable, v);
    const std::uint8_t* const right = row_of_tiles(nametable ^ 1, v);
    // The cache holds one of the two only.
    if (left == right && cart_.ppu_read_page[8 + nametable] != cart_.ppu_read_page[8 + (nametable ^ 1)]) return false;

    std::uint8_t* const row = picture_.index + s.scanline * Picture::kWidth;
    const unsigned skipped = (v & 31) * 8 + s.fine_x;  // pixels of the left nametable
    const unsigned split = Picture::kWidth - skipped;
    // Blocks of 32 pixels: of the two parts the shorter one may reach into the place of the other, which comes after it.
    const auto draw = [&](const std::uint8_t* pixels, unsigned from, unsigned count, std::uint8_t* out) {
        expand_pixels(pixels + from / 2, from & 1, count / 32, colours_, out);
        if (count % 32)
            expand_pixels(pixels + (from + count) / 2 - 16, (from + count) & 1, 1, colours_, out + count - 32);
    };
    if (split >= 32) {
        const unsigned blocks = (skipped + 31) / 32;
        if (blocks) {
            expand_pixels(right + skipped / 2 - 16 * blocks, skipped & 1, blocks, colours_,
                          row + Picture::kWidth - 32 * blocks);
        }
        draw(left, skipped, split, row);
    } else {
        expand_pixels(left + skipped / 2, skipped & 1, 1, colours_, row);
        draw(right, 0, skipped, row + split);
    }
    if (!(s.mask & kShowLeftBackground)) std::memset(row, colours_[0], 8);
    note_emphasis(0);
    return true;
}

void Ppu::keep_emphasis(unsigned x, unsigned lines) noexcept {
    unsigned emphasis = s.mask >> 5;
    if (timing_.green_before_red) emphasis = (emphasis & 4) | ((emphasis & 1) << 1) | ((emphasis >> 1) & 1);
    picture_.emphasised = true;
    for (unsigned i = 0; i < lines; ++i) {
        Picture::emphasis_of(picture_.index)[s.scanline + i].set(x, static_cast<std::uint8_t>(emphasis));
    }
}

// What lies over the background.
void Ppu::finish_pixels(std::uint8_t* row, unsigned first, const std::uint8_t* packed,
                        const LineSprites& sprites) const noexcept {
    if (first == 0 && !(s.mask & kShowLeftBackground)) std::memset(row, colours_[0], 8);
    if (sprites.count && (s.mask & kShowSprites)) draw_sprites(row, first, packed, sprites);
}

// Those of low priority first: the others cover them. Eight pixels at a time, a byte each in a word, the leftmost lowest.
void Ppu::draw_sprites(std::uint8_t* row, unsigned first, const std::uint8_t* packed,
                       const LineSprites& sprites) const noexcept {
    const unsigned first_sprite = first == 0 && !(s.mask & kShowLeftSprites) ? 8 : 0;
    const unsigned first_background = !(s.mask & kShowBackground)                       ? Picture::kWidth
                                      : (first == 0 && !(s.mask & kShowLeftBackground)) ? 8
                                                                                        : 0;
    for (unsigned i = sprites.count; i-- > 0;) {
        const LineSprites::Sprite sprite = sprites.of[i];
        const unsigned left = sprite.x;
        const std::uint64_t low = kBytesOfBits[sprite.low];
        const std::uint64_t high = kBytesOfBits[sprite.high];
        const std::uint8_t* colours = &colours_[0x10 + (sprite.attributes & 3) * 4];
        std::uint64_t pixels = (low & ~high & (colours[1] * kEachByte)) | (high & ~low & (colours[2] * kEachByte)) |
                               (low & high & (colours[3] * kEachByte));
        std::uint64_t shown = low | high;
        if (shown == 0) continue;
        if (left < first_sprite) shown &= bytes_from(first_sprite - left);
        if ((sprite.attributes & 0x20) && left + 7 >= first_background) {
            // An opaque pixel behind the background hides the sprites of lower priority too.
            std::uint64_t hidden = shown & opaque_bytes(packed, left + s.fine_x);
            if (left < first_background) hidden &= bytes_from(first_background - left);
            pixels &= ~hidden;
            while (hidden) {
                const unsigned bit = static_cast<unsigned>(std::countr_zero(hidden)) & ~7u;
                const unsigned position = left + s.fine_x + bit / 8;
                pixels |= std::uint64_t{colours_[(packed[position >> 1] >> ((position & 1) * 4)) & 15]} << bit;
                hidden &= ~(std::uint64_t{0xFF} << bit);
            }
        }
        if (left <= Picture::kWidth - 8) {
            std::uint64_t present;
            std::memcpy(&present, row + left, 8);
            present = (present & ~shown) | (pixels & shown);
            std::memcpy(row + left, &present, 8);
            continue;
        }
        for (unsigned x = left; x < Picture::kWidth; ++x) {
            const unsigned shift = 8 * (x - left);
            if ((shown >> shift) & 1) row[x] = static_cast<std::uint8_t>(pixels >> shift);
        }
    }
}

// The sprites over the background of the lines from `first` up to `end`, as OAM has them; on lines of which
// sprites_may_come_later() says so. Sprite by sprite: what it needs for all of its rows is worked out once.
void Ppu::draw_sprites_of_lines(unsigned first, unsigned end) const noexcept {
    if (first >= end || !(s.mask & kShowSprites)) return;
    const unsigned height = sprite_height();
    const unsigned first_pixel = (s.mask & kShowLeftSprites) ? 0 : 8;
    constexpr unsigned kLastPlace = Picture::kWidth - 8;
    unsigned i;
    for (std::uint64_t left = sprites_shown_; left; left &= ~(std::uint64_t{1} << i)) {
        i = 63 - static_cast<unsigned>(std::countl_zero(left));
        // A sprite shows one line below its Y.
        const unsigned top = table_y_[i] + 1u;
        const unsigned begin = top > first ? top : first;
        const unsigned stop = top + height < end ? top + height : end;
        if (begin >= stop) continue;
        const std::uint8_t* sprite = &s.oam[i * 4];
        const unsigned tile = height == 16 ? ((sprite[1] & 1u) << 12) | ((sprite[1] & 0xFEu) << 4)
                                           : ((s.ppuctrl & 0x08u) << 9) | (sprite[1] * 16u);
        const std::uint8_t* planes = cart_.ppu_read_page[tile >> Cartridge::kPpuPageBits] + (tile & 0x3FF);
        const BytesOfBits& bytes = (sprite[2] & 0x40) ? kBytesOfBitsMirrored : kBytesOfBits;
        const unsigned flip = (sprite[2] & 0x80) ? height - 1 : 0;
        const std::uint8_t* colours = &colours_[0x10 + (sprite[2] & 3) * 4];
        const std::uint64_t colour_of_low = colours[1] * kEachByte;
        const std::uint64_t colour_of_high = colours[2] * kEachByte;
        const std::uint64_t colour_of_both = colour_of_low ^ colour_of_high ^ (colours[3] * kEachByte);
        // At the right edge the word begins further left, and its pixels further up in it.
        const unsigned place = sprite[3] < kLastPlace ? sprite[3] : kLastPlace;
        const unsigned shift = 8 * (sprite[3] - place);
        const std::uint64_t kept = sprite[3] < first_pixel ? bytes_from(first_pixel - sprite[3]) : ~std::uint64_t{0};
        std::uint8_t* out = picture_.index + begin * Picture::kWidth + place;
        for (unsigned line = begin; line < stop; ++line, out += Picture::kWidth) {
            const unsigned row = (line - top) ^ flip;
            const std::uint8_t* plane = planes + ((row & 8) << 1) + (row & 7);
            const std::uint64_t low = (bytes[plane[0]] & kept) << shift;
            const std::uint64_t high = (bytes[plane[8]] & kept) << shift;
            std::uint64_t pixels;
            std::memcpy(&pixels, out, 8);
            pixels &= ~(low | high);
            pixels |= (low & colour_of_low) ^ (high & colour_of_high) ^ (low & high & colour_of_both);
            std::memcpy(out, &pixels, 8);
        }
    }
}

}  // namespace nes
