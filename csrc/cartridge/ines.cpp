// iNES and NES 2.0 files.
//
// Facts: NESdev "INES" and "NES 2.0". Nothing in a header is believed before the file is seen to be long
// enough for it, so that a made-up header cannot make the loader allocate much more than the file's own size.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <string_view>

#include "cartridge/rom.hpp"
#include "recompiler/code_cache.hpp"

namespace nes {
namespace {

constexpr std::size_t kHeaderSize = 16;
constexpr std::size_t kTrainerSize = 512;
constexpr std::uint64_t kKilobyte = 1024;
constexpr std::uint64_t kPrgUnit = 16 * kKilobyte;
constexpr std::uint64_t kChrUnit = 8 * kKilobyte;
// The largest chip any known board can address is 32 MB (mapper 268 and its like).
constexpr std::uint64_t kRomLimit = 64 * kKilobyte * kKilobyte;
// What may be missing of a CHR-ROM: as much as a header of iNES 1 can declare.
constexpr std::uint64_t kFillLimit = 255 * kChrUnit;
// Chips are reached through pages; a smaller one is repeated until it fills whole pages.
constexpr std::size_t kPrgPage = 2048;
constexpr std::size_t kChrPage = 1024;

using Header = std::array<std::uint8_t, kHeaderSize>;

std::string hex(unsigned value, int digits) {
    char text[16];
    std::snprintf(text, sizeof text, "%0*X", digits, value);
    return text;
}

std::string kilobytes(std::uint64_t bytes) {
    char text[32];
    if (bytes % kKilobyte == 0) {
        std::snprintf(text, sizeof text, "%llu KB", static_cast<unsigned long long>(bytes / kKilobyte));
    } else {
        std::snprintf(text, sizeof text, "%.1f KB", static_cast<double>(bytes) / 1024.0);
    }
    return text;
}

struct Magic {
    std::string_view bytes;
    const char* what;
};

using namespace std::string_view_literals;

constexpr Magic kMagics[] = {
    {"UNIF"sv, "a UNIF file; convert it to NES 2.0"},
    {"FDS\x1A"sv, "a Famicom Disk System image; disks are not supported"},
    {"\x01*NINTENDO-HVC*"sv, "a Famicom Disk System image without header; disks are not supported"},
    {"NESM\x1A"sv, "an NSF music file"},
    {"NSFE"sv, "an NSFe music file"},
    {"PK\x03\x04"sv, "a zip archive; unpack it first"},
    {"\x1F\x8B"sv, "a gzip file; unpack it first"},
    {"7z\xBC\xAF\x27\x1C"sv, "a 7z archive; unpack it first"},
    {"Rar!"sv, "a RAR archive; unpack it first"},
    {"BZh"sv, "a bzip2 file; unpack it first"},
    {"\xFD"
     "7zXZ"sv,
     "an xz file; unpack it first"},
    {"\x28\xB5\x2F\xFD"sv, "a Zstandard file; unpack it first"},
    {"PATCH"sv, "an IPS patch, not a ROM"},
    {"BPS1"sv, "a BPS patch, not a ROM"},
    {"UPS1"sv, "a UPS patch, not a ROM"},
    {"FCS"sv, "a savestate of FCEUX, not a ROM"},
    {"version 3"sv, "a movie (.fm2), not a ROM"},
    {"version https://git-lfs"sv, "a pointer of Git LFS; fetch the file with git lfs pull"},
};

/// What a file without the iNES magic is, when its first bytes tell.
const char* guess_format(std::string_view file) {
    for (const Magic& one : kMagics) {
        if (file.substr(0, one.bytes.size()) == one.bytes) return one.what;
    }
    const std::string_view marks = "\xEF\xBB\xBF";
    if (file.substr(0, marks.size()) == marks) file.remove_prefix(marks.size());
    const std::size_t text = file.find_first_not_of(" \t\r\n");
    if (text != std::string_view::npos && file[text] == '<') return "a web page or XML file";
    return nullptr;
}

Header read_header(const std::uint8_t* data, std::size_t size) {
    static constexpr char kMagic[] = "NES\x1A";
    if (size == 0) throw RomError("the file is empty");
    if (std::memcmp(data, kMagic, std::min<std::size_t>(size, 4)) != 0) {
        std::string found;
        for (std::size_t i = 0; i < std::min<std::size_t>(size, 4); ++i) {
            if (i != 0) found += ' ';
            found += hex(data[i], 2);
        }
        std::string text =
            "not an iNES file: it starts with " + found + " instead of 4E 45 53 1A (\"NES\", end of file)";
        if (const char* guess = guess_format({reinterpret_cast<const char*>(data), size}))
            text += std::string("; it looks like ") + guess;
        throw RomError(text);
    }
    if (size < kHeaderSize) {
        throw RomError("the header is cut short: it takes 16 bytes, the file has " + std::to_string(size));
    }
    Header header;
    std::memcpy(header.data(), data, kHeaderSize);
    return header;
}

/// Size of a ROM area in NES 2.0: a count of units, or 2^E * (2M + 1) bytes when the upper nibble is $F.
/// Sizes beyond the limit come back as limit + 1, so that no sum of them overflows.
std::uint64_t nes2_size(unsigned low, unsigned high, std::uint64_t unit) {
    if (high != 0x0F) return (high << 8 | low) * unit;
    const unsigned exponent = low >> 2;
    const std::uint64_t multiplier = (low & 3) * 2 + 1;
    if (exponent > 26) return kRomLimit + 1;
    return std::min((std::uint64_t{1} << exponent) * multiplier, kRomLimit + 1);
}

/// Size of a RAM chip in NES 2.0: 64 << n bytes, none for n = 0.
constexpr std::uint32_t nes2_ram(unsigned shift) { return shift == 0 ? 0u : std::uint32_t{64} << shift; }

struct RomSizes {
    std::uint64_t prg;
    std::uint64_t chr;
};

RomSizes ines1_sizes(const Header& h) { return {h[4] * kPrgUnit, h[5] * kChrUnit}; }
RomSizes nes2_sizes(const Header& h) {
    return {nes2_size(h[4], h[9] & 0x0Fu, kPrgUnit), nes2_size(h[5], h[9] >> 4, kChrUnit)};
}

// Boards with registers, ROM or nothing at $6000-$7FFF.
constexpr unsigned kWithoutRam[] = {36,  37,  40,  41,  42,  43,  46,  47,  49,  50,  51,  53,  57,  72,
                                    79,  83,  86,  87,  91,  92,  96,  101, 108, 111, 113, 120, 132, 133,
                                    136, 137, 138, 139, 140, 141, 142, 143, 145, 146, 147, 148, 149, 150,
                                    157, 172, 173, 175, 184, 189, 193, 205, 212, 218, 234, 243};

/// PRG-RAM of a board whose iNES 1 header does not say. 8 KB at $6000 wherever the board leaves that
/// range free, also on boards that never had it: test programs report there.
std::uint32_t ines1_prg_ram(unsigned mapper, unsigned header_units) {
    switch (mapper) {
        case 103: return 16 * 1024;
        case 1:
            // SOROM and SXROM differ from SNROM only in the size of their RAM.
            if (header_units == 2 || header_units == 4) return header_units * 8 * 1024;
            return 8 * 1024;
        case 5: return 64 * 1024;  // what no MMC5 board exceeds, NESdev "MMC5"
        case 6:
        case 8:
        case 17: return 36 * 1024;  // of a Magic Card, with its scratch RAM
        case 16: return 256;        // the EEPROM beside a LZ93D50
        case 80:
        case 207:
        case 159: return 128;      // inside the X1-005; the EEPROM of 159
        case 82: return 5 * 1024;  // inside the X1-017
        case 198:
        case 199: return 12 * 1024;  // 8 KB, and 4 KB at $5000
        case 246: return 2 * 1024;
        default: break;
    }
    const auto* const end = std::end(kWithoutRam);
    return std::find(std::begin(kWithoutRam), end, mapper) != end ? 0 : 8 * 1024;
}

std::uint32_t ines1_chr_ram(unsigned mapper, bool has_chr_rom) {
    switch (mapper) {
        case 77:                    // 2 KB windows of ROM, the rest RAM
        case 119: return 8 * 1024;  // TQROM has ROM and RAM
        case 74:                    // so have these of Waixing
        case 191:
        case 194:
        case 252:
        case 253: return 2 * 1024;
        case 165:
        case 192: return 4 * 1024;
        case 176:
        case 195: return 8 * 1024;
        case 218: return 0;  // the console's own 2 KB serve as pattern table
        default: break;
    }
    if (has_chr_rom) return 0;
    switch (mapper) {
        case 6:
        case 8:
        case 17:
        case 29: return 32 * 1024;
        case 13: return 16 * 1024;
        case 28:
        case 30:
        case 96:
        case 111: return 32 * 1024;
        case 168: return 64 * 1024;
        default: return 8 * 1024;
    }
}

void read_ines1(Rom& rom, const Header& h) {
    // iNES 0.7 knew byte 7, and older programs wrote their names over it. A name that begins behind bytes 8 and 9
    // leaves it as it was (NESdev "INES", "Variant comparison").
    const bool has_name = h[12] != 0 || h[13] != 0 || h[14] != 0 || h[15] != 0;
    const bool dirty = (h[7] & 0x0C) != 0 || (has_name && (h[8] != 0 || h[9] != 0));
    rom.mapper = h[6] >> 4;
    if (dirty) {
        rom.notes.push_back(
            "bytes 7-15 of the header hold something else than a header (an old tool's name, usually): "
            "they are ignored, so the mapper is " +
            std::to_string(rom.mapper));
    } else {
        if (has_name) {
            rom.notes.push_back(
                "bytes 10-15 of the header hold something else than a header (an old tool's name, usually): "
                "they are ignored");
        }
        rom.mapper = static_cast<std::uint16_t>(rom.mapper | (h[7] & 0xF0));
        rom.console_type = h[7] & 3;
        if (rom.console_type == 3) rom.console_type = 0;
        if ((h[9] & 1) != 0) rom.region = Region::pal;
    }
    rom.prg_ram_size = ines1_prg_ram(rom.mapper, dirty ? 0u : h[8]);
    if (rom.has_trainer) rom.prg_ram_size = std::max<std::uint32_t>(rom.prg_ram_size, 8 * 1024);
    rom.prg_nvram_size = rom.battery ? rom.prg_ram_size : 0;
    rom.chr_ram_size = ines1_chr_ram(rom.mapper, h[5] != 0);
}

void read_nes2(Rom& rom, const Header& h) {
    rom.nes2 = true;
    rom.mapper = static_cast<std::uint16_t>(h[6] >> 4 | (h[7] & 0xF0) | (h[8] & 0x0F) << 8);
    rom.submapper = h[8] >> 4;
    rom.prg_nvram_size = nes2_ram(h[10] >> 4);
    rom.prg_ram_size = nes2_ram(h[10] & 0x0Fu) + rom.prg_nvram_size;
    rom.chr_nvram_size = nes2_ram(h[11] >> 4);
    rom.chr_ram_size = nes2_ram(h[11] & 0x0Fu) + rom.chr_nvram_size;
    switch (h[12] & 3) {
        case 1: rom.region = Region::pal; break;
        case 2: rom.multi_region = true; break;
        case 3: rom.region = Region::dendy; break;
        default: break;
    }
    rom.console_type = h[7] & 3;
    if (rom.console_type == 3) {
        const unsigned extended = h[13] & 0x0Fu;
        if (extended < 3) {
            rom.console_type = static_cast<std::uint8_t>(extended);
        } else {
            rom.notes.push_back("made for an extended console (type " + std::to_string(extended) +
                                "): it runs as on a plain one");
        }
    }
    if (rom.console_type == 1 && (h[7] & 3) == 1) rom.vs_ppu = h[13] & 0x0F;
    rom.expansion_device = h[15] & 0x3F;
    if (rom.has_trainer && rom.prg_ram_size < 8 * kKilobyte) {
        rom.notes.push_back("there is a trainer but no RAM at $7000 for it: it is ignored");
    }
}

/// Copies a chip and repeats it until it fills whole pages.
std::vector<std::uint8_t> read_chip(const std::uint8_t* data, std::uint64_t size, std::size_t page) {
    std::vector<std::uint8_t> chip(data, data + size);
    const std::size_t used = chip.size();
    chip.resize((used + page - 1) / page * page);
    for (std::size_t i = used; i < chip.size(); ++i) chip[i] = chip[i - used];
    return chip;
}

std::uint64_t fnv1a(std::uint64_t hash, const std::vector<std::uint8_t>& bytes) {
    for (const std::uint8_t byte : bytes) hash = (hash ^ byte) * 0x100000001B3u;
    return hash;
}

std::uint64_t hash_of(const Rom& rom) {
    std::uint64_t hash = 0xCBF29CE484222325u;
    hash = fnv1a(hash, rom.trainer);
    hash = fnv1a(hash, rom.prg);
    hash = fnv1a(hash, rom.chr);
    return fnv1a(hash, {static_cast<std::uint8_t>(rom.mapper & 0xFF), static_cast<std::uint8_t>(rom.mapper >> 8),
                        rom.submapper});
}

/// How much of a chip that the header declares is missing in the file, for people.
std::string cut_short(const char* name, std::uint64_t declared, std::uint64_t available) {
    return std::string(name) + " is cut short: the header declares " +
           (declared > kRomLimit ? "more than " + kilobytes(kRomLimit) : std::to_string(declared) + " bytes") +
           ", the file has " + std::to_string(available) + " of them";
}

}  // namespace

std::shared_ptr<const Rom> load_rom(const std::uint8_t* data, std::size_t size) {
    const Header h = read_header(data, size);
    auto rom = std::make_shared<Rom>();
    rom->battery = (h[6] & 0x02) != 0;
    rom->has_trainer = (h[6] & 0x04) != 0;
    rom->mirroring = (h[6] & 0x08) != 0   ? Mirroring::four_screen
                     : (h[6] & 0x01) != 0 ? Mirroring::vertical
                                          : Mirroring::horizontal;

    std::size_t position = kHeaderSize;
    const auto left = [&] { return static_cast<std::uint64_t>(size - position); };
    if (rom->has_trainer) {
        if (left() < kTrainerSize) {
            throw RomError("the trainer is cut short: it takes 512 bytes, the file has " + std::to_string(left()) +
                           " of it");
        }
        rom->trainer.assign(data + position, data + position + kTrainerSize);
        position += kTrainerSize;
    }

    // Two boards read the four-screen bit in their own way: with it, bit 0 tells two more wirings apart
    // (NESdev "UNROM 512", "INES Mapper 218").
    const auto read_special_mirroring = [&] {
        if (rom->mirroring != Mirroring::four_screen) return;
        const bool low = (h[6] & 1) != 0;
        if (rom->mapper == 30 && !low) rom->mirroring = Mirroring::single_0;
        if (rom->mapper == 218) rom->mirroring = low ? Mirroring::single_1 : Mirroring::single_0;
    };

    // A dirty iNES 1 header can look like NES 2.0; then the sizes it seems to give do not fit the file
    // (NESdev "INES", "Variant comparison").
    bool nes2 = (h[7] & 0x0C) == 0x08;
    RomSizes sizes = nes2 ? nes2_sizes(h) : ines1_sizes(h);
    if (nes2 && sizes.prg + sizes.chr > left()) {
        const RomSizes old = ines1_sizes(h);
        if (old.prg != 0 && old.prg + old.chr <= left()) {
            nes2 = false;
            sizes = old;
            rom->notes.push_back(
                "the header looks like NES 2.0, but the sizes it gives exceed the file: it is read as iNES 1");
        }
    }
    if (nes2) {
        read_nes2(*rom, h);
    } else {
        read_ines1(*rom, h);
    }
    read_special_mirroring();

    if (sizes.prg == 0) throw RomError("the header declares no PRG-ROM, so there is no program to run");
    if (sizes.prg > left()) throw RomError(cut_short("PRG-ROM", sizes.prg, left()));
    if (sizes.prg + sizes.chr > kRomLimit) {
        throw RomError("the ROM has " + kilobytes(sizes.prg + sizes.chr) + ", more than the limit of " +
                       kilobytes(kRomLimit));
    }
    rom->prg = read_chip(data + position, sizes.prg, kPrgPage);
    position += static_cast<std::size_t>(sizes.prg);
    if (sizes.chr > left() + kFillLimit) throw RomError(cut_short("CHR-ROM", sizes.chr, left()));
    if (sizes.chr <= left()) {
        rom->chr = read_chip(data + position, sizes.chr, kChrPage);
        position += static_cast<std::size_t>(sizes.chr);
    } else {
        // Other emulators play such files; what is missing is as in a chip that nobody has written to.
        rom->notes.push_back(cut_short("CHR-ROM", sizes.chr, left()) + ": the rest is filled with $FF");
        std::vector<std::uint8_t> chip(static_cast<std::size_t>(sizes.chr), 0xFF);
        std::copy(data + position, data + size, chip.begin());
        rom->chr = read_chip(chip.data(), chip.size(), kChrPage);
        position = size;
    }

    if (left() != 0) {
        rom->notes.push_back(std::to_string(left()) + " bytes after the CHR-ROM are ignored");
    }
    rom->hash = hash_of(*rom);
    if (recompiler::enabled()) rom->code = std::make_shared<recompiler::CodeCache>(rom->prg.data(), rom->prg.size());
    return rom;
}

}  // namespace nes
