// Namco 129/163 (19), and Namco 175/340 (210). NESdev "INES Mapper 019", "INES Mapper 210", "Namco 163 audio".
// The sound of the 163 is in audio/n163.cpp.
#include "audio/n163.hpp"
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

struct Namco163Registers {
    std::uint64_t now;      // CPU cycle the counter was brought to
    std::uint16_t counter;  // 15 bits, counting up
    std::uint8_t irq_enabled;
    std::uint8_t ram_address;  // $F800: address in the chip's own RAM, bit 7 increments; also the write-protection
    std::uint8_t prg[3];       // with the flags in bits 6 and 7
    std::uint8_t ram_control;  // 175: $C000
    std::uint8_t chr[12];      // eight for the pattern tables, four for the nametables
    std::uint8_t mirroring_written;  // 210 without submapper: the program uses the mirroring of a 340
    std::uint8_t channel;            // of the sound: which one the chip works on
    std::uint8_t channel_cycles;     // and for how long it has done so
    std::uint8_t reserved;
    std::uint8_t ram[128];
};

constexpr Field kNamco163Fields[] = {
    NES_FIELD(Namco163Registers, now),         NES_FIELD(Namco163Registers, counter),
    NES_FIELD(Namco163Registers, irq_enabled), NES_FIELD(Namco163Registers, ram_address),
    NES_FIELD(Namco163Registers, prg),         NES_FIELD(Namco163Registers, ram_control),
    NES_FIELD(Namco163Registers, chr),         NES_FIELD(Namco163Registers, mirroring_written),
    NES_FIELD(Namco163Registers, channel),     NES_FIELD(Namco163Registers, channel_cycles),
    NES_FIELD(Namco163Registers, reserved),    NES_FIELD(Namco163Registers, ram),
};
static_assert(covers(kNamco163Fields, sizeof(Namco163Registers)));

constexpr unsigned kCounterEnd = 0x7FFF;

class Namco163 final : public Board {
  public:
    /// `decibels`: of one channel of its sound against a pulse of the console.
    Namco163(Cartridge& cartridge, bool has_sound, double decibels) noexcept
        : Board(cartridge),
          has_sound_(has_sound),
          decibels_(decibels) {
        counts_cpu_cycles = true;
    }

    std::unique_ptr<ExpansionSound> make_sound() const override {
        const auto& r = regs();
        if (!has_sound_) return nullptr;
        return make_n163_sound({r.ram, &r.channel, &r.channel_cycles, &r.now, &r.prg[0]}, decibels_);
    }

    const char* impossible_value(const std::uint8_t* registers, std::uint64_t /*clock*/,
                                 std::uint64_t /*cycle*/) const noexcept override {
        const auto& r = *reinterpret_cast<const Namco163Registers*>(registers);
        const unsigned last_channel = has_sound_ ? 7 : 0, last_cycle = has_sound_ ? n163::kCyclesPerChannel - 1 : 0;
        if (r.channel > last_channel) return "board.channel";
        return r.channel_cycles > last_cycle ? "board.channel_cycles" : nullptr;
    }

    void power_on() noexcept override {
        auto& r = regs();
        // Not defined by the chip: the nametables as the header has them, should a program not set them.
        for (unsigned slot = 0; slot < 4; ++slot) {
            const bool vertical = cart.rom->mirroring == Mirroring::vertical;
            r.chr[8 + slot] = static_cast<std::uint8_t>(0xE0 | (vertical ? slot & 1 : slot >> 1));
        }
    }

