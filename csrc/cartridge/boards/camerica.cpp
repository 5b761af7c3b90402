// Camerica/Codemasters: BF9093 and BF9097 (71), BF9096 (232). NESdev "INES Mapper 071", "INES Mapper 232".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

struct CamericaRegisters {
    std::uint8_t page;    // $C000: 16 KB bank
    std::uint8_t block;   // BF9096 $8000: 64 KB block
    std::uint8_t screen;  // BF9097 $8000: bit 4 is the nametable; bit 7 here: it was written
    std::uint8_t reserved;
};

constexpr Field kCamericaFields[] = {
    NES_FIELD(CamericaRegisters, page),
    NES_FIELD(CamericaRegisters, block),
    NES_FIELD(CamericaRegisters, screen),
    NES_FIELD(CamericaRegisters, reserved),
};
static_assert(covers(kCamericaFields, sizeof(CamericaRegisters)));

enum class Chip : std::uint8_t { bf9093_or_9097, bf9097, bf9096, aladdin };

class Camerica final : public Board {
  public:
    Camerica(Cartridge& cartridge, Chip chip) noexcept : Board(cartridge), chip_(chip) {}

    void power_on() noexcept override {
        if (chip_ == Chip::bf9097) overlay<CamericaRegisters>().screen = kScreenWritten;
    }

    void map() noexcept override {
        const auto& r = overlay<CamericaRegisters>();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        if (chip_ == Chip::bf9096 || chip_ == Chip::aladdin) {
            const int block = block_of(r.block) * 4;
            cart.map_prg(0x8000, 16 * kKB, block | (r.page & 3));
            cart.map_prg(0xC000, 16 * kKB, block | 3);
        } else {
            cart.map_prg(0x8000, 16 * kKB, r.page & 0x0F);
            cart.map_prg(0xC000, 16 * kKB, -1);
        }
        cart.map_chr(0x0000, 8 * kKB, 0);
        if ((r.screen & kScreenWritten) != 0) {
            cart.mirror((r.screen & 0x10) != 0 ? Mirroring::single_1 : Mirroring::single_0);
        } else {
            cart.mirror(cart.rom->mirroring);
        }
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = overlay<CamericaRegisters>();
        if (address >= 0xC000) {
            r.page = value;
        } else if (address >= 0x8000) {
            write_low(r, address, value);
        } else {
            return;
        }
        map();
    }

    std::span<const Field> fields() const noexcept override { return kCamericaFields; }

  private:
    static constexpr std::uint8_t kScreenWritten = 0x80;

    void write_low(CamericaRegisters& r, std::uint16_t address, std::uint8_t value) const noexcept {
        switch (chip_) {
            case Chip::bf9096:
            case Chip::aladdin: r.block = value; break;
            case Chip::bf9097:
                if (address < 0xA000) r.screen = (value & 0x10) | kScreenWritten;
                break;
            case Chip::bf9093_or_9097:
                // Fire Hawk writes to $9000; games without the register write to $8000 and mean nothing by it.
                if ((address & 0xF000) == 0x9000) r.screen = (value & 0x10) | kScreenWritten;
                break;
        }
    }
    int block_of(std::uint8_t value) const noexcept {
        const int block = value >> 3 & 3;
        return chip_ == Chip::aladdin ? (block >> 1) | (block << 1 & 2) : block;  // two lines crossed
    }

    Chip chip_;
};

}  // namespace

std::unique_ptr<Board> make_camerica(Cartridge& cart) { return std::make_unique<Camerica>(cart, Chip::bf9093_or_9097); }
std::unique_ptr<Board> make_bf9097(Cartridge& cart) { return std::make_unique<Camerica>(cart, Chip::bf9097); }
std::unique_ptr<Board> make_bf9096(Cartridge& cart) { return std::make_unique<Camerica>(cart, Chip::bf9096); }
std::unique_ptr<Board> make_aladdin(Cartridge& cart) { return std::make_unique<Camerica>(cart, Chip::aladdin); }

}  // namespace nes::boards
