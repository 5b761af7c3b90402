// How a random program is laid out, so that it goes on doing something whatever it does:
//
// - The kernel, with the vectors, lies in the last 8 KiB of every bank that can be mapped there. It sets up the PPU,
//   then goes round a main loop of sections of random blocks. Its NMI handler counts; when no section has begun for
//   some frames, the handler throws the stack away and goes on with the next one.
// - Every other 8 KiB is 32 routines of at most 256 bytes that run at any address and end with RTS, so that a call into
//   a switchable bank finds one whatever bank is there.
// - Zero page $00-$0F is the kernel's, the rest of RAM is for anybody; $0300-$03FF is for code.
#include "program.hpp"

#include <algorithm>
#include <array>

#include "random.hpp"

namespace lockstep {

namespace {

// Zero page of the kernel.
constexpr std::uint8_t kNmiCount = 0x00;  // one more in each NMI
constexpr std::uint8_t kNmiFlag = 0x01;   // $C0 since the last NMI
constexpr std::uint8_t kStuck = 0x02;     // NMIs since a section of the main loop began
constexpr std::uint8_t kIrqCount = 0x03;
constexpr std::uint8_t kPointer = 0x04;  // two bytes
constexpr std::uint8_t kFrame = 0x06;    // what the main loop remembers of kNmiCount
constexpr std::uint8_t kSection = 0x07;  // where the next section begins, two bytes
constexpr std::uint16_t kCodeRam = 0x0300;
constexpr std::uint16_t kKernel = 0xE000;
constexpr std::size_t kBank = 0x2000;
constexpr std::size_t kRoutine = 0x100;

enum class Mode { implied, immediate, zero_page, absolute, indirect, branch, stack, control, jam };

// The instruction set is regular but for a few: NESdev "CPU unofficial opcodes".
constexpr Mode mode_of(std::uint8_t opcode) {
    switch (opcode) {
        case 0x00:
        case 0x20:
        case 0x40:
        case 0x4C:
        case 0x60:
        case 0x6C: return Mode::control;
        case 0x08:
        case 0x28:
        case 0x48:
        case 0x68:
        case 0x9A:
        case 0x9B:
        case 0xBB: return Mode::stack;
        default: break;
    }
    switch (opcode & 0x1F) {
        case 0x00: return Mode::immediate;
        case 0x02: return opcode & 0x80 ? Mode::immediate : Mode::jam;
        case 0x12: return Mode::jam;
        case 0x09:
        case 0x0B: return Mode::immediate;
        case 0x01:
        case 0x03:
        case 0x11:
        case 0x13: return Mode::indirect;
        case 0x04:
        case 0x05:
        case 0x06:
        case 0x07:
        case 0x14:
        case 0x15:
        case 0x16:
        case 0x17: return Mode::zero_page;
        case 0x08:
        case 0x0A:
        case 0x18:
        case 0x1A: return Mode::implied;
        case 0x10: return Mode::branch;
        default: return Mode::absolute;
    }
}

/// Bytes of code at an address.
class Code {
  public:
    explicit Code(std::uint16_t origin) : origin_(origin) {}

    std::uint16_t here() const { return static_cast<std::uint16_t>(origin_ + bytes_.size()); }
    std::size_t size() const { return bytes_.size(); }
    const std::vector<std::uint8_t>& bytes() const { return bytes_; }

    void emit(std::initializer_list<unsigned> bytes) {
        for (const unsigned b : bytes) bytes_.push_back(static_cast<std::uint8_t>(b));
    }
    void word(std::uint8_t opcode, unsigned address) { emit({opcode, address & 0xFF, (address >> 8) & 0xFF}); }
    void branch(std::uint8_t opcode, std::uint16_t target) { emit({opcode, unsigned(target - here() - 2) & 0xFF}); }
    /// A branch forward; returns what `land` wants.
    std::size_t skip(std::uint8_t opcode) {
        emit({opcode, 0});
        return bytes_.size();
    }
    void land(std::size_t from) { bytes_[from - 1] = static_cast<std::uint8_t>(bytes_.size() - from); }
    void set(std::size_t at, unsigned value) { bytes_[at] = static_cast<std::uint8_t>(value); }
    void load_store(unsigned value, unsigned address) {
        emit({0xA9, value & 0xFF});
        word(0x8D, address);
    }

  private:
    std::uint16_t origin_;
    std::vector<std::uint8_t> bytes_;
};

struct BoardPlan {
    unsigned mapper;
    std::vector<unsigned> prg_banks;  // of 8 KiB
    std::vector<unsigned> chr_banks;  // of 8 KiB, 0 for CHR-RAM
    bool kernel_in_every_16k;         // the last 8 KiB of each 16 KiB, not of the ROM only
    unsigned weight;
};

const BoardPlan kBoards[] = {
    {0, {2, 4}, {1, 0}, true, 20}, {1, {16, 32}, {0, 16}, true, 12},  {2, {16}, {0}, true, 8},
    {3, {4}, {4}, true, 6},        {4, {16, 32}, {16, 0}, false, 16}, {7, {16}, {0}, true, 8},
    {5, {16}, {16}, false, 4},     {9, {16}, {16}, false, 4},         {10, {16}, {16}, false, 2},
    {19, {16}, {16}, false, 4},    {21, {16}, {16}, false, 2},        {24, {16}, {16}, false, 2},
    {34, {16}, {0}, true, 1},      {64, {16}, {16}, false, 2},        {65, {16}, {16}, false, 1},
    {66, {16}, {4}, true, 2},      {67, {16}, {16}, false, 1},        {69, {16}, {16}, false, 4},
    {71, {16}, {0}, true, 1},      {73, {16}, {0}, false, 1},         {85, {16}, {16}, false, 1},
    {118, {16}, {16}, false, 1},   {206, {16}, {8}, false, 1},        {17, {16}, {16}, true, 1},
    {45, {16}, {16}, false, 2},    {83, {16}, {16}, false, 1},        {90, {16}, {16}, true, 2},
    {115, {16}, {16}, false, 1},   {116, {16}, {16}, true, 1},        {195, {16}, {16}, false, 1},
    {268, {16}, {0}, false, 1},
};

const BoardPlan& choose_board(Random& random) {
    unsigned total = 0;
    for (const BoardPlan& board : kBoards) total += board.weight;
    unsigned left = random.below(total);
    for (const BoardPlan& board : kBoards) {
        if (left < board.weight) return board;
        left -= board.weight;
    }
    return kBoards[0];
}

class Writer {
  public:
    Writer(Random& random, const BoardPlan& board) : random_(random), board_(board) {
        wild_ = random.chance(25);
        writes_registers_ = random.between(3, 30);
        writes_board_ = random.between(0, 6);
    }

