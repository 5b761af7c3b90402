// Multicarts around an MMC3. NESdev "INES Mapper 037", "044", "045", "047", "049", "052", "134", "205" and "NES 2.0 Mapper
// 260", "313", "392".
#include "cartridge/boards/mmc3_outer.hpp"

namespace nes::boards {
namespace {

using Registers = Mmc3Registers;

/// One register at $6000-$7FFF.
bool write_6000(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x6000) return false;
    r.outer[0] = value;
    return true;
}
/// The same until bit 7 of it is set.
bool write_6000_lock(Registers& r, const Cartridge& cart, std::uint16_t address, std::uint8_t value) {
    return !bit(r.outer[0], 7) && write_6000(r, cart, address, value);
}

/// 128 KB of each, or 256 KB: `wide` leaves A17 to the chip.
OuterBanks blocks(int prg, bool prg_wide, int chr, bool chr_wide) {
    return {.prg_mask = prg_wide ? 0x1F : 0x0F,
            .prg_base = prg << 4,
            .chr_mask = chr_wide ? 0xFF : 0x7F,
            .chr_base = chr << 7};
}

// --- 37: two games of 64 KB and one of 128 KB ---
OuterBanks zz(const Cartridge&, const Registers& r) {
    const unsigned value = r.outer[0];
    const bool forced = (value & 3) == 3;
    const bool upper = bit(value, 2);
    return {.prg_mask = upper && !forced ? 0x0F : 0x07,
            .prg_base = (upper ? 0x10 : 0) | (forced ? 0x08 : 0),
            .chr_mask = 0x7F,
            .chr_base = upper ? 0x80 : 0};
}

// --- 44: the block in the lower bits of $A001 ---
OuterBanks super_big_7in1(const Cartridge&, const Registers& r) {
    const int block = r.ram & 7;
    return block >= 6 ? blocks(6, true, 6, true) : blocks(block, false, block, false);
}
bool follow_a001(Registers&, const Cartridge&, std::uint16_t address, std::uint8_t) {
    return (address & 0xE001) == 0xA001;
}

// --- 45: GA23C. Four registers behind one address; outer[4] counts ---
bool write_ga23c(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if ((address & 0xF000) != 0x6000) return false;
    if ((address & 1) != 0) {
        for (unsigned i = 0; i < 5; ++i) r.outer[i] = 0;
        r.outer[2] = 0x0F;
        return true;
    }
    if (bit(r.outer[3], 6)) return false;
    r.outer[r.outer[4] & 3] = value;
    r.outer[4] = (r.outer[4] + 1) & 3;
    return true;
}
void power_on_ga23c(Registers& r, const Cartridge&) { r.outer[2] = 0x0F; }
OuterBanks ga23c(const Cartridge&, const Registers& r) {
    const unsigned high = r.outer[2];
    return {.prg_mask = ~r.outer[3] & 0x3F,
            .prg_base = r.outer[1] | bits(high, 6, 2) << 8,
            .chr_mask = 0xFF >> (15 - (high & 15)),
            .chr_base = r.outer[0] | bits(high, 4, 4) << 8};
}
// A DIP switch in its first position.
std::uint8_t read_ga23c(const Cartridge&, const Registers&, std::uint16_t address, std::uint8_t open_bus) {
    if ((address & 0xF000) != 0x5000) return open_bus;
    return static_cast<std::uint8_t>((open_bus & 0xFE) | bits(address, 4, 1));
}

// --- 47 ---
OuterBanks qj(const Cartridge&, const Registers& r) { return blocks(r.outer[0] & 1, false, r.outer[0] & 1, false); }

// --- 49 ---
OuterBanks super_hik_4in1(const Cartridge&, const Registers& r) {
    const int block = r.outer[0] >> 6;
    OuterBanks banks = blocks(block, false, block, false);
    if (!bit(r.outer[0], 0)) {
        banks.nrom = block << 3 | bits(r.outer[0], 4, 2) << 1;
        banks.nrom_256 = true;
    }
    return banks;
}

// --- 52: Realtec 8213 ---
OuterBanks realtec_8213(const Cartridge&, const Registers& r) {
    const unsigned v = r.outer[0];
    const int a19 = bits(v, 2, 1) << 2;
    const bool prg_wide = !bit(v, 3);
    const bool chr_wide = !bit(v, 6);
    return blocks(a19 | bits(v, 1, 1) << 1 | (prg_wide ? 0 : bits(v, 0, 1)), prg_wide,
                  a19 | bits(v, 5, 1) << 1 | (chr_wide ? 0 : bits(v, 4, 1)), chr_wide);
}
// CHR-RAM with the last 128 KB of each half.
OuterBanks realtec_8213_chr_ram(const Cartridge& cart, const Registers& r) {
    OuterBanks banks = realtec_8213(cart, r);
    banks.chr_ram = (r.outer[0] & 3) == 3;
    return banks;
}
OuterBanks ab892(const Cartridge& cart, const Registers& r) {
    const unsigned v = r.outer[0];
    const int high = bits(v, 1, 2) << 1;
    const bool prg_wide = !bit(v, 3);
    const bool chr_wide = !bit(v, 6);
    OuterBanks banks =
        blocks(high | (prg_wide ? 0 : bits(v, 0, 1)), prg_wide, high | (chr_wide ? 0 : bits(v, 4, 1)), chr_wide);
    banks.chr_ram = bit(v, 5) && cart.rom->chr_ram_size != 0;
    return banks;
}

// --- 134: T4A54A ---
bool write_t4a54a(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    const unsigned index = address & 3;
    if (address < 0x6000) return false;
    if (!bit(r.outer[0], 7)) {
        r.outer[index] = value;
    } else if (index == 2) {
        r.outer[2] = static_cast<std::uint8_t>((r.outer[2] & ~3) | (value & 3));
    } else {
        return false;
    }
    return true;
}
OuterBanks t4a54a(const Cartridge&, const Registers& r) {
    const unsigned mode = r.outer[0];
    const unsigned outer = r.outer[1];
    const bool prg_wide = !bit(outer, 2);
    const bool chr_wide = !bit(outer, 6);
    OuterBanks banks =
        blocks(bits(mode, 4, 1) << 2 | bits(outer, 1, 1) << 1 | (prg_wide ? 0 : bits(outer, 0, 1)), prg_wide,
               bits(mode, 5, 1) << 2 | bits(outer, 5, 1) << 1 | (chr_wide ? 0 : bits(outer, 4, 1)), chr_wide);
    if (bit(outer, 7)) {
        banks.nrom = ((r.bank[6] & banks.prg_mask) | banks.prg_base) >> 1;
        banks.nrom_256 = !bit(outer, 3);
    }
    if (bit(mode, 3)) banks.chr_8k = (r.outer[2] & (banks.chr_mask >> 3)) | banks.chr_base >> 3;
    banks.prg_open = bit(mode, 6);
    return banks;
}
std::uint8_t read_t4a54a(const Cartridge&, const Registers& r, std::uint16_t address, std::uint8_t open_bus) {
    // The solder pads.
    return address >= 0x8000 && bit(r.outer[0], 6) ? static_cast<std::uint8_t>(open_bus & 0xFC) : open_bus;
}
bool follow_bank_6(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t) {
    return (address & 0xE001) == 0x8001 && (r.select & 7) == 6 && bit(r.outer[1], 7);
}

// --- 205: JC-016-2 ---
OuterBanks jc_016(const Cartridge&, const Registers& r) {
    const int block = r.outer[0] & 3;
    const bool wide = block < 2;
    return blocks(block, wide, block, wide);
}

// --- 260: HP10xx/HP20xx ---
bool write_hpxx(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if ((address & 0xF000) != 0x5000 || (address & 3) == 3 || bit(r.outer[0], 7)) return false;
    r.outer[address & 3] = value;
    return true;
}
bool follow_hpxx(Registers& r, const Cartridge&, std::uint16_t, std::uint8_t value) {
    r.outer[3] = value;
    return bit(r.outer[0], 2);
}
OuterBanks hpxx(const Cartridge&, const Registers& r) {
    const unsigned mode = r.outer[0] & 7;
    const int prg = r.outer[1] & 0x3F;
    const int chr = r.outer[2] & 0x7F;
    OuterBanks banks;
    if (mode < 4) {
        banks.prg_mask = bit(mode, 1) ? 0x0F : 0x1F;
        banks.prg_base = prg << 1 & ~banks.prg_mask;
        banks.chr_mask = bit(mode, 0) ? 0x7F : 0xFF;
        banks.chr_base = chr << 3 & ~banks.chr_mask;
        return banks;
    }
    banks.nrom = prg;
    banks.nrom_256 = mode != 4;
    const int latched = mode < 6 ? 0 : mode == 6 ? 1 : 3;
    banks.chr_8k = (chr & ~latched) | (r.outer[3] & latched);
    banks.mirroring = static_cast<int>(horizontal_if(bit(r.outer[3], 2)));
    return banks;
}
// The DIP switches are off.
std::uint8_t read_hpxx(const Cartridge&, const Registers&, std::uint16_t address, std::uint8_t open_bus) {
    return (address & 0xF000) == 0x5000 ? static_cast<std::uint8_t>(open_bus & 0xFC) : open_bus;
}

// --- 313: the reset button goes to the next of four games ---
template <bool prg_wide, bool chr_wide>
OuterBanks reset_txrom(const Cartridge&, const Registers& r) {
    const int game = r.outer[7] & 3;
    return blocks(prg_wide ? game << 1 : game, prg_wide, chr_wide ? game << 1 : game, chr_wide);
}
// The first game alone has 256 KB.
OuterBanks reset_txrom_a01(const Cartridge&, const Registers& r) {
    const int game = r.outer[7] & 3;
    return game == 0 ? blocks(0, true, 0, false) : blocks(game + 1, false, game, false);
}

// --- 392: a menu of 32 KB behind 1 MB of games, and CHR-RAM for it ---
bool write_00202650(Registers& r, const Cartridge& cart, std::uint16_t address, std::uint8_t value) {
    return !bit(r.outer[0], 4) && write_6000(r, cart, address, value);
}
OuterBanks pcb_00202650(const Cartridge&, const Registers& r) {
    OuterBanks banks = blocks(r.outer[0] & 7, false, r.outer[0] & 7, false);
    if (!bit(r.outer[0], 4)) {
        banks.nrom = 64;
        banks.nrom_256 = true;
        banks.chr_ram = true;
    }
    return banks;
}

}  // namespace

