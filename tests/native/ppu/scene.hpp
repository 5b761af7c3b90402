// A picture that a test sets up from outside, drawn by a program that only switches rendering on.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "test_console.hpp"

namespace nes::test {

struct Sprite {
    unsigned x, y, tile, attributes;
};

/// Where the PPU stands: values of its dot clock and of the CPU's. The first frame is never shortened, so the second one begins
/// 262 lines after power-on.
constexpr std::uint64_t kFrameDots = 262 * 341;
constexpr std::uint64_t dot_clock(unsigned frame, unsigned line, unsigned dot) {
    return frame * kFrameDots + line * 341 + dot;
}
/// A register access in cycle n comes after dot 3n + 1 (docs/architecture.md, "Power-on").
constexpr std::uint64_t first_access_after(std::uint64_t clock) { return (clock + 1) / 3; }

struct Scene {
    unsigned ctrl = 0;
    unsigned mask = 0x1E;
    unsigned scroll_x = 0, scroll_y = 0;
    std::vector<Sprite> sprites = {};
    std::vector<std::pair<unsigned, unsigned>> memory = {};  // addresses of the PPU and bytes
    unsigned fill = 0;                                       // the tile of all nametables
    std::string code = {};  // runs from cycle kCode on, in the vertical blank before the picture
    bool vertical = false;
    bool draw = true;

    static constexpr std::uint64_t kCode = 27600;

    std::string program() const {
        return test::fill(
            "reset: lda #$40\n sta $4017\n .delay {0}\n lda #{1}\n sta $2000\n bit $2002\n lda #{2}\n sta $2005\n"
            " lda #{3}\n sta $2005\n lda #{4}\n sta $2001\n {5}\nstop: jmp stop\n",
            {std::to_string(kCode - 13 - 28), std::to_string(ctrl), std::to_string(scroll_x), std::to_string(scroll_y),
             std::to_string(mask), code});
    }

    /// Runs to the end of the picture (or of `frames` of them) under both policies.
    void run(const std::string& what, const std::function<void(const Console&)>& look, unsigned frames = 1) const {
        check::context = what;
        const Cart cart(program(), vertical);
        std::vector<std::unique_ptr<Console>> consoles;
        for (const Policy policy : kPolicies) {
            Options options;
            options.policy = policy;
            consoles.push_back(std::make_unique<Console>(cart.rom, options));
            Console& console = *consoles.back();
            console.step(1, false);
            for (unsigned address = 0x2000; address < 0x3000; ++address) {
                console.poke_ppu(static_cast<std::uint16_t>(address),
                                 static_cast<std::uint8_t>((address & 0x3FF) < 0x3C0 ? fill : 0));
            }
            // Colour 4p + c of the background is shown as that number, of the sprites as $10 more; the backdrop is $0F.
            for (unsigned i = 0; i < 32; ++i) {
                console.poke_ppu(static_cast<std::uint16_t>(0x3F00 + i), static_cast<std::uint8_t>(i & 3 ? i : 0x0F));
            }
            for (const auto& [address, value] : memory) {
                console.poke_ppu(static_cast<std::uint16_t>(address), static_cast<std::uint8_t>(value));
            }
            std::uint8_t* oam = console.oam();
            for (unsigned i = 0; i < 64; ++i) {
                const Sprite sprite = i < sprites.size() ? sprites[i] : Sprite{0xFF, 0xFF, 0xFF, 0xFF};
                oam[4 * i] = static_cast<std::uint8_t>(sprite.y);
                oam[4 * i + 1] = static_cast<std::uint8_t>(sprite.tile);
                oam[4 * i + 2] = static_cast<std::uint8_t>(sprite.attributes & 0xE3);
                oam[4 * i + 3] = static_cast<std::uint8_t>(sprite.x);
            }
            for (unsigned i = 0; i < frames; ++i) console.step(1, draw);
        }
        CHECK_EQ(Console::difference(*consoles[0], *consoles[1]), std::string());
        for (const auto& console : consoles) look(*console);
    }
};

inline unsigned pixel(const Console& console, unsigned x, unsigned y) {
    return const_cast<Console&>(console).index_buffer()[y * 256 + x];
}

}  // namespace nes::test
