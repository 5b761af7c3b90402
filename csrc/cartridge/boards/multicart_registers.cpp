// Multicarts of a few registers; those of one latch are in multicart_latch.cpp. NESdev "INES Mapper 041", "046",
// "057", "060", "221", "230", "236", "237" and "NES 2.0 Mapper 274", "286", "289", "293", "310", "314", "319",
// "320", "324", "331", "332", "335", "337", "350", "375", "381", "382", "389", "396", "403", "437", "439", "453", "454".
#include "cartridge/boards/multicart.hpp"

namespace nes::boards {

std::span<const Field> MulticartBoard::fields() const noexcept {
    static constexpr Field kFields[] = {
        NES_FIELD(MulticartState, address),
        NES_FIELD(MulticartState, value),
        NES_FIELD(MulticartState, games),
    };
    static_assert(covers(kFields, sizeof(MulticartState)));
    return kFields;
}

namespace {

using State = MulticartState;

/// Two latches of data: at $8000-$BFFF and $C000-$FFFF.
bool write_halves(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    r.value[address >> 14 & 1] = value;
    return true;
}
/// The same with the address.
bool write_address_halves(State& r, const Cartridge&, std::uint16_t address, std::uint8_t) {
    if (address < 0x8000) return false;
    r.address[address >> 14 & 1] = address;
    return true;
}

// --- 41: Caltron 6-in-1 ---
bool write_caltron(State& r, const Cartridge& cart, std::uint16_t address, std::uint8_t value) {
    if ((address & 0xF800) == 0x6000) {
        r.address[0] = address;
    } else if (address >= 0x8000 && bit(r.address[0], 2)) {
        r.value[0] = bus_conflict(cart, address, value);
    } else {
        return false;
    }
    return true;
}
void caltron(Cartridge& cart, const State& r) {
    cart.map_prg(0x8000, 32 * kKB, bits(r.address[0], 0, 3));
    chr_and_mirroring(cart, bits(r.address[0], 3, 2) << 2 | (r.value[0] & 3), bit(r.address[0], 5));
}

// --- 46: Rumble Station ---
bool write_rumble(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x6000) return false;
    r.value[address >> 15] = value;
    return true;
}
void rumble(Cartridge& cart, const State& r) {
    cart.map_prg(0x8000, 32 * kKB, bits(r.value[0], 0, 4) << 1 | bits(r.value[1], 0, 1));
    cart.map_chr(0x0000, 8 * kKB, bits(r.value[0], 4, 4) << 3 | bits(r.value[1], 4, 3));
    cart.mirror(cart.rom->mirroring);
}

// --- 57: GK ---
bool write_gk(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    r.value[address >> 11 & 1] = value;
    return true;
}
void gk(Cartridge& cart, const State& r) {
    const unsigned a = r.value[0];
    const unsigned b = r.value[1];
    map_nrom(cart, bits(b, 5, 3), bit(b, 4));
    chr_and_mirroring(cart, bits(a, 6, 1) << 3 | bits(b, 2, 1) << 2 | bits(bit(a, 7) ? b : a, 0, 2), bit(b, 3));
}

// --- boards that the reset button switches ---
void reset_nrom_4in1(Cartridge& cart, const State& r) {
    map_nrom(cart, r.games & 3, false);
    cart.map_chr(0x0000, 8 * kKB, r.games & 3);
    cart.mirror(cart.rom->mirroring);
}

bool write_value(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    r.value[0] = value;
    return true;
}
bool write_value_conflicts(State& r, const Cartridge& cart, std::uint16_t address, std::uint8_t value) {
    return write_value(r, cart, address, address < 0x8000 ? value : bus_conflict(cart, address, value));
}
// 230: two chips, of 128 KB with Contra and of 512 KB with the other games.
void contra_22in1(Cartridge& cart, const State& r) {
    const unsigned value = r.value[0];
    if (bit(r.games, 0)) {
        const int bank = bits(value, 0, 5) + 8;
        map_nrom(cart, bank, !bit(value, 5));
        chr_and_mirroring(cart, 0, !bit(value, 6));
    } else {
        map_unrom(cart, bits(value, 0, 3), 7);
        chr_and_mirroring(cart, 0, false);
    }
}
// 381: two UOROM games.
void kn_42(Cartridge& cart, const State& r) {
    const int outer = bits(r.games, 0, 1) << 4;
    map_unrom(cart, outer | bits(r.value[0], 0, 3) << 1 | bits(r.value[0], 4, 1), outer | 15);
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror(cart.rom->mirroring);
}

// --- 221: NTDEC N625092 ---
void n625092(Cartridge& cart, const State& r) {
    const unsigned mode = r.address[0];
    const int outer = (bits(mode, 2, 3) | bits(mode, 9, 1) << 3) << 3;
    const int bank = outer | bits(r.address[1], 0, 3);
    if (bit(mode, 1) && bit(mode, 8)) {
        map_unrom(cart, bank, outer | 7);
    } else {
        map_nrom(cart, bank, bit(mode, 1));
    }
    chr_ram_and_mirroring(cart, bit(r.address[1], 3), bit(mode, 0));
}

// --- 236: Realtec, with CHR-ROM or with more PRG-ROM ---
int realtec_bank(const Cartridge& cart, const State& r) {
    return cart.rom->chr.empty() ? bits(r.address[0], 0, 3) << 3 | bits(r.address[1], 0, 3) : bits(r.address[1], 0, 4);
}
void realtec_8031(Cartridge& cart, const State& r) {
    const int bank = realtec_bank(cart, r);
    switch (bits(r.address[1], 4, 2)) {
        case 0: map_unrom(cart, bank, bank | 7); break;
        case 1: cart.unmap_cpu(0x8000, 32 * kKB); break;  // read_realtec
        case 2: map_nrom(cart, bank, true); break;
        default: map_nrom(cart, bank, false); break;
    }
    chr_and_mirroring(cart, cart.rom->chr.empty() ? 0 : bits(r.address[0], 0, 4), bit(r.address[0], 5));
}
// Four solder pads, all open, in place of CPU A3-A0.
std::uint8_t read_realtec(const Cartridge& cart, const State& r, std::uint16_t address, std::uint8_t open_bus) {
    if (address < 0x8000) return open_bus;
    const int bank = realtec_bank(cart, r) | (address >= 0xC000 ? 7 : 0);
    return prg_byte(cart, static_cast<std::size_t>(bank) * 16 * kKB + (address & 0x3FF0u));
}

// --- 237: Teletubbies 420-in-1 ---
bool write_teletubbies(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    if (bit(r.address[0], 1)) {
        r.value[0] = static_cast<std::uint8_t>((r.value[0] & ~7) | (value & 7));
    } else {
        r.address[0] = address;
        r.value[0] = value;
    }
    return true;
}
int teletubbies_bank(const State& r, bool upper) {
    const unsigned value = r.value[0];
    const int outer = (bits(r.address[0], 2, 1) << 2 | bits(value, 3, 2)) << 3;
    int inner = bits(value, 0, 3);
    if (bit(value, 6)) inner = (inner & 6) | (bit(value, 7) && upper ? 1 : 0);
    if (!bit(value, 7) && upper) inner = 7;
    return outer | inner;
}
void teletubbies(Cartridge& cart, const State& r) {
    if (bit(r.address[0], 0)) {
        cart.unmap_cpu(0x8000, 32 * kKB);  // read_teletubbies
    } else {
        map_unrom(cart, teletubbies_bank(r, false), teletubbies_bank(r, true));
    }
    chr_and_mirroring(cart, 0, !bit(r.value[0], 5));
}
std::uint8_t read_teletubbies(const Cartridge& cart, const State& r, std::uint16_t address, std::uint8_t open_bus) {
    if (address < 0x8000) return open_bus;
    const int bank = teletubbies_bank(r, address >= 0xC000);
    return prg_byte(cart, static_cast<std::size_t>(bank) * 16 * kKB + ((address | 2u) & 0x3FFFu));
}

// --- 274: Cartridge Story, with a small chip behind the main one of 2 MB ---
bool write_cartridge_story(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    if (address < 0xA000) {
        r.value[0] = value;
    } else {
        r.value[1] = value;
        r.value[2] = address >> 14 & 1;
    }
    return true;
}
void cartridge_story(Cartridge& cart, const State& r) {
    constexpr int kMainBanks = 128;
    const int banks = static_cast<int>(cart.rom->prg.size() / (16 * kKB));
    const int extra = banks - kMainBanks;
    const int outer = bits(r.value[1], 4, 3) << 4;
    const int inner = bits(r.value[0], 0, 4);
    if (extra > 0 && r.value[2] == 0) {
        cart.map_prg(0x8000, 16 * kKB, kMainBanks + inner % extra);
    } else {
        cart.map_prg(0x8000, 16 * kKB, outer | inner);
    }
    cart.map_prg(0xC000, 16 * kKB, outer | bits(r.value[1], 0, 4));
    chr_and_mirroring(cart, 0, bit(r.value[0], 4));
}

// --- 286: BS-5; its DIP switches are in the first position ---
bool write_bs_5(State& r, const Cartridge&, std::uint16_t address, std::uint8_t) {
    const unsigned window = address >> 10 & 3u;
    switch (address >> 13) {
        case 4: r.value[window] = address & 0x1F; return true;
        case 5:
            if (!bit(address, 4)) return false;
            r.value[4 + window] = address & 0x0F;
            return true;
        default: return false;
    }
}
void power_on_bs_5(State& r, const Cartridge&) {
    for (unsigned i = 0; i < 4; ++i) r.value[4 + i] = 0x0F;
}
void bs_5(Cartridge& cart, const State& r) {
    for (unsigned i = 0; i < 4; ++i) {
        cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x2000), 8 * kKB, r.value[4 + i]);
        map_chr_window(cart, i, 2 * kKB, r.value[i]);
    }
    cart.mirror(Mirroring::vertical);
}

