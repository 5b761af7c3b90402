// From the picture of palette indices to what an agent sees: grey or colour planes, cropped, resized by area.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/export.hpp"
#include "base/inline.hpp"
#include "video/palette.hpp"
#include "video/picture.hpp"
#include "video/resize.hpp"

namespace nes::env {

enum class Colour : std::uint8_t { gray, rgb, index };

struct PictureOptions {
    Colour colour = Colour::gray;
    // Pixels cut off each edge.
    std::uint32_t crop_top = 0, crop_bottom = 0, crop_left = 0, crop_right = 0;
    // 0: as many as the cropped picture has. Never more than that.
    std::uint32_t height = 84, width = 84;
    std::shared_ptr<const Palette> palette = nullptr;  // null: Palette::standard()
};

/// A picture of palette indices, and where colours of it are emphasised; null: nowhere.
struct SeenPicture {
    const std::uint8_t* index = nullptr;
    const LineEmphasis* emphasis = nullptr;
};

/// Immutable; shared by all environments of a batch. Its planes are `planes()` arrays height() x width(), one for each
/// colour.
class Preprocess {
  public:
    NES_PY_API explicit Preprocess(const PictureOptions& options);

    std::uint32_t height() const noexcept { return plan_.height; }
    std::uint32_t width() const noexcept { return plan_.width; }
    std::uint32_t planes() const noexcept { return planes_; }
    std::size_t size() const noexcept { return std::size_t{planes_} * plan_.height * plan_.width; }

    /// Writes size() bytes. With `before`, whose index is null where there is none, each colour of a pixel is the larger one.
    void write(const SeenPicture& picture, const SeenPicture& before, std::uint8_t* out,
               ResizeScratch& scratch) const noexcept {
        if (NES_UNLIKELY(picture.emphasis || before.emphasis) && colour_ != Colour::index) {
            write_emphasised(picture, before, out, scratch);
        } else {
            write(picture.index, before.index, out, scratch);
        }
    }
    /// Writes size() bytes. With `before`, each colour of a pixel is the larger one of both pictures.
    void write(const std::uint8_t* picture, const std::uint8_t* before, std::uint8_t* out,
               ResizeScratch& scratch) const noexcept {
        write(resizer, picture, before, out, scratch);
    }
    void write(const Resizer& way, const std::uint8_t* picture, const std::uint8_t* before, std::uint8_t* out,
               ResizeScratch& scratch) const noexcept;

    bool keeps_size() const noexcept { return plan_.keeps_size(); }
    /// Writes what `write` does of one picture, for a plan that keeps its size, with the planes interleaved if
    /// `channels_last`.
    void write_kept_size(const SeenPicture& picture, bool channels_last, std::uint8_t* out) const noexcept;

  private:
    void write_emphasised(const SeenPicture& picture, const SeenPicture& before, std::uint8_t* out,
                          ResizeScratch& scratch) const noexcept;
    std::uint8_t colour(unsigned plane, unsigned emphasis, std::uint8_t index) const noexcept;

    const Palette& palette() const noexcept { return palette_ ? *palette_ : Palette::standard(); }

    Colour colour_;
    std::shared_ptr<const Palette> palette_;
    ResizePlan plan_;
    std::uint32_t planes_;
    std::uint8_t luts_[3][64];
};

}  // namespace nes::env
