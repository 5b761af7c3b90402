// Sound that a cartridge adds to the console's.
#pragma once

#include <cstdint>
#include <memory>

namespace nes {

struct Mmc5PulseState;

/// The waveforms behind registers that a board keeps. As those of the console they are no part of the machine's state.
class ExpansionSound {
  public:
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};

    virtual ~ExpansionSound() = default;

    /// For chips with a clock of their own: the frequency of the CPU's. Called once, before anything else.
    virtual void set_cpu_clock(double /*hz*/) noexcept {}
    /// All waveforms at their start, at `cycle`.
    virtual void restart(std::uint64_t cycle) noexcept = 0;
    /// The CPU has just written a register of the board in `cycle`, or read one that does something: from there on the
    /// registers hold what they hold now.
    virtual void follow_registers(std::uint64_t cycle) noexcept = 0;
    /// The cycle in which a waveform moves on; kNever while none does.
    virtual std::uint64_t next() const noexcept = 0;
    /// Moves on what falls in the cycle next().
    virtual void tick() noexcept = 0;
    /// On the scale of the synthesizer, where the console's own channels together stay below 2.
    virtual float level() const noexcept = 0;
};

// In each the registers live as long as the sound.

/// Konami's VRC6: two pulses and a sawtooth. `registers`: $9000-$9003, $A000-$A003, $B000-$B003.
std::unique_ptr<ExpansionSound> make_vrc6_sound(const std::uint8_t* registers);

/// Konami's VRC7: six channels of frequency modulation. `registers`: the chip's own, $00-$3F; `mode`: $E000.
std::unique_ptr<ExpansionSound> make_vrc7_sound(const std::uint8_t* registers, const std::uint8_t* mode);

/// Nintendo's MMC5: two pulses and an 8-bit DAC. `registers`: $5000-$5015.
std::unique_ptr<ExpansionSound> make_mmc5_sound(const std::uint8_t* registers, const Mmc5PulseState* pulses);

/// What the sound of Namco's 163 reads of its board.
struct N163Registers {
    const std::uint8_t* ram;      // 128 bytes
    const std::uint8_t* channel;  // which channel is next, and how many cycles of the current one are over: n163.hpp
    const std::uint8_t* cycles;
    const std::uint64_t* now;        // the CPU cycle at whose end the three above are
    const std::uint8_t* prg_select;  // $E000: bit 6 disables the sound
};
/// Namco's 163: up to eight wavetables, one after the other on one DAC. One channel alone is `decibels` louder than a pulse of
/// the console.
std::unique_ptr<ExpansionSound> make_n163_sound(const N163Registers& registers, double decibels);

/// Sunsoft's 5B, a YM2149F: three squares, noise and an envelope. `registers`: the chip's own, $00-$0F; `envelope_start`: the CPU
/// cycle in which $0D was written last, 0 for never.
std::unique_ptr<ExpansionSound> make_sunsoft_5b_sound(const std::uint8_t* registers,
                                                      const std::uint64_t* envelope_start);

}  // namespace nes
