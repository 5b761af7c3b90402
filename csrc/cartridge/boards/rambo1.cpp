// Tengen RAMBO-1 (64) and the board 800037 (158): an MMC3 with three PRG banks, 1 KB CHR banks and a counter
// that can count CPU cycles. NESdev "RAMBO-1", "INES Mapper 158".
#include "cartridge/boards/mmc3.hpp"

namespace nes::boards {
namespace {

// In Mmc3Registers::outer.
enum Extra : unsigned { kR8, kR9, kRF, kCycleMode, kPrescaler };

constexpr std::uint8_t kSelectChr1K = 0x20;
constexpr unsigned kCyclesPerClock = 4;
// M2 falls this often between the clock that ends the count and the interrupt.
constexpr std::uint64_t kLineDelay = 2;
constexpr std::uint64_t kCycleDelay = 1;

class Rambo1 final : public Mmc3 {
  public:
    Rambo1(Cartridge& cartridge, bool wired_nametables) noexcept
        : Mmc3(cartridge),
          wired_nametables_(wired_nametables) {
        counts_cpu_cycles = true;
        a12_filter_cycles_ = 16;
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        if (address < 0x8000) return;
        run_to(cycle);
        auto& r = regs();
        switch (address & 0xE001u) {
            case 0x8000: r.select = value; break;
            case 0x8001: write_bank(value); break;
            case 0xA000: r.mirroring = value; break;
            case 0xC000: r.irq_latch = value; return;
            case 0xC001:
                r.outer[kCycleMode] = value & 1;
                r.outer[kPrescaler] = 0;
                r.irq_counter = 0;
                r.irq_reload = 1;
                return;
            case 0xE000:
                r.irq_enabled = 0;
                r.irq_due = 0;
                cart.state->irq = 0;
                return;
            case 0xE001: r.irq_enabled = 1; return;
            default: return;
        }
        map();
    }

    /// Bit 5 of $8000 moves CHR banks as well.
    bool write_needs_ppu_sync(std::uint16_t address, std::uint8_t value) const noexcept override {
        const bool selects = (address & 0xE001u) == 0x8000;
        return (selects && ((regs().select ^ value) & kSelectChr1K) != 0) || Mmc3::write_needs_ppu_sync(address, value);
    }

    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t start = r.now;
        const std::uint64_t cycles = elapsed(r.now, cycle);
        take_due(cycle);
        if (r.outer[kCycleMode] == 0 || cycles == 0) return;
        const unsigned prescaler = r.outer[kPrescaler] % kCyclesPerClock;
        const std::uint64_t clocks = (prescaler + cycles) / kCyclesPerClock;
        r.outer[kPrescaler] = static_cast<std::uint8_t>((prescaler + cycles) % kCyclesPerClock);
        const std::uint64_t to_zero = clocks_to_zero();
        count(clocks);
        if (r.irq_enabled == 0 || clocks < to_zero) return;
        // Several interrupts may lie within the interval; the last one may still be delayed at its end.
        const auto due_of = [&](std::uint64_t clock) {
            return start + clock * kCyclesPerClock - prescaler + kCycleDelay;
        };
        const std::uint64_t period = r.irq_latch + 1u;
        r.irq_due = due_of(to_zero);
        take_due(cycle);
        r.irq_due = due_of(to_zero + (clocks - to_zero) / period * period);
        take_due(cycle);
    }

    std::uint64_t next_irq() const noexcept override {
        const auto& r = regs();
        if (r.irq_due != 0) return r.irq_due;
        if (r.outer[kCycleMode] == 0 || r.irq_enabled == 0) return kNever;
        return r.now + clocks_to_zero() * kCyclesPerClock - r.outer[kPrescaler] % kCyclesPerClock + kCycleDelay;
    }

  private:
    void take_due(std::uint64_t cycle) noexcept {
        auto& r = regs();
        if (r.irq_due == 0 || cycle < r.irq_due) return;
        r.irq_due = 0;
        cart.state->irq = 1;
    }

