// The parts of one console and how they are connected.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

#include "apu/apu.hpp"
#include "audio/synthesizer.hpp"
#include "base/timing.hpp"
#include "cartridge/board.hpp"
#include "input/ports.hpp"
#include "machine/console.hpp"
#include "machine/state.hpp"
#include "ppu/ppu.hpp"
#include "recompiler/code_cache.hpp"
#include "video/palette.hpp"
#include "video/picture.hpp"

namespace nes {

/// Zeroed bytes that begin on a cache line and end on one: two consoles never share a line.
class Block {
  public:
    static constexpr std::size_t kAlignment = 64;
    /// With `memory`, of that many bytes rounded up to kAlignment, it lives there and does not own it.
    explicit Block(std::size_t size, std::uint8_t* memory = nullptr);
    std::uint8_t* data() const noexcept { return data_; }
    std::size_t size() const noexcept { return size_; }

  private:
    struct Free {
        void operator()(std::uint8_t* p) const noexcept { ::operator delete(p, std::align_val_t{kAlignment}); }
    };
    std::size_t size_;
    std::unique_ptr<std::uint8_t, Free> owned_;
    std::uint8_t* data_;
};

struct Console::Machine {
    Machine(std::shared_ptr<const Rom> rom, const Options& options, std::uint8_t* memory = nullptr);

    /// With `keep_memory` the RAM, the video memory, the palette and the cartridge keep their contents.
    void power_on(bool keep_memory = false) noexcept;
    void soft_reset() noexcept;
    void step(std::uint32_t frames, bool render, bool next_is_drawn) noexcept;
    void step_nes_py(bool next_is_drawn) noexcept;
    void step_instruction() noexcept;
    /// Writes the values of the option `freezes`.
    void freeze() noexcept;
    /// Whether `saved_picture` is what is shown: it may be, unless a caller can have drawn into it.
    bool knows_picture() const noexcept {
        return picture_is_saved && !picture_is_shared.load(std::memory_order_relaxed);
    }
    /// Call before the state is replaced: generates the outstanding sound.
    void finish_sound() noexcept {
        if (synthesizer) synthesizer->run_to(state->cpu.cycle);
    }
    /// Call after it.
    void follow_load() noexcept;
    /// To be called before an access to a register of the cartridge in `cycle`: plays its sound up to there.
    void sync_audio(std::uint64_t cycle) noexcept {
        if (NES_LIKELY(!synthesizer) || !synthesizer->hears_cartridge()) return;
        apu.run_to(cycle);
        synthesizer->run_to(cycle);
    }
    /// To be called after it: its sound goes on with what the registers hold now.
    void follow_cartridge() noexcept {
        if (NES_LIKELY(!synthesizer) || !synthesizer->hears_cartridge()) return;
        synthesizer->follow_cartridge();
    }
    /// Whole instructions, until `frame` vertical blanks have begun or CPU cycle `cycle` is reached.
    void run(std::uint64_t frame, std::uint64_t cycle) noexcept;
    /// Call after the state was changed outside of run(): recomputes derived data.
    void invalidate() noexcept {
        ppu.invalidate();
        ppu.invalidate_patterns();
    }

    const Palette& palette() const noexcept { return options.palette ? *options.palette : Palette::standard(); }

    std::shared_ptr<const Rom> rom;
    Options options;
    Region region;
    DotClock dots;
    Block block;  // State, PRG-RAM, CHR-RAM, picture, whole picture
    State* state;
    Cartridge cartridge;
    std::unique_ptr<Board> board;
    Picture picture;
    std::unique_ptr<TileCache> tiles;  // of its own, unless its memory is another's
    Ppu ppu;
    Apu apu;
    Ports ports;
    recompiler::CodeCache* code = nullptr;  // of the ROM, where it may be recompiled
    bool oam_is_shared = false;             // a caller holds a pointer to it
    // The same of the picture. Atomic: a view of it may be taken while another thread runs the console.
    std::atomic<bool> picture_is_shared{false};
    bool picture_is_saved = false;  // nothing was drawn since saved_picture was the picture
    std::weak_ptr<const std::vector<std::uint8_t>> saved_picture;
    std::unique_ptr<std::uint8_t[]> rgb;       // allocated by the first request
    std::unique_ptr<Synthesizer> synthesizer;  // while sound is on
};

}  // namespace nes
