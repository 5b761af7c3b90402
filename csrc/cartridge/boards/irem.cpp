// Irem G-101 (32), H3001 (65) and the board of Napoleon Senki (77).
// NESdev "INES Mapper 032", "INES Mapper 065", "INES Mapper 077".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

struct IremRegisters {
    std::uint64_t now;  // CPU cycle the counter was brought to
    std::uint16_t counter;
    std::uint16_t reload;
    std::uint8_t irq_enabled;
    std::uint8_t prg[2];
    std::uint8_t mode;       // G-101 $9000: ......PM; H3001 $9000: P.......
    std::uint8_t mirroring;  // H3001 $9001
    std::uint8_t chr[8];
    std::uint8_t reserved[7];
};

constexpr Field kIremFields[] = {
    NES_FIELD(IremRegisters, now),         NES_FIELD(IremRegisters, counter), NES_FIELD(IremRegisters, reload),
    NES_FIELD(IremRegisters, irq_enabled), NES_FIELD(IremRegisters, prg),     NES_FIELD(IremRegisters, mode),
    NES_FIELD(IremRegisters, mirroring),   NES_FIELD(IremRegisters, chr),     NES_FIELD(IremRegisters, reserved),
};
static_assert(covers(kIremFields, sizeof(IremRegisters)));

class IremBoard : public Board {
  public:
    using Board::Board;
    void power_on() noexcept override { regs().prg[1] = 1; }  // games on the H3001 rely on it
    std::span<const Field> fields() const noexcept override { return kIremFields; }

  protected:
    IremRegisters& regs() const noexcept { return overlay<IremRegisters>(); }
    void map_banks(bool swapped, int mask) noexcept {
        const auto& r = regs();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        cart.map_prg(0x8000, 8 * kKB, swapped ? -2 : r.prg[0] & mask);
        cart.map_prg(0xA000, 8 * kKB, r.prg[1] & mask);
        cart.map_prg(0xC000, 8 * kKB, swapped ? r.prg[0] & mask : -2);
        cart.map_prg(0xE000, 8 * kKB, -1);
        for (unsigned window = 0; window < 8; ++window) map_chr_window(cart, window, kKB, r.chr[window]);
    }
};

class G101 final : public IremBoard {
  public:
    G101(Cartridge& cartridge, bool major_league) noexcept : IremBoard(cartridge), major_league_(major_league) {}

    void map() noexcept override {
        const auto& r = regs();
        map_banks(!major_league_ && (r.mode & 2) != 0, 0x1F);
        // Major League ties CIRAM A10 high and leaves $9000 unconnected.
        cart.mirror(major_league_ ? Mirroring::single_1 : horizontal_if((r.mode & 1) != 0));
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = regs();
        switch (address >> 12) {
            case 0x8: r.prg[0] = value; break;
            case 0x9: r.mode = value; break;
            case 0xA: r.prg[1] = value; break;
            case 0xB: r.chr[address & 7] = value; break;
            default: return;
        }
        map();
    }

  private:
    bool major_league_;
};

class H3001 final : public IremBoard {
  public:
    explicit H3001(Cartridge& cartridge) noexcept : IremBoard(cartridge) { counts_cpu_cycles = true; }

    void map() noexcept override {
        const auto& r = regs();
        map_banks((r.mode & 0x80) != 0, 0x3F);
        switch (r.mirroring >> 6 & 3) {
            case 0: cart.mirror(Mirroring::vertical); break;
            case 2: cart.mirror(Mirroring::horizontal); break;
            default: cart.mirror(Mirroring::single_0); break;
        }
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        if (address < 0x8000) return;
        run_to(cycle);
        auto& r = regs();
        switch (address >> 12) {
            case 0x8: r.prg[0] = value; break;
            case 0x9: write_control(address & 7, value); break;
            case 0xA: r.prg[1] = value; break;
            case 0xB: r.chr[address & 7] = value; break;
            default: return;
        }
        map();
    }

    // Stops at zero, where it interrupts.
    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if (r.irq_enabled == 0 || r.counter == 0) return;
        if (cycles >= r.counter) {
            r.counter = 0;
            cart.state->irq = 1;
        } else {
            r.counter = static_cast<std::uint16_t>(r.counter - cycles);
        }
    }
    std::uint64_t next_irq() const noexcept override {
        const auto& r = regs();
        return r.irq_enabled == 0 || r.counter == 0 ? kNever : r.now + r.counter;
    }

  private:
    void write_control(unsigned index, std::uint8_t value) noexcept {
        auto& r = regs();
        switch (index) {
            case 0: r.mode = value; break;
            case 1: r.mirroring = value; break;
            case 3:
                r.irq_enabled = value >> 7;
                cart.state->irq = 0;
                break;
            case 4:
                r.counter = r.reload;
                cart.state->irq = 0;
                break;
            case 5: r.reload = static_cast<std::uint16_t>((r.reload & 0x00FF) | value << 8); break;
            case 6: r.reload = static_cast<std::uint16_t>((r.reload & 0xFF00) | value); break;
            default: break;
        }
    }
};

// One 8 KB RAM gives 6 KB of patterns and two nametables; the console's own RAM gives the other two.
void napoleon_senki(Cartridge& cart, const Latch& latch) {
    cart.map_prg(0x8000, 32 * kKB, latch.value & 0x0F);
    cart.map_chr_rom(0x0000, 2 * kKB, latch.value >> 4);
    for (unsigned i = 1; i < 4; ++i)
        cart.map_chr_ram(static_cast<std::uint16_t>(i * 0x800), 2 * kKB, static_cast<int>(i));
    cart.map_chr_ram(0x2000, 2 * kKB, 0);
    cart.map_nametable(2, 0);
    cart.map_nametable(3, 1);
}

}  // namespace

std::unique_ptr<Board> make_g101(Cartridge& cart) { return std::make_unique<G101>(cart, false); }
std::unique_ptr<Board> make_g101_major_league(Cartridge& cart) { return std::make_unique<G101>(cart, true); }
std::unique_ptr<Board> make_h3001(Cartridge& cart) { return std::make_unique<H3001>(cart); }
std::unique_ptr<Board> make_napoleon_senki(Cartridge& cart) {
    return make_latch(cart, napoleon_senki, {.bus_conflicts = true});
}

}  // namespace nes::boards
