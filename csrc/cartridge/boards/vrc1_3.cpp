// Konami VRC1 (75, and 151 in the Vs. System) and VRC3 (73). NESdev "VRC1", "VRC3".
#include "cartridge/boards/common.hpp"

namespace nes::boards {
namespace {

struct Vrc1Registers {
    std::uint8_t prg[3];
    std::uint8_t chr[2];  // low four bits
    std::uint8_t mode;    // .....BAM: high CHR bits, mirroring
    std::uint8_t reserved[2];
};

constexpr Field kVrc1Fields[] = {
    NES_FIELD(Vrc1Registers, prg),
    NES_FIELD(Vrc1Registers, chr),
    NES_FIELD(Vrc1Registers, mode),
    NES_FIELD(Vrc1Registers, reserved),
};
static_assert(covers(kVrc1Fields, sizeof(Vrc1Registers)));

class Vrc1 final : public Board {
  public:
    using Board::Board;

    void map() noexcept override {
        const auto& r = overlay<Vrc1Registers>();
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        for (unsigned i = 0; i < 3; ++i) {
            cart.map_prg(static_cast<std::uint16_t>(0x8000 + i * 0x2000), 8 * kKB, r.prg[i] & 0x0F);
        }
        cart.map_prg(0xE000, 8 * kKB, -1);
        cart.map_chr(0x0000, 4 * kKB, (r.chr[0] & 0x0F) | (r.mode & 2) << 3);
        cart.map_chr(0x1000, 4 * kKB, (r.chr[1] & 0x0F) | (r.mode & 4) << 2);
        const bool four_screen = cart.rom->mirroring == Mirroring::four_screen;  // Vs. System
        cart.mirror(four_screen ? Mirroring::four_screen : horizontal_if((r.mode & 1) != 0));
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t) noexcept override {
        auto& r = overlay<Vrc1Registers>();
        switch (address >> 12) {
            case 0x8: r.prg[0] = value; break;
            case 0x9: r.mode = value; break;
            case 0xA: r.prg[1] = value; break;
            case 0xC: r.prg[2] = value; break;
            case 0xE: r.chr[0] = value; break;
            case 0xF: r.chr[1] = value; break;
            default: return;
        }
        map();
    }

    std::span<const Field> fields() const noexcept override { return kVrc1Fields; }
};

struct Vrc3Registers {
    std::uint64_t now;  // CPU cycle the counter was brought to
    std::uint16_t latch;
    std::uint16_t counter;
    std::uint8_t control;  // .....MEA: 8-bit mode, enable, enable after acknowledge
    std::uint8_t prg;
    std::uint8_t reserved[2];
};

constexpr Field kVrc3Fields[] = {
    NES_FIELD(Vrc3Registers, now),     NES_FIELD(Vrc3Registers, latch), NES_FIELD(Vrc3Registers, counter),
    NES_FIELD(Vrc3Registers, control), NES_FIELD(Vrc3Registers, prg),   NES_FIELD(Vrc3Registers, reserved),
};
static_assert(covers(kVrc3Fields, sizeof(Vrc3Registers)));

class Vrc3 final : public Board {
  public:
    explicit Vrc3(Cartridge& cartridge) noexcept : Board(cartridge) { counts_cpu_cycles = true; }

    void map() noexcept override {
        cart.map_prg_ram(0x6000, 8 * kKB, 0);
        cart.map_prg(0x8000, 16 * kKB, overlay<Vrc3Registers>().prg & 7);
        cart.map_prg(0xC000, 16 * kKB, -1);
        cart.map_chr(0x0000, 8 * kKB, 0);
        cart.mirror(cart.rom->mirroring);
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        if (address < 0x8000) return;
        run_to(cycle);
        auto& r = overlay<Vrc3Registers>();
        switch (address >> 12) {
            case 0x8:
            case 0x9:
            case 0xA:
            case 0xB: {
                const unsigned shift = (address >> 12 & 3u) * 4;
                r.latch = static_cast<std::uint16_t>((r.latch & ~(0xFu << shift)) | (value & 0xFu) << shift);
                break;
            }
            case 0xC:
                cart.state->irq = 0;
                r.control = value & 7;
                if ((value & 2) != 0) r.counter = r.latch;
                break;
            case 0xD:
                cart.state->irq = 0;
                r.control = static_cast<std::uint8_t>((r.control & 5) | (r.control & 1) << 1);
                break;
            case 0xF:
                r.prg = value;
                map();
                break;
            default: break;
        }
    }

    void run_to(std::uint64_t cycle) noexcept override {
        auto& r = overlay<Vrc3Registers>();
        const std::uint64_t cycles = elapsed(r.now, cycle);
        if ((r.control & 2) == 0) return;
        // In 8-bit mode the upper half neither counts nor is reloaded.
        const std::uint32_t limit = limit_of(r);
        const std::uint32_t counter = r.counter & (limit - 1);
        const std::uint32_t latch = r.latch & (limit - 1);
        const std::uint64_t to_overflow = limit - counter;
        std::uint64_t next = counter + cycles;
        if (cycles >= to_overflow) {
            cart.state->irq = 1;
            next = latch + (cycles - to_overflow) % (limit - latch);
        }
        r.counter = static_cast<std::uint16_t>((r.counter & ~(limit - 1)) | next);
    }

    std::uint64_t next_irq() const noexcept override {
        const auto& r = overlay<Vrc3Registers>();
        if ((r.control & 2) == 0) return kNever;
        const std::uint32_t limit = limit_of(r);
        return r.now + (limit - (r.counter & (limit - 1)));
    }

    std::span<const Field> fields() const noexcept override { return kVrc3Fields; }

  private:
    static std::uint32_t limit_of(const Vrc3Registers& r) noexcept { return (r.control & 4) != 0 ? 0x100 : 0x10000; }
};

}  // namespace

std::unique_ptr<Board> make_vrc1(Cartridge& cart) { return std::make_unique<Vrc1>(cart); }
std::unique_ptr<Board> make_vrc3(Cartridge& cart) { return std::make_unique<Vrc3>(cart); }

}  // namespace nes::boards
