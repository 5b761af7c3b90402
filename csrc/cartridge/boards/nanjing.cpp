// Waixing FS304 (162), the chipset of Dongda's PEC-9588 (164) and Yancheng YC-03-09 (558): role-playing games with registers at
// $5000-$5FFF. NESdev "INES Mapper 162", "INES Mapper 164", "NES 2.0 Mapper 558". 163 is in unlicensed.cpp.
#include "cartridge/boards/microwire_eeprom.hpp"
#include "cartridge/boards/nametable_half.hpp"

namespace nes::boards {
namespace {

struct NanjingRegisters {
    MicrowireRegisters eeprom;
    std::uint8_t value[4];  // $5000, $5100, $5200, $5300
    std::uint8_t half;      // PPU A9 of the last nametable access
    std::uint8_t a13;
    std::uint8_t reserved[2];
};

constexpr Field kNanjingFields[] = {
    NES_FIELD(NanjingRegisters, eeprom.shift), NES_FIELD(NanjingRegisters, eeprom.address),
    NES_FIELD(NanjingRegisters, eeprom.count), NES_FIELD(NanjingRegisters, eeprom.phase),
    NES_FIELD(NanjingRegisters, eeprom.clock), NES_FIELD(NanjingRegisters, eeprom.select),
    NES_FIELD(NanjingRegisters, eeprom.out),   NES_FIELD(NanjingRegisters, eeprom.writable),
    NES_FIELD(NanjingRegisters, eeprom.data),  NES_FIELD(NanjingRegisters, eeprom.all),
    NES_FIELD(NanjingRegisters, value),        NES_FIELD(NanjingRegisters, half),
    NES_FIELD(NanjingRegisters, a13),          NES_FIELD(NanjingRegisters, reserved),
};
static_assert(covers(kNanjingFields, sizeof(NanjingRegisters)));

class NanjingBoard : public Board {
  public:
    using Board::Board;
    void reset() noexcept override {
        regs() = {};
        map();
    }
    std::span<const Field> fields() const noexcept override { return kNanjingFields; }

  protected:
    NanjingRegisters& regs() const noexcept { return overlay<NanjingRegisters>(); }
    /// The EEPROM is the last 512 bytes of what the header gives as RAM, or there is none.
    MicrowireEeprom eeprom() const noexcept {
        const std::uint32_t size = cart.rom->prg_ram_size;
        const bool fitted = cart.prg_ram != nullptr && size % kKB == MicrowireEeprom::kSize;
        return {regs().eeprom, fitted ? cart.prg_ram + size - MicrowireEeprom::kSize : nullptr};
    }
};

class Fs304 final : public NanjingBoard {
  public:
    explicit Fs304(Cartridge& cartridge) noexcept : NanjingBoard(cartridge) { watches_ppu_bus = true; }
    void map() noexcept override {
        const auto& r = regs();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        const unsigned mode = r.value[3];
        int bank = (r.value[0] & 0x0C) | (r.value[2] & 3) << 4;
        bank |= bit(mode, 2) ? r.value[0] & 2 : 2;
        if (!bit(mode, 0)) {
            bank |= r.value[1] >> 1 & 1;
        } else {
            bank |= bit(mode, 2) ? r.value[0] & 1 : 1;
        }
        cart.map_prg(0x8000, 32 * kKB, bank);
        map_patterns();
        cart.mirror(cart.rom->mirroring);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address < 0x5000 || address >= 0x5400) return;
        regs().value[address >> 8 & 3] = value;
        map();
    }
    // The upper half of a nametable takes its patterns from the left table, the lower from the right.
    void ppu_bus(std::uint16_t address, std::uint64_t) noexcept override {
        auto& r = regs();
        if (half_changes(r.half, r.a13, address)) map_patterns();
    }

