// Clones of the MMC3 with scrambled registers, another PRG bank register beside it, or CHR-RAM beside CHR-ROM: Kasheng, Sugar
// Softec, Gouder, Waixing, Nitra and MRCM. NESdev "INES Mapper 012", "074", "114", "115", "121", "123", "165", "187",
// "191", "192", "194", "195", "196", "197", "198", "199", "215", "245", "250" and "T9552" (249, and 4 submapper 5).
#include "cartridge/boards/mmc3_outer.hpp"
#include "cartridge/boards/tile_latch.hpp"

namespace nes::boards {
namespace {

using Registers = Mmc3Registers;

// --- scrambled addresses and register numbers ---

struct Scramble {
    std::uint8_t address[8];  // where a write at $8000, $8001, $A000 ... $E001 goes, numbered in that order
    std::uint8_t index[8];    // which register a number at $8000 selects
};
constexpr Scramble kStraight{{0, 1, 2, 3, 4, 5, 6, 7}, {0, 1, 2, 3, 4, 5, 6, 7}};

void apply(const Scramble& scramble, std::uint16_t& address, std::uint8_t& value) {
    const unsigned real = scramble.address[(address >> 12 & 6u) | (address & 1u)];
    address = static_cast<std::uint16_t>(0x8000 | (real & 6) << 12 | (real & 1));
    if (real == 0) value = static_cast<std::uint8_t>((value & 0xF8) | scramble.index[value & 7]);
}

void scramble_114(const Registers&, std::uint16_t& address, std::uint8_t& value) {
    static constexpr Scramble kScramble{{3, 2, 0, 4, 1, 5, 6, 7}, {0, 3, 1, 5, 6, 7, 2, 4}};
    apply(kScramble, address, value);
}
void scramble_boogerman(const Registers&, std::uint16_t& address, std::uint8_t& value) {
    static constexpr Scramble kScramble{{3, 1, 0, 5, 2, 4, 6, 7}, {0, 2, 5, 3, 6, 1, 7, 4}};
    apply(kScramble, address, value);
}
void scramble_123(const Registers&, std::uint16_t& address, std::uint8_t& value) {
    static constexpr Scramble kScramble{{0, 1, 2, 3, 4, 5, 6, 7}, {0, 3, 1, 5, 6, 7, 2, 4}};
    apply(kScramble, address, value);
}
void scramble_215(const Registers& r, std::uint16_t& address, std::uint8_t& value) {
    static constexpr Scramble kScrambles[8] = {
        kStraight,
        {{3, 2, 0, 4, 1, 5, 6, 7}, {0, 2, 6, 1, 7, 3, 4, 5}},
        {{0, 1, 2, 3, 4, 5, 6, 7}, {0, 5, 4, 1, 7, 2, 6, 3}},
        {{5, 0, 1, 2, 3, 7, 6, 4}, {0, 6, 3, 7, 5, 2, 4, 1}},
        {{3, 1, 0, 4, 2, 5, 6, 7}, {0, 2, 5, 3, 6, 1, 7, 4}},
        kStraight,
        kStraight,
        kStraight,
    };
    apply(kScrambles[r.outer[7] & 7], address, value);
}
// 250: the registers lie at A10, and take the low byte of the address.
void scramble_nitra(const Registers&, std::uint16_t& address, std::uint8_t& value) {
    value = static_cast<std::uint8_t>(address);
    address = static_cast<std::uint16_t>((address & 0xE000) | (address >> 10 & 1));
}

// --- boards with a bank register that overrides the chip's PRG banks ---

bool write_6000_pair(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x6000 || (address & 2) != 0) return false;
    r.outer[address & 1] = value;
    return true;
}
OuterBanks kasheng_114(const Cartridge&, const Registers& r) {
    OuterBanks banks;
    banks.chr_base = (r.outer[1] & 1) << 8;
    if (bit(r.outer[0], 7)) {
        banks.nrom = r.outer[0] & 0x0F;
        banks.nrom_256 = bit(r.outer[0], 5);
    }
    return banks;
}
OuterBanks kasheng_115(const Cartridge& cart, const Registers& r) {
    OuterBanks banks = kasheng_114(cart, r);
    const int a18 = bits(r.outer[0], 6, 1);
    banks.prg_mask = 0x1F;
    banks.prg_base = a18 << 5;
    if (banks.nrom >= 0) banks.nrom |= a18 << 4;
    return banks;
}
// Solder pads, all open.
std::uint8_t read_kasheng_115(const Cartridge&, const Registers&, std::uint16_t address, std::uint8_t open_bus) {
    return (address & 0xE003) == 0x6002 ? static_cast<std::uint8_t>(open_bus & 0xF8) : open_bus;
}

bool write_123(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if ((address & 0xF800) != 0x5800) return false;
    r.outer[0] = value;
    return true;
}
OuterBanks kasheng_123(const Cartridge&, const Registers& r) {
    const unsigned v = r.outer[0];
    OuterBanks banks;
    if (bit(v, 6)) {
        banks.nrom = bits(v, 0, 1) | bits(v, 4, 1) << 1 | bits(v, 2, 1) << 2 | bits(v, 5, 1) << 3;
        banks.nrom_256 = bit(v, 1);
    }
    return banks;
}

// CHR A18 is PPU A12.
bool write_187(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if ((address & 0xF001) != 0x5000) return false;
    r.outer[0] = value;
    return true;
}
OuterBanks kasheng_187(const Cartridge&, const Registers& r) {
    OuterBanks banks;
    banks.chr_base_right = 0x100;
    if (bit(r.outer[0], 7)) {
        banks.nrom = bits(r.outer[0], 1, 4);
        banks.nrom_256 = bit(r.outer[0], 5);
    }
    return banks;
}
std::uint8_t read_187(const Cartridge&, const Registers&, std::uint16_t address, std::uint8_t open_bus) {
    return (address & 0xF000) == 0x5000 ? static_cast<std::uint8_t>(open_bus | 0x80) : open_bus;
}

// 215: a scrambling pattern that is selected at $5007.
bool write_215(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    const unsigned index = address & 7;
    if ((address & 0xF000) != 0x5000 || (index != 0 && index != 1 && index != 7)) return false;
    r.outer[index] = value;
    return true;
}
void power_on_215(Registers& r, const Cartridge&) { r.outer[1] = 0x0F; }
OuterBanks sugar_softec(const Registers& r, int prg, int chr) {
    const unsigned mode = r.outer[0];
    const bool small = bit(mode, 6);
    const int a17 = small ? bits(r.outer[1], 4, 1) : 0;
    OuterBanks banks;
    banks.prg_mask = small ? 0x0F : 0x1F;
    banks.prg_base = prg << 5 | a17 << 4;
    banks.chr_mask = small ? 0x7F : 0xFF;
    banks.chr_base = chr << 8 | (small ? bits(r.outer[1], 5, 1) << 7 : 0);
    if (bit(mode, 7)) {
        banks.nrom = prg << 4 | (small ? a17 << 3 | bits(mode, 0, 3) : bits(mode, 0, 4));
        banks.nrom_256 = bit(mode, 5);
    }
    return banks;
}
OuterBanks unl_8237(const Cartridge&, const Registers& r) {
    return sugar_softec(r, bits(r.outer[1], 0, 2), bits(r.outer[1], 2, 2));
}
OuterBanks unl_8237a(const Cartridge&, const Registers& r) {
    return sugar_softec(r, bits(r.outer[1], 3, 1) << 2 | bits(r.outer[1], 0, 2), bits(r.outer[1], 1, 3));
}

// 12: CHR A18 for each pattern table.
bool write_sl_5020b(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if ((address & 0xE100) != 0x4100) return false;
    r.outer[0] = value;
    return true;
}
OuterBanks sl_5020b(const Cartridge&, const Registers& r) {
    OuterBanks banks;
    banks.chr_base = bits(r.outer[0], 0, 1) << 8;
    banks.chr_base_right = bits(r.outer[0], 4, 1) << 8;
    return banks;
}
// The text is Chinese in every copy.
std::uint8_t read_sl_5020b(const Cartridge&, const Registers&, std::uint16_t address, std::uint8_t open_bus) {
    return (address & 0xE100) == 0x4100 ? static_cast<std::uint8_t>(open_bus | 1) : open_bus;
}

// 196: the chip's A0 is another line of the CPU's, and one variant has the PRG banks of mapper 189.
template <unsigned line>
void scramble_mrcm(const Registers&, std::uint16_t& address, std::uint8_t&) {
    address = static_cast<std::uint16_t>((address & 0xFFFE) | (address >> line & 1));
}
// Which variant is not known: whichever line is used.
void scramble_any_mrcm(const Registers&, std::uint16_t& address, std::uint8_t&) {
    const bool any = (address & 0x0E) != 0 && (address & 1) == 0;
    address = static_cast<std::uint16_t>((address & 0xFFFE) | (any ? 1 : 0));
}
bool write_mrcm(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x6000) return false;
    r.outer[0] = value;
    r.outer[1] = 1;
    return true;
}
OuterBanks mrcm(const Cartridge&, const Registers& r) {
    OuterBanks banks;
    if (r.outer[1] != 0) {
        banks.nrom = ((r.outer[0] >> 4 | r.outer[0]) & 0x0F) << 1;
        banks.nrom_256 = true;
    }
    return banks;
}
void power_on_mrcm_189(Registers& r, const Cartridge&) { r.outer[1] = 1; }