    void write_bank(std::uint8_t value) noexcept {
        auto& r = regs();
        const unsigned index = r.select & 15;
        if (index < 8) {
            r.bank[index] = value;
        } else if (index == 8) {
            r.outer[kR8] = value;
        } else if (index == 9) {
            r.outer[kR9] = value;
        } else if (index == 15) {
            r.outer[kRF] = value;
        }
    }

    void map_prg_banks() noexcept override {
        const auto& r = regs();
        const bool swapped = (r.select & kSelectPrgMode) != 0;
        cart.map_prg(0x8000, 8 * kKB, swapped ? r.outer[kRF] : r.bank[6]);
        cart.map_prg(0xA000, 8 * kKB, r.bank[7]);
        cart.map_prg(0xC000, 8 * kKB, swapped ? r.bank[6] : r.outer[kRF]);
        cart.map_prg(0xE000, 8 * kKB, -1);
    }

    void map_chr_banks() noexcept override {
        const auto& r = regs();
        const bool small = (r.select & kSelectChr1K) != 0;
        const int banks[8] = {
            small ? r.bank[0] : r.bank[0] & 0xFE,
            small ? r.outer[kR8] : r.bank[0] | 1,
            small ? r.bank[1] : r.bank[1] & 0xFE,
            small ? r.outer[kR9] : r.bank[1] | 1,
            r.bank[2],
            r.bank[3],
            r.bank[4],
            r.bank[5],
        };
        const unsigned flip = (r.select & kSelectChrInversion) != 0 ? 4 : 0;
        for (unsigned i = 0; i < 8; ++i) {
            const unsigned window = i ^ flip;
            if (wired_nametables_) {
                map_chr_window(cart, window, kKB, banks[i] & 0x7F);
                if (window < 4) cart.map_nametable(window, static_cast<unsigned>(banks[i]) >> 7 & 1u);
            } else {
                map_chr_window(cart, window, kKB, banks[i]);
            }
        }
    }

    void map_mirroring() noexcept override {
        if (!wired_nametables_) cart.mirror(horizontal_if((regs().mirroring & 1) != 0));
    }
    void map_ram() noexcept override { cart.map_prg_ram(0x6000, 8 * kKB, 0); }

    void clock_irq(std::uint64_t dot) noexcept override {
        auto& r = regs();
        if (r.outer[kCycleMode] != 0) return;
        count(1);
        if (r.irq_counter == 0 && r.irq_enabled != 0) r.irq_due = cart.dots.cycle_of(dot) + kLineDelay;
    }

    /// What the counter is reloaded with. After a write to $C001 it lasts one more (Klax needs that).
    std::uint8_t first_value() const noexcept {
        const auto& r = regs();
        return r.irq_reload != 0 && r.irq_latch != 0 ? static_cast<std::uint8_t>(r.irq_latch | 1) : r.irq_latch;
    }
    bool reloads_next() const noexcept { return regs().irq_reload != 0 || regs().irq_counter == 0; }
    std::uint64_t clocks_to_zero() const noexcept {
        return reloads_next() ? std::uint64_t{1} + first_value() : regs().irq_counter;
    }
    void count(std::uint64_t clocks) noexcept {
        if (clocks == 0) return;
        auto& r = regs();
        const std::uint64_t to_zero = clocks_to_zero();
        if (clocks < to_zero) {
            r.irq_counter = static_cast<std::uint8_t>(to_zero - clocks);
        } else {
            const unsigned period = r.irq_latch + 1u;
            const std::uint64_t past = (clocks - to_zero) % period;
            r.irq_counter = static_cast<std::uint8_t>(past == 0 ? 0 : period - past);
        }
        r.irq_reload = 0;
    }

    bool wired_nametables_;
};

}  // namespace

std::unique_ptr<Board> make_rambo1(Cartridge& cart) { return std::make_unique<Rambo1>(cart, false); }
std::unique_ptr<Board> make_rambo1_wired(Cartridge& cart) { return std::make_unique<Rambo1>(cart, true); }

}  // namespace nes::boards