    std::vector<std::uint8_t> kernel();
    /// At most kRoutine bytes that end with RTS and run anywhere.
    std::vector<std::uint8_t> routine();

  private:
    bool coin() { return random_.chance(50); }
    unsigned ctrl() {
        return (random_.byte() & 0x3F) | (random_.chance(88) ? 0x80 : 0) | (random_.chance(2) ? 0x40 : 0);
    }
    unsigned mask() {
        switch (random_.below(8)) {
            case 0: return random_.byte();
            case 1: return 0;
            case 2: return random_.pick({0x08, 0x10, 0x0A, 0x14, 0x18});
            default: return 0x1E;
        }
    }
    unsigned zero_page_address() { return random_.chance(97) ? random_.between(0x10, 0xFF) : random_.below(0x10); }
    unsigned address();
    unsigned register_address() {
        const unsigned ppu = 0x2000 + random_.below(8) + (random_.chance(15) ? 8 * random_.below(0x400) : 0);
        return random_.chance(60) ? ppu : 0x4000 + random_.below(0x20);
    }

    void anything(Code& code, bool in_routine, unsigned room);
    void instruction(Code& code, bool in_routine);
    void ppu_writes(Code& code);
    void ppu_burst(Code& code);
    void ppu_reads(Code& code);
    void apu_writes(Code& code);
    void dmc(Code& code);
    void oam(Code& code);
    void pads(Code& code);
    void board_writes(Code& code);
    void delay(Code& code);
    void idle(Code& code, bool in_routine);
    void poll_status(Code& code, bool in_routine);
    void poll_apu(Code& code);
    void interrupt_flag(Code& code);
    void register_oddities(Code& code);
    void code_in_ram(Code& code);
    void read_modify_write_loop(Code& code);
    void call_bank(Code& code);
    void random_loop(Code& code, bool in_routine);
    void filler(Code& code);

