// ppuctrl to ppudata, as the CPU sees them.
#include <cstring>

#include "ppu/background.hpp"
#include "ppu/ppu.hpp"

namespace nes {

namespace {

// Dots between a write to ppumask, or the second to ppuaddr, and the dot after which the rendering hardware goes by the new
// value (AccuracyCoin "BG Serial In", "Hybrid Addresses").
constexpr unsigned kMaskDelayDots = 3;
constexpr unsigned kAddressDelayDots = 3;

// Dots between an access to ppudata and its data cycle, in which memory is read or written and v moves on (AccuracyCoin "ALE +
// Read"; blargg's double_2007_read).
constexpr unsigned kDataAccessDots = 6;

// A bit of the I/O latch that is not driven decays within a second (NESdev "PPU registers", open bus).
constexpr unsigned kLatchDecayFrames = 30;

}  // namespace

void Ppu::power_on() noexcept {
    s = {};
    s.mask_due = s.v_due = s.access_due = kNever;
    s.write_block = held_by_reset_;
}

void Ppu::restart(std::uint64_t clock) noexcept {
    const PpuState before = s;
    power_on();
    s.clock = clock;
    s.frame = before.frame;
    std::memcpy(s.palette, before.palette, sizeof(s.palette));
}

void Ppu::reset() noexcept {
    if (!held_by_reset_) return;
    // NESdev "PPU power up state": these are cleared, v, OAM and the palette survive.
    s.ppuctrl = 0;
    s.ppumask = 0;
    s.mask = 0;
    s.mask_due = s.v_due = s.access_due = kNever;
    s.t = 0;
    s.fine_x = 0;
    s.w = 0;
    s.read_buffer = 0;
    s.odd_frame = 0;
    s.write_block = 1;
}

void Ppu::drive_latch(std::uint8_t value, std::uint8_t bits) noexcept {
    s.io_latch = static_cast<std::uint8_t>((s.io_latch & ~bits) | (value & bits));
    for (unsigned bit = 0; bit < 8; ++bit) {
        if (bits & (1u << bit)) s.io_age[bit] = 0;
    }
}

void Ppu::age_latch() noexcept {
    for (unsigned bit = 0; bit < 8; ++bit) {
        if (s.io_age[bit] >= kLatchDecayFrames) {
            s.io_latch &= static_cast<std::uint8_t>(~(1u << bit));
        } else {
            ++s.io_age[bit];
        }
    }
}

std::uint8_t Ppu::read_status() noexcept {
    const std::uint8_t status =
        static_cast<std::uint8_t>((s.vblank << 7) | (s.sprite_zero_hit << 6) | (s.sprite_overflow << 5));
    // Read in the dot before the flag rises, it is seen as clear and stays so for the whole frame.
    if (s.scanline == timing_.vblank_line && s.dot == 0) s.vblank_suppressed = 1;
    s.vblank = 0;
    s.w = 0;
    return status;
}

std::uint8_t Ppu::read_oam() noexcept {
    if (rendering() && on_rendered_line()) return s.oam_latch;
    return s.oam[s.oam_address];
}

void Ppu::write_oam(std::uint8_t value) noexcept {
    // While the picture is drawn OAM's address belongs to sprite evaluation: the write moves it on by a sprite and stores
    // nothing. The same while the PPU refreshes OAM.
    if ((rendering() && on_rendered_line()) || refreshing_oam()) {
        s.oam_address = static_cast<std::uint8_t>((s.oam_address + 4) & 0xFC);
        return;
    }
    // Bits 2-4 of the attribute byte do not exist.
    table_valid_ = false;
    s.oam[s.oam_address] = (s.oam_address & 3) == 2 ? value & 0xE3 : value;
    ++s.oam_address;
}

bool Ppu::leaves_oam_alone(std::uint64_t clock) const noexcept {
    if ((s.mask_due & s.v_due & s.access_due) != kNever || clock >= next_vblank_change() - 1) return false;
    if (timing_.refresh_line && s.scanline >= timing_.vblank_line && s.scanline < timing_.prerender_line) {
        // The first dot of the first line of refreshing, in which a write comes too late.
        const unsigned position = s.scanline * 341u + s.dot;
        const unsigned refresh = timing_.refresh_line * 341u;
        if (position >= refresh || clock >= s.clock + (refresh - position)) return false;
    }
    return !rendering() || !on_rendered_line();
}

bool Ppu::bus_is_free(std::uint64_t clock) const noexcept {
    if ((s.mask_due & s.access_due) != kNever) return false;
    if (!rendering()) return true;
    const std::uint64_t dots = (timing_.prerender_line - s.scanline) * std::uint64_t{341} - s.dot;
    return !on_rendered_line() && clock < s.clock + dots - 1;
}

void Ppu::copy_to_oam(const std::uint8_t* bytes) noexcept {
    status_change_ = 0;
    if (s.oam_address == 0) {
        table_valid_ = false;
        std::memcpy(s.oam, bytes, sizeof(s.oam));
        for (unsigned i = 2; i < sizeof(s.oam); i += 4) s.oam[i] &= 0xE3;
    } else {
        for (unsigned i = 0; i < 256; ++i) write_oam(bytes[i]);
    }
    drive_latch(bytes[255], 0xFF);
}

std::uint8_t Ppu::read(unsigned reg) noexcept {
    switch (reg & 7) {
        case 2: drive_latch(read_status(), 0xE0); break;
        case 4: drive_latch(read_oam(), 0xFF); break;
        case 7:
            status_change_ = 0;
            board_irq_ = 0;
            return read_data();
        default: break;
    }
    return s.io_latch;
}

std::uint8_t Ppu::peek(unsigned reg) const noexcept {
    switch (reg & 7) {
        case 2:
            return static_cast<std::uint8_t>((s.vblank << 7) | (s.sprite_zero_hit << 6) | (s.sprite_overflow << 5) |
                                             (s.io_latch & 0x1F));
        case 4: return s.oam[s.oam_address];
        case 7: return s.read_buffer;
        default: return s.io_latch;
    }
}

void Ppu::write(unsigned reg, std::uint8_t value) noexcept {
    status_change_ = 0;
    board_irq_ = 0;
    drive_latch(value, 0xFF);
    reg &= 7;
    // NESdev "PPU power up state": ignored until the first pre-render line.
    if (s.write_block && (reg == 0 || reg == 1 || reg == 5 || reg == 6)) return;
    switch (reg) {
        case 0:
            if ((s.ppuctrl ^ value) & 0x10) fetches_since_ = s.clock;
            s.ppuctrl = value;
            s.t = static_cast<std::uint16_t>((s.t & 0x73FF) | ((value & 3) << 10));
            break;
        case 1:
            s.ppumask = value;
            s.mask_due = s.clock + kMaskDelayDots;
            break;
        case 3: s.oam_address = value; break;
        case 4: write_oam(value); break;
        case 5:
            if (!s.w) {
                s.t = static_cast<std::uint16_t>((s.t & 0x7FE0) | (value >> 3));
                s.fine_x = value & 7;
            } else {
                s.t = static_cast<std::uint16_t>((s.t & 0x0C1F) | ((value & 7) << 12) | ((value & 0xF8) << 2));
            }
            s.w ^= 1;
            break;
        case 6:
            if (!s.w) {
                s.t = static_cast<std::uint16_t>((s.t & 0x00FF) | ((value & 0x3F) << 8));
            } else {
                s.t = static_cast<std::uint16_t>((s.t & 0x7F00) | value);
                s.v_due = s.clock + kAddressDelayDots;
            }
            s.w ^= 1;
            break;
        case 7: write_data(value); break;
        default: break;
    }
}

// --- ppudata ---

void Ppu::increment_v() noexcept {
    if (rendering() && on_rendered_line()) {
        // v is wired to count as the renderer counts.
        increment_x();
        increment_y();
        return;
    }
    s.v = static_cast<std::uint16_t>((s.v + ((s.ppuctrl & 0x04) ? 32 : 1)) & 0x7FFF);
    set_bus(s.v);
}

// An access that comes before the data cycle of the one before finds v and the buffer as that one did; both are done in their
// turn. While the picture is drawn the later one takes the earlier one's place.
void Ppu::begin_data_access() noexcept {
    if (s.access_due != kNever && !(rendering() && on_rendered_line())) finish_data_access();
    s.access_due = s.clock + kDataAccessDots;
}

std::uint8_t Ppu::read_data() noexcept {
    const std::uint16_t address = s.v & 0x3FFF;
    if (address >= 0x3F00 && !(rendering() && on_rendered_line())) {
        drive_latch(palette_at(address), 0x3F);
        // The buffer takes the nametable byte that the palette covers.
    } else {
        drive_latch(s.read_buffer, 0xFF);
    }
    begin_data_access();
    s.access_is_write = 0;
    return s.io_latch;
}

void Ppu::write_data(std::uint8_t value) noexcept {
    begin_data_access();
    s.access_is_write = 1;
    s.access_value = value;
}

// While the picture is drawn the data cycle falls on whatever the renderer does in that dot. In a dot that reads, the
// access takes part in the read. In a dot that puts out an address, the latch is open while memory drives the same
// eight pins: it takes the data of the last read, and keeps it for the renderer's own read in the next dot.
void Ppu::finish_data_access() noexcept {
    s.access_due = kNever;
    const bool drawing = rendering() && on_rendered_line();
    const bool address_dot = s.dot == 0 || (s.dot & 1);
    if (!drawing) {
        s.bus_address = s.v & 0x3FFF;
    } else if (address_dot) {
        s.address_latch = s.bus_data;
        s.bus_address = static_cast<std::uint16_t>((s.bus_address & 0x3F00) | s.address_latch);
    }
    if (s.access_is_write) {
        const std::uint16_t address = s.v & 0x3FFF;
        if (address >= 0x3F00) {
            colours_valid_ = false;
            s.palette[palette_slot(address)] = s.access_value & 0x3F;
        } else {
            write_memory(s.bus_address, s.access_value);
        }
    } else {
        s.read_buffer = drawing && !address_dot ? s.bus_data : read_memory(s.bus_address);
    }
    increment_v();
}

}  // namespace nes
