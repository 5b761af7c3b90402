// Assertions of the native tests: they count, say where they failed, and go on.
#pragma once

#include <cstdio>
#include <sstream>
#include <string>

namespace check {

inline int passed = 0;
inline int failed = 0;
inline std::string context;  // what is being tested, for the message

template <class T>
std::string show(const T& value) {
    std::ostringstream text;
    if constexpr (sizeof(T) == 1) {
        text << static_cast<int>(value);
    } else {
        text << value;
    }
    return text.str();
}

inline void fail(const char* file, int line, const std::string& text) {
    ++failed;
    std::printf("%s:%d: [%s] %s\n", file, line, context.c_str(), text.c_str());
}

inline void is_true(bool ok, const char* what, const char* file, int line) {
    if (ok) {
        ++passed;
    } else {
        fail(file, line, what);
    }
}

template <class A, class B>
void equal(const A& got, const B& expected, const char* what, const char* file, int line) {
    if (got == expected) {
        ++passed;
    } else {
        fail(file, line, std::string(what) + " is " + show(got) + ", not " + show(expected));
    }
}

/// The exit code of a test program.
inline int result() {
    std::printf("%d checks passed, %d failed\n", passed, failed);
    return failed == 0 ? 0 : 1;
}

}  // namespace check

#define CHECK(condition) ::check::is_true((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQ(got, expected) ::check::equal((got), (expected), #got, __FILE__, __LINE__)
