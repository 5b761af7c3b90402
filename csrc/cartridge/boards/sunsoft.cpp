// Sunsoft-3 (67), Sunsoft-4 (68, without the licensing chip of Nantettatte!! Baseball) and FME-7/5A/5B (69).
// The sound of the 5B is in audio/sunsoft_5b.cpp. NESdev "INES Mapper 067", "INES Mapper 068", "Sunsoft FME-7".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

struct SunsoftRegisters {
    std::uint64_t now;  // CPU cycle the counter was brought to
    std::uint16_t counter;
    std::uint8_t command;        // FME-7 $8000
    std::uint8_t irq;            // FME-7: C......T; Sunsoft-3: ...P....
    std::uint8_t chr[8];         // Sunsoft-4: four pattern and two nametable banks
    std::uint8_t prg[4];         // FME-7: $6000 first
    std::uint8_t mirroring;      // Sunsoft-4: with the nametable switch
    std::uint8_t low_byte;       // Sunsoft-3: the next write to $C800 is the low byte
    std::uint8_t sound_address;  // 5B $C000
    std::uint8_t reserved[5];
    std::uint8_t sound[16];        // 5B $E000
    std::uint64_t envelope_start;  // CPU cycle in which the sound's register $0D was written last
};

constexpr Field kSunsoftFields[] = {
    NES_FIELD(SunsoftRegisters, now),           NES_FIELD(SunsoftRegisters, counter),
    NES_FIELD(SunsoftRegisters, command),       NES_FIELD(SunsoftRegisters, irq),
    NES_FIELD(SunsoftRegisters, chr),           NES_FIELD(SunsoftRegisters, prg),
    NES_FIELD(SunsoftRegisters, mirroring),     NES_FIELD(SunsoftRegisters, low_byte),
    NES_FIELD(SunsoftRegisters, sound_address), NES_FIELD(SunsoftRegisters, reserved),
    NES_FIELD(SunsoftRegisters, sound),         NES_FIELD(SunsoftRegisters, envelope_start),
};
static_assert(covers(kSunsoftFields, sizeof(SunsoftRegisters)));

class SunsoftBoard : public Board {
  public:
    using Board::Board;
    std::span<const Field> fields() const noexcept override { return kSunsoftFields; }

    /// Only the 5B has an envelope.
    const char* impossible_value(const std::uint8_t* registers, std::uint64_t /*clock*/,
                                 std::uint64_t /*cycle*/) const noexcept override {
        const auto& r = *reinterpret_cast<const SunsoftRegisters*>(registers);
        return r.envelope_start != 0 ? "board.envelope_start" : nullptr;
    }

  protected:
    SunsoftRegisters& regs() const noexcept { return overlay<SunsoftRegisters>(); }
};

class Sunsoft3 final : public SunsoftBoard {
  public:
    explicit Sunsoft3(Cartridge& cartridge) noexcept : SunsoftBoard(cartridge) { counts_cpu_cycles = true; }

    void map() noexcept override {
        const auto& r = regs();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        cart.map_prg(0x8000, 16 * kKB, r.prg[0] & 0x0F);
        cart.map_prg(0xC000, 16 * kKB, -1);
        for (unsigned window = 0; window < 4; ++window) map_chr_window(cart, window, 2 * kKB, r.chr[window] & 0x3F);
        cart.mirror(vertical_first(r.mirroring));
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        if (address < 0x8000) return;
        run_to(cycle);
        auto& r = regs();
        if ((address & 0x0800) == 0) {
            cart.state->irq = 0;
            return;
        }
        switch (address >> 12) {
            case 0x8:
            case 0x9:
            case 0xA:
            case 0xB: r.chr[address >> 12 & 3] = value; break;
            case 0xC:
                r.counter = static_cast<std::uint16_t>(r.low_byte != 0 ? (r.counter & 0xFF00) | value
                                                                       : (r.counter & 0x00FF) | value << 8);
                r.low_byte ^= 1;
                return;
            case 0xD:  // does not acknowledge
                r.irq = value & 0x10;
                r.low_byte = 0;
                return;
            case 0xE: r.mirroring = value; break;
            default: r.prg[0] = value; break;
        }
        map();
    }

    // Wraps once and pauses itself.
    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if (r.irq == 0) return;
        if (cycles > r.counter) {
            r.counter = 0xFFFF;
            r.irq = 0;
            cart.state->irq = 1;
        } else {
            r.counter = static_cast<std::uint16_t>(r.counter - cycles);
        }
    }
    std::uint64_t next_irq() const noexcept override {
        const auto& r = regs();
        return r.irq == 0 ? kNever : r.now + r.counter + 1;
    }
};

class Sunsoft4 final : public SunsoftBoard {
  public:
    using SunsoftBoard::SunsoftBoard;

