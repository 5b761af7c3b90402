// Cony/Yoko (83) and J.Y. Company 830623C (91): fighting games with counters of CPU cycles or of rises of PPU A12. NESdev "INES
// Mapper 083", "INES Mapper 091".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

struct YokoRegisters {
    std::uint64_t now;  // CPU cycle the counter was brought to
    std::uint16_t counter;
    std::uint8_t enabled;
    std::uint8_t mode;
    std::uint8_t prg[4];
    std::uint8_t outer;
    std::uint8_t chr[8];
    std::uint8_t scratch[4];
    std::uint8_t a12;
    std::uint8_t prescaler;
    std::uint8_t reserved;
};

constexpr Field kYokoFields[] = {
    NES_FIELD(YokoRegisters, now),       NES_FIELD(YokoRegisters, counter),  NES_FIELD(YokoRegisters, enabled),
    NES_FIELD(YokoRegisters, mode),      NES_FIELD(YokoRegisters, prg),      NES_FIELD(YokoRegisters, outer),
    NES_FIELD(YokoRegisters, chr),       NES_FIELD(YokoRegisters, scratch),  NES_FIELD(YokoRegisters, a12),
    NES_FIELD(YokoRegisters, prescaler), NES_FIELD(YokoRegisters, reserved),
};
static_assert(covers(kYokoFields, sizeof(YokoRegisters)));

class YokoBoard : public Board {
  public:
    using Board::Board;
    std::span<const Field> fields() const noexcept override { return kYokoFields; }

  protected:
    YokoRegisters& regs() const noexcept { return overlay<YokoRegisters>(); }
};

class Cony final : public YokoBoard {
  public:
    enum class Chr : std::uint8_t { banks_1k, banks_2k, banks_1k_outer };
    Cony(Cartridge& cartridge, Chr chr) noexcept : YokoBoard(cartridge), chr_(chr) { counts_cpu_cycles = true; }

    void map() noexcept override {
        const auto& r = regs();
        const int outer = chr_ == Chr::banks_1k_outer ? bits(r.outer, 4, 2) : 0;
        const auto window = [&](unsigned address, int bank) {
            if (chr_ == Chr::banks_1k_outer) bank = (bank & 0x1F) | outer << 5;
            cart.map_prg(static_cast<std::uint16_t>(address), 8 * kKB, bank);
        };
        const int bank_16k = r.outer & (chr_ == Chr::banks_1k_outer ? 0x0F : 0xFF);
        switch (r.mode >> 3 & 3) {
            case 0:
                for (unsigned i = 0; i < 2; ++i) {
                    window(0x8000 + i * 0x2000, bank_16k << 1 | static_cast<int>(i));
                    window(0xC000 + i * 0x2000, static_cast<int>(i) - 2);
                }
                break;
            case 1:
                for (unsigned i = 0; i < 4; ++i) {
                    window(0x8000 + i * 0x2000, (bank_16k >> 1) << 2 | static_cast<int>(i));
                }
                break;
            default:
                for (unsigned i = 0; i < 3; ++i) window(0x8000 + i * 0x2000, r.prg[i]);
                window(0xE000, -1);
                break;
        }
        if (chr_ == Chr::banks_1k_outer) {
            cart.map_prg_ram(0x6000, 8 * kKB, r.outer >> 6);
        } else if (bit(r.mode, 5)) {
            cart.map_prg(0x6000, 8 * kKB, r.prg[3]);
        } else {
            cart.unmap_cpu(0x6000, 8 * kKB);
        }
        if (chr_ == Chr::banks_2k) {
            static constexpr std::uint8_t kRegister[4] = {0, 1, 6, 7};
            for (unsigned i = 0; i < 4; ++i) map_chr_window(cart, i, 2 * kKB, r.chr[kRegister[i]]);
        } else {
            for (unsigned i = 0; i < 8; ++i) map_chr_window(cart, i, kKB, r.chr[i] | outer << 8);
        }
        cart.mirror(vertical_first(r.mode));
    }

    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        if ((address & 0xF000) != 0x5000) return open_bus;
        if ((address & 0x0F00) == 0) return open_bus & 0xFC;  // the DIP switches
        return regs().scratch[address & 3];
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        run_to(cycle);
        auto& r = regs();
        if (address < 0x8000) {
            if ((address & 0xF000) == 0x5000 && (address & 0x0F00) != 0) r.scratch[address & 3] = value;
            return;
        }
        switch (address & 0x8300) {
            case 0x8000: r.outer = value; break;
            case 0x8100: r.mode = value; break;
            case 0x8200:
                if ((address & 1) == 0) {
                    r.counter = static_cast<std::uint16_t>((r.counter & 0xFF00) | value);
                    cart.state->irq = 0;
                } else {
                    r.counter = static_cast<std::uint16_t>((r.counter & 0x00FF) | value << 8);
                    r.enabled = r.mode >> 7;
                }
                return;
            default:
                if ((address & 0x10) == 0) {
                    r.prg[address & 3] = value;
                } else if ((address & 0x08) == 0) {
                    r.chr[address & 7] = value;
                }
                break;
        }
        map();
    }

    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if (r.enabled == 0 || r.counter == 0) return;
        const std::uint64_t left = clocks_to_zero();
        if (cycles >= left) {
            r.counter = 0;
            r.enabled = 0;
            cart.state->irq = 1;
        } else {
            r.counter = static_cast<std::uint16_t>(bit(r.mode, 6) ? r.counter - cycles : r.counter + cycles);
        }
    }
    std::uint64_t next_irq() const noexcept override {
        const auto& r = regs();
        return r.enabled == 0 || r.counter == 0 ? kNever : r.now + clocks_to_zero();
    }

  private:
    unsigned clocks_to_zero() const noexcept {
        const auto& r = regs();
        return bit(r.mode, 6) ? r.counter : 0x10000u - r.counter;
    }
    Chr chr_;
};

