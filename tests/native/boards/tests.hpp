// The parts of the board tests.
#pragma once

#include "fixture.hpp"

namespace nes::test {

void test_ines();
void test_mapping();
void test_nintendo();
void test_banks();
void test_multicarts();
void test_mmc3_clones();
void test_unlicensed();
void test_counters();
void test_mmc5();
void test_all_boards();
void test_states();

}  // namespace nes::test
