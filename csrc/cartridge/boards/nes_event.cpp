// NES-EVENT (105): a MMC1 with two ROM chips and a timer of minutes. NESdev "NES-EVENT".
#include "cartridge/boards/mmc1.hpp"

namespace nes::boards {
namespace {

// DIP switches as in the tournament: a little more than six minutes.
constexpr std::uint32_t kTimerEnd = 0x28000000;

class NesEvent final : public Mmc1 {
  public:
    explicit NesEvent(Cartridge& cartridge) noexcept : Mmc1(cartridge) { counts_cpu_cycles = true; }

    void reset() noexcept override {
        regs().unlock = kLocked;
        map();
    }

    void map() noexcept override {
        Mmc1::map();
        const auto& r = regs();
        cart.map_chr(0x0000, 8 * kKB, 0);
        if ((r.prg & 0x10) == 0) {
            cart.map_prg_ram(0x6000, 8 * kKB, 0);
        } else {
            cart.unmap_cpu(0x6000, 8 * kKB);
        }
        if (r.unlock != kUnlocked) {
            cart.map_prg(0x8000, 32 * kKB, 0);
        } else if ((r.chr[0] & 8) == 0) {
            cart.map_prg(0x8000, 32 * kKB, r.chr[0] >> 1 & 3);  // the first chip
        } else {
            map_second_chip(r);
        }
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        run_to(cycle);
        Mmc1::cpu_write(address, value, cycle);
    }

    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if (stopped() || r.timer >= kTimerEnd) return;
        if (cycles >= kTimerEnd - r.timer) {
            r.timer = kTimerEnd;
            cart.state->irq = 1;
        } else {
            r.timer = static_cast<std::uint32_t>(r.timer + cycles);
        }
    }
    std::uint64_t next_irq() const noexcept override {
        const auto& r = regs();
        return stopped() || r.timer >= kTimerEnd ? kNever : r.now + (kTimerEnd - r.timer);
    }

  private:
    enum Unlock : std::uint8_t { kLocked, kSeenLow, kUnlocked };

    bool stopped() const noexcept { return (regs().chr[0] & 0x10) != 0; }

    // Bit 4 of the first CHR register holds the timer at zero. Low and then high, it also frees the PRG banks.
    void register_written(unsigned index) noexcept override {
        if (index != 1) return;
        auto& r = regs();
        if (!stopped()) {
            if (r.unlock == kLocked) r.unlock = kSeenLow;
            return;
        }
        if (r.unlock == kSeenLow) r.unlock = kUnlocked;
        r.timer = 0;
        cart.state->irq = 0;
    }

    void map_second_chip(const Mmc1Registers& r) noexcept {
        const int bank = 8 | (r.prg & 7);
        switch (r.control >> 2 & 3) {
            case 2:
                cart.map_prg(0x8000, 16 * kKB, 8);
                cart.map_prg(0xC000, 16 * kKB, bank);
                break;
            case 3:
                cart.map_prg(0x8000, 16 * kKB, bank);
                cart.map_prg(0xC000, 16 * kKB, 15);
                break;
            default: cart.map_prg(0x8000, 32 * kKB, bank >> 1); break;
        }
    }
};

}  // namespace

std::unique_ptr<Board> make_nes_event(Cartridge& cart) { return std::make_unique<NesEvent>(cart); }

}  // namespace nes::boards
