// MMC1 (SxROM). NESdev "MMC1", "INES Mapper 155".
#include "cartridge/boards/mmc1.hpp"

namespace nes::boards {
namespace {

constexpr Field kMmc1Fields[] = {
    NES_FIELD(Mmc1Registers, last_write), NES_FIELD(Mmc1Registers, now),   NES_FIELD(Mmc1Registers, timer),
    NES_FIELD(Mmc1Registers, shift),      NES_FIELD(Mmc1Registers, count), NES_FIELD(Mmc1Registers, control),
    NES_FIELD(Mmc1Registers, chr),        NES_FIELD(Mmc1Registers, prg),   NES_FIELD(Mmc1Registers, unlock),
    NES_FIELD(Mmc1Registers, reserved),
};
static_assert(covers(kMmc1Fields, sizeof(Mmc1Registers)));

constexpr std::uint8_t kPrgMode16KFixedLast = 0x0C;

}  // namespace

void Mmc1::power_on() noexcept { regs().control = kPrgMode16KFixedLast; }

void Mmc1::map() noexcept {
    const auto& r = regs();
    map_chr_banks(r);
    map_prg_banks(r);
    map_ram(r);
    cart.mirror(single_first(r.control));
}

void Mmc1::cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept {
    if (address < 0x8000) return;
    auto& r = regs();
    const bool consecutive = cycle == r.last_write + 1;
    r.last_write = cycle;
    if ((value & 0x80) != 0) {
        // The reset is obeyed on the second of two writes as well (Shinsenden needs that).
        r.shift = 0;
        r.count = 0;
        r.control |= kPrgMode16KFixedLast;
        map();
        return;
    }
    // Read-modify-write instructions write twice; only the first one is shifted in (Bill & Ted's
    // Excellent Adventure resets the chip with INC on a $FF and must not shift in the $00).
    if (consecutive) return;
    r.shift = static_cast<std::uint8_t>((r.shift >> 1 & 0x0F) | (value & 1) << 4);
    if (++r.count < 5) return;
    const unsigned index = address >> 13 & 3u;
    switch (index) {
        case 0: r.control = r.shift; break;
        case 1: r.chr[0] = r.shift; break;
        case 2: r.chr[1] = r.shift; break;
        default: r.prg = r.shift; break;
    }
    r.shift = 0;
    r.count = 0;
    register_written(index);
    map();
}

std::span<const Field> Mmc1::fields() const noexcept { return kMmc1Fields; }

// The CHR lines a board does not need for CHR are wired to other chips. Which register drives them
// depends on PPU A12 in 4 KB mode; every game writes both alike, so the first one is taken.
bool Mmc1::chr_lines_are_free() const noexcept { return cart.rom->chr.size() <= 8 * kKB; }

void Mmc1::map_chr_banks(const Mmc1Registers& r) noexcept {
    if ((r.control & 0x10) != 0) {
        cart.map_chr(0x0000, 4 * kKB, r.chr[0] & 0x1F);
        cart.map_chr(0x1000, 4 * kKB, r.chr[1] & 0x1F);
    } else {
        cart.map_chr(0x0000, 8 * kKB, r.chr[0] >> 1 & 0x0F);
    }
}

void Mmc1::map_prg_banks(const Mmc1Registers& r) noexcept {
    if (variant_.fixed_prg) {
        cart.map_prg(0x8000, 32 * kKB, 0);
        return;
    }
    // SUROM and SXROM: CHR A16 is PRG A18, over fixed and switched banks alike.
    const bool has_outer = cart.rom->prg.size() > 256 * kKB;
    const int outer = has_outer ? r.chr[0] & 0x10 : 0;
    const int bank = outer | (r.prg & 0x0F);
    // With bit 4 the MMC1A lets bit 3 drive PRG A17 over the fixed bank as well.
    const int driven = variant_.mmc1a && (r.prg & 0x10) != 0 ? 0x08 : 0;
    const int fixed = outer | (bank & driven);
    switch (r.control >> 2 & 3) {
        case 2:
            cart.map_prg(0x8000, 16 * kKB, fixed);
            cart.map_prg(0xC000, 16 * kKB, bank);
            break;
        case 3:
            cart.map_prg(0x8000, 16 * kKB, bank);
            cart.map_prg(0xC000, 16 * kKB, fixed | (0x0F & ~driven));
            break;
        default: cart.map_prg(0x8000, 32 * kKB, bank >> 1); break;
    }
}

void Mmc1::map_ram(const Mmc1Registers& r) noexcept {
    bool enabled = variant_.mmc1a || (r.prg & 0x10) == 0;
    int bank = 0;
    if (cart.rom->prg_ram_size > 16 * kKB) {
        bank = r.chr[0] >> 2 & 3;  // SXROM
    } else if (cart.rom->prg_ram_size > 8 * kKB) {
        // SOROM; SZROM, which needs the lower lines for CHR-ROM, takes the top one.
        bank = chr_lines_are_free() ? r.chr[0] >> 3 & 1 : r.chr[0] >> 4 & 1;
    } else if (chr_lines_are_free() && cart.rom->prg.size() <= 256 * kKB && cart.rom->nes2) {
        // SNROM: CHR A16 is a second disable line. The header of iNES 1 cannot tell SNROM from boards
        // that leave the line alone.
        enabled = enabled && (r.chr[0] & 0x10) == 0;
    }
    if (enabled) {
        cart.map_prg_ram(0x6000, 8 * kKB, bank);
    } else {
        cart.unmap_cpu(0x6000, 8 * kKB);
    }
}

std::unique_ptr<Board> make_mmc1(Cartridge& cart) { return std::make_unique<Mmc1>(cart); }
std::unique_ptr<Board> make_mmc1_fixed_prg(Cartridge& cart) {
    return std::make_unique<Mmc1>(cart, Mmc1::Variant{.fixed_prg = true});
}
std::unique_ptr<Board> make_mmc1a(Cartridge& cart) {
    return std::make_unique<Mmc1>(cart, Mmc1::Variant{.mmc1a = true});
}

}  // namespace nes::boards
