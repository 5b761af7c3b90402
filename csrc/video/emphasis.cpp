#include "video/emphasis.hpp"

#include <array>

#include "video/convert.hpp"

namespace nes {

namespace {

using Palettes = std::array<std::uint8_t[64][3], 8>;
using Grays = std::array<std::uint8_t[64], 8>;

// NESdev "NTSC video", colour tint bits: each bit attenuates the signal to 0.746 in the half of the colour's cycle that is
// opposite to its colour, twelve phases long altogether; all bits share one attenuator. What a channel loses is the mean over
// its own half of the cycle: nothing by its own bit, four phases of six by one other bit, all six by both others.
constexpr unsigned kUnit = 1000000;
constexpr unsigned kFactors[3] = {kUnit, kUnit - (kUnit - 746000) * 4 / 6, 746000};

constexpr std::uint8_t emphasise(std::uint8_t value, unsigned channel, unsigned emphasis) {
    unsigned others = 0;
    for (unsigned bit = 0; bit < 3; ++bit) others += bit != channel && ((emphasis >> bit) & 1);
    return static_cast<std::uint8_t>((value * std::uint64_t{kFactors[others]} + kUnit / 2) / kUnit);
}

Palettes make_palettes() noexcept {
    Palettes palettes{};
    for (unsigned emphasis = 0; emphasis < 8; ++emphasis) {
        for (unsigned i = 0; i < 64; ++i) {
            for (unsigned c = 0; c < 3; ++c) palettes[emphasis][i][c] = emphasise(kPaletteRgb[i][c], c, emphasis);
        }
    }
    return palettes;
}

Grays make_grays(const Palettes& palettes) noexcept {
    Grays grays{};
    for (unsigned emphasis = 0; emphasis < 8; ++emphasis) {
        for (unsigned i = 0; i < 64; ++i) {
            const std::uint8_t* colour = palettes[emphasis][i];
            grays[emphasis][i] = static_cast<std::uint8_t>((77 * colour[0] + 150 * colour[1] + 29 * colour[2]) >> 8);
        }
    }
    return grays;
}

const Palettes kPalettes = make_palettes();
const Grays kGrays = make_grays(kPalettes);

}  // namespace

const std::uint8_t (&emphasised_palette(unsigned emphasis) noexcept)[64][3] { return kPalettes[emphasis & 7]; }
const std::uint8_t (&emphasised_grays(unsigned emphasis) noexcept)[64] { return kGrays[emphasis & 7]; }

void picture_to_rgb(const Picture& picture, std::uint8_t* out) noexcept {
    std::uint8_t* const shown = picture.shown();
    if (!picture.emphasised) {
        indices_to_rgb(shown, Picture::kPixels, out);
        return;
    }
    for (unsigned line = 0; line < Picture::kHeight; ++line) {
        const std::uint8_t* in = shown + line * Picture::kWidth;
        std::uint8_t* to = out + line * Picture::kWidth * 3;
        Picture::emphasis_of(shown)[line].machine([&](unsigned begin, unsigned end, unsigned emphasis) {
            if (emphasis == 0) {
                indices_to_rgb(in + begin, end - begin, to + begin * 3);
                return;
            }
            for (unsigned x = begin; x < end; ++x) {
                for (unsigned c = 0; c < 3; ++c) to[3 * x + c] = kPalettes[emphasis][in[x] & 0x3F][c];
            }
        });
    }
}

void picture_to_gray(const Picture& picture, std::uint8_t* out) noexcept {
    std::uint8_t* const shown = picture.shown();
    if (!picture.emphasised) {
        indices_to_gray(shown, Picture::kPixels, out);
        return;
    }
    for (unsigned line = 0; line < Picture::kHeight; ++line) {
        const std::uint8_t* in = shown + line * Picture::kWidth;
        std::uint8_t* to = out + line * Picture::kWidth;
        Picture::emphasis_of(shown)[line].machine([&](unsigned begin, unsigned end, unsigned emphasis) {
            if (emphasis == 0) {
                indices_to_gray(in + begin, end - begin, to + begin);
                return;
            }
            for (unsigned x = begin; x < end; ++x) to[x] = kGrays[emphasis][in[x] & 0x3F];
        });
    }
}

}  // namespace nes
