// Eight dots at once, for the parts of lines between register accesses. The groups are those of the fetches: dots 8n + 1 to
// 8n + 8. dot.cpp says what happens; this file must leave the same bytes.
//
// Sprite 0 hit: draw_groups() sets the flag for parts of lines as pixel.hpp does dot by dot, line.cpp for whole lines, and
// predict.cpp says beforehand when; where it hits is decided in sprite_zero.cpp.
#include <cstring>

#include "ppu/background.hpp"
#include "ppu/fast/line.hpp"
#include "ppu/ppu.hpp"
#include "ppu/sprites.hpp"

namespace nes {

namespace {

constexpr unsigned kGroupDots = 8;

}  // namespace

// Whether the eight dots from here on are a group that nothing disturbs.
bool Ppu::group_ready() const noexcept {
    // Rendering that was switched on among the sprite fetches goes through secondary OAM out of step.
    if (s.dot > 256 && s.dot < 320 && s.secondary_address != (s.dot - 256u) / 2) return false;
    return (s.dot & 7) == 0 && s.dot < kLineEnd && on_rendered_line() && rendering() &&
           (s.mask_due & s.v_due & s.access_due) == kNever && !follows_dots_ && !s.corruption_pending &&
           !s.short_line && (s.dot >= 256 || all_pages_present());
}

// `count` groups, all before dot 257.
void Ppu::run_groups(unsigned count) noexcept {
    const unsigned first = s.dot;
    const unsigned end = first + kGroupDots * count;
    if (first > 0) {
        shift_background();
        reload_background();
    }
    if (s.scanline != timing_.prerender_line) {
        if (first == 0) note_lines(1);
        draw_groups(first, end);
        pass_sprites(first, end);
        evaluate_groups(first, end);
    } else if (first == 0) {
        flag_dot_of_prerender();
    }
    if (follows_a12_) {
        const std::uint16_t background = (s.ppuctrl & 0x10) ? 0x1000 : 0;
        for (const unsigned group : {0u, count - 1}) {
            board_.ppu_bus(0, s.clock + group * kGroupDots + 1);
            board_.ppu_bus(background, s.clock + group * kGroupDots + 5);
            if (count == 1) break;
        }
    }
    // Only the last three tiles are still there at the end, in the shift registers and in the latches that feed them.
    unsigned skipped = count > 3 ? count - 3 : 0;
    for (unsigned i = 0; i < skipped; ++i) increment_x();
    for (unsigned i = skipped; i < count; ++i) {
        if (i > 0) {
            shift_background();
            reload_background();
        }
        shift_background_by_seven();
        fetch_tile();
        increment_x();
    }
    if (end == 256) increment_y();
    s.dot = static_cast<std::uint16_t>(end);
    s.clock += kGroupDots * count;
}

void Ppu::draw_groups(unsigned first, unsigned end) noexcept {
    LineSprites sprites;
    sprites_of_units(sprites);
    const bool zero_matters = hit_possible() && sprites.zero_first && sprites.of[0].opaque();
    if (!picture_.draw && !zero_matters) return;
    tiles_->recheck();
    LineTiles tiles;
    std::uint8_t* const packed = pack_tiles(s.v, tiles) - LineTiles::kMargin;
    pack_shift_registers(packed);
    if (zero_matters && sprite_zero_meets(first, end, packed, sprites)) s.sprite_zero_hit = 1;
    if (!picture_.draw) return;
    refresh_colours();
    draw_pixels(first, end, packed, sprites);
}

// The sprite units count down, and shift once they have.
void Ppu::pass_sprites(unsigned first, unsigned end) noexcept {
    const unsigned dots = end - first;
    const unsigned behind_line = end == 256 ? 1 : 0;  // the last pixel of a line is not shifted away
    for (unsigned unit = 0; unit < 8; ++unit) {
        const std::uint8_t bit = static_cast<std::uint8_t>(1u << unit);
        unsigned waits = 0;
        if (!(s.sprites_active & bit)) {
            if (s.sprite_x[unit] >= dots) {
                s.sprite_x[unit] = static_cast<std::uint8_t>(s.sprite_x[unit] - dots);
                continue;
            }
            waits = s.sprite_x[unit];
            s.sprite_x[unit] = 0;
            s.sprites_active |= bit;
        }
        const unsigned shifts = dots - waits - behind_line;
        s.sprite_pattern_low[unit] = shifts < 8 ? static_cast<std::uint8_t>(s.sprite_pattern_low[unit] << shifts) : 0;
        s.sprite_pattern_high[unit] = shifts < 8 ? static_cast<std::uint8_t>(s.sprite_pattern_high[unit] << shifts) : 0;
    }
}

void Ppu::evaluate_groups(unsigned first, unsigned end) noexcept {
    if (first < 64) {
        const unsigned last = end < 64 ? end : 64;
        s.oam_latch = 0xFF;
        s.secondary_address = static_cast<std::uint8_t>((last - 1) >> 1);
        std::memset(&s.secondary_oam[first >> 1], 0xFF, (last - first) >> 1);
    }
    if (end <= 64) return;
    // Rendering that came on late has left something in secondary OAM.
    std::uint8_t cleared[sizeof(s.secondary_oam)];
    std::memset(cleared, 0xFF, sizeof(cleared));
    const bool usual =
        first <= 64 && end == 256 && s.oam_address == 0 && std::memcmp(s.secondary_oam, cleared, sizeof(cleared)) == 0;
    if (!usual) {
        evaluate_dots(first < 64 ? 64 : first, end);
        return;
    }
    refresh_oam_table();
    evaluate_line();
    const unsigned found = sprite_count_[s.scanline];
    if (found < 8) {
        // Of the 96 steps of evaluation each sprite took one, each that was found three more; the rest went round.
        const unsigned idle_steps = 96 - 64 - 3 * found;
        s.oam_address = static_cast<std::uint8_t>(idle_steps * 4);
        s.secondary_address = static_cast<std::uint8_t>(found * 4);
    } else {
        s.oam_address = search_for_ninth().oam_address;
        s.secondary_address = 0;
    }
    s.oam_latch = s.secondary_oam[s.secondary_address];
}

// Evaluation in the dots after `first` up to `end`, both even. Two dots at a time where nothing is found.
void Ppu::evaluate_dots(unsigned first, unsigned end) noexcept {
    s.dot = static_cast<std::uint16_t>(first + 1);
    while (s.dot <= end) {
        // The first sprite's turn tells whether it is sprite zero.
        if ((s.dot & 1) && s.dot > 66) {
            if (s.evaluation_done) {
                s.oam_address = static_cast<std::uint8_t>((s.oam_address + 2 * (end + 1 - s.dot)) & 0xFC);
                s.oam_latch = s.secondary_oam[s.secondary_address];
                break;
            }
            if (!s.copying && !s.secondary_full && !(s.oam_address & 3) && !in_range(s.oam[s.oam_address])) {
                unsigned address = s.oam_address;
                do {
                    address += 4;
                    s.dot += 2;
                } while (s.dot < end && address < 256 && !in_range(s.oam[address]));
                s.oam_latch = s.secondary_oam[s.secondary_address] = s.oam[address - 4];
                s.oam_address = static_cast<std::uint8_t>(address);
                s.evaluation_done = address == 256;
                continue;
            }
        }
        evaluation_dot();
        ++s.dot;
    }
}

// The eight dots from 257 on in which a sprite is fetched, or from 321 on a tile of the next line.
void Ppu::run_fetch_group() noexcept {
    const unsigned dot = s.dot;
    if (follows_a12_) {
        const bool high = dot < 320
                              ? sprite_pattern_address(s.scanline & 0xFF, &s.secondary_oam[(dot - 256) / 2]) & 0x1000
                              : s.ppuctrl & 0x10;
        board_.ppu_bus(0, s.clock + 1);
        board_.ppu_bus(high ? 0x1000 : 0, s.clock + 5);
    }
    if (dot < 320) {
        fetch_sprite();
    } else {
        if (dot == 328) {
            shift_background();
            reload_background();
        }
        shift_background_by_seven();
        fetch_tile();
        increment_x();
        s.oam_latch = s.secondary_oam[0];
    }
    s.dot = static_cast<std::uint16_t>(dot + kGroupDots);
    s.clock += kGroupDots;
}

// Dots 337-340, which follow a group that nothing disturbed: two nametable bytes that are not used. Dot 0 of the next line: the address of a pattern goes out.
void Ppu::run_line_end() noexcept {
    shift_background();
    reload_background();
    s.nametable_byte = s.bus_data = peek_memory(nametable_address());
    s.oam_latch = s.secondary_oam[0];
    s.sprites_active = 0;
    s.bus_address = background_pattern_address();
    s.address_latch = static_cast<std::uint8_t>(s.bus_address);
    if (follows_a12_) {
        board_.ppu_bus(0, s.clock + 1);
        board_.ppu_bus(s.bus_address & 0x1000, s.clock + kLineEndDots);
    }
    s.dot = 0;
    ++s.scanline;
    s.clock += kLineEndDots;
}

void Ppu::shift_background_by_seven() noexcept {
    s.pattern_low = static_cast<std::uint16_t>(s.pattern_low << 7);
    s.pattern_high = static_cast<std::uint16_t>((s.pattern_high << 7) | 0x7F);
    s.attribute_low = static_cast<std::uint16_t>(s.attribute_low << 7);
    s.attribute_high = static_cast<std::uint16_t>(s.attribute_high << 7);
}

void Ppu::fetch_tile() noexcept {
    s.nametable_byte = peek_memory(nametable_address());
    const std::uint8_t attribute = peek_memory(attribute_address());
    s.attribute_bits = (attribute >> (((s.v >> 4) & 4) | (s.v & 2))) & 3;
    const std::uint16_t pattern = background_pattern_address();
    s.pattern_low_byte = peek_memory(pattern);
    s.bus_address = pattern | 8;
    s.address_latch = static_cast<std::uint8_t>(s.bus_address);
    s.bus_data = s.pattern_high_byte = peek_memory(s.bus_address);
}

void Ppu::fetch_sprite() noexcept {
    const unsigned unit = (s.dot - 256u) >> 3;
    if (unit == 0) {
        shift_background();
        reload_background();
        s.v = static_cast<std::uint16_t>((s.v & ~0x041F) | (s.t & 0x041F));
        s.sprite_zero_here = s.sprite_zero_next;
    }
    if (s.scanline == timing_.prerender_line && s.dot >= 272 && s.dot < 304) {
        s.v = static_cast<std::uint16_t>((s.v & ~0x7BE0) | (s.t & 0x7BE0));
    }
    const std::uint8_t* sprite = &s.secondary_oam[unit * 4];
    s.oam_address = 0;
    s.oam_latch = sprite[3];
    s.sprite_attributes[unit] = sprite[2];
    s.sprite_x[unit] = sprite[3];
    const std::uint16_t pattern = sprite_pattern_address(s.scanline & 0xFF, sprite);
    std::uint8_t low = peek_memory(pattern);
    s.bus_address = pattern | 8;
    s.address_latch = static_cast<std::uint8_t>(s.bus_address);
    std::uint8_t high = s.bus_data = peek_memory(s.bus_address);
    if (sprite[2] & 0x40) {
        low = reverse_bits(low);
        high = reverse_bits(high);
    }
    if (!sprite_row_visible(unit)) low = high = 0;
    s.sprite_pattern_low[unit] = low;
    s.sprite_pattern_high[unit] = high;
    s.secondary_address = (unit * 4 + 4) & 31;
}

}  // namespace nes
