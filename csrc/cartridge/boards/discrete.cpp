// Boards of one or two latches by various makers: 29 (RET-CUFROM), 31 (NSF-like banks), 72 and 92 (Jaleco JF-17, JF-19), 81 (NTDEC
// N715021), 96 (Oeka Kids), 144 (Color Dreams, Death Race), 166 and 167 (Subor), 174 (NTDEC 5-in-1), 177 (Hengge), 178
// (Waixing FS305), 188 (Karaoke Studio), 190 (Magic Kid Googoo). NESdev "INES Mapper ..." of each number.
#include "cartridge/boards/multicart.hpp"

namespace nes::boards {
namespace {

using State = MulticartState;

void ret_cufrom(Cartridge& cart, const Latch& latch) {
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    map_unrom(cart, bits(latch.value, 2, 3), -1);
    cart.map_chr(0x0000, 8 * kKB, latch.value & 3);
    cart.mirror(Mirroring::vertical);
}

// --- 31: eight windows of 4 KB ---
bool write_nsf_banks(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if ((address & 0xF000) != 0x5000) return false;
    r.value[address & 7] = value;
    return true;
}
void power_on_nsf_banks(State& r, const Cartridge&) { r.value[7] = 0xFF; }
void nsf_banks(Cartridge& cart, const State& r) {
    for (unsigned i = 0; i < 8; ++i) {
        cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x1000), 4 * kKB, r.value[i]);
    }
    cart.map_chr(0x0000, 8 * kKB, 0);
    cart.mirror(cart.rom->mirroring);
}

// --- 72, 92: rising bits 7 and 6 take the bank in the lower bits ---
bool write_jf_17(State& r, const Cartridge& cart, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    value = bus_conflict(cart, address, value);
    const unsigned rises = value & ~unsigned{r.value[0]};
    r.value[0] = value;
    if (bit(rises, 7)) r.value[1] = value & 0x0F;
    if (bit(rises, 6)) r.value[2] = value & 0x0F;
    return (rises & 0xC0) != 0;
}
void jf_17(Cartridge& cart, const State& r) {
    map_unrom(cart, r.value[1] & 7, -1);
    cart.map_chr(0x0000, 8 * kKB, r.value[2]);
    cart.mirror(cart.rom->mirroring);
}
void jf_19(Cartridge& cart, const State& r) {
    map_unrom(cart, 0, r.value[1]);
    cart.map_chr(0x0000, 8 * kKB, r.value[2]);
    cart.mirror(cart.rom->mirroring);
}

void n715021(Cartridge& cart, const Latch& latch) {
    map_unrom(cart, bits(latch.address, 2, 2), -1);
    cart.map_chr(0x0000, 8 * kKB, bits(latch.address, 0, 2));
    cart.mirror(cart.rom->mirroring);
}

// --- 96: the row of the nametable that is fetched from selects a 4 KB bank of CHR-RAM ---
class OekaKids final : public Board {
  public:
    explicit OekaKids(Cartridge& cartridge) noexcept : Board(cartridge) { watches_ppu_bus = true; }
    void map() noexcept override {
        const int v = overlay<Latch>().value;
        cart.map_prg(0x8000, 32 * kKB, v & 3);
        map_patterns();
        cart.mirror(Mirroring::vertical);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address < 0x8000) return;
        overlay<Latch>().value = bus_conflict(cart, address, value);
        map();
    }
    void ppu_bus(std::uint16_t address, std::uint64_t) noexcept override {
        auto& r = overlay<Latch>();
        const bool in_nametables = (address & 0x3000) == 0x2000;
        const unsigned bank = address >> 8 & 3u;
        const bool was = (r.extra & 0x80) != 0;
        if (in_nametables && !was) {
            if ((r.extra & 3u) != bank) {
                r.extra = static_cast<std::uint8_t>(bank);
                map_patterns();
            }
        }
        r.extra = static_cast<std::uint8_t>((r.extra & 3) | (in_nametables ? 0x80 : 0));
    }
    std::span<const Field> fields() const noexcept override { return LatchBoard::latch_fields(); }

  private:
    // In Latch::extra: the inner bank, and in bit 7 whether a nametable was on the bus.
    void map_patterns() noexcept {
        const auto& r = overlay<Latch>();
        const int outer = r.value & 4;
        map_chr_window(cart, 0, 4 * kKB, outer | (r.extra & 3));
        map_chr_window(cart, 1, 4 * kKB, outer | 3);
    }
};