// 245: the chip's CHR A11, which CHR-RAM does not need, is PRG A19.
bool follow_bank(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t) {
    return (address & 0xE001) == 0x8000 || ((address & 0xE001) == 0x8001 && (r.select & 7) < 6);
}
OuterBanks waixing_f003(const Cartridge& cart, const Registers& r) {
    OuterBanks banks;
    banks.prg_base = (r.bank[bit(r.select, 7) ? 2 : 0] & 2) << 5;
    if (cart.rom->chr.empty()) banks.chr_8k = 0;
    return banks;
}

// --- 197: CHR banks of 2 KB and 4 KB, by the PPU lines that reach the chip ---
class Kasheng197 final : public OuterMmc3 {
  public:
    Kasheng197(Cartridge& cartridge, const Wiring& wiring, const std::uint8_t (&registers)[4]) noexcept
        : OuterMmc3(cartridge, wiring),
          registers_(registers) {}

  private:
    // The four windows of 2 KB: a register each; of R0 and R1 the first takes the even, the second the odd bank.
    void map_chr_banks() noexcept override {
        const auto& r = regs();
        const unsigned flip = bit(r.select, 7) ? 2 : 0;
        for (unsigned i = 0; i < 4; ++i) {
            const unsigned index = registers_[i];
            const int value = r.bank[index & 7];
            map_chr_window(cart, i ^ flip, 2 * kKB, index >= 2 ? value : i == 0 ? value & 0xFE : value | 1);
        }
    }
    const std::uint8_t (&registers_)[4];
};
constexpr std::uint8_t kLower[4] = {0, 0, 2, 3};
constexpr std::uint8_t kUpper[4] = {1, 1, 4, 5};
constexpr std::uint8_t kBoth[4] = {0, 1, 2, 5};

