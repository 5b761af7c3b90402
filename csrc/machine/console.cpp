// The console as bindings see it.
#include "machine/console.hpp"

#include <cstring>

#include "machine/machine.hpp"
#include "machine/snapshot.hpp"
#include "video/emphasis.hpp"

namespace nes {

Console::Console(std::shared_ptr<const Rom> rom, const Options& options, std::uint8_t* memory)
    : machine_(std::make_unique<Machine>(std::move(rom), options, memory)) {}

Console::~Console() = default;

void Console::use_tile_cache(TileCache& cache) noexcept { machine_->ppu.use_tile_cache(cache); }

const Rom& Console::rom() const noexcept { return *machine_->rom; }
std::shared_ptr<const Rom> Console::shared_rom() const noexcept { return machine_->rom; }
const Options& Console::options() const noexcept { return machine_->options; }

FrameBoundary Console::frame_boundary() const noexcept {
    return static_cast<FrameBoundary>(machine_->state->cpu.frame_boundary);
}
void Console::set_frame_boundary(FrameBoundary boundary) noexcept {
    if (machine_->region == Region::ntsc && machine_->options.timing == Timing::hardware)
        machine_->state->cpu.frame_boundary = static_cast<std::uint8_t>(boundary);
}

void Console::power_on(bool keep_memory) noexcept { machine_->power_on(keep_memory); }
void Console::soft_reset() noexcept { machine_->soft_reset(); }
void Console::step(std::uint32_t frames, bool render, bool next_is_drawn) noexcept {
    machine_->step(frames, render, next_is_drawn);
}
void Console::run_until(std::uint64_t cycle) noexcept {
    machine_->picture_is_saved = false;
    machine_->run(machine_->state->ppu.frame + 1, cycle);
}
void Console::step_instruction() noexcept {
    machine_->picture_is_saved = false;
    machine_->step_instruction();
}

CpuTrace Console::trace() const noexcept {
    const CpuState& cpu = machine_->state->cpu;
    const PpuState& ppu = machine_->state->ppu;
    // The PPU stands between two dots of the last cycle; the next cycle begins one dot on, or on PAL two. With nes-py's timing
    // it may be behind by an instruction.
    const std::uint64_t lines = machine_->region == Region::ntsc ? 262 : 312;
    const std::uint64_t ahead = machine_->dots.dots_at(cpu.cycle) - ppu.clock;
    const std::uint64_t position = (ppu.scanline * std::uint64_t{341} + ppu.dot + ahead) % (lines * 341);
    return {cpu.pc,
            cpu.a,
            cpu.x,
            cpu.y,
            pack_status(cpu),
            cpu.s,
            cpu.cycle,
            static_cast<int>(position / 341),
            static_cast<int>(position % 341)};
}

void Console::set_pc(std::uint16_t pc) noexcept { machine_->state->cpu.pc = pc; }
std::uint64_t Console::frame_count() const noexcept { return machine_->state->ppu.frame; }
std::uint64_t Console::cpu_cycles() const noexcept { return machine_->state->cpu.cycle; }
bool Console::jammed() const noexcept { return machine_->state->cpu.jammed; }

std::uint8_t* Console::ram() noexcept { return machine_->state->ram; }
const std::uint8_t* Console::ram() const noexcept { return machine_->state->ram; }
std::uint8_t* Console::oam() noexcept {
    machine_->oam_is_shared = true;
    return machine_->state->ppu.oam;
}
std::uint8_t* Console::controller(unsigned port) noexcept { return &machine_->state->input.controllers[port % kPorts]; }
std::uint8_t* Console::prg_ram() noexcept { return prg_ram_size() ? machine_->cartridge.prg_ram : nullptr; }
std::size_t Console::prg_ram_size() const noexcept { return machine_->rom->prg_ram_size; }
std::uint8_t* Console::prg_nvram() noexcept { return prg_nvram_size() ? machine_->cartridge.prg_ram : nullptr; }
std::size_t Console::prg_nvram_size() const noexcept { return machine_->rom->prg_nvram_size; }
std::uint8_t* Console::index_buffer() noexcept { return machine_->picture.shown(); }
const std::uint8_t* Console::index_buffer() const noexcept { return machine_->picture.shown(); }
const LineEmphasis* Console::emphasis() const noexcept {
    return machine_->picture.emphasised ? Picture::emphasis_of(machine_->picture.shown()) : nullptr;
}

std::uint8_t* Console::rgb_buffer() noexcept {
    if (!machine_->rgb) {
        machine_->rgb.reset(new (std::nothrow) std::uint8_t[Picture::kPixels * 3]);
        if (!machine_->rgb) return nullptr;
    }
    write_rgb(machine_->rgb.get());
    return machine_->rgb.get();
}

void Console::write_rgb(std::uint8_t* out) const noexcept {
    picture_to_rgb(machine_->picture, machine_->palette(), out);
}

void Console::write_gray(std::uint8_t* out) const noexcept {
    picture_to_gray(machine_->picture, machine_->palette(), out);
}

static_assert(Console::kTileBytes == Ppu::kTileBytes && Console::kObjectBytes == Ppu::kObjectBytes &&
              Console::kScrollBytes == Console::kHeight * Ppu::kScrollBytes);

void Console::write_tiles(std::uint8_t* out) const noexcept { machine_->ppu.write_tiles(out); }
void Console::write_objects(std::uint8_t* out, unsigned limit) const noexcept {
    machine_->ppu.write_objects(out, limit);
}
void Console::write_scroll(std::uint8_t* out) const noexcept { machine_->ppu.write_scroll(out); }

void Console::set_sample_rate(unsigned hz) {
    std::unique_ptr<Synthesizer> synthesizer;
    if (hz != 0) {
        const Filters filters = machine_->options.console == ConsoleModel::nes ? Filters::nes : Filters::famicom;
        synthesizer = std::make_unique<Synthesizer>(machine_->state->apu, machine_->board->make_sound(),
                                                    machine_->region, filters, hz);
        synthesizer->restart(machine_->state->cpu.cycle);
    }
    machine_->synthesizer = std::move(synthesizer);
    machine_->apu.set_listener(machine_->synthesizer.get());
}

unsigned Console::sample_rate() const noexcept {
    return machine_->synthesizer ? machine_->synthesizer->sample_rate() : 0;
}

std::size_t Console::audio_size() noexcept {
    if (!machine_->synthesizer) return 0;
    machine_->finish_sound();
    return machine_->synthesizer->finish();
}

void Console::read_audio(float* out, std::size_t count) noexcept {
    if (machine_->synthesizer) machine_->synthesizer->read(out, count);
}

void Console::copy_audio(float* out, std::size_t count) const noexcept {
    if (machine_->synthesizer) machine_->synthesizer->copy(out, count);
}

void Console::drop_audio() noexcept {
    if (!machine_->synthesizer) return;
    machine_->finish_sound();
    machine_->synthesizer->drop();
}

void Console::keep_audio(bool on) noexcept {
    if (!machine_->synthesizer) return;
    machine_->finish_sound();
    if (on) machine_->synthesizer->restart(machine_->state->cpu.cycle);
    machine_->synthesizer->keep(on);
}

bool Console::keeps_audio() const noexcept { return machine_->synthesizer && machine_->synthesizer->keeps(); }

std::uint8_t Console::peek(std::uint16_t address) const noexcept {
    const Machine& p = *machine_;
    if (const std::uint8_t* page = p.cartridge.cpu_read_page[address >> Cartridge::kCpuPageBits]) {
        return page[address & 0x7FF];
    }
    if (address < 0x4000) return p.ppu.peek(address & 7);
    const std::uint8_t open_bus = p.state->cpu.data_bus;
    if (address == 0x4015) return static_cast<std::uint8_t>(p.apu.peek_status() | (open_bus & 0x20));
    if (address == 0x4016 || address == 0x4017) {
        return static_cast<std::uint8_t>((open_bus & p.ports.open_bits()) | p.ports.peek(address & 1));
    }
    if (address < 0x4020) return open_bus;
    return p.board->cpu_peek(address, open_bus);
}

void Console::poke(std::uint16_t address, std::uint8_t value) noexcept {
    if (std::uint8_t* page = machine_->cartridge.cpu_write_page[address >> Cartridge::kCpuPageBits]) {
        page[address & 0x7FF] = value;
    }
}

std::uint8_t Console::peek_ppu(std::uint16_t address) const noexcept { return machine_->ppu.peek_memory(address); }
void Console::poke_ppu(std::uint16_t address, std::uint8_t value) noexcept {
    machine_->ppu.poke_memory(address, value);
}

std::size_t Console::state_size() const noexcept { return machine_->block.size(); }

void Console::save(std::uint8_t* out) const noexcept {
    std::memcpy(out, machine_->block.data(), machine_->block.size());
}

void Console::load(const std::uint8_t* in) noexcept {
    machine_->finish_sound();
    std::memcpy(machine_->block.data(), in, machine_->block.size());
    machine_->picture.emphasised = machine_->picture.find_emphasis();
    machine_->picture_is_saved = false;
    machine_->follow_load();
}

std::shared_ptr<const SavedState> Console::save_state() {
    using Bytes = SavedState::Bytes;
    const std::uint8_t* const block = machine_->block.data();
    const std::uint8_t* const end = block + machine_->block.size();
    const std::uint8_t* const pixels = block + machine_size();
    std::shared_ptr<const Bytes> picture;
    if (machine_->knows_picture()) picture = machine_->saved_picture.lock();
    if (!picture) picture = std::make_shared<const Bytes>(pixels, end);
    auto state = std::make_shared<const SavedState>(Bytes(block, pixels), picture);
    machine_->saved_picture = picture;
    machine_->picture_is_saved = true;
    return state;
}

void Console::load(const SavedState& state) noexcept {
    machine_->finish_sound();
    std::uint8_t* const block = machine_->block.data();
    std::memcpy(block, state.machine_.data(), state.machine_.size());
    const auto& saved = machine_->saved_picture;
    const bool shown =
        machine_->knows_picture() && !saved.owner_before(state.picture_) && !state.picture_.owner_before(saved);
    if (!shown) {
        std::memcpy(block + state.machine_.size(), state.picture_->data(), state.picture_->size());
        machine_->picture.emphasised = machine_->picture.find_emphasis();
        machine_->saved_picture = state.picture_;
        machine_->picture_is_saved = true;
    }
    machine_->follow_load();
}

void Console::share_picture() noexcept { machine_->picture_is_shared.store(true, std::memory_order_relaxed); }

const std::uint8_t* Console::raw_state() const noexcept { return machine_->block.data(); }

std::size_t Console::machine_size() const noexcept {
    return machine_->block.size() - Picture::kBytes * (machine_->picture.whole ? 2 : 1);
}

void Console::save_machine(std::uint8_t* out) const noexcept {
    std::memcpy(out, machine_->block.data(), machine_size());
}

void Console::load_machine(const std::uint8_t* in) noexcept {
    machine_->finish_sound();
    std::memcpy(machine_->block.data(), in, machine_size());
    machine_->follow_load();
}

std::vector<std::uint8_t> Console::serialize() const {
    return write_snapshot(*machine_->rom, machine_->region, *machine_->board, machine_->block.data(),
                          machine_->block.size());
}

void Console::load_serialized(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::uint8_t> block = read_snapshot(*machine_->rom, machine_->region, machine_->options.timing,
                                                          *machine_->board, machine_->block.size(), data, size);
    load(block.data());
}

std::vector<StateField> Console::state_fields() const {
    return describe_snapshot(*machine_->rom, *machine_->board, machine_->block.size());
}

std::string Console::difference(const Console& a, const Console& b) {
    return describe_difference(*a.machine_->rom, *a.machine_->board, a.machine_->block.data(), b.machine_->block.data(),
                               a.machine_->block.size());
}

}  // namespace nes
