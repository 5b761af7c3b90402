// Whole lines at once. A line that no register access touches does the same in every dot group; what it leaves behind
// follows from v, t and OAM alone. dot.cpp says what happens; this file must leave the same bytes.
#include <bit>
#include <cstring>

#include "background.hpp"
#include "ppu.hpp"
#include "spread.hpp"
#include "sprites.hpp"

namespace nes {

// The tiles of one line: the two that the shift registers hold, and 32 more.
struct Ppu::TileRow {
    static constexpr unsigned kTiles = 34;
    std::uint8_t low[kTiles];
    std::uint8_t high[kTiles];
    std::uint8_t attribute[kTiles];
};

namespace {

constexpr unsigned kLineDots = 341;

constexpr bool uniform(std::uint16_t shifter) {
    const unsigned first = shifter >> 8;
    const unsigned second = shifter & 0xFF;
    return (first == 0 || first == 0xFF) && (second == 0 || second == 0xFF);
}

}  // namespace

// --- what evaluation will find ---

void Ppu::refresh_oam_table() noexcept {
    const auto height = static_cast<std::uint8_t>(sprite_height());
    if (table_valid_ && table_height_ == height) return;
    bool same = table_height_ == height;
    for (unsigned i = 0; i < 64; ++i) {
        same &= table_y_[i] == s.oam[i * 4];
        table_y_[i] = s.oam[i * 4];
    }
    table_valid_ = true;
    if (same) return;
    table_height_ = height;
    std::memset(sprites_on_line_, 0, sizeof(sprites_on_line_));
    std::memset(sprite_count_, 0, sizeof(sprite_count_));
    for (unsigned i = 0; i < 64; ++i) {
        const unsigned y = table_y_[i];
        const unsigned end = y + height < 240 ? y + height : 240;
        for (unsigned line = y; line < end; ++line) {
            sprites_on_line_[line] |= std::uint64_t{1} << i;
            ++sprite_count_[line];
        }
    }
}

void Ppu::evaluate_line() noexcept {
    std::uint64_t found = sprites_on_line_[s.scanline];
    if (sprite_count_[s.scanline] >= 8) {
        // Secondary OAM fills up: the search for a ninth sprite takes its crooked way.
        for (s.dot = 1; s.dot <= 256; ++s.dot) evaluation_dot();
        s.dot = 0;
        return;
    }
    std::memset(s.secondary_oam, 0xFF, sizeof(s.secondary_oam));
    s.sprite_zero_next = found & 1;
    unsigned slot = 0;
    const bool last_found = found >> 63;
    for (; found; found &= found - 1, ++slot) {
        const std::uint8_t* sprite = &s.oam[std::countr_zero(found) * 4];
        std::uint8_t* copy = &s.secondary_oam[slot * 4];
        copy[0] = sprite[0];
        copy[1] = sprite[1];
        copy[2] = sprite[2] & 0xE3;
        copy[3] = sprite[3];
    }
    // The Y of each sprite that is not on the line is written too, where the next one would begin.
    if (!last_found) s.secondary_oam[slot * 4] = s.oam[63 * 4];
    s.secondary_full = 0;
    s.copying = 0;
    s.evaluation_done = 1;
}

void Ppu::load_sprites() noexcept {
    s.sprite_zero_here = s.sprite_zero_next;
    for (unsigned unit = 0; unit < 8; ++unit) {
        const std::uint8_t* sprite = &s.secondary_oam[unit * 4];
        s.sprite_attributes[unit] = sprite[2];
        s.sprite_x[unit] = sprite[3];
        if (!sprite_row_visible(unit)) {
            s.sprite_pattern_low[unit] = s.sprite_pattern_high[unit] = 0;
            continue;
        }
        const std::uint16_t address = sprite_pattern_address(unit);
        std::uint8_t low = peek_memory(address);
        std::uint8_t high = peek_memory(static_cast<std::uint16_t>(address | 8));
        if (sprite[2] & 0x40) {
            low = reverse_bits(low);
            high = reverse_bits(high);
        }
        s.sprite_pattern_low[unit] = low;
        s.sprite_pattern_high[unit] = high;
    }
}

// Dots 321-340: the first two tiles of the next line, and a nametable byte that nobody uses.
void Ppu::prefetch_tiles() noexcept {
    for (unsigned tile = 0; tile < 2; ++tile) {
        s.nametable_byte = peek_memory(nametable_address());
        const std::uint8_t attribute = peek_memory(attribute_address());
        s.attribute_bits = (attribute >> (((s.v >> 4) & 4) | (s.v & 2))) & 3;
        const std::uint16_t pattern = background_pattern_address();
        s.pattern_low_byte = peek_memory(pattern);
        s.pattern_high_byte = peek_memory(static_cast<std::uint16_t>(pattern | 8));
        s.pattern_low = static_cast<std::uint16_t>((s.pattern_low << 8) | s.pattern_low_byte);
        s.pattern_high = static_cast<std::uint16_t>((s.pattern_high << 8) | s.pattern_high_byte);
        s.attribute_low = static_cast<std::uint16_t>((s.attribute_low << 8) | ((s.attribute_bits & 1) ? 0xFF : 0));
        s.attribute_high = static_cast<std::uint16_t>((s.attribute_high << 8) | ((s.attribute_bits & 2) ? 0xFF : 0));
        increment_x();
    }
    s.nametable_byte = peek_memory(nametable_address());
    s.bus_data = s.nametable_byte;
    s.bus_address = nametable_address();
    s.address_latch = static_cast<std::uint8_t>(s.bus_address);
}

// --- pixels ---

void Ppu::fetch_row(TileRow& row) noexcept {
    for (unsigned tile = 0; tile < 2; ++tile) {
        const unsigned shift = 8 - 8 * tile;
        row.low[tile] = static_cast<std::uint8_t>(s.pattern_low >> shift);
        row.high[tile] = static_cast<std::uint8_t>(s.pattern_high >> shift);
        row.attribute[tile] =
            static_cast<std::uint8_t>(((s.attribute_low >> shift) & 1) | (((s.attribute_high >> shift) & 1) << 1));
    }
    const unsigned fine_y = s.v >> 12;
    const std::uint8_t* const* pattern = &cart_.ppu_read_page[(s.ppuctrl & 0x10) ? 4 : 0];
    const unsigned attribute_shift = (s.v >> 4) & 4;
    const unsigned row_offset = s.v & 0x03E0;
    const unsigned attribute_offset = 0x3C0 | ((s.v >> 4) & 0x38);
    unsigned column = s.v & 0x1F;
    unsigned nametable = (s.v >> 10) & 3;
    for (unsigned tile = 2; tile < TileRow::kTiles;) {
        const std::uint8_t* page = cart_.ppu_read_page[8 + nametable];
        const unsigned end = tile + 32 - column < TileRow::kTiles ? tile + 32 - column : TileRow::kTiles;
        for (; tile < end; ++tile, ++column) {
            const unsigned name = page[row_offset | column];
            const std::uint8_t* bytes = pattern[name >> 6] + ((name & 63) << 4) + fine_y;
            row.low[tile] = bytes[0];
            row.high[tile] = bytes[8];
            row.attribute[tile] = (page[attribute_offset | (column >> 2)] >> (attribute_shift | (column & 2))) & 3;
        }
        column = 0;
        nametable ^= 1;
    }
}

void Ppu::draw_line() noexcept {
    const bool show_background = s.mask & kShowBackground;
    const bool show_sprites = s.mask & kShowSprites;
    const bool zero_matters = s.sprite_zero_here && !s.sprite_zero_hit && show_background && show_sprites;
    if (!picture_.draw && !zero_matters) return;

    TileRow row;
    if (show_background) fetch_row(row);
    const std::uint8_t colour_mask = (s.mask & kGreyscale) ? 0x30 : 0x3F;
    alignas(64) std::uint8_t line[8 + Picture::kWidth + 16];
    std::uint8_t* const pixels = line + 8;
    const std::uint8_t backdrop = s.palette[0] & colour_mask;

    if (picture_.draw) {
        if (show_background) {
            // Of the four colours c0-c3 a pixel takes c0, changed where its low bit, its high bit and both are set.
            std::uint64_t changes[4][3];
            for (unsigned palette = 0; palette < 4; ++palette) {
                const std::uint8_t* colours = &s.palette[palette * 4];
                const std::uint8_t c1 = (colours[1] & colour_mask) ^ backdrop;
                const std::uint8_t c2 = (colours[2] & colour_mask) ^ backdrop;
                const std::uint8_t c3 = (colours[3] & colour_mask) ^ backdrop;
                changes[palette][0] = repeat_byte(c1);
                changes[palette][1] = repeat_byte(c2);
                changes[palette][2] = repeat_byte(c1 ^ c2 ^ c3);
            }
            const std::uint64_t base = repeat_byte(backdrop);
            std::uint8_t* out = pixels - s.fine_x;
            for (unsigned tile = 0; tile < 33; ++tile, out += 8) {
                const std::uint64_t low = spread_bits(row.low[tile]);
                const std::uint64_t high = spread_bits(row.high[tile]);
                const std::uint64_t* change = changes[row.attribute[tile]];
                const std::uint64_t eight =
                    base ^ (low & change[0]) ^ (high & change[1]) ^ (low & high & change[2]);
                std::memcpy(out, &eight, 8);
            }
            if (!(s.mask & kShowLeftBackground)) std::memset(pixels, backdrop, 8);
        } else {
            std::memset(pixels, backdrop, Picture::kWidth);
        }
    }

    if (show_sprites) {
        const unsigned first_x = (s.mask & kShowLeftSprites) ? 0 : 8;
        const unsigned first_background = !show_background ? 256 : (s.mask & kShowLeftBackground) ? 0 : 8;
        std::uint32_t taken[9] = {};  // pixels where a sprite of higher priority is opaque, a bit each
        for (unsigned unit = 0; unit < 8; ++unit) {
            const unsigned low = s.sprite_pattern_low[unit];
            const unsigned high = s.sprite_pattern_high[unit];
            if (!(low | high)) continue;
            const unsigned left = s.sprite_x[unit];
            const std::uint8_t attributes = s.sprite_attributes[unit];
            const std::uint8_t* colours = &s.palette[0x10 + (attributes & 3) * 4];
            for (unsigned i = 0; i < 8; ++i) {
                const unsigned x = left + i;
                if (x > 255) break;
                const unsigned colour = ((low >> (7 - i)) & 1) | (((high >> (7 - i)) & 1) << 1);
                if (!colour) continue;
                std::uint32_t& word = taken[x >> 5];
                const std::uint32_t bit = 1u << (x & 31);
                if (word & bit) continue;
                word |= bit;
                if (x < first_x) continue;
                bool opaque = false;
                if (x >= first_background) {
                    const unsigned position = x + s.fine_x;
                    opaque = ((row.low[position >> 3] | row.high[position >> 3]) >> (7 - (position & 7))) & 1;
                }
                if (unit == 0 && zero_matters && opaque && x != 255) s.sprite_zero_hit = 1;
                if (!(opaque && (attributes & 0x20))) pixels[x] = colours[colour] & colour_mask;
            }
        }
    }

    if (!picture_.draw) return;
    std::memcpy(picture_.index + s.scanline * Picture::kWidth, pixels, Picture::kWidth);
    if (picture_.emphasis) {
        std::memset(picture_.emphasis + s.scanline * Picture::kWidth, s.mask & 0xE0, Picture::kWidth);
    }
}

// --- lines ---

// Whether the next 340 dots are those of an undisturbed line.
bool Ppu::line_ready() const noexcept {
    if (s.dot != 0 || !on_rendered_line()) return false;
    if ((s.mask_due & s.v_due & s.access_due) != kNever) return false;
    if (!rendering()) return true;
    if (board_.watches_ppu_bus || s.corruption_pending || s.oam_address != 0 || s.sprites_active != 0) return false;
    if (!uniform(s.attribute_low) || !uniform(s.attribute_high)) return false;
    for (const std::uint8_t* page : cart_.ppu_read_page) {
        if (!page) return false;
    }
    if (s.short_line) {
        for (unsigned unit = 0; unit < 8; ++unit) {
            if (s.sprite_pattern_low[unit] | s.sprite_pattern_high[unit]) return false;
        }
    }
    return true;
}

// From dot 0 of a line, processed, to dot 0 of the next.
void Ppu::run_line() noexcept {
    const bool prerender = s.scanline == timing_.prerender_line;
    if (prerender) {
        flag_dot_of_prerender();
        load_sprites();
        s.v = static_cast<std::uint16_t>(s.t & 0x7FFF);
    } else {
        draw_line();
        s.short_line = 0;
        evaluate_line();
        increment_y();
        s.v = static_cast<std::uint16_t>((s.v & ~0x041F) | (s.t & 0x041F));
        load_sprites();
    }
    prefetch_tiles();
    s.sprites_active = 0;
    s.secondary_address = 0;
    s.oam_address = 0;
    s.oam_latch = s.secondary_oam[0];
    s.clock += kLineDots;
    if (prerender) {
        s.short_line = s.odd_frame && timing_.skips_dot;
        s.clock -= s.short_line;
        s.odd_frame ^= 1;
        s.scanline = 0;
    } else {
        ++s.scanline;
    }
    if (s.scanline < 240) {
        s.bus_address = background_pattern_address();
        s.address_latch = static_cast<std::uint8_t>(s.bus_address);
    }
}

// The same with rendering switched off: the backdrop, and the counters of the sprites run out.
void Ppu::run_blank_line() noexcept {
    const bool prerender = s.scanline == timing_.prerender_line;
    if (prerender) {
        flag_dot_of_prerender();
    } else {
        for (unsigned unit = 0; unit < 8; ++unit) {
            if (!(s.sprites_active & (1u << unit))) s.sprite_x[unit] = 0;
        }
        s.sprites_active = 0xFF;
        s.short_line = 0;
        if (picture_.draw) {
            const unsigned slot = (s.v & 0x3F00) == 0x3F00 ? palette_slot(s.v) : 0;
            const std::size_t position = s.scanline * Picture::kWidth;
            std::memset(picture_.index + position, s.palette[slot] & ((s.mask & kGreyscale) ? 0x30 : 0x3F),
                        Picture::kWidth);
            if (picture_.emphasis) std::memset(picture_.emphasis + position, s.mask & 0xE0, Picture::kWidth);
        }
    }
    s.clock += kLineDots;
    if (prerender) {
        s.short_line = 0;
        s.odd_frame ^= 1;
        s.scanline = 0;
    } else {
        ++s.scanline;
    }
}

// Lines that are not drawn and on which no flag can rise leave nothing behind but v.
void Ppu::skip_hidden_lines(std::uint64_t clock) noexcept {
    while (s.scanline < 239 && s.clock + 2 * kLineDots <= clock) {
        const std::uint64_t found = sprites_on_line_[s.scanline];
        if ((s.sprite_zero_here && !s.sprite_zero_hit) || (found & 1) || sprite_count_[s.scanline] >= 8) return;
        s.short_line = 0;
        increment_y();
        s.v = static_cast<std::uint16_t>((s.v & ~0x041F) | (s.t & 0x041F));
        increment_x();
        increment_x();
        s.sprite_zero_here = s.sprite_zero_next = 0;
        s.clock += kLineDots;
        ++s.scanline;
    }
}

void Ppu::catch_up(std::uint64_t clock) noexcept {
    while (s.clock < clock) {
        if (can_skip_dots()) {
            skip_dots(clock);
            if (s.clock >= clock) return;
        }
        if (clock - s.clock >= kLineDots && line_ready()) {
            if (!rendering()) {
                run_blank_line();
                continue;
            }
            refresh_oam_table();
            if (!picture_.draw && s.scanline < 239) skip_hidden_lines(clock);
            run_line();
            continue;
        }
        if (clock - s.clock >= 8 && group_ready()) {
            run_group();
            continue;
        }
        step();
    }
}

}  // namespace nes
