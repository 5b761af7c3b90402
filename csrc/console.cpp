// The console as bindings see it.
#include "console.hpp"

#include <cstring>

#include "parts.hpp"
#include "snapshot.hpp"
#include "video/emphasis.hpp"

namespace nes {

Console::Console(std::shared_ptr<const Rom> rom, const Options& options, std::uint8_t* memory)
    : parts_(std::make_unique<Parts>(std::move(rom), options, memory)) {}

Console::~Console() = default;

const Rom& Console::rom() const noexcept { return *parts_->rom; }
std::shared_ptr<const Rom> Console::shared_rom() const noexcept { return parts_->rom; }
const Options& Console::options() const noexcept { return parts_->options; }

FrameBoundary Console::frame_boundary() const noexcept {
    return static_cast<FrameBoundary>(parts_->state->cpu.frame_boundary);
}
void Console::set_frame_boundary(FrameBoundary boundary) noexcept {
    if (parts_->region == Region::ntsc && parts_->options.timing == Timing::hardware)
        parts_->state->cpu.frame_boundary = static_cast<std::uint8_t>(boundary);
}

void Console::power_on(bool keep_memory) noexcept { parts_->power_on(keep_memory); }
void Console::soft_reset() noexcept { parts_->soft_reset(); }
void Console::step(std::uint32_t frames, bool render, bool next_is_drawn) noexcept {
    parts_->step(frames, render, next_is_drawn);
}
void Console::run_until(std::uint64_t cycle) noexcept { parts_->run(parts_->state->ppu.frame + 1, cycle); }
void Console::step_instruction() noexcept { parts_->step_instruction(); }

CpuTrace Console::trace() const noexcept {
    const CpuState& cpu = parts_->state->cpu;
    const PpuState& ppu = parts_->state->ppu;
    // The PPU stands between two dots of the last cycle; the next cycle begins one dot on, or on PAL two. With nes-py's timing
    // it may be behind by an instruction.
    const std::uint64_t lines = parts_->region == Region::ntsc ? 262 : 312;
    const std::uint64_t ahead = parts_->dots.dots_at(cpu.cycle) - ppu.clock;
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

void Console::set_pc(std::uint16_t pc) noexcept { parts_->state->cpu.pc = pc; }
std::uint64_t Console::frame_count() const noexcept { return parts_->state->ppu.frame; }
std::uint64_t Console::cpu_cycles() const noexcept { return parts_->state->cpu.cycle; }
bool Console::jammed() const noexcept { return parts_->state->cpu.jammed; }

std::uint8_t* Console::ram() noexcept { return parts_->state->ram; }
std::uint8_t* Console::oam() noexcept {
    parts_->oam_is_shared = true;
    return parts_->state->ppu.oam;
}
std::uint8_t* Console::controller(unsigned port) noexcept { return &parts_->state->input.controllers[port % kPorts]; }
std::uint8_t* Console::prg_ram() noexcept { return prg_ram_size() ? parts_->cartridge.prg_ram : nullptr; }
std::size_t Console::prg_ram_size() const noexcept { return parts_->rom->prg_ram_size; }
std::uint8_t* Console::prg_nvram() noexcept { return prg_nvram_size() ? parts_->cartridge.prg_ram : nullptr; }
std::size_t Console::prg_nvram_size() const noexcept { return parts_->rom->prg_nvram_size; }
std::uint8_t* Console::index_buffer() noexcept { return parts_->picture.shown(); }
const LineEmphasis* Console::emphasis() const noexcept {
    return parts_->picture.emphasised ? Picture::emphasis_of(parts_->picture.shown()) : nullptr;
}

std::uint8_t* Console::rgb_buffer() noexcept {
    if (!parts_->rgb) {
        parts_->rgb.reset(new (std::nothrow) std::uint8_t[Picture::kPixels * 3]);
        if (!parts_->rgb) return nullptr;
    }
    write_rgb(parts_->rgb.get());
    return parts_->rgb.get();
}

void Console::write_rgb(std::uint8_t* out) const noexcept { picture_to_rgb(parts_->picture, out); }

void Console::write_gray(std::uint8_t* out) const noexcept { picture_to_gray(parts_->picture, out); }

void Console::set_sample_rate(unsigned hz) {
    std::unique_ptr<Synthesizer> synthesizer;
    if (hz != 0) {
        synthesizer =
            std::make_unique<Synthesizer>(parts_->state->apu, parts_->board->make_sound(), parts_->region, hz);
        synthesizer->restart(parts_->state->cpu.cycle);
    }
    parts_->synthesizer = std::move(synthesizer);
    parts_->apu.set_listener(parts_->synthesizer.get());
}

unsigned Console::sample_rate() const noexcept { return parts_->synthesizer ? parts_->synthesizer->sample_rate() : 0; }

std::size_t Console::audio_size() noexcept {
    if (!parts_->synthesizer) return 0;
    parts_->finish_sound();
    return parts_->synthesizer->finish();
}

void Console::read_audio(float* out, std::size_t count) noexcept {
    if (parts_->synthesizer) parts_->synthesizer->read(out, count);
}

std::uint8_t Console::peek(std::uint16_t address) const noexcept {
    const Parts& p = *parts_;
    if (const std::uint8_t* page = p.cartridge.cpu_read_page[address >> Cartridge::kCpuPageBits]) {
        return page[address & 0x7FF];
    }
    if (address < 0x4000) return p.ppu.peek(address & 7);
    const std::uint8_t open_bus = p.state->cpu.data_bus;
    if (address == 0x4015) return static_cast<std::uint8_t>(p.apu.peek_status() | (open_bus & 0x20));
    if (address == 0x4016 || address == 0x4017) {
        return static_cast<std::uint8_t>((open_bus & 0xE0) | p.ports.peek(address & 1));
    }
    if (address < 0x4020) return open_bus;
    return p.board->cpu_peek(address, open_bus);
}

void Console::poke(std::uint16_t address, std::uint8_t value) noexcept {
    if (std::uint8_t* page = parts_->cartridge.cpu_write_page[address >> Cartridge::kCpuPageBits]) {
        page[address & 0x7FF] = value;
    }
}

std::uint8_t Console::peek_ppu(std::uint16_t address) const noexcept { return parts_->ppu.peek_memory(address); }
void Console::poke_ppu(std::uint16_t address, std::uint8_t value) noexcept { parts_->ppu.poke_memory(address, value); }

std::size_t Console::state_size() const noexcept { return parts_->block.size(); }

void Console::save(std::uint8_t* out) const noexcept { std::memcpy(out, parts_->block.data(), parts_->block.size()); }

void Console::load(const std::uint8_t* in) noexcept {
    parts_->finish_sound();
    std::memcpy(parts_->block.data(), in, parts_->block.size());
    parts_->picture.emphasised = parts_->picture.find_emphasis();
    parts_->board->map();
    parts_->invalidate();
    if (parts_->synthesizer) parts_->synthesizer->restart(parts_->state->cpu.cycle);
    if (parts_->rgb) write_rgb(parts_->rgb.get());
}

const std::uint8_t* Console::raw_state() const noexcept { return parts_->block.data(); }

std::size_t Console::machine_size() const noexcept {
    return parts_->block.size() - Picture::kBytes * (parts_->picture.whole ? 2 : 1);
}

void Console::save_machine(std::uint8_t* out) const noexcept { std::memcpy(out, parts_->block.data(), machine_size()); }

void Console::load_machine(const std::uint8_t* in) noexcept {
    parts_->finish_sound();
    std::memcpy(parts_->block.data(), in, machine_size());
    parts_->board->map();
    parts_->invalidate();
    if (parts_->synthesizer) parts_->synthesizer->restart(parts_->state->cpu.cycle);
}

std::vector<std::uint8_t> Console::serialize() const {
    return write_snapshot(*parts_->rom, parts_->region, *parts_->board, parts_->block.data(), parts_->block.size());
}

void Console::load_serialized(const std::uint8_t* data, std::size_t size) {
    const std::vector<std::uint8_t> block = read_snapshot(*parts_->rom, parts_->region, parts_->options.timing,
                                                          *parts_->board, parts_->block.size(), data, size);
    load(block.data());
}

std::vector<StateField> Console::state_fields() const {
    return describe_snapshot(*parts_->rom, *parts_->board, parts_->block.size());
}

std::string Console::difference(const Console& a, const Console& b) {
    return describe_difference(*a.parts_->rom, *a.parts_->board, a.parts_->block.data(), b.parts_->block.data(),
                               a.parts_->block.size());
}

}  // namespace nes
