// Games that were dumped to run from the RAM of a disk copier: Front Fareast's Magic Cards (6, 8, 12 submapper 1, 17), Bung's
// Super Game Doctor (561) and Venus's Turbo Game Doctor (562). NESdev "Super Magic Card", "INES Mapper 006", "012", "017",
// "NES 2.0 Mapper 561", "562". What was RAM there for PRG and CHR data is ROM here when the file has it as ROM.
#include <algorithm>

#include "cartridge/boards/common.hpp"
#include "cartridge/boards/tile_latch.hpp"
#include "ppu/ppu_state.hpp"

namespace nes::boards {
namespace {

struct CopierRegisters {
    std::uint64_t now;      // CPU cycle the counters were brought to
    std::uint16_t counter;  // of the copier's own interrupt
    std::uint16_t target;   // 562: where it interrupts
    std::uint16_t disk;     // thirds of a CPU cycle towards the disk interface's next interrupt, 0-447
    std::uint8_t counting;
    std::uint8_t disk_enabled;
    std::uint8_t irq;        // bit 0: the counter's, bit 1: the disk's
    std::uint8_t mode;       // $4500, or $4411 of 562
    std::uint8_t play_1m;    // $42FC-$42FF: BBBM.... and the address in bits 1-0
    std::uint8_t play_2m;    // $43FC-$43FF: ......NM of the address
    std::uint8_t high_bank;  // 562: PRG A17 of 2M mode
    std::uint8_t latch;
    std::uint8_t chr_8k;
    std::uint8_t prg[4];     // of writes at $8000, $A000, $C000, $E000
    std::uint8_t prg_4m[4];  // $4504-$4507
    std::uint8_t chr[12];    // 1 KB banks, the last four of nametables
    std::uint8_t tile[2];    // MMC4 mode: 1 after tile $FE, for each pattern table
    std::uint8_t tile_pending;
    std::uint8_t a12;
    std::uint8_t booting;  // the reset vector is the trainer's
};

constexpr Field kCopierFields[] = {
    NES_FIELD(CopierRegisters, now),       NES_FIELD(CopierRegisters, counter),
    NES_FIELD(CopierRegisters, target),    NES_FIELD(CopierRegisters, disk),
    NES_FIELD(CopierRegisters, counting),  NES_FIELD(CopierRegisters, disk_enabled),
    NES_FIELD(CopierRegisters, irq),       NES_FIELD(CopierRegisters, mode),
    NES_FIELD(CopierRegisters, play_1m),   NES_FIELD(CopierRegisters, play_2m),
    NES_FIELD(CopierRegisters, high_bank), NES_FIELD(CopierRegisters, latch),
    NES_FIELD(CopierRegisters, chr_8k),    NES_FIELD(CopierRegisters, prg),
    NES_FIELD(CopierRegisters, prg_4m),    NES_FIELD(CopierRegisters, chr),
    NES_FIELD(CopierRegisters, tile),      NES_FIELD(CopierRegisters, tile_pending),
    NES_FIELD(CopierRegisters, a12),       NES_FIELD(CopierRegisters, booting),
};
// Up to a multiple of eight.
static_assert(covers(kCopierFields, offsetof(CopierRegisters, booting) + 1));

enum class Copier : std::uint8_t { magic_card, super_magic_card, super_game_doctor, turbo_game_doctor };

constexpr std::uint32_t kWorkRam = 32 * kKB;  // of the Magic Cards, with 4 KB of scratch RAM behind it
constexpr unsigned kDiskPeriod = 448;         // thirds of a CPU cycle: 1,792 of the master clock
constexpr std::uint16_t kBootCode = 0x4720;   // where nothing else answers
constexpr std::uint16_t kTrainerEntry = 0x7003;

class CopierBoard final : public Board {
  public:
    struct Wiring {
        Copier copier;
        std::uint8_t play_1m;  // at power-on, without mirroring
        std::uint8_t play_2m;
        std::uint8_t mode;
        std::uint16_t trainer;    // where the trainer is loaded
        bool chr_in_prg = false;  // the CHR data lie behind 256 KB of PRG data; a trainer copies them to CHR-RAM
    };

    CopierBoard(Cartridge& cartridge, const Wiring& wiring) noexcept : Board(cartridge), wiring_(wiring) {
        counts_cpu_cycles = true;
        // Its counter can count rises of A12, and tiles can switch CHR banks.
        watches_ppu_bus = wiring.copier == Copier::super_magic_card;
    }

