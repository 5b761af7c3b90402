#include "machine/state_check.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <span>
#include <string_view>

#include "apu/apu.hpp"
#include "base/timing.hpp"

namespace nes {

namespace {

// A hundred years on an NTSC console. The counters never overflow, and a state that was accepted never leads to one that is
// not, however long it is played.
constexpr std::uint64_t kLongestTime = std::uint64_t{36525} * 24 * 36 * 1789773;
// A frame takes more cycles than this, also the first one after a reset.
constexpr std::uint64_t kShortestFrame = 25000;

struct Flag {
    const char* name;
    std::size_t offset;
    std::size_t count;
};

// NOLINTBEGIN(bugprone-macro-parentheses): the name of a member takes none
#define NES_FLAG(chip, member) \
    Flag { #chip "." #member, offsetof(State, chip.member), sizeof(State::chip.member) }
// NOLINTEND(bugprone-macro-parentheses)

// 0 or 1.
constexpr Flag kFlags[] = {
    NES_FLAG(cpu, carry),
    NES_FLAG(cpu, interrupt_disable),
    NES_FLAG(cpu, decimal),
    NES_FLAG(cpu, overflow),
    NES_FLAG(cpu, jammed),
    NES_FLAG(cpu, nmi_line),
    NES_FLAG(cpu, nmi_pending),
    NES_FLAG(cpu, nmi_polled),
    NES_FLAG(cpu, irq_asserted),
    NES_FLAG(cpu, irq_polled),
    NES_FLAG(cpu, halted_by_dma),
    NES_FLAG(dma, oam_active),
    NES_FLAG(dma, oam_halted),
    NES_FLAG(dma, oam_latch_full),
    NES_FLAG(apu, frame_irq),
    NES_FLAG(apu, frame_irq_clear_pending),
    NES_FLAG(apu, length_halt),
    NES_FLAG(apu, envelope_start),
    NES_FLAG(apu, sweep_reload),
    NES_FLAG(apu, linear_reload),
    NES_FLAG(apu, dmc_buffer_full),
    NES_FLAG(apu, dmc_silent),
    NES_FLAG(apu, dmc_irq),
    NES_FLAG(apu, dmc_active_latch),
    NES_FLAG(input, clock_pending),
    NES_FLAG(ppu, w),
    NES_FLAG(ppu, vblank),
    NES_FLAG(ppu, sprite_zero_hit),
    NES_FLAG(ppu, sprite_overflow),
    NES_FLAG(ppu, vblank_suppressed),
    NES_FLAG(ppu, odd_frame),
    NES_FLAG(ppu, write_block),
    NES_FLAG(ppu, access_is_write),
    NES_FLAG(ppu, secondary_full),
    NES_FLAG(ppu, evaluation_done),
    NES_FLAG(ppu, sprite_zero_next),
    NES_FLAG(ppu, sprite_zero_here),
    NES_FLAG(ppu, corruption_pending),
    NES_FLAG(ppu, short_line),
    NES_FLAG(cartridge, irq),
};

// 0.
constexpr Flag kReserved[] = {
    NES_FLAG(cpu, reserved),   NES_FLAG(apu, reserved16), NES_FLAG(apu, reserved),
    NES_FLAG(ppu, reserved16), NES_FLAG(ppu, reserved),   NES_FLAG(cartridge, reserved),
};

#undef NES_FLAG

const char* above(const State& state, std::span<const Flag> list, std::uint8_t limit) noexcept {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(&state);
    for (const Flag& flag : list) {
        const std::uint8_t* const first = bytes + flag.offset;
        if (std::any_of(first, first + flag.count, [=](std::uint8_t b) { return b > limit; })) return flag.name;
    }
    return nullptr;
}

// Bytes behind a board's registers, and those that its list calls reserved.
const char* unused_registers(const CartridgeState& cartridge, const Board& board) noexcept {
    std::size_t end = 0;
    const auto is_set = [&](std::size_t first, std::size_t last) {
        return std::any_of(cartridge.board + first, cartridge.board + last, [](std::uint8_t b) { return b != 0; });
    };
    for (const Field& field : board.fields()) {
        end = field.offset + std::size_t{field.element_size} * field.count;
        const std::string_view name = field.name;
        if ((name == "reserved" || name.ends_with(".reserved")) && is_set(field.offset, end)) return "board.reserved";
    }
    return is_set(end, sizeof(cartridge.board)) ? "board.unused" : nullptr;
}

const char* impossible_ppu(const PpuState& p, Region region) noexcept {
    const unsigned vblank_line = region == Region::dendy ? 291 : 241;
    const unsigned prerender = region == Region::ntsc ? 261 : 311;
    // The flags rise and fall in the dots that flag_dot() tells.
    const bool in_vblank = (p.scanline > vblank_line || (p.scanline == vblank_line && p.dot >= 1)) &&
                           (p.scanline < prerender || (p.scanline == prerender && p.dot == 0));
    if (p.vblank && !in_vblank) return "ppu.vblank";
    if (p.scanline == prerender && p.sprite_zero_hit) return "ppu.sprite_zero_hit";
    if (p.scanline == prerender && p.sprite_overflow) return "ppu.sprite_overflow";
    // What a register write began comes true within a few dots, and is then due no more.
    constexpr std::uint64_t kLongestDelay = 8;
    for (const std::uint64_t due : {p.mask_due, p.v_due, p.access_due}) {
        if (due != kNever && (due <= p.clock || due > p.clock + kLongestDelay))
            return "ppu.mask_due, v_due or access_due";
    }
    if (std::any_of(std::begin(p.palette), std::end(p.palette), [](std::uint8_t c) { return c > 0x3F; })) {
        return "ppu.palette";
    }
    return nullptr;
}

const char* impossible_apu(const ApuState& a, std::uint64_t cycle, bool pal) noexcept {
    if (a.frame_step > 7) return "apu.frame_step";
    if (a.frame_reset_stage > 2) return "apu.frame_reset_stage";
    if (a.dmc_bits_remaining < 1 || a.dmc_bits_remaining > 8) return "apu.dmc_bits_remaining";
    if (a.dmc_next_tick < cycle || a.dmc_next_tick > cycle + 512) return "apu.dmc_next_tick";
    // At power-on it lies two cycles before the first, as a number that wraps around; never in the future.
    const bool at_power_on = a.frame_start + 2 == 0;
    if ((a.frame_start > cycle && !at_power_on) || cycle - a.frame_start > 50000) return "apu.frame_start";
    // What fell before this cycle is done.
    if (Apu::next_frame_step(a, pal) < cycle) return "apu.frame_step";
    const std::uint64_t reset_at = a.frame_reset_at;
    if (reset_at != kNever && (reset_at + 8 < cycle || reset_at > cycle + 8)) return "apu.frame_reset_at";
    return nullptr;
}

// A DMA runs within the read that it stops: between two instructions it has ended, or waits for the first read.
const char* impossible_dma(const DmaState& d) noexcept {
    if (d.oam_index > 256) return "dma.oam_index";
    if (d.dmc_stage != 0) return "dma.dmc_stage";
    if (d.oam_latch_full) return "dma.oam_latch_full";
    if (d.oam_active && (d.oam_halted || d.oam_index != 0)) return "dma.oam_active";
    return nullptr;
}

}  // namespace

const char* impossible_value(const State& s, Region region, Timing timing, const Board& board) noexcept {
    const PpuState& p = s.ppu;
    const std::uint64_t cycle = s.cpu.cycle;
    if (p.scanline > (region == Region::ntsc ? 261 : 311)) return "ppu.scanline";
    if (p.dot > 340) return "ppu.dot";
    if (p.secondary_address > 31) return "ppu.secondary_address";
    if (p.fine_x > 7) return "ppu.fine_x";
    if (p.v > 0x7FFF || p.t > 0x7FFF) return "ppu.v or ppu.t";
    if (cycle > kLongestTime) return "cpu.cycle";
    if (p.frame > cycle / kShortestFrame + 2) return "ppu.frame";
    if (s.cpu.frame_boundary > (region == Region::ntsc ? 1 : 0)) return "cpu.frame_boundary";
    if (const char* name = above(s, kFlags, 1)) return name;
    if (const char* name = above(s, kReserved, 0)) return name;
    constexpr auto kAllFlags = ScrollLog::flags_of(0xFF, 0xFF) | ScrollLog::kNametable;
    if (std::any_of(std::begin(s.scroll.flags), std::end(s.scroll.flags),
                    [](std::uint8_t f) { return f > kAllFlags; })) {
        return "scroll.flags";
    }
    if (const char* name = unused_registers(s.cartridge, board)) return name;
    if (const char* name = board.impossible_value(s.cartridge.board, p.clock, cycle)) return name;
    const bool pal = region == Region::pal;
    const std::uint64_t dots = DotClock(pal).dots_at(cycle);
    if (timing == Timing::nes_py) {
        // The PPU may be behind by an instruction and its OAM DMA. There is no APU and no DMA unit, and colours have eight bits.
        if (region != Region::ntsc || s.cpu.frame_boundary != static_cast<std::uint8_t>(FrameBoundary::nes_py)) {
            return "cpu.timing";
        }
        return p.clock > dots + 3 || p.clock + 3 * 600 < dots ? "ppu.clock" : nullptr;
    }
    if (p.clock > dots + 3 || p.clock + 6 < dots) return "ppu.clock";
    if (const char* name = impossible_ppu(p, region)) return name;
    // The line is sampled behind whatever changed it in the last cycle.
    if (s.cpu.nmi_line != (p.vblank && (p.ppuctrl & 0x80))) return "cpu.nmi_line";
    if (const char* name = impossible_apu(s.apu, cycle, pal)) return name;
    return impossible_dma(s.dma);
}

}  // namespace nes
