// Multicarts that latch the address of a write: 15, 225, 226, 228 (Action 52), 242, and 234 (Maxi 15), which
// latches what it reads. NESdev "INES Mapper 015", "225", "226", "228", "234", "242".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

void prg_mirrored(Cartridge& cart, int bank) {
    cart.map_prg(0x8000, 16 * kKB, bank);
    cart.map_prg(0xC000, 16 * kKB, bank);
}

void k1029(Cartridge& cart, const Latch& latch) {
    // RAM, and CHR-RAM that can always be written: every game but the two multicarts themselves is a hack that
    // needs both.
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    cart.map_chr(0x0000, 8 * kKB, 0);
    const int bank = latch.value & 0x3F;
    switch (latch.address & 3) {
        case 0: cart.map_prg(0x8000, 32 * kKB, bank >> 1); break;
        case 1:
            cart.map_prg(0x8000, 16 * kKB, bank);
            cart.map_prg(0xC000, 16 * kKB, bank | 7);
            break;
        case 2:
            for (unsigned i = 0; i < 4; ++i) {
                cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x2000), 8 * kKB, bank << 1 | latch.value >> 7);
            }
            break;
        default: prg_mirrored(cart, bank); break;
    }
    cart.mirror(horizontal_if((latch.value & 0x40) != 0));
}

void action52(Cartridge& cart, const Latch& latch) {
    const unsigned address = latch.address;
    unsigned chip = address >> 11 & 3;
    const unsigned page = address >> 6 & 0x1F;
    const bool three_chips = cart.rom->prg.size() == 1536 * kKB;
    if (three_chips && chip == 2) {
        cart.unmap_cpu(0x8000, 32 * kKB);  // an empty socket; the file has the fourth chip in its place
    } else {
        if (three_chips && chip == 3) chip = 2;
        const int bank = static_cast<int>(chip << 5 | page);
        if ((address & 0x20) != 0) {
            prg_mirrored(cart, bank);
        } else {
            cart.map_prg(0x8000, 32 * kKB, bank >> 1);
        }
    }
    cart.map_chr(0x0000, 8 * kKB, static_cast<int>((address & 0x0F) << 2 | (latch.value & 3u)));
    cart.mirror(horizontal_if((address & 0x2000) != 0));
}

void et113(Cartridge& cart, const Latch& latch) {
    const unsigned address = latch.address;
    // The second chip, of 128 KB, holds a new menu; it is the one selected at power-on.
    const bool menu_chip = cart.rom->prg.size() == 640 * kKB && (address & 0x400) == 0;
    const int outer = menu_chip ? 32 : static_cast<int>(address >> 2 & 0x18);
    const int inner = static_cast<int>(address >> 2 & 7);
    const bool wide = (address & 1) != 0;
    // Boards with RAM (Chinese role-playing games) have no UNROM-like modes.
    const bool nrom = (address & 0x80) != 0 || cart.rom->battery;
    cart.map_prg_ram(0x6000, 8 * kKB, 0);
    if (nrom && wide) {
        cart.map_prg(0x8000, 32 * kKB, (outer | inner) >> 1);
    } else if (nrom) {
        prg_mirrored(cart, outer | inner);
    } else {
        cart.map_prg(0x8000, 16 * kKB, outer | (wide ? inner & 6 : inner));
        cart.map_prg(0xC000, 16 * kKB, outer | ((address & 0x200) != 0 ? 7 : 0));
    }
    cart.map_chr(0x0000, 8 * kKB, 0);
    if ((address & 0x80) != 0 && !cart.rom->battery) {
        for (unsigned page = 0; page < 8; ++page) cart.ppu_write_page[page] = nullptr;
    }
    cart.mirror(horizontal_if((address & 2) != 0));
}

struct MulticartRegisters {
    std::uint16_t address;   // 225
    std::uint8_t value[2];   // 226: $8000, $8001; 234: outer, inner
    std::uint8_t nibble[4];  // 225: four nibbles of RAM
};

constexpr Field kMulticartFields[] = {
    NES_FIELD(MulticartRegisters, address),
    NES_FIELD(MulticartRegisters, value),
    NES_FIELD(MulticartRegisters, nibble),
};
static_assert(covers(kMulticartFields, sizeof(MulticartRegisters)));

class Multicart : public Board {
  public:
    using Board::Board;
    void reset() noexcept override {
        auto& r = regs();
        r.address = 0;
        r.value[0] = r.value[1] = 0;
        map();
    }
    std::span<const Field> fields() const noexcept override { return kMulticartFields; }

  protected:
    MulticartRegisters& regs() const noexcept { return overlay<MulticartRegisters>(); }
};

class Et4310 final : public Multicart {
  public:
    using Multicart::Multicart;

