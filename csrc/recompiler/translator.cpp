#include "recompiler/translator.hpp"

#if NES_RECOMPILER

#include <algorithm>
#include <array>

namespace nes::recompiler {

namespace {

enum class Op : std::uint8_t {
    none,  // for the interpreter
    // reads
    lda,
    ldx,
    ldy,
    ora,
    and_,
    eor,
    adc,
    sbc,
    cmp,
    cpx,
    cpy,
    bit,
    // writes
    sta,
    stx,
    sty,
    // both
    asl,
    lsr,
    rol,
    ror,
    inc,
    dec,
    // registers
    inx,
    iny,
    dex,
    dey,
    tax,
    tay,
    txa,
    tya,
    tsx,
    txs,
    clc,
    sec,
    cli,
    sei,
    clv,
    cld,
    sed,
    nop,
    pha,
    pla,
    php,
    plp,
    // the rest
    branch,
    jmp,
    jmp_indirect,
    jsr,
    rts,
    rti,
};

enum class Mode : std::uint8_t {
    implied,
    accumulator,
    immediate,
    zero_page,
    zero_page_x,
    zero_page_y,
    absolute,
    absolute_x,
    absolute_y,
    indexed_indirect,
    indirect_indexed,
};

struct Instruction {
    Op op = Op::none;
    Mode mode = Mode::implied;
};

constexpr std::array<Instruction, 256> make_table() {
    std::array<Instruction, 256> table{};
    const auto set = [&](unsigned code, Op op, Mode mode) { table[code] = {op, mode}; };
    // The columns of the opcode matrix: cc = 01, all eight modes.
    constexpr Mode kModes01[] = {Mode::indexed_indirect, Mode::zero_page,   Mode::immediate,  Mode::absolute,
                                 Mode::indirect_indexed, Mode::zero_page_x, Mode::absolute_y, Mode::absolute_x};
    constexpr Op kOps01[] = {Op::ora, Op::and_, Op::eor, Op::adc, Op::sta, Op::lda, Op::cmp, Op::sbc};
    for (unsigned op = 0; op < 8; ++op) {
        for (unsigned mode = 0; mode < 8; ++mode) {
            if (kOps01[op] == Op::sta && kModes01[mode] == Mode::immediate) continue;
            set(op << 5 | mode << 2 | 1, kOps01[op], kModes01[mode]);
        }
    }
    constexpr Op kOps10[] = {Op::asl, Op::rol, Op::lsr, Op::ror};
    for (unsigned op = 0; op < 4; ++op) {
        set(op << 5 | 0x06, kOps10[op], Mode::zero_page);
        set(op << 5 | 0x0A, kOps10[op], Mode::accumulator);
        set(op << 5 | 0x0E, kOps10[op], Mode::absolute);
        set(op << 5 | 0x16, kOps10[op], Mode::zero_page_x);
        set(op << 5 | 0x1E, kOps10[op], Mode::absolute_x);
    }
    constexpr Op kCounts[] = {Op::dec, Op::inc};
    for (unsigned op = 0; op < 2; ++op) {
        set(0xC6 | op << 5, kCounts[op], Mode::zero_page);
        set(0xCE | op << 5, kCounts[op], Mode::absolute);
        set(0xD6 | op << 5, kCounts[op], Mode::zero_page_x);
        set(0xDE | op << 5, kCounts[op], Mode::absolute_x);
    }
    set(0xA2, Op::ldx, Mode::immediate);
    set(0xA6, Op::ldx, Mode::zero_page);
    set(0xAE, Op::ldx, Mode::absolute);
    set(0xB6, Op::ldx, Mode::zero_page_y);
    set(0xBE, Op::ldx, Mode::absolute_y);
    set(0xA0, Op::ldy, Mode::immediate);
    set(0xA4, Op::ldy, Mode::zero_page);
    set(0xAC, Op::ldy, Mode::absolute);
    set(0xB4, Op::ldy, Mode::zero_page_x);
    set(0xBC, Op::ldy, Mode::absolute_x);
    set(0x86, Op::stx, Mode::zero_page);
    set(0x8E, Op::stx, Mode::absolute);
    set(0x96, Op::stx, Mode::zero_page_y);
    set(0x84, Op::sty, Mode::zero_page);
    set(0x8C, Op::sty, Mode::absolute);
    set(0x94, Op::sty, Mode::zero_page_x);
    set(0xE0, Op::cpx, Mode::immediate);
    set(0xE4, Op::cpx, Mode::zero_page);
    set(0xEC, Op::cpx, Mode::absolute);
    set(0xC0, Op::cpy, Mode::immediate);
    set(0xC4, Op::cpy, Mode::zero_page);
    set(0xCC, Op::cpy, Mode::absolute);
    set(0x24, Op::bit, Mode::zero_page);
    set(0x2C, Op::bit, Mode::absolute);
    for (unsigned code = 0x10; code < 0x100; code += 0x20) set(code, Op::branch, Mode::implied);
    set(0x4C, Op::jmp, Mode::absolute);
    set(0x6C, Op::jmp_indirect, Mode::absolute);
    set(0x20, Op::jsr, Mode::absolute);
    set(0x60, Op::rts, Mode::implied);
    set(0xE8, Op::inx, Mode::implied);
    set(0xC8, Op::iny, Mode::implied);
    set(0xCA, Op::dex, Mode::implied);
    set(0x88, Op::dey, Mode::implied);
    set(0xAA, Op::tax, Mode::implied);
    set(0xA8, Op::tay, Mode::implied);
    set(0x8A, Op::txa, Mode::implied);
    set(0x98, Op::tya, Mode::implied);
    set(0xBA, Op::tsx, Mode::implied);
    set(0x9A, Op::txs, Mode::implied);
    set(0x18, Op::clc, Mode::implied);
    set(0x38, Op::sec, Mode::implied);
    set(0x58, Op::cli, Mode::implied);
    set(0x78, Op::sei, Mode::implied);
    set(0x08, Op::php, Mode::implied);
    set(0x28, Op::plp, Mode::implied);
    set(0x40, Op::rti, Mode::implied);
    set(0xB8, Op::clv, Mode::implied);
    set(0xD8, Op::cld, Mode::implied);
    set(0xF8, Op::sed, Mode::implied);
    set(0xEA, Op::nop, Mode::implied);
    set(0x48, Op::pha, Mode::implied);
    set(0x68, Op::pla, Mode::implied);
    return table;
}

constexpr std::array<Instruction, 256> kInstructions = make_table();

constexpr bool reads(Op op) { return op >= Op::lda && op <= Op::bit; }
constexpr bool writes(Op op) { return op >= Op::sta && op <= Op::sty; }
constexpr bool modifies(Op op) { return op >= Op::asl && op <= Op::dec; }

constexpr unsigned length(Instruction one) {
    if (one.op == Op::branch) return 2;
    switch (one.mode) {
        case Mode::implied:
        case Mode::accumulator: return 1;
        case Mode::absolute:
        case Mode::absolute_x:
        case Mode::absolute_y: return 3;
        default: return 2;
    }
}

// Without what a carry, or a branch that is taken, adds.
constexpr unsigned cycles(Instruction one) {
    switch (one.op) {
        case Op::pha:
        case Op::php: return 3;
        case Op::pla:
        case Op::plp: return 4;
        case Op::jmp: return 3;
        case Op::jmp_indirect: return 5;
        case Op::jsr:
        case Op::rts:
        case Op::rti: return 6;
        default: break;
    }
    const unsigned modify = modifies(one.op) ? 2 : 0;
    const bool indexes_always = modify || writes(one.op);
    switch (one.mode) {
        case Mode::zero_page: return 3 + modify;
        case Mode::zero_page_x:
        case Mode::zero_page_y:
        case Mode::absolute: return 4 + modify;
        case Mode::absolute_x:
        case Mode::absolute_y: return (indexes_always ? 5 : 4) + modify;
        case Mode::indexed_indirect: return 6;
        case Mode::indirect_indexed: return indexes_always ? 6 : 5;
        default: return 2;
    }
}

constexpr unsigned most_cycles(Instruction one) { return cycles(one) + (one.op == Op::branch ? 2 : reads(one.op)); }

constexpr bool ends_block(Op op) { return op >= Op::branch || op == Op::none; }

constexpr std::uint16_t kRamEnd = 0x2000;
constexpr std::uint16_t kRamMask = 0x7FF;
constexpr std::uint16_t kRegisterEnd = 0x4020;

}  // namespace

Translator::Translator(CodeCache& cache, PageCode& page, std::uint16_t pc, const std::uint8_t* const* read_page,
                       std::uint8_t* base, std::vector<Publication>& publications)
    : cache_(cache),
      page_(page),
      read_page_(read_page),
      memory_(read_page[pc >> 11]),
      base_pc_(static_cast<std::uint16_t>(pc & ~(PageCode::kSize - 1))),
      emit_(base),
      publications_(publications) {
    wanted_.push_back(pc);
}

void Translator::run() {
    while (!wanted_.empty()) {
        const std::uint16_t pc = wanted_.back();
        wanted_.pop_back();
        chain(pc);
    }
    finish_cold();
    for (const Fixup& fixup : fixups_) {
        const auto block =
            std::find_if(blocks_.begin(), blocks_.end(), [&](const Block& one) { return one.pc == fixup.target; });
        if (block != blocks_.end()) {
            emit_.bind(fixup.jump, block->position);
            continue;
        }
        emit_.bind(fixup.jump);
        emit_.set_pc(fixup.target);
        emit_.jump_through(&page_.entry[fixup.target & (PageCode::kSize - 1)]);
    }
}

// The block or the stub at an address of this page.
const void* Translator::known(std::uint16_t pc) const noexcept {
    const std::atomic<const void*>& entry = page_.entry[pc & (PageCode::kSize - 1)];
    const void* const code = entry.load(std::memory_order_relaxed);
    if (code != cache_.stubs().cold) return code;
    const auto found = std::find_if(publications_.begin(), publications_.end(),
                                    [&](const Publication& one) { return one.entry == &entry; });
    return found == publications_.end() ? code : found->code;
}

void Translator::publish() {
    const auto set = [&](std::uint16_t pc, const void* code) {
        publications_.push_back({&page_.entry[pc & (PageCode::kSize - 1)], code});
    };
    for (const Block& block : blocks_) set(block.pc, emit_.address(block.position));
    for (const std::uint16_t pc : declined_) set(pc, cache_.stubs().interpret);
    for (const std::uint16_t pc : idle_) set(pc, cache_.stubs().idle);
}

// Whether a loop that begins at `head` may come back to it with nothing changed. FastBus::looped_back skips its turns.
bool Translator::waits(std::uint16_t head) const noexcept {
    constexpr unsigned kLongest = 12;
    std::uint32_t pc = head;
    for (unsigned count = 0; count < kLongest && (pc & (PageCode::kSize - 1)) <= kLastFetch; ++count) {
        const Instruction one = kInstructions[at(pc)];
        if (one.op == Op::jmp) return (at(pc + 1) | at(pc + 2) << 8) == head;
        if (one.op == Op::branch) {
            const std::uint32_t target = pc + 2 + static_cast<std::uint32_t>(static_cast<std::int8_t>(at(pc + 1)));
            if (static_cast<std::uint16_t>(target) == head) return true;
        } else {
            const bool counts = one.op == Op::inx || one.op == Op::iny || one.op == Op::dex || one.op == Op::dey ||
                                one.op == Op::adc || one.op == Op::sbc;
            const bool stack = one.op >= Op::pha && one.op <= Op::plp;
            if (counts || stack || writes(one.op) || modifies(one.op) || ends_block(one.op)) return false;
        }
        pc += length(one);
        if ((pc & ~(PageCode::kSize - 1)) != base_pc_) return false;
    }
    return false;
}

// Code in RAM may have changed: the block from `pc` to `end` goes to the interpreter unless it is still the same, the bytes that the
// CPU reads for nothing included.
void Translator::check_code(std::uint16_t pc, std::uint32_t end, const Place& place) {
    std::vector<Jump> different;
    const std::uint32_t offset = pc & (PageCode::kSize - 1);
    const std::uint32_t size = std::min(end - pc + 1, PageCode::kSize - offset);
    emit_.check_bytes(pc, {memory_ + offset, size}, different);
    // A branch into another 256 bytes reads from the ones that it comes from.
    if (kInstructions[at(end - 2)].op == Op::branch) {
        const auto target =
            static_cast<std::uint16_t>(end + static_cast<std::uint32_t>(static_cast<std::int8_t>(at(end - 1))));
        const auto uncorrected = static_cast<std::uint16_t>((end & 0xFF00) | (target & 0xFF));
        if (target != uncorrected) {
            emit_.check_bytes(uncorrected, {memory_ + (uncorrected & (PageCode::kSize - 1)), 1}, different);
        }
    }
    for (const Jump jump : different) leave_if(jump, Exit::idle, place);
}

// Whether the instruction may write where code in PRG-RAM lies: it is the last one of a block, then.
bool Translator::may_change_code(std::uint16_t pc) const noexcept {
    const Instruction one = kInstructions[at(pc)];
    if (!writes(one.op) && !modifies(one.op)) return false;
    switch (one.mode) {
        case Mode::absolute:
        case Mode::absolute_x:
        case Mode::absolute_y: return at(pc + 2u) >= 0x5F && at(pc + 2u) < 0x80;
        case Mode::indexed_indirect:
        case Mode::indirect_indexed: return true;
        default: return false;
    }
}

// Blocks from `pc` on, one falling into the next.
void Translator::chain(std::uint16_t pc) {
    for (;;) {
        const auto done = [&](const Block& one) { return one.pc == pc; };
        if (std::any_of(blocks_.begin(), blocks_.end(), done) || blocks_.size() >= kMostBlocks) return;
        if (waits(pc)) {
            idle_.push_back(pc);
            return;
        }
        std::uint32_t longest = 0, end = pc;
        unsigned count = 0;
        for (; count < kLongestBlock; ++count) {
            const Instruction one = kInstructions[at(end)];
            if (one.op == Op::none || !in_page(static_cast<std::uint16_t>(end))) break;
            longest += most_cycles(one);
            const bool last = ends_block(one.op) || (in_ram() && may_change_code(static_cast<std::uint16_t>(end)));
            end += length(one);
            if (last) {
                ++count;
                break;
            }
        }
        if (count == 0) {
            declined_.push_back(pc);
            return;
        }
        blocks_.push_back({pc, emit_.here()});
        cycles_ = 0;
        bus_ = {};
        if (in_ram()) check_code(pc, end, place(pc));
        leave_if(emit_.check_limit(longest), Exit::limit, place(pc));
        bool falls_through = true;
        for (; count > 0 && falls_through; --count) {
            next_ = static_cast<std::uint16_t>(pc + length(kInstructions[at(pc)]));
            falls_through = instruction(pc);
            pc = next_;
        }
        if (!falls_through) return;
        settle(bus_);
        emit_.add_cycles(cycles_);
        bus_ = {};
        cycles_ = 0;
        const auto is_next = [&](const Block& one) { return one.pc == pc; };
        if (!in_page(pc) || is_known(pc) || std::any_of(blocks_.begin(), blocks_.end(), is_next) || waits(pc) ||
            kInstructions[at(pc)].op == Op::none || blocks_.size() >= kMostBlocks) {
            edge(pc, true);
            return;
        }
    }
}

// False where it does not fall through to next_.
bool Translator::instruction(std::uint16_t pc) {
    const Instruction one = kInstructions[at(pc)];
    if (reads(one.op)) {
        load(pc);
        return true;
    }
    switch (one.op) {
        case Op::sta: store(pc, Reg::a); return true;
        case Op::stx: store(pc, Reg::x); return true;
        case Op::sty: store(pc, Reg::y); return true;
        case Op::branch: branch(pc); return true;
        case Op::jmp:
            cycles_ += cycles(one);
            set_bus(at(pc + 2u));
            settle(bus_);
            emit_.add_cycles(cycles_);
            edge(static_cast<std::uint16_t>(at(pc + 1u) | at(pc + 2u) << 8), true);
            return false;
        case Op::jmp_indirect: jump_indirect(pc); return false;
        case Op::jsr: call(pc); return false;
        case Op::rts: return_(pc); return false;
        case Op::rti: return_from_interrupt(pc); return false;
        default: break;
    }
    if (modifies(one.op)) {
        modify(pc);
        return true;
    }
    if (one.op == Op::cli || one.op == Op::plp) decline_if(emit_.jump_if_flag(&Context::irq), pc);
    // What is left has one byte, and the CPU reads the one behind it.
    set_bus(at(pc + 1u));
    cycles_ += cycles(one);
    switch (one.op) {
        case Op::inx:
            emit_.add8(Reg::x, 1);
            emit_.set_nz(Reg::x);
            break;
        case Op::iny:
            emit_.add8(Reg::y, 1);
            emit_.set_nz(Reg::y);
            break;
        case Op::dex:
            emit_.add8(Reg::x, 0xFF);
            emit_.set_nz(Reg::x);
            break;
        case Op::dey:
            emit_.add8(Reg::y, 0xFF);
            emit_.set_nz(Reg::y);
            break;
        case Op::tax:
            emit_.move(Reg::x, Reg::a);
            emit_.set_nz(Reg::x);
            break;
        case Op::tay:
            emit_.move(Reg::y, Reg::a);
            emit_.set_nz(Reg::y);
            break;
        case Op::txa:
            emit_.move(Reg::a, Reg::x);
            emit_.set_nz(Reg::a);
            break;
        case Op::tya:
            emit_.move(Reg::a, Reg::y);
            emit_.set_nz(Reg::a);
            break;
        case Op::tsx:
            emit_.move(Reg::x, Reg::s);
            emit_.set_nz(Reg::x);
            break;
        case Op::txs: emit_.move(Reg::s, Reg::x); break;
        case Op::clc: emit_.set(Reg::c, 0); break;
        case Op::sec: emit_.set(Reg::c, 1); break;
        case Op::cli: emit_.set_flag(&Context::interrupt_disable, 0); break;
        case Op::sei: emit_.set_flag(&Context::interrupt_disable, 1); break;
        case Op::clv: emit_.set_flag(&Context::overflow, 0); break;
        case Op::cld: emit_.set_flag(&Context::decimal, 0); break;
        case Op::sed: emit_.set_flag(&Context::decimal, 1); break;
        case Op::pha:
            emit_.store_ram(Reg::s, 0x100, Reg::a);
            emit_.add8(Reg::s, 0xFF);
            set_bus(Reg::a);
            break;
        case Op::pla:
            emit_.add8(Reg::s, 1);
            emit_.load_ram(Reg::a, Reg::s, 0x100);
            emit_.set_nz(Reg::a);
            set_bus(Reg::a);
            break;
        case Op::php:
            push_status();
            set_bus(Reg::t);
            break;
        case Op::plp:
            emit_.add8(Reg::s, 1);
            emit_.load_ram(Reg::t, Reg::s, 0x100);
            unpack_status();
            set_bus(Reg::t);
            break;
        default: break;
    }
    return true;
}

// As pack_status of the CPU.
void Translator::push_status() {
    constexpr std::uint8_t kAlwaysSet = 0x30;
    const auto add = [&](Emitter::Flag flag, std::uint8_t bit) {
        emit_.load_flag(Reg::w, flag);
        emit_.shift_left(Reg::w, bit);
        emit_.or_(Reg::t, Reg::w);
    };
    emit_.move(Reg::t, Reg::n);
    emit_.and_imm(Reg::t, 0x80);
    emit_.or_imm(Reg::t, kAlwaysSet);
    emit_.or_(Reg::t, Reg::c);
    emit_.set_if_zero(Reg::w, Reg::z);
    emit_.shift_left(Reg::w, 1);
    emit_.or_(Reg::t, Reg::w);
    add(&Context::interrupt_disable, 2);
    add(&Context::decimal, 3);
    add(&Context::overflow, 6);
    emit_.store_ram(Reg::s, 0x100, Reg::t);
    emit_.add8(Reg::s, 0xFF);
}

// Of t.
void Translator::unpack_status() {
    const auto take = [&](Emitter::Flag flag, std::uint8_t bit) {
        emit_.move(Reg::w, Reg::t);
        emit_.shift_right(Reg::w, bit);
        emit_.and_imm(Reg::w, 1);
        emit_.store_flag(flag, Reg::w);
    };
    emit_.move(Reg::c, Reg::t);
    emit_.and_imm(Reg::c, 1);
    emit_.move(Reg::z, Reg::t);
    emit_.shift_right(Reg::z, 1);
    emit_.and_imm(Reg::z, 1);
    emit_.xor_imm(Reg::z, 1);
    emit_.move(Reg::n, Reg::t);
    emit_.and_imm(Reg::n, 0x80);
    take(&Context::interrupt_disable, 2);
    take(&Context::decimal, 3);
    take(&Context::overflow, 6);
}

// --- memory ---

// t = the operand; the cycles and the bus as well.
void Translator::load(std::uint16_t pc) {
    const Instruction one = kInstructions[at(pc)];
    const std::uint8_t low = at(pc + 1u);
    if (one.mode == Mode::immediate) {
        set_bus(low);
        cycles_ += 2;
        switch (one.op) {
            case Op::lda:
                emit_.set(Reg::a, low);
                emit_.set_nz(low);
                return;
            case Op::ldx:
                emit_.set(Reg::x, low);
                emit_.set_nz(low);
                return;
            case Op::ldy:
                emit_.set(Reg::y, low);
                emit_.set_nz(low);
                return;
            case Op::and_:
                emit_.and_imm(Reg::a, low);
                emit_.set_nz(Reg::a);
                return;
            case Op::ora:
                emit_.or_imm(Reg::a, low);
                emit_.set_nz(Reg::a);
                return;
            case Op::eor:
                emit_.xor_imm(Reg::a, low);
                emit_.set_nz(Reg::a);
                return;
            default: emit_.set(Reg::t, low); break;
        }
    } else {
        load_address(pc);
        cycles_ += cycles(one);
        switch (one.op) {
            case Op::lda:
                emit_.move(Reg::a, Reg::t);
                emit_.set_nz(Reg::a);
                return set_bus(Reg::a);
            case Op::ldx:
                emit_.move(Reg::x, Reg::t);
                emit_.set_nz(Reg::x);
                return set_bus(Reg::x);
            case Op::ldy:
                emit_.move(Reg::y, Reg::t);
                emit_.set_nz(Reg::y);
                return set_bus(Reg::y);
            default: break;
        }
        set_bus(Reg::t);
        switch (one.op) {
            case Op::and_:
                emit_.and_(Reg::a, Reg::t);
                emit_.set_nz(Reg::a);
                return;
            case Op::ora:
                emit_.or_(Reg::a, Reg::t);
                emit_.set_nz(Reg::a);
                return;
            case Op::eor:
                emit_.xor_(Reg::a, Reg::t);
                emit_.set_nz(Reg::a);
                return;
            default: break;
        }
    }
    switch (one.op) {
        case Op::adc: emit_.adc(); break;
        case Op::sbc:
            emit_.xor_imm(Reg::t, 0xFF);
            emit_.adc();
            break;
        case Op::cmp: emit_.compare(Reg::a); break;
        case Op::cpx: emit_.compare(Reg::x); break;
        case Op::cpy: emit_.compare(Reg::y); break;
        case Op::bit: emit_.bit(); break;
        default: break;
    }
}

void Translator::load_address(std::uint16_t pc) {
    const Instruction one = kInstructions[at(pc)];
    const std::uint8_t low = at(pc + 1u);
    const auto word = static_cast<std::uint16_t>(low | at(pc + 2u) << 8);
    const bool by_y = one.mode == Mode::absolute_y || one.mode == Mode::zero_page_y;
    const Reg index = by_y ? Reg::y : Reg::x;
    switch (one.mode) {
        case Mode::zero_page: emit_.load_ram(Reg::t, low); return;
        case Mode::zero_page_x:
        case Mode::zero_page_y:
            emit_.add_imm(Reg::u, index, low);
            emit_.narrow(Reg::u);
            emit_.load_ram(Reg::t, Reg::u, 0);
            return;
        case Mode::absolute:
            if (word < kRamEnd) return emit_.load_ram(Reg::t, word & kRamMask);
            if (word < kRegisterEnd) {
                emit_.set(Reg::u, word);
                decline_if(emit_.call_read(cache_.stubs().read, static_cast<std::uint8_t>(word >> 8), cycles_ + 3), pc);
                return;
            }
            return decline_if(emit_.load_page(Reg::t, word), pc);
        case Mode::absolute_x:
        case Mode::absolute_y: {
            const std::uint32_t last = word + 0xFFu;
            if (last < kRamEnd) {
                if ((word & kRamMask) + 0xFFu <= kRamMask) {
                    emit_.load_ram(Reg::t, index, word & kRamMask);
                } else {
                    emit_.add_imm(Reg::u, index, word);
                    emit_.and_imm(Reg::u, kRamMask);
                    emit_.load_ram(Reg::t, Reg::u, 0);
                }
                if (low) emit_.add_cycle_if_carry(index, low);
                return;
            }
            emit_.add_imm(Reg::u, index, word);
            if (last > 0xFFFF) emit_.and_imm(Reg::u, 0xFFFF);
            if (word >> 11 != last >> 11) decline_if(emit_.check_page(word), pc);
            Cold cold{};
            cold.kind = Cold::read;
            cold.from = emit_.load_page(Reg::t, Reg::u);
            cold.place = place(pc);
            cold.address = word;
            cold.index_may_carry = low != 0;
            cold.index = index;
            cold.access_cycles = cycles_ + 3;
            cold.resume = emit_.here();
            cold_.push_back(cold);
            if (low) emit_.add_cycle_if_carry(index, low);
            return;
        }
        case Mode::indexed_indirect: indexed_indirect(low); return decline_if(emit_.load_page(Reg::t, Reg::u), pc);
        default: break;
    }
    indirect_indexed(pc);
    decline_if(emit_.load_page(Reg::t, Reg::u), pc);
    emit_.add_cycle_if_carried(Reg::u, Reg::y);
}

// u = the address of (zero page,X). Changes t and w.
void Translator::indexed_indirect(std::uint8_t low) {
    emit_.add_imm(Reg::u, Reg::x, low);
    emit_.narrow(Reg::u);
    emit_.load_ram(Reg::w, Reg::u, 0);
    emit_.add8(Reg::u, 1);
    emit_.load_ram(Reg::t, Reg::u, 0);
    emit_.shift_left(Reg::t, 8);
    emit_.or_(Reg::t, Reg::w);
    emit_.move(Reg::u, Reg::t);
}

// u = the address of (zero page),Y. Changes t.
void Translator::indirect_indexed(std::uint16_t pc) {
    const std::uint8_t low = at(pc + 1u);
    if (low < 0xFF) {
        emit_.load_ram_word(Reg::u, low);
    } else {
        emit_.load_ram(Reg::u, 0xFF);
        emit_.load_ram(Reg::t, 0);
        emit_.shift_left(Reg::t, 8);
        emit_.or_(Reg::u, Reg::t);
    }
    decline_if(emit_.check_page(Reg::u), pc);
    emit_.add(Reg::u, Reg::y);
    emit_.and_imm(Reg::u, 0xFFFF);
}

void Translator::store(std::uint16_t pc, Reg value) {
    const Instruction one = kInstructions[at(pc)];
    const std::uint8_t low = at(pc + 1u);
    const auto word = static_cast<std::uint16_t>(low | at(pc + 2u) << 8);
    const bool by_y = one.mode == Mode::absolute_y || one.mode == Mode::zero_page_y;
    const Reg index = by_y ? Reg::y : Reg::x;
    Cold cold{};
    cold.kind = Cold::write;
    cold.place = place(pc);
    cold.value = value;
    cold.access_cycles = cycles_ + cycles(one) - 1;
    cold.after = {next_, cycles_ + cycles(one), {Bus::reg, 0, value}};
    const auto through_page = [&](Jump jump) {
        cold.from = jump;
        cold.resume = emit_.here();
        cold_.push_back(cold);
    };
    switch (one.mode) {
        case Mode::zero_page: emit_.store_ram(low, value); break;
        case Mode::zero_page_x:
        case Mode::zero_page_y:
            emit_.add_imm(Reg::u, index, low);
            emit_.narrow(Reg::u);
            emit_.store_ram(Reg::u, 0, value);
            break;
        case Mode::absolute:
            if (word < kRamEnd) {
                emit_.store_ram(word & kRamMask, value);
            } else if (word < kRegisterEnd) {
                emit_.set(Reg::u, word);
                const Emitter::WriteJumps jumps = emit_.call_write(cache_.stubs().write, value, cold.access_cycles);
                decline_if(jumps.declined, pc);
                leave_if(jumps.leave, Exit::lookup, cold.after, Cold::leave_for_good);
            } else {
                cold.address_is_known = true;
                cold.address = word;
                through_page(emit_.store_page(word, value));
            }
            break;
        case Mode::absolute_x:
        case Mode::absolute_y: {
            const std::uint32_t last = word + 0xFFu;
            if (last < kRamEnd && (word & kRamMask) + 0xFFu <= kRamMask) {
                emit_.store_ram(index, word & kRamMask, value);
                break;
            }
            emit_.add_imm(Reg::u, index, word);
            if (last < kRamEnd) {
                emit_.and_imm(Reg::u, kRamMask);
                emit_.store_ram(Reg::u, 0, value);
                break;
            }
            if (last > 0xFFFF) emit_.and_imm(Reg::u, 0xFFFF);
            decline_if(emit_.check_page(word), pc);
            through_page(emit_.store_page(Reg::u, value));
            break;
        }
        case Mode::indexed_indirect:
            indexed_indirect(low);
            through_page(emit_.store_page(Reg::u, value));
            break;
        default:
            indirect_indexed(pc);
            through_page(emit_.store_page(Reg::u, value));
            break;
    }
    cycles_ += cycles(one);
    set_bus(value);
}

void Translator::modify(std::uint16_t pc) {
    const Instruction one = kInstructions[at(pc)];
    const std::uint8_t low = at(pc + 1u);
    const auto word = static_cast<std::uint16_t>(low | at(pc + 2u) << 8);
    const auto change = [&] {
        switch (one.op) {
            case Op::asl: emit_.asl(one.mode == Mode::accumulator ? Reg::a : Reg::t); break;
            case Op::lsr: emit_.lsr(one.mode == Mode::accumulator ? Reg::a : Reg::t); break;
            case Op::rol: emit_.rol(one.mode == Mode::accumulator ? Reg::a : Reg::t); break;
            case Op::ror: emit_.ror(one.mode == Mode::accumulator ? Reg::a : Reg::t); break;
            default:
                emit_.add8(Reg::t, one.op == Op::inc ? 1 : 0xFF);
                emit_.set_nz(Reg::t);
                break;
        }
    };
    const std::uint32_t last = word + 0xFFu;
    switch (one.mode) {
        case Mode::accumulator:
            change();
            cycles_ += 2;
            return set_bus(at(pc + 1u));
        case Mode::zero_page:
            emit_.load_ram(Reg::t, low);
            change();
            emit_.store_ram(low, Reg::t);
            break;
        case Mode::zero_page_x:
            emit_.add_imm(Reg::u, Reg::x, low);
            emit_.narrow(Reg::u);
            emit_.load_ram(Reg::t, Reg::u, 0);
            change();
            emit_.store_ram(Reg::u, 0, Reg::t);
            break;
        case Mode::absolute:
            if (word < kRamEnd) {
                emit_.load_ram(Reg::t, word & kRamMask);
                change();
                emit_.store_ram(word & kRamMask, Reg::t);
                break;
            }
            decline_if(emit_.check_writable_page(word), pc);
            decline_if(emit_.load_page(Reg::t, word), pc);
            change();
            // The result is what the flags were set from, and storing needs t.
            decline_if(emit_.store_page(word, Reg::z), pc);
            break;
        default:  // absolute,X
            emit_.add_imm(Reg::u, Reg::x, word);
            if (last < kRamEnd) {
                emit_.and_imm(Reg::u, kRamMask);
                emit_.load_ram(Reg::t, Reg::u, 0);
                change();
                emit_.store_ram(Reg::u, 0, Reg::t);
                break;
            }
            if (last > 0xFFFF) emit_.and_imm(Reg::u, 0xFFFF);
            decline_if(emit_.check_page(word), pc);
            decline_if(emit_.check_writable_page(Reg::u), pc);
            decline_if(emit_.load_page(Reg::t, Reg::u), pc);
            change();
            decline_if(emit_.store_page(Reg::u, Reg::z), pc);
            break;
    }
    cycles_ += cycles(one);
    set_bus(Reg::z);
}

// --- jumps ---

void Translator::branch(std::uint16_t pc) {
    constexpr Condition kConditions[] = {
        Condition::negative_clear, Condition::negative_set, Condition::overflow_clear, Condition::overflow_set,
        Condition::carry_clear,    Condition::carry_set,    Condition::zero_clear,     Condition::zero_set,
    };
    const auto target = static_cast<std::uint16_t>(next_ + static_cast<std::int8_t>(at(pc + 1u)));
    const bool crosses = (target ^ next_) & 0xFF00;
    const Condition condition = kConditions[at(pc) >> 5];
    const auto opposite = static_cast<Condition>(static_cast<unsigned>(condition) ^ 1u);
    const Bus bus = bus_;
    const std::uint32_t before = cycles_;
    const Jump not_taken = emit_.jump_if(opposite);
    cycles_ += crosses ? 4 : 3;
    // What the CPU fetched last, for nothing.
    set_bus(crosses ? at((next_ & 0xFF00u) | (target & 0xFFu)) : at(next_));
    settle(bus_);
    emit_.add_cycles(cycles_);
    edge(target, true);
    emit_.bind(not_taken);
    bus_ = bus;
    cycles_ = before + 2;
    set_bus(at(pc + 1u));
}

void Translator::call(std::uint16_t pc) {
    const auto target = static_cast<std::uint16_t>(at(pc + 1u) | at(pc + 2u) << 8);
    const auto last_byte = static_cast<std::uint16_t>(pc + 2);
    emit_.store_ram_imm(Reg::s, 0x100, static_cast<std::uint8_t>(last_byte >> 8));
    emit_.add8(Reg::s, 0xFF);
    emit_.store_ram_imm(Reg::s, 0x100, static_cast<std::uint8_t>(last_byte));
    emit_.add8(Reg::s, 0xFF);
    set_bus(at(pc + 2u));
    cycles_ += 6;
    settle(bus_);
    emit_.add_cycles(cycles_);
    bus_ = {};
    cycles_ = 0;
    const Place there = place(target);
    leave_if(emit_.check_stack(), Exit::lookup, there);
    if (in_page(target)) {
        emit_.push_frame(next_);
        const void* const code = known(target);
        const Stubs& stubs = cache_.stubs();
        if (code != stubs.cold && code != stubs.idle && code != stubs.interpret) {
            emit_.call_to(code);
        } else {
            if (code == stubs.cold) wanted_.push_back(target);
            fixups_.push_back({emit_.call(), target});
        }
    } else {
        PageCode* const other = cache_.page_at(target, read_page_[target >> 11]);
        if (!other) return leave(there, Exit::lookup);
        if (target >= 0x8000) leave_if(emit_.check_mapping(target, read_page_[target >> 11]), Exit::lookup, there);
        emit_.set_pc(target);
        emit_.push_frame(next_);
        emit_.call_through(&other->entry[target & (PageCode::kSize - 1)]);
    }
    // The return: its last cycle but one reads the last byte of this instruction.
    emit_.pop_frame();
    if (in_ram()) {
        leave_if(emit_.load_page(Reg::t, last_byte), Exit::interpret, place(next_));  // it is mapped: the frame says so
        emit_.set_data_bus(Reg::t);
    } else {
        emit_.set_data_bus(at(last_byte));
    }
    edge(next_, in_ram());
}

void Translator::return_(std::uint16_t pc) {
    emit_.add_imm(Reg::u, Reg::s, 1);
    emit_.narrow(Reg::u);
    emit_.load_ram(Reg::t, Reg::u, 0x100);
    emit_.add8(Reg::u, 1);
    emit_.load_ram(Reg::w, Reg::u, 0x100);
    emit_.shift_left(Reg::w, 8);
    emit_.or_(Reg::t, Reg::w);
    emit_.add_imm(Reg::t, Reg::t, 1);
    emit_.and_imm(Reg::t, 0xFFFF);
    Cold cold{};
    cold.kind = Cold::unpredicted_return;
    cold.from = emit_.check_frame(Reg::t);
    cold.place = place(pc);
    cold_.push_back(cold);
    emit_.move(Reg::s, Reg::u);
    emit_.add_cycles(cycles_ + 6);
    emit_.return_();
}

void Translator::return_from_interrupt(std::uint16_t pc) {
    decline_if(emit_.jump_if_flag(&Context::irq), pc);
    emit_.add8(Reg::s, 1);
    emit_.load_ram(Reg::t, Reg::s, 0x100);
    unpack_status();
    emit_.add8(Reg::s, 1);
    emit_.load_ram(Reg::t, Reg::s, 0x100);
    emit_.add8(Reg::s, 1);
    emit_.load_ram(Reg::w, Reg::s, 0x100);
    emit_.set_data_bus(Reg::w);
    emit_.shift_left(Reg::w, 8);
    emit_.or_(Reg::t, Reg::w);
    emit_.set_pc(Reg::t);
    emit_.add_cycles(cycles_ + 6);
    emit_.jump_to(cache_.stubs().lookup);
}

void Translator::jump_indirect(std::uint16_t pc) {
    const std::uint8_t low = at(pc + 1u);
    const auto word = static_cast<std::uint16_t>(low | at(pc + 2u) << 8);
    if (word >= kRamEnd) return leave(place(pc), Exit::interpret);
    // The high byte comes from the same 256 bytes: its address has no carry.
    emit_.load_ram(Reg::t, word & kRamMask);
    emit_.load_ram(Reg::w, ((word & 0xFF00) | ((low + 1) & 0xFF)) & kRamMask);
    emit_.set_data_bus(Reg::w);
    emit_.shift_left(Reg::w, 8);
    emit_.or_(Reg::t, Reg::w);
    emit_.set_pc(Reg::t);
    emit_.add_cycles(cycles_ + 5);
    emit_.jump_to(cache_.stubs().lookup);
}

// Goes to the block at `target`, with the cycles and the bus in the context. `eager`: it is compiled as well.
void Translator::edge(std::uint16_t target, bool eager) {
    const Stubs& stubs = cache_.stubs();
    const unsigned offset = target & (PageCode::kSize - 1);
    if (in_page(target)) {
        const void* const code = known(target);
        if (code != stubs.cold && code != stubs.idle && code != stubs.interpret) return emit_.jump_to(code);
        if (eager && code == stubs.cold && !waits(target)) {
            wanted_.push_back(target);
            fixups_.push_back({emit_.jump(), target});
            return;
        }
        if (waits(target)) idle_.push_back(target);
        emit_.set_pc(target);
        return emit_.jump_through(&page_.entry[offset]);
    }
    const bool fetchable = offset <= kLastFetch;
    PageCode* const other = fetchable ? cache_.page_at(target, read_page_[target >> 11]) : nullptr;
    const Place there{target, 0, {}};
    if (!other) return leave(there, Exit::lookup);
    if (target >= 0x8000) leave_if(emit_.check_mapping(target, read_page_[target >> 11]), Exit::lookup, there);
    emit_.set_pc(target);
    emit_.jump_through(&other->entry[offset]);
}

// --- leaving ---

void Translator::set_bus(Reg reg) {
    if (reg == Reg::a || reg == Reg::x || reg == Reg::y) {
        // These may change before the bus is asked for; an instruction that changes one says what is on the bus then.
        bus_ = {Bus::reg, 0, reg};
    } else {
        emit_.set_data_bus(reg);
        bus_ = {};
    }
}

void Translator::settle(const Bus& bus) {
    if (bus.kind == Bus::constant) emit_.set_data_bus(bus.value);
    if (bus.kind == Bus::reg) emit_.set_data_bus(bus.source);
}

void Translator::leave(const Place& place, Exit exit) {
    if (exit != Exit::lookup) return leave_for_good(place, exit);
    settle(place.bus);
    emit_.add_cycles(place.cycles);
    emit_.set_pc(place.pc);
    emit_.jump_to(cache_.stubs().lookup);
}

// The frames of subroutines are forgotten as well: what they return to may not be mapped any more.
void Translator::leave_for_good(const Place& place, Exit exit) {
    settle(place.bus);
    emit_.add_cycles(place.cycles);
    emit_.set_pc(place.pc);
    emit_.set(Reg::t, static_cast<std::uint32_t>(exit));
    emit_.jump_to(cache_.stubs().exit);
}

void Translator::leave_if(Jump jump, Exit exit, const Place& place, Cold::Kind kind) {
    Cold cold{};
    cold.kind = kind;
    cold.from = jump;
    cold.exit = exit;
    cold.place = place;
    cold_.push_back(cold);
}

// What is seldom run lies behind all blocks.
void Translator::finish_cold() {
    for (std::size_t i = 0; i < cold_.size(); ++i) {
        const Cold cold = cold_[i];
        emit_.bind(cold.from);
        switch (cold.kind) {
            case Cold::leave: leave(cold.place, cold.exit); break;
            case Cold::leave_for_good: leave_for_good(cold.place, cold.exit); break;
            case Cold::read:
                if (cold.index_may_carry) {
                    leave_if(emit_.jump_if_carry(cold.index, static_cast<std::uint8_t>(cold.address)), Exit::interpret,
                             cold.place);
                }
                leave_if(emit_.call_read(cache_.stubs().read, static_cast<std::uint8_t>(cold.address >> 8),
                                         cold.access_cycles),
                         Exit::interpret, cold.place);
                emit_.bind(emit_.jump(), cold.resume);
                break;
            case Cold::write: {
                if (cold.address_is_known) emit_.set(Reg::u, cold.address);
                const Emitter::WriteJumps jumps =
                    emit_.call_write(cache_.stubs().write, cold.value, cold.access_cycles);
                leave_if(jumps.declined, Exit::interpret, cold.place);
                leave_if(jumps.leave, Exit::lookup, cold.after, Cold::leave_for_good);
                emit_.bind(emit_.jump(), cold.resume);
                break;
            }
            case Cold::unpredicted_return: {
                // A subroutine that takes its return address from the stack, as those do that jump through a table, leaves its
                // frame behind.
                const Jump unknown = emit_.check_second_frame(Reg::t);
                emit_.drop_frame();
                emit_.move(Reg::s, Reg::u);
                emit_.add_cycles(cold.place.cycles + 6);
                emit_.return_();
                emit_.bind(unknown);
                emit_.add_imm(Reg::u, Reg::t, 0xFFFFFFFF);
                emit_.and_imm(Reg::u, 0xFFFF);
                leave_if(emit_.load_page(Reg::t, Reg::u), Exit::interpret, cold.place);
                emit_.set_data_bus(Reg::t);
                emit_.add8(Reg::s, 2);
                emit_.add_cycles(cold.place.cycles + 6);
                emit_.add_imm(Reg::u, Reg::u, 1);
                emit_.and_imm(Reg::u, 0xFFFF);
                emit_.set_pc(Reg::u);
                emit_.jump_to(cache_.stubs().lookup);
                break;
            }
        }
    }
}

}  // namespace nes::recompiler

#endif
