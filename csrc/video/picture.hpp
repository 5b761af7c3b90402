// What the PPU draws into: one palette index a pixel, and beside it where colours are emphasised.
#pragma once

#include <cstdint>
#include <initializer_list>

namespace nes {

/// The emphasis of a line, pixel 0 first: bit 0 red, bit 1 green, bit 2 blue. A program changes it a few times in a line at
/// most; of changes beyond the last that fit, each takes the place of the one before.
struct LineEmphasis {
    static constexpr unsigned kChanges = 15;

    std::uint8_t first;
    std::uint8_t count;            // of changes
    std::uint8_t place[kChanges];  // pixels, in rising order
    std::uint8_t value[kChanges];

    bool plain() const noexcept { return first == 0 && count == 0; }
    /// From pixel `x` on the line has `emphasis`, as far as it goes.
    void set(unsigned x, std::uint8_t emphasis) noexcept {
        if (x == 0) {
            first = emphasis;
            count = 0;
            return;
        }
        if (count > kChanges) count = kChanges;
        while (count > 0 && place[count - 1] >= x) --count;
        if ((count ? value[count - 1] : first) == emphasis) return;
        if (count == kChanges) --count;
        place[count] = static_cast<std::uint8_t>(x);
        value[count] = emphasis;
        ++count;
    }
    /// Calls `each(begin, end, emphasis)` for each segment of equal emphasis.
    template <class Each>
    void for_segments(Each each) const noexcept {
        unsigned begin = 0;
        unsigned emphasis = first;
        for (unsigned i = 0; i < count && i < kChanges; ++i) {
            const unsigned end = place[i];
            if (end > begin) each(begin, end, emphasis & 7);
            begin = end > begin ? end : begin;
            emphasis = value[i];
        }
        each(begin, 256u, emphasis & 7);
    }
};
static_assert(sizeof(LineEmphasis) == 32);

struct Picture {
    static constexpr unsigned kWidth = 256;
    static constexpr unsigned kHeight = 240;
    static constexpr unsigned kPixels = kWidth * kHeight;
    static constexpr unsigned kEmphasisBytes = kHeight * sizeof(LineEmphasis);

    static constexpr unsigned kBytes = kPixels + kEmphasisBytes;  // a picture, and its emphasis behind it

    std::uint8_t* index = nullptr;  // kPixels palette indices, 0-63, and kHeight LineEmphasis
    std::uint8_t* whole = nullptr;  // the same of the last whole frame, when steps may end within one; may be null
    bool draw = true;               // false: the same machine, no pixels
    bool emphasised = false;        // some line may not be plain

    /// What is shown to people and agents.
    std::uint8_t* shown() const noexcept { return whole ? whole : index; }
    static LineEmphasis* emphasis_of(std::uint8_t* picture) noexcept {
        return reinterpret_cast<LineEmphasis*>(picture + kPixels);
    }

    /// Whether a line is not plain.
    bool find_emphasis() const noexcept {
        for (std::uint8_t* picture : {index, whole}) {
            if (!picture) continue;
            for (unsigned line = 0; line < kHeight; ++line) {
                if (!emphasis_of(picture)[line].plain()) return true;
            }
        }
        return false;
    }
};

}  // namespace nes
