// Whole lines at once. A line that no register access touches does the same in every dot group; what it leaves behind
// follows from v, t and OAM alone. dot.cpp says what happens; this file must leave the same bytes.
//
// Sprite 0 hit: run_lines() sets the flag for whole lines as pixel.hpp does dot by dot, group.cpp for parts of lines, and
// predict.cpp says beforehand when; where it hits is decided in sprite_zero.cpp.
#include <algorithm>
#include <bit>
#include <cstring>

#include "ppu/background.hpp"
#include "ppu/fast/line.hpp"
#include "ppu/ppu.hpp"
#include "ppu/sprites.hpp"

namespace nes {

namespace {

constexpr bool uniform(std::uint16_t shifter) {
    const unsigned first = shifter >> 8;
    const unsigned second = shifter & 0xFF;
    return (first == 0 || first == 0xFF) && (second == 0 || second == 0xFF);
}

constexpr std::uint16_t next_column(std::uint16_t v) {
    return static_cast<std::uint16_t>((v & 0x1F) == 31 ? (v & ~0x1F) ^ 0x0400 : v + 1);
}

// v with its vertical half `rows` lines further down, as increment_y() counts.
std::uint16_t rows_further(std::uint16_t v, unsigned rows) {
    unsigned row = ((v >> 5) & 31) * 8 + (v >> 12);
    unsigned nametable = (v >> 11) & 1;
    for (; rows > 0 && row >= 240; --rows) row = (row + 1) & 255;  // below the picture it comes back without a switch
    row += rows;
    if (rows > 0 && row >= 240) {
        row -= 240;
        nametable ^= 1;
    }
    return static_cast<std::uint16_t>((v & 0x041F) | ((row & 7) << 12) | ((row >> 3) << 5) | (nametable << 11));
}

}  // namespace

// Memory on the cartridge's side; line_ready() has checked that it exists.
NES_INLINE std::uint8_t Ppu::fetch(unsigned address) const noexcept {
    return cart_.ppu_read_page[address >> Cartridge::kPpuPageBits][address & 0x3FF];
}

// --- sprites ---

// Sprites move little from frame to frame: visit only the lines that one has left or entered.
void Ppu::refresh_oam_table() noexcept {
    const auto height = static_cast<std::uint8_t>(sprite_height());
    if (table_valid_ && table_height_ == height) return;
    table_valid_ = true;
    rises_valid_ = false;
    sprites_behind_ = 0;
    sprites_shown_ = 0;
    if (table_height_ != height) {
        table_height_ = height;
        std::memset(sprites_on_line_, 0, sizeof(sprites_on_line_));
        std::memset(sprite_count_, 0, sizeof(sprite_count_));
        std::memset(full_lines_, 0, sizeof(full_lines_));
        std::memset(table_y_, 0xFF, sizeof(table_y_));  // on no line
    }
    for (unsigned i = 0; i < 64; ++i) {
        const unsigned y = s.oam[i * 4];
        const unsigned old = table_y_[i];
        sprites_behind_ |= std::uint64_t{(s.oam[i * 4 + 2] >> 5) & 1u} << i;
        sprites_shown_ |= std::uint64_t{y < 239} << i;
        if (y == old) continue;
        table_y_[i] = static_cast<std::uint8_t>(y);
        if (y > old) {
            leave_lines(i, old, std::min(y, old + height));
            enter_lines(i, std::max(y, old + height), y + height);
        } else {
            leave_lines(i, std::max(old, y + height), old + height);
            enter_lines(i, y, std::min(old, y + height));
        }
    }
}

void Ppu::leave_lines(unsigned sprite, unsigned first, unsigned end) noexcept {
    for (unsigned line = first; line < end && line < 240; ++line) {
        sprites_on_line_[line] &= ~(std::uint64_t{1} << sprite);
        if (sprite_count_[line]-- == 8) full_lines_[line >> 6] &= ~(std::uint64_t{1} << (line & 63));
    }
}

void Ppu::enter_lines(unsigned sprite, unsigned first, unsigned end) noexcept {
    for (unsigned line = first; line < end && line < 240; ++line) {
        sprites_on_line_[line] |= std::uint64_t{1} << sprite;
        if (++sprite_count_[line] == 8) full_lines_[line >> 6] |= std::uint64_t{1} << (line & 63);
    }
}

namespace {

unsigned eighth_sprite(std::uint64_t sprites) noexcept {
    for (unsigned i = 0; i < 7; ++i) sprites &= sprites - 1;
    return static_cast<unsigned>(std::countr_zero(sprites));
}

}  // namespace

// The search for a ninth sprite, which begins behind the one that fills secondary OAM up: it steps through the bytes of the
// sprites as it steps through the sprites. Of the 96 steps that evaluation has in a line it needs 91 at most: it always comes
// to its end.
Ppu::NinthSprite Ppu::search_for_ninth() const noexcept {
    const unsigned last = eighth_sprite(sprites_on_line_[s.scanline]);
    unsigned steps = last + 1 + 3 * 8;
    unsigned address = last * 4 + 4;
    bool found = false;
    for (; address < 256; ++steps) {
        const std::uint8_t mask = (address & 3) == 2 ? 0xE3 : 0xFF;
        if (in_range(s.oam[address] & mask)) {
            found = true;
            address += 3;
            steps += 4;
            break;
        }
        address = ((address + 4) & ~3u) | ((address + 1) & 3);
    }
    return {found, static_cast<std::uint8_t>((address & ~3u) + (96 - steps) * 4)};
}

void Ppu::evaluate_line() noexcept {
    std::uint64_t found = sprites_on_line_[s.scanline];
    std::memset(s.secondary_oam, 0xFF, sizeof(s.secondary_oam));
    s.sprite_zero_next = found & 1;
    s.secondary_full = sprite_count_[s.scanline] >= 8;
    if (s.secondary_full && !s.sprite_overflow) s.sprite_overflow = search_for_ninth().found;
    unsigned slot = 0;
    const bool last_found = found >> 63;
    for (; found && slot < 8; found &= found - 1, ++slot) {
        const std::uint8_t* sprite = &s.oam[std::countr_zero(found) * 4];
        std::uint8_t* copy = &s.secondary_oam[slot * 4];
        copy[0] = sprite[0];
        copy[1] = sprite[1];
        copy[2] = sprite[2] & 0xE3;
        copy[3] = sprite[3];
    }
    // The Y of each sprite that is not on the line is written too, where the next one would begin.
    if (!last_found && slot < 8) s.secondary_oam[slot * 4] = s.oam[63 * 4];
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
        const unsigned address = sprite_pattern_address(s.scanline & 0xFF, sprite);
        fetch_sprite_row(address, sprite[2], s.sprite_pattern_low[unit], s.sprite_pattern_high[unit]);
    }
}

