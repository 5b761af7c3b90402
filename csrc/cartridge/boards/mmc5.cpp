// MMC5 (ExROM, mapper 5): it answers every read of the PPU itself, since what it shows depends on what is being fetched.
// NESdev "MMC5", "MMC5 audio". What a program can notice of the sound is here, the waveforms are in audio/mmc5.cpp.
#include <algorithm>
#include <iterator>
#include <utility>

#include "audio/mmc5.hpp"
#include "cartridge/boards/common.hpp"
#include "ppu/ppu_state.hpp"

namespace nes::boards {
namespace {

struct Mmc5Registers {
    std::uint64_t last_read;       // dot of the PPU's last read
    std::uint16_t chr[12];         // $5120-$512B, with bits 8 and 9 from $5130
    std::uint16_t last_nametable;  // address of the PPU's last read, when it was in a nametable
    std::uint8_t same_reads;       // how many reads before the last one were of the same nametable byte
    std::uint8_t in_frame;         // lines are being drawn
    std::uint8_t line;             // lines begun since in_frame was set
    std::uint8_t irq_line;         // $5203
    std::uint8_t irq_enabled;      // $5204 bit 7
    std::uint8_t irq_pending;
    std::uint8_t prg_mode;         // $5100
    std::uint8_t chr_mode;         // $5101
    std::uint8_t ram_protect[2];   // $5102, $5103
    std::uint8_t exram_mode;       // $5104
    std::uint8_t nametables;       // $5105
    std::uint8_t fill_tile;        // $5106
    std::uint8_t fill_attribute;   // $5107
    std::uint8_t prg[5];           // $5113-$5117
    std::uint8_t chr_upper;        // $5130
    std::uint8_t background_last;  // the last CHR register written was one of $5128-$512B
    std::uint8_t split_control;    // $5200
    std::uint8_t split_scroll;     // $5201
    std::uint8_t split_bank;       // $5202
    std::uint8_t factor[2];        // $5205, $5206
    std::uint8_t tile_exram;       // ExRAM's byte of the tile that is being fetched
    std::uint8_t sound[22];        // $5000-$5015; $5011 as it was played last
    std::uint8_t sample_ended;     // the last sample was 0
    std::uint8_t reserved[4];
    Mmc5PulseState pulses;
};

constexpr Field kMmc5Fields[] = {
    NES_FIELD(Mmc5Registers, last_read),
    NES_FIELD(Mmc5Registers, chr),
    NES_FIELD(Mmc5Registers, last_nametable),
    NES_FIELD(Mmc5Registers, same_reads),
    NES_FIELD(Mmc5Registers, in_frame),
    NES_FIELD(Mmc5Registers, line),
    NES_FIELD(Mmc5Registers, irq_line),
    NES_FIELD(Mmc5Registers, irq_enabled),
    NES_FIELD(Mmc5Registers, irq_pending),
    NES_FIELD(Mmc5Registers, prg_mode),
    NES_FIELD(Mmc5Registers, chr_mode),
    NES_FIELD(Mmc5Registers, ram_protect),
    NES_FIELD(Mmc5Registers, exram_mode),
    NES_FIELD(Mmc5Registers, nametables),
    NES_FIELD(Mmc5Registers, fill_tile),
    NES_FIELD(Mmc5Registers, fill_attribute),
    NES_FIELD(Mmc5Registers, prg),
    NES_FIELD(Mmc5Registers, chr_upper),
    NES_FIELD(Mmc5Registers, background_last),
    NES_FIELD(Mmc5Registers, split_control),
    NES_FIELD(Mmc5Registers, split_scroll),
    NES_FIELD(Mmc5Registers, split_bank),
    NES_FIELD(Mmc5Registers, factor),
    NES_FIELD(Mmc5Registers, tile_exram),
    NES_FIELD(Mmc5Registers, sound),
    NES_FIELD(Mmc5Registers, sample_ended),
    NES_FIELD(Mmc5Registers, reserved),
    NES_FIELD(Mmc5Registers, pulses.clocks),
    NES_FIELD(Mmc5Registers, pulses.length),
    NES_FIELD(Mmc5Registers, pulses.decay),
    NES_FIELD(Mmc5Registers, pulses.divider),
    NES_FIELD(Mmc5Registers, pulses.start),
    NES_FIELD(Mmc5Registers, pulses.restarts),
    NES_FIELD(Mmc5Registers, pulses.reserved),
};
static_assert(covers(kMmc5Fields, sizeof(Mmc5Registers)));

// The chip takes the picture to be over when the PPU has not read for three CPU cycles.
constexpr std::uint64_t kIdleDots = 9;
constexpr unsigned kAttributes = 0x3C0;
constexpr unsigned kPictureLines = 240;
constexpr unsigned kRows = 30;
constexpr std::uint16_t kSamples = 0x8000, kSamplesEnd = 0xC000;
constexpr unsigned kCpuPage = 1u << Cartridge::kCpuPageBits;

/// An attribute byte that gives the same palette whichever of its four quarters is looked at.
constexpr std::uint8_t everywhere(unsigned palette) { return static_cast<std::uint8_t>((palette & 3) * 0x55); }

class Mmc5 final : public Board {
  public:
    explicit Mmc5(Cartridge& cartridge) noexcept : Board(cartridge) { watches_ppu_bus = watches_nmi_vector = true; }

