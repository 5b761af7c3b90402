// Registers of the APU.
#include "apu/apu.hpp"

#include "apu/length_table.hpp"
#include "audio/synthesizer.hpp"

namespace nes {

void Apu::power_on(std::uint64_t cycle) noexcept {
    s = {};
    // NESdev "CPU power up state": the frame counter has run for a few cycles before the first instruction, as if $00
    // had been written to $4017.
    s.frame_start = cycle - 2;
    s.frame_reset_at = kNever;
    s.half_frame_cycle = kNever;
    s.dmc_next_tick = cycle + 1 + dmc_period();
    s.dmc_bits_remaining = 8;
    s.dmc_silent = 1;
    s.dmc_address = 0xC000;
    s.envelope_start[0] = s.envelope_start[1] = s.envelope_start[2] = 0;
}

void Apu::tell_listener(std::uint64_t cycle) noexcept { listener_->run_to(cycle); }

void Apu::reset(std::uint64_t cycle) noexcept {
    announce_change(cycle);
    write_status(0);
    s.frame_irq = 0;
    s.frame_irq_clear_pending = 0;
    s.dmc_irq = 0;
    s.dmc_output &= 1;
    write(0x4017, static_cast<std::uint8_t>((s.frame_mode_written & 0x80) | (s.frame_mode & 0x40)), cycle);
}

std::uint8_t Apu::peek_status() const noexcept {
    std::uint8_t status = 0;
    for (unsigned channel = 0; channel < 4; ++channel) status |= (s.length[channel] != 0) << channel;
    status |= (s.dmc_bytes_remaining != 0) << 4;
    status |= s.frame_irq << 6;
    status |= s.dmc_irq << 7;
    return status;
}

void Apu::write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept {
    due_ = 0;
    announce_change(cycle);
    switch (address) {
        case 0x4000:
        case 0x4004: {
            const unsigned channel = (address >> 2) & 1;
            s.envelope_control[channel] = value;
            write_halt(channel, value & 0x20, cycle);
            break;
        }
        case 0x4001:
        case 0x4005: {
            const unsigned channel = (address >> 2) & 1;
            s.sweep_control[channel] = value;
            s.sweep_reload[channel] = 1;
            break;
        }
        case 0x4002:
        case 0x4006:
        case 0x400A: {
            std::uint16_t& period = s.timer_period[(address >> 2) & 3];
            period = static_cast<std::uint16_t>((period & 0x0700) | value);
            break;
        }
        case 0x4003:
        case 0x4007:
        case 0x400B: {
            const unsigned channel = (address >> 2) & 3;
            std::uint16_t& period = s.timer_period[channel];
            period = static_cast<std::uint16_t>((period & 0x00FF) | ((value & 7) << 8));
            load_length(channel, value, cycle);
            if (channel < 2) {
                s.envelope_start[channel] = 1;
                if (NES_UNLIKELY(listener_ != nullptr)) listener_->restart_pulse(channel);
            } else {
                s.linear_reload = 1;
            }
            break;
        }
        case 0x4008:
            s.linear_control = value;
            write_halt(2, value & 0x80, cycle);
            break;
        case 0x400C:
            s.envelope_control[2] = value;
            write_halt(3, value & 0x20, cycle);
            break;
        case 0x400E: s.noise_control = value; break;
        case 0x400F:
            load_length(3, value, cycle);
            s.envelope_start[2] = 1;
            break;
        case 0x4010:
            s.dmc_control = value;
            if (!(value & 0x80)) s.dmc_irq = 0;
            break;
        case 0x4011: s.dmc_output = value & 0x7F; break;
        case 0x4012: s.dmc_start = value; break;
        case 0x4013: s.dmc_length = value; break;
        case 0x4015: write_status(value); break;
        case 0x4017: write_frame_counter(value, cycle); break;
        default: break;
    }
}

// In the cycle before a half-frame clock, which is the second half of an APU cycle, a length counter works out its next count
// and whether it is to take it. A write in that cycle comes too late for it: the clock uses the old halt flag, and puts
// the count that was worked out over one that was loaded; a counter that was at zero is not clocked and keeps what was loaded.
bool Apu::precedes_half_frame(std::uint64_t cycle) noexcept {
    if (!half_frame_falls_in(cycle + 1)) return false;
    s.half_frame_cycle = cycle + 1;
    s.length_loaded = 0;
    s.length_halt_changed = 0;
    return true;
}

void Apu::write_halt(unsigned channel, bool halt, std::uint64_t cycle) noexcept {
    if (s.length_halt[channel] == halt) return;
    s.length_halt[channel] = halt;
    if (precedes_half_frame(cycle)) s.length_halt_changed = static_cast<std::uint8_t>(1u << channel);
}

void Apu::load_length(unsigned channel, std::uint8_t value, std::uint64_t cycle) noexcept {
    if (!(s.length_enabled & (1u << channel))) return;
    if (precedes_half_frame(cycle)) {
        if (s.length[channel] > 0) return;
        s.length_loaded = static_cast<std::uint8_t>(1u << channel);
    }
    s.length[channel] = kLengthTable[value >> 3];
}

void Apu::write_status(std::uint8_t value) noexcept {
    s.length_enabled = value & 0x0F;
    for (unsigned channel = 0; channel < 4; ++channel) {
        if (!(value & (1u << channel))) s.length[channel] = 0;
    }
    s.dmc_irq = 0;
    if (!(value & 0x10)) {
        s.dmc_bytes_remaining = 0;
    } else if (s.dmc_bytes_remaining == 0) {
        restart_sample();
    }
}

std::uint64_t Apu::next_due() const noexcept {
    std::uint64_t next = s.frame_start + frame_position(s.frame_step);
    if (next_reset_stage() < next) next = next_reset_stage();
    if (s.dmc_next_tick < next) next = s.dmc_next_tick;
    return next;
}

std::uint64_t Apu::next_event() const noexcept {
    std::uint64_t next = next_reset_stage();
    if (!(s.frame_mode & 0xC0) && !s.frame_irq) {
        // The first of the three cycles that raise the flag, or the next of them.
        const unsigned step = s.frame_step < 3 ? 3 : s.frame_step;
        const std::uint64_t raise = s.frame_start + frame_position(step);
        if (raise < next) next = raise;
    }
    if (s.dmc_bytes_remaining != 0 || s.dmc_active_latch[1]) {
        const std::uint64_t empty =
            s.dmc_buffer_full ? s.dmc_next_tick + std::uint64_t{s.dmc_bits_remaining - 1u} * dmc_period() : 0;
        if (empty < next) next = empty;
    }
    return next;
}

}  // namespace nes
