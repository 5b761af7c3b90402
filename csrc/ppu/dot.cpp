// The order of things within a dot, a line and a frame. NESdev "PPU rendering", "PPU frame timing".
#include "ppu/background.hpp"
#include "ppu/pixel.hpp"
#include "ppu/ppu.hpp"
#include "ppu/sprites.hpp"

namespace nes {

// The choice is made late in the dot: a write to ppumask that becomes true with the dot that is left out counts.
bool Ppu::skips_last_dot() const noexcept {
    const std::uint8_t mask = s.clock >= s.mask_due ? s.ppumask : s.mask;
    return mask & (kShowBackground | kShowSprites);
}

void Ppu::advance_position() noexcept {
    ++s.clock;
    const bool prerender = s.scanline == timing_.prerender_line;
    if (prerender && s.dot == 339 && s.odd_frame && timing_.skips_dot && skips_last_dot()) {
        s.dot = 0;
        s.short_line = 1;
    } else if (s.dot < 340) {
        ++s.dot;
        return;
    } else {
        s.dot = 0;
        s.short_line = 0;
    }
    if (prerender) {
        s.scanline = 0;
        s.odd_frame ^= 1;
    } else {
        ++s.scanline;
    }
}

void Ppu::apply_mask() noexcept {
    s.mask_due = kNever;
    const bool was_rendering = rendering();
    s.mask = s.ppumask;
    if (!was_rendering && rendering()) fetches_since_ = s.clock;
    if (was_rendering && !rendering() && on_rendered_line()) {
        if (timing_.corrupts_oam) {
            s.corruption_pending = 1;
            s.corruption_row = static_cast<std::uint8_t>(corruption_seed());
        }
        // The address pins go back to v.
        set_bus(s.v);
    } else if (!was_rendering && rendering() && on_rendered_line() && !secondary_address_moves(s.dot)) {
        // Within the picture a row is copied only by the movement of the address in this very dot.
        s.corruption_pending = 0;
    }
}

void Ppu::apply_due() noexcept {
    if (s.clock >= s.mask_due) apply_mask();
    if (s.clock >= s.v_due) {
        s.v_due = kNever;
        s.v = s.t;
        if (!rendering() || !on_rendered_line()) set_bus(s.v);
    }
    if (s.clock >= s.access_due) finish_data_access();
}

void Ppu::rendered_line_dot() noexcept {
    if (s.corruption_pending) corrupt_oam();
    const bool prerender = s.scanline == timing_.prerender_line;
    if (!prerender && s.dot >= 1 && s.dot <= 256) evaluation_dot();
    if (s.dot >= 257 && s.dot <= 320) {
        if (s.dot == 257) background_dot();
        sprite_fetch_dot();
        if (s.dot == 257) s.v = static_cast<std::uint16_t>((s.v & ~0x041F) | (s.t & 0x041F));
        if (prerender && s.dot >= 280 && s.dot <= 304) {
            s.v = static_cast<std::uint16_t>((s.v & ~0x7BE0) | (s.t & 0x7BE0));
        }
        return;
    }
    background_dot();
    if (s.dot >= 321) s.oam_latch = s.secondary_oam[0];
    if (s.dot == 339) s.sprites_active = 0;
}

// A read of ppustatus takes the sprite flags as they are when it ends, and the vblank flag as it is when it begins:
// of the three, which fall in the same dot, the sprite flags are seen to fall a dot earlier.
void Ppu::flag_dot() noexcept {
    if (s.scanline == timing_.vblank_line && s.dot == 1) {
        if (!s.vblank_suppressed) s.vblank = 1;
        s.vblank_suppressed = 0;
        ++s.frame;
        age_latch();
    } else if (s.scanline == timing_.prerender_line) {
        if (s.dot == 0) {
            s.sprite_zero_hit = 0;
            s.sprite_overflow = 0;
        } else {
            flag_dot_of_prerender();
        }
    }
}

void Ppu::flag_dot_of_prerender() noexcept {
    s.vblank = 0;
    s.write_block = 0;
}

void Ppu::step() noexcept {
    advance_position();
    if (on_rendered_line() && rendering()) rendered_line_dot();
    if (s.scanline < 240) {
        if (s.dot >= 1 && s.dot <= 256) pixel_dot();
    } else if (s.dot <= 1) {
        flag_dot();
    }
    apply_due();
}

// Between the picture's end and the pre-render line nothing happens by itself but the vblank flag.
bool Ppu::can_skip_dots() const noexcept { return s.scanline >= 240 && s.scanline < timing_.prerender_line; }

void Ppu::skip_dots(std::uint64_t clock) noexcept {
    // Up to the dot before the flag rises, or the last of the line before pre-render.
    const bool flag_ahead = s.scanline < timing_.vblank_line || (s.scanline == timing_.vblank_line && s.dot < 1);
    const unsigned position = s.scanline * 341u + s.dot;
    const unsigned last = flag_ahead ? timing_.vblank_line * 341u : timing_.prerender_line * 341u - 1;
    std::uint64_t dots = last - position;
    for (const std::uint64_t end : {clock, s.mask_due, s.v_due, s.access_due}) {
        if (end > s.clock && dots > end - s.clock) dots = end - s.clock;
    }
    const unsigned reached = static_cast<unsigned>(position + dots);
    s.clock += dots;
    s.scanline = static_cast<std::uint16_t>(reached / 341);
    s.dot = static_cast<std::uint16_t>(reached % 341);
    apply_due();
}

void Ppu::run_to(std::uint64_t clock) noexcept {
    while (s.clock < clock) {
        if (can_skip_dots()) {
            skip_dots(clock);
            if (s.clock >= clock) return;
        }
        step();
    }
}

}  // namespace nes
