// American Video Entertainment: NINA-001 (34) and NINA-003/006 (79, 146) with its multicart (113).
// NESdev "INES Mapper 034", "NINA-003-006", "INES Mapper 113".
#include "cartridge/boards/common.hpp"

namespace nes::boards {

std::unique_ptr<Board> make_bnrom(Cartridge& cart);

namespace {

void nina_003(Cartridge& cart, const Latch& latch) {
    cart.map_prg(0x8000, 32 * kKB, latch.value >> 3 & 1);
    cart.map_chr(0x0000, 8 * kKB, latch.value & 7);
    cart.mirror(cart.rom->mirroring);
}

void hes_ntd_8(Cartridge& cart, const Latch& latch) {
    cart.map_prg(0x8000, 32 * kKB, latch.value >> 3 & 7);
    cart.map_chr(0x0000, 8 * kKB, (latch.value & 7) | (latch.value >> 3 & 8));
    cart.mirror((latch.value & 0x80) != 0 ? Mirroring::vertical : Mirroring::horizontal);
}

constexpr LatchBoard::Wiring kAt4100{.mask = 0xE100, .match = 0x4100};

struct Nina001Registers {
    std::uint8_t prg;
    std::uint8_t chr[2];
    std::uint8_t reserved;
};

constexpr Field kNina001Fields[] = {
    NES_FIELD(Nina001Registers, prg),
    NES_FIELD(Nina001Registers, chr),
    NES_FIELD(Nina001Registers, reserved),
};
static_assert(covers(kNina001Fields, sizeof(Nina001Registers)));

class Nina001 final : public Board {
  public:
    using Board::Board;

    void map() noexcept override {
        const auto& r = overlay<Nina001Registers>();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        // The registers lie over the last bytes of the RAM: writes there must come by here.
        cart.cpu_write_page[0x7800 >> Cartridge::kCpuPageBits] = nullptr;
        cart.map_prg(0x8000, 32 * kKB, r.prg & 3);
        cart.map_chr(0x0000, 4 * kKB, r.chr[0] & 0x0F);
        cart.map_chr(0x1000, 4 * kKB, r.chr[1] & 0x0F);
        cart.mirror(cart.rom->mirroring);
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address < 0x7800 || address > 0x7FFF) return;
        if (cart.prg_ram != nullptr && cart.rom->prg_ram_size >= 8 * kKB) cart.prg_ram[address & 0x1FFFu] = value;
        auto& r = overlay<Nina001Registers>();
        switch (address) {
            case 0x7FFD: r.prg = value; break;
            case 0x7FFE: r.chr[0] = value; break;
            case 0x7FFF: r.chr[1] = value; break;
            default: return;
        }
        map();
    }

    std::span<const Field> fields() const noexcept override { return kNina001Fields; }
};

}  // namespace

std::unique_ptr<Board> make_nina_001(Cartridge& cart) { return std::make_unique<Nina001>(cart); }
/// Mapper 34 without a submapper: only the NINA-001 has CHR to switch.
std::unique_ptr<Board> make_bnrom_or_nina_001(Cartridge& cart) {
    return cart.rom->chr.size() > 8 * kKB ? make_nina_001(cart) : make_bnrom(cart);
}
std::unique_ptr<Board> make_nina_003(Cartridge& cart) { return make_latch(cart, nina_003, kAt4100); }
std::unique_ptr<Board> make_hes_ntd_8(Cartridge& cart) { return make_latch(cart, hes_ntd_8, kAt4100); }

}  // namespace nes::boards