OuterBanks plain(const Cartridge&, const Registers&) { return {}; }
bool write_2b20(Registers& r, const Cartridge&, std::uint16_t address, std::uint8_t value) {
    if (address < 0x6000) return false;
    r.outer[0] = value;
    return true;
}
OuterBanks super_2in1(const Cartridge&, const Registers& r) {
    OuterBanks banks;
    if (bit(r.outer[0], 3)) {
        banks.prg_mask = 0x0F;
        banks.prg_base = (r.outer[0] & 1) << 4;
    }
    return banks;
}

// --- 74, 191, 192, 194, 195: some of the 1 KB CHR banks are RAM ---
class ChrRamMmc3 : public Mmc3 {
  public:
    using IsRam = bool (*)(const Registers&, int bank);
    ChrRamMmc3(Cartridge& cartridge, IsRam is_ram) noexcept : Mmc3(cartridge), is_ram_(is_ram) {}

  private:
    void map_chr_bank(std::uint16_t address, int bank) noexcept override {
        if (is_ram_(regs(), bank)) {
            cart.map_chr_ram(address, kKB, bank);
        } else {
            cart.map_chr(address, kKB, bank);
        }
    }
    IsRam is_ram_;
};
bool banks_8_and_9(const Registers&, int bank) { return (bank & 0xFE) == 0x08; }
bool banks_8_to_11(const Registers&, int bank) { return (bank & 0xFC) == 0x08; }
bool banks_0_and_1(const Registers&, int bank) { return (bank & 0xFE) == 0x00; }
bool banks_from_128(const Registers&, int bank) { return bit(static_cast<unsigned>(bank), 7); }

