// The parts of the CPU tests.
#pragma once

#include "test_console.hpp"

namespace nes::test {

void test_opcodes();
void test_accesses();
void test_interrupts();
void test_dma();

}  // namespace nes::test
