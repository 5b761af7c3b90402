// The SIMD versions look colours up in registers. What they cannot take in whole steps at the end is left to plain C++.
#include "video/convert.hpp"

#include "base/simd.hpp"

#if defined(NES_X86)
#include <immintrin.h>
#elif defined(NES_NEON)
#include <arm_neon.h>
#endif

namespace nes {

namespace {

using Colours = const std::uint8_t[Palette::kColours];

void rgb_plain(const Palette& palette, const std::uint8_t* indices, std::size_t count, std::uint8_t* out) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* colour = palette.rgb[0][indices[i] & 0x3F];
        out[3 * i] = colour[0];
        out[3 * i + 1] = colour[1];
        out[3 * i + 2] = colour[2];
    }
}

void gray_plain(const Palette& palette, const std::uint8_t* indices, std::size_t count, std::uint8_t* out) noexcept {
    for (std::size_t i = 0; i < count; ++i) out[i] = palette.gray[0][indices[i] & 0x3F];
}

void pixels_plain(const std::uint8_t* const planes[3], std::size_t from, std::size_t count,
                  std::uint8_t* out) noexcept {
    for (std::size_t i = from; i < count; ++i) {
        out[3 * i] = planes[0][i];
        out[3 * i + 1] = planes[1][i];
        out[3 * i + 2] = planes[2][i];
    }
}

void all_pixels_plain(const std::uint8_t* const planes[3], std::size_t count, std::uint8_t* out) noexcept {
    pixels_plain(planes, 0, count, out);
}

constexpr Converter kPlain{"plain", rgb_plain, gray_plain, all_pixels_plain};

#if defined(NES_X86)

// --- AVX2: 32 pixels a step. A byte shuffle looks up 16 bytes by the low four bits of an index, and gives zero when its
// highest bit is set. So the palette is looked up in its first quarter, and for each quarter that an index lies beyond
// it is changed by the difference to the next one. ---

struct Quarters {
    __m256i part[4];
};

NES_TARGET("avx2") inline Quarters load_quarters(Colours& colours) noexcept {
    Quarters quarters;
    for (unsigned i = 0; i < 4; ++i) {
        const auto* from = reinterpret_cast<const __m128i*>(colours + 16 * i);
        quarters.part[i] = _mm256_broadcastsi128_si256(_mm_load_si128(from));
    }
    for (unsigned i = 3; i > 0; --i) quarters.part[i] = _mm256_xor_si256(quarters.part[i], quarters.part[i - 1]);
    return quarters;
}

// An index, and how far it lies beyond each quarter, with the highest bit set where it does not.
struct Beyond {
    __m256i quarter[4];
};

NES_TARGET("avx2") inline Beyond beyond(__m256i indices) noexcept {
    return {{indices, _mm256_sub_epi8(indices, _mm256_set1_epi8(16)), _mm256_sub_epi8(indices, _mm256_set1_epi8(32)),
             _mm256_sub_epi8(indices, _mm256_set1_epi8(48))}};
}

NES_TARGET("avx2") inline __m256i look_up(const Quarters& colours, const Beyond& index) noexcept {
    const __m256i low = _mm256_xor_si256(_mm256_shuffle_epi8(colours.part[0], index.quarter[0]),
                                         _mm256_shuffle_epi8(colours.part[1], index.quarter[1]));
    const __m256i high = _mm256_xor_si256(_mm256_shuffle_epi8(colours.part[2], index.quarter[2]),
                                          _mm256_shuffle_epi8(colours.part[3], index.quarter[3]));
    return _mm256_xor_si256(low, high);
}

NES_TARGET("avx2") inline __m256i load_indices(const std::uint8_t* from) noexcept {
    return _mm256_and_si256(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)), _mm256_set1_epi8(0x3F));
}

