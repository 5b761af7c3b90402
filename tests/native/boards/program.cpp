#include "program.hpp"

#include <algorithm>

namespace nes::test {
namespace {

// RAM: $00-$3F what the program remembers, $0200 code, $0700 sprites.
constexpr unsigned kFrames = 0x10;
constexpr unsigned kInterrupts = 0x11;
constexpr unsigned kCode = 0x0200;
constexpr unsigned kCodeSize = 0x0500;
constexpr unsigned kSprites = 0x0700;

constexpr unsigned kPage = 2048;
constexpr unsigned kCodeInPage = 0x010;
constexpr unsigned kStartInPage = 0x720;

class Assembler {
  public:
    explicit Assembler(unsigned origin) : origin_(origin) {}

    template <class... Bytes>
    void emit(Bytes... bytes) {
        (code_.push_back(static_cast<std::uint8_t>(bytes)), ...);
    }
    /// An instruction with an absolute address.
    void absolute(unsigned opcode, unsigned address) { emit(opcode, address & 0xFF, address >> 8); }
    void store(unsigned address, unsigned value) {
        emit(0xA9, value);
        absolute(0x8D, address);
    }
    unsigned here() const { return origin_ + static_cast<unsigned>(code_.size()); }
    std::size_t size() const { return code_.size(); }
    void patch(std::size_t place, unsigned address) {
        code_[place] = static_cast<std::uint8_t>(address & 0xFF);
        code_[place + 1] = static_cast<std::uint8_t>(address >> 8);
    }
    const std::vector<std::uint8_t>& code() const { return code_; }

