// Building, power and reset, and the loop that runs a console.
#include "machine/machine.hpp"

#include <cstring>

#include "cpu/cpu.hpp"
#include "machine/exact_bus.hpp"
#include "machine/run.hpp"
#include "video/emphasis.hpp"

namespace nes {

namespace {

Region region_of(const Rom& rom, RegionOption option) {
    switch (option) {
        case RegionOption::ntsc: return Region::ntsc;
        case RegionOption::pal: return Region::pal;
        case RegionOption::dendy: return Region::dendy;
        default: return rom.region;
    }
}

PpuTiming ppu_timing(Region region, Timing timing) {
    if (timing == Timing::nes_py) return {241, 261, false, 0, false, true};  // its bus leaves the dot out
    switch (region) {
        case Region::pal: return {241, 311, false, 241 + 24, true, false};
        case Region::dendy: return {291, 311, false, 0, true, true};
        default: return {241, 261, true, 0, false, true};
    }
}

// With nes-py's timing a board that follows A12 is shown lines by the bus, not addresses by the PPU.
Board& board_for_ppu(Board& board, Timing timing) {
    if (timing == Timing::nes_py && board.watches_a12_only) board.watches_ppu_bus = false;
    return board;
}

std::size_t block_size(const Rom& rom, bool whole_pictures) {
    return sizeof(State) + rom.prg_ram_size + rom.chr_ram_size + Picture::kBytes * (whole_pictures ? 2 : 1);
}

// `memory`: PRG-RAM, then CHR-RAM.
Cartridge wire_cartridge(const Rom& rom, State& state, std::uint8_t* memory, DotClock dots, const PpuTiming& timing) {
    Cartridge cartridge;
    cartridge.rom = &rom;
    cartridge.state = &state.cartridge;
    cartridge.ppu = &state.ppu;
    cartridge.dots = dots;
    cartridge.prerender_line = timing.prerender_line;
    cartridge.ciram = state.ciram;
    cartridge.prg_ram = memory;
    cartridge.chr_ram = memory + rom.prg_ram_size;
    return cartridge;
}

// A palette index that shows black.
constexpr std::uint8_t kBlack = 0x0F;

// The longest stretch of CPU cycles that one instruction takes, the OAM DMA in front of it included.
constexpr std::uint64_t kLongestWait = 530;

constexpr std::uint8_t kVsSwapped = 5;  // the expansion device of a header: a Vs. System, its first player at $4017

/// What the ports are wired to: a Vs. System's are never those of a console with pads.
Device wired_device(const Rom& rom, const Options& options) noexcept {
    return options.device == Device::joypads && rom.console_type == 1 ? Device::vs_system : options.device;
}

// A console whose cycle counter starts at a multiple of this has its clocks aligned as at power-on: the DMA unit works in pairs
// of CPU cycles, the dots of PAL repeat after five, the steps of nes-py after kNesPyStep.
constexpr std::uint64_t kClockPeriod = 2 * 5 * kNesPyStep;

// A 64-bit generator for power-on noise (Steele, Lea, Flood: "SplitMix").
std::uint64_t next_noise(std::uint64_t& seed) {
    std::uint64_t z = (seed += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

void fill(std::uint8_t* data, std::size_t size, RamFill how, std::uint64_t& seed) {
    switch (how) {
        case RamFill::zero: std::memset(data, 0x00, size); break;
        case RamFill::ones: std::memset(data, 0xFF, size); break;
        case RamFill::pattern:
            for (std::size_t i = 0; i < size; ++i) data[i] = (i & 4) ? 0xFF : 0x00;
            break;
        case RamFill::noise:
            for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(next_noise(seed) >> 56);
            break;
    }
}

}  // namespace

Block::Block(std::size_t size, std::uint8_t* memory) : size_(size), data_(memory) {
    const std::size_t rounded = (size + kAlignment - 1) / kAlignment * kAlignment;
    if (!data_) {
        owned_.reset(static_cast<std::uint8_t*>(::operator new(rounded, std::align_val_t{kAlignment})));
        data_ = owned_.get();
    }
    std::memset(data_, 0, rounded);
}

std::size_t Console::memory_size(const Rom& rom, const Options& options) noexcept {
    const std::size_t size = block_size(rom, options.whole_pictures);
    return (size + Block::kAlignment - 1) / Block::kAlignment * Block::kAlignment;
}

Console::Machine::Machine(std::shared_ptr<const Rom> rom_, const Options& options_, std::uint8_t* memory)
    : rom(std::move(rom_)),
      options(options_),
      region(region_of(*rom, options.region)),
      dots(region == Region::pal),
      block(block_size(*rom, options.whole_pictures), memory),
      state(reinterpret_cast<State*>(block.data())),
      cartridge(wire_cartridge(*rom, *state, block.data() + sizeof(State), dots, ppu_timing(region, options.timing))),
      board(make_board(cartridge)),
      picture{cartridge.chr_ram + rom->chr_ram_size,
              options.whole_pictures ? cartridge.chr_ram + rom->chr_ram_size + Picture::kBytes : nullptr, true, false},
      tiles(memory ? nullptr : std::make_unique<TileCache>()),
      ppu(state->ppu, state->scroll, cartridge, board_for_ppu(*board, options.timing), picture,
          ppu_timing(region, options.timing), options.console == ConsoleModel::nes),
      apu(state->apu, region == Region::pal),
      ports(state->input, wired_device(*rom, options), rom->expansion_device == kVsSwapped, state->ppu, picture) {
    if (tiles) ppu.use_tile_cache(*tiles);
    for (unsigned page = 0; page < 4; ++page) {
        cartridge.cpu_read_page[page] = state->ram;
        cartridge.cpu_write_page[page] = state->ram;
    }
    if (region != Region::ntsc) options.frame_boundary = FrameBoundary::vblank;
    if (rom->code && options.policy == Policy::fast && rom->code->prepare()) code = rom->code.get();
    if (options.device == Device::zapper) state->input.controllers[2] = 0xFF;  // away from the screen
    power_on();
}

void Console::Machine::power_on(bool keep_memory) noexcept {
    finish_sound();
    std::uint64_t seed = options.seed;
    State& s = *state;
    // Boards keep times of the past: the clock goes on.
    const std::uint64_t cycle = keep_memory ? (s.cpu.cycle + kClockPeriod - 1) / kClockPeriod * kClockPeriod : 0;
    s.cpu = {};
    s.cpu.cycle = cycle;
    s.cpu.frame_boundary = static_cast<std::uint8_t>(options.frame_boundary);
    s.cpu.timing = static_cast<std::uint8_t>(options.timing);
    s.dma = {};
    if (!keep_memory) {
        s.cartridge = {};
        fill(s.ram, sizeof(s.ram), options.ram_fill, seed);
        std::memset(s.ciram, 0, sizeof(s.ciram));
        std::memset(cartridge.prg_ram, 0, rom->prg_ram_size);
        std::memset(cartridge.chr_ram, 0, rom->chr_ram_size);
        if (!rom->trainer.empty() && rom->prg_ram_size >= 0x1200) {
            std::memcpy(cartridge.prg_ram + 0x1000, rom->trainer.data(), rom->trainer.size());
        }
        ppu.power_on();
        board->power_on();
    } else {
        ppu.restart(dots.dots_at(cycle));
        if (board->counts_cpu_cycles && cycle > 0) board->run_to(cycle - 1);
    }
    apu.power_on(cycle);
    ports.power_on();
    board->map();
    invalidate();
    s.cpu.zero_result = 1;
    s.cpu.interrupt_disable = 1;
    ExactBus<ReferencePolicy> bus(*this);
    Cpu(s.cpu, bus).enter_reset();
    if (options.timing == Timing::nes_py) nes_py_power_on(*this);
    // Nothing has been shown yet: a black screen.
    for (std::uint8_t* pixels : {picture.index, picture.whole}) {
        if (!pixels) continue;
        std::memset(pixels, kBlack, Picture::kPixels);
        std::memset(pixels + Picture::kPixels, 0, Picture::kEmphasisBytes);
    }
    picture.emphasised = false;
    picture_is_saved = false;
    s.scroll = {};
    if (synthesizer) synthesizer->restart(s.cpu.cycle);
    if (rgb) picture_to_rgb(picture, palette(), rgb.get());
}

void Console::Machine::soft_reset() noexcept {
    if (options.timing == Timing::nes_py) return power_on(true);
    picture_is_saved = false;
    State& s = *state;
    s.dma = {};
    s.cpu.jammed = 0;
    s.cpu.nmi_pending = s.cpu.nmi_polled = 0;
    s.cpu.irq_asserted = s.cpu.irq_polled = 0;
    ppu.reset();
    apu.reset(s.cpu.cycle);
    board->reset();
    invalidate();
    ExactBus<ReferencePolicy> bus(*this);
    Cpu(s.cpu, bus).enter_reset();
}

void Console::Machine::step_instruction() noexcept {
    apu.invalidate();
    if (options.timing == Timing::nes_py) {
        nes_py_step(*this);
    } else if (options.policy == Policy::reference) {
        reference_step(*this);
    } else {
        fast_step(*this);
    }
}

void Console::Machine::run(std::uint64_t frame, std::uint64_t cycle) noexcept {
    if (NES_UNLIKELY(oam_is_shared)) ppu.invalidate();
    apu.invalidate();
    if (options.timing == Timing::nes_py) {
        nes_py_run(*this, frame, cycle);
    } else if (options.policy == Policy::reference) {
        reference_run(*this, frame, cycle);
    } else {
        fast_run(*this, frame, cycle);
    }
}

void Console::Machine::follow_load() noexcept {
    board->map();
    invalidate();
    if (synthesizer) synthesizer->restart(state->cpu.cycle);
    if (rgb) picture_to_rgb(picture, palette(), rgb.get());
}

// Between two frames, so that a caller that reads RAM there never sees another value.
void Console::Machine::freeze() noexcept {
    for (const Freeze& one : options.freezes) {
        std::uint8_t* page = cartridge.cpu_write_page[one.address >> Cartridge::kCpuPageBits];
        if (page) page[one.address & 0x7FF] = one.value;
    }
}

void Console::Machine::step(std::uint32_t frames, bool render, bool next_is_drawn) noexcept {
    for (std::uint32_t i = 0; i < frames; ++i) {
        picture.draw = (render && i + 1 == frames) || ports.looks_at_picture();
        picture_is_saved = picture_is_saved && !picture.draw;
        freeze();
        if (state->cpu.frame_boundary == static_cast<std::uint8_t>(FrameBoundary::nes_py)) {
            step_nes_py(i + 1 == frames ? next_is_drawn : render && i + 2 == frames);
        } else {
            run(state->ppu.frame + 1, kNever);
            if (picture.whole && picture.draw) std::memcpy(picture.whole, picture.index, Picture::kBytes);
        }
    }
    if (frames > 0) freeze();
    picture.draw = true;
    if (picture.emphasised) {
        picture.emphasised = picture.find_emphasis();
        picture_is_saved = false;
    }
    if (render && frames > 0 && rgb) picture_to_rgb(picture, palette(), rgb.get());
}

// The step ends somewhere in a frame. What lies above the beam then is of that frame, the rest of the one before.
void Console::Machine::step_nes_py(bool next_is_drawn) noexcept {
    const std::uint64_t end = nes_py_step_end(state->cpu.cycle, options.timing == Timing::nes_py);
    if (picture.whole) {
        const bool shown = picture.draw;
        while (state->cpu.cycle < end) {
            const std::uint64_t frame = state->ppu.frame + 1;
            run(frame, end);
            if (state->ppu.frame != frame) continue;
            if (shown) std::memcpy(picture.whole, picture.index, Picture::kBytes);
            // The next picture begins here.
            picture.draw = picture.draw || next_is_drawn;
            picture_is_saved = picture_is_saved && !picture.draw;
        }
        return;
    }
    if (!picture.draw && next_is_drawn) {
        // The next step may end earlier in its frame than this one in its own: it ends with an
        // instruction. What lies between is drawn here.
        run(kNever, end - kLongestWait);
        picture.draw = true;
        picture_is_saved = false;
    }
    run(kNever, end);
}

}  // namespace nes
