// States of whole consoles, for every line of the table of boards; and the two policies side by side.
//
// NES_PY_TEST_LONG=1 in the environment runs ten times as many frames.
#include <cstdlib>

#include "machine/console.hpp"
#include "machine/state.hpp"
#include "program.hpp"
#include "tests.hpp"

namespace nes::test {
namespace {

constexpr std::size_t kHeaderSize = 32;
constexpr std::size_t kChecksumSize = 8;
constexpr unsigned kCyclesPerFrame = 29780;

struct Case {
    Image image;
    std::uint32_t seed;
    bool passive;  // the board does nothing by itself: no counter, no look at the PPU
};

unsigned turns_to_run(const Case& what) {
    const char* wish = std::getenv("NES_PY_TEST_LONG");
    if (wish != nullptr && *wish != '\0' && *wish != '0') return 200;
    return what.passive ? 5 : 20;
}

bool is_passive(const Image& image) {
    const Fixture f(image);
    return !f.board->counts_cpu_cycles && !f.board->watches_ppu_bus;
}

std::vector<Case> cases() {
    std::vector<Case> list;
    for (const BoardDescription& board : describe_boards()) {
        const unsigned submapper = board.submapper < 0 ? 0 : static_cast<unsigned>(board.submapper);
        const std::uint32_t seed = board.mapper * 16 + submapper;
        const Image with_rom{.mapper = board.mapper,
                             .submapper = submapper,
                             .prg = 256,
                             .chr = 128,
                             .prg_ram = 8,
                             .chr_ram = board.mapper == 77 || board.mapper == 119 ? 8u : 0u};
        const bool passive = is_passive(with_rom);
        list.push_back({with_rom, seed, passive});
        Image with_ram = with_rom;
        with_ram.chr = 0;
        with_ram.chr_ram = 32;
        with_ram.vertical = true;
        list.push_back({with_ram, seed + 0x10000, passive});
    }
    return list;
}

void name(const char* test, const Case& what) {
    check::context = std::string(test) + ", mapper " + std::to_string(what.image.mapper) + "." +
                     std::to_string(what.image.submapper) + (what.image.chr == 0 ? ", CHR-RAM" : "");
}

std::shared_ptr<const Rom> load(const Case& what) {
    const std::vector<std::uint8_t> file = build_program(what.image, what.seed);
    return load_rom(file.data(), file.size());
}

/// Plays with random buttons: whole frames, and stops in the middle of them.
class Player {
  public:
    explicit Player(std::uint32_t seed) : noise_(seed) {}

    template <class... Consoles>
    void play(Consoles&... consoles) {
        const auto buttons = static_cast<std::uint8_t>(noise_.next(256));
        ((*consoles.controller(0) = buttons), ...);
        switch (noise_.next(3)) {
            case 0: {
                const unsigned cycles = 1 + noise_.next(kCyclesPerFrame);
                (consoles.run_until(consoles.cpu_cycles() + cycles), ...);
                break;
            }
            case 1: (consoles.step(1, false), ...); break;
            default: (consoles.step(1, true), ...); break;
        }
    }

