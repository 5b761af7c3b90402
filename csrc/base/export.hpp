// What other libraries may call of the core: on systems with ELF or Mach-O files it is one shared library, whose symbols are hidden
// unless they are marked. On Windows it is linked into each module.
#pragma once

#if defined(_WIN32)
#define NES_PY_API
#define NES_PY_LOCAL
#else
#define NES_PY_API __attribute__((visibility("default")))
#define NES_PY_LOCAL __attribute__((visibility("hidden")))  // within a class that is NES_PY_API
#endif