NES_INLINE void Ppu::fetch_sprite_row(unsigned address, std::uint8_t attributes, std::uint8_t& low,
                                      std::uint8_t& high) const noexcept {
    const std::uint8_t* planes = cart_.ppu_read_page[address >> Cartridge::kPpuPageBits] + (address & 0x3FF);
    low = planes[0];
    high = planes[8];
    if (attributes & 0x40) {
        low = reverse_bits(low);
        high = reverse_bits(high);
    }
}

// The sprites that the units hold, with their places counted from the present pixel on.
void Ppu::sprites_of_units(LineSprites& sprites) const noexcept {
    sprites.count = 0;
    sprites.zero_first = s.sprite_zero_here;
    for (unsigned unit = 0; unit < 8; ++unit) {
        const unsigned place = ((s.sprites_active >> unit) & 1) ? 0 : s.sprite_x[unit];
        const bool in_line = s.dot + place < Picture::kWidth;
        sprites.of[unit] = {in_line ? s.sprite_pattern_low[unit] : std::uint8_t{0},
                            in_line ? s.sprite_pattern_high[unit] : std::uint8_t{0}, s.sprite_attributes[unit],
                            static_cast<std::uint8_t>(place)};
        if (sprites.of[unit].opaque()) sprites.count = unit + 1;
    }
}

