// MMC3 (TxROM, mapper 4), and MMC6 (HKROM), TxSROM (118), TQROM (119).
// NESdev "MMC3", "MMC6", "INES Mapper 118", "INES Mapper 119".
#include "cartridge/boards/mmc3.hpp"

namespace nes::boards {
namespace {

constexpr Field kMmc3Fields[] = {
    NES_FIELD(Mmc3Registers, a12_fell),   NES_FIELD(Mmc3Registers, irq_due),     NES_FIELD(Mmc3Registers, now),
    NES_FIELD(Mmc3Registers, select),     NES_FIELD(Mmc3Registers, bank),        NES_FIELD(Mmc3Registers, mirroring),
    NES_FIELD(Mmc3Registers, ram),        NES_FIELD(Mmc3Registers, irq_latch),   NES_FIELD(Mmc3Registers, irq_counter),
    NES_FIELD(Mmc3Registers, irq_reload), NES_FIELD(Mmc3Registers, irq_enabled), NES_FIELD(Mmc3Registers, a12),
    NES_FIELD(Mmc3Registers, outer),
};
static_assert(covers(kMmc3Fields, sizeof(Mmc3Registers)));

constexpr std::uint8_t kSelectRegister = 0x07;
constexpr std::uint8_t kSelectMmc6RamEnable = 0x20;
constexpr std::uint8_t kRamEnable = 0x80;
constexpr std::uint8_t kRamWriteProtect = 0x40;

}  // namespace

void Mmc3::power_on() noexcept {
    auto& r = regs();
    // Not defined by the chip. Programs that never write $A001 expect their RAM, and the banks of the
    // hardware tests that do not set them up first.
    static constexpr std::uint8_t kBanks[8] = {0, 2, 4, 5, 6, 7, 0, 1};
    for (unsigned i = 0; i < 8; ++i) r.bank[i] = kBanks[i];
    r.mirroring = cart.rom->mirroring == Mirroring::vertical ? 0 : 1;
    r.ram = kRamEnable;
}

void Mmc3::map() noexcept {
    map_prg_banks();
    map_chr_banks();
    map_ram();
    map_mirroring();
}

void Mmc3::map_prg_banks() noexcept {
    const auto& r = regs();
    const bool swapped = (r.select & kSelectPrgMode) != 0;
    map_prg_bank(0x8000, swapped ? -2 : r.bank[6]);
    map_prg_bank(0xA000, r.bank[7]);
    map_prg_bank(0xC000, swapped ? r.bank[6] : -2);
    map_prg_bank(0xE000, -1);
}

void Mmc3::map_chr_banks() noexcept {
    const auto& r = regs();
    const unsigned flip = (r.select & kSelectChrInversion) != 0 ? 0x1000 : 0;
    const auto window = [&](unsigned address, int bank) {
        map_chr_bank(static_cast<std::uint16_t>(address ^ flip), bank);
    };
    window(0x0000, r.bank[0] & 0xFE);
    window(0x0400, r.bank[0] | 0x01);
    window(0x0800, r.bank[1] & 0xFE);
    window(0x0C00, r.bank[1] | 0x01);
    for (unsigned i = 0; i < 4; ++i) window(0x1000 + i * 0x400, r.bank[2 + i]);
}

void Mmc3::map_mirroring() noexcept {
    if (cart.rom->mirroring == Mirroring::four_screen) {
        cart.mirror(Mirroring::four_screen);  // $A000 is not connected
    } else {
        cart.mirror((regs().mirroring & 1) != 0 ? Mirroring::horizontal : Mirroring::vertical);
    }
}

void Mmc3::map_ram() noexcept {
    // Header iNES 1 says "mapper 4" for the MMC6 as well, whose $A001 differs. Both of its games have a
    // battery and write values an MMC3 would take for "disabled"; so the register is not obeyed then.
    const bool obeyed = cart.rom->nes2 || !cart.rom->battery;
    const std::uint8_t ram = obeyed ? regs().ram : kRamEnable;
    if ((ram & kRamEnable) != 0) {
        cart.map_prg_ram(0x6000, 8 * kKB, 0, (ram & kRamWriteProtect) == 0);
    } else {
        cart.unmap_cpu(0x6000, 8 * kKB);
    }
}

void Mmc3::cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept { write_mmc3(address, value); }

void Mmc3::write_mmc3(std::uint16_t address, std::uint8_t value) noexcept {
    if (address < 0x8000) return;
    auto& r = regs();
    switch (address & 0xE001u) {
        case 0x8000: {
            const unsigned changed = r.select ^ value;
            r.select = value;
            if ((changed & kSelectPrgMode) != 0) map_prg_banks();
            if ((changed & kSelectChrInversion) != 0) map_chr_banks();
            if ((changed & kSelectMmc6RamEnable) != 0) map_ram();
            break;
        }
        case 0x8001: {
            const unsigned index = r.select & kSelectRegister;
            if (r.bank[index] == value) break;  // games write all of them over and over
            r.bank[index] = value;
            if (index < 6) {
                map_chr_banks();
            } else {
                map_prg_banks();
            }
            break;
        }
        case 0xA000:
            r.mirroring = value;
            map_mirroring();
            break;
        case 0xA001:
            r.ram = value;
            map_ram();
            break;
        case 0xC000: r.irq_latch = value; break;
        case 0xC001:
            r.irq_counter = 0;
            r.irq_reload = 1;
            break;
        case 0xE000:
            r.irq_enabled = 0;
            cart.state->irq = 0;
            break;
        default: r.irq_enabled = 1; break;
    }
}

void Mmc3::ppu_bus(std::uint16_t address, std::uint64_t dot) noexcept {
    auto& r = regs();
    const bool high = (address & 0x1000) != 0;
    if (high == (r.a12 != 0)) return;
    r.a12 = high;
    if (!high) {
        r.a12_fell = dot;
        return;
    }
    const bool counts = dot - r.a12_fell >= kMostDotsInCycle * a12_filter_cycles_ ||
                        cart.dots.cycle_of(dot) - cart.dots.cycle_of(r.a12_fell) >= a12_filter_cycles_;
    if (counts) clock_irq(dot);
}

unsigned Mmc3::a12_edges_until_irq() const noexcept {
    const auto& r = regs();
    if (r.irq_enabled == 0 || cart.state->irq != 0) return kNoRise;
    if (r.irq_counter == 0 || r.irq_reload != 0) return 1u + r.irq_latch;
    return r.irq_counter;
}

bool Mmc3::write_needs_ppu_sync(std::uint16_t address, std::uint8_t value) const noexcept {
    const auto& r = regs();
    switch (address & 0xE001u) {
        case 0x8000: return ((r.select ^ value) & kSelectChrInversion) != 0;
        case 0x8001: return (r.select & kSelectRegister) < 6;
        case 0xA001: return false;
        default: return true;
    }
}

void Mmc3::clock_irq(std::uint64_t dot) noexcept {
    auto& r = regs();
    const bool was_running = r.irq_counter != 0;
    const bool reloaded = r.irq_reload != 0;
    if (!was_running || reloaded) {
        r.irq_counter = r.irq_latch;
    } else {
        --r.irq_counter;
    }
    r.irq_reload = 0;
    if (r.irq_counter != 0 || r.irq_enabled == 0) return;
    // Sharp's chip raises the interrupt whenever the counter is zero after a clock, so with a latch of
    // zero on every line; NEC's only when it became zero (mmc3_test_2, 5-MMC3 and 6-MMC3_alt).
    if (irq_ == Irq::sharp || was_running || reloaded) raise_irq(dot);
}

void Mmc3::a12_lines(std::uint64_t start, unsigned count, A12Change first, A12Change second) noexcept {
    auto& r = regs();
    const A12Change rise = first.high ? first : second;
    const A12Change fall = first.high ? second : first;
    // Low from one line's fall to the next rise.
    const unsigned low = first.high ? 341 - fall.dot + rise.dot : rise.dot - fall.dot;
    if (count < 2 || r.a12 == first.high || low / kMostDotsInCycle <= a12_filter_cycles_) {
        return Board::a12_lines(start, count, first, second);
    }
    Board::a12_lines(start, 1, first, second);
    for (unsigned i = 1; i < count; ++i) clock_irq(start + i * std::uint64_t{341} + rise.dot);
    r.a12_fell = start + (count - 1) * std::uint64_t{341} + fall.dot;
}

std::span<const Field> Mmc3::fields() const noexcept { return kMmc3Fields; }

namespace {

/// MMC6: 1 KB of RAM inside the chip at $7000-$7FFF, in two halves with their own switches.
class Mmc6 final : public Mmc3 {
  public:
    using Mmc3::Mmc3;

