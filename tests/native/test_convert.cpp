// All ways from palette indices to colours write the same bytes, and none beyond their end.
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "video/convert.hpp"
#include "video/expand.hpp"

namespace {

const nes::Palette& palette = nes::Palette::standard();
int failures = 0;

void expect(bool good, const std::string& what) {
    if (good) return;
    std::printf("%s\n", what.c_str());
    ++failures;
}

void check_plain(const nes::Converter& plain) {
    std::array<std::uint8_t, 256> indices;
    for (unsigned i = 0; i < 256; ++i) indices[i] = static_cast<std::uint8_t>(i);
    std::array<std::uint8_t, 3 * 256> rgb;
    std::array<std::uint8_t, 256> gray;
    plain.to_rgb(palette, indices.data(), 256, rgb.data());
    plain.to_gray(palette, indices.data(), 256, gray.data());
    for (unsigned i = 0; i < 256; ++i) {
        const std::uint8_t* c = palette.rgb[0][i & 0x3F];
        expect(std::memcmp(&rgb[3 * i], c, 3) == 0, "plain RGB of index " + std::to_string(i));
        expect(gray[i] == ((77 * c[0] + 150 * c[1] + 29 * c[2]) >> 8), "plain grey of index " + std::to_string(i));
    }
}

// Any length, any alignment, any byte.
void check_same(const nes::Converter& plain, const nes::Converter& other, std::size_t count, std::size_t offset,
                std::mt19937& random) {
    constexpr std::size_t kGuard = 64;
    constexpr std::uint8_t kUntouched = 0xA5;
    std::vector<std::uint8_t> indices(count + offset);
    for (std::uint8_t& index : indices) index = static_cast<std::uint8_t>(random());
    for (const std::size_t bytes : {std::size_t{3}, std::size_t{1}}) {
        std::vector<std::uint8_t> expected(offset + count * bytes + kGuard, kUntouched);
        std::vector<std::uint8_t> actual = expected;
        (bytes == 3 ? plain.to_rgb : plain.to_gray)(palette, indices.data() + offset, count, expected.data() + offset);
        (bytes == 3 ? other.to_rgb : other.to_gray)(palette, indices.data() + offset, count, actual.data() + offset);
        expect(expected == actual, std::string(other.name) + " differs from plain C++ with " + std::to_string(bytes) +
                                       " bytes a pixel, " + std::to_string(count) + " pixels, offset " +
                                       std::to_string(offset));
    }
}

// Planes at any distance from each other.
void check_pixels(const nes::Converter& converter, std::size_t count, std::size_t offset, std::mt19937& random) {
    std::vector<std::uint8_t> bytes(3 * (count + offset));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    const std::uint8_t* const planes[3] = {bytes.data() + offset, bytes.data() + count + 2 * offset,
                                           bytes.data() + 2 * count + 3 * offset};
    std::vector<std::uint8_t> expected(offset + 3 * count + 64, 0xA5);
    std::vector<std::uint8_t> actual = expected;
    for (std::size_t i = 0; i < 3 * count; ++i) expected[offset + i] = planes[i % 3][i / 3];
    converter.to_pixels(planes, count, actual.data() + offset);
    expect(expected == actual, std::string(converter.name) + " weaves " + std::to_string(count) +
                                   " pixels wrongly, offset " + std::to_string(offset));
}

// Any colours, any length, from the first nibble on or from the second.
void check_expanders(std::mt19937& random) {
    const std::vector<nes::ExpandPixels> expanders = nes::pixel_expanders();
    for (int round = 0; round < 200; ++round) {
        const std::size_t blocks = random() % 10;
        const std::size_t offset = random() % 16;
        std::array<std::uint8_t, 16> colours;
        for (std::uint8_t& colour : colours) colour = static_cast<std::uint8_t>(random());
        std::vector<std::uint8_t> packed(offset + 16 * blocks + 1);
        for (std::uint8_t& byte : packed) byte = static_cast<std::uint8_t>(random());
        for (const bool odd : {false, true}) {
            std::vector<std::uint8_t> expected(32 * blocks + 64, 0xA5);
            for (std::size_t i = 0; i < 32 * blocks; ++i) {
                const std::size_t nibble = i + odd;
                expected[i] = colours[(packed[offset + nibble / 2] >> (nibble % 2 * 4)) & 15];
            }
            for (std::size_t i = 0; i < expanders.size(); ++i) {
                std::vector<std::uint8_t> actual(expected.size(), 0xA5);
                expanders[i](packed.data() + offset, odd, blocks, colours.data(), actual.data());
                expect(actual == expected, "pixel expander " + std::to_string(i) + ", " + std::to_string(blocks) +
                                               " blocks" + (odd ? ", odd" : ""));
            }
        }
    }
}

}  // namespace

int main() {
    const std::vector<nes::Converter> converters = nes::converters();
    const nes::Converter& plain = converters.front();
    check_plain(plain);
    std::mt19937 random(1);
    check_expanders(random);
    for (const nes::Converter& other : converters) {
        for (std::size_t count = 0; count < 300; ++count) {
            check_same(plain, other, count, count % 7, random);
            check_pixels(other, count, count % 7, random);
        }
        for (int i = 0; i < 5; ++i) check_same(plain, other, 256 * 240, i, random);
    }
    const nes::Converter taken{"the one that is taken", nes::indices_to_rgb, nes::indices_to_gray,
                               nes::planes_to_pixels};
    for (std::size_t count = 0; count < 300; ++count) {
        check_same(plain, taken, count, 0, random);
        check_pixels(taken, count, 0, random);
    }
    return failures ? 1 : 0;
}