// The sprites that the line after `line` will show, without the detour through secondary OAM.
void Ppu::sprites_of_oam(unsigned line, LineSprites& sprites) const noexcept {
    std::uint64_t found = sprites_on_line_[line];
    sprites.zero_first = found & 1;
    unsigned count = 0;
    for (; found && count < 8; found &= found - 1, ++count) {
        const std::uint8_t* sprite = &s.oam[std::countr_zero(found) * 4];
        const unsigned address = sprite_pattern_address(line, sprite);
        LineSprites::Sprite row{0, 0, sprite[2], sprite[3]};
        fetch_sprite_row(address, row.attributes, row.low, row.high);
        sprites.of[count] = row;
    }
    sprites.count = count;
}

// --- background ---

// Dots 321-340: the first two tiles of the next line, and a nametable byte that is not used.
void Ppu::prefetch_tiles() noexcept {
    for (unsigned tile = 0; tile < 2; ++tile) {
        s.nametable_byte = fetch(nametable_address());
        s.attribute_bits = (fetch(attribute_address()) >> (((s.v >> 4) & 4) | (s.v & 2))) & 3;
        const unsigned pattern = background_pattern_address();
        s.pattern_low_byte = fetch(pattern);
        s.pattern_high_byte = fetch(pattern | 8);
        s.pattern_low = static_cast<std::uint16_t>((s.pattern_low << 8) | s.pattern_low_byte);
        s.pattern_high = static_cast<std::uint16_t>((s.pattern_high << 8) | s.pattern_high_byte);
        s.attribute_low = static_cast<std::uint16_t>((s.attribute_low << 8) | ((s.attribute_bits & 1) ? 0xFF : 0));
        s.attribute_high = static_cast<std::uint16_t>((s.attribute_high << 8) | ((s.attribute_bits & 2) ? 0xFF : 0));
        increment_x();
    }
    s.nametable_byte = fetch(nametable_address());
    s.bus_data = s.nametable_byte;
    s.bus_address = nametable_address();
    s.address_latch = static_cast<std::uint8_t>(s.bus_address);
}

// --- lines ---

bool Ppu::all_pages_present() const noexcept {
    if (pages_map_ == cart_.ppu_map_version) return true;
    for (const std::uint8_t* page : cart_.ppu_read_page) {
        if (!page) return false;
    }
    pages_map_ = cart_.ppu_map_version;
    return true;
}

// Whether the next 340 dots are an undisturbed line.
bool Ppu::line_ready() const noexcept {
    if (s.dot != 0 || !on_rendered_line()) return false;
    if ((s.mask_due & s.v_due & s.access_due) != kNever) return false;
    if (!rendering()) return true;
    if (follows_dots_ || s.corruption_pending || s.oam_address != 0 || s.sprites_active != 0) return false;
    if (!uniform(s.attribute_low) || !uniform(s.attribute_high)) return false;
    if (!all_pages_present()) return false;
    if (s.short_line) {
        for (unsigned unit = 0; unit < 8; ++unit) {
            if (s.sprite_pattern_low[unit] | s.sprite_pattern_high[unit]) return false;
        }
    }
    return true;
}

// Whether the sprites that evaluation finds on `line` can be drawn with those of other lines: none is left out, and none lies
// behind the background.
bool Ppu::sprites_may_come_later(unsigned line) const noexcept {
    return sprite_count_[line] <= 8 && !(sprites_on_line_[line] & sprites_behind_);
}

// What dots 257-340 of a line leave, and dot 0 of the next.
void Ppu::finish_line() noexcept {
    load_sprites();
    prefetch_tiles();
    s.sprites_active = 0;
    s.secondary_address = 0;
    s.oam_address = 0;
    s.oam_latch = s.secondary_oam[0];
    if (s.scanline < 239 || s.scanline == timing_.prerender_line) {
        s.bus_address = background_pattern_address();
        s.address_latch = static_cast<std::uint8_t>(s.bus_address);
    }
}

// Bit n: unit n fetches from the upper pattern table; for the sprites in secondary OAM.
unsigned Ppu::sprite_tables() const noexcept {
    if (!(s.ppuctrl & 0x20)) return (s.ppuctrl & 0x08) ? 0xFF : 0;
    unsigned tables = 0;
    for (unsigned unit = 0; unit < 8; ++unit) tables |= (s.secondary_oam[unit * 4 + 1] & 1u) << unit;
    return tables;
}

