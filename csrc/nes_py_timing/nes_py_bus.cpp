#include "nes_py_timing/nes_py_bus.hpp"

#include <algorithm>

namespace nes {

namespace {

constexpr std::uint8_t kShowBoth = 0x18;  // ppumask: background and sprites
constexpr unsigned kPrerenderLine = 261;
constexpr unsigned kVblankLine = 241;

// The dot of each line of the picture in which the MMC3 counts.
constexpr unsigned kCountDot = 260;

/// Of how many lines of the frame that dot has gone by.
constexpr unsigned lines_counted(const PpuState& p) noexcept {
    if (p.scanline >= 240) return p.scanline == kPrerenderLine ? 0 : 240;
    return p.scanline + (p.dot >= kCountDot ? 1u : 0u);
}

constexpr std::uint8_t reversed(std::uint8_t byte) noexcept {
    unsigned result = 0;
    for (unsigned bit = 0; bit < 8; ++bit) result |= ((byte >> bit) & 1u) << (7 - bit);
    return static_cast<std::uint8_t>(result);
}

}  // namespace

// The PPU is the same as with hardware timing and runs whole lines where it can. At the end of vertical blank this bus does
// some of its work:
//
// - All flags fall in one dot, dot 1 of the pre-render line; the hardware's sprite flags are seen to fall a dot earlier.
// - The last dot of odd frames is left out only with background and sprites on. The PPU here never leaves it out itself.
// - The sprites found on line 239 are shown on line 0.
void NesPyBus::run_ppu(std::uint64_t clock) noexcept {
    PpuState& p = s.ppu;
    const std::uint64_t frame = p.frame;
    while (p.clock < clock) {
        constexpr unsigned kFlagsFall = kPrerenderLine * kLineDots;  // as the PPU has it
        constexpr unsigned kSkips = kFlagsFall + 339;
        const unsigned position = p.scanline * kLineDots + p.dot;
        if (position >= kSkips) {
            if (position == kSkips && p.odd_frame && (p.mask & kShowBoth) == kShowBoth) {
                p.dot = 340;
                machine_.ppu.invalidate();
            }
            if (p.dot == 340) repeat_sprites();
            catch_up(p.clock + 1);
        } else if (position + (clock - p.clock) == kFlagsFall) {
            const std::uint8_t hit = p.sprite_zero_hit;
            catch_up(clock);
            p.sprite_zero_hit = hit;
            machine_.ppu.invalidate();
        } else {
            const bool at_fall = position == kFlagsFall;
            catch_up(std::min(clock, p.clock + (kSkips - position)));
            if (at_fall) p.sprite_zero_hit = 0;
        }
    }
    // Vertical blank interrupts if that is enabled as it begins, never later; reading ppustatus takes nothing back.
    if (p.frame != frame) {
        p.vblank_suppressed = 0;
        if (p.ppuctrl & 0x80) s.cpu.nmi_pending = 1;
    }
}

// The MMC3's counter moves once in a line of the picture, with background and sprites on and sprites alone, or those of 16
// lines, in the upper pattern table.
bool NesPyBus::board_counts_lines() const noexcept {
    const PpuState& p = s.ppu;
    return machine_.board->watches_a12_only && (p.mask & kShowBoth) == kShowBoth && !(p.ppuctrl & 0x10) &&
           (p.ppuctrl & 0x28);
}

// To `clock`, which lies before the end of the frame.
void NesPyBus::catch_up(std::uint64_t clock) noexcept {
    const unsigned before = lines_counted(s.ppu);
    machine_.ppu.catch_up(clock);
    if (!board_counts_lines()) return;
    const unsigned after = lines_counted(s.ppu);
    for (unsigned line = before; line < after; ++line) {
        constexpr unsigned kLongEnough = 15;  // dots that A12 is low
        const std::uint64_t dot =
            s.ppu.clock - (s.ppu.scanline - line) * std::uint64_t{kLineDots} - s.ppu.dot + kCountDot;
        machine_.board->ppu_bus(0, dot - kLongEnough);
        machine_.board->ppu_bus(0x1000, dot);
    }
}

void NesPyBus::repeat_sprites() noexcept {
    PpuState& p = s.ppu;
    if (!(p.mask & kShowBoth)) return;
    const unsigned height = (p.ppuctrl & 0x20) ? 16 : 8;
    for (unsigned unit = 0; unit < 8; ++unit) {
        const std::uint8_t* sprite = &p.secondary_oam[unit * 4];
        unsigned row = 239u - sprite[0];
        std::uint8_t low = 0, high = 0;
        if (row < height) {
            if (sprite[2] & 0x80) row = height - 1 - row;
            unsigned tile = ((p.ppuctrl & 0x08u) << 5) | sprite[1];
            if (height == 16) tile = ((sprite[1] & 1u) << 8) | (sprite[1] & 0xFEu) | (row >> 3);
            const auto address = static_cast<std::uint16_t>((tile << 4) | (row & 7));
            low = machine_.ppu.peek_memory(address);
            high = machine_.ppu.peek_memory(address | 8);
            if (sprite[2] & 0x40) {
                low = reversed(low);
                high = reversed(high);
            }
        }
        p.sprite_pattern_low[unit] = low;
        p.sprite_pattern_high[unit] = high;
    }
    machine_.ppu.invalidate();
}

std::uint64_t NesPyBus::next_event() noexcept {
    const PpuState& p = s.ppu;
    // The frame after this one may begin a dot early.
    const unsigned position = p.scanline * kLineDots + p.dot;
    constexpr unsigned kRise = kVblankLine * kLineDots + 1;
    std::uint64_t dot = p.clock + (position < kRise ? kRise - position : 262 * kLineDots - position + kRise - 1);
    if (machine_.board->watches_ppu_bus) dot = std::min(dot, machine_.ppu.next_board_irq());
    if (board_counts_lines() && machine_.board->a12_edges_until_irq() != Board::kNoRise) {
        const unsigned line = lines_counted(p) + machine_.board->a12_edges_until_irq() - 1;
        const unsigned count = line * kLineDots + kCountDot;
        if (line < 240) dot = std::min(dot, position < count ? p.clock + (count - position) : p.clock + count);
    }
    // In cycle n 3n + 3 dots have gone by.
    std::uint64_t cycle = dot > 3 ? (dot - 1) / 3 : 0;
    if (machine_.board->counts_cpu_cycles) cycle = std::min(cycle, machine_.board->next_irq());
    return cycle;
}

std::uint8_t NesPyBus::read_register(std::uint16_t address) noexcept {
    if (address < 0x4000) return read_ppu(address & 7);
    if (address == 0x4016 || address == 0x4017) return read_pad(address & 1);
    if (address < 0x4020) return 0;
    moved_ = true;
    run_ppu_for(first_cycle_);
    if (machine_.board->counts_cpu_cycles) machine_.board->run_to(first_cycle_);
    return machine_.board->cpu_read(address, 0);
}

void NesPyBus::write_register(std::uint16_t address, std::uint8_t value) noexcept {
    if (address < 0x4000) {
        write_ppu(address & 7, value);
    } else if (address == 0x4014) {
        copy_to_oam(value);
    } else if (address == 0x4016) {
        s.input.out = s.input.out_written = value & 1;
        for (unsigned port = 0; port < 2 && !s.input.out; ++port) s.input.shift[port] = s.input.controllers[port];
    } else if (address >= 0x4020) {
        moved_ = true;
        run_ppu_for(first_cycle_);
        if (machine_.board->counts_cpu_cycles) machine_.board->run_to(first_cycle_);
        machine_.board->cpu_write(address, value, first_cycle_);
        machine_.ppu.invalidate_board_irq();
    }
}

// Behind the eight buttons come zeros.
std::uint8_t NesPyBus::read_pad(unsigned port) noexcept {
    constexpr unsigned kUpperBits = 0x40;
    if (s.input.out) return static_cast<std::uint8_t>(kUpperBits | (s.input.controllers[port] & 1));
    const unsigned bit = s.input.shift[port] & 1;
    s.input.shift[port] >>= 1;
    return static_cast<std::uint8_t>(kUpperBits | bit);
}

// --- the PPU's registers ---

std::uint8_t NesPyBus::read_ppu(unsigned reg) noexcept {
    PpuState& p = s.ppu;
    run_ppu_for(first_cycle_);
    switch (reg) {
        case 2: {
            const unsigned status = (p.vblank << 7) | (p.sprite_zero_hit << 6);
            p.vblank = 0;
            p.w = 0;
            return static_cast<std::uint8_t>(status);
        }
        case 4: return p.oam[p.nes_py_oam_address];
        case 7: {
            const std::uint16_t address = p.v & 0x3FFF;
            std::uint8_t value = machine_.ppu.peek_memory(address);
            // The palette is read at once, and leaves the buffer alone.
            if (address < 0x3F00) std::swap(value, p.read_buffer);
            increment_v();
            return value;
        }
        default: return 0;
    }
}

void NesPyBus::write_ppu(unsigned reg, std::uint8_t value) noexcept {
    PpuState& p = s.ppu;
    run_ppu_for(first_cycle_);
    moved_ = true;
    switch (reg) {
        case 0:
            p.ppuctrl = value;
            p.t = static_cast<std::uint16_t>((p.t & 0x73FF) | ((value & 3) << 10));
            break;
        case 1: p.ppumask = p.mask = value; break;
        case 3: p.nes_py_oam_address = value; return;
        case 4: p.oam[p.nes_py_oam_address++] = value; break;
        case 5:
            if (!p.w) {
                p.t = static_cast<std::uint16_t>((p.t & 0x7FE0) | (value >> 3));
                p.fine_x = value & 7;
            } else {
                p.t = static_cast<std::uint16_t>((p.t & 0x0C1F) | ((value & 7) << 12) | ((value & 0xF8) << 2));
            }
            p.w ^= 1;
            break;
        case 6:
            if (!p.w) {
                p.t = static_cast<std::uint16_t>((p.t & 0x00FF) | ((value & 0x3F) << 8));
            } else {
                p.v = p.t = static_cast<std::uint16_t>((p.t & 0x7F00) | value);
            }
            p.w ^= 1;
            break;
        case 7:
            // All eight bits of a colour can be read back.
            if ((p.v & 0x3F00) == 0x3F00) {
                p.palette[(p.v & 3) ? p.v & 0x1F : p.v & 0x0F] = value;
                machine_.ppu.invalidate();
            } else {
                machine_.ppu.poke_memory(p.v, value);
            }
            increment_v();
            return;
        default: return;
    }
    machine_.ppu.invalidate();
}

void NesPyBus::increment_v() noexcept {
    s.ppu.v = static_cast<std::uint16_t>((s.ppu.v + ((s.ppu.ppuctrl & 0x04) ? 32 : 1)) & 0x7FFF);
}

void NesPyBus::copy_to_oam(std::uint8_t page) noexcept {
    run_ppu_for(first_cycle_);
    for (unsigned i = 0; i < 256; ++i) {
        const auto address = static_cast<std::uint16_t>((page << 8) | i);
        const std::uint8_t* memory = machine_.cartridge.cpu_read_page[address >> Cartridge::kCpuPageBits];
        s.ppu.oam[s.ppu.nes_py_oam_address++] = memory ? memory[address & 0x7FF] : read_register(address);
    }
    machine_.ppu.invalidate();
    s.cpu.cycle += 513 + (first_cycle_ & 1);
}

}  // namespace nes
