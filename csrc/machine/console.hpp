// One NES. Bindings include this header.
//
// No globals: any number of consoles may run, each in one thread at a time. After construction
// nothing throws but load_serialized and what makes something for the caller.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/export.hpp"
#include "cartridge/rom.hpp"
#include "machine/options.hpp"
#include "machine/saved_state.hpp"
#include "video/picture.hpp"

namespace nes {

/// A serialized state that cannot be loaded; `what()` is a message for users.
class NES_PY_API StateError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The registers between two instructions, for traces.
struct CpuTrace {
    std::uint16_t pc;
    std::uint8_t a, x, y, p, s;
    std::uint64_t cycle;  // CPU cycles since power-on
    int scanline;         // 0-239 visible, 241 first line of vblank, 261 (or -1 line) pre-render as 261
    int dot;              // 0-340
};

/// A field of a serialized state.
struct StateField {
    std::string name;            // "ppu.v"
    std::uint64_t offset;        // bytes from the start of the payload
    std::uint32_t element_size;  // bytes; 1, 2, 4 or 8
    std::uint64_t count;         // elements; more than 1 for an array
};

class TileCache;

class NES_PY_API Console {
  public:
    static constexpr int kWidth = 256;
    static constexpr int kHeight = 240;
    static constexpr std::size_t kRamSize = 2048;
    static constexpr std::size_t kOamSize = 256;
    static constexpr std::size_t kPorts = 4;  // input bytes of the controllers

    /// Constructs a console and powers it on. Throws RomError (unsupported board) or std::bad_alloc.
    /// With `memory` the state lives there: memory_size(rom, options) bytes, aligned to 64, that outlive the console. Such a
    /// console has no cache of tiles and needs use_tile_cache() before it runs.
    explicit Console(std::shared_ptr<const Rom> rom, const Options& options = {}, std::uint8_t* memory = nullptr);
    ~Console();
    Console(const Console&) = delete;
    Console& operator=(const Console&) = delete;

    static std::size_t memory_size(const Rom& rom, const Options& options) noexcept;

    /// Keeps decoded tiles in `cache` from here on: as long as the console runs, and never two at a time. The consoles that
    /// share one have the same Rom, and their memory is not used for anything else before the cache is destroyed.
    void use_tile_cache(TileCache& cache) noexcept;

    const Rom& rom() const noexcept;
    std::shared_ptr<const Rom> shared_rom() const noexcept;
    const Options& options() const noexcept;

    /// Where steps end. Power-on sets it to the option's value; loading a state sets that of the state. On a console that is
    /// not NTSC it is always `vblank`.
    FrameBoundary frame_boundary() const noexcept;
    void set_frame_boundary(FrameBoundary boundary) noexcept;

    /// Power cycle: resets everything. With `keep_memory` RAM, video memory, the palette, the cartridge's registers and
    /// its RAM keep their contents; cpu_cycles() continues, from a number at which the clocks stand as at power-on.
    void power_on(bool keep_memory = false) noexcept;
    /// The reset button: the CPU starts at its reset vector, RAM keeps its contents.
    void soft_reset() noexcept;

    /// Runs `frames` steps, each to the next frame boundary. `render` false: same machine, no pixels, but for the few lines
    /// that the next step's picture may need. With `render`, only the last of the frames is drawn.
    /// `next_is_drawn` false: the step behind these frames is not drawn, so that those few lines can be left out too.
    void step(std::uint32_t frames, bool render, bool next_is_drawn = true) noexcept;
    /// Runs whole instructions until vertical blank begins or cpu_cycles() has reached `cycle`.
    void run_until(std::uint64_t cycle) noexcept;

    /// Runs one instruction or interrupt entry (for traces and tests).
    void step_instruction() noexcept;
    CpuTrace trace() const noexcept;
    void set_pc(std::uint16_t pc) noexcept;

    std::uint64_t frame_count() const noexcept;  // vertical blanks begun since power-on
    std::uint64_t cpu_cycles() const noexcept;   // since power-on
    bool jammed() const noexcept;                // a KIL opcode stopped the CPU

