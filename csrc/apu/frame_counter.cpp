// The frame counter and the units that it clocks: envelopes, linear counter, length counters, sweeps.
#include "apu.hpp"

namespace nes {

namespace {

// CPU cycles after the sequencer's restart at whose start a step is done (NESdev "APU Frame Counter"; AccuracyCoin).
// Four steps: the interrupt flag is raised in three cycles in a row.
constexpr unsigned kSteps = 6;
constexpr std::uint16_t kNtsc[2][kSteps] = {
    {7457, 14913, 22371, 29828, 29829, 29830},
    {7457, 14913, 22371, 29829, 37281, 37282},
};
constexpr std::uint16_t kPal[2][kSteps] = {
    {8313, 16627, 24939, 33252, 33253, 33254},
    {8313, 16627, 24939, 33253, 41565, 41566},
};

}  // namespace

std::uint64_t Apu::frame_position(unsigned step) const noexcept {
    const unsigned mode = s.frame_mode >> 7;
    return (pal_ ? kPal : kNtsc)[mode][step < kSteps ? step : 0];
}

void Apu::restart_frame_counter(std::uint64_t cycle) noexcept {
    announce_change(cycle);
    s.frame_reset_at = kNever;
    s.frame_mode = s.frame_mode_written;
    s.frame_start = cycle;
    s.frame_step = 0;
    if (s.frame_mode & 0x80) {
        clock_quarter_frame();
        clock_half_frame(cycle);
    }
}

void Apu::step_frame_counter(std::uint64_t cycle) noexcept {
    announce_change(cycle);
    const bool five_steps = s.frame_mode & 0x80;
    const bool inhibited = s.frame_mode & 0x40;
    switch (s.frame_step) {
        case 0:
        case 2: clock_quarter_frame(); break;
        case 1:
            clock_quarter_frame();
            clock_half_frame(cycle);
            break;
        case 3:
            // The flag can be read as set even while the interrupt is inhibited; it then falls two cycles later.
            if (!five_steps) s.frame_irq = 1;
            break;
        case 4:
            if (!five_steps) s.frame_irq = 1;
            clock_quarter_frame();
            clock_half_frame(cycle);
            break;
        default:
            if (!five_steps) s.frame_irq = !inhibited;
            s.frame_start = cycle;
            s.frame_step = 0;
            return;
    }
    ++s.frame_step;
}

void Apu::clock_quarter_frame() noexcept {
    for (unsigned unit = 0; unit < 3; ++unit) {
        const std::uint8_t period = s.envelope_control[unit] & 0x0F;
        if (s.envelope_start[unit]) {
            s.envelope_start[unit] = 0;
            s.envelope_decay[unit] = 15;
            s.envelope_divider[unit] = period;
        } else if (s.envelope_divider[unit] > 0) {
            --s.envelope_divider[unit];
        } else {
            s.envelope_divider[unit] = period;
            if (s.envelope_decay[unit] > 0) {
                --s.envelope_decay[unit];
            } else if (s.envelope_control[unit] & 0x20) {
                s.envelope_decay[unit] = 15;
            }
        }
    }
    if (s.linear_reload) {
        s.linear_counter = s.linear_control & 0x7F;
    } else if (s.linear_counter > 0) {
        --s.linear_counter;
    }
    if (!(s.linear_control & 0x80)) s.linear_reload = 0;
}

void Apu::clock_half_frame(std::uint64_t cycle) noexcept {
    s.half_frame_cycle = cycle;
    s.length_decremented = 0;
    for (unsigned channel = 0; channel < 4; ++channel) {
        if (s.length[channel] > 0 && !s.length_halt[channel]) {
            --s.length[channel];
            s.length_decremented |= static_cast<std::uint8_t>(1u << channel);
        }
    }
    // NESdev "APU Sweep": pulse 1 negates in one's complement, pulse 2 in two's.
    for (unsigned unit = 0; unit < 2; ++unit) {
        const std::uint8_t control = s.sweep_control[unit];
        const unsigned shift = control & 7;
        const int change = s.timer_period[unit] >> shift;
        const int target = s.timer_period[unit] + ((control & 0x08) ? -change - (unit == 0) : change);
        const bool muted = s.timer_period[unit] < 8 || target > 0x7FF;
        if (s.sweep_divider[unit] == 0 && (control & 0x80) && shift > 0 && !muted) {
            s.timer_period[unit] = static_cast<std::uint16_t>(target < 0 ? 0 : target);
        }
        if (s.sweep_divider[unit] == 0 || s.sweep_reload[unit]) {
            s.sweep_divider[unit] = (control >> 4) & 7;
            s.sweep_reload[unit] = 0;
        } else {
            --s.sweep_divider[unit];
        }
    }
}

}  // namespace nes
