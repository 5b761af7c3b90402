// A serial EEPROM on a two-wire bus: 24C02 (256 bytes) and X24C01 (128 bytes). Datasheets of Xicor X24C01
// and X24C02; NESdev "INES Mapper 016", "INES Mapper 157". For the files in this folder only.
#pragma once

#include "cartridge/boards/common.hpp"

namespace nes::boards {

struct EepromRegisters {
    std::uint8_t scl;
    std::uint8_t sda;
    std::uint8_t phase;  // I2cEeprom::Phase
    std::uint8_t next;   // phase after the acknowledge
    std::uint8_t bits;   // clocks of the current byte, 9 with the acknowledge
    std::uint8_t shift;
    std::uint8_t address;
    std::uint8_t out;  // what the chip puts on SDA
};

class I2cEeprom {
  public:
    /// `size` is 128 (a X24C01, which has no device address) or 256.
    I2cEeprom(EepromRegisters& registers, std::uint8_t* memory, std::uint32_t size) noexcept
        : r(registers),
          memory_(memory),
          size_(size) {}

    void set_lines(bool scl, bool sda) noexcept {
        const bool old_scl = r.scl != 0;
        const bool old_sda = r.sda != 0;
        r.scl = scl;
        r.sda = sda;
        if (old_scl && scl) {
            if (old_sda && !sda) enter(kControl);  // start
            if (!old_sda && sda) enter(kIdle);     // stop
        } else if (scl && !old_scl) {
            rise(sda);
        } else if (old_scl) {
            fall();
        }
    }

  private:
    enum Phase : std::uint8_t { kIdle, kControl, kWordAddress, kWrite, kRead };

    void enter(Phase phase) noexcept {
        r.phase = phase;
        r.bits = 0;
        r.out = 1;
    }

    void rise(bool sda) noexcept {
        if (r.phase == kIdle) return;
        if (r.phase != kRead && r.bits < 8) r.shift = static_cast<std::uint8_t>(r.shift << 1 | (sda ? 1 : 0));
        if (r.bits < 9) ++r.bits;
        if (r.phase == kRead && r.bits == 9 && sda) enter(kIdle);  // the reader wants no more
    }

    void fall() noexcept {
        if (r.phase == kIdle) return;
        if (r.phase == kRead) {
            if (r.bits == 9) {
                ++r.address;
                r.bits = 0;
            }
            r.out = r.bits == 8 ? std::uint8_t{1} : static_cast<std::uint8_t>(byte() >> (7 - r.bits % 8) & 1);
        } else if (r.bits == 8) {
            take_byte();
        } else if (r.bits == 9) {
            r.phase = r.next;
            r.bits = 0;
            r.out = r.phase == kRead ? static_cast<std::uint8_t>(byte() >> 7) : std::uint8_t{1};
        }
    }

    void take_byte() noexcept {
        switch (r.phase) {
            case kControl:
                if (size_ == 128) {
                    r.address = r.shift >> 1;
                } else if (r.shift >> 4 != 0x0A) {
                    enter(kIdle);  // another device's
                    return;
                }
                r.next = (r.shift & 1) != 0 ? kRead : size_ == 128 ? kWrite : kWordAddress;
                break;
            case kWordAddress:
                r.address = r.shift;
                r.next = kWrite;
                break;
            default: {
                memory_[r.address & (size_ - 1)] = r.shift;
                const unsigned page = size_ == 128 ? 3 : 7;  // a write wraps inside its page
                r.address = static_cast<std::uint8_t>((r.address & ~page) | ((r.address + 1u) & page));
                r.next = kWrite;
                break;
            }
        }
        r.out = 0;  // acknowledge
    }

    std::uint8_t byte() const noexcept { return memory_[r.address & (size_ - 1)]; }

    EepromRegisters& r;
    std::uint8_t* memory_;
    std::uint32_t size_;
};

}  // namespace nes::boards
