// Multicarts whose whole logic is one latch of the address (or of data) at $8000-$FFFF: most hold NROM games, some UNROM
// games as well. NESdev "INES Mapper 058", "059", "061", "062", "063", "200"-"203", "212", "227", "229", "231", "233",
// "235" and "NES 2.0 Mapper 261", "285", "288", "290", "299", "300", "301", "336", "338", "340", "341", "349", "360",
// "380", "385", "402", "414", "435", "438", "449".
#include "cartridge/boards/multicart.hpp"

namespace nes::boards {
namespace {

// --- NROM games ---

void at_58(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 0, 3), !bit(latch.address, 6));
    chr_and_mirroring(cart, bits(latch.address, 3, 3), bit(latch.address, 7));
}

void t3h53(Cartridge& cart, const Latch& latch) {
    if (bit(latch.address, 8)) {
        cart.unmap_cpu(0x8000, 32 * kKB);
    } else {
        map_nrom(cart, bits(latch.address, 4, 3), !bit(latch.address, 7));
    }
    chr_and_mirroring(cart, bits(latch.address, 0, 3), bit(latch.address, 3));
}
// A jumper in its first position.
std::uint8_t read_t3h53(const Cartridge&, const Latch& latch, std::uint16_t address, std::uint8_t open_bus) {
    return address >= 0x8000 && bit(latch.address, 8) ? static_cast<std::uint8_t>(open_bus & 0xFC) : open_bus;
}

void ntdec_0324(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 0, 4) << 1 | bits(latch.address, 5, 1), !bit(latch.address, 4));
    chr_and_mirroring(cart, bits(latch.address, 8, 4), bit(latch.address, 7));
}

void super_700in1(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 8, 6) | (latch.address & 0x40), !bit(latch.address, 5));
    chr_and_mirroring(cart, bits(latch.address, 0, 5) << 2 | (latch.value & 3), bit(latch.address, 7));
}

// The menu counts the games by the banks that are there: the others float.
void th2291(Cartridge& cart, unsigned address, unsigned bank_bits) {
    const int bank = bits(address, 2, bank_bits);
    if (static_cast<std::size_t>(bank) * 16 * kKB >= cart.rom->prg.size()) {
        cart.unmap_cpu(0x8000, 32 * kKB);
    } else {
        map_nrom(cart, bank, bit(address, 1));
    }
    chr_ram_and_mirroring(cart, bit(address, 2 + bank_bits), bit(address, 0));
}
void th2291_3(Cartridge& cart, const Latch& latch) { th2291(cart, latch.address, 8); }
void pcb_82ab(Cartridge& cart, const Latch& latch) { th2291(cart, latch.address, 7); }

void mg109(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 0, 4), false);
    chr_and_mirroring(cart, bits(latch.address, 0, 4), bit(latch.address, 3));
}
void mg109_8_games(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 0, 3), false);
    chr_and_mirroring(cart, bits(latch.address, 0, 3), bit(latch.address, 2));
}
void sa005(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 0, 4), false);
    chr_and_mirroring(cart, bits(latch.address, 0, 4), !bit(latch.address, 3));
}

void nrom_256_multicart(Cartridge& cart, const Latch& latch) {
    cart.map_prg(0x8000, 32 * kKB, latch.address & 0xFF);
    cart.map_chr(0x0000, 8 * kKB, latch.address & 0xFF);
    cart.mirror(cart.rom->mirroring);
}

void bmc_150in1(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 1, 3), (latch.address & 9) == 9);
    chr_and_mirroring(cart, bits(latch.address, 1, 3), bit(latch.address, 0));
}

void bmc_35in1(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, latch.value >> 2, false);
    cart.map_chr(0x0000, 8 * kKB, latch.value & 3);
    cart.mirror(cart.rom->mirroring);
}

void super_hik_300in1(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 0, 3), bit(latch.address, 14));
    chr_and_mirroring(cart, bits(latch.address, 0, 3), bit(latch.address, 3));
}
std::uint8_t read_300in1(const Cartridge&, const Latch&, std::uint16_t address, std::uint8_t open_bus) {
    return (address & 0xE010) == 0x6000 ? static_cast<std::uint8_t>(open_bus | 0x80) : open_bus;
}

void bmc_31in1(Cartridge& cart, const Latch& latch) {
    const int bank = bits(latch.address, 0, 5);
    map_nrom(cart, bank, bank == 0);
    chr_and_mirroring(cart, bank, bit(latch.address, 5));
}

void bmc_20in1(Cartridge& cart, const Latch& latch) {
    const int bank = (latch.address & 0x1E) | bits(latch.address, 5, 1);
    map_unrom(cart, bank & 0x1E, bank);
    chr_and_mirroring(cart, 0, bit(latch.address, 7));
}

