// The state of the PPU.
#pragma once

#include <array>
#include <cstdint>

#include "base/fields.hpp"

namespace nes {

struct PpuState {
    std::uint64_t clock;  // dots processed since power-on
    std::uint64_t frame;  // vertical blanks begun since power-on

    // Dots (values of `clock`) after which something that a register write began becomes true; ~0 for never.
    std::uint64_t mask_due;
    std::uint64_t v_due;
    std::uint64_t access_due;  // the data cycle of a $2007 access

    // How many frames ago each bit of the I/O latch was driven, one byte a bit.
    std::uint8_t io_age[8];

    std::uint16_t scanline;  // 0-239 picture, 241 start of vertical blank, last one pre-render
    std::uint16_t dot;       // 0-340, the one processed last
    std::uint16_t v;
    std::uint16_t t;
    std::uint16_t bus_address;  // what the PPU's address pins show
    std::uint16_t pattern_low;  // background shift registers
    std::uint16_t pattern_high;
    std::uint16_t attribute_low;
    std::uint16_t attribute_high;
    std::uint16_t reserved16[3];

    std::uint8_t fine_x;
    std::uint8_t w;
    std::uint8_t ppuctrl;
    std::uint8_t ppumask;  // as written
    std::uint8_t mask;     // as the rendering hardware sees it, some dots later
    std::uint8_t io_latch;
    std::uint8_t read_buffer;
    std::uint8_t vblank;  // the three flags of ppustatus
    std::uint8_t sprite_zero_hit;
    std::uint8_t sprite_overflow;
    std::uint8_t vblank_suppressed;  // ppustatus was read just before the flag would have been set
    std::uint8_t odd_frame;
    std::uint8_t write_block;  // registers ignore writes until the first pre-render line

    std::uint8_t address_latch;  // low eight address bits in the octal latch outside the PPU
    std::uint8_t bus_data;       // what the last memory read brought in
    std::uint8_t access_is_write;
    std::uint8_t access_value;

    std::uint8_t nametable_byte;
    std::uint8_t attribute_bits;
    std::uint8_t pattern_low_byte;
    std::uint8_t pattern_high_byte;

    std::uint8_t oam_address;
    std::uint8_t oam_latch;
    std::uint8_t secondary_address;  // 0-31
    std::uint8_t secondary_full;
    std::uint8_t copying;             // bytes of a sprite that evaluation has still to copy
    std::uint8_t evaluation_done;     // all 64 sprites were looked at
    std::uint8_t sprite_zero_next;    // the first sprite found for the next line is sprite zero
    std::uint8_t sprite_zero_here;    // and for this line
    std::uint8_t corruption_pending;  // rendering was switched off inside the picture
    std::uint8_t corruption_row;
    std::uint8_t short_line;      // line 0 began one dot early: see sprite output
    std::uint8_t sprites_active;  // bit per sprite unit: its counter has run out

    std::uint8_t sprite_pattern_low[8];
    std::uint8_t sprite_pattern_high[8];
    std::uint8_t sprite_attributes[8];
    std::uint8_t sprite_x[8];

    std::uint8_t palette[32];
    std::uint8_t secondary_oam[32];
    std::uint8_t oam[256];
    std::uint8_t nes_py_oam_address;  // with timing="nes-py", where rendering leaves it alone
    std::uint8_t reserved[6];
};

inline constexpr std::array kPpuFields{
    NES_FIELD(PpuState, clock),
    NES_FIELD(PpuState, frame),
    NES_FIELD(PpuState, mask_due),
    NES_FIELD(PpuState, v_due),
    NES_FIELD(PpuState, access_due),
    NES_FIELD(PpuState, io_age),
    NES_FIELD(PpuState, scanline),
    NES_FIELD(PpuState, dot),
    NES_FIELD(PpuState, v),
    NES_FIELD(PpuState, t),
    NES_FIELD(PpuState, bus_address),
    NES_FIELD(PpuState, pattern_low),
    NES_FIELD(PpuState, pattern_high),
    NES_FIELD(PpuState, attribute_low),
    NES_FIELD(PpuState, attribute_high),
    NES_FIELD(PpuState, reserved16),
    NES_FIELD(PpuState, fine_x),
    NES_FIELD(PpuState, w),
    NES_FIELD(PpuState, ppuctrl),
    NES_FIELD(PpuState, ppumask),
    NES_FIELD(PpuState, mask),
    NES_FIELD(PpuState, io_latch),
    NES_FIELD(PpuState, read_buffer),
    NES_FIELD(PpuState, vblank),
    NES_FIELD(PpuState, sprite_zero_hit),
    NES_FIELD(PpuState, sprite_overflow),
    NES_FIELD(PpuState, vblank_suppressed),
    NES_FIELD(PpuState, odd_frame),
    NES_FIELD(PpuState, write_block),
    NES_FIELD(PpuState, address_latch),
    NES_FIELD(PpuState, bus_data),
    NES_FIELD(PpuState, access_is_write),
    NES_FIELD(PpuState, access_value),
    NES_FIELD(PpuState, nametable_byte),
    NES_FIELD(PpuState, attribute_bits),
    NES_FIELD(PpuState, pattern_low_byte),
    NES_FIELD(PpuState, pattern_high_byte),
    NES_FIELD(PpuState, oam_address),
    NES_FIELD(PpuState, oam_latch),
    NES_FIELD(PpuState, secondary_address),
    NES_FIELD(PpuState, secondary_full),
    NES_FIELD(PpuState, copying),
    NES_FIELD(PpuState, evaluation_done),
    NES_FIELD(PpuState, sprite_zero_next),
    NES_FIELD(PpuState, sprite_zero_here),
    NES_FIELD(PpuState, corruption_pending),
    NES_FIELD(PpuState, corruption_row),
    NES_FIELD(PpuState, short_line),
    NES_FIELD(PpuState, sprites_active),
    NES_FIELD(PpuState, sprite_pattern_low),
    NES_FIELD(PpuState, sprite_pattern_high),
    NES_FIELD(PpuState, sprite_attributes),
    NES_FIELD(PpuState, sprite_x),
    NES_FIELD(PpuState, palette),
    NES_FIELD(PpuState, secondary_oam),
    NES_FIELD(PpuState, oam),
    NES_FIELD(PpuState, nes_py_oam_address),
    NES_FIELD(PpuState, reserved),
};
static_assert(covers(kPpuFields, sizeof(PpuState)));

}  // namespace nes
