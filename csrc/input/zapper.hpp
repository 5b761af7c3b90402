// The light gun. NESdev "Zapper".
#pragma once

#include <cstdint>

#include "ppu/ppu_state.hpp"
#include "video/picture.hpp"

namespace nes {

class Zapper {
  public:
    Zapper(const PpuState& ppu, const Picture& picture) noexcept;

    /// Bits 0-4 of a read of its port. The PPU must have drawn up to the dot of the read.
    std::uint8_t port(std::uint8_t x, std::uint8_t y, std::uint8_t trigger) const noexcept {
        return static_cast<std::uint8_t>((trigger ? 0x10 : 0) | (sees_light(x, y) ? 0 : 0x08));
    }

  private:
    bool sees_light(unsigned x, unsigned y) const noexcept;

    const PpuState& ppu_;
    const Picture& picture_;
    std::uint8_t glow_[64];  // scanlines for which the sensor answers to a pixel of each colour
};

}  // namespace nes
