// Forced inlining, spelt for each compiler.
#pragma once

#if defined(_MSC_VER)
#define NES_INLINE __forceinline
#define NES_INLINE_LAMBDA
#define NES_NOINLINE __declspec(noinline)
#define NES_LIKELY(x) (x)
#define NES_UNLIKELY(x) (x)
#else
#define NES_INLINE [[gnu::always_inline]] inline
#define NES_INLINE_LAMBDA __attribute__((always_inline))
#define NES_NOINLINE [[gnu::noinline]]
#define NES_LIKELY(x) __builtin_expect(!!(x), 1)
#define NES_UNLIKELY(x) __builtin_expect(!!(x), 0)
#endif
