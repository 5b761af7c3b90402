// The delta modulation channel: its timer, output unit and memory reader.
#include "apu/apu.hpp"

namespace nes {

namespace {

// CPU cycles per output bit (NESdev "APU DMC").
constexpr std::uint16_t kNtscPeriod[16] = {428, 380, 340, 320, 286, 254, 226, 214, 190, 160, 142, 128, 106, 84, 72, 54};
constexpr std::uint16_t kPalPeriod[16] = {398, 354, 316, 298, 276, 236, 210, 198, 176, 148, 132, 118, 98, 78, 66, 50};

}  // namespace

unsigned Apu::dmc_period() const noexcept { return (pal_ ? kPalPeriod : kNtscPeriod)[s.dmc_control & 0x0F]; }

void Apu::restart_sample() noexcept {
    s.dmc_address = static_cast<std::uint16_t>(0xC000 | (s.dmc_start << 6));
    s.dmc_bytes_remaining = static_cast<std::uint16_t>((s.dmc_length << 4) | 1);
}

// The timer runs out at the start of a put cycle: all periods are even.
void Apu::tick_dmc() noexcept {
    announce_change(s.dmc_next_tick);
    s.dmc_next_tick += dmc_period();
    if (!s.dmc_silent) {
        if (s.dmc_shifter & 1) {
            if (s.dmc_output <= 125) s.dmc_output = static_cast<std::uint8_t>(s.dmc_output + 2);
        } else {
            if (s.dmc_output >= 2) s.dmc_output = static_cast<std::uint8_t>(s.dmc_output - 2);
        }
    }
    s.dmc_shifter >>= 1;
    if (--s.dmc_bits_remaining > 0) return;
    s.dmc_bits_remaining = 8;
    s.dmc_silent = !s.dmc_buffer_full;
    if (s.dmc_buffer_full) {
        s.dmc_shifter = s.dmc_buffer;
        s.dmc_buffer_full = 0;
    }
}

// The ticks up to `cycle` of an output unit that has nothing to play.
void Apu::skip_silent_ticks(std::uint64_t cycle) noexcept {
    const std::uint64_t ticks = (cycle - s.dmc_next_tick) / dmc_period() + 1;
    s.dmc_next_tick += ticks * dmc_period();
    s.dmc_shifter = ticks < 8 ? static_cast<std::uint8_t>(s.dmc_shifter >> ticks) : 0;
    s.dmc_bits_remaining = static_cast<std::uint8_t>((s.dmc_bits_remaining + 7 - ticks % 8) % 8 + 1);
    due_ = 0;
}

void Apu::dmc_deliver(std::uint8_t value) noexcept {
    s.dmc_buffer = value;
    s.dmc_buffer_full = 1;
    s.dmc_address = s.dmc_address == 0xFFFF ? 0x8000 : static_cast<std::uint16_t>(s.dmc_address + 1);
    // The last byte of a sample may have been requested once more before the reader's stop reached the DMA unit.
    if (s.dmc_bytes_remaining == 0) return;
    if (--s.dmc_bytes_remaining > 0) return;
    if (s.dmc_control & 0x40) {
        restart_sample();
    } else if (s.dmc_control & 0x80) {
        s.dmc_irq = 1;
    }
}

}  // namespace nes
