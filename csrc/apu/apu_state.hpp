// What changes inside the APU.
#pragma once

#include <array>
#include <cstdint>

#include "base/fields.hpp"

namespace nes {

struct ApuState {
    // The frame counter's cycle 0, as a CPU cycle number; and the next entry of its sequence.
    std::uint64_t frame_start;
    // CPU cycle at whose start a $4017 write restarts the frame counter; ~0 when none is under way.
    std::uint64_t frame_reset_at;
    // CPU cycle of the half-frame clock that length_halt_changed and length_loaded are about.
    std::uint64_t half_frame_cycle;
    // CPU cycle at whose start the DMC's timer runs out next.
    std::uint64_t dmc_next_tick;

    std::uint16_t dmc_address;
    std::uint16_t dmc_bytes_remaining;
    std::uint16_t timer_period[3];  // pulse 1, pulse 2, triangle: the 11 bits written
    std::uint16_t reserved16[3];

    std::uint8_t frame_step;
    std::uint8_t frame_mode;          // bit 7 five steps, as the sequencer has it; bit 6 interrupt inhibited
    std::uint8_t frame_mode_written;  // $4017 as written last
    std::uint8_t frame_irq;
    std::uint8_t frame_irq_clear_pending;  // $4015 was read: the flag falls as the next put cycle ends

    // Pulse 1, pulse 2, triangle, noise.
    std::uint8_t length[4];
    std::uint8_t length_halt[4];
    std::uint8_t length_enabled;  // bit per channel, $4015
    std::uint8_t length_loaded;   // bit per channel, in the cycle before half_frame_cycle: that clock passes it over

    // Pulse 1, pulse 2, noise.
    std::uint8_t envelope_control[3];  // $4000 / $4004 / $400C as written
    std::uint8_t envelope_start[3];
    std::uint8_t envelope_divider[3];
    std::uint8_t envelope_decay[3];

    std::uint8_t sweep_control[2];  // $4001 / $4005 as written
    std::uint8_t sweep_reload[2];
    std::uint8_t sweep_divider[2];

    std::uint8_t linear_control;  // $4008 as written
    std::uint8_t linear_reload;
    std::uint8_t linear_counter;

    std::uint8_t noise_control;  // $400E as written

    std::uint8_t dmc_control;  // $4010 as written: bit 7 interrupt, bit 6 loop, bits 0-3 rate
    std::uint8_t dmc_start;    // $4012 as written
    std::uint8_t dmc_length;   // $4013 as written
    std::uint8_t dmc_output;   // 7 bits
    std::uint8_t dmc_buffer;
    std::uint8_t dmc_buffer_full;
    std::uint8_t dmc_shifter;
    std::uint8_t dmc_bits_remaining;  // 1-8
    std::uint8_t dmc_silent;
    std::uint8_t dmc_irq;
    // Whether samples are wanted, on its way to the DMA unit: sampled as each put cycle ends, and effective
    // one put cycle later.
    std::uint8_t dmc_active_latch[2];
    // Of a write to $4017: 1 the mode is latched, 2 the immediate clock is done.
    std::uint8_t frame_reset_stage;
    // Bit per channel, in the cycle before half_frame_cycle: that clock uses the old flag.
    std::uint8_t length_halt_changed;
    std::uint8_t reserved[5];
};

inline constexpr std::array kApuFields{
    NES_FIELD(ApuState, frame_start),
    NES_FIELD(ApuState, frame_reset_at),
    NES_FIELD(ApuState, half_frame_cycle),
    NES_FIELD(ApuState, dmc_next_tick),
    NES_FIELD(ApuState, dmc_address),
    NES_FIELD(ApuState, dmc_bytes_remaining),
    NES_FIELD(ApuState, timer_period),
    NES_FIELD(ApuState, reserved16),
    NES_FIELD(ApuState, frame_step),
    NES_FIELD(ApuState, frame_mode),
    NES_FIELD(ApuState, frame_mode_written),
    NES_FIELD(ApuState, frame_irq),
    NES_FIELD(ApuState, frame_irq_clear_pending),
    NES_FIELD(ApuState, length),
    NES_FIELD(ApuState, length_halt),
    NES_FIELD(ApuState, length_enabled),
    NES_FIELD(ApuState, length_loaded),
    NES_FIELD(ApuState, envelope_control),
    NES_FIELD(ApuState, envelope_start),
    NES_FIELD(ApuState, envelope_divider),
    NES_FIELD(ApuState, envelope_decay),
    NES_FIELD(ApuState, sweep_control),
    NES_FIELD(ApuState, sweep_reload),
    NES_FIELD(ApuState, sweep_divider),
    NES_FIELD(ApuState, linear_control),
    NES_FIELD(ApuState, linear_reload),
    NES_FIELD(ApuState, linear_counter),
    NES_FIELD(ApuState, noise_control),
    NES_FIELD(ApuState, dmc_control),
    NES_FIELD(ApuState, dmc_start),
    NES_FIELD(ApuState, dmc_length),
    NES_FIELD(ApuState, dmc_output),
    NES_FIELD(ApuState, dmc_buffer),
    NES_FIELD(ApuState, dmc_buffer_full),
    NES_FIELD(ApuState, dmc_shifter),
    NES_FIELD(ApuState, dmc_bits_remaining),
    NES_FIELD(ApuState, dmc_silent),
    NES_FIELD(ApuState, dmc_irq),
    NES_FIELD(ApuState, dmc_active_latch),
    NES_FIELD(ApuState, frame_reset_stage),
    NES_FIELD(ApuState, length_halt_changed),
    NES_FIELD(ApuState, reserved),
};
static_assert(covers(kApuFields, sizeof(ApuState)));

}  // namespace nes
