// The APU as programs see it, and the units that they only hear, by their state.
#include "tests.hpp"

int main() {
    using namespace nes::test;
    test_length_counters();
    test_frame_counter();
    test_dmc();
    test_units();
    return check::result();
}