// Shows the board how A12 moves in a line whose dot 0 is `start`, without the lows of four dots, for the nametable bytes between
// two patterns, after which no board counts a rise.
void Ppu::report_a12(std::uint64_t start, unsigned sprite_tables, unsigned line_dots) noexcept {
    const bool background = s.ppuctrl & 0x10;
    bool level = false;
    const auto at = [&](unsigned dot, bool high) {
        if (high == level) return;
        level = high;
        board_.ppu_bus(high ? 0x1000 : 0, start + dot);
    };
    board_.ppu_bus(0, start + 1);
    at(5, background);
    unsigned changes = (sprite_tables ^ (sprite_tables << 1 | background)) & 0xFF;
    for (; changes != 0; changes &= changes - 1) {
        const unsigned unit = std::countr_zero(changes);
        const bool high = (sprite_tables >> unit) & 1;
        at((high ? 261 : 257) + 8 * unit, high);
    }
    at(background ? 325 : 321, background);
    at(337, false);
    if (s.scanline < 239 || s.scanline == timing_.prerender_line) at(line_dots, background);
}

// The same for `count` lines of the picture. Of those between the first and the last only the low that is long enough to count
// matters, if there is one; but on a line with sprites of 16 lines each of them chooses its table.
void Ppu::report_a12_of_lines(std::uint64_t start, unsigned count) noexcept {
    const bool tall = s.ppuctrl & 0x20;
    const bool background = s.ppuctrl & 0x10;
    const unsigned tables = tall ? 0xFF : sprite_tables();
    const auto plain = [&](unsigned i) { return !tall || sprites_on_line_[s.scanline + i] == 0; };
    const auto line = [&](unsigned i) { return start + std::uint64_t{i} * kLineDots; };
    for (unsigned i = 0; i < count;) {
        report_a12(line(i), plain(i) ? tables : predicted_tables(s.scanline + i), kLineDots);
        const unsigned first = ++i;
        while (i + 1 < count && plain(i)) ++i;
        if (i == first || background == (tables != 0)) continue;
        if (background) {
            board_.a12_lines(line(first), i - first, {257, false}, {325, true});
        } else {
            board_.a12_lines(line(first), i - first, {261, true}, {321, false});
        }
    }
}

// From dot 0 of the pre-render line, processed, to dot 0 of the picture.
void Ppu::run_prerender_line() noexcept {
    flag_dot_of_prerender();
    s.clock += kLineDots;
    s.short_line = 0;
    if (rendering()) {
        s.v = s.t;
        finish_line();
        s.short_line = s.odd_frame && timing_.skips_dot;
        s.clock -= s.short_line;
        if (follows_a12_) {
            const unsigned dots = kLineDots - s.short_line;
            report_a12(s.clock - dots, sprite_tables(), dots);
        }
    }
    s.odd_frame ^= 1;
    s.scanline = 0;
}

// From dot 0 of a line of the picture, processed, to dot 0 of the line `count` further on.
void Ppu::run_lines(unsigned count) noexcept {
    note_lines(count);
    refresh_oam_table();
    tiles_->recheck();
    refresh_colours();
    LineSprites sprites;
    sprites_of_units(sprites);
    std::uint16_t v = s.v;       // of the third tile, as the hardware has it when a line begins
    bool from_registers = true;  // the first two tiles and the sprites; later lines have them from `v` and OAM as well
    std::uint16_t line_v = v;    // of the first tile
    s.short_line = 0;
    const std::uint64_t last_start = s.clock + std::uint64_t{count - 1} * kLineDots;
    if (follows_a12_ && count > 1) report_a12_of_lines(s.clock, count - 1);
    s.clock += std::uint64_t{count} * kLineDots;
    unsigned bare = s.scanline;  // from here on the lines are drawn without their sprites
    for (;; --count) {
        const bool zero_here = from_registers ? sprites.zero_first : sprites_on_line_[s.scanline - 1] & 1;
        const bool zero_matters = zero_here && hit_possible();
        const bool drawn = picture_.draw && !from_registers && !zero_matters &&
                           sprites_may_come_later(s.scanline - 1u) && draw_background_directly(line_v);
        if (!drawn) {
            draw_sprites_of_lines(bare, s.scanline);
            bare = s.scanline + 1u;
            if (!from_registers) sprites_of_oam(s.scanline - 1u, sprites);
            if (picture_.draw || zero_matters) {
                LineTiles tiles;
                std::uint8_t* packed = pack_tiles(from_registers ? v : line_v, tiles);
                if (from_registers) pack_shift_registers(packed -= LineTiles::kMargin);
                if (zero_matters && sprite_zero_meets(0, 256, packed, sprites)) s.sprite_zero_hit = 1;
                if (picture_.draw) draw_pixels(0, 256, packed, sprites);
            }
        }
        line_v = static_cast<std::uint16_t>((next_row(v) & ~kHorizontalBits) | (s.t & kHorizontalBits));
        if (count == 1) break;
        v = next_column(next_column(line_v));
        from_registers = false;
        if (sprite_count_[s.scanline] >= 8 && !s.sprite_overflow) {
            s.sprite_overflow = search_for_ninth().found;
        }
        ++s.scanline;
    }
    draw_sprites_of_lines(bare, s.scanline + 1u);
    evaluate_line();
    s.v = line_v;
    finish_line();
    if (follows_a12_) report_a12(last_start, sprite_tables(), kLineDots);
    ++s.scanline;
}

