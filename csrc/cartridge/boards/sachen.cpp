// Sachen's and TXC's boards: 36, 132, 133, 136, 137, 138, 139, 141, 143, 145, 147, 149, 150, 172, 173, 243. NESdev "Sachen 8259",
// "INES Mapper 036", "132", "133", "136", "137", "143", "145", "147", "149", "150", "173", "243".
#include "cartridge/boards/multicart.hpp"

namespace nes::boards {
namespace {

using State = MulticartState;

void fixed_mirroring(Cartridge& cart, int prg, int chr) {
    cart.map_prg(0x8000, 32 * kKB, prg);
    cart.map_chr(0x0000, 8 * kKB, chr);
    cart.mirror(cart.rom->mirroring);
}

// --- one latch ---

void sa_72008(Cartridge& cart, const Latch& latch) { fixed_mirroring(cart, bits(latch.value, 2, 1), latch.value & 3); }
void sa_72007(Cartridge& cart, const Latch& latch) { fixed_mirroring(cart, 0, latch.value >> 7); }

// --- 143: reads of $4100-$5FFF give the address, inverted, as a protection ---
void tca01(Cartridge& cart, const State&) { fixed_mirroring(cart, 0, 0); }
std::uint8_t read_tca01(const Cartridge&, const State&, std::uint16_t address, std::uint8_t open_bus) {
    if ((address & 0xE100) != 0x4100) return open_bus;
    return static_cast<std::uint8_t>((open_bus & 0xC0) | (~address & 0x3F));
}

// --- eight registers of three bits behind an index: the 8259 and the "74LS374N". value[0-7], the index in value[8] ---
bool write_indexed(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    switch (address & 0xC101) {
        case 0x4100: r.value[8] = value & 7; return false;
        case 0x4101: r.value[r.value[8] & 7] = value & 7; return true;
        default: return false;
    }
}
std::uint8_t read_74374(const Cartridge&, const State& r, std::uint16_t address, std::uint8_t open_bus) {
    if ((address & 0xC101) != 0x4101) return open_bus;
    return static_cast<std::uint8_t>((open_bus & 0xF8) | (r.value[r.value[8] & 7] & 7));
}
/// Three nametables show one page and one shows the other, or the usual.
void mirror_sachen(Cartridge& cart, unsigned number, unsigned apart, Mirroring one, Mirroring two, Mirroring three) {
    switch (number & 3) {
        case 1: cart.mirror(one); break;
        case 2: cart.mirror(two); break;
        case 3: cart.mirror(three); break;
        default:
            for (unsigned slot = 0; slot < 4; ++slot) cart.map_nametable(slot, slot == apart ? 1 : 0);
            break;
    }
}
void mirror_74374(Cartridge& cart, const State& r) {
    mirror_sachen(cart, r.value[7] >> 1, 3, Mirroring::horizontal, Mirroring::vertical, Mirroring::single_1);
}
void sa_015(Cartridge& cart, const State& r) {
    cart.map_prg(0x8000, 32 * kKB, r.value[5] & 3);
    cart.map_chr(0x0000, 8 * kKB, (r.value[4] & 1) << 2 | (r.value[6] & 3));
    mirror_74374(cart, r);
}
void sa_020a(Cartridge& cart, const State& r) {
    cart.map_prg(0x8000, 32 * kKB, r.value[5] & 3);
    cart.map_chr(0x0000, 8 * kKB, (r.value[2] & 1) | (r.value[4] & 1) << 1 | (r.value[6] & 3) << 2);
    mirror_74374(cart, r);
}

/// `swapped`: the 8259D has its mirroring the other way round.
void mirror_8259(Cartridge& cart, const State& r, bool swapped) {
    const unsigned mode = r.value[7];
    const Mirroring zero = swapped ? Mirroring::horizontal : Mirroring::vertical;
    const Mirroring one = swapped ? Mirroring::vertical : Mirroring::horizontal;
    switch (bit(mode, 0) ? 0 : mode >> 1 & 3) {
        case 0: cart.mirror(zero); break;
        case 1: cart.mirror(one); break;
        case 2:
            for (unsigned slot = 0; slot < 4; ++slot) cart.map_nametable(slot, slot == 0 ? 0 : 1);
            break;
        default: cart.mirror(Mirroring::single_0); break;
    }
}
template <unsigned shift>
void sachen_8259(Cartridge& cart, const State& r) {
    cart.map_prg(0x8000, 32 * kKB, r.value[5]);
    if (cart.rom->chr.empty()) {
        cart.map_chr(0x0000, 8 * kKB, 0);
    } else {
        const bool simple = bit(r.value[7], 0);
        for (unsigned i = 0; i < 4; ++i) {
            // The lower lines of the bank are the PPU's own.
            const int bank = (r.value[simple ? 0 : i] | r.value[4] << 3) << shift;
            map_chr_window(cart, i, 2 * kKB, bank | (static_cast<int>(i) & ((1 << shift) - 1)));
        }
    }
    mirror_8259(cart, r, false);
}
void sachen_8259d(Cartridge& cart, const State& r) {
    cart.map_prg(0x8000, 32 * kKB, r.value[5]);
    const bool simple = bit(r.value[7], 0);
    for (unsigned i = 0; i < 4; ++i) {
        int bank = r.value[simple ? 0 : i];
        if (i > 0) bank |= bits(r.value[4], i - 1, 1) << 4;
        if (i == 3) bank |= (r.value[6] & 1) << 3;
        map_chr_window(cart, i, kKB, bank);
    }
    cart.map_chr(0x1000, 4 * kKB, -1);
    mirror_8259(cart, r, true);
}

// --- the TXC 05-00002-010 and its larger brother, the JV001: latch, adder and inverter ---
// value[0]: register; [1]: invert; [2]: input; [3]: increment; [4]: output; [5]: S of the 05-00002-010

/// `width`: bits that the adder and the inverter reach.
void write_adder(State& r, unsigned index, unsigned value, unsigned width, unsigned all) {
    const unsigned mask = (1u << width) - 1;
    switch (index) {
        case 0:
            if (r.value[3] != 0) {
                r.value[0] = static_cast<std::uint8_t>((r.value[0] & ~mask) | ((r.value[0] + 1u) & mask));
            } else {
                r.value[0] = static_cast<std::uint8_t>((r.value[2] ^ (r.value[1] != 0 ? mask : 0)) & all);
            }
            break;
        case 1: r.value[1] = value & 1; break;
        case 2: r.value[2] = static_cast<std::uint8_t>(value & all); break;
        default: r.value[3] = value & 1; break;
    }
}
bool write_txc(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address >= 0x8000) {
        r.value[4] = r.value[0];
        return true;
    }
    if ((address & 0xE100) != 0x4100) return false;
    if ((address & 3) == 2) r.value[5] = value >> 3 & 1;
    write_adder(r, address & 3, value, 3, 7);
    return true;
}
std::uint8_t read_txc(const Cartridge&, const State& r, std::uint16_t address, std::uint8_t open_bus) {
    if ((address & 0xE100) != 0x4100) return open_bus;
    return static_cast<std::uint8_t>((open_bus & 0xF0) | (r.value[5] ^ r.value[1]) << 3 | (r.value[0] & 7));
}
void txc_132(Cartridge& cart, const State& r) { fixed_mirroring(cart, bits(r.value[4], 2, 1), r.value[4] & 3); }
void idea_tek(Cartridge& cart, const State& r) {
    // CHR A14 is the inverter's bit, inverted; with one chip of 8 KB that line disables it.
    if (cart.rom->chr.size() <= 8 * kKB && r.value[1] != 0 && !cart.rom->chr.empty()) {
        cart.map_prg(0x8000, 32 * kKB, 0);
        unmap_chr(cart);
        cart.mirror(cart.rom->mirroring);
    } else {
        fixed_mirroring(cart, 0, (r.value[4] & 1) | (r.value[1] != 0 ? 0 : 2) | bits(r.value[4], 1, 1) << 2);
    }
}
// 36: the bits at D4-D5, and CHR banks from a latch of their own.
bool write_txc_36(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address >= 0x8000) {
        r.value[4] = r.value[0];
        return true;
    }
    if ((address & 0xE200) == 0x4200) r.value[6] = value & 0x0F;
    if ((address & 0xE100) == 0x4100) write_adder(r, address & 3, value >> 4, 2, 3);
    return (address & 0xE000) == 0x4000;
}
std::uint8_t read_txc_36(const Cartridge&, const State& r, std::uint16_t address, std::uint8_t open_bus) {
    if ((address & 0xE100) != 0x4100) return open_bus;
    return static_cast<std::uint8_t>((open_bus & 0xCF) | (r.value[0] & 3) << 4);
}
void txc_36(Cartridge& cart, const State& r) { fixed_mirroring(cart, r.value[4] & 3, r.value[6]); }

