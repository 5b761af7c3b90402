// When ppustatus and the board's interrupt will change if no register is written.
//
// Sprite 0 hit: this file decides on which lines the hit can fall and what must not have happened yet, sprite_zero.cpp in which
// dot. It must agree with pixel.hpp, line.cpp and group.cpp, which set the flag.
#include <algorithm>
#include <bit>

#include "ppu/background.hpp"
#include "ppu/ppu.hpp"
#include "ppu/sprites.hpp"

namespace nes {

namespace {

constexpr unsigned kMargin = 4;  // dots that a predicted interrupt may come early

}  // namespace

std::uint64_t Ppu::next_vblank_rise() const noexcept {
    const unsigned position = s.scanline * kLineDots + s.dot;
    const unsigned rise = timing_.vblank_line * kLineDots + 1;
    if (position < rise) return s.clock + (rise - position);
    // The frame after this one may begin a dot early.
    const unsigned frame = (timing_.prerender_line + 1u) * kLineDots;
    return s.clock + (frame - position) + rise - 1;
}

std::uint64_t Ppu::next_vblank_change() const noexcept {
    const unsigned position = s.scanline * kLineDots + s.dot;
    const unsigned rise = timing_.vblank_line * kLineDots + 1;
    const unsigned fall = timing_.prerender_line * kLineDots + 1;
    return position >= rise && position < fall ? s.clock + (fall - position) : next_vblank_rise();
}

// ppustatus at `clock`. A predicted hit can be shown before its line is drawn.
std::uint8_t Ppu::read_status_at(std::uint64_t clock) noexcept {
    if (clock >= next_status_change() && status_change_is_hit_) {
        s.sprite_zero_hit = 1;
        status_change_ = 0;
    }
    if (clock >= next_status_change()) catch_up(clock);
    return read(2);
}

std::uint64_t Ppu::next_status_change() noexcept {
    if (status_change_ <= s.clock || status_change_map_ != cart_.ppu_map_version) {
        status_change_ = predict_status_change();
        status_change_map_ = cart_.ppu_map_version;
    }
    return status_change_;
}

// How often A12 rises after a low long enough to count, while the sprites of a line and the first tiles of the next are
// fetched. `tables`: bit n, unit n fetches from the upper table. A low between neighbours in the upper table is too short.
unsigned Ppu::rises_in_line(unsigned tables, bool background_high) noexcept {
    const unsigned before = (tables << 1) | (background_high ? 1 : 0);
    unsigned rises = static_cast<unsigned>(std::popcount(tables & ~before));
    if (background_high && !(tables & 0x80)) ++rises;
    return rises;
}

// The tables that the units fetch from in line `line`, if evaluation goes its usual way.
unsigned Ppu::predicted_tables(unsigned line) const noexcept {
    unsigned tables = 0xFF;  // units without a sprite fetch tile $FF
    unsigned unit = 0;
    for (std::uint64_t found = sprites_on_line_[line]; found && unit < 8; found &= found - 1, ++unit) {
        if (!(s.oam[std::countr_zero(found) * 4 + 1] & 1)) tables &= ~(1u << unit);
    }
    return tables;
}

// The most rises that may still count in the line that the PPU is in.
unsigned Ppu::rises_left_in_line(bool background_high) const noexcept {
    const unsigned most = background_high ? 5 : 4;
    if (!(s.ppuctrl & 0x20)) {
        const unsigned tables = (s.ppuctrl & 0x08) ? 0xFF : 0;
        // Among the sprite fetches ppuctrl may have changed: the fetches to come all go by the present one.
        return s.dot < 257 ? rises_in_line(tables, background_high) : (tables || background_high) ? 1 : 0;
    }
    if (s.dot >= 257) return most;
    if (s.scanline == timing_.prerender_line || (s.dot >= 66 && s.evaluation_done)) {
        return rises_in_line(sprite_tables(), background_high);
    }
    if (s.dot >= 66 || s.oam_address != 0) return most;
    return rises_in_line(predicted_tables(s.scanline), background_high);
}

// With sprites of 16 lines each sprite chooses its table: how many rises the lines before each one have.
void Ppu::refresh_rises(bool background_high) noexcept {
    refresh_oam_table();
    if (rises_valid_ && rises_background_high_ == background_high) return;
    rises_valid_ = true;
    rises_background_high_ = background_high;
    const unsigned alone = rises_in_line(0xFF, background_high);
    a12_edges_until_line_[0] = 0;
    for (unsigned line = 0; line < 240; ++line) {
        const unsigned rises = sprites_on_line_[line] ? rises_in_line(predicted_tables(line), background_high) : alone;
        a12_edges_until_line_[line + 1] = static_cast<std::uint16_t>(a12_edges_until_line_[line] + rises);
    }
}

// From `line` on: the line within which the rise number `left` falls, 240 for none of the picture.
unsigned Ppu::line_of_rise(unsigned line, std::uint64_t left, bool background_high) noexcept {
    if (!(s.ppuctrl & 0x20)) {
        const unsigned rises = rises_in_line((s.ppuctrl & 0x08) ? 0xFF : 0, background_high);
        if (rises == 0 || left > 240) return 240;
        return static_cast<unsigned>(std::min<std::uint64_t>(line + (left - 1) / rises, 240));
    }
    refresh_rises(background_high);
    const std::uint64_t wanted = a12_edges_until_line_[line] + left;
    while (line < 240 && a12_edges_until_line_[line + 1] < wanted) ++line;
    return line;
}

std::uint64_t Ppu::predict_board_irq() noexcept {
    const std::uint64_t next_dot = s.clock + 1;
    if (follows_dots_) return next_dot;
    std::uint64_t left = board_.a12_edges_until_irq();
    if (left == Board::kNoRise) return kNever;
    if ((s.mask_due & s.v_due & s.access_due) != kNever) return next_dot;
    if (!rendering()) return kNever;
    if (s.corruption_pending) return next_dot;
    const unsigned prerender = timing_.prerender_line;
    const std::uint64_t line_start = s.clock - s.dot;
    if (s.scanline >= 240 && s.scanline < prerender) return line_start + (prerender - s.scanline) * kLineDots - 1;
    const bool background_high = s.ppuctrl & 0x10;
    // The first fetch after a pause may count as well: when rendering has just come on, or the background's table has changed.
    // Two tiles later it is over: the lows between the fetches of a line are too short.
    constexpr unsigned kFirstFetches = 24;
    const bool paused = s.clock < fetches_since_ + kFirstFetches || (s.scanline == prerender && s.dot < kFirstFetches);
    if (background_high && paused) {
        if (left == 1) return next_dot;
        --left;
    }
    if (s.dot < 329) {
        refresh_oam_table();
        const unsigned rises = rises_left_in_line(background_high);
        if (left <= rises) return s.dot < 257 ? line_start + 261 - kMargin : next_dot;
        left -= rises;
    }
    unsigned line = s.scanline == prerender ? 0 : s.scanline + 1u;
    std::uint64_t start = line_start + kLineDots - (s.scanline == prerender ? 1 : 0);
    if (s.dot >= 320 && s.oam_address != 0 && (s.ppuctrl & 0x20) && line < 240) {
        // The next search will not begin at the start of OAM.
        const unsigned most = background_high ? 5 : 4;
        if (left <= most) return start + 261 - kMargin;
        left -= most;
        ++line;
        start += kLineDots;
    }
    const unsigned found = line_of_rise(line, left, background_high);
    start += std::uint64_t{found - line} * kLineDots;
    if (found < 240) return start + 261 - kMargin;
    return start + (prerender - 240) * kLineDots - 1;
}

// Whether the sprite that evaluation takes for sprite zero of the next line is the one that OAM begins with.
bool Ppu::zero_is_first_in_oam() const noexcept {
    return (sprites_on_line_[s.scanline] & 1) && s.secondary_oam[0] == s.oam[0] && s.secondary_oam[1] == s.oam[1] &&
           s.secondary_oam[2] == (s.oam[2] & 0xE3) && s.secondary_oam[3] == s.oam[3];
}

std::uint64_t Ppu::predict_status_change() noexcept {
    status_change_is_hit_ = false;
    const std::uint64_t next_dot = s.clock + 1;
    if ((s.mask_due & s.v_due & s.access_due) != kNever) return next_dot;
    std::uint64_t change = next_vblank_change();
    if (!on_rendered_line()) {
        // The sprite flags fall in dot 0 of the pre-render line.
        return s.scanline < timing_.vblank_line || (s.scanline == timing_.vblank_line && s.dot < 1) ? change
                                                                                                    : change - 1;
    }
    const bool prerender = s.scanline == timing_.prerender_line;
    if (prerender && s.dot < 1) return next_dot;
    if (!rendering()) return change;
    const bool can_hit = hit_possible();
    const bool overflow_possible = !s.sprite_overflow;
    if (!can_hit && !overflow_possible) return change;
    if (follows_dots_ || s.corruption_pending) return next_dot;
    refresh_oam_table();

    // The next search will not begin at the start of OAM.
    if (s.dot >= 320 && s.oam_address != 0) return next_dot;
    // The rest of this line.
    if (!prerender && s.dot <= 256) {
        if (can_hit && s.sprite_zero_here) return next_dot;
        if (s.dot < 66 && s.oam_address != 0) return next_dot;
        if (overflow_possible && (s.dot >= 66 || sprite_count_[s.scanline] >= 8)) return next_dot;
    }
    // What the next line begins with was found already: by a search from the start of OAM, or by any other.
    // From dot 257 on its pattern and the first tiles are fetched, and v is set: registers written since come too late.
    const bool zero_found = (prerender || s.dot >= 66) && s.sprite_zero_next;
    if (can_hit && zero_found && (prerender || s.dot >= 257 || !zero_is_first_in_oam())) return next_dot;

    // The lines after it: v's vertical half counts on, its horizontal half comes from t.
    std::uint64_t line_start = s.clock + (kLineDots - s.dot);
    std::uint16_t v = s.v;
    unsigned line = s.scanline + 1u;
    if (prerender) {
        line = 0;
        if (s.odd_frame && timing_.skips_dot && s.dot < 340) --line_start;
        if (s.dot < 304) v = s.t;
    } else if (s.dot < 256) {
        v = next_row(v);
    }
    v = static_cast<std::uint16_t>((v & ~kHorizontalBits) | (s.t & kHorizontalBits));
    // Whether sprite zero is on the first of them was decided already once dot 66 has passed.
    bool zero_decided = !prerender && s.dot >= 66;
    for (; line < 240; ++line, line_start += kLineDots, v = next_row(v), zero_decided = false) {
        if (line_start >= change) break;
        const bool zero_here = zero_decided ? s.sprite_zero_next : line > 0 && (sprites_on_line_[line - 1] & 1);
        if (can_hit && zero_here) {
            const unsigned dot = sprite_zero_dot(line, v);
            if (dot != 0 && line_start + dot < change) {
                change = line_start + dot;
                status_change_is_hit_ = true;
            }
        }
        if (overflow_possible && sprite_count_[line] >= 8) {
            if (line_start + 65 < change) {
                change = line_start + 65;
                status_change_is_hit_ = false;
            }
        }
    }
    return change;
}

}  // namespace nes