// --- 289: 60311C ---
bool write_60311c(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x6000) return false;
    r.value[address >= 0x8000 ? 2 : address & 1] = value;
    return true;
}
void bmc_60311c(Cartridge& cart, const State& r) {
    const unsigned mode = r.value[0];
    const int bank = r.value[1] & 0x7F;
    const int outer = bank & 0x78;
    switch (mode & 3) {
        case 0: map_nrom(cart, bank, false); break;
        case 1: map_nrom(cart, bank, true); break;
        case 2: map_unrom(cart, outer | (r.value[2] & 7), outer | 7); break;
        default: map_nrom(cart, outer | 7, false); break;
    }
    chr_ram_and_mirroring(cart, bit(mode, 2), bit(mode, 3));
}
std::uint8_t read_60311c(const Cartridge&, const State&, std::uint16_t address, std::uint8_t open_bus) {
    return (address & 0xE000) == 0x6000 ? static_cast<std::uint8_t>(open_bus & 0xFC) : open_bus;
}

// --- 293: the two registers overlap at $8000-$9FFF ---
bool write_newstar(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    if ((address & 0x2000) == 0) r.value[0] = value;
    if ((address & 0x4000) == 0) r.value[1] = value;
    return true;
}
void newstar(Cartridge& cart, const State& r) {
    const unsigned second = r.value[1];
    const int outer = (bits(second, 0, 1) << 2 | bits(second, 4, 2)) << 3;
    const int bank = outer | bits(r.value[0], 0, 3);
    const bool low = bit(second, 6);
    if (bit(r.value[0], 3)) {
        map_nrom(cart, bank, low);
    } else {
        map_unrom(cart, low ? bank & ~1 : bank, outer | 7);
    }
    chr_and_mirroring(cart, 0, bit(second, 7));
}

