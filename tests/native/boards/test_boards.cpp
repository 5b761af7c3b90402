// Boards without a console: banks, mirroring, interrupts.
#include "tests.hpp"

int main() {
    using namespace nes::test;
    test_ines();
    test_mapping();
    test_nintendo();
    test_banks();
    test_multicarts();
    test_mmc3_clones();
    test_unlicensed();
    test_counters();
    test_mmc5();
    test_all_boards();
    test_states();
    return check::result();
}