    void power_on() noexcept override {
        auto& r = regs();
        // Games count on 8 KB banks with the last one at the top; the rest is not defined.
        r.prg_mode = 3;
        r.chr_mode = 3;
        r.prg[4] = 0xFF;
        r.irq_line = 0;
    }

    std::unique_ptr<ExpansionSound> make_sound() const override {
        return make_mmc5_sound(regs().sound, &regs().pulses);
    }

    void map() noexcept override {
        map_prg_banks();
        map_ppu();
    }

    const char* impossible_value(const std::uint8_t* registers, std::uint64_t clock,
                                 std::uint64_t cycle) const noexcept override {
        const auto& r = *reinterpret_cast<const Mmc5Registers*>(registers);
        if (r.last_read > clock) return "board.last_read";
        return is_possible(r.pulses, r.sound, cycle) ? nullptr : "board.pulses";
    }

    std::uint8_t cpu_read(std::uint16_t address, std::uint8_t open_bus) noexcept override {
        const std::uint8_t value = cpu_peek(address, open_bus);
        if (address == 0x5010) {
            regs().sample_ended = 0;
            update_irq();
        } else if (address == 0x5204) {
            regs().irq_pending = 0;
            update_irq();
        } else if (samples_are_read() && address >= kSamples && address < kSamplesEnd) {
            play_sample(value);
        }
        return value;
    }

    std::uint8_t cpu_peek(std::uint16_t address, std::uint8_t open_bus) const noexcept override {
        const auto& r = regs();
        const unsigned product = unsigned{r.factor[0]} * r.factor[1];
        switch (address) {
            case 0x5010: return static_cast<std::uint8_t>((sample_irq() ? 0x80 : 0) | (samples_are_read() ? 1 : 0));
            case 0x5015: return pulse_status();
            case 0x5204: return static_cast<std::uint8_t>((r.irq_pending != 0 ? 0x80 : 0) | (drawing_now() ? 0x40 : 0));
            case 0x5205: return static_cast<std::uint8_t>(product);
            case 0x5206: return static_cast<std::uint8_t>(product >> 8);
            default: break;
        }
        if (address >= 0x5C00 && address < 0x6000 && (r.exram_mode & 2) != 0) return exram()[address & 0x3FF];
        if (address >= kSamples && address < kSamplesEnd) {
            const std::uint8_t* const page = sample_page_[(address - kSamples) / kCpuPage];
            if (page != nullptr) return page[address % kCpuPage];
        }
        return open_bus;
    }

    void cpu_write(std::uint16_t address, std::uint8_t value, std::uint64_t cycle) noexcept override {
        if (address >= 0x5C00 && address < 0x6000) {
            write_exram(address & 0x3FFu, value);
        } else if (address == 0x5011) {
            if (!samples_are_read()) play_sample(value);
        } else if (address >= 0x5000 && address <= 0x5015) {
            auto& r = regs();
            advance_mmc5_pulses(r.pulses, r.sound, cycle / kMmc5ClockCycles);
            r.sound[address & 0x1F] = value;
            write_mmc5_pulse(r.pulses, r.sound, address & 0x1F);
            if (address == 0x5010) {
                update_irq();
                map_prg_banks();
            }
        } else if (address >= 0x5100 && address <= 0x5130) {
            write_banks(address, value);
        } else if (address >= 0x5200 && address <= 0x5206) {
            write_counters(address, value);
        }
    }

    /// The interrupt of vertical blank: the picture is over, and so is the wait for a line of it.
    void nmi_vector_read() noexcept override {
        leave_frame();
        regs().irq_pending = 0;
        update_irq();
    }