// --- 310: K-1053 ---
bool write_k_1053(State& r, const Cartridge& cart, std::uint16_t address, std::uint8_t value) {
    if (address >= 0xC000) r.address[0] = address;
    return write_halves(r, cart, address, value);
}
void k_1053(Cartridge& cart, const State& r) {
    const unsigned mode = r.address[0] & 3u;
    const int bank = bits(r.value[0], 0, 6) | bits(r.address[0], 2, 2) << 6;
    switch (mode) {
        case 0: map_nrom(cart, bank, true); break;
        case 1: map_unrom(cart, bank, bank | 7); break;
        case 2:
            for (unsigned i = 0; i < 4; ++i) {
                cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x2000), 8 * kKB,
                             bank << 1 | bits(r.value[0], 7, 1));
            }
            break;
        default: map_nrom(cart, bank, false); break;
    }
    chr_and_mirroring(cart, r.value[1] & 3, bit(r.value[0], 6));
    if (mode == 0 || mode == 3) protect_chr(cart);
}

// --- 314: 64-in-1 No Repeat ---
bool write_64in1(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address >= 0x8000) {
        r.value[3] = value;
    } else if ((address & 0xF000) == 0x5000 && (address & 3) < 3) {
        r.value[address & 3] = value;
    } else {
        return false;
    }
    return true;
}
void power_on_64in1(State& r, const Cartridge&) {
    r.value[0] = 0x80;
    r.value[1] = 0x43;
}
void bmc_64in1(Cartridge& cart, const State& r) {
    const unsigned prg = r.value[1];
    if (bit(r.value[0], 7)) {
        map_nrom(cart, bits(prg, 0, 6) << 1 | bits(prg, 6, 1), bit(prg, 7));
    } else {
        const int outer = (bits(prg, 0, 6) << 1) & ~7;
        map_unrom(cart, outer | (r.value[3] & 7), outer | 7);
    }
    chr_and_mirroring(cart, bits(r.value[2], 0, 4) << 2 | bits(r.value[0], 1, 2), bit(r.value[0], 5));
}

