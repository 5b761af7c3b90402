// Banks and mirroring of a board after some writes, as tables.
#pragma once

#include "tests.hpp"

namespace nes::test {

struct Write {
    unsigned address;
    unsigned value;
};

struct Expect {
    unsigned address;  // below $3000: PPU, 1 KB pages; else CPU, 2 KB pages
    int page;
};

struct Case {
    const char* name;
    Image image;
    std::vector<Write> writes;
    std::vector<Expect> pages;
    const char* nametables;  // null: not looked at
};

constexpr Image board(unsigned mapper, unsigned submapper = 0) {
    return {.mapper = mapper, .submapper = submapper, .prg = 512, .chr = 256};
}
constexpr Image chr_ram_board(unsigned mapper, unsigned submapper = 0) {
    return {.mapper = mapper, .submapper = submapper, .prg = 512, .chr = 0, .chr_ram = 32};
}

inline void test_tables(const std::vector<Case>& cases) {
    for (const Case& test : cases) {
        check::context = test.name;
        Fixture f(test.image);
        for (const Write& write : test.writes) f.write(write.address, write.value);
        for (const Expect& expect : test.pages) {
            const int page = expect.address < 0x3000 ? f.chr(expect.address) : f.prg(expect.address);
            const std::string what = "page at " + std::to_string(expect.address);
            check::equal(page, expect.page, what.c_str(), __FILE__, __LINE__);
        }
        if (test.nametables != nullptr) CHECK_EQ(f.nametables(), std::string(test.nametables));
        CHECK(f.survives_restore());
    }
}

}  // namespace nes::test
