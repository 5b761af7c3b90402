// J.Y. Company's chip: 35, 90, 209, 211 and 282. NESdev "J.Y. Company ASIC", "NES 2.0 Mapper 282".
#include "cartridge/boards/common.hpp"
#include "cartridge/boards/tile_latch.hpp"

namespace nes::boards {
namespace {

struct JyRegisters {
    std::uint64_t now;     // CPU cycle the counter was brought to
    std::uint8_t mode[4];  // $D000-$D003
    std::uint8_t prg[4];   // $8000-$8003
    std::uint8_t chr_low[8];
    std::uint8_t chr_high[8];
    std::uint8_t nametable_low[4];
    std::uint8_t nametable_high[4];
    std::uint8_t irq_enabled;
    std::uint8_t irq_mode;  // $C001
    std::uint8_t prescaler;
    std::uint8_t counter;
    std::uint8_t irq_xor;  // $C006
    std::uint8_t factor[2];
    std::uint8_t accumulator;
    std::uint8_t test;
    std::uint8_t tile[2];  // 1 after tile $FE, for each pattern table
    std::uint8_t tile_pending;
    std::uint8_t a12;
    std::uint8_t reserved[3];
};

constexpr Field kJyFields[] = {
    NES_FIELD(JyRegisters, now),
    NES_FIELD(JyRegisters, mode),
    NES_FIELD(JyRegisters, prg),
    NES_FIELD(JyRegisters, chr_low),
    NES_FIELD(JyRegisters, chr_high),
    NES_FIELD(JyRegisters, nametable_low),
    NES_FIELD(JyRegisters, nametable_high),
    NES_FIELD(JyRegisters, irq_enabled),
    NES_FIELD(JyRegisters, irq_mode),
    NES_FIELD(JyRegisters, prescaler),
    NES_FIELD(JyRegisters, counter),
    NES_FIELD(JyRegisters, irq_xor),
    NES_FIELD(JyRegisters, factor),
    NES_FIELD(JyRegisters, accumulator),
    NES_FIELD(JyRegisters, test),
    NES_FIELD(JyRegisters, tile),
    NES_FIELD(JyRegisters, tile_pending),
    NES_FIELD(JyRegisters, a12),
    NES_FIELD(JyRegisters, reserved),
};
static_assert(covers(kJyFields, sizeof(JyRegisters)));

/// What a board makes of $D003. Banks of 8 KB and 1 KB.
struct JyOuter {
    int prg_mask;
    int prg_base;
    int chr_mask;
    int chr_base;
};

class Jy final : public Board {
  public:
    struct Wiring {
        JyOuter (*outer)(const JyRegisters&);
        bool own_nametables;  // the jumper lets ROM nametables and extended mirroring through
    };

    Jy(Cartridge& cartridge, const Wiring& wiring) noexcept : Board(cartridge), wiring_(wiring) {
        counts_cpu_cycles = true;
        watches_ppu_bus = true;
    }

    void map() noexcept override {
        map_prg();
        map_chr();
        map_nametables();
    }

    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        const auto& r = regs();
        if (address == 0x5000 || address == 0x5400 || address == 0x5C00) {
            return open_bus & 0x3F;  // the jumpers
        }
        const unsigned product = unsigned{r.factor[0]} * r.factor[1];
        switch (address & 0xF803u) {
            case 0x5800: return static_cast<std::uint8_t>(product);
            case 0x5801: return static_cast<std::uint8_t>(product >> 8);
            case 0x5802: return r.accumulator;
            case 0x5803: return r.test;
            default: return open_bus;
        }
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        run_to(cycle);
        auto& r = regs();
        if ((address & 0xF000) == 0xC000) return write_irq(address & 7, value);
        if ((address & 0x0800) != 0 && address >= 0x8000) return;
        switch (address & 0xF800) {
            case 0x5800: write_arithmetic(address & 3, value); return;
            case 0x8000: r.prg[address & 3] = value; break;
            case 0x9000: r.chr_low[address & 7] = value; break;
            case 0xA000: r.chr_high[address & 7] = value; break;
            case 0xB000: ((address & 4) != 0 ? r.nametable_high : r.nametable_low)[address & 3] = value; break;
            case 0xD000: r.mode[address & 3] = value; break;
            default: return;
        }
        map();
    }

    void run_to(std::uint64_t cycle) noexcept override {
        const std::uint64_t cycles = elapsed(regs().now, cycle);
        if (counts(kCycles)) clock(cycles);
    }
    std::uint64_t next_irq() const noexcept override { return counts(kCycles) ? regs().now + clocks_to_irq() : kNever; }

