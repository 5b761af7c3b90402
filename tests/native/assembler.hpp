// A small assembler, so that the programs of the tests can be read.
//
//   name:            a label
//   lda #$40         $hex or decimal; two hex digits, or a decimal number, are a zero-page address, four are an absolute one
//   lda #<name       the low or (>) high byte of a label; name+3 and name-1 work too
//   .byte 1,$20      .word name       .org $9000
//   .delay 1234      code of exactly that many cycles; it changes X, Y, N and Z from 40 cycles on
//   ;                a comment
#pragma once

#include <cstdint>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "opcodes.hpp"

namespace nes::test {

class Assembler {
  public:
    /// Assembles `text` from `origin` on into 32 KB at $8000 (or RAM addresses below, for code that is copied).
    explicit Assembler(const std::string& text, unsigned origin = 0x8000) : memory_(0x10000, 0xFF), at_(origin) {
        std::istringstream lines(text);
        for (std::string line; std::getline(lines, line);) statement(line);
        for (const Fixup& fixup : fixups_) resolve(fixup);
    }

    unsigned address_of(const std::string& label) const {
        const auto found = labels_.find(label);
        if (found == labels_.end()) throw std::runtime_error("no label " + label);
        return found->second;
    }
    bool has(const std::string& label) const { return labels_.count(label) != 0; }
    std::uint8_t operator[](unsigned address) const { return memory_[address]; }
    const std::vector<std::uint8_t>& memory() const { return memory_; }
    unsigned end() const { return at_; }

  private:
    struct Fixup {
        unsigned at;
        std::string expression;
        char kind;  // b byte, w word, r relative
    };

    static std::string strip(const std::string& text) {
        const std::size_t first = text.find_first_not_of(" \t");
        if (first == std::string::npos) return "";
        return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
    }

    void statement(std::string line) {
        line = strip(line.substr(0, line.find(';')));
        if (line.empty()) return;
        if (const std::size_t colon = line.find(':'); colon != std::string::npos) {
            labels_[line.substr(0, colon)] = at_;
            return statement(line.substr(colon + 1));
        }
        const std::size_t space = line.find(' ');
        const std::string word = line.substr(0, space);
        const std::string operand = space == std::string::npos ? "" : strip(line.substr(space));
        if (word == ".org") {
            at_ = static_cast<unsigned>(number(operand));
        } else if (word == ".byte" || word == ".word") {
            std::istringstream list(operand);
            for (std::string one; std::getline(list, one, ',');) put(strip(one), word == ".byte" ? 'b' : 'w');
        } else if (word == ".delay") {
            delay(static_cast<unsigned>(number(operand)));
        } else {
            instruction(word, operand);
        }
    }

    static bool ends_with(const std::string& text, const std::string& tail) {
        return text.size() >= tail.size() && text.compare(text.size() - tail.size(), tail.size(), tail) == 0;
    }
    // Of the opcodes that do the same the official one: it comes last for `nop` and first for `sbc`.
    static int find(const std::string& name, const std::string& mode) {
        if (name == "nop" && mode == "imp") return 0xEA;
        for (int code = 0; code < 256; ++code) {
            if (opcodes()[static_cast<unsigned>(code)].name == name &&
                opcodes()[static_cast<unsigned>(code)].mode == mode)
                return code;
        }
        return -1;
    }
    static bool is_zero_page(const std::string& operand) {
        if (operand[0] == '$') return operand.size() <= 3;
        return operand.find_first_not_of("0123456789") == std::string::npos;
    }