std::unique_ptr<Board> make_zz(Cartridge& cart) {
    return make_outer(cart, {.decode = zz, .write = write_6000, .needs_ram = true});
}
std::unique_ptr<Board> make_super_big_7in1(Cartridge& cart) {
    return make_outer(cart, {.decode = super_big_7in1, .follow = follow_a001});
}
std::unique_ptr<Board> make_ga23c(Cartridge& cart) {
    return make_outer(cart, {.decode = ga23c, .write = write_ga23c, .power_on = power_on_ga23c, .read = read_ga23c});
}
std::unique_ptr<Board> make_qj(Cartridge& cart) {
    return make_outer(cart, {.decode = qj, .write = write_6000, .needs_ram = true});
}
std::unique_ptr<Board> make_super_hik_4in1(Cartridge& cart) {
    return make_outer(cart, {.decode = super_hik_4in1, .write = write_6000, .needs_ram = true});
}
std::unique_ptr<Board> make_realtec_8213(Cartridge& cart) {
    return make_outer(cart, {.decode = realtec_8213, .write = write_6000_lock, .needs_ram = true});
}
std::unique_ptr<Board> make_realtec_8213_chr_ram(Cartridge& cart) {
    return make_outer(cart, {.decode = realtec_8213_chr_ram, .write = write_6000_lock, .needs_ram = true});
}
std::unique_ptr<Board> make_ab892(Cartridge& cart) {
    return make_outer(cart, {.decode = ab892, .write = write_6000_lock, .needs_ram = true});
}
std::unique_ptr<Board> make_t4a54a(Cartridge& cart) {
    return make_outer(cart, {.decode = t4a54a, .write = write_t4a54a, .follow = follow_bank_6, .read = read_t4a54a});
}
std::unique_ptr<Board> make_jc_016(Cartridge& cart) {
    return make_outer(cart, {.decode = jc_016, .write = write_6000});
}
std::unique_ptr<Board> make_hpxx(Cartridge& cart) {
    return make_outer(cart, {.decode = hpxx, .write = write_hpxx, .follow = follow_hpxx, .read = read_hpxx});
}
std::unique_ptr<Board> make_reset_txrom(Cartridge& cart) {
    return make_outer(cart, {.decode = reset_txrom<false, false>, .counts_resets = true});
}
std::unique_ptr<Board> make_reset_txrom_prg(Cartridge& cart) {
    return make_outer(cart, {.decode = reset_txrom<true, false>, .counts_resets = true});
}
std::unique_ptr<Board> make_reset_txrom_chr(Cartridge& cart) {
    return make_outer(cart, {.decode = reset_txrom<false, true>, .counts_resets = true});
}
std::unique_ptr<Board> make_reset_txrom_both(Cartridge& cart) {
    return make_outer(cart, {.decode = reset_txrom<true, true>, .counts_resets = true});
}
std::unique_ptr<Board> make_reset_txrom_a01(Cartridge& cart) {
    return make_outer(cart, {.decode = reset_txrom_a01, .counts_resets = true});
}
std::unique_ptr<Board> make_pcb_00202650(Cartridge& cart) {
    return make_outer(cart, {.decode = pcb_00202650, .write = write_00202650});
}

}  // namespace nes::boards
