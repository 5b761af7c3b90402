// The 6502's registers and its interrupt inputs.
#pragma once

#include <array>
#include <cstdint>

#include "base/fields.hpp"

namespace nes {

struct CpuState {
    std::uint64_t cycle;  // CPU cycles completed since power-on
    std::uint16_t pc;
    std::uint8_t a, x, y, s;

    // The status register, taken apart. N and Z are kept as the result that set them.
    std::uint8_t carry;              // 0 or 1
    std::uint8_t zero_result;        // Z is set when this is 0
    std::uint8_t interrupt_disable;  // 0 or 1
    std::uint8_t decimal;            // 0 or 1; the RP2A03 keeps the flag and ignores it
    std::uint8_t overflow;           // 0 or 1
    std::uint8_t negative_result;    // N is bit 7

    std::uint8_t data_bus;           // what the external data bus floats at
    std::uint8_t internal_data_bus;  // the 6502's own side of it: a $4015 read shows up only here
    std::uint8_t jammed;             // a KIL opcode was executed

    std::uint8_t nmi_line;        // the level seen at the end of the last cycle
    std::uint8_t nmi_pending;     // an edge has been latched and not yet served
    std::uint8_t nmi_polled;      // nmi_pending as it was one cycle earlier
    std::uint8_t irq_asserted;    // /IRQ low and I clear at the end of the last cycle
    std::uint8_t irq_polled;      // irq_asserted as it was one cycle earlier
    std::uint8_t halted_by_dma;   // RDY went low during the last read
    std::uint8_t frame_boundary;  // a FrameBoundary; counted by `cycle`
    std::uint8_t timing;          // a Timing
    std::uint8_t reserved[1];
};

inline constexpr std::array kCpuFields{
    NES_FIELD(CpuState, cycle),
    NES_FIELD(CpuState, pc),
    NES_FIELD(CpuState, a),
    NES_FIELD(CpuState, x),
    NES_FIELD(CpuState, y),
    NES_FIELD(CpuState, s),
    NES_FIELD(CpuState, carry),
    NES_FIELD(CpuState, zero_result),
    NES_FIELD(CpuState, interrupt_disable),
    NES_FIELD(CpuState, decimal),
    NES_FIELD(CpuState, overflow),
    NES_FIELD(CpuState, negative_result),
    NES_FIELD(CpuState, data_bus),
    NES_FIELD(CpuState, internal_data_bus),
    NES_FIELD(CpuState, jammed),
    NES_FIELD(CpuState, nmi_line),
    NES_FIELD(CpuState, nmi_pending),
    NES_FIELD(CpuState, nmi_polled),
    NES_FIELD(CpuState, irq_asserted),
    NES_FIELD(CpuState, irq_polled),
    NES_FIELD(CpuState, halted_by_dma),
    NES_FIELD(CpuState, frame_boundary),
    NES_FIELD(CpuState, timing),
    NES_FIELD(CpuState, reserved),
};
static_assert(covers(kCpuFields, sizeof(CpuState)));

inline constexpr std::uint8_t kFlagCarry = 0x01;
inline constexpr std::uint8_t kFlagZero = 0x02;
inline constexpr std::uint8_t kFlagInterruptDisable = 0x04;
inline constexpr std::uint8_t kFlagDecimal = 0x08;
inline constexpr std::uint8_t kFlagBreak = 0x10;   // exists only in pushed copies
inline constexpr std::uint8_t kFlagUnused = 0x20;  // always set in pushed copies
inline constexpr std::uint8_t kFlagOverflow = 0x40;
inline constexpr std::uint8_t kFlagNegative = 0x80;

inline std::uint8_t pack_status(const CpuState& r) noexcept {
    return static_cast<std::uint8_t>(r.carry | (r.zero_result == 0 ? kFlagZero : 0) | (r.interrupt_disable << 2) |
                                     (r.decimal << 3) | kFlagUnused | (r.overflow << 6) |
                                     (r.negative_result & kFlagNegative));
}

inline void unpack_status(CpuState& r, std::uint8_t p) noexcept {
    r.carry = p & 1;
    r.zero_result = (p & kFlagZero) ? 0 : 1;
    r.interrupt_disable = (p >> 2) & 1;
    r.decimal = (p >> 3) & 1;
    r.overflow = (p >> 6) & 1;
    r.negative_result = p & kFlagNegative;
}

}  // namespace nes
