// The one list of fields of every board that is a single latch.
#include "cartridge/boards/common.hpp"

namespace nes::boards {

std::span<const Field> LatchBoard::latch_fields() noexcept {
    static constexpr Field kFields[] = {
        NES_FIELD(Latch, address),
        NES_FIELD(Latch, value),
        NES_FIELD(Latch, extra),
    };
    static_assert(covers(kFields, sizeof(Latch)));
    return kFields;
}

}  // namespace nes::boards