/// Mirroring 0 of two boards: the last nametable has a page of its own.
void mirror_last_apart(Cartridge& cart) {
    for (unsigned slot = 0; slot < 4; ++slot) cart.map_nametable(slot, slot == 3 ? 1 : 0);
}

void bmc_42in1(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, latch.value & 0x1F, !bit(latch.value, 5));
    cart.map_chr(0x0000, 8 * kKB, 0);
    switch (latch.value >> 6) {
        case 0: mirror_last_apart(cart); break;
        case 1: cart.mirror(Mirroring::vertical); break;
        case 2: cart.mirror(Mirroring::horizontal); break;
        default: cart.mirror(Mirroring::single_1); break;
    }
}

// Up to four chips of 1 MB. The carts with two have them in the first and the third socket.
void golden_game_150in1(Cartridge& cart, const Latch& latch) {
    constexpr std::size_t kChip = 1024 * kKB;
    const std::size_t chips = (cart.rom->prg.size() + kChip - 1) / kChip;
    unsigned chip = latch.address >> 8 & 3u;
    bool populated = true;
    if (chips < 4) {
        populated = chip != 1 && (chip == 0 || chip - 1 < chips);
        if (chip != 0) --chip;
    }
    if (populated) {
        const int bank = static_cast<int>(chip << 5) | bits(latch.address, 0, 5);
        map_nrom(cart, bank << 1 | bits(latch.address, 12, 1), !bit(latch.address, 11));
    } else {
        cart.unmap_cpu(0x8000, 32 * kKB);
    }
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror(bit(latch.address, 10) ? Mirroring::single_0 : horizontal_if(!bit(latch.address, 13)));
}

void elfland(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 7, 3) << 1 | bits(latch.address, 5, 1), bit(latch.address, 6));
    chr_and_mirroring(cart, bits(latch.address, 0, 4), bit(latch.address, 4));
}

void gkcx1(Cartridge& cart, const Latch& latch) {
    cart.map_prg(0x8000, 32 * kKB, bits(latch.address, 3, 2));
    chr_and_mirroring(cart, bits(latch.address, 0, 3), bit(latch.address, 5));
}

void asder_20in1(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 11, 4) << 1 | bits(latch.address, 6, 1), !bit(latch.address, 7));
    chr_and_mirroring(cart, bits(latch.address, 8, 2) << 3 | bits(latch.address, 0, 3), bit(latch.address, 10));
}

void txc_6in1(Cartridge& cart, const Latch& latch) {
    cart.map_prg(0x8000, 32 * kKB, bits(latch.value, 4, 2));
    chr_and_mirroring(cart, bits(latch.value, 4, 2) << 2 | (latch.value & 3), !bit(latch.value, 7));
}

void golden_190in1(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 2, 3), false);
    chr_and_mirroring(cart, bits(latch.address, 2, 3), bit(latch.address, 0));
}

void tj_03(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 8, 3), false);
    chr_and_mirroring(cart, bits(latch.address, 8, 3), bit(latch.address, 1));
}

// DIP switches choose the game; all are off, which is the one game of 32 KB.
void bit_corp_3150(Cartridge& cart, const Latch&) {
    cart.map_prg(0x8000, 32 * kKB, 0);
    chr_and_mirroring(cart, 0, false);
}

void ntdec_2779(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 1, 3), false);
    chr_and_mirroring(cart, 0, bit(latch.address, 0));
}

void j_2282(Cartridge& cart, const Latch& latch) {
    const int bank = bits(latch.address, 0, 5);
    const bool nrom_256 = !bit(latch.address, 6);
    map_nrom(cart, bank, nrom_256);
    // For a game that came from a disk: the last 8 KB once more.
    if (bit(latch.address, 11)) {
        cart.map_prg(0x6000, 8 * kKB, nrom_256 ? bank << 1 | 3 : bank << 1 | 1);
    } else {
        cart.unmap_cpu(0x6000, 8 * kKB);
    }
    chr_ram_and_mirroring(cart, !bit(latch.address, 10), bit(latch.address, 7));
}

// Its test of solder pads (A8 clear) finds none connected.
void bmc_9999999in1(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 1, 2), bit(latch.address, 13));
    chr_and_mirroring(cart, latch.value & 3, bit(latch.address, 0));
}

void k_3071(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 1, 5), bit(latch.address, 0));
    chr_and_mirroring(cart, bits(latch.value, 1, 5), bit(latch.value, 0));
}

// --- UNROM games beside NROM games ---