// --- 319: HP-898F ---
bool write_hp_898f(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if ((address & 0xE000) != 0x6000) return false;
    r.value[address >> 2 & 1] = value;
    return true;
}
void hp_898f(Cartridge& cart, const State& r) {
    const unsigned prg = r.value[1];
    map_nrom(cart, bits(prg, 4, 1) << 2 | bits(prg, 3, 1) << 1 | bits(prg, 5, 1), bit(prg, 6));
    chr_and_mirroring(cart, r.value[0] >> 4, !bit(prg, 7));
}
std::uint8_t read_hp_898f(const Cartridge&, const State&, std::uint16_t address, std::uint8_t open_bus) {
    return (address & 0xF000) == 0x5000 ? static_cast<std::uint8_t>(open_bus & ~0x40) : open_bus;
}

// --- 320: UNROM and UOROM games ---
bool write_830425c(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    if ((address & 0xFFE0) == 0xF0E0) r.address[0] = address;
    r.value[0] = value;
    return true;
}
void bmc_830425c(Cartridge& cart, const State& r) {
    const int size = bit(r.address[0], 4) ? 8 : 16;
    const int outer = (bits(r.address[0], 0, 4) << 3) & ~(size - 1);
    map_unrom(cart, outer | (r.value[0] & (size - 1)), outer | (size - 1));
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror(cart.rom->mirroring);
}

// --- 324: Farid's UNROM 8-in-1; the reset clears the outer bank alone ---
bool write_farid_unrom(State& r, const Cartridge& cart, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    value = bus_conflict(cart, address, value);
    if (bit(value, 7) && !bit(r.value[0], 7) && !bit(r.value[1], 3)) r.value[1] = value & 0x78;
    r.value[0] = value & 0x87;
    return true;
}
void reset_farid_unrom(State& r) { r.value[1] = 0; }
void farid_unrom(Cartridge& cart, const State& r) {
    const int outer = bits(r.value[1], 4, 3) << 3;
    map_unrom(cart, outer | (r.value[0] & 7), outer | 7);
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror(cart.rom->mirroring);
}