// Bytes `first`, `first` + 3, ... of sixteen, the others zero: where a channel lies in one of the three parts of 48 bytes.
NES_TARGET("avx2") inline __m256i every_third(int first) noexcept {
    alignas(16) std::uint8_t bytes[16] = {};
    for (int i = first; i < 16; i += 3) bytes[i] = 0xFF;
    return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(bytes)));
}

// Byte 3 i + channel, modulo 16, takes byte i. Since 3 and 16 have no common factor, none is taken twice.
NES_TARGET("avx2") inline __m256i spread_by_three(unsigned channel) noexcept {
    alignas(16) std::uint8_t bytes[16];
    for (unsigned i = 0; i < 16; ++i) bytes[(3 * i + channel) & 15] = static_cast<std::uint8_t>(i);
    return _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(bytes)));
}

// Interleaves 32 bytes of each channel.
struct Interleaver {
    __m256i spread[3];
    __m256i third[3];
};

NES_TARGET("avx2") inline Interleaver make_interleaver() noexcept {
    return {{spread_by_three(0), spread_by_three(1), spread_by_three(2)},
            {every_third(0), every_third(1), every_third(2)}};
}

NES_TARGET("avx2")
inline void store_pixels(const Interleaver& interleaver, __m256i red, __m256i green, __m256i blue,
                         std::uint8_t* out) noexcept {
    const __m256i r = _mm256_shuffle_epi8(red, interleaver.spread[0]);
    const __m256i g = _mm256_shuffle_epi8(green, interleaver.spread[1]);
    const __m256i b = _mm256_shuffle_epi8(blue, interleaver.spread[2]);
    // In each lane the first, second and third 16 of its 48 bytes. Those begin with red, green, blue ...
    const __m256i first = _mm256_blendv_epi8(_mm256_blendv_epi8(r, g, interleaver.third[1]), b, interleaver.third[2]);
    // ... with green, blue, red, since 16 is one more than a multiple of three ...
    const __m256i second = _mm256_blendv_epi8(_mm256_blendv_epi8(g, b, interleaver.third[1]), r, interleaver.third[2]);
    // ... and with blue, red, green.
    const __m256i last = _mm256_blendv_epi8(_mm256_blendv_epi8(b, r, interleaver.third[1]), g, interleaver.third[2]);
    auto* to = reinterpret_cast<__m256i*>(out);
    _mm256_storeu_si256(to, _mm256_permute2x128_si256(first, second, 0x20));
    _mm256_storeu_si256(to + 1, _mm256_permute2x128_si256(last, first, 0x30));
    _mm256_storeu_si256(to + 2, _mm256_permute2x128_si256(second, last, 0x31));
}

NES_TARGET("avx2")
void rgb_avx2(const Palette& palette, const std::uint8_t* indices, std::size_t count, std::uint8_t* out) noexcept {
    const Quarters red = load_quarters(palette.planes[0]);
    const Quarters green = load_quarters(palette.planes[1]);
    const Quarters blue = load_quarters(palette.planes[2]);
    const Interleaver interleaver = make_interleaver();
    std::size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        const Beyond index = beyond(load_indices(indices + i));
        store_pixels(interleaver, look_up(red, index), look_up(green, index), look_up(blue, index), out + 3 * i);
    }
    rgb_plain(palette, indices + i, count - i, out + 3 * i);
}

NES_TARGET("avx2")
void pixels_avx2(const std::uint8_t* const planes[3], std::size_t count, std::uint8_t* out) noexcept {
    const Interleaver interleaver = make_interleaver();
    std::size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        store_pixels(interleaver, _mm256_loadu_si256(reinterpret_cast<const __m256i*>(planes[0] + i)),
                     _mm256_loadu_si256(reinterpret_cast<const __m256i*>(planes[1] + i)),
                     _mm256_loadu_si256(reinterpret_cast<const __m256i*>(planes[2] + i)), out + 3 * i);
    }
    pixels_plain(planes, i, count, out);
}