// 227. Boards with a battery (role-playing games) leave CHR-RAM writable.
void fw_01(Cartridge& cart, const Latch& latch, bool protects, bool fixed_is_global) {
    const unsigned address = latch.address;
    const int outer = (bits(address, 5, 2) | bits(address, 8, 1) << 2) << 3;
    const int inner = bits(address, 2, 3);
    const bool nrom = bit(address, 7);
    if (protects && bit(address, 10)) {
        cart.unmap_cpu(0x8000, 32 * kKB);  // read_fw_01
    } else if (nrom) {
        map_nrom(cart, outer | inner, bit(address, 0));
    } else {
        const int fixed = bit(address, 9) ? outer | 7 : fixed_is_global ? 0 : outer;
        map_unrom(cart, outer | (bit(address, 0) ? inner & 6 : inner), fixed);
    }
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    chr_ram_and_mirroring(cart, protects && nrom, bit(address, 1));
}
void fw_01_rpg(Cartridge& cart, const Latch& latch) { fw_01(cart, latch, false, false); }
void fw_01_multicart(Cartridge& cart, const Latch& latch) { fw_01(cart, latch, true, false); }
void fw_01_global_bank(Cartridge& cart, const Latch& latch) { fw_01(cart, latch, true, true); }
// While A10 is latched, four solder pads, all open, take the place of CPU A3-A0.
std::uint8_t read_fw_01(const Cartridge& cart, const Latch& latch, std::uint16_t address, std::uint8_t open_bus) {
    if (address < 0x8000) return open_bus;
    const unsigned latched = latch.address;
    const unsigned outer = (latched >> 5 & 3u) | (latched >> 6 & 4u);
    unsigned bank = outer << 3 | (latched >> 2 & 7u);
    const bool upper = (address & 0x4000) != 0;
    if (bit(latched, 7)) {
        if (bit(latched, 0)) bank = (bank & ~1u) | (upper ? 1u : 0u);
    } else if (upper) {
        bank = outer << 3 | (bit(latched, 9) ? 7u : 0u);
    }
    return prg_byte(cart, std::size_t{bank} * 16 * kKB + (address & 0x3FF0u));
}

// S M.. of 285: one screen or two; UNROM or BNROM.
void unrom_or_bnrom(Cartridge& cart, unsigned value, int outer, unsigned mirroring_bit) {
    if (bit(value, 6)) {
        cart.map_prg(0x8000, 32 * kKB, outer >> 1 | bits(value, 1, 2));
    } else {
        map_unrom(cart, outer | bits(value, 0, 3), outer | 7);
    }
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror(bit(value, 7) ? (bit(value, 5) ? Mirroring::single_1 : Mirroring::single_0)
                              : horizontal_if(bit(value, mirroring_bit)));
}
void a65as(Cartridge& cart, const Latch& latch) { unrom_or_bnrom(cart, latch.value, latch.value & 0x18, 5); }
void jy_066(Cartridge& cart, const Latch& latch) { unrom_or_bnrom(cart, latch.value, bits(latch.value, 4, 2) << 3, 3); }

void gg1(Cartridge& cart, const Latch& latch) {
    const unsigned address = latch.address;
    const int outer = (bits(address, 5, 2) | bits(address, 8, 1) << 2) << 3;
    const int bank = outer | bits(address, 2, 3);
    map_unrom(cart, bank, bit(address, 9) ? outer | 7 : bit(address, 7) ? bank : outer);
    chr_and_mirroring(cart, 0, bit(address, 1));
}

void k_3046(Cartridge& cart, const Latch& latch, unsigned mirroring_bit) {
    const int bank = latch.value & 0x3F;
    map_unrom(cart, bank, bank | 7);
    chr_and_mirroring(cart, 0, bit(latch.value, mirroring_bit));
}
void k_3046_bit_5(Cartridge& cart, const Latch& latch) { k_3046(cart, latch, 5); }
void k_3046_bit_3(Cartridge& cart, const Latch& latch) { k_3046(cart, latch, 3); }

void k_3036(Cartridge& cart, const Latch& latch) {
    const int outer = bits(latch.address, 3, 2) << 3;
    if (bit(latch.address, 5)) {
        map_nrom(cart, outer | bits(latch.address, 0, 3), false);
    } else {
        map_unrom(cart, outer | (latch.value & 7), outer | 7);
    }
    chr_and_mirroring(cart, 0, (latch.address & 0x25) == 0x25);
}

