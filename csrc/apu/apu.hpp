// The sound half of the RP2A03, as far as a program can notice it: registers, length counters, the frame counter
// with its interrupt, and the DMC. Waveforms and mixing are the synthesizer's, which reads this state before each change.
//
// Sources: NESdev "APU", "APU Frame Counter", "APU DMC", "DMA"; AccuracyCoin for what happens in which cycle.
#pragma once

#include <cstdint>

#include "apu/apu_state.hpp"
#include "base/inline.hpp"
#include "base/timing.hpp"

namespace nes {

class Synthesizer;

class Apu {
  public:
    explicit Apu(ApuState& state, bool pal) noexcept : s(state), pal_(pal) {}

    void power_on(std::uint64_t cycle) noexcept;
    /// The cycle of the frame counter's next step in a state.
    static std::uint64_t next_frame_step(const ApuState& state, bool pal) noexcept;
    /// Tells `synthesizer` before anything audible changes; null: no listener.
    void set_listener(Synthesizer* synthesizer) noexcept { listener_ = synthesizer; }
    /// The reset button: as if $00 had been written to $4015, and the last value to $4017 again.
    void reset(std::uint64_t cycle) noexcept;

    /// Does what falls at the start of CPU cycle `cycle`. Every cycle that `next_due` returns must be
    /// shown to it.
    void begin_cycle(std::uint64_t cycle) noexcept {
        if (cycle < due_) return;
        bool clocked = false;
        while (cycle >= next_reset_stage()) clocked |= advance_frame_reset(cycle);
        if (cycle >= s.frame_start + frame_position(s.frame_step)) step_frame_counter(cycle, clocked);
        if (cycle >= s.dmc_next_tick) tick_dmc();
        due_ = next_due();
    }
    /// Discards what is derived from state that was changed from outside.
    void invalidate() noexcept { due_ = 0; }
    /// Does what falls at the starts of all cycles up to `cycle`, when no cycle in between was observed.
    void run_to(std::uint64_t cycle) noexcept {
        if (s.dmc_next_tick <= cycle && s.dmc_silent && !s.dmc_buffer_full) skip_silent_ticks(cycle);
        if (due_ == 0) due_ = next_due();
        while (due_ <= cycle) begin_cycle(due_);
    }
    /// A cycle before which neither the interrupt line nor the DMC's request changes by itself.
    std::uint64_t next_event() const noexcept;
    /// Does what falls at the end of a put cycle.
    void end_put_cycle() noexcept {
        if (s.frame_irq_clear_pending) {
            s.frame_irq_clear_pending = 0;
            s.frame_irq = 0;
        }
        s.dmc_active_latch[1] = s.dmc_active_latch[0];
        s.dmc_active_latch[0] = s.dmc_bytes_remaining != 0;
    }
    /// Whether end_put_cycle would change anything.
    bool write_pending() const noexcept {
        const bool active = s.dmc_bytes_remaining != 0;
        return s.frame_irq_clear_pending || s.dmc_active_latch[0] != active || s.dmc_active_latch[1] != active;
    }

    bool irq() const noexcept { return (s.frame_irq && !(s.frame_mode & 0x40)) || s.dmc_irq; }

    /// $4015 without its bit 5, which is the CPU's data bus.
    std::uint8_t read_status() noexcept {
        const std::uint8_t status = peek_status();
        s.frame_irq_clear_pending = 1;
        return status;
    }
    std::uint8_t peek_status() const noexcept;
    /// A write to $4000-$4013, $4015 or $4017 in `cycle`.
    void write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept;

    // The DMC's side of the DMA unit. The request is a level: it falls again when the channel is
    // switched off before the byte was fetched.
    bool dmc_wants_byte() const noexcept { return !s.dmc_buffer_full && s.dmc_active_latch[1]; }
    std::uint16_t dmc_address() const noexcept { return s.dmc_address; }
    void dmc_deliver(std::uint8_t value) noexcept;

  private:
    /// The next cycle at whose start something happens.
    std::uint64_t next_due() const noexcept;
    std::uint64_t frame_position(unsigned step) const noexcept;
    /// The cycle of the next thing that a write to $4017 leads to; kNever - 2 when there is none.
    std::uint64_t next_reset_stage() const noexcept { return s.frame_reset_at - 2 + s.frame_reset_stage; }
    bool advance_frame_reset(std::uint64_t cycle) noexcept;
    void write_frame_counter(std::uint8_t value, std::uint64_t cycle) noexcept;
    void latch_frame_mode() noexcept;
    void raise_frame_irq(bool raised) noexcept;
    void step_frame_counter(std::uint64_t cycle, bool clocked) noexcept;
    bool half_frame_falls_in(std::uint64_t cycle) const noexcept;
    void clock_quarter_frame() noexcept;
    void clock_half_frame(std::uint64_t cycle) noexcept;
    bool precedes_half_frame(std::uint64_t cycle) noexcept;
    void write_halt(unsigned channel, bool halt, std::uint64_t cycle) noexcept;
    void load_length(unsigned channel, std::uint8_t value, std::uint64_t cycle) noexcept;
    void write_status(std::uint8_t value) noexcept;
    void restart_sample() noexcept;
    void tick_dmc() noexcept;
    void skip_silent_ticks(std::uint64_t cycle) noexcept;
    unsigned dmc_period() const noexcept;
    void announce_change(std::uint64_t cycle) noexcept {
        if (NES_UNLIKELY(listener_ != nullptr)) tell_listener(cycle);
    }
    void tell_listener(std::uint64_t cycle) noexcept;

    ApuState& s;
    bool pal_;
    Synthesizer* listener_ = nullptr;
    std::uint64_t due_ = 0;  // next_due(), or anything before it
};

}  // namespace nes
