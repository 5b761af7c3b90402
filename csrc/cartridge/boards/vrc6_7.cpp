// Konami VRC6 (24, 26) and VRC7 (85). NESdev "VRC6", "VRC7". Their sound is in audio/vrc6.cpp and audio/vrc7.cpp.
#include <cstring>

#include "cartridge/boards/vrc_irq.hpp"

namespace nes::boards {
namespace {

struct Vrc6Registers {
    VrcIrqRegisters irq;
    std::uint8_t chr[8];
    std::uint8_t prg[3];         // VRC6: 16 KB and 8 KB; VRC7: three of 8 KB
    std::uint8_t mode;           // VRC6 $B003: W.PNMMDD; VRC7 $E000: RS....MM
    std::uint8_t sound_address;  // VRC7 $9010
    std::uint8_t reserved[3];
    std::uint8_t sound[64];  // VRC6: $9000-$9003, $A000-$A003, $B000-$B003; VRC7: what was written by way of $9030
};

constexpr Field kVrc6Fields[] = {
    NES_FIELD(Vrc6Registers, irq.now),     NES_FIELD(Vrc6Registers, irq.prescaler),
    NES_FIELD(Vrc6Registers, irq.latch),   NES_FIELD(Vrc6Registers, irq.counter),
    NES_FIELD(Vrc6Registers, irq.control), NES_FIELD(Vrc6Registers, irq.reserved),
    NES_FIELD(Vrc6Registers, chr),         NES_FIELD(Vrc6Registers, prg),
    NES_FIELD(Vrc6Registers, mode),        NES_FIELD(Vrc6Registers, sound_address),
    NES_FIELD(Vrc6Registers, reserved),    NES_FIELD(Vrc6Registers, sound),
};
static_assert(covers(kVrc6Fields, sizeof(Vrc6Registers)));

constexpr std::uint8_t kVrc6RamEnable = 0x80;

/// What both chips have: the counter, and RAM behind bit 7 of the mode register.
class VrcBoard : public Board {
  public:
    explicit VrcBoard(Cartridge& cartridge) noexcept : Board(cartridge) { counts_cpu_cycles = true; }

    void run_to(std::uint64_t cycle) noexcept override { irq().run_to(cycle); }
    std::uint64_t next_irq() const noexcept override { return irq().next_irq(); }
    std::span<const Field> fields() const noexcept override { return kVrc6Fields; }

  protected:
    Vrc6Registers& regs() const noexcept { return overlay<Vrc6Registers>(); }
    VrcIrq irq() const noexcept { return VrcIrq(regs().irq, *cart.state); }
    void map_ram() noexcept {
        if ((regs().mode & kVrc6RamEnable) != 0) {
            cart.map_prg_ram(0x6000, 8 * kKB, 0);
        } else {
            cart.unmap_cpu(0x6000, 8 * kKB);
        }
    }
    void write_irq(unsigned index, std::uint8_t value) noexcept {
        switch (index) {
            case 0: regs().irq.latch = value; break;
            case 1: irq().write_control(value); break;
            case 2: irq().acknowledge(); break;
            default: break;
        }
    }
};

class Vrc6 final : public VrcBoard {
  public:
    Vrc6(Cartridge& cartridge, bool lines_swapped) noexcept : VrcBoard(cartridge), lines_swapped_(lines_swapped) {}

    std::unique_ptr<ExpansionSound> make_sound() const override { return make_vrc6_sound(regs().sound); }

    void map() noexcept override {
        const auto& r = regs();
        cart.map_prg(0x8000, 16 * kKB, r.prg[0] & 0x0F);
        cart.map_prg(0xC000, 8 * kKB, r.prg[1] & 0x1F);
        cart.map_prg(0xE000, 8 * kKB, -1);
        map_ram();
        for (unsigned window = 0; window < 8; ++window) map_chr_window(cart, window, kKB, pattern_bank(window));
        for (unsigned slot = 0; slot < 4; ++slot) map_nametable(slot);
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        if (address < 0x8000) return;
        run_to(cycle);
        auto& r = regs();
        unsigned index = address & 3;
        if (lines_swapped_) index = (index >> 1) | (index << 1 & 2);
        switch (address >> 12) {
            case 0x8: r.prg[0] = value; break;
            case 0xC: r.prg[1] = value; break;
            case 0xB:
                if (index != 3) {
                    r.sound[8 + index] = value;
                    return;
                }
                r.mode = value;
                break;
            case 0xD: r.chr[index] = value; break;
            case 0xE: r.chr[4 + index] = value; break;
            case 0xF: write_irq(index, value); return;
            default: r.sound[((address >> 12) - 9) * 4 + index] = value; return;
        }
        map();
    }

  private:
    // With P set, the lowest line of a 2 KB bank comes from the PPU; without, from the register.
    bool lowest_line_from_ppu() const noexcept { return (regs().mode & 0x20) != 0; }

