// Eight dots at once, for the parts of lines between register accesses. The groups are those of the fetches: dots 8n + 1 to
// 8n + 8. dot.cpp says what happens; this file must leave the same bytes.
#include <cstring>

#include "background.hpp"
#include "pixel.hpp"
#include "ppu.hpp"
#include "sprites.hpp"

namespace nes {

namespace {

constexpr unsigned kGroupDots = 8;

}  // namespace

// Whether the eight dots from here on are a group that nothing disturbs.
bool Ppu::group_ready() const noexcept {
    // Rendering that was switched on among the sprite fetches goes through secondary OAM out of step.
    if (s.dot > 256 && s.dot < 320 && s.secondary_address != (s.dot - 256u) / 2) return false;
    return (s.dot & 7) == 0 && s.dot < 336 && on_rendered_line() && rendering() &&
           (s.mask_due & s.v_due & s.access_due) == kNever && !follows_dots_ && !s.corruption_pending &&
           !s.short_line && !(s.scanline == timing_.prerender_line && s.dot == 0);
}

void Ppu::run_group() noexcept {
    const unsigned dot = s.dot;
    if (follows_a12_) {
        const bool high = dot >= 256 && dot < 320
                              ? sprite_pattern_address(s.scanline & 0xFF, &s.secondary_oam[(dot - 256) / 2]) & 0x1000
                              : s.ppuctrl & 0x10;
        board_.ppu_bus(0, s.clock + 1);
        board_.ppu_bus(high ? 0x1000 : 0, s.clock + 5);
    }
    if (dot < 256) {
        if (s.scanline != timing_.prerender_line) evaluate_group();
        if (dot > 0) {
            shift_background();
            reload_background();
        }
        if (s.scanline != timing_.prerender_line) draw_group();
        shift_background_by_seven();
        fetch_tile();
        increment_x();
        if (dot == 248) increment_y();
    } else if (dot < 320) {
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

void Ppu::evaluate_group() noexcept {
    const unsigned dot = s.dot;
    if (dot < 64) {
        s.oam_latch = 0xFF;
        s.secondary_address = static_cast<std::uint8_t>((dot + 7) >> 1);
        std::memset(&s.secondary_oam[dot >> 1], 0xFF, 4);
        return;
    }
    for (unsigned i = 1; i <= kGroupDots; ++i) {
        s.dot = static_cast<std::uint16_t>(dot + i);
        evaluation_dot();
    }
    s.dot = static_cast<std::uint16_t>(dot);
}

// The sprite units over eight pixels that nobody looks at.
void Ppu::pass_sprites() noexcept {
    const unsigned behind_line = s.dot == 248 ? 1 : 0;  // the last pixel of a line is not shifted away
    for (unsigned unit = 0; unit < 8; ++unit) {
        const std::uint8_t bit = static_cast<std::uint8_t>(1u << unit);
        unsigned waits = 0;
        if (!(s.sprites_active & bit)) {
            if (s.sprite_x[unit] >= 8) {
                s.sprite_x[unit] = static_cast<std::uint8_t>(s.sprite_x[unit] - 8);
                continue;
            }
            waits = s.sprite_x[unit];
            s.sprite_x[unit] = 0;
            s.sprites_active |= bit;
        }
        const unsigned shifts = 8 - waits - behind_line;
        s.sprite_pattern_low[unit] = static_cast<std::uint8_t>(s.sprite_pattern_low[unit] << shifts);
        s.sprite_pattern_high[unit] = static_cast<std::uint8_t>(s.sprite_pattern_high[unit] << shifts);
    }
}

void Ppu::draw_group() noexcept {
    const std::uint64_t nothing[2] = {};
    static_assert(sizeof(s.sprite_pattern_low) + sizeof(s.sprite_pattern_high) == sizeof(nothing));
    const bool no_sprites =
        std::memcmp(s.sprite_pattern_low, nothing, 8) == 0 && std::memcmp(s.sprite_pattern_high, nothing, 8) == 0;
    const bool zero_matters = s.sprite_zero_here && !s.sprite_zero_hit;
    if (no_sprites || (!picture_.draw && !zero_matters)) {
        pass_sprites();
        if (!picture_.draw) return;
    }
    const unsigned dot = s.dot;
    const std::uint16_t low = s.pattern_low;
    const std::uint16_t high = s.pattern_high;
    const std::uint16_t attribute_low = s.attribute_low;
    const std::uint16_t attribute_high = s.attribute_high;
    const std::uint8_t colour_mask = (s.mask & kGreyscale) ? 0x30 : 0x3F;
    for (unsigned i = 0; i < kGroupDots; ++i) {
        const unsigned x = dot + i;
        bool is_zero = false;
        bool behind = false;
        unsigned sprite = no_sprites ? 0 : sprite_pixel(x, is_zero, behind);
        if (!(s.mask & kShowSprites) || (x < 8 && !(s.mask & kShowLeftSprites))) sprite = 0;
        unsigned background = 0;
        if ((s.mask & kShowBackground) && (x >= 8 || (s.mask & kShowLeftBackground))) {
            const unsigned bit = 15u - s.fine_x - i;
            background = ((low >> bit) & 1) | (((high >> bit) & 1) << 1);
            if (background) background |= (((attribute_low >> bit) & 1) << 2) | (((attribute_high >> bit) & 1) << 3);
        }
        if (is_zero && sprite && background && x != 255) s.sprite_zero_hit = 1;
        if (!picture_.draw) continue;
        const std::size_t position = s.scanline * Picture::kWidth + x;
        picture_.index[position] = s.palette[sprite && (!background || !behind) ? sprite : background] & colour_mask;
        if (picture_.emphasis) picture_.emphasis[position] = s.mask & 0xE0;
    }
}

}  // namespace nes