// --- 144: the ROM's bit 0 wins its bus conflict ---
class DeathRace final : public Board {
  public:
    using Board::Board;
    void map() noexcept override {
        const int v = overlay<Latch>().value;
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        cart.map_prg(0x8000, 32 * kKB, v & 3);
        cart.map_chr(0x0000, 8 * kKB, v >> 4 & 15);
        cart.mirror(cart.rom->mirroring);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address < 0x8000) return;
        overlay<Latch>().value = bus_conflict(cart, address, value | 1);
        map();
    }
    std::span<const Field> fields() const noexcept override { return LatchBoard::latch_fields(); }
};

// --- 166, 167: each bit of the bank is the exclusive or of two ---
bool write_subor(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x8000) return false;
    r.value[address >> 13 & 3] = value;
    return true;
}
/// `russian`: mapper 166, whose files have the banks in another order.
void subor(Cartridge& cart, const State& r, bool russian) {
    const unsigned outer = r.value[0] ^ r.value[1];
    const int bank = bits(outer, 4, 1) << 5 | bits(r.value[2] ^ r.value[3], 0, 5);
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    switch (r.value[1] >> 2 & 3) {
        case 0: map_unrom(cart, bank, russian ? 0x07 : 0x20); break;
        case 1: map_unrom(cart, 0x1F, bank); break;
        default: {
            const int even = bank & ~1;
            map_unrom(cart, russian ? even : even | 1, russian ? even | 1 : even);
            break;
        }
    }
    chr_and_mirroring(cart, 0, !bit(r.value[0], 0));
}
void subor_166(Cartridge& cart, const State& r) { subor(cart, r, true); }
void subor_167(Cartridge& cart, const State& r) { subor(cart, r, false); }

void ntdec_5in1(Cartridge& cart, const Latch& latch) {
    map_nrom(cart, bits(latch.address, 4, 3), bit(latch.address, 7));
    chr_and_mirroring(cart, bits(latch.address, 1, 3), bit(latch.address, 0));
}

void hengge(Cartridge& cart, const Latch& latch) {
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    cart.map_prg(0x8000, 32 * kKB, latch.value & 0x1F);
    chr_and_mirroring(cart, 0, bit(latch.value, 5));
}

// --- 178: four registers ---
bool write_fs305(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if ((address & 0xFFFC) != 0x4800) return false;
    r.value[address & 3] = value;
    return true;
}
void fs305(Cartridge& cart, const State& r) {
    const int outer = r.value[2] << 3;
    const int inner = r.value[1] & 7;
    switch (r.value[0] >> 1 & 3) {
        case 0: map_nrom(cart, outer | inner, true); break;
        case 1: map_unrom(cart, outer | inner, outer | 7); break;
        case 2: map_nrom(cart, outer | inner, false); break;
        default: map_unrom(cart, outer | inner, outer | 6 | (inner & 1)); break;
    }
    cart.map_prg_ram(0x6000, 8 * kKB, r.value[3]);
    chr_and_mirroring(cart, 0, bit(r.value[0], 0));
}

