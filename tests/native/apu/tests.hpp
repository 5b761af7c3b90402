// The parts of the APU tests.
#pragma once

#include "test_console.hpp"

namespace nes::test {

void test_length_counters();
void test_frame_counter();
void test_dmc();
void test_units();

}  // namespace nes::test