    void ppu_bus(std::uint16_t address, std::uint64_t) noexcept override {
        auto& r = regs();
        const bool high = (address & 0x1000) != 0;
        if (high && r.a12 == 0 && counts(kRises)) clock(1);
        r.a12 = high;
        if (counts(kReads)) clock(1);
        if (!switches_by_tiles()) return;
        watch_tiles(r.tile, r.tile_pending, address, 0x2FF8, [this](unsigned) { map_chr(); });
    }

    std::span<const Field> fields() const noexcept override { return kJyFields; }

  private:
    enum Source : unsigned { kCycles, kRises, kReads };

    JyRegisters& regs() const noexcept { return overlay<JyRegisters>(); }

    void write_arithmetic(unsigned index, std::uint8_t value) noexcept {
        auto& r = regs();
        switch (index) {
            case 0:
            case 1: r.factor[index] = value; break;
            case 2: r.accumulator = static_cast<std::uint8_t>(r.accumulator + value); break;
            default:
                r.accumulator = 0;
                r.test = value;
                break;
        }
    }

    void write_irq(unsigned index, std::uint8_t value) noexcept {
        auto& r = regs();
        switch (index) {
            case 0: enable((value & 1) != 0); break;
            case 1: r.irq_mode = value; break;
            case 2: enable(false); break;
            case 3: enable(true); break;
            case 4: r.prescaler = value ^ r.irq_xor; break;
            case 5: r.counter = value ^ r.irq_xor; break;
            case 6: r.irq_xor = value; break;
            default: break;
        }
    }
    void enable(bool on) noexcept {
        auto& r = regs();
        r.irq_enabled = on;
        if (on) return;
        r.prescaler = 0;
        cart.state->irq = 0;
    }

    bool counts(Source source) const noexcept {
        const auto& r = regs();
        const unsigned direction = r.irq_mode >> 6;
        return r.irq_enabled != 0 && (r.irq_mode & 3u) == source && (direction == 1 || direction == 2);
    }
    bool counts_down() const noexcept { return regs().irq_mode >> 6 == 2; }
    unsigned prescaler_mask() const noexcept { return (regs().irq_mode & 4) != 0 ? 0x07 : 0xFF; }
    /// Clocks until the prescaler wraps.
    std::uint64_t clocks_to_wrap() const noexcept {
        const unsigned mask = prescaler_mask();
        const unsigned present = regs().prescaler & mask;
        return counts_down() ? present + 1u : mask + 1u - present;
    }
    std::uint64_t clocks_to_irq() const noexcept {
        const std::uint64_t wraps = counts_down() ? regs().counter + 1u : 0x100u - regs().counter;
        return clocks_to_wrap() + (wraps - 1) * (prescaler_mask() + 1);
    }
    void clock(std::uint64_t clocks) noexcept {
        if (clocks == 0) return;
        auto& r = regs();
        const std::uint64_t first = clocks_to_wrap();
        const std::uint64_t wraps = clocks < first ? 0 : 1 + (clocks - first) / (prescaler_mask() + 1);
        if (clocks >= clocks_to_irq()) cart.state->irq = 1;
        if (counts_down()) {
            r.prescaler = static_cast<std::uint8_t>(r.prescaler - clocks);
            r.counter = static_cast<std::uint8_t>(r.counter - wraps);
        } else {
            r.prescaler = static_cast<std::uint8_t>(r.prescaler + clocks);
            r.counter = static_cast<std::uint8_t>(r.counter + wraps);
        }
    }

    static int reversed(int bank) noexcept {
        int result = 0;
        for (unsigned i = 0; i < 7; ++i) result |= (bank >> i & 1) << (6 - i);
        return result;
    }

