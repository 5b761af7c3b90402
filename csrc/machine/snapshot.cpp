#include "machine/snapshot.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstring>

#include "machine/console.hpp"
#include "machine/state.hpp"
#include "machine/state_check.hpp"
#include "video/picture.hpp"

namespace nes {

namespace {

constexpr char kMagic[8] = {'N', 'E', 'S', 'P', 'Y', 'S', 'N', 'P'};
constexpr std::size_t kHeaderSize = 32;
constexpr std::size_t kChecksumSize = 8;

// A stretch of the block with named fields; what has none is plain bytes.
struct Section {
    const char* name;
    std::size_t offset;
    std::size_t size;
    std::span<const Field> fields;
};

std::size_t size_without_whole_picture(const Rom& rom) {
    return sizeof(State) + rom.prg_ram_size + rom.chr_ram_size + Picture::kBytes;
}

// Of a block of that size: consoles with the option whole_pictures have a second picture.
std::vector<Section> sections(const Rom& rom, const Board& board, std::size_t block_size) {
    std::vector<Section> list{
        {"cpu", offsetof(State, cpu), sizeof(CpuState), kCpuFields},
        {"dma", offsetof(State, dma), sizeof(DmaState), kDmaFields},
        {"apu", offsetof(State, apu), sizeof(ApuState), kApuFields},
        {"input", offsetof(State, input), sizeof(InputState), kInputFields},
        {"ppu", offsetof(State, ppu), sizeof(PpuState), kPpuFields},
        {"board", offsetof(State, cartridge), sizeof(CartridgeState::board), board.fields()},
        {"cartridge.irq",
         offsetof(State, cartridge) + offsetof(CartridgeState, irq),
         sizeof(CartridgeState) - offsetof(CartridgeState, irq),
         {}},
        {"ram", offsetof(State, ram), sizeof(State::ram), {}},
        {"ciram", offsetof(State, ciram), sizeof(State::ciram), {}},
        {"scroll", offsetof(State, scroll), sizeof(ScrollLog), kScrollFields},
        {"prg_ram", sizeof(State), rom.prg_ram_size, {}},
        {"chr_ram", sizeof(State) + rom.prg_ram_size, rom.chr_ram_size, {}},
        {"picture", sizeof(State) + rom.prg_ram_size + rom.chr_ram_size, Picture::kPixels, {}},
        {"emphasis",
         sizeof(State) + rom.prg_ram_size + rom.chr_ram_size + Picture::kPixels,
         Picture::kEmphasisBytes,
         {}},
    };
    const std::size_t end = size_without_whole_picture(rom);
    if (block_size > end) list.push_back({"whole_picture", end, block_size - end, {}});
    return list;
}

template <class T>
void put(std::uint8_t* out, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

template <class T>
T get(const std::uint8_t* in) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value = static_cast<T>(value | (static_cast<T>(in[i]) << (8 * i)));
    return value;
}

std::uint64_t fnv1a(const std::uint8_t* data, std::size_t size) {
    std::uint64_t hash = 0xCBF29CE484222325u;
    for (std::size_t i = 0; i < size; ++i) hash = (hash ^ data[i]) * 0x100000001B3u;
    return hash;
}

// Between the machine's byte order and little-endian; its own inverse.
void swap_to_portable(const Rom& rom, const Board& board, std::uint8_t* block, std::size_t block_size) {
    if constexpr (std::endian::native == std::endian::little) return;
    for (const Section& section : sections(rom, board, block_size)) {
        for (const Field& field : section.fields) {
            for (std::uint32_t i = 0; i < field.count && field.element_size > 1; ++i) {
                std::uint8_t* element = block + section.offset + field.offset + i * field.element_size;
                std::reverse(element, element + field.element_size);
            }
        }
    }
}

}  // namespace

std::vector<std::uint8_t> write_snapshot(const Rom& rom, Region region, const Board& board, const std::uint8_t* block,
                                         std::size_t block_size) {
    std::vector<std::uint8_t> out(kHeaderSize + block_size + kChecksumSize);
    std::memcpy(out.data(), kMagic, sizeof(kMagic));
    put<std::uint32_t>(&out[8], kSnapshotVersion);
    put<std::uint16_t>(&out[12], rom.mapper);
    out[14] = rom.submapper;
    out[15] = static_cast<std::uint8_t>(region);
    put<std::uint64_t>(&out[16], rom.hash);
    put<std::uint32_t>(&out[24], static_cast<std::uint32_t>(block_size));
    put<std::uint32_t>(&out[28], rom.prg_ram_size);
    std::memcpy(&out[kHeaderSize], block, block_size);
    swap_to_portable(rom, board, &out[kHeaderSize], block_size);
    put<std::uint64_t>(&out[kHeaderSize + block_size], fnv1a(out.data(), kHeaderSize + block_size));
    return out;
}

std::vector<std::uint8_t> read_snapshot(const Rom& rom, Region region, Timing timing, const Board& board,
                                        std::size_t block_size, const std::uint8_t* data, std::size_t size) {
    if (size < kHeaderSize || std::memcmp(data, kMagic, sizeof(kMagic)) != 0) {
        throw StateError("not a snapshot: it does not begin with \"NESPYSNP\"");
    }
    const auto version = get<std::uint32_t>(data + 8);
    if (version < 1 || version > kSnapshotVersion) {
        throw StateError("snapshot format version " + std::to_string(version) + " is not known here; this is version " +
                         std::to_string(kSnapshotVersion));
    }
    if (get<std::uint64_t>(data + 16) != rom.hash || get<std::uint16_t>(data + 12) != rom.mapper) {
        throw StateError("the snapshot was made with another ROM");
    }
    if (data[15] != static_cast<std::uint8_t>(region)) {
        static constexpr const char* kNames[] = {"NTSC", "PAL", "Dendy"};
        throw StateError(std::string("the snapshot is not from a console of this region, ") +
                         kNames[static_cast<unsigned>(region)]);
    }
    // Earlier versions did not tell how the RAM is divided.
    const auto length = version < 3 ? get<std::uint64_t>(data + 24) : get<std::uint32_t>(data + 24);
    const std::uint32_t prg_ram = version < 3 ? rom.prg_ram_size : get<std::uint32_t>(data + 28);
    if (prg_ram != rom.prg_ram_size) {
        throw StateError("the snapshot was made with a header that declares " + std::to_string(prg_ram) +
                         " bytes of PRG-RAM; that of this ROM declares " + std::to_string(rom.prg_ram_size));
    }
    // Version 1 had no emphasis behind a picture, versions 1 to 3 had no scroll positions.
    const std::size_t picture = version == 1 ? Picture::kPixels : Picture::kBytes;
    const std::size_t scroll = version < 4 ? 0 : sizeof(ScrollLog);
    const std::size_t chips = rom.prg_ram_size + rom.chr_ram_size;
    const std::size_t machine = offsetof(State, scroll) + scroll + chips;
    const bool has_whole = length == machine + 2 * picture;
    if ((length != machine + picture && !has_whole) || size != kHeaderSize + length + kChecksumSize) {
        throw StateError("the snapshot has " + std::to_string(size) + " bytes; " +
                         std::to_string(kHeaderSize + machine + picture + kChecksumSize) +
                         " were expected for this ROM");
    }
    if (get<std::uint64_t>(data + size - kChecksumSize) != fnv1a(data, size - kChecksumSize)) {
        throw StateError("the snapshot is damaged: its checksum does not fit");
    }
    std::vector<std::uint8_t> block(sizeof(State) + chips + Picture::kBytes * (has_whole ? 2 : 1));
    const std::uint8_t* payload = data + kHeaderSize;
    std::copy_n(payload, offsetof(State, scroll) + scroll, block.begin());
    std::copy_n(payload + offsetof(State, scroll) + scroll, chips + picture, &block[sizeof(State)]);
    if (has_whole) std::copy_n(payload + machine + picture, picture, block.end() - Picture::kBytes);
    swap_to_portable(rom, board, block.data(), block.size());
    State state;
    std::memcpy(&state, block.data(), sizeof(state));
    if (state.cpu.timing > 1) throw StateError("the snapshot holds an impossible value in cpu.timing");
    if (state.cpu.timing != static_cast<std::uint8_t>(timing)) {
        static constexpr const char* kNames[] = {"hardware", "nes-py"};
        throw StateError(std::string("the snapshot was made with timing=\"") + kNames[state.cpu.timing] +
                         "\", this console has timing=\"" + kNames[static_cast<unsigned>(timing)] + "\"");
    }
    if (const char* field = impossible_value(state, region, timing, board)) {
        throw StateError(std::string("the snapshot holds an impossible value in ") + field);
    }
    if (version < 4) {
        // As the next frame will be drawn, if nothing changes meanwhile.
        const PpuState& ppu = state.ppu;
        state.scroll.note(0, ScrollLog::kLines, ppu.t, ppu.fine_x, ScrollLog::flags_of(ppu.ppuctrl, ppu.mask));
        std::memcpy(block.data(), &state, sizeof(state));
    }
    // A whole picture that the options do not ask for is left out; a missing one is replaced by the picture.
    const bool lacks_whole = block.size() < block_size;
    block.resize(block_size);
    if (lacks_whole) std::copy_n(block.end() - 2 * Picture::kBytes, Picture::kBytes, block.end() - Picture::kBytes);
    return block;
}

std::vector<StateField> describe_snapshot(const Rom& rom, const Board& board, std::size_t block_size) {
    std::vector<StateField> list;
    for (const Section& section : sections(rom, board, block_size)) {
        std::size_t end = 0;
        for (const Field& field : section.fields) {
            list.push_back({std::string(section.name) + "." + field.name, section.offset + field.offset,
                            field.element_size, field.count});
            end = field.offset + std::size_t{field.element_size} * field.count;
        }
        if (end == section.size) continue;
        const bool rest = end != 0 || section.fields.data() != nullptr;
        list.push_back(
            {section.name + std::string(rest ? ".unused" : ""), section.offset + end, 1, section.size - end});
    }
    return list;
}

std::string describe_difference(const Rom& rom, const Board& board, const std::uint8_t* a, const std::uint8_t* b,
                                std::size_t block_size) {
    if (std::memcmp(a, b, block_size) == 0) return {};
    const auto hex = [](std::uint64_t value) {
        char digits[18];
        std::snprintf(digits, sizeof(digits), "$%llX", static_cast<unsigned long long>(value));
        return std::string(digits);
    };
    const auto element = [](const std::uint8_t* at, std::size_t size) {
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < size; ++i) {
            const std::size_t place = std::endian::native == std::endian::little ? i : size - 1 - i;
            value |= std::uint64_t{at[place]} << (8 * i);
        }
        return value;
    };
    for (const Section& section : sections(rom, board, block_size)) {
        for (const Field& field : section.fields) {
            for (std::uint32_t i = 0; i < field.count; ++i) {
                const std::size_t at = section.offset + field.offset + i * field.element_size;
                if (std::memcmp(a + at, b + at, field.element_size) == 0) continue;
                std::string text = std::string(section.name).append(".").append(field.name);
                if (field.count > 1) text.append("[").append(std::to_string(i)).append("]");
                text.append(": ").append(hex(element(a + at, field.element_size)));
                return text.append(" != ").append(hex(element(b + at, field.element_size)));
            }
        }
        for (std::size_t i = 0; i < section.size; ++i) {
            const std::size_t at = section.offset + i;
            if (a[at] != b[at]) {
                return std::string(section.name).append("[").append(hex(i)).append("]: ").append(hex(a[at])) +
                       " != " + hex(b[at]);
            }
        }
    }
    return "a byte between the named fields";
}

}  // namespace nes