// 195: writes to CHR-ROM say which banks are RAM: the number of the bank that was written to is what counts.
bool fs303_ram(const Registers& r, int bank) {
    const unsigned select = r.outer[0];
    if (bit(select, 4)) return false;
    switch (select & 0xCA) {
        case 0x80: return bank >= 0x28 && bank <= 0x2B;
        case 0x82: return bank <= 0x03;
        case 0x88: return bank >= 0x4C && bank <= 0x4F;
        case 0x8A: return bank >= 0x64 && bank <= 0x67;
        case 0xC0: return bank == 0x46 || bank == 0x47;
        case 0xC2: return bank == 0x7C || bank == 0x7D;
        case 0xC8: return bank == 0x0A || bank == 0x0B;
        default: return false;
    }
}
/// 4 KB of RAM at $5000 beside the 8 KB at $6000, where the header has them.
void map_ram_at_5000(Cartridge& cart) {
    if (cart.rom->prg_ram_size >= 12 * kKB) cart.map_prg_ram(0x5000, 4 * kKB, 2);
}
class Fs303 final : public ChrRamMmc3 {
  public:
    explicit Fs303(Cartridge& cartridge) noexcept : ChrRamMmc3(cartridge, fs303_ram) {}
    void power_on() noexcept override {
        Mmc3::power_on();
        regs().outer[0] = 0x80;
    }
    void ppu_write(std::uint16_t address, std::uint8_t) noexcept override {
        auto& r = regs();
        if (address >= 0x2000) return;
        const unsigned window = (address >> 10) ^ (bit(r.select, 7) ? 4u : 0u);
        const unsigned bank = window < 4 ? (r.bank[window >> 1] & 0xFEu) | (window & 1) : r.bank[window - 2];
        if (!bit(bank, 7) || r.outer[0] == bank) return;
        r.outer[0] = static_cast<std::uint8_t>(bank);
        map_chr_banks();
    }

  private:
    void map_ram() noexcept override {
        Mmc3::map_ram();
        map_ram_at_5000(cart);
    }
};

// --- 198, 199: CHR-RAM in one piece, RAM at $5000, more PRG-ROM ---
class Fs309 final : public Mmc3 {
  public:
    Fs309(Cartridge& cartridge, bool two_chips) noexcept : Mmc3(cartridge), two_chips_(two_chips) {}

  private:
    // 198: 512 KB and 128 KB; the chip's fixed banks lie in the second.
    void map_prg_bank(std::uint16_t address, int bank) noexcept override {
        bank &= 0xFF;
        cart.map_prg(address, 8 * kKB, two_chips_ && bank >= 0x40 ? 0x40 | (bank & 0x0F) : bank);
    }
    void map_chr_banks() noexcept override {
        if (cart.rom->chr.empty()) {
            cart.map_chr(0x0000, 8 * kKB, 0);
        } else {
            Mmc3::map_chr_banks();
        }
    }
    void map_ram() noexcept override {
        Mmc3::map_ram();
        map_ram_at_5000(cart);
    }
    bool two_chips_;
};

