// Taito X1-005 (80, 207) and X1-017 (82, 552; its interrupt, which no game uses, is not there).
// NESdev "INES Mapper 080", "INES Mapper 207", "Taito X1-017".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

struct X1Registers {
    std::uint8_t chr[6];
    std::uint8_t mode;    // $7EF6: ......CM: CHR inversion (X1-017), mirroring
    std::uint8_t ram[3];  // keys that open the RAM
    std::uint8_t prg[3];
    std::uint8_t reserved[3];
};

constexpr Field kX1Fields[] = {
    NES_FIELD(X1Registers, chr), NES_FIELD(X1Registers, mode),     NES_FIELD(X1Registers, ram),
    NES_FIELD(X1Registers, prg), NES_FIELD(X1Registers, reserved),
};
static_assert(covers(kX1Fields, sizeof(X1Registers)));

class X1 : public Board {
  public:
    using Board::Board;
    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::span<const Field> fields() const noexcept override { return kX1Fields; }

  protected:
    X1Registers& regs() const noexcept { return overlay<X1Registers>(); }
    void map_common(unsigned flip) noexcept {
        const auto& r = regs();
        cart.map_chr(static_cast<std::uint16_t>(0x0000 ^ flip), 2 * kKB, (r.chr[0] & chr_mask()) >> 1);
        cart.map_chr(static_cast<std::uint16_t>(0x0800 ^ flip), 2 * kKB, (r.chr[1] & chr_mask()) >> 1);
        for (unsigned i = 0; i < 4; ++i) {
            cart.map_chr(static_cast<std::uint16_t>((0x1000 + i * 0x400) ^ flip), kKB, r.chr[2 + i]);
        }
        for (unsigned i = 0; i < 3; ++i) {
            cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x2000), 8 * kKB, prg_bank(r.prg[i]));
        }
        cart.map_prg(0xE000, 8 * kKB, -1);
        cart.unmap_cpu(0x6000, 8 * kKB);
    }
    virtual int prg_bank(std::uint8_t value) const noexcept { return value; }
    virtual int chr_mask() const noexcept { return 0xFF; }
};

class X1005 final : public X1 {
  public:
    X1005(Cartridge& cartridge, bool wired_nametables) noexcept : X1(cartridge), wired_nametables_(wired_nametables) {}

    void map() noexcept override {
        map_common(0);
        const auto& r = regs();
        if (wired_nametables_) {
            for (unsigned slot = 0; slot < 4; ++slot) cart.map_nametable(slot, r.chr[slot >> 1] >> 7);
        } else {
            cart.mirror((r.mode & 1) != 0 ? Mirroring::vertical : Mirroring::horizontal);
        }
    }

    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        return ram_at(address) ? cart.prg_ram[address & 0x7Fu] : open_bus;
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (ram_at(address)) cart.prg_ram[address & 0x7Fu] = value;
        // CPU A7 is not looked at: $7E70 is $7EF0.
        if ((address & 0xFF70) != 0x7E70) return;
        auto& r = regs();
        const unsigned index = address & 15;
        if (index < 6) {
            r.chr[index] = value;
        } else if (index < 8) {
            r.mode = value;
        } else if (index < 10) {
            r.ram[0] = value;
        } else {
            r.prg[(index - 10) >> 1] = value;
        }
        map();
    }

  private:
    static constexpr std::uint8_t kRamKey = 0xA3;
    bool ram_at(std::uint16_t address) const noexcept {
        return (address & 0xFF00) == 0x7F00 && regs().ram[0] == kRamKey && cart.prg_ram != nullptr &&
               cart.rom->prg_ram_size >= 128;
    }
    int chr_mask() const noexcept override { return wired_nametables_ ? 0x7F : 0xFF; }

    bool wired_nametables_;
};

class X1017 final : public X1 {
  public:
    X1017(Cartridge& cartridge, bool lines_reversed) noexcept : X1(cartridge), lines_reversed_(lines_reversed) {}

    void map() noexcept override {
        const auto& r = regs();
        map_common((r.mode & 2) != 0 ? 0x1000 : 0);
        cart.mirror((r.mode & 1) != 0 ? Mirroring::vertical : Mirroring::horizontal);
    }

    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t) const noexcept override {
        // The chip pulls the data bus low: there is no open bus.
        return ram_at(address) ? cart.prg_ram[address - 0x6000u] : std::uint8_t{0};
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (ram_at(address)) cart.prg_ram[address - 0x6000u] = value;
        if ((address & 0xFFF0) != 0x7EF0) return;
        auto& r = regs();
        const unsigned index = address & 15;
        if (index < 6) {
            r.chr[index] = value;
        } else if (index == 6) {
            r.mode = value;
        } else if (index < 10) {
            r.ram[index - 7] = value;
        } else if (index < 13) {
            r.prg[index - 10] = value;
        }
        map();
    }

  private:
    bool ram_at(std::uint16_t address) const noexcept {
        static constexpr std::uint8_t kKeys[3] = {0xCA, 0x69, 0x84};
        if (address < 0x6000 || address > 0x73FF || cart.prg_ram == nullptr) return false;
        const unsigned part = (address - 0x6000u) >> 11;
        return regs().ram[part] == kKeys[part] && cart.rom->prg_ram_size >= 5 * kKB;
    }
    // Mapper 82 is how the dumps were understood; 552 is how the chip is wired, lowest bit topmost.
    int prg_bank(std::uint8_t value) const noexcept override {
        if (!lines_reversed_) return value >> 2;
        int bank = 0;
        for (unsigned bit = 0; bit < 6; ++bit) bank |= (value >> bit & 1) << (5 - bit);
        return bank;
    }

    bool lines_reversed_;
};

}  // namespace

std::unique_ptr<Board> make_x1_005(Cartridge& cart) { return std::make_unique<X1005>(cart, false); }
std::unique_ptr<Board> make_x1_005_wired(Cartridge& cart) { return std::make_unique<X1005>(cart, true); }
std::unique_ptr<Board> make_x1_017(Cartridge& cart) { return std::make_unique<X1017>(cart, false); }
std::unique_ptr<Board> make_x1_017_reversed(Cartridge& cart) { return std::make_unique<X1017>(cart, true); }

}  // namespace nes::boards
