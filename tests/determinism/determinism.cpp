// The core alone, for compilers and switches: writes to standard output what run.py hashes.
//
// Usage: determinism ROM fast|reference THREADS FRAMES
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include "machine/console.hpp"

namespace {

constexpr unsigned kHold = 10;
constexpr unsigned kSample = 100;
constexpr unsigned kConsoles = 2;
constexpr std::size_t kPixels = std::size_t{nes::Console::kWidth} * nes::Console::kHeight;

using Stream = std::vector<std::uint8_t>;

// Returns what happened, and the state at the end.
std::pair<Stream, Stream> play(const std::shared_ptr<const nes::Rom>& rom, nes::Policy policy, unsigned number,
                               unsigned frames) {
    nes::Console console(rom, {.policy = policy});
    Stream stream;
    std::uint64_t state = number + 1;
    for (unsigned frame = 0; frame < frames; frame += kHold) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        console.controller(0)[0] = static_cast<std::uint8_t>(state >> 56);
        const bool drawn = (frame + kHold) % kSample == 0;
        console.step(kHold, drawn);
        if (!drawn) continue;
        stream.insert(stream.end(), console.ram(), console.ram() + nes::Console::kRamSize);
        stream.insert(stream.end(), console.index_buffer(), console.index_buffer() + kPixels);
    }
    return {stream, console.serialize()};
}

}  // namespace

int main(int count, char** words) {
    if (count != 5) {
        std::fputs("usage: determinism ROM fast|reference THREADS FRAMES\n", stderr);
        return 2;
    }
    std::ifstream file(words[1], std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    const auto rom = nes::load_rom(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    const auto policy = std::strcmp(words[2], "reference") == 0 ? nes::Policy::reference : nes::Policy::fast;
    const unsigned threads = static_cast<unsigned>(std::atoi(words[3]));
    const unsigned frames = static_cast<unsigned>(std::atoi(words[4]));
    Stream streams[2 * kConsoles];
    std::vector<std::thread> team;
    for (unsigned number = 0; number < kConsoles; ++number) {
        const auto work = [&, number] {
            std::tie(streams[number], streams[kConsoles + number]) = play(rom, policy, number, frames);
        };
        if (threads > 1) {
            team.emplace_back(work);
        } else {
            work();
        }
    }
    for (std::thread& thread : team) thread.join();
    for (const Stream& stream : streams) {
        const auto size = static_cast<std::uint64_t>(stream.size());
        std::fwrite(&size, sizeof size, 1, stdout);
        std::fwrite(stream.data(), 1, stream.size(), stdout);
    }
    return 0;
}