    void power_on() noexcept override {
        Mmc3::power_on();
        regs().ram = 0;
    }
    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        if (address < 0x7000 || address > 0x7FFF || !ram_exists()) return open_bus;
        const unsigned enables = switches();
        // With both halves unreadable the bus floats; a lone unreadable half reads as zero.
        if ((enables & 0xA0) == 0) return open_bus;
        return (enables & read_bit(address)) != 0 ? cart.prg_ram[address & 0x3FFu] : std::uint8_t{0};
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        if (address >= 0x7000 && address <= 0x7FFF) {
            const unsigned read = read_bit(address);
            const unsigned needed = read | read >> 1;  // a half is writable only while it is readable
            if (ram_exists() && (switches() & needed) == needed) cart.prg_ram[address & 0x3FFu] = value;
            return;
        }
        if ((address & 0xE001u) == 0x8000 && (value & kSelectMmc6RamEnable) == 0) regs().ram = 0;
        if ((address & 0xE001u) == 0xA001 && (regs().select & kSelectMmc6RamEnable) == 0) return;
        write_mmc3(address, value);
    }

  private:
    void map_ram() noexcept override { cart.unmap_cpu(0x6000, 8 * kKB); }
    bool ram_exists() const noexcept { return cart.prg_ram != nullptr && cart.rom->prg_ram_size >= kKB; }
    unsigned switches() const noexcept { return (regs().select & kSelectMmc6RamEnable) != 0 ? regs().ram & 0xF0u : 0u; }
    static unsigned read_bit(std::uint16_t address) noexcept { return (address & 0x200) != 0 ? 0x80 : 0x20; }
};

/// TKSROM and TLSROM: the top CHR line selects the nametable in place of $A000.
class TxSrom final : public Mmc3 {
  public:
    using Mmc3::Mmc3;