    std::uint8_t ppu_read(std::uint16_t address, std::uint8_t) noexcept override {
        watch(address);
        auto& r = regs();
        if (fetch() == Fetch::background && address >= 0x2000 && (address & 0x3FF) < kAttributes) {
            r.tile_exram = exram()[address & 0x3FF];
        }
        return look(address);
    }
    std::uint8_t ppu_peek(std::uint16_t address, std::uint8_t) const noexcept override { return look(address); }

    std::span<const Field> fields() const noexcept override { return kMmc5Fields; }

  private:
    enum class Fetch : std::uint8_t { cpu, background, sprite };

    Mmc5Registers& regs() const noexcept { return overlay<Mmc5Registers>(); }
    /// The 1 KB inside the chip lies where boards with four nametables have theirs.
    std::uint8_t* exram() const noexcept { return cart.ciram + 2 * kKB; }

    // --- what the chip sees of the PPU ---

    bool rendering() const noexcept { return cart.ppu != nullptr && (cart.ppu->mask & 0x18) != 0; }
    bool tall_sprites() const noexcept { return cart.ppu != nullptr && (cart.ppu->ppuctrl & 0x20) != 0; }

    /// What the PPU reads for in this dot: background or sprites.
    Fetch fetch() const noexcept {
        if (!rendering()) return Fetch::cpu;
        const unsigned line = cart.ppu->scanline;
        if (line >= kPictureLines && line != cart.prerender_line) return Fetch::cpu;
        return cart.ppu->dot >= 257 && cart.ppu->dot <= 320 ? Fetch::sprite : Fetch::background;
    }

    bool drawing_now() const noexcept {
        const auto& r = regs();
        return r.in_frame != 0 && rendering() && cart.ppu->clock - r.last_read <= kIdleDots;
    }

    /// Finds the beginnings of lines: the last two fetches of a line and the first of the next are of the same byte.
    void watch(std::uint16_t address) noexcept {
        auto& r = regs();
        const std::uint64_t dot = cart.ppu != nullptr ? cart.ppu->clock : 0;
        if (dot - r.last_read > kIdleDots) leave_frame();
        r.last_read = dot;
        if (r.same_reads == 2) begin_line();
        const bool same = address >= 0x2000 && address == r.last_nametable;
        r.same_reads = same ? static_cast<std::uint8_t>(r.same_reads + 1) : 0;
        r.last_nametable = address >= 0x2000 ? address : 0;
    }

    void leave_frame() noexcept {
        auto& r = regs();
        r.in_frame = 0;
        r.same_reads = 0;
        r.last_nametable = 0;
    }

    void begin_line() noexcept {
        auto& r = regs();
        r.same_reads = 0;
        if (r.in_frame == 0) {
            r.in_frame = 1;
            r.line = 0;
            r.irq_pending = 0;
        } else {
            ++r.line;
            if (r.line == r.irq_line) r.irq_pending = 1;
        }
        update_irq();
    }

    void update_irq() noexcept {
        cart.state->irq = (regs().irq_pending != 0 && regs().irq_enabled != 0) || sample_irq();
    }

    // --- samples ---

    /// Every byte that the CPU reads in $8000-$BFFF goes to the DAC.
    bool samples_are_read() const noexcept { return (regs().sound[0x10] & 1) != 0; }
    bool sample_irq() const noexcept { return regs().sample_ended != 0 && (regs().sound[0x10] & 0x80) != 0; }

    /// 0 is no level but the end.
    void play_sample(std::uint8_t value) noexcept {
        auto& r = regs();
        if (value != 0) r.sound[0x11] = value;
        r.sample_ended = value == 0;
        update_irq();
    }

    std::uint8_t pulse_status() const noexcept {
        const auto& r = regs();
        Mmc5PulseState now = r.pulses;
        if (cart.ppu != nullptr) {
            advance_mmc5_pulses(now, r.sound, cart.dots.cycle_of(cart.ppu->clock) / kMmc5ClockCycles);
        }
        return static_cast<std::uint8_t>((now.length[0] != 0 ? 1 : 0) | (now.length[1] != 0 ? 2 : 0));
    }

    // --- what the PPU sees of the chip ---

    std::uint8_t look(std::uint16_t address) const noexcept {
        const auto& r = regs();
        const Fetch who = fetch();
        if (who == Fetch::background) {
            unsigned column = 0;
            unsigned y = 0;
            if (in_split(column, y)) return look_split(address, column, y);
            if ((r.exram_mode & 3) == 1) {
                if (address < 0x2000) {
                    return chr_byte(unsigned{r.chr_upper & 3u} << 6 | (r.tile_exram & 0x3Fu), address & 0xFFFu);
                }
                if ((address & 0x3FF) >= kAttributes) return everywhere(r.tile_exram >> 6);
            }
        }
        if (address >= 0x2000) return nametable_byte(address);
        const bool background =
            tall_sprites() && (who == Fetch::background || (who == Fetch::cpu && r.background_last != 0));
        const std::uint8_t* const page = chr_page_[background ? 1 : 0][address >> 10 & 7];
        return page != nullptr ? page[address & 0x3FF] : static_cast<std::uint8_t>(address);
    }