// --- 331: the two PRG banks are those of the pattern table that is read; menus set both alike ---
bool write_ns03(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0xA000) return false;
    r.value[(address >> 13) - 5] = value;
    return true;
}
void ns03(Cartridge& cart, const State& r) {
    const unsigned mode = r.value[2];
    const int outer = bits(mode, 0, 2);
    const int bank = outer << 3 | bits(r.value[0], 0, 3);
    if (bit(mode, 3)) {
        map_nrom(cart, bank, true);
    } else {
        map_unrom(cart, bank, bank | 7);
    }
    for (unsigned i = 0; i < 2; ++i) map_chr_window(cart, i, 4 * kKB, outer << 5 | bits(r.value[i], 3, 5));
    cart.mirror(horizontal_if(bit(mode, 2)));
}

// --- 332: BMC-WS; its solder pads are open ---
bool write_ws(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x6000) return false;
    r.value[address >= 0x8000 ? 2 : address & 1] = value;
    return true;
}
void bmc_ws(Cartridge& cart, const State& r) {
    const unsigned prg = r.value[0];
    const unsigned chr = r.value[1];
    const int high = bits(prg, 6, 1);
    map_nrom(cart, high << 3 | bits(prg, 0, 3), !bit(prg, 3));
    const int a13 = bit(chr, 4) ? bits(chr, 0, 1) : bits(r.value[2], 0, 1);
    const int a14 = bit(chr, 5) ? bits(chr, 1, 1) : bits(r.value[2], 1, 1);
    chr_and_mirroring(cart, high << 3 | bits(chr, 2, 1) << 2 | a14 << 1 | a13, bit(prg, 4));
}

// --- 335 ---
void ctc_09(Cartridge& cart, const State& r) {
    const unsigned prg = r.value[1];
    const bool nrom_128 = bit(prg, 4);
    map_nrom(cart, bits(prg, 0, 3) << 1 | bits(prg, 3, 1), !nrom_128);
    chr_and_mirroring(cart, r.value[0] & 0x0F, bit(prg, 5));
}

// --- 337, 350: the second 8 KB of ROM at $6000 ---
void unrom_and_nrom(Cartridge& cart, int outer, int inner, unsigned mode) {
    cart.map_prg(0x6000, 8 * kKB, 1);
    if (mode >= 2) {
        map_unrom(cart, outer | inner, outer | 7);
    } else {
        map_nrom(cart, outer | inner, mode == 1);
    }
}
bool write_ctc_12in1(State& r, const Cartridge& cart, std::uint16_t address, std::uint8_t value) {
    if (address >= 0xC000) r.address[0] = address;
    return write_halves(r, cart, address, value);
}
void ctc_12in1(Cartridge& cart, const State& r) {
    const unsigned outer = r.value[0];
    const unsigned mode = outer >> 6;
    unrom_and_nrom(cart, bits(outer, 3, 2) << 3, r.value[1] & 7, mode);
    chr_ram_and_mirroring(cart, mode < 2 || bit(r.address[0], 13), bit(outer, 5));
}
void bmc_891227(Cartridge& cart, const State& r) {
    const unsigned outer = r.value[0];
    const unsigned mode = outer >> 5 & 3;
    // The second chip answers in UNROM mode only.
    const int bank = bits(outer, 3, 2) << 3 | (mode >= 2 ? bits(outer, 5, 1) << 5 : 0);
    unrom_and_nrom(cart, bank, r.value[1] & 7, mode);
    chr_ram_and_mirroring(cart, mode < 2, bit(outer, 7));
}

// --- 375: 227 with 2 MB and a latch of data ---
bool write_375(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    if (!bit(r.address[0], 11)) r.address[0] = address;
    r.value[0] = value;
    return true;
}
void bmc_375(Cartridge& cart, const State& r) {
    const unsigned a = r.address[0];
    const int outer = (bits(a, 5, 2) | bits(a, 8, 1) << 2 | bits(a, 10, 1) << 3) << 3;
    const int inner = bit(a, 11) ? bits(r.value[0], 0, 3) : bits(a, 2, 3);
    const bool wide = bit(a, 0);
    if (bit(a, 7)) {
        map_nrom(cart, outer | inner, wide);
    } else {
        map_unrom(cart, outer | (wide ? inner & 6 : inner), outer | (bit(a, 9) ? 7 : 0));
    }
    chr_ram_and_mirroring(cart, bit(a, 7), bit(a, 1));
}

