// Headers, good and bad.
#include "tests.hpp"

namespace nes::test {
namespace {

std::string error_of(const std::vector<std::uint8_t>& file) {
    try {
        load_rom(file.data(), file.size());
    } catch (const RomError& error) {
        return error.what();
    }
    return "";
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

void check_error(const std::vector<std::uint8_t>& file, const char* part, int line) {
    const std::string message = error_of(file);
    check::is_true(has(message, part), message.c_str(), __FILE__, line);
}
#define CHECK_ERROR(file, part) check_error(file, part, __LINE__)

std::vector<std::uint8_t> bytes(const char* text) { return {text, text + std::strlen(text)}; }

void test_errors() {
    check::context = "header errors";
    CHECK_ERROR({}, "empty");
    CHECK_ERROR(bytes("PK\x03\x04zip"), "50 4B 03 04");
    CHECK_ERROR(bytes("PK\x03\x04zip"), "zip archive");
    CHECK_ERROR(bytes("UNIF...."), "UNIF");
    CHECK_ERROR(bytes("FDS\x1A..."), "Famicom Disk System");
    CHECK_ERROR(bytes("\x1F\x8B"), "gzip");
    CHECK_ERROR(bytes("x"), "78 instead");
    CHECK_ERROR(bytes("\xEF\xBB\xBF\r\n <html>"), "web page");
    CHECK_ERROR(bytes("version https://git-lfs.github.com/spec/v1"), "Git LFS");
    CHECK_ERROR(bytes("version 3\n"), ".fm2");
    CHECK_ERROR(bytes("NES"), "header is cut short");
    CHECK_ERROR(bytes("NES\x1A\x01\x01"), "the file has 6");

    auto file = build({.prg = 32, .chr = 8});
    auto cut = file;
    cut.resize(16 + 10 * 1024);
    CHECK_ERROR(cut, "PRG-ROM is cut short: the header declares 32768 bytes, the file has 10240 of them");
    cut = file;
    cut.resize(16 + 40 * 1024 - 1);
    const auto filled = load_rom(cut.data(), cut.size());
    CHECK(filled->chr.size() == 8 * 1024 && filled->chr.back() == 0xFF && filled->notes.size() == 1);
    CHECK(filled->notes[0].find("the header declares 8192 bytes, the file has 8191 of them") != std::string::npos);
    cut = file;
    cut[4] = 0;
    CHECK_ERROR(cut, "no PRG-ROM");
    cut = file;
    cut[6] |= 4;
    cut.resize(100);
    CHECK_ERROR(cut, "trainer is cut short");
    cut = file;
    cut[4] = 0xFF;  // 2^63 * 7
    cut[9] = 0x0F;
    CHECK_ERROR(cut, "PRG-ROM is cut short: the header declares more than 65536 KB");

    try {
        Fixture unsupported({.mapper = 256});
        CHECK(false);
    } catch (const RomError& error) {
        CHECK(has(error.what(), "mapper 256 (OneBus (VT02/VT03)) is not supported"));
    }
    CHECK(!board_is_supported(256, 0));
    CHECK(board_is_supported(0, 0));
    CHECK(board_is_supported(4, 15));
}

void test_ines1() {
    check::context = "iNES 1";
    auto file = build({.mapper = 66, .prg = 64, .chr = 16, .nes2 = false, .vertical = true});
    auto rom = load_rom(file.data(), file.size());
    CHECK_EQ(rom->mapper, 66);
    CHECK(!rom->nes2);
    CHECK(rom->mirroring == Mirroring::vertical);
    CHECK_EQ(rom->prg_ram_size, 8192u);
    CHECK_EQ(rom->chr_ram_size, 0u);
    CHECK(rom->notes.empty());
    const std::uint64_t hash = rom->hash;

    std::memcpy(&file[7], "DiskDude!", 9);
    rom = load_rom(file.data(), file.size());
    CHECK_EQ(rom->mapper, 2);
    CHECK_EQ(rom->notes.size(), 1u);
    CHECK(rom->hash != hash);

    file[7] = 0x40;
    std::memcpy(&file[8], "\0\0\0aster", 8);
    rom = load_rom(file.data(), file.size());
    CHECK_EQ(rom->mapper, 66);
    CHECK_EQ(rom->notes.size(), 1u);
    CHECK(rom->hash == hash);

    file = build({.mapper = 1, .prg = 512, .chr = 0, .nes2 = false});
    file[8] = 4;
    rom = load_rom(file.data(), file.size());
    CHECK_EQ(rom->prg_ram_size, 32768u);
    CHECK_EQ(rom->chr_ram_size, 8192u);

    // A size that is no power of two, and bytes after the end.
    file = build({.mapper = 2, .prg = 48, .chr = 0, .nes2 = false});
    file.push_back(0);
    rom = load_rom(file.data(), file.size());
    CHECK_EQ(rom->prg.size(), 48u * 1024);
    CHECK_EQ(rom->notes.size(), 1u);

    file = build({.prg = 16, .chr = 8, .nes2 = false});
    file.insert(file.begin() + 16, 512, std::uint8_t{0x77});
    file[6] |= 4;
    rom = load_rom(file.data(), file.size());
    CHECK_EQ(rom->trainer.size(), 512u);
    CHECK_EQ(rom->trainer[511], 0x77);
    CHECK_EQ(rom->prg[2048], 1);

    // Bits that look like NES 2.0, in a file too small for the sizes they would mean.
    file = build({.prg = 32, .chr = 8, .nes2 = false});
    file[7] |= 8;
    file[9] = 0x11;
    rom = load_rom(file.data(), file.size());
    CHECK(!rom->nes2);
}

void test_nes2() {
    check::context = "NES 2.0";
    auto file = build({.mapper = 0x123, .submapper = 5, .prg = 32, .chr = 8});
    file[10] = 0x97;  // 8 KB volatile, 32 KB kept
    file[11] = 0x07;
    file[12] = 3;
    file[15] = 0x2A;
    auto rom = load_rom(file.data(), file.size());
    CHECK_EQ(rom->mapper, 0x123);
    CHECK_EQ(rom->submapper, 5);
    CHECK_EQ(rom->prg_ram_size, 40u * 1024);
    CHECK_EQ(rom->prg_nvram_size, 32u * 1024);
    CHECK_EQ(rom->chr_ram_size, 8192u);
    CHECK(rom->region == Region::dendy);
    CHECK_EQ(rom->expansion_device, 0x2A);

    file[7] |= 3;
    file[13] = 1;
    rom = load_rom(file.data(), file.size());
    CHECK_EQ(rom->console_type, 1);

    // 2^13 * 3 = 24 KB of PRG-ROM, 2^9 bytes of CHR-ROM: the chip repeats inside a page.
    file = build({.prg = 32, .chr = 8});
    file[4] = 13 << 2 | 1;
    file[5] = 9 << 2;
    file[9] = 0xFF;
    rom = load_rom(file.data(), file.size());
    CHECK_EQ(rom->prg.size(), 24u * 1024);
    CHECK_EQ(rom->chr.size(), 1024u);
    CHECK_EQ(rom->chr[0], rom->chr[512]);

    file = build({.prg_ram = 0, .chr_ram = 0});
    rom = load_rom(file.data(), file.size());
    CHECK_EQ(rom->prg_ram_size, 0u);
}

/// Whatever the sixteen bytes say, the file is read or refused, and nothing lies outside a chip.
void test_random_headers() {
    check::context = "random headers";
    std::uint32_t noise = 1;
    const auto next = [&] { return static_cast<std::uint8_t>((noise = noise * 1664525u + 1013904223u) >> 24); };
    for (int i = 0; i < 20000; ++i) {
        auto file = build({.prg = 32, .chr = 16});
        file.resize(file.size() - next() * 8u);
        for (int change = next() % 6; change >= 0; --change) file[4 + next() % 12u] = next();
        try {
            const auto rom = load_rom(file.data(), file.size());
            CHECK(!rom->prg.empty() && rom->prg.size() % 2048 == 0 && rom->chr.size() % 1024 == 0);
            CHECK(rom->prg.size() <= file.size() + 4096);
            // What is missing of CHR-ROM is filled up, as much as an iNES header can declare.
            CHECK(rom->chr.size() <= file.size() + 255 * 8192);
        } catch (const RomError& error) {
            CHECK(error.what()[0] != 0);
        }
    }
}

}  // namespace

void test_ines() {
    test_errors();
    test_ines1();
    test_nes2();
    test_random_headers();
}

}  // namespace nes::test
