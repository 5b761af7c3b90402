// The 256 opcodes of the 6502 in the RP2A03: mnemonic, addressing mode, cycles.
//
// Sources: NESdev "CPU unofficial opcodes" (the matrix and the names), "6502 cycle times" (a + stands for one more cycle when
// the index carries into the high byte of the address).
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

namespace nes::test {

struct OpcodeFacts {
    std::string name;
    std::string mode;  // imp acc imm zp zpx zpy izx izy abs abx aby ind rel
    unsigned cycles;   // 0: the CPU stops
    bool page_cycle;

    unsigned bytes() const {
        if (mode == "imp" || mode == "acc") return 1;
        return mode[0] == 'a' || mode == "ind" ? 3 : 2;
    }
};

// clang-format off
inline constexpr const char* kOpcodeMatrix[16] = {
    "brk imp 7|ora izx 6|kil imp 0|slo izx 8|nop zp 3|ora zp 3|asl zp 5|slo zp 5|php imp 3|ora imm 2|asl acc 2|anc imm 2|nop abs 4|ora abs 4|asl abs 6|slo abs 6|",
    "bpl rel 2|ora izy 5+|kil imp 0|slo izy 8|nop zpx 4|ora zpx 4|asl zpx 6|slo zpx 6|clc imp 2|ora aby 4+|nop imp 2|slo aby 7|nop abx 4+|ora abx 4+|asl abx 7|slo abx 7|",
    "jsr abs 6|and izx 6|kil imp 0|rla izx 8|bit zp 3|and zp 3|rol zp 5|rla zp 5|plp imp 4|and imm 2|rol acc 2|anc imm 2|bit abs 4|and abs 4|rol abs 6|rla abs 6|",
    "bmi rel 2|and izy 5+|kil imp 0|rla izy 8|nop zpx 4|and zpx 4|rol zpx 6|rla zpx 6|sec imp 2|and aby 4+|nop imp 2|rla aby 7|nop abx 4+|and abx 4+|rol abx 7|rla abx 7|",
    "rti imp 6|eor izx 6|kil imp 0|sre izx 8|nop zp 3|eor zp 3|lsr zp 5|sre zp 5|pha imp 3|eor imm 2|lsr acc 2|asr imm 2|jmp abs 3|eor abs 4|lsr abs 6|sre abs 6|",
    "bvc rel 2|eor izy 5+|kil imp 0|sre izy 8|nop zpx 4|eor zpx 4|lsr zpx 6|sre zpx 6|cli imp 2|eor aby 4+|nop imp 2|sre aby 7|nop abx 4+|eor abx 4+|lsr abx 7|sre abx 7|",
    "rts imp 6|adc izx 6|kil imp 0|rra izx 8|nop zp 3|adc zp 3|ror zp 5|rra zp 5|pla imp 4|adc imm 2|ror acc 2|arr imm 2|jmp ind 5|adc abs 4|ror abs 6|rra abs 6|",
    "bvs rel 2|adc izy 5+|kil imp 0|rra izy 8|nop zpx 4|adc zpx 4|ror zpx 6|rra zpx 6|sei imp 2|adc aby 4+|nop imp 2|rra aby 7|nop abx 4+|adc abx 4+|ror abx 7|rra abx 7|",
    "nop imm 2|sta izx 6|nop imm 2|sax izx 6|sty zp 3|sta zp 3|stx zp 3|sax zp 3|dey imp 2|nop imm 2|txa imp 2|ane imm 2|sty abs 4|sta abs 4|stx abs 4|sax abs 4|",
    "bcc rel 2|sta izy 6|kil imp 0|sha izy 6|sty zpx 4|sta zpx 4|stx zpy 4|sax zpy 4|tya imp 2|sta aby 5|txs imp 2|shs aby 5|shy abx 5|sta abx 5|shx aby 5|sha aby 5|",
    "ldy imm 2|lda izx 6|ldx imm 2|lax izx 6|ldy zp 3|lda zp 3|ldx zp 3|lax zp 3|tay imp 2|lda imm 2|tax imp 2|lxa imm 2|ldy abs 4|lda abs 4|ldx abs 4|lax abs 4|",
    "bcs rel 2|lda izy 5+|kil imp 0|lax izy 5+|ldy zpx 4|lda zpx 4|ldx zpy 4|lax zpy 4|clv imp 2|lda aby 4+|tsx imp 2|lae aby 4+|ldy abx 4+|lda abx 4+|ldx aby 4+|lax aby 4+|",
    "cpy imm 2|cmp izx 6|nop imm 2|dcp izx 8|cpy zp 3|cmp zp 3|dec zp 5|dcp zp 5|iny imp 2|cmp imm 2|dex imp 2|axs imm 2|cpy abs 4|cmp abs 4|dec abs 6|dcp abs 6|",
    "bne rel 2|cmp izy 5+|kil imp 0|dcp izy 8|nop zpx 4|cmp zpx 4|dec zpx 6|dcp zpx 6|cld imp 2|cmp aby 4+|nop imp 2|dcp aby 7|nop abx 4+|cmp abx 4+|dec abx 7|dcp abx 7|",
    "cpx imm 2|sbc izx 6|nop imm 2|isc izx 8|cpx zp 3|sbc zp 3|inc zp 5|isc zp 5|inx imp 2|sbc imm 2|nop imp 2|sbc imm 2|cpx abs 4|sbc abs 4|inc abs 6|isc abs 6|",
    "beq rel 2|sbc izy 5+|kil imp 0|isc izy 8|nop zpx 4|sbc zpx 4|inc zpx 6|isc zpx 6|sed imp 2|sbc aby 4+|nop imp 2|isc aby 7|nop abx 4+|sbc abx 4+|inc abx 7|isc abx 7|",
};
// clang-format on

inline const std::vector<OpcodeFacts>& opcodes() {
    static const std::vector<OpcodeFacts> kTable = [] {
        std::vector<OpcodeFacts> table;
        for (const std::string row : kOpcodeMatrix) {
            for (std::size_t start = 0; start < row.size();) {
                const std::size_t end = row.find('|', start);
                const std::string one = row.substr(start, end - start);
                const std::size_t mode = one.find(' ') + 1;
                const std::size_t cycles = one.find(' ', mode) + 1;
                table.push_back({one.substr(0, mode - 1), one.substr(mode, cycles - 1 - mode),
                                 static_cast<unsigned>(std::atoi(one.c_str() + cycles)), one.back() == '+'});
                start = end + 1;
            }
        }
        return table;
    }();
    return kTable;
}

}  // namespace nes::test