    int pattern_bank(unsigned window) const noexcept {
        const auto& r = regs();
        const unsigned style = r.mode & 3;
        unsigned index = window;
        bool two_kb = false;
        if (style == 1) {
            index = window / 2;
            two_kb = true;
        } else if (style >= 2 && window >= 4) {
            index = 4 + (window - 4) / 2;
            two_kb = true;
        }
        if (!two_kb || !lowest_line_from_ppu()) return r.chr[index];
        return (r.chr[index] & 0xFE) | static_cast<int>(window & 1);
    }

    void map_nametable(unsigned slot) noexcept {
        // Register of each nametable by the low three bits of $B003.
        static constexpr std::uint8_t kRegisters[8][4] = {
            {6, 6, 7, 7}, {4, 5, 6, 7}, {6, 7, 6, 7}, {6, 7, 6, 7},
            {6, 7, 6, 7}, {4, 5, 6, 7}, {6, 6, 7, 7}, {6, 6, 7, 7},
        };
        const auto& r = regs();
        unsigned bank = r.chr[kRegisters[r.mode & 7][slot]];
        if (lowest_line_from_ppu()) {
            const unsigned mirroring = r.mode >> 2 & 3u;
            const bool odd_style = (r.mode & 2) != 0;  // styles 2 and 3 count the modes the other way round
            unsigned line = 0;
            switch (odd_style ? mirroring ^ 1u : mirroring) {
                case 0: line = slot & 1; break;       // vertical
                case 1: line = slot >> 1 & 1; break;  // horizontal
                case 2: line = 0; break;
                default: line = 1; break;
            }
            bank = (bank & 0xFE) | line;
        }
        if ((r.mode & 0x10) != 0) {
            map_chr_window(cart, slot, kKB, static_cast<int>(bank), 0x2000);
        } else {
            cart.map_nametable(slot, bank & 1);
        }
    }

    bool lines_swapped_;
};

class Vrc7 final : public VrcBoard {
  public:
    Vrc7(Cartridge& cartridge, unsigned line, bool has_sound) noexcept
        : VrcBoard(cartridge),
          line_(line),
          has_sound_(has_sound) {}

    std::unique_ptr<ExpansionSound> make_sound() const override {
        return has_sound_ ? make_vrc7_sound(regs().sound, &regs().mode) : nullptr;
    }

    void map() noexcept override {
        const auto& r = regs();
        for (unsigned i = 0; i < 3; ++i) {
            cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x2000), 8 * kKB, r.prg[i] & 0x3F);
        }
        cart.map_prg(0xE000, 8 * kKB, -1);
        for (unsigned window = 0; window < 8; ++window) map_chr_window(cart, window, kKB, r.chr[window]);
        map_ram();
        cart.mirror(vertical_first(r.mode));
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        if (address < 0x8000) return;
        run_to(cycle);
        auto& r = regs();
        const unsigned second = (address & line_) != 0 ? 1 : 0;
        switch (address >> 12) {
            case 0x8: r.prg[second] = value; break;
            case 0x9:
                if (second != 0) {
                    if ((r.mode & kSoundReset) != 0) return;
                    if ((address & 0x20) == 0) {
                        r.sound_address = value;
                    } else {
                        r.sound[r.sound_address & 0x3F] = value;
                    }
                    return;
                }
                r.prg[2] = value;
                break;
            case 0xA:
            case 0xB:
            case 0xC:
            case 0xD: r.chr[((address >> 12) - 0xA) * 2 + second] = value; break;
            case 0xE:
                if (second != 0) {
                    write_irq(0, value);
                    return;
                }
                // At the end as well: states before version 4 may have registers that were written during the reset.
                if (((value | r.mode) & kSoundReset) != 0) std::memset(r.sound, 0, sizeof(r.sound));
                r.mode = value;
                break;
            default: write_irq(1 + second, value); return;
        }
        map();
    }

  private:
    static constexpr std::uint8_t kSoundReset = 0x40;

    unsigned line_;  // CPU address lines that may select the second register of a pair
    bool has_sound_;
};

}  // namespace

std::unique_ptr<Board> make_vrc6a(Cartridge& cart) { return std::make_unique<Vrc6>(cart, false); }
std::unique_ptr<Board> make_vrc6b(Cartridge& cart) { return std::make_unique<Vrc6>(cart, true); }
std::unique_ptr<Board> make_vrc7(Cartridge& cart) { return std::make_unique<Vrc7>(cart, 0x18u, true); }
// Tiny Toon Adventures 2: the chip's sound leads nowhere.
std::unique_ptr<Board> make_vrc7b(Cartridge& cart) { return std::make_unique<Vrc7>(cart, 0x08u, false); }
std::unique_ptr<Board> make_vrc7a(Cartridge& cart) { return std::make_unique<Vrc7>(cart, 0x10u, true); }

}  // namespace nes::boards