NES_TARGET("avx2")
void gray_avx2(const Palette& palette, const std::uint8_t* indices, std::size_t count, std::uint8_t* out) noexcept {
    const Quarters gray = load_quarters(palette.gray[0]);
    std::size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        const __m256i colours = look_up(gray, beyond(load_indices(indices + i)));
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + i), colours);
    }
    gray_plain(palette, indices + i, count - i, out + i);
}

// --- AVX-512 VBMI: 64 pixels a step. One instruction looks up all 64 colours. ---

#define NES_TARGET_VBMI NES_TARGET("avx512f,avx512bw,avx512vbmi")

// Where the bytes of one of the three parts of 192 come from.
struct Interleaving {
    alignas(64) std::uint8_t red_or_green[64];  // a byte of red, or 64 and one of green
    alignas(64) std::uint8_t blue[64];
    std::uint64_t is_blue;
};

constexpr Interleaving interleaving(unsigned part) {
    Interleaving w{};
    for (unsigned i = 0; i < 64; ++i) {
        const unsigned place = 64 * part + i;
        const unsigned pixel = place / 3;
        const unsigned channel = place % 3;
        w.red_or_green[i] = static_cast<std::uint8_t>(channel == 1 ? 64 + pixel : pixel);
        w.blue[i] = static_cast<std::uint8_t>(pixel);
        if (channel == 2) w.is_blue |= std::uint64_t{1} << i;
    }
    return w;
}

constexpr __mmask64 kAll = ~__mmask64{0};
constexpr Interleaving kInterleavings[3] = {interleaving(0), interleaving(1), interleaving(2)};

NES_TARGET_VBMI inline void store_pixels(__m512i red, __m512i green, __m512i blue, std::uint8_t* out) noexcept {
    for (unsigned part = 0; part < 3; ++part) {
        const Interleaving& w = kInterleavings[part];
        const __m512i rg = _mm512_permutex2var_epi8(red, _mm512_load_si512(w.red_or_green), green);
        const __m512i rgb = _mm512_mask_permutexvar_epi8(rg, w.is_blue, _mm512_load_si512(w.blue), blue);
        _mm512_storeu_si512(out + 64 * part, rgb);
    }
}

NES_TARGET_VBMI void rgb_vbmi(const Palette& palette, const std::uint8_t* indices, std::size_t count,
                              std::uint8_t* out) noexcept {
    const __m512i red = _mm512_load_si512(palette.planes[0]);
    const __m512i green = _mm512_load_si512(palette.planes[1]);
    const __m512i blue = _mm512_load_si512(palette.planes[2]);
    std::size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        // The instruction, too, goes by the low six bits. (The forms with a mask are free of a warning of GCC 12.)
        const __m512i index = _mm512_loadu_si512(indices + i);
        const __m512i r = _mm512_maskz_permutexvar_epi8(kAll, index, red);
        const __m512i g = _mm512_maskz_permutexvar_epi8(kAll, index, green);
        const __m512i b = _mm512_maskz_permutexvar_epi8(kAll, index, blue);
        store_pixels(r, g, b, out + 3 * i);
    }
    rgb_plain(palette, indices + i, count - i, out + 3 * i);
}

NES_TARGET_VBMI void pixels_vbmi(const std::uint8_t* const planes[3], std::size_t count, std::uint8_t* out) noexcept {
    std::size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        store_pixels(_mm512_loadu_si512(planes[0] + i), _mm512_loadu_si512(planes[1] + i),
                     _mm512_loadu_si512(planes[2] + i), out + 3 * i);
    }
    pixels_plain(planes, i, count, out);
}

NES_TARGET_VBMI void gray_vbmi(const Palette& palette, const std::uint8_t* indices, std::size_t count,
                               std::uint8_t* out) noexcept {
    const __m512i gray = _mm512_load_si512(palette.gray[0]);
    std::size_t i = 0;
    for (; i + 64 <= count; i += 64) {
        _mm512_storeu_si512(out + i, _mm512_maskz_permutexvar_epi8(kAll, _mm512_loadu_si512(indices + i), gray));
    }
    gray_plain(palette, indices + i, count - i, out + i);
}