    void instruction(const std::string& name, std::string operand) {
        std::string mode;
        if (operand.empty()) {
            mode = find(name, "imp") >= 0 ? "imp" : "acc";
        } else if (operand[0] == '#') {
            mode = "imm";
            operand = operand.substr(1);
        } else if (operand[0] == '(') {
            mode = ends_with(operand, ",x)") ? "izx" : ends_with(operand, "),y") ? "izy" : "ind";
            operand = operand.substr(1, operand.size() - (mode == "ind" ? 2 : 4));
        } else {
            std::string index;
            if (ends_with(operand, ",x") || ends_with(operand, ",y")) {
                index = operand.substr(operand.size() - 1);
                operand = operand.substr(0, operand.size() - 2);
            }
            mode = is_zero_page(operand) && find(name, "zp" + index) >= 0 ? "zp" + index
                   : index.empty()                                        ? "abs"
                                                                          : "ab" + index;
            if (find(name, "rel") >= 0) mode = "rel";
        }
        const int code = find(name, mode);
        if (code < 0) throw std::runtime_error("no such instruction: " + name + " " + mode);
        memory_[at_++] = static_cast<std::uint8_t>(code);
        if (mode == "imp" || mode == "acc") return;
        const bool word = mode == "abs" || mode == "abx" || mode == "aby" || mode == "ind";
        put(operand, mode == "rel" ? 'r' : word ? 'w' : 'b');
    }

    void put(const std::string& expression, char kind) {
        fixups_.push_back({at_, expression, kind});
        at_ += kind == 'w' ? 2 : 1;
    }

    int number(const std::string& text) const {
        if (text.empty()) throw std::runtime_error("an operand is missing");
        if (text[0] == '<') return number(text.substr(1)) & 0xFF;
        if (text[0] == '>') return number(text.substr(1)) >> 8;
        if (text[0] == '$') return std::stoi(text.substr(1), nullptr, 16);
        if (text[0] >= '0' && text[0] <= '9') return std::stoi(text);
        if (text == "*") return static_cast<int>(at_);
        const std::size_t sign = text.find_first_of("+-");
        const int base = static_cast<int>(address_of(text.substr(0, sign)));
        return sign == std::string::npos ? base : base + std::stoi(text.substr(sign));
    }

    void resolve(const Fixup& fixup) {
        const int value = number(fixup.expression);
        if (fixup.kind == 'r') {
            const int offset = value - static_cast<int>(fixup.at) - 1;
            if (offset < -128 || offset > 127) throw std::runtime_error("too far to branch: " + fixup.expression);
            memory_[fixup.at] = static_cast<std::uint8_t>(offset);
            return;
        }
        memory_[fixup.at] = static_cast<std::uint8_t>(value);
        if (fixup.kind == 'w') memory_[fixup.at + 1] = static_cast<std::uint8_t>(value >> 8);
    }

    void emit(std::initializer_list<unsigned> bytes) {
        for (const unsigned byte : bytes) memory_[at_++] = static_cast<std::uint8_t>(byte);
    }
    // A taken branch costs a cycle more when it crosses a page: loops stay within one.
    unsigned keep_in_page(unsigned bytes) {
        unsigned cycles = 0;
        while ((at_ & 0xFF) + bytes > 0x100) {
            emit({0xEA});
            cycles += 2;
        }
        return cycles;
    }
    void delay(unsigned cycles) {
        if (cycles == 1) throw std::runtime_error("no code takes one cycle");
        while (cycles >= 1400) {
            // ldx #0, ldy #n; dex, bne; dey, bne: 256 turns of 5 cycles, less 1, and 5 around them.
            cycles -= keep_in_page(10);
            const unsigned turns = (cycles - 100) / 1284 < 255 ? (cycles - 100) / 1284 : 255;
            emit({0xA2, 0, 0xA0, turns, 0xCA, 0xD0, 0xFD, 0x88, 0xD0, 0xFA});
            cycles -= 4 + 1284 * turns - 1;
        }
        while (cycles >= 40) {
            // ldx #n; dex, bne
            cycles -= keep_in_page(5);
            const unsigned turns = (cycles - 10) / 5 < 255 ? (cycles - 10) / 5 : 255;
            emit({0xA2, turns, 0xCA, 0xD0, 0xFD});
            cycles -= 2 + 5 * turns - 1;
        }
        if (cycles & 1) {
            const unsigned next = at_ + 3;
            emit({0x4C, next & 0xFF, next >> 8});  // jmp to the next instruction
            cycles -= 3;
        }
        for (; cycles > 0; cycles -= 2) emit({0xEA});
    }

    std::vector<std::uint8_t> memory_;
    unsigned at_;
    std::map<std::string, unsigned> labels_;
    std::vector<Fixup> fixups_;
};

}  // namespace nes::test