    Random& random_;
    const BoardPlan& board_;
    bool wild_;                  // any opcode anywhere
    unsigned writes_registers_;  // percent of operands
    unsigned writes_board_;
};

unsigned Writer::address() {
    const unsigned dice = random_.below(100);
    if (dice < writes_registers_) return register_address();
    if (dice < writes_registers_ + writes_board_) return 0x8000 + random_.below(0x8000);
    switch (random_.below(20)) {
        case 0: return random_.below(0x2000);
        case 1:
        case 2: return 0x6000 + random_.below(0x2000);
        case 3: return random_.below(0x10000);
        case 4: return 0x100 + random_.below(0x100);
        case 5: return zero_page_address();
        default: return 0x400 + random_.below(0x400);
    }
}

// One random instruction that goes on at the next one.
void Writer::instruction(Code& code, bool in_routine) {
    for (;;) {
        const std::uint8_t opcode = random_.byte();
        switch (mode_of(opcode)) {
            case Mode::implied: code.emit({opcode}); return;
            case Mode::immediate: code.emit({opcode, random_.byte()}); return;
            case Mode::zero_page: code.emit({opcode, zero_page_address()}); return;
            case Mode::absolute: {
                const bool writes = (opcode & 0xE0) == 0x80 || (opcode & 0x06) == 0x06 || (opcode & 0x03) == 0x03;
                unsigned at = address();
                if (writes && at >= 0x8000 && !random_.chance(5 * writes_board_)) at &= 0x7FF;
                // An index would carry a write into the stack.
                if (writes && at < 0x200 && in_routine) at |= 0x400;
                code.word(opcode, at);
                return;
            }
            case Mode::indirect:
                if (!random_.chance(wild_ ? 100 : 20)) break;
                code.emit({opcode, zero_page_address()});
                return;
            case Mode::branch:
                if (random_.chance(50)) break;
                code.emit({opcode, 0});
                return;
            case Mode::stack:
                if (opcode == 0x08 || opcode == 0x48) {
                    code.emit({opcode});
                    if (in_routine || coin()) code.emit({random_.chance(70) ? 0x68u : 0x28u});
                    return;
                }
                if (in_routine || !wild_ || !random_.chance(20)) break;
                if (opcode == 0x9B || opcode == 0xBB) {
                    code.word(opcode, 0x400 + random_.below(0x300));
                } else {
                    code.emit({opcode});
                }
                return;
            case Mode::control:
            case Mode::jam: break;
        }
    }
}

void Writer::ppu_writes(Code& code) {
    switch (random_.below(6)) {
        case 0: code.load_store(ctrl(), 0x2000); break;
        case 1: code.load_store(mask(), 0x2001); break;
        case 2:
            if (coin()) code.word(0x2C, 0x2002);
            code.load_store(random_.byte(), 0x2005);
            if (random_.chance(90)) code.load_store(random_.byte(), 0x2005);
            break;
        case 3: {
            code.load_store(random_.chance(30) ? 0x3F : random_.below(0x40), 0x2006);
            code.load_store(random_.byte(), 0x2006);
            for (unsigned n = random_.below(6); n > 0; --n) {
                if (coin()) code.emit({0xA9, random_.byte()});
                code.word(0x8D, 0x2007);
            }
            break;
        }
        case 4:
            code.load_store(random_.chance(60) ? 0 : random_.byte(), 0x2003);
            for (unsigned n = random_.below(4); n > 0; --n) code.load_store(random_.byte(), 0x2004);
            break;
        default: code.load_store(random_.byte(), 0x2000 + random_.below(8)); break;
    }
}

// Writes a few dots apart, as a game does that splits the screen.
void Writer::ppu_burst(Code& code) {
    for (unsigned n = random_.between(2, 8); n > 0; --n) {
        const unsigned to = 0x2000 + random_.pick({0u, 0u, 1u, 1u, 1u, 5u, 5u, 6u, 6u, 7u, 3u, 4u});
        const unsigned value = to == 0x2000 ? ctrl() : to == 0x2001 ? mask() : random_.byte();
        code.load_store(value, to);
        for (unsigned nops = random_.below(5); nops > 0; --nops) code.emit({0xEA});
    }
}

void Writer::ppu_reads(Code& code) {
    const unsigned from = 0x2000 + random_.pick({2u, 2u, 2u, 4u, 7u, 7u, 7u, 0u, 1u, 5u});
    for (unsigned n = random_.between(1, 3); n > 0; --n) {
        code.word(random_.pick<std::uint8_t>({0xAD, 0xAE, 0xAC, 0x2C, 0xCD, 0x6D, 0xAF}), from);
    }
    if (coin()) code.emit({0x85, zero_page_address()});
}

void Writer::apu_writes(Code& code) {
    for (unsigned n = random_.between(1, 4); n > 0; --n) {
        const unsigned to = random_.chance(20) ? 0x4017 : random_.chance(25) ? 0x4015 : 0x4000 + random_.below(0x14);
        unsigned value = random_.byte();
        if (to == 0x4017 && coin()) value = random_.pick({0x00u, 0x40u, 0x80u, 0xC0u});
        code.load_store(value, to);
    }
}

void Writer::dmc(Code& code) {
    code.load_store((random_.byte() & 0xCF) | (coin() ? 0x0F : 0), 0x4010);
    code.load_store(random_.byte(), 0x4012);
    code.load_store(random_.chance(40) ? random_.below(3) : random_.byte(), 0x4013);
    code.load_store(0x10 | (random_.byte() & 0x0F), 0x4015);
    if (coin()) {
        delay(code);
        code.load_store(random_.byte() & 0x1F, 0x4015);
    }
}

void Writer::oam(Code& code) {
    if (random_.chance(70)) code.load_store(0, 0x2003);
    if (random_.chance(80)) {
        code.load_store(random_.chance(80) ? 0x02 : random_.byte(), 0x4014);
        return;
    }
    // Change where sprites are, first of all sprite zero.
    for (unsigned n = random_.between(1, 3); n > 0; --n) {
        code.load_store(random_.byte(), 0x200 + (coin() ? random_.below(4) : random_.byte()));
    }
}

void Writer::pads(Code& code) {
    code.load_store(random_.chance(80) ? 1 : random_.byte(), 0x4016);
    if (random_.chance(80)) code.load_store(0, 0x4016);
    if (coin()) {
        code.emit({0xA2, 8});
        const std::uint16_t loop = code.here();
        code.word(0xAD, 0x4016 + random_.below(2));
        code.emit({0x4A, 0x26, zero_page_address(), 0xCA});
        code.branch(0xD0, loop);
    } else {
        for (unsigned n = random_.between(1, 5); n > 0; --n) {
            code.word(random_.pick<std::uint8_t>({0xAD, 0x2C, 0xAE, 0x0D}), 0x4016 + random_.below(2));
        }
    }
}

void Writer::board_writes(Code& code) {
    const unsigned value = random_.byte();
    switch (board_.mapper) {
        case 1: {
            const unsigned to = random_.pick({0x8000u, 0xA000u, 0xC000u, 0xE000u}) + random_.below(0x2000);
            if (random_.chance(5)) code.load_store(0x80, 0x8000 + random_.below(0x8000));
            code.emit({0xA9, to < 0xA000 && random_.chance(80) ? value | 0x0C : to >= 0xE000 ? value & 0x0F : value});
            for (int i = 0; i < 5; ++i) {
                code.word(0x8D, to);
                if (i < 4) code.emit({0x4A});
            }
            break;
        }
        case 116:
            if (random_.chance(25)) {
                code.load_store(value & 0x07, 0x4100);
                break;
            }
            [[fallthrough]];
        case 4:
        case 64:
        case 115:
        case 118:
        case 195:
        case 268:
        case 206: {
            if (random_.chance(60)) {
                code.load_store(random_.chance(85) ? value & 0x07 : value, 0x8000);
                code.load_store(random_.byte(), 0x8001);
            } else if (random_.chance(20)) {
                code.load_store(value, 0xA000 + random_.below(2));
            } else {
                code.load_store(random_.chance(60) ? random_.below(40) : value, 0xC000);
                if (random_.chance(80)) code.word(0x8D, 0xC001);
                if (random_.chance(30)) code.word(0x8D, 0xE000);
                if (random_.chance(85)) code.word(0x8D, 0xE001);
            }
            break;
        }
        case 5:
            if (random_.chance(40)) {
                code.load_store(value, 0x5203);
                code.load_store(random_.chance(80) ? 0x80 : value, 0x5204);
            } else if (random_.chance(15)) {
                code.load_store(random_.pick({0x81u, 0x01u, 0x00u, 0x80u}), 0x5010);
                if (coin()) code.load_store(random_.below(3), 0x5011);
                if (coin()) code.word(0xAD, 0x5010);
            } else {
                unsigned to = 0x5100 + random_.below(0x31);
                if (to == 0x5100 || to == 0x5117) to = 0x5105;
                code.load_store(random_.byte(), to);
            }
            break;
        case 17:
            code.load_store(random_.byte(), random_.pick({0x4502u, 0x4503u, 0x4510u, 0x4514u, 0x42FFu, 0x4500u}));
            break;
        case 45:
            if (random_.chance(20)) {
                code.load_store(value, 0x6000);
            } else if (random_.chance(60)) {
                code.load_store(value & 0x07, 0x8000);
                code.load_store(random_.byte(), 0x8001);
            } else {
                code.load_store(random_.below(40), 0xC000);
                code.word(0x8D, 0xC001);
                if (random_.chance(30)) code.word(0x8D, 0xE000);
                if (random_.chance(85)) code.word(0x8D, 0xE001);
            }
            break;
        case 83: code.load_store(value, random_.pick({0x8100u, 0x8200u, 0x8201u, 0x8300u, 0x8310u, 0x8315u})); break;
        case 90:
            if (coin()) {
                code.load_store(value, 0x9000 + random_.below(8));
            } else {
                code.load_store(random_.byte(), 0xC005);
                code.load_store((coin() ? 0x40 : 0x80) | random_.below(8), 0xC001);
                code.word(0x8D, random_.chance(80) ? 0xC003u : 0xC002u);
            }
            break;
        case 69:
            code.load_store(random_.below(16), 0x8000);
            code.load_store(random_.chance(30) ? random_.pick({0x81u, 0x01u, 0x80u}) : random_.byte(), 0xA000);
            break;
        case 19:
            if (random_.chance(30)) {
                // A nametable of the console, changed while it is not shown as tiles.
                const unsigned window = 0x8000 + 0x800 * random_.below(8);
                code.load_store(random_.below(0xE0), window);
                if (random_.chance(80)) code.load_store(0, 0x2001);
                code.load_store(0x20 + random_.below(16), 0x2006);
                code.load_store(random_.byte(), 0x2006);
                for (unsigned n = random_.between(1, 20); n > 0; --n) code.word(0x8D, 0x2007);
                code.load_store(0xE0 + (value & 1), window);
                if (random_.chance(80)) code.load_store(0x1E, 0x2001);
                break;
            }
            code.load_store(value, coin() ? 0x4800 + random_.below(0x1800) : 0x8000 + random_.below(0x6000));
            break;
        default: code.load_store(value, 0x8000 + random_.below(0x8000)); break;
    }
    if (random_.chance(8))
        code.word(random_.pick<std::uint8_t>({0xEE, 0xCE, 0x0E, 0x4E}), 0x8000 + random_.below(0x8000));
}

// A number of cycles nobody would guess.
void Writer::delay(Code& code) {
    switch (random_.below(7)) {
        case 0: {
            code.emit({0xA2, random_.byte()});
            const std::uint16_t loop = code.here();
            if (random_.chance(30)) filler(code);
            code.emit({0xCA});
            code.branch(0xD0, loop);
            break;
        }
        case 1: {
            code.emit({0xA0, random_.between(1, 30), 0xA2, random_.byte()});
            const std::uint16_t loop = code.here();
            code.emit({0xCA});
            code.branch(0xD0, loop);
            code.emit({0x88});
            code.branch(0xD0, loop);
            break;
        }
        case 2: {
            code.emit({0xA9, random_.byte(), 0x38});
            const std::uint16_t loop = code.here();
            code.emit({0xE9, random_.between(1, 9)});
            code.branch(0xB0, loop);
            break;
        }
        case 3: {
            const unsigned cell = random_.between(0x10, 0xFF);
            code.emit({0xA9, random_.byte(), 0x85, cell});
            const std::uint16_t loop = code.here();
            code.emit({0xC6, cell});
            code.branch(random_.pick<std::uint8_t>({0xD0, 0x10}), loop);
            break;
        }
        case 4: {
            code.emit({0xA0, random_.byte()});
            const std::uint16_t loop = code.here();
            code.emit({0xC8});
            if (coin()) filler(code);
            code.branch(0xD0, loop);
            break;
        }
        case 5: {
            code.emit({0xA9, random_.byte(), 0x18});
            const std::uint16_t loop = code.here();
            code.emit({0x69, random_.between(1, 5)});
            code.branch(0x90, loop);
            break;
        }
        default:
            for (unsigned n = random_.below(20); n > 0; --n) code.emit({0xEA});
            break;
    }
}

// Instructions that leave no trace, or nearly none.
void Writer::filler(Code& code) {
    for (unsigned n = random_.between(1, 3); n > 0; --n) {
        switch (random_.below(8)) {
            case 0: code.emit({0xEA}); break;
            case 1: code.emit({0x04, zero_page_address()}); break;
            case 2: code.emit({0x18}); break;
            case 3: code.emit({0xA5, zero_page_address()}); break;
            case 4: code.word(0x0C, 0x400 + random_.below(0x400)); break;
            case 5: code.emit({0x1A}); break;
            case 6: code.emit({0x24, zero_page_address()}); break;
            default: code.emit({0xB8}); break;
        }
    }
}

// Loops that wait for an interrupt handler to change something.
void Writer::idle(Code& code, bool in_routine) {
    if (random_.chance(95)) code.load_store(ctrl() | 0x80, 0x2000);
    const unsigned mirror = random_.chance(15) ? 0x0800 * random_.below(4) : 0;
    const bool absolute = random_.chance(40);
    const auto read = [&](std::uint8_t zero_page_opcode, unsigned cell) {
        if (absolute) {
            code.word(static_cast<std::uint8_t>(zero_page_opcode | 0x08), cell + mirror);
        } else {
            code.emit({zero_page_opcode, cell});
        }
    };
    const auto maybe_filler = [&] {
        if (random_.chance(25)) filler(code);
    };
    switch (random_.below(14)) {
        case 0: {  // LDA BEQ
            code.emit({0xA9, 0, 0x85, kNmiFlag});
            const std::uint16_t loop = code.here();
            maybe_filler();
            read(random_.pick<std::uint8_t>({0xA5, 0xA6, 0xA4, 0xA7}), kNmiFlag);
            code.branch(0xF0, loop);
            break;
        }
        case 1: {  // LDA CMP BEQ
            read(0xA5, kNmiCount);
            const std::uint16_t loop = code.here();
            maybe_filler();
            if (coin())
                read(0xA5, kNmiCount), code.emit({0xC5, kFrame});
            else
                read(0xC5, kNmiCount);
            code.branch(random_.pick<std::uint8_t>({0xF0, 0xF0, 0xB0}), loop);
            read(0xA5, kNmiCount);
            code.emit({0x85, kFrame});
            break;
        }
        case 2: {  // BIT BPL or BVC
            code.emit({0xA9, 0, 0x85, kNmiFlag});
            const std::uint16_t loop = code.here();
            read(0x24, kNmiFlag);
            code.branch(random_.pick<std::uint8_t>({0x10, 0x50}), loop);
            break;
        }
        case 3: {  // LDX CPX BEQ
            read(0xA6, kNmiCount);
            const std::uint16_t loop = code.here();
            maybe_filler();
            read(0xE4, kNmiCount);
            code.branch(0xF0, loop);
            break;
        }
        case 4: {  // LDA AND BEQ
            code.emit({0xA9, 0, 0x85, kNmiFlag});
            const std::uint16_t loop = code.here();
            read(0xA5, kNmiFlag);
            code.emit({0x29, random_.pick({0x80u, 0x40u, 0xC0u, 0xFFu})});
            maybe_filler();
            code.branch(0xF0, loop);
            break;
        }
        case 5: {  // indexed
            code.emit({0xA9, 0, 0x85, kNmiFlag, 0xA2, kNmiFlag});
            const std::uint16_t loop = code.here();
            if (coin())
                code.emit({0xB5, 0x00});
            else
                code.word(0xBD, 0x0000);
            code.branch(0xF0, loop);
            break;
        }
        case 6: {  // through a pointer
            code.emit({0xA9, 0, 0x85, kNmiFlag, 0x85, kPointer + 1, 0xA9, kNmiFlag, 0x85, kPointer, 0xA0, 0x00});
            const std::uint16_t loop = code.here();
            code.emit({0xB1, kPointer});
            code.branch(0xF0, loop);
            break;
        }
        case 7: {  // stir a random number meanwhile: a loop that writes
            const unsigned cell = random_.between(0x10, 0xFF);
            code.emit({0xA9, 0, 0x85, kNmiFlag});
            const std::uint16_t loop = code.here();
            code.emit({random_.pick<std::uint8_t>({0xE6, 0xC6, 0x06, 0x26, 0xE7}), cell});
            if (coin()) code.emit({0xA5, cell, 0x69, 0x07, 0x85, cell});
            code.emit({0xA5, kNmiFlag});
            code.branch(0xF0, loop);
            break;
        }
        case 8: {  // count in a register meanwhile
            code.emit({0xA9, 0, 0x85, kNmiFlag});
            const std::uint16_t loop = code.here();
            code.emit({random_.pick<std::uint8_t>({0xE8, 0xC8, 0xCA, 0x88})});
            code.emit({0xA5, kNmiFlag});
            code.branch(0xF0, loop);
            code.emit({0x86, zero_page_address(), 0x84, zero_page_address()});
            break;
        }
        case 9: {  // a subroutine in the loop
            if (in_routine) break;
            code.emit({0xA9, 0, 0x85, kNmiFlag});
            const std::uint16_t jump = code.here();
            code.word(0x4C, jump + 3u + 3u);
            const std::uint16_t sub = code.here();
            code.emit({0xA5, kNmiFlag, 0x60});
            const std::uint16_t loop = code.here();
            code.word(0x20, sub);
            code.branch(0xF0, loop);
            break;
        }
        case 10: {  // JMP to itself, left by the NMI handler
            if (in_routine) {
                code.emit({0x18});
                code.branch(0x90, code.here());
            } else if (coin()) {
                code.word(0x4C, code.here());
            } else {
                const std::uint16_t loop = code.here();
                filler(code);
                code.word(0x4C, loop);
            }
            break;
        }
        case 11: {  // a loop that ends with JMP
            if (in_routine) break;
            code.emit({0xA9, 0, 0x85, kNmiFlag});
            const std::uint16_t loop = code.here();
            read(0xA5, kNmiFlag);
            const std::size_t out = code.skip(0xD0);
            maybe_filler();
            code.word(0x4C, loop);
            code.land(out);
            break;
        }
        case 12: {  // two cells
            code.emit({0xA9, 0, 0x85, kNmiFlag, 0xA5, kIrqCount});
            const std::uint16_t loop = code.here();
            code.emit({0xA4, kNmiFlag});
            const std::size_t out = code.skip(0xD0);
            code.emit({0xC5, kIrqCount});
            code.branch(0xF0, loop);
            code.land(out);
            break;
        }
        default: {  // a jump through a pointer to itself
            if (in_routine) break;
            const unsigned at = code.here() + 10u;  // behind two times LDA # and STA
            code.load_store(at & 0xFF, 0x07F0);
            code.load_store(at >> 8, 0x07F1);
            code.word(0x6C, 0x07F0);
            break;
        }
    }
}

// Loops that wait for a bit of ppustatus.
void Writer::poll_status(Code& code, bool in_routine) {
    if (random_.chance(60)) code.load_store(ctrl() | 0x80, 0x2000);
    const unsigned status = 0x2002 + (random_.chance(15) ? 8 * random_.below(0x400) : 0);
    const std::uint8_t load = random_.pick<std::uint8_t>({0xAD, 0xAE, 0xAC, 0xAF});
    switch (random_.below(9)) {
        case 0:
        case 1: {
            const std::uint16_t loop = code.here();
            if (random_.chance(20)) filler(code);
            code.word(coin() ? 0x2C : load, status);
            code.branch(0x10, loop);
            break;
        }
        case 2: {
            const std::uint16_t loop = code.here();
            code.word(0xAD, status);
            code.emit({0x29, random_.pick({0x80u, 0x40u, 0x20u, 0xC0u, 0xE0u})});
            code.branch(random_.pick<std::uint8_t>({0xF0, 0xF0, 0xD0}), loop);
            break;
        }
        case 3:
        case 4: {  // sprite zero: first wait until the flag has gone
            if (random_.chance(60)) {
                const std::uint16_t gone = code.here();
                code.word(0x2C, status);
                code.branch(0x70, gone);
            }
            const std::uint16_t loop = code.here();
            if (random_.chance(25)) filler(code);
            code.word(0x2C, status);
            code.branch(0x50, loop);
            if (random_.chance(60)) {
                delay(code);
                ppu_burst(code);
            }
            break;
        }
        case 5:
        case 6: {  // with a limit
            code.emit({0xA2, random_.byte()});
            const std::uint16_t loop = code.here();
            code.word(0x2C, status);
            const std::size_t out = code.skip(random_.pick<std::uint8_t>({0x30, 0x70, 0x50}));
            if (random_.chance(25)) filler(code);
            code.emit({0xCA});
            code.branch(0xD0, loop);
            code.land(out);
            break;
        }
        case 7: {  // sprite overflow
            code.emit({0xA0, random_.byte()});
            const std::uint16_t loop = code.here();
            code.emit({0xA9, 0x20});
            code.word(0x2C, status);
            const std::size_t out = code.skip(0xD0);
            code.emit({0x88});
            code.branch(0xD0, loop);
            code.land(out);
            break;
        }
        default: {
            if (in_routine) break;
            const std::uint16_t loop = code.here();
            code.word(0xAD, status);
            const std::size_t out = code.skip(0x30);
            code.word(0x4C, loop);
            code.land(out);
            break;
        }
    }
}

void Writer::poll_apu(Code& code) {
    if (coin()) code.load_store(random_.pick({0x00u, 0x40u, 0x80u}), 0x4017);
    code.emit({0xA2, random_.byte()});
    const std::uint16_t loop = code.here();
    code.word(0xAD, 0x4015);
    code.emit({0x29, random_.pick({0x40u, 0x80u, 0x10u, 0x0Fu, 0xC0u})});
    const std::size_t out = code.skip(random_.pick<std::uint8_t>({0xD0, 0xF0}));
    if (random_.chance(70)) code.emit({0xCA});
    code.branch(random_.pick<std::uint8_t>({0xD0, 0xF0}), loop);
    code.land(out);
}

void Writer::interrupt_flag(Code& code) {
    switch (random_.below(6)) {
        case 0: code.emit({0x78}); break;
        case 1: code.emit({0x58}); break;
        case 2: code.emit({0x58, 0xEA, 0x78}); break;
        case 3: code.emit({0x08, 0x68, 0x29, 0xFB, 0x48, 0x28}); break;
        case 4: code.emit({0x00, random_.byte()}); break;  // BRK
        default: code.emit({0x78, 0x58}); break;
    }
}

// Read-modify-write, indexed and dummy accesses of registers.
void Writer::register_oddities(Code& code) {
    const unsigned to = register_address();
    switch (random_.below(5)) {
        case 0: code.word(random_.pick<std::uint8_t>({0xEE, 0xCE, 0x0E, 0x6E, 0x4E, 0xEF, 0xCF, 0x0F}), to); break;
        case 1:
            code.emit({0xA2, random_.byte()});
            code.word(random_.pick<std::uint8_t>({0xBD, 0x9D, 0xFE, 0x1D}), to - random_.below(0x100));
            break;
        case 2:
            code.emit({0xA0, random_.byte()});
            code.word(random_.pick<std::uint8_t>({0xB9, 0x99, 0x59}), to - random_.below(0x100));
            break;
        case 3:
            code.emit({0xA9, to & 0xFF, 0x85, kPointer, 0xA9, to >> 8, 0x85, kPointer + 1, 0xA0, random_.below(4)});
            code.emit({random_.pick<std::uint8_t>({0xB1, 0x91, 0x51, 0xF3}), kPointer});
            break;
        default: code.word(random_.pick<std::uint8_t>({0xAD, 0x8D, 0x2C, 0x0C}), to); break;
    }
}

// Copies a routine into RAM, changes its first operand, and runs it there.
void Writer::code_in_ram(Code& code) {
    const unsigned to = random_.chance(60) ? kCodeRam : 0x6000 + 0x100 * random_.below(0x20);
    const unsigned from = 0x8000 + kRoutine * random_.below(0x80);
    if (random_.chance(75)) {
        code.emit({0xA2, 0});
        const std::uint16_t loop = code.here();
        code.word(0xBD, from);
        code.word(0x9D, to);
        code.emit({0xE8});
        code.branch(0xD0, loop);
    }
    if (coin()) code.word(0xEE, to + 1);
    // Behind a stretch of zeros there may be nothing to return from: look first.
    code.word(0xAD, to);
    code.emit({0xC9, 0xA9});
    const std::size_t out = code.skip(0xD0);
    code.word(0x20, to);
    code.land(out);
}

// Writes memory in a loop, as games clear and copy it.
void Writer::read_modify_write_loop(Code& code) {
    code.emit({0xA2, random_.byte()});
    const std::uint16_t loop = code.here();
    code.word(random_.pick<std::uint8_t>({0xBD, 0x5D, 0x7D}),
              coin() ? 0x400u + random_.below(0x300) : 0x8000u + random_.below(0x7F00));
    code.word(random_.pick<std::uint8_t>({0x9D, 0x9D, 0xFE, 0x1E}), 0x400 + random_.below(0x300));
    code.emit({random_.pick<std::uint8_t>({0xCA, 0xE8})});
    code.branch(0xD0, loop);
}

void Writer::call_bank(Code& code) {
    if (coin()) board_writes(code);
    const bool everywhere = board_.mapper == 4 || board_.mapper == 69 || board_.mapper == 5;
    code.word(0x20, 0x8000 + kRoutine * random_.below(everywhere ? 0x60 : 0x20));
}

void Writer::random_loop(Code& code, bool in_routine) {
    const unsigned cell = random_.between(0x09, 0x0F);
    code.emit({0xA9, random_.between(1, 20), 0x85, cell});
    const std::uint16_t loop = code.here();
    for (unsigned n = random_.between(2, 10); n > 0; --n) instruction(code, in_routine);
    code.emit({0xC6, cell});
    code.branch(0xD0, loop);
}

void Writer::anything(Code& code, bool in_routine, unsigned room) {
    const std::size_t end = code.size() + room;
    while (code.size() < end) {
        switch (random_.below(40)) {
            case 0:
            case 1:
            case 2: ppu_writes(code); break;
            case 3: ppu_burst(code); break;
            case 4:
            case 5: ppu_reads(code); break;
            case 6: apu_writes(code); break;
            case 7:
                if (random_.chance(40)) dmc(code);
                break;
            case 8: oam(code); break;
            case 9: pads(code); break;
            case 10:
            case 11: board_writes(code); break;
            case 12:
            case 13:
            case 14:
            case 15: delay(code); break;
            case 16:
            case 17:
                if (!in_routine || random_.chance(30)) idle(code, in_routine);
                break;
            case 18:
            case 19:
                if (!in_routine || random_.chance(30)) poll_status(code, in_routine);
                break;
            case 20:
                if (random_.chance(40)) poll_apu(code);
                break;
            case 21: interrupt_flag(code); break;
            case 22: register_oddities(code); break;
            case 23:
                if (!in_routine) code_in_ram(code);
                break;
            case 24: read_modify_write_loop(code); break;
            case 25:
            case 26:
            case 27:
                if (!in_routine) call_bank(code);
                break;
            case 28:
            case 29: random_loop(code, in_routine); break;
            default:
                for (unsigned n = random_.between(1, 8); n > 0; --n) instruction(code, in_routine);
                break;
        }
    }
}

std::vector<std::uint8_t> Writer::routine() {
    Code code(0x8000);
    // code_in_ram looks for this instruction, and changes its operand.
    code.emit({0xA9, random_.byte(), 0x85, zero_page_address()});
    anything(code, true, random_.between(4, 150));
    if (code.size() >= kRoutine) {
        code = Code(0x8000);
        code.emit({0xA9, random_.byte(), 0x85, zero_page_address()});
    }
    code.emit({0x60});
    return code.bytes();
}

std::vector<std::uint8_t> Writer::kernel() {
    Code code(kKernel);
    const auto fill_ppu = [&](unsigned pages, bool sparse) {  // 256 bytes from (kPointer) each
        code.emit({0xA2, pages, 0xA0, 0});
        const std::uint16_t loop = code.here();
        code.emit({0xB1, kPointer});
        if (sparse) code.emit({0x29, random_.byte()});
        code.word(0x8D, 0x2007);
        code.emit({0xC8});
        code.branch(0xD0, loop);
        code.emit({0xE6, kPointer + 1, 0xCA});
        code.branch(0xD0, loop);
    };

    // Reset.
    code.emit({0x78});
    if (random_.chance(30)) code.emit({0xF8});  // decimal mode changes nothing on this CPU
    code.emit({0xA2, 0xFF, 0x9A});
    if (random_.chance(85)) {
        for (int i = 0; i < 2; ++i) {
            const std::uint16_t loop = code.here();
            code.word(0x2C, 0x2002);
            code.branch(0x10, loop);
        }
    }
    if (board_.mapper == 1) code.load_store(0x80, 0x8000);
    for (unsigned n = random_.below(12); n > 0; --n) board_writes(code);
    // Palette, nametables and, when it is RAM, patterns.
    code.load_store(0x00, 0x2001);
    code.load_store(0x00, 0x2000);
    code.emit({0xA9, 0, 0x85, kPointer, 0xA9, random_.between(0x80, 0xF0), 0x85, kPointer + 1});
    code.load_store(0x3F, 0x2006);
    code.load_store(0x00, 0x2006);
    for (unsigned i = 0; i < 32; ++i) code.load_store(random_.byte(), 0x2007);
    code.load_store(0x20, 0x2006);
    code.load_store(0x00, 0x2006);
    fill_ppu(random_.pick({1u, 4u, 8u}), coin());
    if (board_.chr_banks[0] == 0 || coin()) {
        code.load_store(0x00, 0x2006);
        code.load_store(0x00, 0x2006);
        fill_ppu(random_.pick({2u, 8u, 16u}), coin());
    }
    // OAM: all over the screen, or in rows.
    const bool rows = coin();
    code.emit({0xA2, 0});
    const std::uint16_t sprites = code.here();
    code.word(0xBD, 0x8000 + random_.below(0x7000));
    if (rows) code.emit({0x29, random_.byte() | 7u});
    code.word(0x9D, 0x0200);
    code.emit({0xE8});
    code.branch(0xD0, sprites);
    if (random_.chance(70)) {
        code.load_store(random_.between(10, 200), 0x0200);
        code.load_store(random_.byte(), 0x0201);
        code.load_store(random_.byte() & 0xE3, 0x0202);
        code.load_store(random_.chance(20) ? random_.between(248, 255) : random_.byte(), 0x0203);
    }
    code.load_store(0x02, 0x4014);
    if (coin()) code.load_store(random_.pick({0x40u, 0xC0u, 0x00u, 0x80u}), 0x4017);
    code.load_store(0x0F, 0x4015);
    code.load_store(ctrl(), 0x2000);
    code.load_store(mask(), 0x2001);
    if (coin()) code.emit({0x58});

    // The main loop.
    const std::uint16_t main = code.here();
    for (unsigned sections = random_.between(2, 10); sections > 0; --sections) {
        const std::size_t next = code.size();
        code.emit({0xA9, 0, 0x85, kStuck, 0xA9, 0, 0x85, kSection, 0xA9, 0, 0x85, kSection + 1});
        if (random_.chance(70)) code.load_store(ctrl() | 0x80, 0x2000);
        if (random_.chance(70)) code.load_store(random_.chance(75) ? 0x1E : mask(), 0x2001);
        if (random_.chance(50)) idle(code, false);
        anything(code, false, random_.between(20, 300));
        const std::uint16_t after = sections == 1 ? main : code.here();
        code.set(next + 5, after & 0xFF);
        code.set(next + 9, after >> 8);
    }
    code.word(0x4C, main);

    // NMI.
    const std::uint16_t nmi = code.here();
    const bool short_handler = random_.chance(25);
    if (short_handler) {
        code.emit({0x48, 0xE6, kNmiCount, 0xA9, 0xC0, 0x85, kNmiFlag});
    } else {
        code.emit({0x48, 0x8A, 0x48, 0x98, 0x48, 0xE6, kNmiCount, 0xA9, 0xC0, 0x85, kNmiFlag});
        if (coin()) code.word(0xAD, 0x2002);
        if (random_.chance(60)) {
            code.load_store(0, 0x2003);
            code.load_store(2, 0x4014);
        }
        if (coin()) {
            code.load_store(random_.byte(), 0x2005);
            code.load_store(random_.byte(), 0x2005);
        }
        if (random_.chance(30)) {
            code.emit({0xA5, kNmiCount});
            code.word(0x8D, random_.pick({0x2005u, 0x0203u, 0x0200u, 0x2006u}));
        }
        if (random_.chance(60)) anything(code, true, random_.between(4, 200));
        if (random_.chance(50)) code.load_store(mask(), 0x2001);
        if (random_.chance(50)) code.load_store(ctrl(), 0x2000);
    }
    code.emit({0xE6, kStuck, 0xA5, kStuck, 0xC9, random_.between(2, 6)});
    const std::size_t fine = code.skip(0x90);
    code.emit({0xA9, 0, 0x85, kStuck, 0xA2, 0xFF, 0x9A});
    if (coin()) code.emit({0x58});
    code.word(0x6C, kSection);
    code.land(fine);
    if (short_handler)
        code.emit({0x68, 0x40});
    else
        code.emit({0x68, 0xA8, 0x68, 0xAA, 0x68, 0x40});

    // IRQ and BRK.
    const std::uint16_t irq = code.here();
    code.emit({0x48, 0xE6, kIrqCount});
    if (random_.chance(92)) code.word(0xAD, 0x4015);
    if (random_.chance(85)) code.load_store(coin() ? 0x0F : 0x4F, 0x4010);
    switch (board_.mapper) {
        case 4:
        case 64:
        case 118:
            if (random_.chance(95)) code.word(0x8D, 0xE000);
            if (random_.chance(60)) code.word(0x8D, 0xE001);
            break;
        case 5: code.word(0xAD, 0x5204); break;
        case 69:
            code.load_store(0x0D, 0x8000);
            code.load_store(random_.pick({0x00u, 0x81u}), 0xA000);
            break;
        case 19: code.load_store(random_.byte(), 0x5800); break;
        case 21:
        case 24:
        case 73:
        case 85:
        case 65:
        case 67:
            code.load_store(random_.byte(), 0xF000 + random_.below(4));
            code.load_store(random_.byte(), 0xD000 + random_.below(4));
            code.load_store(random_.byte() & 2, 0x9003);
            break;
        default: break;
    }
    if (random_.chance(40)) ppu_burst(code);
    code.emit({0x68, 0x40});

    std::vector<std::uint8_t> bank = code.bytes();
    if (bank.size() > kBank - 6) bank.resize(kBank - 6);  // does not happen: the parts are far smaller
    while (bank.size() < kBank - 6) bank.push_back(random_.byte());
    for (const unsigned vector : {unsigned{nmi}, unsigned{kKernel}, unsigned{irq}}) {
        bank.push_back(static_cast<std::uint8_t>(vector));
        bank.push_back(static_cast<std::uint8_t>(vector >> 8));
    }
    return bank;
}

// Patterns: noise, or sparse, or with many empty tiles, so that sprite zero hits late, early or never.
void fill_chr(Random& random, std::uint8_t* data, std::size_t size) {
    const unsigned style = random.below(4);
    for (std::size_t tile = 0; tile < size; tile += 16) {
        const bool empty = style == 1 && random.chance(60);
        for (std::size_t i = 0; i < 16; ++i) {
            std::uint8_t bits = random.byte();
            if (style == 2) bits &= random.byte() & random.byte();
            if (style == 3) bits |= random.byte();
            data[tile + i] = empty ? 0 : bits;
        }
    }
}

}  // namespace

Program make_program(std::uint64_t seed) {
    Random random(seed * 0x9E3779B97F4A7C15u + 1);
    const BoardPlan& board = choose_board(random);
    const unsigned prg_banks = board.prg_banks[random.below(static_cast<unsigned>(board.prg_banks.size()))];
    const unsigned chr_banks = board.chr_banks[random.below(static_cast<unsigned>(board.chr_banks.size()))];
    Writer writer(random, board);
    const std::vector<std::uint8_t> kernel = writer.kernel();

    std::vector<std::uint8_t> prg;
    for (unsigned bank = 0; bank < prg_banks; ++bank) {
        if (bank == prg_banks - 1 || (board.kernel_in_every_16k && bank % 2 == 1)) {
            prg.insert(prg.end(), kernel.begin(), kernel.end());
            continue;
        }
        for (unsigned i = 0; i < kBank / kRoutine; ++i) {
            std::vector<std::uint8_t> routine = writer.routine();
            while (routine.size() < kRoutine) routine.push_back(random.byte());
            prg.insert(prg.end(), routine.begin(), routine.end());
        }
    }
    std::vector<std::uint8_t> chr(std::size_t{chr_banks} * 0x2000);
    fill_chr(random, chr.data(), chr.size());

    const std::uint8_t flags6 =
        static_cast<std::uint8_t>(((board.mapper & 0x0F) << 4) | random.below(2) | (random.chance(5) ? 0x08 : 0));
    const std::uint8_t flags7 = static_cast<std::uint8_t>(board.mapper & 0xF0);
    std::array<std::uint8_t, 16> header{'N', 'E', 'S', 0x1A};
    header[4] = static_cast<std::uint8_t>(prg_banks / 2);
    header[5] = static_cast<std::uint8_t>(chr_banks);
    header[6] = flags6;
    header[7] = flags7;
    Program program{"program " + std::to_string(seed) + " (mapper " + std::to_string(board.mapper) + ")",
                    std::vector<std::uint8_t>(header.size() + prg.size() + chr.size())};
    const auto behind_header = std::copy(header.begin(), header.end(), program.image.begin());
    const auto behind_prg = std::copy(prg.begin(), prg.end(), behind_header);
    std::copy(chr.begin(), chr.end(), behind_prg);
    return program;
}

}  // namespace lockstep
