// The interrupt counter that VRC4, VRC6 and VRC7 share. NESdev "VRC IRQ". For the files in this folder only.
#pragma once

#include "cartridge/boards/common.hpp"

namespace nes::boards {

struct VrcIrqRegisters {
    std::uint64_t now;        // CPU cycle the counter was brought to
    std::uint16_t prescaler;  // dots gathered towards the next line, 0-340
    std::uint8_t latch;
    std::uint8_t counter;
    std::uint8_t control;  // .....MEA: cycle mode, enable, enable after acknowledge
    std::uint8_t reserved[3];
};

/// The counter's behaviour over its registers.
class VrcIrq {
  public:
    VrcIrq(VrcIrqRegisters& registers, CartridgeState& state) noexcept : r(registers), state_(state) {}

    void run_to(std::uint64_t cycle) noexcept {
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if (!enabled()) return;
        std::uint64_t clocks = cycles;
        if (!cycle_mode()) {
            // 341 dots a line at three dots a cycle: 114, 114 and 113 cycles.
            const std::uint64_t dots = r.prescaler % kDotsPerLine + cycles * 3;
            clocks = dots / kDotsPerLine;
            r.prescaler = static_cast<std::uint16_t>(dots % kDotsPerLine);
        }
        const std::uint64_t to_overflow = 0x100u - r.counter;
        if (clocks < to_overflow) {
            r.counter = static_cast<std::uint8_t>(r.counter + clocks);
            return;
        }
        state_.irq = 1;
        const std::uint64_t period = 0x100u - r.latch;
        r.counter = static_cast<std::uint8_t>(r.latch + (clocks - to_overflow) % period);
    }

    std::uint64_t next_irq() const noexcept {
        if (!enabled()) return kNever;
        const std::uint64_t clocks = 0x100u - r.counter;
        if (cycle_mode()) return r.now + clocks;
        return r.now + (clocks * kDotsPerLine - r.prescaler % kDotsPerLine + 2) / 3;
    }

    // Writes; the counter has been brought to the cycle of the write before.
    void write_control(std::uint8_t value) noexcept {
        r.control = value & 7;
        r.prescaler = 0;
        if (enabled()) r.counter = r.latch;
        state_.irq = 0;
    }
    void acknowledge() noexcept {
        r.control = static_cast<std::uint8_t>((r.control & 5) | (r.control & 1) << 1);
        state_.irq = 0;
    }

  private:
    static constexpr unsigned kDotsPerLine = 341;
    bool enabled() const noexcept { return (r.control & 2) != 0; }
    bool cycle_mode() const noexcept { return (r.control & 4) != 0; }

    VrcIrqRegisters& r;
    CartridgeState& state_;
};

}  // namespace nes::boards