// --- 249 and 4.5: a chip that swaps address lines of the ROMs, by the pattern at $5000 ---
class T9552 final : public Mmc3 {
  public:
    /// `file_pattern`: the one in whose order the file has the banks.
    T9552(Cartridge& cartridge, unsigned file_pattern) noexcept : Mmc3(cartridge), file_pattern_(file_pattern) {}
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        if ((address & 0xF000) == 0x5000) {
            regs().outer[0] = value;
            map();
        }
        Mmc3::cpu_write(address, value, cycle);
    }

  private:
    static constexpr std::uint8_t kPrg[4][4] = {{16, 17, 15, 14}, {17, 16, 14, 15}, {14, 15, 16, 17}, {15, 14, 17, 16}};
    static constexpr std::uint8_t kChr[8][6] = {
        {15, 12, 16, 17, 14, 13}, {14, 15, 13, 12, 17, 16}, {12, 13, 14, 15, 16, 17}, {16, 14, 12, 13, 17, 15},
        {15, 13, 17, 16, 12, 14}, {14, 12, 15, 16, 17, 13}, {13, 16, 14, 15, 12, 17}, {12, 15, 16, 17, 13, 14},
    };
    /// Moves the address lines in `present` to where `file` has them; `lowest` is the line of bit 0 of a bank.
    template <std::size_t n>
    static int swap(int bank, const std::uint8_t (&present)[n], const std::uint8_t (&file)[n], unsigned lowest) {
        int result = bank;
        for (std::size_t i = 0; i < n; ++i) result &= ~(1 << (file[i] - lowest));
        for (std::size_t i = 0; i < n; ++i) {
            if (bit(static_cast<unsigned>(bank), present[i] - lowest)) result |= 1 << (file[i] - lowest);
        }
        return result;
    }
    void map_prg_bank(std::uint16_t address, int bank) noexcept override {
        cart.map_prg(address, 8 * kKB, swap(bank & 0x3F, kPrg[regs().outer[0] & 3], kPrg[file_pattern_ & 3], 13));
    }
    void map_chr_bank(std::uint16_t address, int bank) noexcept override {
        cart.map_chr(address, kKB, swap(bank & 0xFF, kChr[regs().outer[0] & 7], kChr[file_pattern_ & 7], 10));
    }
    unsigned file_pattern_;
};

// --- 121: PRG banks that a protection sets ---
class KashengA971x final : public Mmc3 {
  public:
    using Mmc3::Mmc3;
    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = regs();
        if (address < 0x8000) {
            if ((address & 0xF000) != 0x5000) return;
            r.outer[kArrayIndex] = value & 3;
            if ((address & 0xF180) == 0x5180) r.outer[kOuterBank] = value >> 7;
            map();
            return;
        }
        switch (address & 0xE003u) {
            case 0x8001:
                r.outer[kLatch] = reversed(value);
                if (r.outer[kIndex] == 0x26 || r.outer[kIndex] == 0x28 || r.outer[kIndex] == 0x2A)
                    take(r.outer[kIndex]);
                break;
            case 0x8003:
                r.outer[kIndex] = value & 0x3F;
                take(r.outer[kIndex]);
                write_mmc3(0x8000, value);
                map();
                return;
            default: break;
        }
        write_mmc3(address, value);
        if ((address & 0xE000) == 0x8000) map();  // the protection's banks, and CHR A18
    }
    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        return cpu_peek(address, open_bus);
    }
    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        static constexpr std::uint8_t kArray[4] = {0x83, 0x83, 0x42, 0x00};
        return (address & 0xF000) == 0x5000 ? kArray[regs().outer[kArrayIndex] & 3] : open_bus;
    }
    bool write_needs_ppu_sync(std::uint16_t address, std::uint8_t value) const noexcept override {
        return (address & 0xE000) == 0x8000 || Mmc3::write_needs_ppu_sync(address, value);
    }

  private:
    // In outer. The banks at $A000, $C000 and $E000 have bit 7 set while the protection's own counts.
    enum Extra : unsigned { kLatch, kIndex, kBankA000, kBankC000, kBankE000, kOuterBank, kArrayIndex };

    static std::uint8_t reversed(std::uint8_t value) noexcept {
        unsigned result = 0;
        for (unsigned i = 0; i < 6; ++i) result |= (value >> i & 1u) << (5 - i);
        return static_cast<std::uint8_t>(result);
    }
    void take(unsigned index) noexcept {
        auto& r = regs();
        const std::uint8_t bank = 0x80 | r.outer[kLatch];
        switch (index) {
            case 0x2A: r.outer[kBankA000] = bank; break;
            case 0x28: r.outer[kBankC000] = bank; break;
            case 0x2C:
                if (r.outer[kLatch] != 0) r.outer[kBankE000] = bank;
                break;
            case 0x20:
            case 0x26:
            case 0x29:
            case 0x2B:
            case 0x3C:
            case 0x3F: r.outer[kBankE000] = bank; break;
            case 0x2F: break;
            default: r.outer[kBankA000] = r.outer[kBankC000] = r.outer[kBankE000] = 0; break;
        }
    }
    bool a9713() const noexcept { return cart.rom->prg.size() > 256 * kKB; }
    void map_prg_banks() noexcept override {
        Mmc3::map_prg_banks();
        const auto& r = regs();
        for (unsigned i = 0; i < 3; ++i) {
            const std::uint8_t bank = r.outer[kBankA000 + i];
            if (bit(bank, 7)) map_prg_bank(static_cast<std::uint16_t>(0xA000 + i * 0x2000), bank & 0x3F);
        }
    }
    void map_prg_bank(std::uint16_t address, int bank) noexcept override {
        cart.map_prg(address, 8 * kKB, a9713() ? (bank & 0x1F) | (regs().outer[kOuterBank] & 1) << 5 : bank & 0x3F);
    }
    void map_chr_bank(std::uint16_t address, int bank) noexcept override {
        const bool upper = a9713() ? (regs().outer[kOuterBank] & 1) != 0 : (address >= 0x1000) == bit(regs().select, 7);
        cart.map_chr(address, kKB, bank | (upper ? 0x100 : 0));
    }
};