/// The JV001 inverts its upper two bits when they are read.
unsigned jv001_bits(const State& r) { return (r.value[0] ^ (r.value[1] != 0 ? 0x30u : 0u)) & 0x3F; }
bool is_jv001(std::uint16_t address) { return (address & 0xE100) == 0x4100; }
constexpr unsigned reversed_6(unsigned value) {
    unsigned result = 0;
    for (unsigned i = 0; i < 6; ++i) result |= (value >> i & 1u) << (5 - i);
    return result;
}
bool write_jv001(State& r, std::uint16_t address, unsigned value) {
    if (address >= 0x8000) {
        r.value[4] = r.value[0];
        return true;
    }
    if (!is_jv001(address)) return false;
    write_adder(r, address & 3, value, 4, 0x3F);
    return true;
}
bool write_3011(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    return write_jv001(r, address, value);
}
std::uint8_t read_3011(const Cartridge&, const State& r, std::uint16_t address, std::uint8_t open_bus) {
    return is_jv001(address) ? static_cast<std::uint8_t>((open_bus & 0xC0) | jv001_bits(r)) : open_bus;
}
void sachen_3011(Cartridge& cart, const State& r) { fixed_mirroring(cart, bits(r.value[4], 4, 1), r.value[4] & 7); }
bool write_3018(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    return write_jv001(r, address, value >> 2u);
}
std::uint8_t read_3018(const Cartridge&, const State& r, std::uint16_t address, std::uint8_t open_bus) {
    return is_jv001(address) ? static_cast<std::uint8_t>((open_bus & 3) | jv001_bits(r) << 2) : open_bus;
}
void sachen_3018(Cartridge& cart, const State& r) {
    const unsigned out = r.value[4];
    fixed_mirroring(cart, bits(out, 5, 1) << 1 | bits(out, 0, 1), bits(out, 1, 4));
}
// 172: the JV001 upside down.
bool write_p4070(State& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address >= 0x8000) r.value[6] = r.value[1];  // the mirroring
    return write_jv001(r, address, reversed_6(value & 0x3F));
}
std::uint8_t read_p4070(const Cartridge&, const State& r, std::uint16_t address, std::uint8_t open_bus) {
    return is_jv001(address) ? static_cast<std::uint8_t>((open_bus & 0xC0) | reversed_6(jv001_bits(r))) : open_bus;
}
void p4070(Cartridge& cart, const State& r) {
    cart.map_prg(0x8000, 32 * kKB, 0);
    chr_and_mirroring(cart, r.value[4] & 3, r.value[6] == 0);
}

}  // namespace