    std::uint8_t nametable_byte(std::uint16_t address) const noexcept {
        const auto& r = regs();
        const unsigned place = address & 0x3FFu;
        switch (r.nametables >> (address >> 10 & 3) * 2 & 3) {
            case 0: return cart.ciram[place];
            case 1: return cart.ciram[kKB + place];
            case 2: return (r.exram_mode & 2) == 0 ? exram()[place] : std::uint8_t{0};
            default: return place < kAttributes ? r.fill_tile : everywhere(r.fill_attribute);
        }
    }

    /// A byte of 4 KB bank `bank`.
    std::uint8_t chr_byte(unsigned bank, unsigned offset) const noexcept {
        const std::size_t size = cart.rom->chr.empty() ? cart.rom->chr_ram_size : cart.rom->chr.size();
        if (size == 0) return static_cast<std::uint8_t>(offset);
        const std::uint8_t* const chip = cart.rom->chr.empty() ? cart.chr_ram : cart.rom->chr.data();
        return chip[(std::size_t{bank} * 4 * kKB + offset) % size];
    }

    /// Whether the tile being fetched lies in the split-off part of the screen; its column there, and the row of pixels.
    bool in_split(unsigned& column, unsigned& y) const noexcept {
        const auto& r = regs();
        if ((r.split_control & 0x80) == 0 || (r.exram_mode & 2) != 0) return false;
        const unsigned dot = cart.ppu->dot;
        // Two tiles of a line are fetched at the end of the line before.
        const bool ahead = dot > 320;
        column = ahead ? (dot - 321) >> 3 : (dot == 0 ? 0u : (dot - 1) >> 3) + 2;
        unsigned line = cart.ppu->scanline + (ahead ? 1u : 0u);
        if (line > kPictureLines) line = 0;
        y = (line + r.split_scroll) % (kRows * 8);
        const unsigned border = r.split_control & 0x1Fu;
        return (r.split_control & 0x40) != 0 ? column >= border : column < border;
    }

    std::uint8_t look_split(std::uint16_t address, unsigned column, unsigned y) const noexcept {
        const unsigned x = column & 31;
        if (address < 0x2000) return chr_byte(regs().split_bank, (address & 0xFF8u) | (y & 7));
        if ((address & 0x3FF) < kAttributes) return exram()[(y >> 3) * 32 + x];
        const std::uint8_t attributes = exram()[kAttributes + (y >> 5) * 8 + (x >> 2)];
        return everywhere(attributes >> ((y >> 2 & 4) | (x & 2)));
    }

    // --- registers ---

    void write_exram(unsigned place, std::uint8_t value) noexcept {
        switch (regs().exram_mode & 3) {
            case 0:
            case 1: exram()[place] = drawing_now() ? value : std::uint8_t{0}; break;
            case 2: exram()[place] = value; break;
            default: break;
        }
    }

    void write_banks(std::uint16_t address, std::uint8_t value) noexcept {
        auto& r = regs();
        if (address >= 0x5120 && address <= 0x512B) {
            r.chr[address - 0x5120] = static_cast<std::uint16_t>((r.chr_upper & 3u) << 8 | value);
            r.background_last = address >= 0x5128;
            map_ppu();
            return;
        }
        switch (address) {
            case 0x5100: r.prg_mode = value; break;
            case 0x5101: r.chr_mode = value; break;
            case 0x5102: r.ram_protect[0] = value; break;
            case 0x5103: r.ram_protect[1] = value; break;
            case 0x5104: r.exram_mode = value; break;
            case 0x5105: r.nametables = value; break;
            case 0x5106: r.fill_tile = value; return;
            case 0x5107: r.fill_attribute = value; return;
            case 0x5113:
            case 0x5114:
            case 0x5115:
            case 0x5116:
            case 0x5117: r.prg[address - 0x5113] = value; break;
            case 0x5130: r.chr_upper = value; return;
            default: return;
        }
        map();
    }

    void write_counters(std::uint16_t address, std::uint8_t value) noexcept {
        auto& r = regs();
        switch (address) {
            case 0x5200: r.split_control = value; break;
            case 0x5201: r.split_scroll = value; break;
            case 0x5202: r.split_bank = value; break;
            case 0x5203: r.irq_line = value; break;
            case 0x5204:
                r.irq_enabled = value >> 7;
                update_irq();
                break;
            default: r.factor[address - 0x5205] = value; break;
        }
    }