void g_146(Cartridge& cart, const Latch& latch) {
    const int bank = bits(latch.address, 0, 6);
    if (bit(latch.address, 11)) {
        map_unrom(cart, bank | bits(latch.address, 6, 1), bank | 7);
    } else {
        map_nrom(cart, bank, !bit(latch.address, 6));
    }
    chr_and_mirroring(cart, 0, bit(latch.address, 7));
}

/// 380, 435, 449: as 227, with the fixed bank always the last of its 128 KB.
void unrom_or_nrom(Cartridge& cart, int bank, int fixed, bool nrom, bool nrom_256) {
    if (nrom) {
        map_nrom(cart, bank, nrom_256);
    } else {
        map_unrom(cart, bank, fixed);
    }
}
void k_970630c(Cartridge& cart, const Latch& latch) {
    const int bank = bits(latch.address, 2, 5);
    unrom_or_nrom(cart, bank, bank | 7, bit(latch.address, 9), !bit(latch.address, 0));
    chr_ram_and_mirroring(cart, bit(latch.address, 7), bit(latch.address, 1));
}
void kn_35a(Cartridge& cart, const Latch& latch) {
    const int bank = bits(latch.address, 2, 5);
    unrom_or_nrom(cart, bank, bank | (bit(latch.address, 8) ? 15 : 7), bit(latch.address, 9), !bit(latch.address, 0));
    chr_ram_and_mirroring(cart, bit(latch.address, 7), bit(latch.address, 1));
}
void f_1002(Cartridge& cart, const Latch& latch) {
    const unsigned address = latch.address;
    const int bank = bits(address, 2, 5) | bits(address, 8, 1) << 5 | bits(address, 10, 1) << 6;
    unrom_or_nrom(cart, bank, bank | 7, bit(address, 9), !bit(address, 0));
    chr_ram_and_mirroring(cart, bit(address, 11), bit(address, 1));
}
void super_games_king(Cartridge& cart, const Latch& latch) {
    const unsigned address = latch.address;
    const int bank = bits(address, 2, 5) | bits(address, 8, 1) << 5;
    unrom_or_nrom(cart, bank, bank | 7, bit(address, 7), bit(address, 0));
    chr_and_mirroring(cart, latch.value & 3, bit(address, 1));
}

constexpr LatchBoard::Wiring kCleared{.cleared_by_reset = true};

// K-3046 on the M1K30 board: ROM and CPU conflict on bits 0-2 as usual, and on bit 3 the ROM always wins.
class M1k30 final : public Board {
  public:
    using Board::Board;
    void power_on() noexcept override { overlay<Latch>() = {}; }
    void map() noexcept override { k_3046_bit_5(cart, overlay<Latch>()); }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address < 0x8000) return;
        const std::uint8_t rom = bus_conflict(cart, address, 0xFF);
        overlay<Latch>().value = static_cast<std::uint8_t>((value & 0xF0) | (rom & 0x08) | (value & rom & 0x07));
        map();
    }
    std::span<const Field> fields() const noexcept override { return LatchBoard::latch_fields(); }
};

}  // namespace