  private:
    Noise noise_;
};

/// Both policies leave the same bytes, after frames and within them.
void test_lockstep(const Case& what) {
    name("lockstep", what);
    const auto rom = load(what);
    Console fast(rom, {.policy = Policy::fast});
    Console reference(rom, {.policy = Policy::reference});
    Player player(what.seed);
    for (unsigned i = 0; i < turns_to_run(what); ++i) {
        player.play(fast, reference);
        const std::string difference = Console::difference(fast, reference);
        if (difference.empty()) {
            CHECK(true);
            continue;
        }
        check::fail(__FILE__, __LINE__,
                    "turn " + std::to_string(i) + ", frame " + std::to_string(reference.frame_count()) + ": " +
                        difference);
        return;
    }
    CHECK(what.passive || fast.frame_count() > 4);
}

/// Save, load, save gives equal bytes; what was restored goes on in the same way, in any other console of the ROM.
void test_round_trip(const Case& what) {
    name("round trip", what);
    const auto rom = load(what);
    Console original(rom);
    Console other(rom, {.ram_fill = RamFill::noise, .seed = 5});
    Player player(what.seed + 1);
    Player stranger(what.seed + 2);
    for (int round = what.passive ? 2 : 0; round < 3; ++round) {
        for (int i = 0; i < 3; ++i) player.play(original);
        for (int i = 0; i < 2; ++i) stranger.play(other);
        const std::vector<std::uint8_t> saved = original.serialize();
        other.load_serialized(saved.data(), saved.size());
        CHECK(other.serialize() == saved);
        std::vector<std::uint8_t> raw(original.state_size());
        original.save(raw.data());
        original.load(raw.data());
        CHECK(original.serialize() == saved);
        for (int i = 0; i < 3; ++i) {
            player.play(original, other);
            CHECK_EQ(Console::difference(original, other), std::string());
        }
        CHECK(original.serialize() == other.serialize());
        CHECK(original.serialize() != saved);
    }
}

/// Nothing that a board remembers is left out of the serialized form.
void test_fields_are_saved(const Case& what) {
    name("fields", what);
    const auto rom = load(what);
    Console console(rom);
    console.step(4, false);
    std::vector<std::uint8_t> raw(console.state_size());
    console.save(raw.data());
    const std::vector<std::uint8_t> saved = console.serialize();
    const std::size_t board = offsetof(State, cartridge);
    for (std::size_t i = board; i < board + sizeof(CartridgeState); ++i) {
        raw[i] ^= 0x11;
        console.load(raw.data());
        const std::vector<std::uint8_t> changed = console.serialize();
        CHECK(!std::equal(saved.begin() + kHeaderSize, saved.end() - kChecksumSize, changed.begin() + kHeaderSize));
        raw[i] ^= 0x11;
    }
    console.load(raw.data());
    CHECK(console.serialize() == saved);
}

bool refuses(Console& console, const std::vector<std::uint8_t>& data) {
    try {
        console.load_serialized(data.data(), data.size());
    } catch (const StateError&) {
        return true;
    }
    return false;
}

/// What is cut, altered or made up is refused, and the console is as it was.
void test_bad_states(const Case& what) {
    name("bad states", what);
    const auto rom = load(what);
    Console console(rom);
    console.step(3, false);
    const std::vector<std::uint8_t> saved = console.serialize();
    Noise noise(what.seed);
    for (const std::size_t size : {std::size_t{0}, std::size_t{7}, kHeaderSize - 1, kHeaderSize, saved.size() / 2,
                                   saved.size() - kChecksumSize, saved.size() - 1}) {
        CHECK(refuses(console, {saved.begin(), saved.begin() + static_cast<std::ptrdiff_t>(size)}));
    }
    std::vector<std::uint8_t> longer = saved;
    longer.push_back(0);
    CHECK(refuses(console, longer));
    for (int i = 0; i < 16; ++i) {
        std::vector<std::uint8_t> altered = saved;
        altered[noise.next(static_cast<unsigned>(saved.size()))] ^= static_cast<std::uint8_t>(1 + noise.next(255));
        CHECK(refuses(console, altered));
    }
    std::vector<std::uint8_t> made_up(saved.size());
    for (std::uint8_t& byte : made_up) byte = static_cast<std::uint8_t>(noise.next(256));
    CHECK(refuses(console, made_up));
    std::copy(saved.begin(), saved.begin() + 24, made_up.begin());
    CHECK(refuses(console, made_up));
    CHECK(console.serialize() == saved);
}

void fix_checksum(std::vector<std::uint8_t>& data) {
    std::uint64_t hash = 0xCBF29CE484222325u;
    for (std::size_t i = 0; i < data.size() - kChecksumSize; ++i) hash = (hash ^ data[i]) * 0x100000001B3u;
    for (std::size_t i = 0; i < kChecksumSize; ++i) {
        data[data.size() - kChecksumSize + i] = static_cast<std::uint8_t>(hash >> (8 * i));
    }
}

/// A forged state with a good checksum is refused or runs; it never leads out of memory or into an endless loop.
void test_forged_states(const Case& what) {
    name("forged states", what);
    const auto rom = load(what);
    Console fast(rom);
    Console reference(rom, {.policy = Policy::reference});
    fast.step(3, false);
    const std::vector<std::uint8_t> saved = fast.serialize();
    Noise noise(what.seed + 9);
    for (int round = what.passive ? 2 : 0; round < 4; ++round) {
        std::vector<std::uint8_t> forged = saved;
        // Registers, not memory.
        const auto registers = static_cast<unsigned>(offsetof(State, ram));
        const unsigned changes = 1 + noise.next(round < 3 ? 4 : 40);
        for (unsigned i = 0; i < changes; ++i) {
            const unsigned board = noise.next(2);
            const unsigned place = board != 0 ? static_cast<unsigned>(offsetof(State, cartridge)) + noise.next(240)
                                              : noise.next(registers);
            forged[kHeaderSize + place] = static_cast<std::uint8_t>(noise.next(256));
        }
        fix_checksum(forged);
        if (refuses(fast, forged)) continue;
        fast.step(1, true);
        reference.load_serialized(forged.data(), forged.size());
        reference.step(1, true);
    }
    CHECK(true);
}

/// The RAM that a battery keeps.
void test_battery() {
    check::context = "battery";
    for (const bool battery : {false, true}) {
        const Image image{.mapper = 4, .prg_ram = 8, .battery = battery};
        const std::vector<std::uint8_t> file = build_program(image, 1);
        Console console(load_rom(file.data(), file.size()));
        CHECK_EQ(console.prg_nvram_size(), battery ? 8192u : 0u);
        CHECK((console.prg_nvram() != nullptr) == battery);
        if (!battery) continue;
        console.prg_nvram()[5] = 0x5A;
        CHECK_EQ(console.peek(0x6005), 0x5A);
    }
}

}  // namespace

void test_states() {
    test_battery();
    for (const Case& what : cases()) {
        test_lockstep(what);
        test_round_trip(what);
        test_bad_states(what);
        if (what.image.chr != 0) test_fields_are_saved(what);
        test_forged_states(what);
    }
}

}  // namespace nes::test