// --- 165: 4 KB CHR banks that tiles switch, as on the MMC4; bank 0 is RAM ---
class FireEmblem165 final : public Mmc3 {
  public:
    explicit FireEmblem165(Cartridge& cartridge) noexcept : Mmc3(cartridge) { watches_a12_only = false; }
    void ppu_bus(std::uint16_t address, std::uint64_t dot) noexcept override {
        auto& r = regs();
        watch_tiles(&r.outer[kLatches], r.outer[kPending], address, 0x2FF0, [this](unsigned) { map_chr_banks(); });
        Mmc3::ppu_bus(address, dot);
    }
    bool write_needs_ppu_sync(std::uint16_t, std::uint8_t) const noexcept override { return true; }

  private:
    enum Extra : unsigned { kLatches, kPending = 2 };
    void map_chr_banks() noexcept override {
        static constexpr std::uint8_t kRegisters[2][2] = {{0, 1}, {2, 4}};
        const auto& r = regs();
        for (unsigned table = 0; table < 2; ++table) {
            const int bank = r.bank[kRegisters[table][r.outer[kLatches + table] & 1]] >> 2;
            const auto address = static_cast<std::uint16_t>(table * 0x1000);
            if (bank == 0) {
                cart.map_chr_ram(address, 4 * kKB, 0);
            } else {
                cart.map_chr(address, 4 * kKB, bank);
            }
        }
    }
};

}  // namespace

