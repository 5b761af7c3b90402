// NESdev "APU Length Counter".
#pragma once

#include <cstdint>

namespace nes {

inline constexpr std::uint8_t kLengthTable[32] = {
    10, 254, 20, 2,  40, 4,  80, 6,  160, 8,  60, 10, 14, 12, 26, 14,
    12, 16,  24, 18, 48, 20, 96, 22, 192, 24, 72, 26, 16, 28, 32, 30,
};

}  // namespace nes