  private:
    void map_chr_bank(std::uint16_t address, int bank) noexcept override {
        cart.map_chr(address, kKB, bank & 0x7F);
        // PPU A12 is low while nametables are fetched: the registers of $0000-$0FFF decide.
        if (address < 0x1000) cart.map_nametable(address >> 10, static_cast<unsigned>(bank) >> 7 & 1u);
    }
    void map_mirroring() noexcept override {}
};

/// TQROM: CHR bit 6 selects RAM in place of ROM.
class Tqrom final : public Mmc3 {
  public:
    using Mmc3::Mmc3;

  private:
    void map_chr_bank(std::uint16_t address, int bank) noexcept override {
        if ((bank & 0x40) != 0) {
            cart.map_chr_ram(address, kKB, bank & 0x3F);
        } else {
            cart.map_chr_rom(address, kKB, bank & 0x3F);
        }
    }
};

}  // namespace

std::unique_ptr<Board> make_mmc3(Cartridge& cart) { return std::make_unique<Mmc3>(cart); }
std::unique_ptr<Board> make_mmc3_nec(Cartridge& cart) { return std::make_unique<Mmc3>(cart, Mmc3::Irq::nec); }
std::unique_ptr<Board> make_mmc6(Cartridge& cart) { return std::make_unique<Mmc6>(cart); }
std::unique_ptr<Board> make_txsrom(Cartridge& cart) { return std::make_unique<TxSrom>(cart); }
std::unique_ptr<Board> make_tqrom(Cartridge& cart) { return std::make_unique<Tqrom>(cart); }

}  // namespace nes::boards
