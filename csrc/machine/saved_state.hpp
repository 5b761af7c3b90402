// A state of a console in this process's memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/export.hpp"

namespace nes {

/// The raw form of a state in two parts. The picture makes up four fifths of it and changes only when something is drawn, so states
/// with the same picture share it. Never changes.
class NES_PY_API SavedState {
  public:
    using Bytes = std::vector<std::uint8_t>;

    SavedState(Bytes machine, std::shared_ptr<const Bytes> picture) noexcept
        : machine_(std::move(machine)),
          picture_(std::move(picture)) {}
    SavedState(const SavedState&) = delete;
    SavedState& operator=(const SavedState&) = delete;

    /// Bytes of the raw form.
    std::size_t size() const noexcept { return machine_.size() + picture_->size(); }
    bool equals(const SavedState& other) const noexcept;

  private:
    friend class Console;
    Bytes machine_;  // all before the picture
    std::shared_ptr<const Bytes> picture_;
};

}  // namespace nes
