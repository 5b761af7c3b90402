// libFuzzer's entry: NES_PY_FUZZ_TARGET is one of the functions of targets.hpp.
#include "targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    fuzz::NES_PY_FUZZ_TARGET({data, size});
    return 0;
}