/// 91: what the two boards share.
class Fighter : public YokoBoard {
  public:
    using YokoBoard::YokoBoard;

  protected:
    void map_banks(int prg_outer, int chr_outer) noexcept {
        const auto& r = regs();
        constexpr int kMask = 0x0F;
        const auto window = [&](unsigned address, int bank) {
            cart.map_prg(static_cast<std::uint16_t>(address), 8 * kKB,
                         prg_outer < 0 ? bank : (bank & kMask) | prg_outer << 4);
        };
        cart.unmap_cpu(0x6000, 8 * kKB);
        window(0x8000, r.prg[0]);
        window(0xA000, r.prg[1]);
        window(0xC000, -2);
        window(0xE000, -1);
        for (unsigned i = 0; i < 4; ++i) map_chr_window(cart, i, 2 * kKB, r.chr[i] | chr_outer << 8);
    }
};

// An interrupt after 64 rises of A12, eight in a line.
class Jy830623 final : public Fighter {
  public:
    explicit Jy830623(Cartridge& cartridge) noexcept : Fighter(cartridge) { watches_ppu_bus = true; }
    void map() noexcept override {
        map_banks(bits(regs().outer, 1, 2), regs().outer & 1);
        cart.mirror(cart.rom->mirroring);
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = regs();
        switch (address & 0xF003) {
            case 0x6000:
            case 0x6001:
            case 0x6002:
            case 0x6003: r.chr[address & 3] = value; break;
            case 0x7000:
            case 0x7001: r.prg[address & 1] = value; break;
            case 0x7002:
                r.enabled = 0;
                r.counter = 0;
                cart.state->irq = 0;
                return;
            case 0x7003:
                r.enabled = 1;
                r.counter = 0;
                return;
            default:
                if ((address & 0xE000) != 0x8000) return;
                r.outer = address & 7;
                break;
        }
        map();
    }
    void ppu_bus(std::uint16_t address, std::uint64_t) noexcept override {
        constexpr unsigned kRises = 64;
        auto& r = regs();
        const bool high = (address & 0x1000) != 0;
        if (high && r.a12 == 0 && r.enabled != 0 && ++r.counter >= kRises) {
            r.counter = 0;
            r.enabled = 0;
            cart.state->irq = 1;
        }
        r.a12 = high;
    }
};