    void map() noexcept override {
        const unsigned address = regs().address;
        const unsigned high = address >> 14 & 1;
        const int prg = static_cast<int>((address >> 6 & 0x3F) | high << 6);
        if ((address & 0x1000) != 0) {
            prg_mirrored(cart, prg);
        } else {
            cart.map_prg(0x8000, 32 * kKB, prg >> 1);
        }
        cart.map_chr(0x0000, 8 * kKB, static_cast<int>((address & 0x3F) | high << 6));
        cart.mirror(horizontal_if((address & 0x2000) != 0));
    }

    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        if ((address & 0xF800) != 0x5800) return open_bus;
        return static_cast<std::uint8_t>((open_bus & 0xF0) | (regs().nibble[address & 3] & 0x0F));
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if ((address & 0xF800) == 0x5800) regs().nibble[address & 3] = value & 0x0F;
        if (address < 0x8000) return;
        regs().address = address;
        map();
    }
};

class Bmc76In1 final : public Multicart {
  public:
    using Multicart::Multicart;

    void map() noexcept override {
        const auto& r = regs();
        const int bank = (r.value[0] & 0x1F) | (r.value[0] >> 2 & 0x20) | (r.value[1] & 1) << 6;
        if ((r.value[0] & 0x20) != 0) {
            prg_mirrored(cart, bank);
        } else {
            cart.map_prg(0x8000, 32 * kKB, bank >> 1);
        }
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        cart.map_chr(0x0000, 8 * kKB, 0);
        cart.mirror((r.value[0] & 0x40) != 0 ? Mirroring::vertical : Mirroring::horizontal);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address < 0x8000) return;
        regs().value[address & 1] = value;
        map();
    }
};

// The registers at $FF80-$FF9F and $FFE8-$FFF7 latch the data bus, also in reads: a program switches banks by
// reading a byte of ROM that holds the bank's number.
class Maxi15 final : public Multicart {
  public:
    using Multicart::Multicart;

    void map() noexcept override {
        map_prg();
        const unsigned outer = regs().value[0];
        const unsigned inner = regs().value[1];
        const unsigned block = outer & 0x0E;
        const unsigned chr = nina(outer) ? block << 2 | (inner >> 4 & 7) : (outer & 0x0Fu) << 2 | (inner >> 4 & 3);
        cart.map_chr(0x0000, 8 * kKB, static_cast<int>(chr));
        cart.mirror(horizontal_if((outer & 0x80) != 0));
    }

    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        const std::uint8_t value = cpu_peek(address, open_bus);
        take(address, value);
        return value;
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        if (address < kFirst) return open_bus;
        const std::size_t offset = std::size_t{prg_bank()} * 32 * kKB + (address & 0x7FFFu);
        return cart.rom->prg[offset % cart.rom->prg.size()];
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address >= kFirst) take(address, value & cpu_peek(address, 0));  // the ROM drives the bus as well
    }

  private:
    static constexpr std::uint16_t kFirst = 0xF800;  // the page with the registers

    static bool nina(unsigned outer) noexcept { return (outer & 0x40) != 0; }
    unsigned prg_bank() const noexcept {
        const unsigned outer = regs().value[0];
        return nina(outer) ? (outer & 0x0E) | (regs().value[1] & 1u) : outer & 0x0Fu;
    }
    void map_prg() noexcept {
        cart.map_prg(0x8000, 32 * kKB, static_cast<int>(prg_bank()));
        cart.unmap_cpu(kFirst, 2 * kKB);
    }
    void take(std::uint16_t address, std::uint8_t value) noexcept {
        auto& r = regs();
        if (address >= 0xFF80 && address <= 0xFF9F) {
            if ((r.value[0] & 0x3F) != 0) return;  // locked until reset
            r.value[0] = value;
        } else if (address >= 0xFFE8 && address <= 0xFFF7) {
            r.value[1] = value;
        } else {
            return;
        }
        map();
    }
};

}  // namespace

std::unique_ptr<Board> make_k1029(Cartridge& cart) { return make_latch(cart, k1029, {.cleared_by_reset = true}); }
std::unique_ptr<Board> make_action52(Cartridge& cart) { return make_latch(cart, action52, {.cleared_by_reset = true}); }
std::unique_ptr<Board> make_et113(Cartridge& cart) { return make_latch(cart, et113, {.cleared_by_reset = true}); }
std::unique_ptr<Board> make_et4310(Cartridge& cart) { return std::make_unique<Et4310>(cart); }
std::unique_ptr<Board> make_bmc_76in1(Cartridge& cart) { return std::make_unique<Bmc76In1>(cart); }
std::unique_ptr<Board> make_maxi15(Cartridge& cart) { return std::make_unique<Maxi15>(cart); }

}  // namespace nes::boards