  private:
    void map_patterns() noexcept {
        const auto& r = regs();
        const bool switched = bit(r.value[0], 7);
        for (unsigned i = 0; i < 2; ++i) map_chr_window(cart, i, 4 * kKB, switched ? r.half & 1 : static_cast<int>(i));
    }
};

/// A board whose EEPROM shows its output in bit 2 of $5500-$55FF.
class EepromBoard : public NanjingBoard {
  public:
    EepromBoard(Cartridge& cartridge, bool inverts) noexcept : NanjingBoard(cartridge), inverts_(inverts) {}
    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        if ((address & 0xFF00) != 0x5500) return open_bus;
        const bool high = (regs().eeprom.out != 0) != inverts_;
        return static_cast<std::uint8_t>((open_bus & ~4) | (high ? 4 : 0));
    }

  private:
    bool inverts_;
};

class Pec9588 final : public EepromBoard {
  public:
    explicit Pec9588(Cartridge& cartridge) noexcept : EepromBoard(cartridge, true) {}
    void map() noexcept override {
        const auto& r = regs();
        const unsigned low = r.value[0];
        const int outer = (r.value[1] & 3) << 5;
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        if (bit(low, 4)) {
            cart.map_prg(0x8000, 32 * kKB, outer >> 1 | bits(low, 0, 4));
        } else {
            cart.map_prg(0x8000, 16 * kKB, outer | bits(low, 5, 1) << 4 | bits(low, 0, 4));
            cart.map_prg(0xC000, 16 * kKB, outer | (bit(low, 6) ? 0x1C | bits(low, 0, 1) << 1 : 0x1F));
        }
        cart.map_chr(0x0000, 8 * kKB, 0);
        cart.mirror(horizontal_if(bit(low, 4) && !bit(r.value[3], 7)));
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address < 0x5000 || address >= 0x5400) return;
        regs().value[address >> 8 & 3] = value;
        if ((address & 0xFF00) == 0x5200) {
            eeprom().set_lines(bit(value, 4), bit(value, 2), bit(value, 0));
        } else {
            map();
        }
    }
};

class Yc0309 final : public EepromBoard {
  public:
    explicit Yc0309(Cartridge& cartridge) noexcept : EepromBoard(cartridge, false) {}
    void map() noexcept override {
        const auto& r = regs();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        const int low = bit(r.value[3], 2) ? r.value[0] & 0x0F : (r.value[0] & 0x0C) | 3;
        cart.map_prg(0x8000, 32 * kKB, low | (r.value[1] & 3) << 4);
        cart.map_chr(0x0000, 8 * kKB, 0);
        cart.mirror(cart.rom->mirroring);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address < 0x5000 || address >= 0x5800) return;
        auto& r = regs();
        // The two lowest bits come swapped unless $5300 says otherwise; $5300 itself is not.
        // The wiki's text and its diagram name bit 0 and bit 1; games set both or neither.
        const bool straight = (r.value[3] & 3) != 0;
        const auto swapped = static_cast<std::uint8_t>((value & 0xFC) | (value >> 1 & 1) | (value << 1 & 2));
        const std::uint8_t data = straight ? value : swapped;
        switch (address & 0xFB00) {
            case 0x5000:
                if (address < 0x5100) r.value[0] = data;
                break;
            case 0x5100: r.value[1] = data; break;
            case 0x5200:
                if (address < 0x5300) eeprom().set_lines(bit(data, 2), bit(data, 1), bit(data, 0));
                return;
            case 0x5300:
                if (address < 0x5400) r.value[3] = value;
                break;
            default: return;
        }
        map();
    }
};

}  // namespace

std::unique_ptr<Board> make_fs304(Cartridge& cart) { return std::make_unique<Fs304>(cart); }
std::unique_ptr<Board> make_pec_9588(Cartridge& cart) { return std::make_unique<Pec9588>(cart); }
std::unique_ptr<Board> make_yc_03_09(Cartridge& cart) { return std::make_unique<Yc0309>(cart); }

}  // namespace nes::boards
