// The PPU, by small programs and pictures: what the hardware test ROMs check, without them.
#include "tests.hpp"

int main() {
    using namespace nes::test;
    test_vblank();
    test_registers();
    test_background();
    test_sprites();
    test_sprite_flags();
    return check::result();
}