// Lines with rendering switched off: the backdrop, and the counters of the sprites run out.
void Ppu::run_blank_lines(unsigned count) noexcept {
    note_lines(count);
    for (unsigned unit = 0; unit < 8; ++unit) {
        if (!(s.sprites_active & (1u << unit))) s.sprite_x[unit] = 0;
    }
    s.sprites_active = 0xFF;
    s.short_line = 0;
    if (picture_.draw) {
        const unsigned slot = (s.v & 0x3F00) == 0x3F00 ? palette_slot(s.v) : 0;
        const std::size_t position = s.scanline * Picture::kWidth;
        std::memset(picture_.index + position, s.palette[slot] & ((s.mask & kGreyscale) ? 0x30 : 0x3F),
                    count * Picture::kWidth);
        note_emphasis(0, count);
    }
    s.clock += std::uint64_t{count} * kLineDots;
    s.scanline = static_cast<std::uint16_t>(s.scanline + count);
}

// The same for dots of a line of the picture, up to its end. Only the sprite units' counters move (Ppu::sprite_pixel).
void Ppu::run_blank_dots(std::uint64_t clock) noexcept {
    std::uint64_t dots = kLineDots - s.dot;
    for (const std::uint64_t end : {clock, s.mask_due, s.v_due, s.access_due}) {
        if (end > s.clock && dots > end - s.clock) dots = end - s.clock;
    }
    const unsigned reached = s.dot + static_cast<unsigned>(dots);
    const unsigned first = s.dot;
    const unsigned end = std::min(reached, 256u);
    if (first == 0) note_lines(1);
    if (first < end) {
        const unsigned pixels = end - first;
        for (unsigned unit = 0; unit < 8; ++unit) {
            if (s.sprites_active & (1u << unit)) continue;
            if (s.sprite_x[unit] < pixels) {
                s.sprite_x[unit] = 0;
                s.sprites_active |= static_cast<std::uint8_t>(1u << unit);
            } else {
                s.sprite_x[unit] = static_cast<std::uint8_t>(s.sprite_x[unit] - pixels);
            }
        }
        s.short_line = 0;
        if (picture_.draw) {
            const unsigned slot = (s.v & 0x3F00) == 0x3F00 ? palette_slot(s.v) : 0;
            std::memset(picture_.index + s.scanline * Picture::kWidth + first,
                        s.palette[slot] & ((s.mask & kGreyscale) ? 0x30 : 0x3F), pixels);
            for (unsigned x = first; x < end; ++x) note_emphasis(x);
        }
    }
    s.clock += dots;
    if (reached < kLineDots) {
        s.dot = static_cast<std::uint16_t>(reached);
    } else {
        s.dot = 0;
        s.short_line = 0;
        ++s.scanline;
    }
    apply_due();
}

// The first line from `line` on, of those before `end`, that eight sprites or more are found on; `end` if there is none.
unsigned Ppu::next_full_line(unsigned line, unsigned end) const noexcept {
    while (line < end) {
        const std::uint64_t rest = full_lines_[line >> 6] >> (line & 63);
        if (rest) return std::min(line + static_cast<unsigned>(std::countr_zero(rest)), end);
        line = (line | 63) + 1;
    }
    return end;
}

