// NROM: no logic at all. NESdev "NROM".
#include "cartridge/boards/common.hpp"

namespace nes::boards {

std::unique_ptr<Board> make_nrom(Cartridge& cart) {
    class Nrom final : public Board {
      public:
        using Board::Board;
        void map() noexcept override {
            cart.map_prg_ram(0x6000, 8 * kKB, 0);
            map_fixed_prg(cart);  // 16 KB repeat
            cart.map_chr(0x0000, 8 * kKB, 0);
            cart.mirror(cart.rom->mirroring);
        }
    };
    return std::make_unique<Nrom>(cart);
}

}  // namespace nes::boards
