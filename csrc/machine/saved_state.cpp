#include "machine/saved_state.hpp"

namespace nes {

bool SavedState::equals(const SavedState& other) const noexcept {
    return machine_ == other.machine_ && (picture_ == other.picture_ || *picture_ == *other.picture_);
}

}  // namespace nes
