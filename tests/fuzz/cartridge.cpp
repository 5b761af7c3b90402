#include <algorithm>
#include <map>

#include "targets.hpp"

namespace fuzz {

namespace {

constexpr std::size_t kPage = 2048;
constexpr unsigned kPrgKilobytes[] = {32, 128, 512, 16};
constexpr unsigned kChrKilobytes[] = {8, 0, 128, 256};
constexpr unsigned kRamShift[] = {7, 0, 9, 2};  // 64 << n bytes, none for 0

// ROMs that are kept: to make one and to hash it takes longer than to run a frame.
constexpr std::size_t kKept = 64;

std::vector<std::uint8_t> build(const Cartridge& cartridge) {
    static const std::vector<nes::BoardDescription> boards = nes::describe_boards();
    const nes::BoardDescription& board = boards[cartridge.board % boards.size()];
    const unsigned submapper = board.submapper < 0 ? 0 : static_cast<unsigned>(board.submapper);
    const unsigned prg = kPrgKilobytes[cartridge.sizes & 3];
    const unsigned chr = kChrKilobytes[cartridge.sizes >> 2 & 3];
    const unsigned prg_ram = kRamShift[cartridge.sizes >> 4 & 3];
    // A board without CHR-ROM and without CHR-RAM is possible, if unusual.
    const unsigned chr_ram = kRamShift[cartridge.sizes >> 6 & 3];
    const bool battery = (cartridge.flags & 0x10) != 0;
    const auto byte = [](unsigned value) { return static_cast<std::uint8_t>(value); };

    std::vector<std::uint8_t> file(16 + std::size_t{prg + chr} * 1024);
    const std::uint8_t header[16] = {
        'N',
        'E',
        'S',
        0x1A,
        byte(prg / 16),
        byte(chr / 8),
        byte((board.mapper & 15) << 4 | ((cartridge.flags & 2) != 0 ? 8u : 0u) | (battery ? 2u : 0u) |
             (cartridge.flags & 1u)),
        byte((board.mapper & 0xF0) | 8u),
        byte(board.mapper >> 8 | submapper << 4),
        0,
        byte(battery ? prg_ram << 4 : prg_ram),
        byte(chr_ram),
        byte(cartridge.flags >> 2 & 3u),
    };
    std::copy(std::begin(header), std::end(header), file.begin());
    for (std::size_t page = 0; page < prg * 1024 / kPage; ++page) {
        const auto first = file.begin() + static_cast<std::ptrdiff_t>(16 + page * kPage);
        // The last bits only, so that a page is told from its neighbours and most of it is still the same code.
        std::fill(first, first + kPage, cartridge.filler);
        for (std::size_t i = 0; i < 16; ++i) first[static_cast<std::ptrdiff_t>(i * 64)] ^= byte(unsigned(page >> i));
        const std::uint16_t vectors[] = {cartridge.nmi, cartridge.reset, cartridge.irq};
        for (std::ptrdiff_t i = 0; i < 3; ++i) {
            first[static_cast<std::ptrdiff_t>(kPage) - 6 + 2 * i] = byte(vectors[i] & 0xFFu);
            first[static_cast<std::ptrdiff_t>(kPage) - 5 + 2 * i] = byte(vectors[i] >> 8);
        }
    }
    // Pictures of which no two tiles are alike.
    std::uint32_t noise = 0x9E3779B9u;
    for (std::size_t i = 16 + prg * 1024; i < file.size(); ++i) {
        noise = noise * 1664525u + 1013904223u;
        file[i] = byte(noise >> 24 & noise >> 16 & 0xFF);
    }
    return file;
}

}  // namespace

std::shared_ptr<const nes::Rom> load(const Cartridge& cartridge) {
    static std::map<Cartridge, std::shared_ptr<const nes::Rom>> kept;
    std::shared_ptr<const nes::Rom>& rom = kept[cartridge];
    if (!rom) {
        if (kept.size() > kKept) {
            kept.clear();
            return load(cartridge);
        }
        const std::vector<std::uint8_t> file = build(cartridge);
        rom = nes::load_rom(file.data(), file.size());
    }
    return rom;
}

}  // namespace fuzz
