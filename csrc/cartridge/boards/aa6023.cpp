// AA6023 (SMD132, SMD133): COOLBOY, MINDKIDS and their revisions (268), and KT-008 (224). An MMC3 with six outer bank registers.
// NESdev "NES 2.0 Mapper 268", "INES Mapper 224". What bits 0 and 1 of $xxx3 and $xxx5 do needs hardware that no board here has.
#include "cartridge/boards/mmc3.hpp"

namespace nes::boards {
namespace {

enum class Revision : std::uint8_t { coolboy, smd173, kp6022, j852c, smd72a, smd172c };

class Aa6023 final : public Mmc3 {
  public:
    Aa6023(Cartridge& cartridge, Revision revision, std::uint16_t registers) noexcept
        : Mmc3(cartridge),
          revision_(revision),
          registers_(registers) {}

    void reset() noexcept override {
        for (std::uint8_t& value : regs().outer) value = 0;
        map();
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = regs();
        if (address >= 0x8000) {
            write_mmc3(address, value);
            // What selects the chip, or splices the chip's banks into the outer ones.
            if ((address & 0xE000) == 0x8000 && revision_ == Revision::j852c) map();
            return;
        }
        if (address >= 0x6000) write_ram(address, value);
        if ((address & 0xF000) != registers_ || (address & 7) > 5) return;
        const unsigned index = address & 7;
        const bool locked = bit(r.outer[3], 7) && !bit(r.outer[3], 4);
        if (index != 2) {
            if (locked) return;
            r.outer[index] = value;
        } else {
            // Once locked, the mask of the CHR bank stays.
            r.outer[2] = bit(r.outer[2], 7) ? static_cast<std::uint8_t>((r.outer[2] & 0xF0) | (value & 0x0F)) : value;
        }
        map();
    }
    bool write_needs_ppu_sync(std::uint16_t address, std::uint8_t value) const noexcept override {
        return address < 0x8000 || revision_ == Revision::j852c || Mmc3::write_needs_ppu_sync(address, value);
    }

  private:
    bool nrom() const noexcept { return bit(regs().outer[3], 4); }
    bool weird() const noexcept { return bit(regs().outer[3], 6); }

    struct Prg {
        int mask;  // lines from A17 up that come from the chip
        int base;
        bool nrom_256;
    };
    Prg prg() const noexcept {
        const unsigned a = regs().outer[0];
        const unsigned b = regs().outer[1];
        Prg p{0x0F, bits(a, 0, 3) << 4, bit(b, 1)};
        if (!bit(a, 6)) p.mask |= 0x10;
        if (!bit(b, 7)) p.mask |= 0x20;
        if (bit(b, 6)) p.mask |= 0x40;
        if (bit(b, 5)) p.mask |= 0x80;
        switch (revision_) {
            case Revision::smd173:
                p.base |= bits(b, 3, 1) << 7 | bits(b, 2, 1) << 8 | bits(b, 1, 1) << 9 | bits(a, 4, 2) << 10;
                p.nrom_256 = !bit(b, 4);
                break;
            case Revision::kp6022: p.base |= bits(a, 4, 2) << 7; break;
            case Revision::smd72a: break;
            case Revision::smd172c: p.base |= bits(b, 4, 1) << 7 | bits(b, 2, 2) << 8; break;
            default: p.base |= bits(b, 4, 1) << 7 | bits(b, 2, 2) << 8 | bits(a, 4, 2) << 10; break;
        }
        return p;
    }

    void map_prg_bank(std::uint16_t address, int bank) noexcept override {
        const auto& r = regs();
        const unsigned window = address >> 13 & 3u;
        const Prg p = prg();
        bank &= 0xFF;
        if (weird() && window >= 2 && !bit(r.select, 6)) bank = 0;
        int low = bank & 0x0F;
        if (nrom()) {
            // A16, A15 and A14 in this order, A14 from the CPU in 32 KB mode.
            const int a14 = p.nrom_256 ? static_cast<int>(window >> 1) : bits(r.outer[3], 1, 1);
            low = bits(r.outer[3], 2, 2) << 2 | a14 << 1 | static_cast<int>(window & 1);
        }
        bank = (bank & p.mask & ~0x0F) | (p.base & ~p.mask) | low;
        if (revision_ == Revision::j852c) {
            // Two chips of one size. The chip's CHR A17, or a bit, selects.
            const unsigned a = r.outer[0];
            const bool second = bit(a, 7) ? bit(a, 3) : bit(r.bank[bit(r.select, 7) ? 2 : 0], 7);
            const int half = static_cast<int>(cart.rom->prg.size() / (16 * kKB));
            if (half != 0) bank = bank % half + (second ? half : 0);
        }
        cart.map_prg(address, 8 * kKB, bank);
    }