// --- 382: 830928C ---
bool write_830928c(State& r, const Cartridge& cart, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    value = bus_conflict(cart, address, value);
    if (!bit(r.address[0], 5)) r.address[0] = address;
    r.value[0] = value;
    return true;
}
void bmc_830928c(Cartridge& cart, const State& r) {
    const int outer = bits(r.address[0], 0, 3) << 3;
    if (bit(r.address[0], 3)) {
        cart.map_prg(0x8000, 32 * kKB, outer >> 1 | (r.value[0] & 3));
    } else {
        map_unrom(cart, outer | (r.value[0] & 7), outer | 7);
    }
    chr_and_mirroring(cart, 0, bit(r.address[0], 4));
}

// --- 389: Caltron 9-in-1; three latches of the address ---
bool write_caltron_9in1(State& r, const Cartridge&, std::uint16_t address, std::uint8_t) {
    if (address < 0x8000) return false;
    if (address < 0xA000) {
        r.value[address >> 12 & 1] = static_cast<std::uint8_t>(address);
    } else {
        r.value[2] = address & 0x0F;
    }
    return true;
}
void caltron_9in1(Cartridge& cart, const State& r) {
    const int outer = bits(r.value[0], 3, 4) << 1;
    if (bit(r.value[1], 1)) {
        // 64 KB of UNROM.
        const int base = outer & ~3;
        map_unrom(cart, base | bits(r.value[2], 2, 2), base | 3);
    } else {
        map_nrom(cart, outer, true);
    }
    chr_and_mirroring(cart, bits(r.value[1], 3, 3) << 2 | bits(r.value[2], 0, 2), bit(r.value[0], 0));
}

// --- 396: UNROM games ---
bool write_yy850437c(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    r.value[(address & 0xE000) == 0xA000 ? 0 : 1] = value;
    return true;
}
void yy850437c(Cartridge& cart, const State& r) {
    const int outer = bits(r.value[0], 0, 3) << 3;
    map_unrom(cart, outer | (r.value[1] & 7), outer | 7);
    // Two wirings of the mirroring, of which no menu uses both.
    chr_and_mirroring(cart, 0, (r.value[0] & 0x60) != 0);
}

// --- 403: 89433 ---
bool write_89433(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address >= 0x8000) {
        if (!bit(r.value[2], 2)) return false;
        r.value[1] = value;
    } else if ((address & 0xE100) == 0x4100 && (address & 3) < 3) {
        r.value[address & 3] = value;
    } else {
        return false;
    }
    return true;
}
void bmc_89433(Cartridge& cart, const State& r) {
    map_nrom(cart, bits(r.value[0], 1, 6), !bit(r.value[2], 0));
    chr_and_mirroring(cart, r.value[1] & 3, bit(r.value[2], 4));
}

// --- 437: NTDEC TH2348 ---
bool write_th2348(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address >= 0x8000) {
        r.value[0] = value;
    } else if ((address & 0xF000) == 0x5000) {
        r.address[0] = address;
    } else {
        return false;
    }
    return true;
}
void th2348(Cartridge& cart, const State& r) {
    const int outer = bits(r.address[0], 0, 3) << 3;
    map_unrom(cart, outer | (r.value[0] & 7), outer | 7);
    chr_and_mirroring(cart, 0, bit(r.address[0], 3));
}

// --- 439: YS2309 ---
bool write_ys2309(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address >= 0x8000) {
        r.value[0] = bit(r.value[2], 7) ? static_cast<std::uint8_t>((value & 0x7F) | (r.value[0] & 0x80)) : value;
    } else if (address >= 0x6000) {
        r.value[1 + (address & 1)] = value;
    } else {
        return false;
    }
    return true;
}
void ys2309(Cartridge& cart, const State& r) {
    const int mask = bits(r.value[2], 4, 3) << 3;
    const int outer = bits(r.value[1], 4, 3) << 3 & mask;
    map_unrom(cart, (r.value[0] & 0x3F & ~mask) | outer, (0x3F & ~mask) | outer);
    chr_and_mirroring(cart, 0, bit(r.value[0], 7));
}

