#include "base/simd.hpp"

#if defined(NES_X86) && defined(_MSC_VER)
#include <immintrin.h>
#include <intrin.h>
#endif

namespace nes {

#if defined(NES_X86) && defined(_MSC_VER)

// Intel's manual, volume 2, CPUID and XGETBV.
SimdFeatures simd_features() noexcept {
    SimdFeatures has;
    int leaf[4];
    __cpuid(leaf, 0);
    const int leaves = leaf[0];
    __cpuid(leaf, 1);
    has.ssse3 = leaf[2] & (1 << 9);
    if (leaves < 7 || !(leaf[2] & (1 << 27))) return has;
    const unsigned long long saved = _xgetbv(0);
    __cpuidex(leaf, 7, 0);
    has.avx2 = (saved & 0x06) == 0x06 && (leaf[1] & (1 << 5));
    const bool avx512 = (saved & 0xE6) == 0xE6 && (leaf[1] & (1 << 16)) && (leaf[1] & (1 << 30));
    has.vbmi = has.avx2 && avx512 && (leaf[2] & (1 << 1));
    return has;
}

#elif defined(NES_X86)

SimdFeatures simd_features() noexcept {
    __builtin_cpu_init();
    SimdFeatures has;
    has.ssse3 = __builtin_cpu_supports("ssse3");
    has.avx2 = __builtin_cpu_supports("avx2");
    has.vbmi = has.avx2 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi");
    return has;
}

#else

SimdFeatures simd_features() noexcept { return {}; }

#endif

}  // namespace nes