// The counter goes down by five in every fourth cycle.
class Ej006 final : public Fighter {
  public:
    explicit Ej006(Cartridge& cartridge) noexcept : Fighter(cartridge) { counts_cpu_cycles = true; }
    void power_on() noexcept override { regs().mode = cart.rom->mirroring == Mirroring::vertical ? 1 : 0; }
    void map() noexcept override {
        map_banks(-1, 0);
        cart.mirror(horizontal_if(regs().mode == 0));
    }
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        run_to(cycle);
        auto& r = regs();
        switch (address & 0xF007) {
            case 0x6000:
            case 0x6001:
            case 0x6002:
            case 0x6003: r.chr[address & 3] = value; break;
            case 0x6004:
            case 0x6005: r.mode = address & 1; break;
            case 0x6006: r.counter = static_cast<std::uint16_t>((r.counter & 0xFF00) | value); return;
            case 0x6007: r.counter = static_cast<std::uint16_t>((r.counter & 0x00FF) | value << 8); return;
            case 0x7000:
            case 0x7001: r.prg[address & 1] = value; break;
            case 0x7006:
                r.enabled = 0;
                cart.state->irq = 0;
                return;
            case 0x7007:
                r.enabled = 1;
                r.prescaler = 0;
                return;
            default: return;
        }
        map();
    }
    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if (r.enabled == 0) return;
        if (cycles >= cycles_to_irq()) {
            r.enabled = 0;
            r.counter = 0;
            r.prescaler = 0;
            cart.state->irq = 1;
            return;
        }
        const std::uint64_t total = r.prescaler % kPeriod + cycles;
        r.counter = static_cast<std::uint16_t>(r.counter - total / kPeriod * kStep);
        r.prescaler = static_cast<std::uint8_t>(total % kPeriod);
    }
    std::uint64_t next_irq() const noexcept override {
        return regs().enabled == 0 ? kNever : regs().now + cycles_to_irq();
    }

  private:
    static constexpr unsigned kPeriod = 4;
    static constexpr unsigned kStep = 5;
    /// To the step that brings the counter to zero or below.
    std::uint64_t cycles_to_irq() const noexcept {
        const auto& r = regs();
        const std::uint64_t steps = r.counter == 0 ? 1 : (r.counter + kStep - 1) / kStep;
        return steps * kPeriod - r.prescaler % kPeriod;
    }
};

}  // namespace

std::unique_ptr<Board> make_cony_1k(Cartridge& cart) { return std::make_unique<Cony>(cart, Cony::Chr::banks_1k); }
std::unique_ptr<Board> make_cony_2k(Cartridge& cart) { return std::make_unique<Cony>(cart, Cony::Chr::banks_2k); }
std::unique_ptr<Board> make_cony_outer(Cartridge& cart) {
    return std::make_unique<Cony>(cart, Cony::Chr::banks_1k_outer);
}
/// Without a submapper the size of CHR-ROM tells (NESdev "INES Mapper 083").
std::unique_ptr<Board> make_cony(Cartridge& cart) {
    if (cart.rom->chr.size() >= 1024 * kKB) return make_cony_outer(cart);
    return cart.rom->chr.size() >= 512 * kKB ? make_cony_2k(cart) : make_cony_1k(cart);
}
std::unique_ptr<Board> make_jy_830623(Cartridge& cart) { return std::make_unique<Jy830623>(cart); }
std::unique_ptr<Board> make_ej_006(Cartridge& cart) { return std::make_unique<Ej006>(cart); }

}  // namespace nes::boards