  private:
    unsigned origin_;
    std::vector<std::uint8_t> code_;
};

/// Where the boards have their registers: mostly at round addresses, in the low bits of which they tell them apart.
unsigned register_address(Noise& noise) {
    static constexpr std::uint16_t kLow[] = {0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0x10, 0x18, 0x30};
    const unsigned low = kLow[noise.next(std::size(kLow))];
    switch (noise.next(12)) {
        case 0: return 0x5000 | noise.next(16) << 8 | low;
        case 1: return 0x5100 + noise.next(0x40);
        case 2: return 0x6000 + noise.next(0x2000);
        case 3: return 0x7EF0 + noise.next(16);
        case 4: return 0x8000 + noise.next(0x8000);
        case 5: return 0x4020 + noise.next(0xFE0);
        default: return 0x8000 | noise.next(8) << 12 | (noise.next(3) == 0 ? 0x800u : 0u) | low;
    }
}

unsigned value(Noise& noise) { return noise.next(3) == 0 ? noise.next(16) : noise.next(256); }

/// Starts the board's own interrupt counter, by the book.
void start_counter(Assembler& code, Noise& noise, unsigned mapper) {
    switch (mapper) {
        case 5:
            code.store(0x5203, 1 + noise.next(230));
            code.store(0x5204, 0x80);
            return;
        case 6:
        case 8:
        case 12: code.store(0x4025, 0x80); return;
        case 17:
            code.store(0x4500, 0x47 | (noise.next(2) << 3));
            code.store(0x4502, noise.next(256));
            code.store(0x4503, 0xFC | noise.next(4));
            return;
        case 35:
        case 90:
        case 209:
        case 211:
        case 282:
            code.store(0xC006, noise.next(256));
            code.store(0xC005, noise.next(256));
            code.store(0xC001, (noise.next(2) != 0 ? 0x40 : 0x80) | noise.next(8));
            code.store(0xC003, 0);
            return;
        case 40:
            code.store(0x8000, 0);
            code.store(0xA000, 0);
            return;
        case 42:
            code.store(0xE002, 0);
            code.store(0xE002, 2);
            return;
        case 43: code.store(0x4122, 1); return;
        case 50: code.store(0x4120, 1); return;
        case 56:
        case 142:
            for (const unsigned base : {0x8000, 0x9000}) code.store(base, noise.next(16));
            for (const unsigned base : {0xA000, 0xB000}) code.store(base, 0x0F);
            code.store(0xC000, 2);
            return;
        case 83:
            code.store(0x8100, 0x80 | (noise.next(2) << 6));
            code.store(0x8200, noise.next(256));
            code.store(0x8201, noise.next(2) != 0 ? 0xFC : 0x02);
            return;
        case 91:
            code.store(0x6006, noise.next(256));
            code.store(0x6007, noise.next(8));
            code.store(0x7007, 0);
            return;
        case 106:
            code.store(0x800E, noise.next(256));
            code.store(0x800F, 0xFC | noise.next(4));
            return;
        case 561:
            code.store(0x4100, noise.next(256));
            code.store(0x4101, 0xFC | noise.next(4));
            return;
        case 562:
            code.store(0x440C, 0);
            code.store(0x440D, noise.next(256));
            code.store(0x440C, 0x80 | noise.next(4));
            return;
        case 16:
        case 153:
        case 157:
        case 159:
            for (const unsigned base : {0x6000, 0x8000}) {
                code.store(base + 11, noise.next(256));
                code.store(base + 12, noise.next(4));
                code.store(base + 10, 1);
            }
            return;
        case 18:
            code.store(0xE000, noise.next(16));
            code.store(0xE001, noise.next(16));
            code.store(0xE002, noise.next(4));
            code.store(0xE003, 0);
            code.store(0xF000, 0);
            code.store(0xF001, 1 | noise.next(16));
            return;
        case 19:
            code.store(0x5000, noise.next(256));
            code.store(0x5800, 0xF0 | noise.next(16));
            return;
        case 21:
        case 23:
        case 24:
        case 25:
        case 26:
        case 85: {
            // Whatever address lines the chip is wired to: latch and control take the same value, counting cycles.
            const unsigned count = 0x07 | (noise.next(2) << 3);
            for (const unsigned low : {0x00, 0x08, 0x10, 0x04, 0x0C, 0x02, 0x01, 0x03}) code.store(0xF000 + low, count);
            code.store(0xE008, count);
            code.store(0xE010, count);
            code.store(0xF000, count);
            return;
        }
        case 48:
            code.store(0xC000, 0xFF - noise.next(60));
            code.store(0xC001, 0);
            code.store(0xC002, 0);
            return;
        case 65:
            code.store(0x9005, noise.next(4));
            code.store(0x9006, noise.next(256));
            code.store(0x9004, 0);
            code.store(0x9003, 0x80);
            return;
        case 67:
            code.store(0xC800, noise.next(4));
            code.store(0xC800, noise.next(256));
            code.store(0xD800, 0x10);
            return;
        case 69:
            code.store(0x8000, 0x0E);
            code.store(0xA000, noise.next(256));
            code.store(0x8000, 0x0F);
            code.store(0xA000, noise.next(4));
            code.store(0x8000, 0x0D);
            code.store(0xA000, 0x81);
            return;
        case 73:
            code.store(0x8000, noise.next(16));
            code.store(0x9000, noise.next(16));
            code.store(0xA000, 0x0F);
            code.store(0xB000, 0x0F);
            code.store(0xC000, 3 | (noise.next(2) << 2));
            return;
        default:  // the MMC3, and what looks like it
            code.store(0xC000, noise.next(40));
            code.store(0xC001, noise.next(2));
            code.store(0xE001, 0);
            return;
    }
}

void random_operation(Assembler& code, Noise& noise, unsigned mapper) {
    switch (noise.next(24)) {
        default: code.store(register_address(noise), value(noise)); break;
        case 9:
            code.absolute(0xAD, register_address(noise));
            code.emit(0x85, 0x20 + noise.next(16));
            break;
        case 10:  // writes twice in a row
            code.absolute(noise.next(2) != 0 ? 0xEE : 0x0E, register_address(noise));
            break;
        case 11:
        case 12:
        case 13: start_counter(code, noise, mapper); break;
        case 14:
            code.absolute(0x2C, 0x2002);
            code.store(0x2005, noise.next(256));
            code.store(0x2005, noise.next(256));
            break;
        case 15:
            code.absolute(0x2C, 0x2002);
            code.store(0x2006, noise.next(0x40));
            code.store(0x2006, noise.next(256));
            code.store(0x2007, noise.next(256));
            code.absolute(0xAD, 0x2007);
            code.emit(0x85, 0x20 + noise.next(16));
            break;
        case 16: code.store(0x2000, 0x80 | noise.next(128)); break;
        case 17: code.store(0x2001, noise.next(3) == 0 ? noise.next(256) : 0x1E); break;
        case 18: code.store(0x4014, kSprites >> 8); break;
        case 19: code.store(0x4010 + noise.next(8), noise.next(256)); break;
        case 20:
            code.store(0x4016, noise.next(8));
            code.absolute(0xAD, 0x4016 + noise.next(2));
            code.emit(0x45, 0x30, 0x85, 0x30);
            break;
        case 21:  // a while
            code.emit(0xA2, noise.next(256), 0xCA, 0xD0, 0xFD);
            break;
        case 22:  // the next vertical blank's interrupt
            code.store(0x2000, 0x80 | noise.next(128));
            code.emit(0xA5, kFrames, 0xC5, kFrames, 0xF0, 0xFC);
            break;
        case 23: code.emit(0x58); break;  // CLI
    }
}

/// Handlers first, at fixed addresses: NMI at kCode, IRQ behind a jump at kCode + 3.
std::vector<std::uint8_t> make_code(Noise& noise, unsigned mapper) {
    Assembler code(kCode);
    code.absolute(0x4C, 0);
    code.absolute(0x4C, 0);
    const unsigned start = code.here();
    // Vertical blank twice, then palette, nametables and sprites.
    for (int i = 0; i < 2; ++i) {
        code.absolute(0x2C, 0x2002);
        code.emit(0x10, 0xFB);
    }
    code.store(0x2006, 0x3F);
    code.store(0x2006, 0x00);
    code.emit(0xA2, 0x20);
    code.emit(0x8A, 0x49, noise.next(256));
    code.absolute(0x8D, 0x2007);
    code.emit(0xCA, 0xD0, 0xF7);
    code.store(0x2006, 0x20);
    code.store(0x2006, 0x00);
    code.emit(0xA0, 0x08, 0xA2, 0x00);
    code.emit(0x8A, 0x49, noise.next(256));
    code.absolute(0x8D, 0x2007);
    code.emit(0xCA, 0xD0, 0xF7, 0x88, 0xD0, 0xF4);
    code.emit(0xA2, 0x00, 0x8A, 0x0A, 0x49, noise.next(256));
    code.absolute(0x9D, kSprites);
    code.emit(0xE8, 0xD0, 0xF6);
    code.store(0x2000, 0x80 | noise.next(64));
    code.store(0x2001, 0x1E);
    code.store(0x4017, noise.next(2) != 0 ? 0x40 : 0x00);
    code.emit(0x58);
    const unsigned loop = code.here();

    Assembler nmi(0);
    nmi.emit(0x48, 0xE6, kFrames);
    if (noise.next(2) != 0) nmi.store(0x4014, kSprites >> 8);
    if (noise.next(2) != 0) nmi.store(register_address(noise), value(noise));
    nmi.store(0x2005, noise.next(256));
    nmi.store(0x2005, noise.next(240));
    nmi.emit(0xEE, (kSprites + 3) & 0xFF, kSprites >> 8, 0x68, 0x40);

    // Silences every kind of counter there is, and leaves the rest of its turn to the program.
    Assembler irq(0);
    irq.emit(0x48, 0xE6, kInterrupts);
    irq.absolute(0xAD, 0x4015);
    irq.absolute(0xAD, 0x5204);
    irq.emit(0xA9, noise.next(4));
    for (const unsigned address :
         {0xE000, 0xF002, 0xF003, 0xF001, 0xF010, 0xF008, 0x5000, 0x5800, 0x800A, 0xD000, 0x9003, 0xC003,
          0xD800, 0xC002, 0x8200, 0x800D, 0xE002, 0x7006, 0x4024, 0x4120, 0x4122, 0x4501, 0x440C}) {
        irq.absolute(0x8D, address);
    }
    irq.store(0x4101, 0x00);
    irq.store(0x8000, 0x0D);
    irq.store(0xA000, 0x00);
    // The handler's own copy of the status register gets I, so that the program goes on even when nothing helped.
    irq.emit(0xBA);
    irq.absolute(0xBD, 0x0102);
    irq.emit(0x09, 0x04);
    irq.absolute(0x9D, 0x0102);
    irq.emit(0x68, 0x40);

    // X belongs to the program's delay loops: the handler of an interrupt must give it back.
    std::vector<std::uint8_t> irq_code = irq.code();
    const auto tsx = std::find(irq_code.begin(), irq_code.end(), std::uint8_t{0xBA});
    const auto place = static_cast<std::size_t>(tsx - irq_code.begin());
    const std::vector<std::uint8_t> keep{0x86, 0x3F};
    const std::vector<std::uint8_t> give_back{0xA6, 0x3F};
    irq_code.insert(irq_code.begin() + static_cast<std::ptrdiff_t>(place), keep.begin(), keep.end());
    irq_code.insert(irq_code.end() - 2, give_back.begin(), give_back.end());

    while (code.size() + nmi.size() + irq_code.size() + 80 < kCodeSize) random_operation(code, noise, mapper);
    code.absolute(0x4C, loop);
    code.patch(1, code.here());
    for (const std::uint8_t byte : nmi.code()) code.emit(byte);
    code.patch(4, code.here());
    for (const std::uint8_t byte : irq_code) code.emit(byte);
    // Every page begins at `start`; the two jumps lie before it.
    CHECK_EQ(start, kCode + 6);
    CHECK(code.size() <= kCodeSize);
    return code.code();
}

}  // namespace

std::vector<std::uint8_t> build_program(const Image& image, std::uint32_t seed) {
    Noise noise(seed);
    std::vector<std::uint8_t> file = build(image);
    const std::vector<std::uint8_t> code = make_code(noise, image.mapper);
    const std::size_t chr_start = 16 + std::size_t{image.prg} * 1024;

    Assembler start(0xF800 + kStartInPage);
    start.emit(0x78, 0xD8, 0xA2, 0xFF, 0x9A, 0xA2, 0x00);
    for (unsigned block = 0; block < (kCodeSize >> 8); ++block) {
        start.absolute(0xBD, 0xF800 + kCodeInPage + (block << 8));
        start.absolute(0x9D, kCode + (block << 8));
    }
    start.emit(0xE8, 0xD0, 256 - 3 - 6 * (kCodeSize >> 8));
    start.absolute(0x4C, kCode + 6);

    for (std::size_t page = 16; page < chr_start; page += kPage) {
        std::copy(code.begin(), code.end(), file.begin() + static_cast<std::ptrdiff_t>(page + kCodeInPage));
        std::copy(start.code().begin(), start.code().end(),
                  file.begin() + static_cast<std::ptrdiff_t>(page + kStartInPage));
        const unsigned vectors[3] = {kCode, 0xF800 + kStartInPage, kCode + 3};
        for (unsigned i = 0; i < 3; ++i) {
            file[page + 0x7FA + 2 * i] = static_cast<std::uint8_t>(vectors[i] & 0xFF);
            file[page + 0x7FB + 2 * i] = static_cast<std::uint8_t>(vectors[i] >> 8);
        }
        for (unsigned i = 2; i < kCodeInPage; ++i) file[page + i] = static_cast<std::uint8_t>(noise.next(256));
    }
    for (std::size_t i = chr_start; i < file.size(); ++i) {
        // Half of the rows are empty, so that sprites and background meet here and there.
        file[i] = static_cast<std::uint8_t>(noise.next(2) != 0 ? noise.next(256) : 0);
    }
    return file;
}

}  // namespace nes::test