    void power_on() noexcept override {
        auto& r = regs();
        r.mode = wiring_.mode;
        const unsigned mirroring = cart.rom->mirroring == Mirroring::vertical ? 0x00 : 0x10;
        r.play_1m = static_cast<std::uint8_t>(wiring_.play_1m | mirroring | 3);
        r.play_2m = wiring_.play_2m;
        r.counter = wiring_.copier == Copier::turbo_game_doctor ? 0x8000 : 0;
        const std::size_t banks = cart.rom->prg.size() / (8 * kKB);
        for (unsigned i = 0; i < 4; ++i) r.prg_4m[i] = static_cast<std::uint8_t>(banks + i - 4);
        if (!cart.rom->trainer.empty() && cart.rom->prg_ram_size >= 0x1200) {
            r.booting = 1;
            if (wiring_.trainer < 0x6000) load_trainer_below_6000();
        }
    }

    void map() noexcept override {
        map_prg();
        map_ram();
        map_chr();
        map_nametables();
    }

    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        auto& r = regs();
        const std::uint8_t value = cpu_peek(address, open_bus);
        if (r.booting != 0 && address == 0xFFFD) {
            r.booting = 0;
            map_prg();
        }
        return value;
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        const auto& r = regs();
        if (address >= 0xF800 && r.booting != 0) {
            // The reset vector leads to the trainer; the rest is ROM.
            const unsigned vector = wiring_.trainer == 0x7000 && !jumps_to_trainer() ? kBootCode : wiring_.trainer;
            if (address == 0xFFFC) return static_cast<std::uint8_t>(vector);
            if (address == 0xFFFD) return static_cast<std::uint8_t>(vector >> 8);
            const std::uint8_t* const below = cart.cpu_read_page[0xF000 >> Cartridge::kCpuPageBits];
            if (below < cart.rom->prg.data() || below >= cart.rom->prg.data() + cart.rom->prg.size()) return open_bus;
            const auto offset = static_cast<std::size_t>(below - cart.rom->prg.data());
            return prg_byte(cart, offset + 2 * kKB + (address & 0x7FFu));
        }
        if (address >= kBootCode && address < kBootCode + 6) {
            // JSR to the trainer's entry, then a jump to the game's own reset vector.
            static constexpr std::uint8_t kCode[6] = {0x20, kTrainerEntry & 0xFF, kTrainerEntry >> 8, 0x6C, 0xFC, 0xFF};
            return cart.rom->trainer.empty() ? open_bus : kCode[address - kBootCode];
        }
        switch (wiring_.copier) {
            case Copier::magic_card:
            case Copier::super_magic_card:
                if (address == 0x4500) {
                    const unsigned p = r.play_1m;
                    return static_cast<std::uint8_t>(0x40 | (p >> 4 & 1) << 2 | (p & 2) | (p & 1) | (p >> 5 & 1) << 3 |
                                                     (p >> 6 & 3) << 4);
                }
                if (address == 0x4501) {
                    return static_cast<std::uint8_t>((r.latch & 0x3F) << 2 | (r.play_2m & 3));
                }
                return open_bus;
            case Copier::turbo_game_doctor:
                if (address >= 0x4400 && address < 0x4408) return r.chr[address & 7];
                if (address == 0x4411) return r.mode;
                if (address == 0x440C) return static_cast<std::uint8_t>(r.counter >> 8);
                if (address == 0x440D) return static_cast<std::uint8_t>(r.counter);
                if (address == 0x4420 && cart.ppu != nullptr) return r.chr[cart.ppu->bus_address >> 10 & 7];
                return open_bus;
            default: return open_bus;
        }
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        run_to(cycle);
        auto& r = regs();
        if (address >= 0x8000) {
            if ((r.play_1m & 2) == 0) return;  // PRG memory is open: the latch is not
            r.latch = value;
            r.prg[address >> 13 & 3] = value;
            take_chr_bank(value);
        } else if (address == 0x4024) {
            set_irq(r.irq & ~2u);
            return;
        } else if (address == 0x4025) {
            r.disk_enabled = value >> 7;
            r.disk = 0;
            if (r.disk_enabled == 0) set_irq(r.irq & ~2u);
            return;
        } else if ((address & 0xFFFC) == 0x42FC) {
            r.play_1m = static_cast<std::uint8_t>((value & 0xF0) | (address & 3));
        } else if ((address & 0xFFFC) == 0x43FC) {
            r.play_2m = address & 3;
            r.chr_8k = value & 3;
            r.high_bank = value >> 6 & 1;
        } else if (!write_own(address, value)) {
            return;
        }
        map();
    }

    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = regs();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if (cycles == 0) return;
        if (r.disk_enabled != 0) {
            const std::uint64_t thirds = r.disk % kDiskPeriod + cycles * 3;
            if (thirds >= kDiskPeriod) set_irq(r.irq | 2u);
            r.disk = static_cast<std::uint16_t>(thirds % kDiskPeriod);
        }
        if (!counts_cycles()) return;
        const std::uint64_t left = clocks_to_irq();
        if (cycles >= left) set_irq(r.irq | 1u);
        if (wiring_.copier == Copier::turbo_game_doctor) {
            // It stops at the end.
            r.counter = static_cast<std::uint16_t>(std::min<std::uint64_t>(r.counter + cycles, 0xFFFF));
        } else {
            r.counter = static_cast<std::uint16_t>(r.counter + cycles);
        }
    }
    std::uint64_t next_irq() const noexcept override {
        const auto& r = regs();
        std::uint64_t next = kNever;
        if (r.disk_enabled != 0) next = r.now + (kDiskPeriod - r.disk % kDiskPeriod + 2) / 3;
        if (counts_cycles() && clocks_to_irq() != kNever) next = std::min(next, r.now + clocks_to_irq());
        return next;
    }