constexpr Converter kAvx2{"avx2", rgb_avx2, gray_avx2, pixels_avx2};
constexpr Converter kVbmi{"avx512vbmi", rgb_vbmi, gray_vbmi, pixels_vbmi};

#elif defined(NES_NEON)

// --- NEON: 16 pixels a step. One instruction looks up all 64 colours, another weaves the channels. ---

inline uint8x16x4_t load_colours(Colours& colours) noexcept {
    return {{vld1q_u8(colours), vld1q_u8(colours + 16), vld1q_u8(colours + 32), vld1q_u8(colours + 48)}};
}

void rgb_neon(const Palette& palette, const std::uint8_t* indices, std::size_t count, std::uint8_t* out) noexcept {
    const uint8x16x4_t red = load_colours(palette.planes[0]);
    const uint8x16x4_t green = load_colours(palette.planes[1]);
    const uint8x16x4_t blue = load_colours(palette.planes[2]);
    std::size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const uint8x16_t index = vandq_u8(vld1q_u8(indices + i), vdupq_n_u8(0x3F));
        uint8x16x3_t colours;
        colours.val[0] = vqtbl4q_u8(red, index);
        colours.val[1] = vqtbl4q_u8(green, index);
        colours.val[2] = vqtbl4q_u8(blue, index);
        vst3q_u8(out + 3 * i, colours);
    }
    rgb_plain(palette, indices + i, count - i, out + 3 * i);
}

void gray_neon(const Palette& palette, const std::uint8_t* indices, std::size_t count, std::uint8_t* out) noexcept {
    const uint8x16x4_t gray = load_colours(palette.gray[0]);
    std::size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        vst1q_u8(out + i, vqtbl4q_u8(gray, vandq_u8(vld1q_u8(indices + i), vdupq_n_u8(0x3F))));
    }
    gray_plain(palette, indices + i, count - i, out + i);
}

void pixels_neon(const std::uint8_t* const planes[3], std::size_t count, std::uint8_t* out) noexcept {
    std::size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        vst3q_u8(out + 3 * i,
                 uint8x16x3_t{{vld1q_u8(planes[0] + i), vld1q_u8(planes[1] + i), vld1q_u8(planes[2] + i)}});
    }
    pixels_plain(planes, i, count, out);
}

constexpr Converter kNeon{"neon", rgb_neon, gray_neon, pixels_neon};

#endif

Converter choose() noexcept {
#if defined(NES_X86)
    const SimdFeatures has = simd_features();
    return has.vbmi ? kVbmi : has.avx2 ? kAvx2 : kPlain;
#elif defined(NES_NEON)
    return kNeon;
#else
    return kPlain;
#endif
}

const Converter kBest = choose();

}  // namespace

std::vector<Converter> converters() {
    std::vector<Converter> list{kPlain};
#if defined(NES_X86)
    const SimdFeatures has = simd_features();
    if (has.avx2) list.push_back(kAvx2);
    if (has.vbmi) list.push_back(kVbmi);
#elif defined(NES_NEON)
    list.push_back(kNeon);
#endif
    return list;
}

void indices_to_rgb(const Palette& palette, const std::uint8_t* indices, std::size_t count,
                    std::uint8_t* out) noexcept {
    kBest.to_rgb(palette, indices, count, out);
}

void indices_to_gray(const Palette& palette, const std::uint8_t* indices, std::size_t count,
                     std::uint8_t* out) noexcept {
    kBest.to_gray(palette, indices, count, out);
}

void planes_to_pixels(const std::uint8_t* const planes[3], std::size_t count, std::uint8_t* out) noexcept {
    kBest.to_pixels(planes, count, out);
}

}  // namespace nes