// --- 453: Realtec 8042 ---
bool write_realtec_8042(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    const bool locked = (r.value[0] & 0x60) != 0;
    r.value[0] = locked ? static_cast<std::uint8_t>((value & ~0x60) | (r.value[0] & 0x60)) : value;
    return true;
}
void realtec_8042(Cartridge& cart, const State& r) {
    const unsigned value = r.value[0];
    cart.map_chr(0x0000, 8 * kKB, 0);
    if (bit(value, 6)) {
        cart.map_prg(0x8000, 32 * kKB, 8 | bits(value, 0, 3));
        cart.mirror(bit(value, 4) ? Mirroring::single_1 : Mirroring::single_0);
    } else {
        const int outer = bits(value, 5, 1) << 3;
        map_unrom(cart, outer | bits(value, 0, 3), outer | 7);
        cart.mirror(horizontal_if(bit(value, 4)));
    }
}

// --- 454: 110-in-1 ---
bool write_110in1(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    if (bit(r.address[0], 8)) {
        r.value[0] = value;
    } else {
        r.address[0] = address;
    }
    return true;
}
void bmc_110in1(Cartridge& cart, const State& r) {
    const unsigned a = r.address[0];
    const bool is_unrom = bit(a, 8);
    const int outer = bits(a, 5, 2) << 3 | (is_unrom ? 0x20 : 0);
    const int inner = is_unrom ? bits(r.value[0], 0, 3) : bits(a, 2, 3);
    const int low = bit(a, 0) ? inner & 6 : inner;
    if (is_unrom) {
        map_unrom(cart, outer | low, outer | 7);
    } else if (bit(a, 7)) {
        map_nrom(cart, outer | inner, bit(a, 0));
    } else {
        map_unrom(cart, outer | low, 0);
    }
    chr_and_mirroring(cart, 0, bit(a, 1));
}

// --- 104: games of 256 KB. A capacitor keeps its registers cleared at power-on, and the game tests whether they can be locked yet ---
class GoldenFive final : public Board {
  public:
    using Board::Board;
    void map() noexcept override {
        const auto& r = overlay<Latch>();
        const int outer = (r.extra & 7) << 4;
        map_unrom(cart, outer | (r.value & 15), outer | 15);
        chr_and_mirroring(cart, 0, cart.rom->mirroring == Mirroring::horizontal);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        auto& r = overlay<Latch>();
        if (address < 0x8000) return;
        if (address >= 0xC000) {
            r.value = value;
        } else if (!bit(r.extra, 3) && (!bit(value, 3) || cycle >= kHeld)) {
            r.extra = value;
        }
        map();
    }
    std::span<const Field> fields() const noexcept override { return LatchBoard::latch_fields(); }

  private:
    static constexpr std::uint64_t kHeld = 120'000;  // CPU cycles; the game tries after 101,077
};

}  // namespace