    // Memory with the lifetime of the console, at fixed addresses.
    std::uint8_t* ram() noexcept;  // kRamSize
    const std::uint8_t* ram() const noexcept;
    std::uint8_t* oam() noexcept;                      // kOamSize
    std::uint8_t* controller(unsigned port) noexcept;  // one byte of kPorts, as the Device of the options says
    std::uint8_t* prg_ram() noexcept;                  // prg_ram_size() bytes at $6000-, null when there is none
    std::size_t prg_ram_size() const noexcept;
    /// The battery-backed part of it: the first prg_nvram_size() bytes; null if there is none.
    std::uint8_t* prg_nvram() noexcept;
    std::size_t prg_nvram_size() const noexcept;
    std::uint8_t* index_buffer() noexcept;  // kHeight x kWidth palette indices 0-63 of the last drawn frame
    const std::uint8_t* index_buffer() const noexcept;
    /// Which colours of it are emphasised, kHeight lines; null: none.
    const LineEmphasis* emphasis() const noexcept;
    /// kHeight x kWidth x 3. Updated by this call, and from then on by every drawn step, power_on and load.
    std::uint8_t* rgb_buffer() noexcept;
    /// Writes kHeight x kWidth x 3 bytes of RGB of the last drawn frame to `out`.
    void write_rgb(std::uint8_t* out) const noexcept;
    /// Writes kHeight x kWidth bytes of grey, (77 r + 150 g + 29 b) >> 8, to `out`.
    void write_gray(std::uint8_t* out) const noexcept;

    // The last picture, drawn or not, as tiles and objects: see Ppu.
    static constexpr std::size_t kTileBytes = 2 * 30 * 32;
    static constexpr std::size_t kObjects = 64;
    static constexpr std::size_t kObjectBytes = 10;
    static constexpr std::size_t kScrollBytes = kHeight * 4;
    void write_tiles(std::uint8_t* out) const noexcept;   // kTileBytes
    void write_scroll(std::uint8_t* out) const noexcept;  // kScrollBytes
    /// The kObjects sprites, or with a `limit` up to as many groups of them: rows of kObjectBytes.
    void write_objects(std::uint8_t* out, unsigned limit = 0) const noexcept;

    /// Sound, as mono samples at `hz`, Synthesizer::kLowestRate to kHighestRate; 0, the default, turns it off.
    /// Not part of the machine's state. May throw std::bad_alloc.
    void set_sample_rate(unsigned hz);
    unsigned sample_rate() const noexcept;
    /// Unread samples, at most the last Resampler::kCapacity. power_on() and load() restart the sound.
    std::size_t audio_size() noexcept;
    /// Moves the first `count` of them, at most audio_size(), to `out`. The range of the console's DACs is 1.
    void read_audio(float* out, std::size_t count) noexcept;
    /// Copies them instead.
    void copy_audio(float* out, std::size_t count) const noexcept;
    /// What has not been read is lost.
    void drop_audio() noexcept;
    /// Whether what is played from now on can be read; on by default. When it is turned on, the sound begins as after load().
    void keep_audio(bool on) noexcept;
    /// Whether the sound is on and kept.
    bool keeps_audio() const noexcept;

    /// Reads and writes without side effects: the CPU's address space (registers read as what the
    /// bus would give where that is side-effect free, else 0; writes reach RAM, PRG-RAM and nothing else).
    std::uint8_t peek(std::uint16_t address) const noexcept;
    void poke(std::uint16_t address, std::uint8_t value) noexcept;
    /// The PPU's address space $0000-$3FFF. Writes reach whatever RAM is mapped, and the palette.
    std::uint8_t peek_ppu(std::uint16_t address) const noexcept;
    void poke_ppu(std::uint16_t address, std::uint8_t value) noexcept;

    // Snapshots: the raw form is state_size() bytes, good within this process for any console of the same
    // ROM; it holds the picture too. The serialized form is portable and checked.
    std::size_t state_size() const noexcept;
    void save(std::uint8_t* out) const noexcept;
    void load(const std::uint8_t* in) noexcept;
    /// The same for states that are kept: one that shows what the console shows already is saved and loaded without its
    /// picture. May throw std::bad_alloc.
    std::shared_ptr<const SavedState> save_state();
    void load(const SavedState& state) noexcept;
    /// To be called before somebody else gets index_buffer() to write to.
    void share_picture() noexcept;
    /// The raw form where it is, to compare it.
    const std::uint8_t* raw_state() const noexcept;
    // The same without the picture, the first machine_size() bytes: for going back and forth within one step.
    std::size_t machine_size() const noexcept;
    void save_machine(std::uint8_t* out) const noexcept;
    void load_machine(const std::uint8_t* in) noexcept;
    std::vector<std::uint8_t> serialize() const;
    /// Throws StateError and leaves the console unchanged if `data` is not a valid state of this ROM.
    void load_serialized(const std::uint8_t* data, std::size_t size);

    /// What the payload of the serialized form consists of; the same for all consoles of one ROM.
    std::vector<StateField> state_fields() const;

    /// Names the first field in which two consoles of one ROM differ; empty if they are equal.
    static std::string difference(const Console& a, const Console& b);

    struct NES_PY_LOCAL Machine;  // the core's own: machine.hpp

  private:
    std::unique_ptr<Machine> machine_;
};

}  // namespace nes