    void map() noexcept override {
        const auto& r = regs();
        for (unsigned i = 0; i < 3; ++i) {
            cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x2000), 8 * kKB, r.prg[i] & 0x3F);
        }
        cart.map_prg(0xE000, 8 * kKB, -1);
        map_ram();
        for (unsigned window = 0; window < 12; ++window) map_window(window);
    }

    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        const std::uint8_t value = cpu_peek(address, open_bus);
        if ((address & 0xF800) == 0x4800) increment_address();
        return value;
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        const auto& r = regs();
        switch (address & 0xF800) {
            case 0x4800: return r.ram[r.ram_address & 0x7F];
            case 0x5000: return static_cast<std::uint8_t>(r.counter & 0xFF);
            case 0x5800: return static_cast<std::uint8_t>((r.counter >> 8 & 0x7F) | (r.irq_enabled & 1) << 7);
            default: return open_bus;
        }
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        run_to(cycle);
        auto& r = regs();
        switch (address & 0xF800) {
            case 0x4800:
                r.ram[r.ram_address & 0x7F] = value;
                increment_address();
                return;
            case 0x5000:
                r.counter = static_cast<std::uint16_t>((r.counter & 0x7F00) | value);
                cart.state->irq = 0;
                return;
            case 0x5800:
                r.counter = static_cast<std::uint16_t>((r.counter & 0x00FF) | (value & 0x7F) << 8);
                r.irq_enabled = value >> 7;
                cart.state->irq = 0;
                return;
            case 0xE000: r.prg[0] = value; break;
            case 0xE800: r.prg[1] = value; break;
            case 0xF000: r.prg[2] = value; break;
            case 0xF800: r.ram_address = value; break;
            default:
                if (address < 0x8000) return;
                r.chr[(address >> 11 & 15u) % 12] = value;
                break;
        }
        map();
    }

    // Counts up, interrupts on reaching $7FFF and stays there.
    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if (has_sound_ && (r.prg[0] & kSoundOff) == 0) n163::advance(r.ram, r.channel, r.channel_cycles, cycles);
        const unsigned counter = r.counter & kCounterEnd;
        if (r.irq_enabled == 0 || counter == kCounterEnd) return;
        if (cycles >= kCounterEnd - counter) {
            r.counter = kCounterEnd;
            cart.state->irq = 1;
        } else {
            r.counter = static_cast<std::uint16_t>(counter + cycles);
        }
    }
    std::uint64_t next_irq() const noexcept override {
        const auto& r = regs();
        const unsigned counter = r.counter & kCounterEnd;
        return r.irq_enabled == 0 || counter == kCounterEnd ? kNever : r.now + (kCounterEnd - counter);
    }
    std::span<const Field> fields() const noexcept override { return kNamco163Fields; }

  private:
    static constexpr std::uint8_t kSoundOff = 0x40;  // of $E000

    Namco163Registers& regs() const noexcept { return overlay<Namco163Registers>(); }

    void increment_address() noexcept {
        auto& r = regs();
        if ((r.ram_address & 0x80) != 0) r.ram_address = static_cast<std::uint8_t>(0x80 | ((r.ram_address + 1) & 0x7F));
    }

    void map_ram() noexcept {
        // Writable only under $4x, each 2 KB with a protection bit of its own.
        const unsigned protection = regs().ram_address;
        for (unsigned i = 0; i < 4; ++i) {
            const bool writable = (protection & 0xF0) == 0x40 && (protection >> i & 1) == 0;
            cart.map_prg_ram(static_cast<std::uint16_t>(0x6000 + i * 0x800), 2 * kKB, static_cast<int>(i), writable);
        }
    }

    /// Banks $E0-$FF are the console's own nametable RAM, also as patterns where $E800 does not forbid it.
    void map_window(unsigned window) noexcept {
        const auto& r = regs();
        const std::uint8_t bank = r.chr[window];
        const bool forbidden = window < 8 && (r.prg[1] >> (window < 4 ? 6 : 7) & 1) != 0;
        if (bank >= 0xE0 && !forbidden) {
            std::uint8_t* const page = cart.ciram + (bank & 1) * kKB;
            cart.map_ppu_page(window, page, page);
        } else {
            map_chr_window(cart, window, kKB, bank);
        }
    }

    bool has_sound_;
    double decibels_;
};