    void map_prg() noexcept {
        const auto& r = regs();
        const JyOuter outer = wiring_.outer(r);
        const unsigned mode = r.mode[0] & 3u;
        const bool last_switched = (r.mode[0] & 4) != 0;
        const auto number = [&](unsigned i) { return mode == 3 ? reversed(r.prg[i] & 0x7F) : r.prg[i] & 0x7F; };
        const auto window = [&](unsigned address, int bank) {
            cart.map_prg(static_cast<std::uint16_t>(address), 8 * kKB, (bank & outer.prg_mask) | outer.prg_base);
        };
        int in_6000 = number(3);
        if (mode == 0) {
            const int bank = last_switched ? number(3) << 2 : -4;
            for (unsigned i = 0; i < 4; ++i) window(0x8000 + i * 0x2000, bank | static_cast<int>(i));
            in_6000 = number(3) << 2 | 3;
        } else if (mode == 1) {
            const int last = last_switched ? number(3) << 1 : -2;
            for (unsigned i = 0; i < 2; ++i) {
                window(0x8000 + i * 0x2000, number(1) << 1 | static_cast<int>(i));
                window(0xC000 + i * 0x2000, last | static_cast<int>(i));
            }
            in_6000 = number(3) << 1 | 1;
        } else {
            for (unsigned i = 0; i < 3; ++i) window(0x8000 + i * 0x2000, number(i));
            window(0xE000, last_switched ? number(3) : -1);
        }
        if ((r.mode[0] & 0x80) != 0) {
            window(0x6000, in_6000);
        } else {
            cart.map_prg_ram(0x6000, 8 * kKB, 0);
        }
    }

    bool switches_by_tiles() const noexcept {
        const auto& r = regs();
        return (r.mode[3] & 0x80) != 0 && (r.mode[0] >> 3 & 3) == 1;
    }
    void map_chr() noexcept {
        const auto& r = regs();
        const JyOuter outer = wiring_.outer(r);
        const unsigned mode = r.mode[0] >> 3 & 3u;
        const unsigned pages = 8u >> mode;  // of 1 KB in a bank
        for (unsigned first = 0; first < 8; first += pages) {
            unsigned index = first;
            if (switches_by_tiles()) index += (r.tile[first >> 2] & 1) * 2u;
            const int bank = (r.chr_low[index] | r.chr_high[index] << 8) * static_cast<int>(pages);
            for (unsigned page = 0; page < pages; ++page) {
                map_chr_window(cart, first + page, kKB,
                               ((bank + static_cast<int>(page)) & outer.chr_mask) | outer.chr_base);
            }
        }
        if ((r.mode[2] & 0x40) == 0) protect_chr(cart);
    }

    void map_nametables() noexcept {
        const auto& r = regs();
        const bool from_rom = wiring_.own_nametables && (r.mode[0] & 0x20) != 0;
        const bool extended = wiring_.own_nametables && (r.mode[1] & 0x08) != 0;
        if (!from_rom && !extended) {
            cart.mirror(vertical_first(r.mode[1]));
            return;
        }
        const JyOuter outer = wiring_.outer(r);
        for (unsigned slot = 0; slot < 4; ++slot) {
            const bool all = (r.mode[0] & 0x40) != 0;
            const bool differs = ((r.nametable_low[slot] ^ r.mode[2]) & 0x80) != 0;
            if (from_rom && (all || differs)) {
                const int bank = r.nametable_low[slot] | r.nametable_high[slot] << 8;
                cart.map_chr(static_cast<std::uint16_t>(0x2000 + slot * 0x400), kKB,
                             (bank & outer.chr_mask) | outer.chr_base);
            } else {
                cart.map_nametable(slot, r.nametable_low[slot] & 1);
            }
        }
    }

    Wiring wiring_;
};

JyOuter outer_of_209(const JyRegisters& r) {
    const unsigned v = r.mode[3];
    const bool large = bit(v, 5);
    return {.prg_mask = 0x3F,
            .prg_base = bits(v, 1, 2) << 6,
            .chr_mask = large ? 0x1FF : 0xFF,
            .chr_base = bits(v, 3, 2) << 9 | (large ? 0 : bits(v, 0, 1) << 8)};
}
JyOuter outer_of_282(const JyRegisters& r) {
    const unsigned v = r.mode[3];
    const bool large = bit(v, 5);
    return {.prg_mask = 0x1F,
            .prg_base = bits(v, 1, 2) << 5,
            .chr_mask = large ? 0x1FF : 0xFF,
            .chr_base = (bit(v, 4) ? bits(v, 3, 1) << 9 : 0) | (large ? 0 : bits(v, 0, 1) << 8)};
}

}  // namespace

std::unique_ptr<Board> make_jy_90(Cartridge& cart) {
    return std::make_unique<Jy>(cart, Jy::Wiring{outer_of_209, false});
}
std::unique_ptr<Board> make_jy_209(Cartridge& cart) {
    return std::make_unique<Jy>(cart, Jy::Wiring{outer_of_209, true});
}
std::unique_ptr<Board> make_jy_282(Cartridge& cart) {
    return std::make_unique<Jy>(cart, Jy::Wiring{outer_of_282, true});
}

}  // namespace nes::boards