    void ppu_bus(std::uint16_t address, std::uint64_t) noexcept override {
        auto& r = regs();
        const bool high = (address & 0x1000) != 0;
        if (high && r.a12 == 0 && r.counting != 0 && (r.mode & 8) != 0 && ++r.counter == 0) set_irq(r.irq | 1u);
        r.a12 = high;
        if (!switches_by_tiles()) return;
        watch_tiles(r.tile, r.tile_pending, address, 0x2FF8, [this](unsigned) { map_chr(); });
    }

    std::span<const Field> fields() const noexcept override { return kCopierFields; }

  private:
    CopierRegisters& regs() const noexcept { return overlay<CopierRegisters>(); }
    bool is_magic_card() const noexcept { return wiring_.copier <= Copier::super_magic_card; }
    /// The Super Magic Card's games begin in the trainer.
    bool jumps_to_trainer() const noexcept { return wiring_.copier == Copier::super_magic_card; }
    unsigned play_mode() const noexcept { return regs().play_1m >> 5; }
    void set_irq(unsigned irq) noexcept {
        regs().irq = static_cast<std::uint8_t>(irq);
        cart.state->irq = irq != 0;
    }

    /// The registers below $8000 that the copiers do not share; whether banks move.
    bool write_own(std::uint16_t address, std::uint8_t value) noexcept {
        auto& r = regs();
        const auto low = [&](std::uint16_t& word) { word = static_cast<std::uint16_t>((word & 0xFF00) | value); };
        const auto high = [&](std::uint16_t& word) { word = static_cast<std::uint16_t>((word & 0x00FF) | value << 8); };
        switch (wiring_.copier) {
            case Copier::super_game_doctor:
                if (address == 0x4100) low(r.counter);
                if (address == 0x4101) {
                    high(r.counter);
                    r.counting = value != 0;
                    if (value == 0) set_irq(r.irq & ~1u);
                }
                return false;
            case Copier::turbo_game_doctor:
                if (address >= 0x4400 && address < 0x4408) {
                    r.chr[address & 7] = value;
                } else if (address == 0x4411) {
                    r.mode = value;
                } else {
                    if (address == 0x440D) low(r.target);
                    if (address == 0x440C) {
                        high(r.target);
                        r.counting = value >> 7;
                        if (r.counting == 0) r.counter = 0x8000;
                    }
                    if (address == 0x440C || address == 0x440D) set_irq(r.irq & ~1u);
                    return false;
                }
                return true;
            default: break;
        }
        if (address < 0x4500 || address >= 0x451C) return false;
        switch (address) {
            case 0x4500: r.mode = value; break;
            case 0x4501:
                r.counting = 0;
                set_irq(r.irq & ~1u);
                return false;
            case 0x4502:
                low(r.counter);
                set_irq(r.irq & ~1u);
                return false;
            case 0x4503:
                high(r.counter);
                r.counting = 1;
                set_irq(r.irq & ~1u);
                return false;
            default:
                if (address >= 0x4510) {
                    r.chr[address - 0x4510] = value;
                } else if (address >= 0x4504 && address < 0x4508) {
                    // Unless 4M mode is on, these are the registers of 2M mode.
                    ((r.play_2m & 3) == 0 ? r.prg_4m : r.prg)[address & 3] = value;
                } else {
                    return false;
                }
                break;
        }
        return true;
    }

