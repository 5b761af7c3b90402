// A serial EEPROM on a three-wire bus: 93C66 with words of 8 bits (512 bytes). Datasheet of the 93C66. For the files in this folder
// only.
#pragma once

#include "cartridge/boards/common.hpp"

namespace nes::boards {

struct MicrowireRegisters {
    std::uint16_t shift;  // bits that have come in
    std::uint16_t address;
    std::uint8_t count;  // of them
    std::uint8_t phase;  // MicrowireEeprom::Phase
    std::uint8_t clock;
    std::uint8_t select;
    std::uint8_t out;       // what the chip puts on DO
    std::uint8_t writable;  // EWEN was sent
    std::uint8_t data;      // the byte on its way
    std::uint8_t all;       // ERAL, WRAL
};

class MicrowireEeprom {
  public:
    static constexpr std::uint32_t kSize = 512;

    /// `memory` has kSize bytes; null for none.
    MicrowireEeprom(MicrowireRegisters& registers, std::uint8_t* memory) noexcept : r(registers), memory_(memory) {}

    void set_lines(bool select, bool clock, bool data) noexcept {
        const bool rises = clock && r.clock == 0;
        r.clock = clock;
        if (!select) {
            r.select = 0;
            r.phase = kIdle;
            r.out = 1;
            return;
        }
        if (r.select == 0) {
            r.select = 1;
            r.phase = kIdle;
            r.count = 0;
            r.shift = 0;
        }
        if (rises) take(data);
    }

  private:
    enum Phase : std::uint8_t { kIdle, kCommand, kRead, kWrite, kDone };
    static constexpr unsigned kCommandBits = 11;  // an opcode of two and an address of nine

    void take(bool data) noexcept {
        switch (r.phase) {
            case kIdle:
                if (data) {  // the start bit
                    r.phase = kCommand;
                    r.count = 0;
                    r.shift = 0;
                }
                break;
            case kCommand:
                r.shift = static_cast<std::uint16_t>(r.shift << 1 | (data ? 1 : 0));
                if (++r.count == kCommandBits) decode();
                break;
            case kRead:
                if (r.count == 0) {
                    r.data = byte(r.address);
                    r.address = static_cast<std::uint16_t>((r.address + 1u) & (kSize - 1));
                }
                r.out = r.data >> (7 - r.count % 8) & 1;
                r.count = static_cast<std::uint8_t>((r.count + 1u) % 8);
                break;
            case kWrite:
                r.data = static_cast<std::uint8_t>(r.data << 1 | (data ? 1 : 0));
                if (++r.count == 8) {
                    write(r.data);
                    finish();
                }
                break;
            default: break;
        }
    }

    void decode() noexcept {
        r.address = r.shift & (kSize - 1);
        r.count = 0;
        r.data = 0;
        r.all = 0;
        switch (r.shift >> 9 & 3) {
            case 1: r.phase = kWrite; break;
            case 2:
                r.phase = kRead;
                r.out = 0;  // a zero goes before the data
                break;
            case 3:
                write(0xFF);  // erases
                finish();
                break;
            default:
                switch (r.shift >> 7 & 3) {
                    case 0: r.writable = 0; break;
                    case 3: r.writable = 1; break;
                    case 2:
                        r.all = 1;
                        write(0xFF);
                        break;
                    default:
                        r.all = 1;
                        r.phase = kWrite;
                        return;
                }
                finish();
                break;
        }
    }
    void finish() noexcept {
        r.phase = kDone;
        r.out = 1;  // ready
    }
    void write(std::uint8_t value) noexcept {
        if (r.writable == 0 || memory_ == nullptr) return;
        if (r.all == 0) {
            memory_[r.address & (kSize - 1)] = value;
        } else {
            for (std::uint32_t i = 0; i < kSize; ++i) memory_[i] = value;
        }
    }
    std::uint8_t byte(std::uint16_t address) const noexcept {
        return memory_ == nullptr ? std::uint8_t{0xFF} : memory_[address & (kSize - 1)];
    }

    MicrowireRegisters& r;
    std::uint8_t* memory_;
};

}  // namespace nes::boards