    void map_chr_banks() noexcept override {
        Mmc3::map_chr_banks();
        if (revision_ == Revision::smd72a && bit(regs().outer[0], 4)) protect_chr(cart);
    }
    void map_chr_bank(std::uint16_t address, int bank) noexcept override {
        const auto& r = regs();
        const unsigned a = r.outer[0];
        const int chip = bank;
        if (weird()) {
            const unsigned window = (address >> 10) ^ (bit(r.select, 7) ? 4u : 0u);
            if (window < 4) bank = (window & 1) != 0 ? 0 : r.bank[window >> 1];
        }
        if (nrom()) {
            const int keep = 0x0F & ~(bits(r.outer[2], 4, 3) << 1);
            bank = (bank & 0x80) | (r.outer[2] & keep) << 3 | (address >> 10 & 7);
        }
        if (revision_ != Revision::j852c && bit(a, 7)) bank = (bank & 0x7F) | bits(a, 3, 1) << 7;
        if (!cart.rom->chr.empty()) {
            switch (revision_) {
                case Revision::smd72a:
                case Revision::smd172c: break;
                case Revision::kp6022: bank |= bits(a, 4, 2) << 8 | bits(a, 1, 2) << 10; break;
                default: bank |= bits(a, 4, 2) << 8; break;
            }
        }
        // Mixed memory: one bank number of the chip's selects CHR-RAM.
        const bool ram = bit(r.outer[4], 0) && ((static_cast<unsigned>(chip) ^ r.outer[4]) & 0xFE) == 0;
        if (ram && cart.rom->chr_ram_size != 0) {
            cart.map_chr_ram(address, kKB, bank);
        } else {
            cart.map_chr(address, kKB, bank);
        }
    }

    void map_mirroring() noexcept override {
        const unsigned a = regs().outer[0];
        if (revision_ == Revision::smd172c && !bit(a, 5)) {
            cart.mirror(bit(a, 4) ? Mirroring::single_1 : Mirroring::single_0);
        } else {
            Mmc3::map_mirroring();
        }
    }

    // Registers over RAM: the board sees the writes.
    void map_ram() noexcept override {
        Mmc3::map_ram();
        for (unsigned page = 0x6000 >> Cartridge::kCpuPageBits; page < 0x8000 >> Cartridge::kCpuPageBits; ++page) {
            cart.cpu_write_page[page] = nullptr;
        }
        cart.unmap_cpu(0x5000, 4 * kKB);
        if (bit(regs().outer[3], 5) && registers_ != 0x5000) cart.map_prg_ram(0x5000, 4 * kKB, 1);
    }
    void write_ram(std::uint16_t address, std::uint8_t value) noexcept {
        const bool obeyed = cart.rom->nes2 || !cart.rom->battery;
        const std::uint8_t* const page = cart.cpu_read_page[address >> Cartridge::kCpuPageBits];
        if (page == nullptr || (obeyed && (regs().ram & 0x40) != 0)) return;
        cart.prg_ram[(page - cart.prg_ram) + (address & 0x7FF)] = value;
    }

    Revision revision_;
    std::uint16_t registers_;
};

std::unique_ptr<Board> make_aa6023(Cartridge& cart, Revision revision, std::uint16_t registers) {
    return std::make_unique<Aa6023>(cart, revision, registers);
}

}  // namespace

std::unique_ptr<Board> make_coolboy(Cartridge& cart) { return make_aa6023(cart, Revision::coolboy, 0x6000); }
std::unique_ptr<Board> make_mindkids(Cartridge& cart) { return make_aa6023(cart, Revision::coolboy, 0x5000); }
std::unique_ptr<Board> make_smd173_7000(Cartridge& cart) { return make_aa6023(cart, Revision::smd173, 0x7000); }
std::unique_ptr<Board> make_smd173_5000(Cartridge& cart) { return make_aa6023(cart, Revision::smd173, 0x5000); }
std::unique_ptr<Board> make_kp6022_6000(Cartridge& cart) { return make_aa6023(cart, Revision::kp6022, 0x6000); }
std::unique_ptr<Board> make_kp6022_5000(Cartridge& cart) { return make_aa6023(cart, Revision::kp6022, 0x5000); }
std::unique_ptr<Board> make_j852c_6000(Cartridge& cart) { return make_aa6023(cart, Revision::j852c, 0x6000); }
std::unique_ptr<Board> make_j852c_5000(Cartridge& cart) { return make_aa6023(cart, Revision::j852c, 0x5000); }
std::unique_ptr<Board> make_smd72a_6000(Cartridge& cart) { return make_aa6023(cart, Revision::smd72a, 0x6000); }
std::unique_ptr<Board> make_smd72a_5000(Cartridge& cart) { return make_aa6023(cart, Revision::smd72a, 0x5000); }
std::unique_ptr<Board> make_smd172c_6000(Cartridge& cart) { return make_aa6023(cart, Revision::smd172c, 0x6000); }
std::unique_ptr<Board> make_smd172c_5000(Cartridge& cart) { return make_aa6023(cart, Revision::smd172c, 0x5000); }

}  // namespace nes::boards