    bool counts_cycles() const noexcept {
        const auto& r = regs();
        return r.counting != 0 && !(wiring_.copier == Copier::super_magic_card && (r.mode & 8) != 0);
    }
    std::uint64_t clocks_to_irq() const noexcept {
        const auto& r = regs();
        if (wiring_.copier != Copier::turbo_game_doctor) return 0x10000u - r.counter;
        return r.target > r.counter ? std::uint64_t{r.target} - r.counter : kNever;
    }

    bool banks_of_1k() const noexcept {
        const auto& r = regs();
        if (wiring_.copier == Copier::turbo_game_doctor) return (r.mode & 0x40) != 0;
        return is_magic_card() && (r.mode & 1) != 0;
    }
    bool switches_by_tiles() const noexcept {
        return wiring_.copier == Copier::super_magic_card && (regs().mode & 5) == 1;
    }
    bool banks_of_8k() const noexcept {
        const auto& r = regs();
        return (r.play_2m & 1) == 0 || (wiring_.copier == Copier::turbo_game_doctor && (r.mode & 0x80) != 0);
    }

    void take_chr_bank(std::uint8_t value) noexcept {
        auto& r = regs();
        if (banks_of_8k()) {
            r.chr_8k = value & 3;
            return;
        }
        switch (play_mode()) {
            case 1:
            case 4:
            case 5: r.chr_8k = value & 3; break;
            case 3: r.chr_8k = value >> 4 & 3; break;
            case 6:
                if (is_magic_card()) r.chr_8k = value & 1;
                break;
            case 7:
                if (is_magic_card()) r.chr_8k = 0;
                break;
            default: r.chr_8k = 0; break;
        }
    }

    void map_prg() noexcept {
        const auto& r = regs();
        const int v = r.latch;
        const auto pair = [&](int low, int high) {
            cart.map_prg(0x8000, 16 * kKB, low);
            cart.map_prg(0xC000, 16 * kKB, high);
        };
        if (banks_of_8k()) {
            for (unsigned i = 0; i < 4; ++i) {
                map_bank_of_8k(static_cast<std::uint16_t>(0x8000 + i * 0x2000), bank_of_8k(i));
            }
        } else {
            switch (play_mode()) {
                case 0: pair(v & 7, 7); break;
                case 1: pair(v >> 2 & 15, 7); break;
                case 2: pair(v & 15, 15); break;
                case 3: pair(15, v & 15); break;
                case 4: cart.map_prg(0x8000, 32 * kKB, v >> 4 & 3); break;
                case 5: cart.map_prg(0x8000, 32 * kKB, 3); break;
                case 6:
                case 7:
                    if (is_magic_card()) {
                        cart.map_prg(0x8000, 32 * kKB, 3);
                    } else {
                        const bool fixed_lines = play_mode() == 7;
                        cart.map_prg(0x8000, 8 * kKB, fixed_lines ? v & 14 : v & 15);
                        cart.map_prg(0xA000, 8 * kKB, fixed_lines ? v >> 4 | 1 : v >> 4);
                        cart.map_prg(0xC000, 16 * kKB, 7);
                    }
                    break;
                default: break;
            }
        }
        if (r.booting != 0) cart.unmap_cpu(0xF800, 2 * kKB);
    }
    int bank_of_8k(unsigned window) const noexcept {
        const auto& r = regs();
        const int bank = r.prg[window] >> 2;
        switch (wiring_.copier) {
            case Copier::super_game_doctor: return bank;
            case Copier::turbo_game_doctor: return (r.mode & 0x80) != 0 ? bank : (bank & 15) | r.high_bank << 4;
            default: return (r.play_2m & 2) == 0 ? r.prg_4m[window] & 0x3F : bank;
        }
    }

    void map_bank_of_8k(std::uint16_t address, int bank) noexcept {
        constexpr int kChrBank = 32;
        if (!wiring_.chr_in_prg || bank < kChrBank || cart.rom->chr.empty()) {
            cart.map_prg(address, 8 * kKB, bank);
            return;
        }
        const std::vector<std::uint8_t>& chr = cart.rom->chr;
        cart.unmap_cpu(address, 8 * kKB);
        for (std::size_t page = 0; page < 4; ++page) {
            const std::size_t offset = (static_cast<std::size_t>(bank - kChrBank) * 4 + page) * 2 * kKB;
            if (offset + 2 * kKB > chr.size()) return;
            cart.cpu_read_page[(address >> Cartridge::kCpuPageBits) + page] = chr.data() + offset;
        }
    }

