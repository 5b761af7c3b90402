// Which board a ROM needs. The one place where mapper numbers meet boards: a new board is a file in
// boards/ and a line here.
#include "board.hpp"

namespace nes {
namespace {

constexpr int kAny = -1;  // every submapper without a line of its own

// X(mapper, submapper, boards::make_...)
#define NES_BOARDS(X)              \
    X(0, kAny, nrom)               \
    X(1, kAny, mmc1)               \
    X(1, 5, mmc1_fixed_prg)        \
    X(2, kAny, uxrom)              \
    X(2, 2, uxrom_conflicts)       \
    X(3, kAny, cnrom)              \
    X(3, 2, cnrom_conflicts)       \
    X(4, kAny, mmc3)               \
    X(4, 1, mmc6)                  \
    X(4, 4, mmc3_nec)              \
    X(7, kAny, axrom)              \
    X(7, 2, axrom_conflicts)       \
    X(76, kAny, namco_3446)        \
    X(88, kAny, namco_3443)        \
    X(94, kAny, un1rom)            \
    X(95, kAny, namco_3425)        \
    X(118, kAny, txsrom)           \
    X(119, kAny, tqrom)            \
    X(154, kAny, namco_3453)       \
    X(155, kAny, mmc1a)            \
    X(180, kAny, unrom_74hc08)     \
    X(185, kAny, cnrom_protected)  \
    X(185, 4, cnrom_diodes_0)      \
    X(185, 5, cnrom_diodes_1)      \
    X(185, 6, cnrom_diodes_2)      \
    X(185, 7, cnrom_diodes_3)      \
    X(206, kAny, dxrom)            \
    X(206, 1, dxrom_fixed_prg)

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

bool board_is_supported(unsigned mapper, unsigned submapper) noexcept {
    return find(mapper, submapper) != nullptr;
}

}  // namespace nes