std::unique_ptr<Board> make_sl_5020b(Cartridge& cart) {
    return make_outer(cart,
                      {.decode = sl_5020b, .write = write_sl_5020b, .irq = Mmc3::Irq::nec, .read = read_sl_5020b});
}
std::unique_ptr<Board> make_waixing_74(Cartridge& cart) { return std::make_unique<ChrRamMmc3>(cart, banks_8_and_9); }
std::unique_ptr<Board> make_waixing_191(Cartridge& cart) { return std::make_unique<ChrRamMmc3>(cart, banks_from_128); }
std::unique_ptr<Board> make_fs308(Cartridge& cart) { return std::make_unique<ChrRamMmc3>(cart, banks_8_to_11); }
std::unique_ptr<Board> make_waixing_194(Cartridge& cart) { return std::make_unique<ChrRamMmc3>(cart, banks_0_and_1); }
std::unique_ptr<Board> make_fs303(Cartridge& cart) { return std::make_unique<Fs303>(cart); }
std::unique_ptr<Board> make_supergame_114(Cartridge& cart) {
    return make_outer(
        cart, {.decode = kasheng_114, .write = write_6000_pair, .scramble = scramble_114, .irq = Mmc3::Irq::nec});
}
std::unique_ptr<Board> make_boogerman(Cartridge& cart) {
    return make_outer(
        cart, {.decode = kasheng_114, .write = write_6000_pair, .scramble = scramble_boogerman, .irq = Mmc3::Irq::nec});
}
std::unique_ptr<Board> make_kasheng_115(Cartridge& cart) {
    return make_outer(cart, {.decode = kasheng_115, .write = write_6000_pair, .read = read_kasheng_115});
}
std::unique_ptr<Board> make_kasheng_121(Cartridge& cart) { return std::make_unique<KashengA971x>(cart); }
std::unique_ptr<Board> make_h2288(Cartridge& cart) {
    return make_outer(cart, {.decode = kasheng_123, .write = write_123, .scramble = scramble_123});
}
std::unique_ptr<Board> make_fire_emblem_165(Cartridge& cart) { return std::make_unique<FireEmblem165>(cart); }
std::unique_ptr<Board> make_a98402(Cartridge& cart) {
    return make_outer(cart, {.decode = kasheng_187, .write = write_187, .read = read_187});
}
std::unique_ptr<Board> make_mrcm(Cartridge& cart) {
    return make_outer(cart, {.decode = mrcm, .write = write_mrcm, .scramble = scramble_any_mrcm});
}
std::unique_ptr<Board> make_mrcm_a1(Cartridge& cart) {
    return make_outer(cart, {.decode = plain, .scramble = scramble_mrcm<1>});
}
std::unique_ptr<Board> make_mrcm_a2(Cartridge& cart) {
    return make_outer(cart, {.decode = plain, .scramble = scramble_mrcm<2>});
}
std::unique_ptr<Board> make_mrcm_a1_189(Cartridge& cart) {
    return make_outer(
        cart, {.decode = mrcm, .write = write_mrcm, .scramble = scramble_mrcm<1>, .power_on = power_on_mrcm_189});
}
std::unique_ptr<Board> make_kasheng_197(Cartridge& cart) {
    return std::make_unique<Kasheng197>(cart, OuterMmc3::Wiring{.decode = plain}, kLower);
}
std::unique_ptr<Board> make_kasheng_197_upper(Cartridge& cart) {
    return std::make_unique<Kasheng197>(cart, OuterMmc3::Wiring{.decode = plain}, kUpper);
}
std::unique_ptr<Board> make_kasheng_197_both(Cartridge& cart) {
    return std::make_unique<Kasheng197>(cart, OuterMmc3::Wiring{.decode = plain}, kBoth);
}
std::unique_ptr<Board> make_super_2in1(Cartridge& cart) {
    return std::make_unique<Kasheng197>(
        cart, OuterMmc3::Wiring{.decode = super_2in1, .write = write_2b20, .needs_ram = true}, kLower);
}
std::unique_ptr<Board> make_waixing_198(Cartridge& cart) { return std::make_unique<Fs309>(cart, true); }
std::unique_ptr<Board> make_fs309(Cartridge& cart) { return std::make_unique<Fs309>(cart, false); }
std::unique_ptr<Board> make_unl_8237(Cartridge& cart) {
    return make_outer(cart,
                      {.decode = unl_8237, .write = write_215, .scramble = scramble_215, .power_on = power_on_215});
}
std::unique_ptr<Board> make_unl_8237a(Cartridge& cart) {
    return make_outer(cart,
                      {.decode = unl_8237a, .write = write_215, .scramble = scramble_215, .power_on = power_on_215});
}
std::unique_ptr<Board> make_waixing_f003(Cartridge& cart) {
    return make_outer(cart, {.decode = waixing_f003, .follow = follow_bank});
}
std::unique_ptr<Board> make_t9552(Cartridge& cart) { return std::make_unique<T9552>(cart, 0); }
std::unique_ptr<Board> make_t9552_straight(Cartridge& cart) { return std::make_unique<T9552>(cart, 2); }
std::unique_ptr<Board> make_nitra(Cartridge& cart) {
    return make_outer(cart, {.decode = plain, .scramble = scramble_nitra});
}

}  // namespace nes::boards