    // --- banks ---

    /// An 8 KB window of RAM: two chips of up to 32 KB, the second of them selected by bit 2, or one that is larger.
    void map_ram(std::uint16_t address, unsigned bank) noexcept {
        const auto& r = regs();
        const unsigned banks = cart.rom->prg_ram_size / (8 * kKB);
        const bool writable = (r.ram_protect[0] & 3) == 2 && (r.ram_protect[1] & 3) == 1;
        if (banks <= 4) bank &= 7;
        if (banks == 2) {
            bank >>= 2;  // two chips of 8 KB
        } else if (banks <= 4 && bank >= 4) {
            cart.unmap_cpu(address, 8 * kKB);  // the second chip is not there
            return;
        }
        cart.map_prg_ram(address, 8 * kKB, static_cast<int>(bank), writable);
    }

    /// `count` windows of 8 KB from one register, whose bits below the window's size do not count.
    void map_window(std::uint16_t address, unsigned count, std::uint8_t bank, bool rom_only = false) noexcept {
        for (unsigned i = 0; i < count; ++i) {
            const auto where = static_cast<std::uint16_t>(address + i * 8 * kKB);
            const unsigned number = (bank & 0x7Fu & ~(count - 1)) | i;
            if (rom_only || (bank & 0x80) != 0) {
                cart.map_prg(where, 8 * kKB, static_cast<int>(number));
            } else {
                map_ram(where, number);
            }
        }
    }

    void map_prg_banks() noexcept {
        const auto& r = regs();
        map_ram(0x6000, r.prg[0]);
        switch (r.prg_mode & 3) {
            case 0: map_window(0x8000, 4, r.prg[4], true); break;
            case 1:
                map_window(0x8000, 2, r.prg[2]);
                map_window(0xC000, 2, r.prg[4], true);
                break;
            case 2:
                map_window(0x8000, 2, r.prg[2]);
                map_window(0xC000, 1, r.prg[3]);
                map_window(0xE000, 1, r.prg[4], true);
                break;
            default:
                map_window(0x8000, 1, r.prg[1]);
                map_window(0xA000, 1, r.prg[2]);
                map_window(0xC000, 1, r.prg[3]);
                map_window(0xE000, 1, r.prg[4], true);
                break;
        }
        if (!samples_are_read()) return;
        // A page that is not mapped sends every read to cpu_read, which feeds the DAC.
        for (unsigned i = 0; i < std::size(sample_page_); ++i) {
            sample_page_[i] = std::exchange(cart.cpu_read_page[kSamples / kCpuPage + i], nullptr);
        }
    }

    /// One of the two sets of CHR banks. The set of the background has four registers, for either pattern table.
    void map_chr_set(bool background) noexcept {
        const auto& r = regs();
        const unsigned pages = 8u >> (r.chr_mode & 3);  // in one bank
        for (unsigned first = 0; first < 8; first += pages) {
            const unsigned last = first + pages - 1;
            const unsigned number = r.chr[background ? 8 + (last & 3) : last];
            cart.map_chr(static_cast<std::uint16_t>(first * kKB), pages * kKB, static_cast<int>(number));
        }
        std::copy_n(cart.ppu_read_page.begin(), 8, chr_page_[background ? 1 : 0]);
    }

    /// Maps nothing for reads, so that each goes through ppu_read; writes to RAM are direct.
    void map_ppu() noexcept {
        const auto& r = regs();
        map_chr_set(true);
        map_chr_set(false);
        for (unsigned page = 0; page < 8; ++page) cart.map_ppu_page(page, nullptr, cart.ppu_write_page[page]);
        for (unsigned slot = 0; slot < 4; ++slot) {
            const unsigned source = r.nametables >> slot * 2 & 3u;
            std::uint8_t* memory = nullptr;
            if (source < 2) memory = cart.ciram + source * kKB;
            if (source == 2 && (r.exram_mode & 2) == 0) memory = exram();
            cart.map_ppu_page(8 + slot, nullptr, memory);
        }
    }

    const std::uint8_t* chr_page_[2][8] = {};  // derived: sprites, background
    // Derived: what lies where samples are read from.
    const std::uint8_t* sample_page_[(kSamplesEnd - kSamples) / kCpuPage] = {};
};

}  // namespace

std::unique_ptr<Board> make_mmc5(Cartridge& cart) { return std::make_unique<Mmc5>(cart); }

}  // namespace nes::boards
