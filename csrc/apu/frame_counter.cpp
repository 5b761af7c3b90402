// The frame counter and the units that it clocks: envelopes, linear counter, length counters, sweeps.
#include "apu/apu.hpp"

namespace nes {

namespace {

// CPU cycles after the sequencer's restart at whose start a step is done (NESdev "APU Frame Counter"; AccuracyCoin).
// Four steps: the interrupt flag is raised in three cycles in a row, and the last of them restarts the sequence. The steps
// after it are for a sequence of five steps that was made one of four on its way, by a write that is about to restart it.
constexpr unsigned kSteps = 8;
constexpr std::uint16_t kNtsc[2][kSteps] = {
    {7457, 14913, 22371, 29828, 29829, 29830, 37281, 37282},
    {7457, 14913, 22371, 29829, 37281, 37282, 37282, 37282},
};
constexpr std::uint16_t kPal[2][kSteps] = {
    {8313, 16627, 24939, 33252, 33253, 33254, 41565, 41566},
    {8313, 16627, 24939, 33253, 41565, 41566, 41566, 41566},
};

// The steps by whose number both modes know the last quarter-frame clock.
constexpr unsigned kFirstLateStep = 4;

}  // namespace

std::uint64_t Apu::frame_position(unsigned step) const noexcept {
    const unsigned mode = s.frame_mode >> 7;
    return (pal_ ? kPal : kNtsc)[mode][step < kSteps ? step : 0];
}

std::uint64_t Apu::next_frame_step(const ApuState& state, bool pal) noexcept {
    return state.frame_start + (pal ? kPal : kNtsc)[state.frame_mode >> 7][state.frame_step % kSteps];
}

// The sequencer works in pairs of cycles, a get cycle and the put cycle after it. It sees a write to $4017 in the first
// get cycle after it; the put cycle after that one clocks, if five steps were chosen, and the next get cycle begins the
// sequence anew. While it does so a write in the get cycle itself is taken for the same one, but for its mode.
void Apu::write_frame_counter(std::uint8_t value, std::uint64_t cycle) noexcept {
    s.frame_mode_written = value & 0xC0;
    // The interrupt is inhibited at once.
    s.frame_mode = static_cast<std::uint8_t>((s.frame_mode & 0x80) | (value & 0x40));
    if (value & 0x40) s.frame_irq = 0;
    if (s.frame_reset_stage == 1) return;
    if (s.frame_reset_stage == 2) {
        s.frame_start = s.frame_reset_at;
        s.frame_step = 0;
    }
    s.frame_reset_at = cycle + (is_put(cycle) ? 3 : 4);
    s.frame_reset_stage = 0;
}

// What a write to $4017 leads to, cycle by cycle; whether it clocked.
bool Apu::advance_frame_reset(std::uint64_t cycle) noexcept {
    switch (s.frame_reset_stage) {
        case 0:
            latch_frame_mode();
            s.frame_reset_stage = 1;
            return false;
        case 1:
            s.frame_reset_stage = 2;
            if (!(s.frame_mode & 0x80)) return false;
            announce_change(cycle);
            clock_quarter_frame();
            clock_half_frame(cycle);
            return true;
        default:
            announce_change(cycle);
            // The end of four steps falls into the same cycle.
            if (s.frame_step == 5 && !(s.frame_mode & 0x80)) raise_frame_irq(!(s.frame_mode & 0x40));
            latch_frame_mode();
            s.frame_start = s.frame_reset_at;
            s.frame_step = 0;
            s.frame_reset_at = kNever;
            s.frame_reset_stage = 0;
            return false;
    }
}

void Apu::latch_frame_mode() noexcept {
    if (!((s.frame_mode ^ s.frame_mode_written) & 0x80)) return;
    s.frame_mode ^= 0x80;
    if (s.frame_step < kFirstLateStep) return;
    const bool five_steps = s.frame_mode & 0x80;
    s.frame_step = static_cast<std::uint8_t>(!five_steps ? s.frame_step + 2 : s.frame_step == 7 ? 5 : 4);
}

// The flag also depends on the mode that was written last.
void Apu::raise_frame_irq(bool raised) noexcept {
    if (!(s.frame_mode & 0x80) && !(s.frame_mode_written & 0x80)) s.frame_irq = raised;
}

bool Apu::half_frame_falls_in(std::uint64_t cycle) const noexcept {
    if (s.frame_reset_stage == 1 && next_reset_stage() == cycle && (s.frame_mode & 0x80)) return true;
    if (s.frame_start + frame_position(s.frame_step) != cycle) return false;
    return s.frame_step == 1 || s.frame_step == 4 || (s.frame_step == 6 && !(s.frame_mode & 0x80));
}

// `clocked`: a write to $4017 has clocked in this cycle already, and the two are one clock.
void Apu::step_frame_counter(std::uint64_t cycle, bool clocked) noexcept {
    announce_change(cycle);
    const bool inhibited = s.frame_mode & 0x40;
    bool quarter = false;
    bool half = false;
    switch (s.frame_step) {
        case 0:
        case 2: quarter = true; break;
        case 1:
        case 6: quarter = half = true; break;
        case 3:
            // The flag can be read as set even while the interrupt is inhibited; it then falls two cycles later.
            raise_frame_irq(true);
            break;
        case 4:
            raise_frame_irq(true);
            quarter = half = true;
            break;
        default:
            if (s.frame_step == 5) raise_frame_irq(!inhibited);
            s.frame_start = cycle;
            s.frame_step = 0;
            return;
    }
    ++s.frame_step;
    if (clocked) return;
    if (quarter) clock_quarter_frame();
    if (half) clock_half_frame(cycle);
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
    const bool written = s.half_frame_cycle == cycle;
    const unsigned halt_changed = written ? s.length_halt_changed : 0;
    const unsigned loaded = written ? s.length_loaded : 0;
    for (unsigned channel = 0; channel < 4; ++channel) {
        if (s.length[channel] == 0 || ((loaded >> channel) & 1)) continue;
        if (s.length_halt[channel] != ((halt_changed >> channel) & 1)) continue;
        --s.length[channel];
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
