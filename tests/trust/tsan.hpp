// Included first in what Cython writes, for ThreadSanitizer: the locks of a free-threaded CPython, which is compiled
// without it, are told to it where the modules take and release them.
#pragma once

#include <Python.h>

extern "C" void __tsan_acquire(void* lock);
extern "C" void __tsan_release(void* lock);

// The lock is null where the section around it has the same one.
static inline void tsan_begin(PyCriticalSection* section, PyObject* object) {
    PyCriticalSection_Begin(section, object);
    if (section->_cs_mutex) __tsan_acquire(section->_cs_mutex);
}

static inline void tsan_end(PyCriticalSection* section) {
    if (section->_cs_mutex) __tsan_release(section->_cs_mutex);
    PyCriticalSection_End(section);
}

#define PyCriticalSection_Begin tsan_begin
#define PyCriticalSection_End tsan_end