std::unique_ptr<Board> make_golden_five(Cartridge& cart) { return std::make_unique<GoldenFive>(cart); }
std::unique_ptr<Board> make_caltron(Cartridge& cart) { return make_multicart(cart, {caltron, write_caltron}); }
std::unique_ptr<Board> make_rumble_station(Cartridge& cart) { return make_multicart(cart, {rumble, write_rumble}); }
std::unique_ptr<Board> make_gk(Cartridge& cart) { return make_multicart(cart, {gk, write_gk}); }
std::unique_ptr<Board> make_reset_nrom_4in1(Cartridge& cart) {
    return make_multicart(cart, {.decode = reset_nrom_4in1, .write = write_nothing, .counts_resets = true});
}
std::unique_ptr<Board> make_n625092(Cartridge& cart) { return make_multicart(cart, {n625092, write_address_halves}); }
std::unique_ptr<Board> make_contra_22in1(Cartridge& cart) {
    return make_multicart(cart, {.decode = contra_22in1, .write = write_value, .counts_resets = true});
}
std::unique_ptr<Board> make_realtec_8031(Cartridge& cart) {
    return make_multicart(cart, {.decode = realtec_8031, .write = write_address_halves, .read = read_realtec});
}
std::unique_ptr<Board> make_teletubbies(Cartridge& cart) {
    return make_multicart(cart, {.decode = teletubbies, .write = write_teletubbies, .read = read_teletubbies});
}
std::unique_ptr<Board> make_cartridge_story(Cartridge& cart) {
    return make_multicart(cart, {cartridge_story, write_cartridge_story});
}
std::unique_ptr<Board> make_bs_5(Cartridge& cart) { return make_multicart(cart, {bs_5, write_bs_5, power_on_bs_5}); }
std::unique_ptr<Board> make_bmc_60311c(Cartridge& cart) {
    return make_multicart(cart, {.decode = bmc_60311c, .write = write_60311c, .read = read_60311c});
}
std::unique_ptr<Board> make_newstar(Cartridge& cart) { return make_multicart(cart, {newstar, write_newstar}); }
std::unique_ptr<Board> make_k_1053(Cartridge& cart) { return make_multicart(cart, {k_1053, write_k_1053}); }
std::unique_ptr<Board> make_bmc_64in1(Cartridge& cart) {
    return make_multicart(cart, {bmc_64in1, write_64in1, power_on_64in1});
}
std::unique_ptr<Board> make_hp_898f(Cartridge& cart) {
    return make_multicart(cart, {.decode = hp_898f, .write = write_hp_898f, .read = read_hp_898f});
}
std::unique_ptr<Board> make_bmc_830425c(Cartridge& cart) { return make_multicart(cart, {bmc_830425c, write_830425c}); }
std::unique_ptr<Board> make_farid_unrom(Cartridge& cart) {
    return make_multicart(cart, {.decode = farid_unrom, .write = write_farid_unrom, .reset = reset_farid_unrom});
}
std::unique_ptr<Board> make_ns03(Cartridge& cart) { return make_multicart(cart, {ns03, write_ns03}); }
std::unique_ptr<Board> make_bmc_ws(Cartridge& cart) { return make_multicart(cart, {bmc_ws, write_ws}); }
std::unique_ptr<Board> make_ctc_09(Cartridge& cart) { return make_multicart(cart, {ctc_09, write_halves}); }
std::unique_ptr<Board> make_ctc_12in1(Cartridge& cart) { return make_multicart(cart, {ctc_12in1, write_ctc_12in1}); }
std::unique_ptr<Board> make_bmc_891227(Cartridge& cart) { return make_multicart(cart, {bmc_891227, write_halves}); }
std::unique_ptr<Board> make_bmc_375(Cartridge& cart) { return make_multicart(cart, {bmc_375, write_375}); }
std::unique_ptr<Board> make_kn_42(Cartridge& cart) {
    return make_multicart(cart, {.decode = kn_42, .write = write_value_conflicts, .counts_resets = true});
}
std::unique_ptr<Board> make_bmc_830928c(Cartridge& cart) { return make_multicart(cart, {bmc_830928c, write_830928c}); }
std::unique_ptr<Board> make_caltron_9in1(Cartridge& cart) {
    return make_multicart(cart, {caltron_9in1, write_caltron_9in1});
}
std::unique_ptr<Board> make_yy850437c(Cartridge& cart) { return make_multicart(cart, {yy850437c, write_yy850437c}); }
std::unique_ptr<Board> make_bmc_89433(Cartridge& cart) { return make_multicart(cart, {bmc_89433, write_89433}); }
std::unique_ptr<Board> make_th2348(Cartridge& cart) { return make_multicart(cart, {th2348, write_th2348}); }
std::unique_ptr<Board> make_ys2309(Cartridge& cart) { return make_multicart(cart, {ys2309, write_ys2309}); }
std::unique_ptr<Board> make_realtec_8042(Cartridge& cart) {
    return make_multicart(cart, {realtec_8042, write_realtec_8042});
}
std::unique_ptr<Board> make_bmc_110in1(Cartridge& cart) { return make_multicart(cart, {bmc_110in1, write_110in1}); }

}  // namespace nes::boards
