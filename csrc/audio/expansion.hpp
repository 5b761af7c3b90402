// Sound that a cartridge adds to the console's.
#pragma once

#include <cstdint>
#include <memory>

namespace nes {

/// The waveforms behind registers that a board keeps. As those of the console they are no part of the machine's state.
class ExpansionSound {
  public:
    static constexpr std::uint64_t kNever = ~std::uint64_t{0};

    virtual ~ExpansionSound() = default;

    /// All waveforms at their start, at `cycle`.
    virtual void restart(std::uint64_t cycle) noexcept = 0;
    /// From `cycle` on the registers hold what they hold now.
    virtual void follow_registers(std::uint64_t cycle) noexcept = 0;
    /// The cycle in which a waveform moves on; kNever while none does.
    virtual std::uint64_t next() const noexcept = 0;
    /// Moves on what falls in the cycle next().
    virtual void tick() noexcept = 0;
    /// On the scale of the synthesizer, where the console's own channels together stay below 2.
    virtual float level() const noexcept = 0;
};

/// Konami's VRC6: two pulses and a sawtooth. `registers` lives as long: $9000-$9003, $A000-$A003, $B000-$B003.
std::unique_ptr<ExpansionSound> make_vrc6_sound(const std::uint8_t* registers);

}  // namespace nes