// --- 188: a ROM of 128 KB, and in files of 256 KB an expansion ROM behind it ---
void karaoke_studio(Cartridge& cart, const Latch& latch) {
    constexpr int kInternal = 8;
    const int bank = latch.value & 0x0F;
    const bool expansion = cart.rom->prg.size() > 128 * kKB;
    if (bit(latch.value, 4)) {
        cart.map_prg(0x8000, 16 * kKB, bank & (kInternal - 1));
    } else if (expansion) {
        cart.map_prg(0x8000, 16 * kKB, kInternal | (bank & (kInternal - 1)));
    } else {
        cart.unmap_cpu(0x8000, 16 * kKB);
    }
    cart.map_prg(0xC000, 16 * kKB, kInternal - 1);
    chr_and_mirroring(cart, 0, bit(latch.value, 5));
}
// Both buttons of the microphone are up, and it is quiet.
std::uint8_t read_karaoke_studio(const Cartridge&, const Latch&, std::uint16_t address, std::uint8_t open_bus) {
    return (address & 0xE000) == 0x6000 ? static_cast<std::uint8_t>((open_bus & 0xF8) | 3) : open_bus;
}

// --- 190: the first bank is fixed, and A14 of the address is a bit of the other ---
bool write_googoo(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    switch (address >> 13) {
        case 4: r.value[0] = value & 7; return true;
        case 5: r.value[1 + (address & 3)] = value; return true;
        case 6: r.value[0] = 8 | (value & 7); return true;
        default: return false;
    }
}
void googoo(Cartridge& cart, const State& r) {
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    map_unrom(cart, r.value[0], 0);
    for (unsigned i = 0; i < 4; ++i) map_chr_window(cart, i, 2 * kKB, r.value[1 + i]);
    cart.mirror(cart.rom->mirroring);
}

}  // namespace

std::unique_ptr<Board> make_ret_cufrom(Cartridge& cart) { return make_latch(cart, ret_cufrom); }
std::unique_ptr<Board> make_nsf_banks(Cartridge& cart) {
    return make_multicart(
        cart,
        {.decode = nsf_banks, .write = write_nsf_banks, .power_on = power_on_nsf_banks, .cleared_by_reset = false});
}
std::unique_ptr<Board> make_jf_17(Cartridge& cart) {
    return make_multicart(cart, {.decode = jf_17, .write = write_jf_17, .cleared_by_reset = false});
}
std::unique_ptr<Board> make_jf_19(Cartridge& cart) {
    return make_multicart(cart, {.decode = jf_19, .write = write_jf_17, .cleared_by_reset = false});
}
std::unique_ptr<Board> make_n715021(Cartridge& cart) { return make_latch(cart, n715021); }
std::unique_ptr<Board> make_oeka_kids(Cartridge& cart) { return std::make_unique<OekaKids>(cart); }
std::unique_ptr<Board> make_death_race(Cartridge& cart) { return std::make_unique<DeathRace>(cart); }
std::unique_ptr<Board> make_subor_166(Cartridge& cart) {
    return make_multicart(cart, {.decode = subor_166, .write = write_subor});
}
std::unique_ptr<Board> make_subor_167(Cartridge& cart) {
    return make_multicart(cart, {.decode = subor_167, .write = write_subor});
}
std::unique_ptr<Board> make_ntdec_5in1(Cartridge& cart) { return make_latch(cart, ntdec_5in1); }
std::unique_ptr<Board> make_hengge(Cartridge& cart) { return make_latch(cart, hengge, {.cleared_by_reset = true}); }
std::unique_ptr<Board> make_fs305(Cartridge& cart) {
    return make_multicart(cart, {.decode = fs305, .write = write_fs305});
}
std::unique_ptr<Board> make_karaoke_studio(Cartridge& cart) {
    return make_latch(cart, karaoke_studio,
                      {.bus_conflicts = true, .power_on_value = 0x10, .read = read_karaoke_studio});
}
std::unique_ptr<Board> make_googoo(Cartridge& cart) {
    return make_multicart(cart, {.decode = googoo, .write = write_googoo, .cleared_by_reset = false});
}

}  // namespace nes::boards
