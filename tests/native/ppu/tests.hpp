// The parts of the PPU tests.
#pragma once

#include "scene.hpp"

namespace nes::test {

void test_vblank();
void test_registers();
void test_background();
void test_sprites();
void test_sprite_flags();

}  // namespace nes::test