// Lines that are not drawn and on which no flag can rise leave nothing behind but v. The last of `count` is left over.
void Ppu::skip_hidden_lines(unsigned count) noexcept {
    refresh_oam_table();
    unsigned end = s.scanline + count - 1;
    if (!s.sprite_zero_hit) {
        if (s.sprite_zero_here) return;
        // Up to the line on which evaluation finds sprite zero.
        const unsigned zero = table_y_[0];
        if (s.scanline < zero + sprite_height()) end = std::min<unsigned>(end, std::max<unsigned>(zero, s.scanline));
    }
    if (end <= s.scanline) return;
    if (!s.sprite_overflow) {
        const unsigned first = s.scanline;
        for (unsigned line = next_full_line(first, end); line < end && !s.sprite_overflow;
             line = next_full_line(line + 1, end)) {
            s.scanline = static_cast<std::uint16_t>(line);
            s.sprite_overflow = search_for_ninth().found;
        }
        s.scanline = static_cast<std::uint16_t>(first);
    }
    const unsigned skipped = end - s.scanline;
    note_lines(skipped);
    const std::uint16_t v =
        static_cast<std::uint16_t>((rows_further(s.v, skipped) & ~kHorizontalBits) | (s.t & kHorizontalBits));
    s.v = next_column(next_column(v));
    s.short_line = 0;
    s.sprite_zero_here = s.sprite_zero_next = sprites_on_line_[end - 1] & 1;
    if (follows_a12_) {
        report_a12_of_lines(s.clock, skipped);
    }
    s.clock += std::uint64_t{skipped} * kLineDots;
    s.scanline = static_cast<std::uint16_t>(end);
}

void Ppu::write_at(unsigned reg, std::uint8_t value, std::uint64_t clock) noexcept {
    reg &= 7;
    const bool only_t = (reg == 5 && s.w) || (reg == 6 && !s.w) || (reg == 0 && ((value ^ s.ppuctrl) & ~3) == 0);
    if (only_t) {
        catch_up_to_line(clock);
    } else {
        catch_up(clock);
    }
    write(reg, value);
}

// t is read in dot 257 and later: what is written to it before can be written at the beginning of the line as well.
void Ppu::catch_up_to_line(std::uint64_t clock) noexcept {
    if (s.clock < clock && rendering()) {
        const std::uint64_t ahead = clock - s.clock;
        const std::uint64_t to_line = s.dot == 0 ? 0 : kLineDots - s.dot;
        if (ahead > to_line) catch_up(clock - (ahead - to_line) % kLineDots);
        if (line_ready() && clock - s.clock <= 256) return;
    }
    catch_up(clock);
}

void Ppu::catch_up(std::uint64_t clock) noexcept {
    while (s.clock < clock) {
        if (can_skip_dots()) {
            skip_dots(clock);
            if (s.clock >= clock) return;
        }
        if (clock - s.clock >= kLineDots && line_ready()) {
            const auto lines = [&] {
                const std::uint64_t due = (clock - s.clock) / kLineDots;
                const unsigned left = 240u - s.scanline;
                return due < left ? static_cast<unsigned>(due) : left;
            };
            if (s.scanline == timing_.prerender_line) {
                run_prerender_line();
            } else if (!rendering()) {
                run_blank_lines(lines());
            } else {
                // After one line that is not drawn the next may be one to skip again.
                if (!picture_.draw) skip_hidden_lines(lines());
                run_lines(picture_.draw ? lines() : 1);
            }
            continue;
        }
        if (clock - s.clock >= 8 && group_ready()) {
            if (s.dot < 256) {
                const std::uint64_t due = (clock - s.clock) / 8;
                const unsigned left = (256u - s.dot) / 8;
                run_groups(due < left ? static_cast<unsigned>(due) : left);
            } else {
                run_fetch_group();
                // Not on the picture's last line, which none follows that is rendered.
                if (s.dot == kLineEnd && s.scanline < 239 && clock - s.clock >= kLineEndDots) run_line_end();
            }
            continue;
        }
        if (s.scanline < 240 && !rendering()) {
            run_blank_dots(clock);
            continue;
        }
        step();
    }
}

}  // namespace nes