std::unique_ptr<Board> make_as_5321(Cartridge& cart) { return make_latch(cart, at_58, kCleared); }
std::unique_ptr<Board> make_t3h53(Cartridge& cart) {
    return make_latch(cart, t3h53, {.cleared_by_reset = true, .lock = 0x0200, .read = read_t3h53});
}
std::unique_ptr<Board> make_ntdec_0324(Cartridge& cart) { return make_latch(cart, ntdec_0324, kCleared); }
std::unique_ptr<Board> make_super_700in1(Cartridge& cart) { return make_latch(cart, super_700in1, kCleared); }
std::unique_ptr<Board> make_th2291_3(Cartridge& cart) { return make_latch(cart, th2291_3, kCleared); }
std::unique_ptr<Board> make_pcb_82ab(Cartridge& cart) { return make_latch(cart, pcb_82ab, kCleared); }
std::unique_ptr<Board> make_mg109(Cartridge& cart) { return make_latch(cart, mg109, kCleared); }
std::unique_ptr<Board> make_mg109_8_games(Cartridge& cart) { return make_latch(cart, mg109_8_games, kCleared); }
std::unique_ptr<Board> make_nrom_256_multicart(Cartridge& cart) {
    return make_latch(cart, nrom_256_multicart, kCleared);
}
std::unique_ptr<Board> make_bmc_150in1(Cartridge& cart) { return make_latch(cart, bmc_150in1, kCleared); }
std::unique_ptr<Board> make_bmc_35in1(Cartridge& cart) { return make_latch(cart, bmc_35in1, kCleared); }
std::unique_ptr<Board> make_super_hik_300in1(Cartridge& cart) {
    return make_latch(cart, super_hik_300in1, {.cleared_by_reset = true, .read = read_300in1});
}
std::unique_ptr<Board> make_fw_01(Cartridge& cart) {
    // Headers of iNES 1 have no submapper: a battery tells the role-playing games.
    if (cart.rom->nes2 || cart.rom->battery) return make_latch(cart, fw_01_rpg, kCleared);
    return make_latch(cart, fw_01_multicart, {.cleared_by_reset = true, .read = read_fw_01});
}
std::unique_ptr<Board> make_fw_01_multicart(Cartridge& cart) {
    return make_latch(cart, fw_01_multicart, {.cleared_by_reset = true, .read = read_fw_01});
}
std::unique_ptr<Board> make_fw_01_global_bank(Cartridge& cart) {
    return make_latch(cart, fw_01_global_bank, {.cleared_by_reset = true, .read = read_fw_01});
}
std::unique_ptr<Board> make_bmc_31in1(Cartridge& cart) { return make_latch(cart, bmc_31in1, kCleared); }
std::unique_ptr<Board> make_bmc_20in1(Cartridge& cart) { return make_latch(cart, bmc_20in1, kCleared); }
std::unique_ptr<Board> make_bmc_42in1(Cartridge& cart) { return make_latch(cart, bmc_42in1, kCleared); }
std::unique_ptr<Board> make_golden_game_150in1(Cartridge& cart) {
    return make_latch(cart, golden_game_150in1, kCleared);
}
std::unique_ptr<Board> make_elfland(Cartridge& cart) { return make_latch(cart, elfland, kCleared); }
std::unique_ptr<Board> make_a65as(Cartridge& cart) { return make_latch(cart, a65as, kCleared); }
std::unique_ptr<Board> make_jy_066(Cartridge& cart) { return make_latch(cart, jy_066, kCleared); }
std::unique_ptr<Board> make_gkcx1(Cartridge& cart) { return make_latch(cart, gkcx1, kCleared); }
std::unique_ptr<Board> make_asder_20in1(Cartridge& cart) { return make_latch(cart, asder_20in1, kCleared); }
std::unique_ptr<Board> make_txc_6in1(Cartridge& cart) { return make_latch(cart, txc_6in1, kCleared); }
std::unique_ptr<Board> make_golden_190in1(Cartridge& cart) { return make_latch(cart, golden_190in1, kCleared); }
std::unique_ptr<Board> make_gg1(Cartridge& cart) { return make_latch(cart, gg1, kCleared); }
std::unique_ptr<Board> make_k_3046(Cartridge& cart) { return make_latch(cart, k_3046_bit_5, kCleared); }
std::unique_ptr<Board> make_m1k30(Cartridge& cart) { return std::make_unique<M1k30>(cart); }
std::unique_ptr<Board> make_yh_218(Cartridge& cart) { return make_latch(cart, k_3046_bit_3, kCleared); }
std::unique_ptr<Board> make_sa005(Cartridge& cart) { return make_latch(cart, sa005, kCleared); }
std::unique_ptr<Board> make_k_3036(Cartridge& cart) { return make_latch(cart, k_3036, kCleared); }
std::unique_ptr<Board> make_tj_03(Cartridge& cart) { return make_latch(cart, tj_03, kCleared); }
std::unique_ptr<Board> make_g_146(Cartridge& cart) { return make_latch(cart, g_146, kCleared); }
std::unique_ptr<Board> make_bit_corp_3150(Cartridge& cart) { return make_latch(cart, bit_corp_3150, kCleared); }
std::unique_ptr<Board> make_k_970630c(Cartridge& cart) { return make_latch(cart, k_970630c, kCleared); }
std::unique_ptr<Board> make_kn_35a(Cartridge& cart) { return make_latch(cart, kn_35a, kCleared); }
std::unique_ptr<Board> make_ntdec_2779(Cartridge& cart) { return make_latch(cart, ntdec_2779, kCleared); }
std::unique_ptr<Board> make_j_2282(Cartridge& cart) { return make_latch(cart, j_2282, kCleared); }
std::unique_ptr<Board> make_bmc_9999999in1(Cartridge& cart) {
    return make_latch(cart, bmc_9999999in1, {.bus_conflicts = true, .cleared_by_reset = true});
}
std::unique_ptr<Board> make_f_1002(Cartridge& cart) { return make_latch(cart, f_1002, kCleared); }
std::unique_ptr<Board> make_k_3071(Cartridge& cart) { return make_latch(cart, k_3071, kCleared); }
std::unique_ptr<Board> make_super_games_king(Cartridge& cart) { return make_latch(cart, super_games_king, kCleared); }

}  // namespace nes::boards
