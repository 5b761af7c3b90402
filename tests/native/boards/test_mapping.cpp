// The mapping helpers, on a NROM cartridge.
#include "tests.hpp"

namespace nes::test {

void test_mapping() {
    check::context = "mapping";
    Fixture f({.prg = 48, .chr = 8, .prg_ram = 8});
    f.cart.map_prg(0x8000, 16 * 1024, 4);  // 3 banks: wraps
    CHECK_EQ(f.prg(0x8000), 8);
    CHECK_EQ(f.prg(0xB800), 15);
    f.cart.map_prg(0xC000, 16 * 1024, -1);
    CHECK_EQ(f.prg(0xC000), 16);
    f.cart.map_prg(0xC000, 16 * 1024, -5);  // two short of the start, twice around
    CHECK_EQ(f.prg(0xC000), 8);
    f.write(0x8000, 1);  // ROM takes no write
    CHECK_EQ(f.prg(0x8000), 8);

    Fixture small({.prg = 16, .chr = 8, .prg_ram = 2});
    CHECK_EQ(small.prg(0x8000), 0);
    CHECK_EQ(small.prg(0xC000), 0);
    CHECK_EQ(small.prg(0xF800), 7);
    small.write(0x6001, 0x42);
    CHECK_EQ(small.read(0x7801), 0x42u);  // 2 KB repeat in 8 KB

    Fixture none({.prg = 16, .chr = 0, .prg_ram = 0});
    none.write(0x6000, 1);
    CHECK_EQ(none.read(0x6000), 0xEEu);
    CHECK_EQ(none.chr(0), -1);

    const std::uint32_t version = f.cart.ppu_map_version;
    f.cart.map_chr(0x1000, 4096, 1);
    CHECK_EQ(f.cart.ppu_map_version, version);  // there already
    f.cart.map_chr(0x1000, 4096, 0);
    CHECK(f.cart.ppu_map_version != version);
    f.cart.mirror(Mirroring::horizontal);
    CHECK_EQ(f.nametables(), std::string("0011"));
    f.cart.mirror(Mirroring::vertical);
    CHECK_EQ(f.nametables(), std::string("0101"));
    f.cart.mirror(Mirroring::single_1);
    CHECK_EQ(f.nametables(), std::string("1111"));
    f.cart.mirror(Mirroring::four_screen);
    CHECK_EQ(f.nametables(), std::string("0123"));
}

}  // namespace nes::test
