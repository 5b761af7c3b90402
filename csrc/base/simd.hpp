// What the processor can do beyond what the compiler may take for granted.
#pragma once

#if !defined(NES_PY_NO_SIMD) && (defined(__x86_64__) || defined(_M_X64))
#define NES_X86 1
#if defined(_MSC_VER)
#define NES_TARGET(features)
#else
#define NES_TARGET(features) [[gnu::target(features)]]
#endif
#elif !defined(NES_PY_NO_SIMD) && (defined(__aarch64__) || defined(_M_ARM64))
#define NES_NEON 1
#endif

namespace nes {

/// x86: as the processor says, and the operating system, which must save the registers. Elsewhere all false.
struct SimdFeatures {
    bool ssse3 = false;
    bool avx2 = false;
    bool vbmi = false;  // with AVX-512F and BW
};

SimdFeatures simd_features() noexcept;

}  // namespace nes