    void map_ram() noexcept {
        if (is_magic_card() && cart.rom->prg_ram_size >= kWorkRam + 4 * kKB) {
            cart.map_prg_ram(0x5000, 4 * kKB, kWorkRam / (4 * kKB));
            cart.map_prg_ram(0x6000, 8 * kKB, regs().mode >> 4 & 3);
        } else {
            cart.map_prg_ram(0x6000, 8 * kKB, 0);
        }
    }

    void map_chr() noexcept {
        const auto& r = regs();
        if (switches_by_tiles()) {
            for (unsigned table = 0; table < 2; ++table) {
                map_chr_window(cart, table, 4 * kKB, r.chr[table * 4 + (r.tile[table] & 1) * 2] >> 2);
            }
        } else if (banks_of_1k()) {
            for (unsigned i = 0; i < 8; ++i) map_chr_window(cart, i, kKB, r.chr[i]);
        } else if (wiring_.chr_in_prg && cart.rom->chr_ram_size != 0) {
            cart.map_chr_ram(0x0000, 8 * kKB, r.chr_8k & 3);
        } else {
            cart.map_chr(0x0000, 8 * kKB, r.chr_8k & 3);
        }
        if (play_mode() >= 4) protect_chr(cart);
    }

    void map_nametables() noexcept {
        const auto& r = regs();
        if (is_magic_card() && (r.mode & 2) == 0) {
            for (unsigned i = 0; i < 4; ++i)
                cart.map_chr(static_cast<std::uint16_t>(0x2000 + i * 0x400), kKB, r.chr[8 + i]);
        } else {
            cart.mirror(single_first((r.play_1m & 1u) << 1 | (r.play_1m >> 4 & 1u)));
        }
    }

    void load_trainer_below_6000() noexcept {
        if (cart.rom->prg_ram_size < kWorkRam + 4 * kKB) return;
        for (std::size_t i = 0; i < cart.rom->trainer.size(); ++i) {
            const std::size_t address = wiring_.trainer + i;
            cart.prg_ram[address < 0x6000 ? kWorkRam + (address & 0xFFF) : address & 0x1FFF] = cart.rom->trainer[i];
        }
    }

    Wiring wiring_;
};

std::unique_ptr<Board> make_copier(Cartridge& cart, const CopierBoard::Wiring& wiring) {
    return std::make_unique<CopierBoard>(cart, wiring);
}
/// The latch mode that a submapper names; headers of iNES 1 mean mode 1.
std::uint8_t latch_mode(const Cartridge& cart) {
    return static_cast<std::uint8_t>((cart.rom->nes2 ? cart.rom->submapper & 7 : 1) << 5);
}

}  // namespace

std::unique_ptr<Board> make_magic_card_1m(Cartridge& cart) {
    return make_copier(cart, {Copier::magic_card, latch_mode(cart), 3, 0x42, 0x7000});
}
std::unique_ptr<Board> make_magic_card_gnrom(Cartridge& cart) {
    return make_copier(cart, {Copier::magic_card, 4 << 5, 3, 0x42, 0x7000});
}
std::unique_ptr<Board> make_magic_card_4m(Cartridge& cart) {
    return make_copier(cart, {Copier::magic_card, 1 << 5, 0, 0x42, 0x7000, true});
}
std::unique_ptr<Board> make_super_magic_card(Cartridge& cart) {
    static constexpr std::uint16_t kTrainer[4] = {0x7000, 0x5D00, 0x5E00, 0x5F00};
    return make_copier(cart, {Copier::super_magic_card, 1 << 5, 0, 0x47, kTrainer[cart.rom->submapper & 3]});
}
std::unique_ptr<Board> make_super_game_doctor(Cartridge& cart) {
    return make_copier(cart, {Copier::super_game_doctor, latch_mode(cart), 3, 0, 0x7000});
}
std::unique_ptr<Board> make_turbo_game_doctor(Cartridge& cart) {
    return make_copier(cart, {Copier::turbo_game_doctor, latch_mode(cart), 3, 0, 0x7000});
}

}  // namespace nes::boards