class Namco340 final : public Board {
  public:
    enum class Chip : std::uint8_t { n175, n340, unknown };

    Namco340(Cartridge& cartridge, Chip chip) noexcept : Board(cartridge), chip_(chip) {}

    /// These chips have no sound.
    const char* impossible_value(const std::uint8_t* registers, std::uint64_t /*clock*/,
                                 std::uint64_t /*cycle*/) const noexcept override {
        const auto& r = *reinterpret_cast<const Namco163Registers*>(registers);
        return r.channel != 0 || r.channel_cycles != 0 ? "board.channel" : nullptr;
    }

    void map() noexcept override {
        const auto& r = overlay<Namco163Registers>();
        for (unsigned i = 0; i < 3; ++i) {
            cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x2000), 8 * kKB, r.prg[i] & 0x3F);
        }
        cart.map_prg(0xE000, 8 * kKB, -1);
        if (chip_ == Chip::unknown || (chip_ == Chip::n175 && (r.ram_control & 1) != 0)) {
            cart.map_prg_ram(0x6000, 8 * kKB, 0);
        } else {
            cart.unmap_cpu(0x6000, 8 * kKB);
        }
        for (unsigned window = 0; window < 8; ++window) map_chr_window(cart, window, kKB, r.chr[window]);
        if (chip_ == Chip::n340 || (chip_ == Chip::unknown && r.mirroring_written != 0)) {
            static constexpr Mirroring kMirroring[4] = {Mirroring::single_0, Mirroring::vertical, Mirroring::single_1,
                                                        Mirroring::horizontal};
            cart.mirror(kMirroring[r.prg[0] >> 6 & 3]);
        } else {
            cart.mirror(cart.rom->mirroring);
        }
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = overlay<Namco163Registers>();
        switch (address & 0xF800) {
            case 0xC000: r.ram_control = value; break;
            case 0xE000:
                r.prg[0] = value;
                if ((value & 0xC0) != 0) r.mirroring_written = 1;
                break;
            case 0xE800: r.prg[1] = value; break;
            case 0xF000: r.prg[2] = value; break;
            default:
                if (address < 0x8000 || address >= 0xC000) return;
                r.chr[address >> 11 & 7] = value;
                break;
        }
        map();
    }

    std::span<const Field> fields() const noexcept override { return kNamco163Fields; }

  private:
    Chip chip_;
};

}  // namespace

// NESdev "INES Mapper 019", submappers: the games differ in the resistors through which the sound goes. Each is the middle of what
// was measured; where the header does not tell, the level is the one that "NSFe", "mixe", names for the quieter games.
std::unique_ptr<Board> make_namco_163(Cartridge& cart) { return std::make_unique<Namco163>(cart, true, 11.0); }
std::unique_ptr<Board> make_namco_129(Cartridge& cart) { return std::make_unique<Namco163>(cart, false, 0.0); }
std::unique_ptr<Board> make_namco_163_quiet(Cartridge& cart) { return std::make_unique<Namco163>(cart, true, 12.0); }
std::unique_ptr<Board> make_namco_163_loud(Cartridge& cart) { return std::make_unique<Namco163>(cart, true, 16.5); }
std::unique_ptr<Board> make_namco_163_loudest(Cartridge& cart) { return std::make_unique<Namco163>(cart, true, 18.75); }
std::unique_ptr<Board> make_namco_175(Cartridge& cart) {
    return std::make_unique<Namco340>(cart, Namco340::Chip::n175);
}
std::unique_ptr<Board> make_namco_340(Cartridge& cart) {
    return std::make_unique<Namco340>(cart, Namco340::Chip::n340);
}
std::unique_ptr<Board> make_namco_175_or_340(Cartridge& cart) {
    return std::make_unique<Namco340>(cart, Namco340::Chip::unknown);
}

}  // namespace nes::boards
