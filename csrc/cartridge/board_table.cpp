// Which board a ROM needs. The one place where mapper numbers meet boards: a new board is a file in
// boards/ and a line here.
#include "board.hpp"

namespace nes {
namespace {

constexpr int kAny = -1;  // every submapper without a line of its own

// X(mapper, submapper, boards::make_...)
// clang-format off
#define NES_BOARDS(X)                     \
    X(0, kAny, nrom)                      \
    X(1, kAny, mmc1)                      \
    X(1, 5, mmc1_fixed_prg)               \
    X(2, kAny, uxrom)                     \
    X(2, 2, uxrom_conflicts)              \
    X(3, kAny, cnrom)                     \
    X(3, 2, cnrom_conflicts)              \
    X(4, kAny, mmc3)                      \
    X(4, 1, mmc6)                         \
    X(4, 4, mmc3_nec)                     \
    X(7, kAny, axrom)                     \
    X(7, 2, axrom_conflicts)              \
    X(9, kAny, mmc2)                      \
    X(10, kAny, mmc4)                     \
    X(11, kAny, color_dreams)             \
    X(13, kAny, cprom)                    \
    X(15, kAny, k1029)                    \
    X(16, kAny, bandai_fcg_or_lz93d50)    \
    X(16, 4, bandai_fcg)                  \
    X(16, 5, bandai_lz93d50)              \
    X(18, kAny, ss88006)                  \
    X(19, kAny, namco_163)                \
    X(21, kAny, vrc4_21)                  \
    X(21, 1, vrc4a)                       \
    X(21, 2, vrc4c)                       \
    X(22, kAny, vrc2a)                    \
    X(23, kAny, vrc4_23)                  \
    X(23, 1, vrc4f)                       \
    X(23, 2, vrc4e)                       \
    X(23, 3, vrc2b)                       \
    X(24, kAny, vrc6a)                    \
    X(25, kAny, vrc4_25)                  \
    X(25, 1, vrc4b)                       \
    X(25, 2, vrc4d)                       \
    X(25, 3, vrc2c)                       \
    X(26, kAny, vrc6b)                    \
    X(28, kAny, action53)                 \
    X(30, kAny, unrom512)                 \
    X(32, kAny, g101)                     \
    X(32, 1, g101_major_league)           \
    X(33, kAny, tc0190)                   \
    X(34, kAny, bnrom_or_nina_001)        \
    X(34, 1, nina_001)                    \
    X(34, 2, bnrom)                       \
    X(38, kAny, bit_corp)                 \
    X(48, kAny, tc0690)                   \
    X(64, kAny, rambo1)                   \
    X(65, kAny, h3001)                    \
    X(66, kAny, gxrom)                    \
    X(67, kAny, sunsoft_3)                \
    X(68, kAny, sunsoft_4)                \
    X(69, kAny, fme7)                     \
    X(70, kAny, bandai_74161)             \
    X(71, kAny, camerica)                 \
    X(71, 1, bf9097)                      \
    X(73, kAny, vrc3)                     \
    X(75, kAny, vrc1)                     \
    X(76, kAny, namco_3446)               \
    X(77, kAny, napoleon_senki)           \
    X(78, kAny, irem_74161)               \
    X(78, 1, cosmo_carrier)               \
    X(78, 3, holy_diver)                  \
    X(79, kAny, nina_003)                 \
    X(80, kAny, x1_005)                   \
    X(82, kAny, x1_017)                   \
    X(85, kAny, vrc7)                     \
    X(85, 1, vrc7b)                       \
    X(85, 2, vrc7a)                       \
    X(86, kAny, jf_13)                    \
    X(87, kAny, jf_09)                    \
    X(88, kAny, namco_3443)               \
    X(89, kAny, sunsoft_2_on_3)           \
    X(93, kAny, sunsoft_2_on_3r)          \
    X(94, kAny, un1rom)                   \
    X(95, kAny, namco_3425)               \
    X(97, kAny, tam_s1)                   \
    X(99, kAny, vs_system)                \
    X(101, kAny, jf_10)                   \
    X(105, kAny, nes_event)               \
    X(107, kAny, magic_dragon)            \
    X(111, kAny, gtrom)                   \
    X(112, kAny, ntdec_112)               \
    X(113, kAny, hes_ntd_8)               \
    X(118, kAny, txsrom)                  \
    X(119, kAny, tqrom)                   \
    X(140, kAny, jf_11)                   \
    X(146, kAny, nina_003)                \
    X(148, kAny, sachen_008a)             \
    X(151, kAny, vrc1)                    \
    X(152, kAny, bandai_74161_one_screen) \
    X(153, kAny, bandai_lz93d50_ram)      \
    X(154, kAny, namco_3453)              \
    X(155, kAny, mmc1a)                   \
    X(156, kAny, daou_156)                \
    X(157, kAny, bandai_datach)           \
    X(158, kAny, rambo1_wired)            \
    X(159, kAny, bandai_lz93d50_24c01)    \
    X(163, kAny, nanjing_163)             \
    X(180, kAny, unrom_74hc08)            \
    X(184, kAny, sunsoft_1)               \
    X(185, kAny, cnrom_protected)         \
    X(185, 4, cnrom_diodes_0)             \
    X(185, 5, cnrom_diodes_1)             \
    X(185, 6, cnrom_diodes_2)             \
    X(185, 7, cnrom_diodes_3)             \
    X(189, kAny, txc_189)                 \
    X(193, kAny, tc112)                   \
    X(206, kAny, dxrom)                   \
    X(206, 1, dxrom_fixed_prg)            \
    X(207, kAny, x1_005_wired)            \
    X(210, kAny, namco_175_or_340)        \
    X(210, 1, namco_175)                  \
    X(210, 2, namco_340)                  \
    X(218, kAny, magic_floor)             \
    X(225, kAny, et4310)                  \
    X(226, kAny, bmc_76in1)               \
    X(228, kAny, action52)                \
    X(232, kAny, bf9096)                  \
    X(232, 1, aladdin)                    \
    X(234, kAny, maxi15)                  \
    X(240, kAny, ce_240)                  \
    X(241, kAny, bxrom_ram)               \
    X(242, kAny, et113)                   \
    X(246, kAny, fong_shen_bang)          \
    X(552, kAny, x1_017_reversed)
// clang-format on

}  // namespace

namespace boards {
#define NES_DECLARE(mapper, submapper, name) std::unique_ptr<Board> make_##name(Cartridge& cart);
NES_BOARDS(NES_DECLARE)
#undef NES_DECLARE
}  // namespace boards

namespace {

struct Entry {
    unsigned mapper;
    int submapper;
    std::unique_ptr<Board> (*make)(Cartridge&);
};

constexpr Entry kBoards[] = {
#define NES_ENTRY(mapper, submapper, name) {mapper, submapper, boards::make_##name},
    NES_BOARDS(NES_ENTRY)
#undef NES_ENTRY
};

/// The line of a board. A submapper nobody lists gets the plain board of its mapper.
const Entry* find(unsigned mapper, unsigned submapper) noexcept {
    const Entry* plain = nullptr;
    for (const Entry& entry : kBoards) {
        if (entry.mapper != mapper) continue;
        if (entry.submapper == static_cast<int>(submapper)) return &entry;
        if (entry.submapper == kAny) plain = &entry;
    }
    return plain;
}

}  // namespace

std::unique_ptr<Board> make_board(Cartridge& cartridge) {
    const Rom& rom = *cartridge.rom;
    if (const Entry* entry = find(rom.mapper, rom.submapper)) return entry->make(cartridge);
    std::string text = "mapper " + std::to_string(rom.mapper);
    if (const std::string name = mapper_name(rom.mapper); !name.empty()) text += " (" + name + ")";
    throw RomError(text + " is not supported");
}

bool board_is_supported(unsigned mapper, unsigned submapper) noexcept { return find(mapper, submapper) != nullptr; }

}  // namespace nes
