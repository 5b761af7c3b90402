// When ppustatus will change if nobody interferes.
#include <algorithm>

#include "background.hpp"
#include "ppu.hpp"
#include "sprites.hpp"

namespace nes {

namespace {

constexpr unsigned kLineDots = 341;
constexpr std::uint16_t kHorizontalBits = 0x041F;

}  // namespace

std::uint64_t Ppu::next_vblank_change() const noexcept {
    const unsigned position = s.scanline * kLineDots + s.dot;
    const unsigned rise = timing_.vblank_line * kLineDots + 1;
    const unsigned fall = timing_.prerender_line * kLineDots + 1;
    if (position < rise) return s.clock + (rise - position);
    if (position < fall) return s.clock + (fall - position);
    // The frame after this one may begin a dot early.
    const unsigned frame = (timing_.prerender_line + 1u) * kLineDots;
    return s.clock + (frame - position) + rise - 1;
}

// ppustatus at `clock`. A hit that is foretold can be shown before its line is drawn.
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

// The dot of line `line` in which sprite zero hits the background, 0 for none, when the line begins with `v`.
unsigned Ppu::sprite_zero_dot(unsigned line, std::uint16_t v) const noexcept {
    const std::uint8_t attributes = s.oam[2];
    const std::uint16_t address = sprite_pattern_address(line - 1, s.oam);
    std::uint8_t sprite = peek_memory(address) | peek_memory(static_cast<std::uint16_t>(address | 8));
    if (attributes & 0x40) sprite = reverse_bits(sprite);
    const bool clipped = (s.mask & (kShowLeftBackground | kShowLeftSprites)) != (kShowLeftBackground | kShowLeftSprites);
    for (unsigned i = 0; i < 8; ++i) {
        const unsigned x = s.oam[3] + i;
        if (x >= 255) break;
        if (!((sprite >> (7 - i)) & 1) || (clipped && x < 8)) continue;
        const unsigned position = x + s.fine_x;
        const unsigned column = (v & 0x1F) + (position >> 3);
        const unsigned nametable = ((v >> 10) & 3) ^ ((column >> 5) & 1);
        const unsigned name =
            peek_memory(static_cast<std::uint16_t>(0x2000 | (nametable << 10) | (v & 0x03E0) | (column & 31)));
        const auto pattern = static_cast<std::uint16_t>(((s.ppuctrl & 0x10) << 8) | (name << 4) | (v >> 12));
        const unsigned background = peek_memory(pattern) | peek_memory(static_cast<std::uint16_t>(pattern | 8));
        if ((background >> (7 - (position & 7))) & 1) return x + 1;
    }
    return 0;
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
        return s.scanline < timing_.vblank_line || (s.scanline == timing_.vblank_line && s.dot < 1) ? change : change - 1;
    }
    const bool prerender = s.scanline == timing_.prerender_line;
    if (prerender && s.dot < 1) return next_dot;
    if (!rendering()) return change;
    const bool hit_possible = !s.sprite_zero_hit && (s.mask & kShowBackground) && (s.mask & kShowSprites);
    const bool overflow_possible = !s.sprite_overflow;
    if (!hit_possible && !overflow_possible) return change;
    if (board_.watches_ppu_bus || s.corruption_pending) return next_dot;
    refresh_oam_table();

    // The next search will not begin at the start of OAM.
    if (s.dot >= 320 && s.oam_address != 0) return next_dot;
    // The rest of this line.
    if (!prerender && s.dot <= 256) {
        if (hit_possible && s.sprite_zero_here) return next_dot;
        if (s.dot < 66 && s.oam_address != 0) return next_dot;
        if (overflow_possible && (s.dot >= 66 || sprite_count_[s.scanline] >= 8)) return next_dot;
    }
    // What the next line begins with was found already: by a search from the start of OAM, or by any other.
    const bool zero_found = (prerender || s.dot >= 66) && s.sprite_zero_next;
    if (hit_possible && zero_found && !(s.scanline < 240 && zero_is_first_in_oam())) return next_dot;

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
    for (; line < 240; ++line, line_start += kLineDots, v = next_row(v)) {
        if (line_start >= change) break;
        if (hit_possible && line > 0 && (sprites_on_line_[line - 1] & 1)) {
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
