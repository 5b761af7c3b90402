// The CPU and the DMA unit, by small programs: what the hardware test ROMs check, without them.
#include "tests.hpp"

int main() {
    using namespace nes::test;
    test_opcodes();
    test_accesses();
    test_interrupts();
    test_dma();
    return check::result();
}
