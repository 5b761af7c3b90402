// Every opcode and what it does, as members of Cpu say it: one list for all ways to get from an opcode to its instruction.
#pragma once

// clang-format off
#define NES_OPCODES(X) \
    X(00, return brk()) \
    X(01, return read_from<&Cpu::ora>(indexed_indirect())) \
    X(02, return jam()) \
    X(03, return modify<&Cpu::slo>(indexed_indirect())) \
    X(04, return read_from<&Cpu::nop>(zero_page())) \
    X(05, return read_from<&Cpu::ora>(zero_page())) \
    X(06, return modify<&Cpu::asl>(zero_page())) \
    X(07, return modify<&Cpu::slo>(zero_page())) \
    X(08, return php()) \
    X(09, ora(fetch()); return true) \
    X(0A, implied(); r.a = asl(r.a); return true) \
    X(0B, anc(fetch()); return true) \
    X(0C, return read_from<&Cpu::nop>(absolute())) \
    X(0D, return read_from<&Cpu::ora>(absolute())) \
    X(0E, return modify<&Cpu::asl>(absolute())) \
    X(0F, return modify<&Cpu::slo>(absolute())) \
    X(10, return branch(!(r.negative_result & 0x80))) \
    X(11, return read_from<&Cpu::ora>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(12, return jam()) \
    X(13, return modify<&Cpu::slo>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(14, return read_from<&Cpu::nop>(zero_page_indexed(r.x))) \
    X(15, return read_from<&Cpu::ora>(zero_page_indexed(r.x))) \
    X(16, return modify<&Cpu::asl>(zero_page_indexed(r.x))) \
    X(17, return modify<&Cpu::slo>(zero_page_indexed(r.x))) \
    X(18, implied(); r.carry = 0; return true) \
    X(19, return read_from<&Cpu::ora>(add_index(absolute(), r.y))) \
    X(1A, return implied()) \
    X(1B, return modify<&Cpu::slo>(add_index(absolute(), r.y))) \
    X(1C, return read_from<&Cpu::nop>(add_index(absolute(), r.x))) \
    X(1D, return read_from<&Cpu::ora>(add_index(absolute(), r.x))) \
    X(1E, return modify<&Cpu::asl>(add_index(absolute(), r.x))) \
    X(1F, return modify<&Cpu::slo>(add_index(absolute(), r.x))) \
    X(20, return jsr()) \
    X(21, return read_from<&Cpu::and_>(indexed_indirect())) \
    X(22, return jam()) \
    X(23, return modify<&Cpu::rla>(indexed_indirect())) \
    X(24, return read_from<&Cpu::bit>(zero_page())) \
    X(25, return read_from<&Cpu::and_>(zero_page())) \
    X(26, return modify<&Cpu::rol>(zero_page())) \
    X(27, return modify<&Cpu::rla>(zero_page())) \
    X(28, return plp()) \
    X(29, and_(fetch()); return true) \
    X(2A, implied(); r.a = rol(r.a); return true) \
    X(2B, anc(fetch()); return true) \
    X(2C, return read_from<&Cpu::bit>(absolute())) \
    X(2D, return read_from<&Cpu::and_>(absolute())) \
    X(2E, return modify<&Cpu::rol>(absolute())) \
    X(2F, return modify<&Cpu::rla>(absolute())) \
    X(30, return branch(r.negative_result & 0x80)) \
    X(31, return read_from<&Cpu::and_>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(32, return jam()) \
    X(33, return modify<&Cpu::rla>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(34, return read_from<&Cpu::nop>(zero_page_indexed(r.x))) \
    X(35, return read_from<&Cpu::and_>(zero_page_indexed(r.x))) \
    X(36, return modify<&Cpu::rol>(zero_page_indexed(r.x))) \
    X(37, return modify<&Cpu::rla>(zero_page_indexed(r.x))) \
    X(38, implied(); r.carry = 1; return true) \
    X(39, return read_from<&Cpu::and_>(add_index(absolute(), r.y))) \
    X(3A, return implied()) \
    X(3B, return modify<&Cpu::rla>(add_index(absolute(), r.y))) \
    X(3C, return read_from<&Cpu::nop>(add_index(absolute(), r.x))) \
    X(3D, return read_from<&Cpu::and_>(add_index(absolute(), r.x))) \
    X(3E, return modify<&Cpu::rol>(add_index(absolute(), r.x))) \
    X(3F, return modify<&Cpu::rla>(add_index(absolute(), r.x))) \
    X(40, return rti()) \
    X(41, return read_from<&Cpu::eor>(indexed_indirect())) \
    X(42, return jam()) \
    X(43, return modify<&Cpu::sre>(indexed_indirect())) \
    X(44, return read_from<&Cpu::nop>(zero_page())) \
    X(45, return read_from<&Cpu::eor>(zero_page())) \
    X(46, return modify<&Cpu::lsr>(zero_page())) \
    X(47, return modify<&Cpu::sre>(zero_page())) \
    X(48, return pha()) \
    X(49, eor(fetch()); return true) \
    X(4A, implied(); r.a = lsr(r.a); return true) \
    X(4B, asr(fetch()); return true) \
    X(4C, return jmp()) \
    X(4D, return read_from<&Cpu::eor>(absolute())) \
    X(4E, return modify<&Cpu::lsr>(absolute())) \
    X(4F, return modify<&Cpu::sre>(absolute())) \
    X(50, return branch(!r.overflow)) \
    X(51, return read_from<&Cpu::eor>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(52, return jam()) \
    X(53, return modify<&Cpu::sre>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(54, return read_from<&Cpu::nop>(zero_page_indexed(r.x))) \
    X(55, return read_from<&Cpu::eor>(zero_page_indexed(r.x))) \
    X(56, return modify<&Cpu::lsr>(zero_page_indexed(r.x))) \
    X(57, return modify<&Cpu::sre>(zero_page_indexed(r.x))) \
    X(58, return set_interrupt_disable(0)) \
    X(59, return read_from<&Cpu::eor>(add_index(absolute(), r.y))) \
    X(5A, return implied()) \
    X(5B, return modify<&Cpu::sre>(add_index(absolute(), r.y))) \
    X(5C, return read_from<&Cpu::nop>(add_index(absolute(), r.x))) \
    X(5D, return read_from<&Cpu::eor>(add_index(absolute(), r.x))) \
    X(5E, return modify<&Cpu::lsr>(add_index(absolute(), r.x))) \
    X(5F, return modify<&Cpu::sre>(add_index(absolute(), r.x))) \
    X(60, return rts()) \
    X(61, return read_from<&Cpu::adc>(indexed_indirect())) \
    X(62, return jam()) \
    X(63, return modify<&Cpu::rra>(indexed_indirect())) \
    X(64, return read_from<&Cpu::nop>(zero_page())) \
    X(65, return read_from<&Cpu::adc>(zero_page())) \
    X(66, return modify<&Cpu::ror>(zero_page())) \
    X(67, return modify<&Cpu::rra>(zero_page())) \
    X(68, return pla()) \
    X(69, adc(fetch()); return true) \
    X(6A, implied(); r.a = ror(r.a); return true) \
    X(6B, arr(fetch()); return true) \
    X(6C, return jmp_indirect()) \
    X(6D, return read_from<&Cpu::adc>(absolute())) \
    X(6E, return modify<&Cpu::ror>(absolute())) \
    X(6F, return modify<&Cpu::rra>(absolute())) \
    X(70, return branch(r.overflow)) \
    X(71, return read_from<&Cpu::adc>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(72, return jam()) \
    X(73, return modify<&Cpu::rra>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(74, return read_from<&Cpu::nop>(zero_page_indexed(r.x))) \
    X(75, return read_from<&Cpu::adc>(zero_page_indexed(r.x))) \
    X(76, return modify<&Cpu::ror>(zero_page_indexed(r.x))) \
    X(77, return modify<&Cpu::rra>(zero_page_indexed(r.x))) \
    X(78, return set_interrupt_disable(1)) \
    X(79, return read_from<&Cpu::adc>(add_index(absolute(), r.y))) \
    X(7A, return implied()) \
    X(7B, return modify<&Cpu::rra>(add_index(absolute(), r.y))) \
    X(7C, return read_from<&Cpu::nop>(add_index(absolute(), r.x))) \
    X(7D, return read_from<&Cpu::adc>(add_index(absolute(), r.x))) \
    X(7E, return modify<&Cpu::ror>(add_index(absolute(), r.x))) \
    X(7F, return modify<&Cpu::rra>(add_index(absolute(), r.x))) \
    X(80, nop(fetch()); return true) \
    X(81, return write_to(indexed_indirect(), r.a)) \
    X(82, nop(fetch()); return true) \
    X(83, return write_to(indexed_indirect(), r.a & r.x)) \
    X(84, return write_to(zero_page(), r.y)) \
    X(85, return write_to(zero_page(), r.a)) \
    X(86, return write_to(zero_page(), r.x)) \
    X(87, return write_to(zero_page(), r.a & r.x)) \
    X(88, implied(); set_nz(--r.y); return true) \
    X(89, nop(fetch()); return true) \
    X(8A, implied(); set_nz(r.a = r.x); return true) \
    X(8B, ane(fetch()); return true) \
    X(8C, return write_to(absolute(), r.y)) \
    X(8D, return write_to(absolute(), r.a)) \
    X(8E, return write_to(absolute(), r.x)) \
    X(8F, return write_to(absolute(), r.a & r.x)) \
    X(90, return branch(!r.carry)) \
    X(91, return write_to(add_index(pointer_at_zero_page(fetch()), r.y), r.a)) \
    X(92, return jam()) \
    X(93, return store_and_high(pointer_at_zero_page(fetch()), r.y, r.a & r.x)) \
    X(94, return write_to(zero_page_indexed(r.x), r.y)) \
    X(95, return write_to(zero_page_indexed(r.x), r.a)) \
    X(96, return write_to(zero_page_indexed(r.y), r.x)) \
    X(97, return write_to(zero_page_indexed(r.y), r.a & r.x)) \
    X(98, implied(); set_nz(r.a = r.y); return true) \
    X(99, return write_to(add_index(absolute(), r.y), r.a)) \
    X(9A, implied(); r.s = r.x; return true) \
    X(9B, return shs()) \
    X(9C, return store_and_high(absolute(), r.x, r.y)) \
    X(9D, return write_to(add_index(absolute(), r.x), r.a)) \
    X(9E, return store_and_high(absolute(), r.y, r.x)) \
    X(9F, return store_and_high(absolute(), r.y, r.a & r.x)) \
    X(A0, ldy(fetch()); return true) \
    X(A1, return read_from<&Cpu::lda>(indexed_indirect())) \
    X(A2, ldx(fetch()); return true) \
    X(A3, return read_from<&Cpu::lax>(indexed_indirect())) \
    X(A4, return read_from<&Cpu::ldy>(zero_page())) \
    X(A5, return read_from<&Cpu::lda>(zero_page())) \
    X(A6, return read_from<&Cpu::ldx>(zero_page())) \
    X(A7, return read_from<&Cpu::lax>(zero_page())) \
    X(A8, implied(); set_nz(r.y = r.a); return true) \
    X(A9, lda(fetch()); return true) \
    X(AA, implied(); set_nz(r.x = r.a); return true) \
    X(AB, lxa(fetch()); return true) \
    X(AC, return read_from<&Cpu::ldy>(absolute())) \
    X(AD, return read_from<&Cpu::lda>(absolute())) \
    X(AE, return read_from<&Cpu::ldx>(absolute())) \
    X(AF, return read_from<&Cpu::lax>(absolute())) \
    X(B0, return branch(r.carry)) \
    X(B1, return read_from<&Cpu::lda>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(B2, return jam()) \
    X(B3, return read_from<&Cpu::lax>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(B4, return read_from<&Cpu::ldy>(zero_page_indexed(r.x))) \
    X(B5, return read_from<&Cpu::lda>(zero_page_indexed(r.x))) \
    X(B6, return read_from<&Cpu::ldx>(zero_page_indexed(r.y))) \
    X(B7, return read_from<&Cpu::lax>(zero_page_indexed(r.y))) \
    X(B8, implied(); r.overflow = 0; return true) \
    X(B9, return read_from<&Cpu::lda>(add_index(absolute(), r.y))) \
    X(BA, implied(); set_nz(r.x = r.s); return true) \
    X(BB, return read_from<&Cpu::lae>(add_index(absolute(), r.y))) \
    X(BC, return read_from<&Cpu::ldy>(add_index(absolute(), r.x))) \
    X(BD, return read_from<&Cpu::lda>(add_index(absolute(), r.x))) \
    X(BE, return read_from<&Cpu::ldx>(add_index(absolute(), r.y))) \
    X(BF, return read_from<&Cpu::lax>(add_index(absolute(), r.y))) \
    X(C0, cpy(fetch()); return true) \
    X(C1, return read_from<&Cpu::cmp>(indexed_indirect())) \
    X(C2, nop(fetch()); return true) \
    X(C3, return modify<&Cpu::dcp>(indexed_indirect())) \
    X(C4, return read_from<&Cpu::cpy>(zero_page())) \
    X(C5, return read_from<&Cpu::cmp>(zero_page())) \
    X(C6, return modify<&Cpu::dec>(zero_page())) \
    X(C7, return modify<&Cpu::dcp>(zero_page())) \
    X(C8, implied(); set_nz(++r.y); return true) \
    X(C9, cmp(fetch()); return true) \
    X(CA, implied(); set_nz(--r.x); return true) \
    X(CB, axs(fetch()); return true) \
    X(CC, return read_from<&Cpu::cpy>(absolute())) \
    X(CD, return read_from<&Cpu::cmp>(absolute())) \
    X(CE, return modify<&Cpu::dec>(absolute())) \
    X(CF, return modify<&Cpu::dcp>(absolute())) \
    X(D0, return branch(r.zero_result != 0)) \
    X(D1, return read_from<&Cpu::cmp>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(D2, return jam()) \
    X(D3, return modify<&Cpu::dcp>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(D4, return read_from<&Cpu::nop>(zero_page_indexed(r.x))) \
    X(D5, return read_from<&Cpu::cmp>(zero_page_indexed(r.x))) \
    X(D6, return modify<&Cpu::dec>(zero_page_indexed(r.x))) \
    X(D7, return modify<&Cpu::dcp>(zero_page_indexed(r.x))) \
    X(D8, implied(); r.decimal = 0; return true) \
    X(D9, return read_from<&Cpu::cmp>(add_index(absolute(), r.y))) \
    X(DA, return implied()) \
    X(DB, return modify<&Cpu::dcp>(add_index(absolute(), r.y))) \
    X(DC, return read_from<&Cpu::nop>(add_index(absolute(), r.x))) \
    X(DD, return read_from<&Cpu::cmp>(add_index(absolute(), r.x))) \
    X(DE, return modify<&Cpu::dec>(add_index(absolute(), r.x))) \
    X(DF, return modify<&Cpu::dcp>(add_index(absolute(), r.x))) \
    X(E0, cpx(fetch()); return true) \
    X(E1, return read_from<&Cpu::sbc>(indexed_indirect())) \
    X(E2, nop(fetch()); return true) \
    X(E3, return modify<&Cpu::isc>(indexed_indirect())) \
    X(E4, return read_from<&Cpu::cpx>(zero_page())) \
    X(E5, return read_from<&Cpu::sbc>(zero_page())) \
    X(E6, return modify<&Cpu::inc>(zero_page())) \
    X(E7, return modify<&Cpu::isc>(zero_page())) \
    X(E8, implied(); set_nz(++r.x); return true) \
    X(E9, sbc(fetch()); return true) \
    X(EA, return implied()) \
    X(EB, sbc(fetch()); return true) \
    X(EC, return read_from<&Cpu::cpx>(absolute())) \
    X(ED, return read_from<&Cpu::sbc>(absolute())) \
    X(EE, return modify<&Cpu::inc>(absolute())) \
    X(EF, return modify<&Cpu::isc>(absolute())) \
    X(F0, return branch(r.zero_result == 0)) \
    X(F1, return read_from<&Cpu::sbc>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(F2, return jam()) \
    X(F3, return modify<&Cpu::isc>(add_index(pointer_at_zero_page(fetch()), r.y))) \
    X(F4, return read_from<&Cpu::nop>(zero_page_indexed(r.x))) \
    X(F5, return read_from<&Cpu::sbc>(zero_page_indexed(r.x))) \
    X(F6, return modify<&Cpu::inc>(zero_page_indexed(r.x))) \
    X(F7, return modify<&Cpu::isc>(zero_page_indexed(r.x))) \
    X(F8, implied(); r.decimal = 1; return true) \
    X(F9, return read_from<&Cpu::sbc>(add_index(absolute(), r.y))) \
    X(FA, return implied()) \
    X(FB, return modify<&Cpu::isc>(add_index(absolute(), r.y))) \
    X(FC, return read_from<&Cpu::nop>(add_index(absolute(), r.x))) \
    X(FD, return read_from<&Cpu::sbc>(add_index(absolute(), r.x))) \
    X(FE, return modify<&Cpu::inc>(add_index(absolute(), r.x))) \
    X(FF, return modify<&Cpu::isc>(add_index(absolute(), r.x)))
// clang-format on
