#include "machine/console.hpp"
#include "targets.hpp"

namespace fuzz {

namespace {

// Larger ones take long to copy and show nothing more.
constexpr std::size_t kLargestMemory = 1 << 20;

}  // namespace

void rom(Bytes input) {
    // In a block of its own, so that a read beyond it is seen.
    const std::vector<std::uint8_t> file(input.begin(), input.end());
    std::shared_ptr<const nes::Rom> rom;
    try {
        rom = nes::load_rom(file.data(), file.size());
    } catch (const nes::RomError& error) {
        if (error.what()[0] == '\0') fail("a ROM was refused without a reason");
        return;
    }
    // A chip is repeated up to whole pages, and what is missing of CHR-ROM is filled up, as much as an iNES header can
    // declare. Nothing else may be more than the file holds.
    if (rom->prg.size() + rom->trainer.size() > file.size() + 4096 || rom->chr.size() > file.size() + 255 * 8192)
        fail("more ROM than there is file");
    if (nes::Console::memory_size(*rom, {}) > kLargestMemory) return;
    std::unique_ptr<nes::Console> console;
    try {
        console = std::make_unique<nes::Console>(rom);
    } catch (const nes::RomError&) {
        return;  // an unknown board, or sizes that it cannot have
    }
    console->step(2, true);
    const std::vector<std::uint8_t> state = console->serialize();
    nes::Console twin(rom);
    twin.load_serialized(state.data(), state.size());
    if (const std::string found = nes::Console::difference(*console, twin); !found.empty()) {
        fail("a state that was loaded is another one: " + found);
    }
    for (unsigned address = 0; address < 0x10000; address += 0x3F) {
        console->poke(static_cast<std::uint16_t>(address), console->peek(static_cast<std::uint16_t>(address)));
        console->poke_ppu(static_cast<std::uint16_t>(address), console->peek_ppu(static_cast<std::uint16_t>(address)));
    }
}

}  // namespace fuzz