    void map() noexcept override {
        const auto& r = regs();
        if ((r.prg[0] & 0x10) != 0) {
            cart.map_prg_ram(0x6000, 8 * kKB, 0);
        } else {
            cart.unmap_cpu(0x6000, 8 * kKB);
        }
        cart.map_prg(0x8000, 16 * kKB, r.prg[0] & 0x0F);
        cart.map_prg(0xC000, 16 * kKB, -1);
        for (unsigned window = 0; window < 4; ++window) map_chr_window(cart, window, 2 * kKB, r.chr[window]);
        cart.mirror(vertical_first(r.mirroring));
        if ((r.mirroring & 0x10) == 0) return;
        // CHR-ROM in place of the nametables, arranged by the same mirroring; only the upper 128 KB reach there.
        for (unsigned slot = 0; slot < 4; ++slot) {
            unsigned upper = 0;
            switch (r.mirroring & 3) {
                case 0: upper = slot & 1; break;
                case 1: upper = slot >> 1; break;
                case 2: upper = 0; break;
                default: upper = 1; break;
            }
            map_chr_window(cart, slot, kKB, r.chr[4 + upper] | 0x80, 0x2000);
        }
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address < 0x8000) return;
        auto& r = regs();
        switch (address >> 12) {
            case 0xE: r.mirroring = value; break;
            case 0xF: r.prg[0] = value; break;
            default: r.chr[(address >> 12) - 8] = value; break;
        }
        map();
    }
};

class Fme7 final : public SunsoftBoard {
  public:
    explicit Fme7(Cartridge& cartridge) noexcept : SunsoftBoard(cartridge) { counts_cpu_cycles = true; }

    std::unique_ptr<ExpansionSound> make_sound() const override {
        return make_sunsoft_5b_sound(regs().sound, &regs().envelope_start);
    }

    const char* impossible_value(const std::uint8_t* registers, std::uint64_t /*clock*/,
                                 std::uint64_t cycle) const noexcept override {
        const auto& r = *reinterpret_cast<const SunsoftRegisters*>(registers);
        return r.envelope_start > cycle ? "board.envelope_start" : nullptr;
    }

    void map() noexcept override {
        const auto& r = regs();
        if ((r.prg[0] & 0x40) == 0) {
            cart.map_prg(0x6000, 8 * kKB, r.prg[0] & 0x3F);
        } else if ((r.prg[0] & 0x80) != 0) {
            cart.map_prg_ram(0x6000, 8 * kKB, r.prg[0] & 0x3F);
        } else {
            cart.unmap_cpu(0x6000, 8 * kKB);
        }
        for (unsigned i = 0; i < 3; ++i) {
            cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x2000), 8 * kKB, r.prg[1 + i] & 0x3F);
        }
        cart.map_prg(0xE000, 8 * kKB, -1);
        for (unsigned window = 0; window < 8; ++window) map_chr_window(cart, window, kKB, r.chr[window]);
        cart.mirror(vertical_first(r.mirroring));
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        auto& r = regs();
        if ((address & 0xE000) == 0x8000) r.command = value & 0x0F;
        if ((address & 0xE000) == 0xC000) r.sound_address = value;
        if ((address & 0xE000) == 0xE000) write_sound(r.sound_address, value, cycle);
        if ((address & 0xE000) != 0xA000) return;
        run_to(cycle);
        switch (r.command & 0x0F) {
            case 0x8:
            case 0x9:
            case 0xA:
            case 0xB: r.prg[r.command & 3] = value; break;
            case 0xC: r.mirroring = value; break;
            case 0xD:
                r.irq = value & 0x81;
                cart.state->irq = 0;
                return;
            case 0xE: r.counter = static_cast<std::uint16_t>((r.counter & 0xFF00) | value); return;
            case 0xF: r.counter = static_cast<std::uint16_t>((r.counter & 0x00FF) | value << 8); return;
            default: r.chr[r.command & 7] = value; break;
        }
        map();
    }

    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if ((r.irq & 0x80) == 0) return;
        if ((r.irq & 1) != 0 && cycles > r.counter) cart.state->irq = 1;
        r.counter = static_cast<std::uint16_t>(r.counter - cycles);
    }
    std::uint64_t next_irq() const noexcept override {
        const auto& r = regs();
        return (r.irq & 0x81) != 0x81 ? kNever : r.now + r.counter + 1;
    }

  private:
    /// The chip takes no data while the upper bits of the address are set.
    void write_sound(unsigned address, std::uint8_t value, std::uint64_t cycle) noexcept {
        if (address > 0x0F) return;
        auto& r = regs();
        r.sound[address] = value;
        if (address == 0x0D) r.envelope_start = cycle;
    }
};

}  // namespace

std::unique_ptr<Board> make_sunsoft_3(Cartridge& cart) { return std::make_unique<Sunsoft3>(cart); }
std::unique_ptr<Board> make_sunsoft_4(Cartridge& cart) { return std::make_unique<Sunsoft4>(cart); }
std::unique_ptr<Board> make_fme7(Cartridge& cart) { return std::make_unique<Fme7>(cart); }

}  // namespace nes::boards