std::unique_ptr<Board> make_sa_72008(Cartridge& cart) {
    return make_latch(cart, sa_72008, {.mask = 0xE100, .match = 0x4100});
}
std::unique_ptr<Board> make_sa_72007(Cartridge& cart) {
    return make_latch(cart, sa_72007, {.mask = 0xE100, .match = 0x4100});
}
std::unique_ptr<Board> make_sa_0036(Cartridge& cart) { return make_latch(cart, sa_72007, {.bus_conflicts = true}); }
std::unique_ptr<Board> make_tca01(Cartridge& cart) {
    return make_multicart(cart, {.decode = tca01, .write = write_nothing, .read = read_tca01});
}
std::unique_ptr<Board> make_sa_015(Cartridge& cart) {
    return make_multicart(cart,
                          {.decode = sa_015, .write = write_indexed, .cleared_by_reset = false, .read = read_74374});
}
std::unique_ptr<Board> make_sa_020a(Cartridge& cart) {
    return make_multicart(cart,
                          {.decode = sa_020a, .write = write_indexed, .cleared_by_reset = false, .read = read_74374});
}
std::unique_ptr<Board> make_sachen_8259a(Cartridge& cart) {
    return make_multicart(cart, {.decode = sachen_8259<1>, .write = write_indexed, .cleared_by_reset = false});
}
std::unique_ptr<Board> make_sachen_8259b(Cartridge& cart) {
    return make_multicart(cart, {.decode = sachen_8259<0>, .write = write_indexed, .cleared_by_reset = false});
}
std::unique_ptr<Board> make_sachen_8259c(Cartridge& cart) {
    return make_multicart(cart, {.decode = sachen_8259<2>, .write = write_indexed, .cleared_by_reset = false});
}
std::unique_ptr<Board> make_sachen_8259d(Cartridge& cart) {
    return make_multicart(cart, {.decode = sachen_8259d, .write = write_indexed, .cleared_by_reset = false});
}
std::unique_ptr<Board> make_txc_36(Cartridge& cart) {
    return make_multicart(cart,
                          {.decode = txc_36, .write = write_txc_36, .cleared_by_reset = false, .read = read_txc_36});
}
std::unique_ptr<Board> make_txc_132(Cartridge& cart) {
    return make_multicart(cart, {.decode = txc_132, .write = write_txc, .cleared_by_reset = false, .read = read_txc});
}
std::unique_ptr<Board> make_idea_tek(Cartridge& cart) {
    return make_multicart(cart, {.decode = idea_tek, .write = write_txc, .cleared_by_reset = false, .read = read_txc});
}
std::unique_ptr<Board> make_sachen_3011(Cartridge& cart) {
    return make_multicart(cart,
                          {.decode = sachen_3011, .write = write_3011, .cleared_by_reset = false, .read = read_3011});
}
std::unique_ptr<Board> make_sachen_3018(Cartridge& cart) {
    return make_multicart(cart,
                          {.decode = sachen_3018, .write = write_3018, .cleared_by_reset = false, .read = read_3018});
}
std::unique_ptr<Board> make_p4070(Cartridge& cart) {
    return make_multicart(cart, {.decode = p4070, .write = write_p4070, .cleared_by_reset = false, .read = read_p4070});
}

}  // namespace nes::boards
